"""Lists on stdout in three formats: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import click

from tracker.cli import streams
from tracker.cli.csv_lines import harmless, writer
from tracker.cli.messages import print_message
from tracker.domain.plain_text import encodable
from tracker.domain.printing import escape_json, printable

Format = Literal["text", "json", "csv"]
Rows = Sequence[Mapping[str, Any]]


def show(
    rows: Rows,
    format: Format,
    columns: Mapping[str, str],
    *,
    right: Collection[str] = (),
    text: Collection[str] = (),
    whole: Collection[str] = (),
    empty: str = "nothing to list",
) -> None:
    """Print rows.

    Args:
        rows: The rows; JSON and CSV have all of their keys.
        format: The output format.
        columns: The keys of the table's columns, with their headings.
        right: The keys of the columns that are aligned right.
        text: The keys of the columns whose cells may be cut to fit a terminal.
        whole: The keys of the columns of texts that are never cut, but broken between words.
        empty: The message on stderr where the table would have no rows.
    """
    if format == "json":
        print_json(rows)
    elif format == "csv":
        _write_csv(rows, list(rows[0]) if rows else list(columns))
    elif rows:
        _print_table(rows, columns, right, text, whole)
    else:
        print_message(empty)


def print_paragraph(text: str) -> None:
    """Print sentences for a person: wrapped on a terminal, in a pipe as one line."""
    text = encodable(printable(text), sys.stdout.encoding or "ascii")
    width = streams.terminal_width(sys.stdout, os.environ)
    lines = [text] if width is None else textwrap.wrap(text, width, break_on_hyphens=False)
    click.echo("\n".join(lines))


def as_json(content: Any) -> str:
    """Return indented JSON with letters of all scripts unescaped, but no control character."""
    lines = json.dumps(content, ensure_ascii=False, indent=2).split("\n")
    return "\n".join(map(escape_json, lines))


def print_json(content: Any) -> None:
    """Print indented JSON."""
    streams.prepare_for_programs(sys.stdout)
    click.echo(as_json(content))


def _write_csv(rows: Rows, header: Sequence[str]) -> None:
    """Print rows for a spreadsheet, which runs none of the cells as a formula."""
    streams.prepare_for_programs(sys.stdout)
    lines = writer(sys.stdout)
    lines.writerow(map(harmless, header))
    lines.writerows([harmless(row[name]) for name in header] for row in rows)


def _print_table(
    rows: Rows,
    columns: Mapping[str, str],
    right: Collection[str],
    text: Collection[str],
    whole: Collection[str],
) -> None:
    """Print a table that fits the terminal; in a pipe, each row is one line."""
    from tracker.cli.table import Column, print_table  # late: rich takes as long as click

    print_table(
        [
            Column(
                heading,
                [row[key] for row in rows],
                encoding=sys.stdout.encoding or "ascii",
                is_text=key in text,
                is_right=key in right,
                is_whole=key in whole,
            )
            for key, heading in columns.items()
        ],
        sys.stdout,
        width=streams.terminal_width(sys.stdout, os.environ),
        styled=streams.is_styled(sys.stdout, os.environ),
    )
