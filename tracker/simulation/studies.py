"""Draws simulated studies: work items with their arms, sittings, and the dates of rollouts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.domain.errors import BadValue
from tracker.domain.records import Rollout, StudyDesign
from tracker.domain.times import DAY_SECONDS
from tracker.evidence.moments import Floats, Integers, Mask
from tracker.simulation.work_model import DAYS_OF_WEEK, WorkModel, half_difference_variance

FIRST_DAY = 16_440
"""Every study begins on Monday, 2015-01-05."""

MAX_WEEKS = 520

TIME_RATIOS = (0.01, 5.0)
"""True time ratios that a study can have. Below, effort is lost in the rounding to seconds; above,
a sitting that begins on the last day may not end within the study."""

ROLLOUTS = (0.15, 1.1)
"""Where the dates of a staggered rollout lie, in shares of the study; beyond 1: no rollout."""

CHOSEN_SHARES = (0.2, 0.8)
"""Between which shares of their work self-selected developers use the assistant."""

ASSISTANT = "Helper 1.0"

_WORKDAYS = 5
_EARLIEST_SECOND, _LATEST_SECOND = 9 * 3600, 11 * 3600
_LONG_SITTING_SECONDS = 8 * 3600
_TYPICAL_SITTING_SECONDS = 2 * 3600
_MAX_DAYS = 28
"""Longest time from start to completion: less than the 30 days after which an unfinished work item
counts as finished."""
_MAX_SECONDS = (_MAX_DAYS + 1) * 12 * 3600


@dataclass(frozen=True, slots=True)
class StudySetup:
    """What a simulated study is to be: its design, its length, its size and the truth.

    Raises:
        BadValue: A number is out of range.

    """

    design: StudyDesign
    weeks: int
    log_ratio: float = 0.0
    """True θ = ln(time ratio) of work with assistance."""
    items: int | None = None
    """Work items that are begun; None: as many as the developers begin in that time."""
    activity: str = "design"

    def __post_init__(self) -> None:
        if not 2 <= self.weeks <= MAX_WEEKS:
            raise BadValue(f"the study has {self.weeks} weeks: give 2 to {MAX_WEEKS}.")
        if self.items is not None and self.items < 1:
            raise BadValue(f"the study has {self.items} work items: give 1 or more.")
        ratio, (lowest, highest) = math.exp(self.log_ratio), TIME_RATIOS
        if not lowest <= round(ratio, 9) <= highest:
            raise BadValue(
                f"the true gain means a time ratio of {ratio:.3g}: "
                f"studies can have {lowest:g} to {highest:g}, give a gain of that size."
            )


@dataclass(frozen=True, slots=True)
class SimulatedStudy:
    """A simulated study; arrays by work item (n) or by sitting, which are sorted by work item."""

    setup: StudySetup
    developers: int
    developer: Integers
    """The number of each item's developer, from 0, n."""
    seconds: Integers
    """Effort until completion, n."""
    estimate_minutes: Floats | None
    assigned: Mask | None
    """Whether assistance was drawn, n; None where arms are not drawn."""
    assisted: Mask | None
    """Whether assistance was used, n; None where it is not recorded."""
    rollouts: tuple[Rollout, ...]
    sitting_item: Integers
    """The number of the work item of each sitting."""
    sitting_started: Integers
    """Seconds since 1970."""
    sitting_seconds: Integers

    @property
    def sitting_ended(self) -> Integers:
        """The end of each sitting, in seconds since 1970."""
        return self.sitting_started + self.sitting_seconds

    @property
    def logged(self) -> Mask:
        """Which sittings are over when the study ends."""
        end_epoch = (FIRST_DAY + DAYS_OF_WEEK * self.setup.weeks) * DAY_SECONDS
        return np.asarray(self.sitting_ended <= end_epoch)

    @property
    def started(self) -> Integers:
        """The start of each work item's first sitting, in seconds since 1970."""
        return self.sitting_started[np.searchsorted(self.sitting_item, np.arange(len(self)))]

    @property
    def finished(self) -> Integers:
        """The end of each work item's last sitting, logged or not."""
        last = np.searchsorted(self.sitting_item, np.arange(len(self)), side="right") - 1
        return self.sitting_ended[last]

    def __len__(self) -> int:
        return len(self.developer)


def developer_name(number: int) -> str:
    """Return the name of a simulated developer."""
    return f"developer-{number + 1:02d}"


def number_of_items(model: WorkModel, weeks: int) -> int:
    """Return how many work items the developers begin in a study."""
    return max(1, round(float(model.items_per_week.sum()) * weeks))


