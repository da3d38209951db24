"""Values as text: one way to write a gain, a number of minutes, a date. Undefined is "—".

Text has the true minus sign, and a no-break space before the per cent sign and before units.
:func:`plain` replaces both, and the other signs of this tool, where a terminal has only ASCII.
"""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, date, datetime

from tracker.domain import gains
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.plain_text import encodable
from tracker.domain.stored_times import is_readable_epoch
from tracker.domain.times import DAY_SECONDS, day_to_date
from tracker.evidence.results import Interval

UNDEFINED = "—"
MINUS = "\N{MINUS SIGN}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

_FACTOR_FROM = 9.995
"""Gains above this are written as a factor, since they would round to 1,000 % or more."""
_HOURS_ONLY_FROM = 6000
"""Minutes from which on the rest over full hours is not written."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEERING_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of control, format and surrogate characters and of line separators."""


def percent(gain: float | None, *, signed: bool = True) -> str:
    """A gain as whole per cent: 0.414 → "+41 %". What rounds to 0 has no sign."""
    if gain is None or not math.isfinite(gain):
        return UNDEFINED
    if gain > _FACTOR_FROM:
        return f"×{NO_BREAK_SPACE}{1 + gain:,.0f}"
    return gains.percent(gain, signed=signed)


def percent_range(interval: Interval | None) -> str:
    """The bounds of a gain: "+22 to +61 %". An undefined bound is "—".

    Bounds are rounded outward, as in the sentences of a verdict.
    """
    if interval is None:
        return UNDEFINED
    low, high = interval.low, interval.high
    low_text = percent(
        None if low is None or not math.isfinite(low) else gains.percent_down(low) / 100
    )
    high_text = percent(
        None if high is None or not math.isfinite(high) else gains.percent_up(high) / 100
    )
    return f"{low_text.removesuffix(f'{NO_BREAK_SPACE}%')} to {high_text}"


def estimate_and_range(interval: Interval | None) -> str:
    """A gain with its bounds: "+41 % (+22 to +61 %)"."""
    return (
        UNDEFINED
        if interval is None
        else f"{percent(interval.estimate)} ({percent_range(interval)})"
    )


def ratio(value: float | None) -> str:
    """A time ratio: 0.7071 → "0.71"."""
    return (
        UNDEFINED
        if value is None or not math.isfinite(value)
        else f"{value:.2f}".replace("-", MINUS)
    )


def ratio_range(interval: Interval | None) -> str:
    """The bounds of a time ratio: "0.62 to 0.82"."""
    return UNDEFINED if interval is None else f"{ratio(interval.low)} to {ratio(interval.high)}"


def number(value: float | None, digits: int = 2) -> str:
    """A number without a unit, with ``digits`` decimals and a comma between thousands."""
    if value is None or not math.isfinite(value):
        return UNDEFINED
    return f"{value:,.{digits}f}".replace("-", MINUS)


def count(value: int | None) -> str:
    """A count with a comma between thousands: 203621 → "203,621"."""
    return UNDEFINED if value is None else f"{value:,}".replace("-", MINUS)


def developers(value: int | None, *, withhold: bool) -> str:
    """A number of developers with the noun: "12 developers", "fewer than 5 developers".

    It is "" where the number is not known.

    Args:
        value: How many.
        withhold: Suppress counts below five, for output that leaves the team.

    """
    if value is None:
        return ""
    noun = "developer" if value == 1 and not withhold else "developers"
    return f"{developer_count(value, withhold=withhold)} {noun}"


def developer_count(value: int | None, *, withhold: bool) -> str:
    """A number of developers without the noun: "12", "fewer than 5"."""
    if value is not None and withhold and value < MIN_DEVELOPERS_SHOWN:
        return f"fewer than {MIN_DEVELOPERS_SHOWN}"
    return count(value)


def minutes(value: float | None) -> str:
    """A duration in minutes: 45 → "45 min", 90 → "1 h 30 min", 6000 → "100 h"."""
    if value is None or not math.isfinite(value):
        return UNDEFINED
    if value < 9.95:
        return f"{value:.1f}".removesuffix(".0") + f"{NO_BREAK_SPACE}min"
    whole_minutes = round(value)
    if whole_minutes < 60:
        return f"{whole_minutes}{NO_BREAK_SPACE}min"
    if whole_minutes >= _HOURS_ONLY_FROM:
        return f"{round(value / 60):,}{NO_BREAK_SPACE}h"
    whole_hours, rest = divmod(whole_minutes, 60)
    return f"{whole_hours}{NO_BREAK_SPACE}h" + (
        f"{NO_BREAK_SPACE}{rest}{NO_BREAK_SPACE}min" if rest else ""
    )


def minutes_range(low: float, high: float) -> str:
    """Return a range of minutes, which no line break parts: "45 min – 1 h"."""
    return f"{minutes(low)}{NO_BREAK_SPACE}–{NO_BREAK_SPACE}{minutes(high)}"


def hours(value: float | None) -> str:
    """A duration in hours: 12.34 → "12.3 h", 1234.5 → "1,234 h"."""
    if value is None or not math.isfinite(value):
        return UNDEFINED
    return f"{value:,.1f}{NO_BREAK_SPACE}h" if value < 100 else f"{value:,.0f}{NO_BREAK_SPACE}h"


def day(value: date | int | None) -> str:
    """A date, or a number of days since 1970-01-01: "5 Mar 2015"."""
    if value is None:
        return UNDEFINED
    as_date = day_to_date(value) if isinstance(value, int) else value
    return (
        f"{as_date.day}{NO_BREAK_SPACE}{_MONTHS[as_date.month - 1]}{NO_BREAK_SPACE}{as_date.year}"
    )


def month(number: int) -> str:
    """A month of the year in short: 3 → "Mar"."""
    return _MONTHS[number - 1]


def days(first: int | None, last: int | None) -> str:
    """A range of days: "3 Mar 2014 – 5 Mar 2015". It is "" where either end is None."""
    if first is None or last is None:
        return ""
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def instant(epoch: int | None) -> str:
    """Seconds since 1970-01-01 UTC as ISO 8601: "2026-03-01T14:00:00Z"."""
    if epoch is None:
        return UNDEFINED
    if not is_readable_epoch(epoch):
        return str(epoch)
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(epoch: int | None) -> str:
    """The UTC date of an instant in seconds since 1970-01-01: "5 Mar 2015"."""
    return day(None if epoch is None else epoch // DAY_SECONDS)


def printable(text: str) -> str:
    """Return text from outside without characters that could steer a terminal.

    Each of them, such as an escape or a change of the reading direction, becomes U+FFFD.
    """
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _STEERING_CATEGORIES else c
        for c in text
    )


def plain(text: str) -> str:
    """Return text in ASCII, with plain forms of the tool's own signs and "?" for the rest."""
    return encodable(text, "ascii")


def capitalize(text: str) -> str:
    """Return text with its first letter in upper case and the rest unchanged."""
    return text[:1].upper() + text[1:]
