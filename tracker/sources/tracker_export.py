"""``import tracker``: what ``tracker export entries`` or ``export tasks`` wrote, as CSV or JSON."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime
from functools import lru_cache
from io import BufferedReader
from typing import cast, get_args
from zoneinfo import ZoneInfo

from tracker.domain import names, times
from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.records import (
    ARMS,
    ASSISTED,
    EXPORT_SOURCE,
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
from tracker.sources.entry_check import check_entries
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.cells import BadCell
from tracker.sources.table.delimited import Rows, Table, encode_rows, open_table, read_records
from tracker.sources.table.item_facts import ItemFacts
from tracker.sources.table.json_table import open_json_table
from tracker.sources.table.json_text import is_json

_REQUIRED_OF_ENTRIES = (
    "id",
    "developer",
    "task",
    "activity",
    "started_at",
    "zone",
    "minutes",
    "logged_at",
)
_REQUIRED_OF_TASKS = ("task", "developer", "activity", "estimate_minutes")
_BASES: tuple[str, ...] = get_args(Basis)


def open_log(file: BufferedReader, name: str, context: ImportContext) -> ForeignLog:
    """Open an export.

    Raises:
        BadValue: The file is not an export, or a map is given for it.
    """
    if context.map is not None:
        raise BadValue("an export says itself what its columns are: leave out --map.")
    table = open_json_table(file, name) if is_json(file) else open_table(file, name)
    notes: Counter[str] = Counter()
    rows = _ExportedRows(table, context.latest_epoch, notes)
    records = read_records(table, rows.convert, rows.positions)
    return ForeignLog(EXPORT_SOURCE, records, notes, table)


class _ExportedRows:
    """Converts the rows of an export to the records they were written from."""

    def __init__(self, table: Table, latest_epoch: int, notes: Counter[str]) -> None:
        self._are_entries = "started_at" in table.header
        _check_header(table, are_entries=self._are_entries)
        self.positions = {column: (index,) for index, column in enumerate(table.header)}
        self._header = table.header
        self._latest_epoch = latest_epoch
        self._facts = ItemFacts(notes)

    def convert(self, rows: Rows) -> list[Imported]:
        """Return the records of some rows.

        Raises:
            BadCell: A row is rejected; then nothing is remembered of any.
        """
        encode_rows(rows, self._header)
        cells = [_Cells(dict(zip(self._header, row, strict=True))) for row in rows]
        if self._are_entries:
            return self._entries(cells)
        # A row without developer and activity is about the task as a whole.
        items = [_work_item(row) for row in cells if row.text("activity") is not None]
        tasks = [_task(row, is_whole=True) for row in cells if row.text("activity") is None]
        return [*self._facts.merge_items(items), *self._facts.merge_tasks(tasks)]

    def _entries(self, cells: list[_Cells]) -> list[Imported]:
        """Return the entries, and the work items and tasks about which there is a fact."""
        entries = [_entry(row) for row in cells]
        check_entries(entries, self.positions, self._latest_epoch)
        items = [item for item in map(_work_item, cells) if _has_facts(item)]
        tasks = [task for row in cells if _has_facts(task := _task(row, is_whole=False))]
        return [*entries, *self._facts.merge_items(items), *self._facts.merge_tasks(tasks)]


def _check_header(table: Table, *, are_entries: bool) -> None:
    """Raise BadValue for a table that lacks a column of an export or has another one."""
    required = _REQUIRED_OF_ENTRIES if are_entries else _REQUIRED_OF_TASKS
    allowed = EXPORTED_ENTRY_COLUMNS if are_entries else EXPORTED_TASK_COLUMNS
    missing_columns = [column for column in required if column not in table.header]
    strange_columns = [column for column in table.header if column not in allowed]
    if missing_columns:
        fault = f"it has no column {missing_columns[0]}"
    elif strange_columns:
        fault = f"{strange_columns[0]!r} is not a column of one"
    else:
        return
    raise BadValue(
        f"{table.name} is not what `tracker export` wrote: {fault}; another log needs `import csv`."
    )


class _Cells:
    """The cells of one row by column; the empty text is None. Each method raises BadCell."""

    def __init__(self, row: dict[str, str]) -> None:
        self._row = row

    def text(self, column: str) -> str | None:
        """Return a text."""
        return self._row.get(column) or None

    def name(self, column: str) -> str | None:
        """Return a text that names something: printable, and in Unicode NFC."""
        text = self.text(column)
        if text is None:
            return None
        if fault := names.fault(text):
            raise BadCell(column, fault)
        return normalise_name(text)

    def required_name(self, column: str) -> str:
        """Return a name that every row must have."""
        text = self.name(column)
        if text is None or not text.strip():
            raise BadCell(column, "it is missing; fill it in")
        return text

    def category(self, column: str, words: tuple[str, ...]) -> str | None:
        """Return one of these words."""
        text = self.text(column)
        if text is not None and text not in words:
            raise BadCell(column, f"it is none of {', '.join(words)}")
        return text

    def number(self, column: str) -> float | None:
        """Return a number of minutes."""
        text = self.text(column)
        try:
            number = None if text is None else float(text)
        except ValueError:
            number = math.nan
        if number is not None and not 0 <= number < math.inf:
            raise BadCell(column, "it is not a number of minutes, 0 or more")
        return number

    def share(self, column: str) -> float | None:
        """Return a number between 0 and 1."""
        number = self.number(column)
        if number is not None and not 0 < number < 1:
            raise BadCell(column, "it is not a number between 0 and 1")
        return number

    def required_number(self, column: str) -> float:
        """Return a number of minutes that every row must have."""
        number = self.number(column)
        if number is None:
            raise BadCell(column, "it is missing; fill it in")
        return number

    def epoch(self, column: str) -> int | None:
        """Return an instant."""
        text = self.text(column)
        if text is None:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise BadCell(column, "it is not an ISO 8601 time with its offset") from None
        if instant.tzinfo is None or instant.year < 1970:
            raise BadCell(column, "it is not an ISO 8601 time with its offset, from 1970 on")
        return int(instant.timestamp() // 1)

    def required_epoch(self, column: str) -> int:
        """Return an instant that every row must have."""
        epoch = self.epoch(column)
        if epoch is None:
            raise BadCell(column, "it is missing; fill it in")
        return epoch

    def zone(self, column: str) -> ZoneInfo:
        """Return a time zone."""
        try:
            return _zone(self.required_name(column))
        except BadValue as error:
            raise BadCell(column, str(error).rstrip(".?")) from None


_zone = lru_cache(maxsize=None)(times.zone)


def _entry(cells: _Cells) -> Entry:
    """Return the entry that a row of ``export entries`` was written from."""
    zone = cells.zone("zone")
    started = cells.required_epoch("started_at")
    try:
        local_day = times.local_day(started, zone)
    except (ValueError, OverflowError):  # the last hours of the year 9999
        raise BadCell("started_at", "its year in the zone is beyond 9999") from None
    return Entry(
        id=cells.required_name("id"),
        developer=cells.required_name("developer"),
        task=cells.required_name("task"),
        activity=cells.required_name("activity"),
        started_epoch=started,
        zone=zone.key,
        seconds=round(60 * cells.required_number("minutes")),
        local_day=local_day,
        logged_epoch=cells.required_epoch("logged_at"),
        ended_epoch=cells.epoch("ended_at"),
        interruption_seconds=round(60 * (cells.number("interruption_minutes") or 0)),
        team=cells.name("team"),
        assisted=cast("Assisted", cells.category("assisted", ASSISTED) or "unknown"),
        basis=cast("Basis | None", cells.category("basis", _BASES)),
        assistant=cells.name("assistant"),
        note=cells.text("note"),
        tags=cells.text("tags"),
        source=cells.name("source"),
        source_key=cells.name("key"),
        row_hash=cells.text("row_hash"),
    )


def _work_item(cells: _Cells) -> WorkItem:
    """Return the work item of a row."""
    return WorkItem(
        developer=cells.required_name("developer"),
        task=cells.required_name("task"),
        activity=cells.required_name("activity"),
        estimate_minutes=cells.number("estimate_minutes"),
        estimate_ai_minutes=cells.number("estimate_ai_minutes"),
        estimated_epoch=cells.epoch("estimated_at"),
        completed_epoch=cells.epoch("completed_at"),
        assigned=cast("Arm | None", cells.category("assigned", ARMS)),
        assigned_epoch=cells.epoch("assigned_at"),
        assistance_share=cells.share("assistance_share"),
        estimate_points=cells.number("estimate_points"),
    )


def _task(cells: _Cells, *, is_whole: bool) -> Task:
    """Return the task of a row.

    Args:
        cells: The row.
        is_whole: Whether the row is about the task as a whole, and so are its estimates and
            completion; else they are a work item's.
    """
    return Task(
        task=cells.required_name("task"),
        title=cells.text("title"),
        project=cells.name("project"),
        estimate_minutes=cells.number("estimate_minutes") if is_whole else None,
        estimate_ai_minutes=cells.number("estimate_ai_minutes") if is_whole else None,
        completed_epoch=cells.epoch("completed_at") if is_whole else None,
        estimated_epoch=cells.epoch("estimated_at") if is_whole else None,
        estimate_points=cells.number("estimate_points") if is_whole else None,
    )


def _has_facts(record: WorkItem | Task) -> bool:
    """Return whether a record holds more than its key."""
    key = ("developer", "task", "activity")
    return any(getattr(record, name) is not None for name in record.__slots__ if name not in key)
