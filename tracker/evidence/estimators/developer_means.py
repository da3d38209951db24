"""Whole developers per arm: a two-sample t-test on developer means.

Each developer contributes one number, ȳ − β·x̄, where β is the slope of ln minutes on ln estimate
within developers. The arms' means of these are compared with the pooled spread, t(G − 2). Exact
from moments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import fit_least_squares
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats, cross_products


@dataclass(frozen=True, slots=True)
class MeansDifference:
    """The difference of the arms' means, assistance − baseline, on θ."""

    theta: float
    error: StandardError | None
    """None where no degree of freedom is left."""
    adjusted: bool
    """Whether the means are adjusted for the estimates: False where those do not vary."""


def compare_developer_means(cells: Cells, *, adjusted: bool) -> MeansDifference | None:
    """Compare the arms' developer means.

    Args:
        cells: Work of developers who each have one arm only.
        adjusted: Whether to adjust for the estimates; every item must have one then. Estimates that
            do not vary adjust nothing.

    Returns:
        θ with its standard error; None where an arm has no developer.

    """
    arm = cells.items_by_arm()[:, 1] > 0
    slope = _slope(cells) if adjusted else None
    means = _developer_means(cells, slope)
    baseline, assistance = means[~arm], means[arm]
    if not len(baseline) or not len(assistance):
        return None
    theta = float(assistance.mean() - baseline.mean())
    df = len(means) - 2
    if df < 1:
        return MeansDifference(theta, None, slope is not None)
    squares = float(
        ((baseline - baseline.mean()) ** 2).sum() + ((assistance - assistance.mean()) ** 2).sum()
    )
    se = math.sqrt(squares / df * (1 / len(baseline) + 1 / len(assistance)))
    return MeansDifference(theta, StandardError(se, df), slope is not None)


def leave_one_out_differences(cells: Cells, *, adjusted: bool) -> Floats:
    """Return θ without each developer in turn, with the slope of x unchanged; length G.

    NaN where an arm then has no developer.
    """
    arm = cells.items_by_arm()[:, 1] > 0
    means = _developer_means(cells, _slope(cells) if adjusted else None)
    arm_means = []
    for in_arm in (~arm, arm):
        n_others = in_arm.sum() - in_arm
        total = means[in_arm].sum() - np.where(in_arm, means, 0.0)
        arm_means.append(np.where(n_others > 0, total / np.maximum(n_others, 1), np.nan))
    return arm_means[1] - arm_means[0]


def _slope(cells: Cells) -> float | None:
    """Return the slope of x within developers; None where x does not vary."""
    fit = fit_least_squares(cross_products(cells, ("x",)))
    return None if fit is None else fit.theta


def _developer_means(cells: Cells, slope: float | None) -> Floats:
    """Return each developer's ȳ − slope·x̄ (ȳ without a slope); length G."""
    n = cells.per_developer(cells.n)
    means = cells.per_developer(cells.y) / n
    if slope is None:
        return means
    return means - slope * cells.per_developer(cells.x) / n
