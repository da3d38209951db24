"""The data of one activity's charts, made from the frames that the store aggregates."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.records import Arm, ArmRule
from tracker.evidence.assessment import ActivityChartData
from tracker.evidence.charts.adjustment import AdjustedItems
from tracker.evidence.charts.buildup import EstimateUntil, interim_looks
from tracker.evidence.charts.course import course_periods, period_length, typical_baseline
from tracker.evidence.charts.distributions import (
    MAX_DOTS,
    bins_of_dots,
    item_dots,
    minute_bins,
)
from tracker.evidence.charts.forecasts import arm_forecasts, expected_log_ratio

MAX_CUTOVER_DAYS = 5
"""Rollouts up to which each has its mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityChartInputs:
    """One activity's frames and how to estimate its effect."""

    activity: str
    rule: ArmRule
    adjusted: bool
    """Whether the comparison takes the tasks' estimates into account."""
    moments: pd.DataFrame
    """By month, every status."""
    weekly: pd.DataFrame
    """Moments by week, every status."""
    distribution: pd.DataFrame
    """Work items by arm and bin."""
    bin_width: float
    """Width of a bin in natural-log units of minutes."""
    items: Callable[[], pd.DataFrame]
    """Returns one row a work item; called only where there are at most ``MAX_DOTS``."""
    adjusted_items: Callable[[], AdjustedItems | None]
    """Returns the items that the headline compares; called where ``items`` may be."""
    expected: pd.DataFrame
    """What developers expected of assistance: ``n`` and ``log_ratio`` by developer."""
    estimate: EstimateUntil
    anytime: EstimateUntil | None = None
    """The estimate whose bounds hold at all looks together; None to leave it out."""
    own_log: bool = False
    """Whether the log is the reader's own: nothing is suppressed then."""


def activity_chart_data(inputs: ActivityChartInputs) -> ActivityChartData:
    """Return the data of one activity's charts.

    Suppressed where fewer than five developers stand behind an arm, unless the log is the reader's
    own.
    """
    moments, weekly, own_log = inputs.moments, inputs.weekly, inputs.own_log
    closed = moments[moments["status"] == "closed"]
    developers = closed.groupby("arm")["developer"].nunique()
    if not own_log and (developers < MIN_DEVELOPERS_SHOWN).any():
        return ActivityChartData(inputs.activity, suppressed=True)
    days, length = cutover_days(inputs.rule), period_length(weekly)
    is_small = closed["n"].sum() <= MAX_DOTS
    adjusted = inputs.adjusted_items() if is_small else None
    dots = adjusted.items if adjusted else item_dots(inputs.items()) if is_small else ()
    return ActivityChartData(
        inputs.activity,
        bins=bins_of_dots(dots, width=inputs.bin_width)
        if adjusted
        else minute_bins(inputs.distribution, width=inputs.bin_width),
        dots=dots,
        centre_minutes=adjusted.centre_minutes if adjusted else None,
        typical_baseline_minutes=typical_minutes(moments, "baseline"),
        typical_assistance_minutes=typical_minutes(moments, "assistance"),
        adjusted_baseline_minutes=typical_baseline(weekly, adjusted=inputs.adjusted),
        periods=course_periods(
            weekly,
            length,
            adjusted=inputs.adjusted,
            cutover_days=days,
            by_arm=inputs.rule.by in ("assigned", "assisted"),
            own_log=own_log,
        ),
        period_length=length,
        cutover_days=days,
        looks=interim_looks(weekly, inputs.estimate, inputs.anytime, own_log=own_log),
        forecasts=arm_forecasts(moments),
        expected_log_ratio=expected_log_ratio(
            inputs.expected, min_developers=1 if own_log else MIN_DEVELOPERS_SHOWN
        ),
    )


def typical_minutes(moments: pd.DataFrame, arm: Arm) -> float | None:
    """Return the geometric mean of the minutes of one arm's closed items; None without any.

    The minutes are not adjusted.
    """
    rows = moments[(moments["status"] == "closed") & (moments["arm"] == arm)]
    return math.exp(rows["y"].sum() / rows["n"].sum()) if len(rows) else None


def cutover_days(rule: ArmRule) -> tuple[int, ...]:
    """Return the days to mark: each rollout, or beyond five of them the first and the last."""
    if rule.by != "rollout":
        return ()
    days = sorted({cutover.day for cutover in rule.cutovers})
    return tuple(days) if len(days) <= MAX_CUTOVER_DAYS else (days[0], days[-1])
