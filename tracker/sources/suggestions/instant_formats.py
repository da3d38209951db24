"""In which format a column's dates and times are written, and what shows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2}):[0-9]{2}(?P<seconds>:[0-9]{2})?(?P<fraction>[.,][0-9]{1,6})?"
    r"(?P<gap> ?)(?P<half>[AaPp]\.?[Mm]\.?)?(?P<offset> ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?"
)
_DAY_AND_TIME = re.compile(rf"(?P<day>.*[0-9])(?P<separator>T|,? +)(?P<time>{_TIME.pattern})")
_NUMBERS = re.compile(r"([0-9]{1,4})([-/. ])([0-9]{1,2})\2([0-9]{1,4})\.?")
_EPOCH = re.compile(r"[0-9]{10}(?:\.[0-9]{1,6})?|[0-9]{13}")
_FIRST_EPOCH, _LAST_EPOCH = 946_684_800, 4_102_444_800
"""2000 and 2100."""

_ISO = "%Y-%m-%d"
_NAMED_MONTHS = (
    *("%d-%b-%Y", "%d/%b/%Y", "%d %b %Y", "%d. %b %Y", "%d %B %Y", "%d. %B %Y", "%d-%b-%y"),
    *("%d/%b/%y", "%d %b %y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%a %b %d %Y", "%Y-%b-%d"),
)
_MOST_MONTHS = 12

Kind = Literal["instant", "day", "time", "epoch"]


@dataclass(frozen=True, slots=True)
class Order:
    """One way to read the days of a column."""

    day_format: str
    meaning: str


@dataclass(frozen=True, slots=True)
class InstantColumn:
    """What kind of dates or times a column holds."""

    kind: Kind
    orders: Sequence[Order] = ()
    """The ways to read the day that fit every cell; empty for times of day and epochs."""
    evidence: str = ""
    times: tuple[str, ...] = ()
    """Formats of the time of day, the most frequent first."""
    separator: str = " "
    has_offset: bool = False
    epoch: str = ""
    """``epoch_s`` or ``epoch_ms``."""


def classify(cells: Mapping[str, int]) -> InstantColumn | None:
    """Return what dates or times the cells of a column are; None where some are neither.

    Args:
        cells: Each different text with its number.
    """
    if not cells:
        return None
    if all(map(_EPOCH.fullmatch, cells)):
        return _epochs(cells)
    clock_times = Counter[str]()
    for text, number in cells.items():
        if not (match := _TIME.fullmatch(text)):
            break
        clock_times[_time_format(match)] += number
    else:
        return InstantColumn("time", times=_by_number(clock_times))
    return _days(cells)


def _epochs(cells: Iterable[str]) -> InstantColumn | None:
    unit = 1000 if all(len(text) == len("1772442000000") for text in cells) else 1
    if not all(_FIRST_EPOCH <= float(text) / unit <= _LAST_EPOCH for text in cells):
        return None
    name = "epoch_ms" if unit > 1 else "epoch_s"
    unit_name = "milliseconds" if unit > 1 else "seconds"
    return InstantColumn("epoch", epoch=name, has_offset=True, evidence=f"{unit_name} since 1970")


def _days(cells: Mapping[str, int]) -> InstantColumn | None:
    """Return the days of cells with or without a time of day; None where some are neither."""
    days, times, separators = Counter[str](), Counter[str](), Counter[str]()
    with_offset = with_time = 0
    for text, number in cells.items():
        match = _DAY_AND_TIME.fullmatch(text)
        days[match["day"] if match else text] += number
        if match:
            time_match = _TIME.fullmatch(match["time"])
            assert time_match
            times[_time_format(time_match)] += number
            separators[match["separator"]] += number
            with_time += 1
            with_offset += bool(time_match["offset"])
    if with_time not in (0, len(cells)) or with_offset not in (0, with_time):
        return None
    if len(separators) > 1:
        return None
    orders, evidence = _orders(days)
    if not orders:
        return None
    return InstantColumn(
        "instant" if with_time else "day",
        orders,
        evidence,
        _by_number(times),
        next(iter(separators), " "),
        has_offset=bool(with_offset),
    )


def _by_number(formats: Counter[str]) -> tuple[str, ...]:
    return tuple(text for text, _ in formats.most_common())


def _time_format(match: re.Match[str]) -> str:
    """Return the format of a time of day."""
    seconds = ":%S" if match["seconds"] else ""
    fraction = f"{match['fraction'][0]}%f" if match["fraction"] else ""
    half = f"{match['gap']}%p" if match["half"] else ""
    gap = " " if match["offset"] and match["offset"].startswith(" ") else ""
    offset = f"{gap}%z" if match["offset"] else ""
    return f"{'%I' if half else '%H'}:%M{seconds}{fraction}{half}{offset}"


def _orders(days: Counter[str]) -> tuple[list[Order], str]:
    """Return the ways to read days, and what shows them."""
    matches = [_NUMBERS.fullmatch(day) for day in days]
    if not all(matches):
        fitting = [text for text in _NAMED_MONTHS if _all_fit(days, text)]
        return [Order(text, "the month is a name") for text in fitting[:1]], "months have names"
    numbers = [match.groups() for match in matches if match]
    marks = {mark for _, mark, _, _ in numbers}
    if len(marks) > 1:
        return [], ""
    mark = marks.pop()
    if all(len(first) == len("2026") for first, *_ in numbers):
        text = f"%Y{mark}%m{mark}%d"
        return ([Order(text, "year, month, day")] if _all_fit(days, text) else []), "the year first"
    year = "%Y" if all(len(last) == len("2026") for *_, last in numbers) else "%y"
    tail = "." if all(day.endswith(".") for day in days) else ""
    day_first, month_first = (
        f"{first}{mark}{second}{mark}{year}{tail}" for first, second in (("%d", "%m"), ("%m", "%d"))
    )
    fitting = [text for text in (day_first, month_first) if _all_fit(days, text)]
    if mark == "." and day_first in fitting:
        return [Order(day_first, "day first")], "days with dots are written day first"
    evidence = _order_evidence(days)
    example = next(iter(days))
    return [Order(text, _reading(example, text)) for text in fitting], evidence


def _all_fit(days: Iterable[str], day_format: str) -> bool:
    try:
        for day in days:
            datetime.strptime(day, day_format)
    except ValueError:
        return False
    return True


def _reading(example: str, day_format: str) -> str:
    day = datetime.strptime(example, day_format)
    order = "day first" if day_format.startswith("%d") else "month first"
    return f"{order}: {example} is {day.day} {day:%B} {day.year}"


def _order_evidence(days: Counter[str]) -> str:
    """Return how many values have a first and a second number that is no month."""
    total = sum(days.values())
    firsts = seconds = 0
    for day, number in days.items():
        match = _NUMBERS.fullmatch(day)
        assert match
        firsts += number * (int(match[1]) > _MOST_MONTHS)
        seconds += number * (int(match[3]) > _MOST_MONTHS)
    values = "the only value has" if total == 1 else f"all {total:,} values have"
    if seconds and not firsts:
        return f"{values} a first number ≤ 12 and {seconds:,} a second > 12: month first"
    if firsts and not seconds:
        return f"{values} a second number ≤ 12 and {firsts:,} a first > 12: day first"
    return f"{values} two numbers ≤ 12: the day or the month may be first"


def iso_if_default(day_format: str, times: Sequence[str], separator: str) -> bool:
    """Return whether these formats are ISO 8601, which a map need not name."""
    is_iso_time = all("%I" not in text and "," not in text and " " not in text for text in times)
    return day_format == _ISO and is_iso_time and separator in ("T", " ")
