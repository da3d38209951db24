"""Plans: the formula, its inverse, and claims that no number of work items can decide."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats
from support import panels

from tracker.domain.errors import BadValue
from tracker.domain.records import Claim
from tracker.evidence import power
from tracker.evidence.estimators.primary import estimate_log_ratio
from tracker.evidence.intervals import confidence_interval
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import cells_from_items, cells_from_moments
from tracker.evidence.results import Interval
from tracker.evidence.sample import select_sample

CLAIMED = -math.log(1.5)
"""+50 % efficiency on θ."""


def plan(
    claimed_log_ratio: float = CLAIMED, true_log_ratio: float = 0.0, **fields: object
) -> power.Plan:
    """Plan a study with usual values, unless ``fields`` replace them."""
    usual = {"study_design": "randomised", "developers": 10, "items": 50, "sigma": 0.8}
    study = power.PlannedStudy(**{**usual, **fields})
    return power.plan_items(study, claimed_log_ratio, true_log_ratio)


def test_the_formula_of_a_randomised_study():
    """n = 1.3·4σ²(t₍.975₎ + t₍power₎)²/Δ² with t(G − 1): about 200 items refute +50 %."""
    t = stats.t(9)
    expected = 1.3 * 4 * 0.8**2 * (t.ppf(0.975) + t.ppf(0.8)) ** 2 / CLAIMED**2
    planned = plan()
    assert planned.items_in_all == math.ceil(expected)
    assert 180 < planned.items_in_all < 220
    assert planned.items_more == planned.items_in_all - 50
    assert planned.developers_more == 0


def test_the_drift_allowance_costs_items_or_makes_the_claim_undecidable():
    """Before-after solves Δ = √((t·se)² + (z·0.15)²) + t₍power₎·se; no n suffices if Δ ≤ z·0.15."""
    planned = plan(study_design="before-after")
    assert planned.items_in_all is not None
    se = math.sqrt(1.3 * 4 * 0.8**2 / planned.items_in_all)
    t, drift = stats.t(9), stats.norm.ppf(0.975) * 0.15
    delta = math.hypot(t.ppf(0.975) * se, drift) + t.ppf(0.8) * se
    assert delta == pytest.approx(-CLAIMED, rel=0.01)
    undecidable = plan(-0.29, study_design="before-after")
    assert undecidable.items_in_all is None
    assert undecidable.items_more is None
    assert undecidable.reason.endswith(power.ONLY_COMPARED_AT_ONE_TIME)
    assert plan(-0.29).items_in_all is not None


def test_a_true_gain_nearer_the_claim_takes_more_items():
    """`--true-gain` reduces Δ; a true gain equal to the claim cannot be distinguished from it."""
    nearer = plan(true_log_ratio=-math.log(1.2))
    assert nearer.items_in_all > plan().items_in_all
    assert plan(true_log_ratio=CLAIMED).items_in_all is None
    assert "nothing to tell apart" in plan(true_log_ratio=CLAIMED).reason


def test_a_claim_too_near_the_true_gain_has_no_plan():
    """More than a million work items are reported as none."""
    near = plan(true_log_ratio=CLAIMED + 0.001)
    assert near.items_in_all is None
    assert near.reason.startswith("more than 1,000,000 work items")


def test_fewer_than_five_developers_need_more_of_them():
    """Two developers need three more; their quantiles are normal, as the error is by item."""
    planned = plan(developers=2)
    quantiles = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert planned.developers_more == 3
    assert planned.items_in_all == math.ceil(1.3 * 4 * 0.8**2 * quantiles**2 / CLAIMED**2)


@pytest.mark.parametrize("value", [0.0, 1.0, 1.7])
def test_a_power_outside_0_and_1_is_an_error(value):
    """The message has the value and an example."""
    with pytest.raises(BadValue, match=r"--power is .*: give a number between 0 and 1"):
        plan(power=value)


def test_the_spread_is_that_of_the_items():
    """σ from HC3 and from the residuals equals the simulated spread."""
    work = panels.items(np.random.default_rng(0), developers=20, per_developer=80, spread=0.7)
    rows = select_sample(cells_from_items(work), "randomised")
    sums = select_sample(cells_from_moments(panels.moments(work)), "randomised")
    assert power.spread(rows) == pytest.approx(0.7, rel=0.05)
    assert power.residual_spread(sums) == pytest.approx(0.7, rel=0.05)


def test_the_planned_items_give_the_power():
    """With the planned items a false claim is refuted at least as often as the power states."""
    rng = np.random.default_rng(0)
    per_developer = plan(sigma=0.8, developers=10).items_in_all // 10 - 2
    refuted = 0
    for _ in range(100):
        work = panels.items(rng, developers=10, per_developer=per_developer)
        sample = select_sample(cells_from_items(work), "randomised")
        estimate = estimate_log_ratio(sample, None, design="randomised")
        interval = confidence_interval(estimate.theta, estimate.error, 0.95)
        refuted += interval.low > CLAIMED
    assert refuted > 72


def needed(**arguments: object) -> int | None:
    """Call ``items_needed`` with usual values, unless ``arguments`` replace them."""
    usual = {
        "theta": -0.2, "half_width": 0.3, "drift": None, "target": 0.0, "from_plan": None,
        "items": 100,
    }  # fmt: skip
    return power.items_needed(**{**usual, **arguments})


def test_items_needed_is_the_rest_of_the_plan():
    """While the plan requires more items than the log holds, the difference is the answer."""
    assert needed(from_plan=160) == 60


def test_items_needed_beyond_the_plan_scales_todays_interval():
    """A half-width of 0.3 must become 0.2; the drift allowance does not shrink with more items."""
    assert needed(from_plan=90) == 125
    assert needed(drift=0.1) == math.ceil(100 * (0.09 - 0.01) / (0.04 - 0.01)) - 100
    assert needed(drift=0.2) is None
    assert needed(target=None) is None
    assert needed(target=-0.2) is None


def test_more_items_than_anybody_will_log_are_not_reported():
    """Up to 20,000 more are reported, from the plan or from today's interval."""
    assert needed(from_plan=20_100) == 20_000
    assert needed(from_plan=20_101) is None
    assert needed(theta=-0.02, half_width=0.28) == 100 * 14**2 - 100
    assert needed(theta=-0.02, half_width=0.29) is None


