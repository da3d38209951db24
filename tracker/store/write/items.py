"""Writing about work items and tasks: estimates, completion, the drawn arm, titles."""

from __future__ import annotations

import dataclasses
import json
from random import Random
from typing import Any

from sqlalchemy import Connection, func, select

from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.names import normalise_name
from tracker.domain.records import ARMS, Arm, Task, WorkItem
from tracker.domain.validation import check_texts, check_work_item, normalise_record
from tracker.store.conditions import made_by
from tracker.store.database import Database
from tracker.store.schema import changes, entries, tasks, work_items
from tracker.store.write import change_log
from tracker.store.write.change_log import LAST_PLACE, Change, Place

_ESTIMATE = ("estimate_minutes", "estimate_ai_minutes", "estimated_epoch")
_ESTIMATED = ("estimate_minutes", "estimate_ai_minutes", "estimate_points")


def set_estimate(database: Database, item: WorkItem) -> bool:
    """Record a developer's estimate of a work item; return whether it counts.

    The last estimate made before the first entry counts. A later one is stored in the change log
    only.

    Raises:
        BadValue: The work item is not valid, or an estimate is not above 0.
        StoreError: The database is busy or cannot be written.
    """
    check_work_item(item)
    item = normalise_record(item)
    with change_log.changing(database, item.developer) as connection:
        return record_estimate(connection, database, item) is not False


def record_estimate(
    connection: Connection, database: Database, item: WorkItem, place: Place = LAST_PLACE
) -> bool | None:
    """Record an estimate inside a transaction, see :func:`set_estimate`.

    Returns:
        Whether it counts; None where the same estimate was recorded before.
    """
    epoch = database.now_epoch if item.estimated_epoch is None else item.estimated_epoch
    item = dataclasses.replace(item, estimated_epoch=epoch)
    if _is_recorded(connection, item):
        return None
    before = change_log.find(connection, work_items, dataclasses.asdict(item))
    after = (before or _empty_row(item)) | _estimate_values(item) | {"import_id": None}
    is_latest = before is None or (before["estimated_epoch"] or 0) <= epoch
    if is_latest and not _began_before(connection, item, epoch):
        change = Change(item.developer, "estimate", work_items, before, after, place)
        change_log.apply_change(connection, database, change)
        return True
    late = change_log.LATE_ESTIMATE
    change = Change(item.developer, late, work_items, before, after, place)
    change_log.record_change(connection, database, change)
    return False


def complete(
    database: Database,
    developer: str,
    task: str,
    completed_epoch: int,
    *,
    activity: str | None = None,
    group_id: str | None = None,
) -> None:
    """Record when a task, or one activity of it by a developer, was completed.

    Args:
        database: The database.
        developer: Who records it, and whose work item it is.
        task: The task.
        completed_epoch: When it was completed.
        activity: The activity; None is the whole task.
        group_id: The id of all changes of the same command.

    Raises:
        StoreError: The database is busy or cannot be written.
    """
    if activity is None:
        values: dict[str, Any] = {"completed_epoch": completed_epoch}
        _set_task(database, developer, "complete", task, values, group_id)
        return
    item = normalise_record(WorkItem(developer, task, activity))
    with change_log.changing(database, item.developer) as connection:
        before = change_log.find(connection, work_items, dataclasses.asdict(item))
        after = (before or _empty_row(item)) | {
            "completed_epoch": completed_epoch,
            "import_id": None,
        }
        if before is None or before["completed_epoch"] != completed_epoch:
            change = Change(item.developer, "complete", work_items, before, after, Place(group_id))
            change_log.apply_change(connection, database, change)


def reopen(database: Database, developer: str, task: str, *, activity: str | None = None) -> None:
    """Open a completed task again, or one activity of it by a developer.

    A task is opened as a whole, and with it the developer's own work items of it.

    Args:
        database: The database.
        developer: Who records it, and whose work items they are.
        task: The task.
        activity: The activity; None is the whole task.

    Raises:
        BadValue: An activity is given, and the task is completed as a whole.
        NothingToDo: It is open.
        StoreError: The database is busy or cannot be written.
    """
    developer, task = normalise_name(developer), normalise_name(task)
    activity = activity and normalise_name(activity)
    conditions = [
        *(work_items.c.developer == developer, work_items.c.task == task),
        work_items.c.completed_epoch.is_not(None),
        *([work_items.c.activity == activity] if activity else []),
    ]
    query = select(work_items).where(*conditions).order_by(*work_items.primary_key)
    with change_log.changing(database, developer, shared=True) as connection:
        whole = change_log.find(connection, tasks, {"task": task})
        is_whole = whole is not None and whole["completed_epoch"] is not None
        if activity and is_whole:
            raise BadValue(
                f"--activity is {activity}, and {task} is done as a whole: leave --activity out."
            )
        rows = [(tasks, whole)] if whole and is_whole else []
        rows += [(work_items, dict(row)) for row in connection.execute(query).mappings()]
        if not rows:
            raise NothingToDo(f"{f'{activity} {task}' if activity else task} is not done.")
        group = change_log.ChangeGroup(connection, database, developer, "reopen")
        for table, row in rows:
            group.apply(table, row, {**row, "completed_epoch": None, "import_id": None})


