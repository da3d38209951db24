"""Logs of named tools that are not tables: each session of work becomes an entry.

A source yields the tool's own records and a function that parses one of them to a :class:`Session`.
The rest is the same for all sources: the user's map, zones, keys, running timers and the check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import TypeVar

from tracker.domain import names, stored_times
from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.records import Imported, Rejected, Skipped, Task
from tracker.domain.row_keys import ordinal_of, row_digest
from tracker.domain.validation import MAX_SECONDS
from tracker.sources.foreign_log import ForeignLog, ImportContext, build_entry
from tracker.sources.table.cells import RUNNING, BadCell, SkipRow
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.datetime_parsers import UnreadableInstant
from tracker.sources.table.formats import Formats
from tracker.sources.table.instants import (
    NO_ZONE_OF_LOG,
    DayParser,
    InstantParser,
    LocalInstant,
    epoch_instant,
)
from tracker.sources.table.item_facts import ItemFacts
from tracker.sources.table.row_numbers import REPEATED, RowNumbers
from tracker.sources.user_map import CONTRADICTING, UserMap, Words, check_extracts, check_named_map

T = TypeVar("T")
Moment = int | datetime | date
"""Seconds since 1970, a time with an offset, a time of the log's zone, or a day alone."""


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of work as a tool recorded it."""

    content: str
    """Everything that the tool recorded of it, from which the hash of the row is made."""
    started: Moment
    """A day alone stands for its noon; the session then has no end."""
    ended: Moment | None = None
    seconds: int | None = None
    """Effort; None is the time from start to end without the interruption."""
    interruption_seconds: int = 0
    is_running: bool = False
    words: Words = field(default_factory=Words)
    key: str | None = None
    """The tool's own id of the session; None where it has none that lasts."""
    developer: str | None = None
    """Who worked; None is the developer of the import."""
    team: str | None = None
    note: str | None = None
    logged: Moment | None = None
    """When it was written down; None is the end of the work."""
    project: str | None = None
    title: str | None = None
    estimate_minutes: float | None = None
    """The estimate of the whole task."""
    completed: Moment | None = None
    """When the task was completed."""


@dataclass(frozen=True, slots=True)
class SessionFormat:
    """The settings that all sessions of a source share."""

    source: str
    """The source's name in ``tracker import``, under which its entries are stored."""
    texts: Sequence[str] = ()
    """The names of the texts of its sessions, the likeliest to hold a task's key first."""
    place: str = "line"
    """The unit that the numbers of its records count, for messages."""
    has_naive_times: bool = False
    """Whether its times have no zone."""


def open_sessions(
    form: SessionFormat,
    records: Iterable[tuple[int, T]],
    parse: Callable[[T], Session],
    context: ImportContext,
    notes: Counter[str] | None = None,
) -> ForeignLog:
    """Return the log of a tool.

    Args:
        form: What the sessions of the source have in common.
        records: The tool's records, each with its place in the file; read as they are needed.
        parse: Parses a record. It may raise BadCell for one that is rejected, and SkipRow.
        context: The import.
        notes: Remarks that the source itself counts.

    Raises:
        BadValue: The map says more than such a source takes, or the developer or the zone is
            missing.
    """
    notes = Counter() if notes is None else notes
    converter = _SessionConverter(form, context, notes)
    return ForeignLog(converter.source, converter.convert_all(records, parse), notes)


