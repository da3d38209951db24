"""In which unit and form a column's durations are written, and what shows it."""

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
from tracker.sources.suggestions.draft import Reading
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
"""A stretch of work longer than that is unlikely in any unit."""
_LEAST_MINUTES_A_ROW = 0.5
"""Rows of which half are shorter than that are unlikely in any unit."""
_AGREEMENT = 0.05
"""How far an effort may be from the time between start and end to count as equal to it."""
_MIN_AGREEING = 0.5
"""Share of rows that must agree for the times to show the unit."""


@dataclass(frozen=True, slots=True)
class AmountColumn:
    """How the cells of a column of numbers or durations are written."""

    form: Unit
    """``hms`` or ``words`` for those forms; ``minutes`` for plain numbers of whatever unit."""
    decimal: str | None = None
    """The decimal mark; None where no cell has one."""
    is_doubtful: bool = False
    """Whether the mark might also separate thousands."""

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
    """The unit of a column, or the readings that all fit."""

    unit: str
    evidence: str
    readings: tuple[Reading, ...] = ()


def classify(cells: Mapping[str, int]) -> AmountColumn | None:
    """Return how a column writes amounts; None where some cells are none."""
    if not cells:
        return None
    if all(map(_NUMBER.fullmatch, cells)):
        return _numbers(cells)
    if all(map(_HMS.fullmatch, cells)):
        return AmountColumn("hms")
    for decimal in ".,":
        durations = DurationParser(decimal)
        if all(durations.minutes(text, "words") is not None for text in cells):
            return AmountColumn("words", decimal)
    return None


def _numbers(cells: Iterable[str]) -> AmountColumn | None:
    """Return the form of plain numbers; None where both marks occur."""
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
    """Return the unit of a column.

    Args:
        name: The column's header.
        column: Its form.
        cells: Its cells, one a row.
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
        return UnitGuess(named, f"the header says {named}{_range(column, cells, named)}")
    return _undecided(column, cells)


def is_points(name: str) -> bool:
    """Return whether a header says that the estimates are story points."""
    return has_word(name, POINTS)


def _unit_by_spans(
    column: AmountColumn, cells: Sequence[str], spans: Sequence[float | None]
) -> tuple[Unit, str] | None:
    """Return the unit in which most efforts are the time from start to end."""
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


def _undecided(column: AmountColumn, cells: Sequence[str]) -> UnitGuess:
    """Return the units in which the efforts would be possible."""
    numbers = [column.durations.minutes(cell, "minutes") or 0.0 for cell in cells if cell]
    largest = max(map(abs, numbers), default=0.0)
    median = statistics.median(numbers or [0.0])
    readings: dict[bool, list[Reading]] = {True: [], False: []}
    for unit in PLAIN_UNITS:
        factor = column.durations.minutes("1", unit) or 1.0
        meaning = (
            f"a row takes {_rounded(median * factor)} minutes in the middle, "
            f"all of them {_rounded(sum(numbers) * factor / 60)} h"
        )
        is_likely = (
            largest * factor <= _MOST_HOURS_A_ROW * 60
            and abs(median) * factor >= _LEAST_MINUTES_A_ROW
        )
        readings[is_likely].append(Reading(unit, meaning))
    evidence = "neither the header nor start and end say in which unit it is"
    return UnitGuess("", evidence, tuple(readings[True] or readings[False]))


def _range(column: AmountColumn, cells: Sequence[str], unit: Unit) -> str:
    minutes = [value for cell in cells if (value := column.durations.minutes(cell, unit))]
    if not minutes:
        return ""
    return f": from {_rounded(min(minutes) / 60)} h to {_rounded(max(minutes) / 60)} h"


def _rounded(number: float) -> str:
    """Return a number with four significant digits, and never with an exponent."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
