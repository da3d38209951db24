"""The course of one activity: what a typical task took in each week, month or quarter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from tracker.domain.disclosure import merge_periods
from tracker.domain.records import ARMS, Arm
from tracker.domain.times import month_of_day
from tracker.evidence.assessment import ActivityChartData, CoursePeriod, PeriodLength
from tracker.evidence.charts.claim_lines import ClaimLine, claim_lines
from tracker.evidence.designs.study_design import closed_cells
from tracker.evidence.estimators.least_squares import estimate_terms, fit_least_squares
from tracker.evidence.intervals import t_quantile
from tracker.evidence.moments import Cells, cross_products
from tracker.evidence.results import Interval, Result

MIN_ITEMS_OF_PERIOD = 5
"""Work items below which a period is merged into its neighbour."""
MAX_WEEKS, MAX_WEEKS_IN_MONTHS = 80, 6 * 53
"""Weeks of a log up to which its periods are weeks, and up to which they are months."""
_MONTHS: dict[PeriodLength, int] = {"month": 1, "quarter": 3}
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class RolloutMark:
    """A day of rollouts with what may be named of them."""

    day: int
    assistants: tuple[str, ...]
    teams: tuple[str, ...]
    """() for everybody and for single developers."""


@dataclass(frozen=True, slots=True)
class CourseData:
    """The periods of one activity.

    The baseline and the claims are compared with them only where a rollout divides the periods.
    """

    activity: str
    periods: tuple[CoursePeriod, ...]
    length: PeriodLength
    rollouts: tuple[RolloutMark, ...]
    baseline_minutes: float | None
    claim_lines: tuple[ClaimLine, ...]

    @property
    def cutover_days(self) -> tuple[int, ...]:
        """The days of the rollouts."""
        return tuple(rollout.day for rollout in self.rollouts)

    @property
    def first_day(self) -> int:
        """The first day of the earliest period."""
        return min(period.first_day for period in self.periods)

    @property
    def last_first_day(self) -> int:
        """The first day of the latest period."""
        return max(period.first_day for period in self.periods)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that are drawn side by side; () where a rollout divides the periods."""
        return tuple(arm for arm in ARMS if any(period.arm == arm for period in self.periods))


def course_data(
    chart_data: ActivityChartData, results: tuple[Result, ...] = ()
) -> CourseData | None:
    """Return the periods of one activity; None where fewer than two may be shown."""
    periods = tuple(period for period in chart_data.periods if period.adjusted)
    if len({period.first_day for period in periods}) < 2:
        return None
    baseline = chart_data.adjusted_baseline_minutes if chart_data.cutover_days else None
    return CourseData(
        activity=chart_data.activity,
        periods=periods,
        length=chart_data.period_length,
        rollouts=tuple(_rollout_mark(day, chart_data) for day in chart_data.cutover_days),
        baseline_minutes=baseline,
        claim_lines=claim_lines(chart_data.activity, results, baseline=baseline)
        if baseline
        else (),
    )


def _rollout_mark(day: int, chart_data: ActivityChartData) -> RolloutMark:
    """Return what is named of the rollouts of a day."""
    rollouts = [
        rollout
        for rollout in chart_data.rollouts
        if rollout.first_day is not None
        and rollout.last_day is not None
        and rollout.first_day <= day <= rollout.last_day
    ]
    return RolloutMark(
        day,
        tuple(dict.fromkeys(rollout.assistant for rollout in rollouts)),
        tuple(dict.fromkeys(rollout.team for rollout in rollouts if rollout.team is not None)),
    )


def period_length(weekly: pd.DataFrame) -> PeriodLength:
    """Return how long the periods of a log are, by the weeks from its first to its last."""
    weeks = weekly["period"].max() - weekly["period"].min() + 1 if len(weekly) else 0
    if weeks <= MAX_WEEKS:
        return "week"
    return "month" if weeks <= MAX_WEEKS_IN_MONTHS else "quarter"


def course_periods(
    weekly: pd.DataFrame,
    length: PeriodLength = "week",
    *,
    adjusted: bool,
    cutover_days: tuple[int, ...] = (),
    by_arm: bool = False,
    own_log: bool = False,
) -> tuple[CoursePeriod, ...]:
    """Return the typical minutes of the closed items first worked on in each period, by date.

    The 95 % band is ±t·s/√n, with s the spread within periods, pooled over all of them. Periods of
    fewer than five developers or five items are merged with those after them, the last with those
    before, but never across the day of the first or the last rollout. What still has fewer
    developers is not shown. In the reader's own log nothing is merged.

    Args:
        weekly: Moments of one activity by week.
        length: The length of a period; it holds the weeks that begin in it.
        adjusted: Whether to show minutes of a task of typical estimate. Then only estimated items
            count, and ln minutes are moved along the slope of x within developers.
        cutover_days: Days of the rollouts.
        by_arm: Whether the arms have periods of their own; otherwise both arms are taken together.
        own_log: Whether the log is the reader's own.

    """
    closed = _closed_items(weekly, adjusted=adjusted)
    if closed.empty:
        return ()
    sums = _adjusted_sums(closed, adjusted=adjusted)
    sums = sums.assign(
        arm=closed["arm"] if by_arm else "",
        bucket=sums["period"].map(_buckets(sums["period"], length, cutover_days)),
    )
    groups = sums["bucket"].map(_groups(sums, cutover_days, own_log=own_log))
    return _periods(sums.assign(group=groups).dropna(subset="group"))


