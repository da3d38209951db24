"""Reading the imports that can be undone, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.names import normalise_name
from tracker.store.schema import imports


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """An import that is not undone."""

    id: str
    developer: str | None
    """Who ran it; None where that was not recorded yet."""
    source: str
    file: str
    imported_epoch: int
    entries: int
    work_items: int
    tasks: int


def undoable_imports(connection: Connection, developer: str) -> list[ImportRecord]:
    """Return the imports of a developer, and those of nobody known, the last first."""
    owner = normalise_name(developer)
    return [record for record in _all_records(connection) if record.developer in (owner, None)]


def import_to_undo(
    connection: Connection, developer: str, prefix: str | None, owner: str | None
) -> ImportRecord:
    """Return the import to undo.

    Args:
        connection: The transaction.
        developer: Who undoes it.
        prefix: The beginning of its id; None stands for the owner's last import.
        owner: Whose import it is; None stands for ``developer``.

    Raises:
        BadValue: It is another developer's, and ``owner`` does not say so.
        NotFound: No import, or more than one, has an id that begins with ``prefix``.
        NothingToDo: The owner has no import that can be undone.
    """
    records = _all_records(connection)
    name = normalise_name(owner or developer)
    if prefix is None:
        own = [record for record in records if record.developer == name]
        if own:
            return own[0]
        raise NothingToDo(f"there is no import left to take back by {name}{_others(records)}")
    matches = [record for record in records if record.id.startswith(prefix.lower())]
    if len(matches) != 1 or not prefix:
        reason = "several imports have ids that begin" if matches else "no import has an id"
        raise NotFound(f"ID is {prefix!r}: {reason} with it{_listed(records, name)}")
    (record,) = matches
    if record.developer not in (name, None):
        raise BadValue(
            f"import {prefix} of {record.file} is by {record.developer}: "
            f"add `--of {record.developer}` to take it back."
        )
    return record
