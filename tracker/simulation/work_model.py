"""What simulated work is drawn from: the developers, tasks, spread and drift of a baseline.

ln minutes of a work item = intercept + pace of its developer + slope · ln estimate + residual
+ level of the team in that week + level of the developer in that week (+ θ with assistance).

Estimate, residual and days from start to completion are those of one item of the baseline, drawn
with replacement from all of them. Both levels are random walks over weeks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tracker.domain.errors import NothingToDo
from tracker.evidence.estimators.least_squares import estimate_terms, fit_least_squares
from tracker.evidence.intervals import DRIFT_SD
from tracker.evidence.moments import (
    Cells,
    Floats,
    Integers,
    cells_from_items,
    cross_products,
    subtract_developer_means,
)
from tracker.evidence.sample import select_sample

MIN_ITEMS = 20
"""Finished work items that a model needs."""

_MIN_SLOPE = 0.1
"""Slope of ln estimate below which it says too little to convert points to minutes by."""

PRIOR_DF = 4
"""Degrees of freedom with which DRIFT_SD counts against the baseline's own movement."""

DAYS_OF_WEEK = 7


@dataclass(frozen=True, slots=True)
class WorkModel:
    """The distribution of simulated work; arrays by developer (G) or by work item (n)."""

    paces: Floats
    """The level of each developer's ln minutes around the mean of all, G."""
    items_per_week: Floats
    """Work items that each developer begins in a week, G."""
    estimate_minutes: Floats | None
    """Estimated minutes, n; None where the baseline has too few estimates to adjust by.

    Those in points are the minutes that let expect as much work.
    """
    residuals: Floats
    """Deviations of ln minutes from what is expected, of the same items, n."""
    days: Integers
    """Days from the first to the last entry, of the same items, n."""
    intercept: float
    slope: float
    """Change of ln minutes by ln estimate; 0 without estimates."""
    team_drift: float = DRIFT_SD
    """Standard deviation of the change of the team's level from the first half of a study to the
    second."""
    developer_drift: float = DRIFT_SD
    """The same of each developer's level against that of the team."""

    @property
    def developers(self) -> int:
        """Number of developers, G."""
        return len(self.paces)

    @property
    def items(self) -> int:
        """Number of work items that simulated ones are drawn from."""
        return len(self.residuals)

    @property
    def spread(self) -> float:
        """Standard deviation of the residuals."""
        return float(np.sqrt(np.mean(self.residuals**2)))

    def ln_minutes(self, developer: Integers, source: Integers) -> Floats:
        """Return ln minutes of work items without drift and assistance, n.

        Args:
            developer: The number of each item's developer.
            source: The item of the baseline that each is drawn from.

        """
        x = 0.0 if self.estimate_minutes is None else np.log(self.estimate_minutes[source])
        ln_minutes = self.intercept + self.paces[developer] + self.slope * x
        return np.asarray(ln_minutes + self.residuals[source])

    def with_developers(self, developers: int) -> WorkModel:
        """Return the model of a team of another size: its developers are repeated in turn."""
        numbers = np.arange(developers) % self.developers
        return replace(self, paces=self.paces[numbers], items_per_week=self.items_per_week[numbers])


def work_model(items: pd.DataFrame) -> WorkModel:
    """Return the model of a baseline.

    Args:
        items: Work items of one activity, as :func:`tracker.store.read.aggregates.items` returns
            them. Those of the assistance arm, and unfinished ones, are left out.

    Raises:
        NothingToDo: Too few finished work items, or their minutes do not vary.

    """
    usable = items[
        (items["arm"] == "baseline") & (items["status"] == "closed") & (items["minutes"] > 0)
    ].reset_index(drop=True)
    sample = select_sample(cells_from_items(usable), "randomised")
    cells = _with_points_in_minutes(sample.cells) if sample.adjusted else sample.cells
    if cells.items < MIN_ITEMS:
        raise NothingToDo(
            f"{cells.items or 'no'} finished work item{'' if cells.items == 1 else 's'} of the "
            f"baseline: a simulation draws from them, and needs {MIN_ITEMS}. `tracker import` "
            "brings older work, `tracker task KEY --done` marks what is finished."
        )
    slope, residuals = _residuals(cells, adjusted=sample.adjusted)
    expected = cells.y - slope * cells.x
    effects = cells.per_developer(expected) / cells.per_developer(cells.n)
    intercept = float(expected.mean())
    days = usable["day"].to_numpy(dtype=np.int64)
    span = usable["last_day"].to_numpy(dtype=np.int64) - days
    weeks = max(1.0, float(np.ptp(days) + 1) / DAYS_OF_WEEK)
    team_drift, developer_drift = _drifts(cells, expected - effects[cells.developer], residuals)
    return WorkModel(
        paces=effects - intercept,
        items_per_week=cells.per_developer(cells.n) / weeks,
        estimate_minutes=cells.w if sample.adjusted else None,
        residuals=residuals,
        days=span[cells.source],
        intercept=intercept,
        slope=slope,
        team_drift=team_drift,
        developer_drift=developer_drift,
    )


