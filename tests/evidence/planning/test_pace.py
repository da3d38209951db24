"""Today's pace, and when a number of work items is finished."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tracker.evidence.planning.pace import LEVEL, WEEKS, duration_of, pace_of
from tracker.evidence.planning.plan import Pace

NOW = 20_000


def finished(*days: float) -> pd.DataFrame:
    """Return a frame of items that were finished on these days."""
    return pd.DataFrame({"finished_day": days, "n": 1}, dtype=float)


def test_the_pace_is_that_of_the_last_weeks():
    """Older work, unfinished work and work after "now" do not count."""
    recent = [NOW - 7 * week - 1 for week in range(WEEKS) for _ in range(3)]
    old = [NOW - 7 * WEEKS, NOW - 500, np.nan, NOW + 1]
    pace = pace_of(finished(*recent, *old), now_day=NOW, first_day=NOW - 600, share=1.0)
    assert pace.per_week == 3.0
    assert pace.dispersion == 1.0


def test_a_share_of_the_items_counts():
    """Items that do not count in a study do not count for its pace."""
    days = [NOW - 7 * week for week in range(WEEKS)]
    pace = pace_of(finished(*days), now_day=NOW, first_day=NOW - 600, share=0.5)
    assert pace.per_week == 0.5


def test_a_short_log_has_the_pace_of_its_weeks():
    """Three weeks of a log count as three; one week has no pace, nor have weeks without work."""
    three_weeks = {"now_day": NOW, "first_day": NOW - 20, "share": 1.0}
    pace = pace_of(finished(NOW, NOW - 8, NOW - 15), **three_weeks)
    assert (pace.weeks, pace.per_week) == (3, 1.0)
    assert pace_of(finished(NOW), now_day=NOW, first_day=NOW - 6, share=1.0) is None
    assert pace_of(finished(NOW - 90), now_day=NOW, first_day=NOW - 200, share=1.0) is None


def test_weeks_that_vary_widen_the_interval():
    """φ is Pearson's χ² of the weekly counts over their number less one."""
    days = [NOW - 7 * week for week in range(0, WEEKS, 2) for _ in range(8)]
    pace = pace_of(finished(*days), now_day=NOW, first_day=NOW - 600, share=1.0)
    counts = np.tile([8, 0], WEEKS // 2)
    assert pace.dispersion == pytest.approx(counts.var(ddof=1) / counts.mean())
    steady = Pace(pace.items, pace.weeks, 1.0)
    assert duration_of(pace, 40).weeks == duration_of(steady, 40).weeks == 10.0
    assert duration_of(pace, 40).high > duration_of(steady, 40).high


def test_the_interval_of_a_duration_covers_as_often_as_it_says():
    """Of Poisson weeks, the time of the next 40 items lies in the interval four times of five."""
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        counts = rng.poisson(4.0, WEEKS)
        pace = Pace(float(counts.sum()), WEEKS, 1.0)
        duration = duration_of(pace, 40)
        covered += duration.low <= rng.gamma(40) / 4.0 <= duration.high
    assert covered / 1000 == pytest.approx(LEVEL, abs=0.04)


def test_a_study_that_is_yet_to_begin_takes_longer():
    """By the days until its last work item counts as finished."""
    pace = Pace(48.0, 12, 1.0)
    later, now = duration_of(pace, 40, lag_days=14), duration_of(pace, 40)
    assert later.weeks - now.weeks == 2.0
    assert later.low - now.low == pytest.approx(2.0)
