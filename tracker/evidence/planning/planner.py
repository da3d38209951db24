"""The planner: from an activity's spread to what each study design takes.

The formula gives a first number of work items. Studies of that size are then simulated, and judged
by the present estimator; their half-widths and errors give the number of the plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from tracker.domain import gains
from tracker.domain.errors import BadValue
from tracker.domain.gains import Reading
from tracker.domain.numbers import is_number, number_text
from tracker.domain.records import STUDY_DESIGNS, Claim, StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MAY_SUPPORT, MIN_CLUSTERS
from tracker.evidence.intervals import DRIFT_SD, drift_half_width
from tracker.evidence.judgement import decide_claim
from tracker.evidence.planning.arms_held import ArmsHeld, arms_held
from tracker.evidence.planning.pace import duration_of
from tracker.evidence.planning.plan import (
    POWER,
    Assumption,
    DesignPlan,
    Obstacle,
    Pace,
    Plan,
    PowerCurve,
)
from tracker.evidence.planning.spread import item_spread
from tracker.evidence.planning.study_errors import (
    StudyErrors,
    formula_errors,
    formula_items,
    today_errors,
)
from tracker.evidence.results import Interval
from tracker.evidence.verdict import UNDECIDED

MAX_PASSES = 6
"""Times that studies of another size are simulated at most."""

CLOSE = 1.15
"""A number of items within this factor of the simulated one follows from it as 1/√items."""

STAGGERED_FACTOR = 5
"""How many times as many items a staggered study takes as a randomised one, before it is simulated.

Simulated studies of real and made-up teams take 5 to 8 times as many.
"""

MAX_SIMULATED_ITEMS = 4_000
"""Larger studies are not simulated: what a staggered study does not tell by then are the
differences between so few developers, and more items of theirs do not help.
"""

EXACT_DESIGNS: tuple[StudyDesign, ...] = ("randomised", "staggered")
"""Designs whose studies tell as often as their plans promise. In the others teams drift, too, so
that a few simulated studies are exact enough.
"""

SimulateErrors = Callable[..., StudyErrors | None]
"""Simulates studies: called with the design, the items that count, and ``rough``.

None where most of the studies have no interval.
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a plan needs besides the estimate."""

    now_day: int
    """The day that durations count from, as days since 1970-01-01."""
    is_current: bool = True
    """Whether the log ends today, or ended a short time ago."""
    pace: Pace | None = None
    lag_days: int = 0
    """Days from an item's first entry until it counts as finished, for studies yet to begin."""
    simulate: SimulateErrors | None = None
    """None: the formula's errors are used as they are."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What a study is to tell from what, on θ."""

    target: float
    """The claim; 0, no gain, where nothing is claimed."""
    half: float | None
    """Half of the claim; None without a claim."""
    may_support: bool
    """Whether the claim's bound allows to support it."""
    truth: float
    assumption: Assumption
    power: float

    @property
    def distance(self) -> float:
        """The true θ less the target; above 0 where the true gain is smaller."""
        return self.truth - self.target


def plan_claim(  # noqa: PLR0913 - all but the first four are keywords
    activity_estimate: ActivityEstimate,
    claim: Claim | None,
    reading: Reading,
    outlook: Outlook,
    *,
    true_gain: float | None = None,
    power: float = POWER,
    designs: tuple[StudyDesign, ...] = STUDY_DESIGNS,
) -> Plan | None:
    """Plan a study of a claim, with the spread and the developers of this log.

    Args:
        activity_estimate: The estimate of the claim's activity.
        claim: The claim; None: any gain is to be told from none.
        reading: The reading of both the claim and the true gain.
        outlook: The pace, and the simulation.
        true_gain: The true gain as a fraction; None: no gain, or the gain that the log shows where
            it rules out no gain, or holds what that would take. A gain that equals the one shown in
            whole per cent is that gain, so that both ways of asking have one answer.
        power: The probability that the study tells the two apart.
        designs: The study designs to plan.

    Returns:
        The plan; None where the log holds too little to estimate its spread, where no verdict may
        be given, or where the claimed gain has no time ratio on the reading.

    Raises:
        BadValue: The power is not between 0 and 1, or no time ratio has the true gain.

    """
    check_assumptions(reading, true_gain, power)
    decision = decide_claim(activity_estimate, claim, reading=reading)
    measured = activity_estimate.log_ratio if decision in UNDECIDED else None
    is_measured = true_gain is not None and _shows(measured, reading, true_gain)
    target = _target(activity_estimate, claim, reading, None if is_measured else true_gain, power)
    if target is None or activity_estimate.suppressed:
        return None
    sigma = item_spread(activity_estimate)
    if sigma is None:
        return None
    is_decided = decision not in UNDECIDED and true_gain is None
    planner = _Planner(activity_estimate, target, sigma, outlook, is_decided)
    if measured and (is_measured or planner.needs_measured_gain(measured)):
        target = replace(target, truth=measured.estimate, assumption="measured")
        planner = replace(planner, target=target)
    return Plan(
        claimed_log_ratio=None if claim is None else target.target,
        true_log_ratio=target.truth,
        assumption=target.assumption,
        level=activity_estimate.interval_level,
        power=power,
        spread=sigma,
        pace=outlook.pace,
        now_day=outlook.now_day,
        is_current=outlook.is_current,
        is_decided=is_decided,
        designs=tuple(planner.plan_design(design) for design in STUDY_DESIGNS if design in designs),
    )


