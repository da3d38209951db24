"""The output of `export`, streamed: CSV, or a JSON array with one row per line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TextIO, cast

from tracker.cli.context import Context
from tracker.cli.csv_lines import harmless, writer
from tracker.cli.output_file import OutputKind
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.printing import escape_json
from tracker.domain.records import EXPORTED_ENTRY_COLUMNS, EXPORTED_TASK_COLUMNS
from tracker.local.atomic_files import PRIVATE, PUBLIC
from tracker.store.database import Database
from tracker.store.read import queries, unreadable

if TYPE_CHECKING:
    from pandas import DataFrame

Row = Mapping[str, Any]
Content = Literal["entries", "tasks", "moments"]
Format = Literal["csv", "json"]


def output_kind(content: Content, format: Format) -> OutputKind:
    """Return the output kind of an export; entries and tasks have names, so they are private."""
    columns = {
        "entries": EXPORTED_ENTRY_COLUMNS,
        "tasks": EXPORTED_TASK_COLUMNS,
        "moments": ("activity", "arm"),
    }[content]

    def recognise(start: str) -> bool:
        if format == "json":
            first, second = (json.dumps(name) for name in columns[:2])
            is_row = start.startswith(f"[\n{{{first}: ") and f", {second}: " in start
            return is_row or start == "[]\n"
        header = start.partition("\n")[0]
        expected = ",".join(columns)
        return header.startswith(f"{expected},") if content == "moments" else header == expected

    mode = PUBLIC if content == "moments" else PRIVATE
    return OutputKind(f"export of {content} as {format.upper()}", recognise, mode)


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
    from tracker.analysis.export import exported_moments  # late: the others need no pandas
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
        as_cell = harmless if safe else _unchanged
        lines.writerows([as_cell(row[name]) for name in columns] for row in rows)
        return
    separator = "["
    for row in rows:
        file.write(f"{separator}\n{escape_json(json.dumps(dict(row), ensure_ascii=False))}")
        separator = ","
    file.write("[]\n" if separator == "[" else "\n]\n")
