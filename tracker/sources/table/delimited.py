"""Streaming of delimited text, such as CSV: the header of a table, and its rows as records."""

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
RowConverter = Callable[[Rows], Sequence[BatchedRecord]]
"""Converts rows to records. If one row is bad it raises BadCell or SkipRow and has no effect."""
Positions = Mapping[str, tuple[int, ...]]
"""Tracker's column → the positions of its cells in a row."""

CHUNK_ROWS = 256
"""The number of rows converted at a time."""
_DELIMITERS = ",;\t"
_SEPARATOR_LINE = r'(?i)"?sep=([^\0\r\n"])"?\r?\n?'
_UNDECODABLE = re.compile("[\udc80-\udcff]")
"""A surrogate that stands for a byte that is not UTF-8."""
_ENCODING_ADVICE = "save it as UTF-8, or give encoding in [formats] of the map"


class _Reader(Protocol):
    """The interface of ``csv.reader``."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class _NonClosingText(io.TextIOWrapper):
    """A text stream that leaves its binary stream open.

    A progress bar reads the position of the binary stream after the last row.
    """

    def close(self) -> None:
        """Detach the binary stream instead of closing it."""
        with suppress(ValueError):  # it is already detached
            self.detach()


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header has been read; ``reader`` yields its rows."""

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
        encoding: The encoding of a file without a byte-order mark; None is UTF-8.
        delimiter: None is the one in ``sep=``, else the comma, semicolon or tab that splits the
            header into most columns.
        skip_lines: The number of lines before the header; ``sep=`` is not counted.

    Raises:
        BadValue: The file is empty, is not text, or is not in the encoding.
    """
    encoding = _detect_encoding(file.peek(io.DEFAULT_BUFFER_SIZE), name, encoding)
    # Undecodable bytes of UTF-8 are kept, so that the message can name their row.
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    text = _NonClosingText(file, encoding=encoding, errors=errors, newline="")
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
            f"{_ENCODING_ADVICE}."
        ) from None
    if not first and not preamble:  # the file is a byte-order mark only
        raise BadValue(f"{name} is empty: give a file whose first line names the columns.")
    if any(map(_UNDECODABLE.search, header)):
        raise BadValue(
            f"{name} line {len(preamble) + 1} is not a header in {encoding}: {_ENCODING_ADVICE}."
        )
    if not first:
        raise BadValue(
            f"{name} ends before line {len(preamble) + 1}, which must name the columns: "
            "give skip_lines in [formats] as the number of lines before the header."
        )
    if not any(header):
        raise BadValue(
            f"{name} line {len(preamble) + 1} is blank: it must name the columns; "
            "if there are lines before the header, give skip_lines in [formats]."
        )
    return Table(name, header, delimiter, encoding, reader, tuple(preamble))


def _detect_encoding(start: bytes, name: str, encoding: str | None) -> str:
    """Return the encoding of a file's byte-order mark, else the given one, else UTF-8.

    Raises:
        BadValue: The file is empty or not text.
    """
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
            f"{name} is not UTF-8 text, it looks like UTF-16 without a mark: {_ENCODING_ADVICE}."
        )
    return encoding or "utf-8"


def read_records(
    table: Table, convert: RowConverter, positions: Positions
) -> Iterator[BatchedRecord]:
    """Yield the records of a table's rows in order.

    Rows are converted in chunks. A chunk that fails is halved until the bad row is alone.

    Args:
        table: The table.
        convert: Converts rows to records.
        positions: The positions of the columns in a row, for rejected rows.

    Raises:
        BadValue: A row is not text, or a quote is never closed.
    """
    while True:
        line = len(table.preamble) + table.reader.line_num + 1
        try:
            rows = list(islice(table.reader, CHUNK_ROWS))
        except UnicodeError as error:
            raise BadValue(
                f"{table.name} after line {line}: {error}; {_ENCODING_ADVICE}."
            ) from None
        except csv.Error as error:
            raise BadValue(
                f"{table.name} after line {len(table.preamble) + table.reader.line_num}: {error}; "
                "is a quote there never closed?"
            ) from None
        if not rows:
            return
        yield from _convert_chunk(rows, line, table, convert, positions)


def _convert_chunk(
    rows: Rows, line: int, table: Table, convert: RowConverter, positions: Positions
) -> Sequence[BatchedRecord]:
    """Return the records of some rows; the first begins on ``line``."""
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
    """Remove empty surplus fields from rows; raise BadCell for a row with too few or too many."""
    width = len(table.header)
    if set(map(len, rows)) == {width}:
        return
    for row in rows:
        if len(row) < width:
            reason = f"the row has {len(row)} of {width} fields; complete it"
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
    """Return a rejected row, with the column by its foreign name and the raw cell."""
    if fault.foreign:
        indices: tuple[int, ...] = (table.header.index(fault.column),)
    else:
        indices = positions.get(fault.column, ())
    column = " + ".join(table.header[index] for index in indices) or fault.column
    value = " + ".join(row[index] for index in indices if index < len(row))
    return Rejected(line, column, _escape_undecodable(value), fault.reason, tuple(row))


def _escape_undecodable(text: str) -> str:
    """Return a text with its undecodable bytes written as hexadecimal escapes."""
    return restore_bytes(text).decode("utf-8", "backslashreplace")


def restore_bytes(text: str) -> bytes:
    """Return a text in UTF-8, with its undecodable bytes as they are in the file.

    Any other lone surrogate, as in a JSON escape, is encoded as three bytes.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _count_lines(row: list[str]) -> int:
    """Return the number of lines of a row, which may have line breaks inside quotes."""
    return 1 + sum(cell.count("\n") for cell in row)


def encode_rows(rows: Rows, header: Sequence[str]) -> list[bytes]:
    """Return each row as bytes for hashing.

    Raises:
        BadCell: A cell has undecodable bytes or a NUL.
    """
    try:
        encoded = [row.encode() for row in map("\x1f".join, rows)]
    except UnicodeEncodeError:
        encoded = [b"\0"]
    if b"\0" in b"".join(encoded):
        column = _first_binary_column(rows, header)
        raise BadCell(column, f"it is not text; {_ENCODING_ADVICE}", foreign=True)
    return encoded


def _first_binary_column(rows: Rows, header: Sequence[str]) -> str:
    """Return the first foreign column that holds a NUL or undecodable bytes."""
    cells = ((column, cell) for row in rows for column, cell in zip(header, row, strict=True))
    return next(
        column for column, cell in cells if "\0" in cell or _escape_undecodable(cell) != cell
    )
