"""All that is written by people: entries, work items, tasks, rollouts, claims; and a foreign log taken in.

Every function is one transaction and leaves what it changed in the change log, for ``undo``.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, select

from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.records import Entry, WorkItem
from tracker.store.database import Database
from tracker.store.read.queries import as_entry, entry_row
from tracker.store.schema import changes, entries
from tracker.store.write import change_log
from tracker.store.write.batches import local_month
from tracker.store.write.checks import check_entry, check_item
from tracker.store.write.items import record_estimate

EDITABLE = tuple(
    field.name
    for field in dataclasses.fields(Entry)
    if field.name not in ("id", "developer", "logged_epoch", "source", "source_key", "row_hash")
)
"""The fields of an entry that a person may change."""


Became = Literal["entry", "estimate", "late", "there"]
_Refused = tuple[Mapping[str, Any], str]


@dataclass(frozen=True, slots=True)
class OutboxResult:
    """What became of the outbox. Everything in it but ``refused`` is in the database now."""

    entries: int
    estimates: int
    """Those that count."""
    unchanged: int
    """Records that had been absorbed before (or were deleted since)."""
    late: tuple[WorkItem, ...]
    """Estimates made after the work began: kept in the change log, but they do not count."""
    refused: tuple[tuple[Mapping[str, Any], str], ...]
    """Records that can never be absorbed, each with the reason."""


def store_outbox(database: Database, records: Iterable[Mapping[str, Any]]) -> OutboxResult:
    """Take in the outbox, in its order: each record is inserted, or passed over if it has been here before.

    A record is ``{"kind": "entry" | "estimate", …}`` with the fields of Entry or WorkItem. An entry that was deleted
    here does not come back. One that the database does not take is handed back, the others are kept; but where the
    fault is the database's own (busy, unreachable, full), StoreError is raised and none is.
    """
    good: list[tuple[Mapping[str, Any], Entry | WorkItem]] = []
    refused: list[_Refused] = []
    for record in records:
        try:
            good.append((record, _parsed(record)))
        except BadValue as error:
            refused.append((record, str(error)))
    try:
        became = _absorbed(database, good, one_by_one=False)
    except Exception as error:
        if database.data_error(error) is None:
            raise
        became = _absorbed(database, good, one_by_one=True)
    return dataclasses.replace(became, refused=(*refused, *became.refused))


def add_entry(database: Database, entry: Entry) -> bool:
    """Put an entry in; False where its id has been here before."""
    check_entry(entry)
    with change_log.changing(database, entry.developer) as connection:
        return _insert(connection, database, entry)


def edit_entry(database: Database, developer: str, prefix: str, **fields: Any) -> Entry:
    """Change fields (see EDITABLE) of the entry whose id begins with ``prefix``; the entry as it is now."""
    if unknown := set(fields) - set(EDITABLE):
        raise TypeError(f"an entry's {', '.join(sorted(unknown))} cannot be edited")
    with change_log.changing(database, developer) as connection:
        before = entry_row(connection, developer, prefix)
        after = before | fields
        if after == before:
            raise NothingToDo(f"entry {before['id']} is like that already.")
        edited = as_entry(after)
        check_entry(edited)
        after |= {"local_month": local_month(edited.local_day), "import_id": None}
        change_log.change(connection, database, developer, "edit", entries, before, after)
    return edited


def delete_entry(database: Database, developer: str, prefix: str) -> Entry:
    """Delete the entry whose id begins with ``prefix``; the entry as it was. ``undo`` brings it back."""
    with change_log.changing(database, developer) as connection:
        before = entry_row(connection, developer, prefix)
        change_log.change(connection, database, developer, "delete", entries, before, None)
    return as_entry(before)


def _absorbed(
    database: Database,
    records: Iterable[tuple[Mapping[str, Any], Entry | WorkItem]],
    *,
    one_by_one: bool,
) -> OutboxResult:
    """Take records in; ``one_by_one`` each with a savepoint, so that a bad one falls alone."""
    records = list(records)
    became: Counter[str] = Counter()
    late: list[WorkItem] = []
    refused: list[_Refused] = []
    with database.writing() as connection:
        change_log.take_turns(connection, *{parsed.developer for _, parsed in records})
        for record, parsed in records:
            savepoint = connection.begin_nested() if one_by_one else None
            try:
                what = _take_in(connection, database, parsed)
            except Exception as error:
                reason = database.data_error(error)
                if savepoint is None or reason is None:
                    raise  # with the whole transaction: SQLite has no savepoint any more when its disk is full
                savepoint.rollback()
                refused.append((record, reason))
                continue
            if savepoint is not None:
                savepoint.commit()
            became[what] += 1
            if what == "late" and isinstance(parsed, WorkItem):
                late.append(parsed)
    return OutboxResult(
        became["entry"], became["estimate"], became["there"], tuple(late), tuple(refused)
    )


def _take_in(connection: Connection, database: Database, record: Entry | WorkItem) -> Became:
    """Put one record of the outbox in; what became of it."""
    if isinstance(record, Entry):
        return "entry" if _insert(connection, database, record) else "there"
    counts = record_estimate(connection, database, record)
    if counts is None:
        return "there"
    return "estimate" if counts else "late"


def _insert(connection: Connection, database: Database, entry: Entry) -> bool:
    """Insert an entry that has never been here; whether it was new."""
    known_change = select(changes.c.id).where(
        changes.c.developer == entry.developer,
        changes.c.table_name == entries.name,
        changes.c.row_key == entry.id,
    )
    if connection.execute(known_change.limit(1)).first() is not None:
        return False
    row = dataclasses.asdict(entry) | {
        "local_month": local_month(entry.local_day),
        "import_id": None,
    }
    if not connection.execute(
        database.insert(entries).values(**row).on_conflict_do_nothing()
    ).rowcount:
        return False
    change_log.record(connection, database, entry.developer, "add", entries, None, row)
    return True


def _parsed(record: Mapping[str, Any]) -> Entry | WorkItem:
    """A record of the outbox as what it is; BadValue where it is neither an entry nor an estimate."""
    kinds: dict[str, type[Entry] | type[WorkItem]] = {"entry": Entry, "estimate": WorkItem}
    kind = kinds.get(str(record.get("kind")))
    if kind is None:
        raise BadValue(
            f"a record in the outbox is of kind {record.get('kind')!r}: only entry and estimate are known."
        )
    try:
        parsed = kind(**{name: value for name, value in record.items() if name != "kind"})
    except TypeError as error:
        raise BadValue(
            f"a record in the outbox has other fields than {record['kind']} has: {error}."
        ) from error
    if isinstance(parsed, Entry):
        check_entry(parsed)
    else:
        check_item(parsed)
    return parsed
