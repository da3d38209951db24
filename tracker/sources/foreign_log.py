"""The input and the output of a source, and the construction of entries."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Required, TypedDict, Unpack
from zoneinfo import ZoneInfo

from tracker.domain import times
from tracker.domain.entry_batch import BatchedRecord, flattened
from tracker.domain.records import Assisted, Basis, Entry, Imported, Rejected
from tracker.domain.validation import normalise_entry
from tracker.sources.entry_check import column_of, find_fault
from tracker.sources.table.column_map import ColumnMap
from tracker.sources.table.delimited import Table


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The settings of an import."""

    ids: Iterator[str]
    """Ids for new entries, ascending and without end."""
    map: ColumnMap | None = None
    zone: ZoneInfo | None = None
    """The zone given with ``--tz``; it goes before the map's."""
    default_zone: ZoneInfo | None = None
    """The zone where neither ``--tz`` nor the map gives one."""
    developer: str | None = None
    """The developer of rows that name none."""
    key_pattern: str | None = None
    """The pattern of a task's key in a text, from the settings; None is the usual one."""
    now_epoch: int | None = None
    """The clock, so that times in the future are rejected; None rejects none."""

    @property
    def latest_epoch(self) -> int:
        """The last instant that an entry may have."""
        return sys.maxsize if self.now_epoch is None else self.now_epoch

    def with_zone(self, map_: ColumnMap) -> ColumnMap:
        """Return the map with the zone that holds for this import."""
        return map_.with_zone(self.zone).with_default_zone(self.default_zone)

    def with_defaults(self, map_: ColumnMap) -> ColumnMap:
        """Return the map with the zone and the developer that hold for this import."""
        return self.with_zone(map_).with_default_developer(self.developer)


@dataclass(frozen=True, slots=True)
class ForeignLog:
    """An opened foreign log. Its records are read as they are iterated over, once."""

    source: str
    """The name its entries are stored under."""
    batched: Iterator[BatchedRecord]
    """The records, with the entries of many rows together where the log is a table."""
    notes: Counter[str]
    """Remarks on rows that were imported → number of rows; complete after the last record."""
    table: Table | None = None
    """The table that the log is, if it is one: rejected rows are written back in its form."""

    @property
    def records(self) -> Iterator[Imported]:
        """The records one by one, in place of :attr:`batched`."""
        return flattened(self.batched)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns of rejected rows; none where the log is not a table."""
        return self.table.header if self.table else ()

    @property
    def preamble(self) -> tuple[str, ...]:
        """The lines before the header, which the file of rejected rows needs for the same map."""
        return self.table.preamble if self.table else ()

    @property
    def delimiter(self) -> str:
        """The delimiter that rejected rows are written with."""
        return self.table.delimiter if self.table else ","

    @property
    def encoding(self) -> str:
        """The encoding that rejected rows are written in."""
        return self.table.encoding if self.table else "utf-8"


class EntryFields(TypedDict, total=False):
    """The fields of an ``Entry`` that a source knows."""

    developer: Required[str]
    task: Required[str]
    activity: Required[str]
    started_epoch: Required[int]
    zone: Required[str]
    seconds: Required[int]
    source_key: Required[str]
    logged_epoch: int
    ended_epoch: int | None
    interruption_seconds: int
    team: str | None
    assisted: Assisted
    basis: Basis | None
    assistant: str | None
    note: str | None
    tags: str | None
    row_hash: str | None


def build_entry(
    context: ImportContext, source: str, line: int, **fields: Unpack[EntryFields]
) -> Entry | Rejected:
    """Return an entry of a log that is not a table, with its id, local day and defaults filled in.

    Args:
        context: The import; its next id is used.
        source: The name of the log.
        line: Where the entry is in the log, for messages.
        **fields: The entry's fields. ``logged_epoch`` defaults to the end of the work.

    Returns:
        The entry with its names in Unicode NFC, or a rejected row where it is not valid.

    Raises:
        BadValue: There is no such zone.
    """
    started, ended = fields["started_epoch"], fields.get("ended_epoch")
    if ended is None:
        ended = started + fields["seconds"] + fields.get("interruption_seconds", 0)
    derived = {
        "id": next(context.ids),
        "local_day": times.local_day(started, times.zone(fields["zone"])),
        "logged_epoch": ended,
        "source": source,
    }
    entry = normalise_entry(Entry(**{**derived, **fields}))  # type: ignore[arg-type]
    fault = find_fault(entry, context.latest_epoch)
    if fault is None:
        return entry
    value = str(getattr(entry, fault.field))
    return Rejected(line, column_of(fault.field), value, fault.reason, ())
