"""The columns of a foreign log about work items and tasks, such as estimates and titles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, cast

from tracker.domain.entry_batch import EntryBatch
from tracker.domain.records import Arm, Assisted, Task, WorkItem
from tracker.sources.table.cells import Chunk
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.columns import Columns
from tracker.sources.table.map_columns import SHARE

ITEM_COLUMNS = (
    *("estimate_minutes", "estimate_ai_minutes", "estimated_at"),
    *("completed_at", "assigned", SHARE),
)
TASK_COLUMNS = ("title", "project")

_ARMS: dict[Assisted, Arm] = {"yes": "assistance", "no": "baseline"}
_ItemKey = tuple[str, str, str]
"""Developer, task, activity."""


class RowFacts(NamedTuple):
    """The facts in a row about its work item."""

    estimate_minutes: float | None
    estimate_ai_minutes: float | None
    completed_epoch: int | None
    assigned: Arm | Literal[True] | None
    """The drawn arm. True (from the map's constants) means the arm of ``assisted``."""
    estimated_epoch: int | None
    """When the estimates were made; None without an estimate."""
    estimate_points: float | None = None


class ItemColumns:
    """Reads the columns of estimates, completion, arms, titles and projects.

    A file without dates (its ``date`` is a constant) lists finished work. Its items are complete at
    the end of their entry, unless the map has a column or constant for completion.
    """

    def __init__(self, map_: ColumnMap, columns: Columns) -> None:
        has_dates = not {"started_at", "date"}.isdisjoint(map_.read_columns)
        self._is_finished_work = (
            "date" in map_.constants and not has_dates and not map_.has("completed_at")
        )
        self._has_item_columns = self._is_finished_work or any(map(map_.has, ITEM_COLUMNS))
        self._has_task_columns = any(map(map_.has, TASK_COLUMNS))
        self._in_points = map_.units.get("estimate_minutes") == "points"
        self._estimate = columns.estimate("estimate_minutes")
        self._estimate_ai = columns.estimate("estimate_ai_minutes")
        self._completed = columns.instants("completed_at")
        self._assigned = columns.category("assigned")
        self._estimated = columns.instants("estimated_at")
        self._share = cast("float | None", map_.constants.get(SHARE))
        self._title = columns.text("title")
        self._project = columns.text("project")

    def facts(self, chunk: Chunk) -> list[RowFacts]:
        """Return the facts of each row about its work item."""
        completed = [instant and instant[0] for instant in self._completed(chunk)]
        arms = cast("Iterable[Arm | Literal[True] | None]", self._assigned(chunk))
        estimates, estimates_ai = list(self._estimate(chunk)), list(self._estimate_ai(chunk))
        none = [None] * len(estimates)
        minutes, points = (none, estimates) if self._in_points else (estimates, none)
        estimated = (
            instant[0] if instant and (estimate or estimate_ai) else None
            for instant, estimate, estimate_ai in zip(
                self._estimated(chunk), estimates, estimates_ai, strict=True
            )
        )
        return list(map(RowFacts, minutes, estimates_ai, completed, arms, estimated, points))

    def titles_and_projects(self, chunk: Chunk) -> list[tuple[str | None, str | None]]:
        """Return the title and the project of the task of each row."""
        return list(zip(self._title(chunk), self._project(chunk), strict=True))

    def work_items(self, chunk: Chunk, entries: EntryBatch) -> list[WorkItem]:
        """Return a work item for each row that holds a fact about it.

        Args:
            chunk: The rows.
            entries: The entries of the same rows.
        """
        if not self._has_item_columns:
            return []
        items = []
        columns = entries.columns
        keys = zip(columns["developer"], columns["task"], columns["activity"], strict=True)
        rows = zip(keys, columns["assisted"], columns["logged_epoch"], strict=True)
        for (key, assisted, logged_epoch), cells in zip(rows, self.facts(chunk), strict=True):
            facts = cells
            if facts.assigned is True:
                facts = facts._replace(assigned=_ARMS.get(assisted))
            if self._is_finished_work:
                facts = facts._replace(completed_epoch=logged_epoch)
            if any(facts):
                items.append(self.work_item(key, facts))
        return items

    def tasks(self, chunk: Chunk, tasks: Iterable[str]) -> list[Task]:
        """Return a task for each row that holds a title or a project."""
        if not self._has_task_columns:
            return []
        return [
            Task(task, *texts)
            for task, texts in zip(tasks, self.titles_and_projects(chunk), strict=True)
            if any(texts)
        ]

    def work_item(self, key: _ItemKey, facts: RowFacts) -> WorkItem:
        """Return a work item with these facts; one with an arm has the share of the draw, too."""
        assigned = None if facts.assigned is True else facts.assigned
        return WorkItem(
            *key,
            estimate_minutes=facts.estimate_minutes,
            estimate_ai_minutes=facts.estimate_ai_minutes,
            estimated_epoch=facts.estimated_epoch,
            completed_epoch=facts.completed_epoch,
            assigned=assigned,
            assistance_share=self._share if assigned else None,
            estimate_points=facts.estimate_points,
        )
