"""Renaming a developer, or joining two names of one person.

The former name is kept as an alias: what arrives under it later, from an import, an outbox or a
machine with old settings, is stored under the present name. The change log keeps the name of the
time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from tracker.domain import times
from tracker.domain.errors import BadValue, NotFound, NothingToDo, TrackerError
from tracker.domain.names import normalise_name
from tracker.domain.validation import check_texts
from tracker.store.conditions import matches_name
from tracker.store.database import Database
from tracker.store.read.developer_names import present_name
from tracker.store.schema import (
    developer_aliases,
    entries,
    imports,
    rollouts,
    usage_coverage,
    work_items,
)
from tracker.store.write import change_log
from tracker.store.write.change_log import RENAME, ChangeGroup
from tracker.store.write.renames import Renamed, joined_item

_ALIAS = "alias"
_LOG = (entries, work_items)
"""The tables of which a developer's log consists."""


def has_log(connection: Connection, developer: str) -> bool:
    """Return whether a developer has entries or work items, under their present name."""
    return _has_rows(connection, present_name(connection, developer))


def rename_developer(
    database: Database, developer: str, names: tuple[str, str], *, merge: bool
) -> Renamed:
    """Rename a developer in all tables, or join the logs of two names.

    Where both names have the same work item, the facts under the new name stay, as in a rename of
    a task. An entry that is stored under both names is kept once.

    Args:
        database: The database.
        developer: Who does it, by their present name: one of the two.
        names: The old and the new name.
        merge: Whether there may be a log under the new name, with which the other is joined.

    Raises:
        BadValue: The names are others'; there is a log under the new name, and ``merge`` is false;
            or the logs contradict each other in a drawn arm or in the date of a rollout.
        NotFound: There is no log under the old name.
        NothingToDo: The new name is the present one.
        StoreError: The database is busy or cannot be written.
    """
    developer = normalise_name(developer)
    check_texts(developer=normalise_name(names[1]))
    with database.writing() as connection:
        change_log.lock_imports(connection)
        old, new = _present_names(connection, developer, names)
        change_log.lock_developers(connection, old, new)
        change_log.lock_shared_tables(connection)
        is_merge = _check_logs(connection, old, new, merge=merge)
        _check_rollouts(connection, old, new)
        return _Move(connection, database, developer, old, new).run(is_merge=is_merge)


def check_rename(
    connection: Connection, developer: str, names: tuple[str, str], *, merge: bool
) -> None:
    """Raise what :func:`rename_developer` would, but for contradictions between the two logs."""
    old, new = _present_names(connection, normalise_name(developer), names)
    _check_logs(connection, old, new, merge=merge)


def can_join(connection: Connection, developer: str, other: str) -> bool:
    """Return whether a rename of another developer with ``merge`` is possible."""
    try:
        old, new = _present_names(connection, normalise_name(developer), (other, developer))
        _check_logs(connection, old, new, merge=True)
        _check_rollouts(connection, old, new)
        items = {_item_key(row): row for row in _rows(connection, work_items, new)}
        for row in _rows(connection, work_items, old):
            joined_item(items.get(_item_key(row)), row)
    except TrackerError:
        return False
    return True


def _present_names(
    connection: Connection, developer: str, names: tuple[str, str]
) -> tuple[str, str]:
    """Return the names under which the rows of the old and the new name are stored.

    Raises:
        BadValue: The names are others'.
        NothingToDo: The new name is the present one.
    """
    typed_old, typed_new = (normalise_name(name) for name in names)
    old, new = (present_name(connection, name) for name in (typed_old, typed_new))
    if typed_new in (old, typed_old):
        raise NothingToDo(f"{typed_old} is called {old} already.")
    if old == new:  # the new name is a former one of the same person
        new = typed_new
    _check_own(developer, old, new)
    return old, new


def _check_logs(connection: Connection, old: str, new: str, *, merge: bool) -> bool:
    """Return whether a rename joins two logs.

    Raises:
        BadValue: There is a log under the new name, and ``merge`` is false.
        NotFound: There is no log under the old name.
    """
    if not _has_rows(connection, old):
        raise NotFound(f"developer is {old!r}: the log has no entries and no estimates of it.")
    is_merge = _has_rows(connection, new)
    if is_merge and not merge:
        raise BadValue(f"developer {new} has a log: give --merge to join that of {old} with it.")
    return is_merge


def add_aliases(database: Database, developer: str, names: Mapping[str, str]) -> int:
    """Record former names of developers, as an export has them; return how many were new.

    A name under which there is a log is none.

    Args:
        database: The database.
        developer: Who records them.
        names: The present names by the former ones.

    Raises:
        BadValue: A name is too long or has a character that does not print.
        StoreError: The database is busy or cannot be written.
    """
    number = 0
    with change_log.changing(database, normalise_name(developer), shared=True) as connection:
        group = ChangeGroup(connection, database, normalise_name(developer), _ALIAS)
        for former, present in names.items():
            check_texts(developer=former)
            check_texts(developer=present)
            alias = normalise_name(former)
            new = present_name(connection, present)
            if alias in (new, developer) or present_name(connection, alias) != alias:
                continue
            if not has_log(connection, alias):
                group.apply(developer_aliases, None, {"alias": alias, "developer": new})
                number += 1
    return number


