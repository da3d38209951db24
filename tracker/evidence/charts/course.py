"""The weekly course of one activity: what a typical task took week by week."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from tracker.domain.disclosure import merge_periods
from tracker.evidence.charts.claim_lines import ClaimLine, claim_lines
from tracker.evidence.designs.study_design import closed_cells
from tracker.evidence.estimators.least_squares import fit_least_squares
from tracker.evidence.intervals import t_quantile
from tracker.evidence.moments import Cells, cross_products
from tracker.evidence.results import ActivityChartData, Interval, Result, Week

MIN_ITEMS_OF_WEEK = 5
"""Work items below which a week is merged into its neighbour."""
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class CourseData:
    """The weeks of one activity.

    The baseline and the claims are compared with them only where a rollout divides the weeks.
    """

    activity: str
    weeks: tuple[Week, ...]
    cutover_days: tuple[int, ...]
    baseline_minutes: float | None
    claim_lines: tuple[ClaimLine, ...]


def course_data(
    chart_data: ActivityChartData, results: tuple[Result, ...] = ()
) -> CourseData | None:
    """Return the weeks of one activity; None where fewer than two may be shown."""
    weeks = tuple(week for week in chart_data.weeks if week.adjusted)
    if len(weeks) < 2:
        return None
    baseline = chart_data.adjusted_baseline_minutes if chart_data.cutover_days else None
    return CourseData(
        activity=chart_data.activity,
        weeks=weeks,
        cutover_days=chart_data.cutover_days,
        baseline_minutes=baseline,
        claim_lines=claim_lines(chart_data.activity, results, baseline=baseline)
        if baseline
        else (),
    )


def weekly_course(
    weekly: pd.DataFrame,
    *,
    adjusted: bool,
    cutover_days: tuple[int, ...] = (),
    own_log: bool = False,
) -> tuple[Week, ...]:
    """Return the typical minutes of the closed items first worked on in each week, by date.

    Both arms are taken together. The 95 % band is ±t·s/√n, with s the spread within weeks, pooled
    over all weeks. Weeks of fewer than five developers or five items are merged with those after
    them, the last with those before, but never across the day of a single rollout. What still has
    fewer developers is not shown. In the reader's own log nothing is merged.

    Args:
        weekly: Moments of one activity by week.
        adjusted: Whether to show minutes of a task of typical estimate. Then only estimated items
            count, and ln minutes are moved along the slope of x within developers.
        cutover_days: Days of the rollouts.
        own_log: Whether the log is the reader's own.

    """
    closed = _closed_items(weekly, adjusted=adjusted)
    if closed.empty:
        return ()
    sums = _adjusted_sums(closed, adjusted=adjusted)
    groups = sums["period"].map(_groups(sums, cutover_days, own_log=own_log))
    return _weeks(sums.assign(group=groups).dropna(subset="group"))


def typical_baseline(weekly: pd.DataFrame, *, adjusted: bool) -> float | None:
    """Return the typical minutes of the baseline's closed items; None without any.

    Adjusted as in :func:`weekly_course`.
    """
    closed = _closed_items(weekly, adjusted=adjusted)
    if closed.empty:
        return None
    baseline = _adjusted_sums(closed, adjusted=adjusted)[closed["arm"] == "baseline"]
    return math.exp(baseline["y"].sum() / baseline["n"].sum()) if len(baseline) else None


def first_day_of_week(week: int) -> int:
    """Return the Monday of a week since 1970, as days since 1970-01-01, which was a Thursday."""
    return 7 * week - 3


def _closed_items(weekly: pd.DataFrame, *, adjusted: bool) -> pd.DataFrame:
    """Return the moments of closed items in date order; of estimated ones where adjusted."""
    closed = weekly[weekly["status"] == "closed"].sort_values("period")
    return closed[closed["estimated"].astype(bool)] if adjusted else closed


def _adjusted_sums(closed: pd.DataFrame, *, adjusted: bool) -> pd.DataFrame:
    """Return n, Σ and Σ² of ln minutes moved to the typical x: y − b·(x − x̄).

    One row a developer and week, as in ``closed``.
    """
    slope = _slope(closed_cells(closed)) if adjusted else 0.0
    typical = float(closed["x"].sum() / closed["n"].sum()) if adjusted else 0.0
    n, y, x = closed["n"], closed["y"], closed["x"]
    residual = closed["yy"] - 2 * slope * closed["xy"] + slope**2 * closed["xx"]  # Σ(y − bx)²
    return closed[["developer", "period"]].assign(
        n=n,
        y=y - slope * (x - n * typical),
        yy=residual + 2 * slope * typical * (y - slope * x) + n * (slope * typical) ** 2,
    )


def _slope(cells: Cells) -> float:
    """Return the slope of ln minutes on ln estimate, within developers and arms.

    0 where estimates do not vary.
    """
    fit = fit_least_squares(cross_products(cells, ("x", "arm")))
    fit = fit or fit_least_squares(cross_products(cells, ("x",)))
    return fit.theta if fit else 0.0


def _groups(sums: pd.DataFrame, cutover_days: tuple[int, ...], *, own_log: bool) -> dict[int, int]:
    """Return the group of each week, named by its first week; none for weeks not to be shown."""
    weeks = [
        (int(rows["period"].iloc[0]), set(rows["developer"]), float(rows["n"].sum()))
        for _, rows in sums.groupby("period")
    ]
    if own_log:
        return {week: week for week, _, _ in weeks}
    cutover = cutover_days[0] if len(cutover_days) == 1 else None
    before = sum(cutover is not None and first_day_of_week(week) < cutover for week, _, _ in weeks)
    return merge_periods(weeks[:before], min_items=MIN_ITEMS_OF_WEEK) | merge_periods(
        weeks[before:], min_items=MIN_ITEMS_OF_WEEK
    )


def _weeks(sums: pd.DataFrame) -> tuple[Week, ...]:
    """Return a week for each group, with a band from the spread within groups."""
    groups = sums.groupby("group")
    totals = groups[["n", "y", "yy"]].sum()
    means = totals["y"] / totals["n"]
    df = float(totals["n"].sum()) - len(totals)
    squares = float((totals["yy"] - totals["n"] * means**2).sum())
    spread = math.sqrt(max(squares, 0.0) / df) if df > 0 else None
    return tuple(
        Week(
            first_day_of_week(int(week)),
            int(n),
            int(developers),
            _band(float(mean), int(n), spread, df),
        )
        for week, n, developers, mean in zip(
            groups["period"].min(), totals["n"], groups["developer"].nunique(), means, strict=True
        )
    )


def _band(mean: float, items: int, spread: float | None, df: float) -> Interval:
    estimate = math.exp(mean)
    if spread is None:
        return Interval(estimate, None, None)
    half_width = t_quantile((1 + LEVEL) / 2, df) * spread / math.sqrt(items)
    return Interval(estimate, math.exp(mean - half_width), math.exp(mean + half_width))
