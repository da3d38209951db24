"""Types for reading a table: column readers, exceptions for bad rows, a cache of parsed cells."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import repeat
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Chunk = Sequence[tuple[str, ...]]
"""Some rows of a table by column: one tuple per foreign column, one cell per row."""
ColumnReader = Callable[[Chunk], Iterable[T]]
"""Chunk → one value per row."""

RUNNING = "still running, without an end"
"""The reason for skipping an entry whose timer was not stopped."""

MAX_CACHED = 65_536
"""The maximum number of values in a cache."""


class BadCell(Exception):
    """A cell is invalid, so its row is rejected.

    Args:
        column: The name of the column.
        reason: What is wrong and what to do.
        foreign: Whether ``column`` is a name from the file's header instead of tracker's name.
        value: The cell, for a log that is not a table.
    """

    def __init__(self, column: str, reason: str, *, foreign: bool = False, value: str = "") -> None:
        super().__init__(column, reason)
        self.value = value
        self.column = column
        self.reason = reason
        self.foreign = foreign


class SkipRow(Exception):
    """A row is not imported, although it is valid; the message is the reason."""


class ParseCache(dict[K, T]):
    """A cache of the parsed values of texts, or of tuples of texts.

    A missing value is parsed. A full cache is emptied, which bounds the memory for long logs.

    Args:
        parse: Parses a text.
    """

    __slots__ = ("_parse",)

    def __init__(self, parse: Callable[[K], T]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: K) -> T:
        if len(self) >= MAX_CACHED:
            self.clear()
        value = self[text] = self._parse(text)
        return value


def constant_reader(value: T) -> ColumnReader[T]:
    """Return a reader that returns the same value for every row."""
    return lambda chunk: repeat(value, len(chunk[0]))
