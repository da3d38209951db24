"""Formats of dates and times in a column map, checked when the map is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tracker.domain.errors import BadValue


def check_strptime_format(text: str | None, name: str, key: str) -> str | None:
    """Return a format that reads a whole day: parsing must restore the day it has written."""
    sample = datetime(2001, 12, 23, 13, 45, 59, tzinfo=UTC)
    if text is not None and (fault := _ignored_letter(text)):
        raise BadValue(f"{name} [formats] {key} is {text!r}: {fault}.")
    try:
        if text is None or datetime.strptime(sample.strftime(text), text).date() == sample.date():
            return text
    except (ValueError, re.error):  # re.error: a letter that occurs twice
        pass
    example = "%m/%d/%Y %H:%M" if key == "datetime" else "%m/%d/%Y"
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
