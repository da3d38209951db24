"""The change log: what every write changed, for ``undo`` and ``redo``.

A row of it holds a row of another table before and after a change, as JSON; NULL stands for no row.
``row_key`` is the key of that row without the developer: plain text where it is a single column,
else a JSON list. The changes of one command have one ``group_id``; they are undone together.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from tracker.domain.errors import StoreError
from tracker.domain.names import normalise_name
from tracker.store.database import Database
from tracker.store.read.developer_names import present_name
from tracker.store.schema import changes, entries, imports
from tracker.store.write import entry_totals
from tracker.store.write.keyed_rows import rows_by_keys

Row = Mapping[str, Any]

LATE_ESTIMATE = "estimate-late"
"""The verb of an estimate made after the work began. It is stored in the change log only."""

SHARED = ("tasks", "rollouts", "claims", "activities", "developer_aliases")
"""The tables whose rows belong to no single developer."""

_KEYS_AT_A_TIME = 10_000
"""Keys of the rows that one statement looks for."""

_LOCK = 0x6465_7673  # PostgreSQL's advisory locks of developers
_SHARED_LOCK = 0x7368_6172  # PostgreSQL's advisory lock of the tables in SHARED
_IMPORT_LOCK = 0x696D_706F  # PostgreSQL's advisory lock of imports and of developers' names

REVERSALS = ("undo", "redo")
"""The verbs of changes that take other changes back. Those changes say what counts."""

BY_PROGRAM = ("import", "upgrade")
"""Verbs of changes that no person made: by an import, and by an upgrade of the database."""

UNDONE_IMPORT = "undo-import"
"""The verb of the change that takes an import back."""


RENAME = "rename"
"""The verb of the changes of `tracker rename`."""


class Place(NamedTuple):
    """Where a change stands in the change log."""

    group_id: str | None = None
    """The id that all changes of one command have; None for a single change."""
    id: str | None = None
    """Its own id; None is a new one after all others."""


LAST_PLACE = Place()
"""The place of a single change after all others."""


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
    place: Place = LAST_PLACE
    """Its ids in the change log."""

    @property
    def row(self) -> Row:
        """The row after the change, else the row before: either has the key."""
        return self.after or self.before or {}


class Record(NamedTuple):
    """A change and its id in the change log."""

    id: str
    change: Change


Group = tuple[Record, ...]
"""The changes of one command, the last first."""


@contextmanager
def changing(database: Database, developer: str, *, shared: bool = False) -> Iterator[Connection]:
    """Open a transaction that changes rows of one developer, one at a time for each developer.

    What it reads first still holds at its end.

    Args:
        database: The database.
        developer: Whose rows are changed.
        shared: Whether rows of the tables in SHARED are changed, too.

    Raises:
        StoreError: The database is busy or cannot be written, or the developer was just renamed.
    """
    with database.writing() as connection:
        lock_developers(connection, developer)
        if shared:
            lock_shared_tables(connection)
        present = present_name(connection, developer)
        if present not in (developer, normalise_name(developer)):
            raise StoreError(f"{developer} is called {present} now: run the command again.")
        yield connection


def lock_developers(connection: Connection, *developers: str) -> None:
    """Wait for other transactions that change rows of these developers. SQLite has one writer."""
    if connection.dialect.name == "postgresql":
        # Always in the same order, so that no two transactions wait for each other.
        for key in sorted({zlib.crc32(name.encode()) & 0x7FFF_FFFF for name in developers}):
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK, key)))


def lock_imports(connection: Connection) -> None:
    """Wait for other imports and renames of developers: an import reads their names once.

    Lock imports before the tables in SHARED.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))


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


