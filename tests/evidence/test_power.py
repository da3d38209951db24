"""How many work items it takes: the formula, its inverse, and what no number can do."""

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
from tracker.evidence.activity import estimate_activity
from tracker.evidence.estimators.primary import estimate_log_ratio
from tracker.evidence.intervals import confidence_interval
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import cells_from_items, cells_from_moments
from tracker.evidence.results import Interval
from tracker.evidence.sample import select_sample

HALF = -math.log(1.5)


def plan(**changed: object) -> power.Plan:
    given = {
        "sigma": 0.8, "claimed_log_ratio": HALF, "study_design": "randomised", "developers": 10, "items": 50,
    }  # fmt: skip
    return power.plan_items(**{**given, **changed})


def test_the_formula_of_a_randomised_study():
    """n = 1.3·4σ²(t₍.975₎ + t₍power₎)²/Δ², t with G − 1; about 200 items refute a false +50 % in design."""
    t = stats.t(9)
    expected = 1.3 * 4 * 0.8**2 * (t.ppf(0.975) + t.ppf(0.8)) ** 2 / HALF**2
    made = plan()
    assert made.items_in_all == math.ceil(expected)
    assert 180 < made.items_in_all < 220
    assert made.items_more == made.items_in_all - 50
    assert made.developers_more == 0


def test_the_drift_allowance_costs_items_or_puts_it_out_of_reach():
    """Before-after solves Δ = √((t·se)² + (z·0.15)²) + t₍power₎·se for n; where Δ ≤ z·0.15 no number suffices."""
    made = plan(study_design="before-after")
    assert made.items_in_all is not None
    se = math.sqrt(1.3 * 4 * 0.8**2 / made.items_in_all)
    t, drift = stats.t(9), stats.norm.ppf(0.975) * 0.15
    assert math.hypot(t.ppf(0.975) * se, drift) + t.ppf(0.8) * se == pytest.approx(-HALF, rel=0.01)
    small = plan(study_design="before-after", claimed_log_ratio=-0.29)
    assert small.items_in_all is None
    assert small.items_more is None
    assert small.reason.endswith(power.ONLY_COMPARED_AT_ONE_TIME)
    assert plan(claimed_log_ratio=-0.29).items_in_all is not None


def test_a_true_gain_nearer_the_claim_takes_more_and_the_same_gain_cannot_be_told():
    """`--true-gain` moves Δ; equal to the claim there is nothing to tell apart."""
    near = plan(true_log_ratio=-math.log(1.2))
    assert near.items_in_all is not None
    assert near.items_in_all > plan().items_in_all
    assert plan(true_log_ratio=HALF).items_in_all is None
    assert "nothing to tell apart" in plan(true_log_ratio=HALF).reason


def test_fewer_than_five_developers_are_told_how_many_more():
    """Two developers need three more to stand for others; their t is of the items."""
    made = plan(developers=2)
    assert made.developers_more == 3
    assert made.items_in_all == math.ceil(
        1.3 * 4 * 0.8**2 * (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2 / HALF**2
    )


@pytest.mark.parametrize("bad", [0.0, 1.0, 1.7])
def test_a_power_outside_0_and_1_is_refused(bad):
    """One line with the value and an example."""
    with pytest.raises(BadValue, match=r"--power is .*: give a number between 0 and 1"):
        plan(power=bad)


def test_the_spread_is_that_of_the_items_and_not_of_the_developers_effects():
    """σ is found again from HC3 and from the residuals, however much the effect varies by developer."""
    work = panels.items(
        np.random.default_rng(0), developers=20, per_developer=80, spread=0.7, effect_spread=0.0
    )
    rows, sums = (
        select_sample(c, "randomised")
        for c in (cells_from_items(work), cells_from_moments(panels.moments(work)))
    )
    assert power.spread(rows) == pytest.approx(0.7, rel=0.05)
    assert power.residual_spread(sums) == pytest.approx(0.7, rel=0.05)


def test_power_is_what_it_says():
    """With the planned items a false claim is refuted about as often as the power promises, not less."""
    rng = np.random.default_rng(0)
    in_all = plan(sigma=0.8, developers=10).items_in_all
    assert in_all is not None
    refuted = 0
    for _ in range(100):
        sample = select_sample(
            cells_from_items(panels.items(rng, developers=10, per_developer=in_all // 10 - 2)),
            "randomised",
        )
        made = estimate_log_ratio(sample, None)
        assert made is not None
        found = confidence_interval(made.theta, made.error, 0.95)
        assert found is not None
        refuted += found.low > HALF
    assert refuted > 72


def needed(**changed: object) -> int | None:
    given = {
        "theta": -0.2, "half_width": 0.3, "drift": None, "target": 0.0, "from_plan": None, "items": 100,
    }  # fmt: skip
    return power.items_needed(**{**given, **changed})


def test_items_needed_is_the_plan_less_what_is_there():
    """As long as the plan asks for more than the log holds, that is the answer."""
    assert needed(from_plan=160) == 60


def test_items_needed_beyond_the_plan_scales_todays_interval():
    """Half-width 0.3 must shrink to 0.2: (0.3/0.2)² of the items; the allowance does not shrink with them."""
    assert needed(from_plan=90) == 125
    assert needed(drift=0.1) == math.ceil(100 * (0.09 - 0.01) / (0.04 - 0.01)) - 100
    assert needed(drift=0.2) is None
    assert needed(target=None) is None
    assert needed(target=-0.2) is None


def test_more_items_than_anybody_will_log_are_no_answer():
    """Up to 20,000 more are said; beyond, by the plan or by today's interval, no number is."""
    assert needed(from_plan=20_100) == 20_000
    assert needed(from_plan=20_101) is None
    assert needed(theta=-0.02, half_width=0.28) == 100 * 14**2 - 100
    assert needed(theta=-0.02, half_width=0.29) is None


def test_an_undecided_result_that_no_practical_number_turns_says_so():
    """The sentence comes in place of a number, and only while the verdict is open."""
    work = panels.items(np.random.default_rng(0))
    found = estimate_activity(
        panels.moments(work), activity="design", design="randomised", level=0.95, interval_level=0.95,
        items=lambda: work,
    )  # fmt: skip
    claim = Claim("c", "design", 0.001, "efficiency_gain", "at_least", "s")
    made = judge_claim(dataclasses.replace(found, log_ratio=Interval(-0.001, -0.301, 0.299)), claim)
    assert made.verdict == "cannot-tell"
    assert made.items_needed is None
    assert made.sentences.needed == "No practical number of tasks would tell."
    assert (
        judge_claim(
            dataclasses.replace(found, log_ratio=Interval(-1, -1.2, -0.8)), claim
        ).sentences.needed
        == ""
    )


def test_an_undecided_result_says_how_many_more_and_a_decided_one_nothing():
    """The result carries the number only while more work could turn the verdict."""
    claim = Claim("c", "design", 0.5, "efficiency_gain", "at_least", "s")
    rng = np.random.default_rng(0)
    for per_developer, undecided in ((5, True), (150, False)):
        work = panels.items(rng, developers=8, per_developer=per_developer)
        made = judge_claim(
            estimate_activity(
                panels.moments(work), activity="design", design="randomised", level=0.95, interval_level=0.95,
                items=lambda work=work: work,
            ),
            claim,
        )  # fmt: skip
        assert (made.verdict == "cannot-tell") is undecided
        assert (made.items_needed is not None) is undecided
        assert ("more tasks would tell" in made.sentences.needed) is undecided
