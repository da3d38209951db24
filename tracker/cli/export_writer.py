"""What `export` writes: rows as CSV, or as a JSON array with one row a line, streamed."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO, cast

from tracker.cli.context import Context
from tracker.cli.csv_lines import writer
from tracker.cli.streams import prepare_for_programs
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.printing import escape_json
from tracker.domain.records import EXPORTED_ENTRY_COLUMNS, EXPORTED_TASK_COLUMNS
from tracker.store.database import Database
from tracker.store.read import queries, unreadable

if TYPE_CHECKING:
    from pandas import DataFrame

Row = Mapping[str, Any]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""
Content = Literal["entries", "tasks", "moments"]
Format = Literal["csv", "json"]


@contextlib.contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    """Open stdout (None) or a file, which appears only when it is complete."""
    if path is None:
        prepare_for_programs(sys.stdout)
        yield sys.stdout
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_export(
    context: Context, content: Content, format: Format, file: TextIO, *, safe: bool = False
) -> None:
    """Write all entries, tasks or moments to a file; ``safe`` as in :func:`write_rows`."""
    database = context.database()
    if content == "moments":
        frame = _moments(context, database)
        records = cast("list[Row]", frame.to_dict("records"))
        write_rows(records, tuple(frame.columns), format, file, safe=safe)
        return
    with database.reading() as connection:
        if content == "entries":
            context.warn_of_unreadable(unreadable.count_unreadable(connection))
            rows = queries.export_entries(connection)
            write_rows(rows, EXPORTED_ENTRY_COLUMNS, format, file, safe=safe)
        else:
            rows = queries.export_tasks(connection)
            write_rows(rows, EXPORTED_TASK_COLUMNS, format, file, safe=safe)


def _moments(context: Context, database: Database) -> DataFrame:
    """Return the moments of every activity in groups of five developers or more."""
    from tracker.analysis.study import exported_moments  # late: the others need no pandas
    from tracker.report.labels import limits_text

    with database.reading() as connection:
        activities = queries.activities(connection)
    moments, limits = exported_moments(database, activities, reader=context.developer)
    if limits is not None:
        context.say(
            f"limits used: {limits_text(limits)}; groups of at least {MIN_DEVELOPERS_SHOWN} "
            "developers, what completes no group waits for the next month"
        )
    return moments


def _defused(value: object) -> object:
    """Return a text that a spreadsheet would run as a formula with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _unchanged(value: object) -> object:
    return value


def write_rows(
    rows: Iterable[Row],
    columns: tuple[str, ...],
    format: Format,
    file: TextIO,
    *,
    safe: bool = False,
) -> None:
    """Write rows with these columns; None is an empty cell in CSV and null in JSON.

    ``safe``: spreadsheets run no cell as a formula; such a file cannot be imported without loss.
    """
    if format == "csv":
        lines = writer(file)
        lines.writerow(columns)
        defuse = _defused if safe else _unchanged
        lines.writerows([defuse(row[name]) for name in columns] for row in rows)
        return
    separator = "["
    for row in rows:
        file.write(f"{separator}\n{escape_json(json.dumps(dict(row), ensure_ascii=False))}")
        separator = ","
    file.write("[]\n" if separator == "[" else "\n]\n")
