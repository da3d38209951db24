"""Entries that may be one stretch of work stored twice: same developer, same start."""

from __future__ import annotations

from datetime import datetime

from tracker.domain import times

_DAY_ONLY = ((0, 0, 0), (12, 0, 0))
"""The time of day of entries of which only the day is known: midnight, or noon as tracker sets."""


def has_time_of_day(started_epoch: int, ended_epoch: int | None, zone: str) -> bool:
    """Whether the start of an entry is more than its day.

    Args:
        started_epoch: The start.
        ended_epoch: The end; where it is known, so is the start.
        zone: The zone of the entry.
    """
    if ended_epoch is not None:
        return True
    start = datetime.fromtimestamp(started_epoch, times.zone(zone))
    return (start.hour, start.minute, start.second) not in _DAY_ONLY
