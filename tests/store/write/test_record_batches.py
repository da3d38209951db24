"""Batches hold a given number of records, whether these come one by one or as columns."""

from __future__ import annotations

import pytest
from support.store_kit import foreign_entry

from tracker.domain.entry_batch import BatchedRecord, EntryBatch
from tracker.domain.records import Entry, Skipped, Task
from tracker.store.write.record_batches import record_batches

ENTRIES = [foreign_entry(number) for number in range(7)]
TASK, SKIPPED = Task("T-1", "Login"), Skipped(9, "empty row")

SINGLE: list[BatchedRecord] = [*ENTRIES[:5], TASK, SKIPPED, *ENTRIES[5:]]
TOGETHER: list[BatchedRecord] = [EntryBatch.of(ENTRIES[:5]), TASK, SKIPPED, *ENTRIES[5:]]
MIXED: list[BatchedRecord] = [*ENTRIES[:2], EntryBatch.of(ENTRIES[2:5]), TASK, SKIPPED]
MIXED += [EntryBatch.of([]), EntryBatch.of(ENTRIES[5:])]


@pytest.mark.parametrize("records", [SINGLE, TOGETHER, MIXED])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 9, 10])
def test_batches_hold_all_records_in_their_order(records: list[BatchedRecord], size: int) -> None:
    """Every batch but the last is full, and the records of a kind keep their order."""
    batches = list(record_batches(iter(records), size))
    assert [batch.size for batch in batches[:-1]] == [size] * (len(batches) - 1)
    assert sum(batch.size for batch in batches) == 9
    assert [entry for batch in batches for entry in batch.entries().entries()] == ENTRIES
    assert [task for batch in batches for task in batch.records(Task)] == [TASK]
    assert [record for batch in batches for record in batch.records(Skipped)] == [SKIPPED]


def test_a_batch_without_entries_has_none() -> None:
    """A log of tasks alone has no entries, and none of their columns hold a value."""
    (batch,) = record_batches(iter([TASK]))
    assert len(batch.entries()) == 0
    assert batch.records(Entry) == []
