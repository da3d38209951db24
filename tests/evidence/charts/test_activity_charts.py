"""The data of the figures: bars, dots, forecasts, hours, data quality, the weekly course, how the evidence built up."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS, add_constant
from support import panels

from tracker.domain.records import ArmRule, Cutover
from tracker.evidence.charts import activity_charts, weekly
from tracker.evidence.results import ActivityChartData, ActivityHours, Bin, Interval

CUT = 15_999  # a Monday
FIRST_WEEK = (CUT + 3) // 7 - 20


def work(developers: int = 8, n: int = 2000, per_week: float = 1.0) -> pd.DataFrame:
    """40 weeks of work, half of them before ``CUT``: y = 1 + 0.7 x + noise, in the second half shorter by e^−0.4."""
    rng = np.random.default_rng(4)
    week = np.sort(rng.integers(0, round(40 * per_week), n)) / per_week
    x = rng.normal(4, 0.8, n)
    after = week >= 20
    made = panels.frame(
        developer=[f"d{d}" for d in rng.integers(0, developers, n)],
        arm=np.where(after, "assistance", "baseline"),
        minutes=np.exp(1 + 0.7 * x - 0.4 * after + rng.normal(0, 0.5, n)),
        estimate_minutes=np.exp(x),
    )
    return made.assign(month=FIRST_WEEK + week.astype(int))


def by_week(items: pd.DataFrame) -> pd.DataFrame:
    """Weekly moments (``work`` puts the week where the month stands)."""
    return panels.moments(items)


def test_a_picture_holds_the_figures_of_one_activity() -> None:
    """Its parts are those of the frames; the items are read only where they are few enough to be drawn."""
    items = work()
    frame = pd.DataFrame([("baseline", 3, 4)], columns=["arm", "bin", "n"])
    frames = {
        "moments": by_week(items),
        "weekly": by_week(items),
        "distribution": frame,
        "width": 0.5,
    }
    asked = {"rule": ArmRule("rollout", (Cutover(CUT),)), "adjusted": True, "fit": counting}
    made = activity_charts.activity_chart_data("design", items=lambda: items, **frames, **asked)
    assert made.bins == activity_charts.bins(frame, width=0.5)
    assert made.weeks == weekly.weeks(frames["weekly"], adjusted=True, cutover_days=(CUT,))
    assert (len(made.dots), len(made.looks), len(made.forecasts), made.cutover_days) == (
        2000,
        20,
        2,
        (CUT,),
    )
    assert (
        activity_charts.activity_chart_data(
            "design", items=lambda: items, **frames, **asked, own_log=True
        )
        == made
    )
    frames["moments"] = by_week(work(n=2001))
    assert (
        activity_charts.activity_chart_data(
            "design", items=lambda: pytest.fail("read"), **frames, **asked
        ).dots
        == ()
    )


def test_a_picture_of_few_developers_is_for_themselves() -> None:
    """Where four stand behind an arm others see that it is withheld, and nothing of it; its own reader sees it."""
    items = work()
    few = items["developer"].isin(["d0", "d1", "d2", "d3"])
    moments = by_week(items[few | (items["arm"] == "baseline")])
    frame = pd.DataFrame([("baseline", 3, 4)], columns=["arm", "bin", "n"])
    asked = {
        "rule": ArmRule("assisted"),
        "adjusted": True,
        "fit": counting,
        "items": lambda: items,
        "width": 0.5,
    }
    asked |= {"moments": moments, "weekly": moments, "distribution": frame}
    assert activity_charts.activity_chart_data("design", **asked) == ActivityChartData(
        "design", suppressed=True
    )
    assert activity_charts.activity_chart_data("design", **asked, own_log=True).bins


def test_bins_are_contiguous_and_count_every_item() -> None:
    """Bars between e^(b·width) and e^((b+1)·width); the empty ones between are there too, with 0."""
    counted = [("baseline", -1, 2), ("baseline", 2, 5), ("assistance", 1, 3)]
    frame = pd.DataFrame(counted, columns=["arm", "bin", "n"])
    found = activity_charts.bins(frame, width=0.5)
    assert [(b.baseline, b.assistance) for b in found] == [(2, 0), (0, 0), (0, 3), (5, 0)]
    assert found[0] == Bin(math.exp(-0.5), 1.0, 2, 0)
    assert all(left.high_minutes == right.low_minutes for left, right in itertools.pairwise(found))
    assert activity_charts.bins(frame.iloc[:0], width=0.5) == ()


def test_bins_of_one_arm_alone() -> None:
    """Where one arm has no item its bars are 0."""
    frame = pd.DataFrame([("assistance", 3, 4)], columns=["arm", "bin", "n"])
    assert [(b.baseline, b.assistance) for b in activity_charts.bins(frame, width=0.25)] == [(0, 4)]


def test_dots_are_the_closed_items_up_to_two_thousand() -> None:
    """One a closed item, by size; beyond 2,000 none at all."""
    items = work(n=2000)
    items.loc[:99, "status"] = "open"
    found = activity_charts.dots(items)
    assert len(found) == 1900
    own = [minutes for arm, minutes in found if arm == "baseline"]
    assert own == sorted(own)
    assert activity_charts.dots(work(n=2001)) == ()


def test_typical_minutes_are_the_geometric_mean() -> None:
    """Of the closed items of an arm; None where there are none."""
    items = work()
    baseline = items[items["arm"] == "baseline"]["minutes"]
    assert activity_charts.typical_minutes(by_week(items), "baseline") == pytest.approx(
        np.exp(np.log(baseline).mean()), rel=1e-12
    )
    assert (
        activity_charts.typical_minutes(by_week(items[items["arm"] == "baseline"]), "assistance")
        is None
    )


def test_cutover_days_are_a_handful_or_a_range() -> None:
    """Each day where they are few, else the first and the last; only rollouts have any."""
    assert activity_charts.cutover_days(
        ArmRule("rollout", (Cutover(20, "a"), Cutover(10, "b"), Cutover(20, "c")))
    ) == (
        10,
        20,
    )
    assert activity_charts.cutover_days(
        ArmRule("rollout", tuple(Cutover(d, f"d{d}") for d in range(9)))
    ) == (0, 8)
    assert activity_charts.cutover_days(ArmRule("assigned")) == ()


def test_forecasts_equal_a_clustered_mean() -> None:
    """Minutes over estimates: geometric mean and its interval equal statsmodels' cluster-robust mean, to 1e-9."""
    items = work()
    baseline, assistance = activity_charts.forecasts(by_week(items))
    mine = items[items["arm"] == "assistance"]
    off = np.log(mine["minutes"] / mine["estimate_minutes"])
    codes = pd.factorize(mine["developer"])[0]
    oracle = OLS(off.to_numpy(), np.ones(len(off))).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}, use_t=True
    )
    half = oracle.conf_int()[0][1] - oracle.params[0]
    scaled = half * math.sqrt(8 / 7)
    assert assistance.ratio is not None
    assert np.log([assistance.ratio.estimate, assistance.ratio.high]) == pytest.approx(
        [off.mean(), off.mean() + scaled], rel=1e-9
    )
    assert (baseline.arm, assistance.arm, assistance.items) == ("baseline", "assistance", len(mine))
    assert assistance.typical_estimate_minutes == pytest.approx(
        np.exp(np.log(mine["estimate_minutes"]).mean())
    )


