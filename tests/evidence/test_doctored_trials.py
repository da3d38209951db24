"""Trials that were tampered with: no verdict may be bolder than what is left of the draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.records import Claim
from tracker.evidence.activity import (
    ActivityEstimate,
    check_near_zero_minutes,
    estimate_activity,
)
from tracker.evidence.item_cells import cell_reader
from tracker.evidence.judgement import judge_claim

CLAIM = Claim("claim", "design", 0.1, "efficiency_gain", "at_least", "an offer")


def estimated(items: pd.DataFrame, *, anytime: bool = False) -> ActivityEstimate:
    """Return the estimate of a randomised trial."""
    return estimate_activity(
        panels.moments(items),
        activity="design",
        design="randomised",
        level=0.95,
        interval_level=0.95,
        items=cell_reader(lambda: items, "design"),
        anytime=anytime,
    )


def trial(seed: int = 0, **options: float) -> pd.DataFrame:
    """Return a clean trial in which assistance halves the minutes."""
    values = {"developers": 8, "per_developer": 60, "effect": float(np.log(0.5)), **options}
    return panels.items(np.random.default_rng(seed), **values)


def test_a_clean_trial_supports_a_small_claim() -> None:
    """The word of a clean trial is that assistance causes the gain."""
    result = judge_claim(estimated(trial()), CLAIM)
    assert (result.verdict, result.strength) == ("supported", "causes")


def test_dropped_baseline_items_take_the_word_down() -> None:
    """With a twelfth of the baseline left no claim is supported, and the wording is weaker."""
    items = trial()
    baseline = items.index[items["arm"] == "baseline"]
    result = judge_claim(estimated(items.drop(baseline.difference(baseline[::12]))), CLAIM)
    assert result.verdict != "supported"
    assert result.strength == "associated with"
    assert "assistance makes" not in result.sentences.headline
    assert "do not look drawn" in result.sentences.limits


def test_assisted_tasks_cut_in_three_take_the_word_down() -> None:
    """Each assisted item logged as three, with the whole estimate each: too many of them."""
    items = trial()
    assisted = items[items["arm"] == "assistance"].assign(minutes=lambda rows: rows["minutes"] / 3)
    parts = [assisted.assign(task=assisted["task"] + f"-{part}") for part in range(3)]
    items = pd.concat([items[items["arm"] == "baseline"], *parts], ignore_index=True)
    assert judge_claim(estimated(items), CLAIM).verdict != "supported"


def test_estimates_changed_afterwards_take_the_word_down() -> None:
    """Estimates of the assisted items doubled after the draw."""
    items = trial()
    items.loc[items["arm"] == "assistance", "estimate_minutes"] *= 2
    assert judge_claim(estimated(items), CLAIM).verdict != "supported"


def test_half_minute_items_give_no_verdict() -> None:
    """A quarter of the assisted items closed after half a minute: they would decide it."""
    items = trial()
    assisted = items.index[items["arm"] == "assistance"]
    items.loc[assisted[::4], "minutes"] = 0.5
    result = judge_claim(check_near_zero_minutes(estimated(items)), CLAIM)
    assert result.verdict == "cannot-tell"
    assert [threat.code for threat in result.threats] == ["near-zero-minutes"]


@pytest.mark.parametrize("developers", [2, 3, 4, 5, 6, 12])
@pytest.mark.parametrize("seed", range(5))
def test_anytime_bounds_contain_the_plain_ones(developers: int, seed: int) -> None:
    """However few the developers, looking at any time is never bolder than looking once."""
    items = trial(seed, developers=developers, per_developer=20, effect_spread=0.4)
    plain, anytime = (estimated(items, anytime=choice).log_ratio for choice in (False, True))
    assert plain is not None
    assert anytime is not None
    assert anytime.low <= plain.low + 1e-12
    assert anytime.high >= plain.high - 1e-12
