"""The data of the figures beside the verdicts: distributions, forecasts, hours and data quality, from frames."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.records import ARMS, INFERRED_BASES, Arm, ArmRule
from tracker.evidence.charts.weekly import Fitted, looks, typical_baseline, weeks
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.intervals import StandardError, confidence_interval
from tracker.evidence.results import (
    ActivityChartData,
    ActivityHours,
    Bin,
    Forecast,
    Interval,
    exponentiate,
)
from tracker.evidence.verdict import counted

MOST_DOTS = 2_000
MOST_MARKS = 5
LEVEL = 0.95


def activity_chart_data(
    activity: str,
    *,
    rule: ArmRule,
    adjusted: bool,
    moments: pd.DataFrame,
    weekly: pd.DataFrame,
    distribution: pd.DataFrame,
    items: Callable[[], pd.DataFrame],
    fit: Fitted,
    anytime: Fitted | None = None,
    width: float,
    own_log: bool = False,
) -> ActivityChartData:
    """The data of one activity's figures; the frames are the reductions of that activity alone.

    Withheld where fewer than five developers stand behind an arm, unless it is the reader's own log.

    ``moments`` by month, ``weekly`` by week, ``distribution`` at ``width``; ``items`` is called only where the items
    are few enough to be drawn one by one. ``fit`` and ``anytime`` as :func:`tracker.evidence.charts.weekly.looks` has them.
    """
    closed = moments[moments["status"] == "closed"]
    if not own_log and (closed.groupby("arm")["developer"].nunique() < MIN_DEVELOPERS_SHOWN).any():
        return ActivityChartData(activity, suppressed=True)
    days = cutover_days(rule)
    few = closed["n"].sum() <= MOST_DOTS
    return ActivityChartData(
        activity,
        bins=bins(distribution, width=width),
        dots=dots(items()) if few else (),
        typical_baseline_minutes=typical_minutes(moments, "baseline"),
        typical_assistance_minutes=typical_minutes(moments, "assistance"),
        adjusted_baseline_minutes=typical_baseline(weekly, adjusted=adjusted),
        weeks=weeks(weekly, adjusted=adjusted, cutover_days=days, own_log=own_log),
        cutover_days=days,
        looks=looks(weekly, fit, anytime, own_log=own_log),
        forecasts=forecasts(moments),
    )


def bins(distribution: pd.DataFrame, *, width: float) -> tuple[Bin, ...]:
    """Bars from the smallest to the largest, empty ones between them too. ``distribution``: of one activity.

    ``width`` is that of the reduction, in natural-log units.
    """
    if distribution.empty:
        return ()
    counts = distribution.pivot_table(
        index="bin", columns="arm", values="n", aggfunc="sum", fill_value=0
    )
    every = counts.reindex(
        range(int(counts.index.min()), int(counts.index.max()) + 1), fill_value=0
    )
    every = every.reindex(columns=list(ARMS), fill_value=0)
    return tuple(
        Bin(math.exp(width * place), math.exp(width * (place + 1)), int(baseline), int(assistance))
        for place, baseline, assistance in zip(
            every.index, every["baseline"], every["assistance"], strict=True
        )
    )


def dots(items: pd.DataFrame) -> tuple[tuple[str, float], ...]:
    """(arm, minutes) of every closed item of one activity, by size so that nobody's order shows; () beyond 2,000."""
    closed = items[(items["status"] == "closed") & (items["minutes"] > 0)]
    if len(closed) > MOST_DOTS:
        return ()
    ordered = closed.sort_values(["arm", "minutes"])
    return tuple(
        (str(arm), float(minutes))
        for arm, minutes in zip(ordered["arm"], ordered["minutes"], strict=True)
    )


def typical_minutes(moments: pd.DataFrame, arm: Arm) -> float | None:
    """Geometric mean of the minutes of one arm's closed items, as they are; None without any."""
    mine = moments[(moments["status"] == "closed") & (moments["arm"] == arm)]
    return math.exp(mine["y"].sum() / mine["n"].sum()) if len(mine) else None


def cutover_days(rule: ArmRule) -> tuple[int, ...]:
    """The days to mark: each cutover, or the first and the last where there are more than five."""
    days = sorted({cutover.day for cutover in rule.cutovers}) if rule.by == "rollout" else []
    return tuple(days) if len(days) <= MOST_MARKS else (days[0], days[-1])


