"""Aggregates of work items, and the extent of the log.

Every function takes an open connection and returns a DataFrame, whose columns have their types also
when it is empty. The sums are the moments of Wong et al. (2021): least squares needs nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Boolean, ColumnElement, Connection, Double, Integer, Select, func, select

from tracker.domain.errors import BadValue
from tracker.domain.plausibility import isolated_months
from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.store.conditions import whole_sum
from tracker.store.read.arm_rules import NEVER
from tracker.store.read.entry_totals import totals_of
from tracker.store.read.estimate_units import MINUTES, NO_ESTIMATE, POINTS
from tracker.store.read.group_sums import group_sums, groups
from tracker.store.read.item_rows import ItemRows, item_rows
from tracker.store.read.temporary import shared
from tracker.store.read.work_items import entry_conditions
from tracker.store.schema import entry_totals

Period = Literal["month", "week", "since"]

MOMENT_KEY = ("developer", "activity", "arm", "period", "status", "unit")

SINCE_DAYS = 28
"""Days of a block of the period ``since``."""
MONDAY_OFFSET = 3
"""1970-01-01 was a Thursday: (local_day + 3) // 7 counts weeks that begin on Monday."""


class LogSpan(NamedTuple):
    """The extent of the log. Days and last instant (epoch seconds) are None where it is empty."""

    first_day: int | None
    last_day: int | None
    last_epoch: int | None
    """The end of the last entry that is not isolated, and at most the clock."""
    entries: int
    isolated_entries: int = 0
    """Entries that lie years away from all others."""
    future_entries: int = 0
    """Entries that lie after the clock. They are not counted in ``entries``."""


def moments(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    *,
    period: Period = "month",
    by_finish: bool = False,
) -> pd.DataFrame:
    """Return sums over work items.

    Items without an arm are left out; :func:`without_arm` counts them.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        maturity: When an item counts as complete.
        period: ``month`` counts from 1970-01, ``week`` from 1970 (weeks begin on Monday), with rows
            by ``month`` as well. ``since`` counts blocks of 28 days from the item's cutover, −1
            being the last before it; it is for rollouts, and leaves out developers who never get
            the assistant.
        by_finish: Group by ``finished_day`` too: the UTC day from which an item counted as
            complete; missing for those that do not.

    Returns:
        One row per ``developer``, ``activity``, ``arm``, ``period`` (int), ``status`` and ``unit``
        of the estimate (``minutes``, ``points``, ``none``), with ``n`` items and float sums of
        y = ln minutes, x = ln estimate, t = minutes, w = estimate_minutes and their products:
        ``y``, ``yy``, ``x``, ``xx``, ``xy``, ``t``, ``tt``, ``w``, ``ww``, ``tw``. Status is
        ``open`` (unfinished), else ``immature`` (begun too late), else ``zero`` (no minutes), else
        ``closed``. y is 0 for an item of 0 minutes. ``estimated`` (bool) says that there is an
        estimate; without one x and w are 0. w is 0 for points.

    Raises:
        BadValue: The period is ``since`` and the arms are not those of rollouts.
    """
    rows = item_rows(connection, selection, rule, maturity, which="with arm")
    if period == "since":
        rows = rows.select(rows.numbers("cutover") != NEVER)
    month = ("month",) if period == "week" else ()
    finished = ("finished_day",) if by_finish else ()
    names = ("developer", "activity", "arm", "status", "unit", *month, *finished)
    keys = rows.frame(names).assign(period=_periods(rows, rule, period))
    frame = group_sums(keys, (*MOMENT_KEY, *month, *finished), moment_terms(rows))
    return frame.assign(estimated=frame["unit"] != NO_ESTIMATE)


def moment_terms(rows: ItemRows) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield what moments are sums of, one value per work item."""
    yield from _products(rows, ("y", "yy", "x", "xx", "xy"))
    yield from _products(rows, ("t", "tt", "w", "ww", "tw"))


def _products(rows: ItemRows, names: Sequence[str]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield measures and their products, each of which is named by its factors."""
    measures = {name: _measure(rows, name) for name in names if len(name) == 1}
    for name in names:
        product = measures[name] if len(name) == 1 else measures[name[0]] * measures[name[1]]
        yield name, product


