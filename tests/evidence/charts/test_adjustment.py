"""Adjusted minutes of single work items: their arms differ by θ."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from support import panels

from tracker.domain.records import StudyDesign
from tracker.evidence.charts.adjustment import AdjustedItems, adjust_items


def ln_minutes(adjusted: AdjustedItems, arm: str) -> np.ndarray:
    return np.log([minutes for name, minutes in adjusted.items if name == arm])


@pytest.mark.parametrize("design", ["randomised", "before-after"])
@pytest.mark.parametrize("estimated", [1.0, 0.5])
def test_the_robust_centres_of_the_arms_differ_by_theta(
    design: StudyDesign, estimated: float
) -> None:
    """Clipped as the estimate is, both arms deviate by 0 from their centre."""
    rng = np.random.default_rng(4)
    work = panels.items(rng, effect=-0.3, estimated=estimated, by_date=design == "before-after")
    estimate = panels.estimate(work, design)
    adjusted = adjust_items(estimate)
    assert adjusted is not None
    assert estimate.estimate is not None
    theta, centre = estimate.estimate.theta, math.log(adjusted.centre_minutes)
    deviations = {
        "baseline": ln_minutes(adjusted, "baseline") - centre,
        "assistance": ln_minutes(adjusted, "assistance") - centre - theta,
    }
    counts = (len(deviations["baseline"]), len(deviations["assistance"]))
    assert counts == (estimate.estimate.items_baseline, estimate.estimate.items_assistance)
    for arm in deviations.values():
        assert np.mean(np.clip(arm, -1.0, 1.0)) == pytest.approx(0.0, abs=0.05)


def test_items_are_spread_less_than_they_stand() -> None:
    """Developers and estimates are set alike."""
    work = panels.items(np.random.default_rng(5), spread=0.3)
    adjusted = adjust_items(panels.estimate(work, "randomised"))
    assert adjusted is not None
    baseline = work[work["arm"] == "baseline"]
    assert np.std(ln_minutes(adjusted, "baseline")) < 0.5 * np.std(np.log(baseline["minutes"]))


def test_staggered_items_are_held_against_what_they_would_have_taken_untreated() -> None:
    """The mean deviation of the treated items is θ, and their number that of the headline."""
    rng = np.random.default_rng(6)
    work = panels.items(rng, effect=-0.3, developers=12, months=8)
    number = work["developer"].str[3:].astype(int)
    treated = work["month"] >= panels.FIRST_MONTH + 2 + number % 5
    work["arm"] = np.where(treated, "assistance", "baseline")
    estimate = panels.estimate(work, "staggered")
    adjusted = adjust_items(estimate)
    assert adjusted is not None
    assert estimate.estimate is not None
    assistance = ln_minutes(adjusted, "assistance")
    assert len(assistance) == estimate.estimate.items_assistance
    mean = np.mean(assistance) - math.log(adjusted.centre_minutes)
    assert mean == pytest.approx(estimate.estimate.theta, abs=1e-9)


def test_without_a_verdict_nothing_is_adjusted() -> None:
    """Nor where whole developers are compared."""
    work = panels.items(np.random.default_rng(7))
    estimate = panels.estimate(work, "randomised")
    assert adjust_items(dataclasses.replace(estimate, suppressed=True)) is None
    whole = work.assign(arm=np.where(work["developer"] < "dev0004", "baseline", "assistance"))
    assert adjust_items(panels.estimate(whole, "self-selected")) is None
