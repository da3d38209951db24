"""Foreign logs for the tests: a log and a map as texts → the records."""

from __future__ import annotations

import io
from collections import Counter
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from tracker.domain.ids import uuid7s
from tracker.domain.records import Imported
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
ROW = "1,ann,T-1,design,2026-03-02 09:00,2026-03-02 10:30\n"

MINUTES = MAP.replace("[formats]", 'minutes = "min"\ninterruption_minutes = "off"\n[formats]')
"""The map of a log that also has minutes and interruptions."""
MINUTES_HEADER = HEADER.replace("\n", ",min,off\n")


def import_context(
    map_: str | None = MAP,
    *,
    zone: str | None = None,
    developer: str | None = None,
    now_epoch: int | None = None,
    key_pattern: str | None = None,
) -> ImportContext:
    """Return a context with a map given as text and always the same ids."""
    return ImportContext(
        ids=uuid7s(1_700_000_000_000_000_000, Random(1)),
        map=None if map_ is None else parse_map(map_, "m.toml"),
        zone=ZoneInfo(zone) if zone else None,
        developer=developer,
        now_epoch=now_epoch,
        key_pattern=key_pattern,
    )


def binary(log: str | bytes) -> io.BufferedReader:
    """Return a text (as UTF-8) or bytes as the stream that sources read."""
    return io.BufferedReader(io.BytesIO(log if isinstance(log, bytes) else log.encode()))  # type: ignore[arg-type]


def read(
    log: str | bytes,
    map_: str | None = MAP,
    *,
    kind: str = "csv",
    zone: str | None = None,
    developer: str | None = None,
    now_epoch: int | None = None,
    notes: Counter[str] | None = None,
) -> list[Imported]:
    """Return every record of a log; add its notes to ``notes``."""
    context = import_context(map_, zone=zone, developer=developer, now_epoch=now_epoch)
    foreign_log = open_log(kind, binary(log), "log.csv", context)
    records = list(foreign_log.records)
    if notes is not None:
        notes.update(foreign_log.notes)
    return records


def records_of(kind: type[R], records: list[Imported]) -> list[R]:
    """Return the records of one kind."""
    return [record for record in records if isinstance(record, kind)]


def single(kind: type[R], records: list[Imported]) -> R:
    """Return the one record, which must be of this kind."""
    (record,) = records
    assert isinstance(record, kind), record
    return record
