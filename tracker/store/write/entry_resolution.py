"""The end of an import: rows that may be a new form of a stored entry, and possible duplicates."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, count, groupby
from operator import itemgetter, not_
from typing import Any

from sqlalchemy import bindparam, delete, insert, text, update
from sqlalchemy.engine import RowMapping

from tracker.domain import times
from tracker.domain.entry_batch import EntryBatch
from tracker.domain.ids import uuid7s
from tracker.domain.records import Entry
from tracker.domain.row_keys import base_of, is_row_key, numbered_key, ordinal_of
from tracker.domain.times import month_of_day
from tracker.store.duplicates import has_time_of_day
from tracker.store.schema import changes, entries
from tracker.store.write.entry_writer import EntryWriter
from tracker.store.write.fact_writer import import_change
from tracker.store.write.import_scope import (
    FILE_ENTRIES,
    MAX_EXAMPLES,
    OPEN_ENTRIES,
    SHARED_STARTS,
    ImportScope,
)
from tracker.store.write.stored_entries import Key, StoredEntries, StoredEntry, key_of, start_label

_BATCH_SIZE = 1_000
_MORE_ORDINALS = 3
"""How many ordinals after the last of a group are looked up for the keys in use."""

_FIELDS = tuple(field.name for field in dataclasses.fields(Entry))
_CONTENT = tuple(name for name in _FIELDS if name not in ("id", "source_key", "row_hash"))
_Pair = tuple[Entry, StoredEntry]
_Id = tuple[str, str]
"""Developer and id."""


class EntryResolution:
    """Decides on the rows of a file that can be told only by the other rows of the file."""

    def __init__(self, scope: ImportScope, writer: EntryWriter, stored: StoredEntries) -> None:
        self._scope = scope
        self._connection = scope.connection
        self._counts = scope.counts
        self._writer = writer
        self._stored = stored
        self._duplicates: list[_Id] = []
        now_ns = int(scope.database.now().timestamp() * 1e9)
        self._change_ids = uuid7s(now_ns, random.Random(f"{scope.import_id} entries"))  # noqa: S311 - no secret

    def resolve_open_entries(self) -> None:
        """Pair the rows that were put aside with the stored entries that the file lacks.

        Rows with an id are paired by it. Rows without one that are equal in developer, start and
        end are paired in their order. A row that is left over is new, unless it has an id.
        """
        self._scope.index_file_entries()
        for groups in _batches(groupby(self._open_entries(), key=_group_of)):
            self._resolve(groups)

    def find_duplicates(self) -> list[_Id]:
        """Count the rows that have the start of an entry that is not in the file.

        With ``update`` such an entry is replaced if it came from the same source and begins at a
        time of day, and if no other entry and no other row begins then.

        Returns:
            The entries with which rows of the file share their start.
        """
        replaced: list[_Id] = []
        for _, rows in groupby(self._rows_at_shared_starts(), key=_start_of):
            replaced += self._compare_at_start(list(rows))
        for start in range(0, len(replaced), _BATCH_SIZE):
            self._delete(replaced[start : start + _BATCH_SIZE])
        return self._duplicates

    def _open_entries(self) -> Iterator[Entry]:
        collation = ' COLLATE "C"' if self._scope.dialect == "postgresql" else ""
        query = (
            f"SELECT * FROM {OPEN_ENTRIES} ORDER BY developer, source, source_key{collation}, id"  # noqa: S608 - our own name
        )
        for row in self._stream(query):
            yield Entry(**{name: row[name] for name in _FIELDS})

    def _rows_at_shared_starts(self) -> Iterator[RowMapping]:
        """Yield the entries at the shared starts, and whether a row of the file stands for each."""
        query = (
            "SELECT e.developer, e.id, e.source, e.import_id, e.started_epoch, e.ended_epoch, "  # noqa: S608 - our own names
            "e.zone, e.task, e.activity, EXISTS (SELECT 1 FROM "
            f"{FILE_ENTRIES} AS f WHERE f.developer = e.developer AND f.id = e.id) AS in_file "
            f"FROM (SELECT DISTINCT developer, started_epoch FROM {SHARED_STARTS}) AS s "
            "JOIN entries AS e ON e.developer = s.developer AND e.started_epoch = s.started_epoch "
            "ORDER BY e.developer, e.started_epoch, e.id"
        )
        return self._stream(query)

    def _stream(self, query: str) -> Iterator[RowMapping]:
        options = {"yield_per": _BATCH_SIZE}
        return iter(self._connection.execute(text(query), execution_options=options).mappings())

    def _resolve(self, groups: Sequence[list[Entry]]) -> None:
        """Decide on groups of rows; the rows of a group may stand for the same entries."""
        candidates = self._candidates(groups)
        used_keys = self._stored.row_hashes(key for group in groups for key in _keys(group))
        in_file = self._ids_in_file(row for rows in candidates for row in rows)
        pairs: list[_Pair] = []
        new: list[Entry] = []
        for group, stored in zip(groups, candidates, strict=True):
            free = [row for row in stored if (row.developer, row.id) not in in_file]
            matches, rest = _pair(group, free)
            if is_row_key(group[0].source_key):
                keys = {row.source_key for row in stored}
                keys |= {key[2] for key in _keys(group) if key in used_keys}
                matches = [(_with_key(entry, row.source_key, keys), row) for entry, row in matches]
                new += [_with_key(entry, None, keys) for entry in rest]
            else:
                self._counts.add_differing(list(map(_label, rest)))
            pairs += matches
        self._take(pairs)
        self._counts.inserted += self._writer.insert(EntryBatch.of(new))
        self._scope.add_shared_starts((entry.developer, entry.started_epoch) for entry in new)

    def _candidates(self, groups: Sequence[list[Entry]]) -> list[list[StoredEntry]]:
        """Return the stored entries that the rows of each group may stand for, in their order."""
        rows = [entry for group in groups for entry in group]
        by_key = self._stored.by_key(key for group in groups for key in _keys(group))
        by_start = self._stored.by_start(e for e in rows if is_row_key(e.source_key))
        by_id = self._stored.by_id((e.developer, e.id) for e in rows if e.source_key is None)
        result = []
        for group in groups:
            first = group[0]
            stored = {row.id: row for key in _keys(group) if (row := by_key.get(key))}
            if whole := by_id.get((first.developer, first.id)):
                stored[first.id] = StoredEntry(*(whole[name] for name in StoredEntry._fields))
            hashes = {entry.row_hash for entry in group} - {None}
            for row in by_start.get((first.developer, first.started_epoch), ()):
                is_same_text = row.source == first.source and row.row_hash in hashes
                if row.may_be(first) or is_same_text:
                    stored[row.id] = row
            result.append(sorted(stored.values(), key=_order))
        return result

    def _ids_in_file(self, rows: Iterable[StoredEntry]) -> set[_Id]:
        """Return those of the entries for which a row of the file stands already."""
        ids = dict.fromkeys((row.developer, row.id) for row in rows)
        return self._scope.known_file_entries(ids)

    def _take(self, pairs: Sequence[_Pair]) -> None:
        """Count the pairs; update the stored entries if the import updates."""
        self._scope.add_file_entries((row.developer, row.id) for _, row in pairs)
        pairs = self._without_equal(pairs)
        untouched = [(entry, row) for entry, row in pairs if row.import_id is not None]
        self._counts.edited += len(pairs) - len(untouched)
        if self._scope.update:
            self._update(untouched)
            self._scope.add_shared_starts((e.developer, e.started_epoch) for e, _ in untouched)
            return
        is_reread = [_is_same_text(entry, row) for entry, row in untouched]
        labels = [_label(entry) for entry, _ in untouched]
        self._counts.add_reread(list(compress(labels, is_reread)))
        self._counts.add_differing(list(compress(labels, map(not_, is_reread))))
        self._counts.updatable += len(untouched)

    def _without_equal(self, pairs: Sequence[_Pair]) -> list[_Pair]:
        """Return the pairs whose row says something else than is stored, and count the others.

        The text of a row may differ in what is not stored: in a column that the map does not read,
        or in the form of its Unicode characters.
        """
        stored = self._stored.by_id((row.developer, row.id) for _, row in pairs)
        differing = []
        for entry, row in pairs:
            whole = stored.get((row.developer, row.id))
            if whole and all(whole[name] == getattr(entry, name) for name in _CONTENT):
                self._counts.unchanged += 1
            else:
                differing.append((entry, row))
        return differing

    def _update(self, pairs: Sequence[_Pair]) -> None:
        """Give stored entries the form they have in the file, and record the old one."""
        ids = [(row.developer, row.id) for _, row in pairs]
        self._stored.lock(ids)
        rows = self._stored.by_id(ids)
        changed: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for entry, row in pairs:
            before = rows.get((row.developer, row.id))
            if before is None or before["import_id"] is None:  # changed by a person in between
                self._counts.edited += 1
                continue
            values = {name: getattr(entry, name) for name in _FIELDS if name != "id"}
            derived = {
                "local_month": month_of_day(entry.local_day),
                "import_id": self._scope.import_id,
            }
            changed.append((before, before | values | derived))
        self._counts.updated += len(changed)
        if not changed:
            return
        columns = [c for c in entries.columns if c.name not in ("developer", "id")]
        statement = update(entries).where(*_HAS_ID)
        self._connection.execute(
            statement.values({c.name: bindparam(f"new_{c.name}", type_=c.type) for c in columns}),
            [
                _id_values(after) | {f"new_{c.name}": after[c.name] for c in columns}
                for _, after in changed
            ],
        )
        self._record(changed)

    def _compare_at_start(self, rows: Sequence[RowMapping]) -> list[_Id]:
        """Count possible duplicates among the entries of one start; return what is replaced."""
        import_id = self._scope.import_id
        in_file: list[RowMapping] = []
        inserted: list[RowMapping] = []
        others: list[RowMapping] = []
        for row in rows:
            is_inserted = row["import_id"] == import_id and not row["in_file"]
            (in_file if is_inserted or row["in_file"] else others).append(row)
            if is_inserted:
                inserted.append(row)
        new = in_file if self._scope.update else inserted
        is_timed = all(
            has_time_of_day(row["started_epoch"], row["ended_epoch"], row["zone"]) for row in rows
        )
        if not is_timed:  # of all entries of a day only those on the same work
            work = {_work_of(row) for row in new}
            others = [row for row in others if _work_of(row) in work]
        if not new or not others:
            return []
        self._duplicates += [(row["developer"], row["id"]) for row in others]
        if is_timed and _is_one_pair(in_file, others):
            if self._scope.update:
                self._count_replacement(in_file[0])
                return [(row["developer"], row["id"]) for row in others]
            self._counts.updatable += 1
        self._counts.duplicates += len(new)
        remaining = MAX_EXAMPLES - len(self._counts.duplicate_starts)
        self._counts.duplicate_starts += map(start_label, new[:remaining])
        return []

    def _count_replacement(self, row: RowMapping) -> None:
        """Count a row that replaces another entry as updated, and as nothing else."""
        is_of_import = row["import_id"] == self._scope.import_id
        if is_of_import and row["in_file"]:
            return  # it was updated itself
        if is_of_import:
            self._counts.inserted -= 1
        else:
            self._counts.unchanged -= 1
        self._counts.updated += 1

    def _delete(self, ids: Sequence[_Id]) -> None:
        """Delete entries that rows of the file replace, and record them."""
        self._stored.lock(ids)
        rows = self._stored.by_id(ids).values()
        self._connection.execute(delete(entries).where(*_HAS_ID), list(map(_id_values, rows)))
        self._record([(row, None) for row in rows])

    def _record(self, changed: Iterable[tuple[dict[str, Any], dict[str, Any] | None]]) -> None:
        """Record entries in the change log, given before and after."""
        scope = self._scope
        self._connection.execute(
            insert(changes),
            [
                import_change(
                    scope.database, next(self._change_ids), scope.import_id, entries, before, after
                )
                for before, after in changed
            ],
        )


_HAS_ID = (entries.c.developer == bindparam("key_developer"), entries.c.id == bindparam("key_id"))
_start_of = itemgetter("developer", "started_epoch")
_work_of = itemgetter("source", "task", "activity")


def _id_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of _HAS_ID."""
    return {"key_developer": row["developer"], "key_id": row["id"]}


