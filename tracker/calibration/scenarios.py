"""The comparisons made on a window: rows for the tables.

No assistant was at work in the log, so every effect is one that is added to it:

- none: an effect that a method reports is a false alarm;
- the claimed gain, in the assistance arm;
- the reverse of the claim. With minutes × 1.5 in the assistance arm, "there is no gain, and the
  claim of +50 % is ruled out" becomes a test of no difference, which every method has.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracker.calibration import methods, tracker_method
from tracker.calibration.methods import Bounds
from tracker.calibration.pools import Pool
from tracker.calibration.windows import Window, randomise_arms, rollout_days, sample_window
from tracker.domain.gains import to_ratio
from tracker.domain.records import StudyDesign

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

GAINS = {"design": 0.5, "testing": 0.4}
"""The claimed gain of the activities that are calibrated by default, in output per hour."""

OTHER_GAIN = 0.5
"""The gain that is supposed of any other activity."""

LOOKS = 20
SPREAD = 0.3
"""Standard deviation on θ of an effect that varies by developer."""

TRACKER = "tracker"
TRACKER_WITHOUT_ALLOWANCE = "tracker without drift allowance"
TRACKER_WITH_CONTROL = "tracker with other work as control"
TRACKER_ANYTIME = "tracker --anytime"
ENTRIES, MINUTES, TRIAL = "t-test on entries", "t-test on minutes", "published trial's model"

GAIN, CLAIM, VARYING = "the gain is true", "the claim is false", "effect varies"
RANDOMISED, BEFORE_AFTER, STAGGERED, PEEKED = "randomised", "before-after", "staggered", "20 looks"
COMPARISONS = (RANDOMISED, BEFORE_AFTER, STAGGERED, PEEKED)


class Row(NamedTuple):
    """One method's interval for one window in one comparison; NaN where it gave none."""

    activity: str
    window: int
    team: str
    items: int
    developers: int
    comparison: str
    method: str
    truth: float
    """The true θ. On the scale of a t-test it is defined only where it is 0."""
    estimate: float
    half_width: float


def gain_of(activity: str) -> float:
    """Return the gain whose detection is measured in an activity, in output per hour."""
    return GAINS.get(activity, OTHER_GAIN)


@dataclass(frozen=True, slots=True)
class Draws:
    """Everything that is random about a window.

    All of it is drawn in one order, whatever comparisons are made of the window: a comparison has
    the same result with and without the others.
    """

    window: Window
    arm: Mask
    """Which items are in the assistance arm of the randomised comparison."""
    effects: Floats
    """The effect on the θ of each item, where it varies; likewise for the two below."""
    effects_by_date: Floats
    treated: Mask
    """Which items began after the developer's own rollout."""
    effects_staggered: Floats
    looked_at: Mask
    """The arms of the comparison that is looked at 20 times."""

    @classmethod
    def of(cls, pools: list[Pool], rng: np.random.Generator) -> Draws:
        """Draw a window of the pools, which are all of one activity.

        Raises:
            NothingToDo: No team is large enough for a window.

        """
        window = sample_window(pools, rng, pools[0].activity)
        return cls(
            window=window,
            arm=randomise_arms(window, rng),
            effects=_varying(window, rng),
            effects_by_date=_varying(window, rng),
            treated=window.day >= rollout_days(window, rng)[window.developer],
            effects_staggered=_varying(window, rng),
            looked_at=randomise_arms(window, rng),
        )


def judge_window(
    pools: list[Pool],
    seed: int,
    number: int,
    comparisons: Collection[str] = COMPARISONS,
    *,
    effects: bool = True,
) -> list[Row]:
    """Draw window ``number`` of one activity's pools and judge it in every comparison.

    The same pools, seed and number give the same rows.

    Args:
        pools: The pools of one activity.
        seed: Seed of the run.
        number: Number of the window.
        comparisons: Which comparisons to make.
        effects: Also judge the window with effects added; without them only false alarms are told.

    Raises:
        NothingToDo: No team is large enough for a window.

    """
    activity = pools[0].activity
    draws = Draws.of(pools, np.random.default_rng([seed, *activity.encode(), number]))
    window = draws.window
    labels = (activity, number, window.pool.team, len(window), window.developers)
    judged = {
        RANDOMISED: lambda: _two_arms(window, "randomised", draws.arm, draws.effects),
        BEFORE_AFTER: lambda: _two_arms(
            window, "before-after", window.after, draws.effects_by_date
        ),
        STAGGERED: lambda: _staggered(window, draws.treated, draws.effects_staggered),
        PEEKED: lambda: _interim_looks(window, draws.looked_at),
    }
    return [
        Row(*labels, comparison, method, truth, *bounds)
        for name in COMPARISONS
        if name in comparisons
        for comparison, method, truth, bounds in itertools.takewhile(
            lambda result: effects or "," not in result[0], judged[name]()
        )
    ]


Judged = tuple[str, str, float, Bounds]
"""Comparison, method, true θ, interval."""


