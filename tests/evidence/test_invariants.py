"""Changes that must not alter a result, changes that must reverse it, and extreme logs."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import panels

from tracker.domain.records import STUDY_DESIGNS, Claim, StudyDesign
from tracker.evidence.activity import estimate_activity
from tracker.evidence.estimands import estimand_table
from tracker.evidence.estimators.primary import estimate_log_ratio
from tracker.evidence.intervals import anytime_half_width, confidence_interval
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import cells_from_items
from tracker.evidence.results import Interval, Result
from tracker.evidence.sample import select_sample
from tracker.evidence.sensitivity import specification_curve

CLAIM = Claim("c", "design", 0.5, "efficiency_gain", "at_least", "s")
SWAPPED_ARMS = {"baseline": "assistance", "assistance": "baseline"}


def judge(
    work: pd.DataFrame, design: StudyDesign | None = "randomised", claim: Claim | None = CLAIM
) -> Result:
    """Judge one activity from its items frame, with curve and estimand table."""
    activity_estimate = panels.estimate(work, design)
    curve = specification_curve(activity_estimate, np.random.default_rng(0))
    table = estimand_table(activity_estimate)
    return judge_claim(activity_estimate, claim, curve=curve, estimand_table=table)


def panel(seed: int, developers: int, per_developer: int) -> pd.DataFrame:
    """Return work items with two months of rollout, so that every study design has its arms."""
    work = panels.items(
        np.random.default_rng(seed),
        developers=developers,
        per_developer=per_developer,
        effect=-0.2,
        estimated=0.95,
    )
    start = np.where(work["developer"] > "dev0003", 544, 542)
    work.loc[(work["month"] < start) & (work["month"] > 540), "arm"] = "baseline"
    return work


drawn_panels = st.builds(panel, st.integers(0, 10_000), st.integers(3, 10), st.integers(6, 20))
busy_panels = st.builds(panel, st.integers(0, 10_000), st.integers(3, 10), st.integers(40, 60))
"""Panels with several work items in every cell: one item a cell has pseudo-values."""
drawn_designs = st.sampled_from(STUDY_DESIGNS)


@settings(max_examples=20, deadline=None)
@given(work=drawn_panels, design=st.sampled_from(("randomised", "before-after", "self-selected")))
def test_swapping_the_arms_negates_theta(work, design):
    """The error and the width stay."""
    result = judge(work, design)
    swapped = judge(work.assign(arm=work["arm"].map(SWAPPED_ARMS)), design)
    if result.log_ratio is None:
        assert swapped.log_ratio is None
        return
    assert swapped.log_ratio.estimate == pytest.approx(-result.log_ratio.estimate, abs=1e-9)
    assert swapped.log_ratio.high == pytest.approx(-result.log_ratio.low, abs=1e-9)
    assert swapped.se == pytest.approx(result.se, rel=1e-9)
    assert swapped.df == pytest.approx(result.df, rel=1e-7)


@settings(max_examples=20, deadline=None)
@given(work=drawn_panels, design=drawn_designs, factor=st.floats(0.01, 100.0))
def test_the_unit_of_the_minutes_does_not_matter(work, design, factor):
    """θ and its interval are the same in hours, minutes or seconds."""
    result = judge(work, design)
    scaled = judge(work.assign(minutes=work["minutes"] * factor), design)
    assert scaled.verdict == result.verdict
    assert bounds(scaled.log_ratio) == pytest.approx(bounds(result.log_ratio), abs=1e-8)


def bounds(interval: Interval | None) -> tuple[float, ...]:
    """Return estimate, low and high; () without an interval."""
    return () if interval is None else dataclasses.astuple(interval)


@settings(max_examples=20, deadline=None)
@given(work=drawn_panels, design=drawn_designs, seed=st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_matter(work, design, seed):
    """Every number of the result is equal up to rounding, the curve's included."""
    result = judge(work, design)
    shuffled = judge(work.sample(frac=1.0, random_state=seed), design)
    assert numbers(shuffled) == pytest.approx(numbers(result), abs=1e-8)
    assert shuffled.verdict == result.verdict


