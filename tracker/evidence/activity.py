"""The estimate of one activity, shared by all claims about it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracker.domain.errors import BadValue
from tracker.domain.records import ArmRule, ItemStatus, ResidualModel, StudyDesign
from tracker.evidence.designs.randomisation import RandomisationCheck, check_randomisation
from tracker.evidence.designs.study_design import (
    closed_cells,
    missing_items,
    missing_requirement_in_cells,
)
from tracker.evidence.estimators.primary import (
    ClipCells,
    Estimate,
    estimate_log_ratio,
    estimate_within_developers,
)
from tracker.evidence.estimators.pseudo_values import ClippedSums, FittedValues
from tracker.evidence.intervals import (
    StandardError,
    anytime_half_width,
    confidence_interval,
    drift_half_width,
    symmetric_interval,
)
from tracker.evidence.moments import Cells, Term, cells_from_items
from tracker.evidence.results import Interval, Threat
from tracker.evidence.sample import Sample, select_sample
from tracker.evidence.threats import no_interval
from tracker.evidence.threats.near_zero import near_zero_minutes

ReadItems = Callable[[], pd.DataFrame]
"""Reads the items frame."""

ReadClippedSums = Callable[[ResidualModel], pd.DataFrame]
"""Reads the sums of clipped residuals by cell."""

ReadCells = Callable[[tuple[ItemStatus, ...]], Cells]
"""Reads one cell per work item of the given statuses."""

CLOSED: tuple[ItemStatus, ...] = ("closed",)


@dataclass(frozen=True, slots=True)
class ActivityEstimate:
    """θ of one activity with its interval, and the data that it comes from."""

    activity: str
    design: StudyDesign | None
    """None where no arms are recorded."""
    level: float
    interval_level: float
    anytime: bool
    moments: pd.DataFrame
    """Moments of this activity, all statuses."""
    sample: Sample
    items: ReadCells | None
    """Reads the items frame at its first call; None where no items can be read."""
    estimate: Estimate | None
    log_ratio: Interval | None
    drift: float | None
    """Half-width on θ that allows for drift, z·0.15; None where the study design rules it out."""
    excluded: dict[str, int]
    reasons: tuple[Threat, ...]
    """Why there is no interval, or no verdict."""
    randomisation: RandomisationCheck | None
    """Whether drawn arms look drawn; None where arms are not drawn within developers."""
    suppressed: bool
    """Whether no verdict is given, even where there is an interval.

    True where the arms differ in their share of items of (nearly) 0 minutes, or where anytime
    bounds are required and cannot be computed.
    """

    @property
    def judged_log_ratio(self) -> Interval | None:
        """The interval on θ that may be shown; None where no verdict is given."""
        return None if self.suppressed else self.log_ratio

    @property
    def looks_drawn(self) -> bool:
        """Whether nothing speaks against drawn arms."""
        return self.randomisation is None or not self.randomisation.failed

    @property
    def adjusted(self) -> bool:
        """Whether x = ln estimate is in the fit; without a fit, whether it would be."""
        return self.sample.adjusted if self.estimate is None else self.estimate.adjusted

    @property
    def terms(self) -> tuple[Term, ...]:
        """The regressors of the primary fit, without x where that was dropped."""
        return self.estimate.terms if self.estimate else self.sample.terms

    def interval(self, theta: float, error: StandardError | None) -> Interval | None:
        """Return the interval of another estimate, at the same level, drift and kind of bounds."""
        return _interval(theta, error, self.interval_level, self.drift, anytime=self.anytime)

    def rows(self) -> Sample | None:
        """Return the sample with one cell per work item; None where no items can be read."""
        if self.items is None:
            return None
        return select_sample(
            self.items(CLOSED), self.design or "randomised", adjusted=self.sample.adjusted
        )


def estimate_activity(  # noqa: PLR0913 - all but the first are keywords
    moments: pd.DataFrame,
    *,
    activity: str,
    design: StudyDesign | None,
    level: float,
    interval_level: float,
    items: ReadItems | None = None,
    clip: ReadClippedSums | None = None,
    anytime: bool = False,
    draw_odds: pd.DataFrame | None = None,
    rule: ArmRule | None = None,
    without_arm: int | None = None,
) -> ActivityEstimate:
    """Estimate θ of one activity under one study design.

    Args:
        moments: Moments under the design's rule for the arms; other activities are ignored.
        activity: The activity.
        design: The study design; None gives no interval: no arms are recorded.
        level: The level at which all intervals of the question hold at once.
        interval_level: The level of this interval.
        items: Reads the items frame, under the same rule. Called at most once, and only where
            moments do not suffice: with fewer than five developers, ``anytime``, or a plan.
        clip: Reads the sums of clipped residuals of closed items, by developer, activity, arm,
            period and ``estimated``, as
            :func:`tracker.store.read.clipped_residuals.clipped_sums` returns
            them; None: they are computed from the items.
        anytime: Whether the bounds must hold however often one looks.
        draw_odds: The odds of the draw, as in :func:`check_randomisation`; None: even odds.
        rule: The design's rule for the arms, from which the advice follows where one is missing.
        without_arm: Work items to which the rule gives no arm; None: not counted.

    Returns:
        The estimate, with the reason where there is no interval.

    Raises:
        BadValue: ``anytime`` with a design other than ``randomised``.

    """
    if anytime:
        _require_drawn_arms(design)
    activity_moments = moments[moments["activity"] == activity]
    closed = closed_cells(activity_moments)
    sample = select_sample(closed, design or "randomised")
    read_cells = None if items is None else _cell_reader(items, activity)
    reason = no_interval.missing_arm(activity_moments, sample, rule)
    if reason is None and design is None:
        reason = no_interval.no_work() if without_arm == 0 else no_interval.no_arms()
    estimate = None
    if reason is None and design is not None:
        estimate_sample = functools.partial(
            estimate_log_ratio,
            sample,
            None if read_cells is None else _row_reader(read_cells, design, sample),
            design=design,
            clip=None if clip is None else _cell_clipper(activity_moments, clip),
            error_unit="items" if anytime else None,
        )
        estimate, reason = _estimate(closed, sample, design, estimate_sample, rule=rule)
    drift = None if design is None else drift_half_width(design, interval_level)
    no_anytime_bounds = anytime and estimate is not None and sample.kind == "between_developers"
    log_ratio = None
    if no_anytime_bounds:
        reason = no_interval.no_anytime_interval()
    elif estimate is not None:
        log_ratio = _interval(
            estimate.theta, estimate.error, interval_level, drift, anytime=anytime
        )
        if anytime and log_ratio is not None:
            log_ratio = _widen_to_plain(log_ratio, estimate, interval_level)
        reason = None if log_ratio else no_interval.unusable_error(estimate)
    zero_minutes = no_interval.zero_minutes(activity_moments)
    drawn_within = design == "randomised" and sample.kind == "within_developer"
    return ActivityEstimate(
        activity=activity,
        design=design,
        level=level,
        interval_level=interval_level,
        anytime=anytime,
        moments=activity_moments,
        sample=sample,
        items=read_cells,
        estimate=estimate,
        log_ratio=log_ratio,
        drift=drift if log_ratio else None,
        excluded=_excluded(activity_moments, sample, estimate),
        reasons=tuple(threat for threat in (reason, zero_minutes) if threat),
        randomisation=check_randomisation(activity_moments, draw_odds) if drawn_within else None,
        suppressed=no_anytime_bounds or zero_minutes is not None,
    )


def check_near_zero_minutes(activity_estimate: ActivityEstimate) -> ActivityEstimate:
    """Return the estimate without a verdict where items of nearly 0 minutes would decide it.

    Reads the items; the estimate itself needs moments only.
    """
    estimate = activity_estimate.estimate
    if estimate is None or activity_estimate.log_ratio is None or activity_estimate.suppressed:
        return activity_estimate  # without an interval the estimate is not to be taken off
    if activity_estimate.items is None:
        return activity_estimate
    threat = near_zero_minutes(activity_estimate.items(CLOSED), estimate.theta)
    if threat is None:
        return activity_estimate
    reasons = (*activity_estimate.reasons, threat)
    return dataclasses.replace(activity_estimate, reasons=reasons, suppressed=True)


def _require_drawn_arms(design: StudyDesign | None) -> None:
    """Raise BadValue where anytime bounds are required of a design without drawn arms."""
    if design not in (None, "randomised"):
        raise BadValue(
            f"--anytime needs drawn arms, and the study design is {design}: "
            "leave it out, or use `assign`."
        )


def _cell_reader(read_items: ReadItems, activity: str) -> ReadCells:
    """Return a reader of the activity's cells that reads the items once, at its first call."""
    read_once = functools.cache(read_items)

    @functools.cache
    def read_cells(statuses: tuple[ItemStatus, ...]) -> Cells:
        frame = read_once()
        usable = (
            (frame["activity"] == activity)
            & frame["status"].isin(statuses)
            & (frame["minutes"] > 0)
        )
        return cells_from_items(frame[usable])

    return read_cells


