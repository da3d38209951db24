"""What the readers of foreign cells share: how a cell is refused, and how a text is understood only once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_REMEMBERED = 65_536


class BadCell(Exception):
    """A row cannot be taken: which column, and what is wrong with it or what to do instead.

    ``column`` is one of ours, or (``theirs``) one of the file's own.
    """

    def __init__(self, column: str, reason: str, *, theirs: bool = False) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason
        self.theirs = theirs


class SkipRow(Exception):
    """A row is left out on purpose; the text says why."""


class Memo(dict[str, T]):
    """What each text means, worked out at its first sight.

    It forgets all when it has seen very many, so that memory stays flat however long the log is.
    """

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> T:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[text] = self._read(text)
        return value
