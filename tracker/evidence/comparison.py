"""The comparison of the arms of one activity: its primary estimate and the interval."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from tracker.domain.records import ArmRule, StudyDesign
from tracker.evidence.designs.study_design import (
    MIN_CLUSTERS,
    missing_items,
    missing_requirement_in_cells,
)
from tracker.evidence.estimators.primary import (
    Estimate,
    estimate_log_ratio,
    estimate_within_developers,
    hold_against,
)
from tracker.evidence.estimators.pseudo_values import ClipCells
from tracker.evidence.intervals import (
    StandardError,
    anytime_half_width,
    confidence_interval,
    drift_half_width,
    symmetric_interval,
)
from tracker.evidence.item_cells import CLOSED, ReadCells
from tracker.evidence.moments import Cells
from tracker.evidence.other_work import OtherWork, ReadControl
from tracker.evidence.results import Interval, Threat
from tracker.evidence.sample import Sample, select_sample
from tracker.evidence.threats import no_interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """θ of closed work items with its interval, or the reason why there is none."""

    estimate: Estimate | None = None
    log_ratio: Interval | None = None
    drift: float | None = None
    """Half-width on θ that the interval has for drift; None without an allowance."""
    reason: Threat | None = None
    """Why there is no interval."""
    read_control: ReadControl | None = None
    """Fits the same people's other work, once; None where nothing can be held against it."""
    lacks_anytime_bounds: bool = False
    """Whether anytime bounds are required and cannot be computed."""


def compare_arms(  # noqa: PLR0913 - all but the first two are keywords
    closed: Cells,
    sample: Sample,
    *,
    design: StudyDesign,
    interval_level: float,
    items: ReadCells | None = None,
    clip: ClipCells | None = None,
    anytime: bool = False,
    rule: ArmRule | None = None,
    other_work: OtherWork | None = None,
) -> Comparison:
    """Estimate θ from closed work items, with its interval.

    Args:
        closed: The closed work items.
        sample: Those of them that the design compares.
        design: The study design.
        interval_level: The level of the interval.
        items: As in :func:`tracker.evidence.activity.estimate_activity`, like the others below.
        clip: Sums the clipped residuals of the cells; None: they are computed from the items.
        anytime: Whether the bounds must hold however often one looks.
        rule: The design's rule for the arms.
        other_work: The work of all other activities.

    """
    estimate_sample = functools.partial(
        estimate_log_ratio,
        sample,
        None if items is None else _row_reader(items, design, sample),
        design=design,
        clip=clip,
        error_unit="items" if anytime else None,
    )
    estimate, reason = _estimate(closed, sample, design, estimate_sample, rule=rule)
    if estimate is None:
        return Comparison(reason=reason)
    read_control = _control_reader(estimate, design, other_work)
    if other_work is not None and read_control is not None:
        estimate = _held_against_unassisted(estimate, other_work, read_control)
    if anytime and sample.kind == "between_developers":
        reason = no_interval.no_anytime_interval()
        return Comparison(
            estimate, reason=reason, read_control=read_control, lacks_anytime_bounds=True
        )
    drift = drift_half_width(design, interval_level, controlled=estimate.control is not None)
    log_ratio = interval_of(estimate.theta, estimate.error, interval_level, drift, anytime=anytime)
    if log_ratio is None:
        reason = no_interval.unusable_error(estimate)
        return Comparison(estimate, reason=reason, read_control=read_control)
    if anytime:
        log_ratio = _widen_to_plain(log_ratio, estimate, interval_level)
    return Comparison(estimate, log_ratio, drift, read_control=read_control)


def _control_reader(
    estimate: Estimate, design: StudyDesign, other_work: OtherWork | None
) -> ReadControl | None:
    """Return what fits the control of a before/after comparison, once; None for any other."""
    if estimate.fit is None or other_work is None or design != "before-after":
        return None
    developers = set(estimate.developer_names)
    if len(developers) < MIN_CLUSTERS:
        return None
    return functools.cache(lambda: other_work.fit(developers))


def _held_against_unassisted(
    estimate: Estimate, other_work: OtherWork, read_control: ReadControl
) -> Estimate:
    """Hold an estimate against the other work, where that is unassisted on record."""
    if not other_work.is_unassisted(read_control):
        return estimate
    control = read_control()
    return (hold_against(estimate, control) if control else None) or estimate


def _row_reader(read_cells: ReadCells, design: StudyDesign, sample: Sample) -> Callable[[], Sample]:
    """Return a reader of the sample with one cell per work item."""
    return lambda: select_sample(read_cells(CLOSED), design, adjusted=sample.adjusted)


def _estimate(
    closed: Cells,
    sample: Sample,
    design: StudyDesign,
    estimate_sample: Callable[[], Estimate | None],
    *,
    rule: ArmRule | None,
) -> tuple[Estimate | None, Threat | None]:
    """Return the primary estimate, or the reason why there is none."""
    estimate = None
    missing = missing_requirement_in_cells(closed, design) or missing_items(
        sample.cells.items_of(0), sample.cells.items_of(1)
    )
    if missing is None:
        estimate = estimate_sample()
        missing = (
            "the two arms cannot be compared inside the developers at hand"
            if estimate is None
            else missing_items(estimate.items_baseline, estimate.items_assistance)
        )
    if missing:
        return None, no_interval.too_few(missing, closed, rule)
    return estimate, None


def interval_of(
    theta: float, error: StandardError | None, level: float, drift: float | None, *, anytime: bool
) -> Interval | None:
    """Return the plain interval, or the anytime one; None where the plain one is undefined.

    The anytime bounds are the larger of the confidence sequence and the plain interval, so they
    never are narrower than the plain ones.
    """
    plain = confidence_interval(theta, error, level, drift)
    if plain is None or error is None or not anytime:
        return plain
    half_width = max(anytime_half_width(error.se, 1.0 - level), _half_width(plain))
    return symmetric_interval(theta, half_width)


def _widen_to_plain(interval: Interval, estimate: Estimate, level: float) -> Interval:
    """Widen anytime bounds to the plain interval of a randomised study.

    Its error is by developer where there are enough of them.
    """
    plain = estimate_within_developers(
        estimate.fitted, estimate.terms, estimate.read_fitted_rows, design="randomised"
    )
    error = plain.error if plain else None
    half_width = _half_width(confidence_interval(interval.estimate, error, level))
    if half_width <= _half_width(interval):
        return interval
    return symmetric_interval(interval.estimate, half_width) or interval


def _half_width(interval: Interval | None) -> float:
    """Return the half-width of a symmetric interval on θ; 0 without one."""
    if interval is None or interval.high is None:
        return 0.0
    return interval.high - interval.estimate