def made_up_model(rng: np.random.Generator, *, developers: int = 8, items: int = 400) -> WorkModel:
    """Return a model without a log, for tests: log-normal estimates, t-distributed residuals."""
    residuals = 0.4 * rng.standard_t(5, items)
    return WorkModel(
        paces=rng.normal(0.0, 0.25, developers),
        items_per_week=rng.uniform(0.7, 2.0, developers),
        estimate_minutes=15.0 * np.maximum(1.0, np.round(np.exp(rng.normal(2.1, 0.7, items)))),
        residuals=residuals - residuals.mean(),
        days=rng.geometric(0.4, items).astype(np.int64) - 1,
        intercept=1.2,
        slope=0.75,
    )


def _with_points_in_minutes(cells: Cells) -> Cells:
    """Return work items with the estimates in minutes that let expect as much as theirs in points.

    Where ln minutes = β·x + δ for points, that is x + δ/β. Where δ is not determined, developers
    use one unit each, and any constant serves: then points get the mean of the other estimates, or
    of ln minutes.

    Args:
        cells: One cell per work item, each with an estimate.
    """
    points = cells.points
    if not points.any():
        return cells
    others = cells.y if points.all() else cells.x[~points]
    shift = float(others.mean() - cells.x[points].mean())
    fit = fit_least_squares(cross_products(cells, estimate_terms(cells)))
    if fit is not None and len(fit.beta) > 1 and fit.theta > _MIN_SLOPE:
        shift = float(fit.beta[1]) / fit.theta
    x = cells.x + shift * points
    w = np.where(points, np.exp(x), cells.w)
    return replace(
        cells,
        points=np.zeros_like(points),
        x=x,
        xx=x * x,
        xy=x * cells.y,
        w=w,
        ww=w * w,
        tw=cells.t * w,
    )


def _residuals(cells: Cells, *, adjusted: bool) -> tuple[float, Floats]:
    """Return the slope of x, and the residuals around developer and month effects and that slope.

    The residuals are scaled to have the standard deviation of the fit, √(Σe²/ν).
    """
    terms = (("x", "months"), ("x",)) if adjusted else ()
    sums = cells.merge()  # as many cells as developers have months: an indicator each is small then
    for candidate in (*terms, ("months",), ()):
        fit = fit_least_squares(cross_products(sums, candidate, by_developer=False))
        if fit is not None and fit.residual_df > 0:
            break
    else:
        raise NothingToDo("the baseline has hardly more work items than developers: log more work.")
    slope = fit.theta if "x" in candidate else 0.0
    levels = fit.beta[1:] if "x" in candidate else fit.beta
    expected = slope * cells.x
    if "months" in candidate:
        expected += np.append(0.0, levels)[np.unique(cells.period, return_inverse=True)[1]]
    residuals = subtract_developer_means(cells, cells.y - expected)
    if fit.residual_sum_of_squares <= 1e-12 * cells.items:
        raise NothingToDo("the minutes of the baseline do not vary: there is nothing to draw from.")
    return slope, residuals * math.sqrt(cells.items / fit.residual_df)


def _drifts(cells: Cells, deviations: Floats, residuals: Floats) -> tuple[float, float]:
    """Return the drift of the team, and of developers against it.

    Args:
        cells: The work items.
        deviations: Of ln minutes from what developer and estimate let expect.
        residuals: The same without the movement of the team.

    """
    noise = float(np.mean(residuals**2))
    everybody = np.zeros_like(cells.developer)
    return (
        _drift(everybody, cells.period, deviations, noise),
        _drift(cells.developer, cells.period, residuals, noise),
    )


def _drift(group: Integers, month: Integers, deviations: Floats, noise: float) -> float:
    """Return the standard deviation of the change from the first half of a period to the second.

    The movement from month to month is that of a random walk. Its variance d² − v, with v the
    sampling variance of the difference d of two monthly means, is averaged with the weights
    (p/(p + v))², p being the variance that DRIFT_SD implies. Their sum are the degrees of freedom
    with which it counts beside the 4 of DRIFT_SD.
    """
    levels = (
        pd.DataFrame({"group": group, "month": month, "deviation": deviations})
        .groupby(["group", "month"])["deviation"]
        .agg(["mean", "size"])
        .reset_index()
    )
    following = levels.groupby("group").shift(-1)
    gap = following["month"] - levels["month"]
    has_next = gap.notna()
    if not has_next.any():
        return DRIFT_SD
    scale = half_difference_variance(int(np.ptp(month)) + 1)
    prior = DRIFT_SD**2 / scale
    step = ((following["mean"] - levels["mean"]) ** 2 / gap)[has_next]
    sampling = (noise * (1 / levels["size"] + 1 / following["size"]) / gap)[has_next]
    weights = (prior / (prior + sampling)) ** 2
    information = float(weights.sum())
    movement = max(0.0, float((weights * (step - sampling)).sum()) / information)
    return math.sqrt(scale * (PRIOR_DF * prior + information * movement) / (PRIOR_DF + information))


def half_difference_variance(steps: int) -> float:
    """Return the variance of the difference of the means of the halves of a random walk.

    Of T unit steps it is (T² + 2)/(3T), for even T.
    """
    return (steps**2 + 2) / (3 * steps)
