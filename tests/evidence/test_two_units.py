"""A study whose estimates are in minutes and in points: one slope, an intercept for points."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from support import panels

from tracker.domain.records import STUDY_DESIGNS, Claim, StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.charts.adjustment import adjust_items
from tracker.evidence.charts.course import typical_baseline
from tracker.evidence.estimands import estimand_table
from tracker.evidence.estimators.sum_ratios import ratio_of_sums
from tracker.evidence.hours_saved import Volume, hours_saved
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import cells_from_moments
from tracker.evidence.planning.spread import baseline_cells, baseline_spread, item_spread
from tracker.evidence.results import HOURS_PER_ESTIMATED_HOUR, Interval, Sensitivity
from tracker.evidence.sensitivity import specification_curve
from tracker.evidence.subgroups import estimate_subgroups, residual_model
from tracker.evidence.threats.inputs import ThreatInputs
from tracker.evidence.threats.work import task_mix

WITHIN: tuple[StudyDesign, ...] = ("randomised", "before-after", "self-selected")
FIRST_UNITS = 240.0


def mixed(
    seed: int = 1,
    *,
    minutes_of_a_point: float = FIRST_UNITS,
    developers: int = 8,
    effect: float = -0.3,
    by_rollout: bool = False,
) -> pd.DataFrame:
    """Return work with half of the estimates in points; of two rollouts, or with drawn arms."""
    rng = np.random.default_rng(seed)
    work = panels.items(rng, developers=developers, per_developer=40, effect=effect, spread=0.4)
    if by_rollout:
        start = np.where(work["developer"] > "dev0003", 544, 542)
        work["arm"] = np.where(work["month"] >= start, "assistance", "baseline")
    return panels.in_two_units(work, rng.random(len(work)) < 0.5, minutes_of_a_point)


def ends(interval: Interval | None) -> list[float]:
    assert interval is not None
    values = dataclasses.astuple(interval)
    return [math.nan if value is None else value for value in values]


def curve(estimate: ActivityEstimate) -> dict[str, Sensitivity]:
    points = specification_curve(estimate, np.random.default_rng(0))
    return {point.name: point for point in points}


@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_sums_give_what_rows_give(design: StudyDesign) -> None:
    """Every design has the same interval from moments and clipped sums, and says what it fits."""
    work = mixed(by_rollout=design == "staggered")
    rows, sums = panels.estimate(work, design), panels.estimate(work, design, from_sums=True)
    assert rows.terms == sums.terms == ("arm", "x", "points")
    assert ends(rows.log_ratio) == pytest.approx(ends(sums.log_ratio), rel=1e-9)
    assert "ln estimate (estimates in points with an intercept of their own)" in (
        sums.estimate.estimator
    )


def test_the_robust_estimate_equals_its_definition() -> None:
    """Two passes of Huber's pseudo-values with explicit columns, ν = n − 3 − G."""
    work = panels.in_both_arms(mixed(2))
    y = np.log(work["minutes"]).to_numpy()
    dummies = pd.get_dummies(work["developer"], dtype=float).to_numpy()
    arm, points = work["arm"] == "assistance", work["estimate_minutes"].isna()
    X = np.column_stack([arm, np.log(panels.estimates(work)), points, dummies]).astype(float)
    fit = sm.OLS(y, X).fit()
    residuals, fitted = fit.resid, fit.fittedvalues
    limit = 1.1 * math.sqrt(residuals @ residuals / (len(y) - 3 - dummies.shape[1]))
    for _ in range(2):
        share = float(np.mean(np.abs(residuals) <= limit))
        pseudo = fitted + np.clip(residuals, -limit, limit) / share
        fit = sm.OLS(pseudo, X).fit()
        fitted = fit.fittedvalues
        residuals = y - fitted
    estimate = panels.estimate(work, from_sums=True).estimate
    assert estimate.theta == pytest.approx(fit.params[0], rel=1e-9)
    assert estimate.fit.beta == pytest.approx(fit.params[:3], rel=1e-9)
    assert estimate.fit.residual_df == fit.df_resid
    model = residual_model(panels.estimate(work))
    assert model is not None
    assert model.points_offset != 0.0


