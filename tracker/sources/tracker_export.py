"""``import tracker``: what ``tracker export entries`` or ``export tasks`` wrote, as CSV or JSON, back without loss."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime
from functools import lru_cache
from io import BufferedReader
from typing import cast, get_args
from zoneinfo import ZoneInfo

from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.domain.records import (
    ARMS,
    ASSISTED,
    EXPORTED_ENTRY_COLUMNS,
    EXPORTED_TASK_COLUMNS,
    Arm,
    Assisted,
    Basis,
    Entry,
    Imported,
    Task,
    WorkItem,
)
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.cells import BadCell
from tracker.sources.table.delimited import Rows, Table, joined_rows, open_table, records
from tracker.sources.table.item_facts import ItemFacts
from tracker.sources.table.json_table import begins_json, open_json_table

_ENTRIES_NEED = (
    "id",
    "developer",
    "task",
    "activity",
    "started_at",
    "zone",
    "minutes",
    "logged_at",
)
_TASKS_NEED = ("task", "developer", "activity", "estimate_minutes")
_BASES: tuple[str, ...] = get_args(Basis)


def open_log(file: BufferedReader, name: str, request: ImportContext) -> ForeignLog:
    """The export in a binary stream. BadValue in one line where it is none, or where a map is given for it."""
    if request.map is not None:
        raise BadValue("an export says itself what its columns are: leave out --map.")
    table = open_json_table(file, name) if begins_json(file) else open_table(file, name)
    notes: Counter[str] = Counter()
    rows = _ExportedRows(table, notes)
    return ForeignLog.of_table("tracker", table, records(table, rows.convert, rows.places), notes)


class _ExportedRows:
    """Turns the rows of an export into the records that they were written from."""

    def __init__(self, table: Table, notes: Counter[str]) -> None:
        self._are_entries = "started_at" in table.header
        needed = _ENTRIES_NEED if self._are_entries else _TASKS_NEED
        known = EXPORTED_ENTRY_COLUMNS if self._are_entries else EXPORTED_TASK_COLUMNS
        missing = [ours for ours in needed if ours not in table.header]
        strange = [theirs for theirs in table.header if theirs not in known]
        if missing or strange:
            fault = (
                f"it has no column {missing[0]}"
                if missing
                else f"{strange[0]!r} is no column of one"
            )
            raise BadValue(
                f"{table.name} is not what `tracker export` wrote: {fault}; another log needs `import csv`."
            )
        self.places = {ours: (index,) for index, ours in enumerate(table.header)}
        self._header = table.header
        self._said = ItemFacts(notes)

    def convert(self, rows: Rows) -> list[Imported]:
        """The records of some rows; BadCell, and nothing done, where one of them cannot be taken."""
        joined_rows(rows, self._header)
        cells = [_Cells(dict(zip(self._header, row, strict=True))) for row in rows]
        if self._are_entries:
            return self._of_entries(cells)
        # a row without developer and activity is of the task as a whole
        items = [_work_item(row) for row in cells if row.text("activity") is not None]
        tasks = [_task(row, as_a_whole=True) for row in cells if row.text("activity") is None]
        return [*self._said.items(items), *self._said.tasks(tasks)]

    def _of_entries(self, cells: list[_Cells]) -> list[Imported]:
        """The entries, and what stands beside them of their work items and tasks where it is anything."""
        entries = [_entry(row) for row in cells]
        items = [item for item in map(_work_item, cells) if _says_something(item)]
        tasks = [task for row in cells if _says_something(task := _task(row, as_a_whole=False))]
        return [*entries, *self._said.items(items), *self._said.tasks(tasks)]


class _Cells:
    """One row of an export: the empty text is None."""

    def __init__(self, row: dict[str, str]) -> None:
        self._row = row

    def text(self, ours: str) -> str | None:
        return self._row.get(ours) or None

    def needed(self, ours: str) -> str:
        text = self.text(ours)
        if text is None:
            raise BadCell(ours, "it is missing; fill it in")
        return text

    def word(self, ours: str, words: tuple[str, ...]) -> str | None:
        text = self.text(ours)
        if text is not None and text not in words:
            raise BadCell(ours, f"it is none of {', '.join(words)}")
        return text

    def number(self, ours: str) -> float | None:
        text = self.text(ours)
        try:
            number = None if text is None else float(text)
        except ValueError:
            number = math.nan
        if number is not None and not 0 <= number < math.inf:
            raise BadCell(ours, "it is not a number of minutes, 0 or more")
        return number

    def epoch(self, ours: str) -> int | None:
        text = self.text(ours)
        if text is None:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise BadCell(ours, "it is not an ISO 8601 time with its offset") from None
        if instant.tzinfo is None or instant.year < 1970:
            raise BadCell(ours, "it is not an ISO 8601 time with its offset, from 1970 on")
        return int(instant.timestamp() // 1)

    def zone(self, ours: str) -> ZoneInfo:
        try:
            return _zone(self.needed(ours))
        except BadValue as error:
            raise BadCell(ours, str(error).rstrip(".?")) from None


_zone = lru_cache(maxsize=None)(times.zone)


def _entry(cells: _Cells) -> Entry:
    """The entry that a row of ``export entries`` was written from."""
    zone = cells.zone("zone")
    started, logged, minutes = (
        cells.epoch("started_at"),
        cells.epoch("logged_at"),
        cells.number("minutes"),
    )
    if started is None or logged is None or minutes is None:
        raise BadCell("started_at", "started_at, logged_at and minutes must all be there")
    return Entry(
        id=cells.needed("id"),
        developer=cells.needed("developer"),
        task=cells.needed("task"),
        activity=cells.needed("activity"),
        started_epoch=started,
        zone=zone.key,
        seconds=round(60 * minutes),
        local_day=times.local_day(started, zone),
        logged_epoch=logged,
        ended_epoch=cells.epoch("ended_at"),
        interruption_seconds=round(60 * (cells.number("interruption_minutes") or 0)),
        team=cells.text("team"),
        assisted=cast("Assisted", cells.word("assisted", ASSISTED) or "unknown"),
        basis=cast("Basis | None", cells.word("basis", _BASES)),
        assistant=cells.text("assistant"),
        note=cells.text("note"),
        tags=cells.text("tags"),
        source=cells.text("source"),
        source_key=cells.text("key"),
        row_hash=cells.text("row_hash"),
    )


def _work_item(cells: _Cells) -> WorkItem:
    """The work item of a row."""
    return WorkItem(
        developer=cells.needed("developer"),
        task=cells.needed("task"),
        activity=cells.needed("activity"),
        estimate_minutes=cells.number("estimate_minutes"),
        estimate_ai_minutes=cells.number("estimate_ai_minutes"),
        estimated_epoch=cells.epoch("estimated_at"),
        completed_epoch=cells.epoch("completed_at"),
        assigned=cast("Arm | None", cells.word("assigned", ARMS)),
        assigned_epoch=cells.epoch("assigned_at"),
    )


def _task(cells: _Cells, *, as_a_whole: bool) -> Task:
    """The task of a row; estimates and completion are its own where the row is of the task as a whole."""
    return Task(
        task=cells.needed("task"),
        title=cells.text("title"),
        project=cells.text("project"),
        estimate_minutes=cells.number("estimate_minutes") if as_a_whole else None,
        estimate_ai_minutes=cells.number("estimate_ai_minutes") if as_a_whole else None,
        completed_epoch=cells.epoch("completed_at") if as_a_whole else None,
    )


def _says_something(record: WorkItem | Task) -> bool:
    """Whether it holds more than its key."""
    keys = ("developer", "task", "activity")
    return any(getattr(record, name) is not None for name in record.__slots__ if name not in keys)
