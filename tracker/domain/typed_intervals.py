"""Stretches of work as a person types them: ``13:00-14:30``, ``9:05-``, ``17:00 20m``, ``45m``.

What a text leaves open, such as the day of a time or the end of ``9:05-``, the command decides.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tracker.domain import typed_times
from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.typed_times import DAY, normalise

_MINUTE_CLOCK = (
    r"(?:noon|midnight|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s*[ap]m)?|[0-9]{1,2}\s*[ap]m)"
)
_OFFSET = r"(?:\s*(?:z|[+-][0-9]{2}:?[0-9]{2}))"
"""Which of the two times is meant where the clock shows one twice: ``1:15-0400``."""
_CLOCK = rf"(?:{_MINUTE_CLOCK}{_OFFSET}?|[0-9]{{1,2}})"
_DAYS_CLOCK = rf"(?:(?:{DAY})\s+)?{_CLOCK}"
_SPAN = rf"(?P<start>{_DAYS_CLOCK})\s*[-–]\s*(?P<end>{_CLOCK})"
_START = rf"(?P<start>{_DAYS_CLOCK})\s*[-–]"
_END = rf"[-–]\s*(?P<end>{_DAYS_CLOCK})"
_PAIR = rf"(?P<start>(?:(?:{DAY})\s+)?{_MINUTE_CLOCK})\s+(?P<end>{_MINUTE_CLOCK})"
_HOURS = r"[-–]?\s*[0-9]{1,2}\s*[-–]?(?:\s*[0-9]{1,2})?"
"""Bare numbers, which may be anything, such as the key of a task."""
_TIME_LIKE = r"^[-–]|[0-9]\s*[-–]|:[0-9]+\s"
"""Of a text that is no stretch of work: it was meant as times, not as a duration."""
_NUMBER_AND_UNIT = r"[0-9][0-9.,:]*\s+[^\W\d]\S*"
"""``45 minuten``: of a text that is no stretch of work, it was meant as a duration."""
_HOUR_AT_END = r"(?:^|(?<=\s))[0-9]{1,2}$"


class TypedInterval(NamedTuple):
    """A stretch of work as it was typed; None for what the text does not say."""

    start: str | None = None
    end: str | None = None
    seconds: int | None = None
    """The effort."""
    limit: str | None = None
    """A time after the effort, as in ``1h 15:30``: the start or the end."""
    is_pair: bool = False
    """Whether two times stand without a dash: the first may be meant as a duration, ``1:30``."""


def parse_interval(text: str) -> TypedInterval:
    """Return what a text says of a stretch of work.

    >>> parse_interval("9:05-10:15").end, parse_interval("monday 17:00 20m").seconds
    ('10:15', 1200)

    Args:
        text: ``9:05-10:15``, ``9-10:30``, ``9:05-``, ``-10:15``, ``9:05 10:15``, ``9:05 45m``,
            ``9:05-10:15 45m``, ``45m 9:05``, or a duration alone. A day may stand before the
            first time.

    Raises:
        BadValue: The text is something else, or the duration is nothing or too long.
    """
    lower_text = normalise(text)
    if limits := _limits(lower_text):
        return limits
    if pair := re.fullmatch(_PAIR, lower_text):
        return TypedInterval(pair["start"], pair["end"], is_pair=True)
    words = lower_text.split()
    for number in range(1, len(words)):
        parts = " ".join(words[:number]), " ".join(words[number:])
        if (interval := _with_effort(*parts)) is not None:
            return interval
    if typed_times.is_day(lower_text):
        raise BadValue(
            f"times are {quote(text)}, a day alone: add the time of day, as in "
            f"'{lower_text} 9:00-10:30' or '{lower_text} 9:00 45m'."
        )
    if typed_times.is_duration(lower_text):
        return TypedInterval(seconds=_effort(text))
    is_sentence = len(words) > 1 and not re.fullmatch(_NUMBER_AND_UNIT, lower_text)
    if is_sentence or re.search(_TIME_LIKE, lower_text):
        raise BadValue(
            f"times are {quote(text)}: write them as 9:05-10:15, 9:05- or -10:15, or as 9:05 45m; "
            "a day may stand before a time, as in monday 9:05 45m."
        )
    return TypedInterval(seconds=_effort(text))


def is_interval(text: str) -> bool:
    """Return whether a text is written as a stretch of work: bare numbers may be a key.

    >>> is_interval("13:00-14:30"), is_interval("45m"), is_interval("9-10"), is_interval("45")
    (True, True, False, False)
    """
    lower_text = normalise(text)
    if lower_text.isdecimal() or re.fullmatch(_HOURS, lower_text):
        return False
    if typed_times.is_duration(lower_text):
        return True
    try:
        parse_interval(lower_text)
    except BadValue:
        return False
    return True


def _limits(text: str) -> TypedInterval | None:
    """Return the start, the end or both of a lower-case text with a dash; None for another one."""
    for pattern in (_START, _END, _SPAN):
        if match := re.fullmatch(pattern, text):
            start, end = (match.groupdict().get(name) for name in ("start", "end"))
            return TypedInterval(start and _with_minutes(start), end and _with_minutes(end))
    return None


def _with_effort(first: str, last: str) -> TypedInterval | None:
    """Return the stretch of work of two lower-case texts, one of which is an effort; else None."""
    for effort, other in ((last, first), (first, last)):
        # 1:30 may be a time, and 9-10 the key of a task
        if ":" in effort or not typed_times.is_duration(effort) or re.fullmatch(_HOURS, other):
            continue
        if limits := _limits(other):
            return limits._replace(seconds=_effort(effort))
        if other is first and typed_times.is_instant(other):
            return TypedInterval(start=other, seconds=_effort(effort))
        if other is last and typed_times.is_clock_time(other, with_day=True):
            return TypedInterval(seconds=_effort(effort), limit=other)
    return None


def _effort(text: str) -> int:
    seconds = typed_times.parse_duration(text)
    if not seconds:
        raise BadValue(f"duration is {quote(text)}: give more than nothing.")
    return seconds


def _with_minutes(text: str) -> str:
    """Return a time whose bare hour has its minutes: ``monday 9:00`` for ``monday 9``."""
    return re.sub(_HOUR_AT_END, r"\g<0>:00", text)
