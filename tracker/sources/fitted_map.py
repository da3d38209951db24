"""Fits a shipped map to a file: to its columns, and to the formats of its values.

The order of day and month, the decimal mark, and the form and unit of durations depend on the
exporting user's settings. The rows of the file decide them; if several values are possible, the
file is refused.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BufferedReader
from itertools import chain, combinations, islice

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.times import DAY_SECONDS
from tracker.sources.fitted_unit import fit_unit
from tracker.sources.suggestions import amounts, instant_formats
from tracker.sources.suggestions.profiles import Profile, naive_times
from tracker.sources.suggestions.time_columns import TimeColumns, TimeFormats, find_formats
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.delimited import Table
from tracker.sources.table.extracts import Extract
from tracker.sources.table.json_table import open_mapped_table

_CHUNK_ROWS = 4_096
_MAX_DISTINCT = 200_000
"""Distinct texts of a column that are counted at most; so many leave no doubt."""
_SAMPLE_ROWS = 2_000
"""Rows whose durations are compared with their starts and ends."""
_TIMES = ("started_at", "ended_at", "date")


def fit_columns(map_: ColumnMap, header: Sequence[str]) -> ColumnMap:
    """Return a map without the columns that a file does not have."""
    columns = {name: _present_columns(foreign, header) for name, foreign in map_.columns.items()}
    columns = {
        name: foreign
        for name, foreign in columns.items()
        if foreign and (name not in _TIMES or foreign == map_.columns[name])
    }
    extracts = {
        name: replace(extract, columns=_present_columns(extract.columns, header))
        for name, extract in map_.extracts.items()
    }
    return replace(map_, columns=columns, extracts=_drop_empty(extracts))


def missing_columns(map_: ColumnMap, header: Sequence[str]) -> list[str]:
    """Return the required columns that a file lacks: those of its times or durations."""
    needed = [name for column in _TIMES for name in map_.columns.get(column, ())]
    if "ended_at" not in map_.columns:
        needed += map_.columns.get("minutes", ())
    return [name for name in dict.fromkeys(needed) if name not in header]


def _present_columns(names: Sequence[str], header: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in header)


def _drop_empty(extracts: Mapping[str, Extract]) -> dict[str, Extract]:
    return {name: extract for name, extract in extracts.items() if extract.columns}


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """The texts of the columns whose formats depend on the exporting user's settings."""

    profiles: Mapping[str, Profile]
    """Header → the profile of the column."""
    sample: Mapping[str, Sequence[str]]
    """Header → the cells of the first rows, with the same index for the same row."""

    def times(self, map_: ColumnMap) -> TimeColumns:
        """Return the columns of times that a map names."""
        started, ended, date = (self._profiles_of(map_.columns.get(name, ())) for name in _TIMES)
        return TimeColumns(started, ended, date)

    def efforts(self, map_: ColumnMap) -> Iterator[tuple[str, float]]:
        """Yield the durations of sampled rows as texts, with the minutes from start to end.

        Rows without a duration, a start or a later end are left out.
        """
        formats = map_.formats.datetime or ("",)
        starts, ends = (
            naive_times(map(" ".join, zip(*self._cells(map_, name), strict=True)), formats)
            for name in ("started_at", "ended_at")
        )
        (durations,) = self._cells(map_, "minutes")
        for text, start, end in zip(durations, starts, ends, strict=True):
            if not text or start is None or end is None:
                continue
            span = (end - start).total_seconds() / 60
            if span < 0 and map_.formats.overnight:
                span += DAY_SECONDS / 60
            if span > 0:
                yield text, span

    def _cells(self, map_: ColumnMap, column: str) -> list[Sequence[str]]:
        return [self.sample[name] for name in map_.columns[column]]

    def _profiles_of(self, names: Sequence[str]) -> Sequence[Profile]:
        return tuple(self.profiles[name] for name in names)


def read_evidence(file: BufferedReader, map_: ColumnMap, name: str) -> FileEvidence:
    """Read the columns of a file whose formats are to be decided, and rewind the file.

    Args:
        file: The file, which must be seekable.
        map_: The map, fitted to the columns of the file.
        name: The file's name, for messages.
    """
    table = open_mapped_table(file, name, map_.formats)
    wanted = {part for column in (*_TIMES, "minutes") for part in map_.columns.get(column, ())}
    counts = {part: Counter[str]() for part in wanted}
    sample: dict[str, list[str]] = {part: [] for part in wanted}
    _count_texts(table, counts, sample)
    file.seek(0)
    profiles = {part: _profile(part, number) for part, number in counts.items()}
    return FileEvidence(profiles, sample)


def _count_texts(
    table: Table, counts: Mapping[str, Counter[str]], sample: Mapping[str, list[str]]
) -> None:
    """Count the texts of columns, and copy the cells of the first complete rows, in place.

    Errors are ignored: the import reports them.
    """
    positions = {name: table.header.index(name) for name in counts}
    width = len(table.header)
    try:
        first = list(islice(table.reader, _SAMPLE_ROWS))
        for name, index in positions.items():
            sample[name].extend(row[index].strip() for row in first if len(row) >= width)
        rest = iter(lambda: list(islice(table.reader, _CHUNK_ROWS)), [])
        for rows in chain([first], rest):
            for name, index in positions.items():
                if len(counts[name]) < _MAX_DISTINCT:
                    cells = (row[index].strip() for row in rows if index < len(row))
                    counts[name].update(filter(None, cells))
    except (UnicodeError, csv.Error, BadValue):
        return


