"""The weekly course of one activity, and how the evidence built up over its weeks; both from weekly moments."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN, merge_periods
from tracker.domain.records import ARMS
from tracker.domain.times import month_of_day
from tracker.evidence.designs.study_design import closed_cells
from tracker.evidence.estimators.least_squares import fit_least_squares
from tracker.evidence.intervals import t_quantile
from tracker.evidence.moments import Cells, cross_products
from tracker.evidence.results import InterimLook, Interval, Week

FEWEST_ITEMS = 5
"""Work items below which a week is merged into its neighbour."""
MOST_LOOKS = 30
LEVEL = 0.95

Fitted = Callable[[pd.DataFrame, int], Interval | None]
"""An estimate of θ from monthly moments, every status in them, of the items first worked on until a last day."""


def weeks(
    weekly: pd.DataFrame,
    *,
    adjusted: bool,
    cutover_days: tuple[int, ...] = (),
    own_log: bool = False,
) -> tuple[Week, ...]:
    """Typical minutes of the closed items first worked on in each week, both arms together; by date.

    ``weekly``: moments of one activity by week. With ``adjusted`` they are those of a task of typical estimate: only
    estimated items count, and ln minutes are moved along the slope of x within developers. The 95 % band is
    ±t·s/√n, s the spread inside weeks, pooled over them.

    Weeks of fewer than five developers or five items are merged with those after them (the last with those before),
    never across the day of a single rollout; what is left with fewer developers is not shown. In the reader's own log
    nothing is merged.
    """
    closed = _counted(weekly, adjusted=adjusted)
    if closed.empty:
        return ()
    sums = _adjusted_sums(closed, adjusted=adjusted)
    shown = (
        sums.assign(group=sums["period"].map(_groups(sums, cutover_days, own_log)))
        .dropna(subset="group")
        .groupby("group")
    )
    totals = shown[["n", "y", "yy"]].sum()
    means = totals["y"] / totals["n"]
    df = float(totals["n"].sum()) - len(totals)
    squares = float((totals["yy"] - totals["n"] * means**2).sum())
    spread = math.sqrt(max(squares, 0.0) / df) if df > 0 else None
    return tuple(
        Week(
            _first_day(int(first)), int(n), int(developers), _band(float(mean), int(n), spread, df)
        )
        for first, n, developers, mean in zip(
            shown["period"].min(), totals["n"], shown["developer"].nunique(), means, strict=True
        )
    )


def typical_baseline(weekly: pd.DataFrame, *, adjusted: bool) -> float | None:
    """Typical minutes of the baseline's closed items, adjusted as :func:`weeks` are; None without any."""
    closed = _counted(weekly, adjusted=adjusted)
    baseline = (
        _adjusted_sums(closed, adjusted=adjusted)[closed["arm"] == "baseline"]
        if len(closed)
        else closed
    )
    return math.exp(baseline["y"].sum() / baseline["n"].sum()) if len(baseline) else None


def looks(
    weekly: pd.DataFrame, fit: Fitted, anytime: Fitted | None = None, *, own_log: bool = False
) -> tuple[InterimLook, ...]:
    """θ as it stood at the end of up to 30 weeks, evenly apart, the last always among them.

    ``weekly``: moments of one activity by week; ``fit`` gets those of the items first worked on until then, their
    periods turned into months, and the last of these days. Weeks until which fewer than five developers have worked in
    either arm (unless it is the reader's own log) are passed over: the early looks would tell of those few.
    """
    closed = weekly[weekly["status"] == "closed"]
    fewest = 1 if own_log else MIN_DEVELOPERS_SHOWN
    begun = [
        np.sort(part.groupby("developer")["period"].min()) for _, part in closed.groupby("arm")
    ]
    if len(begun) < len(ARMS) or min(map(len, begun)) < fewest:
        return ()
    known = np.unique(closed["period"])
    after = known[known >= max(arm[fewest - 1] for arm in begun)]
    chosen = after[
        np.unique(np.linspace(0, len(after) - 1, min(MOST_LOOKS, len(after))).round().astype(int))
    ]
    months = {week: month_of_day(_first_day(int(week))) for week in np.unique(weekly["period"])}
    monthly = weekly.assign(period=weekly["period"].map(months))
    found = []
    for week in chosen:
        until = monthly[weekly["period"] <= week]
        items = int(closed.loc[closed["period"] <= week, "n"].sum())
        last_day = _first_day(int(week)) + 6
        found.append(
            InterimLook(
                last_day, items, fit(until, last_day), anytime(until, last_day) if anytime else None
            )
        )
    return tuple(found)


def _counted(weekly: pd.DataFrame, *, adjusted: bool) -> pd.DataFrame:
    """The closed items, in date order; where they are adjusted, those with an estimate."""
    closed = weekly[weekly["status"] == "closed"].sort_values("period")
    return closed[closed["estimated"].astype(bool)] if adjusted else closed


def _adjusted_sums(closed: pd.DataFrame, *, adjusted: bool) -> pd.DataFrame:
    """n, Σ and Σ² of ln minutes by developer and week, moved to the typical x: y − b·(x − x̄)."""
    slope = _slope(closed_cells(closed)) if adjusted else 0.0
    typical = float(closed["x"].sum() / closed["n"].sum()) if adjusted else 0.0
    n, y, x = closed["n"], closed["y"], closed["x"]
    free = closed["yy"] - 2 * slope * closed["xy"] + slope**2 * closed["xx"]  # Σ(y − bx)²
    return closed[["developer", "period"]].assign(
        n=n,
        y=y - slope * (x - n * typical),
        yy=free + 2 * slope * typical * (y - slope * x) + n * (slope * typical) ** 2,
    )


def _slope(cells: Cells) -> float:
    """Of ln minutes on ln estimate, within developers and arms; 0 where estimates do not vary."""
    both = fit_least_squares(cross_products(cells, ("x", "arm")))
    found = both or fit_least_squares(cross_products(cells, ("x",)))
    return found.theta if found else 0.0


def _groups(sums: pd.DataFrame, cutover_days: tuple[int, ...], own_log: bool) -> dict[int, int]:
    """The group of each week, by its first week: most are their own; weeks that may not be shown have none."""
    by_week = sums.groupby("period")
    weeks = [
        (int(rows["period"].iloc[0]), set(rows["developer"]), float(rows["n"].sum()))
        for _, rows in by_week
    ]
    if own_log:
        return {week: week for week, _, _ in weeks}
    cut = cutover_days[0] if len(cutover_days) == 1 else None
    before = sum(1 for week, _, _ in weeks if cut is not None and _first_day(week) < cut)
    return merge_periods(weeks[:before], min_items=FEWEST_ITEMS) | merge_periods(
        weeks[before:], min_items=FEWEST_ITEMS
    )


def _band(mean: float, items: int, spread: float | None, df: float) -> Interval:
    middle = math.exp(mean)
    if spread is None:
        return Interval(middle, None, None)
    half = t_quantile((1 + LEVEL) / 2, df) * spread / math.sqrt(items)
    return Interval(middle, math.exp(mean - half), math.exp(mean + half))


def _first_day(week: int) -> int:
    """Monday of a week since 1970 (1970-01-01 was a Thursday)."""
    return 7 * week - 3
