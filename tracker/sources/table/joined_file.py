"""``[join]`` of a map: a second file with further columns for the tasks of the log."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.printing import printable, quote
from tracker.sources.table.cells import BadCell, Chunk
from tracker.sources.table.file_kind import check_is_text
from tracker.sources.table.formats import Formats
from tracker.sources.table.json_table import open_mapped_table
from tracker.sources.table.map_columns import COLUMNS, check_keys

_KEYS = ("file", "task", "columns")


@dataclass(frozen=True, slots=True)
class Join:
    """A second file, joined to the log by the task."""

    path: Path
    task: str
    """The file's column of task keys."""
    columns: Mapping[str, str]
    """Tracker's column → the file's column."""


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """The rows of a joined file by task."""

    name: str
    header: tuple[str, ...]
    """The file's columns that are used."""
    columns: Mapping[str, int]
    """Tracker's column → the position of its cell in a joined row."""
    rows: Mapping[str, tuple[str, ...]]

    def rows_of(self, tasks: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the cells of each task's row; they are empty for a task without a row."""
        blank = ("",) * len(self.header)
        return [self.rows.get(task, blank) for task in tasks]

    def count_missing(self, tasks: Iterable[str], notes: Counter[str]) -> None:
        """Add to ``notes`` the number of tasks that the file does not have."""
        missing = sum(task not in self.rows for task in tasks)
        if missing:
            notes[f"rows whose task is not in {self.name}"] += missing

    def locate(self, fault: BadCell, row: tuple[str, ...]) -> BadCell:
        """Return an error in a joined cell as an error in the log's task; else the error itself.

        Args:
            fault: The error.
            row: The joined row.
        """
        place = None if fault.foreign else self.columns.get(fault.column)
        if place is None:
            return fault
        where = f"{self.header[place]} of this task in {self.name} is {quote(row[place])}"
        return BadCell("task", f"{where}: {fault.reason}")

    def append_cells(self, chunk: Chunk, rows: Sequence[tuple[str, ...]]) -> Chunk:
        """Return a chunk of the log followed by the columns of the joined rows."""
        return [*chunk, *zip(*rows, strict=True)]


def read_join(section: Mapping[str, Any], name: str, folder: Path) -> Join | None:
    """Return the file that is joined; None if the section is empty.

    Args:
        section: ``[join]`` of the map.
        name: The map's name, for messages.
        folder: The map's folder; the file's path is relative to it.

    Raises:
        BadValue: A key or a value is not valid.
    """
    if not section:
        return None
    check_keys(section, _KEYS, name, "[join] ")
    for key in ("file", "task"):
        if not isinstance(section.get(key), str) or not section[key]:
            raise BadValue(
                f"{name} [join] {key} is {quote(section.get(key))}: give "
                + ("the path of a file." if key == "file" else "the column of task keys.")
            )
    columns = section.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise BadValue(f"{name} [join] has no columns: add them in [join.columns].")
    check_keys(columns, [column for column in COLUMNS if column != "task"], name, "[join.columns] ")
    for column, foreign in columns.items():
        if not isinstance(foreign, str) or not foreign:
            raise BadValue(
                f"{name} [join.columns] {column} is {quote(foreign)}: "
                "give a column's name in quotes."
            )
    return Join(folder / section["file"], section["task"], columns)


def read_joined_file(join: Join, formats: Formats, map_name: str) -> JoinedFile:
    """Read a joined file into memory.

    Raises:
        BadValue: The file cannot be read, lacks a column, or has two different rows of one task.
    """
    name = join.path.name
    try:
        with join.path.open("rb") as file:
            check_is_text(file, name)
            table = open_mapped_table(file, name, replace(formats, delimiter=None, skip_lines=0))
            header = (join.task, *dict.fromkeys(join.columns.values()))
            positions = [_position(column, table.header, name, map_name) for column in header]
            rows = _rows_by_task(table.reader, positions, name)
    except OSError as error:
        raise BadValue(
            f"{map_name} [join] file is {printable(str(join.path))}: it cannot be read "
            f"({error.strerror}); give its path, relative to the map's folder."
        ) from None
    places = {column: header.index(foreign) - 1 for column, foreign in join.columns.items()}
    return JoinedFile(name, header[1:], places, rows)


def _position(column: str, header: Sequence[str], name: str, map_name: str) -> int:
    names = list(map(normalise_name, header))
    key = normalise_name(column)
    if names.count(key) != 1:
        raise BadValue(
            f"{name} has {names.count(key)} columns {quote(column)}, which {map_name} uses in "
            f"[join]: it has {', '.join(header)}."
        )
    return names.index(key)


def _rows_by_task(reader: Any, positions: Sequence[int], name: str) -> dict[str, tuple[str, ...]]:
    """Return task → the cells of its row.

    Args:
        reader: The rows.
        positions: The position of the task, then those of the cells.
        name: The file's name, for messages.

    Raises:
        BadValue: The file is not a table, or has two different rows of one task.
    """
    rows: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    try:
        for row in reader:
            if not any(map(str.strip, row)):
                continue
            if len(row) <= max(positions):
                raise BadValue(
                    f"{name} line {reader.line_num} has {len(row)} fields, too few: correct it."
                )
            task, *cells = (row[position] for position in positions)
            "".join((task, *cells)).encode()
            key = normalise_name(task.strip())
            if rows.setdefault(key, tuple(cells)) != tuple(cells):
                raise BadValue(
                    f"{name} lines {lines[key]} and {reader.line_num} are both of {quote(key)}, "
                    "with different values: remove one of them."
                )
            lines.setdefault(key, reader.line_num)
    except (UnicodeError, csv.Error) as error:
        raise BadValue(f"{name} after line {reader.line_num}: {error}; save it as UTF-8.") from None
    rows.pop("", None)
    return rows
