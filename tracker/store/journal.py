"""All that is written by people: entries, work items, tasks, rollouts, claims; and a foreign log taken in.

Every function is one transaction and leaves what it changed in the change log, for ``undo``.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from tracker.errors import BadValue, NothingToDo
from tracker.records import ASSISTED, Entry, WorkItem
from tracker.store import changes as log
from tracker.store.bulk import local_month
from tracker.store.changes import undo
from tracker.store.connections import Database
from tracker.store.imports import Taken, TakenBack, take, undo_import
from tracker.store.rows import as_entry, entry_row
from tracker.store.schema import changes, entries
from tracker.store.teams import (
    add_activity,
    add_claim,
    remove_claim,
    remove_rollout,
    set_rollout,
)
from tracker.store.work import assign, check_estimate, complete, estimate, set_estimate, set_task

__all__ = [
    "Absorbed",
    "Taken",
    "TakenBack",
    "absorb",
    "add_activity",
    "add_claim",
    "add_entry",
    "assign",
    "complete",
    "delete_entry",
    "edit_entry",
    "remove_claim",
    "remove_rollout",
    "set_estimate",
    "set_rollout",
    "set_task",
    "take",
    "undo",
    "undo_import",
]

EDITABLE = tuple(
    field.name
    for field in dataclasses.fields(Entry)
    if field.name not in ("id", "developer", "logged_epoch", "source", "source_key", "row_hash")
)
"""The fields of an entry that a person may change."""


@dataclass(frozen=True, slots=True)
class Absorbed:
    """What became of the outbox. Everything in it but ``refused`` is in the database now."""

    entries: int
    estimates: int
    """Those that count."""
    there: int
    """Records that had been absorbed before (or were deleted since)."""
    late: tuple[WorkItem, ...]
    """Estimates made after the work began: kept in the change log, but they do not count."""
    refused: tuple[tuple[Mapping[str, Any], str], ...]
    """Records that can never be absorbed, each with the reason."""


def absorb(database: Database, records: Iterable[Mapping[str, Any]]) -> Absorbed:
    """Take in the outbox, in its order: each record is inserted, or passed over if it has been here before.

    A record is ``{"kind": "entry" | "estimate", …}`` with the fields of Entry or WorkItem. An entry that was deleted
    here does not come back.
    """
    became: Counter[str] = Counter()
    late: list[WorkItem] = []
    refused: list[tuple[Mapping[str, Any], str]] = []
    with database.writing() as connection:
        for record in records:
            try:
                parsed = _parsed(record)
            except BadValue as error:
                refused.append((record, str(error)))
                continue
            log.take_turns(connection, parsed.developer)
            if isinstance(parsed, Entry):
                became["entry" if _insert(connection, database, parsed) else "there"] += 1
                continue
            counts = estimate(connection, database, parsed)
            if counts is False:
                late.append(parsed)
            else:
                became["estimate" if counts else "there"] += 1
    return Absorbed(became["entry"], became["estimate"], became["there"], tuple(late), tuple(refused))


def add_entry(database: Database, entry: Entry) -> bool:
    """Put an entry in; False where its id has been here before."""
    _check(entry)
    with log.changing(database, entry.developer) as connection:
        return _insert(connection, database, entry)


def edit_entry(database: Database, developer: str, prefix: str, **fields: Any) -> Entry:
    """Change fields (see EDITABLE) of the entry whose id begins with ``prefix``; the entry as it is now."""
    if unknown := set(fields) - set(EDITABLE):
        raise TypeError(f"an entry's {', '.join(sorted(unknown))} cannot be edited")
    with log.changing(database, developer) as connection:
        before = entry_row(connection, developer, prefix)
        after = before | fields
        if after == before:
            raise NothingToDo(f"entry {before['id']} is like that already.")
        edited = as_entry(after)
        _check(edited)
        after |= {"local_month": local_month(edited.local_day), "import_id": None}
        log.change(connection, database, developer, "edit", entries, before, after)
    return edited


def delete_entry(database: Database, developer: str, prefix: str) -> Entry:
    """Delete the entry whose id begins with ``prefix``; the entry as it was. ``undo`` brings it back."""
    with log.changing(database, developer) as connection:
        before = entry_row(connection, developer, prefix)
        log.change(connection, database, developer, "delete", entries, before, None)
    return as_entry(before)


def _insert(connection: Connection, database: Database, entry: Entry) -> bool:
    """Insert an entry that has never been here; whether it was new."""
    known_change = select(changes.c.id).where(
        changes.c.developer == entry.developer,
        changes.c.table_name == entries.name,
        changes.c.row_key == entry.id,
    )
    if connection.execute(known_change.limit(1)).first() is not None:
        return False
    row = dataclasses.asdict(entry) | {"local_month": local_month(entry.local_day), "import_id": None}
    if not connection.execute(database.insert(entries).values(**row).on_conflict_do_nothing()).rowcount:
        return False
    log.record(connection, database, entry.developer, "add", entries, None, row)
    return True


def _parsed(record: Mapping[str, Any]) -> Entry | WorkItem:
    """A record of the outbox as what it is; BadValue where it is neither an entry nor an estimate."""
    kinds: dict[str, type[Entry] | type[WorkItem]] = {"entry": Entry, "estimate": WorkItem}
    kind = kinds.get(str(record.get("kind")))
    if kind is None:
        raise BadValue(f"a record in the outbox is of kind {record.get('kind')!r}: only entry and estimate are known.")
    try:
        parsed = kind(**{name: value for name, value in record.items() if name != "kind"})
    except TypeError as error:
        raise BadValue(f"a record in the outbox has other fields than {record['kind']} has: {error}.") from error
    if isinstance(parsed, Entry):
        _check(parsed)
    else:
        _check_texts(parsed)
        check_estimate(parsed)
    return parsed


def _check(entry: Entry) -> None:
    """Refuse an entry that the database would refuse, in words that help."""
    try:
        uuid.UUID(entry.id)
    except (ValueError, AttributeError, TypeError) as error:
        raise BadValue(f"an entry's id is {entry.id!r}: it has to be a UUID.") from error
    _check_texts(entry)
    if not all((entry.developer, entry.task, entry.activity, entry.zone)):
        raise BadValue(f"entry {entry.id} lacks its developer, task, activity or zone: give all four.")
    numbers = (entry.started_epoch, entry.logged_epoch, entry.local_day, entry.seconds, entry.interruption_seconds)
    if any(type(number) is not int for number in numbers) or min(entry.seconds, entry.interruption_seconds) < 0:
        raise BadValue(
            f"entry {entry.id} has {entry.seconds} s of work and {entry.interruption_seconds} s of interruption: "
            "give whole seconds, 0 or more."
        )
    if entry.assisted not in ASSISTED:
        raise BadValue(f"assisted is {entry.assisted!r}: give one of {', '.join(ASSISTED)}.")


def _check_texts(record: Entry | WorkItem) -> None:
    """Refuse what no database keeps as text: NUL, and bytes that were never UTF-8."""
    for name, value in dataclasses.asdict(record).items():
        if isinstance(value, str) and ("\0" in value or _unencodable(value)):
            raise BadValue(f"{name} is {value!r}: it holds bytes that are no text; write it in UTF-8.")


def _unencodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
