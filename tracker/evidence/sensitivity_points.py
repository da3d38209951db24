"""How a point of the specification curve is made from an estimate, and why one cannot be made."""

from __future__ import annotations

from dataclasses import replace

from tracker.domain.records import StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.estimators.control import (
    MIN_CONTROL_ITEMS,
    MIN_CONTROL_ITEMS_PER_ARM,
)
from tracker.evidence.estimators.primary import ErrorUnit, Estimate, hold_against
from tracker.evidence.intervals import StandardError, add_drift
from tracker.evidence.results import Interval, Sensitivity

NEEDS_FIVE = "needs five developers"
NEEDS_ROWS = "needs one row per work item"
TOO_FEW_ITEMS = "too few work items are left"
ONE_LOOK = "not made: it holds for one look only"
NOT_POSSIBLE = "could not be made from this data"
CONTROLLED = "against the same people's other work"
WITHOUT_CONTROL = "not against the same people's other work"
WITHOUT_USAGE = "without answers from usage logs"
NOT_CONTROLLED = "not made: it takes no other work into account"
TOO_LITTLE_OTHER_WORK = (
    f"needs {MIN_CONTROL_ITEMS} tasks with estimates in other activities, of five or more of the"
    f" same people, {MIN_CONTROL_ITEMS_PER_ARM} of them in each arm"
)


def design_of(activity_estimate: ActivityEstimate) -> StudyDesign:
    """Return the study design of an activity that has an interval."""
    return activity_estimate.design or "randomised"


def error_unit_of(activity_estimate: ActivityEstimate) -> ErrorUnit | None:
    """Return ``items`` for anytime bounds; None: decided by the number of developers."""
    return "items" if activity_estimate.anytime else None


def estimate_point(
    activity_estimate: ActivityEstimate,
    name: str,
    estimate: Estimate | None,
    *,
    hold: bool = True,
) -> Sensitivity:
    """Return the point of an estimate, or one without an interval where there is none.

    Args:
        activity_estimate: The estimate of the activity.
        name: The point's name.
        estimate: The other estimate.
        hold: Whether to hold it against other work where the primary is.
    """
    if hold:
        estimate = held_like_primary(activity_estimate, estimate)
    interval = estimate_interval(activity_estimate, estimate)
    return Sensitivity(name, interval, None, "" if interval else NOT_POSSIBLE)


def held_like_primary(
    activity_estimate: ActivityEstimate, estimate: Estimate | None
) -> Estimate | None:
    """Hold an estimate against the same people's other work, where the primary is."""
    primary = activity_estimate.estimate
    if primary is None or primary.control is None or estimate is None:
        return estimate
    return hold_against(estimate, primary.control)


def estimate_interval(
    activity_estimate: ActivityEstimate, estimate: Estimate | None
) -> Interval | None:
    """Return the interval of an estimate, with the allowance that it needs."""
    if estimate is None:
        return None
    controlled = estimate.control is not None
    return activity_estimate.interval(estimate.theta, estimate.error, controlled=controlled)


def primary_point(
    activity_estimate: ActivityEstimate, name: str, error: StandardError | None, note: str
) -> Sensitivity:
    """Return the point of the primary θ with another error."""
    estimate = activity_estimate.estimate
    interval = estimate_interval(
        activity_estimate, replace(estimate, error=error) if estimate else None
    )
    return Sensitivity(name, interval, None, "" if interval else note)


def other_error_point(
    activity_estimate: ActivityEstimate,
    name: str,
    theta: float,
    error: StandardError | None,
    note: str = NOT_POSSIBLE,
) -> Sensitivity:
    """Return the point of θ and its error; ``note`` says why it has no interval, if so."""
    interval = activity_estimate.interval(theta, error)
    return Sensitivity(name, interval, None, "" if interval else note)


def resampled_point(
    activity_estimate: ActivityEstimate,
    name: str,
    interval: Interval | None,
    note: str = NOT_POSSIBLE,
) -> Sensitivity:
    """Return the point of an interval from resampling, with the drift allowance added."""
    if interval is None:
        return Sensitivity(name, None, None, note)
    return Sensitivity(name, add_drift(interval, activity_estimate.drift), None, "")
