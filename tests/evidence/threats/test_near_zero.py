"""Work items of nearly 0 minutes are noticed where they differ between the arms, and only there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support import panels

from tracker.evidence.moments import cells_from_items
from tracker.evidence.threats.near_zero import near_zero_minutes


def trial(seed: int, effect: float = 0.0) -> object:
    """Return 300 or so work items of a clean randomised trial."""
    rng = np.random.default_rng(seed)
    return panels.items(rng, developers=10, per_developer=30, effect=effect)


def test_short_items_of_one_arm_are_serious() -> None:
    """A fifth of the assisted items at half a minute: serious, with the counts."""
    items = trial(1)
    assisted = items.index[items["arm"] == "assistance"]
    items.loc[assisted[: len(assisted) // 5], "minutes"] = 0.5
    threat = near_zero_minutes(cells_from_items(items), 0.0)
    assert threat is not None
    assert (threat.code, threat.severity) == ("near-zero-minutes", "serious")


def test_short_items_of_both_arms_are_not_told() -> None:
    """The same share in both arms decides nothing."""
    items = trial(2)
    items.loc[items.index[::5], "minutes"] = 0.5
    assert near_zero_minutes(cells_from_items(items), 0.0) is None


@pytest.mark.parametrize("effect", [0.0, math.log(1 / 3)])
def test_a_true_gain_is_not_taken_for_near_zero(effect: float) -> None:
    """On clean trials, with a time ratio of 1 or 1/3, it fires in at most 2 of 100."""
    fired = sum(
        near_zero_minutes(cells_from_items(trial(seed, effect)), effect) is not None
        for seed in range(100)
    )
    assert fired <= 2


def test_an_empty_arm_is_not_compared() -> None:
    """Without items in one arm there is nothing to compare."""
    items = trial(3)
    items["minutes"] = 0.5
    assert near_zero_minutes(cells_from_items(items[items["arm"] == "baseline"]), 0.0) is None