@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_the_scale_of_points_changes_nothing(design: StudyDesign) -> None:
    """Points ten times as large leave the interval, every point of the curve and the plan's σ."""
    results = []
    for minutes_of_a_point in (FIRST_UNITS, FIRST_UNITS / 10):
        by_rollout = design == "staggered"
        work = mixed(3, minutes_of_a_point=minutes_of_a_point, by_rollout=by_rollout)
        estimate = panels.estimate(work, design)
        points = [point.log_ratio for point in curve(estimate).values() if point.log_ratio]
        numbers = [*ends(estimate.log_ratio), *(end for point in points for end in ends(point))]
        results.append([*numbers, item_spread(estimate)])
    assert results[0] == pytest.approx(results[1], rel=1e-7, nan_ok=True)


@pytest.mark.parametrize("design", WITHIN)
def test_swapping_the_arms_negates_theta(design: StudyDesign) -> None:
    """The interval is mirrored."""
    work = mixed(4)
    swapped = work.assign(arm=work["arm"].map({"baseline": "assistance", "assistance": "baseline"}))
    first, second = (ends(panels.estimate(w, design).log_ratio) for w in (work, swapped))
    assert first == pytest.approx([-second[0], -second[2], -second[1]], rel=1e-9)


def test_the_intercept_finds_the_true_gain() -> None:
    """With more points in one arm 95 % intervals hold it; those without sizes are wider."""
    truth, studies = -math.log(1.5), 20
    claim = Claim("c", "design", 0.2, "efficiency_gain", "at_least", "Vendor")
    covered, verdicts, widths = 0, [], []
    for seed in range(studies):
        rng = np.random.default_rng(seed)
        work = panels.items(rng, developers=10, per_developer=30, effect=truth, spread=0.4)
        share = np.where(work["arm"] == "assistance", 0.7, 0.3)
        work = panels.in_two_units(work, rng.random(len(work)) < share)
        estimate = panels.estimate(work, from_sums=True)
        low, high = ends(estimate.log_ratio)[1:]
        covered += low < truth < high
        verdicts.append(judge_claim(estimate, claim).verdict)
        low_without, high_without = ends(curve(estimate)["no x"].log_ratio)[1:]
        widths.append((high - low, high_without - low_without))
    assert covered >= 17
    assert verdicts.count("supported") >= 15
    assert set(verdicts) <= {"supported", "plausible"}
    with_x, without_x = np.median(widths, axis=0)
    assert with_x < 0.7 * without_x


def test_every_point_of_the_curve_can_be_made() -> None:
    """From item rows all have an interval; of Σt/Σestimate the tasks in minutes are named."""
    work = mixed(6)
    points = curve(panels.estimate(work))
    assert [name for name, point in points.items() if point.log_ratio is None] == []
    in_minutes = int(work["estimate_minutes"].notna().sum())
    note = points["Σt/Σestimate"].note
    assert f"{in_minutes} of {len(work)}" in note
    assert "estimated in minutes" in note
    minutes_alone = work[work["estimate_minutes"].notna()]
    expected = ratio_of_sums(cells_from_moments(panels.moments(minutes_alone)), "w")
    assert points["Σt/Σestimate"].log_ratio.estimate == pytest.approx(expected.theta, rel=1e-12)


def test_hours_per_estimated_hour_name_their_tasks() -> None:
    """The table says of how many tasks."""
    work = mixed(8)
    rows = {row.name: row for row in estimand_table(panels.estimate(work))}
    in_minutes = int(work["estimate_minutes"].notna().sum())
    assert f"of the {in_minutes} of {len(work)}" in rows[HOURS_PER_ESTIMATED_HOUR].note
    assert set(rows) >= {"median task", HOURS_PER_ESTIMATED_HOUR}


def test_hours_saved_name_the_tasks_they_are_made_from() -> None:
    """Those estimated in minutes; of one unit there is nothing to name."""
    work = mixed(8)
    plain = work.assign(estimate_minutes=panels.estimates(work), estimate_points=np.nan)
    texts = []
    for frame in (work, plain):
        estimate = panels.estimate(frame)
        saved = hours_saved(estimate, estimand_table(estimate), Volume(100.0, 0, 69, 8))
        assert saved is not None
        assert saved.measure == HOURS_PER_ESTIMATED_HOUR
        texts.append(saved.measured_tasks)
    assert texts[0].startswith(f"{work['estimate_minutes'].notna().sum()} of {len(work)}")
    assert texts[1] == ""