def test_forecasts_of_few_developers_use_the_items() -> None:
    """Below five developers the interval is that of a plain mean; of one item there is no interval."""
    items = work(developers=3)
    mine = items[items["arm"] == "baseline"]
    off = np.log(mine["minutes"] / mine["estimate_minutes"])
    oracle = OLS(off.to_numpy(), np.ones(len(off))).fit().conf_int()[0]
    ratio = activity_charts.forecasts(by_week(items))[0].ratio
    assert ratio is not None
    assert np.log([ratio.low, ratio.high]) == pytest.approx(oracle, rel=1e-9)
    alone = activity_charts.forecasts(by_week(items.iloc[:1]))[0].ratio
    assert alone is not None
    assert (alone.low, alone.high) == (None, None)


def test_no_estimates_no_forecasts() -> None:
    """An arm without estimated items has none."""
    items = work()
    items.loc[items["arm"] == "baseline", "estimate_minutes"] = np.nan
    assert [forecast.arm for forecast in activity_charts.forecasts(by_week(items))] == [
        "assistance"
    ]


def test_hours_by_activity() -> None:
    """Seconds become hours; an activity that is absent from an arm has 0 there."""
    rows = [
        ("testing", "baseline", 3600),
        ("design", "assistance", 1800),
        ("design", "baseline", 7200),
    ]
    frame = pd.DataFrame(rows, columns=["activity", "arm", "seconds"])
    assert activity_charts.hours(frame) == (
        ActivityHours("design", 2.0, 0.5),
        ActivityHours("testing", 1.0, 0.0),
    )
    assert activity_charts.hours(frame.iloc[:0]) == ()


