"""Reading the imports that can be undone, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, func, select

from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.names import normalise_name
from tracker.store.schema import imports

_MIN_ID_LENGTH = 8
"""Least characters of an id to print."""

_MAX_LISTED = 3  # imports that a message names


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


def undoable_imports(connection: Connection, owner: str) -> list[ImportRecord]:
    """Return the imports of a developer, and those of nobody recorded, the last first."""
    owners = (normalise_name(owner), None)
    return [record for record in all_imports(connection) if record.developer in owners]


def import_to_undo(
    connection: Connection, developer: str, prefix: str | None, owner: str | None
) -> ImportRecord:
    """Return the import to undo.

    Args:
        connection: The transaction.
        developer: Who undoes it.
        prefix: ``@1`` for the owner's last import, ``@2`` for the one before, or the beginning of
            its id; None stands for ``@1``.
        owner: Whose import it is; None stands for ``developer``.

    Raises:
        BadValue: It is another developer's, and ``owner`` does not say so.
        NotFound: No import, or more than one, has an id that begins with ``prefix``.
        NothingToDo: The owner has no import that can be undone.
    """
    records = all_imports(connection)
    name = normalise_name(owner or developer)
    own = [record for record in records if record.developer == name]
    if prefix is None:
        if own:
            return own[0]
        raise NothingToDo(f"there is no import left to take back of {name}{_listed(records, name)}")
    if place := re.fullmatch(r"@([0-9]{1,9})", prefix):
        if 0 < int(place[1]) <= len(own):
            return own[int(place[1]) - 1]
        raise NotFound(
            f"ID is {prefix!r}: {name} has {len(own):,} to take back{_listed(records, name)}"
        )
    matches = [record for record in records if record.id.startswith(prefix.lower())]
    if len(matches) != 1 or not prefix:
        count = (
            "several imports have ids that begin" if matches else "no import has an id that begins"
        )
        raise NotFound(f"ID is {prefix!r}: {count} with it{_listed(records, name)}")
    (record,) = matches
    if record.developer not in (name, None):
        raise BadValue(
            f"import {prefix} of {record.file} is by {record.developer}: "
            f"add `--of {record.developer}` to take it back."
        )
    return record


def short_id(record: ImportRecord, records: Sequence[ImportRecord]) -> str:
    """Return the shortest beginning of an import's id that no other import's id has."""
    others = [other.id for other in records if other.id != record.id]
    for length in range(_MIN_ID_LENGTH, len(record.id)):
        if not any(other.startswith(record.id[:length]) for other in others):
            return record.id[:length]
    return record.id


def last_complete_import(connection: Connection, owner: str, file: str) -> int | None:
    """Return when a developer last imported a log of this name without a rejected row.

    Imports that were undone do not count. None: there is no such import.
    """
    query = select(func.max(imports.c.imported_epoch)).where(
        imports.c.developer == normalise_name(owner),
        imports.c.file == file,
        imports.c.rejected == 0,
        imports.c.undone_epoch.is_(None),
    )
    epoch: int | None = connection.execute(query).scalar()
    return epoch


def all_imports(connection: Connection) -> list[ImportRecord]:
    """Return all imports that are not undone, the last first."""
    columns = [imports.c[field.name] for field in fields(ImportRecord)]
    query = select(*columns).where(imports.c.undone_epoch.is_(None)).order_by(imports.c.id.desc())
    return [ImportRecord(*row) for row in connection.execute(query)]


def _listed(records: Sequence[ImportRecord], owner: str) -> str:
    """Return the imports that an owner can name, as the end of a message."""
    listed = [
        f"{short_id(record, records)} ({record.file}"
        + (")" if record.developer else ", by nobody recorded)")
        for record in records
        if record.developer in (owner, None)
    ]
    rest = len(listed) - _MAX_LISTED
    more = f" and {rest} more, see `tracker import --undo --list`" if rest > 0 else ""
    if not listed:
        return "."
    return f": `import --undo ID` takes back {', '.join(listed[:_MAX_LISTED])}{more}."
