"""Today's pace: how many work items a week are finished, and when a number of them will be.

The weekly counts of the last weeks of the log are taken as an over-dispersed Poisson process: their
variance is φ times their mean, with φ from Pearson's χ² and at least 1. The time in which m items
are finished is m / pace. Its interval has the factor e^(± z·√(φ/C + φ/m)): C counted items
determine the pace, and the m items vary themselves.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tracker.evidence.intervals import normal_quantile
from tracker.evidence.planning.plan import Duration, Pace

WEEKS = 12
"""Weeks at the end of the log that the pace is taken from."""

MIN_WEEKS = 2
"""A log of fewer weeks has no pace."""

LEVEL = 0.8
"""Level of the interval of a duration."""

DAYS_OF_A_WEEK = 7


def pace_of(finished: pd.DataFrame, *, now_day: int, first_day: int, share: float) -> Pace | None:
    """Return the pace at the end of a log.

    Args:
        finished: Columns ``finished_day`` (the day from which items counted as finished; missing
            for those that do not) and ``n``.
        now_day: The day of "now", as days since 1970-01-01.
        first_day: The first day of the log.
        share: The share of the finished items that count in a study.

    Returns:
        The pace; None where the log is too short, or where nothing was finished in its last weeks.

    """
    weeks = min(WEEKS, (now_day - first_day + 1) // DAYS_OF_A_WEEK)
    if weeks < MIN_WEEKS:
        return None
    days = finished["finished_day"].to_numpy(dtype=np.float64)
    counted = np.isfinite(days) & (days <= now_day) & (days > now_day - DAYS_OF_A_WEEK * weeks)
    week = ((now_day - days[counted]) // DAYS_OF_A_WEEK).astype(np.int64)
    counts = np.bincount(
        week, weights=finished["n"].to_numpy(dtype=np.float64)[counted], minlength=weeks
    )
    mean = float(counts.mean())
    if not mean * share > 0:
        return None
    dispersion = max(1.0, float(((counts - mean) ** 2).sum() / mean / (weeks - 1)))
    return Pace(items=share * weeks * mean, weeks=weeks, dispersion=dispersion)


def duration_of(pace: Pace, items: int, *, lag_days: int = 0) -> Duration:
    """Return in how many weeks further items will be finished.

    Args:
        pace: Today's pace.
        items: Their number.
        lag_days: Days from the last item's first entry until it counts as finished, to be added
            where the study's first item is still to begin.

    """
    weeks, lag = items / pace.per_week, lag_days / DAYS_OF_A_WEEK
    z = normal_quantile((1 + LEVEL) / 2)
    spread = z * math.sqrt(pace.dispersion / pace.items + pace.dispersion / max(items, 1))
    return Duration(lag + weeks, lag + weeks * math.exp(-spread), lag + weeks * math.exp(spread))
