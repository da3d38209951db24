"""Rows for people, and everything out again. Each function reads inside the caller's transaction.

``with database.reading() as connection: rows.entries(connection, developer="ann")``
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    and_,
    func,
    select,
)

from tracker.domain import times
from tracker.domain.errors import NotFound
from tracker.domain.records import (
    ACTIVITIES,
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

EVERYTHING = Selection()

_CHUNK = 5_000
"""Rows of an export in memory at a time."""


def entries(
    connection: Connection,
    *,
    developer: str | None = None,
    first_day: int | None = None,
    last_day: int | None = None,
    task: str | None = None,
    activity: str | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """Entries, the newest first; days are local days, both included."""
    table = schema.entries
    query = select(*_columns_of(Entry, table)).where(
        *_equal({table.c.developer: developer, table.c.task: task, table.c.activity: activity}),
        *_between(table.c.local_day, first_day, last_day),
    )
    query = query.order_by(table.c.started_epoch.desc(), table.c.id.desc()).limit(limit)
    return [Entry(**row) for row in connection.execute(query).mappings()]


def entry(connection: Connection, developer: str, prefix: str) -> Entry:
    """The one entry of ``developer`` whose id begins with ``prefix``."""
    return as_entry(entry_row(connection, developer, prefix))


def entry_row(connection: Connection, developer: str, prefix: str) -> dict[str, Any]:
    """As :func:`entry`, with all columns."""
    table = schema.entries
    found = connection.execute(
        select(table)
        .where(
            table.c.developer == developer, table.c.id.startswith(prefix.lower(), autoescape=True)
        )
        .limit(2)
    )
    matches = [dict(row) for row in found.mappings()]
    if not matches or not prefix:
        raise NotFound(
            f"{developer} has no entry whose id begins with {prefix!r}: `tracker entries` lists the ids."
        )
    if len(matches) > 1:
        raise NotFound(
            f"several entries of {developer} have ids that begin with {prefix!r}: give more of the id."
        )
    return matches[0]


def as_entry(row: Mapping[str, Any]) -> Entry:
    """A row of the table as the record that it is of."""
    return Entry(**{field.name: row[field.name] for field in dataclasses.fields(Entry)})


def ids_beginning(connection: Connection, developer: str, starts: Set[str]) -> list[str]:
    """The ids of one developer's entries that begin with one of ``starts``, which are of one length."""
    id_ = schema.entries.c.id
    length = len(next(iter(starts)))
    query = select(id_).where(
        schema.entries.c.developer == developer, func.substr(id_, 1, length).in_(starts)
    )
    return list(connection.execute(query).scalars())


def has_entries(
    connection: Connection, *, developer: str | None = None, team: str | None = None
) -> bool:
    """Whether anything was logged by a developer, or for a team."""
    table = schema.entries
    query = (
        select(table.c.id)
        .where(*_equal({table.c.developer: developer, table.c.team: team}))
        .limit(1)
    )
    return connection.execute(query).first() is not None


def summary(
    connection: Connection,
    developer: str,
    first_day: int | None = None,
    last_day: int | None = None,
) -> list[tuple[int, str, int]]:
    """One developer's (local day, activity, seconds of effort), by day and activity; both days included."""
    table = schema.entries
    day, activity = table.c.local_day, table.c.activity
    query = (
        select(day, activity, func.sum(table.c.seconds))
        .where(table.c.developer == developer, *_between(day, first_day, last_day))
        .group_by(day, activity)
        .order_by(day, activity)
    )
    return [(row[0], row[1], int(row[2])) for row in connection.execute(query)]


def task(connection: Connection, key: str) -> Task | None:
    """What is known of a task as a whole; None where nothing is."""
    table = schema.tasks
    row = (
        connection.execute(select(*_columns_of(Task, table)).where(table.c.task == key))
        .mappings()
        .first()
    )
    return None if row is None else Task(**row)


