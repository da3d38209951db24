"""The estimand panel: a typical task, total hours and the median stand beside each other, since they need not agree.

Each has its interval at the activity's level, with the drift allowance where the study design has one.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.least_squares import fit_least_squares, jackknife
from tracker.evidence.estimators.sum_ratios import ratio_of_sums
from tracker.evidence.intervals import StandardError, confidence_interval
from tracker.evidence.moments import Cells, Floats, Term, cross_products, regressors
from tracker.evidence.results import Estimand, exponentiate
from tracker.evidence.results import Interval as Bounds


def estimand_table(found: ActivityEstimate) -> tuple[Estimand, ...]:
    """Typical task, total hours (per item, and per estimated minute), median; () where there is no interval."""
    if found.log_ratio is None:
        return ()
    return tuple(
        made
        for made in (_typical(found), _hours(found), _per_estimate(found), _median(found))
        if made
    )


def _typical(found: ActivityEstimate) -> Estimand | None:
    cells = found.sample.cells
    if found.log_ratio is None:
        return None
    baseline = cells.arm == 0
    minutes = math.exp(float(cells.y[baseline].sum() / cells.n[baseline].sum()))
    alike = (
        "developers and estimates" if found.estimate and found.estimate.adjusted else "developers"
    )
    if found.sample.kind == "staggered":
        alike += " and months"
    return Estimand(
        "typical task",
        minutes,
        minutes * math.exp(found.log_ratio.estimate),
        "minutes",
        exponentiate(found.log_ratio),
        f"geometric mean, {alike} alike; the headline",
    )


def _hours(found: ActivityEstimate) -> Estimand | None:
    made = ratio_of_sums(found.sample.cells, "n")
    if made is None:
        return None
    note = "arithmetic mean per work item, as it stands: long work weighs as its hours do"
    ratio = _carried(found, made.theta, made.error)
    return Estimand("total hours", made.baseline, made.assistance, "minutes per task", ratio, note)


def _per_estimate(found: ActivityEstimate) -> Estimand | None:
    made = ratio_of_sums(found.sample.cells, "w") if found.sample.adjusted else None
    if made is None:
        return None
    note = "Σt/Σestimate: total hours for the same estimated work"
    ratio = _carried(found, made.theta, made.error)
    hour = 60.0
    minutes = hour * made.baseline, hour * made.assistance
    return Estimand("hours per estimated hour", *minutes, "minutes per estimated hour", ratio, note)


def _median(found: ActivityEstimate) -> Estimand | None:
    """Difference of the arms' medians of ln minutes, developers and estimates taken off by the primary fit."""
    rows = found.rows() if found.sample.kind == "within_developer" else None
    if rows is None:
        return None
    adjusted = _adjusted(
        rows.cells, ("arm", "x") if found.estimate and found.estimate.adjusted else ("arm",)
    )
    if adjusted is None:
        return None
    theta, error = _median_difference(rows.cells, adjusted)
    baseline = math.exp(float(np.median(rows.cells.y[rows.cells.arm == 0])))
    note = "half of the work items took longer, developers and estimates alike"
    return Estimand(
        "median task",
        baseline,
        baseline * math.exp(theta),
        "minutes",
        _carried(found, theta, error),
        note,
    )


def _carried(found: ActivityEstimate, theta: float, error: StandardError | None) -> Bounds:
    made = confidence_interval(theta, error, found.interval_level, found.drift)
    return exponentiate(made or Bounds(theta, None, None))


def _adjusted(rows: Cells, terms: tuple[Term, ...]) -> Floats | None:
    """ln minutes with developer effects and the slope of x taken off, the arm's effect left in."""
    fitted = fit_least_squares(cross_products(rows, terms))
    if fitted is None:
        return None
    Z = regressors(rows, terms)
    residual = rows.y - Z @ fitted.beta
    effects = rows.per_developer(residual) / rows.per_developer(rows.n)
    taken_off: Floats = residual - effects[rows.developer] + fitted.theta * rows.arm
    return taken_off


def _median_difference(rows: Cells, values: Floats) -> tuple[float, StandardError | None]:
    """θ and its error: the jackknife over developers (a block, so that it holds for medians), else the items' own."""
    arms = [rows.arm == arm for arm in (0, 1)]
    medians = [float(np.median(values[arm])) for arm in arms]
    theta = medians[1] - medians[0]
    if rows.developers < MIN_CLUSTERS:
        spreads = [_median_error(values[arm]) for arm in arms]
        return theta, StandardError(math.hypot(*spreads), None)
    left = [_medians_without(values[arm], rows.developer[arm], rows.developers) for arm in arms]
    return theta, jackknife(left[1] - left[0], theta)


def _medians_without(
    values: Floats, developer: np.ndarray[tuple[int], np.dtype[np.int64]], developers: int
) -> Floats:
    """The median without each developer's values in turn; NaN where none are left. No value is sorted twice."""
    order = np.argsort(values, kind="stable")
    ordered, owner = values[order], developer[order]
    places = np.split(
        np.argsort(owner, kind="stable"), np.cumsum(np.bincount(owner, minlength=developers))[:-1]
    )
    without = np.full(developers, np.nan)
    for g, own in enumerate(places):
        left = len(ordered) - len(own)
        if left:
            # the r-th of the others lies r places up, and one more for each own value that comes before it
            gaps = own - np.arange(len(own))
            ranks = np.array([(left - 1) // 2, left // 2])
            without[g] = ordered[ranks + np.searchsorted(gaps, ranks, side="right")].mean()
    return without


def _median_error(values: Floats) -> float:
    """Price & Bonett 2001: the standard error of a median from two order statistics."""
    n = len(values)
    c = max(1, round((n + 1) / 2 - math.sqrt(n)))
    covered = special.bdtr(c - 1, n, 0.5)
    ordered = np.sort(values)
    return float((ordered[n - c] - ordered[c - 1]) / (2.0 * special.ndtri(1.0 - covered)))
