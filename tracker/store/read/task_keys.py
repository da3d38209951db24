"""The task keys with which a typed one is compared."""

from __future__ import annotations

from sqlalchemy import Connection, exists, func, or_, select

from tracker.store.conditions import matches_name
from tracker.store.schema import entries, tasks, work_items

_MAX_KEYS, _MAX_ENTRIES, _MAX_EXPECTED = 2_000, 500, 50
"""Limits: every command that opens the database reads these keys."""
_MAX_COMPLETED = 200
_LAST_WORKED = 2
"""Tasks worked on last that may be meant although they are begun."""


def task_keys(
    connection: Connection, developer: str
) -> tuple[list[str], list[str], list[tuple[str, str | None, int]]]:
    """Return the task keys that a developer may mean, those expected, and what is complete.

    Returns:
        The keys of their last entries, of their work items and of the team's tasks, each up to a
        limit; of these the ones that they estimated or drew, that are not complete and have no
        entry yet or were worked on last; and (task, activity, epoch) of what was completed last,
        where the activity is None for a task as a whole.
    """
    recent = connection.execute(
        select(entries.c.task)
        .where(matches_name(entries.c.developer, developer))
        .order_by(entries.c.id.desc())  # ids sort by time, and the key of the table begins so
        .limit(_MAX_ENTRIES)
    ).scalars()
    worked = list(dict.fromkeys(recent))
    of_developer = matches_name(work_items.c.developer, developer)
    planned = connection.execute(
        select(work_items.c.task).where(of_developer).limit(_MAX_KEYS)
    ).scalars()
    team_tasks = connection.execute(select(tasks.c.task).limit(_MAX_KEYS)).scalars()
    begun = exists().where(
        entries.c.developer == work_items.c.developer, entries.c.task == work_items.c.task
    )
    candidates = connection.execute(
        select(work_items.c.task)
        .where(
            of_developer,
            work_items.c.completed_epoch.is_(None),
            or_(
                work_items.c.estimate_minutes.is_not(None),
                work_items.c.estimate_points.is_not(None),
                work_items.c.assigned.is_not(None),
            ),
            or_(~begun, work_items.c.task.in_(worked[:_LAST_WORKED])),
        )
        .order_by(func.coalesce(work_items.c.estimated_epoch, 0).desc(), work_items.c.task)
        .limit(_MAX_EXPECTED)
    ).scalars()
    keys = dict.fromkeys([*worked, *planned, *team_tasks])
    return list(keys), list(dict.fromkeys(candidates)), _completed(connection, developer)


def _completed(connection: Connection, developer: str) -> list[tuple[str, str | None, int]]:
    items = (
        select(work_items.c.task, work_items.c.activity, work_items.c.completed_epoch)
        .where(
            matches_name(work_items.c.developer, developer),
            work_items.c.completed_epoch.is_not(None),
        )
        .order_by(work_items.c.completed_epoch.desc(), work_items.c.task, work_items.c.activity)
        .limit(_MAX_COMPLETED)
    )
    whole = (
        select(tasks.c.task, tasks.c.completed_epoch)
        .where(tasks.c.completed_epoch.is_not(None))
        .order_by(tasks.c.completed_epoch.desc(), tasks.c.task)
        .limit(_MAX_COMPLETED)
    )
    return [
        *((row.task, None, row.completed_epoch) for row in connection.execute(whole)),
        *((row.task, row.activity, row.completed_epoch) for row in connection.execute(items)),
    ]
