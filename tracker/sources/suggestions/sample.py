"""Reading a table of unknown form: its encoding, delimiter, header and first rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.printing import quote
from tracker.sources.table.byte_order_marks import marked_encoding
from tracker.sources.table.file_kind import check_is_text, check_not_empty
from tracker.sources.table.json_table import open_json_table
from tracker.sources.table.json_text import is_json
from tracker.sources.table.total_row import is_total_word

MAX_BYTES = 16_000_000
"""Bytes of a file that are read for a suggestion."""
MAX_ROWS = 100_000

_DELIMITERS = ",;\t|"
_FIRST_LINES = 12
"""Lines among which the header is searched."""
_SEPARATOR_LINE = "sep="
_DAY_HEADER = re.compile(
    r"(?i)(mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)"
    r"([a-z]*(day|tag|woch|di|anche))?\b.{0,16}"
    r"|[0-9]{1,4}[-/.][0-9a-z]{1,3}[-/.]([0-9]{1,4})?"
    r"|[0-9]{1,2}\.? [a-z]{3,9}\.?( [0-9]{2,4})?"
)
"""A header that is a day, such as ``Mon 1 Sep``, ``Dienstag``, ``03/Mar/25`` or ``2026-03-02``."""
_MIN_DAYS_OF_GRID = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a table, or all of them."""

    name: str
    header: tuple[str, ...]
    rows: list[list[str]]
    """Stripped rows with as many cells as the header; other rows are left out."""
    is_whole: bool
    """Whether the sample holds all rows."""
    is_json: bool = False
    delimiter: str = ","
    encoding: str | None = None
    """The encoding that a map has to name; None if the import recognises it."""
    skip_lines: int = 0
    odd_rows: int = 0
    """Rows with more or fewer cells than the header."""

    @property
    def extent(self) -> str:
        """The extent of the sample, for the evidence: ``all 312 rows``."""
        number = f"{len(self.rows):,}"
        if self.is_whole and len(self.rows) == 1:
            return "the only row"
        return f"all {number} rows" if self.is_whole else f"the first {number} rows"

    def column(self, index: int) -> list[str]:
        """Return the cells of a column."""
        return [row[index] for row in self.rows]

    def position(self, name: str) -> int:
        """Return the position of a column."""
        return self.header.index(name)


def read_sample(file: io.BufferedReader, name: str) -> Sample:
    """Read the beginning of a table.

    Raises:
        BadValue: The file is not text, not a table, has a column per day, or has no rows.
    """
    check_not_empty(file, name, "give a file whose first line names the columns")
    check_is_text(file, name)
    sample = _read_json(file, name) if is_json(file) else _read_delimited(file, name)
    days = [column for column in sample.header if _DAY_HEADER.fullmatch(column)]
    if len(days) >= _MIN_DAYS_OF_GRID:
        raise BadValue(
            f"{name} has a column for each day ({quote(days[0])}, {quote(days[1])}, …): export the "
            "log with a row for each entry, as in a detailed report."
        )
    if not sample.rows:
        raise BadValue(
            f"{name} has no rows below its header: give a file with some, so that their "
            "values show what the columns mean."
        )
    return sample


def _read_json(file: io.BufferedReader, name: str) -> Sample:
    table = open_json_table(file, name)
    rows = [list(map(str.strip, row)) for row in islice(table.reader, MAX_ROWS + 1)]
    width = len(table.header)
    complete_rows = [row for row in rows[:MAX_ROWS] if len(row) == width]
    return Sample(
        name,
        table.header,
        complete_rows,
        is_whole=len(rows) <= MAX_ROWS,
        is_json=True,
        odd_rows=len(rows[:MAX_ROWS]) - len(complete_rows),
    )