def _batches(groups: Iterable[tuple[object, Iterable[Entry]]]) -> Iterator[list[list[Entry]]]:
    """Yield groups of rows, in their order, as lists of about _BATCH_SIZE rows in all."""
    batch: list[list[Entry]] = []
    size = 0
    for _, rows in groups:
        group = sorted(rows, key=_order)
        batch.append(group)
        size += len(group)
        if size >= _BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_same_text(entry: Entry, row: StoredEntry) -> bool:
    """Whether an entry was stored from exactly the text of a row.

    A row of tracker's own export has the id of its entry, and the hash of another log's row.
    """
    return bool(entry.row_hash) and row.row_hash == entry.row_hash and row.id != entry.id


def _pair(group: Sequence[Entry], stored: Sequence[StoredEntry]) -> tuple[list[_Pair], list[Entry]]:
    """Return the rows of a group with the entries that they stand for, and the rows left over.

    A row stands for the entry of the same text, the others in their order.
    """
    by_hash = {row.row_hash: row for row in stored if row.row_hash}
    matches = [(entry, by_hash.pop(entry.row_hash)) for entry in group if entry.row_hash in by_hash]
    matched = {id(entry) for entry, _ in matches}
    taken = {row.id for _, row in matches}
    others = [entry for entry in group if id(entry) not in matched]
    free = [row for row in stored if row.id not in taken]
    matches += zip(others, free, strict=False)
    return matches, others[len(free) :]


