"""Guesses of the form and the unit of a column of durations, with the evidence."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.domain.counts import count_of
from tracker.sources.suggestions.column_names import (
    HOURS,
    MILLISECONDS,
    MINUTES,
    POINTS,
    SECONDS,
    has_word,
)
from tracker.sources.suggestions.draft import Alternative
from tracker.sources.table.durations import PLAIN_UNITS, DurationParser, Unit

_NUMBER = re.compile(r"-?[0-9]+(?:([.,])([0-9]+))?")
_HMS = re.compile(r"-?[0-9]+:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?")
_THOUSANDS_DIGITS = 3

_BY_NAME: tuple[tuple[Unit, frozenset[str]], ...] = (
    ("hours", HOURS),
    ("minutes", MINUTES),
    ("seconds", SECONDS),
    ("milliseconds", MILLISECONDS),
)
_MOST_HOURS_A_ROW = 24.0
"""Longest plausible effort of a row; a unit that makes a row longer is unlikely."""
_LEAST_MINUTES_A_ROW = 0.5
"""Least plausible median effort; a unit that makes it shorter is unlikely."""
_AGREEMENT = 0.05
"""Relative difference up to which an effort agrees with the time from start to end."""
_MIN_AGREEING = 0.5
"""Share of the rows that must agree for the times to decide the unit."""


@dataclass(frozen=True, slots=True)
class AmountColumn:
    """The form of a column of numbers or durations."""

    form: Unit
    """``hms``, ``words``, or ``minutes`` for plain numbers, whose unit is not known yet."""
    decimal: str | None = None
    """The decimal mark; None if no cell has one."""
    is_doubtful: bool = False
    """Whether the decimal mark might separate thousands instead."""

    @property
    def is_number(self) -> bool:
        """Whether the cells are plain numbers."""
        return self.form in PLAIN_UNITS

    @property
    def durations(self) -> DurationParser:
        """The parser of the cells."""
        return DurationParser(self.decimal or ".")


@dataclass(frozen=True, slots=True)
class UnitGuess:
    """The unit of a column, or "" and the units that are possible."""

    unit: str
    evidence: str
    alternatives: tuple[Alternative, ...] = ()


def classify(cells: Mapping[str, int]) -> AmountColumn | None:
    """Return the form of a column of amounts; None if a cell is not an amount.

    Args:
        cells: Distinct text → its number of rows.
    """
    if not cells:
        return None
    if all(map(_NUMBER.fullmatch, cells)):
        return _classify_numbers(cells)
    if all(map(_HMS.fullmatch, cells)):
        return AmountColumn("hms")
    for decimal in ".,":
        durations = DurationParser(decimal)
        if all(durations.minutes(text, "words") is not None for text in cells):
            return AmountColumn("words", decimal)
    return None


def _classify_numbers(cells: Iterable[str]) -> AmountColumn | None:
    """Return the form of plain numbers; None if they have both decimal marks."""
    matches = [match for match in map(_NUMBER.fullmatch, cells) if match and match[1]]
    marks = {match[1] for match in matches}
    if len(marks) > 1:
        return None
    mark = next(iter(marks), None)
    is_doubtful = mark == "," and all(len(match[2]) == _THOUSANDS_DIGITS for match in matches)
    return AmountColumn("minutes", mark, is_doubtful)


def guess_unit(
    name: str, column: AmountColumn, cells: Sequence[str], spans: Sequence[float | None] = ()
) -> UnitGuess:
    """Guess the unit of a column of amounts.

    Args:
        name: The column's header.
        column: Its form.
        cells: Its cells, one per row.
        spans: The minutes from start to end of each row, if they are known.
    """
    if not column.is_number:
        example = next(filter(None, cells))
        form = "hours, minutes and seconds" if column.form == "hms" else "words or numbers of hours"
        return UnitGuess(column.form, f"the cells are {form}, such as {example}")
    named = next((unit for unit, words in _BY_NAME if has_word(name, words)), None)
    measured = _unit_by_spans(column, cells, spans)
    if measured is not None:
        unit, evidence = measured
        if named is not None and named != unit:
            evidence += f", although the header says {named}"
        return UnitGuess(unit, evidence)
    if named is not None:
        return UnitGuess(named, f"the header says {named}{_describe_range(column, cells, named)}")
    return _likely_units(column, cells)


def names_points(name: str) -> bool:
    """Return whether a header names story points."""
    return has_word(name, POINTS)


def _unit_by_spans(
    column: AmountColumn, cells: Sequence[str], spans: Sequence[float | None]
) -> tuple[Unit, str] | None:
    """Return the unit in which most efforts agree with the time from start to end."""
    pairs = [
        (number, span)
        for cell, span in zip(cells, spans, strict=False)
        if cell and span and (number := column.durations.minutes(cell, "minutes"))
    ]
    best: tuple[Unit, int] | None = None
    for unit in PLAIN_UNITS:
        factor = column.durations.minutes("1", unit) or 1.0
        agreeing = sum(abs(number * factor / span - 1) <= _AGREEMENT for number, span in pairs)
        if agreeing >= _MIN_AGREEING * len(pairs) and agreeing > (best[1] if best else 0):
            best = unit, agreeing
    if best is None:
        return None
    unit, agreeing = best
    rows = f"{agreeing:,} of {count_of(len(pairs), 'row')}"
    return unit, f"in {rows} it is the time from start to end in {unit}"


def _likely_units(column: AmountColumn, cells: Sequence[str]) -> UnitGuess:
    """Return the units in which the efforts are plausible, as alternatives."""
    numbers = [column.durations.minutes(cell, "minutes") or 0.0 for cell in cells if cell]
    largest = max(map(abs, numbers), default=0.0)
    median = statistics.median(numbers or [0.0])
    alternatives: dict[bool, list[Alternative]] = {True: [], False: []}
    for unit in PLAIN_UNITS:
        factor = column.durations.minutes("1", unit) or 1.0
        meaning = (
            f"the median row takes {_rounded(median * factor)} minutes, "
            f"all rows {_rounded(sum(numbers) * factor / 60)} h"
        )
        is_likely = (
            largest * factor <= _MOST_HOURS_A_ROW * 60
            and abs(median) * factor >= _LEAST_MINUTES_A_ROW
        )
        alternatives[is_likely].append(Alternative(unit, meaning))
    evidence = "neither the header nor start and end show the unit"
    return UnitGuess("", evidence, tuple(alternatives[True] or alternatives[False]))


def _describe_range(column: AmountColumn, cells: Sequence[str], unit: Unit) -> str:
    minutes = [value for cell in cells if (value := column.durations.minutes(cell, unit))]
    if not minutes:
        return ""
    return f": from {_rounded(min(minutes) / 60)} h to {_rounded(max(minutes) / 60)} h"


def _rounded(number: float) -> str:
    """Return a number with four significant digits and no exponent."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
