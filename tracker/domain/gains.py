"""Conversions between the time ratio, the efficiency gain and the time saved.

The time ratio r is minutes per comparable task, assistance over baseline. The other two are derived
from it: efficiency gain g = 1/r - 1 (output per hour) and time saved s = 1 - r. Both rise as r
falls.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

from tracker.domain.errors import BadValue
from tracker.domain.numbers import is_number, number_text

Reading = Literal["efficiency_gain", "time_saved"]
Bound = Literal["at_least", "more_than", "about", "up_to"]

READINGS: tuple[Reading, ...] = get_args(Reading)
BOUNDS: tuple[Bound, ...] = get_args(Bound)

READING_LABELS: dict[Reading, str] = {
    "efficiency_gain": "efficiency gain",
    "time_saved": "time saved",
}
BOUND_LABELS: dict[Bound, str] = {
    "at_least": "at least",
    "more_than": "more than",
    "about": "about",
    "up_to": "up to",
}


_ROUNDING_ERROR = 1e-7
"""Largest rounding error of a gain computed from θ, in percentage points."""


def from_ratio(reading: Reading, ratio: float) -> float:
    """Return the gain that corresponds to a time ratio (> 0), as a fraction.

    >>> from_ratio("efficiency_gain", 0.8)
    0.25
    """
    return 1.0 / ratio - 1.0 if reading == "efficiency_gain" else 1.0 - ratio


def to_ratio(reading: Reading, gain: float) -> float | None:
    """Return the time ratio that corresponds to a gain (a fraction).

    The result is None if no positive ratio has that gain: for a time saved of 100 % or more, and
    for an efficiency gain of -100 % or less.

    >>> to_ratio("efficiency_gain", 0.25)
    0.8
    >>> to_ratio("time_saved", 1.0) is None
    True
    """
    if reading == "efficiency_gain":
        return 1.0 / (1.0 + gain) if gain > -1.0 else None
    return 1.0 - gain if gain < 1.0 else None


def to_log_ratio(reading: Reading, gain: float) -> float | None:
    """Return ln of :func:`to_ratio`, the scale of the intervals; None where that is None."""
    ratio = to_ratio(reading, gain)
    return None if ratio is None else math.log(ratio)


def require_log_ratio(reading: Reading, gain: float, name: str) -> float:
    """Return ln of the time ratio of a gain that a user gave.

    Args:
        reading: What the gain is.
        gain: The gain as a fraction.
        name: What the message calls it, such as ``--true-gain``.

    Raises:
        BadValue: No time ratio has that gain.

    """
    if not is_number(gain):
        raise BadValue(
            f"{name} is {number_text(gain)}: write a percentage or a fraction, such as 50% or 0.5."
        )
    log_ratio = to_log_ratio(reading, gain)
    if log_ratio is not None:
        return log_ratio
    value = f"{100 * gain:g}%"
    if reading == "efficiency_gain":
        raise BadValue(
            f"{name} is {value}: an efficiency gain of -100% would be no output at all; "
            "give more than -100%."
        )
    raise BadValue(
        f"{name} is {value}: a time saved of 100% would be work in no time; give less than 100%."
    )


def percent_down(gain: float) -> int:
    """Return the largest whole per cent not above a gain, tolerating floating-point error.

    >>> percent_down(0.503), percent_down(0.29), percent_down(-0.151)
    (50, 29, -16)
    """
    return math.floor(100 * gain + _ROUNDING_ERROR)


def percent_up(gain: float) -> int:
    """Return the smallest whole per cent not below a gain, tolerating floating-point error."""
    return -percent_down(-gain)


def other_reading(reading: Reading) -> Reading:
    """Return the reading that is not the given one."""
    return "time_saved" if reading == "efficiency_gain" else "efficiency_gain"


def percent(gain: float, *, signed: bool = False) -> str:
    r"""Format a gain as whole per cent, with a minus sign (not a hyphen) and a no-break space.

    >>> percent(-0.19), percent(0.414, signed=True)
    ('\u221219\xa0%', '+41\xa0%')
    """
    return whole_percent(round(100 * gain), signed=signed)


def level_percent(level: float) -> str:
    r"""Return a confidence level with up to four significant digits.

    >>> level_percent(0.975)
    '97.5\xa0%'
    """
    return f"{100 * level:.4g}\N{NO-BREAK SPACE}%"


def whole_percent(value: int, *, signed: bool = False) -> str:
    """Format a whole number of per cent as :func:`percent` does; 0 has no sign."""
    sign = "\N{MINUS SIGN}" if value < 0 else "+" if value > 0 and signed else ""
    return f"{sign}{abs(value):,}\N{NO-BREAK SPACE}%"
