"""The specification curve: other defensible analyses of the same data, each with its interval.

Each point changes one part of the primary analysis. It includes the drift allowance where the study
design has one, and its verdict follows the same rule. A point that cannot be computed says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tracker.domain.records import ItemStatus, StudyDesign
from tracker.evidence.activity import CLOSED, ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS, closed_cells, missing_items
from tracker.evidence.estimators.developer_means import leave_one_out_differences
from tracker.evidence.estimators.imputation import impute
from tracker.evidence.estimators.least_squares import (
    crv3,
    fit_least_squares,
    heteroskedastic,
    leave_one_out_estimates,
)
from tracker.evidence.estimators.poisson import fit_poisson
from tracker.evidence.estimators.primary import (
    ErrorUnit,
    Estimate,
    estimate_log_ratio,
    estimate_within_developers,
    robust_sample,
)
from tracker.evidence.estimators.resampling import (
    MAX_PERMUTED_ITEMS,
    permutation_interval,
    wild_bootstrap_interval,
)
from tracker.evidence.estimators.sum_ratios import ratio_of_sums
from tracker.evidence.intervals import StandardError, add_drift
from tracker.evidence.moments import Cells, Floats, Mask, Term, cells_from_moments, cross_products
from tracker.evidence.results import Interval, Sensitivity
from tracker.evidence.sample import Sample, select_sample

UNFINISHED: tuple[ItemStatus, ...] = (*CLOSED, "open", "immature")
"""Statuses of all work items with minutes, closed ones included."""

_NEEDS_FIVE = "needs five developers"
_NEEDS_ROWS = "needs one row per work item"
_TOO_FEW_ITEMS = "too few work items are left"
_ONE_LOOK = "not made: it holds for one look only"
_NOT_POSSIBLE = "could not be made from this data"


def specification_curve(
    activity_estimate: ActivityEstimate, rng: np.random.Generator
) -> tuple[Sensitivity, ...]:
    """Return the points that apply to the study design, without verdicts.

    Args:
        activity_estimate: The estimate of one activity.
        rng: Draws the bootstrap's weights and the permutations. Equal seeds give equal curves,
            whatever the order of the rows.

    Returns:
        The points; () where the activity has no interval.

    """
    if activity_estimate.log_ratio is None or activity_estimate.design is None:
        return ()
    within = activity_estimate.sample.kind == "within_developer"
    return (
        *(_other_errors(activity_estimate, rng) if within else ()),
        *_other_models(activity_estimate),
        *_other_items(activity_estimate),
    )


def _other_errors(
    activity_estimate: ActivityEstimate, rng: np.random.Generator
) -> Iterator[Sensitivity]:
    """Yield least squares, the primary coefficient with other errors, and the Poisson fit."""
    estimate, sample = activity_estimate.estimate, activity_estimate.rows()
    if estimate is None:
        return
    terms = activity_estimate.terms
    yield _least_squares_point(activity_estimate, terms)
    fit = fit_least_squares(cross_products(estimate.fitted.cells, terms))
    fitted_rows = estimate.read_fitted_rows() if estimate.read_fitted_rows else None
    if fit is None:
        return
    missing_reason = _missing_cluster_error_reason(activity_estimate)
    hc3 = heteroskedastic(fit, fitted_rows.cells, terms, "HC3") if fitted_rows else None
    note = _NOT_POSSIBLE if fitted_rows else _NEEDS_ROWS
    yield _point(activity_estimate, "HC3", fit.theta, hc3, note)
    crv3_error = None if missing_reason else crv3(fit)
    note = missing_reason or _NOT_POSSIBLE
    yield _point(activity_estimate, "CRV3", fit.theta, crv3_error, note)
    bootstrap = (
        None
        if missing_reason
        else wild_bootstrap_interval(fit, activity_estimate.interval_level, rng)
    )
    yield _resampled_point(activity_estimate, "wild cluster bootstrap-t", bootstrap, note)
    if activity_estimate.design == "randomised":
        yield _permutation_point(activity_estimate, sample, rng)
    yield _poisson_point(activity_estimate, sample, by_developer=not missing_reason)


def _least_squares_point(
    activity_estimate: ActivityEstimate, terms: tuple[Term, ...]
) -> Sensitivity:
    """Return the point of ln minutes themselves, where the primary fits pseudo-values."""
    rows = activity_estimate.rows()
    estimate = estimate_within_developers(
        activity_estimate.sample,
        terms,
        None if rows is None else lambda: rows,
        design=_design(activity_estimate),
        error_unit=_error_unit(activity_estimate),
    )
    return _estimate_point(activity_estimate, "least squares", estimate)


def _missing_cluster_error_reason(activity_estimate: ActivityEstimate) -> str:
    """Return why no error by developer can be computed; "" where one can."""
    if activity_estimate.anytime:
        return _ONE_LOOK
    return "" if activity_estimate.sample.cells.developers >= MIN_CLUSTERS else _NEEDS_FIVE


def _permutation_point(
    activity_estimate: ActivityEstimate, sample: Sample | None, rng: np.random.Generator
) -> Sensitivity:
    name = "permutation within developer"
    if sample is None:
        return Sensitivity(name, None, None, _NEEDS_ROWS)
    if activity_estimate.anytime:
        return Sensitivity(name, None, None, _ONE_LOOK)
    if sample.cells.items > MAX_PERMUTED_ITEMS:
        note = f"left out beyond {MAX_PERMUTED_ITEMS:,} work items"
        return Sensitivity(name, None, None, note)
    adjusted = activity_estimate.adjusted
    robust = robust_sample(sample, ("x",) if adjusted else ()) or sample
    interval = permutation_interval(
        robust.cells, activity_estimate.interval_level, rng, adjusted=adjusted
    )
    return _resampled_point(activity_estimate, name, interval)


def _poisson_point(
    activity_estimate: ActivityEstimate, sample: Sample | None, *, by_developer: bool
) -> Sensitivity:
    name = "Poisson pseudo-likelihood"
    if sample is None:
        return Sensitivity(name, None, None, _NEEDS_ROWS)
    poisson = fit_poisson(sample.cells, activity_estimate.terms)
    if poisson is None:
        return Sensitivity(name, None, None, _NOT_POSSIBLE)
    error = crv3(poisson.fit) if by_developer else poisson.item_error
    return _point(activity_estimate, name, poisson.fit.theta, error)


def _other_models(activity_estimate: ActivityEstimate) -> Iterator[Sensitivity]:
    """Yield the points with another outcome or other regressors."""
    adjusted = activity_estimate.sample.adjusted
    terms = activity_estimate.terms
    yield _sum_ratio_point(activity_estimate)
    name = "no x" if adjusted else "with x, items with an estimate"
    yield _refit_items(activity_estimate, name, adjusted=not adjusted)
    if activity_estimate.sample.kind == "within_developer":
        yield _refit_terms(activity_estimate, "+ linear trend", (*terms, "trend"))
    if activity_estimate.sample.kind == "staggered":
        yield _refit_terms(activity_estimate, "two-way fixed effects", (*terms, "months"))
        yield _refit_terms(activity_estimate, "before/after, no month effects", terms)


def _sum_ratio_point(activity_estimate: ActivityEstimate) -> Sensitivity:
    """Return the point of Σt/Σestimate, from the items with an estimate."""
    name, sample = "Σt/Σestimate", activity_estimate.sample
    if activity_estimate.anytime and sample.cells.developers >= MIN_CLUSTERS:
        return Sensitivity(name, None, None, _ONE_LOOK)  # the error of this ratio is by developer
    if not sample.adjusted:
        closed = closed_cells(activity_estimate.moments)
        sample = select_sample(closed, activity_estimate.design or "randomised", adjusted=True)
    ratio = ratio_of_sums(sample.cells, "w")
    if ratio is None:
        return Sensitivity(name, None, None, _NOT_POSSIBLE)
    return _point(activity_estimate, name, ratio.theta, ratio.error)


def _other_items(activity_estimate: ActivityEstimate) -> Iterator[Sensitivity]:
    """Yield the points with the primary estimator on other work items."""
    yield _refit_items(activity_estimate, "without the first month", cell_mask=_without_first_month)
    yield _leave_one_out_range(activity_estimate)
    yield _refit_items(activity_estimate, "open items as done", statuses=UNFINISHED)


def _refit_items(
    activity_estimate: ActivityEstimate,
    name: str,
    *,
    adjusted: bool | None = None,
    statuses: tuple[ItemStatus, ...] = CLOSED,
    cell_mask: Callable[[Cells, StudyDesign], Mask] | None = None,
) -> Sensitivity:
    """Apply the primary estimator to other work items.

    Args:
        activity_estimate: The estimate of the activity.
        name: The point's name.
        adjusted: Whether x is in the fit; None: as in the primary.
        statuses: Statuses of the work items.
        cell_mask: Returns a mask of the cells to use; None: all.

    Returns:
        The point.

    """
    design = _design(activity_estimate)
    adjust = activity_estimate.sample.adjusted if adjusted is None else adjusted
    read_cells = activity_estimate.items
    within = activity_estimate.sample.kind == "within_developer"
    # Pseudo-values of closed items are taken as they stand; unfinished ones need their own.
    primary = activity_estimate.estimate if within and statuses == CLOSED else None

    def select(cells: Cells) -> Sample:
        cells = cells.select(cell_mask(cells, design)) if cell_mask else cells
        return select_sample(cells, design, adjusted=adjust)

    if primary is not None:
        sample = select(primary.fitted.cells)
    else:
        moments = activity_estimate.moments[activity_estimate.moments["status"].isin(statuses)]
        sample = select(cells_from_moments(moments))
    too_few = missing_items(sample.cells.items_of(0), sample.cells.items_of(1))
    if sample.kind != activity_estimate.sample.kind or too_few:
        return Sensitivity(name, None, None, _TOO_FEW_ITEMS)
    if primary is not None:
        read_fitted = primary.read_fitted_rows
        estimate = estimate_within_developers(
            sample,
            sample.terms,
            None if read_fitted is None else lambda: select(read_fitted().cells),
            design=design,
            error_unit=_error_unit(activity_estimate),
        )
    else:
        estimate = estimate_log_ratio(
            sample,
            None if read_cells is None else lambda: select(read_cells(statuses)),
            design=design,
            error_unit=_error_unit(activity_estimate),
        )
    return _estimate_point(activity_estimate, name, estimate)


def _refit_terms(
    activity_estimate: ActivityEstimate, name: str, terms: tuple[Term, ...]
) -> Sensitivity:
    """Compare developers with themselves, with other regressors.

    Developers who have work in one arm only still contribute to the coefficients of months and x.
    """
    primary = activity_estimate.estimate
    if primary is None:
        return Sensitivity(name, None, None, _NOT_POSSIBLE)
    estimate = estimate_within_developers(
        primary.fitted,
        terms,
        primary.read_fitted_rows,
        design=_design(activity_estimate),
        error_unit=_error_unit(activity_estimate),
    )
    return _estimate_point(activity_estimate, name, estimate)


def _leave_one_out_range(activity_estimate: ActivityEstimate) -> Sensitivity:
    """Return the range of the intervals that leave one developer out.

    It reaches from the low end of the interval of the smallest estimate to the high end of that of
    the largest. It needs five developers: with fewer, the one left out could be identified.
    """
    name, sample = "leave one developer out (range)", activity_estimate.sample
    if sample.cells.developers < MIN_CLUSTERS:
        return Sensitivity(name, None, None, _NEEDS_FIVE)
    estimates = _leave_one_out(activity_estimate)
    if estimates is None or not np.isfinite(estimates).all():
        return Sensitivity(name, None, None, "one developer alone decides the comparison")
    developers = np.arange(sample.cells.developers)
    lowest, highest = (
        _refit_developers(activity_estimate, developers != extreme)
        for extreme in (np.argmin(estimates), np.argmax(estimates))
    )
    low = lowest.low if lowest else None
    high = highest.high if highest else None
    if low is None or high is None or activity_estimate.log_ratio is None:
        return Sensitivity(name, None, None, _NOT_POSSIBLE)
    note = f"time ratios from {np.exp(estimates.min()):.2f} to {np.exp(estimates.max()):.2f}"
    return Sensitivity(name, Interval(activity_estimate.log_ratio.estimate, low, high), None, note)


def _leave_one_out(activity_estimate: ActivityEstimate) -> Floats | None:
    """Return θ without each developer, by the primary estimator; None where there is no fit."""
    sample = activity_estimate.sample
    if sample.kind == "staggered":
        imputation = impute(sample.cells, adjusted=sample.adjusted)
        return imputation.leave_one_out if imputation else None
    if sample.kind == "between_developers":
        return leave_one_out_differences(sample.cells, adjusted=sample.adjusted)
    estimate = activity_estimate.estimate
    fit = (
        None
        if estimate is None
        else fit_least_squares(cross_products(estimate.fitted.cells, activity_estimate.terms))
    )
    return leave_one_out_estimates(fit) if fit else None


def _refit_developers(activity_estimate: ActivityEstimate, developer_mask: Mask) -> Interval | None:
    """Return the interval of the primary estimator for some of the developers.

    The unit of its error stays that of the primary, even where fewer than five developers remain.
    """
    primary = activity_estimate.estimate
    if primary is None:
        return None
    read_rows, sample = primary.read_fitted_rows, primary.fitted

    def select(fitted: Sample) -> Sample:
        return replace(fitted, cells=fitted.cells.for_developers(developer_mask))

    read_selected = None if read_rows is None else lambda: select(read_rows())
    unit = _error_unit(activity_estimate) or "developers"
    design = _design(activity_estimate)
    if sample.kind == "within_developer":
        estimate = estimate_within_developers(
            select(sample), primary.terms, read_selected, design=design, error_unit=unit
        )
    else:
        estimate = estimate_log_ratio(select(sample), read_selected, design=design, error_unit=unit)
    return activity_estimate.interval(estimate.theta, estimate.error) if estimate else None


def _without_first_month(cells: Cells, design: StudyDesign) -> Mask:
    """Return a mask of all cells but those of each developer's first month with assistance.

    This excludes learning and novelty. In a randomised study the month is left out of both arms.
    """
    first = np.full(cells.developers, np.iinfo(np.int64).max)
    treated = cells.arm == 1
    np.minimum.at(first, cells.developer[treated], cells.period[treated])
    in_first_month = cells.period == first[cells.developer]
    return np.asarray(~in_first_month if design == "randomised" else ~(in_first_month & treated))


def _design(activity_estimate: ActivityEstimate) -> StudyDesign:
    """Return the study design of an activity that has an interval."""
    return activity_estimate.design or "randomised"


def _error_unit(activity_estimate: ActivityEstimate) -> ErrorUnit | None:
    """Return ``items`` for anytime bounds; None: decided by the number of developers."""
    return "items" if activity_estimate.anytime else None


def _estimate_point(
    activity_estimate: ActivityEstimate, name: str, estimate: Estimate | None
) -> Sensitivity:
    """Return the point of an estimate, or one without an interval where there is none."""
    if estimate is None:
        return Sensitivity(name, None, None, _NOT_POSSIBLE)
    return _point(activity_estimate, name, estimate.theta, estimate.error)


def _point(
    activity_estimate: ActivityEstimate,
    name: str,
    theta: float,
    error: StandardError | None,
    note: str = _NOT_POSSIBLE,
) -> Sensitivity:
    """Return the point of θ and its error; ``note`` says why it has no interval, if so."""
    interval = activity_estimate.interval(theta, error)
    return Sensitivity(name, interval, None, "" if interval else note)


def _resampled_point(
    activity_estimate: ActivityEstimate,
    name: str,
    interval: Interval | None,
    note: str = _NOT_POSSIBLE,
) -> Sensitivity:
    """Return the point of an interval from resampling, with the drift allowance added."""
    if interval is None:
        return Sensitivity(name, None, None, note)
    return Sensitivity(name, add_drift(interval, activity_estimate.drift), None, "")
