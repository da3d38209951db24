"""Time that two entries, or an entry and the running timer, share: told where it is typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.person import Person, without_ids

TIMER = "design PAY-12, which runs since 2026-06-10 08:45, overlaps"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada, whose timer runs since 8:45."""
    person = Person(tmp_path)
    person.run("start", "design", "PAY-12", "--at", "8:45")
    return person


def test_finished_work_that_overlaps_the_timer_is_told(ada: Person) -> None:
    """The command that is named takes its time off the timer, and the entry overlaps no more."""
    message = ada.run("log", "review", "PAY-19", "9:10-9:25").stderr.splitlines()[1]
    assert message == (
        f"tracker: {TIMER} review PAY-19 from 2026-06-10 09:10: "
        "`tracker edit --without 9:10-9:25` corrects the timer."
    ).replace("9:10-9:25", "09:10-09:25")
    ada.run(*message.split("`")[1].split()[1:])
    assert TIMER not in ada.run("log", "review", "PAY-19", "9:12-9:25").stderr
    ada.run("undo")
    ada.run("stop")
    assert ada.run("entries").stderr == ""
    assert ada.json("entries")[1]["interruption_minutes"] == 15


@pytest.mark.parametrize(
    ("line", "correction"),
    [
        ("log review PAY-19 20m", "edit --without 11:40-12:00"),
        ("log review PAY-19 8:00-9:00", "edit 09:00-"),
        ("log review PAY-19 8:44-8:45", None),
        ("log review PAY-19 10m --from 9:00 --to 9:30", "edit --without 09:00-09:30"),
    ],
)
def test_the_correction_is_one_that_works(ada: Person, line: str, correction: str | None) -> None:
    """For work that ends now, that began before the timer, and that was interrupted."""
    stderr = ada.run(*line.split()).stderr
    assert (TIMER in stderr) == (correction is not None)
    if correction:
        assert f"`tracker {correction}` corrects the timer." in stderr
        ada.run(*correction.split())
        ada.run("stop")
        assert "overlaps" not in ada.run("entries").stderr
        assert "no entry overlaps" in ada.run("entries", "--overlaps").stderr


def test_work_within_a_pause_of_the_timer_does_not_overlap(ada: Person) -> None:
    """Nor does that after a pause began."""
    for command, clock in (("pause", "9:00"), ("resume", "9:30"), ("pause", "11:00")):
        ada.run(command, "--at", clock)
    assert "overlaps" not in ada.run("log", "review", "PAY-19", "9:05-9:25").stderr
    assert "overlaps" not in ada.run("log", "review", "PAY-19", "50m").stderr
    assert "overlaps" in ada.run("log", "review", "PAY-19", "9:25-9:40").stderr


def test_an_edited_entry_that_overlaps_the_timer_is_told(ada: Person) -> None:
    """Its new times are compared, too."""
    ada.run("log", "review", "PAY-19", "8:00-8:30")
    assert TIMER in ada.run("edit", "@1", "8:00-9:00").stderr
    assert "overlaps" not in ada.run("edit", "@1", "-m", "note").stderr


def test_a_timer_from_yesterday_is_corrected_with_the_day(tmp_path: Path) -> None:
    """A time without a day would be one of the timer's first day."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-12", "--at", "yesterday 9:00")
    stderr = ada.run("log", "review", "PAY-19", "10:00-11:00").stderr
    assert "`tracker edit --without today 10:00-11:00` corrects" in stderr
    ada.run("edit", "--without", "today", "10:00-11:00")
    assert ada.json("status")["minutes"] == 26 * 60


@pytest.mark.parametrize("stored", [False, True])
def test_a_start_before_the_end_of_the_last_work_is_told(tmp_path: Path, stored: bool) -> None:
    """At once, from this machine's files."""
    ada = Person(tmp_path)
    ada.run("start", "review", "PAY-19", "--at", "9:00")
    ada.run("stop", "--at", "10:00")
    if stored:
        ada.run("entries")
    assert "overlaps" not in ada.run("start", "design", "PAY-12", "--at", "10:00").stderr
    ada.run("cancel")
    message = ada.run("start", "design", "PAY-12", "--at", "9:50").stderr.splitlines()[1]
    assert re.sub("[0-9a-f]{6} ", "ID ", message) == (
        "tracker: design PAY-12, which runs since 2026-06-10 09:50, overlaps review PAY-19 from "
        "2026-06-10 09:00: `tracker edit 10:00-` corrects the timer, `tracker edit ID -09:50` the "
        "entry."
    )
    ada.run("edit", "10:00-")
    assert "overlaps review PAY-19" in ada.run("edit", "9:40-").stderr


