"""Figures as text: one way to write a gain, a number of minutes, a date. Undefined is "—".

Written with the true minus sign and a no-break space before the per cent sign; the terminal turns both into plain
characters where it must (:func:`plain`).
"""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, date, datetime

from tracker.domain import gains
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.gains import percent_down, percent_up
from tracker.domain.times import day_to_date
from tracker.evidence.results import Interval

NONE = "—"
MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"

_PLAIN = str.maketrans(
    {
        MINUS: "-",
        SPACE: " ",
        "—": "-",
        "–": "-",
        "…": "...",
        "·": "-",
        "×": "x",
        "≥": ">=",
        "≈": "~",
        "→": "->",
        "“": '"',
        "”": '"',
        "’": "'",
        "θ": "theta",
        "√": "sqrt",
        "²": "^2",
        "σ": "sigma",
        "α": "alpha",
        "τ": "tau",
        "Σ": "Sum ",
    }
)
_LONG_GAIN = 9.995
"""From a gain of 1,000 % on, it is written as a factor."""


def percent(gain: float | None, *, signed: bool = True) -> str:
    """A gain as whole per cent: 0.414 → "+41 %". Zero bears no sign, and tiny gains round to it."""
    if gain is None or not math.isfinite(gain):
        return NONE
    if gain > _LONG_GAIN:
        return f"×{SPACE}{1 + gain:,.0f}"
    return gains.percent(gain, signed=signed)


def percent_range(interval: Interval | None) -> str:
    """The bounds of a gain: "+22 to +61 %"; one that is undefined is "—". Rounded outward, as the sentences are."""
    if interval is None:
        return NONE
    low, high = interval.low, interval.high
    lowest = percent(None if low is None or not math.isfinite(low) else percent_down(low) / 100)
    highest = percent(None if high is None or not math.isfinite(high) else percent_up(high) / 100)
    return f"{lowest.removesuffix(f'{SPACE}%')} to {highest}"


def estimate_and_range(interval: Interval | None) -> str:
    """An estimate with its bounds: "+41 % (+22 to +61 %)"."""
    return NONE if interval is None else f"{percent(interval.estimate)} ({percent_range(interval)})"


def ratio(value: float | None) -> str:
    """A time ratio: 0.7071 → "0.71"."""
    return NONE if value is None or not math.isfinite(value) else f"{value:.2f}".replace("-", MINUS)


def ratio_range(interval: Interval | None) -> str:
    """The bounds of a time ratio: "0.62 to 0.82"."""
    return NONE if interval is None else f"{ratio(interval.low)} to {ratio(interval.high)}"


def number(value: float | None, digits: int = 2) -> str:
    """A bare figure with so many decimals, thousands apart."""
    return (
        NONE
        if value is None or not math.isfinite(value)
        else f"{value:,.{digits}f}".replace("-", MINUS)
    )


def count(value: int | None) -> str:
    """A number of things: 203621 → "203,621"."""
    return NONE if value is None else f"{value:,}".replace("-", MINUS)


def developers(value: int, *, withhold: bool) -> str:
    """How many developers; below five a page that leaves the team does not say how many."""
    return (
        f"{heads(value, withhold=withhold)} developer{'' if value == 1 and not withhold else 's'}"
    )


def heads(value: int, *, withhold: bool) -> str:
    """The same, the bare number: "12", "fewer than 5"."""
    return (
        f"fewer than {MIN_DEVELOPERS_SHOWN}"
        if withhold and value < MIN_DEVELOPERS_SHOWN
        else count(value)
    )


def minutes(value: float | None) -> str:
    """Minutes for people: 45 → "45 min", 90 → "1 h 30 min", 6000 → "100 h"."""
    if value is None or not math.isfinite(value):
        return NONE
    if value < 9.95:
        return f"{value:.1f}".removesuffix(".0") + f"{SPACE}min"
    whole = round(value)
    if whole < 60:
        return f"{whole}{SPACE}min"
    if whole >= 6000:
        return f"{round(value / 60):,}{SPACE}h"
    hours, rest = divmod(whole, 60)
    return f"{hours}{SPACE}h" + (f"{SPACE}{rest}{SPACE}min" if rest else "")


def hours(value: float | None) -> str:
    """Hours: 12.34 → "12.3 h", 1234.5 → "1,234 h"."""
    if value is None or not math.isfinite(value):
        return NONE
    return f"{value:,.1f}{SPACE}h" if value < 100 else f"{value:,.0f}{SPACE}h"


def day(value: date | int | None) -> str:
    """A day, from days since 1970-01-01 or a date: "5 Mar 2015"."""
    if value is None:
        return NONE
    when = day_to_date(value) if isinstance(value, int) else value
    return f"{when.day}{SPACE}{_MONTHS[when.month - 1]}{SPACE}{when.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def days(first: int | None, last: int | None) -> str:
    """A range of days: "3 Mar 2014 – 5 Mar 2015"; "" where the log is empty."""
    if first is None or last is None:
        return ""
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def instant(epoch: int | None) -> str:
    """Seconds since 1970-01-01 UTC as ISO 8601: "2026-03-01T14:00:00Z"."""
    return (
        NONE if epoch is None else datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )


def printable(text: str) -> str:
    """Text from outside with everything that could steer a terminal or turn the reading direction made visible."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _STEERING else c for c in text
    )


_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def plain(text: str) -> str:
    """Text in ASCII, for a terminal or pipe that has nothing else: the figures' own signs have plain forms."""
    return text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")


def capital(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]
