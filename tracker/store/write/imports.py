"""Importing a foreign log: streamed, in one transaction, repeatable, and undone as a whole.

The column ``import_id`` is set on rows that are still as an import wrote them. A change by a person
clears it.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select

from tracker.domain.entry_batch import BatchedRecord, EntryBatch
from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.records import ACTIVITIES, Entry, Rejected, Skipped, Task, WorkItem
from tracker.domain.row_keys import is_row_key
from tracker.store.database import Database
from tracker.store.read import plausibility
from tracker.store.read.developer_names import present_names
from tracker.store.read.entry_sums import import_sums
from tracker.store.schema import activities, changes, entries, imports, tasks, work_items
from tracker.store.write import change_log, entry_totals
from tracker.store.write.entry_import import EntryImport
from tracker.store.write.entry_tally import EntryTally
from tracker.store.write.fact_writer import FactWriter
from tracker.store.write.import_checks import ImportChecks
from tracker.store.write.import_result import ImportResult
from tracker.store.write.import_scope import ImportScope
from tracker.store.write.record_batches import RecordBatch, record_batches

LOCK_TIMEOUT_SECONDS = 60
"""How long an import waits for another import to finish."""

_TURN_SECONDS = 0.0002
"""How long a thread runs while another waits for its turn."""

DELETED_BEFORE = "deleted here before"
"""Why an entry is skipped that its developer deleted after an earlier import."""


def import_records(  # noqa: PLR0913 - all but the first are keywords
    database: Database,
    records: Iterable[BatchedRecord],
    *,
    source: str,
    file: str,
    now_epoch: int,
    on_error: Literal["stop", "skip"] = "stop",
    update: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
    developer: str | None = None,
    is_whole: bool = True,
    deleted_keys: frozenset[str] = frozenset(),
) -> ImportResult:
    """Import the records of a source in one transaction: all of them or, on any failure, none.

    Entries are stored as they are: the source has checked them.

    Args:
        database: The database.
        records: What the source yields.
        source: The name of the foreign log.
        file: The file's name, for messages and for the list of imports.
        now_epoch: The current time.
        on_error: Whether the first rejected row stops the import, or rejected rows are skipped.
        update: Whether an entry that changed in the log replaces its stored form.
        dry_run: Whether the transaction is rolled back at the end.
        progress: Called with the number of records read so far.
        developer: Who imports; None is not recorded, such as for a made-up log.
        is_whole: Whether the log holds all of its period. Of one that holds only what has changed,
            nothing is missing.
        deleted_keys: The keys of entries that were deleted in the log.

    Returns:
        The counts. ``rejected`` holds the rejected rows.

    Raises:
        BadValue: A row was rejected and ``on_error`` is ``"stop"``; the source failed; or the log
            was imported with another zone.
        StoreError: The database is busy, cannot be written, or refuses a value.
    """
    with database.writing(
        lock_timeout_seconds=LOCK_TIMEOUT_SECONDS, commit=not dry_run
    ) as connection:
        change_log.lock_imports(connection)
        last_id = connection.execute(select(func.max(imports.c.id))).scalar()
        import_id = change_log.id_after(last_id, database.new_id())
        scope = ImportScope(connection, database, import_id, source, update, is_whole, deleted_keys)
        importer = Importer(scope, file, on_error)
        with _without_garbage_collection(), _short_turns(), closing(importer):
            for count in importer.write(record_batches(records)):
                if progress is not None:
                    progress(count)
        result = importer.result(dry_run=dry_run)
        if result.entries or result.updated:  # the entries of an import are found by a scan
            entry_totals.note_import(connection, import_id)
        if result.import_id is not None:
            connection.execute(
                insert(imports).values(
                    id=import_id,
                    developer=developer,
                    source=source,
                    file=file,
                    imported_epoch=now_epoch,
                    entries=result.entries,
                    work_items=result.work_items,
                    tasks=result.tasks,
                    rejected=len(result.rejected),
                )
            )
    return result


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Disable the search for reference cycles: rows have none, and it takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let threads take turns often: the one that sends a batch needs a moment for each part.

    With Python's default of 5 ms the server would wait for more parts than it stores meanwhile.
    """
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


