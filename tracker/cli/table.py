"""Tables for people. On a terminal they fit its width, and no id or number is cut or broken.

Texts that are longer than their column are cut, and end with "…", or are broken between words where
they are to be read whole. Where that is not enough, the last columns of each row are written below
it. JSON and CSV have the whole texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracker.cli.wrapping import fit
from tracker.domain.plain_text import encodable
from tracker.domain.printing import printable

MISSING = "—"
"""How a table shows a missing value; JSON has null, CSV an empty cell."""

_GAP = 2
"""Blanks between two columns."""

_INDENT = 4
"""Blanks before the columns that are written below a row."""

_MIN_TEXT_WIDTH = 16
"""A column of texts that are longer is not made narrower than this."""

_PATH = re.compile(r"([\w+.-]+:/)?/")
"""How a path or a URL begins; it may have blanks in it."""

_MAX_WIDTH = 100_000
"""Width given to rich where nothing is to be wrapped."""


_BLANKS = str.maketrans("\t\n\r", "   ")


def as_cell(value: object) -> str:
    """Return a value as a table shows it: in one line and without control characters."""
    text = MISSING if value is None else str(value)
    return printable(text.translate(_BLANKS))


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        heading: The heading.
        values: The values, None for a missing one.
        encoding: The encoding of the table's file.
        is_text: The cells may be cut; ids and numbers may not.
        is_right: The cells are aligned right.
        is_whole: The cells are texts that are broken between words instead of cut. A path that is
            wider than the column is written below its row, so that it can be copied.
    """

    heading: str
    values: Sequence[object]
    encoding: str = "utf-8"
    is_text: bool = False
    is_right: bool = False
    is_whole: bool = False

    @cached_property
    def cells(self) -> list[str]:
        """The values as the table shows them: in one line and without control characters."""
        return [encodable(as_cell(value), self.encoding) for value in self.values]

    @cached_property
    def natural_width(self) -> int:
        """The width in which nothing is wrapped."""
        return max(map(cell_len, (self.heading, *self.cells)))

    @cached_property
    def min_width(self) -> int:
        """The least width: a heading is wrapped between words, and texts are wrapped."""
        if self.is_text or self.is_whole:
            return min(self.natural_width, _MIN_TEXT_WIDTH)
        longest_word = max(map(cell_len, self.heading.split()), default=0)
        return max(min(longest_word, _MIN_TEXT_WIDTH), *map(cell_len, self.cells), 1)


def print_table(
    columns: Sequence[Column], file: TextIO, *, width: int | None, styled: bool
) -> None:
    """Print a table of one row or more.

    Args:
        columns: The columns, with equal numbers of cells.
        file: Where to print.
        width: The width to fit; None does not wrap anything.
        styled: Whether ``file`` shows escape sequences.
    """
    console = Console(
        file=file,
        width=_MAX_WIDTH,
        force_terminal=styled,
        color_system="standard" if styled else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
        _environ={},
    )
    number = len(columns) if width is None else _number_that_fits(columns, width)
    in_line, below = columns[:number], columns[number:]
    widths = _widths(in_line, width)
    rows = range(len(columns[0].cells))
    has_heading = any(column.heading for column in columns)
    if not below and not any(map(_has_wide_path, in_line, widths)):
        console.print(_table(in_line, widths, rows, show_header=has_heading))
        return
    if has_heading:
        console.print(_table(in_line, widths, ()))
    for row in rows:
        console.print(_table(in_line, widths, (row,), show_header=False))
        for column, column_width in zip(in_line, widths, strict=True):
            if _is_below(column, row, column_width):
                _print_below(console, "", column.cells[row], width)
        if text := _text_below(below, row, width or _MAX_WIDTH):
            console.print(text, width=width)
        for column in below:
            if column.is_whole and column.values[row] not in ("", None):
                _print_below(console, column.heading, column.cells[row], width)