def _read_delimited(file: io.BufferedReader, name: str) -> Sample:
    content = file.read(MAX_BYTES + 1)
    is_cut = len(content) > MAX_BYTES
    text, encoding = _decode(content, name, is_cut=is_cut)
    if is_cut:
        text = text[: text.rfind("\n") + 1] or text
    delimiter, separator_lines = _read_separator_line(text)
    if separator_lines:
        text = text.partition("\n")[2]
    delimiter = delimiter or _likely_delimiter(text)
    rows = _parse_rows(text, delimiter, name)
    start = _header_position(rows)
    header = tuple(map(str.strip, rows[start])) if rows else ()
    body = [row for row in rows[start + 1 :] if any(map(str.strip, row))]
    while len(body) > 1 and is_total_word(next(filter(None, map(str.strip, body[-1])))):
        body.pop()
    complete_rows = [list(map(str.strip, row)) for row in body if _has_width(row, len(header))]
    return Sample(
        name,
        header,
        [row[: len(header)] for row in complete_rows[:MAX_ROWS]],
        is_whole=not is_cut and len(complete_rows) <= MAX_ROWS,
        delimiter=delimiter,
        encoding=encoding,
        skip_lines=start,
        odd_rows=len(body) - len(complete_rows),
    )


def _has_width(row: Sequence[str], width: int) -> bool:
    return len(row) == width or (len(row) > width and not any(row[width:]))


def _decode(content: bytes, name: str, *, is_cut: bool) -> tuple[str, str | None]:
    """Return the text of a file, and the encoding if a map has to name it.

    Args:
        content: The beginning of the file.
        name: The file's name, for messages.
        is_cut: Whether the file continues, so that the last character may be incomplete.

    Raises:
        BadValue: The encoding is not recognised.
    """

    def decode(encoding: str) -> str:
        return codecs.getincrementaldecoder(encoding)().decode(content, final=not is_cut)

    try:
        if marked := marked_encoding(content):
            return decode(marked), None
        if b"\0" in content[:4]:
            encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
            return decode(encoding), encoding
        return decode("utf-8"), None
    except UnicodeDecodeError:
        pass
    try:
        return decode("cp1252"), "cp1252"
    except UnicodeDecodeError as error:
        raise BadValue(
            f"{name} is neither UTF-8 nor cp1252 text ({error.reason} at byte {error.start}): "
            "save it as UTF-8."
        ) from None


def _read_separator_line(text: str) -> tuple[str | None, bool]:
    """Return the delimiter in Excel's first line ``sep=;``, and whether there is such a line."""
    first = text.partition("\n")[0].strip().strip('"')
    if first.lower().startswith(_SEPARATOR_LINE) and len(first) == len(_SEPARATOR_LINE) + 1:
        return first[-1], True
    return None, first.lower() == _SEPARATOR_LINE


def _likely_delimiter(text: str) -> str:
    """Return the delimiter that splits most of the first lines into the same number of cells."""
    start = text[: MAX_BYTES // 100]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(islice(csv.reader(io.StringIO(start), delimiter=delimiter), 50))
        except csv.Error:
            return (0, 0)
        widths = Counter(len(row) for row in rows if row)
        width, number = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return (number if width > 1 else 0, width)

    return max(_DELIMITERS, key=score)


def _parse_rows(text: str, delimiter: str, name: str) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return list(islice(reader, MAX_ROWS + _FIRST_LINES + 1))
    except csv.Error as error:
        raise BadValue(
            f"{name} cannot be read as a table: {error}; is a quote never closed?"
        ) from None


def _header_position(rows: Sequence[Sequence[str]]) -> int:
    """Return the position of the header: the first row with over half of the most filled cells."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:_FIRST_LINES]]
    most = max(filled, default=0)
    return next((index for index, number in enumerate(filled) if 2 * number > most), 0)


def count_texts(cells: Sequence[str]) -> Counter[str]:
    """Return distinct text, in NFC → its number of cells; empty cells are left out."""
    return Counter(map(normalise_name, filter(None, cells)))