class Importer:
    """Passes records to the writers of their tables, batch by batch, and counts them."""

    def __init__(self, scope: ImportScope, file: str, on_error: Literal["stop", "skip"]) -> None:
        connection, database, import_id = scope.connection, scope.database, scope.import_id
        self._connection = connection
        self._import_id = import_id
        self._now_epoch = database.now_epoch
        self._file = file
        self._on_error = on_error
        self._entry_counts = scope.counts
        self._entries = EntryImport(scope)
        self._work_items = FactWriter(connection, database, work_items, import_id)
        self._tasks = FactWriter(connection, database, tasks, import_id)
        self._present_names = present_names(connection)
        self._deleted_ids, self._deleted_keys = _deleted_entries(connection, self._present_names)
        self._entries_by_activity: Counter[str] = Counter()
        self._team_activities = {
            *ACTIVITIES,
            *connection.execute(select(activities.c.activity)).scalars(),
        }
        self._checks = ImportChecks()
        self._tally = EntryTally(database.now_epoch)
        self._rejected: list[Rejected] = []
        self._skipped: Counter[str] = Counter()

    def write(self, batches: Iterable[RecordBatch]) -> Iterator[int]:
        """Write the records; yield how many were read so far after each batch.

        Raises:
            BadValue: A row was rejected, and rejected rows stop the import; or the log was
                imported with another zone.
        """
        count = 0
        for batch in batches:
            items, whole_tasks = batch.records(WorkItem), batch.records(Task)
            new_entries = batch.entries()
            if self._present_names:
                new_entries = self._under_present_names(new_entries)
                items = [self._under_present_name(item) for item in items]
            self._reject(batch.records(Rejected))
            self._skipped.update(record.reason for record in batch.records(Skipped))
            self._entries.wait()
            self._work_items.write(items)
            self._write_tasks(whole_tasks)
            self._start_entries(new_entries)  # last: the database stores them while we read on
            self._checks.add(new_entries, items, whole_tasks)
            if self._entries.was_empty:
                self._tally.add(new_entries)
            count += batch.size
            yield count
        self._entries.wait()
        self._entries.finish()
        self._work_items.settle()
        self._tasks.settle()

    def close(self) -> None:
        """Stop what the connection is doing, where the import ends early."""
        self._entries.close()

    def result(self, *, dry_run: bool) -> ImportResult:
        """Return the counts; without an import's id where nothing is stored."""
        counts = self._entry_counts
        any_inserted = (
            counts.inserted or counts.updated or self._work_items.inserted or self._tasks.inserted
        )
        return ImportResult(
            import_id=self._import_id if any_inserted and not dry_run else None,
            entries=counts.inserted,
            entries_unchanged=counts.unchanged,
            work_items=self._work_items.inserted,
            work_items_unchanged=self._work_items.unchanged,
            tasks=self._tasks.inserted,
            tasks_unchanged=self._tasks.unchanged,
            rejected=tuple(self._rejected),
            skipped=dict(self._skipped),
            unmapped={
                activity: count
                for activity, count in self._entries_by_activity.most_common()
                if activity not in self._team_activities
            },
            differing=counts.differing,
            differing_keys=tuple(counts.differing_keys),
            reread=counts.reread,
            reread_keys=tuple(counts.reread_keys),
            updated=counts.updated,
            updatable=counts.updatable,
            edited=counts.edited,
            duplicates=counts.duplicates,
            duplicate_starts=tuple(counts.duplicate_starts),
            shifted=counts.shifted,
            removed=self._entries.removed,
            estimates=self._checks.estimates(self._connection),
            key_variants=self._checks.variants(self._connection, are_all=self._is_whole_log()),
            sums=import_sums(self._connection, self._import_id) if any_inserted else None,
            **(self._unlikely_values() if any_inserted else {}),
        )

    def _unlikely_values(self) -> dict[str, Any]:
        """Return the fields of the result about values that are possible but unlikely."""
        is_whole_log = self._is_whole_log()
        implausible = self._tally.implausible() if is_whole_log else None
        if implausible is None:
            implausible = plausibility.implausible_entries(
                self._connection, clock_epoch=self._now_epoch, import_id=self._import_id
            )
        messages = self._tally.unit_messages() if is_whole_log else None
        if messages is None:
            messages = [*plausibility.effort_messages(self._connection, self._import_id)]
        messages += plausibility.estimate_messages(self._connection, self._import_id)
        return {"implausible": tuple(implausible), "unit_messages": tuple(messages)}

    def _is_whole_log(self) -> bool:
        """Whether the log in the database consists of the entries that were read, all of them."""
        return self._entries.was_empty and self._entry_counts.inserted == self._tally.size

    def _reject(self, batch: list[Rejected]) -> None:
        if batch and self._on_error == "stop":
            first = batch[0]
            raise BadValue(
                f"{self._file} {first.place} {first.line}, column {first.column}: "
                f"{first.value!r}: {first.reason}. "
                "Nothing was kept; correct the row, or give --on-error skip."
            )
        self._rejected += batch

    def _start_entries(self, batch: EntryBatch) -> None:
        if self._deleted_ids:
            count = len(batch)
            batch = EntryBatch.of([e for e in batch.entries() if not self._was_deleted(e)])
            if len(batch) < count:
                self._skipped[DELETED_BEFORE] += count - len(batch)
        self._entries_by_activity.update(batch.columns["activity"])
        self._entries.start(batch)

    def _under_present_names(self, batch: EntryBatch) -> EntryBatch:
        """Return entries with the present names of their developers."""
        names = self._present_names
        developers = [names.get(name, name) for name in batch.columns["developer"]]
        return EntryBatch({**batch.columns, "developer": developers})

    def _under_present_name(self, item: WorkItem) -> WorkItem:
        """Return a work item with the present name of its developer."""
        present = self._present_names.get(normalise_name(item.developer))
        return item if present is None else dataclasses.replace(item, developer=present)

    def _write_tasks(self, batch: list[Task]) -> None:
        if batch:
            # Only where there is a task: others wait for the lock until the import ends.
            change_log.lock_shared_tables(self._connection)
        self._tasks.write(batch)

    def _was_deleted(self, entry: Entry) -> bool:
        # The hash is the key of a row without an id that was imported up to revision 0001.
        keys = (entry.source_key, *([entry.row_hash] if is_row_key(entry.source_key) else []))
        return (entry.developer, entry.id) in self._deleted_ids or any(
            (entry.developer, entry.source, key) in self._deleted_keys for key in keys
        )


def _deleted_entries(
    connection: Connection, present_names: Mapping[str, str]
) -> tuple[set[tuple[str, str]], set[tuple[str, str, str]]]:
    """Return the entries that people deleted, which are not imported again.

    Args:
        connection: The transaction.
        present_names: The present names of developers by their former ones.

    Returns:
        Their (developer, id), and their (developer, source, source_key).
    """
    rows = connection.execute(
        select(changes.c.developer, changes.c.row_key, changes.c.before).where(
            changes.c.table_name == entries.name,
            changes.c.after.is_(None),
            changes.c.undone_by.is_(None),
            # Of a redo, the change that was redone counts. A rename deletes doubles only.
            changes.c.verb.not_in(("redo", change_log.RENAME, *change_log.BY_PROGRAM)),
        )
    )
    ids, keys = set(), set()
    for developer, entry_id, before in rows:
        row = json.loads(before)
        developer = present_names.get(developer, developer)
        ids.add((developer, entry_id))
        if row["source_key"] is not None:
            keys.add((developer, row["source"], row["source_key"]))
    return ids, keys