def estimates_of(
    connection: Connection, developer: str, activity: str, task: str
) -> WorkItem | None:
    """What is known of a work item besides its entries, the estimate that counts among it; None where nothing is."""
    table = schema.work_items
    query = select(*_columns_of(WorkItem, table)).where(
        table.c.developer == developer, table.c.task == task, table.c.activity == activity
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else WorkItem(**row)


def work_items(connection: Connection, developer: str, task: str) -> list[WorkItem]:
    """What is known of one developer's part in a task besides its entries, by activity."""
    table = schema.work_items
    query = select(*_columns_of(WorkItem, table)).where(
        table.c.developer == developer, table.c.task == task
    )
    return [
        WorkItem(**row) for row in connection.execute(query.order_by(table.c.activity)).mappings()
    ]


def has_task(connection: Connection, key: str) -> bool:
    """Whether anything was ever logged on a task or said of it, by anybody."""
    tables = (schema.tasks, schema.work_items, schema.entries)
    return any(
        connection.execute(select(table.c.task).where(table.c.task == key).limit(1)).first()
        for table in tables
    )


def logged_activities(connection: Connection) -> list[str]:
    """The activities that there are entries of, known or not."""
    activity = schema.entries.c.activity
    return list(connection.execute(select(activity).distinct().order_by(activity)).scalars())


def rollouts(connection: Connection) -> list[Rollout]:
    """Who had an assistant from when, by day."""
    table = schema.rollouts
    query = select(*_columns_of(Rollout, table)).order_by(
        table.c.day, table.c.assistant, table.c.developer, table.c.team
    )
    return [Rollout(**row) for row in connection.execute(query).mappings()]


def claims(connection: Connection) -> list[Claim]:
    """One's own claims, by id."""
    query = select(schema.claims).order_by(schema.claims.c.id)
    return [Claim(**row) for row in connection.execute(query).mappings()]


def sources(connection: Connection) -> dict[str, int]:
    """The foreign logs that were brought in, by the name they are kept under, with the rows they had rejected."""
    table = schema.imports
    query = (
        select(table.c.source, func.sum(table.c.rejected))
        .group_by(table.c.source)
        .order_by(table.c.source)
    )
    return {source: int(rejected) for source, rejected in connection.execute(query)}


def activities(connection: Connection) -> list[str]:
    """The known activities: those from the start, then those that were added."""
    added = connection.execute(
        select(schema.activities.c.activity).order_by(schema.activities.c.activity)
    ).scalars()
    return [*ACTIVITIES, *added]


def export_entries(
    connection: Connection, selection: Selection = EVERYTHING
) -> Iterator[dict[str, Any]]:
    """Every selected entry as a row of EXPORTED_ENTRY_COLUMNS, streamed; the days of a selection are the entry's own.

    Beside an entry stands what is known of its work item, and the title and project of its task.
    """
    table, items, known = schema.entries, schema.work_items, schema.tasks
    same_item = and_(
        *(items.c[name] == table.c[name] for name in ("developer", "task", "activity"))
    )
    values = [
        column for column in items.columns if not column.primary_key and column.name != "import_id"
    ]
    query = (
        select(*_columns_of(Entry, table), *values, known.c.title, known.c.project)
        .select_from(
            table.outerjoin(items, same_item).outerjoin(known, known.c.task == table.c.task)
        )
        .where(
            *_equal({table.c.developer: selection.developer, table.c.team: selection.team}),
            *_equal({known.c.project: selection.project}),
            *([table.c.activity.in_(selection.activities)] if selection.activities else []),
            *_between(table.c.local_day, selection.first_day, selection.last_day),
        )
        .order_by(table.c.developer, table.c.started_epoch, table.c.id)
    )
    for row in _streamed(connection, query):
        yield _exported(row, EXPORTED_ENTRY_COLUMNS)


def export_tasks(connection: Connection) -> Iterator[dict[str, Any]]:
    """All that is known of tasks and of work items as rows of EXPORTED_TASK_COLUMNS, streamed.

    Rows without developer and activity are of a task as a whole.
    """
    for table in (schema.tasks, schema.work_items):
        for row in _streamed(connection, select(table).order_by(*table.primary_key)):
            yield _exported(row, EXPORTED_TASK_COLUMNS)


def _columns_of(record: type[Any], table: Table) -> list[Column[Any]]:
    """The columns that a record has fields for."""
    return [table.c[field.name] for field in dataclasses.fields(record)]


def _equal(wanted: Mapping[Column[Any], str | None]) -> list[ColumnElement[bool]]:
    """That each column has its value; None asks nothing."""
    return [column == value for column, value in wanted.items() if value is not None]


def _between(
    day: Column[Any], first_day: int | None, last_day: int | None
) -> list[ColumnElement[bool]]:
    """That a day lies between two, both included; None is no bound."""
    first = [] if first_day is None else [day >= first_day]
    return first if last_day is None else [*first, day <= last_day]


def _streamed(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[RowMapping]:
    return iter(connection.execute(query, execution_options={"yield_per": _CHUNK}).mappings())


def _exported(row: RowMapping, columns: tuple[str, ...]) -> dict[str, Any]:
    """A row with the columns of an export: instants as ISO 8601 in the entry's zone, else in UTC."""
    zone = row.get("zone") or "UTC"
    return {name: _value(row, name, zone) for name in columns}


def _value(row: RowMapping, name: str, zone: str) -> Any:
    stored = _STORED_AS.get(name, name)
    value = row.get(stored)
    if value is None:
        return None
    if stored.endswith("_epoch"):
        return datetime.fromtimestamp(value, _zone(zone)).isoformat()
    if stored.endswith("seconds"):
        minutes, rest = divmod(value, 60)
        return value / 60 if rest else minutes
    return value


_STORED_AS = {
    "key": "source_key",
    "minutes": "seconds",
    "interruption_minutes": "interruption_seconds",
    **{
        f"{moment}_at": f"{moment}_epoch"
        for moment in ("started", "ended", "logged", "estimated", "completed", "assigned")
    },
}
"""An export's columns by what they are in the database, where that differs."""

_zone = lru_cache(maxsize=None)(times.zone)