def set_task(
    database: Database,
    developer: str,
    task: str,
    *,
    title: str | None = None,
    project: str | None = None,
    group_id: str | None = None,
) -> None:
    """Record the title and the project of a task; None leaves the stored one.

    ``group_id`` is the id of all changes of the same command.

    Raises:
        BadValue: A text is too long or holds a character that does not print.
        StoreError: The database is busy or cannot be written.
    """
    check_texts(task=task, title=title, project=project)
    if project is not None:
        project = normalise_name(project)
    values = {"title": title, "project": project}
    _set_task(
        database,
        developer,
        "task",
        task,
        {name: value for name, value in values.items() if value is not None},
        group_id,
    )


def assign(database: Database, developer: str, activity: str, task: str, rng: Random) -> Arm:
    """Draw the arm of a work item at random, once, after its estimate and before its first entry.

    Returns:
        The arm, which is recorded.

    Raises:
        BadValue: The work item has no estimate, or it has an entry.
        NothingToDo: The arm was drawn before.
        StoreError: The database is busy or cannot be written.
    """
    item = normalise_record(WorkItem(developer, task, activity))
    with change_log.changing(database, item.developer) as connection:
        before = change_log.find(connection, work_items, dataclasses.asdict(item))
        row = before or _empty_row(item)
        if row["assigned"] is not None:
            raise NothingToDo(
                f"{activity} {task} was drawn already: {row['assigned']}. It is drawn only once."
            )
        if _began_before(connection, item, None):
            raise BadValue(f"{activity} {task} has an entry already: draw before the work begins.")
        task_row = change_log.find(connection, tasks, {"task": item.task}) or {}
        if not any(source.get(name) for source in (row, task_row) for name in _ESTIMATED):
            raise BadValue(
                f"{activity} {task} has no estimate: "
                f"give one first, such as `tracker estimate {activity} {task} 2h`."
            )
        arm = ARMS[rng.random() < 0.5]
        after = row | {"assigned": arm, "assigned_epoch": database.now_epoch, "import_id": None}
        change = Change(item.developer, "assign", work_items, before, after)
        change_log.apply_change(connection, database, change)
    return arm


def _set_task(
    database: Database,
    developer: str,
    verb: str,
    task: str,
    values: dict[str, Any],
    group_id: str | None,
) -> None:
    """Change the columns of a task that differ."""
    developer, task = normalise_name(developer), normalise_name(task)
    with change_log.changing(database, developer, shared=True) as connection:
        before = change_log.find(connection, tasks, {"task": task})
        after = (before or dataclasses.asdict(Task(task))) | values | {"import_id": None}
        if before is None or any(before[name] != value for name, value in values.items()):
            change = Change(developer, verb, tasks, before, after, Place(group_id))
            change_log.apply_change(connection, database, change)


def _empty_row(item: WorkItem) -> dict[str, Any]:
    """Return the row of a work item with nothing but its key."""
    empty = WorkItem(item.developer, item.task, item.activity)
    return dataclasses.asdict(empty) | {"import_id": None}


def _estimate_values(item: WorkItem) -> dict[str, Any]:
    return {name: value for name in _ESTIMATE if (value := getattr(item, name)) is not None}


def _began_before(connection: Connection, item: WorkItem, epoch: int | None) -> bool:
    """Whether work on an item began before an instant; None: whether it began at all.

    An estimate made in the second in which the work begins is not late: `start --estimate` records
    both at once.
    """
    first_start = select(func.min(entries.c.started_epoch)).where(
        entries.c.developer == item.developer,
        entries.c.task == item.task,
        entries.c.activity == item.activity,
    )
    began = connection.execute(first_start).scalar()
    return began is not None and (epoch is None or began < epoch)


def _is_recorded(connection: Connection, item: WorkItem) -> bool:
    """Whether the same estimate is in the change log: the outbox may submit it twice."""
    rows = connection.execute(
        select(changes.c.after).where(
            made_by(item.developer),
            changes.c.table_name == work_items.name,
            changes.c.row_key == change_log.row_key(work_items, dataclasses.asdict(item)),
            changes.c.verb.in_(("estimate", change_log.LATE_ESTIMATE)),
        )
    ).scalars()
    values = _estimate_values(item).items()
    return any(all(row[name] == value for name, value in values) for row in map(json.loads, rows))
