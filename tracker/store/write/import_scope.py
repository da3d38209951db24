"""What the parts of an import share: the transaction, the counts, and the temporary tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from tracker.store.database import Database
from tracker.store.write.keyed_rows import json_element, json_list

MAX_EXAMPLES = 20
"""How many keys or starts are remembered of the rows of a kind."""

OPEN_ENTRIES = "open_entries"
"""The temporary table of the rows that are decided on when the file has been read."""

FILE_ENTRIES = "file_entries"
"""The temporary table of the stored entries that rows of the file stand for."""

SHARED_STARTS = "shared_starts"
"""The temporary table of the starts that a row of the file has in common with a stored entry for
which it does not stand.
"""

_TABLES = {
    FILE_ENTRIES: "(developer VARCHAR NOT NULL, id VARCHAR NOT NULL)",
    SHARED_STARTS: "(developer VARCHAR NOT NULL, started_epoch BIGINT NOT NULL)",
    OPEN_ENTRIES: "AS SELECT * FROM entries WHERE 1 = 0",
}


@dataclass(slots=True)
class EntryCounts:
    """The counts of the entries of an import."""

    inserted: int = 0
    unchanged: int = 0
    updated: int = 0
    """Entries whose form in the file replaced the stored one."""
    differing: int = 0
    """Rows left out: an earlier row, of the file or the database, has their key, other content."""
    differing_keys: list[str] = field(default_factory=list)
    reread: int = 0
    """Rows left out: their entry was stored from the same text, and read otherwise."""
    reread_keys: list[str] = field(default_factory=list)
    updatable: int = 0
    """Of the rows left out and possible duplicates those that ``update`` would take."""
    edited: int = 0
    """Rows that differ from an entry which a person edited since."""
    duplicates: int = 0
    """Rows that begin when another entry of their developer does which is not in the file."""
    duplicate_starts: list[str] = field(default_factory=list)
    shifted: int = 0
    """Rows that are stored with other times."""
    shifted_zones: tuple[str, str] | None = None
    """The zone of the first of these as it is stored, and as it is now."""

    def add_differing(self, keys: Sequence[str]) -> None:
        """Count rows that differ from the row with their key; remember the first keys."""
        self.differing += len(keys)
        self.differing_keys += keys[: MAX_EXAMPLES - len(self.differing_keys)]

    def add_reread(self, keys: Sequence[str]) -> None:
        """Count rows that are read otherwise than their entries were; remember the first keys."""
        self.reread += len(keys)
        self.reread_keys += keys[: MAX_EXAMPLES - len(self.reread_keys)]


@dataclass(frozen=True, slots=True)
class ImportScope:
    """A running import."""

    connection: Connection
    database: Database
    import_id: str
    source: str
    """The name of the log that is imported."""
    update: bool
    """Whether the form of an entry in the file replaces the stored one."""
    is_whole: bool = True
    """Whether the file holds all of the log in its period, and not only what has changed."""
    deleted_keys: frozenset[str] = frozenset()
    """The keys of entries that were deleted in the log."""
    counts: EntryCounts = field(default_factory=EntryCounts)

    def create_tables(self) -> None:
        """Create the temporary tables, empty. They end with the transaction, or are dropped."""
        for name, definition in _TABLES.items():
            self.connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {name} {definition}")

    def index_file_entries(self) -> None:
        """Create the index that look-ups in the table of the file's entries need."""
        self.connection.exec_driver_sql(
            f"CREATE INDEX ix_{FILE_ENTRIES} ON {FILE_ENTRIES} (developer, id)"
        )

    def drop_tables(self) -> None:
        """Drop the temporary tables: the connection may be used again."""
        schema = "pg_temp" if self.dialect == "postgresql" else "temp"
        for name in _TABLES:
            self.connection.exec_driver_sql(f"DROP TABLE {schema}.{name}")

    @property
    def dialect(self) -> str:
        """The name of SQLAlchemy's dialect."""
        return self.connection.dialect.name

    def add_file_entries(self, ids: Iterable[tuple[str, str]]) -> None:
        """Record stored entries, by developer and id, that rows of the file stand for."""
        self._add(FILE_ENTRIES, ids)

    def known_file_entries(self, ids: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those of the stored entries that were recorded by :meth:`add_file_entries`."""
        developer, entry_id = json_element(0, self.dialect), json_element(1, self.dialect)
        query = text(
            f"SELECT f.developer, f.id FROM {json_list(self.dialect)} "  # noqa: S608 - our own names
            f"CROSS JOIN {FILE_ENTRIES} AS f WHERE f.developer = {developer} AND f.id = {entry_id}"
        )
        rows = self.connection.execute(query, {"keys": json.dumps(list(ids))})
        return {(row.developer, row.id) for row in rows}

    def add_shared_starts(self, starts: Iterable[tuple[str, int]]) -> None:
        """Record starts, by developer and instant, of rows of the file and of other entries."""
        self._add(SHARED_STARTS, starts)

    def _add(self, table: str, rows: Iterable[tuple[str, str | int]]) -> None:
        """Insert rows, some perhaps twice, in the driver's fastest way."""
        keys = list(rows)
        if not keys:
            return
        cursor: Any = self.connection.connection.cursor()
        if self.dialect == "postgresql":
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in keys:
                    copy.write_row(row)
        else:
            cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", keys)  # noqa: S608 - our own names
        cursor.close()
