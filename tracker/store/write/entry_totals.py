"""Keeping the table of totals equal to the sums of the entries.

Whatever writes entries notes them with :func:`note`, an import with :func:`note_import`. At the end
of the transaction :func:`refresh` sums anew the rows of the noted entries, and the rows of entries
that begin while a noted one lasts, since whether they overlap may have changed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Executable,
    FromClause,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    delete,
    except_,
    exists,
    func,
    insert,
    select,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.sql.selectable import CTE

from tracker.store.conditions import WORK_ITEM_KEY
from tracker.store.read.entry_totals import overlapping_entries, summed_entries
from tracker.store.schema import changes, entries, entry_totals

_MAX_LISTED = 8
"""Entries that a statement lists; more are put in a temporary table. One or two are the rule, of
which SQLAlchemy keeps the compiled statement.
"""
_SETTINGS = {"hash_mem_multiplier": "64", "jit": "off"}
"""PostgreSQL's settings while it sums. With the memory for hash tables that it has otherwise it
would expect the list of overlapping entries not to fit from some hundred thousand entries on, and
look through all of it for each entry. Compiling the statement takes longer than it saves.
"""
_LOCK = 0x746F_7461  # PostgreSQL's advisory locks of the totals of developers

_ROW_KEY = (*WORK_ITEM_KEY, "local_month")
_NOTED: dict[str, Any] = {
    **dict.fromkeys(WORK_ITEM_KEY, String),
    "local_month": Integer,
    "started_epoch": BigInteger,
    "ended_epoch": BigInteger,
}
"""The columns of an entry that tell which rows it concerns."""
_noted_table = Table(
    "noted_entries",
    MetaData(),
    *(Column(name, type_) for name, type_ in _NOTED.items()),
    prefixes=["TEMPORARY"],
)


class Difference(NamedTuple):
    """How the table of totals differs from the sums of the entries."""

    missing: int
    """Sums that it lacks."""
    surplus: int
    """Rows that are no sums."""


@dataclass(slots=True)
class _Notes:
    """The entries that a transaction has written."""

    rows: dict[tuple[Any, ...], None] = field(default_factory=dict)
    has_table: bool = False
    """Whether there are more in the temporary table."""
    are_all: bool = False
    """Whether all entries of the database were written."""


def begin(connection: Connection) -> None:
    """Begin to note the entries that a transaction writes."""
    connection.info[_Notes] = _Notes()


def note(connection: Connection, *rows: Mapping[str, Any] | None) -> None:
    """Note entries that are written, as they were before and as they are then."""
    notes = _notes(connection)
    notes.rows.update((tuple(row[name] for name in _NOTED), None) for row in rows if row)


def note_import(connection: Connection, import_id: str) -> None:
    """Note the entries that an import has inserted, changed or deleted."""
    notes = _notes(connection)
    if not connection.execute(select(exists().select_from(entry_totals))).scalar_one():
        notes.are_all = True
        return
    _make_table(connection)
    inserted = select(*(entries.c[name] for name in _NOTED))
    connection.execute(
        insert(_noted_table).from_select(
            [*_NOTED], inserted.where(entries.c.import_id == import_id)
        )
    )
    changed = select(changes.c.before, changes.c.after).where(
        changes.c.import_id == import_id, changes.c.table_name == entries.name
    )
    for row in connection.execute(changed):
        note(connection, *(json.loads(text) for text in row if text is not None))


def refresh(connection: Connection) -> None:
    """Sum the rows of the noted entries anew. The transaction must write no entry afterwards."""
    notes = _notes(connection)
    if notes.are_all:
        rebuild(connection)
    elif notes.rows or notes.has_table:
        is_listed = not notes.has_table and len(notes.rows) <= _MAX_LISTED
        if not is_listed:
            _put_in_table(connection, notes)
        _lock(connection, notes)
        if notes.has_table:
            set_memory(connection)
        values = {
            f"noted_{number}_{name}": value
            for number, row in enumerate(notes.rows if is_listed else ())
            for name, value in zip(_NOTED, row, strict=True)
        }
        for statement in _statements(len(notes.rows) if is_listed else None):
            connection.execute(statement, values)
    if notes.has_table:
        _noted_table.drop(connection)
    begin(connection)


def rebuild(connection: Connection) -> int:
    """Sum all entries anew; return the number of rows."""
    if connection.dialect.name == "postgresql":
        # Waits for others who write entries, and keeps them from it until the end.
        connection.exec_driver_sql(f"LOCK TABLE {entries.name} IN SHARE MODE")
    set_memory(connection)
    connection.execute(delete(entry_totals))
    connection.execute(_insertion(summed_entries()))
    return connection.execute(select(func.count()).select_from(entry_totals)).scalar_one()


def difference(connection: Connection) -> Difference:
    """Compare the table of totals with the sums of the entries."""
    set_memory(connection)
    sums, table = summed_entries(), select(entry_totals)
    counts = [
        connection.execute(select(func.count()).select_from(except_(*pair).subquery())).scalar_one()
        for pair in ((sums, table), (table, sums))
    ]
    return Difference(*counts)


def set_memory(connection: Connection) -> None:
    """Let PostgreSQL sum many entries in memory, until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        for name, value in _SETTINGS.items():
            connection.exec_driver_sql(f"SET LOCAL {name} = {value}")


