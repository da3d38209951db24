"""Ratios of sums and their errors, computed directly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.evidence.estimators.sum_ratios import ratio_of_sums
from tracker.evidence.moments import cells_from_items, cells_from_moments


@pytest.fixture
def work() -> pd.DataFrame:
    return panels.items(
        np.random.default_rng(0), developers=9, per_developer=20, effect=-0.3, effect_spread=0.2
    )


def log_ratio(work: pd.DataFrame) -> float:
    """Return ln of the ratio of the arms' Σt/Σestimate."""
    sums = work.groupby("arm")[["minutes", "estimate_minutes"]].sum()
    rates = sums["minutes"] / sums["estimate_minutes"]
    return float(np.log(rates["assistance"] / rates["baseline"]))


def test_the_error_is_the_jackknife_over_developers(work):
    """Moments and rows give the same ratio and error."""
    work = panels.in_both_arms(work)
    developers = sorted(work["developer"].unique())
    estimates = np.array([log_ratio(work[work["developer"] != name]) for name in developers])
    G = len(developers)
    expected = np.sqrt((G - 1) / G * np.sum((estimates - log_ratio(work)) ** 2))
    for cells in (cells_from_moments(panels.moments(work)), cells_from_items(work)):
        ratio = ratio_of_sums(cells, "w")
        assert ratio.theta == pytest.approx(log_ratio(work), rel=1e-10)
        assert ratio.error.se == pytest.approx(expected, rel=1e-9)


def test_the_error_of_few_developers_is_by_the_delta_method(work):
    """With fewer than five developers the variance of ln(mean) is s²/(n·mean²) in each arm."""
    small_team = work[work["developer"] <= "dev0002"]
    ratio = ratio_of_sums(cells_from_moments(panels.moments(small_team)), "n")
    minutes = small_team.groupby("arm")["minutes"]
    expected = np.sqrt((minutes.var() / minutes.count() / minutes.mean() ** 2).sum())
    assert ratio.error.se == pytest.approx(expected, rel=1e-9)
