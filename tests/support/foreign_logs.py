"""What the tests of the sources share: a log and a map as texts → what is read of them."""

from __future__ import annotations

import io
from collections import Counter
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from tracker.domain.ids import uuid7s
from tracker.domain.records import Entry, Imported, Rejected, Skipped, Task, WorkItem
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map

R = TypeVar("R", bound=Imported)

MAP = """
source = "test"
[columns]
key = "id"
developer = "who"
task = "what"
activity = "phase"
started_at = "begin"
ended_at = "end"
[formats]
timezone = "Europe/Berlin"
"""
HEADER = "id,who,what,phase,begin,end\n"


def binary(log: str | bytes) -> io.BufferedReader:
    """A text (as UTF-8) or bytes as the stream that sources read."""
    return io.BufferedReader(io.BytesIO(log if isinstance(log, bytes) else log.encode()))  # type: ignore[arg-type]


def read(
    log: str | bytes,
    map_: str | None = MAP,
    *,
    kind: str = "csv",
    zone: str | None = None,
    developer: str | None = None,
    notes: Counter[str] | None = None,
) -> list[Imported]:
    """Everything that a log yields."""
    request = ImportContext(
        ids=uuid7s(1_700_000_000_000_000_000, Random(1)),
        map=None if map_ is None else parse_map(map_, "m.toml"),
        zone=zone and ZoneInfo(zone),
        developer=developer,
    )
    opened = open_log(kind, binary(log), "log.csv", request)
    records = list(opened.records)
    if notes is not None:
        notes.update(opened.notes)
    return records


def of(kind: type[R], records: list[Imported]) -> list[R]:
    """The records of one kind."""
    return [record for record in records if isinstance(record, kind)]


def only(kind: type[R], records: list[Imported]) -> R:
    """The one record, which is of this kind."""
    (record,) = records
    assert isinstance(record, kind), record
    return record


__all__ = [
    "HEADER",
    "MAP",
    "Entry",
    "Rejected",
    "Skipped",
    "Task",
    "WorkItem",
    "binary",
    "of",
    "only",
    "read",
]
