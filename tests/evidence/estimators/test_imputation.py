"""Imputation against its definition: explicit dummies, refitted without each developer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from support import panels

from tracker.evidence.estimators.imputation import fixed_developers_error, impute
from tracker.evidence.moments import cells_from_items, cells_from_moments


def staggered(
    seed: int, *, developers: int = 9, per_developer: int = 14, effect: float = -0.3
) -> pd.DataFrame:
    """Return work of developers treated from different months on, some never.

    All of them have untreated work.
    """
    rng = np.random.default_rng(seed)
    work = panels.items(rng, developers=developers, per_developer=per_developer, months=7)
    start = dict(
        zip(sorted(work["developer"].unique()), 542 + rng.integers(0, 7, developers), strict=True)
    )
    treated = work["month"] >= work["developer"].map(start)
    work["minutes"] *= np.exp(effect * treated) * np.exp(0.1 * (work["month"] - 540))
    work["arm"] = np.where(treated, "assistance", "baseline")
    return work[work["developer"].isin(work.loc[~treated, "developer"])].reset_index(drop=True)


def by_definition(work: pd.DataFrame) -> tuple[float, int]:
    """Return the mean residual of the imputable treated items, and their number.

    The fit has explicit dummies and uses the untreated items.
    """
    untreated = (work["arm"] == "baseline").to_numpy()
    columns = pd.get_dummies(work[["developer", "month"]].astype(str), dtype=float)
    x, points = np.log(panels.estimates(work)), work["estimate_minutes"].isna()
    X = np.column_stack([columns.to_numpy(), x, points]).astype(float)
    beta = np.linalg.lstsq(X[untreated], np.log(work["minutes"])[untreated])[0]
    # A prediction is defined where the treated row is in the row space of the untreated rows.
    projector = np.linalg.pinv(X[untreated]) @ X[untreated]
    defined = np.abs(X - X @ projector).max(axis=1) < 1e-8
    residual = np.log(work["minutes"]).to_numpy() - X @ beta
    imputable = ~untreated & defined
    return float(residual[imputable].mean()), int(imputable.sum())


def in_two_units(work: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return the work with a share of the estimates in points."""
    return panels.in_two_units(work, np.random.default_rng(9).random(len(work)) < share)


@pytest.mark.parametrize("share_of_points", [0.0, 0.4])
@pytest.mark.parametrize("seed", range(6))
def test_theta_and_jackknife_equal_refitting_with_dummies(seed, share_of_points):
    """From moments θ, its items, and θ without each developer equal those of explicit dummies."""
    work = in_two_units(staggered(seed), share_of_points)
    imputation = impute(cells_from_moments(panels.moments(work)), adjusted=True)
    theta, items = by_definition(work)
    assert imputation.theta == pytest.approx(theta, rel=1e-9)
    assert imputation.items == items
    developers = sorted(work["developer"].unique())
    without = np.array([by_definition(work[work["developer"] != name])[0] for name in developers])
    assert imputation.leave_one_out == pytest.approx(without, rel=1e-8)
    G = len(developers)
    expected = np.sqrt((G - 1) / G * np.sum((without - theta) ** 2))
    assert imputation.error.se == pytest.approx(expected, rel=1e-8)
    assert imputation.error.df == min(G - 1, imputation.treated_developers)


@pytest.mark.parametrize("share_of_points", [0.0, 0.4])
@pytest.mark.parametrize("adjusted", [True, False])
def test_moments_equal_rows(adjusted, share_of_points):
    """Sums by developer × arm × month suffice for imputation."""
    work = in_two_units(staggered(3), share_of_points)
    sums = impute(cells_from_moments(panels.moments(work)), adjusted=adjusted)
    rows = impute(cells_from_items(work), adjusted=adjusted)
    assert sums.theta == pytest.approx(rows.theta, rel=1e-10)
    assert sums.error.se == pytest.approx(rows.error.se, rel=1e-9)


def test_units_that_change_with_the_month_are_in_the_months_effects():
    """The indicator is not determined, and not needed: all work of a month is in one unit."""
    work = staggered(1)
    in_points = (work["month"] >= 543).to_numpy()
    actual = impute(
        cells_from_moments(panels.moments(panels.in_two_units(work, in_points))), adjusted=True
    )
    expected = impute(cells_from_moments(panels.moments(work)), adjusted=True)
    assert actual.theta == pytest.approx(expected.theta, rel=1e-9)
    assert actual.error.se == pytest.approx(expected.error.se, rel=1e-9)
    assert "x" in actual.estimate_terms


