"""Result types: frozen, with everything that a page, a table or a notebook needs.

Undefined is None, with the reason in ``threats``; never 0, infinity or NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tracker.domain import gains
from tracker.domain.counts import rounded
from tracker.domain.gains import Reading
from tracker.domain.records import Claim, StudyDesign
from tracker.evidence.planning.plan import Plan

Verdict = Literal[
    "supported", "plausible", "smaller", "cannot-tell", "contradicted", "slower", "faster"
]  # "faster" only without a claim
Severity = Literal["note", "caution", "serious"]
SEVERITY_ORDER: tuple[Severity, ...] = ("serious", "caution", "note")
"""The most serious first."""

TYPICAL_TASK = "typical task"
TOTAL_HOURS = "total hours"
HOURS_PER_ESTIMATED_HOUR = "hours per estimated hour"
"""The names of some estimands."""

BASELINE_ONLY = "baseline-only"
"""Code of the threat that a log has no work with assistance yet."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bounds; a bound is None where it is undefined on this scale."""

    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Portion:
    """How much of the work a threat concerns."""

    part: float
    whole: float

    @property
    def share(self) -> float:
        """The part over the whole; 0 where the whole is 0."""
        return self.part / self.whole if self.whole else 0.0


@dataclass(frozen=True, slots=True)
class Threat:
    """A known way for the comparison to mislead, detected in this data."""

    code: str
    severity: Severity
    message: str
    advice: str = ""
    figures: tuple[tuple[str, str], ...] = ()
    """A small table to show with it: (label, figure as text)."""
    portion: Portion | None = None
    """How much of the work it concerns; None where that is no count of entries, items or hours."""


@dataclass(frozen=True, slots=True)
class ControlFigures:
    """The same people's other work, which a before/after comparison is held against."""

    items: int
    developers: int
    log_ratio: float
    """θ_c: the change of the other work itself."""
    hidden_log_ratio: float
    """The part of θ_c that is taken off θ. As far as assistance caused θ_c, it is hidden."""
    is_primary: bool
    """Whether the primary analysis is the one held against it."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A point of the specification curve: the same data under one other defensible analysis."""

    name: str
    log_ratio: Interval | None
    """None where the analysis is not possible; ``note`` says why."""
    verdict: Verdict | None
    note: str = ""
    control: ControlFigures | None = None
    """Of the analysis held against other work; where that is the primary, of the one without."""

    @property
    def time_ratio(self) -> Interval | None:
        """e^θ."""
        return None if self.log_ratio is None else exponentiate(self.log_ratio)


@dataclass(frozen=True, slots=True)
class OtherReading:
    """The verdict on the same figure under the other reading."""

    reading: Reading
    value: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Estimand:
    """One way to state the time ratio: typical task, total hours or median."""

    name: str
    baseline: float | None
    assistance: float | None
    unit: str
    """The unit of ``baseline`` and ``assistance``."""
    time_ratio: Interval | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class HoursSaved:
    """Hours a week that an activity's work with assistance saves, at today's volume."""

    volume: float
    """Hours a week of work with assistance."""
    first_day: int
    """The first day of the period that the volume is taken from."""
    last_day: int
    developers: int
    """Developers who began such work in that period."""
    saved: Interval
    """What the same work would have taken without assistance, less what it took, in hours a week.

    Negative: hours lost. An undefined bound is None.
    """
    measure: str
    """The estimand that it is made from."""
    typical: Interval
    """The same from the typical task: right where all tasks change by the same percentage."""
    measured_tasks: str = ""
    """Of how many tasks the measure is, such as "120 of 240"; "" where it is of all compared.

    Hours per estimated hour leave out tasks that are estimated in points.
    """

    @property
    def weeks(self) -> float:
        """The length of the period that the volume is taken from."""
        return (self.last_day - self.first_day + 1) / 7


