"""Forecasts and outcomes: the minutes estimated beforehand and the minutes taken, in each arm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracker.domain.records import ARMS, Arm
from tracker.evidence.assessment import ActivityChartData, Forecast
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.intervals import StandardError, confidence_interval
from tracker.evidence.results import Interval, exponentiate

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class ForecastData:
    """The forecasts of one activity that had an outcome, one an arm."""

    activity: str
    forecasts: tuple[Forecast, ...]


def forecast_data(chart_data: ActivityChartData) -> ForecastData | None:
    """Return the forecasts of one activity; None where no closed work item has an estimate."""
    forecasts = tuple(forecast for forecast in chart_data.forecasts if forecast.ratio)
    return ForecastData(chart_data.activity, forecasts) if forecasts else None


def arm_forecasts(moments: pd.DataFrame) -> tuple[Forecast, ...]:
    """Return minutes over estimate of each arm, as a geometric mean with its 95 % interval.

    The standard error is that of the mean over developers (cluster-robust, t(G − 1)); below five
    developers that of the items alone. An arm without closed items that are estimated in minutes
    has no forecast.

    Args:
        moments: Moments of one activity, every status.

    """
    estimated = moments[(moments["status"] == "closed") & (moments["w"] > 0)]
    return tuple(
        _forecast(arm, rows) for arm in ARMS if len(rows := estimated[estimated["arm"] == arm])
    )


def expected_log_ratio(expected: pd.DataFrame, *, min_developers: int) -> float | None:
    """Return the developers' own forecast of θ: the mean of ln(estimate with / without).

    Args:
        expected: What each developer of one activity expected: ``n`` items and the sum
            ``log_ratio``.
        min_developers: Developers below which it is not shown.

    Returns:
        The mean over work items; None without any, or where it is not shown.

    """
    if len(expected) < min_developers or expected.empty:
        return None
    return float(expected["log_ratio"].sum() / expected["n"].sum())


def _forecast(arm: Arm, rows: pd.DataFrame) -> Forecast:
    n = float(rows["n"].sum())
    y, x = float(rows["y"].sum()) / n, float(rows["x"].sum()) / n
    interval = confidence_interval(y - x, _standard_error(rows, y - x), LEVEL)
    ratio = exponentiate(interval or Interval(y - x, None, None))
    return Forecast(arm, int(n), math.exp(x), math.exp(y), ratio)


def _standard_error(rows: pd.DataFrame, mean: float) -> StandardError | None:
    """Return the standard error of the mean of y − x over items; None for a single item."""
    n = float(rows["n"].sum())
    deviations = rows.assign(deviation=rows["y"] - rows["x"] - rows["n"] * mean)
    by_developer = deviations.groupby("developer")["deviation"].sum()
    G = len(by_developer)
    if G >= MIN_CLUSTERS:
        return StandardError(math.sqrt(G / (G - 1) * float(np.sum(by_developer**2))) / n, G - 1)
    squares = float((rows["yy"] - 2 * rows["xy"] + rows["xx"]).sum()) - n * mean**2
    return StandardError(math.sqrt(max(squares, 0.0) / (n - 1) / n), n - 1) if n > 1 else None
