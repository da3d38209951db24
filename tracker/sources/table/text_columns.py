"""Readers for columns of texts: extraction, several foreign columns, translation."""

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
from tracker.sources.table.map_columns import CATEGORIES, JOINED_TEXTS, VERBATIM
from tracker.sources.table.map_values import first_value

_Cells = tuple[str, ...]

_IGNORING_OTHER_TAGS = (*CATEGORIES, "assistant")
"""Columns for which tags that the map does not translate are ignored."""


class TextColumn:
    """One of tracker's columns of texts.

    Args:
        map_: The map.
        column: Tracker's name of the column.
        own: The positions of the foreign columns that ``[columns]`` names.
        searched: The positions of those that ``[extract]`` searches; () without an extract.
        tags: The positions of those that hold several tags, separated by commas.
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
        """Return a reader of the texts, which are not checked; a missing one is the constant."""
        extract = self._map.extracts.get(self._column)
        if extract is not None:
            return _cached(
                [*self._searched, *self._own], lambda row: self._extracted_text(extract, row)
            )
        if not self._own:
            return constant_reader(self._default)
        if len(self._own) > 1 or self._holds_tags:
            return _cached(self._own, self._combined_text)
        (index,) = self._own
        if self._patterns or self._column in VERBATIM:
            cache = ParseCache(self._single_text)
            return lambda chunk: map(cache.__getitem__, chunk[index])
        return self._plain_reader(index)

    def _plain_reader(self, index: int) -> ColumnReader[str | None]:
        """Return a reader of a single foreign column that is not translated."""
        missing, default = self._map.formats.missing, self._default

        def read(chunk: Chunk) -> Iterable[str | None]:
            # Most columns have no missing cell and need no loop in Python.
            cells = list(map(str.strip, chunk[index]))
            if missing.isdisjoint(cells):
                return cells
            return (default if cell in missing else cell for cell in cells)

        return read

    def _single_text(self, cell: str) -> str | None:
        """Return the translated text of a single cell."""
        if self._is_missing(cell):
            return self._default
        is_verbatim = self._column in VERBATIM
        return self._map.translate(self._column, cell if is_verbatim else cell.strip())

    def _extracted_text(self, extract: Extract, row: _Cells) -> str | None:
        """Return the translated part of the searched texts that the pattern matches."""
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
            return self._combined_text(own)
        return self._map.translate(self._column, texts[0]) if texts else self._default

    def _combined_text(self, row: _Cells) -> str | None:
        """Return the text of several cells: joined, else the first translated, else the first."""
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
        # Unknown tags are ignored; an unknown word in another column is an error.
        return (
            self._default if self._holds_tags and self._column in _IGNORING_OTHER_TAGS else texts[0]
        )

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
