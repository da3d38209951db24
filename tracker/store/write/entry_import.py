"""Storing the entries of an imported log: each row is new, stored already, or undecided.

Rows that are not plainly one or the other are put in a temporary table until the file has been
read, because which entry a row without an id stands for depends on the other rows of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from itertools import compress
from typing import Any, Literal, NamedTuple

from sqlalchemy import select

from tracker.domain.entry_batch import FIELD_NAMES, EntryBatch
from tracker.domain.errors import BadValue
from tracker.domain.records import Entry
from tracker.domain.row_keys import is_row_key
from tracker.store.schema import entries
from tracker.store.write.entry_resolution import EntryResolution
from tracker.store.write.entry_writer import EntryWriter
from tracker.store.write.import_scope import OPEN_ENTRIES, ImportScope
from tracker.store.write.removed_rows import FilePeriod, RemovedRows, find_deleted, find_removed
from tracker.store.write.stored_entries import StoredEntries, StoredEntry, is_shifted, key_of

_MIN_SHIFTED = 5
_SHIFTED_SHARE = 0.9
"""From this many and this share of the stored rows on, other times mean another zone."""


class _Match(NamedTuple):
    """What a row of the file is, and the stored entry that it stands for."""

    kind: Literal["new", "unchanged", "shifted", "open"]
    entry_id: str | None = None
    zone: str = ""


class EntryImport:
    """Stores entries batch by batch, and counts them.

    A stored entry stays as it is, unless the import updates.
    """

    def __init__(self, scope: ImportScope) -> None:
        self.removed: RemovedRows | None = None
        """Stored entries that the file lacks; known after :meth:`finish`."""
        self._scope = scope
        self._period = FilePeriod(scope.source)
        self._counts = scope.counts
        self._writer = EntryWriter(scope.connection, scope.import_id)
        self._stored = StoredEntries(scope.connection, scope.import_id)
        first = scope.connection.execute(select(entries.c.id).limit(1)).first()
        self.was_empty = first is None
        """Whether there were no entries before the import."""
        self._started: tuple[EntryBatch, Future[int]] | None = None
        """New entries that are being stored, and how many were."""
        if not self.was_empty:
            scope.create_tables()

    def start(self, batch: EntryBatch) -> None:
        """Begin to store a batch of entries, or put them aside until :meth:`finish`.

        The connection must not be used until :meth:`wait` returns.
        """
        if not batch:
            return
        if not self.was_empty:
            self._period.add(batch)
        new = batch if self.was_empty else EntryBatch.of(self._compare(self._changed(batch)))
        self._started = new, self._writer.start(new)

    def wait(self) -> None:
        """Wait until the batch that was started is stored, and count its entries."""
        if self._started is None:
            return
        new, stored = self._started
        inserted = stored.result()
        self._started = None
        self._counts.inserted += inserted
        if inserted < len(new):
            self._count_repeated(new.entries(), inserted)

    def close(self) -> None:
        """Stop storing a batch: the connection may be used again, if only to roll back."""
        if self._started is not None:
            self._writer.cancel(self._started[1])

    def finish(self) -> None:
        """Decide on the rows that were put aside, and look for possible duplicates.

        Raises:
            BadValue: The file was imported with another zone.
        """
        if self.was_empty:
            return
        self._check_times()
        resolution = EntryResolution(self._scope, self._writer, self._stored)
        resolution.resolve_open_entries()
        duplicates = resolution.find_duplicates()
        if self._scope.is_whole:
            self.removed = find_removed(self._scope, self._period, duplicates)
        elif self._scope.deleted_keys:
            self.removed = find_deleted(self._scope)
        self._scope.drop_tables()

    def _changed(self, batch: EntryBatch) -> list[Entry]:
        """Count the rows that are stored as they are now, and return the others."""
        if self._scope.update:  # which looks at the other entries of each start, too
            return batch.entries()
        ids = self._stored.unchanged_ids(batch)
        stored = zip(batch.columns["developer"], ids, strict=True)
        unchanged = [(developer, entry_id) for developer, entry_id in stored if entry_id]
        self._counts.unchanged += len(unchanged)
        self._scope.add_file_entries(unchanged)
        if len(unchanged) == len(batch):
            return []
        return list(compress(batch.entries(), (entry_id is None for entry_id in ids)))

    def _compare(self, batch: Sequence[Entry]) -> list[Entry]:
        """Compare rows with the stored entries; return the new entries."""
        if not batch:
            return []
        comparison = _Comparison(self._stored, batch, update=self._scope.update)
        new: list[Entry] = []
        open_entries: list[Entry] = []
        matched: list[tuple[str, str]] = []
        shared: list[tuple[str, int]] = []
        for entry in batch:
            match = comparison.match(entry)
            if match.kind == "open":
                open_entries.append(entry)
                continue
            if match.kind == "new":
                new.append(entry)
            elif match.entry_id is not None:
                matched.append((entry.developer, match.entry_id))
                self._count_match(match, entry)
            is_shared = comparison.shares_start(entry, match.entry_id)
            if is_shared and (match.kind == "new" or self._scope.update):
                shared.append((entry.developer, entry.started_epoch))
        self._writer.insert(EntryBatch.of(open_entries), OPEN_ENTRIES)
        self._scope.add_file_entries(matched)
        self._scope.add_shared_starts(shared)
        return new

    def _count_match(self, match: _Match, entry: Entry) -> None:
        if match.kind == "unchanged":
            self._counts.unchanged += 1
            return
        self._counts.shifted += 1
        self._counts.shifted_zones = self._counts.shifted_zones or (match.zone, entry.zone)

    def _count_repeated(self, batch: Sequence[Entry], inserted: int) -> None:
        """Count the rows of a batch that were not inserted: the file repeats their key."""
        keys = [key_of(entry) for entry in batch if entry.source_key is not None]
        hashes = self._stored.row_hashes(keys)
        differing = [
            str(entry.source_key)
            for entry in batch
            if (stored_hash := hashes.get(key_of(entry)))
            and entry.row_hash
            and stored_hash != entry.row_hash
        ]
        self._counts.add_differing(differing)
        self._counts.unchanged += len(batch) - inserted - len(differing)

    def _check_times(self) -> None:
        """Raise BadValue where nearly all rows are stored with other times."""
        counts = self._counts
        share = _SHIFTED_SHARE * (counts.shifted + counts.unchanged)
        if counts.shifted < _MIN_SHIFTED or counts.shifted < share:
            return
        zones = counts.shifted_zones or ("", "")
        cause = f"imported with the zone {zones[0]}, now read with {zones[1]}"
        if zones[0] == zones[1]:
            cause = f"both with the zone {zones[0]}"
        raise BadValue(
            f"{counts.shifted:,} rows are stored already, but their times differ ({cause}): "
            "`tracker import --undo` first, then import the file again. Nothing was kept."
        )


class _Comparison:
    """A batch of rows beside the stored entries that they may stand for."""

    def __init__(self, stored: StoredEntries, batch: Sequence[Entry], *, update: bool) -> None:
        self._by_key = stored.by_key(key_of(e) for e in batch if e.source_key is not None)
        # What has its key and its hash needs no further look-up, which is the usual case.
        rest = [entry for entry in batch if self._row_by_key(entry) is None]
        self._by_key |= stored.by_key(key for entry in rest for key in _earlier_key(entry))
        self._by_start = stored.by_start(batch if update else rest)
        self._by_hash = {
            (row.developer, row.source, row.started_epoch, row.row_hash): row
            for rows in self._by_start.values()
            for row in rows
        }
        self._by_id = stored.by_id(
            (entry.developer, entry.id) for entry in batch if self._has_its_id(entry)
        )
        self._shifted = stored.shifted(
            entry for entry in rest if is_row_key(entry.source_key) and not self._row(entry)
        )

    def match(self, entry: Entry) -> _Match:
        """Return what a row is."""
        if whole := self._by_id.get((entry.developer, entry.id)):
            is_equal = all(whole[name] == getattr(entry, name) for name in FIELD_NAMES)
            return _Match("unchanged", entry.id) if is_equal else _Match("open")
        row = self._row(entry) or self._shifted.get((entry.developer, entry.row_hash))
        if row is not None:
            if row.import_id and row.started_epoch != entry.started_epoch:
                return _Match("shifted", row.id, row.zone)
            if row.import_id and not row.is_read_alike(entry):
                return _Match("open")
            return _Match("unchanged", row.id, row.zone)
        return _Match("open" if self._is_stored_otherwise(entry) else "new")

    def shares_start(self, entry: Entry, entry_id: str | None) -> bool:
        """Whether another entry than the one that a row stands for begins when it does."""
        rows = self._by_start.get((entry.developer, entry.started_epoch), ())
        return any(row.id != entry_id for row in rows)

    def _row_by_key(self, entry: Entry) -> StoredEntry | None:
        """Return the entry with the key of a row, unless it was stored from another content."""
        row = self._by_key.get(key_of(entry))
        return row if row and _has_equal_hash(row, entry) else None

    def _row(self, entry: Entry) -> StoredEntry | None:
        """Return the entry that was stored from the same row, unchanged."""
        row = self._row_by_key(entry)
        if row is not None or not is_row_key(entry.source_key):
            return row
        for key in _earlier_key(entry):
            row = self._by_key.get(key)
            # The same text a day later, in a file without dates, is other work.
            if row and (_is_as_read(row, entry) or is_shifted(row, entry)):
                return row
        hash_key = (entry.developer, entry.source, entry.started_epoch, entry.row_hash)
        return self._by_hash.get(hash_key) if entry.row_hash else None

    def _is_stored_otherwise(self, entry: Entry) -> bool:
        """Whether an entry is stored that may be an earlier form of a row."""
        if self._by_key.get(key_of(entry)):
            return True
        rows = self._by_start.get((entry.developer, entry.started_epoch), ())
        return is_row_key(entry.source_key) and any(row.may_be(entry) for row in rows)

    def _has_its_id(self, entry: Entry) -> bool:
        """Whether an entry can be stored under the same id: it comes from an export."""
        if entry.source_key is None:
            return True
        row = self._by_key.get(key_of(entry))
        return row is not None and row.id == entry.id


def _earlier_key(entry: Entry) -> Iterable[tuple[Any, ...]]:
    """Yield the key that a row without an id had up to revision 0001."""
    if is_row_key(entry.source_key) and entry.row_hash:
        yield (entry.developer, entry.source, entry.row_hash)


def _has_equal_hash(row: StoredEntry, entry: Entry) -> bool:
    return not (row.row_hash and entry.row_hash) or row.row_hash == entry.row_hash


def _is_as_read(row: StoredEntry, entry: Entry) -> bool:
    """Whether a row begins when its entry does, or a person edited the entry."""
    return row.import_id is None or row.started_epoch == entry.started_epoch