def _profile(name: str, counts: Counter[str]) -> Profile:
    """Return the profile of a column; texts that are not times do not prevent its form.

    Their rows are rejected later.
    """
    instant = instant_formats.classify(counts)
    if instant is None:
        readable = Counter(
            {text: number for text, number in counts.items() if instant_formats.classify({text: 1})}
        )
        instant = instant_formats.classify(readable)
    return Profile(name, [], counts, instant=instant, amount=amounts.classify(counts))


def fit_formats(map_: ColumnMap, evidence: FileEvidence, name: str) -> ColumnMap:
    """Return a map with the formats that the texts of a file show.

    Formats that the map has are kept.

    Raises:
        BadValue: Several orders of day, month and year fit all dates, or no single one does; or
            the durations fit the starts and ends in no unit.
    """
    map_ = _fit_times(_fit_minutes(map_, evidence), evidence, name)
    if {"started_at", "ended_at", "minutes"} <= map_.columns.keys():
        return fit_unit(map_, list(evidence.efforts(map_)), name)
    return map_


def _fit_times(map_: ColumnMap, evidence: FileEvidence, name: str) -> ColumnMap:
    """Return a map with the formats of dates and times.

    Raises:
        BadValue: Several orders of day, month and year fit all dates, or no single one does.
    """
    if "date" in map_.columns and evidence.times(map_).date[0].instant is not None:
        kind = evidence.times(map_).date[0].instant
        if kind is not None and kind.kind == "instant":  # a day with a time of day
            columns = {**map_.columns, "started_at": map_.columns["date"]}
            del columns["date"]
            map_ = replace(map_, columns=columns)
    if map_.formats.datetime or map_.formats.date:
        return map_
    times = evidence.times(map_)
    formats = find_formats(times)
    parts = [part for columns in times.columns.values() for part in columns]
    if formats is None or any(part.counts and part.instant is None for part in parts):
        _check_one_form(name, parts)
    if formats is None:
        return map_
    if not formats.is_decided:
        raise BadValue(_ambiguity_message(name, formats, times))
    return replace(
        map_,
        formats=replace(
            map_.formats, datetime=formats.datetime[0], date=tuple(filter(None, formats.date[:1]))
        ),
    )


def _check_one_form(name: str, columns: Sequence[Profile]) -> None:
    """Check that the days of columns do not have several formats.

    Raises:
        BadValue: Two days have formats that exclude each other.
    """
    texts = dict.fromkeys(text for column in columns for text in column.counts)
    kinds = filter(None, (instant_formats.classify({text: 1}) for text in texts))
    examples: dict[tuple[str, ...], str] = {}
    for day in dict.fromkeys(day for kind in kinds for day in kind.days):
        if orders := instant_formats.day_orders({day: 1}):
            examples.setdefault(orders.formats, day)
    for (first, first_day), (second, second_day) in combinations(examples.items(), 2):
        if set(first).isdisjoint(second):
            raise BadValue(
                f"{name} writes days in more than one way, such as {quote(first_day)} and "
                f"{quote(second_day)}: export it again with one date format."
            )


def _ambiguity_message(name: str, formats: TimeFormats, times: TimeColumns) -> str:
    key = "date" if times.date else "datetime"
    values = [line for line in formats.lines(times) if line.key == key]
    alternatives = " or ".join(
        f"{alternative.meaning} ({key} = {_to_toml(alternative.value)})"
        for alternative in values[0].alternatives
    )
    return (
        f"{name}: {formats.evidence}: {alternatives}. Give one of these lines in [formats] of a "
        "map, --map M.toml; `tracker import csv FILE --suggest` drafts it."
    )


def _to_toml(value: object) -> str:
    return str(list(value) if isinstance(value, tuple) else f'"{value}"').replace("'", '"')


def _fit_minutes(map_: ColumnMap, evidence: FileEvidence) -> ColumnMap:
    """Return a map with the form of the durations.

    Durations that are not in the expected form are dropped if the file has ends.
    """
    names = map_.columns.get("minutes", ())
    if not names:
        return map_
    amount = evidence.profiles[names[0]].amount
    unit = map_.units.get("minutes", "minutes")
    if unit == "hms" and (amount is None or amount.form != "hms") and "ended_at" in map_.columns:
        columns = {name: foreign for name, foreign in map_.columns.items() if name != "minutes"}
        units = {name: value for name, value in map_.units.items() if name != "minutes"}
        return replace(map_, columns=columns, units=units)
    if amount is not None and not amount.is_number:
        map_ = replace(map_, units={**map_.units, "minutes": amount.form})
    if amount is not None and amount.decimal == "," and map_.formats.decimal == ".":
        map_ = replace(map_, formats=replace(map_.formats, decimal=","))
    return map_