def test_an_earlier_start_may_correct_the_work_before(tmp_path: Path) -> None:
    """Also where that was paused: the pause was earlier, so it does not account for the overlap."""
    ada = Person(tmp_path)
    ada.run("start", "review", "PAY-19", "--at", "8:00")
    ada.run("pause", "--at", "9:00")
    ada.run("resume", "--at", "10:00")
    ada.run("start", "design", "PAY-12", "--at", "11:40")
    message = ada.run("edit", "11:30-").stderr.splitlines()[1]
    assert "overlaps review PAY-19" in message
    corrections = re.findall("`tracker ([^`]+)`", message)
    assert corrections[0] == "edit 11:40-"
    ada.run(*corrections[1].split())
    assert ada.json("entries")[0]["minutes"] == 150
    assert ada.json("entries")[0]["ended_at"][11:16] == "11:30"
    ada.run("stop")
    assert ada.json("entries")[0]["minutes"] == 30
    assert "no entry overlaps" in ada.run("entries", "--overlaps").stderr


def test_a_damaged_record_is_left_out(tmp_path: Path) -> None:
    """It is for the command that stores it to say so."""
    ada = Person(tmp_path)
    ada.run("start", "review", "PAY-19", "--at", "9:00")
    ada.run("stop", "--at", "10:00")
    (path,) = (ada.data / "outbox").glob("*.json")
    path.write_text(path.read_text().replace('"ended_epoch": ', '"ended_epoch": "x", "end": '))
    assert ada.run("start", "design", "PAY-12", "--at", "9:50").stderr.count("\n") == 1


def test_a_stopped_timer_that_overlaps_is_told_when_it_is_stored(
    database_url: str, tmp_path: Path
) -> None:
    """By the next command that opens the database, once."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    ada.run("log", "review", "PAY-19", "9:10-9:25")
    ada.run("start", "design", "PAY-12", "--at", "9:00")
    ada.run("stop")
    assert without_ids(ada.run("summary").stderr) == (
        "tracker: design PAY-12 (@2) overlaps review PAY-19 from 2026-06-10 09:10 (@1): both are "
        "kept; `tracker edit` corrects them.\n"
    )
    assert ada.run("summary").stderr == ""


def test_several_that_were_stored_together_are_counted(tmp_path: Path) -> None:
    """Two of them that overlap each other count once."""
    ada = Person(tmp_path)
    for start, end in (("9:00", "10:00"), ("9:50", "11:00"), ("10:50", "11:30")):
        ada.run("start", "design", "PAY-12", "--at", start)
        ada.run("stop", "--at", end)
        ada.later(1)
    assert without_ids(ada.run("entries").stderr) == (
        "tracker: 2 entries overlap others, the first design PAY-12 from 2026-06-10 09:50 (@2); "
        "`tracker entries --overlaps` lists them.\n"
    )


@pytest.mark.parametrize("interruption", ["9:10-9:20", "10m", "9m 30s"])
def test_time_that_is_taken_off_overlaps_no_more(tmp_path: Path, interruption: str) -> None:
    """Neither for the warning, nor in the list, nor in the gaps; less than the shared time does."""
    ada = Person(tmp_path)
    ada.run("log", "design", "PAY-12", "8:45-10:00")
    assert "overlaps design PAY-12" in ada.run("log", "review", "PAY-19", "9:10-9:20").stderr
    assert "overlaps" not in ada.run("edit", "@2", "--without", interruption).stderr
    assert "no entry overlaps" in ada.run("entries", "--overlaps").stderr
    assert [row["kind"] for row in ada.json("summary", "--gaps")] == []
    assert "overlaps review" in ada.run("edit", "@2", "8:45-10:00", "--duration", "70m").stderr
    assert len(ada.json("entries", "--overlaps")) == 2
    assert [row["kind"] for row in ada.json("summary", "--gaps")] == ["overlap"]
