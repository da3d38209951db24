"""A foreign log into the database: streamed, in one transaction, harmless when repeated, and taken back as a whole.

``import_id`` stands on the rows that are still as an import wrote them; a change by a person clears it.
"""

from __future__ import annotations

import contextlib
import gc
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select

from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.records import ACTIVITIES, Entry, Imported, Rejected, Skipped, Task, WorkItem
from tracker.store.database import Database
from tracker.store.schema import activities, changes, entries, imports, metadata, tasks, work_items
from tracker.store.write import change_log
from tracker.store.write.batches import BATCH, NOBODY, EntryWriter, FactWriter

LOCK_TIMEOUT_SECONDS = 60
"""How long an import waits for another one."""

DELETED_BEFORE = "deleted here before"
"""Why an entry is passed over that its developer has deleted since an earlier import."""

_activity = attrgetter("activity")

_LOCK = 0x696D_706F  # PostgreSQL's advisory lock of imports: two at once take turns


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a foreign log. ``…_there``: rows that said nothing new."""

    import_id: str | None
    """None where nothing was kept: all was there already, or it was a dry run."""
    entries: int
    entries_unchanged: int
    work_items: int
    work_items_unchanged: int
    tasks: int
    tasks_unchanged: int
    rejected: tuple[Rejected, ...]
    passed: dict[str, int]
    """Rows left out on purpose, by reason."""
    unmapped: dict[str, int]
    """Entries by foreign activity name: those that are none of the known activities."""
    differing: int = 0
    """Entries left out because a row with other content has their key: an earlier one's of the log, or the database's.
    """
    differing_keys: tuple[str, ...] = ()
    """Some of their keys."""


@dataclass(frozen=True, slots=True)
class UndoneImport:
    """What undoing an import removed, and how many rows it put back as they were before."""

    import_id: str
    source: str
    file: str
    entries: int
    work_items: int
    tasks: int
    restored: int


def import_records(
    database: Database,
    records: Iterable[Imported],
    *,
    source: str,
    file: str,
    now_epoch: int,
    on_error: Literal["stop", "skip"] = "stop",
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportResult:
    """Take in what a source yields, as one transaction: all of it or, on any failure, nothing.

    With ``on_error="stop"`` the first rejected row raises BadValue; with ``"skip"`` rejected rows are handed back. A
    ``dry_run`` does everything, then takes it back. ``progress`` hears how many records are done.
    """
    with database.writing(
        lock_timeout_seconds=LOCK_TIMEOUT_SECONDS, keep=not dry_run
    ) as connection:
        if not database.sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        import_id = change_log.id_after(
            connection.execute(select(func.max(imports.c.id))).scalar(), database.new_id()
        )
        reception = Importer(connection, database, import_id, file, on_error)
        with _rows_without_cycles():
            for done in reception.receive(records):
                if progress is not None:
                    progress(done)
        taken = reception.result(keep=not dry_run)
        if taken.import_id is not None:
            connection.execute(
                insert(imports).values(
                    id=import_id,
                    source=source,
                    file=file,
                    imported_epoch=now_epoch,
                    entries=taken.entries,
                    work_items=taken.work_items,
                    tasks=taken.tasks,
                    rejected=len(taken.rejected),
                )
            )
    return taken


def undo_import(database: Database, import_id: str | None = None) -> UndoneImport:
    """Take back one import (the last one that still stands): rows it made go, rows it changed become what they were.

    Rows that somebody has changed since stay as they are.
    """
    with database.writing(lock_timeout_seconds=LOCK_TIMEOUT_SECONDS) as connection:
        change_log.take_shared_turn(connection)
        chosen = (
            select(imports)
            .where(imports.c.undone_epoch.is_(None))
            .order_by(imports.c.id.desc())
            .limit(1)
        )
        if import_id is not None:
            chosen = chosen.where(imports.c.id == import_id)
        row = connection.execute(chosen).mappings().first()
        if row is None:
            raise NothingToDo(f"there is no import {import_id or 'left'} to take back.")
        after = {**row, "undone_epoch": database.now_epoch}
        undone_by = change_log.change(
            connection, database, NOBODY, "undo-import", imports, dict(row), after
        )
        restored = _restore(connection, row["id"], undone_by)
        gone = {
            table.name: connection.execute(
                delete(table).where(table.c.import_id == row["id"])
            ).rowcount
            for table in (entries, work_items, tasks)
        }
    return UndoneImport(row["id"], row["source"], row["file"], restored=restored, **gone)


@contextlib.contextmanager
def _rows_without_cycles() -> Iterator[None]:
    """Python's search for cycles is put off: among rows there are none, and to look takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Importer:
    """Sorts a stream of records to the writers of their tables, batch by batch, and counts."""

    def __init__(
        self,
        connection: Connection,
        database: Database,
        import_id: str,
        file: str,
        on_error: Literal["stop", "skip"],
    ) -> None:
        self._connection = connection
        self._import_id = import_id
        self._file = file
        self._on_error = on_error
        self._entries = EntryWriter(connection, import_id)
        self._work_items = FactWriter(connection, database, work_items, import_id)
        self._tasks = FactWriter(connection, database, tasks, import_id)
        self._deleted_ids, self._deleted_keys = _deleted(connection)
        self._activities: Counter[str] = Counter()
        self._known = {*ACTIVITIES, *connection.execute(select(activities.c.activity)).scalars()}
        self._rejected: list[Rejected] = []
        self._passed: Counter[str] = Counter()

    def receive(self, records: Iterable[Imported]) -> Iterator[int]:
        """Take the records in; yields how many are done after each batch."""
        stream = iter(records)
        done = 0
        while batch := list(islice(stream, BATCH)):
            by_kind: defaultdict[type, list[Any]] = defaultdict(list)
            for kind, run in groupby(
                batch, type
            ):  # they come in runs, which is faster than one by one
                by_kind[kind] += run
            self._reject(by_kind[Rejected])
            self._passed.update(record.reason for record in by_kind[Skipped])
            self._write_entries(by_kind[Entry])
            self._work_items.write(by_kind[WorkItem])
            self._write_tasks(by_kind[Task])
            done += len(batch)
            yield done

    def result(self, *, keep: bool) -> ImportResult:
        """The counts."""
        anything = self._entries.inserted or self._work_items.inserted or self._tasks.inserted
        return ImportResult(
            import_id=self._import_id if anything and keep else None,
            entries=self._entries.inserted,
            entries_unchanged=self._entries.unchanged,
            work_items=self._work_items.inserted,
            work_items_unchanged=self._work_items.unchanged,
            tasks=self._tasks.inserted,
            tasks_unchanged=self._tasks.unchanged,
            rejected=tuple(self._rejected),
            passed=dict(self._passed),
            unmapped={
                name: n for name, n in self._activities.most_common() if name not in self._known
            },
            differing=self._entries.differing,
            differing_keys=tuple(self._entries.differing_keys),
        )

    def _reject(self, batch: list[Rejected]) -> None:
        if batch and self._on_error == "stop":
            first = batch[0]
            raise BadValue(
                f"{self._file} line {first.line}, column {first.column}: {first.value!r}: {first.reason}. "
                "Nothing was kept; mend the row, or give --on-error skip."
            )
        self._rejected += batch

    def _write_entries(self, batch: list[Entry]) -> None:
        if self._deleted_ids:
            here = [entry for entry in batch if not self._was_deleted(entry)]
            self._passed[DELETED_BEFORE] += len(batch) - len(here)
            self._passed = +self._passed
            batch = here
        self._activities.update(map(_activity, batch))
        self._entries.write(batch)

    def _write_tasks(self, batch: list[Task]) -> None:
        if batch:
            change_log.take_shared_turn(
                self._connection
            )  # not before there is a task: until the end, others wait for it
        self._tasks.write(batch)

    def _was_deleted(self, entry: Entry) -> bool:
        key = (entry.developer, entry.source, entry.source_key)
        return (entry.developer, entry.id) in self._deleted_ids or key in self._deleted_keys


