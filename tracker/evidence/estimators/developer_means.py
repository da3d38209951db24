"""Whole developers per arm: a two-sample t-test on developer means.

Each developer contributes one number, ȳ − β·x̄, where β is the slope of ln minutes on ln estimate
within developers. Where units are mixed it is ȳ − β·x̄ − δ·p̄, with the share p̄ of their items that
are estimated in points, and δ the intercept of these within developers. The arms' means of these
are compared with the pooled spread, t(G − 2). Exact from moments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import estimate_terms, fit_least_squares
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats, Term, cross_products, regressors


@dataclass(frozen=True, slots=True)
class MeansDifference:
    """The difference of the arms' means, assistance − baseline, on θ."""

    theta: float
    error: StandardError | None
    """None where no degree of freedom is left."""
    estimate_terms: tuple[Term, ...]
    """How the means are adjusted for the estimates; () where they are not."""


def compare_developer_means(cells: Cells, *, adjusted: bool) -> MeansDifference | None:
    """Compare the arms' developer means.

    Args:
        cells: Work of developers who each have one arm only.
        adjusted: Whether to adjust for the estimates; every item must have one then. Estimates that
            do not vary adjust nothing, nor do those of developers with different units.

    Returns:
        θ with its standard error; None where an arm has no developer.

    """
    arm = cells.items_by_arm()[:, 1] > 0
    terms, means = _developer_means(cells, adjusted=adjusted)
    baseline, assistance = means[~arm], means[arm]
    if not len(baseline) or not len(assistance):
        return None
    theta = float(assistance.mean() - baseline.mean())
    df = len(means) - 2
    if df < 1:
        return MeansDifference(theta, None, terms)
    squares = float(
        ((baseline - baseline.mean()) ** 2).sum() + ((assistance - assistance.mean()) ** 2).sum()
    )
    se = math.sqrt(squares / df * (1 / len(baseline) + 1 / len(assistance)))
    return MeansDifference(theta, StandardError(se, df), terms)


def leave_one_out_differences(cells: Cells, *, adjusted: bool) -> Floats:
    """Return θ without each developer in turn, with the slope of x unchanged; length G.

    NaN where an arm then has no developer.
    """
    arm = cells.items_by_arm()[:, 1] > 0
    means = _developer_means(cells, adjusted=adjusted)[1]
    arm_means = []
    for in_arm in (~arm, arm):
        n_others = in_arm.sum() - in_arm
        total = means[in_arm].sum() - np.where(in_arm, means, 0.0)
        arm_means.append(np.where(n_others > 0, total / np.maximum(n_others, 1), np.nan))
    return arm_means[1] - arm_means[0]


def _developer_means(cells: Cells, *, adjusted: bool) -> tuple[tuple[Term, ...], Floats]:
    """Return the regressors within developers, and each developer's ȳ less their part; length G."""
    n = cells.per_developer(cells.n)
    means = cells.per_developer(cells.y) / n
    terms = estimate_terms(cells) if adjusted else ()
    fit = fit_least_squares(cross_products(cells, terms)) if terms else None
    one_unit = not cells.points.any() or bool(cells.points.all())
    if fit is None or not (one_unit or "points" in terms):
        return (), means
    expected = regressors(cells, terms) @ fit.beta
    return terms, means - cells.per_developer(cells.n * expected) / n
