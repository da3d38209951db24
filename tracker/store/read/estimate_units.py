"""The unit of the estimate of a work item: minutes, or points where it has no minutes."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import ColumnElement, Double, FromClause, case, func

EstimateUnit = Literal["none", "minutes", "points"]
NO_ESTIMATE, MINUTES, POINTS = get_args(EstimateUnit)


def estimate_unit(items: FromClause) -> ColumnElement[str]:
    """Return in what a work item is estimated."""
    return case(
        (items.c.estimate_minutes.is_not(None), MINUTES),
        (items.c.estimate_points.is_not(None), POINTS),
        else_=NO_ESTIMATE,
    )


def estimate_of(items: FromClause) -> ColumnElement[float]:
    """Return the estimate in whichever unit; NULL without an estimate."""
    return func.coalesce(items.c.estimate_minutes, items.c.estimate_points, type_=Double)


def ln_estimate(items: FromClause) -> ColumnElement[float]:
    """Return ln estimate in whichever unit; 0 without an estimate."""
    return func.coalesce(func.ln(estimate_of(items)), 0.0, type_=Double)
