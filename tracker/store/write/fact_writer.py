"""Writing facts about work items and tasks in batches."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, update

from tracker.domain.ids import uuid7s
from tracker.domain.records import Task, WorkItem
from tracker.domain.validation import normalise_record
from tracker.store.database import Database
from tracker.store.schema import changes
from tracker.store.write.change_log import Row, as_json, row_key
from tracker.store.write.estimates import EstimateChoice
from tracker.store.write.keyed_rows import rows_by_keys

NO_DEVELOPER = ""
"""The developer of a change that belongs to no developer, such as an import's change of a task."""


class FactWriter:
    """Writes facts about work items or tasks, such as estimates and titles, and counts them.

    A value replaces the stored one, None leaves it; of estimates see :class:`EstimateChoice`. A row
    that is changed is recorded in the change log as it was. Names are stored in Unicode NFC.
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
        self._choice = EstimateChoice(table)
        self._row_query = rows_by_keys(table, self._key, connection.dialect.name)
        self._ids = uuid7s(int(database.now().timestamp() * 1e9), random.Random(import_id))  # noqa: S311 - no secret

    def write(self, batch: Sequence[WorkItem | Task]) -> None:
        """Write a batch; count new and changed rows as inserted, the others as unchanged."""
        rows = self._merged(batch)
        stored = self._stored_rows(list(rows))
        new = [row for key, row in rows.items() if key not in stored]
        changed = []
        for key, before in stored.items():
            given = {name: rows[key][name] for name in self._values}
            after = self._choice.merge(key, before, given)
            if any(after[name] != before[name] for name in self._values):
                changed.append((before, after))
        self._insert(new)
        self._update(changed)
        before_import = [key for key, row in stored.items() if row["import_id"] != self._import_id]
        changed_before = sum(before["import_id"] != self._import_id for before, _ in changed)
        self.inserted += len(new) + changed_before  # one that an earlier batch wrote is counted
        self.unchanged += len(before_import) - changed_before

    def settle(self) -> None:
        """Store the right one of several dated estimates, once all records are written."""
        for estimates in self._choice.settled(self._connection):
            stored = self._stored_rows(list(estimates))
            rows = [(before, before | estimates[key]) for key, before in stored.items()]
            self._update([(before, after) for before, after in rows if after != before])

    def _merged(self, batch: Sequence[WorkItem | Task]) -> dict[tuple[str, ...], dict[str, Any]]:
        """Return one row per key; of several values the last one counts, and None never does.

        Of estimates with dates, see :class:`EstimateChoice`.
        """
        rows: dict[tuple[str, ...], dict[str, Any]] = {}
        for record in batch:
            normalised = normalise_record(record)
            row = {name: getattr(normalised, name) for name in (*self._key, *self._values)}
            key = tuple(row[name] for name in self._key)
            if key in rows:
                rows[key] = self._choice.merge(key, rows[key], row)
            else:
                rows[key] = row | {"import_id": self._import_id}
        return rows

    def _stored_rows(self, keys: list[tuple[str, ...]]) -> dict[tuple[str, ...], dict[str, Any]]:
        """Return the stored rows with these keys, by key."""
        if not keys:
            return {}
        rows = self._connection.execute(self._row_query, {"keys": json.dumps(keys)}).mappings()
        return {tuple(row[name] for name in self._key): dict(row) for row in rows}

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        # On PostgreSQL another transaction may have inserted the row since it was looked up: its
        # values stay where this import has none.
        statement = self._database.insert(self._table)
        merged = {
            name: func.coalesce(statement.excluded[name], self._table.c[name])
            for name in (*self._values, "import_id")
        }
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=self._key, set_=merged), rows
        )

    def _update(self, rows: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        """Update rows, given before and after, and record the changes."""
        if not rows:
            return
        has_key = [self._table.c[name] == bindparam(f"key_{name}") for name in self._key]
        columns = [self._table.c[name] for name in (*self._values, "import_id")]
        # NULL stands for "not changed": the value may have been changed since it was looked up.
        values: dict[str, Any] = {
            c.name: func.coalesce(bindparam(f"new_{c.name}", type_=c.type), c) for c in columns
        }
        self._connection.execute(
            update(self._table).where(*has_key).values(values),
            [
                {f"key_{name}": after[name] for name in self._key}
                | {
                    f"new_{name}": None if after[name] == before[name] else after[name]
                    for name in values
                }
                for before, after in rows
            ],
        )
        self._connection.execute(
            insert(changes),
            [
                import_change(
                    self._database, next(self._ids), self._import_id, self._table, before, after
                )
                for before, after in rows
            ],
        )


def import_change(
    database: Database, change_id: str, import_id: str, table: Table, before: Row, after: Row | None
) -> dict[str, Any]:
    """Return the row of the change log about a row that an import changed or deleted."""
    return {
        "developer": before.get("developer", NO_DEVELOPER),
        "id": change_id,
        "changed_epoch": database.now_epoch,
        "verb": "import",
        "table_name": table.name,
        "row_key": row_key(table, before),
        "before": as_json(before),
        "after": as_json(after),
        "import_id": import_id,
    }
