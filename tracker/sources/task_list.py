"""``import tasks``: facts about tasks (title, project, estimates, completion), one a row.

With ``developer`` and ``activity`` in the map, estimates, completion and arm are those of that one
work item. Without them they are the task's, for every item of it that has none of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from io import BufferedReader

from tracker.domain.errors import BadValue
from tracker.domain.records import Imported, Task
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.cells import BadCell, Chunk
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.columns import Columns
from tracker.sources.table.delimited import Rows, Table, encode_rows, read_records
from tracker.sources.table.item_columns import ITEM_COLUMNS, TASK_COLUMNS, ItemColumns
from tracker.sources.table.item_facts import ItemFacts
from tracker.sources.table.json_table import open_mapped_table
from tracker.sources.table.total_row import is_total_word, skip_totals

_ALLOWED = ("developer", "activity", "task", *ITEM_COLUMNS, *TASK_COLUMNS)


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open a list of tasks.

    Raises:
        BadValue: There is no map, or the file and the map do not fit each other.
    """
    if context.map is None:
        raise BadValue(
            "a list of tasks needs a map that says what its columns are: give --map FILE.toml; "
            f"`tracker import tasks {name} --suggest -o FILE.toml` drafts one."
        )
    has_items = context.map.has("activity")
    map_ = context.with_defaults(context.map) if has_items else context.with_zone(context.map)
    map_.require((("task",),), _ALLOWED, "import tasks")
    _check_map(map_)
    table = open_mapped_table(file, name, map_.formats)
    notes: Counter[str] = Counter()
    rows = _TaskRows(map_, table, notes)
    records = read_records(table, rows.convert, rows.positions)
    records = skip_totals(records, table, rows.positions, map_.formats.missing)
    return ForeignLog(map_.source, records, notes, table)


def _check_map(map_: ColumnMap) -> None:
    """Raise BadValue for a map whose facts would belong neither to a task nor to a work item."""
    if map_.join is not None:
        raise BadValue(
            f"{map_.name} has [join]: a list of tasks is joined to the log by its tasks; "
            "import the other file by itself."
        )
    if map_.has("developer") != map_.has("activity"):
        raise BadValue(
            f"{map_.name} has only one of developer and activity: "
            "an estimate is for both, or for neither."
        )
    if map_.has("assigned") and not map_.has("activity"):
        raise BadValue(
            f"{map_.name} has assigned without developer and activity: "
            "an arm is that of a work item."
        )
    if map_.constants.get("assigned") is True:
        raise BadValue(
            f"{map_.name} has assigned = true: a list of tasks does not say what was assisted."
        )


class _TaskRows:
    """Converts rows to tasks and work items."""

    def __init__(self, map_: ColumnMap, table: Table, notes: Counter[str]) -> None:
        columns = Columns(map_, table.header, table.name)
        self.positions = columns.positions
        self._header = table.header
        self._task = columns.name("task")
        self._item_key = (
            (columns.name("developer"), columns.name("activity")) if map_.has("activity") else None
        )
        self._item_columns = ItemColumns(map_, columns)
        self._facts = ItemFacts(notes)

    def convert(self, rows: Rows) -> list[Imported]:
        """Return the records of some rows.

        Raises:
            BadCell: A row is rejected, or holds totals; then nothing is remembered of any.
        """
        encode_rows(rows, self._header)
        chunk: Chunk = list(zip(*rows, strict=True))
        tasks = list(self._task(chunk))
        row_facts = self._item_columns.facts(chunk)
        if self._item_key is None:
            texts = self._item_columns.titles_and_projects(chunk)
            _check_no_totals(tasks, texts)
            whole_tasks = [
                Task(
                    task,
                    title,
                    project,
                    facts.estimate_minutes,
                    facts.estimate_ai_minutes,
                    facts.completed_epoch,
                    facts.estimated_epoch,
                    facts.estimate_points,
                )
                for task, (title, project), facts in zip(tasks, texts, row_facts, strict=True)
            ]
            return [*self._facts.merge_tasks(whole_tasks)]
        developers, activities = (read(chunk) for read in self._item_key)
        described_tasks = self._item_columns.tasks(chunk, tasks)
        keys = zip(developers, tasks, activities, strict=True)
        items = map(self._item_columns.work_item, keys, row_facts)
        return [*self._facts.merge_items(items), *self._facts.merge_tasks(described_tasks)]


def _check_no_totals(tasks: Iterable[str], texts: Iterable[tuple[str | None, str | None]]) -> None:
    """Raise BadCell for a row of totals: its task is a word for them, without title and project."""
    for task, described in zip(tasks, texts, strict=True):
        if is_total_word(task) and not any(described):
            raise BadCell("task", "it stands for totals, not for a task; remove the row")
