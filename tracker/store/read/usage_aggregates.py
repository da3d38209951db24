"""Whether assistants' use was watched, and what was used of what was drawn, by arm."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import CTE, Connection, and_, case, func, or_, select

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.store.conditions import WORK_ITEM_KEY, count_where, whole_sum
from tracker.store.read.aggregates import read_frame
from tracker.store.read.work_items import selection_conditions, work_item_cte
from tracker.store.schema import entries, usage_coverage


def use_by_arm(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return how much of each arm's work was watched, and what was used of it.

    An entry is watched on a day that all machines of its developer cover. What a draw filled in is
    no evidence of use; that it was not used needs a flag, or a watched day.

    Returns:
        One row per ``activity`` and ``arm`` of closed work items: ``entries``, ``watched`` entries,
        ``items``, and of them ``used`` and ``unused``; what the others were is not known.
    """
    items = work_item_cte(connection, selection, rule, maturity)
    same_item = and_(*(items.c[key] == entries.c[key] for key in WORK_ITEM_KEY))
    watched = _watched_days()
    same_day = and_(
        watched.c.developer == entries.c.developer, watched.c.day == entries.c.local_day
    )
    is_watched = watched.c.day.is_not(None)
    is_drawn = entries.c.basis == "drawn"
    is_used = and_(entries.c.assisted == "yes", ~is_drawn)
    is_unused = and_(entries.c.assisted == "no", or_(~is_drawn, is_watched))

    by_item = (
        select(
            *(items.c[key] for key in ("developer", "task", "activity", "arm")),
            func.count().label("entries"),
            count_where(is_watched).label("watched"),
            func.max(case((is_used, 1), else_=0)).label("used"),
            func.min(case((is_unused, 1), else_=0)).label("unused"),
        )
        .select_from(entries.join(items, same_item).outerjoin(watched, same_day))
        .where(
            items.c.arm.is_not(None),
            items.c.status == "closed",
            *selection_conditions(selection),
        )
        .group_by(*(items.c[key] for key in ("developer", "task", "activity", "arm")))
        .cte("use_by_item")
    )
    sums = [
        whole_sum(by_item.c[name]).label(name) for name in ("entries", "watched", "used", "unused")
    ]
    keys = [by_item.c.activity, by_item.c.arm]
    query = select(*keys, func.count().label("items"), *sums).group_by(*keys).order_by(*keys)
    return read_frame(connection, query)


def _watched_days() -> CTE:
    """Return the days that all machines of a developer cover.

    The day of a machine's last run is stored as one with other use, and is not over yet.
    """
    table = usage_coverage
    last_runs = (
        select(
            table.c.developer,
            table.c.machine,
            func.max(case((table.c.all_attributed == 0, table.c.day))).label("day"),
        )
        .group_by(table.c.developer, table.c.machine)
        .cte("last_runs")
    )
    machines = (
        select(last_runs.c.developer, func.count().label("machines"))
        .group_by(last_runs.c.developer)
        .cte("machines")
    )
    same_machine = and_(
        last_runs.c.developer == table.c.developer, last_runs.c.machine == table.c.machine
    )
    return (
        select(table.c.developer, table.c.day)
        .select_from(
            table.join(last_runs, same_machine).join(
                machines, machines.c.developer == table.c.developer
            )
        )
        .where(or_(last_runs.c.day.is_(None), table.c.day != last_runs.c.day))
        .group_by(table.c.developer, table.c.day, machines.c.machines)
        .having(func.count() == machines.c.machines)
        .cte("watched_days")
    )
