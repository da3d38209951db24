"""Sources that are tables of a known form: a map that comes with tracker says what they hold.

Such a map is a file in ``maps/``, as a user would write it for ``import csv``, but of all columns
that an export may have. A source whose headers are translated has a file for each language. The
user's own map adds the words of the team and what the profile of the tool decides.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from io import BufferedReader
from typing import cast

from tracker.domain.entry_batch import BatchedRecord
from tracker.domain.errors import BadValue
from tracker.domain.records import ACTIVITIES, Rejected, Skipped
from tracker.sources import csv_log
from tracker.sources.fitted_map import (
    FileEvidence,
    fit_columns,
    fit_formats,
    missing_columns,
    read_evidence,
)
from tracker.sources.foreign_log import ForeignLog, ImportContext
from tracker.sources.table.column_map import ColumnMap, parse_map
from tracker.sources.table.json_table import open_mapped_table
from tracker.sources.user_map import NO_TASK, UNMAPPED, check_named_map, key_matcher

_OTHER_REPORTS = {
    "clockify": (r"\bDate\b.*\bClient\b|\bTime \(h\)", "a shared or summary report of Clockify"),
    "tempo": (r"\b[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{2}\b", "a grid of Tempo: sums by day"),
}
"""Source → a pattern of the header of another report of the same tool, and what that is."""
_REPORTS = {
    "clockify": "the detailed report as CSV",
    "tempo": "the worklogs, one a row, as CSV",
}


def open_with_shipped_map(
    kind: str, map_file: str, file: BufferedReader, name: str, context: ImportContext
) -> ForeignLog:
    """Open a table by a shipped map and the user's values.

    Args:
        kind: The source's name.
        map_file: The file in ``maps/``; those of other languages have its name and an ending.
        file: The log.
        name: The log's name, for messages.
        context: The import, with the user's map if there is one.

    Raises:
        BadValue: The user's map has more than a named source takes, or the file does not fit.
    """
    twice = readable_twice(file)
    map_, evidence = fitted_map(kind, map_file, twice, name, context)
    map_ = fit_formats(map_, evidence, name)
    log = csv_log.open_log(twice, name, replace(context, map=map_))
    return replace(log, batched=_without_taskless(log, map_))


def fitted_map(
    kind: str, map_file: str, file: BufferedReader, name: str, context: ImportContext
) -> tuple[ColumnMap, FileEvidence]:
    """Return the shipped map with the columns of a file and the user's values, and the texts.

    The formats that the profile decides are still to be fitted. The file is at its start again.

    Raises:
        BadValue: The user's map has more than a named source takes, or the file lacks a column.
    """
    own = context.map
    if own is not None:
        check_named_map(own, kind)
    formats = (own or _shipped_maps(kind, map_file)[0]).formats
    header = open_mapped_table(file, name, formats).header
    file.seek(0)
    map_ = map_for_header(kind, map_file, header, name, own, context.key_pattern)
    return map_, read_evidence(file, map_, name)


def map_for_header(
    kind: str,
    map_file: str,
    header: Sequence[str],
    name: str,
    own: ColumnMap | None = None,
    key_pattern: str | None = None,
) -> ColumnMap:
    """Return the shipped map in the language of a header, with its columns and the user's values.

    Args:
        kind: The source's name.
        map_file: The shipped map.
        header: The columns of the log.
        name: The log's name, for messages.
        own: The user's map.
        key_pattern: The pattern of a task's key from the settings.

    Raises:
        BadValue: A column that every export has is missing, or the pattern is not valid.
    """
    maps = _shipped_maps(kind, map_file)
    shipped = min(maps, key=lambda map_: len(missing_columns(map_, header)))
    if missing := missing_columns(shipped, header):
        raise BadValue(_no_export(kind, name, header, missing))
    if key_pattern and "task" in shipped.extracts:
        extract = replace(shipped.extracts["task"], pattern=key_matcher(key_pattern))
        shipped = replace(shipped, extracts={**shipped.extracts, "task": extract})
    return fit_columns(overlay(shipped, own), header)


def overlay(shipped: ColumnMap, own: ColumnMap | None) -> ColumnMap:
    """Return the shipped map with the user's values before its own, and the user's formats."""
    usual = {"activity": _usual_activities()}
    values = {
        column: (
            *(own.values.get(column, ()) if own else ()),
            *shipped.values.get(column, ()),
            *usual.get(column, ()),
        )
        for column in {*(own.values if own else ()), *shipped.values, *usual}
    }
    constants = {"activity": UNMAPPED, **shipped.constants}
    map_ = replace(shipped, values=values, constants=constants)
    if own is None:
        return map_
    formats = replace(own.formats, overnight=shipped.formats.overnight or own.formats.overnight)
    return replace(
        map_,
        name=own.name,
        source=own.source,
        extracts={
            **shipped.extracts,
            **{
                column: extract
                if extract.columns or column not in shipped.extracts
                else replace(extract, columns=shipped.extracts[column].columns)
                for column, extract in own.extracts.items()
            },
        },
        formats=formats,
    )


@lru_cache
def _shipped_maps(kind: str, map_file: str) -> Sequence[ColumnMap]:
    """Return the maps of a source, one for each language of its headers."""
    folder = files("tracker.sources").joinpath("maps")
    stem = map_file.removesuffix(".toml")
    names = [
        item.name for item in folder.iterdir() if re.fullmatch(rf"{stem}(_\w+)?\.toml", item.name)
    ]
    return tuple(
        parse_map(folder.joinpath(item).read_text(encoding="utf-8"), f"the map of {kind}", kind)
        for item in sorted(names, key=lambda item: (item != map_file, item))
    )


@lru_cache
def _usual_activities() -> tuple[tuple[str, str], ...]:
    """Return patterns that match the names of the usual activities in any case."""
    return tuple(
        ("".join(f"[{letter}{letter.upper()}]" for letter in name), name) for name in ACTIVITIES
    )


def _no_export(kind: str, name: str, header: Sequence[str], missing: Sequence[str]) -> str:
    pattern, report = _OTHER_REPORTS.get(kind, ("", ""))
    if pattern and re.search(pattern, ",".join(header)):
        return f"{name} is {report}, which does not hold single entries: export {_REPORTS[kind]}."
    columns = ", ".join(map(repr, missing))
    return (
        f"{name} has no column {columns}, which exports of {kind} have: export it as "
        f"`tracker import {kind} --help` says, or use `import csv` with a map."
    )


def _without_taskless(log: ForeignLog, map_: ColumnMap) -> Iterator[BatchedRecord]:
    """Yield the records of a log; rows of which no column names a task are skipped."""
    extract = map_.extracts.get("task")
    names = extract.columns if extract else map_.columns.get("task", ())
    label = " + ".join(names)
    for record in log.batched:
        is_of_task = isinstance(record, Rejected) and record.column == label
        if is_of_task and isinstance(record, Rejected) and not record.value.strip(" +"):
            yield Skipped(record.line, NO_TASK)
        else:
            yield record


def readable_twice(file: BufferedReader) -> BufferedReader:
    """Return a stream that can be read twice; a pipe is copied to a temporary file."""
    if file.seekable():
        return file
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - it is read after this function
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return cast("BufferedReader", copy)
