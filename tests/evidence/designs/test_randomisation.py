"""The checks of drawn arms: clean draws pass, doctored ones fail for the right reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support import panels

from tracker.evidence.designs.randomisation import check_randomisation


def trial(seed: int = 0, **options: float) -> pd.DataFrame:
    """Return work items of a clean randomised trial."""
    return panels.items(np.random.default_rng(seed), **options)


def draw_probabilities(items: pd.DataFrame, share: object) -> pd.DataFrame:
    """Return the probabilities of the draw by developer; ``share`` is that of each item."""
    rows = items.assign(n=1, assistance=share)
    return rows.groupby(["activity", "developer"], as_index=False)[["n", "assistance"]].sum()


def test_a_clean_draw_passes() -> None:
    """Arms drawn by coin fail no check."""
    assert check_randomisation(panels.moments(trial())).failed == ()


def test_unequal_counts_fail() -> None:
    """8 against 400 items is no fair coin."""
    items = trial(developers=6, per_developer=80)
    baseline = items.index[items["arm"] == "baseline"]
    check = check_randomisation(panels.moments(items.drop(baseline[8:])))
    assert "count" in check.failed
    assert check.baseline_items == 8


def test_an_uneven_draw_passes_with_its_own_probability() -> None:
    """The counts are compared with the probability of 1 in 5 that the import states."""
    rng = np.random.default_rng(3)
    items = trial(developers=6, per_developer=80)
    items["arm"] = np.where(rng.random(len(items)) < 0.2, "assistance", "baseline")
    moments = panels.moments(items)
    probabilities = draw_probabilities(items, 0.2)
    assert "count" in check_randomisation(moments).failed
    assert "count" not in check_randomisation(moments, probabilities).failed


def test_draws_with_different_probabilities_pass_together() -> None:
    """Half of the developers drawn 1:4, half 1:1: the mean share, and each developer's own."""
    rng = np.random.default_rng(5)
    items = trial(developers=8, per_developer=80)
    rarely = items["developer"].isin(sorted(items["developer"].unique())[:4])
    share = np.where(rarely, 0.2, 0.5)
    items["arm"] = np.where(rng.random(len(items)) < share, "assistance", "baseline")
    moments = panels.moments(items)
    assert {"count", "developer"} <= set(check_randomisation(moments).failed)
    check = check_randomisation(moments, draw_probabilities(items, share))
    assert not {"count", "developer"} & set(check.failed)
    assert check.assistance_share == pytest.approx(share.mean())


def test_equal_probabilities_give_the_usual_chi_squared_test() -> None:
    """With one share for all the test by developer is Pearson's test of homogeneity."""
    items = trial(developers=6, per_developer=40)
    table = pd.crosstab(items["developer"], items["arm"])
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert check_randomisation(panels.moments(items)).developer_p == pytest.approx(expected)


def test_developers_with_different_shares_fail() -> None:
    """Half of the developers nearly always with assistance, half nearly never: not one coin."""
    rng = np.random.default_rng(4)
    items = trial(developers=8, per_developer=40)
    often = items["developer"].isin(sorted(items["developer"].unique())[:4])
    items["arm"] = np.where(
        rng.random(len(items)) < np.where(often, 0.85, 0.15), "assistance", "baseline"
    )
    assert check_randomisation(panels.moments(items)).failed == ("developer",)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_estimates_changed_after_the_draw_fail(factor: float) -> None:
    """Estimates halved or doubled in one arm differ by more than chance allows."""
    items = trial(developers=8, per_developer=60)
    assisted = items["arm"] == "assistance"
    items.loc[assisted, "estimate_minutes"] *= factor
    assert check_randomisation(panels.moments(items)).failed == ("size",)


def test_estimates_tied_to_the_arm_fail() -> None:
    """Every assisted task estimated at 120 minutes, every other at 60: no spread, and no chance."""
    items = trial()
    items["estimate_minutes"] = np.where(items["arm"] == "assistance", 120.0, 60.0)
    assert "size" in check_randomisation(panels.moments(items)).failed
    items["estimate_minutes"] = 60.0
    assert check_randomisation(panels.moments(items)).size_p is None


def test_clean_draws_rarely_fail() -> None:
    """On 400 clean draws at most two fail a check (aim: 0.5 %)."""
    rng = np.random.default_rng(11)
    failures = sum(
        bool(check_randomisation(panels.moments(panels.items(rng, per_developer=15))).failed)
        for _ in range(400)
    )
    assert failures <= 2