def find_all(connection: Connection, table: Table, keys: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows with these primary keys, in no order; see :func:`find`."""
    if len(keys) == 1:
        row = find(connection, table, keys[0])
        return [] if row is None else [row]
    names = [column.name for column in table.primary_key]
    query = rows_by_keys(table, names, connection.dialect.name).columns(*table.columns)
    rows: list[dict[str, Any]] = []
    for begin in range(0, len(keys), _KEYS_AT_A_TIME):
        wanted = [[key[name] for name in names] for key in keys[begin : begin + _KEYS_AT_A_TIME]]
        parameters = {"keys": json.dumps(wanted)}
        rows += map(dict, connection.execute(query, parameters).mappings())
    return rows


class ChangeGroup:
    """The changes of one command, which ``undo`` takes back together.

    Args:
        connection: The transaction.
        database: The database.
        developer: Who changes something.
        verb: What the command does.
        others: Developers after whose changes those of the command sort, too.
    """

    def __init__(
        self,
        connection: Connection,
        database: Database,
        developer: str,
        verb: str,
        others: Sequence[str] = (),
    ) -> None:
        self._connection = connection
        self._database = database
        self._developer = developer
        self._verb = verb
        self._group_id = new_group_id(connection, database)
        self._last_id = last_id(connection, developer, *others)

    def apply(self, table: Table, before: Row | None, after: Row | None) -> None:
        """Change a row and record it; see :func:`put`."""
        self.apply_all(table, [(before, after)])

    def apply_all(self, table: Table, rows: Iterable[tuple[Row | None, Row | None]]) -> None:
        """Change rows of a table, given before and after, and record them; see :func:`put_all`."""
        group = []
        for before, after in rows:
            self._last_id = id_after(self._last_id, self._database.new_id())
            place = Place(self._group_id, self._last_id)
            group.append(Change(self._developer, self._verb, table, before, after, place))
        put_all(self._connection, group)
        record_changes(self._connection, self._database, group)


def record_change(connection: Connection, database: Database, change: Change) -> str:
    """Insert a change into the change log; return its id."""
    change_id = change.place.id or id_after(
        last_id(connection, change.developer), database.new_id()
    )
    change = dataclasses.replace(change, place=Place(change.place.group_id, change_id))
    record_changes(connection, database, [change])
    return change_id


def record_changes(connection: Connection, database: Database, group: Sequence[Change]) -> None:
    """Insert changes that have ids into the change log."""
    rows = [
        {
            "developer": change.developer,
            "id": change.place.id,
            "changed_epoch": database.now_epoch,
            "verb": change.verb,
            "table_name": change.table.name,
            "row_key": row_key(change.table, change.row),
            "before": as_json(change.before),
            "after": as_json(change.after),
            "group_id": change.place.group_id,
        }
        for change in group
    ]
    if rows:
        connection.execute(insert(changes), rows)


def mark_undone(
    connection: Connection, developer: str, condition: ColumnElement[bool], undone_by: str | None
) -> None:
    """Record on some changes of a developer the id of the change that undid them, or clear it."""
    connection.execute(
        update(changes)
        .where(changes.c.developer == developer, condition)
        .values(undone_by=undone_by)
    )


def mark_each_undone(
    connection: Connection, developer: str, undone_by: Mapping[str, str | None]
) -> None:
    """Record on changes of a developer, by their ids, the ids of those that undid them."""
    statement = (
        update(changes)
        .where(changes.c.developer == developer, changes.c.id == bindparam("undone_id"))
        .values(undone_by=bindparam("inverse_id"))
    )
    rows = [{"undone_id": key, "inverse_id": value} for key, value in undone_by.items()]
    if rows:
        connection.execute(statement, rows)


def put(connection: Connection, table: Table, before: Row | None, after: Row | None) -> None:
    """Insert, delete or update a row; of an existing one only the columns that differ.

    Args:
        connection: The transaction.
        table: The table.
        before: The row as it is; None where there is none.
        after: The row as it shall be; None deletes it.
    """
    put_all(connection, [Change("", "", table, before, after)])


def put_all(connection: Connection, group: Iterable[Change]) -> None:
    """Change rows as :func:`put` does, in this order, with one statement for alike neighbours."""
    for (table, kind, columns), run in groupby(group, _statement_of):
        alike = list(run)
        if table is entries:
            entry_totals.note(connection, *(row for each in alike for row in _rows_of(each)))
        if kind == "insert":
            connection.execute(insert(table), [dict(each.row) for each in alike])
        elif kind == "delete" or columns:
            keys = {column.name: f"key_{column.name}" for column in table.primary_key}
            has_key = and_(*(table.c[name] == bindparam(key) for name, key in keys.items()))
            values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
            statement = (
                delete(table).where(has_key)
                if kind == "delete"
                else update(table).where(has_key).values(values)
            )
            parameters = [
                {key: (each.before or {})[name] for name, key in keys.items()}
                | {f"new_{name}": each.row[name] for name in columns}
                for each in alike
            ]
            connection.execute(statement, parameters)


def _statement_of(change: Change) -> tuple[Table, str, tuple[str, ...]]:
    """Return what a change does, for changes that one statement can make."""
    before, after = change.before, change.after
    if before is None or after is None:
        kind = "delete" if after is None else "insert"
        return change.table, kind if change.row else "update", ()
    differing = tuple(name for name, value in after.items() if value != before[name])
    return change.table, "update", differing


def _rows_of(change: Change) -> tuple[Row | None, Row | None]:
    return change.before, change.after


def new_group_id(connection: Connection, database: Database) -> str:
    """Return the id of a new group, which sorts after all imports so far and before the next."""
    last_import = connection.execute(select(func.max(imports.c.id))).scalar()
    # Close to it where the clock is behind, so that the next import's id is further away.
    return id_after(last_import, database.new_id(), max_distance=2**24)


def last_id(connection: Connection, *developers: str) -> str | None:
    """Return the id of developers' last change; new ones sort after it, whatever the clock."""
    query = select(func.max(changes.c.id)).where(changes.c.developer.in_(developers))
    return connection.execute(query).scalar()


def id_after(last: str | None, new: str, *, max_distance: int = 2**48) -> str:
    """Return ``new`` where it sorts after ``last``, else an id a random distance after ``last``."""
    if last is None or last < new:
        return new
    distance = int(new[-12:], 16) % max_distance + 1
    digits = f"{int(last.replace('-', ''), 16) + distance:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _has_key(table: Table, key: Row) -> ColumnElement[bool]:
    return and_(*(column == key[column.name] for column in table.primary_key))
