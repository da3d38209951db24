"""The unit of estimates: minutes or points, of which each activity has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import pandas as pd
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


def in_unit_of_activity(
    frame: pd.DataFrame, counts: Sequence[int] | pd.Series[int]
) -> pd.Series[bool]:
    """Return which rows of work items are estimated in the unit of their activity.

    That is points where more closed items are estimated in points than in minutes. Points and
    minutes have no common scale, so an estimate in the other unit counts as none.

    Args:
        frame: Rows with ``activity``, ``status`` and ``unit``.
        counts: The number of work items of each row.
    """
    closed = pd.Series(counts, index=frame.index).where(frame["status"] == "closed", 0)
    totals = {
        unit: closed.where(frame["unit"] == unit, 0).groupby(frame["activity"]).transform("sum")
        for unit in (MINUTES, POINTS)
    }
    is_points = totals[POINTS] > totals[MINUTES]
    unit = is_points.map({False: MINUTES, True: POINTS})
    return frame["unit"].eq(unit)
