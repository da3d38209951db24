"""Sums over finished work items by the size of their estimate and the time since the rollout."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Integer,
    and_,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.sql.selectable import CTE

from tracker.domain.arms import SPAN_WEEKS
from tracker.domain.records import ArmRule, MaturityRule, ResidualModel, Selection
from tracker.store.read.aggregates import ln_minutes, read_frame
from tracker.store.read.arm_rules import ASSISTANCE
from tracker.store.read.clipped_residuals import effects_table
from tracker.store.read.estimate_units import (
    NO_ESTIMATE,
    estimate_unit,
    in_points,
    ln_estimate,
)
from tracker.store.read.work_items import work_item_cte

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
    items = _grouped_items(
        work_item_cte(connection, selection, rule, maturity), rule, model, by_month=by_month
    )
    names = ("developer", "activity", "arm", "period", "unit", "size", "span")
    keys = [items.c[name] for name in names]
    y, x, r = items.c.y, items.c.x, items.c.r
    sums = {
        **{"y": y, "yy": y * y, "x": x, "xx": x * x, "xy": x * y},
        **{"r": r, "rx": r * x, "rr": r * r, "inside": items.c.inside},
    }
    totals = [func.sum(term, type_=Double).label(name) for name, term in sums.items()]
    largest = func.max(items.c.estimate, type_=Double).label("largest")
    query = select(*keys, func.count().label("n"), *totals, largest)
    frame = read_frame(connection, query.group_by(*keys).order_by(*keys))
    return frame.assign(estimated=frame["unit"] != NO_ESTIMATE)


def _grouped_items(work: CTE, rule: ArmRule, model: ResidualModel | None, *, by_month: bool) -> CTE:
    """Return one row per item with its subgroups, y, x and its clipped residual r."""
    x, y, unit = ln_estimate(work), ln_minutes(work), estimate_unit(work)
    source: Any = work
    residual: ColumnElement[Any] = literal(0.0)
    limit = 0.0
    if model is not None:
        effects = effects_table(model)
        source = work.join(
            effects,
            and_(effects.c.developer == work.c.developer, effects.c.activity == work.c.activity),
        )
        is_assistance = case((work.c.arm == ASSISTANCE, 1.0), else_=0.0)
        residual = y - effects.c.effect - model.theta * is_assistance - model.slope * x
        if model.points_offset:
            residual -= model.points_offset * in_points(work)
        limit = model.limit
    rows = (
        select(
            *(work.c[name] for name in ("developer", "activity", "arm")),
            (work.c.month if by_month else literal(0, Integer)).label("period"),
            unit.label("unit"),
            func.coalesce(work.c.estimate_minutes, work.c.estimate_points, 0.0).label("estimate"),
            _size(work, unit).label("size"),
            _span(work, rule).label("span"),
            y.label("y"),
            x.label("x"),
            residual.label("e"),
        )
        .select_from(source)
        .where(work.c.arm.is_not(None), work.c.status == "closed")
        .cte("subgroup_items")
        .prefix_with("MATERIALIZED")
    )
    e = rows.c.e
    return select(
        rows,
        case((e > limit, limit), (e < -limit, -limit), else_=e).label("r"),
        case((and_(e <= limit, e >= -limit), 1.0), else_=0.0).label("inside"),
    ).cte("clipped_items")


def _size(work: CTE, unit: ColumnElement[str]) -> ColumnElement[int]:
    """Return the third in which an item's estimate lies, by twice its middle rank."""
    estimate = func.coalesce(work.c.estimate_minutes, work.c.estimate_points)
    partition = (work.c.activity, unit)
    below = func.rank().over(partition_by=partition, order_by=estimate) - 1
    up_to = func.count().over(partition_by=partition, order_by=estimate)
    items = func.count().over(partition_by=partition)
    rank = 3 * (below + up_to)
    return case(
        (unit == NO_ESTIMATE, NO_GROUP), (rank < 2 * items, 0), (rank < 4 * items, 1), else_=2
    )


def _span(work: CTE, rule: ArmRule) -> ColumnElement[int]:
    """Return the span since the rollout in which an item with assistance began."""
    if rule.by != "rollout":
        return literal(NO_GROUP, Integer)
    days = work.c.day - work.c.cutover
    spans = [(days < 7 * weeks, number) for number, weeks in enumerate(SPAN_WEEKS)]
    return case((work.c.arm != ASSISTANCE, NO_GROUP), *spans, else_=len(SPAN_WEEKS))
