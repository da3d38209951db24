"""The specification curve: which points it has, and each point against its definition."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.records import Claim, StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.estimators.least_squares import fit_least_squares, heteroskedastic
from tracker.evidence.estimators.primary import Estimate, estimate_within_developers
from tracker.evidence.intervals import anytime_half_width, confidence_interval
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import cross_products
from tracker.evidence.results import Interval, Sensitivity
from tracker.evidence.sensitivity import specification_curve

POINTS = {
    "least squares", "HC3", "CRV3", "wild cluster bootstrap-t", "Poisson pseudo-likelihood",
    "Σt/Σestimate", "no x",
    "+ linear trend", "without the first month", "leave one developer out (range)",
    "open items as done",
}  # fmt: skip
"""The points of every study that compares developers with themselves."""

NEED_FIVE = ("CRV3", "wild cluster bootstrap-t", "leave one developer out (range)")
ONE_LOOK = {
    "CRV3", "wild cluster bootstrap-t", "permutation within developer", "Σt/Σestimate",
}  # fmt: skip
"""Points without anytime bounds."""


def points(activity_estimate: ActivityEstimate, seed: int = 0) -> dict[str, Sensitivity]:
    """Return the points of the curve by name."""
    rng = np.random.default_rng(seed)
    return {point.name: point for point in specification_curve(activity_estimate, rng)}


def curve(
    work: pd.DataFrame, design: StudyDesign = "randomised", seed: int = 0
) -> dict[str, Sensitivity]:
    return points(panels.estimate(work, design), seed)


def half_width(interval: Interval) -> float:
    return interval.high - interval.estimate


@pytest.fixture
def work() -> pd.DataFrame:
    return panels.items(
        np.random.default_rng(0), developers=9, per_developer=20, effect=-0.3, effect_spread=0.2
    )


def test_the_curve_has_every_point_that_applies(work):
    """Only a randomised study has the permutation test."""
    assert set(curve(work)) == POINTS | {"permutation within developer"}
    assert set(curve(work, "before-after")) == POINTS
    assert all(point.log_ratio is not None for point in curve(work).values())


def test_the_curve_is_reproducible_from_its_seed(work):
    """The order of the rows does not matter; another seed changes only the resampled points."""
    shuffled = curve(work.sample(frac=1.0, random_state=3))
    for name, point in curve(work).items():
        assert dataclasses.astuple(shuffled[name].log_ratio) == pytest.approx(
            dataclasses.astuple(point.log_ratio), abs=1e-9
        )
    other_seed = curve(work, seed=1)
    assert other_seed["CRV3"] == curve(work)["CRV3"]
    assert other_seed["wild cluster bootstrap-t"] != curve(work)["wild cluster bootstrap-t"]


def test_every_point_has_the_drift_allowance(work):
    """In a before-after study no point is narrower than the allowance."""
    for point in curve(work, "before-after").values():
        assert point.log_ratio.high - point.log_ratio.low > 2 * 1.95 * 0.15


def test_each_point_is_judged_by_the_rule_of_the_headline(work):
    """The verdicts depend on the claim; without one they are those of any gain."""
    activity_estimate = panels.estimate(work)
    unjudged = specification_curve(activity_estimate, np.random.default_rng(0))
    claim = Claim("c", "design", 5.0, "efficiency_gain", "at_least", "s")
    with_claim = judge_claim(activity_estimate, claim, curve=unjudged).sensitivity
    without_claim = judge_claim(activity_estimate, None, curve=unjudged).sensitivity
    assert {point.verdict for point in with_claim} <= {"smaller", "contradicted"}
    assert {point.verdict for point in without_claim} <= {"faster", "cannot-tell"}


def test_fewer_than_five_developers_have_no_points_by_developer(work):
    """They say why; one developer of four left out could be identified."""
    small_team = curve(work[work["developer"] <= "dev0003"])
    for name in NEED_FIVE:
        assert small_team[name].log_ratio is None
        assert small_team[name].note == "needs five developers"
    assert small_team["HC3"].log_ratio is not None


def test_without_an_interval_there_is_no_curve():
    """The other analyses are not reported where the headline has no interval."""
    work = panels.items(np.random.default_rng(0), developers=1, per_developer=5)
    assert curve(work) == {}


def refits_without_each_developer(activity_estimate: ActivityEstimate) -> list[Estimate]:
    """Return the estimates without each developer in turn, of the pseudo-values as they stand."""
    fitted = activity_estimate.estimate.fitted
    return [
        estimate_within_developers(
            dataclasses.replace(fitted, cells=fitted.cells.for_developers(developer_mask)),
            ("arm", "x"),
            None,
            design="randomised",
            error_unit="developers",
        )
        for developer_mask in ~np.eye(fitted.cells.developers, dtype=bool)
    ]


def test_leave_one_out_spans_the_extreme_refits(work):
    """Its bounds are those of the two extreme refits; its note has the range of the estimates."""
    activity_estimate = panels.estimate(panels.in_both_arms(work))
    refits = [
        activity_estimate.interval(estimate.theta, estimate.error)
        for estimate in refits_without_each_developer(activity_estimate)
    ]
    lowest = min(refits, key=lambda interval: interval.estimate)
    highest = max(refits, key=lambda interval: interval.estimate)
    point = points(activity_estimate)["leave one developer out (range)"]
    ratios = np.exp(lowest.estimate), np.exp(highest.estimate)
    assert point.log_ratio.low == pytest.approx(lowest.low)
    assert point.log_ratio.high == pytest.approx(highest.high)
    assert point.note == f"time ratios from {ratios[0]:.2f} to {ratios[1]:.2f}"


@pytest.mark.parametrize("seed", range(3))
def test_leave_one_out_of_five_keeps_the_error_by_developer(seed):
    """The four remaining developers do not change to the error by item, which is narrower."""
    rng = np.random.default_rng(seed)
    work = panels.items(rng, developers=5, per_developer=40, effect_spread=0.3)
    activity_estimate = panels.estimate(work)
    refits = refits_without_each_developer(activity_estimate)
    lowest = min(refits, key=lambda estimate: estimate.theta)
    highest = max(refits, key=lambda estimate: estimate.theta)
    interval = points(activity_estimate)["leave one developer out (range)"].log_ratio
    low = confidence_interval(lowest.theta, lowest.error, 0.95).low
    high = confidence_interval(highest.theta, highest.error, 0.95).high
    assert interval.low == pytest.approx(low)
    assert interval.high == pytest.approx(high)
    assert "CR2" in lowest.estimator


def test_every_point_of_an_anytime_curve_has_anytime_bounds(work):
    """Points that cannot have them are not computed, and say why."""
    activity_estimate = panels.estimate(work, anytime=True)
    anytime = points(activity_estimate)
    assert set(anytime) == set(curve(work))
    for name, point in anytime.items():
        if name in ONE_LOOK:
            assert point.log_ratio is None
            assert point.note == "not made: it holds for one look only"
        else:
            assert point.log_ratio is not None
    fitted = activity_estimate.estimate.fitted
    fit = fit_least_squares(cross_products(fitted.cells))
    hc3 = heteroskedastic(fit, fitted.cells, ("arm", "x"), "HC3")
    expected = anytime_half_width(hc3.se, 0.05)
    assert half_width(anytime["HC3"].log_ratio) == pytest.approx(expected)
    trend = estimate_within_developers(
        fitted, ("arm", "x", "trend"), lambda: fitted, design="randomised", error_unit="items"
    )
    expected = anytime_half_width(trend.error.se, 0.05)
    assert half_width(anytime["+ linear trend"].log_ratio) == pytest.approx(expected)


def test_open_items_count_as_done_in_their_point_only():
    """Quick open items simulate a gain: the point shows it, the headline excludes them."""
    work = panels.items(np.random.default_rng(0), developers=10, per_developer=40)
    quick = (work["arm"] == "assistance") & (np.arange(len(work)) % 2 == 0)
    work.loc[quick, "status"] = "open"
    work.loc[quick, "minutes"] *= 0.1
    headline = panels.estimate(work).log_ratio
    point = curve(work)["open items as done"]
    assert point.log_ratio.estimate < headline.estimate - 0.7


def test_without_the_first_month_a_novelty_effect_disappears():
    """Everybody's first month with assistance is excluded, and its effect with it."""
    work = panels.items(np.random.default_rng(1), developers=10, per_developer=60, by_date=True)
    work.loc[work["month"] == 543, "minutes"] *= 0.2
    headline = panels.estimate(work, "before-after").log_ratio
    point = curve(work, "before-after")["without the first month"]
    assert headline.estimate < -0.4
    assert point.log_ratio.estimate == pytest.approx(0.0, abs=0.2)


def test_the_staggered_curve_has_the_two_way_fit(work):
    """It shows what two-way fixed effects and a plain before-after comparison would give."""
    start = np.where(work["developer"] > "dev0004", 544, 542)
    work["arm"] = np.where(work["month"] >= start, "assistance", "baseline")
    staggered = curve(work, "staggered")
    expected = {
        "two-way fixed effects", "before/after, no month effects", "no x", "open items as done",
    }  # fmt: skip
    assert expected <= set(staggered)
    assert "+ linear trend" not in staggered
    assert all(point.log_ratio is not None for point in staggered.values())
