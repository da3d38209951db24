"""Work items in memory: their columns, read once in a transaction.

The database makes one row of the entries of a work item. What is summed over work items is summed
here, by :mod:`tracker.store.read.group_sums`: alike on every database, without a further statement.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import (
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
from tracker.store.read.estimate_units import estimate_of, estimate_unit, ln_estimate
from tracker.store.read.temporary import shared
from tracker.store.read.work_items import without_limits, work_items_of_rule

CHUNK_ROWS = 5_000
"""Rows that are held as Python objects at a time."""

STATUSES = ("closed", "immature", "open", "zero")


def item_rows(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    columns: Sequence[str],
    which: Literal["all", "with arm", "closed"] = "all",
) -> pd.DataFrame:
    """Return columns of the work items of a selection.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        maturity: When an item counts as complete.
        columns: ``developer``, ``task``, ``activity``, ``arm``, ``status``, ``project``, ``day``,
            ``month``, ``last_day``, ``minutes`` and ``estimated_epoch`` are as in
            :func:`tracker.store.read.work_items.work_item_cte`; ``cutover`` is ``NO_DAY`` without
            one. ``y`` = ln minutes, missing at 0. ``estimate`` is in its ``unit``, missing without
            one, and ``x`` its logarithm, 0 without one. ``days`` (whole days from the first entry
            to completion) and ``finished_day`` (the UTC day from which the item counted as
            finished) are missing while it is open.
        which: All items, those that have an arm, or those of them that are closed.

    Returns:
        One row per item, by developer, task and activity. Names are categories in their order,
        missing where there is none.
    """
    whole, unlimited = without_limits(selection, maturity)
    names = {"task"} & {*columns}
    rows = shared(
        connection,
        ("item_rows", whole, rule, unlimited, *names),
        lambda: _read(connection, work_items_of_rule(connection, whole, rule, unlimited), names),
    )
    is_selected = _is_selected(rows, selection)
    if which != "all":
        is_selected &= rows["arm"].notna().to_numpy()
    last_start_day = maturity.last_start_day
    if which == "closed":
        is_selected &= (rows["status"] == "closed").to_numpy()
        if last_start_day is not None:
            is_selected &= rows["day"].to_numpy() <= last_start_day
    frame: pd.DataFrame = rows.loc[is_selected, [*columns]]
    if "status" in columns and last_start_day is not None:
        is_late = rows["day"].to_numpy()[is_selected] > last_start_day
        frame = frame.assign(status=_with_immature(frame["status"].array, is_late))
    return frame


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
        "days": cast(elapsed_days, Double),
        "finished_day": cast(c.settled_epoch // DAY_SECONDS, Double),
        "estimated_epoch": cast(c.estimated_epoch, Double),
        "estimate": estimate_of(items),
        "y": func.ln(case((c.minutes > 0, c.minutes)), type_=Double),
        "x": ln_estimate(items),
    }


def _read(connection: Connection, items: FromClause, further: Collection[str]) -> pd.DataFrame:
    """Return columns of all rows of a table of work items, in its order."""
    columns = _columns(items, further)
    query = select(*(column.label(name) for name, column in columns.items()))
    streams = connection.dialect.name == "postgresql"  # which else sends all rows at once
    result = connection.execute(query, execution_options={"stream_results": streams})
    held = {name: _held(column) for name, column in columns.items()}
    for rows in result.partitions(CHUNK_ROWS):
        for column, values in zip(held.values(), zip(*rows, strict=True), strict=True):
            column.extend(values)
    return pd.DataFrame({name: column.values() for name, column in held.items()}, copy=False)


def _held(column: ColumnElement[Any]) -> _Numbers | _Names:
    """Return an empty column in memory, for the values of a column of the database."""
    if isinstance(column.type, Double):
        return _Numbers("d")
    return _Numbers("i") if isinstance(column.type, Integer) else _Names()


class _Numbers:
    """A column of numbers; those that are missing are NaN."""

    def __init__(self, typecode: Literal["d", "i"]) -> None:
        self._values = array(typecode)

    def extend(self, values: Sequence[Any]) -> None:
        """Add values."""
        self._values.frombytes(np.array(values, dtype=self._values.typecode).tobytes())

    def values(self) -> NDArray[Any]:
        """Return all of them."""
        return np.frombuffer(self._values, dtype=self._values.typecode)


class _Names:
    """A column of names, each held once."""

    def __init__(self) -> None:
        self._codes = array("i")
        self._numbers: dict[str | None, int] = {}

    def extend(self, values: Sequence[str | None]) -> None:
        """Add values."""
        numbers = self._numbers
        self._codes.extend([numbers.setdefault(value, len(numbers)) for value in values])

    def values(self) -> pd.Categorical:
        """Return all of them, as categories in the order of the names."""
        names = sorted(name for name in self._numbers if name is not None)
        ranks: dict[str | None, int] = {name: rank for rank, name in enumerate(names)}
        by_number = np.array([ranks.get(name, -1) for name in self._numbers], dtype=np.int32)
        codes = by_number[np.frombuffer(self._codes, dtype="i")]
        return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype="str"))


def _is_selected(rows: pd.DataFrame, selection: Selection) -> NDArray[np.bool_]:
    """Return which rows lie in the activities and the days of a selection."""
    is_selected = np.ones(len(rows), dtype=np.bool_)
    if selection.activities:
        is_selected &= _has_name(rows["activity"], selection.activities)
    if selection.excluded_activity is not None:
        is_selected &= ~_has_name(rows["activity"], (selection.excluded_activity,))
    day = rows["day"].to_numpy()
    if selection.first_day is not None:
        is_selected &= day >= selection.first_day
    if selection.last_day is not None:
        is_selected &= day <= selection.last_day
    return is_selected


def _has_name(column: pd.Series[str], names: Collection[str]) -> NDArray[np.bool_]:
    has_name = column.cat.categories.isin(spellings(*names))
    return np.asarray(has_name[column.cat.codes.to_numpy()])


def _with_immature(statuses: pd.Categorical, is_late: NDArray[np.bool_]) -> pd.Categorical:
    """Return the statuses of items of which some began too late to be complete."""
    every = statuses.set_categories(STATUSES)
    is_immature = is_late & (every.codes != STATUSES.index("open"))
    codes = np.where(is_immature, STATUSES.index("immature"), every.codes)
    return pd.Categorical.from_codes(codes, dtype=every.dtype)