def _notes(connection: Connection) -> _Notes:
    notes: _Notes = connection.info[_Notes]
    return notes


def _make_table(connection: Connection) -> None:
    notes = _notes(connection)
    if not notes.has_table:
        _noted_table.create(connection, checkfirst=False)
        notes.has_table = True


def _put_in_table(connection: Connection, notes: _Notes) -> None:
    """Put all noted entries in the temporary table."""
    _make_table(connection)
    if notes.rows:
        rows = [dict(zip(_NOTED, row, strict=True)) for row in notes.rows]
        connection.execute(insert(_noted_table), rows)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {_noted_table.name}")


def _lock(connection: Connection, notes: _Notes) -> None:
    """Wait for others that sum entries of the same developers. SQLite has one writer."""
    if connection.dialect.name != "postgresql":
        return
    names = {row[0] for row in notes.rows}
    if notes.has_table:
        names.update(connection.execute(select(_noted_table.c.developer).distinct()).scalars())
    # In one order everywhere, no two transactions wait for each other.
    for key in sorted({zlib.crc32(name.encode()) & 0x7FFF_FFFF for name in names}):
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK, key)))


@cache
def _statements(listed: int | None) -> tuple[Executable, Executable]:
    """Return what deletes the rows of noted entries, and what sums them anew.

    They are made once: to make them takes longer than to run them.

    Args:
        listed: The number of entries that the statement lists; None: they are in the table.
    """
    noted: FromClause = _noted_table
    if listed is not None:
        rows = [
            select(
                *(
                    cast(bindparam(f"noted_{number}_{name}", type_=type_), type_).label(name)
                    for name, type_ in _NOTED.items()
                )
            )
            for number in range(listed)
        ]
        noted = union_all(*rows).cte(_noted_table.name)
    touched = _touched(noted, noted if listed is not None else _joined_spans(noted))
    keys = tuple_(*(entry_totals.c[name] for name in _ROW_KEY))
    deletion = delete(entry_totals).where(keys.in_(select(*(touched.c[name] for name in _ROW_KEY))))
    same_row = and_(*(entries.c[name] == touched.c[name] for name in _ROW_KEY))
    # By the key of what was touched: SQLite would read all entries to have theirs in order.
    bounds = (
        select(
            touched.c.developer,
            func.min(entries.c.started_epoch).label("first_epoch"),
            func.max(entries.c.started_epoch).label("last_epoch"),
        )
        .select_from(touched.join(entries, same_row))
        .group_by(touched.c.developer)
        .cte("bounds")
    )
    sums = summed_entries(
        source=touched.join(entries, same_row), overlapping=overlapping_entries(bounds)
    )
    return deletion, _insertion(sums)


def _touched(noted: FromClause, spans: FromClause) -> CTE:
    """Return the keys of the rows that noted entries concern.

    Args:
        noted: The noted entries.
        spans: Their ``developer``, ``started_epoch`` and ``ended_epoch``, or those of unions.
    """
    begins_meanwhile = and_(
        entries.c.developer == spans.c.developer,
        entries.c.started_epoch.between(spans.c.started_epoch, spans.c.ended_epoch),
    )
    own = select(*(noted.c[name] for name in _ROW_KEY))
    others = select(*(entries.c[name] for name in _ROW_KEY)).select_from(
        spans.join(entries, begins_meanwhile)
    )
    return union(own, others).cte("touched")


def _joined_spans(noted: FromClause) -> CTE:
    """Return the time of noted entries as spans that do not overlap.

    Each entry that begins meanwhile is found once, however many noted entries overlap.
    """
    earlier_end = func.max(noted.c.ended_epoch).over(
        partition_by=noted.c.developer,
        order_by=(noted.c.started_epoch, noted.c.ended_epoch),
        rows=(None, -1),
    )
    names = ("developer", "started_epoch", "ended_epoch")
    ordered = (
        select(*(noted.c[name] for name in names), earlier_end.label("earlier_end"))
        .where(noted.c.ended_epoch.is_not(None))
        .cte("ordered_spans")
    )
    begins = case((ordered.c.earlier_end >= ordered.c.started_epoch, 0), else_=1)
    number = func.sum(begins).over(
        partition_by=ordered.c.developer,
        order_by=(ordered.c.started_epoch, ordered.c.ended_epoch),
        rows=(None, 0),
    )
    numbered = select(*(ordered.c[name] for name in names), number.label("number")).cte(
        "numbered_spans"
    )
    return (
        select(
            numbered.c.developer,
            func.min(numbered.c.started_epoch).label("started_epoch"),
            func.max(numbered.c.ended_epoch).label("ended_epoch"),
        )
        .group_by(numbered.c.developer, numbered.c.number)
        .cte("joined_spans")
    )


def _insertion(sums: Select[Any]) -> Executable:
    names = [str(column.key) for column in sums.selected_columns]
    return insert(entry_totals).from_select(names, sums)
