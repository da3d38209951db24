"""Names and keys in Unicode NFC, and an index of entries by their start.

Up to revision 0001 a name was stored as it was typed, so that a letter with an accent may be one
character in one row and two in another. Rows that become equal are merged; what is dropped of them
is recorded in the change log under the verb ``upgrade``. No entry is lost.
"""

from __future__ import annotations

import json
import os
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Row = dict[str, Any]

INDEX = "ix_entries_developer_started_epoch"
NAMES = {
    "entries": ("developer", "task", "activity", "team", "assistant", "source", "source_key"),
    "work_items": ("developer", "task", "activity"),
    "tasks": ("task", "project"),
    "rollouts": ("developer", "team", "assistant"),
    "activities": ("activity",),
    "claims": ("id", "activity"),
    "imports": ("source",),
    "changes": ("developer", "row_key"),
}
"""Table → its columns with names or keys. A claim's source is a text for people."""

ORIGIN = ("id", "source_key", "row_hash", "import_id")
"""Columns of an entry that do not belong to its content."""

ESTIMATE = ("estimate_minutes", "estimate_ai_minutes")
ARM = ("assigned", "assigned_epoch")


def upgrade() -> None:
    op.create_index(INDEX, "entries", ["developer", "started_epoch"], unique=False)
    Normalisation(op.get_bind()).run()


def downgrade() -> None:
    """Drop the index. The names stay in NFC: how they were typed is not known any more."""
    op.drop_index(INDEX, table_name="entries")


def nfc(text: str | None) -> str | None:
    """Return a text in Unicode NFC."""
    return None if text is None else unicodedata.normalize("NFC", text)


