"""The unit of estimates: minutes or points, of which each activity has one."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Double, case, func, select
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


def units_of_items(connection: Connection, items: CTE) -> pd.Series[str]:
    """Return :func:`units_of_activities` of the work items that have an arm."""
    keys = (items.c.activity, items.c.status, estimate_unit(items).label("unit"))
    query = select(*keys, func.count()).where(items.c.arm.is_not(None)).group_by(*keys)
    rows = [tuple(row) for row in connection.execute(query)]
    names = ["activity", "status", "unit", "n"]
    return units_of_activities(pd.DataFrame.from_records(rows, columns=names))


def units_of_activities(frame: pd.DataFrame) -> pd.Series[str]:
    """Return in which unit each activity is estimated: activity → ``minutes`` or ``points``.

    That is points where more closed items are estimated in points than in minutes. Points and
    minutes have no common scale, so an estimate in the other unit counts as none.

    Args:
        frame: Rows with ``activity``, ``status``, ``unit`` and ``n``, the number of their work
            items: of all that have an arm.
    """
    closed = frame["n"].where(frame["status"] == "closed", 0)
    in_points, in_minutes = (
        closed.where(frame["unit"] == unit, 0).groupby(frame["activity"]).sum()
        for unit in (POINTS, MINUTES)
    )
    return (in_points > in_minutes).map({False: MINUTES, True: POINTS})


def is_in_unit(frame: pd.DataFrame, units: pd.Series[str]) -> pd.Series[bool]:
    """Return which rows are estimated in the unit of their activity, from units_of_activities."""
    return frame["unit"].eq(frame["activity"].map(units))