def _two_arms(window: Window, design: StudyDesign, arm: Mask, effects: Floats) -> Iterator[Judged]:
    """One study design with no effect, the claimed gain, the reversed claim, varying effects."""
    control = tracker_method.control_frame(window) if design == BEFORE_AFTER else None
    for method, bounds in _tracker_intervals(window, _minutes(window), arm, control):
        yield design, method, 0.0, bounds
        if design == "before-after" and method == TRACKER:
            bare = tracker_method.without_drift_allowance(bounds)
            yield design, TRACKER_WITHOUT_ALLOWANCE, 0.0, bare
    yield design, ENTRIES, 0.0, _welch_on_entries(window, arm)
    yield from (
        (design, method, 0.0, interval(window, _minutes(window), arm))
        for method, interval in ITEM_METHODS.items()
    )
    for name, theta in ((GAIN, _claimed(window)), (CLAIM, -_claimed(window))):
        comparison, minutes = f"{design}, {name}", _with_effect(window, arm, theta)
        for method, bounds in _tracker_intervals(window, minutes, arm, control):
            yield comparison, method, theta, bounds
        yield from (
            (comparison, method, theta, interval(window, minutes, arm))
            for method, interval in ITEM_METHODS.items()
        )
    comparison, minutes = f"{design}, {VARYING}", _with_effect(window, arm, effects)
    for method, bounds in _tracker_intervals(window, minutes, arm, control):
        yield comparison, method, 0.0, bounds
    yield comparison, TRIAL, 0.0, ITEM_METHODS[TRIAL](window, minutes, arm)


def _staggered(window: Window, arm: Mask, effects: Floats) -> Iterator[Judged]:
    """A rollout date for each developer; some have none within the window."""
    cases = (("", 0.0), (f", {GAIN}", _claimed(window)), (f", {VARYING}", effects))
    for name, effect in cases:
        truth = effect if isinstance(effect, float) else 0.0
        work = tracker_method.moments_frame(window, _with_effect(window, arm, effect), arm)
        yield f"staggered{name}", TRACKER, truth, tracker_method.interval(work, "staggered")


def _interim_looks(window: Window, arm: Mask) -> Iterator[Judged]:
    """Randomised arms without effect, judged 20 times; of each method the look nearest an alarm."""
    work = tracker_method.moments_frame(window, _minutes(window), arm)
    anytime, trial = [], []
    for look in range(1, LOOKS + 1):
        part = work.iloc[: len(window) * look // LOOKS]
        anytime.append(tracker_method.interval(part, "randomised", anytime=True))
        enough = (part["arm"].value_counts() >= methods.MIN_ITEMS_OF_AN_ARM).sum() == 2
        trial.append(_published_trial_on_frame(part) if enough else methods.UNDEFINED)
    yield PEEKED, TRACKER_ANYTIME, 0.0, _nearest_to_alarm(anytime)
    yield PEEKED, TRIAL, 0.0, _nearest_to_alarm(trial)
    yield "randomised", TRACKER_ANYTIME, 0.0, anytime[-1]


def _nearest_to_alarm(looks: list[Bounds]) -> Bounds:
    return max(
        looks,
        key=lambda look: abs(look.estimate) / look.half_width if look.half_width > 0 else -1.0,
    )


def _minutes(window: Window) -> Floats:
    return window.pool.minutes[window.items]


def _claimed(window: Window) -> float:
    """θ of the gain claimed for the window's activity."""
    ratio = to_ratio("efficiency_gain", gain_of(window.pool.activity))
    assert ratio is not None  # noqa: S101 - an efficiency gain above -100 % has a ratio
    return math.log(ratio)


def _varying(window: Window, rng: np.random.Generator) -> Floats:
    """An effect on the θ of each item that differs by developer and is 0 on average."""
    return rng.normal(0.0, SPREAD, window.developers)[window.developer]


def _with_effect(window: Window, arm: Mask, theta: float | Floats) -> Floats:
    """The items' minutes with an effect in the assistance arm, in whole seconds as in a log."""
    minutes = np.where(arm, _minutes(window) * np.exp(theta), _minutes(window))
    return np.maximum(np.round(minutes * 60.0), 1.0) / 60.0


def _tracker_intervals(
    window: Window, minutes: Floats, arm: Mask, control: pd.DataFrame | None
) -> Iterator[tuple[str, Bounds]]:
    """The intervals of the project's own methods: randomised arms, or by date with a control."""
    work = tracker_method.moments_frame(window, minutes, arm)
    design: StudyDesign = "randomised" if control is None else "before-after"
    yield TRACKER, tracker_method.interval(work, design)
    if control is not None:
        with_control = tracker_method.interval_with_control(work, control, design)
        yield TRACKER_WITH_CONTROL, with_control


def _welch_on_entries(window: Window, arm: Mask) -> Bounds:
    minutes, item = window.pool.entries_of(window.items)
    return methods.welch(np.log(minutes), arm[item])


def _welch_on_minutes(_window: Window, minutes: Floats, arm: Mask) -> Bounds:
    return methods.welch(minutes, arm)


def _published_trial(window: Window, minutes: Floats, arm: Mask) -> Bounds:
    x = np.log(window.pool.estimate_minutes[window.items])
    return methods.published_trial(np.log(minutes), x, arm)


def _published_trial_on_frame(work: pd.DataFrame) -> Bounds:
    return methods.published_trial(
        work["y"].to_numpy(), work["x"].to_numpy(), work["arm"].to_numpy() == "assistance"
    )


ITEM_METHODS: dict[str, Callable[[Window, Floats, Mask], Bounds]] = {
    MINUTES: _welch_on_minutes,
    TRIAL: _published_trial,
}
"""The other methods that judge work items."""
