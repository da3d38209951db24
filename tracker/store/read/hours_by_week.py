"""The effort of each developer by week, arm and activity."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, select

from tracker.domain.records import ArmRule, Selection
from tracker.store.conditions import whole_sum
from tracker.store.read.aggregates import MONDAY_OFFSET, read_frame
from tracker.store.read.arm_rules import arm_by_day, entry_arm, with_cutovers
from tracker.store.read.work_items import entry_conditions
from tracker.store.schema import entries


def weekly_hours(
    connection: Connection, selection: Selection, rule: ArmRule, *, first_day: int, last_day: int
) -> pd.DataFrame:
    """Return the effort of each developer by arm and activity, of all activities, in whole weeks.

    The arm is that of the entry: by its own day for rollouts, by its own flag for ``assisted``, its
    item's drawn arm for ``assigned``. The selection's days are the entry's own. With rollouts
    entries without a cutover are left out, and so is the week in which a cutover lies, unless that
    is its Monday.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        first_day: The Monday of the first whole week.
        last_day: The Sunday of the last one.

    Returns:
        One row per ``developer``, ``arm`` ("" for none) and ``activity``: ``seconds``, and
        ``weeks``, which add up to the weeks in which the developer logged anything: with rollouts
        by arm, otherwise in all.
    """
    source, arm = entry_arm(rule)
    week = _week(entries.c.local_day)
    conditions = [
        *entry_conditions(connection, selection.with_activities()),
        entries.c.local_day.between(first_day, last_day),
    ]
    if rule.by == "rollout":
        source, cutover = with_cutovers(rule)
        arm = arm_by_day(entries.c.local_day, cutover)
        is_divided = and_((cutover + MONDAY_OFFSET) % 7 != 0, _week(cutover) == week)
        conditions += [arm.is_not(None), not_(is_divided)]
    keys = [
        entries.c.developer,
        week.label("week"),
        func.coalesce(arm, "").label("arm"),
        entries.c.activity,
    ]
    sums = (
        select(*keys, whole_sum(entries.c.seconds).label("seconds"))
        .select_from(source)
        .where(*conditions)
        .group_by(*keys)
        .cte("sums")
    )
    position = func.row_number().over(
        partition_by=(sums.c.developer, sums.c.week), order_by=(sums.c.arm, sums.c.activity)
    )
    weeks = select(sums, case((position == 1, 1), else_=0).label("first")).cte("weeks")
    groups = [weeks.c[name] for name in ("developer", "arm", "activity")]
    query = select(
        *groups,
        whole_sum(weeks.c.seconds).label("seconds"),
        whole_sum(weeks.c.first).label("weeks"),
    )
    return read_frame(connection, query.group_by(*groups).order_by(*groups))


def _week(day: ColumnElement[int]) -> ColumnElement[int]:
    """Return the week of a day, as weeks since 1970; they begin on Monday."""
    return (day + MONDAY_OFFSET) // 7