def _group_of(entry: Entry) -> tuple[str, str | None, str]:
    """Return what rows have in common that may stand for the same entries."""
    key = entry.source_key
    if key is None:
        return entry.developer, "", entry.id
    return entry.developer, entry.source, base_of(key) if is_row_key(key) else key


def _order(row: Entry | StoredEntry) -> tuple[int, str]:
    """Return the sort key of rows of a group: their order in the file."""
    key = row.source_key
    return (ordinal_of(key) if key is not None and is_row_key(key) else 0), row.id


def _keys(group: Sequence[Entry]) -> list[Key]:
    """Return the keys that entries may have for which the rows of a group may stand."""
    first, last = group[0], group[-1]
    if first.source_key is None or last.source_key is None:
        return []
    if not is_row_key(first.source_key):
        return [key_of(first)]
    base, end = base_of(first.source_key), ordinal_of(last.source_key) + _MORE_ORDINALS
    return [(first.developer, first.source, numbered_key(base, n)) for n in range(1, end)]


def _with_key(entry: Entry, key: str | None, keys: set[str | None]) -> Entry:
    """Return a row without an id with the key that it is stored under, and add that to ``keys``.

    Args:
        entry: The row.
        key: The key of the entry that it stands for.
        keys: The keys in use by the entries of its group.
    """
    if key is None or not is_row_key(key):
        own = str(entry.source_key)
        ordinals = count(ordinal_of(own))
        numbered = (numbered_key(base_of(own), ordinal) for ordinal in ordinals)
        key = next(key for key in numbered if key not in keys)
        keys.add(key)
    return dataclasses.replace(entry, source_key=key)


def _is_one_pair(new: Sequence[RowMapping], old: Sequence[RowMapping]) -> bool:
    """Whether one row may be the new form of one entry that an import stored."""
    if len(new) != 1 or len(old) != 1:
        return False
    is_untouched = new[0]["import_id"] is not None and old[0]["import_id"] is not None
    return is_untouched and old[0]["source"] is not None and old[0]["source"] == new[0]["source"]


def _label(entry: Entry) -> str:
    """Return how messages name a row: by its key, or by its start if it has no id."""
    if entry.source_key is not None and not is_row_key(entry.source_key):
        return entry.source_key
    return f"{entry.developer} {times.format_instant(entry.started_epoch, times.zone(entry.zone))}"