@dataclass(frozen=True, slots=True)
class Sentences:
    """A result in plain sentences, worded in ``evidence/verdict.py``; "" where not applicable."""

    headline: str = ""
    """The estimate: "Design: about 38 % more efficient after the rollout than before it (…)."."""
    verdict: str = ""
    """The verdict on the claim, or on any gain where nothing is claimed."""
    limits: str = ""
    """The largest claim that the log supports and the smallest that it rules out."""
    other_reading: str = ""
    """The verdict under the other reading."""
    control: str = ""
    """What the same people's other work says about it."""
    needed: str = ""
    """How many more tasks would decide the verdict and by when, or that no number would."""


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one claim, or on one activity without a claim, with its evidence."""

    activity: str
    claim: Claim | None
    reading: Reading
    """The reading that is judged: the claim's own, unless the user chose the other."""
    study_design: StudyDesign | None
    estimator: str
    estimand: str
    strength: str
    """The strongest statement that the study design allows: "before/after, not proof"."""
    items_baseline: int | None
    """None where the result is withheld; likewise the two below."""
    items_assistance: int | None
    developers: int | None
    excluded: dict[str, int]
    """Number of work items or developers by reason for leaving them out."""
    log_ratio: Interval | None
    """θ = ln(time ratio), at ``interval_level``; None where there is too little data."""
    se: float | None
    df: float | None
    drift_sd: float | None
    """Standard deviation of a team's drift on θ without any assistance.

    The half-width is √((t·se)² + (z·drift_sd)²). None where the study design rules drift out.
    """
    level: float
    """The level at which all the intervals of one question hold at once."""
    interval_level: float
    """The level of this interval by itself."""
    verdict: Verdict
    other_reading: OtherReading | None
    largest_supported: float | None
    """Lower bound of the gain on ``reading``: the largest claim that the log supports."""
    smallest_refuted: float | None
    """Upper bound of the gain on ``reading``: the smallest claim that the log rules out."""
    plan: Plan | None = None
    """What it still takes to tell; None where the verdict is decided, or nothing can be planned."""
    sensitivity: tuple[Sensitivity, ...] = ()
    threats: tuple[Threat, ...] = ()
    estimands: tuple[Estimand, ...] = ()
    hours_saved: HoursSaved | None = None
    """None where there is no interval, no recent work with assistance, or too few developers."""
    sentences: Sentences = Sentences()
    looks_drawn: bool = True
    """False where drawn arms differ from chance: the wording falls to that of chosen arms."""

    @property
    def reason(self) -> Threat | None:
        """Why there is no interval, which leads the threats; None where there is one."""
        return self.threats[0] if self.log_ratio is None and self.threats else None

    @property
    def developers_left_out(self) -> int:
        """Developers who are left out of the comparison, such as those with work in one arm."""
        return sum(n for why, n in self.excluded.items() if counts_developers(why))

    @property
    def control(self) -> ControlFigures | None:
        """The same people's other work; None where nothing is held against it."""
        return next((point.control for point in self.sensitivity if point.control), None)

    @property
    def worded_design(self) -> StudyDesign | None:
        """The design whose wording is allowed: that of chosen arms where drawn ones fail.

        None without an interval, as nothing is shown then.
        """
        if self.log_ratio is None:
            return None
        return self.study_design if self.looks_drawn else "self-selected"

    @property
    def items_needed(self) -> int | None:
        """Further work items that would tell, with two significant digits.

        None where the verdict is decided, or where no number would tell.
        """
        recorded = self.plan.recorded if self.plan else None
        if recorded is None or recorded.items_more is None:
            return None
        return rounded(recorded.items_more)

    @property
    def time_ratio(self) -> Interval | None:
        """e^θ."""
        return None if self.log_ratio is None else exponentiate(self.log_ratio)

    @property
    def efficiency_gain(self) -> Interval | None:
        """e^-θ - 1: output per hour."""
        return self.gain("efficiency_gain")

    @property
    def time_saved(self) -> Interval | None:
        """1 - e^θ."""
        return self.gain("time_saved")

    def gain(self, reading: Reading) -> Interval | None:
        """Return the interval on one reading; the bounds swap, as a gain falls when θ rises."""
        ratio = self.time_ratio
        if ratio is None:
            return None
        low = None if ratio.high is None else gains.from_ratio(reading, ratio.high)
        high = None if ratio.low is None else gains.from_ratio(reading, ratio.low)
        return Interval(gains.from_ratio(reading, ratio.estimate), low, high)


def exponentiate(theta: Interval) -> Interval:
    """Return the time ratio of an interval on θ."""
    return Interval(
        math.exp(theta.estimate),
        None if theta.low is None else math.exp(theta.low),
        None if theta.high is None else math.exp(theta.high),
    )


def counts_developers(reason: str) -> bool:
    """Return whether a reason of exclusion counts developers; the others count work items."""
    return reason.endswith("-developer")
