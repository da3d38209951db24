"""The change log: what every write changed, and how a developer's last change is undone.

A row of it holds a row of another table before and after a change, as JSON; NULL stands for no row.
``row_key`` is the key of that row without the developer: plain text where it is a single column,
else a JSON list.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, select, update

from tracker.domain.errors import NothingToDo
from tracker.domain.times import format_minutes
from tracker.store.conditions import matches_name
from tracker.store.database import Database
from tracker.store.schema import changes, metadata, rollouts

Row = Mapping[str, Any]

LATE_ESTIMATE = "estimate-late"
"""The verb of an estimate made after the work began. It is stored in the change log only."""

SHARED = ("tasks", "rollouts", "claims", "activities")
"""The tables whose rows belong to no single developer."""

_LOCK = 0x6465_7673  # PostgreSQL's advisory locks of developers
_SHARED_LOCK = 0x7368_6172  # PostgreSQL's advisory lock of the tables in SHARED

_NOT_UNDONE = ("undo", "import", "undo-import", "assign")
"""Verbs of changes that ``undo`` ignores. A draw cannot be undone: otherwise one could redraw until
the wished arm comes up.
"""

_MAX_LISTED = 3  # skipped changes that a message of ``undo`` names


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one row by a developer."""

    developer: str
    verb: str
    table: Table
    before: Row | None
    """The row before; None where there was none."""
    after: Row | None
    """The row after; None where it is deleted."""

    @property
    def row(self) -> Row:
        """The row after the change, else the row before: either has the key."""
        return self.after or self.before or {}


@contextmanager
def changing(database: Database, developer: str, *, shared: bool = False) -> Iterator[Connection]:
    """Open a transaction that changes rows of one developer, one at a time for each developer.

    What it reads first still holds at its end.

    Args:
        database: The database.
        developer: Whose rows are changed.
        shared: Whether rows of the tables in SHARED are changed, too.

    Raises:
        StoreError: The database is busy or cannot be written.
    """
    with database.writing() as connection:
        lock_developers(connection, developer)
        if shared:
            lock_shared_tables(connection)
        yield connection


def lock_developers(connection: Connection, *developers: str) -> None:
    """Wait for other transactions that change rows of these developers. SQLite has one writer."""
    if connection.dialect.name == "postgresql":
        # Always in the same order, so that no two transactions wait for each other.
        for key in sorted({zlib.crc32(developer.encode()) - (1 << 31) for developer in developers}):
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK, key)))


