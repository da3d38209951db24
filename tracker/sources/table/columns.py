"""The columns of a foreign table as a map names them, read a few hundred rows at a time.

A reader takes a chunk (the rows turned: one tuple per foreign column) and gives one value per row. It works column by
column, and understands each distinct text once, because a Python loop over rows and fields is where an import's time
goes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import repeat
from typing import TypeVar, cast

from tracker.domain import names
from tracker.domain.errors import BadValue
from tracker.sources.table.cells import BadCell, Memo
from tracker.sources.table.column_map import WORDS, ColumnMap
from tracker.sources.table.instants import Days, Instants, Moment, UnreadableInstant

T = TypeVar("T")
Chunk = Sequence[tuple[str, ...]]
Column = Callable[[Chunk], Iterable[T]]

_MOST_MINUTES = 366 * 24 * 60
_VERBATIM = ("title", "note", "tags")
"""Texts for people. The others tell things apart: blanks around them are no part of them."""


class Columns:
    """Makes the readers of one table's columns."""

    def __init__(self, map_: ColumnMap, header: Sequence[str], table: str) -> None:
        self._map = map_
        self.places: Mapping[str, tuple[int, ...]] = {
            ours: tuple(_place(theirs, ours, header, table, map_.name) for theirs in all_theirs)
            for ours, all_theirs in map_.columns.items()
        }
        """Ours → where in a row it stands."""
        self._instants: Instants | None = None

    def text(self, ours: str) -> Column[str | None]:
        """A text through the map's values; where missing, the constant, else None. A name is one that can be shown."""
        texts = self._as_written(ours)
        if ours in _VERBATIM or ours not in self.places:
            return texts

        def column(chunk: Chunk) -> Iterable[str | None]:
            found = list(texts(chunk))
            given = list(filter(None, found))
            if (
                names.FORBIDDEN.search("".join(given))
                or len(max(given, key=len, default="")) > names.LONGEST_NAME
            ):
                raise BadCell(ours, next(filter(None, map(names.fault, given))))
            return found

        return column

    def _as_written(self, ours: str) -> Column[str | None]:
        """A text of any kind."""
        default = cast("str | None", self._map.constants.get(ours))

        def read(cell: str) -> str | None:
            if self._is_missing(cell):
                return default
            return self._map.translate(ours, cell if ours in _VERBATIM else cell.strip())

        if ours in self._map.values or ours in _VERBATIM or ours not in self.places:
            return self._each(ours, read, default)
        (index,) = self.places[ours]

        def column(
            chunk: Chunk,
        ) -> Iterable[str | None]:  # most texts are taken as they are: that goes without a loop
            cells = list(map(str.strip, chunk[index]))
            return cells if self._map.formats.missing.isdisjoint(cells) else map(read, cells)

        return column

    def name(self, ours: str, cure: str = "") -> Column[str]:
        """A text that every row must have; ``cure`` says how else to give it where the map has nothing."""
        if not self._map.has(ours):
            raise BadValue(
                f"{self._map.name} does not say which column is {ours}: add it to [columns]{cure}."
            )
        texts = self.text(ours)

        def column(chunk: Chunk) -> Iterable[str]:
            found = list(texts(chunk))
            if None in found:
                raise BadCell(
                    ours, f"it is missing; fill it in, or give {ours} in [constants]{cure}"
                )
            return cast("list[str]", found)

        return column if ours in self.places else cast("Column[str]", texts)

    def word(self, ours: str) -> Column[str | None]:
        """One of the few words that this column may hold; where missing, the constant, else None."""
        default = cast("str | None", self._map.constants.get(ours))

        def read(cell: str) -> str | None:
            if self._is_missing(cell):
                return default
            word = self._map.translate(ours, cell.strip())
            if word not in WORDS[ours]:
                raise BadCell(
                    ours, f"it is none of {', '.join(WORDS[ours])}; map it in [values.{ours}]"
                )
            return word

        return self._each(ours, read, default)

    def minutes(self, ours: str, *, least: float = 0.0) -> Column[float | None]:
        """Minutes, ``least`` or more; of several columns the sum, a missing part counting 0 unless all are missing."""
        default = cast("float | None", self._map.constants.get(ours))
        indices = self.places.get(ours, ())
        memos = [Memo(lambda cell: self._number(ours, cell, least)) for _ in indices]

        def column(chunk: Chunk) -> Iterable[float | None]:
            parts = [
                map(memo.__getitem__, chunk[index])
                for memo, index in zip(memos, indices, strict=True)
            ]
            values = parts[0] if len(parts) == 1 else map(_sum, *parts)
            return (
                values
                if default is None
                else (default if value is None else value for value in values)
            )

        return column if indices else _constant(default)

    def estimate(self, ours: str) -> Column[float | None]:
        """Minutes expected. 0 is as good as missing."""
        minutes = self.minutes(ours)
        return lambda chunk: (value or None for value in minutes(chunk))

    def instants(self, ours: str) -> Column[Moment | None]:
        """Moments, None where missing; several columns are read as one text, a space between."""
        default, indices = self._constant_day(ours), self.places.get(ours, ())
        if not indices:
            return _constant(default)
        self._instants = instants = self._instants or Instants(self._map.formats)
        day_will_do = ours == "completed_at"  # it is counted in days

        def column(chunk: Chunk) -> Iterable[Moment | None]:
            cells: Sequence[str] = chunk[indices[0]]
            if len(indices) > 1:
                cells = list(
                    map(self._joined, zip(*(chunk[index] for index in indices), strict=True))
                )
            with _naming(ours):
                moments = instants.read_all(cells, day_will_do=day_will_do)
            return moments if default is None else [moment or default for moment in moments]

        return column

    def days(self, ours: str) -> Column[Moment | None]:
        """The noons of bare days; where missing, that of the constant, else None."""
        days = Days(self._map.formats, self._map.formats.date)
        default = self._constant_day(ours)

        def read(cell: str) -> Moment | None:
            with _naming(ours):
                return days.read(cell) or default

        return self._each(ours, read, default)

    def _constant_day(self, ours: str) -> Moment | None:
        """The noon of a day given in [constants]; None where none is."""
        day = self._map.constants.get(ours)
        try:
            return None if day is None else Days(self._map.formats, None).read(str(day))
        except UnreadableInstant as error:
            raise BadValue(f"{self._map.name} [constants] {ours} is {day}: {error}.") from None

    def _each(self, ours: str, read: Callable[[str], T], default: T) -> Column[T]:
        """The column of a reader of cells; the default for all rows where the table has no such column."""
        if ours not in self.places:
            return _constant(default)
        (index,) = self.places[ours]
        memo = Memo(read)
        return lambda chunk: map(memo.__getitem__, chunk[index])

    def _is_missing(self, cell: str) -> bool:
        return cell.strip() in self._map.formats.missing

    def _joined(self, cells: tuple[str, ...]) -> str:
        """One text of several cells; missing where all of them are."""
        return "" if all(map(self._is_missing, cells)) else " ".join(cells)

    def _number(self, ours: str, cell: str, least: float) -> float | None:
        """The number in a cell: digits with perhaps a sign, a fraction, an exponent; nothing cleverer."""
        if self._is_missing(cell):
            return None
        text = cell.strip()
        if self._map.formats.decimal != ".":
            text = text.replace(".", "?").replace(
                self._map.formats.decimal, "."
            )  # no thousands: they are a guess
        try:
            number = float(text) if "_" not in text else math.nan  # 1_000 is Python's, not a log's
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise BadCell(ours, "it is not a number of minutes; give one such as 90 or 1.5")
        if number < least:
            raise BadCell(ours, "minutes cannot be negative; give 0 or more")
        if abs(number) > _MOST_MINUTES:
            raise BadCell(ours, "that is more than a year; give minutes")
        return number


@contextmanager
def _naming(ours: str) -> Iterator[None]:
    """What is unreadable is a cell of this column."""
    try:
        yield
    except UnreadableInstant as error:
        raise BadCell(ours, str(error)) from None


def _constant(value: T) -> Column[T]:
    return lambda chunk: repeat(value, len(chunk[0]))


def _sum(*parts: float | None) -> float | None:
    given = [part for part in parts if part is not None]
    return sum(given) if given else None


def _place(theirs: str, ours: str, header: Sequence[str], table: str, map_name: str) -> int:
    """Where in a row a column of theirs stands."""
    found = [index for index, name in enumerate(header) if name == theirs]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadValue(
            f"{table} has {len(found)} columns {theirs!r}, which {map_name} wants as {ours}: rename one."
        )
    near = get_close_matches(theirs, header, n=1)
    cure = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(header)}."
    raise BadValue(f"{table} has no column {theirs!r}, which {map_name} wants as {ours}: {cure}")
