"""``import org``: the clock lines of an Org file.

``CLOCK: [2026-03-02 Mon 09:00]--[2026-03-02 Mon 10:30] =>  1:30`` belongs to the heading above it;
without the second time it is running. The duration after ``=>`` is what the clock's face says, an
hour off across a clock change, so the times count. A heading inherits the tags of the headings
above it and of ``#+FILETAGS``. ``Effort`` is the estimate of its heading: a bare number is minutes,
and a day has 24 hours, as in Org's ``org-duration-units``.
Source: the Org manual ("Clocking commands", "Effort estimates") and ``org-duration.el``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from io import BufferedReader

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.task_keys import KEY_PATTERN
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.sessions import Session, SessionFormat, open_sessions
from tracker.sources.table.cells import BadCell, SkipRow
from tracker.sources.text_lines import CUT_OFF, read_lines
from tracker.sources.user_map import Words

_FORMAT = SessionFormat("org", ("heading", "parents"), has_naive_times=True)
UNLIKE_DURATION = "rows whose duration after => differs from their times: the times count"
"""A note, with the number of rows it holds for."""
BARE_DURATION = "a duration without a date"
"""Why a clock line is skipped."""

_STAMP = (
    r"\[([0-9]{4}-[0-9]{2}-[0-9]{2})(?: {1,9}[^\]\d\s][^\]\d]{0,40}?)? {1,9}([0-9]{1,2}:[0-9]{2})\]"
)
_CLOCK = re.compile(rf"{_STAMP}(?:--{_STAMP}(?:\s*=>\s*(-?[0-9]+:[0-9]{{2}}))?)?\s*")
_CLOCK_LINE = re.compile(r"[ \t]*CLOCK:[ \t]*(\S.*)", re.IGNORECASE)
_HEADING = re.compile(r"(\*+)[ \t]+(.*)")
_TAGS = re.compile(r":(?:[\w@#%]+:)+")
_PRIORITY = re.compile(r"\[#[A-Z0-9]{1,2}\][ \t]*")
_KEYWORDS = frozenset(
    ("TODO", "DONE", "NEXT", "STARTED", "WAITING", "HOLD", "CANCELLED", "CANCELED", "COMMENT")
)
"""Keywords that usually begin a heading; ``#+TODO:`` adds others."""
_TODO_LINE = re.compile(r"#\+(?:SEQ_|TYP_)?TODO:(.*)", re.IGNORECASE)
_EFFORT = re.compile(r"[ \t]*:Effort:[ \t]*(\S.*)", re.IGNORECASE)
_PLANNING = re.compile(r"[ \t]*(?:CLOSED|SCHEDULED|DEADLINE):")
_CLOSED = re.compile(r"CLOSED:[ \t]*\[([0-9]{4}-[0-9]{2}-[0-9]{2})")
_FILE_TAGS = re.compile(r"#\+FILETAGS:(.*)", re.IGNORECASE)
_KEY = re.compile(KEY_PATTERN)
_UNIT_MINUTES = {"min": 1, "h": 60, "d": 1440, "w": 10_080, "m": 43_200, "y": 525_960}
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)[ \t]*(min|[hdwmy])")
_AMOUNTS = re.compile(rf"(?:{_AMOUNT.pattern}[ \t]*)*(?:([0-9]+):([0-9]{{2}})(?::[0-9]{{2}})?)?")
_MAX_DIGITS = 12


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading, with what stands below it until the next one."""

    level: int
    text: str
    tags: tuple[str, ...] = ()
    effort_minutes: float | None = None
    closed: date | None = None


@dataclass(slots=True)
class _Outline:
    """The headings above the current line, the outermost first."""

    headings: list[_Heading] = field(default_factory=list)
    file_tags: tuple[str, ...] = ()
    keywords: frozenset[str] = _KEYWORDS

    def open(self, heading: _Heading) -> None:
        """Add a heading in place of those of its level and below."""
        while self.headings and self.headings[-1].level >= heading.level:
            self.headings.pop()
        self.headings.append(heading)

    def change(self, **changes: float | date | None) -> None:
        """Add to the current heading what a line below it says."""
        if self.headings:
            self.headings[-1] = replace(self.headings[-1], **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Clock:
    """A clock line and the headings above it, the nearest first."""

    text: str
    headings: tuple[_Heading, ...]
    file_tags: tuple[str, ...]


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open an Org file."""
    notes: Counter[str] = Counter()
    return open_sessions(
        _FORMAT, _clocks(file, name), lambda clock: _session(clock, notes), context, notes
    )


