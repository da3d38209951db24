"""What must not change the answer, what must turn it round, and logs at the edge of what can be judged."""

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
from tracker.evidence import estimands, sensitivity
from tracker.evidence.activity import estimate_activity
from tracker.evidence.estimators.primary import estimate_log_ratio
from tracker.evidence.intervals import anytime_half_width, confidence_interval
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import cells_from_items
from tracker.evidence.results import Result
from tracker.evidence.sample import select_sample

CLAIM = Claim("c", "design", 0.5, "efficiency_gain", "at_least", "s")
DESIGNS = st.sampled_from(STUDY_DESIGNS)


def judged(
    work: pd.DataFrame,
    design: StudyDesign | None = "randomised",
    claim: Claim | None = CLAIM,
    *,
    anytime: bool = False,
) -> Result:
    """The whole of one activity, from frames to the result."""
    found = estimate_activity(
        panels.moments(work),
        activity="design",
        design=design,
        level=0.95,
        interval_level=0.95,
        items=lambda: work,
        anytime=anytime,
    )
    made = sensitivity.specification_curve(found, np.random.default_rng(0))
    return judge_claim(found, claim, curve=made, panel=estimands.estimand_table(found))


def panel(seed: int, developers: int, per_developer: int) -> pd.DataFrame:
    work = panels.items(
        np.random.default_rng(seed),
        developers=developers,
        per_developer=per_developer,
        effect=-0.2,
        estimated=0.95,
    )
    late = (
        work["developer"] > "dev0003"
    )  # two start months, so that every study design finds its arms
    work.loc[(work["month"] < np.where(late, 544, 542)) & (work["month"] > 540), "arm"] = "baseline"
    return work


panels_drawn = st.builds(panel, st.integers(0, 10_000), st.integers(3, 10), st.integers(6, 20))


@settings(max_examples=20, deadline=None)
@given(work=panels_drawn, design=st.sampled_from(("randomised", "before-after", "self-selected")))
def test_swapping_the_arms_negates_theta(work, design):
    """Baseline and assistance exchanged: θ turns its sign, the error and the width stay."""
    swapped = work.assign(arm=work["arm"].map({"baseline": "assistance", "assistance": "baseline"}))
    one, other = judged(work, design), judged(swapped, design)
    if one.log_ratio is None:
        assert other.log_ratio is None
        return
    assert other.log_ratio is not None
    assert other.log_ratio.estimate == pytest.approx(-one.log_ratio.estimate, abs=1e-9)
    assert other.log_ratio.high == pytest.approx(-one.log_ratio.low, abs=1e-9)
    assert other.se == pytest.approx(one.se, rel=1e-9)
    assert other.df == pytest.approx(one.df, rel=1e-7)


@settings(max_examples=20, deadline=None)
@given(work=panels_drawn, design=DESIGNS, factor=st.floats(0.01, 100.0))
def test_minutes_in_another_unit_change_nothing(work, design, factor):
    """Hours, minutes or seconds: θ and its interval are the same."""
    one, other = judged(work, design), judged(work.assign(minutes=work["minutes"] * factor), design)
    if one.log_ratio is None:
        assert other.log_ratio is None
        return
    assert dataclasses.astuple(other.log_ratio) == pytest.approx(
        dataclasses.astuple(one.log_ratio), abs=1e-8
    )
    assert other.verdict == one.verdict


@settings(max_examples=20, deadline=None)
@given(work=panels_drawn, design=DESIGNS, seed=st.integers(0, 1000))
def test_order_and_names_change_nothing(work, design, seed):
    """Rows shuffled: the same result to the last point of the curve, up to rounding."""
    shuffled = work.sample(frac=1.0, random_state=seed)
    one, other = judged(work, design), judged(shuffled, design)
    assert numbers(other) == pytest.approx(numbers(one), abs=1e-8)
    assert other.verdict == one.verdict


@settings(max_examples=15, deadline=None)
@given(work=panels_drawn, design=DESIGNS, pieces=st.integers(2, 4))
def test_moments_cut_finer_change_nothing(work, design, pieces):
    """Cells split further than developer × arm × month sum to the same answer."""
    sums = panels.moments(work)
    parts = [panels.moments(work.iloc[i::pieces]) for i in range(pieces)]
    for design_moments in (sums, pd.concat(parts)):
        found = estimate_activity(
            design_moments, activity="design", design=design, level=0.95, interval_level=0.95
        )
        if found.log_ratio is not None:
            whole = estimate_activity(
                sums, activity="design", design=design, level=0.95, interval_level=0.95
            ).log_ratio
            assert whole is not None
            assert dataclasses.astuple(found.log_ratio) == pytest.approx(
                dataclasses.astuple(whole), abs=1e-9
            )


