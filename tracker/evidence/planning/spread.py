"""The spread of work items, from which a study is planned: σ of one item's ln minutes.

It is taken from the items themselves, never from an error by developer, which is itself imprecise
with few developers.
"""

from __future__ import annotations

import math

from tracker.domain.arms import MIN_ITEMS_PER_ARM
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.estimators.least_squares import (
    estimate_terms,
    fit_least_squares,
    heteroskedastic,
)
from tracker.evidence.estimators.pseudo_values import MIN_RESIDUAL_SD, clip_rows, pseudo_values
from tracker.evidence.item_cells import CLOSED
from tracker.evidence.moments import ESTIMATE_TERMS, Cells, Term, cross_products
from tracker.evidence.sample import Sample


def item_spread(activity_estimate: ActivityEstimate) -> float | None:
    """Return σ of an activity: from both arms, or from the baseline where there is no fit of both.

    None where the log holds too little, or where the minutes do not vary.
    """
    estimate = activity_estimate.estimate
    if estimate is not None and estimate.read_fitted_rows is not None:
        return spread_of_rows(estimate.read_fitted_rows())
    if estimate is not None:
        return residual_spread(estimate.fitted.cells, estimate.terms)
    adjusted = activity_estimate.sample.adjusted
    return baseline_spread(baseline_cells(activity_estimate), adjusted=adjusted)


def baseline_cells(activity_estimate: ActivityEstimate) -> Cells:
    """Return the finished work items without assistance from which σ is taken."""
    cells = activity_estimate.sample.cells
    if activity_estimate.items is not None:
        closed = activity_estimate.items(CLOSED)
        cells = closed.select(closed.estimated) if activity_estimate.sample.adjusted else closed
    return cells.select(cells.arm == 0)


def spread_of_rows(rows: Sample) -> float | None:
    """Return σ from item rows (one cell per work item), as the HC3 error / √(1/n₀ + 1/n₁).

    None where there is no fit, or where the minutes do not vary.
    """
    terms = rows.terms
    fit = fit_least_squares(cross_products(rows.cells, terms))
    if fit is None:
        terms = ("arm",)
        fit = fit_least_squares(cross_products(rows.cells, terms))
    error = heteroskedastic(fit, rows.cells, terms, "HC3") if fit else None
    if error is None or error.se < MIN_RESIDUAL_SD:
        return None
    return error.se / math.sqrt(1 / rows.cells.items_of(0) + 1 / rows.cells.items_of(1))


def baseline_spread(cells: Cells, *, adjusted: bool) -> float | None:
    """Return σ from the baseline alone: the residuals' standard deviation inside developers.

    None with fewer than 8 work items, or where the minutes do not vary.

    Where every cell is one work item the residuals are those of the pseudo-values, as in a study.

    Args:
        cells: Work items of the baseline, or their sums.
        adjusted: Whether x = ln estimate is in the fit; every item must have an estimate then.

    """
    if cells.items < MIN_ITEMS_PER_ARM:
        return None
    terms: tuple[Term, ...] = estimate_terms(cells) if adjusted else ()
    fit = fit_least_squares(cross_products(cells, terms))
    if fit is None:
        terms = ()
        fit = fit_least_squares(cross_products(cells, terms))
    if fit is None:
        return None
    if (cells.n == 1).all():
        robust = pseudo_values(cells, terms, fit, clip_rows(cells))
        cells = robust.cells if robust else cells
    return residual_spread(cells, terms)


def residual_spread(cells: Cells, terms: tuple[Term, ...]) -> float | None:
    """Return σ as the standard deviation of the residuals of a fit.

    None where there is no fit or no degree of freedom, or where the minutes do not vary.
    """
    fit = fit_least_squares(cross_products(cells, terms))
    if fit is None and "x" in terms:
        others = tuple(term for term in terms if term not in ESTIMATE_TERMS)
        fit = fit_least_squares(cross_products(cells, others))
    if fit is None or fit.residual_df < 1:
        return None
    sd = math.sqrt(fit.residual_sum_of_squares / fit.residual_df)
    return sd if sd >= MIN_RESIDUAL_SD else None
