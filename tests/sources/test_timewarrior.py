"""`import timewarrior`: exports with awkward content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.foreign_logs import read, records_of
from support.person import Person

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Imported, Rejected

INTERVAL = {
    "id": 1,
    "start": "20241014T220500Z",
    "end": "20241014T233000Z",
    "tags": ["PAY-1", "design"],
    "annotation": "drawing",
}


def read_intervals(*intervals: Any, zone: str = "Europe/Berlin") -> list[Imported]:
    """Return the records of an export."""
    text = json.dumps(intervals)
    return read(text, None, kind="timewarrior", zone=zone, developer="ada")


def test_an_interval_becomes_an_entry() -> None:
    """The instant is in UTC; the day is that of the user's zone."""
    (entry,) = records_of(Entry, read_intervals(INTERVAL))
    assert (entry.task, entry.activity, entry.seconds) == ("PAY-1", "design", 5100)
    assert (entry.zone, entry.local_day) == ("Europe/Berlin", 20_011)  # 2024-10-15
    assert (entry.note, entry.tags) == ("drawing", "PAY-1, design")


def test_the_id_is_no_part_of_an_entry() -> None:
    """Ids move with every new interval, so neither key nor hash depends on them."""
    first, second = (
        records_of(Entry, read_intervals({**INTERVAL, "id": number}))[0] for number in (1, 7)
    )
    assert (first.source_key, first.row_hash) == (second.source_key, second.row_hash)


def test_equal_intervals_are_kept_and_told() -> None:
    """Without an id two equal intervals are two entries."""
    first, second = records_of(Entry, read_intervals(INTERVAL, INTERVAL))
    assert second.source_key == f"{first.source_key}:2"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"start": "2024-10-14T22:05:00Z"}, "start"),
        ({"start": 5}, "start"),
        ({"end": "20241014T223000"}, "end"),
        ({"end": "20241014T213000Z"}, "ended_at"),
        ({"tags": "design"}, "tags"),
        ({"tags": [1]}, "tags"),
        ({"annotation": ["x"]}, "annotation"),
        ({"tags": ["a\x1b[31m"]}, "tags"),
        ({"tags": ["\ud800"], "annotation": "PAY-1"}, "tags"),
        ({"end": "20991014T223000Z", "start": "20991014T213000Z"}, "started_at"),
        ({"start": "19691014T223000Z"}, "started_at"),
    ],
)
def test_an_interval_that_is_not_valid_is_rejected(changes: dict[str, Any], column: str) -> None:
    """Only that interval, by its place in the file."""
    rows = [INTERVAL, {**INTERVAL, **changes}, INTERVAL]
    text = json.dumps(rows)
    records = read(text, None, kind="timewarrior", developer="ada", now_epoch=1_780_000_000)
    (rejected,) = records_of(Rejected, records)
    assert (rejected.line, rejected.place) == (2, "interval")
    assert rejected.column in (column, "activity", "task")
    assert len(records_of(Entry, records)) == 2


@pytest.mark.parametrize("text", ["{}", "[1]", '[{"id": 1}]', '"x"', "start\n", "[[]]", "null"])
def test_another_file_is_refused(text: str) -> None:
    """The refusal says what is expected."""
    with pytest.raises(BadValue, match="timew export"):
        read(text, None, kind="timewarrior", developer="ada")


def test_a_refused_time_is_shown_as_a_time(tmp_path: Path) -> None:
    """Not as seconds since 1970."""
    log = tmp_path / "log.json"
    future = {**INTERVAL, "start": "20991014T220500Z", "end": "20991014T233000Z"}
    log.write_text(json.dumps([future]))
    refusal = Person(tmp_path).refused("import", "timewarrior", str(log))
    assert "column started_at: '2099-10-14T22:05:00+00:00': it lies in the future" in refusal
