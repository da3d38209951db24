"""Simulated work items, and the frames that the database would aggregate them to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracker.domain.records import ResidualModel, StudyDesign
from tracker.evidence.activity import ActivityEstimate, estimate_activity
from tracker.evidence.clipping import ReadClippedSums
from tracker.evidence.item_cells import cell_reader

FIRST_MONTH = 540
"""Months since 1970-01 of the first simulated month."""


def items(
    rng: np.random.Generator,
    *,
    developers: int = 8,
    per_developer: int = 20,
    effect: float = 0.0,
    spread: float = 0.8,
    months: int = 6,
    estimated: float = 1.0,
    activity: str = "design",
    effect_spread: float = 0.0,
    by_date: bool = False,
) -> pd.DataFrame:
    """Simulate work items, one row each.

    θ is ``effect`` and varies by developer with ``effect_spread``. Arms are drawn at random, or
    (``by_date``) assistance is the second half of the months.
    """
    sizes = rng.poisson(per_developer, developers) + 2
    developer = np.repeat(np.arange(developers), sizes)
    n = len(developer)
    month = rng.integers(0, months, n) + FIRST_MONTH
    treated = month >= FIRST_MONTH + months // 2 if by_date else rng.random(n) < 0.5
    x = rng.normal(4.0, 0.9, n)
    developer_effect = rng.normal(0.0, 0.5, developers)[developer]
    theta = rng.normal(effect, effect_spread, developers)[developer]
    y = 0.5 + 0.8 * x + developer_effect + theta * treated + rng.normal(0.0, spread, n)
    has_estimate = rng.random(n) < estimated
    return frame(
        developer=[f"dev{d:04d}" for d in developer],
        arm=np.where(treated, "assistance", "baseline"),
        minutes=np.exp(y),
        estimate_minutes=np.where(has_estimate, np.exp(x), np.nan),
        month=month,
        activity=activity,
    )


def frame(*, activity: str = "design", status: str = "closed", **columns: object) -> pd.DataFrame:
    """Return an items frame with these columns, and usual values in the others."""
    work = pd.DataFrame(columns)
    work["activity"] = activity
    work["status"] = columns.get("status", status)
    work["task"] = [f"T-{i}" for i in range(len(work))]
    work["month"] = work.get("month", FIRST_MONTH)
    work["day"] = work["month"] * 30
    work["last_day"] = work["day"] + 3
    work["project"] = "P"
    return work


def moments(work: pd.DataFrame) -> pd.DataFrame:
    """Aggregate an items frame by developer, activity, arm, month, status and unit."""
    estimated = estimates(work).notna()
    y = np.log(work["minutes"].where(work["minutes"] > 0, 1.0))
    x = np.log(estimates(work).fillna(1.0))
    t, w = work["minutes"], work["estimate_minutes"].fillna(0.0)
    sums = work[["developer", "activity", "arm", "status"]].assign(
        period=work["month"], estimated=estimated, unit=_units(work),
        n=1.0, y=y, yy=y * y, x=x, xx=x * x, xy=x * y,
        t=t, tt=t * t, w=w, ww=w * w, tw=t * w,
    )  # fmt: skip
    keys = ["developer", "activity", "arm", "period", "status", "estimated", "unit"]
    return sums.groupby(keys, as_index=False).sum()


def in_two_units(
    work: pd.DataFrame, in_points: np.ndarray, minutes_of_a_point: float = 240.0
) -> pd.DataFrame:
    """Return an items frame with the estimates of some items in points."""
    minutes = work["estimate_minutes"]
    points = (minutes / minutes_of_a_point).where(in_points)
    return work.assign(estimate_points=points, estimate_minutes=minutes.where(~in_points))


def estimates(work: pd.DataFrame) -> pd.Series:
    """Return the estimates of an items frame in their own units; NaN where missing."""
    minutes = work["estimate_minutes"]
    return minutes.fillna(work["estimate_points"]) if "estimate_points" in work else minutes


def _units(work: pd.DataFrame) -> np.ndarray:
    """Return the units of estimates."""
    units = np.where(estimates(work).notna(), "points", "none")
    return np.where(work["estimate_minutes"].notna(), "minutes", units)


def clipped_sums(work: pd.DataFrame) -> ReadClippedSums:
    """Return what sums clipped residuals of an items frame, as the database does."""

    def read(model: ResidualModel) -> pd.DataFrame:
        rows = work[(work["status"] == "closed") & (work["minutes"] > 0)]
        names = zip(rows["developer"], rows["activity"], strict=True)
        effect = np.array([model.effects.get(name, np.nan) for name in names])
        x = np.log(estimates(rows)).fillna(0.0).to_numpy()
        is_assistance = (rows["arm"] == "assistance").to_numpy()
        residual = np.log(rows["minutes"].to_numpy()) - effect
        residual -= model.theta * is_assistance + model.slope * x
        residual -= model.points_offset * (_units(rows) == "points")
        r = np.clip(residual, -model.limit, model.limit)
        frame = rows[["developer", "activity", "arm"]].assign(
            period=rows["month"],
            unit=_units(rows),
            **{"r": r, "rx": r * x, "rr": r * r},
            inside=(np.abs(residual) <= model.limit).astype(float),
        )
        keys = ["developer", "activity", "arm", "period", "unit"]
        return frame[np.isfinite(effect)].groupby(keys, as_index=False).sum()

    return read


def subgroup_moments(
    work: pd.DataFrame, model: ResidualModel | None = None, *, by_month: bool = False
) -> pd.DataFrame:
    """Aggregate the closed items of an items frame by subgroup, as the database does.

    Spans since the rollout are in a column ``span``, -1 for none.
    """
    rows = work[(work["status"] == "closed") & (work["minutes"] > 0)].copy()
    names = zip(rows["developer"], rows["activity"], strict=True)
    effect = np.array([model.effects.get(name, np.nan) if model else 0.0 for name in names])
    rows, effect = rows[np.isfinite(effect)], effect[np.isfinite(effect)]
    y, x = np.log(rows["minutes"]), np.log(estimates(rows)).fillna(0.0)
    residual = np.zeros(len(rows))
    if model:
        is_assistance = (rows["arm"] == "assistance").to_numpy()
        in_points = _units(rows) == "points"
        expected = effect + model.theta * is_assistance + model.points_offset * in_points
        residual = (y - expected - model.slope * x).to_numpy()
    limit = model.limit if model else 0.0
    r = np.clip(residual, -limit, limit)
    sums = rows[["developer", "activity", "arm"]].assign(
        period=rows["month"] if by_month else 0, unit=_units(rows), size=_thirds(rows),
        span=rows.get("span", pd.Series(-1, rows.index)), estimated=estimates(rows).notna(), n=1,
        y=y, yy=y * y, x=x, xx=x * x, xy=x * y, r=r, rx=r * x, rr=r * r,
        inside=(np.abs(residual) <= limit).astype(float),
        largest=estimates(rows).fillna(0.0),
    )  # fmt: skip
    keys = ["developer", "activity", "arm", "period", "unit", "size", "span", "estimated"]
    grouped = sums.groupby(keys)
    return grouped.sum().drop(columns="largest").join(grouped["largest"].max()).reset_index()


def _thirds(rows: pd.DataFrame) -> list[int]:
    """Return the third in which each estimate lies in its unit, by counting; -1 without one."""
    thirds = []
    units = pd.Series(_units(rows), rows.index)
    for activity, unit, estimate in zip(rows["activity"], units, estimates(rows), strict=True):
        others = estimates(rows[(rows["activity"] == activity) & (units == unit)]).dropna()
        below, equal = (others < estimate).sum(), (others == estimate).sum()
        middle = (below + equal / 2) / max(len(others), 1)
        thirds.append(-1 if np.isnan(estimate) else int(middle >= 1 / 3) + int(middle >= 2 / 3))
    return thirds


def in_both_arms(work: pd.DataFrame) -> pd.DataFrame:
    """Return the work items of developers with work in both arms."""
    return work[work.groupby("developer")["arm"].transform("nunique") == 2]


def estimate(
    work: pd.DataFrame,
    design: StudyDesign | None = "randomised",
    *,
    interval_level: float = 0.95,
    anytime: bool = False,
    from_sums: bool = False,
) -> ActivityEstimate:
    """Estimate the activity ``design`` from an items frame, at the level 0.95.

    From its sums alone, as of a large log, where ``from_sums``.
    """
    return estimate_activity(
        moments(work),
        activity="design",
        design=design,
        level=0.95,
        interval_level=interval_level,
        items=None if from_sums else cell_reader(lambda: work, "design"),
        clip=clipped_sums(work) if from_sums else None,
        anytime=anytime,
    )
