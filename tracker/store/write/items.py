"""What is written about work items and tasks: estimates, completion, the drawn arm, titles."""

from __future__ import annotations

import dataclasses
import json
from random import Random
from typing import Any

from sqlalchemy import Connection, func, select

from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.records import ARMS, Arm, Task, WorkItem
from tracker.store.database import Database
from tracker.store.schema import changes, entries, tasks, work_items
from tracker.store.write import change_log
from tracker.store.write.checks import check_item, check_texts

_ESTIMATE = ("estimate_minutes", "estimate_ai_minutes", "estimated_epoch")


def set_estimate(database: Database, item: WorkItem) -> bool:
    """Record what a developer expects of a work item; whether it counts.

    The last estimate made before the first entry counts. One that is made later is kept in the change log only.
    """
    check_item(item)
    with change_log.changing(database, item.developer) as connection:
        return record_estimate(connection, database, item) is not False


def record_estimate(connection: Connection, database: Database, item: WorkItem) -> bool | None:
    """As :func:`set_estimate`, inside a transaction; None where this very estimate was recorded before."""
    made = database.now_epoch if item.estimated_epoch is None else item.estimated_epoch
    item = dataclasses.replace(item, estimated_epoch=made)
    if _recorded_before(connection, item):
        return None
    before = change_log.find(connection, work_items, dataclasses.asdict(item))
    said = {name: value for name in _ESTIMATE if (value := getattr(item, name)) is not None}
    after = (before or _blank(item)) | said | {"import_id": None}
    counts = not _began_before(connection, item, made) and (
        before is None or (before["estimated_epoch"] or 0) <= made
    )
    if counts:
        change_log.change(
            connection, database, item.developer, "estimate", work_items, before, after
        )
    else:
        change_log.record(
            connection,
            database,
            item.developer,
            change_log.LATE_ESTIMATE,
            work_items,
            before,
            after,
        )
    return counts


def complete(
    database: Database,
    developer: str,
    task: str,
    completed_epoch: int | None,
    *,
    activity: str | None = None,
) -> None:
    """Record when a task was done, or one activity of it by ``developer``; None opens it again."""
    if activity is None:
        _set_task(database, developer, "complete", task, {"completed_epoch": completed_epoch})
        return
    with change_log.changing(database, developer) as connection:
        item = WorkItem(developer, task, activity)
        before = change_log.find(connection, work_items, dataclasses.asdict(item))
        after = (before or _blank(item)) | {"completed_epoch": completed_epoch, "import_id": None}
        if before is None or before["completed_epoch"] != completed_epoch:
            change_log.change(
                connection, database, developer, "complete", work_items, before, after
            )


def set_task(
    database: Database,
    developer: str,
    task: str,
    *,
    title: str | None = None,
    project: str | None = None,
) -> None:
    """Record what ``developer`` says of a task; None leaves what is known."""
    said = {
        name: value for name, value in (("title", title), ("project", project)) if value is not None
    }
    check_texts({"task": task} | said)
    _set_task(database, developer, "task", task, said)


def assign(database: Database, developer: str, activity: str, task: str, rng: Random) -> Arm:
    """Draw the arm of a work item by a coin, and record it: after its estimate, before its first entry, only once."""
    item = WorkItem(developer, task, activity)
    with change_log.changing(database, developer) as connection:
        before = change_log.find(connection, work_items, dataclasses.asdict(item)) or _blank(item)
        if before["assigned"] is not None:
            raise NothingToDo(
                f"{activity} {task} was drawn already: {before['assigned']}. It is drawn only once."
            )
        if _began_before(connection, item, None):
            raise BadValue(f"{activity} {task} has an entry already: draw before the work begins.")
        known = change_log.find(connection, tasks, {"task": task}) or {}
        if not any(row.get(name) for row in (before, known) for name in _ESTIMATE[:2]):
            raise BadValue(
                f"{activity} {task} has no estimate: give one first, such as `tracker estimate {activity} {task} 2h`."
            )
        arm = ARMS[rng.random() < 0.5]
        drawn = before | {"assigned": arm, "assigned_epoch": database.now_epoch, "import_id": None}
        here = change_log.find(connection, work_items, before)
        change_log.change(connection, database, developer, "assign", work_items, here, drawn)
    return arm


def _set_task(
    database: Database, developer: str, verb: str, task: str, said: dict[str, Any]
) -> None:
    with change_log.changing(database, developer, shared=True) as connection:
        before = change_log.find(connection, tasks, {"task": task})
        after = (before or dataclasses.asdict(Task(task))) | said | {"import_id": None}
        if before is None or any(before[name] != value for name, value in said.items()):
            change_log.change(connection, database, developer, verb, tasks, before, after)


def _blank(item: WorkItem) -> dict[str, Any]:
    """The row of a work item of which nothing is known yet."""
    return dataclasses.asdict(WorkItem(item.developer, item.task, item.activity)) | {
        "import_id": None
    }


def _began_before(connection: Connection, item: WorkItem, epoch: int | None) -> bool:
    """Whether work on it has begun before an instant (None: at all).

    What begins in the very second of its estimate is what ``start --estimate`` starts: it is not late.
    """
    first = select(func.min(entries.c.started_epoch)).where(
        entries.c.developer == item.developer,
        entries.c.task == item.task,
        entries.c.activity == item.activity,
    )
    began = connection.execute(first).scalar()
    return began is not None and (epoch is None or began < epoch)


def _recorded_before(connection: Connection, item: WorkItem) -> bool:
    """Whether this very estimate is in the change log: the outbox may hand it in twice."""
    recorded = connection.execute(
        select(changes.c.after).where(
            changes.c.developer == item.developer,
            changes.c.table_name == work_items.name,
            changes.c.row_key == change_log.row_key(work_items, dataclasses.asdict(item)),
            changes.c.verb.in_(("estimate", change_log.LATE_ESTIMATE)),
        )
    ).scalars()
    said = [(name, value) for name in _ESTIMATE if (value := getattr(item, name)) is not None]
    return any(all(row[name] == value for name, value in said) for row in map(json.loads, recorded))