def draw_study(model: WorkModel, setup: StudySetup, rng: np.random.Generator) -> SimulatedStudy:
    """Draw a study.

    The draws do not depend on the true θ: with the same generator, studies that differ in θ alone
    differ in the effort of work with assistance alone, not in the days on which it is done.

    Args:
        model: What the work is drawn from.
        setup: The study.
        rng: The random generator.

    """
    developer = _item_developers(model, setup, rng)
    days = np.sort(rng.integers(0, setup.weeks * _WORKDAYS, len(developer)))
    day = days // _WORKDAYS * DAYS_OF_WEEK + days % _WORKDAYS
    second = rng.integers(_EARLIEST_SECOND, _LATEST_SECOND, len(developer))
    source = rng.integers(0, model.items, len(developer))
    levels = _levels(model, setup, rng)
    ln_minutes = model.ln_minutes(developer, source) + levels[developer, day // DAYS_OF_WEEK]
    arms = _draw_arms(setup, developer, model.developers, FIRST_DAY + day, rng)
    untreated = _whole_seconds(ln_minutes)
    seconds = _whole_seconds(ln_minutes + setup.log_ratio * arms.assistance)
    started = (FIRST_DAY + day) * DAY_SECONDS + second
    sittings = _sittings(started, seconds, _sitting_days(untreated, model.days[source]))
    return SimulatedStudy(
        setup=setup,
        developers=model.developers,
        developer=developer,
        seconds=seconds,
        estimate_minutes=None if model.estimate_minutes is None else model.estimate_minutes[source],
        assigned=arms.assistance if setup.design == "randomised" else None,
        assisted=arms.assistance if setup.design == "self-selected" else None,
        rollouts=arms.rollouts,
        sitting_item=sittings[0],
        sitting_started=sittings[1],
        sitting_seconds=sittings[2],
    )


def _item_developers(model: WorkModel, setup: StudySetup, rng: np.random.Generator) -> Integers:
    """Return the developer of each work item, in proportion to what they begin in a week."""
    items = number_of_items(model, setup.weeks) if setup.items is None else setup.items
    shares = model.items_per_week / model.items_per_week.sum()
    return rng.choice(model.developers, size=items, p=shares)


def _levels(model: WorkModel, setup: StudySetup, rng: np.random.Generator) -> Floats:
    """Return the level of ln minutes by developer and week: random walks, G × weeks."""
    scale = 1.0 / math.sqrt(half_difference_variance(setup.weeks))
    team = rng.normal(0.0, model.team_drift * scale, setup.weeks).cumsum()
    own = rng.normal(0.0, model.developer_drift * scale, (model.developers, setup.weeks))
    levels = team + own.cumsum(axis=1)
    return np.asarray(levels - levels.mean())


@dataclass(frozen=True, slots=True)
class _Arms:
    assistance: Mask
    rollouts: tuple[Rollout, ...] = ()


def _draw_arms(
    setup: StudySetup, developer: Integers, developers: int, day: Integers, rng: np.random.Generator
) -> _Arms:
    """Return which work items are done with assistance, and the rollouts."""
    if setup.design == "randomised":
        return _Arms(rng.random(len(developer)) < 0.5)
    if setup.design == "self-selected":
        shares = rng.uniform(*CHOSEN_SHARES, developers)
        return _Arms(rng.random(len(developer)) < shares[developer])
    days = DAYS_OF_WEEK * setup.weeks
    if setup.design == "before-after":
        cutover = FIRST_DAY + days // 2
        return _Arms(day >= cutover, (Rollout(ASSISTANT, cutover),))
    cutovers = FIRST_DAY + np.round(rng.uniform(*ROLLOUTS, developers) * days).astype(np.int64)
    rollouts = tuple(
        Rollout(ASSISTANT, int(cutover), developer=developer_name(number))
        for number, cutover in enumerate(cutovers)
        if cutover < FIRST_DAY + days
    )
    return _Arms(day >= cutovers[developer], rollouts)


def _whole_seconds(ln_minutes: Floats) -> Integers:
    """Return effort in whole seconds, as a log has it."""
    seconds = np.round(60.0 * np.exp(ln_minutes))
    return np.clip(seconds, 1, _MAX_SECONDS).astype(np.int64)


def _sitting_days(seconds: Integers, days: Integers) -> tuple[Integers, Integers]:
    """Return into how many sittings work items are split, and how many days after the first the
    last one is.
    """
    fewest_days = -(-seconds // _LONG_SITTING_SECONDS) - 1
    last_day = np.minimum(np.maximum(days, fewest_days), _MAX_DAYS)
    wanted = np.maximum(-(-seconds // _TYPICAL_SITTING_SECONDS), 2)
    return np.minimum(np.minimum(wanted, last_day + 1), seconds), last_day


def _sittings(
    started: Integers, seconds: Integers, sitting_days: tuple[Integers, Integers]
) -> tuple[Integers, Integers, Integers]:
    """Split the effort of work items evenly into sittings, at one time of different days.

    Args:
        started: The start of each item, in seconds since 1970.
        seconds: The effort of each item.
        sitting_days: The number of sittings of each item, and the days from the first to the last.

    Returns:
        The number of the item, the start and the effort of each sitting, sorted by item.

    """
    number, last_day = sitting_days
    item = np.repeat(np.arange(len(seconds)), number)
    position: Integers = np.arange(len(item)) - np.repeat(number.cumsum() - number, number)
    day = position * last_day[item] // np.maximum(number - 1, 1)[item]
    until = (position + 1) * seconds[item] // number[item]
    share = until - position * seconds[item] // number[item]
    return item, started[item] + day * DAY_SECONDS, share
