"""The data of the charts that is made from the frames of one activity."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS, add_constant
from support import panels

from tracker.domain.records import ArmRule, Cutover
from tracker.evidence.charts.activity_charts import (
    ActivityChartInputs,
    activity_chart_data,
    cutover_days,
    typical_minutes,
)
from tracker.evidence.charts.buildup import interim_looks
from tracker.evidence.charts.course import typical_baseline, weekly_course
from tracker.evidence.charts.data_quality import quality_figures
from tracker.evidence.charts.distributions import item_dots, minute_bins
from tracker.evidence.charts.forecasts import arm_forecasts
from tracker.evidence.charts.hours import activities_of_few_developers, hours_by_activity
from tracker.evidence.results import ActivityChartData, ActivityHours, Bin, Interval

CUT = 15_999  # a Monday
FIRST_WEEK = (CUT + 3) // 7 - 20


def work(developers: int = 8, n: int = 2000, per_week: float = 1.0) -> pd.DataFrame:
    """Return 40 weeks of work items: y = 1 + 0.7 x + noise, less 0.4 from ``CUT`` on, halfway."""
    rng = np.random.default_rng(4)
    week = np.sort(rng.integers(0, round(40 * per_week), n)) / per_week
    x = rng.normal(4, 0.8, n)
    after = week >= 20
    items = panels.frame(
        developer=[f"d{d}" for d in rng.integers(0, developers, n)],
        arm=np.where(after, "assistance", "baseline"),
        minutes=np.exp(1 + 0.7 * x - 0.4 * after + rng.normal(0, 0.5, n)),
        estimate_minutes=np.exp(x),
    )
    return items.assign(month=FIRST_WEEK + week.astype(int))


def by_week(items: pd.DataFrame) -> pd.DataFrame:
    """Return weekly moments (``work`` stores the week as the month)."""
    return panels.moments(items)


def chart_inputs(work_items: pd.DataFrame, **fields: object) -> ActivityChartInputs:
    """Return the inputs of one activity's charts; ``fields`` replace or add."""
    usual = {
        "activity": "design",
        "rule": ArmRule("rollout", (Cutover(CUT),)),
        "adjusted": True,
        "moments": by_week(work_items),
        "weekly": by_week(work_items),
        "distribution": pd.DataFrame([("baseline", 3, 4)], columns=["arm", "bin", "n"]),
        "bin_width": 0.5,
        "items": lambda: work_items,
        "estimate": counting,
    }
    return ActivityChartInputs(**{**usual, **fields})


def test_the_chart_data_consists_of_the_parts_of_its_frames() -> None:
    """Its parts are those made from the frames; items are read only where they will be drawn."""
    items = work()
    inputs = chart_inputs(items)
    data = activity_chart_data(inputs)
    assert data.bins == minute_bins(inputs.distribution, width=0.5)
    assert data.weeks == weekly_course(inputs.weekly, adjusted=True, cutover_days=(CUT,))
    assert (len(data.dots), len(data.looks), len(data.forecasts)) == (2000, 20, 2)
    assert data.cutover_days == (CUT,)
    assert activity_chart_data(chart_inputs(items, own_log=True)) == data
    large = chart_inputs(
        items, moments=by_week(work(n=2001)), items=lambda: pytest.fail("items are read")
    )
    assert activity_chart_data(large).dots == ()


def test_chart_data_of_few_developers_is_suppressed() -> None:
    """With four developers in an arm it holds nothing, except for a reader whose own log it is."""
    items = work()
    few = items["developer"].isin(["d0", "d1", "d2", "d3"])
    moments = by_week(items[few | (items["arm"] == "baseline")])
    fields = {"rule": ArmRule("assisted"), "moments": moments, "weekly": moments}
    suppressed = ActivityChartData("design", suppressed=True)
    assert activity_chart_data(chart_inputs(items, **fields)) == suppressed
    assert activity_chart_data(chart_inputs(items, own_log=True, **fields)).bins


def test_bins_are_contiguous_and_count_every_item() -> None:
    """Bins lie between e^(b·width) and e^((b+1)·width); empty ones in between hold 0."""
    counts = [("baseline", -1, 2), ("baseline", 2, 5), ("assistance", 1, 3)]
    frame = pd.DataFrame(counts, columns=["arm", "bin", "n"])
    bins = minute_bins(frame, width=0.5)
    assert [(b.baseline, b.assistance) for b in bins] == [(2, 0), (0, 0), (0, 3), (5, 0)]
    assert bins[0] == Bin(math.exp(-0.5), 1.0, 2, 0)
    assert all(left.high_minutes == right.low_minutes for left, right in itertools.pairwise(bins))
    assert minute_bins(frame.iloc[:0], width=0.5) == ()


