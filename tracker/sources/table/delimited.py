"""Delimited text (CSV and its kin), streamed: the table, and its rows as records."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import Protocol

from tracker.domain.entry_batch import BatchedRecord
from tracker.domain.errors import BadValue
from tracker.domain.records import Rejected, Skipped
from tracker.sources.table.byte_order_marks import marked_encoding
from tracker.sources.table.cells import BadCell, SkipRow
from tracker.sources.table.file_kind import is_binary

Rows = list[list[str]]
Convert = Callable[[Rows], Sequence[BatchedRecord]]
"""Rows → their records. Raises BadCell or SkipRow for the whole chunk, and then has no effect."""
Positions = Mapping[str, tuple[int, ...]]
"""Tracker's name of a column → where in a row its cells are."""

CHUNK_ROWS = 256
"""Rows that are converted at a time."""
_DELIMITERS = ",;\t"
_SEPARATOR_LINE = r'(?i)"?sep=([^\0\r\n"])"?\r?\n?'
_UNDECODABLE = re.compile("[\udc80-\udcff]")
"""What stands for a byte that is not UTF-8."""
_ENCODING_CURE = "save it as UTF-8, or give encoding in [formats] of the map"


class _Reader(Protocol):
    """The interface of ``csv.reader``."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class _BorrowedText(io.TextIOWrapper):
    """Text of a stream that its owner closes: a progress bar still reads the stream's position."""

    def close(self) -> None:
        """Leave the stream open; the interpreter calls this when the last row has been read."""
        with suppress(ValueError):  # detached already
            self.detach()


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header has been read and whose rows are still to come."""

    name: str
    header: tuple[str, ...]
    delimiter: str
    encoding: str
    reader: _Reader
    preamble: tuple[str, ...] = ()
    """The lines before the header."""


def open_table(
    file: io.BufferedReader,
    name: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    skip_lines: int = 0,
) -> Table:
    """Open a delimited file and read its header.

    A first line such as ``sep=;``, which Excel reads and writes, gives the delimiter.

    Args:
        file: The binary stream.
        name: The file's name, for messages.
        encoding: Used where the file has no byte-order mark; None is UTF-8.
        delimiter: None is that of the first line, else the comma, semicolon or tab that splits the
            header into most columns.
        skip_lines: How many lines stand before the header; ``sep=`` is not counted.

    Raises:
        BadValue: The file is empty, is not text, or is not in the encoding.
    """
    encoding = _detect_encoding(file.peek(io.DEFAULT_BUFFER_SIZE), name, encoding)
    # An undecodable byte of UTF-8 is carried along, so that its row can be named.
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    text = _BorrowedText(file, encoding=encoding, errors=errors, newline="")
    preamble: list[str] = []
    try:
        first = text.readline()
        if mark := re.fullmatch(_SEPARATOR_LINE, first):
            preamble.append(first)
            delimiter = delimiter or mark[1]
            first = text.readline()
        for _ in range(skip_lines):
            preamble.append(first)
            first = text.readline()
        delimiter = delimiter or max(
            _DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark)))
        )
        reader = csv.reader(chain([first], text), delimiter=delimiter)
        header = tuple(cell.strip() for cell in next(reader))
    except (UnicodeError, csv.Error, StopIteration) as error:
        raise BadValue(
            f"{name} line {len(preamble) + 1} is not a header in {encoding}: {error}; "
            f"{_ENCODING_CURE}."
        ) from None
    if not first and not preamble:  # a byte-order mark alone
        raise BadValue(f"{name} is empty: give a file whose first line names the columns.")
    if any(map(_UNDECODABLE.search, header)):
        raise BadValue(
            f"{name} line {len(preamble) + 1} is not a header in {encoding}: {_ENCODING_CURE}."
        )
    if not first:
        raise BadValue(
            f"{name} ends before line {len(preamble) + 1}, which must name the columns: "
            "give skip_lines in [formats] as the number of lines before the header."
        )
    if not any(header):
        raise BadValue(
            f"{name} line {len(preamble) + 1} is blank: it must name the columns; "
            "if lines stand before them, give skip_lines in [formats]."
        )
    return Table(name, header, delimiter, encoding, reader, tuple(preamble))


def _detect_encoding(start: bytes, name: str, encoding: str | None) -> str:
    """Return the encoding by a file's first bytes, else the given one, else UTF-8."""
    if not start:
        raise BadValue(
            f"{name} is empty (0 bytes): give a file whose first line names the columns."
        )
    if marked := marked_encoding(start):
        return marked
    if encoding is None and is_binary(start):
        raise BadValue(f"{name} is binary, not text: export the log as CSV.")
    if encoding is None and b"\0" in start[:4]:
        raise BadValue(
            f"{name} is not UTF-8 text, it looks like UTF-16 without a mark: {_ENCODING_CURE}."
        )
    return encoding or "utf-8"


