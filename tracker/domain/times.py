"""Words for time: "1h30m", "9:30", "yesterday 14:00", zones, local days. What is not understood whole is refused.

On the timer's path: standard library only, and patterns are compiled at their first use (``re`` keeps them).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from tracker.domain.errors import BadValue

Ambiguous = Literal["refuse", "earlier", "later"]

_EPOCH = datetime(1970, 1, 1)
"""Subtracted from naive local times only."""
_DAY = timedelta(days=1)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
DAY_SECONDS = 86_400
_LONGEST_SECONDS = 366 * DAY_SECONDS

_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)\s*"
_DURATION = (
    rf"(?:{_NUMBER}(?:hours?|hrs?|h))?\s*"
    rf"(?:{_NUMBER}(?:minutes?|mins?|m))?\s*"
    rf"(?:{_NUMBER}(?:seconds?|secs?|s))?"
)
_CLOCK_DURATION = r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?"
_INSTANT = (
    r"(?:(?P<day>today|yesterday|[0-9]{4}-[0-9]{2}-[0-9]{2})\s+|(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})t)?"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"\s*(?P<offset>z|[+-][0-9]{2}:?[0-9]{2})?"
)


def parse_duration(text: str) -> int:
    """Seconds of ``45m``, ``1h30m``, ``1:30`` (hours and minutes), ``1.5h``, ``2 hours 5 minutes``; at most a year.

    Raises BadValue for anything else, a bare number included.

    >>> parse_duration("1.5 hours")
    5400
    """
    seconds = _seconds(text.strip().lower())
    if seconds is None:
        raise BadValue(f"duration is {text!r}: write it as 45m, 1h30m, 1:30 or 1.5h.")
    if seconds > _LONGEST_SECONDS:
        raise BadValue(f"duration is {text!r}: give less than a year.")
    return seconds


def _seconds(text: str) -> int | None:
    """The seconds that a lower-case duration stands for, None where it is not one as a whole."""
    if clock := re.fullmatch(_CLOCK_DURATION, text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    units = re.fullmatch(_DURATION, text)
    given = (
        [(part, size) for part, size in zip(units.groups(), (3600, 60, 1), strict=True) if part]
        if units
        else []
    )
    if not given:
        return None
    amounts = [(float(part.replace(",", ".")), size) for part, size in given]
    if any(not amount.is_integer() for amount, _ in amounts[:-1]):
        return None  # "1.5h 30m": a fraction of all but the smallest unit is a slip
    if any(amount >= 60 for amount, _ in amounts[1:]):
        return None  # "1h90m" likewise
    return round(sum(amount * size for amount, size in amounts))


def parse_instant(text: str, *, now: datetime) -> datetime:
    """The instant of ``9:30`` (today), ``yesterday 14:00``, ``2026-03-01 14:00``, ``40 minutes ago`` or ``now``.

    Clock times are of the zone of ``now`` (aware) unless an offset follows (``02:30+01:00``, ``14:00Z``); the result
    is in the zone of ``now``. Raises BadValue for what is not understood whole, and as :func:`resolve` does.
    """
    words = text.strip().lower()
    if words == "now":
        return now
    if words.endswith(" ago"):
        past = _seconds(words.removesuffix(" ago").rstrip())
        if past is not None and past <= _LONGEST_SECONDS:
            return datetime.fromtimestamp(now.timestamp() - past, now.tzinfo)
    elif found := re.fullmatch(_INSTANT, words):
        return _clock_instant(text, found, now)
    raise BadValue(
        f"time is {text!r}: write it as 9:30, 'yesterday 14:00', '2026-03-01 14:00' or '40 minutes ago'."
    )


def _clock_instant(text: str, found: re.Match[str], now: datetime) -> datetime:
    """The instant of a day (today where none is given), a clock time and perhaps an offset."""
    here = now.tzinfo
    if here is None:
        raise ValueError("now is naive: give it with its zone")
    day = day_to_date(parse_day(found["day"] or found["date"] or "today", now=now))
    try:
        naive = datetime(
            day.year,
            day.month,
            day.day,
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"] or 0),
        )
    except ValueError:
        raise BadValue(
            f"time is {text!r}: hours go from 0 to 23, minutes and seconds from 0 to 59."
        ) from None
    if not found["offset"]:
        return datetime.fromtimestamp(resolve(naive, here, "refuse"), here)
    try:
        return datetime.fromisoformat(f"{naive.isoformat()}{found['offset'].upper()}").astimezone(
            here
        )
    except ValueError:
        raise BadValue(f"time is {text!r}: its offset is not between -23:59 and +23:59.") from None


def parse_day(text: str, *, now: datetime) -> int:
    """The day of ``2026-03-01``, ``today``, ``yesterday``, ``3 days ago``, as days since 1970-01-01.

    Today is that of ``now`` in its own zone. Raises BadValue for anything else, and for a day before 1970.
    """
    words = text.strip().lower()
    today = date_to_day(now.date())
    if words in ("today", "yesterday"):
        return today - (words == "yesterday")
    if ago := re.fullmatch(r"([0-9]{1,4}) (day|week)s? ago", words):
        return today - int(ago[1]) * (7 if ago[2] == "week" else 1)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", words):
        try:
            day = date_to_day(date.fromisoformat(words))
        except ValueError:
            raise BadValue(f"date is {text!r}: there is no such day.") from None
        if day < 0:
            raise BadValue(f"date is {text!r}: give a day from 1970 on.")
        return day
    raise BadValue(f"date is {text!r}: write it as 2026-03-01, today, yesterday or '3 days ago'.")


def resolve(naive: datetime, zone: tzinfo, ambiguous: Ambiguous) -> int:
    """Seconds since 1970 UTC of a local time; ``ambiguous`` says what to do with the hour a clock change doubles.

    Raises BadValue naming both readings where it is ``refuse``, and naming the jump for a time that the clock skipped.
    """
    offset = _utc_offset(naive, zone)
    if not _utc_offset(naive - _DAY, zone) == offset == _utc_offset(naive + _DAY, zone):
        offset = _offset_near_change(
            naive, zone, ambiguous
        )  # apart, since looking for a second reading costs thrice this
    since = naive - _EPOCH - offset
    return since.days * DAY_SECONDS + since.seconds


def _utc_offset(naive: datetime, zone: tzinfo) -> timedelta:
    offset = zone.utcoffset(naive)
    if offset is None:
        raise ValueError(f"{zone} has no offsets")
    return offset


def _offset_near_change(naive: datetime, zone: tzinfo, ambiguous: Ambiguous) -> timedelta:
    """The offset of a local time within a day of a clock change, where there may be two or none."""
    again = naive.replace(fold=1)
    first, second = _utc_offset(naive, zone), _utc_offset(again, zone)
    if first < second:
        raise BadValue(_skipped(naive, zone, first, second))
    if first > second and ambiguous == "refuse":
        stamp = f"{naive:%Y-%m-%d %H:%M}"
        raise BadValue(
            f"time is {stamp}: it came twice in {zone}, as {stamp}{_offset_text(naive, zone)} and as "
            f"{stamp}{_offset_text(again, zone)}; give the one you mean."
        )
    return second if ambiguous == "later" else first


def _skipped(naive: datetime, zone: tzinfo, before: timedelta, after: timedelta) -> str:
    """What to say of a local time that lies in a gap: where the clock jumped from and to."""
    low, high = ((naive - _EPOCH - offset) // timedelta(seconds=1) for offset in (after, before))
    while high - low > 1:
        middle = (low + high) // 2
        jumped = datetime.fromtimestamp(middle, zone).utcoffset() == after
        low, high = (low, middle) if jumped else (middle, high)
    start, end = (_EPOCH + timedelta(seconds=high) + offset for offset in (before, after))
    end_text = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return (
        f"time is {naive:%Y-%m-%d %H:%M}: it does not exist in {zone}, where the clock jumped from "
        f"{start:%Y-%m-%d %H:%M} to {end_text}; give a time outside the gap."
    )


def _offset_text(naive: datetime, zone: tzinfo) -> str:
    """``+01:00``."""
    return naive.replace(tzinfo=zone, microsecond=0).isoformat()[19:]


def zone(name: str) -> ZoneInfo:
    """The zone of that name, e.g. ``Europe/Berlin``; BadValue with the nearest name where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: "America" is a folder of the zone database
        raise BadValue(f"zone is {name!r}: {_nearest_zone(name)}") from None


