"""The axis of dates: ticks on first days of months, quarters or years, by the log's length."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tracker.domain.times import date_to_day, day_to_date
from tracker.report import formats
from tracker.report.charts.theme import Json

MAX_TICKS = 7
"""Labels that a phone has room for."""
_EDGE = 0.03
"""Share of the axis at either end in which a label would be cut off."""
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_DAY_STEPS = (7, 14)
_DAYS_OF_A_SHORT_LOG = 75
"""Days up to which ticks are Mondays: so few months have few first days."""


def iso(day: int) -> str:
    """Return a number of days since 1970-01-01 as Plotly takes it."""
    return day_to_date(day).isoformat()


def date_axis(first_day: int, last_day: int) -> Json:
    """Return the settings of an axis of dates: its range, and each label once."""
    days = _tick_days(first_day, last_day)
    return {
        "type": "date",
        "range": [iso(first_day), iso(last_day)],
        "tickmode": "array",
        "tickvals": [iso(day) for day in days],
        "ticktext": _labels(days),
        "tickangle": 0,
    }


def _tick_days(first_day: int, last_day: int) -> list[int]:
    """Return the finest ticks of which the labels fit."""
    edge = (last_day - first_day) * _EDGE
    candidates = [
        *(_mondays(first_day, last_day, step) for step in _DAY_STEPS),
        *(_month_starts(first_day, last_day, step) for step in _MONTH_STEPS),
    ]
    if last_day - first_day > _DAYS_OF_A_SHORT_LOG:
        candidates = candidates[len(_DAY_STEPS) :]
    days: list[int] = []
    for candidate in candidates:
        days = [day for day in candidate if first_day + edge <= day <= last_day - edge]
        if len(days) <= MAX_TICKS:
            break
    return days


def _mondays(first_day: int, last_day: int, step: int) -> Iterator[int]:
    first = day_to_date(first_day)
    monday = first + timedelta(days=-first.weekday() % 7)
    yield from range(date_to_day(monday), last_day + 1, step)


def _month_starts(first_day: int, last_day: int, step: int) -> Iterator[int]:
    """Yield the first days of every ``step``-th month, counted from a January."""
    first, last = day_to_date(first_day), day_to_date(last_day)
    for number in range(12 * first.year, 12 * last.year + 12):
        year, month = divmod(number, 12)
        is_step = number % step == 0 if step <= 12 else month == 0 and year % (step // 12) == 0
        day = date(year, month + 1, 1)
        if is_step and first <= day <= last:
            yield date_to_day(day)


def _labels(days: list[int]) -> list[str]:
    """Return the months, or days, with the year beneath where it begins; years alone if apart."""
    dates = [day_to_date(day) for day in days]
    if all((at.month, at.day) == (1, 1) for at in dates):
        return [str(at.year) for at in dates]
    labels, year = [], 0
    for at in dates:
        label = formats.month(at.month)
        if any(other.day != 1 for other in dates):
            label = f"{at.day}{formats.NO_BREAK_SPACE}{label}"
        labels.append(label if at.year == year else f"{label}<br>{at.year}")
        year = at.year
    return labels
