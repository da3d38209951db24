"""The estimand table, and the error of a median."""

from __future__ import annotations

import numpy as np
import pytest
from support import panels

from tracker.evidence import estimands
from tracker.evidence.moments import cells_from_items


def test_the_table_shows_where_typical_and_total_differ():
    """When only short tasks get slower, the typical task loses more than total hours do."""
    work = panels.items(np.random.default_rng(0), developers=10, per_developer=60, spread=0.4)
    short = work["estimate_minutes"] < work["estimate_minutes"].median()
    work.loc[short & (work["arm"] == "assistance"), "minutes"] *= 3.0
    table = {
        estimand.name: estimand for estimand in estimands.estimand_table(panels.estimate(work))
    }
    assert set(table) == {"typical task", "total hours", "hours per estimated hour", "median task"}
    typical = table["typical task"].time_ratio.estimate
    assert table["total hours"].time_ratio.estimate < typical - 0.2
    for estimand in table.values():
        ratio = estimand.time_ratio
        assert ratio.low < ratio.estimate < ratio.high
        assert estimand.assistance / estimand.baseline == pytest.approx(ratio.estimate)


def test_without_an_interval_there_is_no_table():
    """The other estimands are not reported where the headline has no interval."""
    work = panels.items(np.random.default_rng(0), developers=1, per_developer=5)
    assert estimands.estimand_table(panels.estimate(work)) == ()


def test_leave_one_out_medians_equal_medians_of_the_rest():
    """The shortcut by ranks gives the median without each developer's values."""
    work = panels.items(np.random.default_rng(0), developers=9, effect_spread=0.2)
    cells = cells_from_items(work)
    medians = estimands._leave_one_out_medians(cells.y, cells.developer, cells.developers)
    expected = [np.median(cells.y[cells.developer != g]) for g in range(cells.developers)]
    assert medians == pytest.approx(expected, rel=1e-12)


def test_the_error_of_a_median_of_normal_values():
    """It is near 1.253σ/√n."""
    rng = np.random.default_rng(0)
    mean_error = np.mean([estimands._median_error(rng.normal(0, 2.0, 60)) for _ in range(300)])
    assert mean_error == pytest.approx(1.253 * 2.0 / np.sqrt(60), rel=0.1)