def _nearest_zone(name: str) -> str:
    """What to do instead of an unknown zone: the nearest name, where one is near."""
    # Late: they read the whole zone database, and only a refusal needs them.
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    known = {key.lower(): key for key in sorted(available_timezones())}
    cities = {key.rpartition("/")[2]: key for key in known}
    wanted = name.lower().replace(" ", "_")
    if near := get_close_matches(wanted, known, n=1):
        return f"did you mean {known[near[0]]}?"
    if near := get_close_matches(wanted, cities, n=1):
        return f"did you mean {known[cities[near[0]]]}?"
    return "give a name such as Europe/Berlin or UTC."


def local_zone_name(environ: Mapping[str, str], localtime: str = "/etc/localtime") -> str:
    """The name of this machine's zone: TZ, else where the link ``localtime`` points, else UTC (as libc has it)."""
    name = environ.get("TZ")
    if name is None and os.path.lexists(localtime):
        name = os.readlink(localtime) if os.path.islink(localtime) else _debian_zone(localtime)
    return (name or "UTC").removeprefix(":").rpartition("zoneinfo/")[2]


def _debian_zone(localtime: str) -> str:
    """The zone's name where ``localtime`` is a copy of the zone's file: it stands in ``timezone`` beside it."""
    try:
        with open(os.path.join(os.path.dirname(localtime), "timezone"), encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        raise BadValue(
            f"zone of {localtime} has no name: set TZ, or `tracker config set zone Europe/Berlin`."
        ) from None


def local_day(epoch: int, zone: tzinfo) -> int:
    """The day of an instant in a zone, as days since 1970-01-01."""
    return datetime.fromtimestamp(epoch, zone).toordinal() - _EPOCH_ORDINAL


def day_to_date(day: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


def date_to_day(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def month_of_day(day: int) -> int:
    """Months since January 1970 of a number of days since 1970-01-01."""
    date_ = day_to_date(day)
    return (date_.year - 1970) * 12 + date_.month - 1


def format_minutes(minutes: float) -> str:
    """Minutes for a person: ``45m``, ``1h 30m``.

    >>> format_minutes(90)
    '1h 30m'
    """
    hours, rest = divmod(round(minutes), 60)
    return f"{hours}h {rest:02d}m" if hours else f"{rest}m"


def format_instant(epoch: int, zone: tzinfo) -> str:
    """An instant for a person, in a zone: ``2026-03-01 14:00``."""
    return f"{datetime.fromtimestamp(epoch, zone):%Y-%m-%d %H:%M}"
