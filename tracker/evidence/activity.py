"""The estimate of one activity, shared by all claims about it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pandas as pd

from tracker.domain.errors import BadValue
from tracker.domain.records import ArmRule, StudyDesign
from tracker.evidence.clipping import ReadClippedSums, cell_clipper
from tracker.evidence.comparison import Comparison, compare_arms, interval_of
from tracker.evidence.designs.randomisation import RandomisationCheck, check_randomisation
from tracker.evidence.designs.study_design import (
    closed_cells,
)
from tracker.evidence.estimators.primary import (
    Estimate,
)
from tracker.evidence.intervals import (
    StandardError,
    drift_half_width,
    drift_sd,
)
from tracker.evidence.item_cells import CLOSED, ReadCells
from tracker.evidence.moments import Term
from tracker.evidence.other_work import OtherWork, ReadControl
from tracker.evidence.results import Interval, Threat
from tracker.evidence.sample import Sample, select_sample
from tracker.evidence.threats import no_interval
from tracker.evidence.threats.near_zero import near_zero_minutes


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
    """None where no items can be read."""
    estimate: Estimate | None
    log_ratio: Interval | None
    drift: float | None
    """Half-width on θ that allows for drift, z·``drift_sd``; None without an allowance."""
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
    read_control: ReadControl | None = None
    """Fits the same people's other work, once; None where nothing can be held against it."""

    @property
    def is_controlled(self) -> bool:
        """Whether the estimate is held against the same people's other work."""
        return self.estimate is not None and self.estimate.control is not None

    @property
    def drift_sd(self) -> float | None:
        """Standard deviation of the drift that the interval allows for; None: for none."""
        if self.log_ratio is None or self.design is None:
            return None
        return drift_sd(self.design, controlled=self.is_controlled)

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

    def interval(
        self, theta: float, error: StandardError | None, *, controlled: bool = False
    ) -> Interval | None:
        """Return the interval of another estimate, at the same level and kind of bounds.

        Args:
            theta: The estimate.
            error: Its standard error.
            controlled: Whether it is held against other work, which leaves less drift.
        """
        drift = self.allowance(controlled=controlled)
        return interval_of(theta, error, self.interval_level, drift, anytime=self.anytime)

    def allowance(self, *, controlled: bool = False) -> float | None:
        """Return the half-width on θ that allows for drift of another estimate."""
        if self.design is None:
            return None
        return drift_half_width(self.design, self.interval_level, controlled=controlled)

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
    items: ReadCells | None = None,
    clip: ReadClippedSums | None = None,
    anytime: bool = False,
    draw_probabilities: pd.DataFrame | None = None,
    rule: ArmRule | None = None,
    without_arm: int | None = None,
    other_work: OtherWork | None = None,
) -> ActivityEstimate:
    """Estimate θ of one activity under one study design.

    Args:
        moments: Moments under the design's rule for the arms; other activities are ignored.
        activity: The activity.
        design: The study design; None gives no interval: no arms are recorded.
        level: The level at which all intervals of the question hold at once.
        interval_level: The level of this interval.
        items: Reads the activity's work items, under the same rule. Called only where moments do
            not suffice: with fewer than five developers, ``anytime``, or a plan.
        clip: Reads the sums of clipped residuals of closed items, by developer, activity, arm,
            period and ``estimated``, as
            :func:`tracker.store.read.clipped_residuals.clipped_sums` returns
            them; None: they are computed from the items.
        anytime: Whether the bounds must hold however often one looks.
        draw_probabilities: As in :func:`check_randomisation`; None: all are one half.
        rule: The design's rule for the arms, from which the advice follows where one is missing.
        without_arm: Work items to which the rule gives no arm; None: not counted.
        other_work: The work of all other activities. A before/after comparison of five developers
            or more is held against it where it is unassisted on record; None: it cannot be read.

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
    reason = no_interval.missing_arm(activity_moments, sample, rule)
    if reason is None and design is None:
        reason = no_interval.no_work() if without_arm == 0 else no_interval.no_arms()
    if reason is None and design is not None:
        comparison = compare_arms(
            closed,
            sample,
            design=design,
            interval_level=interval_level,
            items=items,
            clip=None if clip is None else cell_clipper(_closed(activity_moments), clip),
            anytime=anytime,
            rule=rule,
            other_work=other_work,
        )
    else:
        comparison = Comparison(reason=reason)
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
        items=items,
        estimate=comparison.estimate,
        log_ratio=comparison.log_ratio,
        drift=comparison.drift,
        excluded=_excluded(activity_moments, sample, comparison.estimate),
        reasons=tuple(threat for threat in (comparison.reason, zero_minutes) if threat),
        randomisation=check_randomisation(activity_moments, draw_probabilities)
        if drawn_within
        else None,
        suppressed=comparison.lacks_anytime_bounds or zero_minutes is not None,
        read_control=comparison.read_control,
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
    threat = near_zero_minutes(activity_estimate.items(CLOSED), estimate.difference)
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


def _closed(activity_moments: pd.DataFrame) -> pd.DataFrame:
    return activity_moments[activity_moments["status"] == "closed"]


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