def test_activities_of_few_developers_are_thin() -> None:
    """Four behind one arm are too few, five behind both are not; where an arm has none there is nobody to guard."""
    rows = [
        ("a", "baseline", 4),
        ("a", "assistance", 9),
        ("b", "baseline", 5),
        ("b", "assistance", 5),
        ("c", "baseline", 7),
    ]
    frame = pd.DataFrame(rows, columns=["activity", "arm", "developers"])
    assert activity_charts.thin_activities(frame) == {"a"}


def quality_frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Moments, entries' quality and basis of a small log."""
    items = work(n=100)
    items.loc[:9, "status"] = "open"
    items.loc[:4, "estimate_minutes"] = np.nan
    columns = [
        "entries",
        "late",
        "heaped_15",
        "overlapping",
        "over_12h",
        "logged_after",
        "edited_after",
    ]
    entries = pd.DataFrame([[150, 3, 0, 0, 0, 1, 0], [50, 1, 0, 0, 1, 0, 0]], columns=columns)
    told = [("yes", "trailer", 30), ("no", "flag", 90), ("unknown", np.nan, 80)]
    return panels.moments(items), entries, pd.DataFrame(told, columns=["assisted", "basis", "n"])


def test_quality_rows_say_what_and_how_many() -> None:
    """Counts with their share of items, entries or answers; a bare 0 where there is nothing."""
    found = dict(activity_charts.quality(*quality_frames(), rejected=3))
    assert found["work items judged"] == "100"
    assert found["work items not finished"] == "10 (10\N{NO-BREAK SPACE}%)"
    assert found["work items without an estimate"] == "5 (5\N{NO-BREAK SPACE}%)"
    assert found["entries written down more than 2 days late"] == "4 (2\N{NO-BREAK SPACE}%)"
    assert found["entries overlapping an earlier one"] == "0"
    assert found["entries that say whether assisted"] == "120 (60\N{NO-BREAK SPACE}%)"
    assert found["of those, inferred"] == "30 (25\N{NO-BREAK SPACE}%)"
    assert found["rows rejected at import"] == "3"


def test_quality_of_nothing_is_all_zero() -> None:
    """An empty log has rows of 0, no division by it."""
    empty = [frame.iloc[:0] for frame in quality_frames()]
    assert {figure for _, figure in activity_charts.quality(*empty)} == {"0"}


