"""Sums of clipped residuals of work items: what Huber's pseudo-values need besides the moments."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection

from tracker.domain.records import ArmRule, MaturityRule, ResidualModel, Selection
from tracker.store.read.arm_rules import ASSISTANCE
from tracker.store.read.estimate_units import POINTS
from tracker.store.read.group_sums import group_sums
from tracker.store.read.item_rows import ItemRows, item_rows

Floats = NDArray[np.float64]


def clipped_sums(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    model: ResidualModel,
) -> pd.DataFrame:
    """Return sums of clipped residuals over closed work items, for Huber's pseudo-values.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        maturity: When an item counts as complete.
        model: What is expected of an item; items whose developer and activity have no effect in it
            are left out.

    Returns:
        One row per ``developer``, ``activity``, ``arm``, ``period`` (months since 1970-01) and
        ``unit`` of the estimate, with the sums of r = the residual between −limit and limit: ``r``,
        ``rx`` (x = ln estimate in that unit, 0 without an estimate), ``rr``, and ``inside``,
        the number of items whose residual is not beyond the limit.
    """
    rows = item_rows(connection, selection, rule, maturity, which="closed")
    effects = effects_of(rows, model)
    is_expected = ~np.isnan(effects)
    rows, expected = rows.select(is_expected), effects[is_expected]
    x = rows.numbers("x")
    expected = expected + model.theta * (rows.names("arm") == ASSISTANCE) + model.slope * x
    if model.points_offset:
        expected += model.points_offset * (rows.names("unit") == POINTS)
    terms = clipped_terms(rows.numbers("y") - expected, x, model.limit)
    columns = rows.frame(("developer", "activity", "arm", "month", "unit"))
    keys = ("developer", "activity", "arm", "period", "unit")
    return group_sums(columns.rename(columns={"month": "period"}), keys, terms).drop(columns="n")


def effects_of(rows: ItemRows, model: ResidualModel) -> Floats:
    """Return the effect of each work item's developer and activity; NaN where there is none."""
    developers, activities = rows.names("developer"), rows.names("activity")
    keys = itertools.product(developers.categories.tolist(), activities.categories.tolist())
    effects = np.array([model.effects.get(key, np.nan) for key in keys], dtype=np.float64)
    codes = developers.codes.astype(np.int64) * len(activities.categories) + activities.codes
    return np.asarray(effects[codes])


def clipped_terms(residuals: Floats, x: Floats, limit: float) -> Iterator[tuple[str, Floats]]:
    """Yield what the sums of clipped residuals are made of, one value per work item."""
    r = np.clip(residuals, -limit, limit)
    yield "r", r
    yield "rx", r * x
    yield "rr", r * r
    yield "inside", (abs(residuals) <= limit).astype(float)
