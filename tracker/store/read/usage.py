"""What the rule of assistants' marks needs of a developer's entries, and the days of coverage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from tracker.domain.names import normalise_name
from tracker.domain.stored_times import is_readable, stored_zone
from tracker.domain.usage_rule import OwnEntry
from tracker.store.conditions import entry_end, made_by, matches_name
from tracker.store.schema import changes, entries, tasks, usage_coverage, work_items

COLLECT = "collect"
"""The verb of changes that marks of an assistant's use made."""


def own_entries(connection: Connection, developer: str) -> list[OwnEntry]:
    """Return a developer's entries with readable times, by start."""
    same_item = and_(
        *(work_items.c[name] == entries.c[name] for name in ("developer", "task", "activity"))
    )
    query = (
        select(
            *(
                entries.c[name]
                for name in ("id", "task", "activity", "started_epoch", "zone", "seconds")
            ),
            *(entries.c[name] for name in ("assisted", "basis", "ended_epoch", "logged_epoch")),
            entry_end.label("end_epoch"),
            tasks.c.project,
            work_items.c.assigned,
            work_items.c.assigned_epoch,
        )
        .select_from(
            entries.outerjoin(tasks, tasks.c.task == entries.c.task).outerjoin(
                work_items, same_item
            )
        )
        .where(matches_name(entries.c.developer, developer))
        .order_by(entries.c.started_epoch, entries.c.id)
    )
    return [
        _own_entry(row)
        for row in connection.execute(query)
        if is_readable(row.zone, row.started_epoch, row.end_epoch)
    ]


def covered_days(connection: Connection, developer: str) -> dict[str, dict[int, bool]]:
    """Return the covered days of each of a developer's machines.

    Each with whether all use of that day on the machine lies in entries that say yes: another
    machine cannot see it.
    """
    table = usage_coverage
    query = select(table.c.machine, table.c.day, table.c.all_attributed).where(
        matches_name(table.c.developer, developer)
    )
    days: dict[str, dict[int, bool]] = {}
    for machine, day, all_attributed in connection.execute(query):
        days.setdefault(machine, {})[day] = bool(all_attributed)
    return days


def undone_entries(connection: Connection, developer: str) -> set[str]:
    """Return the ids of entries of which a person undid what `collect` had inferred."""
    query = select(changes.c.row_key).where(
        made_by(developer),
        changes.c.table_name == entries.name,
        changes.c.verb == COLLECT,
        changes.c.undone_by.is_not(None),
    )
    return set(connection.execute(query).scalars())


def _own_entry(row: Any) -> OwnEntry:
    zone = stored_zone(row.zone) or UTC
    started = datetime.fromtimestamp(row.started_epoch, zone)
    is_whole_day = started.hour in (0, 12) and not started.minute and not started.second
    is_drawn = row.assigned is not None and (row.assigned_epoch or 0) <= row.logged_epoch
    return OwnEntry(
        row.id,
        normalise_name(row.task),
        row.activity,
        row.started_epoch,
        row.end_epoch,
        row.seconds,
        has_clock=row.ended_epoch is not None or not is_whole_day,
        answer=(row.assisted, row.basis),
        project=None if row.project is None else normalise_name(row.project),
        drawn=row.assigned if is_drawn else None,
    )
