"""Formats of dates and times in a map, checked when the map is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from difflib import get_close_matches

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote

EPOCHS = ("epoch_s", "epoch_ms")
"""Seconds and milliseconds since 1970-01-01 UTC, instead of a format."""


def check_datetime_format(text: str, name: str) -> str:
    """Return a format of dates with times, or one of EPOCHS.

    Raises:
        BadValue: It does not read a whole day, or has a letter that would be ignored.
    """
    return _check_format(text, name, "datetime", "%m/%d/%Y %H:%M")


def check_date_format(text: str, name: str) -> str:
    """Return a format of bare days, or one of EPOCHS.

    Raises:
        BadValue: It does not read a whole day, or has a letter that would be ignored.
    """
    return _check_format(text, name, "date", "%m/%d/%Y")


def _check_format(text: str, name: str, key: str, example: str) -> str:
    """Return a format that reads a whole day: parsing must restore the day it has written."""
    if text in EPOCHS:
        return text
    if "%" not in text and (matches := get_close_matches(text, EPOCHS, n=1)):
        raise BadValue(f"{name} [formats] {key} is {quote(text)}: did you mean {matches[0]}?")
    sample = datetime(2001, 12, 23, 13, 45, 59, tzinfo=UTC)
    if fault := _ignored_letter(text):
        raise BadValue(f"{name} [formats] {key} is {text!r}: {fault}.")
    try:
        if datetime.strptime(sample.strftime(text), text).date() == sample.date():
            return text
    except (ValueError, re.error):  # re.error: a letter that occurs twice
        pass
    raise BadValue(
        f"{name} [formats] {key} is {text!r}: it does not read a day; give one such as {example!r}."
    )


def _ignored_letter(strptime_format: str) -> str | None:
    """Return what is wrong with a format of which ``strptime`` reads a letter and ignores it."""
    letters = set(re.findall(r"%(.)", strptime_format.replace("%%", "")))
    if "p" in letters and "I" not in letters:
        return "%p has no effect beside %H; give %I for the hour"
    if "I" in letters and "p" not in letters:
        return "%I without %p is half a clock; add %p, or give %H for the hour"
    if "Z" in letters:
        return "the zone that %Z reads has no effect; take it out and give timezone"
    return None
