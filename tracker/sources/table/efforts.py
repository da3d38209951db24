"""Times and effort of the rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import lt
from typing import Any, NamedTuple, NoReturn, cast

from tracker.sources.table.cells import RUNNING, BadCell, Chunk, SkipRow
from tracker.sources.table.columns import Columns
from tracker.sources.table.formats import Formats
from tracker.sources.table.instants import LocalInstant


@dataclass(frozen=True, slots=True)
class Efforts:
    """The times and the effort of some rows."""

    fields: dict[str, Sequence[Any]]
    """Field of an entry → one value per row: start, end, local day, zone, seconds of effort and of
    interruption, and the time of logging (the end of the work if the log has no such column).
    """
    negative_interruptions: int
    """The number of negative interruptions, which count as 0."""


class _Times(NamedTuple):
    """When the work of some rows was done, one value per row."""

    started: Sequence[int]
    days: Sequence[int]
    zones: Sequence[str]
    ended: Sequence[int | None]


class EffortColumns:
    """Reads the columns of a table that say when the work was done and how long it took."""

    def __init__(self, columns: Columns, formats: Formats) -> None:
        self._columns = columns
        self._formats = formats
        self._started = columns.instants("started_at")
        self._date = columns.days("date")
        self._ended = columns.instants("ended_at")
        self._logged = columns.instants("logged_at")
        least = float("-inf") if formats.negative == "net" else 0.0
        self._minutes = columns.minutes("minutes", least=least)
        self._interruption = columns.minutes("interruption_minutes", least=float("-inf"))
        advice = (
            "" if formats.overnight else "; if it is on the next day, set overnight in [formats]"
        )
        self._early_end_reason = f"it lies before the start{advice}"
        self._has_end = "ended_at" in columns.positions
        self._has_logged = "logged_at" in columns.positions
        self._may_be_plain = (
            {"started_at", "ended_at"}.issubset(columns.positions)
            and "date" not in columns.positions
            and not formats.overnight
        )
        self._start_column = "started_at" if "started_at" in columns.positions else "date"

    def read(self, chunk: Chunk) -> Efforts:
        """Return the times and the effort of a chunk's rows.

        Raises:
            BadCell: A time is missing, unreadable, or contradicts another one.
            SkipRow: An entry is still running.
        """
        times = self._plain_times(chunk) or self._times(chunk)
        started, ended = times.started, times.ended
        signed = _in_seconds(list(self._interruption(chunk)))
        interruptions = signed if min(signed) >= 0 else [max(seconds, 0) for seconds in signed]
        minutes = list(self._minutes(chunk))
        if None in minutes or None in ended or any(map(lt, cast("list[int]", ended), started)):
            seconds = list(map(self._seconds, started, ended, minutes, interruptions))
        else:
            seconds = _in_seconds(minutes)
        logged: Sequence[int]
        if self._has_logged or None in ended:
            instants = self._logged(chunk)
            logged = list(map(_logged_epoch, instants, ended, started, seconds, interruptions))
        else:
            logged = cast("list[int]", ended)
        return Efforts(
            fields={
                "started_epoch": started,
                "local_day": times.days,
                "zone": times.zones,
                "ended_epoch": ended,
                "seconds": seconds,
                "interruption_seconds": interruptions,
                "logged_epoch": logged,
            },
            negative_interruptions=sum(seconds < 0 for seconds in signed),
        )

    def _plain_times(self, chunk: Chunk) -> _Times | None:
        """Return the times of rows, by the fast path of :meth:`InstantParser.parse_plain`.

        Returns:
            None if a row needs the slower path: it has no start or end, or not a plain one.
        """
        if not self._may_be_plain:
            return None
        starts = self._columns.plain_instants("started_at", chunk)
        ends = starts and self._columns.plain_instants("ended_at", chunk)
        if starts is None or ends is None:
            return None
        started, days, zone = starts
        return _Times(started, days, [zone] * len(days), ends[0])

    def _times(self, chunk: Chunk) -> _Times:
        """Return the times of any rows, by the slower path."""
        starts = self._starts(chunk)
        started, days, zones = zip(*starts, strict=True)
        ended = [instant and instant[0] for instant in self._ends(chunk, starts)]
        return _Times(started, days, zones, ended)

    def _starts(self, chunk: Chunk) -> list[LocalInstant]:
        """Return the start of each row's work: its start, else noon of its day."""
        pairs = zip(self._started(chunk), self._date(chunk), strict=True)
        return [start or noon or self._reject_without_date() for start, noon in pairs]

    def _ends(self, chunk: Chunk, starts: Sequence[LocalInstant]) -> Iterable[LocalInstant | None]:
        """Return the end of each row's work, None where it is not known."""
        if self._formats.overnight and self._has_end and self._start_column == "started_at":
            return self._columns.ends(chunk, starts)
        return self._ended(chunk)

    def _reject_without_date(self) -> NoReturn:
        reason = "it is missing; fill it in, or give date in [constants] of the map"
        raise BadCell(self._start_column, reason)

    def _seconds(
        self, started: int, ended: int | None, minutes: float | None, interruption: int
    ) -> int:
        """Return a row's effort: its minutes, else the time from start to end less interruptions.

        Raises:
            BadCell: The effort is missing or contradicts the times.
            SkipRow: The entry is still running.
        """
        if ended is not None and ended < started:
            raise BadCell("ended_at", self._early_end_reason)
        if minutes is not None:
            return round(60 * minutes)
        if ended is None:
            if self._has_end:
                raise SkipRow(RUNNING)
            raise BadCell("minutes", "it is missing; fill it in")
        seconds = ended - started - interruption
        if seconds < 0:
            raise BadCell("interruption_minutes", "it is longer than the time from start to end")
        return seconds


def _in_seconds(minutes: Sequence[float | None]) -> list[int]:
    """Return minutes as whole seconds, 0 where they are missing."""
    seconds = {amount: round(60 * amount) if amount else 0 for amount in set(minutes)}
    return list(map(seconds.__getitem__, minutes))


def _logged_epoch(
    logged: LocalInstant | None, ended: int | None, started: int, seconds: int, interruption: int
) -> int:
    if logged is not None:
        return logged[0]
    return started + seconds + interruption if ended is None else ended
