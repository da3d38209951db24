"""The spread of work items, from both arms and from a baseline."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from support import panels

from tracker.evidence.moments import cells_from_items, cells_from_moments
from tracker.evidence.planning.spread import (
    baseline_spread,
    item_spread,
    residual_spread,
    spread_of_rows,
)
from tracker.evidence.sample import select_sample


def work(spread: float = 0.7):
    return panels.items(np.random.default_rng(0), developers=20, per_developer=80, spread=spread)


def test_the_spread_is_that_of_the_items():
    """σ from HC3, from the residuals and from the baseline alone is the simulated spread."""
    rows = select_sample(cells_from_items(work()), "randomised")
    sums = select_sample(cells_from_moments(panels.moments(work())), "randomised")
    baseline = rows.cells.select(rows.cells.arm == 0)
    assert spread_of_rows(rows) == pytest.approx(0.7, rel=0.05)
    assert residual_spread(sums.cells, sums.terms) == pytest.approx(0.7, rel=0.05)
    assert baseline_spread(baseline, adjusted=True) == pytest.approx(0.7, rel=0.05)


def test_the_spread_of_a_baseline_alone():
    """Without any work with assistance σ comes from the fit on developers and estimates."""
    baseline = work()
    baseline["arm"] = "baseline"
    assert item_spread(panels.estimate(baseline, None)) == pytest.approx(0.7, rel=0.05)
    without_rows = dataclasses.replace(panels.estimate(baseline, None), items=None)
    assert item_spread(without_rows) == pytest.approx(0.7, rel=0.05)


def test_rare_very_long_items_hardly_change_the_spread_of_a_baseline():
    """It is that of pseudo-values: one item of a hundredfold effort counts as if at a limit."""
    baseline = work()
    baseline["arm"] = "baseline"
    with_outlier = baseline.copy()
    with_outlier.loc[::100, "minutes"] *= 100
    usual = item_spread(panels.estimate(baseline, None))
    assert item_spread(panels.estimate(with_outlier, None)) == pytest.approx(usual, rel=0.06)


def test_minutes_that_do_not_vary_have_no_spread():
    """Nor has a log without work."""
    baseline = work()
    baseline["arm"], baseline["minutes"] = "baseline", baseline["estimate_minutes"]
    spread = item_spread(panels.estimate(baseline, None))
    assert spread is None or spread < 1e-6
    nothing = cells_from_items(work().iloc[:0])
    assert baseline_spread(nothing, adjusted=False) is None
