"""The hours saved a week, and what they are worth."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.money import WEEKS_A_MONTH, Cost, Prices
from tracker.domain.records import ArmRule, Cutover, StudyDesign
from tracker.domain.times import date_to_day
from tracker.evidence.assessment import Savings
from tracker.evidence.charts.money import break_even_gain, cost_of, net_worth, worth_of
from tracker.evidence.estimands import estimand_table
from tracker.evidence.hours_saved import (
    Volume,
    days_of_volume,
    hours_of_ratio,
    hours_saved,
    recent_volume,
    total_savings,
)
from tracker.evidence.judgement import judge_claim
from tracker.evidence.results import HoursSaved, Interval, Result

NOW = date_to_day(date(2026, 5, 20))
VOLUME = Volume(300.0, NOW - 69, NOW, 8)
PRICES = Prices(80.0, "EUR", Cost(30.0, "month"))


def month(year: int, number: int) -> int:
    return (year - 1970) * 12 + number - 1


def assisted(*months: int) -> pd.DataFrame:
    """Return moments of one developer with work in both arms in some months."""
    return pd.DataFrame(
        [("ann", arm, m) for m in months for arm in ("baseline", "assistance")],
        columns=["developer", "arm", "period"],
    )


def hours_of(design: StudyDesign = "randomised", **options: bool) -> HoursSaved:
    work = panels.in_both_arms(
        panels.items(np.random.default_rng(1), effect=-0.3, by_date=design != "randomised")
    )
    estimate = panels.estimate(work, design, **options)
    hours = hours_saved(estimate, estimand_table(estimate), VOLUME)
    assert hours is not None
    return hours


def test_hours_are_what_the_work_would_have_taken_less_what_it_took():
    """8 hours that take 4/5 of their time would have taken 10; the bounds swap."""
    hours = hours_of_ratio(8.0, Interval(0.8, 0.5, 1.25))
    assert dataclasses.astuple(hours) == pytest.approx((2.0, -1.6, 8.0))
    assert hours_of_ratio(8.0, Interval(1.0, None, None)) == Interval(0.0, None, None)


@pytest.mark.parametrize(
    ("options", "measure"),
    [
        ({}, "hours per estimated hour"),
        ({"design": "before-after"}, "hours per estimated hour"),
        ({"anytime": True}, "typical task"),
    ],
)
def test_hours_are_made_from_total_hours_where_they_can(options: dict, measure: str):
    """Bounds that hold at every look are those of the typical task alone."""
    hours = hours_of(**options)
    assert hours.measure == measure
    assert hours.volume == pytest.approx(30.0)
    assert hours.weeks == 10
    assert (hours.saved == hours.typical) is (measure == "typical task")


def test_hours_equal_those_of_the_estimands():
    """Both intervals are those of the panel of measures, times the volume."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(2), effect=-0.3))
    estimate = panels.estimate(work)
    table = estimand_table(estimate)
    hours = hours_saved(estimate, table, VOLUME)
    ratios = {estimand.name: estimand.time_ratio for estimand in table}
    ratio = ratios["hours per estimated hour"]
    assert hours.saved.low == pytest.approx(30.0 * (1 / ratio.high - 1))
    gain = judge_claim(estimate, None).efficiency_gain
    assert hours.typical.high == pytest.approx(30.0 * gain.high)


def test_without_estimates_hours_are_per_task():
    """Σt/Σestimate needs estimates."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(1), estimated=0.0))
    estimate = panels.estimate(work)
    assert hours_saved(estimate, estimand_table(estimate), VOLUME).measure == "total hours"


def test_without_an_interval_or_volume_there_are_no_hours():
    """No verdict, no hours; no recent work with assistance, no hours."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(1)))
    estimate = panels.estimate(work)
    table = estimand_table(estimate)
    assert hours_saved(estimate, table, None) is None
    assert hours_saved(estimate, table, dataclasses.replace(VOLUME, hours=0.0)) is None
    withheld = dataclasses.replace(estimate, suppressed=True)
    assert hours_saved(withheld, table, VOLUME) is None