def forecasts(moments: pd.DataFrame) -> tuple[Forecast, ...]:
    """Minutes over estimates of each arm's closed and estimated items, as a geometric mean with its 95 % interval.

    The error is that of the mean over developers (cluster-robust, t(G − 1)); below five developers of the items alone.
    An arm without such items has no forecast.
    """
    known = moments[(moments["status"] == "closed") & moments["estimated"].astype(bool)]
    return tuple(_forecast(arm, rows) for arm in ARMS if len(rows := known[known["arm"] == arm]))


def thin_activities(seconds: pd.DataFrame) -> set[str]:
    """The activities of which fewer than five developers stand behind an arm, of :func:`hours`'s frame."""
    return set(seconds.loc[seconds["developers"] < MIN_DEVELOPERS_SHOWN, "activity"])


def hours(seconds: pd.DataFrame) -> tuple[ActivityHours, ...]:
    """Hours by activity, in the order of their names; an activity absent from an arm has 0 there."""
    if seconds.empty:
        return ()
    table = seconds.pivot_table(
        index="activity", columns="arm", values="seconds", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=list(ARMS), fill_value=0) / 3600
    return tuple(
        ActivityHours(str(activity), float(baseline), float(assistance))
        for activity, baseline, assistance in zip(
            table.index, table["baseline"], table["assistance"], strict=True
        )
    )


def quality(
    moments: pd.DataFrame, entries: pd.DataFrame, basis: pd.DataFrame, *, rejected: int = 0
) -> tuple[tuple[str, str], ...]:
    """Data quality in figures: (what, figure). The frames: moments, quality and assisted basis, of all judged.

    ``rejected``: rows that imports could not take.
    """
    items = float(moments["n"].sum())
    whole = float(entries["entries"].sum())
    of_items = {
        "without an estimate": ~moments["estimated"].astype(bool),
        "not finished": moments["status"] == "open",
        "begun too late to be finished": moments["status"] == "immature",
        "of 0 minutes": moments["status"] == "zero",
    }
    of_entries = {
        "written down more than 2 days late": "late",
        "of whole quarter hours": "heaped_15",
        "overlapping an earlier one": "overlapping",
        "longer than 12 hours": "over_12h",
        "of the baseline, written down after the rollout": "logged_after",
        "of the baseline, changed after the rollout": "edited_after",
    }
    told = basis["assisted"] != "unknown"
    inferred = told & basis["basis"].isin(INFERRED_BASES)
    rows = [("work items judged", f"{items:,.0f}"), ("entries of theirs", f"{whole:,.0f}")]
    rows += [
        (f"work items {what}", counted(moments.loc[of, "n"].sum(), items))
        for what, of in of_items.items()
    ]
    rows += [
        (f"entries {what}", counted(entries[column].sum(), whole))
        for what, column in of_entries.items()
    ]
    rows += [
        (
            "entries that say whether assisted",
            counted(basis.loc[told, "n"].sum(), float(basis["n"].sum())),
        )
    ]
    rows += [
        (
            "of those, inferred",
            counted(basis.loc[inferred, "n"].sum(), float(basis.loc[told, "n"].sum())),
        )
    ]
    return (*rows, ("rows rejected at import", f"{rejected:,}"))


def _forecast(arm: Arm, rows: pd.DataFrame) -> Forecast:
    n = float(rows["n"].sum())
    y, x = float(rows["y"].sum()) / n, float(rows["x"].sum()) / n
    ratio = confidence_interval(y - x, _error(rows, y - x), LEVEL) or Interval(y - x, None, None)
    return Forecast(arm, int(n), math.exp(x), math.exp(y), exponentiate(ratio))


def _error(rows: pd.DataFrame, mean: float) -> StandardError | None:
    """Of the mean of y − x over items."""
    n = float(rows["n"].sum())
    by_developer = (
        rows.assign(off=rows["y"] - rows["x"] - rows["n"] * mean).groupby("developer")["off"].sum()
    )
    G = len(by_developer)
    if G >= MIN_CLUSTERS:
        return StandardError(math.sqrt(G / (G - 1) * float(np.sum(by_developer**2))) / n, G - 1)
    squares = float((rows["yy"] - 2 * rows["xy"] + rows["xx"]).sum()) - n * mean**2
    return StandardError(math.sqrt(max(squares, 0.0) / (n - 1) / n), n - 1) if n > 1 else None
