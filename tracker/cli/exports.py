"""What `export` writes: rows as CSV, or as a JSON array with a row a line; streamed."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TextIO

from tracker.cli.csv_lines import writer
from tracker.records import EXPORTED_ENTRY_COLUMNS, EXPORTED_TASK_COLUMNS
from tracker.store import rows
from tracker.store.connections import Database

Row = Mapping[str, Any]


@contextlib.contextmanager
def target(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is complete and not before."""
    if output is None:
        yield sys.stdout
        return
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def write(
    database: Database, what: Literal["entries", "tasks", "moments"], form: Literal["csv", "json"], file: TextIO
) -> None:
    """Write everything of one kind."""
    with database.reading() as connection:
        if what == "entries":
            write_rows(rows.export_entries(connection), EXPORTED_ENTRY_COLUMNS, form, file)
        else:
            write_rows(rows.export_tasks(connection), EXPORTED_TASK_COLUMNS, form, file)


def write_rows(found: Iterable[Row], columns: tuple[str, ...], form: Literal["csv", "json"], file: TextIO) -> None:
    """Rows with these columns. None is nothing in CSV, null in JSON."""
    if form == "csv":
        lines = writer(file)
        lines.writerow(columns)
        lines.writerows(map(row.__getitem__, columns) for row in found)
        return
    before = "["
    for row in found:
        file.write(f"{before}\n{json.dumps(dict(row), ensure_ascii=False)}")
        before = ","
    file.write("[]\n" if before == "[" else "\n]\n")
