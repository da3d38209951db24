"""The same people's other work as a control: what changed in it at the rollout, too.

A team's drift between two periods shows in part in its other activities. 0.45 of their change is
taken off the change of the activity that is judged, which leaves less drift to allow for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import (
    LeastSquaresFit,
    classical,
    cr2_contributions,
    estimate_terms,
    fit_determined,
    fit_least_squares,
    leave_one_out_estimates,
)
from tracker.evidence.estimators.moderated import moderated_error
from tracker.evidence.estimators.pseudo_values import ClipCells, clip_rows, pseudo_values
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats, Term, cross_products

CONTROL_WEIGHT = 0.45
"""The share of the other work's change that is taken off, measured on real logs."""

HELD_AGAINST = "held against the same people's other work"

MIN_CONTROL_ITEMS = 40
MIN_CONTROL_ITEMS_PER_ARM = 15


@dataclass(frozen=True, slots=True)
class Control:
    """Work items of other activities, fitted with an effect of each developer × activity."""

    cells: Cells
    """With pseudo-values in the place of y, where these are determined."""
    terms: tuple[Term, ...]
    theta: float
    """The change of the other work on the scale of θ."""

    @property
    def developers(self) -> set[str]:
        """The developers whose work it is."""
        return {key[0] for key in self.cells.keys}

    def fit_of(self, developers: Sequence[str]) -> LeastSquaresFit | None:
        """Return the fit of some developers' work, with these as its clusters in their order.

        A developer without other work has cross-products of 0. None where nothing can be fitted.
        """
        numbers = {developer: number for number, developer in enumerate(developers)}
        cells = _of_developers(self.cells, numbers)
        clusters = np.array([numbers[key[0]] for key in cells.keys], dtype=np.int64)
        terms = self.terms
        if "points" in terms:
            terms = tuple(t for t in terms if t != "points" or t in estimate_terms(cells))
        return fit_least_squares(cross_products(cells, terms).merge(clusters, len(numbers)))


def fit_control(
    cells: Cells, developers: Collection[str], clip: ClipCells | None, *, min_developers: int = 1
) -> Control | None:
    """Fit the other work of the developers of a comparison.

    Items without an estimate and developer × activity with work in one arm only are left out.

    Args:
        cells: Closed work items of all other activities, by developer × activity.
        developers: The developers of the comparison.
        clip: Sums clipped residuals by cell; None where every cell is one work item.
        min_developers: How many of them must have such work.

    Returns:
        The control; None where fewer than 40 items are left, or fewer than 15 in an arm, or too few
        developers.
    """
    cells = _of_developers(cells.select(cells.estimated), developers)
    cells = cells.for_developers(cells.in_both_arms())
    in_arms = [cells.items_of(arm) for arm in (0, 1)]
    if sum(in_arms) < MIN_CONTROL_ITEMS or min(in_arms) < MIN_CONTROL_ITEMS_PER_ARM:
        return None
    if len({key[0] for key in cells.keys}) < min_developers:
        return None
    fit, terms = fit_determined(cells, ("arm", *estimate_terms(cells)))
    if fit is None:
        return None
    sums = clip_rows(cells) if clip is None else lambda fitted: clip(cells, fitted)
    robust = pseudo_values(cells, terms, fit, sums)
    return Control(
        cells=robust.cells if robust else cells,
        terms=terms,
        theta=robust.fit.theta if robust else fit.theta,
    )


def less_control(
    fit: LeastSquaresFit, control: LeastSquaresFit
) -> tuple[float, StandardError] | None:
    """Return θ − 0.45·θ_control with its moderated error.

    The developers' contributions to the error of θ and to that of the control are subtracted
    likewise, since both depend on the same people. The degrees of freedom are those of θ.

    Args:
        fit: The fit of the activity that is judged.
        control: The fit of the other work of the same developers, in the same order.

    Returns:
        The estimate and its error; None where one of the fits has no CR2 error.
    """
    target, other = cr2_contributions(fit), cr2_contributions(control)
    independent, control_independent = classical(fit), classical(control)
    if target is None or other is None or independent is None or control_independent is None:
        return None
    scores = target.scores - CONTROL_WEIGHT * other.scores
    classical_variance = independent.se**2 + (CONTROL_WEIGHT * control_independent.se) ** 2
    error = moderated_error(float(scores @ scores), target.df, classical_variance)
    return fit.theta - CONTROL_WEIGHT * control.theta, error


def leave_one_out_less_control(fit: LeastSquaresFit, control: LeastSquaresFit) -> Floats:
    """Return θ − 0.45·θ_control without each developer in turn, G; NaN where there is no fit."""
    estimates = leave_one_out_estimates(fit) - CONTROL_WEIGHT * leave_one_out_estimates(control)
    return np.asarray(estimates)


def _of_developers(cells: Cells, developers: Collection[str]) -> Cells:
    """Return the cells of developer × activity of some developers."""
    mask = np.array([key[0] in developers for key in cells.keys], dtype=np.bool_)
    return cells.for_developers(mask)
