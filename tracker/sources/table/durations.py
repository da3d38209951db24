"""Durations of foreign logs, in minutes: decimal numbers, h:mm:ss, and words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

Unit = Literal["minutes", "hours", "seconds", "milliseconds", "hms", "words", "points"]

UNITS: tuple[Unit, ...] = get_args(Unit)
"""The units and forms of columns of durations. Points are for estimates only, and are not time."""

PLAIN_UNITS: tuple[Unit, ...] = ("minutes", "hours", "seconds", "milliseconds")
"""The units of time that are written as plain numbers."""

WEEK_DAYS = 5
"""Working days in a week, for durations in words such as ``1w 2d``."""

_FACTORS = {
    "minutes": 1.0,
    "hours": 60.0,
    "seconds": 1 / 60,
    "milliseconds": 1 / 60_000,
    "points": 1.0,
}
"""Unit of a plain number → its minutes. Points are not converted."""

_EXAMPLES: dict[Unit, str] = {
    "minutes": "it is not a number of minutes; give one such as 90 or 1.5",
    "hours": "it is not a number of hours; give one such as 2 or 1.5",
    "seconds": "it is not a number of seconds; give one such as 5400",
    "milliseconds": "it is not a number of milliseconds; give one such as 5400000",
    "points": "it is not a number of points; give one such as 3 or 0.5",
    "hms": "it is not of the form h:mm:ss or h:mm; give one such as 1:06:40",
    "words": "it is not a duration in words; give one such as 1d 2h 30m, 2h, 1:25 or 2.5 (hours)",
}

_HMS = r"([0-9]+):([0-5][0-9])(?::([0-5][0-9](?:[.,][0-9]+)?))?"
_WORDS = (
    "w|wk|wks|week|weeks",
    "d|day|days",
    "h|hr|hrs|hour|hours",
    "m|min|mins|minute|minutes",
    "s|sec|secs|second|seconds",
)
"""The words for each unit, from weeks to seconds."""

_AMOUNT = r"([0-9]+(?:[.,][0-9]+)?)"
_IN_WORDS = re.compile(
    r"[\s,]*".join(rf"(?:{_AMOUNT}\s*(?:{names})(?![a-z]))?" for names in _WORDS)
)


@dataclass(frozen=True, slots=True)
class DurationParser:
    """A parser of durations.

    Attributes:
        decimal: The decimal mark, ``.`` or ``,``. The other one is rejected, since it may separate
            thousands.
        day_hours: Working hours in a day, for durations in words.
    """

    decimal: str = "."
    day_hours: float = 8.0

    def minutes(self, text: str, unit: Unit) -> float | None:
        """Return a duration in minutes (negative after a minus), or a number of points.

        ``1:25`` is hours and minutes, in ``hms`` and in ``words``.

        Returns:
            None if the text is not a duration in this unit.
        """
        text = text.strip()
        if unit in _FACTORS:
            number = self._number(text)
            return None if number is None else number * _FACTORS[unit]
        is_negative = text[:1] in ("-", "\N{MINUS SIGN}")
        parse: Callable[[str], float | None] = self._hms if unit == "hms" else self._in_words
        minutes = parse(text[is_negative:].strip())
        return -minutes if is_negative and minutes is not None else minutes

    def reason(self, text: str, unit: Unit) -> str:
        """Return why a text is not a duration in a unit, and what to do, for messages."""
        if unit in ("hours", "minutes") and self._hms(text.strip().removeprefix("-")) is not None:
            return f'{_EXAMPLES[unit]}, or set "hms" in [units] for h:mm'
        other = DurationParser("," if self.decimal == "." else ".", self.day_hours)
        if other.decimal in text and other.minutes(text, unit) is not None:
            return f'{_EXAMPLES[unit]}, or set decimal = "{other.decimal}" in [formats]'
        return _EXAMPLES[unit]

    def _number(self, text: str) -> float | None:
        """Return a decimal number; None if the text is not one."""
        if self.decimal != ".":
            # A point is rejected, since it may separate thousands.
            text = text.replace(".", "?").replace(self.decimal, ".")
        try:
            # float() accepts 1_000, which only Python writes.
            number = math.nan if "_" in text else float(text.replace("\N{MINUS SIGN}", "-"))
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def _hms(self, text: str) -> float | None:
        """Return the minutes of ``h:mm:ss`` or ``h:mm``; the hours may exceed 24."""
        match = re.fullmatch(_HMS, text)
        if match is None:
            return None
        hours, minutes, seconds = match.groups(default="0")
        return 60.0 * float(hours) + float(minutes) + float(seconds.replace(",", ".")) / 60

    def _in_words(self, text: str) -> float | None:
        """Return the minutes of ``1d 1h``, ``1:25`` (h:mm), or a bare number of hours."""
        if text[:1].isdigit() and text.isascii():
            number = self._number(text)
            if number is not None:
                return 60.0 * number
            if (minutes := self._hms(text)) is not None:
                return minutes
        match = _IN_WORDS.fullmatch(text.lower())
        if match is None or not any(match.groups()):
            return None
        day = 60.0 * self.day_hours
        total = 0.0
        for amount, factor in zip(
            match.groups(), (day * WEEK_DAYS, day, 60.0, 1.0, 1 / 60), strict=True
        ):
            number = 0.0 if amount is None else self._number(amount)
            if number is None:
                return None
            total += number * factor
        return total
