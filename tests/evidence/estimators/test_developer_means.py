"""The comparison of developer means against SciPy's t-test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support import panels

from tracker.evidence.estimators.developer_means import (
    compare_developer_means,
    leave_one_out_differences,
)
from tracker.evidence.moments import cells_from_moments


def test_developer_means_equal_a_two_sample_t_test():
    """It is the t-test on the means of y less the slope within developers times x."""
    work = panels.items(np.random.default_rng(3), developers=11, per_developer=9, effect=-0.2)
    treated = work["developer"].isin(sorted(work["developer"].unique())[::2])
    work["arm"] = np.where(treated, "assistance", "baseline")
    y, x = np.log(work["minutes"]), np.log(work["estimate_minutes"])
    y_within, x_within = (v - v.groupby(work["developer"]).transform("mean") for v in (y, x))
    slope = (y_within * x_within).sum() / (x_within**2).sum()
    means = (y - slope * x).groupby(work["developer"]).mean()
    arm = treated.groupby(work["developer"]).first()
    expected = stats.ttest_ind(means[arm], means[~arm])
    cells = cells_from_moments(panels.moments(work))
    difference = compare_developer_means(cells, adjusted=True)
    theta = means[arm].mean() - means[~arm].mean()
    assert difference.theta == pytest.approx(theta, rel=1e-9)
    statistic = difference.theta / difference.error.se
    assert statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert difference.error.df == expected.df
    without = [
        means[arm].drop(name, errors="ignore").mean()
        - means[~arm].drop(name, errors="ignore").mean()
        for name in means.index
    ]
    leave_one_out = leave_one_out_differences(cells, adjusted=True)
    assert leave_one_out == pytest.approx(without, rel=1e-9)


def whole_developers(seed: int) -> pd.DataFrame:
    """Return work of developers with one arm each."""
    work = panels.items(np.random.default_rng(seed), developers=11, per_developer=20, effect=-0.2)
    treated = work["developer"].isin(sorted(work["developer"].unique())[::2])
    return work.assign(arm=np.where(treated, "assistance", "baseline"))


def test_developers_who_use_both_units_have_an_intercept_of_points():
    """The means are of y less the fit of x and the indicator of points within developers."""
    work = whole_developers(4)
    work = panels.in_two_units(work, np.random.default_rng(1).random(len(work)) < 0.5)
    table = pd.DataFrame(
        {
            "y": np.log(work["minutes"]),
            "x": np.log(panels.estimates(work)),
            "points": work["estimate_minutes"].isna().astype(float),
        }
    )
    within = table - table.groupby(work["developer"]).transform("mean")
    slopes = np.linalg.lstsq(within[["x", "points"]], within["y"])[0]
    means = (table["y"] - table[["x", "points"]] @ slopes).groupby(work["developer"]).mean()
    arm = (work["arm"] == "assistance").groupby(work["developer"]).first()
    difference = compare_developer_means(cells_from_moments(panels.moments(work)), adjusted=True)
    assert difference.estimate_terms == ("x", "points")
    assert difference.theta == pytest.approx(means[arm].mean() - means[~arm].mean(), rel=1e-9)


def test_developers_with_different_units_are_not_adjusted():
    """Their sizes have no common scale: the means are those of ln minutes."""
    work = whole_developers(5)
    in_points = work["developer"].isin(sorted(work["developer"].unique())[:4]).to_numpy()
    cells = cells_from_moments(panels.moments(panels.in_two_units(work, in_points)))
    actual, expected = (compare_developer_means(cells, adjusted=flag) for flag in (True, False))
    assert actual.estimate_terms == ()
    assert actual.theta == expected.theta


def test_an_arm_without_developers_has_no_difference():
    """Leaving out the only developer of an arm gives NaN; without one there is no estimate."""
    work = panels.items(np.random.default_rng(0), developers=4)
    single = work.assign(arm=np.where(work["developer"] == "dev0000", "assistance", "baseline"))
    leave_one_out = leave_one_out_differences(
        cells_from_moments(panels.moments(single)), adjusted=False
    )
    assert np.isnan(leave_one_out).tolist() == [True, False, False, False]
    empty_arm = cells_from_moments(panels.moments(work.assign(arm="baseline")))
    assert compare_developer_means(empty_arm, adjusted=False) is None