def test_units_that_change_with_the_rollout_leave_no_estimates_in_the_fit():
    """Untreated work in minutes alone does not tell what a point is worth."""
    work = staggered(2)
    in_points = (work["arm"] == "assistance").to_numpy()
    cells = cells_from_moments(panels.moments(panels.in_two_units(work, in_points)))
    actual, expected = impute(cells, adjusted=True), impute(cells, adjusted=False)
    assert actual.estimate_terms == ()
    assert actual.theta == expected.theta


def test_components_that_share_no_month_are_not_compared():
    """A treated month counts only where a connected developer has untreated work in it."""
    rows = [
        # Ann and Ben share months 1 and 2. Ben's untreated month 3 allows Ann's treated month 3;
        # month 4 has no untreated work.
        *[("ann", month, "baseline") for month in (1, 1, 2, 2)],
        *[("ann", month, "assistance") for month in (3, 3, 4, 9)],
        *[("ben", month, "baseline") for month in (1, 2, 3, 3)],
        # Cid has untreated work in month 9 only: another component, unconnected with Ann.
        *[("cid", 9, "baseline")] * 3,
    ]
    rng = np.random.default_rng(1)
    work = panels.frame(
        developer=[developer for developer, _, _ in rows],
        arm=[arm for _, _, arm in rows],
        month=[month for _, month, _ in rows],
        minutes=np.exp(rng.normal(4, 1, len(rows))),
        estimate_minutes=np.exp(rng.normal(4, 1, len(rows))),
    )
    imputation = impute(cells_from_moments(panels.moments(work)), adjusted=False)
    assert imputation.items == 2
    assert imputation.treated_developers == 1
    assert imputation.theta == pytest.approx(mean_residual_of_ann(work), rel=1e-9)
    assert imputation.error is None  # without Ben nothing can be imputed


def mean_residual_of_ann(work: pd.DataFrame) -> float:
    """Return the mean residual of Ann's month 3 from the additive fit of Ann and Ben."""
    y = np.log(work["minutes"]).to_numpy()
    pair = work["developer"].isin(["ann", "ben"]).to_numpy()
    untreated = pair & (work["arm"] == "baseline").to_numpy()
    columns = pd.get_dummies(work[["developer", "month"]].astype(str), dtype=float).to_numpy()
    beta = np.linalg.lstsq(columns[untreated], y[untreated])[0]
    target = (work["developer"] == "ann").to_numpy() & (work["month"] == 3).to_numpy()
    return float((y[target] - columns[target] @ beta).mean())


def test_an_injected_effect_is_estimated_despite_a_common_trend():
    """θ is the injected effect, whatever trend the months of all developers have."""
    work = staggered(0, developers=60, per_developer=60, effect=-0.5)
    imputation = impute(cells_from_moments(panels.moments(work)), adjusted=True)
    assert imputation.theta == pytest.approx(-0.5, abs=3 * imputation.error.se)
    assert imputation.error.se < 0.1


@pytest.mark.parametrize("share_of_points", [0.0, 0.4])
def test_the_error_of_fixed_developers_is_by_items(share_of_points):
    """It is the treated residuals' spread plus statsmodels' HC2 of the mean prediction."""
    work = in_two_units(staggered(5, developers=3, per_developer=30), share_of_points)
    rows = cells_from_items(work)
    imputation = impute(rows, adjusted=True)
    terms = ("x", "points") if share_of_points else ("x",)
    assert imputation.estimate_terms == terms
    error = fixed_developers_error(rows, terms)
    untreated = (work["arm"] == "baseline").to_numpy()
    dummies = pd.get_dummies(work[["developer", "month"]].astype(str), dtype=float)
    columns = dummies.columns[dummies[untreated].sum() > 0]
    units = [work["estimate_minutes"].isna()] if share_of_points else []
    X = np.column_stack(
        [dummies[columns].drop(columns=columns[3]), np.log(panels.estimates(work)), *units]
    ).astype(float)
    y = np.log(work["minutes"]).to_numpy()
    fit = sm.OLS(y[untreated], X[untreated]).fit()
    has_untreated = work["month"].isin(work.loc[untreated, "month"]).to_numpy()
    treated = ~untreated & has_untreated
    mean = X[treated].mean(axis=0)
    residuals = (y - X @ fit.params)[treated]
    variance = mean @ fit.cov_HC2 @ mean + residuals.var(ddof=1) / treated.sum()
    assert imputation.items == treated.sum()
    assert imputation.theta == pytest.approx(float(residuals.mean()), rel=1e-9)
    assert error.se == pytest.approx(float(np.sqrt(variance)), rel=1e-9)
    assert error.df == untreated.sum() + treated.sum() - X.shape[1] - 1


def test_without_untreated_work_in_the_treated_months_there_is_no_estimate():
    """Where everybody is treated in the same months nothing can be imputed."""
    work = panels.items(np.random.default_rng(0), by_date=True)
    assert impute(cells_from_moments(panels.moments(work)), adjusted=True) is None
