"""The sample of a comparison: its developers and its work items."""

from __future__ import annotations

import numpy as np
import pytest
from support import panels

from tracker.evidence.moments import cells_from_items, cells_from_moments
from tracker.evidence.sample import select_sample


def test_developers_in_one_arm_are_excluded_and_counted():
    """They tell nothing of the change: the fit and G are without them."""
    work = panels.items(np.random.default_rng(0), developers=8)
    work.loc[work["developer"].isin(["dev0001", "dev0002"]), "arm"] = "baseline"
    sample = select_sample(cells_from_moments(panels.moments(work)), "before-after")
    assert sample.cells.developers == 6
    assert sample.excluded["one-arm-developer"] == 2


@pytest.mark.parametrize(("share", "adjusted"), [(0.9, True), (0.7, False)])
def test_estimates_are_used_where_80_percent_of_both_arms_have_one(share, adjusted):
    """With estimates the items without one are excluded; otherwise the fit has no x."""
    work = panels.items(np.random.default_rng(0), per_developer=60, estimated=share)
    sample = select_sample(cells_from_moments(panels.moments(work)), "randomised")
    without_estimate = int(work["estimate_minutes"].isna().sum())
    assert sample.adjusted is adjusted
    assert sample.excluded["no-estimate"] == (without_estimate if adjusted else 0)
    assert sample.cells.items == len(work) - (without_estimate if adjusted else 0)


@pytest.mark.parametrize("design", ["randomised", "staggered"])
def test_rows_and_moments_give_the_same_sample(design):
    """The developers, items and use of estimates are equal."""
    work = panels.items(np.random.default_rng(4), developers=12, per_developer=3, estimated=0.85)
    sums = select_sample(cells_from_moments(panels.moments(work)), design)
    rows = select_sample(cells_from_items(work), design)
    assert sums.excluded == rows.excluded
    assert sums.adjusted == rows.adjusted
    for arm in (0, 1):
        assert sums.cells.items_of(arm) == rows.cells.items_of(arm)