def read_records(table: Table, convert: Convert, positions: Positions) -> Iterator[BatchedRecord]:
    """Yield the records of a table's rows in order.

    A chunk of rows is converted at a time. Where that fails the chunk is halved, until each row
    that is rejected or skipped is alone.

    Args:
        table: The table.
        convert: Converts rows to records.
        positions: Where in a row the columns are, for rejected rows.

    Raises:
        BadValue: The file stops being text, or a quote is never closed.
    """
    while True:
        line = len(table.preamble) + table.reader.line_num + 1
        try:
            rows = list(islice(table.reader, CHUNK_ROWS))
        except UnicodeError as error:
            raise BadValue(f"{table.name} after line {line}: {error}; {_ENCODING_CURE}.") from None
        except csv.Error as error:
            raise BadValue(
                f"{table.name} after line {len(table.preamble) + table.reader.line_num}: {error}; "
                "is a quote there never closed?"
            ) from None
        if not rows:
            return
        yield from _convert_chunk(rows, line, table, convert, positions)


def _convert_chunk(
    rows: Rows, line: int, table: Table, convert: Convert, positions: Positions
) -> Sequence[BatchedRecord]:
    """Return the records of some rows, the first of which begins on ``line``."""
    try:
        _check_width(rows, table)
        return convert(rows)
    except SkipRow as reason:
        if len(rows) == 1:
            return [Skipped(line, str(reason))]
    except BadCell as fault:
        if len(rows) == 1:
            if not any(map(str.strip, rows[0])):
                return [Skipped(line, "empty row")]
            return [_rejected(rows[0], line, table, fault, positions)]
    half = len(rows) // 2
    second_line = line + sum(map(_count_lines, rows[:half]))
    return [
        *_convert_chunk(rows[:half], line, table, convert, positions),
        *_convert_chunk(rows[half:], second_line, table, convert, positions),
    ]


def _check_width(rows: Rows, table: Table) -> None:
    """Raise BadCell for a row with too few fields or too many; drop empty surplus fields."""
    width = len(table.header)
    if set(map(len, rows)) == {width}:
        return
    for row in rows:
        if len(row) < width:
            reason = f"the row has {len(row)} of {width} fields, as if it were cut off"
            raise BadCell(table.header[len(row)], reason, foreign=True)
        if any(row[width:]):
            reason = (
                f"the row has {len(row)} fields, the header {width}; "
                f"put the one with a {table.delimiter} in quotes"
            )
            raise BadCell(table.header[-1], reason, foreign=True)
        del row[width:]


def _rejected(
    row: list[str], line: int, table: Table, fault: BadCell, positions: Positions
) -> Rejected:
    """Return the rejected row, with the file's own name of the column and its raw value."""
    if fault.foreign:
        indices: tuple[int, ...] = (table.header.index(fault.column),)
    else:
        indices = positions.get(fault.column, ())
    column = " + ".join(table.header[index] for index in indices) or fault.column
    value = " + ".join(row[index] for index in indices if index < len(row))
    return Rejected(line, column, _escape_undecodable(value), fault.reason, tuple(row))


def _escape_undecodable(text: str) -> str:
    """Return a text with its undecodable bytes written as hexadecimal escapes."""
    return recode(text).decode("utf-8", "backslashreplace")


def recode(text: str) -> bytes:
    """Return a text in UTF-8, with undecodable bytes as they were in the file.

    A lone surrogate that stands for no byte, which only JSON can hold, becomes three bytes.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _count_lines(row: list[str]) -> int:
    """Return how many lines of the file a row takes, with the line breaks inside its quotes."""
    return 1 + sum(cell.count("\n") for cell in row)


def encode_rows(rows: Rows, header: Sequence[str]) -> list[bytes]:
    """Return each row as bytes, to be hashed.

    Raises:
        BadCell: A row is not text: it has undecodable bytes or a NUL.
    """
    try:
        encoded = [row.encode() for row in map("\x1f".join, rows)]
    except UnicodeEncodeError:
        encoded = [b"\0"]
    if b"\0" in b"".join(encoded):
        column = _first_binary_column(rows, header)
        raise BadCell(column, f"it is not text; {_ENCODING_CURE}", foreign=True)
    return encoded


def _first_binary_column(rows: Rows, header: Sequence[str]) -> str:
    """Return the first of the file's columns that holds a NUL or undecodable bytes."""
    cells = ((column, cell) for row in rows for column, cell in zip(header, row, strict=True))
    return next(
        column for column, cell in cells if "\0" in cell or _escape_undecodable(cell) != cell
    )