def _shows(measured: Interval | None, reading: Reading, gain: float) -> bool:
    """Return whether a measured θ is a gain, in whole per cent other than 0."""
    if measured is None:
        return False
    shown = gains.from_ratio(reading, math.exp(measured.estimate))
    return round(100 * shown) == round(100 * gain) != 0


def check_assumptions(reading: Reading, true_gain: float | None, power: float) -> None:
    """Raise BadValue for a true gain or a power that no study can have.

    Args:
        reading: The reading of the true gain.
        true_gain: The true gain as a fraction; None where none is given.
        power: The probability that the study tells.

    """
    if not is_number(power) or not 0.0 < power < 1.0:
        raise BadValue(
            f"--power is {number_text(power)}: give a number between 0 and 1, such as {POWER:g}."
        )
    if true_gain is not None:
        gains.require_log_ratio(reading, true_gain, "--true-gain")


def _target(
    activity_estimate: ActivityEstimate,
    claim: Claim | None,
    reading: Reading,
    true_gain: float | None,
    power: float,
) -> _Target | None:
    """Return the target; None where a gain has no time ratio, or nothing is claimed or measured."""
    truth = 0.0 if true_gain is None else gains.to_log_ratio(reading, true_gain)
    assumption: Assumption = "no-gain" if true_gain is None else "given"
    if claim is None or claim.value is None:
        interval = activity_estimate.log_ratio
        if interval is None or truth is None:
            return None
        if true_gain is None:
            truth, assumption = interval.estimate, "measured"
        return _Target(0.0, None, may_support=True, truth=truth, assumption=assumption, power=power)
    claimed = gains.to_log_ratio(reading, claim.value)
    if claimed is None or truth is None:
        return None
    half = gains.to_log_ratio(reading, claim.value / 2)
    return _Target(claimed, half, claim.bound != "up_to", truth, assumption, power)


