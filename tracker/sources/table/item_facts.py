"""Merging of work items and tasks over the rows of a log: one record for each new fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from tracker.domain.records import Task, WorkItem
from tracker.sources.table.cells import BadCell

_MAX_REMEMBERED = 32_768
"""The number of work items, and of tasks, whose facts are kept in memory."""
_ESTIMATES = ("estimate_minutes", "estimate_ai_minutes", "estimate_points")

OTHER_ESTIMATE = (
    "rows whose estimate differs from an earlier one of the same work: the first is kept"
)
"""A note of an import, which counts the rows."""
OTHER_DATED_ESTIMATE = (
    "rows whose estimate differs from another of the same work: the last one made before the work "
    "began is kept"
)
"""The same for rows with the date of the estimate."""

_Key = tuple[str, ...]
_R = TypeVar("_R", WorkItem, Task)


class ItemFacts:
    """The facts about each work item and task in the rows so far, in bounded memory.

    The first estimate, the latest completion, and the last title and project are kept. Estimates
    with different dates are all returned, since only the database knows when the work began; an
    estimate without a date is then dropped. An arm that differs from an earlier one is rejected.
    """

    def __init__(self, notes: Counter[str]) -> None:
        self._notes = notes
        self._items: dict[_Key, WorkItem] = {}
        self._tasks: dict[_Key, Task] = {}

    def merge_items(self, items: Iterable[WorkItem]) -> list[WorkItem]:
        """Merge work items with the earlier ones.

        Returns:
            One merged record for each work item with a new fact, and one for each further estimate
            with another date.

        Raises:
            BadCell: An arm contradicts an earlier one. Nothing is remembered then.
        """
        keyed = (((item.developer, item.task, item.activity), item) for item in items)
        return self._merge(self._items, keyed, _merge_item)

    def merge_tasks(self, tasks: Iterable[Task]) -> list[Task]:
        """Merge tasks with the earlier ones; return a merged record for each with a new fact."""
        return self._merge(self._tasks, (((task.task,), task) for task in tasks), _merge_task)

    def _merge(
        self,
        memory: dict[_Key, _R],
        keyed: Iterable[tuple[_Key, _R]],
        merge: Callable[[_R, _R], _R],
    ) -> list[_R]:
        """Merge records with those in ``memory``; remember and return those that changed."""
        changed: dict[_Key, _R] = {}
        alternatives: list[_R] = []
        differences: Counter[str] = Counter()
        for key, record in keyed:
            earlier = changed.get(key) or memory.get(key)
            merged = record if earlier is None else merge(earlier, record)
            if earlier is not None:
                differences.update(_difference(earlier, record))
                if key in changed and _have_different_dates(earlier, record):
                    alternatives.append(earlier)
            if merged != earlier:
                changed[key] = merged
        self._notes.update(differences)
        if len(memory) > _MAX_REMEMBERED:
            memory.clear()
        memory.update(changed)
        alternatives.extend(changed.values())
        return alternatives


def _difference(earlier: WorkItem | Task, later: WorkItem | Task) -> list[str]:
    """Return the note about a later row with a different estimate, as a list of none or one."""
    pairs = [(getattr(earlier, name), getattr(later, name)) for name in _ESTIMATES]
    if not any(None not in pair and pair[0] != pair[1] for pair in pairs):
        return []
    are_dated = earlier.estimated_epoch is not None or later.estimated_epoch is not None
    return [OTHER_DATED_ESTIMATE if are_dated else OTHER_ESTIMATE]


def _have_different_dates(earlier: WorkItem | Task, later: WorkItem | Task) -> bool:
    dates = {earlier.estimated_epoch, later.estimated_epoch}
    return len(dates) == 2 and None not in dates


def _merge_estimates(earlier: _R, later: _R) -> dict[str, Any]:
    """Return the fields of the estimate of two rows.

    An estimate with a date takes precedence; of two with dates, that of the later row.
    """
    has_estimate = any(getattr(later, name) is not None for name in _ESTIMATES)
    if later.estimated_epoch is not None and later.estimated_epoch != earlier.estimated_epoch:
        source = later
    elif earlier.estimated_epoch is not None and later.estimated_epoch is None and has_estimate:
        source = earlier
    else:
        return {name: _first(getattr(earlier, name), getattr(later, name)) for name in _ESTIMATES}
    return {name: getattr(source, name) for name in (*_ESTIMATES, "estimated_epoch")}


def _merge_item(earlier: WorkItem, later: WorkItem) -> WorkItem:
    if None not in (earlier.assigned, later.assigned) and earlier.assigned != later.assigned:
        raise BadCell(
            "assigned",
            f"{later.assigned} here, {earlier.assigned} in an earlier row of the same work: "
            "it has one arm",
        )
    return replace(
        earlier,
        **_merge_estimates(earlier, later),
        completed_epoch=_latest(earlier.completed_epoch, later.completed_epoch),
        assigned=earlier.assigned or later.assigned,
        assistance_share=earlier.assistance_share or later.assistance_share,
    )


def _merge_task(earlier: Task, later: Task) -> Task:
    return replace(
        earlier,
        title=later.title or earlier.title,
        project=later.project or earlier.project,
        **_merge_estimates(earlier, later),
        completed_epoch=_latest(earlier.completed_epoch, later.completed_epoch),
    )


def _first(earlier: float | None, later: float | None) -> float | None:
    return later if earlier is None else earlier


def _latest(earlier: int | None, later: int | None) -> int | None:
    return max((epoch for epoch in (earlier, later) if epoch is not None), default=None)
