"""Readers for the columns of a foreign table, by a map.

A column reader takes a chunk of rows (one tuple per foreign column) and returns one value per row.
Each distinct text of a column is parsed once: a Python loop over rows and fields would dominate the
time of an import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import cast

from tracker.domain import names
from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.sources.table.cells import (
    BadCell,
    Chunk,
    ColumnReader,
    ParseCache,
    T,
    constant_reader,
)
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.datetime_parsers import UnreadableInstant
from tracker.sources.table.instants import (
    BareDays,
    DayParser,
    InstantParser,
    LocalInstant,
    LocalInstants,
    day_start,
)
from tracker.sources.table.joined_file import JoinedFile
from tracker.sources.table.map_columns import CATEGORIES, VERBATIM
from tracker.sources.table.text_columns import TextColumn

_MAX_MINUTES = 366 * 24 * 60

_BARE_DAYS: Mapping[str, BareDays] = {"completed_at": "noon", "estimated_at": "start"}


class Columns:
    """Makes the column readers for one table.

    Args:
        map_: The map.
        header: The names of the table's columns.
        table: The table's name, for messages.
        joined: A joined file; its cells follow those of each row.

    Raises:
        BadValue: The table lacks a column of the map, or an extract names no column.
    """

    def __init__(
        self,
        map_: ColumnMap,
        header: Sequence[str],
        table: str,
        joined: JoinedFile | None = None,
    ) -> None:
        self._map = map_
        self.joined = joined
        self._own = {
            column: tuple(_position(name, column, header, table, map_.name) for name in foreign)
            for column, foreign in map_.columns.items()
        }
        if joined is not None:
            self._own |= {
                column: (len(header) + place,) for column, place in joined.columns.items()
            }
        self._searched = {
            column: tuple(
                _position(name, column, header, table, map_.name) for name in extract.columns
            )
            or self._own.get(column, ())
            for column, extract in map_.extracts.items()
        }
        self.positions: Mapping[str, tuple[int, ...]] = {
            column: tuple(
                dict.fromkeys((*self._searched.get(column, ()), *self._own.get(column, ())))
            )
            for column in (*self._own, *self._searched)
        }
        """Tracker's column → the positions of its cells in a row."""
        for column, positions in self._searched.items():
            if not positions:
                raise BadValue(
                    f"{map_.name} [extract.{column}] has no from: name the columns to search."
                )
        self._durations = map_.formats.durations
        self._instants: InstantParser | None = None

    def text(self, column: str) -> ColumnReader[str | None]:
        """Return a reader of texts; a missing text is the constant, else None.

        Names are converted to Unicode NFC; unprintable characters are rejected.
        """
        texts = self._texts(column)
        if column in VERBATIM or column not in self.positions:
            return texts

        def read(chunk: Chunk) -> Iterable[str | None]:
            values = list(texts(chunk))
            present = list(filter(None, values))
            joined = "".join(present)
            # No forbidden character is printable, and isprintable is the faster test.
            has_forbidden = not joined.isprintable() and names.forbidden().search(joined)
            if has_forbidden or len(max(present, key=len, default="")) > names.LONGEST_NAME:
                raise BadCell(column, next(filter(None, map(names.fault, present))))
            if joined.isascii():
                return values
            return [value and normalise_name(value) for value in values]

        return read

    def _texts(self, column: str) -> ColumnReader[str | None]:
        """Return a reader of texts that are not checked."""
        return TextColumn(
            self._map,
            column,
            self._own.get(column, ()),
            self._searched.get(column, ()),
            self._own.get("tags", ()),
        ).reader()

    def name(self, column: str, advice: str = "") -> ColumnReader[str]:
        """Return a reader of names, which no row may lack.

        Args:
            column: The column.
            advice: Another way to give the name, for messages.

        Raises:
            BadValue: The map has no such column or constant.
        """
        if not self._map.has(column):
            raise BadValue(
                f"{self._map.name} does not say which column is {column}: "
                f"add it to [columns]{advice}."
            )
        texts = self.text(column)

        def read(chunk: Chunk) -> Iterable[str]:
            values = list(texts(chunk))
            if None in values:
                raise BadCell(
                    column, f"it is missing; fill it in, or give {column} in [constants]{advice}"
                )
            return cast("list[str]", values)

        return read if column in self.positions else cast("ColumnReader[str]", texts)

    def category(self, column: str) -> ColumnReader[str | None]:
        """Return a reader of a column with a fixed set of values.

        A missing value is the constant, else None.
        """
        texts = self._texts(column)
        allowed = {None, self._map.constants.get(column), *CATEGORIES[column]}

        def read(chunk: Chunk) -> Iterable[str | None]:
            values = list(texts(chunk))
            if not allowed.issuperset(values):
                raise BadCell(
                    column,
                    f"it is none of {', '.join(CATEGORIES[column])}; map it in [values.{column}]",
                )
            return values

        return read

    def minutes(self, column: str, *, least: float = 0.0) -> ColumnReader[float | None]:
        """Return a reader of minutes.

        Several foreign columns are summed. A missing part counts as 0, unless all are missing.

        Args:
            column: The column.
            least: The smallest number that is accepted, in the column's unit after conversion.
        """
        default = cast("float | None", self._map.constants.get(column))
        indices = self.positions.get(column, ())
        caches: list[ParseCache[str, float | None]] = [
            ParseCache(lambda cell: self._duration(column, cell, least)) for _ in indices
        ]

        def read(chunk: Chunk) -> Iterable[float | None]:
            parts = [
                map(cache.__getitem__, chunk[index])
                for cache, index in zip(caches, indices, strict=True)
            ]
            values = parts[0] if len(parts) == 1 else map(_sum, *parts)
            if default is None:
                return values
            return (default if value is None else value for value in values)

        return read if indices else constant_reader(default)

    def estimate(self, column: str) -> ColumnReader[float | None]:
        """Return a reader of estimates, in minutes or points; an estimate of 0 is missing."""
        minutes = self.minutes(column)
        return lambda chunk: (value or None for value in minutes(chunk))

    def instants(self, column: str) -> ColumnReader[LocalInstant | None]:
        """Return a reader of instants; a missing instant is the constant, else None.

        The cells of several foreign columns are joined by spaces. A bare day is accepted for
        completion, which counts in days, and for estimates, which then count as made before the
        work of that day.
        """
        bare_days = _BARE_DAYS.get(column, "refuse")
        default, indices = self._constant_day(column), self.positions.get(column, ())
        if default and bare_days == "start":
            default = day_start(default)
        if not indices:
            return constant_reader(default)
        parser = self._parser()

        def read(chunk: Chunk) -> Iterable[LocalInstant | None]:
            cells = self._joined_cells(column, chunk)
            with _bad_cell_of(column):
                instants = parser.parse_all(cells, bare_days)
            return instants if default is None else [instant or default for instant in instants]

        return read

    def plain_instants(self, column: str, chunk: Chunk) -> LocalInstants | None:
        """Return the instants of a column by :meth:`InstantParser.parse_plain`."""
        return self._parser().parse_plain(self._joined_cells(column, chunk))

    def ends(self, chunk: Chunk, starts: Sequence[LocalInstant]) -> list[LocalInstant | None]:
        """Return the ends of work; an end before its start is on the next day.

        Args:
            chunk: The rows.
            starts: The start of each row's work.
        """
        cells = self._joined_cells("ended_at", chunk)
        with _bad_cell_of("ended_at"):
            return self._parser().parse_ends(cells, starts)

    def _parser(self) -> InstantParser:
        """Return the parser of instants, which needs a zone."""
        self._instants = self._instants or InstantParser(self._map.formats)
        return self._instants

    def _joined_cells(self, column: str, chunk: Chunk) -> Sequence[str]:
        """Return the joined cells of a column, one text per row; "" where all cells are missing.

        An end is missing if any of its cells is: a running entry may have the date alone.
        """
        indices = self.positions[column]
        if len(indices) == 1:
            return chunk[indices[0]]
        rows = zip(*(chunk[index] for index in indices), strict=True)
        is_missing = any if column == "ended_at" else all
        return ["" if is_missing(map(self._is_missing, row)) else " ".join(row) for row in rows]

    def days(self, column: str) -> ColumnReader[LocalInstant | None]:
        """Return a reader of bare days, as instants at noon.

        A missing day is the constant, else None.
        """
        days = DayParser(self._map.formats, self._map.formats.date)
        default = self._constant_day(column)

        def parse(cell: str) -> LocalInstant | None:
            with _bad_cell_of(column):
                return days.read(cell) or default

        return self._cached(column, parse, default)

    def _constant_day(self, column: str) -> LocalInstant | None:
        """Return the noon of a day in [constants]; None without one."""
        day = self._map.constants.get(column)
        try:
            return None if day is None else DayParser(self._map.formats).read(str(day))
        except UnreadableInstant as error:
            raise BadValue(f"{self._map.name} [constants] {column} is {day}: {error}.") from None

    def _cached(self, column: str, parse: Callable[[str], T], default: T) -> ColumnReader[T]:
        """Return a reader that parses each distinct cell once.

        If the table has no such column, the value of every row is ``default``.
        """
        if column not in self.positions:
            return constant_reader(default)
        (index,) = self.positions[column]
        cache = ParseCache(parse)
        return lambda chunk: map(cache.__getitem__, chunk[index])

    def _is_missing(self, cell: str) -> bool:
        return cell.strip() in self._map.formats.missing

    def _duration(self, column: str, cell: str, least: float) -> float | None:
        """Return a cell in minutes or points; None if it is missing.

        Raises:
            BadCell: It is not a number in the map's unit of the column, or is out of range.
        """
        if self._is_missing(cell):
            return None
        unit = self._map.units.get(column, "minutes")
        minutes = self._durations.minutes(cell, unit)
        if minutes is None:
            raise BadCell(column, self._durations.reason(cell, unit))
        if minutes < least:
            advice = ', or set negative = "net" in [formats]' if column == "minutes" else ""
            amount = "points" if unit == "points" else "minutes"
            raise BadCell(column, f"{amount} cannot be negative; give 0 or more{advice}")
        if abs(minutes) > _MAX_MINUTES:
            limit = f"{_MAX_MINUTES:,} points" if unit == "points" else f"a year in {unit}"
            raise BadCell(column, f"that is more than {limit}; check its unit")
        return minutes


