"""Which of several estimates of the same work is stored, and how well they fit the log.

The last estimate made before the first entry is stored, as with `tracker estimate`. Where all were
made later, it is the earliest, which does not count. An estimate without a date never replaces one
with a date.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, select

from tracker.domain.records import Task, WorkItem
from tracker.store.schema import entries, tasks, work_items
from tracker.store.write.keyed_rows import rows_by_keys

Key = tuple[str, ...]
"""The primary key of a work item or a task."""
_AnyKey = TypeVar("_AnyKey", tuple[str, str, str], str)
Row = Mapping[str, Any]

_ESTIMATES = ("estimate_minutes", "estimate_ai_minutes", "estimate_points")
_FIELDS = (*_ESTIMATES, "estimated_epoch")
_CHUNK_SIZE = 10_000
"""Keys looked up at a time."""


@dataclass(frozen=True, slots=True)
class EstimateCounts:
    """The estimates that an import brings: one for each work item or task."""

    estimates: int
    with_entries: int
    """Estimates whose task has entries."""
    undated: int
    """Estimates of which it is not known when they were made."""
    late: int
    """Stored estimates that were made after the work began, so that they do not count for it."""


class EstimateChoice:
    """Chooses among the estimates of the same work: those of an import and those stored before."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rivals: dict[Key, set[tuple[Any, ...]]] = {}

    def merge(self, key: Key, earlier: Row, later: Row) -> dict[str, Any]:
        """Return ``earlier`` with the values of ``later`` that are not None.

        Of two estimates with different dates the earlier row's stays, until :meth:`settled`.
        """
        values = {name: value for name, value in later.items() if value is not None}
        if _has_estimate(earlier) and _has_estimate(later):
            dates = earlier["estimated_epoch"], later["estimated_epoch"]
            if None not in dates and dates[0] != dates[1]:
                rivals = self._rivals.setdefault(key, set())
                rivals.update(tuple(row[name] for name in _FIELDS) for row in (earlier, later))
            if dates[0] is not None and dates[0] != dates[1]:
                values = {name: value for name, value in values.items() if name not in _FIELDS}
        return {**earlier, **values}

    def settled(self, connection: Connection) -> Iterator[dict[Key, dict[str, Any]]]:
        """Yield the estimates of work items or tasks that have several, by key, in batches."""
        keys = iter(self._rivals)
        while chunk := list(islice(keys, _CHUNK_SIZE)):
            starts = first_starts(connection, self._table, chunk)
            yield {key: _last_before(self._rivals[key], starts.get(key)) for key in chunk}


class EstimateTally:
    """The work items and tasks of an import that have an estimate."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str, str], int | None] = {}
        """Key → the date of the estimate."""
        self._tasks: dict[str, int | None] = {}
        """The same for tasks. Their keys are texts: a log may have many, and tuples take memory."""

    def __bool__(self) -> bool:
        return bool(self._items or self._tasks)

    def add(self, records: Iterable[WorkItem | Task]) -> None:
        """Add the work items and tasks with an estimate among some records."""
        for record in records:
            if all(getattr(record, name) is None for name in _ESTIMATES):
                continue
            if isinstance(record, Task):
                _add_date(self._tasks, record.task, record.estimated_epoch)
            else:
                key = (record.developer, record.task, record.activity)
                _add_date(self._items, key, record.estimated_epoch)

    def counts(self, connection: Connection, tasks_with_entries: Iterable[str]) -> EstimateCounts:
        """Return the counts, after all records are stored.

        Args:
            connection: The transaction.
            tasks_with_entries: The tasks that have entries, each once.
        """
        items_of = Counter(task for _, task, _ in self._items)
        dated_items = [key for key, epoch in self._items.items() if epoch is not None]
        dated_tasks = [(task,) for task, epoch in self._tasks.items() if epoch is not None]
        estimates = len(self._items) + len(self._tasks)
        return EstimateCounts(
            estimates=estimates,
            with_entries=sum((task in self._tasks) + items_of[task] for task in tasks_with_entries),
            undated=estimates - len(dated_items) - len(dated_tasks),
            late=_count_late(connection, work_items, dated_items)
            + _count_late(connection, tasks, dated_tasks),
        )


def _add_date(dates: dict[_AnyKey, int | None], key: _AnyKey, epoch: int | None) -> None:
    """Add the date of an estimate; None does not replace one."""
    if epoch is not None or key not in dates:
        dates[key] = epoch


def first_starts(connection: Connection, table: Table, keys: Sequence[Key]) -> dict[Key, int]:
    """Return when work began on work items or tasks; nothing for those without entries.

    Args:
        connection: The transaction.
        table: ``work_items`` or ``tasks``; what the keys belong to.
        keys: Their keys.
    """
    names = [column.name for column in table.primary_key]
    if len(names) == 1:  # a task's: no index of entries leads with it, so that it is one scan
        first = func.min(entries.c.started_epoch)
        wanted = set(keys)
        rows = connection.execute(select(entries.c.task, first).group_by(entries.c.task))
        return {(task,): start for task, start in rows if (task,) in wanted}
    query = rows_by_keys(entries, names, connection.dialect.name, (*names, "started_epoch"))
    starts: dict[Key, int] = {}
    for *parts, start in connection.execute(query, {"keys": json.dumps(keys)}):
        key = tuple(parts)
        starts[key] = min(start, starts.get(key, start))
    return starts


def _count_late(connection: Connection, table: Table, dated: Sequence[Key]) -> int:
    """Count the stored estimates of these keys that were made after the work began."""
    names = [column.name for column in table.primary_key]
    keys = iter(dated)
    query = rows_by_keys(table, names, connection.dialect.name, (*names, "estimated_epoch"))
    late = 0
    while chunk := list(islice(keys, _CHUNK_SIZE)):
        starts = first_starts(connection, table, chunk)
        rows = connection.execute(query, {"keys": json.dumps(chunk)})
        late += sum(
            epoch is not None and epoch > starts.get(tuple(parts), epoch) for *parts, epoch in rows
        )
    return late


def _last_before(rivals: set[tuple[Any, ...]], start: int | None) -> dict[str, Any]:
    """Return the last estimate made before an instant (None: of all), else the earliest."""
    by_date = sorted(rivals, key=lambda rival: (rival[-1], repr(rival)))
    early = [rival for rival in by_date if start is None or rival[-1] <= start]
    chosen = early[-1] if early else by_date[0]
    return {name: value for name, value in zip(_FIELDS, chosen, strict=True) if value is not None}


def _has_estimate(row: Row) -> bool:
    return any(row.get(name) is not None for name in _ESTIMATES)