def _has_wide_path(column: Column, width: int) -> bool:
    """Return whether a path of a column is wider than the column."""
    return any(_is_below(column, row, width) for row in range(len(column.cells)))


def _is_below(column: Column, row: int, width: int) -> bool:
    """Return whether a cell is written below its row: it has a path wider than its column."""
    if not column.is_whole:
        return False
    cell = column.cells[row]
    paths = [cell] if _PATH.match(cell) else [word for word in cell.split() if "/" in word]
    return any(cell_len(path) > width for path in paths)


def _print_below(console: Console, heading: str, cell: str, width: int | None) -> None:
    """Print a cell below its row; a path is one line, also if it is wider than the terminal."""
    line = f"{' ' * _INDENT}{f'{heading}: ' if heading else ''}{cell}"
    if width and _PATH.match(cell) and cell_len(line) > width:
        lines = [*([line.removesuffix(cell).rstrip()] if heading else []), cell]
    else:
        lines = fit(line, width)
    for part in lines:
        console.print(Text(part))


def _number_that_fits(columns: Sequence[Column], width: int) -> int:
    """Return the number of first columns that fit a width; at least 1."""
    widths = [column.min_width for column in columns]
    return next(
        (
            number
            for number in range(len(columns), 1, -1)
            if sum(widths[:number]) + _GAP * (number - 1) <= width
        ),
        1,
    )


def _widths(columns: Sequence[Column], width: int | None) -> list[int]:
    """Return the columns' widths: at least the minima, which share what is left of ``width``."""
    if width is None:
        return [column.natural_width for column in columns]
    widths = [column.min_width for column in columns]
    needs = [column.natural_width - column.min_width for column in columns]
    spare = max(width - sum(widths) - _GAP * (len(columns) - 1), 0)
    order = sorted(range(len(columns)), key=needs.__getitem__)
    for position, index in enumerate(order):
        share = min(needs[index], spare // (len(columns) - position))
        widths[index] += share
        spare -= share
    return widths


def _table(
    columns: Sequence[Column],
    widths: Sequence[int],
    rows: Sequence[int],
    *,
    show_header: bool = True,
) -> Table:
    """Return the table of some rows."""
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, _GAP, 0, 0),
        header_style="bold",
        show_header=show_header,
    )
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            Text(column.heading),
            justify="right" if column.is_right else "left",
            width=width,
            overflow="fold",
        )
    for row in rows:
        cells = zip(columns, widths, strict=True)
        table.add_row(*(Text(_cell(column, row, width)) for column, width in cells))
    return table


def _cell(column: Column, row: int, width: int) -> str:
    """Return what a cell shows in a column of this width."""
    if column.is_text:
        return _cut(column.cells[row], width, column.encoding)
    return "" if _is_below(column, row, width) else column.cells[row]


def _cut(text: str, width: int, encoding: str) -> str:
    """Return a text that fits a width: whole, or cut with "…" at its end."""
    if cell_len(text) <= width:
        return text
    end = encodable("…", encoding)
    return set_cell_size(text, width - cell_len(end)).rstrip() + end


def _text_below(columns: Sequence[Column], row: int, width: int) -> RenderableType | None:
    """Return a row's values in these columns with their headings; None if all are missing.

    Texts are cut, so that the line fits the width; ids and numbers are wrapped if need be.
    """
    shown = [
        column for column in columns if not column.is_whole and column.values[row] not in ("", None)
    ]
    if not shown:
        return None
    headings = [f"{column.heading}: " if column.heading else "" for column in shown]
    cells = [
        Column("", [column.cells[row]], column.encoding, is_text=column.is_text) for column in shown
    ]
    widths = _widths(cells, width - _INDENT - sum(map(cell_len, headings)))
    values = [
        heading
        + (_cut(cell.cells[0], cell_width, cell.encoding) if cell.is_text else cell.cells[0])
        for heading, cell, cell_width in zip(headings, cells, widths, strict=True)
    ]
    return Padding(Text("; ".join(values), overflow="fold"), (0, 0, 0, _INDENT))
