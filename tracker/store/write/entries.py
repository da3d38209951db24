"""Writing entries: those of the outbox, new ones, edited ones and deleted ones.

Every function is one transaction and records what it changed in the change log, for ``undo``.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, select

from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.ids import UUID, id_end
from tracker.domain.names import normalise_name
from tracker.domain.records import Arm, Assisted, Entry, WorkItem
from tracker.domain.times import month_of_day
from tracker.domain.validation import (
    check_entry,
    check_work_item,
    normalise_entry,
    normalise_record,
)
from tracker.store.conditions import made_by
from tracker.store.database import Database
from tracker.store.read.developer_names import present_names
from tracker.store.read.entry_ids import entry_row
from tracker.store.read.queries import as_entry, work_item
from tracker.store.schema import changes, entries
from tracker.store.write import change_log, entry_totals
from tracker.store.write.change_log import LAST_PLACE, Change, Place
from tracker.store.write.items import record_estimate

EDITABLE = tuple(
    field.name
    for field in dataclasses.fields(Entry)
    if field.name not in ("id", "developer", "logged_epoch", "source", "source_key", "row_hash")
)
"""The fields of an entry that a person may change."""

_Outcome = Literal["entry", "estimate", "late", "unchanged"]
_ANSWERS: dict[Arm, Assisted] = {"baseline": "no", "assistance": "yes"}
"""What an entry says about assistance where its work is done as drawn."""
_OutboxRecord = Mapping[str, Any]
_Parsed = tuple[_OutboxRecord, Entry | WorkItem]


@dataclass(frozen=True, slots=True)
class OutboxResult:
    """The result of storing the outbox. All of it but ``refused`` is in the database now."""

    entries: int
    estimates: int
    """Estimates that count."""
    unchanged: int
    """Records that were stored before, or whose entry was deleted since."""
    late: tuple[WorkItem, ...]
    """Estimates made after the work began, as far as it is stored: they do not count.

    Those that were stored before their work stay stored; the others are in the change log only.
    """
    refused: tuple[tuple[Mapping[str, Any], str], ...]
    """Records that can never be stored, each with the reason."""
    added: tuple[Entry, ...] = ()
    """The entries that are new in the database, with the present names of their developers."""
    contradictions: tuple[Entry, ...] = ()
    """Those of them whose flag says otherwise than the arm drawn for their work item."""


def store_outbox(database: Database, records: Iterable[Mapping[str, Any]]) -> OutboxResult:
    """Store the records of the outbox in their order, each once.

    An entry that was deleted since is not stored again. A record that is not valid, or that the
    database refuses, does not keep the others from being stored.

    Args:
        database: The database.
        records: ``{"kind": "entry" | "estimate", …}`` with the fields of Entry or WorkItem, and
            with the same ``group_id`` where one command made several.

    Raises:
        StoreError: The database is busy, unreachable or full. Nothing is stored.
    """
    valid: list[_Parsed] = []
    refused: list[tuple[_OutboxRecord, str]] = []
    for record in records:
        try:
            valid.append((record, _parse(record, database.now_epoch)))
        except BadValue as error:
            refused.append((record, str(error)))
    try:
        result = _store(database, valid, with_savepoints=False)
    except Exception as error:
        if database.data_error(error) is None:
            raise
        result = _store(database, valid, with_savepoints=True)
    return dataclasses.replace(result, refused=(*refused, *result.refused))


def add_entry(database: Database, entry: Entry) -> bool:
    """Insert an entry; return False where its id was stored before.

    Raises:
        BadValue: The entry is not valid.
        StoreError: The database is busy or cannot be written.
    """
    check_entry(entry, now_epoch=database.now_epoch)
    entry = normalise_entry(entry)
    with change_log.changing(database, entry.developer) as connection:
        return _insert(connection, database, entry)


def edit_entry(database: Database, developer: str, reference: str, **fields: Any) -> Entry:
    """Change fields of an entry; return the entry after the change.

    Args:
        database: The database.
        developer: Whose entry it is.
        reference: ``@1`` or a part of its id, see :func:`entry_row`.
        fields: The new values, by names of EDITABLE.

    Raises:
        BadValue: The entry would not be valid.
        NotFound: ``reference`` names no entry, or more than one.
        NothingToDo: The entry has these values already.
        StoreError: The database is busy or cannot be written.
    """
    if unknown := set(fields) - set(EDITABLE):
        raise TypeError(f"an entry's {', '.join(sorted(unknown))} cannot be edited")
    with change_log.changing(database, normalise_name(developer)) as connection:
        before = entry_row(connection, developer, reference)
        edited = as_entry(before | fields)
        check_entry(edited, now_epoch=database.now_epoch)
        # Only what is edited is normalised: the developer is part of the key.
        normalised = dataclasses.asdict(normalise_entry(edited))
        after = before | {name: normalised[name] for name in fields}
        if after == before:
            raise NothingToDo(
                f"{before['activity']} {before['task']} (id {id_end(before['id'])}) is like that "
                "already."
            )
        after |= {"local_month": month_of_day(edited.local_day), "import_id": None}
        change = Change(before["developer"], "edit", entries, before, after)
        change_log.apply_change(connection, database, change)
    return as_entry(after)


def delete_entries(database: Database, developer: str, references: Sequence[str]) -> list[Entry]:
    """Delete entries, all or none; return them as they were. One ``undo`` restores them.

    Args:
        database: The database.
        developer: Whose entries they are.
        references: ``@1`` or parts of their ids, see :func:`entry_row`.

    Raises:
        NotFound: A reference names no entry, or more than one.
        StoreError: The database is busy or cannot be written.
    """
    with change_log.changing(database, normalise_name(developer)) as connection:
        rows = [entry_row(connection, developer, reference) for reference in references]
        rows = list({row["id"]: row for row in rows}.values())  # one may be named twice
        group_id = database.new_id() if len(rows) > 1 else None
        for row in rows:
            change = Change(row["developer"], "delete", entries, row, None, Place(group_id))
            change_log.apply_change(connection, database, change)
    return [as_entry(row) for row in rows]


def _store(
    database: Database, records: Sequence[_Parsed], *, with_savepoints: bool
) -> OutboxResult:
    """Store records in one transaction.

    With savepoints a record that the database refuses is rolled back alone. They cost time, so they
    are used only where the transaction failed without them.
    """
    outcomes: Counter[_Outcome] = Counter()
    late: list[WorkItem] = []
    added: list[Entry] = []
    contradictions: list[Entry] = []
    refused: list[tuple[_OutboxRecord, str]] = []
    with database.writing() as connection:
        records = _lock_and_rename(connection, records)
        places = _places(connection, database, records)
        for (record, parsed), place in zip(records, places, strict=True):
            savepoint = connection.begin_nested() if with_savepoints else None
            try:
                item = _work_item(connection, parsed)
                arm = _drawn_arm(parsed, item)
                outcome = _store_record(connection, database, parsed, place, arm)
            except Exception as error:
                reason = database.data_error(error)
                if savepoint is None or reason is None:
                    raise  # all is rolled back: on a full disk SQLite has no savepoint any more
                savepoint.rollback()
                refused.append((record, reason))
                continue
            if savepoint is not None:
                savepoint.commit()
            outcomes[outcome] += 1
            if outcome == "late" and isinstance(parsed, WorkItem):
                late.append(parsed)
            if outcome == "entry" and isinstance(parsed, Entry):
                added.append(parsed)
                if item is not None and item.is_estimated_after(parsed.started_epoch):
                    late.append(item)
                if _contradicts(parsed, arm):
                    contradictions.append(parsed)
    return OutboxResult(
        entries=outcomes["entry"],
        estimates=outcomes["estimate"],
        unchanged=outcomes["unchanged"],
        late=tuple(late),
        refused=tuple(refused),
        added=tuple(added),
        contradictions=tuple(contradictions),
    )


def _lock_and_rename(connection: Connection, records: Sequence[_Parsed]) -> list[_Parsed]:
    """Lock the developers of records; return the records with their present names."""
    developers = {parsed.developer for _, parsed in records}
    change_log.lock_developers(connection, *developers)
    names = present_names(connection)
    if developers.isdisjoint(names):
        return list(records)
    change_log.lock_developers(connection, *(names.get(name, name) for name in developers))
    return [
        (
            record,
            dataclasses.replace(parsed, developer=names.get(parsed.developer, parsed.developer)),
        )
        for record, parsed in records
    ]


def _places(connection: Connection, database: Database, records: Sequence[_Parsed]) -> list[Place]:
    """Return the places of records in the change log: in the order of the commands.

    They are stored in another order, with entries first.
    """

    def command(index: int) -> tuple[int, bool]:
        record = records[index][1]
        if isinstance(record, Entry):
            return record.logged_epoch, True
        return record.estimated_epoch or 0, False

    places = [Place()] * len(records)
    last_ids: dict[str, str | None] = {}
    for index in sorted(range(len(records)), key=command):
        record, parsed = records[index]
        developer = parsed.developer
        if developer not in last_ids:
            last_ids[developer] = change_log.last_id(connection, developer)
        id_ = change_log.id_after(last_ids[developer], database.new_id())
        last_ids[developer] = id_
        places[index] = Place(record.get("group_id"), id_)
    return places


def _store_record(
    connection: Connection,
    database: Database,
    record: Entry | WorkItem,
    place: Place,
    arm: Arm | None,
) -> _Outcome:
    """Store a record of the outbox; ``arm`` is the one drawn for the work item of an entry."""
    if isinstance(record, Entry):
        if arm is not None and record.assisted == "unknown":
            record = dataclasses.replace(record, assisted=_ANSWERS[arm], basis="drawn")
        return "entry" if _insert(connection, database, record, place) else "unchanged"
    counts = record_estimate(connection, database, record, place)
    if counts is None:
        return "unchanged"
    return "estimate" if counts else "late"


def _work_item(connection: Connection, record: Entry | WorkItem) -> WorkItem | None:
    """Return the stored facts about the work item of an entry; None for another record."""
    if isinstance(record, WorkItem):
        return None
    return work_item(connection, record.developer, record.activity, record.task)


def _drawn_arm(record: Entry | WorkItem, item: WorkItem | None) -> Arm | None:
    """Return the arm drawn for an entry's work item before the entry was logged; None without."""
    if item is None or not isinstance(record, Entry):
        return None
    return item.assigned if (item.assigned_epoch or 0) <= record.logged_epoch else None


