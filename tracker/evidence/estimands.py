"""The estimand table: typical task, total hours and median, which need not agree.

Each estimand has its interval at the activity's level, with the drift allowance where the study
design has one.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.least_squares import fit_least_squares, jackknife
from tracker.evidence.estimators.staggered_sums import staggered_ratio_of_sums
from tracker.evidence.estimators.sum_ratios import Denominator, SumRatio, ratio_of_sums
from tracker.evidence.intervals import StandardError, confidence_interval
from tracker.evidence.moments import (
    Cells,
    Floats,
    Integers,
    Term,
    cross_products,
    regressors,
)
from tracker.evidence.results import (
    HOURS_PER_ESTIMATED_HOUR,
    TOTAL_HOURS,
    TYPICAL_TASK,
    Estimand,
    Interval,
    exponentiate,
)
from tracker.evidence.sample import Sample, estimated_in_minutes
from tracker.evidence.verdict import count_of_total

_HOUR_MINUTES = 60.0


def estimand_table(activity_estimate: ActivityEstimate) -> tuple[Estimand, ...]:
    """Return the estimands that this activity has; () where there is no interval.

    They are the typical task, total hours per task, total hours per estimated hour, and the median
    task.
    """
    if activity_estimate.log_ratio is None:
        return ()
    estimands = (
        _typical_task(activity_estimate, activity_estimate.log_ratio),
        _total_hours(activity_estimate),
        _hours_per_estimated_hour(activity_estimate),
        _median_task(activity_estimate),
    )
    return tuple(estimand for estimand in estimands if estimand)


def _typical_task(activity_estimate: ActivityEstimate, log_ratio: Interval) -> Estimand:
    """Return the geometric mean of minutes: the headline."""
    cells = activity_estimate.sample.cells
    baseline = cells.arm == 0
    minutes = math.exp(float(cells.y[baseline].sum() / cells.n[baseline].sum()))
    equal = "developers and estimates" if activity_estimate.adjusted else "developers"
    if activity_estimate.sample.kind == "staggered":
        equal += " and months"
    return Estimand(
        TYPICAL_TASK,
        minutes,
        minutes * math.exp(log_ratio.estimate),
        "minutes",
        exponentiate(log_ratio),
        f"geometric mean, {equal} alike; the headline",
    )


def total_ratio(sample: Sample, denominator: Denominator) -> SumRatio | None:
    """Return the ratio of totals, of the same months where a rollout was staggered."""
    if sample.kind == "staggered":
        return staggered_ratio_of_sums(sample.cells, denominator)
    return ratio_of_sums(sample.cells, denominator)


def _total_hours(activity_estimate: ActivityEstimate) -> Estimand | None:
    """Return the arithmetic mean of minutes; None where an arm has no minutes."""
    ratio = total_ratio(activity_estimate.sample, "n")
    if ratio is None:
        return None
    return Estimand(
        TOTAL_HOURS,
        ratio.baseline,
        ratio.assistance,
        "minutes per task",
        _time_ratio(activity_estimate, ratio.theta, ratio.error),
        "arithmetic mean per work item, as it stands: long work weighs as its hours do",
    )


def _hours_per_estimated_hour(activity_estimate: ActivityEstimate) -> Estimand | None:
    """Return Σt/Σestimate of the items that are estimated in minutes.

    None where the sample is not adjusted for estimates.
    """
    sample = activity_estimate.sample
    comparable = estimated_in_minutes(sample)
    in_minutes = comparable.cells
    ratio = total_ratio(comparable, "w") if sample.adjusted else None
    if ratio is None:
        return None
    note = "total hours for the same estimated work"
    if in_minutes.items < sample.cells.items:
        count = count_of_total(in_minutes.items, sample.cells.items)
        note += f", of the {count} tasks that are estimated in minutes"
    return Estimand(
        HOURS_PER_ESTIMATED_HOUR,
        _HOUR_MINUTES * ratio.baseline,
        _HOUR_MINUTES * ratio.assistance,
        "minutes per estimated hour",
        _time_ratio(activity_estimate, ratio.theta, ratio.error),
        note,
    )


def _median_task(activity_estimate: ActivityEstimate) -> Estimand | None:
    """Return the difference of the arms' medians of ln minutes, adjusted by the primary fit.

    None where developers are not compared with themselves, or where no item rows can be read.
    """
    within = activity_estimate.sample.kind == "within_developer"
    sample = activity_estimate.rows() if within else None
    if sample is None:
        return None
    rows = sample.cells
    adjusted_y = _adjusted_log_minutes(rows, activity_estimate.terms)
    if adjusted_y is None:
        return None
    theta, error = _median_difference(rows, adjusted_y)
    baseline = math.exp(float(np.median(rows.y[rows.arm == 0])))
    return Estimand(
        "median task",
        baseline,
        baseline * math.exp(theta),
        "minutes",
        _time_ratio(activity_estimate, theta, error),
        "half of the work items took longer, developers and estimates alike",
    )


def _time_ratio(
    activity_estimate: ActivityEstimate, theta: float, error: StandardError | None
) -> Interval:
    """Return e^θ with its plain interval; without bounds where the error is undefined."""
    interval = confidence_interval(
        theta, error, activity_estimate.interval_level, activity_estimate.allowance()
    )
    return exponentiate(interval or Interval(theta, None, None))


def _adjusted_log_minutes(rows: Cells, terms: tuple[Term, ...]) -> Floats | None:
    """Return ln minutes less developer effects and the slope of x, with the arm's effect kept.

    None where there is no fit.
    """
    fit = fit_least_squares(cross_products(rows, terms))
    if fit is None:
        return None
    Z = regressors(rows, terms)
    residual = rows.y - Z @ fit.beta
    effects = rows.per_developer(residual) / rows.per_developer(rows.n)
    adjusted: Floats = residual - effects[rows.developer] + fit.theta * rows.arm
    return adjusted


def _median_difference(rows: Cells, values: Floats) -> tuple[float, StandardError | None]:
    """Return the difference of the arms' medians and its error.

    The error is the jackknife over developers, which is valid for medians as it leaves out blocks;
    with fewer than five developers it is that of the items.
    """
    arm_masks = [rows.arm == arm for arm in (0, 1)]
    medians = [float(np.median(values[mask])) for mask in arm_masks]
    theta = medians[1] - medians[0]
    if rows.developers < MIN_CLUSTERS:
        errors = [_median_error(values[mask]) for mask in arm_masks]
        return theta, StandardError(math.hypot(*errors), None)
    leave_one_out = [
        _leave_one_out_medians(values[mask], rows.developer[mask], rows.developers)
        for mask in arm_masks
    ]
    return theta, jackknife(leave_one_out[1] - leave_one_out[0], theta)


def _leave_one_out_medians(values: Floats, developer: Integers, developers: int) -> Floats:
    """Return the median without each developer's values, G; NaN where no values remain.

    The values are sorted once for all developers.
    """
    order = np.argsort(values, kind="stable")
    ordered, owner = values[order], developer[order]
    positions_by_developer = np.split(
        np.argsort(owner, kind="stable"), np.cumsum(np.bincount(owner, minlength=developers))[:-1]
    )
    medians = np.full(developers, np.nan)
    for g, positions in enumerate(positions_by_developer):
        n_others = len(ordered) - len(positions)
        if n_others:
            # The r-th of the other values is at position r plus the developer's values before it.
            others_before = positions - np.arange(len(positions))
            ranks = np.array([(n_others - 1) // 2, n_others // 2])
            shifts = np.searchsorted(others_before, ranks, side="right")
            medians[g] = ordered[ranks + shifts].mean()
    return medians


def _median_error(values: Floats) -> float:
    """Return the standard error of a median from two order statistics (Price & Bonett 2001)."""
    n = len(values)
    c = max(1, round((n + 1) / 2 - math.sqrt(n)))
    tail = special.bdtr(c - 1, n, 0.5)
    ordered = np.sort(values)
    return float((ordered[n - c] - ordered[c - 1]) / (2.0 * special.ndtri(1.0 - tail)))
