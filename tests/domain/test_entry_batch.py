"""Entries built and checked in batches are the same as entries built and checked one by one."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain import names
from tracker.domain.entry_batch import EntryBatch, build_entries, flattened
from tracker.domain.records import Entry
from tracker.domain.stored_times import LAST_DAY
from tracker.domain.validation import MAX_SECONDS, are_plainly_valid, entry_fault

NOW_EPOCH = 1_800_000_000
VALID: dict[str, Any] = {
    "id": "018bcfe5-6800-7000-8000-000000000001",
    "developer": "ann",
    "task": "T-1",
    "activity": "design",
    "started_epoch": NOW_EPOCH - 7200,
    "zone": "UTC",
    "seconds": 3600,
    "local_day": NOW_EPOCH // 86_400,
    "logged_epoch": NOW_EPOCH,
    "ended_epoch": NOW_EPOCH,
    "interruption_seconds": 0,
    "team": None,
    "assisted": "unknown",
    "basis": None,
    "assistant": None,
    "note": None,
    "tags": None,
    "source": "test",
    "source_key": "1",
    "row_hash": "0",
}

texts = st.sampled_from(
    ["", " ", "é", "a\tb", "a\nb", "\x1b[0m", "x" * 501, "x" * 10_001, "\u200e"]
)
epochs = st.sampled_from([-1, 0, NOW_EPOCH - MAX_SECONDS - 2, NOW_EPOCH, NOW_EPOCH + 1])
durations = st.sampled_from([-1, 0, MAX_SECONDS, MAX_SECONDS + 1])
doubtful_values: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("developer", "task", "activity", "source"), texts),
    **dict.fromkeys(("team", "assistant", "note", "tags", "source_key"), st.none() | texts),
    "assisted": st.sampled_from(["yes", "maybe"]),
    "started_epoch": epochs,
    "ended_epoch": st.none() | epochs,
    "local_day": st.sampled_from([-1, 0, LAST_DAY, LAST_DAY + 1]),
    **dict.fromkeys(("seconds", "interruption_seconds"), durations),
}


def columns_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return rows as one list per field."""
    return {name: [row[name] for row in rows] for name in VALID}


def test_built_entries_are_entries() -> None:
    """Entries built in a batch equal those built one by one, and are as frozen."""
    (entry,) = build_entries(columns_of([VALID]))
    assert entry == Entry(**VALID)
    assert hash(entry) == hash(Entry(**VALID))
    with pytest.raises(dataclasses.FrozenInstanceError):
        entry.task = "other"  # type: ignore[misc]


def test_a_batch_holds_the_entries_it_is_made_of() -> None:
    """Entries are the same one by one, as a batch, in parts of it, and joined again."""
    entries = [Entry(**{**VALID, "task": f"T-{number}"}) for number in range(5)]
    batch = EntryBatch.of(entries)
    assert batch.entries() == entries
    parts = [batch[:2], batch[2:]]
    assert [len(part) for part in parts] == [2, 3]
    assert EntryBatch.joined(parts).entries() == entries
    assert list(flattened([*parts, entries[0]])) == [*entries, entries[0]]
    assert EntryBatch.of([]).entries() == []


def test_a_field_without_a_column_has_its_default() -> None:
    """Fields with a default may be left out."""
    columns = columns_of([VALID, VALID])
    for name in ("note", "interruption_seconds", "assisted"):
        del columns[name]
    assert build_entries(columns) == [Entry(**VALID)] * 2


def test_a_valid_batch_is_accepted() -> None:
    """The usual batch does not need the check of each entry."""
    several_lines = {**VALID, "note": "two\nlines", "developer": "Zoë", "ended_epoch": None}
    assert are_plainly_valid(columns_of([VALID, several_lines]), latest_epoch=NOW_EPOCH)


@pytest.mark.parametrize(
    "changes",
    [
        {"started_epoch": -1, "ended_epoch": None},
        {"started_epoch": NOW_EPOCH + 1, "ended_epoch": None},
        {"ended_epoch": NOW_EPOCH + 1},
        {"ended_epoch": NOW_EPOCH - 7201},
        {"started_epoch": NOW_EPOCH - MAX_SECONDS - 1},
        {"local_day": -1},
        {"local_day": LAST_DAY + 1},
        {"seconds": -1},
        {"interruption_seconds": MAX_SECONDS + 1},
        {"assisted": "maybe"},
        {"developer": " "},
        {"tags": "a\nb"},
        {"note": "\x1b[0m"},
        {"team": "x" * 501},
    ],
)
def test_a_doubtful_batch_is_not_accepted(changes: dict[str, Any]) -> None:
    """A batch with one doubtful value has to be checked entry by entry."""
    assert not are_plainly_valid(columns_of([VALID, {**VALID, **changes}]), latest_epoch=NOW_EPOCH)


@given(st.fixed_dictionaries({}, optional=doubtful_values))
def test_an_accepted_batch_has_no_fault(changes: dict[str, Any]) -> None:
    """A batch that is accepted as a whole holds no entry that the check would reject."""
    rows = [VALID, {**VALID, **changes}]
    if are_plainly_valid(columns_of(rows), latest_epoch=NOW_EPOCH):
        assert entry_fault(Entry(**rows[1]), now_epoch=NOW_EPOCH) is None


@pytest.mark.parametrize("field", doubtful_values)
@given(data=st.data())
def test_an_accepted_value_has_no_fault(field: str, data: st.DataObject) -> None:
    """The same for every field by itself."""
    row = {**VALID, field: data.draw(doubtful_values[field])}
    if are_plainly_valid(columns_of([row]), latest_epoch=NOW_EPOCH):
        assert entry_fault(Entry(**row), now_epoch=NOW_EPOCH) is None


def test_no_forbidden_character_is_printable() -> None:
    """Printable text, which is fast to recognise, holds nothing that a name must not hold."""
    characters = map(chr, range(sys.maxunicode + 1))
    assert not [char for char in characters if char.isprintable() and names.forbidden().match(char)]
