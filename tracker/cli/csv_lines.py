"""CSV whose lines end in a line feed, and whose cells keep their own carriage returns."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _csv import Writer


class _LineFeeds:
    """``csv`` puts a carriage return in quotes only where its lines end in one: so they do, and lose it here."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> None:
        """One whole line, as ``csv`` writes them."""
        self._file.write(line.removesuffix("\r\n") + "\n")


def writer(file: TextIO, delimiter: str = ",") -> Writer:
    """A ``csv.writer`` to a text file (opened with ``newline=""``)."""
    return csv.writer(_LineFeeds(file), delimiter=delimiter, lineterminator="\r\n")
