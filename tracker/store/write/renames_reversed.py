"""Whether a rename of a developer can be undone or redone: not over what was stored since."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from tracker.domain.counts import count_of
from tracker.domain.errors import NothingToDo
from tracker.store.conditions import matches_any_name
from tracker.store.schema import changes, developer_aliases, entries, work_items
from tracker.store.write.change_log import REVERSALS, Group


def renamed_developers(group: Group) -> set[str]:
    """Return the former and the present names that a rename of a developer concerns."""
    rows = [record.change.row for record in group if record.change.table is developer_aliases]
    return {name for row in rows for name in (row["alias"], row["developer"])}


def refuse_after_new_rows(connection: Connection, group: Group, verb: str) -> None:
    """Refuse to reverse a rename of a developer under whose names rows were stored since.

    A rename moves the rows of its time. Newer ones would stay under the other name, and an import
    that is repeated would count them twice.

    Args:
        connection: The transaction.
        group: The changes to reverse: of a rename, or of its ``undo``.
        verb: ``undo`` or ``redo``.

    Raises:
        NothingToDo: There are such rows. The message says how many, and what to type instead.
    """
    names = renamed_developers(group)
    group_id = group[0].change.place.group_id or group[0].id
    number = sum(
        connection.execute(
            select(func.count())
            .select_from(table)
            .where(matches_any_name(table.c.developer, names), table.c.import_id > group_id)
        ).scalar_one()
        for table in (entries, work_items)
    )
    additions = select(changes.c.row_key).where(
        matches_any_name(changes.c.developer, names),
        changes.c.id > group[0].id,
        changes.c.table_name == entries.name,
        changes.c.before.is_(None),
        changes.c.undone_by.is_(None),
        changes.c.verb.not_in(REVERSALS),
    )
    logged = select(func.count()).select_from(entries)
    logged = logged.where(
        matches_any_name(entries.c.developer, names),
        entries.c.id.in_(additions),
        entries.c.import_id.is_(None),
    )
    number += connection.execute(logged).scalar_one()
    if not number:
        return
    old, new = next(
        (record.change.row["alias"], record.change.row["developer"])
        for record in (group if verb == "redo" else reversed(group))
        if record.change.table is developer_aliases
    )
    stored = f"{count_of(number, 'entry or estimate', 'entries and estimates')} of theirs"
    is_one = number == 1
    remedy = f"{new} {old}" if verb == "undo" else f"{old} {new} --merge"
    reversed_ = "undone" if verb == "undo" else "redone"
    raise NothingToDo(
        f"the rename of developer {old} to {new} cannot be {reversed_}: {stored} "
        f"{'was' if is_one else 'were'} stored since; `tracker rename developer {remedy}` takes "
        f"{'it' if is_one else 'them'} along."
    )