@contextmanager
def _bad_cell_of(column: str) -> Iterator[None]:
    """Raise an UnreadableInstant as a BadCell of this column."""
    try:
        yield
    except UnreadableInstant as error:
        raise BadCell(column, str(error)) from None


def _sum(*parts: float | None) -> float | None:
    present = [part for part in parts if part is not None]
    return sum(present) if present else None


def _position(name: str, column: str, header: Sequence[str], table: str, map_name: str) -> int:
    """Return the position of the foreign column ``name``, which the map uses as ``column``.

    Raises:
        BadValue: The header does not have it, or has it more than once.
    """
    key = normalise_name(name)
    indices = [
        index for index, column_name in enumerate(header) if normalise_name(column_name) == key
    ]
    if len(indices) == 1:
        return indices[0]
    if indices:
        raise BadValue(
            f"{table} has {len(indices)} columns {name!r}, which {map_name} uses as {column}: "
            "rename one."
        )
    matches = get_close_matches(name, header, n=1)
    advice = f"did you mean {matches[0]!r}?" if matches else f"it has {', '.join(header)}."
    if not matches and "" in header:
        advice += " If there are lines before the header, give skip_lines in [formats]."
    raise BadValue(f"{table} has no column {name!r}, which {map_name} uses as {column}: {advice}")
