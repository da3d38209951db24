"""``import tasks``: what is known of tasks (title, project, estimates, completion), one task or work item a row.

With ``developer`` and ``activity`` in the map, estimates, completion and arm are those of that one work item; without
them they are the task's, for every item of it that has none of its own.
"""

from __future__ import annotations

from collections import Counter
from io import BufferedReader

from tracker.domain.errors import BadValue
from tracker.domain.records import Imported, Task
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.columns import Chunk, Columns
from tracker.sources.table.delimited import Rows, Table, joined_rows, open_table, records
from tracker.sources.table.item_columns import ITEM_COLUMNS, TASK_COLUMNS, ItemColumns, work_item
from tracker.sources.table.item_facts import ItemFacts

_ALLOWED = ("developer", "activity", "task", *ITEM_COLUMNS, *TASK_COLUMNS)


def open_log(file: BufferedReader, name: str, request: ImportContext) -> ForeignLog:
    """The list in a binary stream. BadValue in one line where file and map do not fit each other."""
    if request.map is None:
        raise BadValue(
            "a list of tasks needs a map that says what its columns are: give --map FILE.toml."
        )
    map_ = (
        request.completed(request.map)
        if request.map.has("activity")
        else request.zoned(request.map)
    )
    map_.require((("task",),), _ALLOWED, "import tasks")
    _check(map_)
    table = open_table(file, name, encoding=map_.formats.encoding, delimiter=map_.formats.delimiter)
    notes: Counter[str] = Counter()
    rows = _TaskRows(map_, table, notes)
    return ForeignLog.of_table(map_.source, table, records(table, rows.convert, rows.places), notes)


def _check(map_: ColumnMap) -> None:
    """Refuse a map whose facts would belong to nothing."""
    if map_.has("developer") != map_.has("activity"):
        raise BadValue(
            f"{map_.name} has only one of developer and activity: an estimate is for both, or for neither."
        )
    if map_.has("assigned") and not map_.has("activity"):
        raise BadValue(
            f"{map_.name} has assigned without developer and activity: an arm is that of a work item."
        )
    if map_.constants.get("assigned") is True:
        raise BadValue(
            f"{map_.name} has assigned = true: a list of tasks does not say what was assisted."
        )


class _TaskRows:
    """Turns rows into what they say of tasks and work items."""

    def __init__(self, map_: ColumnMap, table: Table, notes: Counter[str]) -> None:
        columns = Columns(map_, table.header, table.name)
        self.places = columns.places
        self._header = table.header
        self._task = columns.name("task")
        self._worker = (
            (columns.name("developer"), columns.name("activity")) if map_.has("activity") else None
        )
        self._knowledge = ItemColumns(map_, columns)
        self._said = ItemFacts(notes)

    def convert(self, rows: Rows) -> list[Imported]:
        """The records of some rows; BadCell, and nothing done, where one of them cannot be taken."""
        joined_rows(rows, self._header)
        chunk: Chunk = list(zip(*rows, strict=True))
        tasks = list(self._task(chunk))
        facts = self._knowledge.facts(chunk)
        if self._worker is None:
            named = zip(tasks, self._knowledge.names(chunk), facts, strict=True)
            said = [
                Task(
                    task,
                    *names,
                    fact.estimate_minutes,
                    fact.estimate_ai_minutes,
                    fact.completed_epoch,
                )
                for task, names, fact in named
            ]
            return [*self._said.tasks(said)]
        developers, activities = (column(chunk) for column in self._worker)
        named_tasks = self._knowledge.tasks(chunk, tasks)
        items = map(work_item, zip(developers, tasks, activities, strict=True), facts)
        return [*self._said.items(items), *self._said.tasks(named_tasks)]
