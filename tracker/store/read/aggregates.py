"""The log reduced to frames by the database: a GROUP BY over a GROUP BY, so that what is fetched stays small.

Every function takes an open connection and hands back a DataFrame, whose columns keep their types when it is empty.
The sums are the moments of Wong et al. 2021 (compression): least squares needs nothing else of the rows.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import pandas as pd
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Double,
    Integer,
    Select,
    case,
    cast,
    exists,
    func,
    select,
)
from sqlalchemy.sql.selectable import CTE

from tracker.domain.errors import BadValue
from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.domain.times import DAY_SECONDS
from tracker.store.read.arm_rules import NEVER
from tracker.store.read.work_items import (
    KEY,
    chosen,
    entry_end,
    within_days,
    work_item_cte,
)
from tracker.store.schema import entries, tasks, work_items

Period = Literal["month", "week", "since"]

SINCE_DAYS = 28
MONDAY_OFFSET = 3
"""1970-01-01 was a Thursday: (local_day + 3) // 7 counts weeks that begin on Monday."""
_FAR = 100_000
"""Blocks added before a whole division and taken off after it: SQL rounds towards 0, and we want downwards."""


class LogSpan(NamedTuple):
    """What part of the log there is. The days and the last instant (epoch seconds) are None for an empty one."""

    first_day: int | None
    last_day: int | None
    last_epoch: int | None
    entries: int


def moments(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    *,
    period: Period = "month",
) -> pd.DataFrame:
    """Sums over work items by developer, activity, arm, period, status and whether estimated.

    Columns: developer, activity, arm, period (int), status, estimated (bool), n, and float sums of y = ln minutes,
    x = ln estimate_minutes, t = minutes, w = estimate_minutes and their products: y, yy, x, xx, xy, t, tt, w, ww, tw.
    Status is ``open`` (unfinished), else ``immature`` (begun too late), else ``zero`` (no minutes), else ``closed``.
    The y of an item of 0 minutes is 0, whatever its status; without an estimate x and w are 0. Items without an arm
    are left out (:func:`without_arm` counts them).

    ``period``: ``month`` since 1970-01, ``week`` since 1970 (Mondays), or ``since``: blocks of 28 days since the item's
    cutover (−1 is the last before it); that is of rollouts, and leaves out who never gets the assistant.
    """
    items = work_item_cte(selection, rule, maturity)
    block, known = _period(items, rule, period)
    rows = (
        select(
            items.c.developer,
            items.c.activity,
            items.c.arm,
            block.label("period"),
            items.c.status,
            items.c.estimate_minutes.is_not(None).label("estimated"),
            func.coalesce(_ln_minutes(items), 0.0).label("y"),
            func.coalesce(func.ln(items.c.estimate_minutes), 0.0).label("x"),
            items.c.minutes.label("t"),
            func.coalesce(items.c.estimate_minutes, 0.0).label("w"),
        )
        .where(items.c.arm.is_not(None), *known)
        .cte("logs")
        .prefix_with("MATERIALIZED")
    )
    keys = [
        rows.c[name] for name in ("developer", "activity", "arm", "period", "status", "estimated")
    ]
    y, x, t, w = rows.c.y, rows.c.x, rows.c.t, rows.c.w
    sums = {
        "y": y,
        "yy": y * y,
        "x": x,
        "xx": x * x,
        "xy": x * y,
        "t": t,
        "tt": t * t,
        "w": w,
        "ww": w * w,
        "tw": t * w,
    }
    totals = [func.sum(term, type_=Double).label(name) for name, term in sums.items()]
    return read_frame(connection, select(*keys, _count(), *totals).group_by(*keys).order_by(*keys))


