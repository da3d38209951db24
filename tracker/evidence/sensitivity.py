"""The specification curve: other defensible analyses of the same data, each with its interval.

Each point changes one part of the primary analysis. It includes the drift allowance where the study
design has one, and its verdict follows the same rule. A point that cannot be computed says why.

Where the primary analysis is held against the same people's other work, so are the points that
change the items, the regressors or the outcome of its comparison: the other work stays as it is.
Other estimands (the Poisson fit, Σt/Σestimate) are not, and have the full allowance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tracker.domain.records import ItemStatus, StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS, closed_cells, missing_items
from tracker.evidence.estimands import total_ratio
from tracker.evidence.estimators.primary import estimate_log_ratio, estimate_within_developers
from tracker.evidence.item_cells import CLOSED
from tracker.evidence.moments import Cells, Mask, Term, cells_from_moments
from tracker.evidence.results import Interval, Sensitivity
from tracker.evidence.sample import Sample, estimated_in_minutes, select_sample
from tracker.evidence.sensitivity_errors import leave_one_out_of_primary, other_errors
from tracker.evidence.sensitivity_points import (
    NEEDS_FIVE,
    NOT_POSSIBLE,
    ONE_LOOK,
    TOO_FEW_ITEMS,
    design_of,
    error_unit_of,
    estimate_interval,
    estimate_point,
    held_like_primary,
    other_error_point,
)
from tracker.evidence.verdict import count_of_total

UNFINISHED: tuple[ItemStatus, ...] = (*CLOSED, "open", "immature")
"""Statuses of all work items with minutes, closed ones included."""


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
        *(other_errors(activity_estimate, rng) if within else ()),
        *_other_models(activity_estimate),
        *_other_items(activity_estimate),
    )


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
    """Return the point of Σt/Σestimate, from the items with an estimate in minutes."""
    name, sample = "Σt/Σestimate", activity_estimate.sample
    if activity_estimate.anytime and sample.cells.developers >= MIN_CLUSTERS:
        return Sensitivity(name, None, None, ONE_LOOK)  # the error of this ratio is by developer
    if not sample.adjusted:
        closed = closed_cells(activity_estimate.moments)
        sample = select_sample(closed, activity_estimate.design or "randomised", adjusted=True)
    comparable = estimated_in_minutes(sample)
    in_minutes = comparable.cells
    ratio = total_ratio(comparable, "w")
    if ratio is None:
        return Sensitivity(name, None, None, NOT_POSSIBLE)
    point = other_error_point(activity_estimate, name, ratio.theta, ratio.error)
    if in_minutes.items == sample.cells.items or point.note:
        return point
    count = count_of_total(in_minutes.items, sample.cells.items)
    return replace(point, note=f"of the {count} tasks that are estimated in minutes")


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
    design = design_of(activity_estimate)
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
        return Sensitivity(name, None, None, TOO_FEW_ITEMS)
    if primary is not None:
        read_fitted = primary.read_fitted_rows
        estimate = estimate_within_developers(
            sample,
            sample.terms,
            None if read_fitted is None else lambda: select(read_fitted().cells),
            design=design,
            error_unit=error_unit_of(activity_estimate),
        )
    else:
        estimate = estimate_log_ratio(
            sample,
            None if read_cells is None else lambda: select(read_cells(statuses)),
            design=design,
            error_unit=error_unit_of(activity_estimate),
        )
    return estimate_point(activity_estimate, name, estimate)


def _refit_terms(
    activity_estimate: ActivityEstimate, name: str, terms: tuple[Term, ...]
) -> Sensitivity:
    """Compare developers with themselves, with other regressors.

    Developers who have work in one arm only still contribute to the coefficients of months and x.
    """
    primary = activity_estimate.estimate
    if primary is None:
        return Sensitivity(name, None, None, NOT_POSSIBLE)
    estimate = estimate_within_developers(
        primary.fitted,
        terms,
        primary.read_fitted_rows,
        design=design_of(activity_estimate),
        error_unit=error_unit_of(activity_estimate),
    )
    return estimate_point(activity_estimate, name, estimate)


def _leave_one_out_range(activity_estimate: ActivityEstimate) -> Sensitivity:
    """Return the range of the intervals that leave one developer out.

    It reaches from the low end of the interval of the smallest estimate to the high end of that of
    the largest. It needs five developers: with fewer, the one left out could be identified.
    """
    name, sample = "leave one developer out (range)", activity_estimate.sample
    if sample.cells.developers < MIN_CLUSTERS:
        return Sensitivity(name, None, None, NEEDS_FIVE)
    estimates = leave_one_out_of_primary(activity_estimate)
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
        return Sensitivity(name, None, None, NOT_POSSIBLE)
    note = f"time ratios from {np.exp(estimates.min()):.2f} to {np.exp(estimates.max()):.2f}"
    return Sensitivity(name, Interval(activity_estimate.log_ratio.estimate, low, high), None, note)


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
    unit = error_unit_of(activity_estimate) or "developers"
    design = design_of(activity_estimate)
    if sample.kind == "within_developer":
        estimate = estimate_within_developers(
            select(sample), primary.terms, read_selected, design=design, error_unit=unit
        )
    else:
        estimate = estimate_log_ratio(select(sample), read_selected, design=design, error_unit=unit)
    held = held_like_primary(activity_estimate, estimate)
    return estimate_interval(activity_estimate, held)


def _without_first_month(cells: Cells, design: StudyDesign) -> Mask:
    """Return a mask of all cells but those of each developer's first month with assistance.

    This excludes learning and novelty. In a randomised study the month is left out of both arms.
    """
    first = np.full(cells.developers, np.iinfo(np.int64).max)
    treated = cells.arm == 1
    np.minimum.at(first, cells.developer[treated], cells.period[treated])
    in_first_month = cells.period == first[cells.developer]
    return np.asarray(~in_first_month if design == "randomised" else ~(in_first_month & treated))
