"""The course of one activity over weeks, months or quarters."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS, add_constant
from support.weekly_work import CUT, by_week, work

from tracker.domain.records import ARMS
from tracker.evidence.assessment import PeriodLength
from tracker.evidence.charts.activity_charts import typical_minutes
from tracker.evidence.charts.course import course_periods, period_length, typical_baseline


def test_weeks_equal_a_regression_on_rows() -> None:
    """A week is the mean of y − b(x − x̄), b the slope within developers and arms from rows."""
    items = work()
    y, x = np.log(items["minutes"]), np.log(items["estimate_minutes"])
    dummies = pd.get_dummies(items["developer"], drop_first=True, dtype=float)
    regressors = add_constant(
        pd.concat([x.rename("x"), (items["arm"] == "assistance").astype(float), dummies], axis=1)
    )
    adjusted = y - OLS(y, regressors).fit().params["x"] * (x - x.mean())
    weeks = course_periods(by_week(items), adjusted=True, cutover_days=(CUT,))
    by_week_number = adjusted.groupby(items["month"])
    assert len(weeks) == 40
    assert [week.items for week in weeks] == by_week_number.size().tolist()
    estimates = [week.adjusted.estimate for week in weeks if week.adjusted]
    assert np.log(estimates) == pytest.approx(by_week_number.mean().to_numpy(), rel=1e-9)
    spread = math.sqrt(
        ((adjusted - by_week_number.transform("mean")) ** 2).sum() / (len(items) - 40)
    )
    highs = [week.adjusted.high for week in weeks if week.adjusted and week.adjusted.high]
    widths = (np.log(highs) - np.log(estimates)) * np.sqrt(by_week_number.size()) / spread
    assert widths.to_numpy() == pytest.approx(1.961, abs=0.002)


def test_weeks_begin_on_mondays_and_show_the_change() -> None:
    """The first week and the rollout keep their days; minutes fall by a third after it."""
    weeks = course_periods(by_week(work()), adjusted=True, cutover_days=(CUT,))
    assert weeks[0].first_day == CUT - 140
    before, after = (
        [w.adjusted.estimate for w in weeks if w.adjusted and (w.first_day >= CUT) is is_after]
        for is_after in (False, True)
    )
    assert len(before) == len(after) == 20
    assert np.mean(after) / np.mean(before) == pytest.approx(math.exp(-0.4), abs=0.05)


def test_weeks_without_estimates_are_not_adjusted() -> None:
    """Each is the plain geometric mean of every closed item."""
    items = work().assign(estimate_minutes=np.nan)
    weeks = course_periods(by_week(items), adjusted=False)
    plain = np.exp(np.log(items["minutes"]).groupby(items["month"]).mean())
    assert [w.adjusted.estimate for w in weeks if w.adjusted] == pytest.approx(plain.tolist())


def test_the_typical_baseline_is_adjusted_as_its_weeks_are() -> None:
    """It is the mean of the baseline's weeks, weighted by items, not that of raw minutes."""
    items = work()
    longer = items["arm"] == "assistance"
    items.loc[longer, ["minutes", "estimate_minutes"]] *= np.exp([0.7, 1.0])
    moments = by_week(items)
    before = [
        w for w in course_periods(moments, adjusted=True, cutover_days=(CUT,)) if w.first_day < CUT
    ]
    logs = [math.log(week.adjusted.estimate) for week in before if week.adjusted]
    baseline = typical_baseline(moments, adjusted=True)
    assert baseline is not None
    assert math.log(baseline) == pytest.approx(
        np.average(logs, weights=[week.items for week in before]), rel=1e-9
    )
    assert baseline > 1.2 * (typical_minutes(moments, "baseline") or math.inf)
    assert typical_baseline(moments[moments["arm"] == "assistance"], adjusted=True) is None


