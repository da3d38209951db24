"""Renaming a task or an activity in a developer's own log, or joining it with another one.

All changes of a rename are one command for `undo`. Other developers' rows stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Table, select

from tracker.domain.errors import BadValue, NotFound, NothingToDo
from tracker.domain.names import normalise_name
from tracker.domain.validation import check_texts
from tracker.store.conditions import matches_name
from tracker.store.database import Database
from tracker.store.schema import entries, tasks, work_items
from tracker.store.write import change_log
from tracker.store.write.change_log import RENAME, ChangeGroup

Kind = Literal["task", "activity"]
_Row = Mapping[str, Any]

_ESTIMATE = ("estimate_minutes", "estimate_ai_minutes", "estimate_points", "estimated_epoch")
_DRAW = ("assigned", "assigned_epoch")


@dataclass(frozen=True)
class Renamed:
    """What a rename changed."""

    entries: int
    work_items: int
    is_merge: bool
    """Whether there was work under the new name before."""
    doubles: int = 0
    """Entries that were stored under both names of a developer, and are kept once."""


def rename(
    database: Database, developer: str, kind: Kind, names: tuple[str, str], *, merge: bool
) -> Renamed:
    """Rename a task or an activity in a developer's entries and work items.

    Where a work item with the new name exists, its own facts stay; it takes those that it lacks.
    The title, the project and the completion of a task are taken over in the same way.

    Args:
        database: The database.
        developer: Whose log.
        kind: What is renamed.
        names: The old and the new name.
        merge: Whether work under the new name may exist, which is joined with the renamed one.

    Raises:
        BadValue: There is work under the new name, and ``merge`` is false; or two work items that
            would be joined were drawn for different arms.
        NotFound: There is no work under the old name.
        NothingToDo: Both names are the same.
        StoreError: The database is busy or cannot be written.
    """
    old, new = (normalise_name(name) for name in names)
    developer = normalise_name(developer)
    check_texts(**{kind: new})
    if old == new:
        raise NothingToDo(f"{kind} is {old} already.")
    with change_log.changing(database, developer, shared=True) as connection:
        moved = {table: _rows(connection, table, developer, kind, old) for table in _TABLES}
        if not any(moved.values()):
            raise NotFound(f"{kind} is {old!r}: {developer} has no entries and no estimates of it.")
        is_merge = any(_rows(connection, table, developer, kind, new) for table in _TABLES)
        if is_merge and not merge:
            raise BadValue(f"{kind} {new} has work already: give --merge to join {old} with it.")
        group = ChangeGroup(connection, database, developer, RENAME)
        for row in moved[entries]:
            group.apply(entries, row, {**row, kind: new, "import_id": None})
        for row in moved[work_items]:
            key = {**row, kind: new}
            existing = change_log.find(connection, work_items, key)
            after = {**joined_item(existing, row), kind: new, "import_id": None}
            group.apply(work_items, row, None)
            group.apply(work_items, existing, after)
        if kind == "task":
            _take_over_task(connection, group, old, new)
    return Renamed(len(moved[entries]), len(moved[work_items]), is_merge)


_TABLES = (entries, work_items)


def _rows(
    connection: Connection, table: Table, developer: str, kind: Kind, name: str
) -> list[dict[str, Any]]:
    """Return a developer's rows with a name, in the order of their keys."""
    query = (
        select(table)
        .where(matches_name(table.c.developer, developer), matches_name(table.c[kind], name))
        .order_by(*table.primary_key)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def joined_item(existing: _Row | None, row: _Row) -> dict[str, Any]:
    """Return a work item with the facts of another one that it lacks.

    Raises:
        BadValue: Different arms were drawn for them.
    """
    if existing is None:
        return dict(row)
    if None not in (existing["assigned"], row["assigned"]) and (
        existing["assigned"] != row["assigned"]
    ):
        raise BadValue(
            f"{row['activity']} {row['task']} was drawn for {row['assigned']}, the work that it "
            f"would join for {existing['assigned']}: they cannot be one work item."
        )
    joined = dict(existing)
    for fields in (_ESTIMATE, _DRAW, ("completed_epoch",)):  # facts that belong together
        if all(existing[name] is None for name in fields):
            joined |= {name: row[name] for name in fields}
    return joined


def _take_over_task(connection: Connection, group: ChangeGroup, old: str, new: str) -> None:
    """Give a task the title, project, estimates and completion of the old one that it lacks."""
    before = change_log.find(connection, tasks, {"task": old})
    if before is None:
        return
    existing = change_log.find(connection, tasks, {"task": new})
    after = dict(existing or {**before, "task": new, "import_id": None})
    for name, value in before.items():
        if name not in ("task", "import_id") and after[name] is None:
            after[name] = value
    if after != existing:
        group.apply(tasks, existing, {**after, "import_id": None})
