"""Imputation against its definition: explicit dummies on the untreated items, refitted without each developer."""

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
    """Work of developers who were treated from different months on, some never; no developer without untreated work."""
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
    """Mean residual of the treated items that the untreated fit with explicit dummies can speak to, and how many."""
    off = (work["arm"] == "baseline").to_numpy()
    columns = pd.get_dummies(work[["developer", "month"]].astype(str), dtype=float)
    X = np.column_stack([columns.to_numpy(), np.log(work["estimate_minutes"])])
    beta = np.linalg.lstsq(X[off], np.log(work["minutes"])[off])[0]
    # a prediction is defined where the treated row lies in the row space of the untreated rows
    projector = np.linalg.pinv(X[off]) @ X[off]
    defined = np.abs(X - X @ projector).max(axis=1) < 1e-8
    residual = np.log(work["minutes"]).to_numpy() - X @ beta
    return float(residual[~off & defined].mean()), int((~off & defined).sum())


@pytest.mark.parametrize("seed", range(6))
def test_theta_and_jackknife_equal_refitting_with_dummies(seed):
    """From moments: the same θ, the same items, and the same θ without each developer, as by explicit dummies."""
    work = staggered(seed)
    found = impute(cells_from_moments(panels.moments(work)), adjusted=True)
    theta, items = by_definition(work)
    assert found is not None
    assert found.theta == pytest.approx(theta, rel=1e-9)
    assert found.items == items
    without = [
        by_definition(work[work["developer"] != d])[0] for d in sorted(work["developer"].unique())
    ]
    assert found.without == pytest.approx(without, rel=1e-8)
    G = len(without)
    assert found.error is not None
    assert found.error.se == pytest.approx(
        np.sqrt((G - 1) / G * np.sum((np.array(without) - theta) ** 2)), rel=1e-8
    )
    assert found.error.df == min(G - 1, found.treated_developers)


@pytest.mark.parametrize("adjusted", [True, False])
def test_moments_equal_rows(adjusted):
    """Sums by developer × arm × month carry all that imputation needs."""
    work = staggered(3)
    sums, rows = (
        impute(c, adjusted=adjusted)
        for c in (cells_from_moments(panels.moments(work)), cells_from_items(work))
    )
    assert sums is not None
    assert rows is not None
    assert sums.theta == pytest.approx(rows.theta, rel=1e-10)
    assert sums.error is not None
    assert rows.error is not None
    assert sums.error.se == pytest.approx(rows.error.se, rel=1e-9)


def test_pieces_that_share_no_month_are_not_compared():
    """A developer's treated month counts only where somebody linked to them still had untreated work in it."""
    rows = [
        # ann and ben share months 1–2; ben's untreated month 3 serves ann's treated one; month 4 has no untreated work
        *[("ann", m, "baseline") for m in (1, 1, 2, 2)],
        *[("ann", m, "assistance") for m in (3, 3, 4, 9)],
        *[("ben", m, "baseline") for m in (1, 2, 3, 3)],
        # cid has untreated work in month 9 only: a piece of its own, which says nothing of ann's month 9
        *[("cid", 9, "baseline")] * 3,
    ]
    rng = np.random.default_rng(1)
    work = panels.frame(
        developer=[r[0] for r in rows],
        arm=[r[2] for r in rows],
        month=[r[1] for r in rows],
        minutes=np.exp(rng.normal(4, 1, len(rows))),
        estimate_minutes=np.exp(rng.normal(4, 1, len(rows))),
    )
    found = impute(cells_from_moments(panels.moments(work)), adjusted=False)
    assert found is not None
    assert found.items == 2
    assert found.treated_developers == 1
    assert found.theta == pytest.approx(by_definition_without_x(work), rel=1e-9)
    assert found.error is None  # without ben, nothing can be imputed


def by_definition_without_x(work: pd.DataFrame) -> float:
    """The two treated items of ann's month 3, from the additive fit of ann and ben."""
    y = np.log(work["minutes"]).to_numpy()
    pair = (
        work["developer"].isin(["ann", "ben"]).to_numpy() & (work["arm"] == "baseline").to_numpy()
    )
    columns = pd.get_dummies(work[["developer", "month"]].astype(str), dtype=float).to_numpy()
    beta = np.linalg.lstsq(columns[pair], y[pair])[0]
    target = (work["developer"] == "ann").to_numpy() & (work["month"] == 3).to_numpy()
    return float((y[target] - columns[target] @ beta).mean())


def test_an_effect_put_in_is_found_and_a_common_trend_is_not():
    """Everybody's months may drift as they like: θ is the effect that was put in."""
    work = staggered(0, developers=60, per_developer=60, effect=-0.5)
    found = impute(cells_from_moments(panels.moments(work)), adjusted=True)
    assert found is not None
    assert found.error is not None
    assert found.theta == pytest.approx(-0.5, abs=3 * found.error.se)
    assert found.error.se < 0.1


def test_error_of_these_developers_is_the_spread_and_hc2_of_the_prediction():
    """Fewer than five developers: the treated residuals' spread plus statsmodels' HC2 of the mean prediction."""
    work = staggered(5, developers=3, per_developer=30)
    rows = cells_from_items(work)
    found = impute(rows, adjusted=True)
    error = fixed_developers_error(rows, adjusted=True)
    off = (work["arm"] == "baseline").to_numpy()
    dummies = pd.get_dummies(work[["developer", "month"]].astype(str), dtype=float)
    months = dummies.columns[dummies[off].sum() > 0]
    keep = off | work["month"].isin(work.loc[off, "month"]).to_numpy()
    X = np.column_stack([dummies[months].drop(columns=months[3]), np.log(work["estimate_minutes"])])
    y = np.log(work["minutes"]).to_numpy()
    expected = sm.OLS(y[off], X[off]).fit()
    treated = ~off & keep
    mean = X[treated].mean(axis=0)
    variance = (
        mean @ expected.cov_HC2 @ mean
        + (y - X @ expected.params)[treated].var(ddof=1) / treated.sum()
    )
    assert found is not None
    assert found.items == treated.sum()
    assert found.theta == pytest.approx(float((y - X @ expected.params)[treated].mean()), rel=1e-9)
    assert error is not None
    assert error.se == pytest.approx(float(np.sqrt(variance)), rel=1e-9)
    assert error.df == off.sum() + treated.sum() - X.shape[1] - 1


def test_nothing_to_impute_from_is_none():
    """Where every month is either all treated or all not, there is no estimate rather than a guess."""
    work = panels.items(np.random.default_rng(0), by_date=True)
    assert impute(cells_from_moments(panels.moments(work)), adjusted=True) is None