def items(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """One row per work item with an arm, for what needs rows.

    Columns: developer, task, activity, arm, month, day, last_day (of its entries), status, minutes, estimate_minutes
    (NaN where missing), project.
    """
    rows = work_item_cte(selection, rule, maturity)
    days = (rows.c.month, rows.c.day, rows.c.last_day)
    columns = (
        *(rows.c[key] for key in KEY),
        rows.c.arm,
        *days,
        rows.c.status,
        rows.c.minutes,
        rows.c.estimate_minutes,
    )
    order = [rows.c.developer, rows.c.day, rows.c.task, rows.c.activity]
    return read_frame(
        connection, select(*columns, rows.c.project).where(rows.c.arm.is_not(None)).order_by(*order)
    )


def without_arm(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """How many work items the rule gives no arm: activity, n."""
    rows = work_item_cte(selection, rule, maturity)
    return _counted(connection, rows, [rows.c.activity], rows.c.arm.is_(None))


def durations(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """How long closed items took: activity, arm, days (whole, from the first entry to completion), n."""
    rows = work_item_cte(selection, rule, maturity)
    elapsed = rows.c.finished_epoch - rows.c.started_epoch
    days = cast(case((elapsed > 0, elapsed), else_=0) // DAY_SECONDS, Integer).label("days")
    return _counted(
        connection, rows, [rows.c.activity, rows.c.arm, days], rows.c.status == "closed"
    )


def distribution(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    *,
    width: float,
) -> pd.DataFrame:
    """Closed items by the size of their minutes: activity, arm, bin, n.

    Bin b holds the items with e^(b·width) ≤ minutes < e^((b+1)·width); ``width`` is in natural-log units and > 0.
    """
    rows = work_item_cte(selection, rule, maturity)
    size = _ln_minutes(rows) / width
    whole = cast(
        size, Integer
    )  # SQLite truncates and PostgreSQL rounds: one too high where it exceeds the size
    bins = case((whole > size, whole - 1), else_=whole).label("bin")
    return _counted(
        connection, rows, [rows.c.activity, rows.c.arm, bins], rows.c.status == "closed"
    )


def projects(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Closed items by project: activity, arm, project (missing where none is known), n."""
    rows = work_item_cte(selection, rule, maturity)
    return _counted(
        connection, rows, [rows.c.activity, rows.c.arm, rows.c.project], rows.c.status == "closed"
    )


def log_span(connection: Connection, selection: Selection) -> LogSpan:
    """First and last day, last instant and number of the entries selected (by their own day)."""
    ends = func.max(entry_end)
    query = select(func.min(entries.c.local_day), func.max(entries.c.local_day), ends, func.count())
    query = query.select_from(entries).where(
        *chosen(selection), *within_days(entries.c.local_day, selection)
    )
    if selection.project is not None:
        query = query.join(tasks, tasks.c.task == entries.c.task).where(
            tasks.c.project == selection.project
        )
    return LogSpan(*connection.execute(query).one())


def developers(connection: Connection, selection: Selection) -> set[str]:
    """Whose entries a selection holds; never to be shown."""
    query = select(entries.c.developer).distinct().where(*chosen(selection))
    if selection.project is not None:
        query = query.join(tasks, tasks.c.task == entries.c.task).where(
            tasks.c.project == selection.project
        )
    return set(connection.execute(query).scalars())


def developers_by_first_entry(connection: Connection) -> list[str]:
    """Every developer, in the order of their first entries: who comes later changes nobody's place. Not to be shown."""
    first = func.min(entries.c.started_epoch)
    query = (
        select(entries.c.developer)
        .group_by(entries.c.developer)
        .order_by(first, entries.c.developer)
    )
    return list(connection.execute(query).scalars())


def recorded_arm_sources(connection: Connection) -> set[str]:
    """What arms can be told by besides rollouts: ``assigned`` and ``assisted``, each where any row says so."""
    said = {
        "assigned": exists().where(work_items.c.assigned.is_not(None)),
        "assisted": exists().where(entries.c.assisted != "unknown"),
    }
    found = connection.execute(select(*said.values())).one()
    return {name for name, there in zip(said, found, strict=True) if there}


def read_frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """The rows of a query, each column of the type the query states, also when there are none."""
    rows = connection.execute(query).fetchall()
    columns = query.selected_columns
    table = pd.DataFrame.from_records(
        [tuple(row) for row in rows], columns=[c.key for c in columns]
    )
    return table.astype({c.key: _dtype(c) for c in columns if c.key is not None})


def _dtype(of: ColumnElement[Any]) -> str:
    for sql, name in ((Boolean, "bool"), (Integer, "int64"), (Double, "float64")):
        if isinstance(of.type, sql):
            return name
    return "str"


def _period(
    items: CTE, rule: ArmRule, period: Period
) -> tuple[ColumnElement[int], list[ColumnElement[bool]]]:
    """The block of time of an item, and the conditions for it to have one."""
    if period == "month":
        return items.c.month, []
    if period == "week":
        return (items.c.day + MONDAY_OFFSET) // 7, []
    if rule.by != "rollout":
        raise BadValue(
            f"period is 'since' with arms by {rule.by!r}: only rollouts have a day to count from."
        )
    shifted: ColumnElement[int] = items.c.day - items.c.cutover + SINCE_DAYS * _FAR
    return shifted // SINCE_DAYS - _FAR, [items.c.cutover != NEVER]


def _ln_minutes(items: CTE) -> ColumnElement[float]:
    """NULL at 0 minutes, whose logarithm PostgreSQL refuses to take."""
    return func.ln(case((items.c.minutes > 0, items.c.minutes)), type_=Double)


def _count() -> ColumnElement[int]:
    return func.count().label("n")


def _counted(
    connection: Connection,
    rows: CTE,
    keys: list[ColumnElement[Any]],
    condition: ColumnElement[bool],
) -> pd.DataFrame:
    """Work items by ``keys``; those without an arm only where no key asks for the arm."""
    query = select(*keys, _count()).select_from(rows).where(condition)
    if any(key is rows.c.arm for key in keys):
        query = query.where(rows.c.arm.is_not(None))
    return read_frame(connection, query.group_by(*keys).order_by(*keys))
