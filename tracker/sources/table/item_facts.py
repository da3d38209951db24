"""What a foreign log says of work items and tasks, row after row → a record for each, again only when it says more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from tracker.domain.records import Task, WorkItem
from tracker.sources.table.cells import BadCell

_REMEMBERED = 65_536

OTHER_ESTIMATE = (
    "rows whose estimate differs from an earlier one of the same work: the first is the one kept"
)
"""A note, beside the number of rows it holds for."""

_Key = tuple[str, ...]
_R = TypeVar("_R", WorkItem, Task)


class ItemFacts:
    """Remembers what was said of each work item and task, as far back as memory should go.

    The first estimate counts, the latest completion, the last title and project; an arm is drawn once, so a second,
    different one is refused.
    """

    def __init__(self, notes: Counter[str]) -> None:
        self._notes = notes
        self._items: dict[_Key, WorkItem] = {}
        self._tasks: dict[_Key, Task] = {}

    def items(self, said: Iterable[WorkItem]) -> list[WorkItem]:
        """One record for each work item of which ``said`` says something new. BadCell, and nothing is remembered,
        where an arm contradicts an earlier one.
        """
        keyed = (((item.developer, item.task, item.activity), item) for item in said)
        return self._news(self._items, keyed, _merged_item)

    def tasks(self, said: Iterable[Task]) -> list[Task]:
        """One record for each task of which ``said`` says something new."""
        return self._news(self._tasks, (((task.task,), task) for task in said), _merged_task)

    def _news(
        self,
        memory: dict[_Key, _R],
        keyed: Iterable[tuple[_Key, _R]],
        merge: Callable[[_R, _R], _R],
    ) -> list[_R]:
        """What was said, merged with what is remembered, where that makes a difference; remembered from now on."""
        fresh: dict[_Key, _R] = {}
        differing = 0
        for key, record in keyed:
            known = fresh.get(key) or memory.get(key)
            differing += known is not None and _differs(known, record)
            merged = record if known is None else merge(known, record)
            if merged != known:
                fresh[key] = merged
        self._notes.update({OTHER_ESTIMATE: differing} if differing else {})
        if len(memory) > _REMEMBERED:
            memory.clear()
        memory.update(fresh)
        return list(fresh.values())


def _differs(known: WorkItem | Task, said: WorkItem | Task) -> bool:
    pairs = (
        (known.estimate_minutes, said.estimate_minutes),
        (known.estimate_ai_minutes, said.estimate_ai_minutes),
    )
    return any(
        before is not None and after is not None and before != after for before, after in pairs
    )


def _merged_item(known: WorkItem, said: WorkItem) -> WorkItem:
    if None not in (known.assigned, said.assigned) and known.assigned != said.assigned:
        raise BadCell(
            "assigned",
            f"{said.assigned} here, {known.assigned} in an earlier row of the same work: it has one arm",
        )
    return replace(
        known,
        estimate_minutes=_first(known.estimate_minutes, said.estimate_minutes),
        estimate_ai_minutes=_first(known.estimate_ai_minutes, said.estimate_ai_minutes),
        completed_epoch=_latest(known.completed_epoch, said.completed_epoch),
        assigned=known.assigned or said.assigned,
    )


def _merged_task(known: Task, said: Task) -> Task:
    return replace(
        known,
        title=said.title or known.title,
        project=said.project or known.project,
        estimate_minutes=_first(known.estimate_minutes, said.estimate_minutes),
        estimate_ai_minutes=_first(known.estimate_ai_minutes, said.estimate_ai_minutes),
        completed_epoch=_latest(known.completed_epoch, said.completed_epoch),
    )


def _first(known: float | None, said: float | None) -> float | None:
    return said if known is None else known


def _latest(known: int | None, said: int | None) -> int | None:
    return max((epoch for epoch in (known, said) if epoch is not None), default=None)
