"""Queries for rows that people read, and the exports. Each reads in the caller's transaction.

``with database.reading() as connection: queries.entries(connection, developer="ann")``
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    and_,
    exists,
    func,
    select,
)

from tracker.domain import stored_times, synthetic
from tracker.domain.names import normalise_name
from tracker.domain.records import (
    ACTIVITIES,
    EXPORT_SOURCE,
    EXPORTED_ENTRY_COLUMNS,
    EXPORTED_TASK_COLUMNS,
    Claim,
    Entry,
    Rollout,
    Selection,
    Task,
    WorkItem,
)
from tracker.store import schema
from tracker.store.conditions import matches_any_name, matches_name, within_days

EVERYTHING = Selection()

_CHUNK_SIZE = 5_000
"""Rows of an export in memory at a time."""


def entries(  # noqa: PLR0913 - all but the first are keywords
    connection: Connection,
    *,
    developer: str | None = None,
    first_day: int | None = None,
    last_day: int | None = None,
    task: str | None = None,
    activity: str | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """Return entries, the newest first. Days are local days, both included."""
    table = schema.entries
    query = select(*_columns_of(Entry, table)).where(
        *_equal({table.c.developer: developer, table.c.task: task, table.c.activity: activity}),
        *within_days(table.c.local_day, first_day, last_day),
    )
    query = query.order_by(table.c.started_epoch.desc(), table.c.id.desc()).limit(limit)
    return [Entry(**row) for row in connection.execute(query).mappings()]


def count_entries(
    connection: Connection, developer: str, task: str | None = None, activity: str | None = None
) -> int:
    """Return how many entries a developer has, of a task and an activity if they are given."""
    table = schema.entries
    query = select(func.count()).where(
        *_equal({table.c.developer: developer, table.c.task: task, table.c.activity: activity})
    )
    return connection.execute(query.select_from(table)).scalar_one()


def as_entry(row: Mapping[str, Any]) -> Entry:
    """Return a row of the table as an entry."""
    return Entry(**{field.name: row[field.name] for field in dataclasses.fields(Entry)})


def has_entries(
    connection: Connection, *, developer: str | None = None, team: str | None = None
) -> bool:
    """Whether a developer, or a team, has any entry."""
    table = schema.entries
    query = (
        select(table.c.id)
        .where(*_equal({table.c.developer: developer, table.c.team: team}))
        .limit(1)
    )
    return connection.execute(query).first() is not None


def task(connection: Connection, key: str) -> Task | None:
    """Return the facts about a task as a whole, None where there are none."""
    table = schema.tasks
    row = (
        connection.execute(select(*_columns_of(Task, table)).where(matches_name(table.c.task, key)))
        .mappings()
        .first()
    )
    return None if row is None else Task(**row)


def work_item(connection: Connection, developer: str, activity: str, task: str) -> WorkItem | None:
    """Return the facts about a work item, such as the estimate that counts; None without any."""
    table = schema.work_items
    query = select(*_columns_of(WorkItem, table)).where(
        matches_name(table.c.developer, developer),
        matches_name(table.c.task, task),
        matches_name(table.c.activity, activity),
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else WorkItem(**row)


def work_items(connection: Connection, developer: str, task: str) -> list[WorkItem]:
    """Return the facts about a developer's work items of a task, by activity."""
    table = schema.work_items
    query = select(*_columns_of(WorkItem, table)).where(
        matches_name(table.c.developer, developer), matches_name(table.c.task, task)
    )
    return [
        WorkItem(**row) for row in connection.execute(query.order_by(table.c.activity)).mappings()
    ]


def drawn_arms(connection: Connection, developer: str) -> list[tuple[str, str, str]]:
    """Return (activity, task, arm) of each work item of a developer whose arm was drawn."""
    table = schema.work_items
    query = select(table.c.activity, table.c.task, table.c.assigned).where(
        matches_name(table.c.developer, developer), table.c.assigned.is_not(None)
    )
    return [
        (normalise_name(row.activity), normalise_name(row.task), row.assigned)
        for row in connection.execute(query)
    ]


def has_task(connection: Connection, key: str) -> bool:
    """Whether anybody has an entry on a task or recorded a fact about it."""
    tables = (schema.tasks, schema.work_items, schema.entries)
    return any(
        connection.execute(
            select(table.c.task).where(matches_name(table.c.task, key)).limit(1)
        ).first()
        for table in tables
    )


def logged_activities(connection: Connection) -> list[str]:
    """Return the activities that have entries, also those that nobody added."""
    activity = schema.entries.c.activity
    return list(connection.execute(select(activity).distinct().order_by(activity)).scalars())


def rollouts(connection: Connection) -> list[Rollout]:
    """Return the rollouts by day."""
    table = schema.rollouts
    query = select(*_columns_of(Rollout, table)).order_by(
        table.c.day, table.c.assistant, table.c.developer, table.c.team
    )
    return [Rollout(**row) for row in connection.execute(query).mappings()]