@settings(max_examples=15, deadline=None)
@given(work=busy_panels, design=drawn_designs, parts=st.integers(2, 4))
def test_moments_in_finer_cells_give_the_same_interval(work, design, parts):
    """Cells may be split further than developer × arm × month."""

    def interval(moments: pd.DataFrame) -> Interval | None:
        return estimate_activity(
            moments, activity="design", design=design, level=0.95, interval_level=0.95
        ).log_ratio

    split = pd.concat([panels.moments(work.iloc[i::parts]) for i in range(parts)])
    expected = bounds(interval(panels.moments(work)))
    assert bounds(interval(split)) == pytest.approx(expected, abs=1e-9)


def numbers(result: Result) -> list[float]:
    """Return every number in a result, in a fixed order; None counts as -1e6."""
    values: list[float] = []

    def collect(value: object) -> None:
        if isinstance(value, bool | str):
            return
        if value is None:
            values.append(-1e6)
        elif isinstance(value, int | float):
            values.append(float(value))
        elif isinstance(value, dict):
            for element in value.values():
                collect(element)
        elif isinstance(value, list | tuple):
            for element in value:
                collect(element)

    collect(dataclasses.astuple(result))
    return values


def check_numbers(result: Result) -> Result:
    """Assert that no number is NaN or infinite, also of what is derived, and return the result."""
    assert all(math.isfinite(number) for number in numbers(result))
    for interval in (result.time_ratio, result.efficiency_gain, result.time_saved):
        assert all(math.isfinite(number) for number in bounds(interval) if number is not None)
    json.dumps(dataclasses.asdict(result), allow_nan=False)
    return result


def work_items(*rows: tuple[str, str, float, float, int]) -> pd.DataFrame:
    """Return work items from (developer, arm, minutes, estimate, month)."""
    names = ("developer", "arm", "minutes", "estimate_minutes", "month")
    return panels.frame(**{name: [row[i] for row in rows] for i, name in enumerate(names)})


def default_panel(**options: object) -> pd.DataFrame:
    return panels.items(np.random.default_rng(0), **options)


def two_items() -> pd.DataFrame:
    return work_items(("a", "baseline", 30.0, 30.0, 540), ("a", "assistance", 20.0, 30.0, 541))


def one_arm() -> pd.DataFrame:
    return default_panel().assign(arm="baseline")


def one_developer() -> pd.DataFrame:
    return default_panel(developers=1, per_developer=40)


def perfect_fit() -> pd.DataFrame:
    return default_panel(spread=0.0, effect=-0.4)


def identical_minutes() -> pd.DataFrame:
    return default_panel().assign(minutes=60.0)


def identical_estimates() -> pd.DataFrame:
    return default_panel().assign(estimate_minutes=60.0)


def estimates_equal_to_the_arm() -> pd.DataFrame:
    work = default_panel()
    return work.assign(estimate_minutes=np.where(work["arm"] == "baseline", 60.0, 30.0))


def dominant_developer() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    dominant = panels.items(rng, developers=1, per_developer=990)
    colleagues = panels.items(rng, developers=6, per_developer=2)
    colleagues = colleagues.assign(developer=colleagues["developer"] + "x")
    return pd.concat([dominant, colleagues], ignore_index=True)


def immense_effect() -> pd.DataFrame:
    work = default_panel()
    return work.assign(minutes=work["minutes"] * np.where(work["arm"] == "baseline", 1e-9, 1e9))


def one_item_per_arm() -> pd.DataFrame:
    rows = [
        (f"d{i}", arm, 30.0 + 7 * i, 40.0, 540 + i % 3)
        for i in range(9)
        for arm in ("baseline", "assistance")
    ]
    return work_items(*rows)


def empty_log() -> pd.DataFrame:
    return default_panel().iloc[:0]


def zero_minutes() -> pd.DataFrame:
    return default_panel().assign(minutes=0.0, status="zero")


EXTREME_LOGS = (
    one_arm, one_developer, perfect_fit, identical_minutes, identical_estimates,
    estimates_equal_to_the_arm, dominant_developer, immense_effect, one_item_per_arm, empty_log,
    zero_minutes, two_items,
)  # fmt: skip


@pytest.mark.parametrize("design", [*STUDY_DESIGNS, None])
@pytest.mark.parametrize("log", EXTREME_LOGS, ids=lambda log: log.__name__)
def test_extreme_logs_give_a_result_without_nan(log, design):
    """What is undefined is None, and the reason is among the threats."""
    result = check_numbers(judge(log(), design))
    if result.log_ratio is None:
        assert result.verdict == "cannot-tell"
        assert any(threat.code in ("too-little-data", "zero-minutes") for threat in result.threats)
        assert result.time_ratio is None
        assert result.se is None


