"""The unit of the estimate of a work item: minutes, or points where it has no minutes."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import ColumnElement, Double, case, func
from sqlalchemy.sql.selectable import CTE

EstimateUnit = Literal["none", "minutes", "points"]
NO_ESTIMATE, MINUTES, POINTS = get_args(EstimateUnit)


def estimate_unit(items: CTE) -> ColumnElement[str]:
    """Return in what a work item is estimated."""
    return case(
        (items.c.estimate_minutes.is_not(None), MINUTES),
        (items.c.estimate_points.is_not(None), POINTS),
        else_=NO_ESTIMATE,
    )


def ln_estimate(items: CTE) -> ColumnElement[float]:
    """Return ln estimate in whichever unit; 0 without an estimate."""
    estimate = func.coalesce(items.c.estimate_minutes, items.c.estimate_points)
    return func.coalesce(func.ln(estimate), 0.0, type_=Double)


def in_points(items: CTE) -> ColumnElement[float]:
    """Return 1 for a work item that is estimated in points, else 0."""
    return case((estimate_unit(items) == POINTS, 1.0), else_=0.0)
