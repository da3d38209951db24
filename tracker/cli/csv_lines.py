"""A CSV writer whose lines end in a line feed and whose cells keep their carriage returns."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _csv import Writer


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
