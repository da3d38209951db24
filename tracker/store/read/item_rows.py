"""Work items in memory: their columns, read once in a transaction.

The database makes one row of the entries of a work item. What is summed over work items is summed
here, by :mod:`tracker.store.read.group_sums`: alike on every database, without a further statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import (
    REAL,
    Boolean,
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Integer,
    case,
    cast,
    func,
    select,
)

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.domain.times import DAY_SECONDS
from tracker.store.conditions import spellings
from tracker.store.read.arm_rules import NO_DAY
from tracker.store.read.estimate_units import estimate_of, estimate_unit
from tracker.store.read.temporary import shared
from tracker.store.read.work_items import without_limits, work_items_of_rule

CHUNK_ROWS = 5_000
"""Rows that are held as Python objects at a time."""

NAMES = ("developer", "task", "activity", "arm", "status", "project", "unit")
"""The columns of names; the others are numbers."""

Column = NDArray[Any] | pd.Categorical

STATUSES = ("closed", "immature", "open", "zero")


@dataclass(frozen=True, slots=True)
class ItemRows:
    """Work items of a selection, by developer, task and activity.

    A column is copied when it is asked for, so that few are held twice at a time.
    """

    columns: dict[str, Column]
    """Columns of the work items of all activities and days."""
    is_selected: NDArray[np.bool_]
    """Which of them are selected."""
    last_start_day: int | None
    """The last day on which an item began early enough to be complete; None is no limit."""

    def numbers(self, name: str) -> NDArray[Any]:
        """Return a column of numbers of :func:`item_rows`."""
        if name == "y":
            minutes = self.numbers("minutes")
            return np.asarray(np.log(np.where(minutes > 0, minutes, np.nan)))
        if name == "x":
            return np.asarray(np.nan_to_num(np.log(self.numbers("estimate")), copy=False))
        return np.asarray(self.columns[name][self.is_selected])

    def names(self, name: str) -> pd.Categorical:
        """Return a column of names of :func:`item_rows`."""
        names = self.columns[name][self.is_selected]
        assert isinstance(names, pd.Categorical)  # noqa: S101
        if name == "status" and self.last_start_day is not None:
            return _with_immature(names, self.numbers("day") > self.last_start_day)
        return names

    def frame(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns."""
        return pd.DataFrame(
            {name: self.names(name) if name in NAMES else self.numbers(name) for name in columns},
            copy=False,
        )

    def select(self, mask: NDArray[np.bool_]) -> ItemRows:
        """Return the work items where ``mask``, one value for each of these, is true."""
        is_selected = self.is_selected.copy()
        is_selected[is_selected] = mask
        return ItemRows(self.columns, is_selected, self.last_start_day)


def item_rows(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    *,
    which: Literal["all", "with arm", "closed"] = "all",
    with_task: bool = False,
) -> ItemRows:
    """Return the work items of a selection.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        maturity: When an item counts as complete.
        which: All items, those that have an arm, or those of them that are closed.
        with_task: Whether to read the names of the tasks, which take much memory.

    Returns:
        The columns ``developer``, ``task``, ``activity``, ``arm``, ``status``, ``project``,
        ``day``, ``month``, ``last_day`` and ``minutes`` are as in
        :func:`tracker.store.read.work_items.work_item_cte`; ``cutover`` is ``NO_DAY`` without one.
        ``y`` = ln minutes, missing at 0. ``estimate`` is in its ``unit``, missing without one, and
        ``x`` its logarithm, 0 without one; ``dated`` says whether it is known when it was made.
        ``days`` (whole days from the first entry to completion) and ``finished_day`` (the UTC day
        from which the item counted as finished) are missing while it is open. Names are categories
        in their order, missing where there is none.
    """
    whole, unlimited = without_limits(selection, maturity)
    further = ("task",) if with_task else ()
    columns = shared(
        connection,
        ("item_rows", whole, rule, unlimited, *further),
        lambda: _read(connection, work_items_of_rule(connection, whole, rule, unlimited), further),
    )
    is_selected = _is_selected(columns, selection)
    if which != "all":
        is_selected &= np.asarray(~pd.isna(columns["arm"]))
    if which == "closed":
        is_selected &= np.asarray(columns["status"] == "closed")
        if maturity.last_start_day is not None:
            is_selected &= columns["day"] <= maturity.last_start_day
    return ItemRows(columns, is_selected, maturity.last_start_day)


def with_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its categories as texts."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("category").columns, "str"))


