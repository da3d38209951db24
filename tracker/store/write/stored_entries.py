"""Look-up of the stored entries that rows of an imported log may stand for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text
from sqlalchemy.engine import RowMapping

from tracker.domain import times
from tracker.domain.entry_batch import EntryBatch
from tracker.domain.records import Entry
from tracker.domain.stored_times import UNREADABLE, stored_zone
from tracker.domain.times import DAY_SECONDS
from tracker.store.schema import entries
from tracker.store.write.keyed_rows import json_element, json_list, rows_by_keys

MAX_ZONE_SHIFT = DAY_SECONDS - 3600
"""The offset between two zones is less than this, in seconds.

A day or more, or a day less the hour of a clock change, is another day.
"""

_QUARTER_HOUR = 900

_READING = (
    *("ended_epoch", "seconds", "interruption_seconds"),
    *("task", "activity", "team", "assisted", "assistant"),
)
_CONTENT = ("row_hash", "started_epoch", *_READING)
_reading_of = attrgetter(*_READING)
"""Returns what a map decides of an entry that begins at a given instant."""

_ALIKE_COLUMNS = ", ".join(f"entries.{name}" for name in ("source_key", "id", *_CONTENT))
_ALIKE = {
    "sqlite": f"SELECT {_ALIKE_COLUMNS} FROM json_each(?) AS wanted CROSS JOIN entries "  # noqa: S608 - our own names
    "WHERE entries.developer = ? AND entries.source = ? AND entries.source_key = wanted.value "
    "AND entries.row_hash IS NOT NULL AND entries.import_id <> ?",
    "postgresql": f"SELECT {_ALIKE_COLUMNS} FROM entries WHERE entries.source_key = ANY(%s) "  # noqa: S608 - our own names
    "AND entries.developer = %s AND entries.source = %s "
    "AND entries.row_hash IS NOT NULL AND entries.import_id <> %s",
}
"""The queries for the entries of a developer and a log by their keys, by dialect."""

Key = tuple[str, str | None, str | None]
"""Developer, source and source key."""

key_of = attrgetter("developer", "source", "source_key")
"""Returns the key of an entry or of a stored one."""


class StoredEntry(NamedTuple):
    """The columns of a stored entry that show which row of a log it came from."""

    developer: str
    id: str
    source: str | None
    source_key: str | None
    row_hash: str | None
    import_id: str | None
    started_epoch: int
    ended_epoch: int | None
    seconds: int
    zone: str
    interruption_seconds: int
    task: str
    activity: str
    team: str | None
    assisted: str
    assistant: str | None

    def is_read_alike(self, entry: Entry) -> bool:
        """Whether a row of the same text and start is read as this entry was."""
        return _reading_of(self) == _reading_of(entry)

    def may_be(self, entry: Entry) -> bool:
        """Whether a row without an id may be this entry, with other columns changed."""
        return (self.source, self.started_epoch, self.ended_epoch) == (
            entry.source,
            entry.started_epoch,
            entry.ended_epoch,
        ) and (self.ended_epoch is not None or self.seconds == entry.seconds)


def is_shifted(row: StoredEntry, entry: Entry) -> bool:
    """Whether an import stored a row with a start that another zone would explain."""
    offset = abs(row.started_epoch - entry.started_epoch)
    return 0 < offset < MAX_ZONE_SHIFT and offset % _QUARTER_HOUR == 0 and bool(row.import_id)


def start_label(row: Mapping[str, Any] | RowMapping) -> str:
    """Return how messages name a stored entry: by its developer and start."""
    zone = stored_zone(row["zone"])
    start = times.format_instant(row["started_epoch"], zone) if zone else UNREADABLE
    return f"{row['developer']} {start}"


class StoredEntries:
    """Finds stored entries by their keys, their starts and the hashes of their rows.

    Args:
        connection: The transaction.
        import_id: The running import; rows that it inserted are not found.
    """

    def __init__(self, connection: Connection, import_id: str) -> None:
        self._connection = connection
        self._import_id = import_id
        dialect = connection.dialect.name
        self._by_key = self._query(("developer", "source", "source_key"), StoredEntry._fields)
        self._by_start = self._query(("developer", "started_epoch"), StoredEntry._fields)
        self._by_id = self._query(("developer", "id"), ())
        self._alike = _ALIKE[dialect]
        start = json_element(1, dialect, is_number=True)
        near = f"entries.started_epoch BETWEEN {start} - :most AND {start} + :most"
        columns = ", ".join(f"entries.{name}" for name in StoredEntry._fields)
        self._by_hash = text(
            f"SELECT {columns} FROM {json_list(dialect)} CROSS JOIN entries "  # noqa: S608 - our own names
            f"WHERE entries.developer = {json_element(0, dialect)} AND {near} "
            f"AND entries.source = {json_element(2, dialect)} "
            f"AND entries.row_hash = {json_element(3, dialect)}"
        )

    def by_key(self, keys: Iterable[Key]) -> dict[Key, StoredEntry]:
        """Return the entries with these keys."""
        rows = self._rows(self._by_key, keys)
        return {key_of(row): row for row in rows}

    def unchanged_ids(self, batch: EntryBatch) -> list[str | None]:
        """Return the id of the entry that an import stored from each row, read as it is now.

        None for the rows of which this look-up, the fastest, does not tell what they are.
        """
        columns = batch.columns
        rows: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
        for number, origin in enumerate(zip(columns["developer"], columns["source"], strict=True)):
            rows[origin].append(number)
        contents = list(zip(*(columns[name] for name in _CONTENT), strict=True))
        keys, own_ids = columns["source_key"], columns["id"]
        ids: list[str | None] = [None] * len(batch)
        cursor: Any = self._connection.connection.cursor()
        for (developer, source), numbers in rows.items():
            wanted: Any = [keys[number] for number in numbers]
            if self._connection.dialect.name != "postgresql":
                wanted = json.dumps(wanted)
            cursor.execute(self._alike, (wanted, developer, source, self._import_id))
            stored = {row[0]: row for row in cursor.fetchall()}
            for number in numbers:
                row = stored.get(keys[number])
                if row and row[2:] == contents[number] and row[1] != own_ids[number]:
                    ids[number] = row[1]
        cursor.close()
        return ids

    def row_hashes(self, keys: Iterable[Key]) -> dict[Key, str | None]:
        """Return the hashes of the rows with these keys, of the running import's rows, too."""
        rows = self._execute(self._by_key, dict.fromkeys(keys))
        return {key_of(row): row.row_hash for row in rows}

    def by_start(self, batch: Iterable[Entry]) -> dict[tuple[str, int], list[StoredEntry]]:
        """Return the entries of the same developers that begin when these do."""
        rows: defaultdict[tuple[str, int], list[StoredEntry]] = defaultdict(list)
        for row in self._rows(self._by_start, ((e.developer, e.started_epoch) for e in batch)):
            rows[row.developer, row.started_epoch].append(row)
        return rows

    def by_id(self, ids: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the whole rows of the entries with these developers and ids."""
        rows = self._execute(self._by_id, dict.fromkeys(ids))
        return {
            (row["developer"], row["id"]): row
            for row in (dict(row._mapping) for row in rows)  # noqa: SLF001 - its public name
            if row["import_id"] != self._import_id
        }

    def lock(self, ids: Sequence[tuple[str, str]]) -> None:
        """Keep others from changing these entries until the end. SQLite has one writer anyway."""
        if self._connection.dialect.name == "postgresql" and ids:
            query = text(f"{self._by_id.text} FOR UPDATE OF entries")
            self._connection.execute(query, {"keys": json.dumps(ids)})

    def shifted(self, batch: Iterable[Entry]) -> dict[tuple[str, str | None], StoredEntry]:
        """Return the entries that were stored from the same rows with another start.

        The rows were read in another zone, or a person edited the entries.

        Returns:
            Entries by developer and hash of the row.
        """
        keys = {
            (entry.developer, entry.started_epoch, entry.source, entry.row_hash): entry
            for entry in batch
        }
        rows = {
            (row.developer, row.row_hash): row
            for row in self._rows(self._by_hash, keys, most=MAX_ZONE_SHIFT)
        }
        return {
            key: row
            for entry in keys.values()
            if (row := rows.get(key := (entry.developer, entry.row_hash)))
            and (row.import_id is None or is_shifted(row, entry))
        }

    def _query(self, key: Sequence[str], columns: Sequence[str]) -> Any:
        return rows_by_keys(entries, key, self._connection.dialect.name, columns)

    def _rows(self, query: Any, keys: Iterable[object], **values: int) -> Iterator[StoredEntry]:
        rows = (
            StoredEntry._make(row) for row in self._execute(query, dict.fromkeys(keys), **values)
        )
        return (row for row in rows if row.import_id != self._import_id)

    def _execute(self, query: Any, keys: Iterable[object], **values: int) -> Sequence[Row[Any]]:
        wanted = list(keys)
        if not wanted:
            return []
        return self._connection.execute(query, {"keys": json.dumps(wanted), **values}).all()
