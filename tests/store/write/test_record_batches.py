"""Batches hold a given number of records, whether these come one by one or as columns."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from support.store_kit import foreign_entry

from tracker.domain.entry_batch import BatchedRecord, EntryBatch
from tracker.domain.records import Entry, Skipped, Task
from tracker.store.write.record_batches import RecordBatch, read_ahead, record_batches

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


def _batches(read: list[int]) -> Iterator[RecordBatch]:
    """Yield batches of one task each; the third cannot be read."""
    for number in range(3):
        read.append(number)
        if number == 2:
            raise ValueError("line 3")
        yield from record_batches([Task(f"T-{number}", None)])


def test_batches_are_read_ahead_in_their_order() -> None:
    """What cannot be read is told after the batches before it were used."""
    used: list[Task] = []

    def use() -> None:
        with read_ahead(_batches([])) as batches:
            for batch in batches:
                used.extend(batch.records(Task))

    with pytest.raises(ValueError, match="line 3"):
        use()
    assert [task.task for task in used] == ["T-0", "T-1"]


def test_no_more_than_one_batch_is_read_ahead() -> None:
    """When the block is left, reading has ended."""
    read: list[int] = []
    with read_ahead(_batches(read)) as batches:
        next(batches)
    assert read in ([0], [0, 1])
    assert threading.active_count() == 1


def test_one_batch_is_read_while_another_is_used() -> None:
    """Each waits for the other, which ends only where both run at once."""
    both = threading.Barrier(2, timeout=60)

    def waiting() -> Iterator[RecordBatch]:
        yield from record_batches([TASK])
        both.wait()
        yield from record_batches([TASK])

    with read_ahead(waiting()) as batches:
        next(batches)
        both.wait()
        assert len(next(batches).records(Task)) == 1
