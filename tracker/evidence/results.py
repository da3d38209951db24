"""Result types: frozen, with everything that a page, a table or a notebook needs.

Undefined is None, with the reason in ``threats``; never 0, infinity or NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from tracker.domain import gains
from tracker.domain.counts import rounded
from tracker.domain.disclosure import Limits
from tracker.domain.gains import Reading
from tracker.domain.money import Prices
from tracker.domain.question import Question
from tracker.domain.records import Arm, Claim, StudyDesign
from tracker.evidence.charts.weekly_hours import WeeklyHours
from tracker.evidence.overview import Overview
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
    """What the same people's other work says of it."""
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


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of the distributions: work items per arm with minutes in [low, high)."""

    low_minutes: float
    high_minutes: float
    baseline: int
    assistance: int


PeriodLength = Literal["week", "month", "quarter"]


@dataclass(frozen=True, slots=True)
class CoursePeriod:
    """One period of one activity: the work items first worked on in it."""

    first_day: int
    items: int
    developers: int
    adjusted: Interval | None
    """Geometric mean of minutes; where there are estimates, adjusted to a task of typical size."""
    arm: Arm | None = None
    """The arm of the items; None where a rollout divides the periods into arms."""


@dataclass(frozen=True, slots=True)
class InterimLook:
    """θ as estimated from the work up to the end of one week."""

    last_day: int
    items: int
    log_ratio: Interval | None
    """The plain interval."""
    anytime: Interval | None = None
    """The interval that holds however often one looks; randomised studies only."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One arm's estimates against its minutes."""

    arm: str
    items: int
    typical_estimate_minutes: float | None
    typical_minutes: float | None
    ratio: Interval | None
    """Geometric mean of minutes / estimate."""


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The effect in a part of the work of one activity. Exploratory: no claim is judged by it."""

    by: Literal["size", "weeks", "all"]
    """The size of the estimate, the weeks since the rollout, or the headline itself."""
    above: float | None
    """Estimates above this, or weeks after this one; None without a lower limit."""
    up_to: float | None
    """Estimates up to this one, or weeks up to this one; None without an upper limit."""
    unit: str
    """Of the limits: ``minutes``, ``points`` or ``weeks``; "" without any."""
    items_baseline: int
    items_assistance: int
    developers: int
    log_ratio: Interval | None
    estimator: str


@dataclass(frozen=True, slots=True)
class ActivityChartData:
    """The data of one activity's charts."""

    activity: str
    bins: tuple[Bin, ...] = ()
    dots: tuple[tuple[str, float], ...] = ()
    """(arm, minutes) of every work item; () where there are more than 2,000."""
    centre_minutes: float | None = None
    """The centre of the baseline's adjusted minutes; None where bins and dots are not adjusted."""
    typical_baseline_minutes: float | None = None
    typical_assistance_minutes: float | None = None
    adjusted_baseline_minutes: float | None = None
    """Typical minutes of the baseline, adjusted as the periods are: their reference line."""
    periods: tuple[CoursePeriod, ...] = ()
    """By arm, where there is one, and by date."""
    period_length: PeriodLength = "week"
    cutover_days: tuple[int, ...] = ()
    """Days of the rollouts; only the first and the last of them where there are more than five."""
    looks: tuple[InterimLook, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    expected_log_ratio: float | None = None
    """The developers' own forecast of θ: the mean of ln(estimate with assistance / without)."""
    subgroups: tuple[Subgroup, ...] = ()
    """The headline, then the parts of the work; () where there are no two parts of one kind."""
    suppressed: bool = False
    """True where fewer than five developers stand behind an arm; all other fields are empty then.

    Not in a reader's own log.
    """


@dataclass(frozen=True, slots=True)
class Savings:
    """The hours saved of all activities together, and what they are worth.

    The bounds are sums of bounds, so they hold where those of all activities hold.
    """

    volume: float
    """Hours of work with assistance a week."""
    saved: Interval
    """Hours a week."""
    developers: int
    """Developers who began work with assistance in the period of the volume."""
    prices: Prices | None
    """None where money is not asked for, or the hours are those of one developer."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """The results of one ``check`` or ``report``, with everything needed to reproduce them."""

    generated_epoch: int
    question: Question
    results: tuple[Result, ...]
    version: str
    data_hash: str
    """Hash of the moments: equal hashes mean equal data."""
    first_day: int | None
    last_day: int | None
    now_epoch: int | None
    """The "now" of the maturation rule: the log's last instant unless given."""
    entries: int
    synthetic_notice: str | None = None
    """For the demo's log, the notice to print above everything."""
    chart_data: tuple[ActivityChartData, ...] = ()
    hours: WeeklyHours | None = None
    """None where there is no whole week, or fewer than five developers have one."""
    savings: Savings | None = None
    """What the activities save together; None where there are no hours."""
    quality: tuple[tuple[str, str], ...] = ()
    """Data quality: (label, figure as text)."""
    truths: dict[str, float] = field(default_factory=dict)
    """The demo's true efficiency gains by activity, shown with the estimates."""
    own_log: bool = False
    """Whether this is the reader's own work alone, of which nothing is suppressed."""
    overview: Overview | None = None
    """Who and when; of a page only."""
    limits: Limits | None = None
    """The limits that were used in place of the filters; None where the filters were used."""


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