def numbers(result: Result) -> list[float]:
    """Every number in a result; None as a number of its own, so that it cannot turn into one unseen."""
    found: list[float] = []

    def walk(value: object) -> None:
        if isinstance(value, bool | str):
            return
        if value is None:
            found.append(-1e6)
        elif isinstance(value, int | float):
            found.append(float(value))
        elif isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                walk(inner)

    walk(dataclasses.astuple(result))
    return found


def sound(result: Result) -> Result:
    """No NaN and no infinity anywhere, and everything that a page derives can be derived."""
    assert all(math.isfinite(number) for number in numbers(result))
    for scale in (result.time_ratio, result.efficiency_gain, result.time_saved):
        if scale is not None:
            assert all(math.isfinite(v) for v in dataclasses.astuple(scale) if v is not None)
    json.dumps(dataclasses.asdict(result), allow_nan=False)
    return result


def work_of(**columns: object) -> pd.DataFrame:
    return panels.frame(**columns)


def repeated(*rows: tuple[str, str, float, float, int]) -> pd.DataFrame:
    """Work items as (developer, arm, minutes, estimate, month)."""
    names = ("developer", "arm", "minutes", "estimate_minutes", "month")
    return work_of(**{name: [row[i] for row in rows] for i, name in enumerate(names)})


TWO_ITEMS = repeated(("a", "baseline", 30.0, 30.0, 540), ("a", "assistance", 20.0, 30.0, 541))
RNG = np.random.default_rng(11)


def one_arm() -> pd.DataFrame:
    return panels.items(np.random.default_rng(0)).assign(arm="baseline")


def one_developer() -> pd.DataFrame:
    return panels.items(np.random.default_rng(0), developers=1, per_developer=40)


def perfect() -> pd.DataFrame:
    return panels.items(np.random.default_rng(0), spread=0.0, effect=-0.4)


def identical() -> pd.DataFrame:
    return panels.items(np.random.default_rng(0)).assign(minutes=60.0)


def same_estimates() -> pd.DataFrame:
    return panels.items(np.random.default_rng(0)).assign(estimate_minutes=60.0)


def estimates_say_the_arm() -> pd.DataFrame:
    work = panels.items(np.random.default_rng(0))
    return work.assign(estimate_minutes=np.where(work["arm"] == "baseline", 60.0, 30.0))


def one_does_nearly_all() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    most = panels.items(rng, developers=1, per_developer=990)
    rest = panels.items(rng, developers=6, per_developer=2)
    return pd.concat([most, rest.assign(developer=rest["developer"] + "x")], ignore_index=True)


def immense() -> pd.DataFrame:
    work = panels.items(np.random.default_rng(0))
    return work.assign(minutes=work["minutes"] * np.where(work["arm"] == "baseline", 1e-9, 1e9))


def one_item_each() -> pd.DataFrame:
    rows = [
        (f"d{i}", arm, 30.0 + 7 * i, 40.0, 540 + i % 3)
        for i in range(9)
        for arm in ("baseline", "assistance")
    ]
    return repeated(*rows)


def nothing() -> pd.DataFrame:
    return panels.items(np.random.default_rng(0)).iloc[:0]


def all_zero() -> pd.DataFrame:
    return panels.items(np.random.default_rng(0)).assign(minutes=0.0, status="zero")


def a_thousand_developers() -> pd.DataFrame:
    return panels.items(np.random.default_rng(0), developers=1000, per_developer=4, effect=-0.4)


EXTREMES = (
    one_arm, one_developer, perfect, identical, same_estimates, estimates_say_the_arm, one_does_nearly_all, immense,
    one_item_each, nothing, all_zero, lambda: TWO_ITEMS,
)  # fmt: skip


@pytest.mark.parametrize("design", [*STUDY_DESIGNS, None])
@pytest.mark.parametrize("make", EXTREMES, ids=lambda make: make.__name__)
def test_no_extreme_log_breaks_or_leaks_a_number_that_is_none(make, design):
    """Every study design on every extreme log: a result, with None where nothing is defined and the reason said."""
    result = sound(judged(make(), design))
    if result.log_ratio is None:
        assert result.verdict == "cannot-tell"
        assert any(threat.code in ("too-little-data", "zero-minutes") for threat in result.threats)
        assert result.time_ratio is None
        assert result.se is None