def _cell_clipper(activity_moments: pd.DataFrame, read: ReadClippedSums) -> ClipCells:
    """Return what sums clipped residuals for the cells of the closed items of a moments frame."""
    closed = activity_moments[activity_moments["status"] == "closed"]
    keys = ["developer", "activity", "arm", "period", "estimated"]

    def clip(cells: Cells, fitted: FittedValues) -> ClippedSums:
        rows = closed.iloc[cells.source]
        names = zip(rows["developer"], rows["activity"], strict=True)
        effects = dict(zip(names, fitted.effects[cells.developer].tolist(), strict=True))
        model = ResidualModel(effects, fitted.theta, fitted.slope, fitted.limit)
        sums = rows[keys].merge(read(model), on=keys, how="left", validate="one_to_one")
        return ClippedSums(
            *(sums[name].to_numpy(dtype=np.float64) for name in ("r", "rx", "rr", "inside"))
        )

    return clip


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


def _interval(
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


def _excluded(
    activity_moments: pd.DataFrame, sample: Sample, estimate: Estimate | None
) -> dict[str, int]:
    """Count what is left out, by reason."""
    status, n = activity_moments["status"].to_numpy(), activity_moments["n"].to_numpy()
    statuses = {"open": "open", "immature": "immature", "zero-minutes": "zero"}
    excluded = {
        reason: int(n[status == name].sum()) for reason, name in statuses.items()
    } | sample.excluded
    if sample.kind == "staggered":
        imputed = estimate.items_assistance if estimate else 0
        excluded["not-imputable"] = sample.cells.items_of(1) - imputed
    return excluded