def _deleted(connection: Connection) -> tuple[set[tuple[str, str]], set[tuple[str, str, str]]]:
    """(developer, id) and (developer, source, source key) of the entries that people deleted: they do not come back."""
    rows = connection.execute(
        select(changes.c.developer, changes.c.row_key, changes.c.before).where(
            changes.c.table_name == entries.name,
            changes.c.after.is_(None),
            changes.c.undone_by.is_(None),
        )
    )
    ids, keys = set(), set()
    for developer, identifier, before in rows:
        row = json.loads(before)
        ids.add((developer, identifier))
        if row["source_key"] is not None:
            keys.add((developer, row["source"], row["source_key"]))
    return ids, keys


def _restore(connection: Connection, import_id: str, undone_by: str) -> int:
    """Put the rows that an import changed back to what they were, where they still are as it left them; how many."""
    overwritten = connection.execute(
        select(changes).where(changes.c.import_id == import_id, changes.c.undone_by.is_(None))
    ).all()
    restored = 0
    for row in overwritten:
        table = metadata.tables[row.table_name]
        before: dict[str, Any] = json.loads(row.before)
        after = json.loads(row.after)
        if change_log.find(connection, table, before) == after:
            change_log.put(connection, table, after, before)
            change_log.mark_undone(connection, row.developer, row.id, undone_by)
            restored += 1
    return restored