@pytest.mark.parametrize("design", ["randomised", "before-after"])
def test_thirds_of_the_estimates_are_within_each_unit(design: StudyDesign) -> None:
    """Their limits are thirds, since each unit has its own; the parts make up the whole."""
    work = panels.in_both_arms(mixed(9, developers=12))
    estimate = panels.estimate(work, design)
    moments = panels.subgroup_moments(work, residual_model(estimate))
    headline, *parts = estimate_subgroups(estimate, moments)
    sizes = [part for part in parts if part.by == "size"]
    assert [(part.above, part.up_to) for part in sizes] == [(None, 1.0), (1.0, 2.0), (2.0, None)]
    assert {part.unit for part in sizes} == {"thirds"}
    counts = [part.items_baseline + part.items_assistance for part in sizes]
    assert sum(counts) == headline.items_baseline + headline.items_assistance
    assert max(counts) - min(counts) < 0.1 * sum(counts)
    assert all("intercept of their own" in part.estimator for part in sizes)


def test_the_spread_of_a_baseline_counts_both_units() -> None:
    """σ is that of the same work estimated in minutes alone, which the offset only shifts."""
    work = mixed(10).assign(arm="baseline")
    in_minutes = work["estimate_minutes"].fillna(work["estimate_points"] * FIRST_UNITS)
    plain = work.assign(estimate_minutes=in_minutes, estimate_points=np.nan)
    spreads = [
        baseline_spread(baseline_cells(panels.estimate(frame)), adjusted=True)
        for frame in (work, plain)
    ]
    assert spreads[0] == pytest.approx(spreads[1], rel=0.01)
    assert spreads[0] == pytest.approx(0.4, abs=0.05)


def test_adjusted_minutes_differ_by_theta() -> None:
    """Items and periods are moved to one typical estimate, whatever the unit of theirs."""
    estimate = panels.estimate(panels.in_both_arms(mixed(11)))
    adjusted = adjust_items(estimate)
    assert adjusted is not None
    means = [
        np.mean([math.log(minutes) for arm, minutes in adjusted.items if arm == name])
        for name in ("baseline", "assistance")
    ]
    spread = np.std([math.log(minutes) for _, minutes in adjusted.items])
    assert means[1] - means[0] == pytest.approx(estimate.estimate.theta, abs=0.05)
    assert spread < 0.6
    weekly = panels.moments(mixed(11))
    in_minutes = mixed(11)["estimate_minutes"].fillna(mixed(11)["estimate_points"] * FIRST_UNITS)
    plain = panels.moments(mixed(11).assign(estimate_minutes=in_minutes, estimate_points=np.nan))
    values = [typical_baseline(frame, adjusted=True) for frame in (weekly, plain)]
    assert values[0] == pytest.approx(values[1], rel=0.05)


def inputs_of(work: pd.DataFrame) -> ThreatInputs:
    """Return the inputs of the threats of a study with drawn arms."""
    estimate = panels.estimate(work)
    return ThreatInputs(
        activity="design",
        design="randomised",
        rule=None,
        moments=panels.moments(work),
        developers=8,
        adjusted=estimate.adjusted,
        estimates_dropped=estimate.sample.adjusted and not estimate.adjusted,
    )


def test_a_change_of_unit_is_no_change_of_task_mix() -> None:
    """More points with assistance are not smaller tasks; smaller tasks in both units are."""
    rng = np.random.default_rng(12)
    work = panels.in_both_arms(panels.items(rng, per_developer=60, spread=0.4))
    share = np.where(work["arm"] == "assistance", 0.8, 0.2)
    in_points = rng.random(len(work)) < share
    assert task_mix(inputs_of(panels.in_two_units(work, in_points))) is None
    smaller = work.assign(
        estimate_minutes=work["estimate_minutes"] * np.where(work["arm"] == "assistance", 0.4, 1.0)
    )
    threat = task_mix(inputs_of(panels.in_two_units(smaller, in_points)))
    assert threat is not None
    assert "smaller tasks" in threat.message
    assert all("minutes and " in figure for _, figure in threat.figures)


def test_units_that_go_with_the_arm_are_told() -> None:
    """Sizes are then not taken into account, which is serious."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(13), per_developer=40))
    work = panels.in_two_units(work, (work["arm"] == "assistance").to_numpy())
    estimate = panels.estimate(work)
    assert "ln estimate" not in estimate.estimate.estimator
    threat = task_mix(inputs_of(work))
    assert threat.severity == "serious"
    assert threat.message.startswith("The unit of the estimates, minutes or points, goes with")
