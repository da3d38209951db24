"""Parse and format durations, instants, days and time zones.

A text such as "1h30m", "9:30" or "yesterday 14:00" must match as a whole, else it is refused.
The timer's commands load this module: it imports only the standard library, and ``re`` compiles and
caches each pattern on first use.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Literal

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.stored_times import LONGEST_ZONE, stored_zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Ambiguous = Literal["refuse", "earlier", "later"]
"""What to do with a local time that occurs twice because the clock was set back."""

_EPOCH = datetime(1970, 1, 1)
"""Naive, because it is only subtracted from naive local times."""
_DAY = timedelta(days=1)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
DAY_SECONDS = 86_400
LONG_EFFORT_SECONDS = 12 * 3600
"""Effort beyond this at a stretch is possible, but most likely a timer that was not stopped."""
_LONGEST_SECONDS = 366 * DAY_SECONDS
_LONGEST_TEXT = 100
"""Characters of the longest text that may be a duration, an instant or a day."""

TOO_LATE = "the year is 9999; give an earlier one"
"""The end of that year cannot be computed in every zone."""

_THIRDS = ("early ", "mid-", "late ")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)\s*"
_DURATION = (
    rf"(?:{_NUMBER}(?:hours?|hrs?|h))?\s*"
    rf"(?:{_NUMBER}(?:minutes?|mins?|m))?\s*"
    rf"(?:{_NUMBER}(?:seconds?|secs?|s))?"
)
_CLOCK_DURATION = r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?"
_INSTANT = (
    r"(?:(?P<day>today|yesterday|[0-9]{4}-[0-9]{2}-[0-9]{2})\s+"
    r"|(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})t)?"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"\s*(?P<offset>z|[+-][0-9]{2}:?[0-9]{2})?"
)


def parse_duration(text: str) -> int:
    """Return the seconds of a duration.

    It may be written as ``45m``, ``1h30m``, ``1:30`` (hours and minutes), ``1.5h`` or
    ``2 hours 5 minutes``.

    >>> parse_duration("1.5 hours")
    5400

    Raises:
        BadValue: The text is something else (also a bare number), or longer than a year.

    """
    seconds = _duration_seconds(_normalise(text))
    if seconds is None:
        raise BadValue(f"duration is {quote(text)}: write it as 45m, 1h30m, 1:30 or 1.5h.")
    if seconds > _LONGEST_SECONDS:
        raise BadValue(f"duration is {quote(text)}: give less than a year.")
    return seconds


def is_duration(text: str) -> bool:
    """Return whether a text is written as a duration, with its units.

    >>> is_duration("45m"), is_duration("45")
    (True, False)
    """
    return _duration_seconds(_normalise(text)) is not None


def _normalise(text: str) -> str:
    """Return a text stripped and in lower case; "", which names nothing, where it is too long."""
    return text.strip().lower() if len(text) <= _LONGEST_TEXT else ""


def _duration_seconds(text: str) -> int | None:
    """Return the seconds of a lower-case duration, or None if the text as a whole is none."""
    if clock := re.fullmatch(_CLOCK_DURATION, text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    match = re.fullmatch(_DURATION, text)
    numbers = match.groups() if match else (None, None, None)
    amounts = [
        (float(number.replace(",", ".")), unit_seconds)
        for number, unit_seconds in zip(numbers, (3600, 60, 1), strict=True)
        if number
    ]
    if not amounts:
        return None
    if any(not amount.is_integer() for amount, _ in amounts[:-1]):
        return None  # "1.5h 30m": only the smallest unit may have a fraction
    if any(amount >= 60 for amount, _ in amounts[1:]):
        return None  # "1h90m"
    return round(sum(amount * unit_seconds for amount, unit_seconds in amounts))


def parse_instant(text: str, *, now: datetime) -> datetime:
    """Return the instant that a text names, in the zone of ``now``.

    Args:
        text: ``9:30`` (today), ``yesterday 14:00``, ``2026-03-01 14:00``, ``40 minutes ago`` or
            ``now``. An offset may follow a clock time (``02:30+01:00``, ``14:00Z``); without one it
            is a local time of the zone of ``now``.
        now: The present, with its zone.

    Raises:
        BadValue: The text is something else, or :func:`resolve` refuses the local time.

    """
    lower_text = _normalise(text)
    if lower_text == "now":
        return now
    if lower_text.endswith(" ago"):
        past = _duration_seconds(lower_text.removesuffix(" ago").rstrip())
        if past is not None and past <= _LONGEST_SECONDS:
            return datetime.fromtimestamp(now.timestamp() - past, now.tzinfo)
    elif match := re.fullmatch(_INSTANT, lower_text):
        return _clock_instant(text, match, now)
    raise BadValue(
        f"time is {quote(text)}: write it as 9:30, 'yesterday 14:00', '2026-03-01 14:00' or "
        "'40 minutes ago'."
    )


def _clock_instant(text: str, match: re.Match[str], now: datetime) -> datetime:
    """Return the instant of a match of ``_INSTANT``: a day (default today), a time, an offset."""
    local_zone = now.tzinfo
    if local_zone is None:
        raise ValueError("now is naive: give it with its zone")
    day = day_to_date(parse_day(match["day"] or match["date"] or "today", now=now))
    if day.year == date.max.year:
        raise BadValue(f"time is {text!r}: {TOO_LATE}.")
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    try:
        naive = datetime(day.year, day.month, day.day, hour, minute, second)
    except ValueError:
        raise BadValue(
            f"time is {text!r}: hours go from 0 to 23, minutes and seconds from 0 to 59."
        ) from None
    if not match["offset"]:
        return datetime.fromtimestamp(resolve(naive, local_zone, "refuse"), local_zone)
    try:
        instant = datetime.fromisoformat(f"{naive.isoformat()}{match['offset'].upper()}")
        return instant.astimezone(local_zone)
    except ValueError:
        raise BadValue(f"time is {text!r}: its offset is not between -23:59 and +23:59.") from None


def parse_day(text: str, *, now: datetime) -> int:
    """Return the day that a text names, as days since 1970-01-01.

    Args:
        text: ``2026-03-01``, ``today``, ``yesterday``, ``3 days ago`` or ``2 weeks ago``.
        now: The present, whose zone decides which day is today.

    Raises:
        BadValue: The text is something else, or names a day before 1970.

    """
    lower_text = _normalise(text)
    today = date_to_day(now.date())
    if lower_text in ("today", "yesterday"):
        return today - (lower_text == "yesterday")
    if match := re.fullmatch(r"([0-9]{1,4}) (day|week)s? ago", lower_text):
        return today - int(match[1]) * (7 if match[2] == "week" else 1)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", lower_text):
        try:
            day = date_to_day(date.fromisoformat(lower_text))
        except ValueError:
            raise BadValue(f"date is {text!r}: there is no such day.") from None
        if day < 0:
            raise BadValue(f"date is {text!r}: give a day from 1970 on.")
        return day
    raise BadValue(
        f"date is {quote(text)}: write it as 2026-03-01, today, yesterday or '3 days ago'."
    )


def resolve(naive: datetime, zone: tzinfo, ambiguous: Ambiguous) -> int:
    """Return the seconds since 1970 UTC of a local time.

    Args:
        naive: The local time.
        zone: Its zone.
        ambiguous: What to do with a local time that occurs twice.

    Raises:
        BadValue: The clock skipped this time, or it occurs twice and ``ambiguous`` is ``refuse``.
            The message names the jump or both readings. Or the year is the last one of the
            calendar, whose end cannot be computed in every zone.

    """
    if naive.year == date.max.year:
        raise BadValue(f"time is {naive:%Y-%m-%d %H:%M}: {TOO_LATE}.")
    offset = _utc_offset(naive, zone)
    if not _utc_offset(naive - _DAY, zone) == offset == _utc_offset(naive + _DAY, zone):
        # only near a clock change, because a second reading makes this three times as slow
        offset = _offset_near_change(naive, zone, ambiguous)
    since = naive - _EPOCH - offset
    return since.days * DAY_SECONDS + since.seconds


def _utc_offset(naive: datetime, zone: tzinfo) -> timedelta:
    offset = zone.utcoffset(naive)
    if offset is None:
        raise ValueError(f"{zone} has no offsets")
    return offset


def _offset_near_change(naive: datetime, zone: tzinfo, ambiguous: Ambiguous) -> timedelta:
    """Return the offset of a local time near a clock change, where two or none may exist."""
    later = naive.replace(fold=1)
    first, second = _utc_offset(naive, zone), _utc_offset(later, zone)
    if first < second:
        raise BadValue(_skipped_time_message(naive, zone, first, second))
    if first > second and ambiguous == "refuse":
        stamp = f"{naive:%Y-%m-%d %H:%M}"
        raise BadValue(
            f"time is {stamp}: it came twice in {zone}, as {stamp}{_offset_text(naive, zone)} "
            f"and as {stamp}{_offset_text(later, zone)}; give the one you mean."
        )
    return second if ambiguous == "later" else first


def _skipped_time_message(
    naive: datetime, zone: tzinfo, old_offset: timedelta, new_offset: timedelta
) -> str:
    """Return the message for a local time that the clock skipped, with the limits of the gap."""
    low, high = (
        (naive - _EPOCH - offset) // timedelta(seconds=1) for offset in (new_offset, old_offset)
    )
    while high - low > 1:  # bisects for the second of the change
        middle = (low + high) // 2
        changed = datetime.fromtimestamp(middle, zone).utcoffset() == new_offset
        low, high = (low, middle) if changed else (middle, high)
    start, end = (_EPOCH + timedelta(seconds=high) + offset for offset in (old_offset, new_offset))
    end_text = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return (
        f"time is {naive:%Y-%m-%d %H:%M}: it does not exist in {zone}, where the clock jumped from "
        f"{start:%Y-%m-%d %H:%M} to {end_text}; give a time outside the gap."
    )


def _offset_text(naive: datetime, zone: tzinfo) -> str:
    """Return the UTC offset of a local time, e.g. ``+01:00``."""
    return naive.replace(tzinfo=zone, microsecond=0).isoformat()[19:]


def zone(name: str) -> ZoneInfo:
    """Return the time zone with an IANA name, e.g. ``Europe/Berlin``.

    Raises:
        BadValue: There is no such zone. The message suggests the most similar name.

    """
    if (stored := stored_zone(name)) is not None:
        return stored
    raise BadValue(f"zone is {quote(name)}: {_zone_hint(name)}")


def _zone_hint(name: str) -> str:
    """Return what to do about an unknown zone, with the most similar name if there is one."""
    if len(name) > LONGEST_ZONE:
        return "give a name such as Europe/Berlin or UTC."
    # late: only for a refusal, because both read the whole zone database
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    zones = {key.lower(): key for key in sorted(available_timezones())}
    cities = {key.rpartition("/")[2]: key for key in zones}
    key = name.lower().replace(" ", "_")
    if suggestions := get_close_matches(key, zones, n=1):
        return f"did you mean {zones[suggestions[0]]}?"
    if suggestions := get_close_matches(key, cities, n=1):
        return f"did you mean {zones[cities[suggestions[0]]]}?"
    return "give a name such as Europe/Berlin or UTC."


def local_zone_name(environ: Mapping[str, str], localtime: str = "/etc/localtime") -> str:
    """Return the name of this machine's time zone, chosen in the same way as libc does.

    The variable TZ comes first, then the target of the link ``localtime``, then UTC.

    Raises:
        BadValue: ``localtime`` is not a link, and no file ``timezone`` beside it has the name.

    """
    name = environ.get("TZ")
    if name is None and os.path.lexists(localtime):
        name = os.readlink(localtime) if os.path.islink(localtime) else _debian_zone(localtime)
    return (name or "UTC").removeprefix(":").rpartition("zoneinfo/")[2]


def _debian_zone(localtime: str) -> str:
    """Return the zone's name from the file ``timezone``, for a ``localtime`` that is a copy."""
    try:
        with open(os.path.join(os.path.dirname(localtime), "timezone"), encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        raise BadValue(
            f"zone of {localtime} has no name: set TZ, or `tracker config set zone Europe/Berlin`."
        ) from None


def local_day(epoch: int, zone: tzinfo) -> int:
    """Return the local day of an instant in a zone, as days since 1970-01-01."""
    return datetime.fromtimestamp(epoch, zone).toordinal() - _EPOCH_ORDINAL


def day_start(day: int, zone: tzinfo) -> int:
    """Return the instant at which a local day begins in a zone."""
    return int(datetime.combine(day_to_date(day), time(), tzinfo=zone).timestamp())


def split_by_day(start_epoch: int, end_epoch: int, zone: tzinfo) -> list[tuple[int, int]]:
    """Split a stretch of time at the local midnights of a zone.

    Returns:
        (local day, seconds), one a day; a clock change makes a day of 23 or 25 hours.
    """
    parts = []
    while start_epoch < end_epoch:
        day = local_day(start_epoch, zone)
        part_end = min(end_epoch, day_start(day + 1, zone))
        parts.append((day, part_end - start_epoch))
        start_epoch = part_end
    return parts


def day_to_date(day: int) -> date:
    """Return the date of a number of days since 1970-01-01; the nearest where there is none."""
    ordinal = min(max(day + _EPOCH_ORDINAL, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(ordinal)


def date_to_day(day: date) -> int:
    """Return the days from 1970-01-01 to a date."""
    return day.toordinal() - _EPOCH_ORDINAL


def month_of_day(day: int) -> int:
    """Return the months from January 1970 to the month of a day (days since 1970-01-01)."""
    calendar_date = day_to_date(day)
    return (calendar_date.year - 1970) * 12 + calendar_date.month - 1


def first_day_of_month(month: int) -> int:
    """Return the first day of a month, both counted from January 1970."""
    return date_to_day(date(1970 + month // 12, month % 12 + 1, 1))


def format_month(month: int) -> str:
    """Write a month, counted from January 1970, as ``2026-03``."""
    return f"{1970 + month // 12}-{month % 12 + 1:02d}"


def approximate_day(day: int) -> str:
    """Return about when a day is: ``early March 2026``, ``mid-March 2026``, ``late March 2026``."""
    calendar_day = day_to_date(day)
    third = min((calendar_day.day - 1) // 10, 2)
    return f"{_THIRDS[third]}{_MONTHS[calendar_day.month - 1]} {calendar_day.year}"


def format_minutes(minutes: float) -> str:
    """Format minutes as ``45m`` or ``1h 30m``, rounded to the minute.

    >>> format_minutes(90)
    '1h 30m'
    """
    hours, remainder = divmod(round(minutes), 60)
    return f"{hours}h {remainder:02d}m" if hours else f"{remainder}m"


def format_instant(epoch: int, zone: tzinfo) -> str:
    """Format an instant as local time of a zone: ``2026-03-01 14:00``."""
    return f"{datetime.fromtimestamp(epoch, zone):%Y-%m-%d %H:%M}"