@dataclass(frozen=True, slots=True)
class _Planner:
    """Plans one study design after another for one target."""

    activity_estimate: ActivityEstimate
    target: _Target
    sigma: float
    outlook: Outlook
    is_decided: bool

    @property
    def developers(self) -> int:
        return self.activity_estimate.sample.cells.developers

    def needs_measured_gain(self, measured: Interval) -> bool:
        """Whether an undecided log rules out no gain, or holds what no gain would take."""
        design = self.activity_estimate.design
        if self.target.assumption != "no-gain" or design is None:
            return False
        if measured.low is None or measured.high is None:
            return False
        if not measured.low <= 0.0 <= measured.high:
            return True
        return self.plan_design(design).items_more == 0

    def plan_design(self, design: StudyDesign) -> DesignPlan:
        """Return the plan of a study design."""
        held, obstacle = arms_held(self.activity_estimate, design)
        errors = equivalent = in_all = more = None
        if obstacle is None:
            obstacle = self._obstacle(design)
        if obstacle is None:
            errors, equivalent = self._size(design, held)
            more = None if equivalent is None else held.further_items(equivalent)
            if equivalent is None:
                obstacle = "too-close"
            elif more is None:
                obstacle = "small-baseline"
            else:
                in_all = held.items + more if more else equivalent
        is_recorded = design == self.activity_estimate.design
        is_enough = is_recorded and self.is_decided
        if is_enough:
            in_all, more, obstacle = held.items, 0, None
            equivalent = math.floor(held.effective_items(0))
        elif obstacle is not None:
            equivalent = None
        pace, lag_days = self.outlook.pace, 0 if is_recorded else self.outlook.lag_days
        return DesignPlan(
            study_design=design,
            is_recorded=is_recorded,
            items=held.items,
            items_in_all=in_all,
            items_more=more,
            developers=self.developers,
            developers_more=0 if is_enough or obstacle else max(0, MIN_CLUSTERS - self.developers),
            obstacle=obstacle,
            duration=duration_of(pace, more, lag_days=lag_days if more else 0)
            if pace and more is not None
            else None,
            power=self._power(design, errors, equivalent, self.target.truth)
            if errors and equivalent
            else None,
            power_curve=self._power_curve(design, errors, equivalent)
            if errors and equivalent
            else None,
        )

    def _may_support(self, design: StudyDesign) -> bool:
        estimate = self.activity_estimate
        looks_drawn = design != estimate.design or estimate.looks_drawn
        return MAY_SUPPORT[design] and looks_drawn and self.target.may_support

    def _drift(self, design: StudyDesign) -> float | None:
        estimate = self.activity_estimate
        if design == estimate.design and estimate.drift is not None:
            return estimate.drift
        return drift_half_width(design, estimate.interval_level)

    def _obstacle(self, design: StudyDesign) -> Obstacle | None:
        """Return why no number of work items suffices, as far as that follows from the target."""
        distance = self.target.distance
        if not MAY_SUPPORT[design]:
            return "self-selected"
        if self.activity_estimate.anytime and design != "randomised":
            return "anytime"
        if distance == 0.0:
            return "equal"
        if distance < 0.0 and not self.target.may_support:
            return "upper-bound"
        return "drift" if abs(distance) <= (self._drift(design) or 0.0) else None

    def _size(self, design: StudyDesign, held: ArmsHeld) -> tuple[StudyErrors, int | None]:
        """Return the items of a study of two equal arms that has the power, and its errors."""
        estimate, target = self.activity_estimate, self.target
        if target.assumption == "measured" and design == estimate.design:
            errors = today_errors(estimate, held.effective_items(0))
            if errors is not None:
                return errors, self._items_for(design, errors)
        level, distance = estimate.interval_level, target.distance
        factor = STAGGERED_FACTOR if design == "staggered" else 1
        sigma = math.sqrt(factor) * self.sigma
        formula = formula_errors(sigma, self.developers, level)
        items = formula_items(sigma, self.developers, level, target.power, distance)
        by_formula = (formula, self._items_for(design, formula))
        if self.outlook.simulate is None or items is None:
            return by_formula
        return self._simulated_size(design, items, self.outlook.simulate) or by_formula

    def _simulated_size(
        self, design: StudyDesign, items: int, simulate: SimulateErrors
    ) -> tuple[StudyErrors, int | None] | None:
        """Do the same by simulated studies of sizes that approach it; None without an interval."""
        errors, rough = None, design != "randomised"
        for _ in range(MAX_PASSES):
            size = min(items, MAX_SIMULATED_ITEMS)
            simulated = simulate(design, size, rough=rough)
            if simulated is None:
                items = 2 * size
                continue
            errors, needed = simulated, self._items_for(design, simulated)
            if needed is None or size == MAX_SIMULATED_ITEMS <= needed:
                return errors, None if design == "staggered" else needed
            is_close = size / CLOSE <= needed <= size * CLOSE
            if is_close and (not rough or design not in EXACT_DESIGNS):
                break
            items, rough = needed, rough and not is_close
        return None if errors is None else (errors, self._items_for(design, errors))

    def _items_for(self, design: StudyDesign, errors: StudyErrors) -> int | None:
        target = self.target
        return errors.items_for(
            target.power,
            target.distance,
            self._drift(design),
            may_support=self._may_support(design),
        )

    def _power(self, design: StudyDesign, errors: StudyErrors, items: int, truth: float) -> float:
        """Return the probability that a study of a number of items tells, under a true θ."""
        drift = self._drift(design)
        return errors.power(
            truth - self.target.target,
            items,
            drift,
            may_support=self._may_support(design),
            drift_sd=0.0 if drift is None else DRIFT_SD,
        )

    def _power_curve(
        self, design: StudyDesign, errors: StudyErrors, items: int
    ) -> PowerCurve | None:
        """Return the power of a study of a number of items; None without a claimed gain."""
        target, half, drift = self.target.target, self.target.half, self._drift(design)
        if half is None or target >= 0.0:
            return None
        return PowerCurve(
            tells_at_claim=self._power(design, errors, items, target),
            tells_at_half=self._power(design, errors, items, half),
            tells_at_zero=self._power(design, errors, items, 0.0),
            gain_shown_at_claim=errors.power(
                -target,
                items,
                drift,
                may_support=False,
                drift_sd=0.0 if drift is None else DRIFT_SD,
            ),
        )