@pytest.mark.parametrize("value", [0.0, -0.19, 100.0, 0.5, 1.0, -0.999])
@pytest.mark.parametrize("reading", ["efficiency_gain", "time_saved"])
def test_every_claim_is_judged_without_a_crash(value, reading):
    """Nothing, a loss, ten thousand per cent, all the time: each has a verdict and sound figures."""
    claim = dataclasses.replace(CLAIM, value=value, reading=reading)
    for seed in range(3):
        sound(judged(panels.items(np.random.default_rng(seed), effect=-0.3), claim=claim))


def test_two_items_or_one_arm_say_what_is_missing():
    """The reason names the arm and how many it takes."""
    assert "8 are needed" in judged(TWO_ITEMS, "before-after").threats[0].message
    assert "every work item that counts is in the" in judged(one_arm()).threats[0].message


def test_a_perfect_fit_and_identical_minutes_are_not_believed():
    """Minutes without any spread were not logged by people: no interval of width 0, but the reason."""
    for work in (perfect(), identical()):
        result = judged(work)
        assert result.log_ratio is None
        assert "do not vary" in result.threats[0].message


def test_estimates_that_say_nothing_are_dropped():
    """All alike, or one for each arm: the fit is the one without x, on the same items."""
    for work in (same_estimates(), estimates_say_the_arm()):
        with_x, without = judged(work), judged(work.assign(estimate_minutes=np.nan))
        assert with_x.log_ratio is not None
        assert dataclasses.astuple(with_x.log_ratio) == pytest.approx(
            dataclasses.astuple(without.log_ratio), abs=1e-9
        )
        assert "estimate" not in with_x.estimator


def test_one_developer_with_nearly_all_items_leaves_few_degrees_of_freedom():
    """99 % of the items with one developer: the interval is honest about resting on one."""
    result = judged(one_does_nearly_all())
    assert result.df is None or result.df < 2


def test_one_developer_alone_is_judged_on_their_items():
    """One person's own log: HC2, these developers only."""
    result = judged(one_developer())
    assert result.log_ratio is not None
    assert result.developers == 1
    assert result.estimand.endswith("these developers only")


def test_a_thousand_developers_are_no_trouble():
    """The interval narrows, the df follow the developers, and the whole curve takes seconds at most."""
    result = sound(judged(a_thousand_developers()))
    assert result.df is not None
    assert result.df > 300
    assert result.log_ratio is not None
    assert result.log_ratio.low < -0.4 < result.log_ratio.high


def test_looking_every_week_does_not_cry_wolf():
    """Ten looks at drawn arms without an effect: the anytime bounds leave out 0 at some look in few logs."""
    rng = np.random.default_rng(7)
    ever = {"anytime": 0, "plain": 0}
    for _ in range(80):
        work = panels.items(rng, developers=4, per_developer=50)
        order = rng.permutation(len(work))
        looks = [
            looked_at(work.iloc[order[:look]])
            for look in np.linspace(30, len(work), 10).astype(int)
        ]
        ever["anytime"] += any(anytime for anytime, _ in looks)
        ever["plain"] += any(plain for _, plain in looks)
    assert ever["anytime"] <= 8
    assert ever["plain"] > 9


def looked_at(seen: pd.DataFrame) -> tuple[bool, bool]:
    """Whether the anytime interval, and the plain one, leave out 0 at this look."""
    sample = select_sample(cells_from_items(seen), "randomised")
    made = estimate_log_ratio(sample, lambda: sample, errors="items")
    assert made is not None
    assert made.error is not None
    plain = confidence_interval(made.theta, made.error, 0.95)
    assert plain is not None
    return abs(made.theta) > anytime_half_width(
        made.error.se, 0.05
    ), not plain.low <= 0.0 <= plain.high


@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_an_effect_put_in_is_covered(design):
    """Minutes × e^θ in the treated items moves the interval by θ and nothing else."""
    work = panel(3, 8, 25)
    plain = judged(work, design)
    shifted = judged(
        work.assign(minutes=work["minutes"] * np.where(work["arm"] == "assistance", 1 / 1.5, 1.0)),
        design,
    )
    assert plain.log_ratio is not None
    assert shifted.log_ratio is not None
    assert shifted.log_ratio.estimate == pytest.approx(
        plain.log_ratio.estimate - math.log(1.5), abs=1e-9
    )
    assert shifted.se == pytest.approx(plain.se, rel=1e-9)
