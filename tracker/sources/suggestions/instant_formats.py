"""Guesses of the formats of columns of dates and times, with the evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

_TIME_PATTERN = (
    r"(?P<hour>[0-9]{1,2}):[0-9]{2}(?P<seconds>:[0-9]{2})?(?P<fraction>[.,][0-9]{1,6})?"
    r"(?P<gap> ?)(?P<am_pm>[AaPp][Mm])?(?P<offset> ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?"
)
_TIME = re.compile(_TIME_PATTERN)
_DAY_AND_TIME = re.compile(rf"(?P<day>.*[0-9.])(?P<separator>T|,? )(?P<time>{_TIME_PATTERN})")
_NUMBERS = re.compile(r"([0-9]{1,4})([-/. ])([0-9]{1,2})\2([0-9]{1,4})(\.?)")
_EPOCH = re.compile(r"[0-9]{10}(?:\.[0-9]{1,6})?|[0-9]{13}")
_DAY_SECONDS = 86_400
_FIRST_EPOCH, _LAST_EPOCH = 946_684_800, 4_102_444_800
"""The beginnings of the years 2000 and 2100."""
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_NAMED_MONTHS = (
    *("%d-%b-%Y", "%d/%b/%Y", "%d %b %Y", "%d. %b %Y", "%d %B %Y", "%d. %B %Y", "%d-%b-%y"),
    *("%d/%b/%y", "%d %b %y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%a %b %d %Y", "%Y-%b-%d"),
)
_MOST_MONTHS = 12
_YEAR_DIGITS = 4

Kind = Literal["instant", "day", "time", "epoch"]


@dataclass(frozen=True, slots=True)
class InstantColumn:
    """The form of a column of dates or times."""

    kind: Kind
    days: Counter[str] = field(default_factory=Counter)
    """Text of a day, without the time of day → its number of rows."""
    times: tuple[str, ...] = ()
    """Formats of the time of day, the most frequent first."""
    separator: str = " "
    """The characters between the day and the time of day."""
    has_offset: bool = False
    epoch: str = ""
    """``epoch_s`` or ``epoch_ms``."""
    is_iso_time: bool = True
    """Whether the times of day are in ISO 8601."""


@dataclass(frozen=True, slots=True)
class DayOrders:
    """The formats that match all days of a column, with the evidence."""

    formats: tuple[str, ...]
    evidence: str
    is_iso: bool = False

    def meaning(self, day_format: str, days: Iterable[str]) -> str:
        """Return which day an example is by a format, for messages."""
        example = max(days, key=lambda text: len(set(re.findall(r"\d+", text))))
        day = datetime.strptime(example, day_format)
        first = {"%d": "day", "%m": "month"}.get(day_format[:2], "year")
        return f"{first} first: {example} is {day.day} {day:%B} {day.year}"


def classify(cells: Mapping[str, int]) -> InstantColumn | None:
    """Return the form of a column of dates or times; None if a cell is neither.

    Args:
        cells: Distinct text → its number of rows.
    """
    if not cells:
        return None
    if all(map(_EPOCH.fullmatch, cells)):
        return _classify_epochs(cells)
    if all(map(_TIME.fullmatch, cells)):
        return _classify_times(cells)
    return _classify_days(cells)


def day_orders(days: Mapping[str, int]) -> DayOrders | None:
    """Return the formats that match all days; None without any.

    Args:
        days: Text of a day → its number of rows.
    """
    if all(map(_ISO_DAY.fullmatch, days)):
        fits = _all_fit(days, "%Y-%m-%d")
        return DayOrders(("%Y-%m-%d",), "year, month, day", is_iso=True) if fits else None
    matches = [match for match in map(_NUMBERS.fullmatch, days) if match]
    if len(matches) < len(days):
        named = [text for text in _NAMED_MONTHS if _all_fit(days, text)]
        return DayOrders((named[0],), "the months have names") if named else None
    marks = {match[2] for match in matches}
    if len(marks) > 1:
        return None
    candidates = _candidate_formats(matches, marks.pop())
    fitting = tuple(text for text in candidates if _all_fit(days, text))
    if len(fitting) > 1 and "%d.%m" in fitting[0]:
        return DayOrders(fitting[:1], "days with dots are written day first")
    return DayOrders(fitting, _order_evidence(days, fitting)) if fitting else None


def _classify_epochs(cells: Iterable[str]) -> InstantColumn | None:
    unit = 1000 if all(len(text) == len("1772442000000") for text in cells) else 1
    if not all(_FIRST_EPOCH <= float(text) / unit <= _LAST_EPOCH for text in cells):
        return None
    # Numbers that are all midnights in UTC are days.
    are_days = all(float(text) % (_DAY_SECONDS * unit) == 0 for text in cells)
    kind: Kind = "day" if are_days else "epoch"
    return InstantColumn(kind, epoch="epoch_ms" if unit > 1 else "epoch_s", has_offset=True)


def _classify_times(cells: Mapping[str, int]) -> InstantColumn:
    times = Counter[str]()
    is_iso = True
    for text, count in cells.items():
        if match := _TIME.fullmatch(text):
            times[_time_format(match)] += count
            is_iso = is_iso and _is_iso_time(match)
    return InstantColumn("time", times=_by_frequency(times), is_iso_time=is_iso)


def _classify_days(cells: Mapping[str, int]) -> InstantColumn | None:
    """Return the form of days with or without a time of day; None if a cell is neither."""
    days, times, separators = Counter[str](), Counter[str](), Counter[str]()
    with_time = with_offset = 0
    is_iso = True
    for text, count in cells.items():
        match = _DAY_AND_TIME.fullmatch(text)
        days[match["day"] if match else text] += count
        if match:
            times[_time_format(match)] += count
            separators[match["separator"]] += count
            with_time += 1
            with_offset += bool(match["offset"])
            is_iso = is_iso and _is_iso_time(match)
    is_uniform = with_time in (0, len(cells)) and with_offset in (0, with_time)
    if not is_uniform or len(separators) > 1 or day_orders(days) is None:
        return None
    return InstantColumn(
        "instant" if with_time else "day",
        days,
        _by_frequency(times),
        next(iter(separators), " "),
        has_offset=bool(with_offset),
        is_iso_time=is_iso and set(separators) <= {"T", " "},
    )


def _is_iso_time(match: re.Match[str]) -> bool:
    has_gap = bool(match["gap"]) or (match["offset"] or "").startswith(" ")
    has_comma = (match["fraction"] or "").startswith(",")
    return len(match["hour"]) == len("09") and not (match["am_pm"] or has_gap or has_comma)


def _by_frequency(formats: Counter[str]) -> tuple[str, ...]:
    return tuple(text for text, _ in formats.most_common())


def _time_format(match: re.Match[str]) -> str:
    """Return the ``strptime`` format of a time of day."""
    seconds = ":%S" if match["seconds"] else ""
    fraction = f"{match['fraction'][0]}%f" if match["fraction"] else ""
    am_pm = f"{match['gap']}%p" if match["am_pm"] else ""
    offset = match["offset"] or ""
    gap = " " if offset.startswith(" ") or (match["gap"] and not match["am_pm"]) else ""
    hour = "%I" if am_pm else "%H"
    zone = f"{gap}%z" if offset else ""
    return f"{hour}:%M{seconds}{fraction}{am_pm}{zone}"


def _candidate_formats(matches: Sequence[re.Match[str]], mark: str) -> list[str]:
    """Return the possible formats of days written as three numbers, day first before month first.

    Args:
        matches: The matches of ``_NUMBERS``.
        mark: The separator.
    """
    tail = "." if all(match[5] for match in matches) else ""
    if all(len(match[1]) == _YEAR_DIGITS for match in matches):
        return [f"%Y{mark}%m{mark}%d{tail}"]
    is_long = all(len(match[4]) == _YEAR_DIGITS for match in matches)
    year = "%Y" if is_long else "%y"
    candidates = [f"%d{mark}%m{mark}{year}{tail}", f"%m{mark}%d{mark}{year}{tail}"]
    return candidates if is_long else [*candidates, f"%y{mark}%m{mark}%d{tail}"]


def _all_fit(days: Iterable[str], day_format: str) -> bool:
    try:
        for day in days:
            datetime.strptime(day, day_format)
    except ValueError:
        return False
    return True


def _order_evidence(days: Mapping[str, int], fitting: Sequence[str]) -> str:
    """Return the evidence for the order of day, month and year."""
    total = sum(days.values())
    firsts = seconds = 0
    for day, count in days.items():
        if match := _NUMBERS.fullmatch(day):
            firsts += count * (int(match[1]) > _MOST_MONTHS)
            seconds += count * (int(match[3]) > _MOST_MONTHS)
    values = "the only value has" if total == 1 else f"all {total:,} values have"
    if len(fitting) > 1:
        return f"{values} numbers that fit more than one order of day, month and year"
    if fitting[0].startswith("%m"):
        return f"{values} a first number ≤ 12 and {seconds:,} a second > 12: month first"
    if fitting[0].startswith("%d"):
        return f"{values} a second number ≤ 12 and {firsts:,} a first > 12: day first"
    return f"{values} the year first"
