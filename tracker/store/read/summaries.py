"""One developer's own hours: by day, and by task against the estimates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, or_, select

from tracker.domain import stored_times, times
from tracker.domain.validation import MAX_SECONDS
from tracker.store import schema
from tracker.store.conditions import matches_name

_COLUMNS = ("started_epoch", "ended_epoch", "seconds", "zone", "local_day", "activity", "task")


class Effort(NamedTuple):
    """What effort is summed by."""

    day: int
    activity: str
    task: str
    project: str | None


def efforts(
    connection: Connection,
    developer: str,
    first_day: int | None = None,
    last_day: int | None = None,
) -> Counter[Effort]:
    """Return the seconds of one developer's effort; both local days are included.

    An entry that lasts over midnight counts for each of its days, in proportion to its time there.
    """
    table, tasks = schema.entries, schema.tasks
    query = (
        select(*(table.c[name] for name in _COLUMNS), tasks.c.project)
        .select_from(table.outerjoin(tasks, tasks.c.task == table.c.task))
        .where(matches_name(table.c.developer, developer))
    )
    if last_day is not None:
        query = query.where(table.c.local_day <= last_day)
    if first_day is not None:  # two days before it at most, whatever the zone
        earliest_end = (first_day - 2) * times.DAY_SECONDS
        query = query.where(
            or_(table.c.local_day >= first_day, table.c.ended_epoch >= earliest_end)
        )
    sums: Counter[Effort] = Counter()
    for row in connection.execute(query):
        for day, seconds in _effort_by_day(row):
            if (first_day is None or day >= first_day) and (last_day is None or day <= last_day):
                sums[Effort(day, row.activity, row.task, row.project)] += seconds
    return sums


def project_of(connection: Connection, task: str) -> str | None:
    """Return the project of a task; None where none is recorded."""
    query = select(schema.tasks.c.project).where(matches_name(schema.tasks.c.task, task))
    project: str | None = connection.execute(query).scalar()
    return project


def _effort_by_day(row: Any) -> list[tuple[int, int]]:
    """Return (local day, seconds of effort) of an entry, one a day that it lasts on."""
    if row.ended_epoch is None or row.ended_epoch <= row.started_epoch:
        return [(row.local_day, row.seconds)]
    zone = stored_times.stored_zone(row.zone)
    if zone is None or not stored_times.is_readable(row.zone, row.started_epoch, row.ended_epoch):
        return [(row.local_day, row.seconds)]
    if row.ended_epoch - row.started_epoch > MAX_SECONDS:  # not split into 100,000 days
        return [(row.local_day, row.seconds)]
    parts = times.split_by_day(row.started_epoch, row.ended_epoch, zone)
    if len(parts) == 1:
        return [(row.local_day, row.seconds)]
    return times.share_by_day(parts, row.seconds)


@dataclass(frozen=True, slots=True)
class WorkSummary:
    """A developer's own work on a task, or on one activity of it."""

    task: str
    activity: str
    seconds: int
    estimate_minutes: float | None
    """The developer's own estimate."""
    estimated_epoch: int | None
    """When it was made; it does not count where the work began before."""
    first_epoch: int | None
    """When the first entry began; None without entries."""
    last_epoch: int | None
    completed_epoch: int | None
    """When the work item or the task was marked complete."""
    title: str | None
    project: str | None


def work_summaries(
    connection: Connection,
    developer: str,
    *,
    task: str | None = None,
    project: str | None = None,
) -> list[WorkSummary]:
    """Return one developer's work items with their effort, by task and activity.

    A work item has an entry, or a fact such as an estimate.
    """
    entries, items, tasks = schema.entries, schema.work_items, schema.tasks
    sums = (
        select(
            entries.c.task,
            entries.c.activity,
            func.sum(entries.c.seconds).label("seconds"),
            func.min(entries.c.started_epoch).label("first_epoch"),
            func.max(entries.c.started_epoch).label("last_epoch"),
        )
        .where(
            matches_name(entries.c.developer, developer),
            *([matches_name(entries.c.task, task)] if task else []),
        )
        .group_by(entries.c.task, entries.c.activity)
    )
    worked = {(row.task, row.activity): row for row in connection.execute(sums)}
    facts_query = select(
        *(items.c.task, items.c.activity),
        *(items.c.estimate_minutes, items.c.estimated_epoch, items.c.completed_epoch),
    ).where(
        matches_name(items.c.developer, developer),
        *([matches_name(items.c.task, task)] if task else []),
    )
    facts = {(row.task, row.activity): row for row in connection.execute(facts_query)}
    keys = sorted({*worked, *facts})
    task_query = select(tasks.c.task, tasks.c.title, tasks.c.project, tasks.c.completed_epoch)
    if task:
        task_query = task_query.where(matches_name(tasks.c.task, task))
    if project:
        task_query = task_query.where(matches_name(tasks.c.project, project))
    wholes = {row.task: row for row in connection.execute(task_query)}
    summaries = []
    for key in keys:
        effort, fact, whole = worked.get(key), facts.get(key), wholes.get(key[0])
        if project and whole is None:
            continue
        completed = [
            r.completed_epoch for r in (fact, whole) if r and r.completed_epoch is not None
        ]
        summaries.append(
            WorkSummary(
                *key,
                seconds=int(effort.seconds) if effort else 0,
                estimate_minutes=fact.estimate_minutes if fact else None,
                estimated_epoch=fact.estimated_epoch if fact else None,
                first_epoch=effort.first_epoch if effort else None,
                last_epoch=effort.last_epoch if effort else None,
                completed_epoch=min(completed, default=None),
                title=whole.title if whole else None,
                project=whole.project if whole else None,
            )
        )
    return summaries
