"""Undoing and redoing what a developer's commands changed, by the change log.

``undo`` records the inverse changes and sets ``undone_by`` of the undone ones to their ids.
``redo`` records the inverse of those, sets their ``undone_by`` in turn, and clears it on the first
ones. So the changes that count are those without ``undone_by`` whose verb is none of REVERSALS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from tracker.domain.errors import NothingToDo
from tracker.domain.times import format_minutes
from tracker.store.conditions import made_by
from tracker.store.database import Database
from tracker.store.schema import (
    changes,
    developer_aliases,
    entries,
    metadata,
    rollouts,
    usage_coverage,
)
from tracker.store.write import change_log
from tracker.store.write.change_log import (
    BY_PROGRAM,
    LATE_ESTIMATE,
    REVERSALS,
    SHARED,
    UNDONE_IMPORT,
    Change,
    Group,
    Place,
    Record,
    Row,
    from_json,
)
from tracker.store.write.renames_reversed import refuse_after_new_rows, renamed_developers

_NOT_UNDONE = (*REVERSALS, *BY_PROGRAM, UNDONE_IMPORT, "assign")
"""Verbs of changes that ``undo`` ignores. A draw cannot be undone: otherwise one could redraw until
the wished arm comes up.
"""

_MAX_LISTED = 3  # changes that a message names

_IMPORT_AGAIN = (
    "the last change is `import --undo` of {}, which cannot be {}: import that file again; "
    "`tracker edit` and `tracker delete` correct what is older."
)


class ImportIsLast(NothingToDo):
    """The last change is ``import --undo``, which can be neither undone nor redone."""

    def __init__(self, row: Any, verb: str) -> None:
        super().__init__(_IMPORT_AGAIN.format(json.loads(row.after)["file"], verb))
        self.change_id: str = row.id


Hook = Callable[[Group], None]
"""Called with the changes before the transaction ends; what it raises rolls it back."""


def undo(database: Database, developer: str, hook: Hook | None = None) -> str:
    """Undo the last command of a developer that can be undone.

    Only the columns that it changed are put back. Commands whose columns were changed again since
    are skipped.

    Args:
        database: The database.
        developer: Whose command.
        hook: Called with the undone changes.

    Returns:
        What was undone, and what was skipped, in one line.

    Raises:
        NothingToDo: No change can be undone.
    """
    skipped: list[str] = []
    with change_log.changing(database, developer) as connection:
        _refuse_after_undone_import(connection, developer)
        for group in _undoable_groups(connection, developer):
            undone = [record.change for record in reversed(group)]
            if obstacle := _reverse(connection, database, group, "undo"):
                skipped.append(f"{_description(undone)}, {obstacle}")
                continue
            description = _description(undone, [change.before for change in undone])
            if hook is not None:
                hook(group)
            return f"{description}; skipped: {_listed(skipped)}" if skipped else description
    if skipped:
        raise NothingToDo(
            f"there is no change by {developer} that can be undone: {_listed(skipped)}. "
            "Use `edit` or `delete`."
        )
    raise NothingToDo(f"there is no change by {developer} to undo.")


def redo(database: Database, developer: str, hook: Hook | None = None) -> str:
    """Redo the last command that a developer undid, unless they changed something since.

    Args:
        database: The database.
        developer: Whose command.
        hook: Called with the redone changes, each with the id of its ``undo``.

    Returns:
        What was redone, in one line.

    Raises:
        NothingToDo: Nothing can be redone.
    """
    with change_log.changing(database, developer) as connection:
        group = _redoable_group(connection, developer)
        changes_by_id = _originals(connection, group, "redo")
        originals = tuple(Record(record.id, changes_by_id[record.id]) for record in group)
        redone = [record.change for record in originals]
        description = _description(redone, [change.after for change in redone])
        if obstacle := _reverse(connection, database, group, "redo"):
            raise NothingToDo(
                f"{description} cannot be redone, {obstacle}: use `edit` or `delete`."
            )
        if hook is not None:
            hook(originals)
    return description


def last_change(database: Database, developer: str) -> Group:
    """Return the last change by a developer but for ``undo`` and ``redo``; () if there is none."""
    with database.reading() as connection:
        return _records(connection, _own_changes(developer).limit(1))


def describe(change: Change, result: Row | None = None) -> str:
    """Return a change in a few words, such as ``edit of design T-1 (45m)``.

    Args:
        change: The change.
        result: The row after an edit is undone or redone, which is then described.
    """
    is_edit = change.verb == "edit" and result is not None
    row = result if is_edit and result else change.row
    words = [
        str(row[name]) for name in ("activity", "task", "assistant") if row.get(name) is not None
    ]
    if change.table.name == "claims":
        words = [str(row["id"])]
    if "seconds" in row:
        words.append(f"({'now ' if is_edit else ''}{format_minutes(row['seconds'] / 60)})")
    return f"{change.verb} of {' '.join(words)}"


def _description(group: list[Change], results: Sequence[Row | None] = ()) -> str:
    """Return what a command did, in a few words; ``results`` are the rows after it."""
    for change in group:
        if change.table is developer_aliases and change.before is None:
            return f"rename of developer {change.row['alias']} to {change.row['developer']}"
    if words := _rename_words(group):
        return words
    rows = results or [None] * len(group)
    return _listed([describe(change, row) for change, row in zip(group, rows, strict=True)])


def _rename_words(group: Sequence[Change]) -> str:
    """Return what was renamed, such as ``rename of task PYA-1 to PAY-1``; "" for other changes.

    A renamed entry is one change; a work item is deleted and stored anew.
    """
    renames = [c for c in group if c.verb == change_log.RENAME and "activity" in c.row]
    of_entries = [c for c in renames if c.before and c.after and c.table is entries]
    former = next((c.before for c in of_entries or renames if of_entries or not c.after), None)
    present = next((c.after for c in of_entries or renames if c.after), None)
    for name in ("task", "activity"):
        if former and present and former.get(name) != present.get(name):
            return f"{change_log.RENAME} of {name} {former[name]} to {present[name]}"
    return ""


def _undoable_groups(connection: Connection, developer: str) -> Iterator[Group]:
    """Yield the changes that may be undone, by command, the last first, one query for each."""
    key, first_id = func.coalesce(changes.c.group_id, changes.c.id), func.min(changes.c.id)
    query = _changes_of(developer).where(
        changes.c.undone_by.is_(None), changes.c.verb.not_in(_NOT_UNDONE)
    )
    groups = query.with_only_columns(key, first_id).group_by(key).order_by(first_id.desc()).limit(1)
    row = connection.execute(groups).first()
    while row is not None:
        yield _records(connection, query.where(key == row[0]))
        row = connection.execute(groups.having(first_id < row[1])).first()


def _redoable_group(connection: Connection, developer: str) -> Group:
    """Return the changes of the last ``undo``, if nothing was changed since.

    Raises:
        NothingToDo: There is none.
    """
    undone = _changes_of(developer).where(changes.c.verb == "undo", changes.c.undone_by.is_(None))
    last = _last_row(connection, undone)
    last_change = _last_row(connection, _own_changes(developer))
    if last_change and (last is None or last.id < last_change.id):
        if last_change.verb == UNDONE_IMPORT:
            raise ImportIsLast(last_change, "redone")
        if last is not None:
            raise NothingToDo(
                f"there is nothing to redo: {developer} changed something since the last `undo`."
            )
    if last is None:
        raise NothingToDo(f"there is no undone change by {developer} to redo.")
    key = changes.c.id == last.id if last.group_id is None else changes.c.group_id == last.group_id
    return _records(connection, undone.where(key))


def _refuse_after_undone_import(connection: Connection, developer: str) -> None:
    """Raise NothingToDo where the last thing that a developer did is ``import --undo``."""
    last = _last_row(connection, _own_changes(developer).where(changes.c.undone_by.is_(None)))
    if last is not None and last.verb == UNDONE_IMPORT:
        raise ImportIsLast(last, "undone")


def _changes_of(developer: str) -> Select[Any]:
    return select(changes).where(made_by(developer))


def _own_changes(developer: str) -> Select[Any]:
    """Return the query for changes by a person: no reversals, none that an import made."""
    return _changes_of(developer).where(changes.c.verb.not_in((*REVERSALS, *BY_PROGRAM)))


def _last_row(connection: Connection, query: Select[Any]) -> Any:
    return connection.execute(query.order_by(changes.c.id.desc()).limit(1)).first()


def _records(connection: Connection, query: Select[Any]) -> Group:
    """Return the changes of a query, the last first."""
    rows = connection.execute(query.order_by(changes.c.id.desc()))
    return tuple(Record(row.id, _as_change(row)) for row in rows)


def _as_change(row: Any) -> Change:
    table = metadata.tables[row.table_name]
    return Change(
        row.developer,
        row.verb,
        table,
        from_json(table, row.before),
        from_json(table, row.after),
        Place(row.group_id, row.id),
    )


def _originals(connection: Connection, group: Group, verb: str) -> dict[str, Change]:
    """Return the changes that a command made, by the ids of the changes that are reversed.

    To undo a change is to reverse the change itself; to redo one, to reverse its reversal.
    """
    originals = {record.id: record.change for record in group}
    if verb == "redo":
        # One pass over what was undone: there is no index of it.
        is_undone = changes.c.undone_by.between(min(originals), max(originals))
        query = select(changes).where(changes.c.developer == group[0].change.developer, is_undone)
        for row in connection.execute(query):
            if row.undone_by in originals:
                originals[row.undone_by] = _as_change(row)
    return originals


def _reverse(connection: Connection, database: Database, group: Group, verb: str) -> str:
    """Reverse the changes of one command, all or none; return why not, "" where it is done."""
    developer = group[0].change.developer
    names = {developer}
    if any(record.change.table is developer_aliases for record in group):
        change_log.lock_imports(connection)
        refuse_after_new_rows(connection, group, verb)
        names.update(renamed_developers(group))
    if any(record.change.table.name in SHARED for record in group):
        change_log.lock_shared_tables(connection)
    originals = _originals(connection, group, verb)
    rows = _CurrentRows(connection, [record.change for record in group])
    group_id = change_log.new_group_id(connection, database) if len(group) > 1 else None
    inverse_id = change_log.last_id(connection, *names)
    inverses: dict[str, Change] = {}
    written = []
    for record in group:
        change = record.change
        is_late = originals[record.id].verb == LATE_ESTIMATE
        current = change.after if is_late else rows.find(change)
        obstacle = _obstacle(connection, change, current)
        if obstacle and change.table is usage_coverage:
            continue  # `collect` has written the day anew since, and will again
        if obstacle:
            return obstacle
        inverse_id = change_log.id_after(inverse_id, database.new_id())
        inverse = Change(
            *(developer, verb, change.table, current, _restored(change, current)),
            Place(group_id, inverse_id),
        )
        inverses[record.id] = inverse
        if not is_late:  # a late estimate changed no row, so there is none to put back
            written.append(inverse)
            rows.replace(inverse)
    change_log.put_all(connection, written)
    change_log.record_changes(connection, database, list(inverses.values()))
    if verb == "redo":
        restored = (originals[key].place.id or "" for key in inverses if key in originals)
        change_log.mark_each_undone(connection, developer, dict.fromkeys(restored, None))
    undone_by = {key: inverse.place.id for key, inverse in inverses.items()}
    change_log.mark_each_undone(connection, developer, undone_by)
    return ""


class _CurrentRows:
    """The rows that changes concern, as they are, and as they are after what is reversed."""

    def __init__(self, connection: Connection, group: Sequence[Change]) -> None:
        keys: dict[Table, dict[tuple[Any, ...], Row]] = {}
        for change in group:
            keys.setdefault(change.table, {})[_key(change.table, change.row)] = change.row
        self._rows: dict[tuple[Table, tuple[Any, ...]], Row] = {
            (table, _key(table, row)): row
            for table, wanted in keys.items()
            for row in change_log.find_all(connection, table, list(wanted.values()))
        }

    def find(self, change: Change) -> Row | None:
        """Return the row that a change left, or deleted; None where there is none."""
        return self._rows.get((change.table, _key(change.table, change.row)))

    def replace(self, change: Change) -> None:
        """Take a change for made."""
        if change.before is not None:
            self._rows.pop((change.table, _key(change.table, change.before)), None)
        if change.after is not None:
            self._rows[change.table, _key(change.table, change.after)] = change.after


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _key_names(table))


@cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


def _obstacle(connection: Connection, change: Change, current: Row | None) -> str:
    """Return why a change cannot be taken back in the current row, "" where it can."""
    before, after = change.before, change.after
    if before is None or after is None or current is None:
        intact = current == after and not (before and _is_recorded_anew(connection, change))
    else:
        intact = all(current[name] == after[name] for name in _changed_columns(before, after))
    if intact:
        return ""
    is_drawn = bool(current and current.get("assigned") and not (after or {}).get("assigned"))
    return "changed again since" + (" (its arm is drawn)" if is_drawn else "")


def _is_recorded_anew(connection: Connection, change: Change) -> bool:
    """Whether a deleted rollout was recorded again since, under another id."""
    if change.table is not rollouts or change.before is None:
        return False
    scope = (
        rollouts.c[name].is_not_distinct_from(change.before[name])
        for name in ("assistant", "developer", "team")
    )
    query = select(rollouts.c.id).where(*scope, rollouts.c.id != change.before["id"])
    return connection.execute(query).first() is not None


def _restored(change: Change, current: Row | None) -> Row | None:
    """Return the current row with the columns that a change changed as they were before it."""
    if change.before is None or change.after is None or current is None:
        return change.before
    columns = _changed_columns(change.before, change.after)
    return {**current, **{name: change.before[name] for name in columns}}


def _changed_columns(before: Row, after: Row) -> list[str]:
    return [name for name in after if before[name] != after[name]]


def _listed(texts: list[str]) -> str:
    rest = len(texts) - _MAX_LISTED
    return "; ".join(texts[:_MAX_LISTED]) + (f"; and {rest} more" if rest > 0 else "")
