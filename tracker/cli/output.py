"""A list of things in the three forms: a table for people, JSON and CSV for programs. All of it to stdout."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import click

from tracker.domain.names import FORBIDDEN

Form = Literal["text", "json", "csv"]
Rows = Sequence[Mapping[str, Any]]

_WIDER_THAN_ANY_ROW = 100_000
"""Told to rich, which would cut a row at the terminal's edge; the terminal itself only folds it."""

MISSING = "—"
"""How a table shows what is not known; JSON says null, CSV nothing."""


def show(
    rows: Rows,
    form: Form,
    columns: Mapping[str, str],
    *,
    right: Collection[str] = (),
    empty: str = "nothing to list",
) -> None:
    """Print rows. JSON and CSV hold every key of a row; the table the keys of ``columns``, under those headings.

    ``right`` are the table's keys to set flush right; ``empty`` is said on stderr where there is nothing to list.
    """
    if form == "json":
        click.echo(as_json(rows))
    elif form == "csv":
        _write_csv(rows, list(rows[0]) if rows else list(columns))
    elif rows:
        _print_table(rows, columns, right)
    else:
        click.echo(empty, err=True)


def as_json(content: Any) -> str:
    """JSON for people and programs: letters as they are."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def in_cell(value: object) -> str:
    """A value as a table shows it: on one line, and without what would steer a terminal."""
    text = MISSING if value is None else str(value)
    return FORBIDDEN.sub(" ", text)


def _write_csv(rows: Rows, header: Sequence[str]) -> None:
    writer = csv.DictWriter(sys.stdout, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _print_table(rows: Rows, columns: Mapping[str, str], right: Collection[str]) -> None:
    """Columns side by side, never cut: what is printed can be given to another command."""
    from rich.console import Console  # late: it takes as long to load as click
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for key, heading in columns.items():
        table.add_column(heading, justify="right" if key in right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(in_cell(row[key])) for key in columns))
    Console(file=sys.stdout, highlight=False, width=_WIDER_THAN_ANY_ROW).print(table)