class _Move:
    """One move of a developer's rows to another name."""

    def __init__(
        self, connection: Connection, database: Database, developer: str, old: str, new: str
    ) -> None:
        self._connection = connection
        self._old = old
        self._new = new
        self._group = ChangeGroup(connection, database, developer, RENAME, (old, new))

    def run(self, *, is_merge: bool) -> Renamed:
        """Move the rows of all tables; return what was moved."""
        self._set_aliases()
        moved, doubles = self._move_entries()
        items = self._move_work_items()
        self._move_rollouts()
        self._move_coverage()
        self._move_all(imports, _rows(self._connection, imports, self._old))
        return Renamed(moved, items, is_merge, doubles)

    def _move(self, table: Table, row: dict[str, Any]) -> None:
        self._group.apply(table, row, {**row, "developer": self._new})

    def _move_all(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        self._group.apply_all(table, ((row, {**row, "developer": self._new}) for row in rows))

    def _set_aliases(self) -> None:
        """Make the old name an alias, and its own aliases those of the new name."""
        alias = {"alias": self._old, "developer": self._new}
        self._group.apply(developer_aliases, None, alias)
        for row in _rows(self._connection, developer_aliases, self._old):
            if row["alias"] == self._new:
                self._group.apply(developer_aliases, row, None)
            else:
                self._move(developer_aliases, row)

    def _move_entries(self) -> tuple[int, int]:
        """Move the entries; return how many, and how many were stored under both names."""
        existing = _rows(self._connection, entries, self._new)
        by_key = {key: row for row in existing for key in _keys(row)}
        rows = _rows(self._connection, entries, self._old)
        moved, deleted = [], []
        for row in rows:
            twin = next((by_key[key] for key in _keys(row) if key in by_key), None)
            if twin is None:
                moved.append(row)
            elif row["import_id"] is None and twin["import_id"] is not None:
                moved.append(row)  # a person's edit stays
                deleted.append(twin)
            else:
                deleted.append(row)
        self._group.apply_all(entries, ((row, None) for row in deleted))
        self._move_all(entries, moved)
        return len(rows), len(deleted)

    def _move_work_items(self) -> int:
        rows = _rows(self._connection, work_items, self._old)
        items = {_item_key(row): row for row in _rows(self._connection, work_items, self._new)}
        moved, deleted, joined_rows = [], [], []
        for row in rows:
            existing = items.get(_item_key(row))
            if existing is None:
                moved.append(row)
                items[_item_key(row)] = {**row, "developer": self._new}
                continue
            joined = joined_item(existing, row)
            deleted.append(row)
            if joined != existing:
                items[_item_key(row)] = {**joined, "import_id": None}
                joined_rows.append((existing, items[_item_key(row)]))
        self._move_all(work_items, moved)
        self._group.apply_all(work_items, ((row, None) for row in deleted))
        self._group.apply_all(work_items, joined_rows)
        return len(rows)

    def _move_rollouts(self) -> None:
        existing = {row["assistant"] for row in _rows(self._connection, rollouts, self._new)}
        for row in _rows(self._connection, rollouts, self._old):
            if row["assistant"] in existing:
                self._group.apply(rollouts, row, None)
            else:
                self._move(rollouts, row)

    def _move_coverage(self) -> None:
        """Move the days of coverage; a machine may have been used under both names."""
        existing = {
            (row["machine"], row["day"]): row
            for row in _rows(self._connection, usage_coverage, self._new)
        }
        for row in _rows(self._connection, usage_coverage, self._old):
            twin = existing.get((row["machine"], row["day"]))
            if twin is None:
                self._move(usage_coverage, row)
                continue
            self._group.apply(usage_coverage, row, None)
            if row["all_attributed"] > twin["all_attributed"]:
                after = {**twin, "all_attributed": row["all_attributed"]}
                self._group.apply(usage_coverage, twin, after)


def _check_own(developer: str, old: str, new: str) -> None:
    """Raise BadValue for a rename of others."""
    if developer not in (old, new):
        raise BadValue(
            f"you are {developer}, neither {old} nor {new}: only who has a name may change it."
        )


def _check_rollouts(connection: Connection, old: str, new: str) -> None:
    """Raise BadValue where both names have a rollout of an assistant, from different days."""
    existing = {row["assistant"]: row for row in _rows(connection, rollouts, new)}
    for row in _rows(connection, rollouts, old):
        twin = existing.get(row["assistant"], row)
        if twin["day"] != row["day"]:
            first, second = (times.day_to_date(each["day"]) for each in (row, twin))
            raise BadValue(
                f"{old} has {row['assistant']} from {first} on, {new} from {second} on: correct "
                "one of them with `tracker rollout`."
            )


def _has_rows(connection: Connection, name: str) -> bool:
    """Return whether entries or work items are stored under a name."""
    return any(
        connection.execute(
            select(table.c.developer).where(matches_name(table.c.developer, name)).limit(1)
        ).first()
        for table in _LOG
    )


def _rows(connection: Connection, table: Table, developer: str) -> list[dict[str, Any]]:
    """Return a developer's rows in the order of their keys."""
    query = (
        select(table).where(matches_name(table.c.developer, developer)).order_by(*table.primary_key)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _item_key(row: dict[str, Any]) -> tuple[str, str]:
    return row["task"], row["activity"]


def _keys(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return what an entry is stored once by: its id, and its source and key."""
    keys: list[tuple[Any, ...]] = [(row["id"],)]
    if row["source_key"] is not None:
        keys.append((row["source"], row["source_key"]))
    return keys