def test_bins_of_a_single_arm() -> None:
    """An arm without items has 0 in every bin."""
    frame = pd.DataFrame([("assistance", 3, 4)], columns=["arm", "bin", "n"])
    assert [(b.baseline, b.assistance) for b in minute_bins(frame, width=0.25)] == [(0, 4)]


def test_dots_are_the_closed_items_up_to_two_thousand() -> None:
    """Each closed item is a dot, sorted by size; beyond 2,000 items there is none."""
    items = work(n=2000)
    items.loc[:99, "status"] = "open"
    dots = item_dots(items)
    assert len(dots) == 1900
    baseline = [minutes for arm, minutes in dots if arm == "baseline"]
    assert baseline == sorted(baseline)
    assert item_dots(work(n=2001)) == ()


def test_typical_minutes_are_the_geometric_mean() -> None:
    """They are the geometric mean of an arm's closed items, and None without any."""
    items = work()
    baseline = items[items["arm"] == "baseline"]["minutes"]
    assert typical_minutes(by_week(items), "baseline") == pytest.approx(
        np.exp(np.log(baseline).mean()), rel=1e-12
    )
    assert typical_minutes(by_week(items[items["arm"] == "baseline"]), "assistance") is None


def test_cutover_days_are_at_most_five_or_a_range() -> None:
    """Beyond five days they are the first and the last; only rollouts have any."""
    assert cutover_days(
        ArmRule("rollout", (Cutover(20, "a"), Cutover(10, "b"), Cutover(20, "c")))
    ) == (
        10,
        20,
    )
    assert cutover_days(ArmRule("rollout", tuple(Cutover(d, f"d{d}") for d in range(9)))) == (0, 8)
    assert cutover_days(ArmRule("assigned")) == ()


def test_forecasts_equal_a_clustered_mean() -> None:
    """Their geometric mean and interval equal statsmodels' cluster-robust mean to 1e-9."""
    items = work()
    baseline, assistance = arm_forecasts(by_week(items))
    rows = items[items["arm"] == "assistance"]
    log_errors = np.log(rows["minutes"] / rows["estimate_minutes"])
    codes = pd.factorize(rows["developer"])[0]
    oracle = OLS(log_errors.to_numpy(), np.ones(len(log_errors))).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}, use_t=True
    )
    uncorrected = oracle.conf_int()[0][1] - oracle.params[0]
    half_width = uncorrected * math.sqrt(8 / 7)
    assert assistance.ratio is not None
    assert np.log([assistance.ratio.estimate, assistance.ratio.high]) == pytest.approx(
        [log_errors.mean(), log_errors.mean() + half_width], rel=1e-9
    )
    assert (baseline.arm, assistance.arm, assistance.items) == ("baseline", "assistance", len(rows))
    assert assistance.typical_estimate_minutes == pytest.approx(
        np.exp(np.log(rows["estimate_minutes"]).mean())
    )


def test_forecasts_of_few_developers_use_the_items() -> None:
    """Below five developers it is the interval of a plain mean; a single item has no interval."""
    items = work(developers=3)
    rows = items[items["arm"] == "baseline"]
    log_errors = np.log(rows["minutes"] / rows["estimate_minutes"])
    oracle = OLS(log_errors.to_numpy(), np.ones(len(log_errors))).fit().conf_int()[0]
    ratio = arm_forecasts(by_week(items))[0].ratio
    assert ratio is not None
    assert np.log([ratio.low, ratio.high]) == pytest.approx(oracle, rel=1e-9)
    single = arm_forecasts(by_week(items.iloc[:1]))[0].ratio
    assert single is not None
    assert (single.low, single.high) == (None, None)


def test_without_estimates_there_are_no_forecasts() -> None:
    """An arm without estimated items has no forecast."""
    items = work()
    items.loc[items["arm"] == "baseline", "estimate_minutes"] = np.nan
    assert [forecast.arm for forecast in arm_forecasts(by_week(items))] == ["assistance"]


