"""What a log holds for a study, and how further work items add to its arms."""

from __future__ import annotations

import numpy as np
import pytest
from support import panels

from tracker.evidence.planning.arms_held import ArmsHeld, arms_held


def test_further_items_of_drawn_arms():
    """A new study needs all of its items; one under way needs the rest."""
    assert ArmsHeld(0, 0, "both").further_items(200) == 200
    assert ArmsHeld(40, 40, "both").further_items(200) == 120
    assert ArmsHeld(100, 100, "both").further_items(200) == 0


def test_a_small_arm_is_not_made_up_for_by_the_size_of_the_other():
    """1,000 items before and 10 after are as precise as 40 items in equal arms, not as 1,010."""
    held = ArmsHeld(1000, 10, "assistance")
    assert held.effective_items(0) == pytest.approx(4 / (1 / 1000 + 1 / 10))
    more = held.further_items(200)
    assert 4 / (1 / 1000 + 1 / (10 + more)) >= 200 - 1e-6
    assert 40 < more < 60


def test_a_small_baseline_that_cannot_be_extended_never_suffices():
    """After the rollout, further items are all in the assistance arm."""
    assert ArmsHeld(49, 10, "assistance").further_items(200) is None
    assert ArmsHeld(60, 10, "assistance").further_items(200) is not None


def test_a_baseline_before_its_rollout_can_be_extended():
    """A small one first grows to half of the study; a large one needs fewer items after it."""
    assert ArmsHeld(20, 0, "either").further_items(200) == 180
    assert ArmsHeld(1000, 0, "either").further_items(200) < 60


def estimate(design, **columns):
    work = panels.items(np.random.default_rng(0), months=6)
    for name, value in columns.items():
        work[name] = value(work)
    return panels.estimate(work, design)


def test_a_baseline_alone_counts_before_after_only():
    """A randomised or staggered study begins anew."""
    baseline = estimate(None, arm=lambda work: "baseline")
    items = baseline.sample.cells.items
    assert arms_held(baseline, "before-after") == (ArmsHeld(items, 0, "either"), None)
    for design in ("randomised", "staggered"):
        assert arms_held(baseline, design) == (ArmsHeld(0, 0, "both"), None)


def test_where_the_assistant_is_in_use_only_arms_can_be_drawn():
    """Rollouts cannot be repeated."""
    drawn = estimate("randomised")
    for design in ("staggered", "before-after"):
        assert arms_held(drawn, design)[1] == "all-treated"
    before_after = estimate("before-after")
    assert arms_held(before_after, "randomised") == (ArmsHeld(0, 0, "both"), None)


def test_a_staggered_rollout_ends_when_everybody_has_the_assistant():
    """While somebody is untreated further work is compared with theirs; then it is not."""

    def rollouts(never):
        def arm(work):
            number = work["developer"].str[-4:].astype(int)
            day = panels.FIRST_MONTH + 1 + number % 4
            treated = (work["month"] >= day) & ~number.isin(never)
            return np.where(treated, "assistance", "baseline")

        return arm

    assert arms_held(estimate("staggered", arm=rollouts({7})), "staggered")[1] is None
    held, obstacle = arms_held(estimate("staggered", arm=rollouts(set())), "staggered")
    assert obstacle == "all-treated"
    assert held.items > 0
