"""`import --undo`: take back an import, one's own or, once confirmed, another's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tracker.cli.confirmation import confirm
from tracker.cli.context import Context
from tracker.cli.output import Format, show
from tracker.domain import times
from tracker.domain.plausibility import count_of_entries

if TYPE_CHECKING:  # dataclasses are imported with the store
    from tracker.store.read.imports import ImportRecord

_COLUMNS = {
    "id": "ID",
    "imported": "Imported",
    "developer": "By",
    "source": "Source",
    "file": "File",
    "entries": "Entries",
    "work_items": "Work items",
    "tasks": "Tasks",
}


def run(
    context: Context,
    words: Sequence[str | None],
    owner: str | None,
    format: Format,
    *,
    is_list: bool,
    is_confirmed: bool,
) -> None:
    """Run `import --undo`.

    Args:
        context: The program's context.
        words: The arguments of the command, None for no source.
        owner: Whose import it is; None is the developer.
        format: The format of the list.
        is_list: Whether the imports are listed only.
        is_confirmed: Whether it is confirmed that another's import is taken back.
    """
    id_, *others = words
    if others or (id_ and (is_list or not re.fullmatch("@[0-9]+|[0-9a-fA-F-]+", id_))):
        raise click.UsageError("give --undo by itself, or with the ID of one import")
    if is_list:
        _list_imports(context, owner or context.developer, format)
    else:
        _undo_import(context, id_, owner, is_confirmed=is_confirmed)


def _list_imports(context: Context, owner: str, format: Format) -> None:
    from tracker.store.read import imports
    from tracker.store.read.developer_names import present_name

    with context.database().reading() as connection:
        owner = present_name(connection, owner)
        everything = imports.all_imports(connection)
        records = imports.undoable_imports(connection, owner)
    rows = [
        {
            "id": imports.short_id(record, everything) if format == "text" else record.id,
            "imported": times.format_instant(record.imported_epoch, context.zone),
            **{name: getattr(record, name) for name in list(_COLUMNS)[2:]},
        }
        for record in records
    ]
    show(rows, format, _COLUMNS, empty=f"no imports of {owner} to take back")


def _undo_import(
    context: Context, id_: str | None, owner: str | None, *, is_confirmed: bool
) -> None:
    """Undo an import and print what was removed and restored."""
    from tracker.cli.import_messages import join_counts
    from tracker.store.read import imports
    from tracker.store.read.developer_names import present_name
    from tracker.store.write.import_undo import undo_import

    database = context.database()
    with database.reading() as connection:
        if owner is not None:
            owner = present_name(connection, owner)
        record = imports.import_to_undo(connection, context.developer, id_, owner)
    if record.developer != context.developer and not is_confirmed:
        _confirm(context, record)
    result = undo_import(database, record.id, developer=context.developer)
    removed = join_counts(result.entries, result.work_items, result.tasks)
    restored = ""
    if result.restored:
        form = "as it was" if result.restored == 1 else "as they were"
        restored = f"; {result.restored:,} put back {form}"
    context.say(f"taken back: {result.file} ({result.source}): {removed}{restored}")
    with database.reading() as connection:
        left = imports.undoable_imports(connection, owner or context.developer)[:1]
    if left and left[0].file == _tasks_of(result.file):
        context.say(f"{left[0].file} is another import: `tracker import --undo` takes it back, too")


def _tasks_of(file: str) -> str | None:
    """Return the name of the import of the tasks, for that of the entries of a whole log."""
    stem, separator, rest = file.rpartition(" (entries)")
    return f"{stem} (tasks)" if separator and not rest else None


def _confirm(context: Context, record: ImportRecord) -> None:
    """Ask whether an import that is not one's own is taken back.

    Raises:
        BadValue: Nobody can answer, because standard input is no terminal.
        NothingToDo: The answer is no.
    """
    instant = times.format_instant(record.imported_epoch, context.zone)
    owner = record.developer or "somebody (it was not recorded then)"
    subject = (
        f"the import of {record.file} by {owner} at {instant} ({count_of_entries(record.entries)})"
    )
    confirm(
        f"Take back {subject}?",
        unanswered=f"{subject} is not yours: give --yes to take it back.",
        declined="nothing was taken back.",
    )
