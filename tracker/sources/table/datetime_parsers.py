"""Parsers of dates and times in one format, whose results are not in a zone yet."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from tracker.domain import times
from tracker.sources.table.strptime_formats import EPOCHS

_DAY_THEN_TIME = r"((?:%[aAbBdjmyY]|[^%\s])+)([ T])((?:%[HIMSpf]|[^%])+)"
_ISO_DAY_AND_SEPARATOR = r"[0-9]{4}-?(?:[0-9]{2}-?[0-9]{2}|W[0-9]{2}(?:-?[1-7])?)[Tt ]"
_END_OF_DAY = r"(?<![0-9:])24(?=:00(?![0-9])|00(?![0-9]))"
"""The hour of 24:00."""
_EPOCH = r"-?[0-9]{1,20}(?:\.[0-9]{1,9})?"
_LATEST_EPOCH_S = 100_000_000_000
"""In the year 5138; in milliseconds it is in 1973."""
_EARLIEST_EPOCH_MS = 100_000_000_000

DatetimeParser = Callable[[str], datetime]


class UnreadableInstant(Exception):
    """A text cannot be read as a date and time; the message says why, and what to do."""


def split_format(strptime_format: str | None) -> tuple[DatetimeParser, DatetimeParser, str]:
    """Return parsers of the day and of the time in a datetime, and the separator between them.

    The separator "" means a T or a space.
    """
    if strptime_format is None:
        return parse_iso_day, _parse_iso_time, ""
    parts = re.fullmatch(_DAY_THEN_TIME, strptime_format)
    if parts is None:
        return _never_parse, _never_parse, " "
    day_format, separator, time_format = parts.groups()
    return strptime_parser(day_format), strptime_parser(time_format), separator


def strptime_parser(strptime_format: str) -> DatetimeParser:
    """Return a parser for a ``strptime`` format; it raises ValueError if a text does not match."""
    return lambda text: datetime.strptime(text, strptime_format)


def _never_parse(text: str) -> datetime:
    """Raise ValueError: the format does not split into day and time."""
    raise ValueError(text)


def instant_parser(strptime_format: str | None) -> DatetimeParser:
    """Return a parser of dates with times; it raises ValueError if a text does not match.

    Args:
        strptime_format: The format, or one of EPOCHS; None is ISO 8601.
    """
    if strptime_format in EPOCHS:
        return _parse_epoch_s if strptime_format == "epoch_s" else _parse_epoch_ms
    parse = _parse_iso_instant if strptime_format is None else strptime_parser(strptime_format)
    return lambda text: _parse_instant(text, parse)


def _parse_epoch_s(text: str) -> datetime:
    """Return an instant given in seconds since 1970.

    Raises:
        UnreadableInstant: The number is likely to be in milliseconds.
    """
    number = _parse_epoch(text)
    if number > _LATEST_EPOCH_S:
        raise UnreadableInstant("as seconds that is after the year 5000; perhaps it is in epoch_ms")
    return datetime.fromtimestamp(number, UTC)


def _parse_epoch_ms(text: str) -> datetime:
    """Return an instant given in milliseconds since 1970.

    Raises:
        UnreadableInstant: The number is likely to be in seconds, or is out of range.
    """
    number = _parse_epoch(text)
    if number < _EARLIEST_EPOCH_MS:
        raise UnreadableInstant("as milliseconds that is before 1973; perhaps it is in epoch_s")
    if number > 1000 * _LATEST_EPOCH_S:
        raise UnreadableInstant(times.TOO_LATE)
    return datetime.fromtimestamp(number / 1000, UTC)


def _parse_epoch(text: str) -> float:
    if not re.fullmatch(_EPOCH, text):
        raise ValueError(text)
    number = float(text)
    if number < 0:
        raise UnreadableInstant("it is before 1970; give an instant from 1970 on")
    return number


def _parse_instant(text: str, parse: DatetimeParser) -> datetime:
    """Return a date and time; 24:00 is the next day's 00:00.

    Raises:
        ValueError: The text does not match.
    """
    try:
        return parse(text)
    except ValueError:
        midnight, replaced = re.subn(_END_OF_DAY, "00", text)
        if replaced != 1:
            raise
    instant = parse(midnight)
    if instant.time() != time() or instant.date() == date.max:
        raise ValueError(text)
    return instant + timedelta(days=1)


def _parse_iso_instant(text: str) -> datetime:
    """Return an ISO 8601 date and time, separated by T or a space; ``fromisoformat`` accepts more.

    Raises:
        ValueError: The text does not match.
    """
    if not re.match(_ISO_DAY_AND_SEPARATOR, text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def day_parser(strptime_format: str) -> DatetimeParser:
    """Return a parser of bare days; it raises ValueError if a text does not match."""
    if strptime_format in EPOCHS:
        return instant_parser(strptime_format)
    return strptime_parser(strptime_format)


def parse_iso_day(text: str) -> datetime:
    """Return the midnight of an ISO day; raise ValueError for another text."""
    return datetime.combine(date.fromisoformat(text), time())


def _parse_iso_time(text: str) -> datetime:
    """Return a time of day; raise ValueError for another text, or one with an offset."""
    clock_time = time.fromisoformat(text)
    if clock_time.tzinfo is not None:
        raise ValueError(text)
    return datetime.combine(date.min, clock_time)


def seconds_of_day(clock_time: datetime) -> int:
    """Return the whole seconds of a time since its midnight."""
    return clock_time.hour * 3600 + clock_time.minute * 60 + clock_time.second
