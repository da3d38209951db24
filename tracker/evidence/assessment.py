"""The results of one question, with the data of their charts: frozen.

Undefined is None; never 0, infinity or NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tracker.domain.disclosure import Limits
from tracker.domain.money import Prices
from tracker.domain.question import Question
from tracker.domain.records import Arm
from tracker.evidence.charts.weekly_hours import WeeklyHours
from tracker.evidence.overview import Overview, RolloutDates
from tracker.evidence.results import Interval, Result


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
    """Estimates above this, thirds or weeks after this one; None without a lower limit."""
    up_to: float | None
    """Estimates, thirds or weeks up to this one; None without an upper limit."""
    unit: str
    """Of the limits; "" without any.

    ``minutes``, ``points`` or ``weeks``; ``thirds`` of the estimates in each unit, where some are
    in minutes and some in points.
    """
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
    rollouts: tuple[RolloutDates, ...] = ()
    """What is known of the rollouts, to name them."""
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
    assistants: tuple[str, ...] = ()
    """Names with their version, of the assistants compared; () where none is recorded."""
    overview: Overview | None = None
    """Who and when; of a page only."""
    limits: Limits | None = None
    """The limits that were used in place of the filters; None where the filters were used."""
