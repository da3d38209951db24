"""The data of one activity's charts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support.weekly_work import CUT, by_week, counting, work

from tracker.domain.records import ArmRule, Cutover
from tracker.evidence.assessment import ActivityChartData
from tracker.evidence.charts.activity_charts import (
    ActivityChartInputs,
    activity_chart_data,
    cutover_days,
    typical_minutes,
)
from tracker.evidence.charts.course import course_periods
from tracker.evidence.charts.distributions import minute_bins


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
        "adjusted_items": lambda: None,
        "expected": pd.DataFrame(columns=["n", "log_ratio"]),
        "estimate": counting,
    }
    return ActivityChartInputs(**{**usual, **fields})


def test_the_chart_data_consists_of_the_parts_of_its_frames() -> None:
    """Its parts are those made from the frames; items are read only where they will be drawn."""
    items = work()
    inputs = chart_inputs(items)
    data = activity_chart_data(inputs)
    assert data.bins == minute_bins(inputs.distribution, width=0.5)
    assert data.periods == course_periods(inputs.weekly, adjusted=True, cutover_days=(CUT,))
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