def _columns(items: FromClause, further: Collection[str]) -> dict[str, ColumnElement[Any]]:
    """Return the columns to read, with types that say how they are held."""
    c = items.c
    elapsed = c.finished_epoch - c.started_epoch
    elapsed_days = case((elapsed > 0, elapsed), (elapsed.is_not(None), 0)) // DAY_SECONDS
    return {
        **{name: c[name] for name in ("developer", "activity", "arm", "status", "project")},
        **{name: c[name] for name in ("day", "month", "last_day", "minutes", *further)},
        "unit": estimate_unit(items),
        "cutover": func.coalesce(c.cutover, NO_DAY, type_=Integer),
        "days": cast(elapsed_days, REAL),
        "finished_day": cast(c.settled_epoch // DAY_SECONDS, REAL),
        "dated": c.estimated_epoch.is_not(None),
        "estimate": estimate_of(items),
    }


def _read(connection: Connection, items: FromClause, further: Collection[str]) -> dict[str, Column]:
    """Return columns of all rows of a table of work items, in its order.

    The rows are counted first: columns that grow would leave gaps in memory.
    """
    columns = _columns(items, further)
    number = connection.execute(select(func.count()).select_from(items)).scalar_one()
    held = {name: _held(column, number) for name, column in columns.items()}
    query = select(*(column.label(name) for name, column in columns.items()))
    streams = connection.dialect.name == "postgresql"  # which else sends all rows at once
    result = connection.execute(query, execution_options={"stream_results": streams})
    start = 0
    for rows in result.partitions(CHUNK_ROWS):
        for column, values in zip(held.values(), zip(*rows, strict=True), strict=True):
            column.put(start, values)
        start += len(rows)
    return {name: held.pop(name).values() for name in columns}


def _held(column: ColumnElement[Any], number: int) -> _Numbers | _Names:
    """Return a column in memory, for the values of a column of the database."""
    types = ((Boolean, "bool"), (Integer, "int32"), (Double, "float64"), (REAL, "float32"))
    for sql_type, dtype in types:
        if isinstance(column.type, sql_type):
            return _Numbers(number, dtype)
    return _Names(number)


class _Numbers:
    """A column of numbers; those that are missing are NaN."""

    def __init__(self, number: int, dtype: str) -> None:
        self._values = np.empty(number, dtype)

    def put(self, start: int, values: Sequence[Any]) -> None:
        """Set the values of some rows."""
        self._values[start : start + len(values)] = np.array(values, self._values.dtype)

    def values(self) -> NDArray[Any]:
        """Return all of them."""
        return self._values


class _Names:
    """A column of names, each held once."""

    def __init__(self, number: int) -> None:
        self._codes = np.empty(number, np.int32)
        self._numbers: defaultdict[str | None, int] = defaultdict(count().__next__)

    def put(self, start: int, values: Sequence[str | None]) -> None:
        """Set the values of some rows."""
        stop = start + len(values)
        self._codes[start:stop] = [*map(self._numbers.__getitem__, values)]

    def values(self) -> pd.Categorical:
        """Return all of them, as categories in the order of the names."""
        names = sorted(name for name in self._numbers if name is not None)
        ranks: dict[str | None, int] = {name: rank for rank, name in enumerate(names)}
        by_number = np.array([ranks.get(name, -1) for name in self._numbers], dtype=np.int32)
        categories = pd.Index(names, dtype="str")
        return pd.Categorical.from_codes(by_number[self._codes], categories=categories)


def _is_selected(columns: dict[str, Any], selection: Selection) -> NDArray[np.bool_]:
    """Return which rows lie in the activities and the days of a selection."""
    activity, day = columns["activity"], columns["day"]
    is_selected = np.ones(len(day), dtype=np.bool_)
    if selection.activities:
        is_selected &= _has_name(activity, selection.activities)
    if selection.excluded_activity is not None:
        is_selected &= ~_has_name(activity, (selection.excluded_activity,))
    if selection.first_day is not None:
        is_selected &= day >= selection.first_day
    if selection.last_day is not None:
        is_selected &= day <= selection.last_day
    return is_selected


def _has_name(column: pd.Categorical, names: Collection[str]) -> NDArray[np.bool_]:
    has_name = column.categories.isin(spellings(*names))
    return np.asarray(has_name[column.codes])


def _with_immature(statuses: pd.Categorical, is_late: NDArray[np.bool_]) -> pd.Categorical:
    """Return the statuses of items of which some began too late to be complete."""
    every = statuses.set_categories(STATUSES)
    is_immature = is_late & (every.codes != STATUSES.index("open"))
    codes = np.where(is_immature, STATUSES.index("immature"), every.codes)
    return pd.Categorical.from_codes(codes, dtype=every.dtype)