def test_hours_by_activity() -> None:
    """Seconds become hours; an activity that is absent from an arm has 0 in it."""
    rows = [
        ("testing", "baseline", 3600),
        ("design", "assistance", 1800),
        ("design", "baseline", 7200),
    ]
    frame = pd.DataFrame(rows, columns=["activity", "arm", "seconds"])
    assert hours_by_activity(frame) == (
        ActivityHours("design", 2.0, 0.5),
        ActivityHours("testing", 1.0, 0.0),
    )
    assert hours_by_activity(frame.iloc[:0]) == ()


def test_activities_of_few_developers() -> None:
    """Four developers in an arm are too few, five are not; an absent arm does not count."""
    rows = [
        ("a", "baseline", 4),
        ("a", "assistance", 9),
        ("b", "baseline", 5),
        ("b", "assistance", 5),
        ("c", "baseline", 7),
    ]
    frame = pd.DataFrame(rows, columns=["activity", "arm", "developers"])
    assert activities_of_few_developers(frame) == {"a"}


def quality_frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the moments, the entries' quality and the basis of a small log."""
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
    answers = [("yes", "trailer", 30), ("no", "flag", 90), ("unknown", np.nan, 80)]
    return panels.moments(items), entries, pd.DataFrame(answers, columns=["assisted", "basis", "n"])


def test_quality_figures_are_counts_with_shares() -> None:
    """Each is a count with its share of items, entries or answers; 0 has no share."""
    figures = dict(quality_figures(*quality_frames(), rejected=3))
    assert figures["work items judged"] == "100"
    assert figures["work items not finished"] == "10 (10\N{NO-BREAK SPACE}%)"
    assert figures["work items without an estimate"] == "5 (5\N{NO-BREAK SPACE}%)"
    assert figures["entries written down more than 2 days late"] == "4 (2\N{NO-BREAK SPACE}%)"
    assert figures["entries overlapping an earlier one"] == "0"
    assert figures["entries that say whether assisted"] == "120 (60\N{NO-BREAK SPACE}%)"
    assert figures["of those, inferred"] == "30 (25\N{NO-BREAK SPACE}%)"
    assert figures["rows rejected at import"] == "3"


def test_quality_of_nothing_is_all_zero() -> None:
    """An empty log has a 0 in every figure."""
    empty = [frame.iloc[:0] for frame in quality_frames()]
    assert {figure for _, figure in quality_figures(*empty)} == {"0"}


def test_weeks_equal_a_regression_on_rows() -> None:
    """A week is the mean of y − b(x − x̄), b the slope within developers and arms from rows."""
    items = work()
    y, x = np.log(items["minutes"]), np.log(items["estimate_minutes"])
    dummies = pd.get_dummies(items["developer"], drop_first=True, dtype=float)
    regressors = add_constant(
        pd.concat([x.rename("x"), (items["arm"] == "assistance").astype(float), dummies], axis=1)
    )
    adjusted = y - OLS(y, regressors).fit().params["x"] * (x - x.mean())
    weeks = weekly_course(by_week(items), adjusted=True, cutover_days=(CUT,))
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
    weeks = weekly_course(by_week(work()), adjusted=True, cutover_days=(CUT,))
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
    weeks = weekly_course(by_week(items), adjusted=False)
    plain = np.exp(np.log(items["minutes"]).groupby(items["month"]).mean())
    assert [w.adjusted.estimate for w in weeks if w.adjusted] == pytest.approx(plain.tolist())


