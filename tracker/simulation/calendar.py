"""Lays work out in working hours: a developer does one thing after another.

Times are local, in minutes since 1970-01-01. Working hours are those of Monday to Friday; the
clocks change outside of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tracker.evidence.moments import Floats, Integers, Mask
from tracker.simulation.work_model import DAYS_OF_WEEK

DAY_MINUTES = 1440

_WORKDAYS = 5
_FIRST_MINUTE, _LAST_MINUTE = 9 * 60, 18 * 60
_STEP_MINUTES = 5
"""Effort is rounded to this."""
_MOST_SITTINGS = 9
"""More do not fit into a day."""


class Sittings(NamedTuple):
    """When a developer works; arrays by sitting, in order of time."""

    started: Integers
    minutes: Integers
    interruption: Integers
    """Minutes of interruption at the end of the sitting."""


class Entries(NamedTuple):
    """Work in sittings; arrays by entry, in order of time."""

    item: Integers
    """The number of the work item, in the order of work."""
    started: Integers
    minutes: Integers
    interruption: Integers
    completes: Mask
    """Whether the work item is complete at the end of the entry."""


def draw_sittings(first_day: int, weeks: int, rng: np.random.Generator) -> Sittings:
    """Draw the sittings of a developer: about an hour to two each, and six hours a workday.

    Args:
        first_day: A Monday, in days since 1970-01-01.
        weeks: The number of weeks.
        rng: The random generator.

    """
    day = first_day + np.add.outer(DAYS_OF_WEEK * np.arange(weeks), np.arange(_WORKDAYS)).ravel()
    shape = (len(day), _MOST_SITTINGS)
    minutes = _STEP_MINUTES * rng.integers(11, 23, shape)
    interruption = rng.choice((0, 0, 0, 5, 10), shape)
    pause = rng.integers(5, 40, shape)
    arrival = _FIRST_MINUTE + rng.integers(0, 30, (len(day), 1))
    ended = arrival + (minutes + interruption + pause).cumsum(axis=1) - pause
    started = day[:, np.newaxis] * DAY_MINUTES + ended - interruption - minutes
    in_hours = ended <= _LAST_MINUTE
    return Sittings(started[in_hours], minutes[in_hours], interruption[in_hours])


def lay_out(minutes: Floats, sittings: Sittings) -> Entries:
    """Lay work items out one after the other; what the sittings do not hold is left out.

    Args:
        minutes: The effort of each work item, in the order of work.
        sittings: The sittings of the developer.

    """
    steps = np.maximum(1, np.round(minutes / _STEP_MINUTES)).astype(np.int64)
    item_ends, sitting_ends = _STEP_MINUTES * steps.cumsum(), sittings.minutes.cumsum()
    ends = np.union1d(item_ends, sitting_ends)
    ends = ends[ends <= min(item_ends[-1], sitting_ends[-1])]
    item, sitting = np.searchsorted(item_ends, ends), np.searchsorted(sitting_ends, ends)
    effort = np.diff(ends, prepend=0)
    remaining = sitting_ends[sitting] - ends
    return Entries(
        item=item,
        started=sittings.started[sitting] + sittings.minutes[sitting] - remaining - effort,
        minutes=effort,
        interruption=np.where(remaining == 0, sittings.interruption[sitting], 0),
        completes=ends == item_ends[item],
    )
