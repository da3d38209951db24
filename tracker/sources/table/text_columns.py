"""The texts of a foreign table's columns: extracted, chosen among several columns, translated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from tracker.sources.table.cells import (
    BadCell,
    Chunk,
    ColumnReader,
    ParseCache,
    SkipRow,
    constant_reader,
)
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.extracts import Extract
from tracker.sources.table.map_columns import JOINED_TEXTS, VERBATIM, WORDS
from tracker.sources.table.map_values import first_value

_Cells = tuple[str, ...]

_SIGNS = (*WORDS, "assistant")
"""Columns of which tags say nothing unless the map translates one."""


class TextColumn:
    """One of tracker's columns of texts.

    Args:
        map_: The map.
        column: Tracker's name of the column.
        own: Where in a row the cells are that ``[columns]`` names.
        searched: Where the texts are that ``[extract]`` searches; () without an extract.
        tags: Where the cells are that hold several tags, separated by commas.
    """

    def __init__(
        self,
        map_: ColumnMap,
        column: str,
        own: Sequence[int],
        searched: Sequence[int],
        tags: Sequence[int],
    ) -> None:
        self._map = map_
        self._column = column
        self._own = own
        self._searched = searched
        self._patterns = map_.values.get(column, ())
        self._default = cast("str | None", map_.constants.get(column))
        self._holds_tags = column not in JOINED_TEXTS and not set(tags).isdisjoint(own)

    def reader(self) -> ColumnReader[str | None]:
        """Return a reader of the texts: the constant where missing, else None; unchecked."""
        extract = self._map.extracts.get(self._column)
        if extract is not None:
            return _cached([*self._searched, *self._own], lambda row: self._part(extract, row))
        if not self._own:
            return constant_reader(self._default)
        if len(self._own) > 1 or self._holds_tags:
            return _cached(self._own, self._whole)
        (index,) = self._own
        if self._patterns or self._column in VERBATIM:
            cache = ParseCache(self._single)
            return lambda chunk: map(cache.__getitem__, chunk[index])
        return self._plain_reader(index)

    def _plain_reader(self, index: int) -> ColumnReader[str | None]:
        """Return a reader of one column that is not translated."""
        missing, default = self._map.formats.missing, self._default

        def read(chunk: Chunk) -> Iterable[str | None]:
            # Most columns have no missing cell, and then need no loop in Python.
            cells = list(map(str.strip, chunk[index]))
            if missing.isdisjoint(cells):
                return cells
            return (default if cell in missing else cell for cell in cells)

        return read

    def _single(self, cell: str) -> str | None:
        """Return the text of the only cell, translated."""
        if self._is_missing(cell):
            return self._default
        is_verbatim = self._column in VERBATIM
        return self._map.translate(self._column, cell if is_verbatim else cell.strip())

    def _part(self, extract: Extract, row: _Cells) -> str | None:
        """Return the part of the searched texts that the pattern matches, translated."""
        searched, own = row[: len(self._searched)], row[len(self._searched) :]
        texts = [cell.strip() for cell in searched if not self._is_missing(cell)]
        part = extract.search(texts)
        if part is not None:
            return self._map.translate(self._column, part)
        if texts and extract.otherwise == "refuse":
            raise BadCell(self._column, f"no part of it matches {extract.pattern.pattern}")
        if texts and extract.otherwise == "skip":
            raise SkipRow(f"nothing matches the pattern of {self._column}")
        if not all(map(self._is_missing, own)):
            return self._whole(own)
        return self._map.translate(self._column, texts[0]) if texts else self._default

    def _whole(self, row: _Cells) -> str | None:
        """Return the text of several cells: joined, else the first known, else the first."""
        texts = [cell.strip() for cell in row if not self._is_missing(cell)]
        if not texts:
            return self._default
        separator = JOINED_TEXTS.get(self._column)
        if separator is not None:
            return self._map.translate(self._column, separator.join(texts))
        parts = texts
        if self._holds_tags:
            parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
        value = first_value(self._patterns, parts)
        if value is not None:
            return value
        # Tags say nothing where none of them is known; other words than these would be a fault.
        return self._default if self._holds_tags and self._column in _SIGNS else texts[0]

    def _is_missing(self, cell: str) -> bool:
        return cell.strip() in self._map.formats.missing


def _cached(
    indices: Sequence[int], parse: Callable[[_Cells], str | None]
) -> ColumnReader[str | None]:
    """Return a reader that parses each distinct combination of cells once."""
    cache = ParseCache(parse)

    def read(chunk: Chunk) -> Iterable[str | None]:
        return map(cache.__getitem__, zip(*(chunk[index] for index in indices), strict=True))

    return read