def test_weeks_equal_a_regression_on_rows() -> None:
    """Typical minutes of a week are the mean of y − b(x − x̄), b the slope within developers and arms from rows."""
    items = work()
    y, x = np.log(items["minutes"]), np.log(items["estimate_minutes"])
    dummies = pd.get_dummies(items["developer"], drop_first=True, dtype=float)
    regressors = add_constant(
        pd.concat([x.rename("x"), (items["arm"] == "assistance").astype(float), dummies], axis=1)
    )
    moved = y - OLS(y, regressors).fit().params["x"] * (x - x.mean())
    found = weekly.weeks(by_week(items), adjusted=True, cutover_days=(CUT,))
    of_weeks = moved.groupby(items["month"])
    assert len(found) == 40
    assert [week.items for week in found] == of_weeks.size().tolist()
    made = [week.adjusted.estimate for week in found if week.adjusted]
    assert np.log(made) == pytest.approx(of_weeks.mean().to_numpy(), rel=1e-9)
    spread = math.sqrt(((moved - of_weeks.transform("mean")) ** 2).sum() / (len(items) - 40))
    highs = [week.adjusted.high for week in found if week.adjusted and week.adjusted.high]
    widths = (np.log(highs) - np.log(made)) * np.sqrt(of_weeks.size()) / spread
    assert widths.to_numpy() == pytest.approx(1.961, abs=0.002)


def test_weeks_begin_on_mondays_and_show_the_change() -> None:
    """The first week of the log and of the rollout are where they are; minutes fall by a third with it."""
    found = weekly.weeks(by_week(work()), adjusted=True, cutover_days=(CUT,))
    assert found[0].first_day == CUT - 140
    before, after = (
        [w.adjusted.estimate for w in found if w.adjusted and (w.first_day >= CUT) is side]
        for side in (False, True)
    )
    assert len(before) == len(after) == 20
    assert np.mean(after) / np.mean(before) == pytest.approx(math.exp(-0.4), abs=0.05)


def test_weeks_without_estimates_are_as_they_stand() -> None:
    """Where the comparison takes no estimates the plain geometric mean is shown, of every closed item."""
    items = work().assign(estimate_minutes=np.nan)
    found = weekly.weeks(by_week(items), adjusted=False)
    plain = np.exp(np.log(items["minutes"]).groupby(items["month"]).mean())
    assert [w.adjusted.estimate for w in found if w.adjusted] == pytest.approx(plain.tolist())


def test_the_baselines_typical_task_is_adjusted_as_its_weeks_are() -> None:
    """It is the mean of the baseline's weeks, weighted by their items, not of the minutes as they stand."""
    items = work()
    longer = items["arm"] == "assistance"
    items.loc[longer, ["minutes", "estimate_minutes"]] *= np.exp([0.7, 1.0])
    moments = by_week(items)
    before = [
        w for w in weekly.weeks(moments, adjusted=True, cutover_days=(CUT,)) if w.first_day < CUT
    ]
    logs = [math.log(week.adjusted.estimate) for week in before if week.adjusted]
    found = weekly.typical_baseline(moments, adjusted=True)
    assert found is not None
    assert math.log(found) == pytest.approx(
        np.average(logs, weights=[week.items for week in before]), rel=1e-9
    )
    assert found > 1.2 * (activity_charts.typical_minutes(moments, "baseline") or math.inf)
    assert weekly.typical_baseline(moments[moments["arm"] == "assistance"], adjusted=True) is None


def test_thin_weeks_are_merged_but_not_across_the_rollout() -> None:
    """No week of fewer than five developers or items is shown alone; no item is lost; both sides stay apart."""
    items = work(n=150)
    found = weekly.weeks(by_week(items), adjusted=True, cutover_days=(CUT,))
    assert 2 < len(found) < 40
    assert all(week.developers >= 5 and week.items >= 5 for week in found)
    assert sum(week.items for week in found) == 150
    before = sum(week.items for week in found if week.first_day < CUT)
    assert before == (items["arm"] == "baseline").sum()


def test_a_side_of_few_developers_is_not_shown() -> None:
    """In a log of eight developers a baseline of four is withheld."""
    items = work()
    four = items["developer"].isin(["d0", "d1", "d2", "d3"])
    found = weekly.weeks(
        by_week(items[four | (items["arm"] == "assistance")]), adjusted=True, cutover_days=(CUT,)
    )
    assert min(week.first_day for week in found) == CUT


