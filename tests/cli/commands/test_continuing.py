"""`continue` by the key of a task, and remarks on completed tasks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.person import Person


@pytest.fixture
def ada(database_url: str, tmp_path: Path) -> Person:
    """Ada with entries of three tasks, on SQLite and on PostgreSQL."""
    person = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    person.run("log", "design", "PAY-12", "yesterday 9:00-10:00", "--ai", "--assistant", "Spark")
    person.run("log", "testing", "PAY-12", "8:00-8:30")
    person.run("log", "review", "Größe-1", "9:00-9:30")
    person.run("log", "coding", "beef", "10:00-10:30", "--no-ai")
    return person


def test_continue_by_the_key_of_a_task(ada: Person) -> None:
    """The activity is that of its last entry; a key comes before a part of an id."""
    assert "started testing PAY-12" in ada.run("continue", "PAY-12").stderr
    assert "started coding beef" in ada.run("continue", "beef").stderr
    assert ada.json("status")["assisted"] == "no"
    assert "started review Größe-1" in ada.run("continue", "Gro\u0308ße-1").stderr
    assert "review Größe-1 runs already" in ada.refused("continue", "Größe-1")
    ada.run("cancel")
    assert "started review Größe-1" in ada.run("start", "review", "Größe-1").stderr


def test_the_shown_id_still_names_an_entry(ada: Person) -> None:
    """A place, or the end of an id."""
    end = ada.json("entries")[-1]["id"][-6:]
    assert "started design PAY-12" in ada.run("continue", end).stderr
    assert ada.json("status")["assistant"] == "Spark"


def test_a_place_comes_before_a_key(ada: Person) -> None:
    """Even where a task has a key such as @1: a place means the same in every command."""
    ada.run("log", "design", "@1", "yesterday 8:00-8:30")
    assert "started coding beef" in ada.run("continue", "@1").stderr


@pytest.mark.parametrize("key", ["PAY-99", "FACEFACE", "1234567890"])
def test_a_key_without_entries_is_refused_as_a_key_and_an_id(ada: Person, key: str) -> None:
    """A key of hexadecimal digits may be meant as an id, one of four or more."""
    assert f"ada has no entry of the task '{key}'" in ada.refused("continue", key)


def test_three_digits_are_no_id(ada: Person) -> None:
    """The number of a task is the end of some id by chance."""
    end = ada.json("entries")[-1]["id"][-3:]
    assert f"ada has no entry of the task '{end}'" in ada.refused("continue", end)


def test_a_key_without_entries_is_refused(ada: Person) -> None:
    """The message says what begins a task."""
    assert "ada has no entry of the task 'PAY-99': `tracker start` begins one" in (
        ada.refused("continue", "PAY-99")
    )
    assert "ada has no entry @99" in ada.refused("continue", "@99")


@pytest.mark.parametrize("line", ["continue PAY-12", "start testing PAY-12", "continue @3"])
def test_work_on_a_completed_task_is_remarked_on(ada: Person, line: str) -> None:
    """It runs nevertheless; an `undo` of the completion ends the remarks."""
    remark = "testing PAY-12 is done since 2026-06-10 12:00: its hours still count for it; "
    assert remark not in ada.run(*line.split()).stderr
    ada.run("cancel")
    ada.run("task", "PAY-12", "--done")
    ada.later(5)
    stderr = ada.run(*line.split()).stderr
    reopen = "`tracker task PAY-12 --reopen` opens it again, "
    assert f"{remark}{reopen}`tracker edit --task KEY` if another task is meant." in stderr
    ada.run("undo")
    ada.run("undo")
    assert remark not in ada.run(*line.split()).stderr


def test_one_completed_activity_is_not_the_whole_task(ada: Person) -> None:
    """Only work of that activity is remarked on, and only work after the completion."""
    ada.run("task", "PAY-12", "--done", "11:00", "--activity", "testing")
    assert "is done since" not in ada.run("start", "design", "PAY-12").stderr
    assert "is done since" in ada.run("edit", "--activity", "testing", "--task", "PAY-12").stderr
    assert "is done since" in ada.run("start", "testing", "PAY-12", "-m", "more").stderr
    assert "is done since" not in ada.run("log", "testing", "PAY-12", "10:30-10:50").stderr
    stderr = ada.run("log", "testing", "PAY-12", "11:00-11:10").stderr
    assert "testing PAY-12 is done since 2026-06-10 11:00" in stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("start design X --at 8:00 --estimate 3h", "--estimate is made before the work begins"),
        ("start design X --at 8:00", "would end at 2026-06-10 08:00, before its start"),
        ("start design X --at 23:00", "give a time that has passed"),
        ("continue @1 --at 8:00", "before its start"),
    ],
)
def test_a_refused_start_says_what_still_runs(ada: Person, line: str, message: str) -> None:
    """Nothing of it happens."""
    ada.run("start", "testing", "PAY-12", "--at", "11:00")
    before = ada.json("status")
    refusal = ada.refused(*line.split())
    assert message in refusal
    assert refusal.endswith("Nothing was changed: testing PAY-12 still runs.")
    assert ada.json("status") == before
    assert len(ada.json("entries")) == 4
    assert ada.json("tasks", "--open")[0]["estimate_minutes"] is None


def test_a_refused_start_without_a_timer_names_none(ada: Person) -> None:
    """There is nothing that still runs."""
    assert "still runs" not in ada.refused("start", "design", "X", "--at", "23:00")