def test_a_sentence_replaces_an_impractical_number():
    """An undecided result says that no practical number suffices; a decided one says nothing."""
    activity_estimate = panels.estimate(panels.items(np.random.default_rng(0)))
    claim = Claim("c", "design", 0.001, "efficiency_gain", "at_least", "s")
    undecided = judge_claim(
        dataclasses.replace(activity_estimate, log_ratio=Interval(-0.001, -0.301, 0.299)), claim
    )
    assert undecided.verdict == "cannot-tell"
    assert undecided.items_needed is None
    assert undecided.sentences.needed == "No practical number of tasks would tell."
    decided = judge_claim(
        dataclasses.replace(activity_estimate, log_ratio=Interval(-1, -1.2, -0.8)), claim
    )
    assert decided.sentences.needed == ""


@pytest.mark.parametrize(("per_developer", "undecided"), [(5, True), (150, False)])
def test_only_an_undecided_result_has_a_number_of_items_needed(per_developer, undecided):
    """The number is there while more work could change the verdict."""
    claim = Claim("c", "design", 0.5, "efficiency_gain", "at_least", "s")
    work = panels.items(np.random.default_rng(0), developers=8, per_developer=per_developer)
    result = judge_claim(panels.estimate(work), claim)
    assert (result.verdict == "cannot-tell") is undecided
    assert (result.items_needed is not None) is undecided
    assert ("more tasks would tell" in result.sentences.needed) is undecided


def test_without_an_interval_the_rest_of_the_plan_is_needed():
    """No gain counts as not ruled out; without a claim there is no plan and no number."""
    activity_estimate = panels.estimate(panels.items(np.random.default_rng(0)))
    without_interval = dataclasses.replace(activity_estimate, log_ratio=None)
    claim = Claim("c", "design", 0.3, "efficiency_gain", "at_least", "s")
    planned = power.plan_claim(without_interval, claim, "efficiency_gain")
    result = judge_claim(without_interval, claim)
    assert result.items_needed == planned.items_more
    assert judge_claim(without_interval, None).items_needed is None
