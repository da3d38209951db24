"""Whether recorded arms look as if they had been drawn at random."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pandas as pd
from scipy import stats

from tracker.evidence.estimators.least_squares import classical, fit_least_squares
from tracker.evidence.moments import cells_from_moments, cross_products

SIGNIFICANCE = 0.001
"""Below this p-value a check fails; all three together fail on 0.0–0.3 % of clean logs."""

MIN_ITEMS_PER_DEVELOPER = 4
"""Developers with fewer work items are left out of the comparison of shares by developer."""


_ROUNDING = 1e-7
"""A spread of ln estimates below this is rounding."""


@dataclass(frozen=True, slots=True)
class RandomisationCheck:
    """p-values of three checks; None where a check could not be made."""

    baseline_items: int
    assistance_items: int
    assistance_share: float
    """The share that the draw should give."""
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
    moments: pd.DataFrame, *, assistance_share: float = 0.5
) -> RandomisationCheck:
    """Check drawn arms against chance (sample-ratio mismatch: Fabijan et al. 2019).

    Args:
        moments: Moments of one activity under the ``assigned`` rule, every status and developer.
        assistance_share: The odds of the draw, where it was not even.

    Returns:
        The p-values of the three checks.
    """
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
    return RandomisationCheck(
        baseline_items=baseline,
        assistance_items=assistance,
        assistance_share=assistance_share,
        count_p=float(stats.binomtest(assistance, total, assistance_share).pvalue)
        if total
        else None,
        developer_p=_developer_p(counts),
        size_p=_size_p(moments),
    )


def _developer_p(counts: pd.DataFrame) -> float | None:
    """p-value of the homogeneity of shares; None for fewer than two developers or one arm."""
    counts = counts[counts.sum(axis=1) >= MIN_ITEMS_PER_DEVELOPER]
    if len(counts) < 2 or (counts.sum(axis=0) == 0).any():
        return None
    return float(stats.chi2_contingency(counts.to_numpy(), correction=False).pvalue)


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
    return float(2.0 * stats.t.sf(abs(fit.theta) / error.se, error.df))
