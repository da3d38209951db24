"""Cells of a table: readers of columns, exceptions that reject or skip a row, a cache."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import repeat
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Chunk = Sequence[tuple[str, ...]]
"""Some rows, transposed: one tuple per foreign column."""
ColumnReader = Callable[[Chunk], Iterable[T]]
"""Chunk → one value per row."""

RUNNING = "still running: it has no end"
"""Why an entry is skipped whose timer had not been stopped."""

MAX_CACHED = 65_536
"""Values that a cache holds at most."""


class BadCell(Exception):
    """A row is rejected because of one of its cells.

    Args:
        column: The column, by tracker's name for it or, where ``foreign``, by the file's own.
        reason: What is wrong and what to do instead.
        foreign: Whether ``column`` is a name from the file's header.
        value: The cell, where the log is not a table.
    """

    def __init__(self, column: str, reason: str, *, foreign: bool = False, value: str = "") -> None:
        super().__init__(column, reason)
        self.value = value
        self.column = column
        self.reason = reason
        self.foreign = foreign


class SkipRow(Exception):
    """A row is left out on purpose; the message is the reason."""


class ParseCache(dict[K, T]):
    """The value of each distinct text, or tuple of texts, parsed once.

    The cache is emptied when it is full, so that memory stays flat however long the log is.
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
    """Return a reader of the same value for every row."""
    return lambda chunk: repeat(value, len(chunk[0]))
