"""The effect in parts of the work."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.records import StudyDesign
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.assessment import Subgroup
from tracker.evidence.estimators.imputation import impute
from tracker.evidence.estimators.primary import estimate_within_developers
from tracker.evidence.moments import cells_from_items
from tracker.evidence.results import Interval
from tracker.evidence.sample import select_sample
from tracker.evidence.subgroups import estimate_subgroups, residual_model


def subgroups_of(
    work: pd.DataFrame, design: StudyDesign = "randomised"
) -> tuple[ActivityEstimate, list[Subgroup]]:
    """Return the estimate of an items frame, and its subgroups without the headline."""
    estimate = panels.estimate(work, design)
    moments = panels.subgroup_moments(
        work, residual_model(estimate), by_month=design == "staggered"
    )
    return estimate, list(estimate_subgroups(estimate, moments)[1:])


def drawn(seed: int = 1, **options: object) -> pd.DataFrame:
    """Return a study with drawn arms, all of whose developers are in both."""
    return panels.in_both_arms(
        panels.items(np.random.default_rng(seed), **({"per_developer": 40} | options))
    )


def by_span(work: pd.DataFrame, months_of_span: int = 1) -> pd.DataFrame:
    """Return the items with a span for each so many months after the first of assistance."""
    treated = work["arm"] == "assistance"
    since = work["month"] - work.loc[treated, "month"].min()
    return work.assign(span=(since // months_of_span).clip(upper=3).where(treated, -1))


def bounds(interval: Interval | None) -> tuple[float | None, ...]:
    assert interval is not None
    return dataclasses.astuple(interval)


@pytest.mark.parametrize("design", ["randomised", "before-after"])
def test_a_third_is_estimated_from_the_pseudo_values_of_the_headline(design: StudyDesign):
    """The same as from the rows of that third, with the headline's error and allowance."""
    work = drawn(by_date=design == "before-after", effect=-0.3)
    estimate, subgroups = subgroups_of(work, design)
    rows = estimate.estimate.read_fitted_rows().cells
    estimates = work["estimate_minutes"].to_numpy()[rows.source]
    limits = [subgroup.up_to for subgroup in subgroups[:2]]
    thirds = np.digitize(estimates, limits, right=True)
    assert [subgroup.by for subgroup in subgroups[:3]] == ["size"] * 3
    for third, subgroup in enumerate(subgroups[:3]):
        sample = select_sample(rows.select(thirds == third), design, adjusted=True)
        expected = estimate_within_developers(
            sample, ("arm", "x"), None, design=design, robust=True
        )
        interval = estimate.interval(expected.theta, expected.error)
        assert bounds(subgroup.log_ratio) == pytest.approx(bounds(interval), rel=1e-9)
        assert subgroup.items_baseline == expected.items_baseline
        assert subgroup.estimator == estimate.estimate.estimator


def test_all_work_as_one_part_is_the_headline():
    """The sums of a part hold the pseudo-values as they stand."""
    work = drawn()
    estimate = panels.estimate(work)
    moments = panels.subgroup_moments(work, residual_model(estimate))
    halves = moments.assign(size=(moments["size"] == 2).astype(int))
    headline, first, second = estimate_subgroups(estimate, halves)
    assert bounds(headline.log_ratio) == bounds(estimate.log_ratio)
    assert first.items_baseline + second.items_baseline == headline.items_baseline
    again = estimate_subgroups(estimate, pd.concat([moments.assign(size=k) for k in (0, 1)]))
    for part in again[1:]:
        assert part.log_ratio.estimate == pytest.approx(estimate.log_ratio.estimate, rel=1e-9)


def test_effects_that_differ_by_size_are_found():
    """Small tasks that take 60 % of their time and large ones that take all of it."""
    work = drawn(3, per_developer=150, spread=0.4)
    treated = work["arm"] == "assistance"
    small = work["estimate_minutes"] < work["estimate_minutes"].quantile(1 / 3)
    work["minutes"] = work["minutes"].where(~(treated & small), 0.6 * work["minutes"])
    _, subgroups = subgroups_of(work)
    actual = [subgroup.log_ratio.estimate for subgroup in subgroups]
    assert actual == pytest.approx([np.log(0.6), 0.0, 0.0], abs=0.12)
    assert subgroups[0].log_ratio.high < subgroups[1].log_ratio.low


def test_spans_since_the_rollout_are_each_held_against_the_whole_baseline():
    """Before and after: one row a span, with all of the baseline in each."""
    work = by_span(drawn(3, by_date=True, effect=-0.2))
    estimate, subgroups = subgroups_of(work, "before-after")
    spans = [subgroup for subgroup in subgroups if subgroup.by == "weeks"]
    assert [(span.above, span.up_to) for span in spans] == [(None, 8.0), (8.0, 16.0), (16.0, None)]
    assert {span.items_baseline for span in spans} == {estimate.estimate.items_baseline}
    assert sum(span.items_assistance for span in spans) == estimate.estimate.items_assistance
    rows = estimate.estimate.read_fitted_rows().cells
    span = work["span"].to_numpy()[rows.source]
    sample = select_sample(rows.select(np.isin(span, (-1, 1))), "before-after", adjusted=True)
    expected = estimate_within_developers(sample, ("arm", "x"), None, design="before-after")
    interval = estimate.interval(expected.theta, expected.error)
    assert bounds(spans[1].log_ratio) == pytest.approx(bounds(interval), rel=1e-9)
    assert spans[1].log_ratio.high - spans[1].log_ratio.low > 2 * 1.96 * 0.15


def test_spans_of_a_staggered_rollout_are_imputed():
    """From the developer and month effects of all untreated work."""
    work = drawn(4, developers=12, months=8)
    cutover = panels.FIRST_MONTH + 2 + work["developer"].str[-2:].astype(int) % 5
    since = work["month"] - cutover
    treated = since >= 0
    work["arm"] = np.where(treated, "assistance", "baseline")
    work["span"] = (since // 2).clip(upper=3).where(treated, -1)
    estimate, subgroups = subgroups_of(work, "staggered")
    spans = [subgroup for subgroup in subgroups if subgroup.by == "weeks"]
    assert len(spans) > 1
    expected = impute(cells_from_items(work[work["span"].isin([-1, 0])]), adjusted=True)
    interval = estimate.interval(expected.theta, expected.error)
    assert bounds(spans[0].log_ratio) == pytest.approx(bounds(interval), rel=1e-9)
    assert "imputation" in spans[0].estimator


def test_parts_of_fewer_than_five_developers_are_merged():
    """Where four developers have small tasks in both arms, small tasks join the next third."""
    work = drawn(5, developers=8)
    names = sorted(work["developer"].unique())
    smallest = work["estimate_minutes"].rank(pct=True) < 0.5
    few = work[~(smallest & work["developer"].isin(names[4:]) & (work["arm"] == "assistance"))]
    _, subgroups = subgroups_of(few)
    assert [(subgroup.above, subgroup.up_to) for subgroup in subgroups] == [
        (None, subgroups[1].above),
        (subgroups[0].up_to, None),
    ]
    assert min(subgroup.developers for subgroup in subgroups) >= 5


@pytest.mark.parametrize(
    "work",
    [
        drawn(6, developers=4),
        drawn(7, per_developer=3, developers=5),
        drawn(8, estimated=0.0),
        drawn(9).assign(estimate_minutes=60.0),
    ],
    ids=["four developers", "few items", "no estimates", "equal estimates"],
)
def test_there_are_no_parts_without_two_of_them(work: pd.DataFrame):
    """One part alone would be the headline again."""
    assert subgroups_of(work)[1] == []
