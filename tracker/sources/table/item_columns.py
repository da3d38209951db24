"""What the rows of a foreign log say, beside the work itself, of work items and of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, cast

from tracker.domain.records import Arm, Assisted, Task, WorkItem
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.columns import Chunk, Columns

ITEM_COLUMNS = ("estimate_minutes", "estimate_ai_minutes", "completed_at", "assigned")
TASK_COLUMNS = ("title", "project")

_ARMS: dict[Assisted, Arm] = {"yes": "assistance", "no": "baseline"}
_Key = tuple[str, str, str]
"""developer, task, activity."""


class RowFacts(NamedTuple):
    """What a row says of its work item."""

    estimate_minutes: float | None
    estimate_ai_minutes: float | None
    completed_epoch: int | None
    assigned: Arm | Literal[True] | None
    """True: as ``assisted`` tells, which says so in the map's constants."""


class ItemColumns:
    """Reads the columns that estimates, completion, arms, titles and projects stand in.

    A file without dates (its one ``date`` is a constant) lists finished work: there an item is complete with its
    entry, unless the map says something of completion.
    """

    def __init__(self, map_: ColumnMap, columns: Columns) -> None:
        dated = {"started_at", "date"} & set(map_.columns)
        self._finished = "date" in map_.constants and not dated and not map_.has("completed_at")
        self._of_items = self._finished or any(map(map_.has, ITEM_COLUMNS))
        self._of_tasks = any(map(map_.has, TASK_COLUMNS))
        self._estimate = columns.estimate("estimate_minutes")
        self._estimate_ai = columns.estimate("estimate_ai_minutes")
        self._completed = columns.instants("completed_at")
        self._assigned = columns.word("assigned")
        self._title = columns.text("title")
        self._project = columns.text("project")

    def facts(self, chunk: Chunk) -> list[RowFacts]:
        """What each row says of its work item, as it stands there."""
        completed = [moment and moment[0] for moment in self._completed(chunk)]
        arms = cast("Iterable[Arm | Literal[True] | None]", self._assigned(chunk))
        return list(map(RowFacts, self._estimate(chunk), self._estimate_ai(chunk), completed, arms))

    def names(self, chunk: Chunk) -> list[tuple[str | None, str | None]]:
        """The title and the project that each row gives its task."""
        return list(zip(self._title(chunk), self._project(chunk), strict=True))

    def work_items(
        self, chunk: Chunk, keys: Iterable[_Key], assisted: Sequence[Assisted], ended: Sequence[int]
    ) -> list[WorkItem]:
        """One record for each row of a log that says something of its work item.

        ``assisted`` and ``ended`` (epochs) are those of the rows' entries.
        """
        if not self._of_items:
            return []
        items = []
        for key, facts, flag, end in zip(keys, self.facts(chunk), assisted, ended, strict=True):
            arm = _ARMS.get(flag) if facts.assigned is True else facts.assigned
            said = facts._replace(
                assigned=arm, completed_epoch=end if self._finished else facts.completed_epoch
            )
            if any(said):
                items.append(work_item(key, said))
        return items

    def tasks(self, chunk: Chunk, tasks: Iterable[str]) -> list[Task]:
        """One record for each row that gives its task a title or a project."""
        if not self._of_tasks:
            return []
        return [
            Task(task, *names)
            for task, names in zip(tasks, self.names(chunk), strict=True)
            if any(names)
        ]


def work_item(key: _Key, facts: RowFacts) -> WorkItem:
    """The record of a work item of which that is known."""
    return WorkItem(
        *key,
        estimate_minutes=facts.estimate_minutes,
        estimate_ai_minutes=facts.estimate_ai_minutes,
        completed_epoch=facts.completed_epoch,
        assigned=None if facts.assigned is True else facts.assigned,
    )