class Normalisation:
    """Brings the names in all tables into NFC, and merges rows that become equal."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        metadata = sa.MetaData()
        metadata.reflect(connection, only=list(NAMES))
        self._tables = metadata.tables

    def run(self) -> None:
        # The change log first: what is recorded from here on is in NFC already.
        self._normalise_changes()
        self._normalise_entries()
        for name in ("work_items", "tasks"):
            self._normalise_items(name)
        self._normalise_rollouts()
        self._normalise_activities()
        self._normalise_claims()
        for row, normalised in self._differing("imports"):
            self._update("imports", row, normalised)

    def _normalise_changes(self) -> None:
        table = self._tables["changes"]
        texts = [table.c[name] for name in (*NAMES["changes"], "before", "after")]
        query = sa.select(table.c.developer, table.c.id).where(
            sa.or_(*(_is_not_ascii(column, self._connection) for column in texts))
        )
        for key in self._connection.execute(query).all():
            row = self._row("changes", {"developer": key.developer, "id": key.id})
            columns = NAMES.get(row["table_name"], ())
            normalised = row | {name: nfc(row[name]) for name in NAMES["changes"]}
            for name in ("before", "after"):
                normalised[name] = _normalise_json(row[name], columns)
            if normalised == row:
                continue
            if normalised["developer"] != row["developer"] and self._row("changes", normalised):
                normalised["id"] = new_id()
            self._update("changes", row, normalised)

    def _normalise_entries(self) -> None:
        """Rename entries. Of entries with one key and one content one is kept.

        Where the content differs both are kept, and the key of the one that is renamed is marked.
        """
        for row, normalised in self._differing("entries"):
            is_renamed = normalised["developer"] != row["developer"]
            id_owner = self._row("entries", normalised) if is_renamed else None
            owners = (id_owner, self._key_owner(row, normalised))
            if any(owner and _has_equal_content(owner, normalised) for owner in owners):
                self._drop("entries", row, normalised)
                continue
            if id_owner is not None:
                normalised["id"] = new_id()
            key, number = normalised["source_key"], 1
            while self._key_owner(row, normalised) is not None:
                normalised["source_key"] = f"{key}:nfc{number}"
                number += 1
            self._update("entries", row, normalised)

    def _key_owner(self, row: Row, normalised: Row) -> Row | None:
        """Return another entry that has the key of a renamed one."""
        if normalised["source_key"] is None or normalised["source"] is None:
            return None
        table = self._tables["entries"]
        query = sa.select(table).where(
            *(table.c[name] == normalised[name] for name in ("developer", "source", "source_key")),
            sa.or_(table.c.developer != row["developer"], table.c.id != row["id"]),
        )
        return _first(self._connection.execute(query))

    def _normalise_items(self, name: str) -> None:
        """Rename work items or tasks, and merge those that meet, see :func:`merged`."""
        for row, normalised in self._differing(name):
            key = {column.name: normalised[column.name] for column in self._primary_key(name)}
            other = self._row(name, key)
            if other is None or key == {column: row[column] for column in key}:
                self._update(name, row, normalised)
                continue
            together = merged(other, normalised)
            if together != other:
                self._update(name, other, together)
                self._record(name, other, together)
            self._drop(name, row, normalised)

    def _normalise_rollouts(self) -> None:
        """Rename rollouts; of two with one scope the one that was recorded last counts."""
        table = self._tables["rollouts"]
        for row, normalised in self._differing("rollouts"):
            query = sa.select(table).where(
                *(table.c[n].is_not_distinct_from(normalised[n]) for n in NAMES["rollouts"]),
                table.c.id != row["id"],
            )
            other = _first(self._connection.execute(query))
            if other is not None and other["id"] > row["id"]:
                self._drop("rollouts", row, normalised)
                continue
            if other is not None:
                self._drop("rollouts", other, other)
            self._update("rollouts", row, normalised)

    def _normalise_activities(self) -> None:
        for row, normalised in self._differing("activities"):
            if self._row("activities", normalised) is None:
                self._update("activities", row, normalised)
            else:
                self._delete("activities", row)

    def _normalise_claims(self) -> None:
        """Rename claims; of equal ones one is kept, and another gets a number after its id."""
        for row, normalised in self._differing("claims"):
            other = self._row("claims", normalised) if row["id"] != normalised["id"] else None
            if other == normalised:
                self._delete("claims", row)
                continue
            number = 2
            claim_id = normalised["id"]
            while other is not None:
                normalised["id"] = f"{claim_id}-{number}"
                other = self._row("claims", normalised)
                number += 1
            self._update("claims", row, normalised)

    def _differing(self, name: str) -> Iterator[tuple[Row, Row]]:
        """Yield the rows whose names are not in NFC, as they are and with their names in NFC."""
        table = self._tables[name]
        columns = [table.c[column] for column in NAMES[name]]
        key = self._primary_key(name)
        query = sa.select(*key).where(
            sa.or_(*(_is_not_ascii(column, self._connection) for column in columns))
        )
        for values in self._connection.execute(query.order_by(*key)).mappings().all():
            row = self._row(name, values)
            if row is None:  # merged in the meantime
                continue
            normalised = row | {column.name: nfc(row[column.name]) for column in columns}
            if normalised != row:
                yield row, normalised

    def _primary_key(self, name: str) -> list[sa.Column[Any]]:
        return list(self._tables[name].primary_key)

    def _has_key(self, name: str, row: Mapping[str, Any]) -> sa.ColumnElement[bool]:
        return sa.and_(*(column == row[column.name] for column in self._primary_key(name)))

    def _row(self, name: str, key: Mapping[str, Any]) -> Row | None:
        query = sa.select(self._tables[name]).where(self._has_key(name, key))
        return _first(self._connection.execute(query))

    def _update(self, name: str, row: Row, changed: Row) -> None:
        values = {column: value for column, value in changed.items() if value != row[column]}
        statement = self._tables[name].update().where(self._has_key(name, row)).values(values)
        self._connection.execute(statement)

    def _delete(self, name: str, row: Row) -> None:
        self._connection.execute(self._tables[name].delete().where(self._has_key(name, row)))

    def _drop(self, name: str, row: Row, normalised: Row) -> None:
        """Delete a row that another one stands for, and record it."""
        self._delete(name, row)
        self._record(name, normalised, None)

    def _record(self, name: str, before: Row, after: Row | None) -> None:
        """Record a row in the change log, before and after."""
        key = [before[c.name] for c in self._primary_key(name) if c.name != "developer"]
        values = {
            "developer": before.get("developer") or "",
            "id": new_id(),
            "changed_epoch": int(time.time()),
            "verb": "upgrade",
            "table_name": name,
            "row_key": str(key[0]) if len(key) == 1 else json.dumps(key, ensure_ascii=False),
            "before": json.dumps(before, ensure_ascii=False),
            "after": None if after is None else json.dumps(after, ensure_ascii=False),
        }
        self._connection.execute(self._tables["changes"].insert().values(values))


def merged(row: Row, other: Row) -> Row:
    """Return a work item or task with what another of the same name has.

    A value is taken from the row that has one. Where both have: the estimate that was made first
    and the arm that was drawn first count (an undated one after a dated one), the latest
    completion, and the title and project of ``row``. The result belongs to an import only if both
    do, and to the same.
    """
    result = {name: other[name] if value is None else value for name, value in row.items()}
    for columns, dated in ((ESTIMATE, "estimated_epoch"), (ARM, "assigned_epoch")):
        if dated not in row:
            continue
        present = [r for r in (row, other) if any(r[name] is not None for name in columns)]
        if len(present) == 2:
            first, second = sorted(present, key=lambda r: (r[dated] is None, r[dated] or 0))
            result |= {n: second[n] if first[n] is None else first[n] for n in columns}
            result[dated] = first[dated]
    epochs = [r["completed_epoch"] for r in (row, other) if r["completed_epoch"] is not None]
    result["completed_epoch"] = max(epochs, default=None)
    result["import_id"] = row["import_id"] if row["import_id"] == other["import_id"] else None
    return result


def new_id() -> str:
    """Return a UUID of version 7 for now."""
    digits = f"{time.time_ns() // 1_000_000:012x}7{os.urandom(2).hex()[:3]}"
    digits += f"{0b10 << 62 | int.from_bytes(os.urandom(8), 'big') >> 2:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _first(result: sa.CursorResult[Any]) -> Row | None:
    row = result.mappings().first()
    return None if row is None else dict(row)


def _has_equal_content(entry: Row, other: Row) -> bool:
    return all(entry[name] == other[name] for name in entry if name not in ORIGIN)


def _normalise_json(text: str | None, columns: Iterable[str]) -> str | None:
    """Return a row of the change log with its names in NFC; the other texts stay as typed."""
    if text is None or text.isascii():
        return text
    row = json.loads(text)
    names = {name: nfc(row[name]) for name in columns if isinstance(row.get(name), str)}
    return json.dumps(row | names, ensure_ascii=False)


def _is_not_ascii(
    column: sa.ColumnElement[Any], connection: sa.Connection
) -> sa.ColumnElement[bool]:
    """Return the condition that a text takes more bytes than it has characters."""
    if connection.dialect.name == "sqlite":
        return sa.func.length(sa.cast(column, sa.LargeBinary)) > sa.func.length(column)
    return sa.func.octet_length(column) > sa.func.char_length(column)
