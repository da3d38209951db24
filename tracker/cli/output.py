"""Lists on stdout in three formats: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import click

from tracker.cli.csv_lines import harmless, writer
from tracker.domain.names import FORBIDDEN

Format = Literal["text", "json", "csv"]
Rows = Sequence[Mapping[str, Any]]

_MAX_WIDTH = 100_000
"""Width given to rich, wider than any row, so that it does not cut rows at the terminal's edge."""

MISSING = "—"
"""How a table shows a missing value; JSON has null, CSV an empty cell."""


def show(
    rows: Rows,
    format: Format,
    columns: Mapping[str, str],
    *,
    right: Collection[str] = (),
    empty: str = "nothing to list",
) -> None:
    """Print rows.

    Args:
        rows: The rows; JSON and CSV have all of their keys.
        format: The output format.
        columns: The keys of the table's columns, with their headings.
        right: The keys of the columns that are aligned right.
        empty: The message on stderr where the table would have no rows.
    """
    if format == "json":
        click.echo(as_json(rows))
    elif format == "csv":
        _write_csv(rows, list(rows[0]) if rows else list(columns))
    elif rows:
        _print_table(rows, columns, right)
    else:
        click.echo(empty, err=True)


def as_json(content: Any) -> str:
    """Return indented JSON with letters of all scripts unescaped."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def as_cell(value: object) -> str:
    """Return a value as a table shows it: in one line and without control characters."""
    text = MISSING if value is None else str(value)
    return FORBIDDEN.sub(" ", text)


def _write_csv(rows: Rows, header: Sequence[str]) -> None:
    """Print rows for a spreadsheet, which runs none of the cells as a formula."""
    lines = writer(sys.stdout)
    lines.writerow(map(harmless, header))
    lines.writerows([harmless(row[name]) for name in header] for row in rows)


def _print_table(rows: Rows, columns: Mapping[str, str], right: Collection[str]) -> None:
    """Print a table whose cells are never cut, so that they can be used in another command."""
    from rich.console import Console  # late: it takes as long to import as click
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for key, heading in columns.items():
        table.add_column(heading, justify="right" if key in right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(as_cell(row[key])) for key in columns))
    Console(file=sys.stdout, highlight=False, width=_MAX_WIDTH).print(table)
