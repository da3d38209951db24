"""`import bartib`: escapes, lines with two parts, seconds, remarks."""

from __future__ import annotations

import pytest
from support.foreign_logs import read, records_of

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Imported, Rejected, Skipped, Task


def read_lines(*lines: str) -> list[Imported]:
    """Return the records of lines."""
    text = "".join(f"{line}\n" for line in lines)
    return read(text, None, kind="bartib", zone="Europe/Berlin", developer="ada")


def test_a_line_becomes_an_entry() -> None:
    """The key is in the description; the project is the kind of work beside it."""
    (entry, task) = read_lines("2021-02-16 16:14 - 2021-02-16 18:23 | Shop | PAY-1 refunds")
    assert isinstance(entry, Entry)
    assert (entry.task, entry.activity, entry.seconds) == ("PAY-1", "Shop", 129 * 60)
    assert entry.note == "PAY-1 refunds"
    assert task == Task("PAY-1", project="Shop")


def test_a_key_is_no_activity() -> None:
    """A project that is the task's key says nothing about the kind of work."""
    (entry,) = records_of(
        Entry, read_lines("2021-02-16 16:14 - 2021-02-16 18:23 | PAY-1 | refunds")
    )
    assert (entry.task, entry.activity) == ("PAY-1", "unmapped")


def test_the_kind_of_work_is_no_project() -> None:
    """A project that is an activity is not kept as the task's project."""
    records = read_lines("2021-02-16 16:14 - 2021-02-16 18:23 | design | PAY-1 refunds")
    assert records_of(Task, records) == []


def test_escapes_are_undone() -> None:
    """A backslash escapes a bar and itself."""
    (entry,) = records_of(
        Entry, read_lines(r"2021-02-16 16:14 - 2021-02-16 18:23 | PAY\| 1 | a \\ \| b")
    )
    assert (entry.activity, entry.task) == ("PAY| 1", r"a \ | b")


def test_a_line_may_have_two_parts_or_seconds() -> None:
    """Then the project is the task, and nothing says what kind of work it was."""
    (entry,) = records_of(Entry, read_lines("2021-02-16 16:14:03 - 2021-02-16 18:23:01 | PAY-1"))
    assert (entry.task, entry.activity, entry.seconds) == ("PAY-1", "unmapped", 7738)


def test_lines_that_bartib_passes_over_are_counted() -> None:
    """Remarks and lines without a bar; blank lines are not counted."""
    records = read_lines(
        "# 2021", "", "2021-02-16 16:14 - 2021-02-16 18:23", "2021-13-16 16:14 | x",
        "2021-02-16 16:14 - 2021-02-16 18:23 | PAY-1",
    )  # fmt: skip
    assert [record.line for record in records_of(Skipped, records)] == [1, 3, 4]
    assert len(records_of(Entry, records)) == 1


def test_an_end_before_the_start_is_rejected() -> None:
    """By its line."""
    (rejected,) = read_lines("2021-02-16 16:14 - 2021-02-16 15:23 | x | PAY-1")
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.place, rejected.column) == (1, "line", "ended_at")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty"),
        (b"hello\n", "no record of bartib"),
        (b"2021-02-16 16:14 | x\n\xff\n", "line 2 is not UTF-8"),
        (b"2021-02-16 16:14 | x\n\0\n", "line 2 is binary"),
        (b"x" * 1_000_001, "over 1,000,000 bytes"),
    ],
)
def test_another_file_is_refused(text: bytes, message: str) -> None:
    """The refusal says which file to give."""
    with pytest.raises(BadValue, match=message):
        read(text, None, kind="bartib", zone="UTC", developer="ada")
