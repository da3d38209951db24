"""The sampler of windows: stretches of a real log, each of a size at which a team would want a verdict.

A team is drawn ∝ √items and kept until it yields a window: a stretch of 1–3 × 100–400 consecutive work items, of these
the items of the developers with 4 or more (6 at least; of more than 12 the busiest, so that as much of the team's work
as may be is kept), 100–400 in all and no fewer than a third of the stretch. A cutover lies at 35–65 % of it, with 30
items or more in each arm and 4 developers or more in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibrate.pools import Pool
from tracker.domain.errors import NothingToDo

Mask = NDArray[np.bool_]

ITEMS = (100, 400)
SPANS = (1.0, 3.0)
DEVELOPERS = (6, 12)
ITEMS_OF_A_DEVELOPER = 4
CUTOVER = (0.35, 0.65)
ITEMS_OF_AN_ARM = 30
DEVELOPERS_IN_BOTH = 4
ROLLOUTS = (0.15, 1.1)
"""Of the window's days: where the dates of a staggered rollout lie; beyond 1, never within it."""

_PATIENCE = 2_000
"""Tries after which a team is given up for this draw."""
_TEAMS = 20
"""Teams after which the draw is."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some items of a pool, in their order, and the day that parts them into before and after."""

    pool: Pool
    items: NDArray[np.int64]
    """Positions in the pool."""
    developer: NDArray[np.int64]
    """Numbered anew, from 0 up."""
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
        """Which items fall on the later side of the cutover: those first worked on from that day."""
        return self.day >= self.cutover_day


def draw(pools: list[Pool], rng: np.random.Generator) -> Window:
    """One window of pools of one activity. NothingToDo where no team is large enough for one."""
    large = [
        pool
        for pool in pools
        if len(pool) >= ITEMS[0] and pool.developer.max() >= DEVELOPERS[0] - 1
    ]
    weights = np.sqrt([len(pool) for pool in large])
    for team in rng.choice(len(large), size=_TEAMS, p=weights / weights.sum()) if large else ():
        for _ in range(_PATIENCE):
            window = _try(large[team], rng)
            if window:
                return window
    raise NothingToDo(
        f"no team has {ITEMS[0]} estimated items of an activity by {DEVELOPERS[0]} developers: give a larger log."
    )


def rollout_days(window: Window, rng: np.random.Generator) -> NDArray[np.int64]:
    """A staggered rollout: for each developer a day of their own, uniform over 0.15–1.1 of the window's days."""
    first, last = window.day[0], window.day[-1]
    shares = rng.uniform(*ROLLOUTS, size=window.developers)
    return np.asarray(np.round(first + shares * (last - first)), dtype=np.int64)


def coin(window: Window, rng: np.random.Generator) -> Mask:
    """Arms drawn item by item, until each has 30."""
    while True:
        drawn: Mask = rng.random(len(window)) < 0.5
        if _filled(drawn):
            return drawn


def _try(pool: Pool, rng: np.random.Generator) -> Window | None:
    span = round(rng.integers(ITEMS[0], ITEMS[1] + 1) * rng.uniform(*SPANS))
    if span > len(pool):
        return None
    start = rng.integers(0, len(pool) - span + 1)
    stretch = np.arange(start, start + span)
    counts = np.bincount(pool.developer[stretch])
    able = np.flatnonzero(counts >= ITEMS_OF_A_DEVELOPER)
    if len(able) < DEVELOPERS[0]:
        return None
    chosen = able[np.argsort(-counts[able], kind="stable")[: DEVELOPERS[1]]]
    items = stretch[np.isin(pool.developer[stretch], chosen)]
    if not ITEMS[0] <= len(items) <= ITEMS[1] or span > SPANS[1] * len(items):
        return None
    developer = np.unique(pool.developer[items], return_inverse=True)[1]
    cutover = pool.day[items[int(rng.uniform(*CUTOVER) * len(items))]]
    window = Window(pool, items, developer, int(cutover))
    return window if _filled(window.after) and _in_both(window) >= DEVELOPERS_IN_BOTH else None


def _filled(arm: Mask) -> bool:
    return ITEMS_OF_AN_ARM <= int(arm.sum()) <= len(arm) - ITEMS_OF_AN_ARM


def _in_both(window: Window) -> int:
    after = np.bincount(window.developer, weights=window.after)
    return int(((after > 0) & (after < np.bincount(window.developer))).sum())
