"""The records of a log in batches of limited size, with the entries as columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

from tracker.domain.entry_batch import BatchedRecord, EntryBatch
from tracker.domain.records import Entry

BATCH_SIZE = 10_000
"""Records in memory at a time."""


class RecordBatch:
    """Records by their type, those of a type in their order."""

    def __init__(self) -> None:
        self.size = 0
        self._records: defaultdict[type, list[Any]] = defaultdict(list)
        self._parts: list[EntryBatch] = []

    def entries(self) -> EntryBatch:
        """Return the entries."""
        self._close_part()
        return EntryBatch.joined(self._parts) if self._parts else EntryBatch.of(())

    def records(self, kind: type) -> list[Any]:
        """Return the records of another type."""
        return self._records[kind]

    def add(self, kind: type, records: list[Any] | EntryBatch) -> None:
        """Add records of one type."""
        self.size += len(records)
        if isinstance(records, EntryBatch):
            self._close_part()
            self._parts.append(records)
        else:
            self._records[kind] += records

    def _close_part(self) -> None:
        """Put the single entries so far after the batches before them."""
        if single := self._records.pop(Entry, []):
            self._parts.append(EntryBatch.of(single))


def record_batches(
    records: Iterable[BatchedRecord], size: int = BATCH_SIZE
) -> Iterator[RecordBatch]:
    """Yield all records in batches; each one but the last holds ``size`` of them.

    An :class:`EntryBatch` counts as many as it has entries, and is divided where it does not fit.
    """
    batch = RecordBatch()
    # Records of a kind follow each other: to group them is faster than one by one.
    for kind, group in groupby(records, type):
        for part in group if kind is EntryBatch else _lists(group, size):
            rest: Any = part
            while rest:
                remaining = size - batch.size
                batch.add(kind, rest[:remaining] if len(rest) > remaining else rest)
                rest = rest[remaining:]
                if batch.size == size:
                    yield batch
                    batch = RecordBatch()
    if batch.size:
        yield batch


def _lists(records: Iterable[BatchedRecord], size: int) -> Iterator[list[BatchedRecord]]:
    stream = iter(records)
    while part := list(islice(stream, size)):
        yield part