@pytest.mark.parametrize("value", [0.0, -0.19, 100.0, 0.5, 1.0, -0.999])
@pytest.mark.parametrize("reading", ["efficiency_gain", "time_saved"])
def test_every_claimed_value_is_judged(value, reading):
    """No gain, a loss, 10,000 % and all of the time each have a verdict and finite numbers."""
    claim = dataclasses.replace(CLAIM, value=value, reading=reading)
    for seed in range(3):
        work = panels.items(np.random.default_rng(seed), effect=-0.3)
        check_numbers(judge(work, claim=claim))


def test_the_reason_for_no_interval_names_the_arm():
    """It says how many items are needed, or that all work is in one arm."""
    assert "8 are needed" in judge(two_items(), "before-after").threats[0].message
    assert "every work item is in the" in judge(one_arm()).threats[0].message


@pytest.mark.parametrize("log", [perfect_fit, identical_minutes])
def test_minutes_without_spread_have_no_interval(log):
    """Minutes that do not vary were not logged by people; an interval of width 0 would mislead."""
    result = judge(log())
    assert result.log_ratio is None
    assert "do not vary" in result.threats[0].message


@pytest.mark.parametrize("log", [identical_estimates, estimates_equal_to_the_arm])
def test_estimates_without_information_are_dropped(log):
    """Constant estimates, or estimates collinear with the arm, give the fit without x."""
    with_x, without_x = judge(log()), judge(log().assign(estimate_minutes=np.nan))
    expected = bounds(without_x.log_ratio)
    assert bounds(with_x.log_ratio) == pytest.approx(expected, abs=1e-9)
    assert len(expected) == 3
    assert "estimate" not in with_x.estimator


def test_a_dominant_developer_leaves_few_degrees_of_freedom():
    """With 99 % of the items from one developer the interval has less than 2 df."""
    result = judge(dominant_developer())
    assert result.df is None or result.df < 2


def test_one_developer_is_judged_on_their_items():
    """The log of one person has an interval for these developers only."""
    result = judge(one_developer())
    assert result.log_ratio is not None
    assert result.developers == 1
    assert result.estimand.endswith("these developers only")


def test_a_thousand_developers_are_judged():
    """The df grow with the developers, and the interval covers the true effect."""
    result = check_numbers(judge(default_panel(developers=1000, per_developer=4, effect=-0.4)))
    assert result.df > 300
    assert result.log_ratio.low < -0.4 < result.log_ratio.high


def test_anytime_bounds_hold_over_ten_looks():
    """Without an effect they exclude 0 at some look in few logs; plain bounds do in many."""
    rng = np.random.default_rng(7)
    anytime_alarms = plain_alarms = 0
    for _ in range(80):
        work = panels.items(rng, developers=4, per_developer=50)
        order = rng.permutation(len(work))
        sizes = np.linspace(30, len(work), 10).astype(int)
        alarms = [exclude_zero(work.iloc[order[:size]]) for size in sizes]
        anytime_alarms += any(anytime for anytime, _ in alarms)
        plain_alarms += any(plain for _, plain in alarms)
    assert anytime_alarms <= 8
    assert plain_alarms > 9


def exclude_zero(work: pd.DataFrame) -> tuple[bool, bool]:
    """Return whether the anytime bounds, and the plain ones, exclude 0."""
    sample = select_sample(cells_from_items(work), "randomised")
    estimate = estimate_log_ratio(sample, lambda: sample, design="randomised", error_unit="items")
    plain = confidence_interval(estimate.theta, estimate.error, 0.95)
    anytime_alarm = abs(estimate.theta) > anytime_half_width(estimate.error.se, 0.05)
    return anytime_alarm, not plain.low <= 0.0 <= plain.high


@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_an_injected_effect_shifts_the_interval(design):
    """Minutes × e^θ in the treated items shifts the estimate by θ and leaves the error."""
    work = panel(3, 8, 25)
    factor = np.where(work["arm"] == "assistance", 1 / 1.5, 1.0)
    result = judge(work, design)
    shifted = judge(work.assign(minutes=work["minutes"] * factor), design)
    expected = result.log_ratio.estimate - math.log(1.5)
    assert shifted.log_ratio.estimate == pytest.approx(expected, abs=1e-9)
    assert shifted.se == pytest.approx(result.se, rel=1e-9)