def test_weeks_of_few_developers_are_merged_but_not_across_the_rollout() -> None:
    """Each week has five developers and items or more; none is lost or crosses the rollout."""
    items = work(n=150)
    weeks = course_periods(by_week(items), adjusted=True, cutover_days=(CUT,))
    assert 2 < len(weeks) < 40
    assert all(week.developers >= 5 and week.items >= 5 for week in weeks)
    assert sum(week.items for week in weeks) == 150
    before = sum(week.items for week in weeks if week.first_day < CUT)
    assert before == (items["arm"] == "baseline").sum()


def test_an_arm_of_few_developers_is_not_shown() -> None:
    """In a log of eight developers a baseline of four is not shown."""
    items = work()
    four = items["developer"].isin(["d0", "d1", "d2", "d3"])
    weeks = course_periods(
        by_week(items[four | (items["arm"] == "assistance")]), adjusted=True, cutover_days=(CUT,)
    )
    assert min(week.first_day for week in weeks) == CUT


def test_weeks_of_few_developers_are_shown_in_their_own_log() -> None:
    """A log of three shows nothing to others; in the reader's own log no week is merged."""
    assert course_periods(by_week(work(developers=3, n=150)), adjusted=True) == ()
    items = work(developers=1, n=150)
    assert (
        len(course_periods(by_week(items), adjusted=True, own_log=True)) == items["month"].nunique()
    )


def test_a_single_item_has_a_week_without_a_band() -> None:
    """A single item has a week without bounds; without a closed item there is no week."""
    item = work(developers=1).iloc[:1]
    (week,) = course_periods(by_week(item), adjusted=True, own_log=True)
    assert week.adjusted is not None
    assert (week.adjusted.low, week.adjusted.high) == (None, None)
    assert week.adjusted.estimate == pytest.approx(item["minutes"].iloc[0])
    assert course_periods(by_week(item.assign(status="open")), adjusted=True, own_log=True) == ()


@pytest.mark.parametrize(
    ("weeks", "length"),
    [(40, "week"), (80, "week"), (81, "month"), (318, "month"), (319, "quarter")],
)
def test_the_length_of_a_log_decides_how_long_its_periods_are(weeks: int, length: str) -> None:
    """A year has weeks, two have months, and nine have quarters."""
    assert period_length(pd.DataFrame({"period": [2000, 2000 + weeks - 1]})) == length
    assert period_length(pd.DataFrame({"period": []})) == "week"


@pytest.mark.parametrize("length", ["month", "quarter"])
def test_a_longer_period_holds_its_weeks_but_no_rollout(length: PeriodLength) -> None:
    """No item is lost, a period lies on one side of the rollout, and there are fewer of them."""
    cut = CUT + 21  # the second Monday of a month
    periods = course_periods(by_week(work()), length, adjusted=True, cutover_days=(cut,))
    assert sum(period.items for period in periods) == 2000
    assert cut in [period.first_day for period in periods]
    assert len(periods) == {"month": 11, "quarter": 5}[length]
    assert all(period.developers >= 5 for period in periods)


def test_drawn_arms_have_periods_of_their_own() -> None:
    """Each period has both arms, with five developers in each; together they have every item."""
    items = work(n=400)
    arm = np.where(np.random.default_rng(1).random(len(items)) < 0.5, "assistance", "baseline")
    periods = course_periods(by_week(items.assign(arm=arm)), adjusted=True, by_arm=True)
    days = {name: [period.first_day for period in periods if period.arm == name] for name in ARMS}
    assert days["baseline"] == days["assistance"]
    assert all(period.developers >= 5 and period.items >= 5 for period in periods)
    assert sum(period.items for period in periods) == 400
    assert {period.arm for period in course_periods(by_week(items), adjusted=True)} == {None}


def test_periods_between_two_rollouts_hold_no_other_weeks() -> None:
    """Months are divided at the first and the last rollout, as few developers as there may be."""
    days = (CUT - 28, CUT + 28)
    periods = course_periods(by_week(work()), "month", adjusted=True, cutover_days=days)
    starts = {period.first_day for period in periods}
    assert set(days) <= starts
