"""The points of the specification curve that keep the primary comparison, and change its error.

With them the point that holds the comparison against the same people's other work, or does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.control import (
    CONTROL_WEIGHT,
    Control,
    leave_one_out_less_control,
)
from tracker.evidence.estimators.developer_means import leave_one_out_differences
from tracker.evidence.estimators.imputation import impute
from tracker.evidence.estimators.least_squares import (
    crv3,
    heteroskedastic,
    jackknife,
    leave_one_out_estimates,
)
from tracker.evidence.estimators.poisson import fit_poisson
from tracker.evidence.estimators.primary import (
    Estimate,
    estimate_within_developers,
    hold_against,
    robust_sample,
)
from tracker.evidence.estimators.resampling import (
    MAX_PERMUTED_ITEMS,
    permutation_interval,
    wild_bootstrap_interval,
)
from tracker.evidence.moments import Floats, Term
from tracker.evidence.results import ControlFigures, Sensitivity
from tracker.evidence.sample import Sample
from tracker.evidence.sensitivity_points import (
    CONTROLLED,
    NEEDS_FIVE,
    NEEDS_ROWS,
    NOT_CONTROLLED,
    NOT_POSSIBLE,
    ONE_LOOK,
    TOO_LITTLE_OTHER_WORK,
    WITHOUT_CONTROL,
    design_of,
    error_unit_of,
    estimate_point,
    other_error_point,
    primary_point,
    resampled_point,
)


def other_errors(
    activity_estimate: ActivityEstimate, rng: np.random.Generator
) -> Iterator[Sensitivity]:
    """Yield least squares, the primary coefficient with other errors, and the Poisson fit."""
    estimate, sample = activity_estimate.estimate, activity_estimate.rows()
    if estimate is None:
        return
    terms, fit = activity_estimate.terms, estimate.fit
    yield _least_squares_point(activity_estimate, terms)
    if fit is None:
        return
    if activity_estimate.read_control is not None:
        yield _control_point(activity_estimate, estimate, activity_estimate.read_control())
    controlled = activity_estimate.is_controlled
    fitted_rows = estimate.read_fitted_rows() if estimate.read_fitted_rows else None
    hc3 = (
        heteroskedastic(fit, fitted_rows.cells, terms, "HC3")
        if fitted_rows and not controlled
        else None
    )
    note = NOT_POSSIBLE if fitted_rows else NEEDS_ROWS
    yield other_error_point(
        activity_estimate, "HC3", fit.theta, hc3, NOT_CONTROLLED if controlled else note
    )
    missing_reason = _missing_cluster_error_reason(activity_estimate)
    left_out = None if missing_reason else leave_one_out_of_primary(activity_estimate)
    crv3_error = None if left_out is None else jackknife(left_out, estimate.theta)
    note = missing_reason or NOT_POSSIBLE
    yield primary_point(activity_estimate, "CRV3", crv3_error, note)
    note = NOT_CONTROLLED if controlled else note
    bootstrap = (
        None
        if missing_reason or controlled
        else wild_bootstrap_interval(fit, activity_estimate.interval_level, rng)
    )
    yield resampled_point(activity_estimate, "wild cluster bootstrap-t", bootstrap, note)
    if activity_estimate.design == "randomised":
        yield _permutation_point(activity_estimate, sample, rng)
    yield _poisson_point(activity_estimate, sample, by_developer=not missing_reason)


def _control_point(
    activity_estimate: ActivityEstimate, estimate: Estimate, control: Control | None
) -> Sensitivity:
    """Return the point held against the same people's other work.

    Where that is the primary analysis, the point is the one without it.
    """
    if control is None:
        return Sensitivity(CONTROLLED, None, None, TOO_LITTLE_OTHER_WORK)
    figures = ControlFigures(
        items=control.cells.items,
        developers=len(control.developers),
        log_ratio=control.theta,
        hidden_log_ratio=CONTROL_WEIGHT * control.theta,
        is_primary=activity_estimate.is_controlled,
    )
    if figures.is_primary:
        name = WITHOUT_CONTROL
        other = estimate_within_developers(
            estimate.fitted, estimate.terms, None, design=design_of(activity_estimate)
        )
    else:
        name, other = CONTROLLED, hold_against(estimate, control)
    point = estimate_point(activity_estimate, name, other, hold=False)
    return replace(point, note=point.note or _control_note(figures), control=figures)


def _control_note(figures: ControlFigures) -> str:
    """Return the change of the other work, and what of the effect it may hide."""
    ratio = math.exp(figures.log_ratio)
    change = f"their other work has a time ratio of {ratio:.2f} (θ_c = {figures.log_ratio:.3f})"
    if figures.log_ratio >= 0:
        return f"{change}: it was not speeded up"
    return (
        f"{change}: if assistance speeded it up, {CONTROL_WEIGHT}·θ_c ="
        f" {figures.hidden_log_ratio:.3f} of the effect is hidden"
    )


def _least_squares_point(
    activity_estimate: ActivityEstimate, terms: tuple[Term, ...]
) -> Sensitivity:
    """Return the point of ln minutes themselves, where the primary fits pseudo-values."""
    rows = activity_estimate.rows()
    estimate = estimate_within_developers(
        activity_estimate.sample,
        terms,
        None if rows is None else lambda: rows,
        design=design_of(activity_estimate),
        error_unit=error_unit_of(activity_estimate),
    )
    return estimate_point(activity_estimate, "least squares", estimate)


def _missing_cluster_error_reason(activity_estimate: ActivityEstimate) -> str:
    """Return why no error by developer can be computed; "" where one can."""
    if activity_estimate.anytime:
        return ONE_LOOK
    return "" if activity_estimate.sample.cells.developers >= MIN_CLUSTERS else NEEDS_FIVE


def _permutation_point(
    activity_estimate: ActivityEstimate, sample: Sample | None, rng: np.random.Generator
) -> Sensitivity:
    name = "permutation within developer"
    if sample is None:
        return Sensitivity(name, None, None, NEEDS_ROWS)
    if activity_estimate.anytime:
        return Sensitivity(name, None, None, ONE_LOOK)
    if sample.cells.items > MAX_PERMUTED_ITEMS:
        note = f"left out beyond {MAX_PERMUTED_ITEMS:,} work items"
        return Sensitivity(name, None, None, note)
    terms = tuple(term for term in activity_estimate.terms if term != "arm")
    robust = robust_sample(sample, terms) or sample
    interval = permutation_interval(
        robust.cells, activity_estimate.interval_level, rng, adjusted=activity_estimate.adjusted
    )
    return resampled_point(activity_estimate, name, interval)


def _poisson_point(
    activity_estimate: ActivityEstimate, sample: Sample | None, *, by_developer: bool
) -> Sensitivity:
    name = "Poisson pseudo-likelihood"
    if sample is None:
        return Sensitivity(name, None, None, NEEDS_ROWS)
    poisson = fit_poisson(sample.cells, activity_estimate.terms)
    if poisson is None:
        return Sensitivity(name, None, None, NOT_POSSIBLE)
    error = crv3(poisson.fit) if by_developer else poisson.item_error
    return other_error_point(activity_estimate, name, poisson.fit.theta, error)


def leave_one_out_of_primary(activity_estimate: ActivityEstimate) -> Floats | None:
    """Return θ without each developer, by the primary estimator; None where there is no fit."""
    sample = activity_estimate.sample
    if sample.kind == "staggered":
        imputation = impute(sample.cells, adjusted=sample.adjusted)
        return imputation.leave_one_out if imputation else None
    if sample.kind == "between_developers":
        return leave_one_out_differences(sample.cells, adjusted=sample.adjusted)
    estimate = activity_estimate.estimate
    if estimate is None or estimate.fit is None:
        return None
    if estimate.control is None:
        return leave_one_out_estimates(estimate.fit)
    control_fit = estimate.control.fit_of(estimate.developer_names)
    return leave_one_out_less_control(estimate.fit, control_fit) if control_fit else None