def test_weeks_of_few_developers_are_for_themselves() -> None:
    """In a log of three nothing is shown to others; in one's own log nothing is merged."""
    assert weekly.weeks(by_week(work(developers=3, n=150)), adjusted=True) == ()
    own = work(developers=1, n=150)
    assert len(weekly.weeks(by_week(own), adjusted=True, own_log=True)) == own["month"].nunique()


def test_a_single_item_has_a_week_without_a_band() -> None:
    """One item shows where it lies, no band; no closed item shows nothing."""
    one = work(developers=1).iloc[:1]
    (week,) = weekly.weeks(by_week(one), adjusted=True, own_log=True)
    assert week.adjusted is not None
    assert (week.adjusted.low, week.adjusted.high) == (None, None)
    assert week.adjusted.estimate == pytest.approx(one["minutes"].iloc[0])
    assert weekly.weeks(by_week(one.assign(status="open")), adjusted=True, own_log=True) == ()


def counting(moments: pd.DataFrame, last_day: int) -> Interval:
    """An estimate that tells how much it was given."""
    return Interval(
        float(moments["n"].sum()), float(moments["period"].min()), float(moments["period"].max())
    )


def test_looks_cumulate_the_weeks() -> None:
    """Each look has all items until its week, in months; the first when both arms are there, the last is the whole."""
    items = work()
    found = weekly.looks(by_week(items), counting)
    assert len(found) == 20
    until = [int((items["month"] <= FIRST_WEEK + week).sum()) for week in range(20, 40)]
    assert [look.items for look in found] == until
    assert [look.log_ratio.estimate for look in found if look.log_ratio] == until
    assert [look.last_day for look in found] == [CUT + 6 + 7 * week for week in range(20)]
    last = found[-1].log_ratio
    assert last is not None
    first_month, last_month = (
        pd.Timestamp(day * 86_400, unit="s") for day in (CUT - 140, CUT + 133)
    )
    assert last.low == (first_month.year - 1970) * 12 + first_month.month - 1
    assert last.high == (last_month.year - 1970) * 12 + last_month.month - 1
    assert all(look.anytime is None for look in found)


def test_looks_are_thirty_at_most_with_the_anytime_band_where_asked_for() -> None:
    """A long log is looked at 30 times, evenly, its last week among them."""
    items = work(per_week=2.0)
    items["month"] = FIRST_WEEK + ((items["month"] - FIRST_WEEK) * 4)
    items = items.assign(month=items["month"] + np.random.default_rng(1).integers(0, 4, len(items)))
    found = weekly.looks(by_week(items), lambda *_: None, counting)
    assert len(found) == 30
    assert found[-1].items == len(items)
    assert all(look.log_ratio is None and look.anytime is not None for look in found)
    assert np.ptp(np.diff([look.last_day for look in found])) <= 7


def test_looks_wait_for_five_developers() -> None:
    """While fewer than five have worked in either arm there is no look, unless it is the reader's own log."""
    items = work()
    late = items["developer"].isin(["d4", "d5", "d6", "d7"])
    waiting = items[~late | (items["arm"] == "baseline") | (items["month"] >= FIRST_WEEK + 30)]
    assert len(weekly.looks(by_week(waiting), counting)) == 10
    assert weekly.looks(by_week(items[~late | (items["arm"] == "assistance")]), counting) == ()
    assert weekly.looks(by_week(work(developers=4)), counting) == ()
    assert len(weekly.looks(by_week(work(developers=1)), counting, own_log=True)) == 20


def test_each_look_is_told_its_last_day() -> None:
    """So that an estimate which needs the items takes those begun by then, as its moments are."""
    days: list[int] = []

    def fit(moments: pd.DataFrame, last_day: int) -> None:
        days.append(last_day)
        assert moments["n"].sum() == (items["month"] <= (last_day + 3) // 7).sum()

    items = work()
    found = weekly.looks(by_week(items), fit)
    assert days == [look.last_day for look in found]


def test_no_looks_without_both_arms() -> None:
    """Where one arm is empty there is nothing to look at."""
    items = work()
    assert weekly.looks(by_week(items[items["arm"] == "baseline"]), counting) == ()
