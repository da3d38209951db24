"""Plans: each study design, the assumed gain, and claims that no number of items can decide."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from support import panels

from tracker.domain.counts import rounded
from tracker.domain.errors import BadValue
from tracker.domain.records import STUDY_DESIGNS, Claim
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.judgement import judge_claim, with_plan
from tracker.evidence.planning.plan import Pace, Plan
from tracker.evidence.planning.planner import CLOSE, MAX_SIMULATED_ITEMS, Outlook, plan_claim
from tracker.evidence.planning.study_errors import StudyErrors, formula_errors, formula_items
from tracker.evidence.results import Interval
from tracker.evidence.verdict import UNDECIDED

PACE = Pace(items=132.0, weeks=12, dispersion=1.0)
OUTLOOK = Outlook(now_day=20_000, pace=PACE, lag_days=7)


def claim_of(value: float, bound: str = "at_least") -> Claim:
    return Claim("c", "design", value, "efficiency_gain", bound, "s")


def baseline(**options: float) -> ActivityEstimate:
    """Return the estimate of a baseline alone, of 8 developers and about 180 items."""
    work = panels.items(np.random.default_rng(0), **options)
    work["arm"] = "baseline"
    return panels.estimate(work, None)


def plan(estimate: ActivityEstimate, value: float = 0.5, **options: object) -> Plan:
    """Plan a study of a claim of at least ``value``."""
    planned = plan_claim(
        estimate, claim_of(value), "efficiency_gain", options.pop("outlook", OUTLOOK), **options
    )
    assert planned is not None
    return planned


def test_a_baseline_alone_is_enough():
    """Every design has a row; the log has no comparison of its own."""
    planned = plan(baseline())
    assert [row.study_design for row in planned.designs] == list(STUDY_DESIGNS)
    assert planned.recorded is None
    randomised, before_after = planned.of("randomised"), planned.of("before-after")
    expected = formula_errors(planned.spread, 8, 0.95).items_for(0.8, math.log(1.5), None)
    assert randomised.items_in_all == randomised.items_more == expected
    assert before_after.items_in_all > randomised.items_in_all
    assert before_after.items_more == before_after.items_in_all - before_after.items
    assert planned.of("self-selected").obstacle == "self-selected"


def test_before_after_a_claim_within_the_drift_cannot_be_told():
    """Teams drift by +20 % with no assistance at all."""
    planned = plan(baseline(), 0.2)
    assert planned.of("before-after").obstacle == "drift"
    assert planned.of("before-after").items_in_all is None
    assert planned.of("randomised").items_in_all is not None


def test_a_true_gain_nearer_the_claim_takes_more_items():
    """One that equals the claim cannot be told from it; one near it takes too many items."""
    rows = [plan(baseline(), true_gain=gain).of("randomised") for gain in (0.0, 0.2, 0.5, 0.4999)]
    assert rows[0].items_in_all < rows[1].items_in_all
    assert (rows[2].obstacle, rows[2].items_in_all) == ("equal", None)
    assert rows[3].obstacle == "too-close"


def test_an_upper_bound_that_is_reached_does_not_tell():
    """It promises nothing."""
    planned = plan_claim(
        baseline(), claim_of(0.2, "up_to"), "efficiency_gain", OUTLOOK, true_gain=0.5
    )
    assert planned.of("randomised").obstacle == "upper-bound"


@pytest.mark.parametrize("value", [0.0, 1.0, 1.7])
def test_a_power_outside_0_and_1_is_an_error(value):
    """The message has the value and an example."""
    with pytest.raises(BadValue, match=r"--power is .*: give a number between 0 and 1"):
        plan(baseline(), power=value)


@pytest.mark.parametrize(
    ("reading", "gain", "limit"),
    [
        ("efficiency_gain", -2.0, "-200%: .* more than -100%"),
        ("efficiency_gain", -1.0, "-100%: .* more than -100%"),
        ("efficiency_gain", math.inf, "inf: write"),
        ("efficiency_gain", math.nan, "nan: write"),
        ("time_saved", 1.0, "100%: .* less than 100%"),
        ("time_saved", -math.inf, "-inf: write"),
    ],
)
def test_a_true_gain_that_no_work_can_have_is_an_error(reading, gain, limit):
    """The message has the value and the allowed range."""
    with pytest.raises(BadValue, match=f"--true-gain is {limit}"):
        plan_claim(baseline(), claim_of(0.5), reading, OUTLOOK, true_gain=gain)


def test_fewer_than_five_developers_need_more_of_them():
    """Two developers need three more."""
    row = plan(baseline(developers=2, per_developer=60)).of("randomised")
    assert (row.developers, row.developers_more, row.developers_in_all) == (2, 3, 5)
    chosen = plan(baseline(developers=2, per_developer=60)).of("self-selected")
    assert chosen.developers_more == 0, "no number of developers helps where no design tells"


def test_a_decided_study_asks_for_no_more_developers():
    """Its result holds for its developers; nothing more is needed to tell."""
    work = panels.items(np.random.default_rng(0), developers=4, per_developer=200)
    planned = plan(panels.estimate(work))
    assert planned.is_decided
    assert (planned.recorded.items_more, planned.recorded.developers_more) == (0, 0)


def test_any_time_bounds_need_drawn_arms():
    """The other designs have no such bounds, and so no number of items."""
    anytime = dataclasses.replace(baseline(), anytime=True)
    planned = plan(anytime)
    assert planned.of("randomised").items_in_all
    assert planned.of("staggered").obstacle == planned.of("before-after").obstacle == "anytime"


def test_the_power_of_the_planned_study():
    """It tells as often as asked for without a gain, less often at half of the claim."""
    planned = plan(baseline())
    row = planned.of("randomised")
    curve = row.power_curve
    assert row.power == curve.tells_at_zero == pytest.approx(0.8, abs=0.01)
    assert curve.tells_at_claim < 0.06 < curve.tells_at_half < 0.5
    assert curve.gain_shown_at_claim == pytest.approx(0.8, abs=0.01)
    drifting = planned.of("before-after")
    assert drifting.power < 0.75


def test_the_pace_gives_the_weeks():
    """A study that is yet to begin also takes the time that its last items need."""
    row = plan(baseline()).of("randomised")
    assert row.duration.weeks == pytest.approx(1 + row.items_more / 11)
    without_pace = plan(baseline(), outlook=Outlook(now_day=20_000)).of("randomised")
    assert without_pace.duration is None


def test_simulated_errors_correct_the_formula():
    """The number of items is that at which the simulated studies have the power."""
    sizes: list[tuple[int, bool]] = []

    def simulate(design: str, items: int, *, rough: bool) -> StudyErrors:
        sizes.append((items, rough))
        return StudyErrors(items, np.array([4.0, 6.0]) / math.sqrt(items), 2.0 / math.sqrt(items))

    outlook = Outlook(now_day=20_000, simulate=simulate)
    planned = plan(baseline(), outlook=outlook, designs=("randomised",))
    expected = StudyErrors(1, np.array([4.0, 6.0]), 2.0).items_for(0.8, math.log(1.5), None)
    assert planned.of("randomised").items_in_all == expected
    assert sizes[0][0] == formula_items(planned.spread, 8, 0.95, 0.8, math.log(1.5))
    assert sizes[-1][0] / CLOSE <= expected <= sizes[-1][0] * CLOSE


def test_errors_that_do_not_shrink_have_no_number():
    """A staggered study of few developers does not tell, however many items they finish."""

    def simulate(design: str, items: int, *, rough: bool) -> StudyErrors:
        return StudyErrors(items, np.array([math.hypot(0.4, 4.0 / math.sqrt(items))]), 0.1)

    outlook = Outlook(now_day=20_000, simulate=simulate)
    row = plan(baseline(), outlook=outlook, designs=("staggered",)).of("staggered")
    assert (row.obstacle, row.items_in_all) == ("too-close", None)
    assert (row.power, row.power_curve) == (None, None)
    assert MAX_SIMULATED_ITEMS < 10_000


def undecided(log_ratio: Interval, per_developer: int = 6, value: float = 0.5) -> ActivityEstimate:
    """Return a randomised comparison with this interval, which does not decide the claim."""
    work = panels.items(np.random.default_rng(1), per_developer=per_developer)
    estimate = dataclasses.replace(panels.estimate(work), log_ratio=log_ratio)
    assert judge_claim(estimate, claim_of(value)).verdict in UNDECIDED
    return estimate


def test_an_undecided_log_needs_more_items():
    """Where it holds what no gain takes, or rules that out, the gain that it shows is assumed."""
    small = plan(undecided(Interval(-0.1, -0.5, 0.3)))
    assert small.assumption == "no-gain"
    assert small.recorded.items_more > 0
    large = plan(undecided(Interval(-0.3, -0.45, -0.15), 60, 0.4), 0.4)
    assert large.assumption == "measured"
    assert large.recorded.items_more > 0
    assert large.recorded.items_in_all == large.recorded.items + large.recorded.items_more


def test_a_study_without_a_number_of_items_has_no_power():
    """A baseline that is too small, and that the rollout has ended, leaves no study to describe."""
    work = panels.items(np.random.default_rng(1), by_date=True)
    surplus = work.index[work["arm"] == "baseline"][40:]
    row = plan(panels.estimate(work.drop(index=surplus), "before-after")).of("before-after")
    assert (row.obstacle, row.items_in_all) == ("small-baseline", None)
    assert (row.power, row.power_curve) == (None, None)


def test_a_decided_log_needs_no_more_items():
    """Unless another true gain is supposed."""
    estimate = panels.estimate(panels.items(np.random.default_rng(0), per_developer=100))
    planned = plan(estimate)
    assert planned.is_decided
    assert planned.recorded.items_more == 0
    assert planned.recorded.power > 0.99, "of the items held, not of the fewest that suffice"
    supposed = plan(estimate, true_gain=0.45)
    assert not supposed.is_decided
    assert supposed.recorded.items_more > 0


def test_the_result_of_a_check_has_the_plans_number():
    """`items_needed` is read off the plan, and the sentence is the plan's."""
    estimate = undecided(Interval(-0.1, -0.5, 0.3))
    result = judge_claim(estimate, claim_of(0.5))
    assert result.items_needed is None
    planned = plan(estimate)
    with_items = with_plan(result, planned)
    assert with_items.items_needed == rounded(planned.recorded.items_more)
    assert "more tasks would tell" in with_items.sentences.needed


def test_without_a_claim_a_gain_is_told_from_none():
    """The gain that the log shows is assumed; without an interval there is nothing to plan."""
    estimate = undecided(Interval(-0.1, -0.5, 0.3))
    planned = plan_claim(estimate, None, "efficiency_gain", OUTLOOK)
    assert planned.assumption == "measured"
    assert planned.recorded.items_more > 0
    assert planned.recorded.power_curve is None
    assert plan_claim(baseline(), None, "efficiency_gain", OUTLOOK) is None