def test_the_typical_baseline_is_adjusted_as_its_weeks_are() -> None:
    """It is the mean of the baseline's weeks, weighted by items, not that of raw minutes."""
    items = work()
    longer = items["arm"] == "assistance"
    items.loc[longer, ["minutes", "estimate_minutes"]] *= np.exp([0.7, 1.0])
    moments = by_week(items)
    before = [
        w for w in weekly_course(moments, adjusted=True, cutover_days=(CUT,)) if w.first_day < CUT
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
    weeks = weekly_course(by_week(items), adjusted=True, cutover_days=(CUT,))
    assert 2 < len(weeks) < 40
    assert all(week.developers >= 5 and week.items >= 5 for week in weeks)
    assert sum(week.items for week in weeks) == 150
    before = sum(week.items for week in weeks if week.first_day < CUT)
    assert before == (items["arm"] == "baseline").sum()


def test_an_arm_of_few_developers_is_not_shown() -> None:
    """In a log of eight developers a baseline of four is not shown."""
    items = work()
    four = items["developer"].isin(["d0", "d1", "d2", "d3"])
    weeks = weekly_course(
        by_week(items[four | (items["arm"] == "assistance")]), adjusted=True, cutover_days=(CUT,)
    )
    assert min(week.first_day for week in weeks) == CUT


def test_weeks_of_few_developers_are_shown_in_their_own_log() -> None:
    """A log of three shows nothing to others; in the reader's own log no week is merged."""
    assert weekly_course(by_week(work(developers=3, n=150)), adjusted=True) == ()
    items = work(developers=1, n=150)
    assert (
        len(weekly_course(by_week(items), adjusted=True, own_log=True)) == items["month"].nunique()
    )


def test_a_single_item_has_a_week_without_a_band() -> None:
    """A single item has a week without bounds; without a closed item there is no week."""
    item = work(developers=1).iloc[:1]
    (week,) = weekly_course(by_week(item), adjusted=True, own_log=True)
    assert week.adjusted is not None
    assert (week.adjusted.low, week.adjusted.high) == (None, None)
    assert week.adjusted.estimate == pytest.approx(item["minutes"].iloc[0])
    assert weekly_course(by_week(item.assign(status="open")), adjusted=True, own_log=True) == ()


def counting(moments: pd.DataFrame, last_day: int) -> Interval:
    """Return an estimate that consists of the number of items and the first and last period."""
    return Interval(
        float(moments["n"].sum()), float(moments["period"].min()), float(moments["period"].max())
    )


def test_looks_are_cumulative() -> None:
    """Each has all items until its week, by month.

    The first is that in which both arms have begun, the last covers the whole log.
    """
    items = work()
    looks = interim_looks(by_week(items), counting)
    assert len(looks) == 20
    until = [int((items["month"] <= FIRST_WEEK + week).sum()) for week in range(20, 40)]
    assert [look.items for look in looks] == until
    assert [look.log_ratio.estimate for look in looks if look.log_ratio] == until
    assert [look.last_day for look in looks] == [CUT + 6 + 7 * week for week in range(20)]
    last = looks[-1].log_ratio
    assert last is not None
    first_month, last_month = (
        pd.Timestamp(day * 86_400, unit="s") for day in (CUT - 140, CUT + 133)
    )
    assert last.low == (first_month.year - 1970) * 12 + first_month.month - 1
    assert last.high == (last_month.year - 1970) * 12 + last_month.month - 1
    assert all(look.anytime is None for look in looks)


def test_looks_are_thirty_at_most_with_an_anytime_band_on_request() -> None:
    """A long log has 30 looks, evenly spaced, the last week among them."""
    items = work(per_week=2.0)
    items["month"] = FIRST_WEEK + ((items["month"] - FIRST_WEEK) * 4)
    items = items.assign(month=items["month"] + np.random.default_rng(1).integers(0, 4, len(items)))
    looks = interim_looks(by_week(items), lambda *_: None, counting)
    assert len(looks) == 30
    assert looks[-1].items == len(items)
    assert all(look.log_ratio is None and look.anytime is not None for look in looks)
    assert np.ptp(np.diff([look.last_day for look in looks])) <= 7


def test_looks_wait_for_five_developers() -> None:
    """Until five developers have worked in each arm there is no look, unless the log is own."""
    items = work()
    late = items["developer"].isin(["d4", "d5", "d6", "d7"])
    waiting = items[~late | (items["arm"] == "baseline") | (items["month"] >= FIRST_WEEK + 30)]
    assert len(interim_looks(by_week(waiting), counting)) == 10
    assert interim_looks(by_week(items[~late | (items["arm"] == "assistance")]), counting) == ()
    assert interim_looks(by_week(work(developers=4)), counting) == ()
    assert len(interim_looks(by_week(work(developers=1)), counting, own_log=True)) == 20


def test_each_look_gets_its_last_day() -> None:
    """An estimate that needs items can take those begun by then, as its moments do."""
    days: list[int] = []

    def fit(moments: pd.DataFrame, last_day: int) -> None:
        days.append(last_day)
        assert moments["n"].sum() == (items["month"] <= (last_day + 3) // 7).sum()

    items = work()
    looks = interim_looks(by_week(items), fit)
    assert days == [look.last_day for look in looks]


def test_no_looks_without_both_arms() -> None:
    """Where an arm is empty there is no look."""
    items = work()
    assert interim_looks(by_week(items[items["arm"] == "baseline"]), counting) == ()
