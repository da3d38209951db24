"""What evidence hands on: frozen results that carry everything a page, a table or a notebook needs.

Undefined is None, with the reason in ``threats``; never 0, infinity or NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from tracker.domain import gains
from tracker.domain.gains import Reading
from tracker.domain.question import Question
from tracker.domain.records import Claim, StudyDesign

Verdict = Literal[
    "supported", "plausible", "smaller", "cannot-tell", "contradicted", "slower", "faster"
]  # "faster" only without a claim
Severity = Literal["note", "caution", "serious"]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bounds; None where a bound is undefined on this scale."""

    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Threat:
    """A known way for the comparison to mislead, found in this data, in plain words."""

    code: str
    severity: Severity
    message: str
    advice: str = ""
    figures: tuple[tuple[str, str], ...] = ()
    """A small table to show beside it: (label, figure as text)."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One other defensible way to analyse the same data, and what it says. ``log_ratio`` None: could not be made."""

    name: str
    log_ratio: Interval | None
    verdict: Verdict | None
    note: str = ""

    @property
    def time_ratio(self) -> Interval | None:
        return None if self.log_ratio is None else exponentiate(self.log_ratio)


@dataclass(frozen=True, slots=True)
class OtherReading:
    """The verdict on the same figure, read the other way."""

    reading: Reading
    value: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Estimand:
    """One way to say "how much less time": typical task, total hours, median. ``unit`` is of the two arm columns."""

    name: str
    baseline: float | None
    assistance: float | None
    unit: str
    time_ratio: Interval | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sentences:
    """A result in plain sentences, worded in ``evidence/verdict.py`` and nowhere else. "" where one does not apply."""

    headline: str = ""
    """What the log shows: "Design: about 38 % more efficient after the rollout (between 12 and 70 %)."."""
    verdict: str = ""
    """What it says of the claim, or of any gain where nothing is claimed."""
    limits: str = ""
    """The largest claim this log supports and the smallest it rules out."""
    other_reading: str = ""
    needed: str = ""
    """How much more work would tell, or that no amount would."""


@dataclass(frozen=True, slots=True)
class Result:
    """One claim (or one activity without a claim) judged."""

    activity: str
    claim: Claim | None
    reading: Reading
    """The reading judged: the claim's own, unless overruled."""
    study_design: StudyDesign | None
    estimator: str
    estimand: str
    strength: str
    """The strongest word that the study design allows, e.g. "before/after, not proof"."""
    items_baseline: int
    items_assistance: int
    developers: int
    excluded: dict[str, int]
    log_ratio: Interval | None
    """θ = ln(time ratio) and its interval at ``interval_level``; None where there is too little data."""
    se: float | None
    df: float | None
    drift_sd: float | None
    """How far teams drift on θ with no assistance at all, as a standard deviation; None where the study design rules
    it out. The half-width is √((t·se)² + (z·allowance)²)."""
    level: float
    interval_level: float
    verdict: Verdict
    other_reading: OtherReading | None
    largest_supported: float | None
    """Lower bound of the gain on ``reading``: the largest claim this log supports."""
    smallest_refuted: float | None
    """Upper bound of the gain on ``reading``: the smallest claim it rules out."""
    items_needed: int | None
    """How many more work items it takes to tell; None when it is told, or when no number suffices (see threats)."""
    sensitivity: tuple[Sensitivity, ...] = ()
    threats: tuple[Threat, ...] = ()
    estimands: tuple[Estimand, ...] = ()
    sentences: Sentences = Sentences()

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
        """The interval carried over to one reading; its bounds swap, since a gain falls as the ratio rises."""
        ratio = self.time_ratio
        if ratio is None:
            return None
        low = None if ratio.high is None else gains.from_ratio(reading, ratio.high)
        high = None if ratio.low is None else gains.from_ratio(reading, ratio.low)
        return Interval(gains.from_ratio(reading, ratio.estimate), low, high)


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of the before/after distributions: work items per arm with minutes in [low, high)."""

    low_minutes: float
    high_minutes: float
    baseline: int
    assistance: int


@dataclass(frozen=True, slots=True)
class Week:
    """One week of one activity: typical minutes of the work items first worked on in it, all arms.

    ``adjusted``: geometric mean of minutes, adjusted to a typical task (by estimate) where estimates are there.
    """

    first_day: int
    items: int
    developers: int
    adjusted: Interval | None


@dataclass(frozen=True, slots=True)
class InterimLook:
    """How the evidence stood at the end of one week: θ with its plain interval, and the anytime one if randomised."""

    last_day: int
    items: int
    log_ratio: Interval | None
    anytime: Interval | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """How one arm's forecasts compared with its outcomes: geometric mean of minutes / estimate, items."""

    arm: str
    items: int
    typical_estimate_minutes: float | None
    typical_minutes: float | None
    ratio: Interval | None


@dataclass(frozen=True, slots=True)
class ActivityChartData:
    """The data of one activity's figures."""

    activity: str
    bins: tuple[Bin, ...] = ()
    dots: tuple[tuple[str, float], ...] = ()
    """(arm, minutes) of every work item, where there are at most 2,000; else ()."""
    typical_baseline_minutes: float | None = None
    typical_assistance_minutes: float | None = None
    adjusted_baseline_minutes: float | None = None
    """Typical of the baseline, adjusted as the weeks are: what they are held against."""
    weeks: tuple[Week, ...] = ()
    cutover_days: tuple[int, ...] = ()
    """Days to mark: the rollouts (at most a handful; a range when staggered)."""
    looks: tuple[InterimLook, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    suppressed: bool = False
    """Fewer than five developers stand behind an arm, and the reader is not all of them: nothing else is here."""


@dataclass(frozen=True, slots=True)
class ActivityHours:
    """Where the time went: hours of one activity in each arm's period; for time that moved."""

    activity: str
    baseline_hours: float
    assistance_hours: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that one ``check`` or ``report`` found, with everything needed to make it again."""

    generated_epoch: int
    question: Question
    results: tuple[Result, ...]
    version: str
    data_hash: str
    """Of the moments judged: equal hashes mean equal data."""
    first_day: int | None
    last_day: int | None
    now_epoch: int | None
    """The "now" of the maturation rule: the log's last instant unless given."""
    entries: int
    made_up: str | None = None
    """Set when the log is the demo's: what to print above everything."""
    chart_data: tuple[ActivityChartData, ...] = ()
    hours: tuple[ActivityHours, ...] = ()
    hours_suppressed: int = 0
    """Activities left out of ``hours``, since fewer than five developers stand behind one of their arms."""
    quality: tuple[tuple[str, str], ...] = ()
    """Data quality: (what, figure as text)."""
    truths: dict[str, float] = field(default_factory=dict)
    """The demo's true efficiency gains by activity, printed beside the estimates."""
    own_log: bool = False
    """The reader's own work alone: nothing of it is withheld from them."""


def exponentiate(theta: Interval) -> Interval:
    """An interval on θ carried over to the time ratio."""
    return Interval(
        math.exp(theta.estimate),
        None if theta.low is None else math.exp(theta.low),
        None if theta.high is None else math.exp(theta.high),
    )