def _measure(rows: ItemRows, name: str) -> NDArray[np.float64]:
    if name == "y":
        return np.asarray(np.nan_to_num(rows.numbers("y"), copy=False))
    if name == "w":
        return np.where(rows.names("unit") == MINUTES, rows.numbers("estimate"), 0.0)
    return rows.numbers("minutes" if name == "t" else name)


def items(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    *,
    with_task: bool = True,
) -> pd.DataFrame:
    """Return the work items that have an arm.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        maturity: When an item counts as complete.
        with_task: Whether to return the names of the tasks, which take much memory.

    Returns:
        One row per item by ``developer`` and ``day``: ``developer``, ``task``, ``activity``,
        ``arm``, ``month`` and ``day`` of the first entry, ``last_day`` of the entries, ``status``,
        ``minutes``, ``estimate_minutes`` and ``estimate_points`` (NaN where missing; points also
        where there are minutes), ``project``.
    """
    names = ("developer", *(("task",) if with_task else ()), "activity", "arm")
    days = ("month", "day", "last_day")
    further = ("status", "minutes", "estimate", "unit", "project")
    rows = item_rows(
        connection, selection, rule, maturity, which="with arm", with_task=with_task
    ).frame((*names, *days, *further))
    rows = rows.sort_values(["developer", "day"], kind="stable", ignore_index=True)
    estimate, unit = rows.pop("estimate"), rows.pop("unit")
    rows = rows.astype(dict.fromkeys(days, "int64"))
    rows.insert(len(rows.columns) - 1, "estimate_minutes", estimate.where(unit == MINUTES))
    rows.insert(len(rows.columns) - 1, "estimate_points", estimate.where(unit == POINTS))
    return rows


