"""Draws windows: parts of a real log as large as a team would have when it wants a verdict.

A team is drawn with probability proportional to √items, and tried until it yields a window. A
window is taken from a stretch of 1–3 × 100–400 consecutive work items. It holds the stretch's items
of the developers with 4 or more, at least 6 developers; of more than 12 the busiest 12, which keeps
most of the team's work. It has 100–400 items, and at least a third of the stretch. The cutover
lies at 35–65 % of the window, with at least 30 items in each arm and 4 developers in both arms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.calibration.pools import MIN_DEVELOPERS, MIN_ITEMS, Pool
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.errors import NothingToDo

Mask = NDArray[np.bool_]

ITEMS = (MIN_ITEMS, 400)
SPANS = (1.0, 3.0)
DEVELOPERS = (MIN_DEVELOPERS, 12)
ITEMS_OF_A_DEVELOPER = 4
CUTOVER = (0.35, 0.65)
ITEMS_OF_AN_ARM = 30
DEVELOPERS_IN_BOTH = 4
ROLLOUTS = (0.15, 1.1)
"""Where the dates of a staggered rollout lie, in shares of the window's days."""

_TRIES_OF_A_TEAM = 2_000
"""Stretches of one team that are tried before another team is drawn."""
_TEAMS = 20
"""Teams that are tried before the sampler gives up."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some items of a pool, in their order, and the day that separates before from after."""

    pool: Pool
    items: NDArray[np.int64]
    """Positions in the pool."""
    developer: NDArray[np.int64]
    """A number for each item's developer; within the window they run from 0 without gaps."""
    cutover_day: int

    def __len__(self) -> int:
        return len(self.items)

    @property
    def developers(self) -> int:
        return int(self.developer.max()) + 1

    @property
    def day(self) -> NDArray[np.int64]:
        return self.pool.day[self.items]

    @property
    def after(self) -> Mask:
        """Which items were first worked on at or after the cutover."""
        return self.day >= self.cutover_day


def sample_window(pools: list[Pool], rng: np.random.Generator, activity: str) -> Window:
    """Return a random window of one of the pools, which are all of one activity.

    Raises:
        NothingToDo: No team is large enough for a window, or there is no pool.

    """
    large = [pool for pool in pools if pool.is_large]
    weights = np.sqrt([len(pool) for pool in large])
    for team in rng.choice(len(large), size=_TEAMS, p=weights / weights.sum()) if large else ():
        for _ in range(_TRIES_OF_A_TEAM):
            window = _try(large[team], rng)
            if window:
                return window
    raise NothingToDo(_too_small(pools, activity))


def _too_small(pools: list[Pool], activity: str) -> str:
    """Return what an activity without a window is missing, and what to do."""
    advice = "Log more, or import estimates with `tracker import tasks`."
    if max((pool.developers for pool in pools), default=0) < DEVELOPERS[0]:
        advice = "`tracker simulate` draws studies of a smaller team from its baseline."
    return f"{activity} cannot be calibrated: {_missing(pools)}. {advice}"


def _missing(pools: list[Pool]) -> str:
    usable = "work items that are finished, estimated and without assistance"
    if any(pool.is_large for pool in pools):
        return (
            f"no stretch of the log has {ITEMS[0]} {usable}, of {DEVELOPERS[0]} developers with"
            f" {ITEMS_OF_A_DEVELOPER} each, with {ITEMS_OF_AN_ARM} on both sides of a day"
            f" and {DEVELOPERS_IN_BOTH} developers on both"
        )
    need = f"a window needs {ITEMS[0]} {usable}, of {DEVELOPERS[0]} developers in one team"
    largest = max(pools, key=lambda pool: (pool.developers, len(pool)), default=None)
    if largest is None or largest.developers < MIN_DEVELOPERS_SHOWN:
        return f"{need}; there are fewer than {MIN_DEVELOPERS_SHOWN} developers"
    return f"{need}; there are {len(largest):,} of {largest.developers}"


def rollout_days(window: Window, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a rollout day for each developer, uniform over 0.15–1.1 of the window's days."""
    first, last = window.day[0], window.day[-1]
    shares = rng.uniform(*ROLLOUTS, size=window.developers)
    return np.asarray(np.round(first + shares * (last - first)), dtype=np.int64)


def randomise_arms(window: Window, rng: np.random.Generator) -> Mask:
    """Return which items are in the assistance arm, drawn item by item until each arm has 30."""
    while True:
        arm: Mask = rng.random(len(window)) < 0.5
        if _both_arms_filled(arm):
            return arm


def _try(pool: Pool, rng: np.random.Generator) -> Window | None:
    """A window of a random stretch; None where the stretch does not meet the conditions."""
    span = round(rng.integers(ITEMS[0], ITEMS[1] + 1) * rng.uniform(*SPANS))
    if span > len(pool):
        return None
    start = rng.integers(0, len(pool) - span + 1)
    stretch = np.arange(start, start + span)
    counts = np.bincount(pool.developer[stretch])
    eligible = np.flatnonzero(counts >= ITEMS_OF_A_DEVELOPER)
    if len(eligible) < DEVELOPERS[0]:
        return None
    busiest = eligible[np.argsort(-counts[eligible], kind="stable")[: DEVELOPERS[1]]]
    items = stretch[np.isin(pool.developer[stretch], busiest)]
    if not ITEMS[0] <= len(items) <= ITEMS[1] or span > SPANS[1] * len(items):
        return None
    developer = np.unique(pool.developer[items], return_inverse=True)[1]
    cutover = pool.day[items[int(rng.uniform(*CUTOVER) * len(items))]]
    window = Window(pool, items, developer, int(cutover))
    enough = _both_arms_filled(window.after) and _developers_in_both(window) >= DEVELOPERS_IN_BOTH
    return window if enough else None


def _both_arms_filled(arm: Mask) -> bool:
    return ITEMS_OF_AN_ARM <= int(arm.sum()) <= len(arm) - ITEMS_OF_AN_ARM


def _developers_in_both(window: Window) -> int:
    after = np.bincount(window.developer, weights=window.after)
    return int(((after > 0) & (after < np.bincount(window.developer))).sum())