class _SessionConverter:
    """Converts sessions to entries and facts about tasks."""

    def __init__(self, form: SessionFormat, context: ImportContext, notes: Counter[str]) -> None:
        map_ = context.map or ColumnMap(name="the map", source=form.source, columns={})
        check_named_map(map_, form.source)
        check_extracts(map_, form.source, form.texts)
        formats = context.with_zone(map_).formats
        if form.has_naive_times and formats.zone is None:
            raise BadValue(NO_ZONE_OF_LOG)
        self.source = map_.source
        self._form = form
        self._context = context
        self._notes = notes
        self._user_map = UserMap(map_, form.texts, context.key_pattern)
        self._times = _SessionTimes(formats)
        self._row_numbers = RowNumbers()
        self._facts = ItemFacts(notes)

    def convert_all(
        self, records: Iterable[tuple[int, T]], parse: Callable[[T], Session]
    ) -> Iterator[Imported]:
        """Yield for each record an entry, facts about its task, or why it has none."""
        for place, record in records:
            try:
                yield from self._convert(place, parse(record))
            except SkipRow as reason:
                yield Skipped(place, str(reason))
            except BadCell as fault:
                yield Rejected(place, fault.column, fault.value, fault.reason, (), self._form.place)

    def _convert(self, place: int, session: Session) -> Iterator[Imported]:
        """Yield the entry of a session, and its task where there are facts about it.

        Raises:
            BadCell: The session is rejected.
            SkipRow: It is still running, or nothing names its task.
        """
        if session.is_running:
            raise SkipRow(RUNNING)
        meaning = self._user_map.read(session.words)
        started, _, zone = self._times.read("started_at", session.started)
        ended = self._times.read_optional("ended_at", session.ended)
        seconds = _effort(session, started, ended)
        developer = self._developer(session)
        row_hash = blake2b(session.content.encode("utf-8", "replace"), digest_size=16).digest()
        digest = row_digest(developer, started, ended, seconds)
        numbered = self._row_numbers.number([digest], [row_hash])
        logged = self._times.read_optional("logged_at", session.logged)
        entry = build_entry(
            self._context,
            self.source,
            place,
            developer=developer,
            team=session.team and self._user_map.name("team", session.team),
            task=normalise_name(meaning.task),
            activity=meaning.activity,
            started_epoch=started,
            zone=zone,
            seconds=seconds,
            interruption_seconds=session.interruption_seconds,
            ended_epoch=ended,
            assisted=meaning.assisted,
            basis=None if meaning.assisted == "unknown" else "tag",
            assistant=meaning.assistant,
            note=session.note or None,
            tags=", ".join(session.words.tags) or None,
            source_key=session.key or numbered.keys[0],
            row_hash=row_hash.hex() if session.key else numbered.hashes[0],
            **({} if logged is None else {"logged_epoch": logged}),
        )
        task = self._task(session, normalise_name(meaning.task))
        if isinstance(entry, Rejected):
            epoch = {"started_at": started, "ended_at": ended}.get(entry.column)
            value = entry.value if epoch is None else stored_times.iso_instant(epoch, zone)
            raise BadCell(entry.column, entry.reason, value=value)
        if session.key is None:
            self._row_numbers.remember(numbered)
            if ended is not None and ordinal_of(numbered.keys[0]) > 1:
                self._notes[REPEATED] += 1
        if meaning.is_contradicting:
            self._notes[CONTRADICTING] += 1
        yield entry
        if task != Task(entry.task):
            yield from self._facts.merge_tasks([task])

    def _developer(self, session: Session) -> str:
        if session.developer and session.developer.strip():
            return normalise_name(self._user_map.name("developer", session.developer))
        if self._context.developer is None:
            raise BadValue(
                "the log does not say who worked: give --developer, "
                "or set it with `tracker config set developer`."
            )
        return normalise_name(self._context.developer)

    def _task(self, session: Session, task: str) -> Task:
        """Return the facts about a session's task.

        Raises:
            BadCell: One of them is not valid.
        """
        project = (session.project or "").strip()
        if self._user_map.is_task_name(project, task) or self._user_map.is_activity(project):
            project = ""  # the tool's project is the task, or the kind of work
        title, estimate = (session.title or "").strip(), session.estimate_minutes
        for column, text, longest in (
            ("project", project, names.LONGEST_NAME),
            ("title", title, names.LONGEST_NOTE),
        ):
            if fault := names.fault(text, longest):
                raise BadCell(column, fault, value=text)
        if estimate is not None and not 0 <= 60 * estimate <= MAX_SECONDS:
            raise BadCell("estimate_minutes", "give 0 to a year", value=str(estimate))
        return Task(
            task,
            title or None,
            normalise_name(self._user_map.name("project", project)) or None,
            estimate_minutes=estimate or None,
            completed_epoch=self._times.read_optional("completed_at", session.completed),
        )


class _SessionTimes:
    """Reads the moments of sessions in the zone of an import."""

    def __init__(self, formats: Formats) -> None:
        self._formats = formats
        self._instants = InstantParser(formats)
        self._days = DayParser(formats)

    def read(self, column: str, moment: Moment) -> LocalInstant:
        """Return a moment as an instant.

        Raises:
            BadCell: It is ambiguous, does not exist, or is out of range.
        """
        try:
            if isinstance(moment, datetime):
                return self._instants.to_local_instant(moment)
            if isinstance(moment, date):
                return self._days.noon_of(moment)
            return epoch_instant(moment, self._formats.zone)
        except UnreadableInstant as error:
            raise BadCell(column, str(error), value=str(moment)) from None

    def read_optional(self, column: str, moment: Moment | None) -> int | None:
        """Return the epoch of a moment; None where there is none."""
        return None if moment is None else self.read(column, moment)[0]


def _effort(session: Session, started: int, ended: int | None) -> int:
    """Return the seconds of effort of a session."""
    if session.seconds is not None:
        return session.seconds
    if ended is None:
        raise BadCell("minutes", "it is missing, and there is no end")
    if ended < started:
        raise BadCell("ended_at", "it lies before the start", value=str(session.ended))
    seconds = ended - started - session.interruption_seconds
    if seconds < 0:
        raise BadCell("interruption_minutes", "it is longer than the time from start to end")
    return seconds