def typical_baseline(weekly: pd.DataFrame, *, adjusted: bool) -> float | None:
    """Return the typical minutes of the baseline's closed items; None without any.

    Adjusted as in :func:`course_periods`.
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
    """Return n, Σ and Σ² of ln minutes moved to the typical estimate: y − b·(x − x̄) − d·(p − p̄).

    d is the intercept of estimates in points, p. One row a developer and week, as in ``closed``.
    """
    slope, offset = _slopes(closed_cells(closed)) if adjusted else (0.0, 0.0)
    n, y, x = closed["n"], closed["y"], closed["x"]
    in_points = closed["unit"].eq("points").astype(float) if offset else 0.0 * n
    typical = float(slope * x.sum() + offset * (n * in_points).sum()) / float(n.sum())
    shift = typical - offset * in_points
    residual = closed["yy"] - 2 * slope * closed["xy"] + slope**2 * closed["xx"]  # Σ(y − bx)²
    return closed[["developer", "period"]].assign(
        n=n,
        y=y - slope * x + n * shift,
        yy=residual + 2 * shift * (y - slope * x) + n * shift**2,
    )


def _slopes(cells: Cells) -> tuple[float, float]:
    """Return the slope of ln minutes on ln estimate and the intercept of points.

    Both are within developers and arms; (0, 0) where estimates do not vary.
    """
    terms = estimate_terms(cells)
    fit = fit_least_squares(cross_products(cells, (*terms, "arm")))
    fit = fit or fit_least_squares(cross_products(cells, terms))
    if fit is None:
        return 0.0, 0.0
    return fit.theta, float(fit.beta[1]) if "points" in terms else 0.0


def _buckets(
    weeks: pd.Series[int], length: PeriodLength, cutover_days: tuple[int, ...]
) -> dict[int, int]:
    """Return the first week of the period that each week lies in; rollouts begin new periods."""
    first_weeks: dict[tuple[int, int], int] = {}
    buckets = {}
    for week in sorted(map(int, set(weeks))):
        day = first_day_of_week(week)
        number = week if length == "week" else month_of_day(day) // _MONTHS[length]
        buckets[week] = first_weeks.setdefault((number, _side(day, cutover_days)), week)
    return buckets


def _side(day: int, cutover_days: tuple[int, ...]) -> int:
    """Return how many of the first and the last rollout lie before a day or on it."""
    return sum(day >= cutover for cutover in {*cutover_days[:1], *cutover_days[-1:]})


def _groups(sums: pd.DataFrame, cutover_days: tuple[int, ...], *, own_log: bool) -> dict[int, int]:
    """Return the group of each period by its first period; none for periods not to be shown.

    Periods are merged for one arm after the other, so that the groups are those of all arms, and
    each has enough developers and items in every one.
    """
    groups = {int(period): int(period) for period in sorted(set(sums["bucket"]))}
    if own_log:
        return groups
    for _, rows in sums.groupby("arm"):
        merged = _merge(rows.assign(group=rows["bucket"].map(groups)), groups, cutover_days)
        groups = {period: merged[group] for period, group in groups.items() if group in merged}
    return groups


def _merge(
    rows: pd.DataFrame, groups: dict[int, int], cutover_days: tuple[int, ...]
) -> dict[int, int]:
    """Return the groups merged until each has enough of one arm's developers and items."""
    periods = []
    for group in sorted(set(groups.values())):
        part = rows[rows["group"] == group]
        periods.append((group, set(part["developer"]), float(part["n"].sum())))
    merged: dict[int, int] = {}
    for _, side in groupby(periods, key=lambda p: _side(first_day_of_week(p[0]), cutover_days)):
        merged |= merge_periods(side, min_items=MIN_ITEMS_OF_PERIOD)
    return merged


def _periods(sums: pd.DataFrame) -> tuple[CoursePeriod, ...]:
    """Return a period for each group of an arm, with a band from the spread within groups."""
    groups = sums.groupby(["arm", "group"])
    totals = groups[["n", "y", "yy"]].sum()
    means = totals["y"] / totals["n"]
    df = float(totals["n"].sum()) - len(totals)
    squares = float((totals["yy"] - totals["n"] * means**2).sum())
    spread = math.sqrt(max(squares, 0.0) / df) if df > 0 else None
    return tuple(
        CoursePeriod(
            first_day_of_week(int(group)),
            int(n),
            int(developers),
            _band(float(mean), int(n), spread, df),
            next((name for name in ARMS if name == arm), None),
        )
        for (arm, group), n, developers, mean in zip(
            totals.index,
            totals["n"],
            groups["developer"].nunique(),
            means,
            strict=True,
        )
    )


def _band(mean: float, items: int, spread: float | None, df: float) -> Interval:
    estimate = math.exp(mean)
    if spread is None:
        return Interval(estimate, None, None)
    half_width = t_quantile((1 + LEVEL) / 2, df) * spread / math.sqrt(items)
    return Interval(estimate, math.exp(mean - half_width), math.exp(mean + half_width))
