"""Durations, instants and days as a person types them; the only parser of them.

A text such as "1h30m", "9:30" or "monday 14:00" must match as a whole, else it is refused.
The timer's commands load this module: it imports only the standard library, and ``re`` compiles and
caches each pattern on first use.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime

from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.domain.printing import quote

_LONGEST_SECONDS = 366 * times.DAY_SECONDS
_LONGEST_TEXT = 100
"""Characters of the longest text that may be a duration, an instant or a day."""

_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)\s*"
_DURATION = (
    rf"(?:{_NUMBER}(?:hours?|hrs?|h))?\s*"
    rf"(?:{_NUMBER}(?:minutes?|mins?|m))?\s*"
    rf"(?:{_NUMBER}(?:seconds?|secs?|s))?"
)
_CLOCK_DURATION = r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?"
_HOURS_AND_NUMBER = r"([0-9]{1,4})\s*(?:hours?|hrs?|h)\s*([0-5]?[0-9])"
"""``1h30``: what follows the hours is minutes."""
_MINUTES = r"[0-9]{1,6}"
"""``90``: a bare number is minutes."""

_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = tuple(name[:3] for name in _WEEKDAY_NAMES)
_WEEKDAY = (
    r"(?:last\s+)?(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY_OF_MONTH = r"[0-9]{1,2}"
_CALENDAR_DAY = rf"(?:{_DAY_OF_MONTH}\s+{_MONTH}|{_MONTH}\s+{_DAY_OF_MONTH})"
_HALF_YEAR = 183
"""Days up to today in which a day without a year lies."""
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAYS_AGO = r"([0-9]{1,4})\s+(day|week)s?\s+ago"
DAY = rf"today|yesterday|{_WEEKDAY}|[0-9]{{1,4}}\s+(?:day|week)s?\s+ago|{_CALENDAR_DAY}|{_DATE}"
_INSTANT = (
    rf"(?:(?P<day>{DAY})\s+|(?P<date>{_DATE})t)?"
    r"(?:(?P<word>noon|midnight)"
    r"|(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?\s*(?P<half>[ap]m)?"
    r"|(?P<hour12>[0-9]{1,2})\s*(?P<half12>[ap]m))"
    r"\s*(?P<offset>z|[+-][0-9]{2}:?[0-9]{2})?"
)


def parse_duration(text: str) -> int:
    """Return the seconds of a duration.

    It may be written as ``45m``, ``1h30m``, ``1h30``, ``1:30`` (hours and minutes), ``1.5h``,
    ``2 hours 5 minutes`` or ``90`` (minutes).

    >>> parse_duration("1.5 hours")
    5400

    Raises:
        BadValue: The text is something else, or longer than a year.

    """
    seconds = _duration_seconds(normalise(text))
    if seconds is None:
        raise BadValue(f"duration is {quote(text)}: write it as 45m, 1h30m, 1:30, 1.5h or 90.")
    if seconds > _LONGEST_SECONDS:
        raise BadValue(f"duration is {quote(text)}: give less than a year.")
    return seconds


def is_duration(text: str) -> bool:
    """Return whether a text is written as a duration with its units: a bare number may be a key.

    >>> is_duration("45m"), is_duration("45")
    (True, False)
    """
    lower_text = normalise(text)
    return not lower_text.isdecimal() and _duration_seconds(lower_text) is not None


def normalise(text: str) -> str:
    """Return a text stripped and in lower case; "", which names nothing, where it is too long."""
    return text.strip().lower() if len(text) <= _LONGEST_TEXT else ""


def _duration_seconds(text: str) -> int | None:
    """Return the seconds of a lower-case duration, or None if the text as a whole is none."""
    if re.fullmatch(_MINUTES, text):
        return int(text) * 60
    if pair := re.fullmatch(_HOURS_AND_NUMBER, text):
        return int(pair[1]) * 3600 + int(pair[2]) * 60
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


def parse_instant_after(
    text: str, start: datetime, *, now: datetime, until: datetime | None = None
) -> datetime:
    """Return the instant that a text names; of a clock time without a day the first after a start.

    One that would be too late is taken of the start's own day, so that a message can say that it is
    before the start.

    Args:
        text: As in :func:`parse_instant`.
        start: The start.
        now: The present, with its zone.
        until: The last instant that is not too late; None for the present.
    """
    until = until or now
    day = times.date_to_day(start.date())
    instant = parse_instant(text, now=now, day=day)
    if instant > start or not is_clock_time(text) or until.date() <= start.date():
        return instant
    next_instant = parse_instant(text, now=now, day=day + 1)
    return next_instant if next_instant <= until else instant


def is_clock_time(text: str, *, with_day: bool = False) -> bool:
    """Return whether a text names a time of day: without its day, or also with one.

    >>> is_clock_time("9:30"), is_clock_time("monday 9:30")
    (True, False)
    """
    match = re.fullmatch(_INSTANT, normalise(text))
    return match is not None and (with_day or not (match["day"] or match["date"]))


def is_instant(text: str) -> bool:
    """Return whether a text is written as an instant, whether there is such a time or not.

    >>> is_instant("monday 9:30"), is_instant("40 minutes ago"), is_instant("45m")
    (True, True, False)
    """
    lower_text = normalise(text)
    return (
        lower_text == "now"
        or _seconds_ago(lower_text) is not None
        or is_clock_time(lower_text, with_day=True)
    )


def is_day(text: str) -> bool:
    """Return whether a text is written as a day, whether there is such a day or not.

    >>> is_day("16 nov"), is_day("16 nov 9:00")
    (True, False)
    """
    return bool(re.fullmatch(DAY, normalise(text)))


def parse_instant(text: str, *, now: datetime, day: int | None = None) -> datetime:
    """Return the instant that a text names, in the zone of ``now``.

    Args:
        text: ``9:30`` (today), ``10am``, ``noon``, ``yesterday 14:00``, ``monday 9:30``,
            ``2 days ago 10:00``, ``16 nov 9:00``, ``2026-03-01 14:00``, ``40 minutes ago``,
            ``an hour ago``, ``-40m`` or ``now``. An offset may follow a clock time
            (``02:30+01:00``, ``14:00Z``); without one it is a local time of the zone of ``now``.
        now: The present, with its zone.
        day: The day of a clock time without one, since 1970-01-01; today if it is not given.

    Raises:
        BadValue: The text is something else, or :func:`times.resolve` refuses the local time.

    """
    lower_text = normalise(text)
    if lower_text == "now":
        return now
    if (past := _seconds_ago(lower_text)) is not None:
        return datetime.fromtimestamp(now.timestamp() - past, now.tzinfo)
    if match := re.fullmatch(_INSTANT, lower_text):
        return _clock_instant(text, match, now, day)
    if re.fullmatch(DAY, lower_text):
        raise BadValue(f"time is {quote(text)}: add the time of day, as in '{lower_text} 14:00'.")
    raise BadValue(
        f"time is {quote(text)}: write it as 9:30, 10am, 'yesterday 14:00', 'monday 9:30', "
        "'16 nov 9:30', '2026-03-01 14:00', '40 minutes ago' or -40m."
    )


def _seconds_ago(text: str) -> int | None:
    """Return the seconds of ``40 minutes ago``, ``an hour ago`` or ``-40m``; None for another."""
    if text.endswith(" ago"):
        amount = re.sub(r"^an?\s+(?=[a-z])", "1 ", text.removesuffix(" ago").rstrip())
        past = _duration_seconds(amount)
    elif text.startswith("-"):
        past = _duration_seconds(text[1:])
    else:
        return None
    return past if past is not None and past <= _LONGEST_SECONDS else None


def _clock_time(text: str, match: re.Match[str]) -> tuple[int, int, int]:
    """Return hour, minute and second of a match of ``_INSTANT``."""
    if match["word"]:
        return (12 if match["word"] == "noon" else 0), 0, 0
    hour = int(match["hour"] or match["hour12"])
    if half := match["half"] or match["half12"]:
        if not 1 <= hour <= 12:
            raise BadValue(f"time is {text!r}: hours before {half} go from 1 to 12.")
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour, int(match["minute"] or 0), int(match["second"] or 0)


def _clock_instant(
    text: str, match: re.Match[str], now: datetime, default_day: int | None
) -> datetime:
    """Return the instant of a match of ``_INSTANT``: a day (default today), a time, an offset."""
    local_zone = now.tzinfo
    if local_zone is None:
        raise ValueError("now is naive: give it with its zone")
    day_text = match["day"] or match["date"]
    if day_text or default_day is None:
        default_day = parse_day(day_text or "today", now=now)
    day = times.day_to_date(default_day)
    if day.year == date.max.year:
        raise BadValue(f"time is {text!r}: {times.TOO_LATE}.")
    hour, minute, second = _clock_time(text, match)
    try:
        naive = datetime(day.year, day.month, day.day, hour, minute, second)
    except ValueError:
        raise BadValue(
            f"time is {text!r}: hours go from 0 to 23, minutes and seconds from 0 to 59."
        ) from None
    if not match["offset"]:
        return datetime.fromtimestamp(times.resolve(naive, local_zone, "refuse"), local_zone)
    try:
        instant = datetime.fromisoformat(f"{naive.isoformat()}{match['offset'].upper()}")
        return instant.astimezone(local_zone)
    except ValueError:
        raise BadValue(f"time is {text!r}: its offset is not between -23:59 and +23:59.") from None


def parse_day(text: str, *, now: datetime) -> int:
    """Return the day that a text names, as days since 1970-01-01.

    Args:
        text: ``2026-03-01``, ``today``, ``yesterday``, ``monday`` (the latest one, which may be
            today), ``last monday`` (the latest one before today), ``3 days ago``, ``2 weeks ago``,
            ``16 nov`` or ``nov 16`` (in the half year up to today).
        now: The present, whose zone decides which day is today.

    Raises:
        BadValue: The text is something else, or names a day before 1970.

    """
    lower_text = normalise(text)
    today = times.date_to_day(now.date())
    if lower_text in ("today", "yesterday"):
        return today - (lower_text == "yesterday")
    if match := re.fullmatch(_DAYS_AGO, lower_text):
        return today - int(match[1]) * (7 if match[2] == "week" else 1)
    if re.fullmatch(_WEEKDAY, lower_text):
        *last, name = lower_text.split()
        days_since = (now.weekday() - _WEEKDAYS.index(name[:3])) % 7
        return today - (7 if last and not days_since else days_since)
    if re.fullmatch(_CALENDAR_DAY, lower_text):
        return _recent_calendar_day(text, lower_text, now.date())
    if re.fullmatch(_DATE, lower_text):
        try:
            day = times.date_to_day(date.fromisoformat(lower_text))
        except ValueError:
            raise BadValue(f"date is {text!r}: there is no such day.") from None
        if day < 0:
            raise BadValue(f"date is {text!r}: give a day from 1970 on.")
        return day
    raise BadValue(
        f"date is {quote(text)}: write it as 2026-03-01, '16 nov', today, yesterday, monday or "
        "'3 days ago'."
    )


def format_duration(seconds: float) -> str:
    """Return a duration in whole minutes as :func:`parse_duration` reads it, without blanks.

    >>> format_duration(5400), format_duration(7200)
    ('1h30m', '2h')
    """
    text = times.format_minutes(seconds / 60).replace(" ", "")
    return text.removesuffix("00m") if "h" in text else text


def format_day(day: int, today: int) -> str:
    """Return a past day as :func:`parse_day` reads it: ``yesterday``, ``friday``, ``2026-03-01``.

    Args:
        day: The day, since 1970-01-01.
        today: The present day.
    """
    if day == today - 1:
        return "yesterday"
    if day < today - 6:
        return times.day_to_date(day).isoformat()
    return _WEEKDAY_NAMES[times.day_to_date(day).weekday()]


def _recent_calendar_day(text: str, lower_text: str, today: date) -> int:
    """Return the day of ``16 nov`` or ``nov 16`` in the half year up to today.

    Raises:
        BadValue: There is no such day then: the year is not guessed.
    """
    month_name, number = sorted(lower_text.split(), key=str.isdecimal)
    month, day = _MONTHS.index(month_name[:3]) + 1, int(number)
    for year in (today.year, today.year - 1):
        with suppress(ValueError):
            calendar_day = date(year, month, day)
            if 0 <= (today - calendar_day).days <= _HALF_YEAR:
                return times.date_to_day(calendar_day)
    raise BadValue(
        f"date is {text!r}, which is not a day of the last half year: write it with its year, "
        f"such as {today.year}-{month:02d}-{min(day, 28):02d}."
    )
