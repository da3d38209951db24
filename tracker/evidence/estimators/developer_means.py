"""Arms made of whole developers: the developer is the unit, its mean of the x-adjusted y the observation.

Each developer's ȳ − β·x̄ (β: slope of ln minutes on ln estimate inside developers) is one number; the arms' means of
these are compared by the two-sample t-test with pooled spread, t(G − 2). Exact from moments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import fit_least_squares
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats, cross_products


@dataclass(frozen=True, slots=True)
class Comparison:
    """Difference of the developer means, assistance − baseline, with its standard error."""

    theta: float
    error: StandardError | None


def compare_developer_means(cells: Cells, *, adjusted: bool) -> Comparison | None:
    """θ and its error, for cells in which every developer has one arm only; None where an arm has no developer.

    ``adjusted``: take the estimates into account; every item must have one then. Constant estimates adjust nothing.
    """
    arm = cells.items_by_arm()[:, 1] > 0
    means = _means(cells, adjusted=adjusted)
    baseline, assistance = means[~arm], means[arm]
    if not len(baseline) or not len(assistance):
        return None
    theta = float(assistance.mean() - baseline.mean())
    df = len(means) - 2
    if df < 1:
        return Comparison(theta, None)
    squares = float(
        ((baseline - baseline.mean()) ** 2).sum() + ((assistance - assistance.mean()) ** 2).sum()
    )
    return Comparison(
        theta,
        StandardError(math.sqrt(squares / df * (1 / len(baseline) + 1 / len(assistance))), df),
    )


def means_without(cells: Cells, *, adjusted: bool) -> Floats:
    """θ with each developer left out (the slope kept), G; NaN where that leaves an arm empty."""
    arm = cells.items_by_arm()[:, 1] > 0
    means = _means(cells, adjusted=adjusted)
    without = []
    for own in (~arm, arm):
        left = own.sum() - own
        total = means[own].sum() - np.where(own, means, 0.0)
        without.append(np.where(left > 0, total / np.maximum(left, 1), np.nan))
    return without[1] - without[0]


def _means(cells: Cells, *, adjusted: bool) -> Floats:
    n = cells.per_developer(cells.n)
    means = cells.per_developer(cells.y) / n
    slope = fit_least_squares(cross_products(cells, ("x",))) if adjusted else None
    return means if slope is None else means - slope.theta * cells.per_developer(cells.x) / n
