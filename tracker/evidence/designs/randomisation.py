"""Whether recorded arms look as if they had been drawn at random."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pandas as pd
from scipy import special

from tracker.evidence.estimators.least_squares import classical, fit_least_squares
from tracker.evidence.intervals import two_sided_p_value
from tracker.evidence.moments import cells_from_moments, cross_products

SIGNIFICANCE = 0.001
"""Below this p-value a check fails; all three together fail on 0.0–0.3 % of clean logs."""

MIN_ITEMS_PER_DEVELOPER = 4
"""Developers with fewer work items are left out of the comparison of shares by developer."""

EVEN_SHARE = 0.5
"""The probability of assistance where no other is recorded."""

_ROUNDING = 1e-7
"""A spread of ln estimates below this is rounding."""


@dataclass(frozen=True, slots=True)
class RandomisationCheck:
    """p-values of three checks; None where a check could not be made."""

    baseline_items: int
    assistance_items: int
    assistance_share: float
    """The share that the draw should give: of uneven odds the mean over the items."""
    count_p: float | None
    """Exact binomial test of the numbers of items."""
    developer_p: float | None
    """Pearson's χ² test that every developer has the same share."""
    size_p: float | None
    """t-test that estimates do not differ between the arms, within developers."""

    @property
    def failed(self) -> tuple[str, ...]:
        """The checks that fail: ``count``, ``developer``, ``size``."""
        p_values = {"count": self.count_p, "developer": self.developer_p, "size": self.size_p}
        return tuple(name for name, p in p_values.items() if p is not None and p < SIGNIFICANCE)


def check_randomisation(
    moments: pd.DataFrame, draw_odds: pd.DataFrame | None = None
) -> RandomisationCheck:
    """Check drawn arms against chance (sample-ratio mismatch: Fabijan et al. 2019).

    Args:
        moments: Moments of one activity under the ``assigned`` rule, every status and developer.
        draw_odds: The odds of the draw, where it was not even: one row per ``activity`` and
            ``developer`` with ``n`` items and the sum of their probabilities of ``assistance``.
            Items with different odds count by their mean, overall and by developer.

    Returns:
        The p-values of the three checks.
    """
    odds = _developer_shares(moments, draw_odds)
    counts = (
        moments.pivot_table(
            index="developer", columns="arm", values="n", aggfunc="sum", fill_value=0
        )
        .reindex(columns=["baseline", "assistance"], fill_value=0)
        .round()
        .astype(int)
    )
    baseline, assistance = (int(counts[arm].sum()) for arm in ("baseline", "assistance"))
    total = baseline + assistance
    expected = odds.reindex(counts.index).fillna(EVEN_SHARE)
    assistance_share = float((expected * counts.sum(axis=1)).sum() / total) if total else EVEN_SHARE
    return RandomisationCheck(
        baseline_items=baseline,
        assistance_items=assistance,
        assistance_share=assistance_share,
        count_p=_count_p(assistance, total, assistance_share) if total else None,
        developer_p=_developer_p(counts, expected),
        size_p=_size_p(moments),
    )


def _count_p(assistance: int, total: int, share: float) -> float:
    """p-value of the exact binomial test that the draw gives ``share``."""
    from scipy.stats import binomtest  # late: takes half a second to import

    return float(binomtest(assistance, total, share).pvalue)


def _developer_shares(moments: pd.DataFrame, draw_odds: pd.DataFrame | None) -> pd.Series:
    """Return each developer's mean probability of assistance; no row where it is even."""
    if draw_odds is None or draw_odds.empty:
        return pd.Series(dtype=float)
    rows = draw_odds[draw_odds["activity"].isin(moments["activity"].unique())]
    sums = rows.groupby("developer")[["assistance", "n"]].sum()
    return sums["assistance"] / sums["n"]


def _developer_p(counts: pd.DataFrame, odds: pd.Series) -> float | None:
    """p-value of the homogeneity of shares; None for fewer than two developers or one arm.

    Expected of each developer is the overall share; where the odds of the draw differ between
    developers, it is in proportion to theirs.
    """
    counts = counts[counts.sum(axis=1) >= MIN_ITEMS_PER_DEVELOPER]
    if len(counts) < 2 or (counts.sum(axis=0) == 0).any():
        return None
    totals = counts.sum(axis=1)
    weights = totals * odds[counts.index]
    expected = weights * counts["assistance"].sum() / weights.sum()
    if (expected >= totals).any():
        return None
    deviations = (counts["assistance"] - expected) ** 2
    statistic = float((deviations / expected + deviations / (totals - expected)).sum())
    return float(special.chdtrc(len(counts) - 1, statistic))


def _size_p(moments: pd.DataFrame) -> float | None:
    """p-value of the arm in a least-squares fit of x on arm and developer effects."""
    cells = cells_from_moments(moments[moments["estimated"].astype(bool)])
    if cells.items == 0:
        return None
    fit = fit_least_squares(
        cross_products(dataclasses.replace(cells, y=cells.x, yy=cells.xx), ("arm",))
    )
    error = classical(fit) if fit else None
    if fit is None or error is None or error.df is None:
        return None
    if error.se <= _ROUNDING:  # estimates tied to the arm, or all alike
        return 0.0 if abs(fit.theta) > _ROUNDING else None
    return two_sided_p_value(fit.theta, error)