def claims(connection: Connection) -> list[Claim]:
    """Return the recorded claims by id."""
    query = select(schema.claims).order_by(schema.claims.c.id)
    return [Claim(**row) for row in connection.execute(query).mappings()]


def sources(connection: Connection) -> dict[str, int]:
    """Return the number of rejected rows by the source of imported logs."""
    table = schema.imports
    query = (
        select(table.c.source, func.sum(table.c.rejected))
        .group_by(table.c.source)
        .order_by(table.c.source)
    )
    return {source: int(rejected) for source, rejected in connection.execute(query)}


def is_made_up(connection: Connection) -> bool:
    """Return whether the log holds entries of a synthetic log, imported as such or restored.

    An export holds the source of each entry, and its import keeps it. Only where an import is a
    synthetic log's or an export's the entries are searched, by developer, so that an index is used.
    """
    origins = schema.imports.c.source.in_((synthetic.SOURCE, EXPORT_SOURCE))
    if not connection.execute(select(exists().where(origins))).scalar_one():
        return False
    developers = select(schema.entry_totals.c.developer).distinct().subquery()
    table = schema.entries
    has_made_up = exists().where(
        table.c.developer == developers.c.developer, table.c.source == synthetic.SOURCE
    )
    query = select(developers.c.developer).where(has_made_up).limit(1)
    return connection.execute(query).first() is not None


def activities(connection: Connection) -> list[str]:
    """Return the built-in activities, then those that were added."""
    added = connection.execute(
        select(schema.activities.c.activity).order_by(schema.activities.c.activity)
    ).scalars()
    return [*ACTIVITIES, *added]


def export_entries(
    connection: Connection, selection: Selection = EVERYTHING
) -> Iterator[dict[str, Any]]:
    """Yield every selected entry as a row of EXPORTED_ENTRY_COLUMNS, streamed.

    A row has the facts about the work item and the title and project of the task, too. The days of
    the selection are the entry's own.
    """
    table, items, task_table = schema.entries, schema.work_items, schema.tasks
    same_item = and_(
        *(items.c[name] == table.c[name] for name in ("developer", "task", "activity"))
    )
    values = [
        column for column in items.columns if not column.primary_key and column.name != "import_id"
    ]
    query = (
        select(*_columns_of(Entry, table), *values, task_table.c.title, task_table.c.project)
        .select_from(
            table.outerjoin(items, same_item).outerjoin(
                task_table, task_table.c.task == table.c.task
            )
        )
        .where(
            *_equal({table.c.developer: selection.developer, table.c.team: selection.team}),
            *_equal({task_table.c.project: selection.project}),
            *(
                [matches_any_name(table.c.activity, selection.activities)]
                if selection.activities
                else []
            ),
            *within_days(table.c.local_day, selection.first_day, selection.last_day),
        )
        .order_by(table.c.developer, table.c.started_epoch, table.c.id)
    )
    for row in _streamed(connection, query):
        yield _exported(row, EXPORTED_ENTRY_COLUMNS)


def export_tasks(connection: Connection) -> Iterator[dict[str, Any]]:
    """Yield all facts about tasks and work items as rows of EXPORTED_TASK_COLUMNS, streamed.

    Rows without developer and activity are about a task as a whole.
    """
    for table in (schema.tasks, schema.work_items):
        for row in _streamed(connection, select(table).order_by(*table.primary_key)):
            yield _exported(row, EXPORTED_TASK_COLUMNS)


def _columns_of(record: type[Any], table: Table) -> list[Column[Any]]:
    """Return the columns for which a record has fields."""
    return [table.c[field.name] for field in dataclasses.fields(record)]


def _equal(names: Mapping[Column[Any], str | None]) -> list[ColumnElement[bool]]:
    """Return the conditions that columns hold these names; None is no condition."""
    return [matches_name(column, name) for column, name in names.items() if name is not None]


def _streamed(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[RowMapping]:
    return iter(connection.execute(query, execution_options={"yield_per": _CHUNK_SIZE}).mappings())


def _exported(row: RowMapping, columns: tuple[str, ...]) -> dict[str, Any]:
    """Return the columns of an export: instants as ISO 8601 in the entry's zone, else in UTC."""
    zone = row.get("zone") or "UTC"
    return {name: _value(row, name, zone) for name in columns}


def _value(row: RowMapping, name: str, zone: str) -> Any:
    stored = _STORED_AS.get(name, name)
    value = row.get(stored)
    if value is None:
        return None
    if stored.endswith("_epoch"):
        return stored_times.iso_instant(value, zone)
    if stored.endswith("seconds"):
        minutes, remainder = divmod(value, 60)
        return value / 60 if remainder else minutes
    return value


_STORED_AS = {
    "key": "source_key",
    "minutes": "seconds",
    "interruption_minutes": "interruption_seconds",
    **{
        f"{event}_at": f"{event}_epoch"
        for event in ("started", "ended", "logged", "estimated", "completed", "assigned")
    },
}
"""The names in the database of an export's columns, where they differ."""
