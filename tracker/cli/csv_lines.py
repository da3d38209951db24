"""A CSV writer whose lines end in a line feed and whose cells keep their carriage returns.

A spreadsheet runs a cell that begins like a formula. Lists for people put an apostrophe before such
a cell; exports that are imported again do not.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _csv import Writer


_FORMULA_STARTS = (*"=+-@", *"＝＋－＠", "\t", "\r", "\n")
"""First characters by which a spreadsheet takes a text for a formula."""


def harmless(value: object) -> object:
    """Return a text, after an apostrophe if a spreadsheet would run it as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


class _LineFeeds:
    """A file that ends each line in a line feed only.

    ``csv`` quotes a cell with a carriage return only if its line terminator has one. So it writes
    ``\\r\\n``, of which the carriage return is removed here.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> None:
        """Write a whole line, as ``csv`` passes it."""
        self._file.write(line.removesuffix("\r\n") + "\n")


def writer(file: TextIO, delimiter: str = ",") -> Writer:
    """Return a ``csv.writer`` for a text file that was opened with ``newline=""``."""
    return csv.writer(_LineFeeds(file), delimiter=delimiter, lineterminator="\r\n")
