"""Whether recorded arms look as if they had been drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from tracker.evidence.estimators.least_squares import classical, fit_estimates
from tracker.evidence.intervals import two_sided_p_value
from tracker.evidence.moments import Floats, cells_from_moments

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
    """The expected share of assistance: the mean probability over the items."""
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
    moments: pd.DataFrame, draw_probabilities: pd.DataFrame | None = None
) -> RandomisationCheck:
    """Check drawn arms against chance (sample-ratio mismatch: Fabijan et al. 2019).

    Args:
        moments: Moments of one activity under the ``assigned`` rule, every status and developer.
        draw_probabilities: One row per ``activity`` and ``developer`` with ``n`` items and the sum
            of their probabilities of ``assistance``; None if all are one half.
            Items with different probabilities count by their mean, overall and by developer.

    Returns:
        The p-values of the three checks.
    """
    codes, developers = pd.factorize(moments["developer"], sort=True)
    assisted = moments["arm"].to_numpy() == "assistance"
    n = moments["n"].to_numpy(dtype=np.float64)
    counts = np.round(
        [
            np.bincount(codes, weights=np.where(in_arm, n, 0.0), minlength=len(developers))
            for in_arm in (~assisted, assisted)
        ]
    )
    baseline, assistance = (int(total) for total in counts.sum(axis=1))
    total = baseline + assistance
    expected = _developer_shares(moments, draw_probabilities, developers)
    assistance_share = float((expected * counts.sum(axis=0)).sum() / total) if total else EVEN_SHARE
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


def _developer_shares(
    moments: pd.DataFrame, draw_probabilities: pd.DataFrame | None, developers: pd.Index
) -> Floats:
    """Return each developer's mean probability of assistance; one half where it is even."""
    if draw_probabilities is None or draw_probabilities.empty:
        return np.full(len(developers), EVEN_SHARE)
    rows = draw_probabilities[draw_probabilities["activity"].isin(moments["activity"].unique())]
    sums = rows.groupby("developer")[["assistance", "n"]].sum()
    shares = (sums["assistance"] / sums["n"]).reindex(developers).fillna(EVEN_SHARE)
    return shares.to_numpy(dtype=np.float64)


def _developer_p(counts: Floats, probabilities: Floats) -> float | None:
    """p-value of the homogeneity of shares; None for fewer than two developers or one arm.

    The expected share of each developer is the overall share; if the probabilities differ between
    developers, it is in proportion to theirs.

    Args:
        counts: Work items by arm, baseline first, and developer, 2 × G.
        probabilities: The probability of assistance by developer, G.
    """
    enough = counts.sum(axis=0) >= MIN_ITEMS_PER_DEVELOPER
    counts, probabilities = counts[:, enough], probabilities[enough]
    developers = counts.shape[1]
    if developers < 2 or (counts.sum(axis=1) == 0).any():
        return None
    totals, assistance = counts.sum(axis=0), counts[1]
    weights = totals * probabilities
    expected = weights * assistance.sum() / weights.sum()
    if (expected >= totals).any():
        return None
    deviations = (assistance - expected) ** 2
    statistic = float((deviations / expected + deviations / (totals - expected)).sum())
    return float(special.chdtrc(developers - 1, statistic))


def _size_p(moments: pd.DataFrame) -> float | None:
    """p-value of the arm in a least-squares fit of x on arm, developer effects and unit."""
    cells = cells_from_moments(moments[moments["estimated"].astype(bool)])
    if cells.items == 0:
        return None
    fit = fit_estimates(cells)
    error = classical(fit) if fit else None
    if fit is None or error is None or error.df is None:
        return None
    if error.se <= _ROUNDING:  # estimates tied to the arm, or all alike
        return 0.0 if abs(fit.theta) > _ROUNDING else None
    return two_sided_p_value(fit.theta, error)
