"""Recognising the tool that wrote a file by its first bytes, so that a wrong file can be named."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import DEFAULT_BUFFER_SIZE, BufferedReader

from tracker.sources.table.byte_order_marks import peek_text

_DELIMITERS = ",;\t"
_FIRST_LINES = 5
"""A header may stand below a title or `sep=;`."""


@dataclass(frozen=True, slots=True)
class Header:
    """A table with these columns."""

    columns: Sequence[str]

    def matches(self, start: str) -> bool:
        """Return whether one of the first lines has all of the columns."""
        lines = [line for line in re.split(r"[\r\n]+", start) if line][:_FIRST_LINES]
        return any({*self.columns} <= cells for line in lines for cells in _split(line))


def _split(line: str) -> Iterator[set[str]]:
    """Yield the cells of a line for each delimiter that it may have."""
    for delimiter in _DELIMITERS:
        with suppress(csv.Error):
            yield {cell.strip() for row in csv.reader([line], delimiter=delimiter) for cell in row}


@dataclass(frozen=True, slots=True)
class Beginning:
    """A text that has matches of all of these patterns among its first characters."""

    patterns: Sequence[str]

    def matches(self, start: str) -> bool:
        """Return whether all patterns are in the text."""
        return all(re.search(pattern, start, re.MULTILINE) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Either:
    """A file that has one of several forms, such as headers in several languages."""

    forms: Sequence[Header | Beginning]

    def matches(self, start: str) -> bool:
        """Return whether one of the forms matches."""
        return any(form.matches(start) for form in self.forms)


Signature = Header | Beginning | Either
"""The features by which the files of a source are recognised."""


def read_start(file: BufferedReader) -> str:
    """Return the first characters of a file, and consume nothing; "" where it is not text."""
    text = peek_text(file, DEFAULT_BUFFER_SIZE)
    if "\N{REPLACEMENT CHARACTER}" in text[:-1]:  # the last character may be cut
        text = file.peek(DEFAULT_BUFFER_SIZE)[:DEFAULT_BUFFER_SIZE].decode("cp1252", "replace")
    return "" if "\0" in text else text
