"""Many rows at once, in batches: the driver's own ``executemany`` on SQLite, ``COPY`` on PostgreSQL."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table, TextClause, bindparam, func, insert, text, update

from tracker.domain.ids import uuid7s
from tracker.domain.records import Entry, Task, WorkItem
from tracker.domain.times import month_of_day
from tracker.store.database import Database
from tracker.store.schema import changes, entries
from tracker.store.write.change_log import as_json, row_key

BATCH = 10_000
"""Records held in memory at a time."""

NOBODY = ""
"""The developer of a change that is no developer's: an import's, of a task."""

MOST_EXAMPLES = 20
"""Keys of differing rows that are remembered."""

_KEY = ("developer", "source", "source_key")

_FIELDS = tuple(field.name for field in dataclasses.fields(Entry))
_fields = attrgetter(*_FIELDS)
_developer = attrgetter("developer")
_key = attrgetter(*_KEY)


_month_of_day = lru_cache(maxsize=65_536)(month_of_day)


def local_month(local_day: int) -> int:
    """The column ``local_month`` of an entry: derived, so that the database never has to."""
    return month_of_day(local_day)


class EntryWriter:
    """Inserts entries; one whose id or (source, key) its developer has already is left as it is.

    ``differing`` counts those of them that another row's key stands on: their foreign row is not the one that is here.
    """

    def __init__(self, connection: Connection, import_id: str) -> None:
        self.inserted = 0
        self.unchanged = 0
        self.differing = 0
        self.differing_keys: list[str] = []
        self._connection = connection
        self._import_id = import_id
        self._copies = connection.dialect.name == "postgresql"
        self._hashes = _lookup(entries, _KEY, connection.dialect.name, (*_KEY, "row_hash"))
        if self._copies:
            connection.exec_driver_sql(
                "CREATE TEMPORARY TABLE staged_entries (LIKE entries) ON COMMIT DROP"
            )

    def write(self, batch: Sequence[Entry]) -> None:
        """Insert a batch, and count."""
        if not batch:
            return
        columns = self._columns(batch)
        rows = list(zip(*columns.values(), strict=True))
        kept = self._by_copy(columns, rows) if self._copies else self._by_driver(columns, rows)
        differing = self._differing(batch) if kept < len(batch) else []
        self.differing += len(differing)
        self.differing_keys += differing[: MOST_EXAMPLES - len(self.differing_keys)]
        self.inserted += kept
        self.unchanged += len(batch) - kept - len(differing)

    def _differing(self, batch: Sequence[Entry]) -> list[str]:
        """The keys of the rows on whose key a row with other content is now: an earlier one's, maybe of this batch."""
        keys = list({_key(entry): None for entry in batch if entry.source_key is not None})
        rows = self._connection.execute(self._hashes, {"keys": json.dumps(keys)})
        hashes = {(developer, source, key): row_hash for developer, source, key, row_hash in rows}
        pairs = ((entry, hashes.get(_key(entry))) for entry in batch)
        return [
            str(entry.source_key)
            for entry, here in pairs
            if here and entry.row_hash and here != entry.row_hash
        ]

    def _columns(self, batch: Sequence[Entry]) -> dict[str, Sequence[Any]]:
        """The columns in which anything stands: to hand over a None costs a driver more than a value does."""
        ordered = sorted(
            batch, key=_developer
        )  # who leads each index: a log in order of time is written faster so
        columns: dict[str, Sequence[Any]] = dict(
            zip(_FIELDS, zip(*map(_fields, ordered), strict=True), strict=True)
        )
        columns["local_month"] = list(map(_month_of_day, columns["local_day"]))
        columns["import_id"] = [self._import_id] * len(batch)
        return {
            name: column
            for name, column in columns.items()
            if any(value is not None for value in column)
        }

    def _by_driver(self, columns: Iterable[str], rows: list[tuple[Any, ...]]) -> int:
        names = tuple(columns)
        marks = ", ".join("?" * len(names))
        statement = (
            f"INSERT INTO entries ({', '.join(names)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
        )
        return self._connection.exec_driver_sql(statement, rows).rowcount

    def _by_copy(self, columns: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> int:
        names = ", ".join(columns)
        native: Any = self._connection.connection.driver_connection
        with native.cursor() as cursor:
            with cursor.copy(f"COPY staged_entries ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            kept: int = cursor.execute(
                f"INSERT INTO entries ({names}) SELECT {names} FROM staged_entries ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
            ).rowcount
            cursor.execute("TRUNCATE staged_entries")
        return kept


class FactWriter:
    """Writes what is known of work items or tasks: what is new goes over what was, None never does.

    A row that was there and is changed leaves what it was in the change log.
    """

    def __init__(
        self, connection: Connection, database: Database, table: Table, import_id: str
    ) -> None:
        self.inserted = 0
        self.unchanged = 0
        self._connection = connection
        self._database = database
        self._table = table
        self._import_id = import_id
        self._key = [column.name for column in table.primary_key]
        self._values = [c.name for c in table.columns if c.name not in (*self._key, "import_id")]
        self._lookup = _lookup(table, self._key, connection.dialect.name)
        self._ids = uuid7s(int(database.now().timestamp() * 1e9), random.Random(import_id))  # noqa: S311 - no secret

    def write(self, batch: Sequence[WorkItem | Task]) -> None:
        """Write a batch, and count the rows that are new or changed, and those that were there as they are."""
        said = self._folded(batch)
        here = self._present(list(said))
        new = [row for key, row in said.items() if key not in here]
        changed = []
        for key, before in here.items():
            after = before | {name: value for name, value in said[key].items() if value is not None}
            if any(after[name] != before[name] for name in self._values):
                changed.append((before, after))
        self._insert(new)
        self._update(changed)
        self.inserted += len(new) + len(changed)
        self.unchanged += len(here) - len(changed)

    def _folded(self, batch: Sequence[WorkItem | Task]) -> dict[tuple[str, ...], dict[str, Any]]:
        """One row a key: of what a batch says twice, the later that is known."""
        said: dict[tuple[str, ...], dict[str, Any]] = {}
        for record in batch:
            row = {name: getattr(record, name) for name in (*self._key, *self._values)}
            key = tuple(row[name] for name in self._key)
            if key in said:
                said[key].update({name: value for name, value in row.items() if value is not None})
            else:
                said[key] = row | {"import_id": self._import_id}
        return said

    def _present(self, keys: list[tuple[str, ...]]) -> dict[tuple[str, ...], dict[str, Any]]:
        """The rows that are there already, by key."""
        if not keys:
            return {}
        rows = self._connection.execute(self._lookup, {"keys": json.dumps(keys)}).mappings()
        return {tuple(row[name] for name in self._key): dict(row) for row in rows}

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        # on PostgreSQL somebody may write the row between the look and here: they stay right where we are silent
        statement = self._database.insert(self._table)
        merged = {
            name: func.coalesce(statement.excluded[name], self._table.c[name])
            for name in (*self._values, "import_id")
        }
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=self._key, set_=merged), rows
        )

    def _update(self, rows: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        if not rows:
            return
        here = [self._table.c[name] == bindparam(f"key_{name}") for name in self._key]
        columns = [self._table.c[name] for name in (*self._values, "import_id")]
        # what did not change is left out (NULL): somebody may have changed it since the look
        news: dict[str, Any] = {
            c.name: func.coalesce(bindparam(f"new_{c.name}", type_=c.type), c) for c in columns
        }
        self._connection.execute(
            update(self._table).where(*here).values(news),
            [
                {f"key_{name}": after[name] for name in self._key}
                | {
                    f"new_{name}": None if after[name] == before[name] else after[name]
                    for name in news
                }
                for before, after in rows
            ],
        )
        self._connection.execute(
            insert(changes), [self._logged(before, after) for before, after in rows]
        )

    def _logged(self, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        return {
            "developer": before.get("developer", NOBODY),
            "id": next(self._ids),
            "changed_epoch": self._database.now_epoch,
            "verb": "import",
            "table_name": self._table.name,
            "row_key": row_key(self._table, before),
            "before": as_json(before),
            "after": as_json(after),
            "import_id": self._import_id,
        }


def _lookup(
    table: Table, key: Sequence[str], dialect: str, wanted_columns: Sequence[str] = ()
) -> TextClause:
    """The rows of a table, or some columns of them, whose keys are in the JSON list ``keys``.

    Thousands of parameters would cost more than it does.
    CROSS JOIN makes SQLite go from the keys to the rows.
    """
    if dialect == "postgresql":
        wanted, item = (
            "json_array_elements(CAST(:keys AS json)) AS wanted (value)",
            "wanted.value ->> {}",
        )
    else:
        wanted, item = "json_each(:keys) AS wanted", "json_extract(wanted.value, '$[{}]')"
    same = " AND ".join(
        f"{table.name}.{name} = {item.format(place)}" for place, name in enumerate(key)
    )
    columns = ", ".join(f"{table.name}.{name}" for name in wanted_columns or table.columns.keys())
    return text(f"SELECT {columns} FROM {wanted} CROSS JOIN {table.name} WHERE {same}")  # noqa: S608 - our own names
