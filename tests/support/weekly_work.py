"""Made-up work of 40 weeks with a rollout halfway, for the tests of the charts' data."""

from __future__ import annotations

import numpy as np
import pandas as pd
from support import panels

from tracker.domain.times import month_of_day
from tracker.evidence.charts.course import first_day_of_week
from tracker.evidence.moments import Cells
from tracker.evidence.results import Interval

CUT = 15_999  # a Monday
FIRST_WEEK = (CUT + 3) // 7 - 20


def work(developers: int = 8, n: int = 2000, per_week: float = 1.0) -> pd.DataFrame:
    """Return 40 weeks of work items: y = 1 + 0.7 x + noise, less 0.4 from ``CUT`` on, halfway."""
    rng = np.random.default_rng(4)
    week = np.sort(rng.integers(0, round(40 * per_week), n)) / per_week
    x = rng.normal(4, 0.8, n)
    after = week >= 20
    items = panels.frame(
        developer=[f"d{d}" for d in rng.integers(0, developers, n)],
        arm=np.where(after, "assistance", "baseline"),
        minutes=np.exp(1 + 0.7 * x - 0.4 * after + rng.normal(0, 0.5, n)),
        estimate_minutes=np.exp(x),
    )
    return items.assign(month=FIRST_WEEK + week.astype(int))


def by_week(items: pd.DataFrame) -> pd.DataFrame:
    """Return weekly moments (``work`` stores the week as the month)."""
    moments = panels.moments(items)
    return moments.assign(
        month=[month_of_day(first_day_of_week(int(week))) for week in moments["period"]]
    )


def counting(closed: Cells, last_day: int) -> Interval:
    """Return an interval made of the number of items and the first and last period, for tests."""
    return Interval(float(closed.items), float(closed.period.min()), float(closed.period.max()))