def _contradicts(entry: Entry, arm: Arm | None) -> bool:
    """Return whether the flag of an entry says otherwise than the drawn arm."""
    return arm is not None and entry.assisted not in ("unknown", _ANSWERS[arm])


def _insert(
    connection: Connection, database: Database, entry: Entry, place: Place = LAST_PLACE
) -> bool:
    """Insert an entry, unless it is or was in the database; return whether it was inserted."""
    earlier_change = select(changes.c.id).where(
        made_by(entry.developer),
        changes.c.table_name == entries.name,
        changes.c.row_key == entry.id,
    )
    if connection.execute(earlier_change.limit(1)).first() is not None:
        return False
    row = dataclasses.asdict(entry) | {
        "local_month": month_of_day(entry.local_day),
        "import_id": None,
    }
    statement = database.insert(entries).values(**row).on_conflict_do_nothing()
    if not connection.execute(statement).rowcount:
        return False
    entry_totals.note(connection, row)
    change = Change(entry.developer, "add", entries, None, row, place)
    change_log.record_change(connection, database, change)
    return True


def _parse(record: _OutboxRecord, now_epoch: int) -> Entry | WorkItem:
    """Return a record of the outbox as a valid entry or work item, with its names in NFC.

    Raises:
        BadValue: The record is not valid.
    """
    kinds: dict[str, type[Entry] | type[WorkItem]] = {"entry": Entry, "estimate": WorkItem}
    kind = kinds.get(str(record.get("kind")))
    if kind is None:
        raise BadValue(
            f"a record in the outbox is of kind {record.get('kind')!r}: "
            "only entry and estimate are known."
        )
    group_id = record.get("group_id")
    if group_id is not None and not re.fullmatch(UUID, str(group_id)):
        raise BadValue(f"a record in the outbox has the group_id {group_id!r}: it is not a UUID.")
    try:
        fields = {key: record[key] for key in record if key not in ("kind", "group_id")}
        parsed = kind(**fields)
    except TypeError as error:
        raise BadValue(
            f"a record in the outbox has other fields than {record['kind']} has: {error}."
        ) from error
    if isinstance(parsed, Entry):
        # The command that logged it has checked the time; the clock may have been set back since.
        logged_epoch = parsed.logged_epoch if isinstance(parsed.logged_epoch, int) else now_epoch
        check_entry(parsed, now_epoch=max(now_epoch, logged_epoch))
        return normalise_entry(parsed)
    check_work_item(parsed)
    return normalise_record(parsed)
