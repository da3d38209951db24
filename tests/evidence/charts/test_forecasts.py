"""Forecasts and outcomes by arm."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS
from support.weekly_work import by_week, work

from tracker.evidence.charts.forecasts import arm_forecasts


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
