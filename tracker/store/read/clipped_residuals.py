"""Sums of clipped residuals of work items: what Huber's pseudo-values need besides the moments."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, Double, String, and_, case, cast, column, func, select, values
from sqlalchemy.sql.selectable import CTE

from tracker.domain.records import ArmRule, MaturityRule, ResidualModel, Selection
from tracker.store.read.aggregates import ln_minutes, read_frame
from tracker.store.read.arm_rules import ASSISTANCE
from tracker.store.read.estimate_units import estimate_unit, in_points, ln_estimate
from tracker.store.read.work_items import work_item_cte


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
    work = work_item_cte(connection, selection, rule, maturity)
    effects = effects_table(model)
    x = ln_estimate(work)
    is_assistance = case((work.c.arm == ASSISTANCE, 1.0), else_=0.0)
    expected = effects.c.effect + model.theta * is_assistance + model.slope * x
    if model.points_offset:
        expected += model.points_offset * in_points(work)
    keys = [work.c.developer, work.c.activity, work.c.arm]
    residuals = (
        select(
            *keys,
            work.c.month.label("period"),
            estimate_unit(work).label("unit"),
            x.label("x"),
            (ln_minutes(work) - expected).label("residual"),
        )
        .select_from(
            work.join(
                effects,
                and_(
                    effects.c.developer == work.c.developer, effects.c.activity == work.c.activity
                ),
            )
        )
        .where(work.c.arm.is_not(None), work.c.status == "closed")
        .cte("residuals")
        .prefix_with("MATERIALIZED")
    )
    e, limit = residuals.c.residual, model.limit
    r = case((e > limit, limit), (e < -limit, -limit), else_=e)
    inside = case(((e <= limit) & (e >= -limit), 1.0), else_=0.0)
    sums = {"r": r, "rx": r * residuals.c.x, "rr": r * r, "inside": inside}
    groups = [residuals.c[name] for name in ("developer", "activity", "arm", "period", "unit")]
    totals = [func.sum(term, type_=Double).label(name) for name, term in sums.items()]
    return read_frame(connection, select(*groups, *totals).group_by(*groups).order_by(*groups))


def effects_table(model: ResidualModel) -> CTE:
    """Return the effects of a model as a table with developer, activity and effect."""
    rows = [(*key, effect) for key, effect in sorted(model.effects.items())]
    listed = (
        values(
            column("developer", String),
            column("activity", String),
            column("effect", Double),
            name="effects_listed",
        )
        .data(rows)
        .cte("effects_listed")
    )
    typed = select(
        cast(listed.c.developer, String).label("developer"),
        cast(listed.c.activity, String).label("activity"),
        cast(listed.c.effect, Double).label("effect"),
    )
    return typed.cte("effects").prefix_with("MATERIALIZED")
