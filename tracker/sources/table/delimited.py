"""Delimited text (CSV and its kin), streamed: the table, and its rows turned into records a chunk at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import Protocol

from tracker.domain.errors import BadValue
from tracker.domain.records import Imported, Rejected, Skipped
from tracker.sources.table.cells import BadCell, SkipRow

Rows = list[list[str]]
Convert = Callable[[Rows], Sequence[Imported]]
"""Rows → records: all of them, or BadCell / LeftOut with nothing done."""

_CHUNK_ROWS = 256
_DELIMITERS = ",;\t"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class _Reader(Protocol):
    """What ``csv.reader`` gives."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class _BorrowedText(io.TextIOWrapper):
    """Text read from a stream that its owner closes: a progress bar still asks the stream for its position."""

    def close(self) -> None:
        """Leave the stream open; the interpreter calls this when the last row has been read."""
        with suppress(ValueError):  # detached already
            self.detach()


@dataclass(frozen=True, slots=True)
class Table:
    """A delimited file, its header read, its rows still to come."""

    name: str
    header: tuple[str, ...]
    delimiter: str
    encoding: str
    reader: _Reader


def open_table(
    file: io.BufferedReader, name: str, *, encoding: str | None = None, delimiter: str | None = None
) -> Table:
    """The table in a binary stream. BadValue where it is empty, no text, or not in the encoding.

    The encoding is that of a byte-order mark, else the one given, else UTF-8. The delimiter is the one given, else
    whichever of comma, semicolon and tab parts the header into most columns.
    """
    encoding = _encoding(file.peek(4)[:4], name, encoding)
    # An undecodable byte of UTF-8 is carried along until its row is reached, which can then be named.
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    text = _BorrowedText(file, encoding=encoding, errors=errors, newline="")
    try:
        first = text.readline()
        delimiter = delimiter or max(
            _DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark)))
        )
        reader = csv.reader(chain([first], text), delimiter=delimiter)
        header = tuple(name.strip() for name in next(reader))
    except (UnicodeError, csv.Error, StopIteration) as error:
        raise BadValue(
            f"{name} line 1 is not a header in {encoding}: {error}; {_ENCODING_CURE}."
        ) from None
    if not any(header):
        raise BadValue(f"{name} line 1 is blank: the first line must name the columns.")
    return Table(name, header, delimiter, encoding, reader)


_ENCODING_CURE = "save it as UTF-8, or give encoding in [formats] of the map"


def _encoding(start: bytes, name: str, given: str | None) -> str:
    """The encoding that the first bytes speak for."""
    if not start:
        raise BadValue(
            f"{name} is empty (0 bytes): give a file whose first line names the columns."
        )
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if b"\0" in start and given is None:
        raise BadValue(
            f"{name} is not UTF-8 text, it looks like UTF-16 without a mark: {_ENCODING_CURE}."
        )
    return given or "utf-8"


def records(
    table: Table, convert: Convert, places: Mapping[str, tuple[int, ...]]
) -> Iterator[Imported]:
    """The records of a table's rows in their order; a row that cannot be taken is a Rejected, with its line.

    A chunk is converted as a whole; where that fails it is halved until the rows that cannot be taken stand alone.
    ``places``: our column → where it stands in a row. BadValue where the file breaks off being text.
    """
    while True:
        line = table.reader.line_num + 1
        try:
            rows = list(islice(table.reader, _CHUNK_ROWS))
        except UnicodeError as error:
            raise BadValue(f"{table.name} after line {line}: {error}; {_ENCODING_CURE}.") from None
        except csv.Error as error:
            raise BadValue(
                f"{table.name} after line {table.reader.line_num}: {error}; is a quote there never closed?"
            ) from None
        if not rows:
            return
        yield from _converted(rows, line, table, convert, places)


def _converted(
    rows: Rows, line: int, table: Table, convert: Convert, places: Mapping[str, tuple[int, ...]]
) -> Sequence[Imported]:
    """The records of some rows, the first of which begins on ``line``."""
    try:
        _check_shape(rows, table)
        return convert(rows)
    except SkipRow as why:
        if len(rows) == 1:
            return [Skipped(line, str(why))]
    except BadCell as fault:
        if len(rows) == 1:
            blank = not any(map(str.strip, rows[0]))
            return [
                Skipped(line, "empty row")
                if blank
                else _rejected(rows[0], line, table, fault, places)
            ]
    half = len(rows) // 2
    return [
        *_converted(rows[:half], line, table, convert, places),
        *_converted(rows[half:], line + sum(map(_lines, rows[:half])), table, convert, places),
    ]


def _check_shape(rows: Rows, table: Table) -> None:
    """Refuse rows that have not as many fields as the header; only empty ones may be too many."""
    width = len(table.header)
    if set(map(len, rows)) == {width}:
        return
    for row in rows:
        if len(row) < width:
            reason = f"the row has {len(row)} of {width} fields, as if it were cut off"
            raise BadCell(table.header[len(row)], reason, theirs=True)
        if any(row[width:]):
            reason = f"the row has {len(row)} fields, the header {width}; put the one with a {table.delimiter} in quotes"
            raise BadCell(table.header[-1], reason, theirs=True)
        del row[width:]


def _rejected(
    row: list[str], line: int, table: Table, fault: BadCell, places: Mapping[str, tuple[int, ...]]
) -> Rejected:
    """The row, with the column and the value as they stand in the file."""
    indices = (table.header.index(fault.column),) if fault.theirs else places.get(fault.column, ())
    column = " + ".join(table.header[index] for index in indices) or fault.column
    value = " + ".join(row[index] for index in indices if index < len(row))
    return Rejected(line, column, _printable(value), fault.reason, tuple(row))


def _printable(text: str) -> str:
    """A text with its undecodable bytes written as hexadecimal escapes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _lines(row: list[str]) -> int:
    """How many lines of the file a row takes: one, and those inside its quotes."""
    return 1 + sum(cell.count("\n") for cell in row)


def joined_rows(rows: Rows, header: Sequence[str]) -> list[bytes]:
    """Each row as bytes, to make a hash of. BadCell for a row that is not text (undecodable, or with a NUL)."""
    try:
        joined = [row.encode() for row in map("\x1f".join, rows)]
    except UnicodeEncodeError:
        joined = [b"\0"]
    if b"\0" in b"".join(joined):
        raise BadCell(_not_text(rows, header), f"it is not text; {_ENCODING_CURE}", theirs=True)
    return joined


def _not_text(rows: Rows, header: Sequence[str]) -> str:
    """The first of the file's columns that holds a NUL or undecodable bytes."""
    cells = ((theirs, cell) for row in rows for theirs, cell in zip(header, row, strict=True))
    return next(theirs for theirs, cell in cells if "\0" in cell or _printable(cell) != cell)