@pytest.mark.parametrize(
    ("months", "rollout", "first_day", "expected"),
    [
        ((1, 2, 3, 4, 5), None, (2025, 1, 1), (2026, 3, 1)),
        ((4, 5), None, (2025, 1, 1), (2026, 4, 1)),
        ((2, 3, 4), None, (2026, 3, 9), (2026, 3, 9)),
        ((4, 5), (2026, 4, 13), (2025, 1, 1), (2026, 4, 13)),
        ((1, 2), None, (2025, 1, 1), None),
        ((5,), (2026, 5, 8), (2025, 1, 1), None),
        ((5,), (2026, 5, 7), (2025, 1, 1), (2026, 5, 7)),
    ],
    ids=["old", "new", "short log", "rollout", "given up", "13 days", "14 days"],
)
def test_the_volume_is_that_of_the_last_three_months_with_assistance(
    months, rollout, first_day, expected
):
    """From the first month with assistance, from the rollout, and of 14 days or more."""
    rule = (
        ArmRule("assigned")
        if rollout is None
        else ArmRule("rollout", (Cutover(date_to_day(date(*rollout))),))
    )
    moments = assisted(*(month(2026, m) for m in months))
    days = days_of_volume(moments, rule, date_to_day(date(*first_day)), NOW * 86_400 + 3600)
    assert days == (expected and (date_to_day(date(*expected)), NOW))


def test_a_volume_counts_who_began_work_with_assistance():
    """Effort of the assistance arm alone, and developers by the months of the days."""
    moments = pd.DataFrame(
        [
            ("ann", "assistance", month(2026, 4)),
            ("bob", "assistance", month(2026, 2)),
            ("cid", "baseline", month(2026, 4)),
        ],
        columns=["developer", "arm", "period"],
    )
    quality = pd.DataFrame(
        {"arm": ["baseline", "assistance"], "recent_seconds": [9 * 3600, 30 * 3600]}
    )
    volume = recent_volume(moments, quality, (NOW - 34, NOW))
    assert (volume.developers, volume.hours, volume.hours_per_week) == (1, 30.0, 6.0)


def result(activity: str, saved: Interval) -> Result:
    hours = HoursSaved(20.0, NOW - 69, NOW, 6, saved, "typical task", saved)
    estimate = panels.estimate(panels.items(np.random.default_rng(1)))
    return dataclasses.replace(judge_claim(estimate, None), activity=activity, hours_saved=hours)


def savings(prices: Prices | None = PRICES, developers: int = 6) -> Savings:
    """Return the savings of design, about which there are two claims, and testing."""
    design, testing = Interval(5.0, 2.0, 9.0), Interval(1.0, -3.0, 4.0)
    results = [result("design", design), result("design", design), result("testing", testing)]
    total = total_savings(results, {f"d{n}" for n in range(developers)}, prices)
    assert total is not None
    return total


def test_activities_are_added_once_each():
    """Two claims about one activity have the same hours."""
    total = savings()
    assert (total.volume, total.saved, total.developers) == (40.0, Interval(6.0, -1.0, 13.0), 6)
    assert total_savings([], set(), PRICES) is None


def test_an_undefined_bound_leaves_the_total_open():
    """What is not known of one activity is not known of all."""
    results = [result("a", Interval(1.0, None, 2.0)), result("b", Interval(1.0, 0.5, 2.0))]
    assert total_savings(results, {"x", "y"}, None).saved == Interval(2.0, None, 4.0)


def test_the_assistant_pays_from_the_gain_at_which_it_breaks_even():
    """At that gain the hours saved are worth what it costs."""
    total = savings()
    assert cost_of(total) == 180.0
    gain = break_even_gain(total)
    at_that_gain = hours_of_ratio(total.volume, Interval(1 / (1 + gain), None, None))
    assert worth_of(at_that_gain, PRICES).estimate == pytest.approx(180.0)
    assert worth_of(total.saved, PRICES).low == pytest.approx(-80.0 * WEEKS_A_MONTH)
    assert net_worth(total).high == pytest.approx(13 * 80 * WEEKS_A_MONTH - 180)


def test_nobody_is_priced():
    """The hours of one developer have no worth, those of two have."""
    assert savings(developers=1).prices is None
    assert savings(developers=2).prices == PRICES
    assert break_even_gain(savings(developers=1)) is None
    assert cost_of(savings(Prices(80.0, "EUR"))) is None