def _clocks(file: BufferedReader, name: str) -> Iterator[tuple[int, _Clock]]:
    """Yield the clock lines.

    Raises:
        BadValue: There is none, or the last one is cut off.
    """
    outline, has_clock = _Outline(), False
    for number, line in read_lines(file, name):
        text = line.rstrip("\n")
        clock = _CLOCK_LINE.fullmatch(text)
        if clock is None:
            _read_line(text, outline)
            continue
        has_clock = True
        if not line.endswith("\n"):
            raise BadValue(f"{name} line {number} {CUT_OFF}.")
        headings = tuple(reversed(outline.headings))
        yield number, _Clock(clock[1].strip(), headings, outline.file_tags)
    if not has_clock:
        raise BadValue(f"{name} has no CLOCK line: give an Org file in which time was clocked.")


def _read_line(text: str, outline: _Outline) -> None:
    """Read a line that is a heading, or that belongs to one, such as its effort."""
    if match := _HEADING.fullmatch(text):
        outline.open(_heading(len(match[1]), match[2], outline.keywords))
    elif match := _EFFORT.fullmatch(text):
        outline.change(effort_minutes=_effort_minutes(match[1].strip()))
    elif _PLANNING.match(text):
        closed = _CLOSED.search(text)
        outline.change(closed=closed and _day(closed[1]))
    elif match := _TODO_LINE.fullmatch(text):
        outline.keywords |= {word.partition("(")[0] for word in match[1].split()} - {"|"}
    elif match := _FILE_TAGS.fullmatch(text):
        tags = re.split(r"[:\s]+", match[1])
        outline.file_tags += tuple(filter(None, tags))


def _heading(level: int, text: str, keywords: frozenset[str]) -> _Heading:
    """Return a heading without its keyword (TODO, DONE), priority and tags."""
    title, _, last = text.rstrip().rpartition(" ")
    tags = last.strip(":").split(":") if _TAGS.fullmatch(last) else []
    if not tags:
        title = text
    title = normalise_name(title.strip())
    keyword, _, rest = title.partition(" ")
    if keyword in keywords and rest.strip():
        title = rest.strip()
    title = _PRIORITY.sub("", title, count=1) if title.startswith("[#") else title
    return _Heading(level, title, tuple(map(normalise_name, tags)))


def _effort_minutes(text: str) -> float | None:
    """Return the minutes of an ``Effort``: ``3`` (minutes), ``1:30``, ``2h 30min``, ``1d``."""
    if len(text) > _MAX_DIGITS * len(_UNIT_MINUTES):
        return None
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", text):
        return float(text)
    match = _AMOUNTS.fullmatch(text)
    if match is None:
        return None
    clock = int(match[3]) * 60 + int(match[4]) if match[3] else 0
    amounts = (float(number) * _UNIT_MINUTES[unit] for number, unit in _AMOUNT.findall(text))
    return sum(amounts) + clock


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _session(clock: _Clock, notes: Counter[str]) -> Session:
    """Return the session of a clock line.

    Raises:
        BadCell: The line is not understood.
        SkipRow: It is a duration without a date.
    """
    if clock.text.startswith("=>"):
        raise SkipRow(BARE_DURATION)
    match = _CLOCK.fullmatch(clock.text)
    if match is None:
        raise BadCell("CLOCK", "it is not a clock line of Org", value=clock.text)
    started = _moment(match[1], match[2])
    ended = _moment(match[3], match[4]) if match[3] else None
    if ended is not None and match[5] and _clock_minutes(started, ended) != _face_minutes(match[5]):
        notes[UNLIKE_DURATION] += 1
    heading, *parents = clock.headings or (_Heading(0, ""),)
    parent_texts = [parent.text for parent in parents]
    tags = [tag for level in clock.headings for tag in level.tags]
    # What is below a heading without a key of its own is not about the task of a heading above.
    is_task = bool(_KEY.search(heading.text)) or not any(map(_KEY.search, parent_texts))
    return Session(
        content="\n".join([clock.text, heading.text, *parent_texts, *tags, *clock.file_tags]),
        started=started,
        ended=ended,
        is_running=ended is None,
        words=Words(
            texts={"heading": heading.text, "parents": "\n".join(parent_texts)},
            tags=list(dict.fromkeys([*tags, *clock.file_tags])),
        ),
        title=heading.text if is_task else None,
        estimate_minutes=heading.effort_minutes if is_task else None,
        completed=heading.closed if is_task else None,
    )


def _moment(day: str, clock_time: str) -> datetime:
    try:
        hour, minute = map(int, clock_time.split(":"))
        return datetime.fromisoformat(f"{day}T{hour:02}:{minute:02}")
    except ValueError:
        raise BadCell("CLOCK", "there is no such time", value=f"{day} {clock_time}") from None


def _clock_minutes(started: datetime, ended: datetime) -> int:
    return round((ended - started).total_seconds() / 60)


def _face_minutes(text: str) -> int:
    """Return the minutes of a duration such as ``1:30`` or ``-0:15``."""
    sign = -1 if text.startswith("-") else 1
    hours, minutes = text.lstrip("-").split(":")
    return sign * (int(hours[:_MAX_DIGITS]) * 60 + int(minutes))
