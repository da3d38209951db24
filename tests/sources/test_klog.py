"""`import klog`: days over midnight, durations, deductions, tags with combining marks."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from typing import Any

import pytest
from support.foreign_logs import read, records_of

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Imported, Rejected, Skipped
from tracker.sources.klog import NEGATIVE


def work(start: int | None, minutes: int, summary: str = "PAY-1 #design") -> dict[str, Any]:
    """Return an entry as klog writes it; a duration where there is no start."""
    common = {"summary": summary, "tags": ["#x"], "total": "", "total_mins": minutes}
    if start is None:
        return {"type": "duration", **common}
    return {"type": "range", **common, "start_mins": start, "end_mins": start + minutes}


def read_day(*entries: Any, date: str = "2026-03-02", summary: str = "") -> list[Imported]:
    """Return the records of a day."""
    record = {"date": date, "summary": summary, "total_mins": 0, "tags": [], "entries": entries}
    text = json.dumps({"records": [record], "warnings": [], "errors": None})
    return read(text, None, kind="klog", zone="Europe/Berlin", developer="ada")


def test_minutes_are_counted_from_the_midnight_of_the_day() -> None:
    """Below 0 is the day before, from 1440 the day after; 24:00 is the end of the day."""
    records = read_day(work(-16, 339), work(1380, 60), work(1468, 10), date="2026/03/02")
    first, second, third = records_of(Entry, records)
    assert (first.local_day, first.seconds) == (20_513, 339 * 60)
    assert (second.local_day, second.seconds) == (20_514, 3600)
    assert third.local_day == 20_515


def test_a_duration_stands_on_its_day() -> None:
    """It has no end; the entry is at noon."""
    (entry,) = records_of(Entry, read_day(work(None, 30)))
    assert (entry.ended_epoch, entry.seconds, entry.local_day) == (None, 1800, 20_514)


def test_tags_are_read_from_the_summaries() -> None:
    """Those in the JSON are cut at a combining mark; the record's tags hold for its entries."""
    tag = unicodedata.normalize("NFD", "#Entwürfe")
    (entry,) = records_of(
        Entry, read_day(work(None, 30, f"{tag} #ticket=PAY-7 #kind='a b'\nx"), summary="#AI day")
    )
    assert entry.tags == "entwürfe, ticket=PAY-7, kind=a b, ai"
    assert (entry.activity, entry.task) == ("entwürfe", "PAY-7")


def test_tags_are_no_part_of_a_task_without_a_key() -> None:
    """Two sessions of one task may have different tags."""
    records = read_day(work(None, 5, "Write report #ai"), work(None, 6, "Write report #design"))
    assert {entry.task for entry in records_of(Entry, records)} == {"Write report"}


def test_a_deduction_belongs_to_the_only_entry_of_its_day() -> None:
    """Lunch within the only range of the day is an interruption of it."""
    (entry,) = records_of(Entry, read_day(work(480, 540), work(None, -30, "Lunch break")))
    assert (entry.seconds, entry.interruption_seconds) == (510 * 60, 1800)


def test_a_deduction_belongs_to_the_entry_with_its_key() -> None:
    """Two deductions of the same entry add up."""
    records = read_day(work(480, 60), work(None, 60, "PAY-2"), *[work(None, -10, "PAY-2 oops")] * 2)
    assert [entry.seconds for entry in records_of(Entry, records)] == [3600, 2400]


def test_a_deduction_of_nothing_in_particular_is_told() -> None:
    """Nobody knows which of two entries contained the lunch break."""
    records = read_day(work(480, 60), work(600, 60), work(None, -30, "Lunch"))
    assert Counter(type(record) for record in records) == {Entry: 2, Skipped: 1}
    assert records_of(Skipped, records)[0].reason == NEGATIVE


def test_an_edited_deduction_changes_the_entry() -> None:
    """The hash of the row holds what was deducted."""
    entries = [
        records_of(Entry, read_day(work(480, 60), work(None, minutes, "x")))[0]
        for minutes in (-5, -6)
    ]
    assert entries[0].row_hash != entries[1].row_hash
    assert entries[0].source_key == entries[1].source_key


@pytest.mark.parametrize(
    ("entry", "column"),
    [
        ({**work(0, 5), "type": "sum"}, "type"),
        ({**work(0, 5), "start_mins": "0"}, "start_mins"),
        ({**work(0, 5), "start_mins": None}, "start_mins"),
        ({**work(0, 5), "end_mins": 10**30}, "start_mins"),
        ({**work(0, 5), "summary": [5]}, "summary"),
        ({**work(None, 5), "total_mins": 5.5}, "total_mins"),
        (work(None, 10**9), "minutes"),
        ({**work(10, 5), "end_mins": 0}, "ended_at"),
    ],
)
def test_an_entry_that_is_not_valid_is_rejected(entry: Any, column: str) -> None:
    """By its number in the file."""
    (rejected,) = records_of(Rejected, read_day(work(480, 60), entry))
    assert (rejected.line, rejected.place, rejected.column) == (2, "entry", column)


def test_a_day_that_is_none_is_rejected() -> None:
    """Each of its entries is."""
    (rejected,) = read_day(work(480, 60), date="2026-02-30")
    assert isinstance(rejected, Rejected)
    assert (rejected.column, rejected.value) == ("date", "2026-02-30")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "is not a JSON object"),
        ("{}", "no records"),
        ('{"records": null, "errors": null}', "no records"),
        (
            '{"records": null, "errors": [{"line": 7, "title": "Invalid date"}]}',
            "klog could not read its log \\(line 7, 'Invalid date'\\)",
        ),
        ('{"records": [5], "errors": null}', "record 1 has no entries"),
        ('{"records": [{"entries": 5}]}', "record 1 has no entries"),
        ('{"records": [{"entries": [5]}]}', "an entry of record 1"),
        ('{"records": [], "errors"', "a key is missing"),
    ],
)
def test_another_file_is_refused(text: str, message: str) -> None:
    """Also one that klog itself could not read."""
    with pytest.raises(BadValue, match=message):
        read(text, None, kind="klog", zone="UTC", developer="ada")
