"""Time zones, local days and months, and how durations and instants are printed.

What a person types is parsed by ``typed_times``. The timer's commands load this module: it imports
only the standard library.
"""

from __future__ import annotations

import os
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
OVERNIGHT_EFFORT_SECONDS = 4 * 3600
"""The same of a timer that runs over midnight."""

PAST_ONLY = "give a time that has passed, with its day if it was not today"
"""What to do about a time in the future."""

TOO_LATE = "the year is 9999; give an earlier one"
"""The end of that year cannot be computed in every zone."""

_THIRDS = ("early ", "mid-", "late ")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
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
    """Return the UTC offset of a local time as it is typed, e.g. ``+0100``.

    With a colon one west of Greenwich would be read as the end of a stretch, as in ``1:15-04:00``.
    """
    return f"{naive.replace(tzinfo=zone):%z}"


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


def share_by_day(parts: list[tuple[int, int]], seconds: int) -> list[tuple[int, int]]:
    """Share effort among days in proportion to the time on each; the shares add up to it.

    Args:
        parts: (local day, seconds) of the whole stretch, as :func:`split_by_day` returns it.
        seconds: The effort.

    Returns:
        (local day, seconds of effort).
    """
    span, elapsed, counted = sum(part for _, part in parts), 0, 0
    efforts = []
    for day, part in parts:
        elapsed += part
        effort = round(seconds * elapsed / span) - counted
        counted += effort
        efforts.append((day, effort))
    return efforts


def day_to_date(day: int) -> date:
    """Return the date of a number of days since 1970-01-01; the nearest where there is none."""
    ordinal = min(max(day + _EPOCH_ORDINAL, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(ordinal)


def to_epoch(instant: datetime | None) -> int | None:
    """Return an instant in whole epoch seconds; None of None."""
    return None if instant is None else int(instant.timestamp())


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