def without_arm(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return the number of work items to which the rule gives no arm.

    Returns:
        One row per ``activity`` with ``n`` items.
    """
    rows = item_rows(connection, selection, rule, maturity)
    without = rows.select(rows.names("arm").isna())
    return group_sums(without.frame(("activity",)), ("activity",))


def start_days(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return when closed items with an estimate and an arm began.

    Returns:
        One row per ``activity`` with the ``first_day`` and the ``last_day`` of their first entries.
    """
    rows = item_rows(connection, selection, rule, maturity, which="closed")
    estimated = rows.select(rows.names("unit") != NO_ESTIMATE).frame(("activity", "day"))
    frame, group = groups(estimated, ("activity",))
    days = estimated["day"].groupby(group)
    return frame.assign(first_day=days.min(), last_day=days.max())


def durations(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return how long closed items took.

    Returns:
        One row per ``activity``, ``arm`` and ``days`` (whole days from the first entry to
        completion) with ``n`` items.
    """
    closed = item_rows(connection, selection, rule, maturity, which="closed")
    rows = closed.frame(("activity", "arm", "days"))
    rows = rows.assign(days=rows["days"].astype("int64"))
    return group_sums(rows, ("activity", "arm", "days"))


def finished(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return when items that have an arm were finished.

    Returns:
        One row per ``finished_day`` (the UTC day from which an item counted as finished; missing
        for those that do not) with ``n`` items.
    """
    rows = item_rows(connection, selection, rule, maturity, which="with arm")
    return group_sums(rows.frame(("finished_day",)), ("finished_day",))


def distribution(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    *,
    width: float,
) -> pd.DataFrame:
    """Return the distribution of the minutes of closed items.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        maturity: When an item counts as complete.
        width: The width of a bin on the scale of natural logarithms, above 0.

    Returns:
        One row per ``activity``, ``arm`` and ``bin`` with ``n`` items. Bin b holds the items with
        e^(b·width) ≤ minutes < e^((b+1)·width).
    """
    closed = item_rows(connection, selection, rule, maturity, which="closed")
    rows = closed.frame(("activity", "arm", "y"))
    rows = rows.assign(bin=np.floor(rows["y"] / width).astype("int64"))
    return group_sums(rows, ("activity", "arm", "bin"))


def projects(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return the number of closed items by project.

    Returns:
        One row per ``activity``, ``arm`` and ``project`` (missing where the task has none) with
        ``n`` items.
    """
    columns = ("activity", "arm", "project")
    closed = item_rows(connection, selection, rule, maturity, which="closed")
    return group_sums(closed.frame(columns), columns)


def log_span(connection: Connection, selection: Selection) -> LogSpan:
    """Return the extent of the selected entries, which are selected by their own day."""
    in_time = totals_of(connection, selection, by_own_day=True)
    query = select(
        in_time.c.local_month.label("month"),
        func.min(in_time.c.first_day).label("first_day"),
        func.max(in_time.c.last_day).label("last_day"),
        func.max(in_time.c.ended_epoch).label("last_epoch"),
        whole_sum(in_time.c.entries).label("n"),
    ).where(*entry_conditions(connection, selection, in_time))
    months = connection.execute(query.group_by(in_time.c.local_month)).all()
    span = _joined_span(months, selection.clock_epoch)
    if in_time is entry_totals:
        return span
    timeless = dataclasses.replace(selection, clock_epoch=None)
    every = totals_of(connection, timeless, by_own_day=True)
    number = select(func.coalesce(whole_sum(every.c.entries), 0)).where(
        *entry_conditions(connection, timeless, every)
    )
    return span._replace(future_entries=connection.execute(number).scalar_one() - span.entries)


def developers(connection: Connection, selection: Selection) -> set[str]:
    """Return the developers of the selected entries. They must never be shown."""
    totals = totals_of(connection, selection, by_own_day=True)
    if totals is entry_totals:  # no entry lies after the clock
        selection = dataclasses.replace(selection, clock_epoch=None)

    def find() -> set[str]:
        conditions = entry_conditions(connection, selection, totals)
        query = select(totals.c.developer).distinct().where(*conditions)
        return set(connection.execute(query).scalars())

    return shared(connection, ("developers", selection), find)


def developers_by_first_entry(connection: Connection) -> list[str]:
    """Return every developer by first entry. They must never be shown.

    A new developer does not change the positions of the others.
    """
    totals = entry_totals.c
    first = func.min(totals.first_epoch)
    query = select(totals.developer).group_by(totals.developer).order_by(first, totals.developer)
    return list(connection.execute(query).scalars())


def read_frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """Return the rows of a query, with its column types also when there are none."""
    rows = connection.execute(query).fetchall()
    columns = query.selected_columns
    table = pd.DataFrame.from_records(
        [tuple(row) for row in rows], columns=[c.key for c in columns]
    )
    return table.astype({c.key: _dtype(c) for c in columns if c.key is not None})


def _joined_span(months: Sequence[Any], clock_epoch: int | None) -> LogSpan:
    """Return the extent of the log from the extents of its months."""
    if not months:
        return LogSpan(None, None, None, 0)
    isolated = isolated_months({row.month: row.n for row in months})
    last_epoch = max(row.last_epoch for row in months if row.month not in isolated)
    return LogSpan(
        first_day=min(row.first_day for row in months),
        last_day=max(row.last_day for row in months),
        last_epoch=last_epoch if clock_epoch is None else min(last_epoch, clock_epoch),
        entries=sum(row.n for row in months),
        isolated_entries=sum(row.n for row in months if row.month in isolated),
    )


def _dtype(column: ColumnElement[Any]) -> str:
    for sql_type, dtype in ((Boolean, "bool"), (Integer, "int64"), (Double, "float64")):
        if isinstance(column.type, sql_type):
            return dtype
    return "str"


def _periods(rows: ItemRows, rule: ArmRule, period: Period) -> NDArray[np.integer[Any]]:
    """Return the period of each work item."""
    if period == "month":
        return rows.numbers("month")
    if period == "week":
        return np.asarray((rows.numbers("day") + MONDAY_OFFSET) // 7)
    if rule.by != "rollout":
        raise BadValue(
            f"period is 'since' with arms by {rule.by!r}: only rollouts have a day to count from."
        )
    return np.asarray((rows.numbers("day") - rows.numbers("cutover")) // SINCE_DAYS)
