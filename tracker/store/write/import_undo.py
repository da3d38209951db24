"""Undoing an import: its rows are deleted, and the rows that it changed are restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from tracker.domain.errors import NothingToDo
from tracker.store.database import Database
from tracker.store.read.developer_names import present_names
from tracker.store.schema import changes, entries, imports, metadata, tasks, work_items
from tracker.store.write import change_log, entry_totals
from tracker.store.write.change_log import UNDONE_IMPORT, Change
from tracker.store.write.fact_writer import NO_DEVELOPER
from tracker.store.write.imports import LOCK_TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class UndoneImport:
    """The result of undoing an import: rows deleted by table, and rows restored."""

    import_id: str
    source: str
    file: str
    entries: int
    work_items: int
    tasks: int
    restored: int


def undo_import(
    database: Database, import_id: str | None = None, *, developer: str = NO_DEVELOPER
) -> UndoneImport:
    """Undo an import: delete the rows that it inserted and restore those that it changed.

    Rows that were changed since stay as they are. Whose import it is has to be checked before.

    Args:
        database: The database.
        import_id: The import; None is the last one that was not undone.
        developer: Who undoes it.

    Raises:
        NothingToDo: There is no such import.
        StoreError: The database is busy or cannot be written.
    """
    with database.writing(lock_timeout_seconds=LOCK_TIMEOUT_SECONDS) as connection:
        change_log.lock_developers(connection, developer)
        change_log.lock_shared_tables(connection)
        query = (
            select(imports)
            .where(imports.c.undone_epoch.is_(None))
            .order_by(imports.c.id.desc())
            .limit(1)
        )
        if import_id is not None:
            query = query.where(imports.c.id == import_id)
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NothingToDo(f"there is no import {import_id or 'left'} to take back.")
        after = {**row, "undone_epoch": database.now_epoch}
        change = Change(developer, UNDONE_IMPORT, imports, dict(row), after)
        undone_by = change_log.apply_change(connection, database, change)
        entry_totals.note_import(connection, row["id"])
        restored = _restore(connection, row["id"], undone_by)
        deleted = {
            table.name: connection.execute(
                delete(table).where(table.c.import_id == row["id"])
            ).rowcount
            for table in (entries, work_items, tasks)
        }
    return UndoneImport(row["id"], row["source"], row["file"], restored=restored, **deleted)


def _restore(connection: Connection, import_id: str, undone_by: str) -> int:
    """Restore the rows that an import changed and nobody changed since; return how many.

    The last change goes first: an entry may need the key that a later one was given.
    """
    import_changes = connection.execute(
        select(changes)
        .where(changes.c.import_id == import_id, changes.c.undone_by.is_(None))
        .order_by(changes.c.id.desc())
    ).all()
    restored = 0
    names = present_names(connection)
    for change in import_changes:
        table = metadata.tables[change.table_name]
        before = _under_present_name(change_log.from_json(table, change.before), names) or {}
        after = _under_present_name(change_log.from_json(table, change.after), names)
        if change_log.find(connection, table, before) == after and (
            after is not None or not _is_key_used(connection, before)
        ):
            change_log.put(connection, table, after, before)
            condition = changes.c.id == change.id
            change_log.mark_undone(connection, change.developer, condition, undone_by)
            restored += 1
    return restored


def _under_present_name(
    row: dict[str, Any] | None, names: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return a row of the change log with the present name of its developer."""
    if row is None or row.get("developer") not in names:
        return row
    return {**row, "developer": names[row["developer"]]}


def _is_key_used(connection: Connection, row: dict[str, Any]) -> bool:
    """Whether an entry has the key of one that an import replaced: it was imported again since."""
    query = select(entries.c.id).where(
        *(entries.c[name] == row[name] for name in ("developer", "source", "source_key"))
    )
    return connection.execute(query.limit(1)).first() is not None
