"""`import org`: headings, inherited tags, Effort, clock lines of all forms."""

from __future__ import annotations

from collections import Counter

import pytest
from support.foreign_logs import read, records_of

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Imported, Rejected, Skipped, Task
from tracker.sources.org import BARE_DURATION, UNLIKE_DURATION

CLOCK = "CLOCK: [2020-10-27 Tue 09:35]--[2020-10-27 Tue 10:29] =>  0:54\n"


def read_org(text: str, notes: Counter[str] | None = None) -> list[Imported]:
    """Return the records of an Org file."""
    return read(text, None, kind="org", zone="Europe/Berlin", developer="ada", notes=notes)


def first_entry(text: str) -> Entry:
    """Return the first entry of an Org file."""
    return records_of(Entry, read_org(text))[0]


def test_a_clock_line_belongs_to_its_heading() -> None:
    """The key is in the heading, the activity in the tag, the title is the heading."""
    records = read_org(f"* TODO [#A] PAY-1 API drawing :design:\n:LOGBOOK:\n{CLOCK}:END:\n")
    (entry,) = records_of(Entry, records)
    assert (entry.task, entry.activity, entry.seconds) == ("PAY-1", "design", 54 * 60)
    assert records_of(Task, records) == [Task("PAY-1", title="PAY-1 API drawing")]


@pytest.mark.parametrize(
    ("heading", "task"),
    [
        ("API drawing", "API drawing"),
        ("TODO", "TODO"),
        ("DONE Write report", "Write report"),
        ("LATER Write report", "Write report"),
        ("[#B] Write: a report:", "Write: a report:"),
        ("Write report   :a:b@c:", "Write report"),
        ("COMMENT Write report", "Write report"),
    ],
)
def test_keyword_priority_and_tags_are_no_part_of_a_heading(heading: str, task: str) -> None:
    """Keywords are the usual ones and those that the file names."""
    assert first_entry(f"#+TODO: LATER(l) | GONE\n* {heading}\n{CLOCK}").task == task


def test_tags_are_inherited() -> None:
    """From the headings above, the nearest first, and from the file."""
    entry = first_entry(
        f"#+FILETAGS: :file: other\n* PAY-1 :a:\n** x :b:\n*** y :c:\n** PAY-2 z :d:\n{CLOCK}"
    )
    assert (entry.task, entry.tags) == ("PAY-2", "d, a, file, other")
    assert first_entry(f"* PAY-1 :a:\n** sub :b:\n{CLOCK}").task == "PAY-1"


@pytest.mark.parametrize(
    "clock",
    [
        "CLOCK: [2020-10-27 Di. 09:35]--[2020-10-27 Di. 10:29]",
        "  CLOCK: [2020-10-27 周二 09:35]--[2020-10-27 周二 10:29] =>  0:54  ",
        "\tclock: [2020-10-27 9:35]--[2020-10-27 10:29] => 0:54",
    ],
)
def test_clock_lines_of_other_languages_and_forms(clock: str) -> None:
    """The name of the weekday does not matter, nor does the duration."""
    assert first_entry(f"* PAY-1\n{clock}\n").seconds == 54 * 60


def test_the_times_count_and_not_the_duration() -> None:
    """A duration that differs is told; across a clock change it is the clock's face."""
    notes: Counter[str] = Counter()
    text = (
        f"* PAY-1\n{CLOCK.replace('0:54', '0:55')}"
        "CLOCK: [2020-10-25 Sun 01:30]--[2020-10-25 Sun 03:30] =>  2:00\n"
    )
    first, second = records_of(Entry, read_org(text, notes))
    assert (first.seconds, second.seconds) == (54 * 60, 3 * 3600)
    assert notes == {UNLIKE_DURATION: 1}


def test_a_duration_without_a_date_is_told() -> None:
    """Nothing says on which day it was."""
    assert read_org("* PAY-1\nCLOCK: => 2:00\n") == [Skipped(2, BARE_DURATION)]


@pytest.mark.parametrize(
    ("effort", "minutes"),
    [
        ("3", 3),
        ("3:00", 180),
        ("2h 30min", 150),
        ("2h30min", 150),
        ("1d", 1440),
        ("1d 2:30", 1590),
        ("1.5h", 90),
        ("soon", None),
        ("0:00", None),
        ("9" * 400, None),
    ],
)
def test_effort_is_the_estimate_of_its_task(effort: str, minutes: float | None) -> None:
    """A bare number is minutes, and a day has 24 hours."""
    records = read_org(f"* PAY-1\n:PROPERTIES:\n:Effort:   {effort}\n:END:\n{CLOCK}")
    (task,) = records_of(Task, records)
    assert task.estimate_minutes == minutes


def test_the_effort_of_a_part_is_none_of_the_whole() -> None:
    """A heading below that of the task has an estimate of its own."""
    records = read_org(f"* PAY-1\n** part\n:PROPERTIES:\n:Effort: 1:00\n:END:\n{CLOCK}")
    assert records_of(Task, records) == []


def test_a_closed_heading_is_a_completed_task() -> None:
    """By the day in its planning line."""
    (task,) = records_of(
        Task,
        read_org("* DONE PAY-1\nDEADLINE: <2020-11-01> CLOSED: [2020-10-28 Wed 10:00]\n" + CLOCK),
    )
    assert task.completed_epoch == 1_603_882_800  # noon in Berlin


@pytest.mark.parametrize(
    ("clock", "column"),
    [
        ("[2020-10-27 Tue 09:35]--[2020-10-27 Tue 09:29] => -0:06", "ended_at"),
        ("[2020-10-27 Tue 09:35]--", "CLOCK"),
        ("[2020-02-30 Sun 09:35]--[2020-10-27 Tue 09:29]", "CLOCK"),
        ("[2020-10-27 Tue 25:35]--[2020-10-27 Tue 09:29]", "CLOCK"),
        ("<2020-10-27 Tue 09:35>", "CLOCK"),
    ],
)
def test_a_clock_line_that_is_not_valid_is_rejected(clock: str, column: str) -> None:
    """By its line."""
    (rejected,) = records_of(Rejected, read_org(f"* PAY-1\nCLOCK: {clock}\n{CLOCK}"))
    assert (rejected.line, rejected.column) == (2, column)


def test_a_clock_line_without_a_heading_has_no_task() -> None:
    """It is counted."""
    assert [type(record) for record in read_org(CLOCK)] == [Skipped]


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "is empty"), ("* PAY-1\n#+BEGIN: clocktable\n", "no CLOCK line")],
)
def test_another_file_is_refused(text: str, message: str) -> None:
    """A file in which nothing was clocked is not a log."""
    with pytest.raises(BadValue, match=message):
        read_org(text)


@pytest.mark.parametrize(
    "line", ["* " + ":a" * 100_000, "CLOCK: [2020-10-27" + " " * 200_000, " " * 400_000 + "x"]
)
def test_long_lines_are_read_in_linear_time(line: str) -> None:
    """No pattern tries every way to split a line."""
    read_org(f"* PAY-1\n{CLOCK}{line}\n")