def lock_shared_tables(connection: Connection) -> None:
    """Wait for other transactions that change the tables in SHARED.

    Lock developers first: in one order everywhere, no two transactions wait for each other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_SHARED_LOCK)))


def row_key(table: Table, row: Row) -> str:
    """Return the key of a row without its developer."""
    columns = [column.name for column in table.primary_key if column.name != "developer"]
    if len(columns) == 1:
        return str(row[columns[0]])
    return json.dumps([row[name] for name in columns], ensure_ascii=False)


def as_json(row: Row | None) -> str | None:
    """Return a row as the change log stores it."""
    return None if row is None else json.dumps(dict(row), ensure_ascii=False)


def from_json(table: Table, text: str | None) -> dict[str, Any] | None:
    """Return a row that the change log stored, with the columns that its table has now.

    A column of another revision of the schema is left out, or NULL.
    """
    if text is None:
        return None
    row = json.loads(text)
    return {column.name: row.get(column.name) for column in table.columns}


def find(connection: Connection, table: Table, key: Row) -> dict[str, Any] | None:
    """Return the row with a primary key, None where there is none.

    Args:
        connection: The transaction.
        table: The table.
        key: The columns of the primary key; others are ignored.
    """
    row = connection.execute(select(table).where(_has_key(table, key))).mappings().first()
    return None if row is None else dict(row)


def apply_change(connection: Connection, database: Database, change: Change) -> str:
    """Change a row and record it; return the id of the record."""
    put(connection, change.table, change.before, change.after)
    return record_change(connection, database, change)


def record_change(connection: Connection, database: Database, change: Change) -> str:
    """Insert a change into the change log; return its id."""
    change_id = _next_id(connection, database, change.developer)
    values = {
        "developer": change.developer,
        "id": change_id,
        "changed_epoch": database.now_epoch,
        "verb": change.verb,
        "table_name": change.table.name,
        "row_key": row_key(change.table, change.row),
        "before": as_json(change.before),
        "after": as_json(change.after),
    }
    connection.execute(insert(changes).values(values))
    return change_id


def undo(database: Database, developer: str) -> str:
    """Undo the last change of a developer that can be undone.

    Only the columns that it changed are put back. Changes whose columns were changed again since
    are skipped.

    Returns:
        What was undone, and what was skipped, in one line.

    Raises:
        NothingToDo: No change can be undone.
    """
    skipped: list[str] = []
    with changing(database, developer) as connection:
        for change_id, change in _undoable_changes(connection, developer):
            description = describe(change)
            if change.table.name in SHARED:
                lock_shared_tables(connection)
            current = find(connection, change.table, change.row)
            if obstacle := _obstacle(connection, change, current):
                skipped.append(f"{description}, {obstacle}")
                continue
            undone_by = _undo_change(connection, database, change, current)
            mark_undone(connection, change.developer, change_id, undone_by)
            return f"{description}; skipped: {_listed(skipped)}" if skipped else description
    if skipped:
        raise NothingToDo(
            f"there is no change by {developer} that can be undone: {_listed(skipped)}. "
            "Use `edit` or `delete`."
        )
    raise NothingToDo(f"there is no change by {developer} to undo.")


def mark_undone(connection: Connection, developer: str, change_id: str, undone_by: str) -> None:
    """Record on a change the id of the change that undid it."""
    connection.execute(
        update(changes)
        .where(changes.c.developer == developer, changes.c.id == change_id)
        .values(undone_by=undone_by)
    )


def describe(change: Change) -> str:
    """Return a change in a few words, such as ``edit of design T-1 (45m)``."""
    row = change.row
    words = [
        str(row[name]) for name in ("activity", "task", "assistant") if row.get(name) is not None
    ]
    if change.table.name == "claims":
        words = [str(row["id"])]
    if "seconds" in row:
        words.append(f"({format_minutes(row['seconds'] / 60)})")
    return f"{change.verb} of {' '.join(words)}"


def put(connection: Connection, table: Table, before: Row | None, after: Row | None) -> None:
    """Insert, delete or update a row; of an existing one only the columns that differ.

    Args:
        connection: The transaction.
        table: The table.
        before: The row as it is; None where there is none.
        after: The row as it shall be; None deletes it.
    """
    if before is None:
        if after is not None:
            connection.execute(insert(table).values(**after))
    elif after is None:
        connection.execute(delete(table).where(_has_key(table, before)))
    elif differing := {name: value for name, value in after.items() if value != before[name]}:
        connection.execute(update(table).where(_has_key(table, before)).values(differing))


def id_after(last: str | None, new: str) -> str:
    """Return ``new`` where it sorts after ``last``, else an id a random distance after ``last``."""
    if last is None or last < new:
        return new
    distance = int(new[-12:], 16) + 1
    digits = f"{int(last.replace('-', ''), 16) + distance:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _undoable_changes(connection: Connection, developer: str) -> Iterator[tuple[str, Change]]:
    """Yield the id and the change of what may be undone, the last first, one query for each."""
    query = select(changes).where(
        matches_name(changes.c.developer, developer),
        changes.c.undone_by.is_(None),
        changes.c.verb.not_in(_NOT_UNDONE),
    )
    query = query.order_by(changes.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    while row is not None:
        yield (
            row.id,
            Change(
                row.developer,
                row.verb,
                metadata.tables[row.table_name],
                from_json(metadata.tables[row.table_name], row.before),
                from_json(metadata.tables[row.table_name], row.after),
            ),
        )
        row = connection.execute(query.where(changes.c.id < row.id)).first()


def _obstacle(connection: Connection, change: Change, current: Row | None) -> str:
    """Return why a change cannot be undone in the current row, "" where it can."""
    before, after = change.before, change.after
    if change.verb == LATE_ESTIMATE:  # it changed no row
        return ""
    if before is None or after is None or current is None:
        intact = current == after and not (before and _is_recorded_anew(connection, change))
    else:
        intact = all(current[name] == after[name] for name in _changed_columns(before, after))
    if intact:
        return ""
    is_drawn = bool(current and current.get("assigned") and not (after or {}).get("assigned"))
    return "changed again since" + (" (its arm is drawn)" if is_drawn else "")


def _is_recorded_anew(connection: Connection, change: Change) -> bool:
    """Whether a deleted rollout was recorded again since, under another id."""
    if change.table is not rollouts or change.before is None:
        return False
    scope = (
        rollouts.c[name].is_not_distinct_from(change.before[name])
        for name in ("assistant", "developer", "team")
    )
    query = select(rollouts.c.id).where(*scope, rollouts.c.id != change.before["id"])
    return connection.execute(query).first() is not None


def _undo_change(
    connection: Connection, database: Database, change: Change, current: Row | None
) -> str:
    """Undo a change in the current row; return the id of the record."""
    if change.verb == LATE_ESTIMATE:  # it changed no row
        inverse = Change(change.developer, "undo", change.table, change.after, change.before)
        return record_change(connection, database, inverse)
    restored = change.before
    if change.before is not None and change.after is not None and current is not None:
        columns = _changed_columns(change.before, change.after)
        restored = {**current, **{name: change.before[name] for name in columns}}
    inverse = Change(change.developer, "undo", change.table, current, restored)
    return apply_change(connection, database, inverse)


def _changed_columns(before: Row, after: Row) -> list[str]:
    return [name for name in after if before[name] != after[name]]


def _listed(skipped: list[str]) -> str:
    rest = len(skipped) - _MAX_LISTED
    return "; ".join(skipped[:_MAX_LISTED]) + (f"; and {rest} more" if rest > 0 else "")


def _has_key(table: Table, key: Row) -> ColumnElement[bool]:
    return and_(*(column == key[column.name] for column in table.primary_key))


def _next_id(connection: Connection, database: Database, developer: str) -> str:
    """Return an id after all of a developer's changes, also where the clock was put back."""
    last = connection.execute(
        select(func.max(changes.c.id)).where(changes.c.developer == developer)
    ).scalar()
    return id_after(last, database.new_id())
