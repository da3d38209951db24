"""Moderated standard errors, and the comparison against the same people's other work."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tracker.evidence.estimators.least_squares import (
    LeastSquaresFit,
    classical,
    cr2_contributions,
    fit_least_squares,
)
from tracker.evidence.estimators.pseudo_values import ClipResiduals, pseudo_values
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Integers, Term, cross_products

PRIOR_VARIANCE_RATIO = 1.45
"""How much wider than independent items teams are: the variance of θ by developer over the
classical one, measured on real logs.
"""
PRIOR_DF = 4
"""Degrees of freedom of knowing PRIOR_VARIANCE_RATIO."""

CONTROL_WEIGHT = 0.45
"""The share of the control's change that is subtracted."""
MIN_CONTROL_ITEMS = 40
"""Work items that a control must have."""
MIN_CONTROL_ITEMS_PER_ARM = 15


@dataclass(frozen=True, slots=True)
class ControlWork:
    """Work items of the other activities of the developers who are compared."""

    cells: Cells
    """The ``developer`` of a cell is the code of a pair of developer and activity; every item has
    an estimate.
    """
    developers: Integers
    """The developer of each pair, as a code of the comparison's cells."""


@dataclass(frozen=True, slots=True)
class ControlledEstimate:
    """θ less a share of the change in the same people's other work."""

    theta: float
    error: StandardError
    control_theta: float
    control_items: int


def moderated_error(variance: float, df: float, classical_variance: float) -> StandardError:
    """Return an error that is shrunk towards 1.45 times the classical variance.

    Smyth 2004, "Linear models and empirical Bayes methods", section 3: the variance is the mean of
    its prior and its estimate, weighted by their degrees of freedom.

    Args:
        variance: The squared CR2 error of θ, or that of a contrast.
        df: Its Satterthwaite degrees of freedom.
        classical_variance: The variance of θ for independent items.
    """
    prior = PRIOR_DF * PRIOR_VARIANCE_RATIO * classical_variance
    return StandardError(math.sqrt((prior + df * variance) / (PRIOR_DF + df)), PRIOR_DF + df)


def moderated(fit: LeastSquaresFit) -> StandardError | None:
    """Return the moderated error of a fit; None where it has no CR2 error."""
    contributions, independent = cr2_contributions(fit), classical(fit)
    if contributions is None or independent is None:
        return None
    scores, df = contributions
    return moderated_error(float(scores @ scores), df, independent.se**2)


def enough_control(control: ControlWork) -> bool:
    """Return whether the control has enough work items in all and in each arm."""
    cells = control.cells
    return cells.items >= MIN_CONTROL_ITEMS and all(
        cells.items_of(arm) >= MIN_CONTROL_ITEMS_PER_ARM for arm in (0, 1)
    )


def subtract_control(
    fit: LeastSquaresFit, control: ControlWork, clip: ClipResiduals
) -> ControlledEstimate | None:
    """Return θ − 0.45·θ_control with its moderated error.

    The control has effects of developer × activity, its own slope of x and its own pseudo-values.
    Clusters are developers, so a developer's adjusted scores in both fits are subtracted.

    Args:
        fit: The comparison's fit, whose clusters are developers.
        control: The other work; pairs with one arm only are left out before.
        clip: Sums the clipped residuals of the control's cells.

    Returns:
        The estimate; None where the control is too small, or an error is undefined.
    """
    contributions, independent = cr2_contributions(fit), classical(fit)
    if contributions is None or independent is None or not enough_control(control):
        return None
    control_fit = _fit_control(control, clip, fit.cross.developers)
    if control_fit is None:
        return None
    control_contributions, control_independent = (
        cr2_contributions(control_fit),
        classical(control_fit),
    )
    if control_contributions is None or control_independent is None:
        return None
    scores, df = contributions
    difference = scores - CONTROL_WEIGHT * control_contributions[0]
    classical_variance = independent.se**2 + (CONTROL_WEIGHT * control_independent.se) ** 2
    return ControlledEstimate(
        theta=fit.theta - CONTROL_WEIGHT * control_fit.theta,
        error=moderated_error(float(difference @ difference), df, classical_variance),
        control_theta=control_fit.theta,
        control_items=control.cells.items,
    )


def _fit_control(
    control: ControlWork, clip: ClipResiduals, developers: int
) -> LeastSquaresFit | None:
    """Return the robust fit of the control, with developers as clusters.

    A developer without control items has cross-products and an adjusted score of 0.
    """
    terms: tuple[Term, ...] = ("arm", "x")
    fit = fit_least_squares(cross_products(control.cells, terms))
    if fit is None:
        return None
    robust = pseudo_values(control.cells, terms, fit, clip)
    fit = fit if robust is None else robust.fit
    return replace(fit, cross=fit.cross.merge(control.developers, developers))
