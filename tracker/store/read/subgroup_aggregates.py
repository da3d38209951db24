"""Sums over finished work items by the size of their estimate and the time since the rollout."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection

from tracker.domain.arms import SPAN_WEEKS
from tracker.domain.records import ArmRule, MaturityRule, ResidualModel, Selection
from tracker.store.read.arm_rules import ASSISTANCE
from tracker.store.read.clipped_residuals import clipped_terms, effects_of
from tracker.store.read.estimate_units import NO_ESTIMATE, POINTS
from tracker.store.read.group_sums import group_sums, groups
from tracker.store.read.item_rows import item_rows

NO_GROUP = -1
"""The size of an item without an estimate, and the span of an item without assistance."""


def subgroup_moments(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    *,
    model: ResidualModel | None,
    by_month: bool,
) -> pd.DataFrame:
    """Return sums over the closed work items that have an arm, by subgroup.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        maturity: When an item counts as complete.
        model: What is expected of an item, to clip residuals; items whose developer and activity
            have no effect in it are left out. None: all items, and no residuals.
        by_month: Whether to group by the month of the first entry.

    Returns:
        One row per ``developer``, ``activity``, ``arm``, ``period`` (months since 1970-01, or 0),
        ``unit`` of the estimate, ``size`` and ``span``. ``size`` is the third in which the estimate
        lies, 0 to 2, by its middle rank among those in the same unit: equal estimates have one
        size. ``span`` numbers the spans of ``SPAN_WEEKS`` of items with assistance. Both are
        ``NO_GROUP`` where there is none. The sums are those of
        :func:`tracker.store.read.aggregates.moments` without t and w, and those of
        :func:`tracker.store.read.clipped_residuals.clipped_sums`; ``estimated`` says that there is
        an estimate. ``largest`` is the largest estimate; 0 without one.
    """
    columns = ("developer", "activity", "month", "unit", "y", "x", "estimate")
    closed = item_rows(connection, selection, rule, maturity, which="closed")
    if model is not None:
        effects = effects_of(closed, model)
        is_expected = ~np.isnan(effects)
        closed, effects = closed.select(is_expected), effects[is_expected]
    rows = closed.frame((*columns, "day", "cutover", "arm"))
    period = rows["month"] if by_month else 0
    rows = rows.assign(period=period, size=_size(rows), span=_span(rows, rule))
    y, x = rows["y"].to_numpy(), rows["x"].to_numpy()
    residuals = np.zeros_like(y)
    if model is not None:
        residuals = y - effects
        residuals -= model.theta * (rows["arm"] == ASSISTANCE).to_numpy()
        residuals -= model.slope * x
        if model.points_offset:
            residuals -= model.points_offset * (rows["unit"] == POINTS).to_numpy()
    terms = {
        **{"y": y, "yy": y * y, "x": x, "xx": x * x, "xy": x * y},
        **dict(clipped_terms(residuals, x, model.limit if model else 0.0)),
    }
    keys = ("developer", "activity", "arm", "period", "unit", "size", "span")
    frame = group_sums(rows, keys, terms.items())
    largest = rows["estimate"].fillna(0.0).groupby(groups(rows, keys)[1]).max()
    return frame.assign(largest=largest, estimated=frame["unit"] != NO_ESTIMATE)


def _size(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Return the third in which an item's estimate lies, by twice its middle rank."""
    estimates = rows.groupby(["activity", "unit"], observed=True)["estimate"]
    rank = 3 * (estimates.rank("min") - 1 + estimates.rank("max"))
    items = estimates.transform("size")
    thirds = (rank >= 2 * items).astype("int64") + (rank >= 4 * items)
    return np.where(rows["unit"] == NO_ESTIMATE, NO_GROUP, thirds)


def _span(rows: pd.DataFrame, rule: ArmRule) -> NDArray[np.int64] | int:
    """Return the span since the rollout in which an item with assistance began."""
    if rule.by != "rollout":
        return NO_GROUP
    days = (rows["day"] - rows["cutover"]).to_numpy()
    spans = np.searchsorted([7 * weeks for weeks in SPAN_WEEKS], days, side="right")
    return np.where(rows["arm"] == ASSISTANCE, spans, NO_GROUP)
