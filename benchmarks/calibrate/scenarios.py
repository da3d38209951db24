"""What is done to a window, and what each method says of it: rows for the table.

No assistance was at work in the log, so every effect is one that is put in: none (and each found is a false alarm), the
claimed gain after the split, or the claim turned round: minutes × 1.5 in the assistance arm make "the claim of +50 % is
ruled out, there being none" a plain test of no difference, which every method has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.calibrate import methods, ours
from benchmarks.calibrate.methods import Bounds
from benchmarks.calibrate.pools import Pool
from benchmarks.calibrate.windows import Window, coin, draw, rollout_days
from tracker.domain.gains import to_ratio
from tracker.domain.records import StudyDesign

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

GAINS = {"design": 0.5, "testing": 0.4}
"""The claimed gain of each activity that is calibrated, in output per hour."""

LOOKS = 20
SPREAD = 0.3
"""Standard deviation on θ of an effect that varies by developer."""

OURS, OURS_BARE, OURS_ANYTIME = "ours", "ours without allowance", "ours --anytime"
ENTRIES, MINUTES, TRIAL = "t-test on entries", "t-test on minutes", "published trial's model"

GAIN, CLAIM, VARYING = "the gain is true", "the claim is false", "effect varies"
PEEKED = "20 looks"


class Row(NamedTuple):
    """What one method said of one window in one comparison. NaN: it gave no interval."""

    activity: str
    window: int
    team: str
    items: int
    developers: int
    comparison: str
    method: str
    truth: float
    """θ on the method's own scale where that is ln minutes; the t-tests' other scales know only 0."""
    estimate: float
    half_width: float


def run(pools: list[Pool], seed: int, number: int) -> list[Row]:
    """Draw window ``number`` of one activity's pools and do everything to it. The same seed gives the same rows."""
    activity = pools[0].activity
    rng = np.random.default_rng([seed, *activity.encode(), number])
    window = draw(pools, rng)
    about = (activity, number, window.pool.team, len(window), window.developers)
    said = [
        *_split(window, "randomised", coin(window, rng), rng),
        *_split(window, "before-after", window.after, rng),
    ]
    said += _staggered(window, rng)
    said += _looks(window, coin(window, rng))
    return [
        Row(*about, comparison, method, truth, *bounds)
        for comparison, method, truth, bounds in said
    ]


_Said = tuple[str, str, float, Bounds]


def _split(
    window: Window, design: StudyDesign, arm: Mask, rng: np.random.Generator
) -> Iterator[_Said]:
    """One study design with arms that did nothing; with the gain; with the claim turned round; with varying effects."""
    found = ours.judge(ours.frame(window, _minutes(window), arm), design)
    yield design, OURS, 0.0, found
    if design == "before-after":
        yield design, OURS_BARE, 0.0, ours.without_allowance(found)
    yield design, ENTRIES, 0.0, _on_entries(window, arm)
    yield from (
        (design, method, 0.0, judge(window, _minutes(window), arm))
        for method, judge in PEERS.items()
    )
    for name, theta in ((GAIN, _claimed(window)), (CLAIM, -_claimed(window))):
        minutes = _changed(window, arm, theta)
        yield f"{design}, {name}", OURS, theta, ours.judge(ours.frame(window, minutes, arm), design)
        yield from (
            (f"{design}, {name}", method, theta, judge(window, minutes, arm))
            for method, judge in PEERS.items()
        )
    minutes = _changed(window, arm, _varying(window, rng))
    yield f"{design}, {VARYING}", OURS, 0.0, ours.judge(ours.frame(window, minutes, arm), design)
    yield f"{design}, {VARYING}", TRIAL, 0.0, PEERS[TRIAL](window, minutes, arm)


def _staggered(window: Window, rng: np.random.Generator) -> Iterator[_Said]:
    """Each developer with a rollout of their own; some never within the window."""
    arm = window.day >= rollout_days(window, rng)[window.developer]
    effects = (("", 0.0), (f", {GAIN}", _claimed(window)), (f", {VARYING}", _varying(window, rng)))
    for name, effect in effects:
        truth = effect if isinstance(effect, float) else 0.0
        work = ours.frame(window, _changed(window, arm, effect), arm)
        yield f"staggered{name}", OURS, truth, ours.judge(work, "staggered")


def _looks(window: Window, arm: Mask) -> Iterator[_Said]:
    """Drawn arms that did nothing, looked at 20 times; of each method the look that came nearest to an alarm."""
    work = ours.frame(window, _minutes(window), arm)
    anytime, plain = [], []
    for look in range(1, LOOKS + 1):
        so_far = work.iloc[: len(window) * look // LOOKS]
        anytime.append(ours.judge(so_far, "randomised", anytime=True))
        plain.append(
            _trial(so_far)
            if (so_far["arm"].value_counts() >= methods.FEWEST).sum() == 2
            else methods.UNDEFINED
        )
    yield PEEKED, OURS_ANYTIME, 0.0, _loudest(anytime)
    yield PEEKED, TRIAL, 0.0, _loudest(plain)
    yield "randomised", OURS_ANYTIME, 0.0, anytime[-1]


def _loudest(looks: list[Bounds]) -> Bounds:
    return max(
        looks,
        key=lambda look: abs(look.estimate) / look.half_width if look.half_width > 0 else -1.0,
    )


def _minutes(window: Window) -> Floats:
    return window.pool.minutes[window.items]


def _claimed(window: Window) -> float:
    """θ of the gain claimed for the window's activity."""
    ratio = to_ratio("efficiency_gain", GAINS[window.pool.activity])
    assert ratio is not None
    return math.log(ratio)


def _varying(window: Window, rng: np.random.Generator) -> Floats:
    """An effect on each item's θ that is its developer's own, 0 on average."""
    return rng.normal(0.0, SPREAD, window.developers)[window.developer]


def _changed(window: Window, arm: Mask, theta: float | Floats) -> Floats:
    """The items' minutes with an effect put into the assistance arm, in whole seconds as a log keeps them."""
    minutes = np.where(arm, _minutes(window) * np.exp(theta), _minutes(window))
    return np.maximum(np.round(minutes * 60.0), 1.0) / 60.0


def _on_entries(window: Window, arm: Mask) -> Bounds:
    minutes, item = window.pool.entries_of(window.items)
    return methods.welch(np.log(minutes), arm[item])


def _on_minutes(_window: Window, minutes: Floats, arm: Mask) -> Bounds:
    return methods.welch(minutes, arm)


def _on_estimates(window: Window, minutes: Floats, arm: Mask) -> Bounds:
    x = np.log(window.pool.estimate_minutes[window.items])
    return methods.published_trial(np.log(minutes), x, arm)


def _trial(work: pd.DataFrame) -> Bounds:
    return methods.published_trial(
        work["y"].to_numpy(), work["x"].to_numpy(), work["arm"].to_numpy() == "assistance"
    )


PEERS: dict[str, Callable[[Window, Floats, Mask], Bounds]] = {
    MINUTES: _on_minutes,
    TRIAL: _on_estimates,
}
"""The naive methods that judge work items."""
