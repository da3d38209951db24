"""Checks of the formats of dates and times in a map."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from difflib import get_close_matches

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote

EPOCHS = ("epoch_s", "epoch_ms")
"""Seconds and milliseconds since 1970-01-01 UTC, instead of a format."""


def check_datetime_format(text: str, name: str) -> str:
    """Return a checked format of dates with times, or one of EPOCHS.

    Args:
        text: The format.
        name: The map's name, for messages.

    Raises:
        BadValue: The format lacks a part of the day, or has a directive that would be ignored.
    """
    return _check_format(text, name, "datetime", "%m/%d/%Y %H:%M")


def check_date_format(text: str, name: str) -> str:
    """Return a checked format of bare days, or one of EPOCHS.

    Args:
        text: The format.
        name: The map's name, for messages.

    Raises:
        BadValue: The format lacks a part of the day, or has a directive that would be ignored.
    """
    return _check_format(text, name, "date", "%m/%d/%Y")


def _check_format(text: str, name: str, key: str, example: str) -> str:
    """Return a format with which a formatted day can be parsed again."""
    if text in EPOCHS:
        return text
    if "%" not in text and (matches := get_close_matches(text, EPOCHS, n=1)):
        raise BadValue(f"{name} [formats] {key} is {quote(text)}: did you mean {matches[0]}?")
    sample = datetime(2001, 12, 23, 13, 45, 59, tzinfo=UTC)
    if fault := _ignored_directive(text):
        raise BadValue(f"{name} [formats] {key} is {text!r}: {fault}.")
    try:
        if datetime.strptime(sample.strftime(text), text).date() == sample.date():
            return text
    except (ValueError, re.error):  # re.error: a directive that occurs twice
        pass
    raise BadValue(
        f"{name} [formats] {key} is {text!r}: it does not read a day; give one such as {example!r}."
    )


def _ignored_directive(strptime_format: str) -> str | None:
    """Return why ``strptime`` would ignore a directive of a format, and what to do; else None."""
    letters = set(re.findall(r"%(.)", strptime_format.replace("%%", "")))
    if "p" in letters and "I" not in letters:
        return "%p has no effect beside %H; give %I for the hour"
    if "I" in letters and "p" not in letters:
        return "%I without %p does not tell morning from afternoon; add %p, or give %H for the hour"
    if "Z" in letters:
        return "the zone that %Z reads has no effect; remove it and give timezone"
    return None
