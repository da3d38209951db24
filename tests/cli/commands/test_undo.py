"""`undo` and `redo`: one command at a time, the timer included, with and without the database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.person import Person

OFFLINE = "postgresql://ada@127.0.0.1:1/log"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def timer(ada: Person) -> dict[str, Any] | None:
    """Return the fields of the timer that runs but its id; None where none does."""
    path = ada.data / "timer.json"
    if not path.exists():
        return None
    return {key: value for key, value in json.loads(path.read_text()).items() if key != "id"}


def run(ada: Person, *arguments: str) -> str:
    """Run a command a minute after the one before; return what it prints on stderr."""
    ada.later(1)
    return ada.run(*arguments).stderr


def log(ada: Person) -> list[dict[str, Any]]:
    """Return what is in the log, but for ids and when it was logged."""
    return [
        {key: value for key, value in entry.items() if key not in ("id", "logged_at")}
        for entry in ada.json("entries")
    ]


# one command, one undo


def test_the_delete_of_two_entries_is_undone_as_one(database_url: str, tmp_path: Path) -> None:
    """Both come back; `redo` deletes both again."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    run(ada, "log", "design", "PAY-12", "1h")
    run(ada, "log", "testing", "PAY-9", "30m")
    entries = ada.json("entries")
    run(ada, "delete", *(entry["id"] for entry in entries))
    assert ada.json("entries") == []
    both = "delete of testing PAY-9 (30m); delete of design PAY-12 (1h 00m)"
    assert run(ada, "undo") == f"undone: {both}\n"
    assert ada.json("entries") == entries
    assert run(ada, "redo") == f"redone: {both}\n"
    assert ada.json("entries") == []
    run(ada, "undo")
    assert ada.json("entries") == entries


def test_a_delete_of_which_one_id_is_wrong_deletes_nothing(ada: Person) -> None:
    """All entries are deleted, or none."""
    run(ada, "log", "design", "PAY-12", "1h")
    (entry,) = ada.json("entries")
    assert "'ffff'" in ada.refused("delete", entry["id"], "ffff")
    assert ada.json("entries") == [entry]
    run(ada, "delete", entry["id"], entry["id"])
    assert ada.json("entries") == []


def test_a_title_and_a_completion_are_undone_as_one(ada: Person) -> None:
    """`task --title --done` is one command."""
    run(ada, "task", "PAY-12", "--title", "Refunds", "--done")
    assert run(ada, "undo") == "undone: task of PAY-12; complete of PAY-12\n"
    assert "there is none in the log" in ada.refused("task", "PAY-12")
    run(ada, "redo")
    (row,) = ada.json("task", "PAY-12")
    assert (row["title"], bool(row["completed_at"])) == ("Refunds", True)


# the timer


@pytest.mark.parametrize("stored", [False, True])
def test_the_undo_of_a_stop_lets_the_timer_run_on(
    database_url: str, tmp_path: Path, stored: bool
) -> None:
    """With its start, pauses, note and flags, whether the entry is in the database or waits."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    run(ada, "start", "design", "PAY-12", "--ai", "--assistant", "Spark 3", "-m", "draft")
    run(ada, "pause")
    run(ada, "resume")
    before = timer(ada)
    run(ada, "stop")
    if stored:
        assert len(ada.json("entries")) == 1
    assert run(ada, "undo") == (
        "undone: stop of design PAY-12; design PAY-12 runs again since 2026-06-10 12:01\n"
    )
    assert timer(ada) == before
    assert ada.json("entries") == []
    run(ada, "stop")
    (entry,) = ada.json("entries")
    assert (entry["minutes"], entry["note"]) == (4, "draft")


@pytest.mark.parametrize("stored", [False, True])
def test_the_redo_of_a_stop_is_the_same_entry(ada: Person, stored: bool) -> None:
    """`undo` and `redo` in turn change nothing."""
    run(ada, "start", "design", "PAY-12")
    run(ada, "stop")
    if stored:
        ada.run("entries")
    for _ in range(3):
        run(ada, "undo")
        assert timer(ada) is not None
        assert run(ada, "redo") == "redone: stop of design PAY-12; no timer runs\n"
        assert timer(ada) is None
    (entry,) = ada.json("entries")
    assert entry["minutes"] == 1


@pytest.mark.parametrize("stored", [False, True])
def test_a_start_that_stops_a_timer_is_undone_as_one(ada: Person, stored: bool) -> None:
    """The entry and the estimate go, and the timer that was stopped runs on."""
    run(ada, "start", "design", "PAY-12")
    before = timer(ada)
    run(ada, "start", "testing", "PAY-9", "--estimate", "2h")
    if stored:
        assert len(ada.json("entries")) == 1
    assert run(ada, "undo") == (
        "undone: start of testing PAY-9; design PAY-12 runs again since 2026-06-10 12:01\n"
    )
    assert timer(ada) == before
    assert ada.json("entries") == []
    assert "there is none in the log" in ada.refused("task", "PAY-9")
    assert "testing PAY-9 runs since 2026-06-10 12:02" in run(ada, "redo")
    run(ada, "stop")
    assert [entry["task"] for entry in ada.json("entries")] == ["PAY-9", "PAY-12"]
    assert ada.json("task", "PAY-9")[1]["estimate_minutes"] == 120


@pytest.mark.parametrize("steps", [["start"], ["start", "edit"]])
def test_what_a_redone_timer_becomes_is_stored(
    database_url: str, tmp_path: Path, steps: list[str]
) -> None:
    """The entry that it became before, and that was undone, stays undone."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    arguments = {"start": ["design", "PAY-12"], "edit": ["--task", "PAY-13"]}
    for step in steps:
        run(ada, step, *arguments[step])
    run(ada, "stop")
    assert len(ada.json("entries")) == 1
    run(ada, "undo")
    run(ada, "undo")
    assert f"redone: {steps[-1]} of design" in run(ada, "redo")
    run(ada, "stop")
    (entry,) = ada.json("entries")
    assert entry["minutes"] == len(steps) + 4


def test_each_pause_and_each_correction_of_the_timer_is_undone_alone(ada: Person) -> None:
    """From the last one to the start, and redone in the order in which they were made."""
    steps = [
        ["start", "design", "PAY-12", "--at", "11:00"],
        ["pause", "--at", "11:20"],
        ["resume", "--at", "11:40"],
        ["edit", "10:00-"],
        ["pause", "--at", "11:50"],
    ]
    states = [timer(ada)]
    for step in steps:
        run(ada, *step)
        states.append(timer(ada))
    messages = [run(ada, "undo")]
    for state in states[-2:0:-1]:
        assert timer(ada) == state
        messages.append(run(ada, "undo"))
    assert timer(ada) is None
    assert messages == [
        "undone: pause of design PAY-12; design PAY-12 runs again since 2026-06-10 10:00\n",
        "undone: edit of design PAY-12; design PAY-12 runs again since 2026-06-10 11:00\n",
        "undone: resume of design PAY-12; design PAY-12 is paused since 2026-06-10 11:20\n",
        "undone: pause of design PAY-12; design PAY-12 runs again since 2026-06-10 11:00\n",
        "undone: start of design PAY-12; no timer runs\n",
    ]
    for state in states[1:]:
        run(ada, "redo")
        assert timer(ada) == state
    run(ada, "undo")
    run(ada, "pause")
    assert "there is no undone change by ada" in ada.refused("redo")


@pytest.mark.parametrize("stored", [False, True])
def test_the_undo_of_a_pause_leaves_what_was_logged_before(ada: Person, stored: bool) -> None:
    """The pause is the last command, whether the entry is in the database or waits."""
    run(ada, "start", "design", "PAY-12")
    run(ada, "start", "testing", "PAY-9")
    if stored:
        ada.run("entries")
    run(ada, "pause")
    assert "undone: pause of testing PAY-9" in run(ada, "undo")
    assert len(ada.json("entries")) == 1
    assert ada.json("status")["paused"] is False


def test_a_start_and_a_cancel_are_undone(ada: Person) -> None:
    """Both change the timer only; the changes before and after them keep their order."""
    run(ada, "log", "review", "PAY-1", "5m")
    run(ada, "start", "design", "PAY-12", "-m", "draft")
    before = timer(ada)
    run(ada, "cancel")
    run(ada, "task", "PAY-12", "--title", "Refunds")
    assert run(ada, "undo") == "undone: task of PAY-12\n"
    assert "undone: cancel of design PAY-12; design PAY-12 runs again since" in run(ada, "undo")
    assert timer(ada) == before
    assert run(ada, "undo") == "undone: start of design PAY-12; no timer runs\n"
    assert timer(ada) is None
    assert run(ada, "undo") == "undone: add of review PAY-1 (5m)\n"
    assert "no change by ada to undo" in ada.refused("undo")
    for words in ("add of review", "start of design", "cancel of design", "task of PAY-12"):
        assert words in run(ada, "redo")
    assert "no undone change by ada to redo" in ada.refused("redo")
    assert timer(ada) is None
    assert len(ada.json("entries")) == 1


def test_a_stop_is_not_undone_beside_another_timer(ada: Person, tmp_path: Path) -> None:
    """One line names the timer that runs and what ends it; nothing is changed."""
    run(ada, "start", "design", "PAY-12")
    run(ada, "stop")
    entries = ada.json("entries")
    other = ("--db", f"sqlite:///{tmp_path / 'other.db'}")
    run(ada, *other, "start", "testing", "PAY-9")
    running = timer(ada)
    message = ada.refused("undo")
    assert "testing PAY-9 runs, so the timer of design PAY-12 cannot be restored" in message
    assert "`tracker stop` or `tracker cancel`" in message
    assert (timer(ada), ada.json("entries")) == (running, entries)


# redo


def test_a_new_command_ends_what_can_be_redone(ada: Person) -> None:
    """A change in the database and a command of the timer both do."""
    run(ada, "log", "design", "PAY-12", "1h")
    run(ada, "undo")
    run(ada, "log", "design", "PAY-13", "1h")
    assert "changed something since the last `undo`" in ada.refused("redo")
    run(ada, "undo")
    run(ada, "start", "design", "PAY-14")
    assert "the timer was changed since" in ada.refused("redo")
    run(ada, "undo")
    run(ada, "redo")
    run(ada, "undo")
    run(ada, "log", "design", "PAY-15", "1h")
    assert "nothing to redo" in ada.refused("redo") or "changed" in ada.refused("redo")


def test_commands_within_one_second_are_undone_and_redone_in_order(tmp_path: Path) -> None:
    """A script runs several in a second; what waits and what is stored keep their order."""
    ada = Person(tmp_path)
    commands = [
        ["log", "design", "PAY-11", "5m"],
        ["start", "design", "PAY-12", "--estimate", "1h"],
        ["stop"],
    ]
    words = ["add of design PAY-11", "start of design PAY-12", "stop of design PAY-12"]
    for arguments in commands:
        ada.later(1 / 600)
        ada.run(*arguments)
    for command, expected in (("undo", words[::-1]), ("redo", words), ("undo", words[::-1])):
        for text in expected:
            ada.later(1 / 600)
            assert text in ada.run(command).stderr


def test_nothing_to_redo_is_said_in_one_line(ada: Person) -> None:
    """Also where there is no log yet."""
    assert "no undone change by ada to redo" in ada.refused("redo")


# without the database


def test_what_waits_is_undone_and_redone_without_the_database(tmp_path: Path) -> None:
    """An entry, an estimate and a stop whose database cannot be reached."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=OFFLINE)
    run(ada, "log", "design", "PAY-12", "1h")
    run(ada, "estimate", "testing", "PAY-9", "2h")
    run(ada, "start", "testing", "PAY-9")
    run(ada, "stop")
    assert "undone: stop of testing PAY-9" in run(ada, "undo")
    assert "undone: start of testing PAY-9; no timer runs" in run(ada, "undo")
    assert run(ada, "undo") == "undone: estimate of testing PAY-9\n"
    assert run(ada, "undo") == "undone: add of design PAY-12 (1h 00m)\n"
    assert "cannot be reached" in ada.refused("undo")
    for words in ("add of design", "estimate of testing", "start of testing", "stop of testing"):
        assert words in run(ada, "redo")
    status = json.loads(ada.run("status", "--format", "json", code=1).stdout)
    assert (status["running"], status["waiting"]) == (False, 3)


@pytest.mark.parametrize("command", ["log design PAY-12 5m", "estimate design PAY-12 2h"])
def test_what_waits_is_undone_while_a_timer_runs(tmp_path: Path, command: str) -> None:
    """The timer runs on; `redo` records it again."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=OFFLINE)
    run(ada, "start", "testing", "PAY-9")
    before = timer(ada)
    run(ada, *command.split())
    assert "undone: " in run(ada, "undo")
    assert (timer(ada), ada.json("status")["waiting"]) == (before, 0)
    assert "redone: " in run(ada, "redo")
    assert (timer(ada), ada.json("status")["waiting"]) == (before, 1)


# any sequence

COMMANDS = {
    "log": ["log", "design", "PAY-12", "5m"],
    "start": ["start", "design", "PAY-13", "-m", "draft"],
    "start with an estimate": ["start", "testing", "PAY-14", "--estimate", "2h"],
    "stop": ["stop"],
    "cancel": ["cancel"],
    "continue": ["continue"],
    "pause": ["pause"],
    "resume": ["resume"],
    "edit": ["edit", "{first}", "--duration", "1m"],
    "edit of the timer": ["edit", "--task", "PAY-15", "--from", "11:59"],
    "delete": ["delete", "{first}", "{last}"],
    "estimate": ["estimate", "design", "PAY-12", "2h"],
    "task": ["task", "PAY-12", "--title", "Refunds", "--done"],
    "store": ["entries"],
}


def state(ada: Person) -> dict[str, Any]:
    """Return what `undo` and `redo` restore. It does not store what waits in the outbox."""
    waiting = [json.loads(path.read_text()) for path in (ada.data / "outbox").glob("*.json")]
    keys = ("task", "activity", "started_epoch", "seconds", "note")
    with closing(sqlite3.connect(ada.data / "tracker.db")) as connection:
        entries = connection.execute(f"SELECT {', '.join(keys)} FROM entries").fetchall()
        tasks = connection.execute("SELECT * FROM tasks").fetchall()
    entries += [
        tuple(record[key] for key in keys) for record in waiting if record["kind"] == "entry"
    ]
    return {"entries": sorted(entries, key=str), "tasks": tasks, "timer": timer(ada)}


@given(names=st.lists(st.sampled_from(sorted(COMMANDS)), max_size=9))
@settings(max_examples=25, deadline=None)
def test_any_commands_are_undone_to_the_beginning_and_redone_to_the_end(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Undo goes through the states in reverse to the empty one, redo forward to the last one."""
    ada = Person(tmp_path_factory.mktemp("chain"))
    ada.run("entries")
    states = [state(ada)]
    for name in names:
        ada.later(1)
        entries = ada.json("entries") if name in ("edit", "delete") else []
        ids = {"first": entries[-1]["id"], "last": entries[0]["id"]} if entries else {}
        ids = {"first": "-", "last": "-"} | ids
        arguments = [argument.format(**ids) for argument in COMMANDS[name]]
        if ada.run(*arguments, code=None).exit_code == 0 and name != "store":
            states.append(state(ada))
    for command, expected in (("undo", states[-2::-1]), ("redo", states[1:])):
        for after in expected:
            ada.later(1)
            ada.run(command)
            assert state(ada) == after, command
        ada.run(command, code=1)
    number = len(ada.json("entries"))
    if ada.run("stop", code=None).exit_code == 0:
        assert len(ada.json("entries")) == number + 1


# at once


def outcomes(ada: Person, command: str, number: int = 2) -> list[tuple[int, str]]:
    """Run a command in several processes at once; return exit codes and messages, sorted."""
    processes = [ada.process(command) for _ in range(number)]
    results = [process.communicate()[1] for process in processes]
    return sorted(
        (process.returncode, message) for process, message in zip(processes, results, strict=True)
    )


@pytest.mark.parametrize(
    "commands",
    [
        [["log", "design", "PAY-12", "5m"]],
        [["start", "design", "PAY-12"]],
        [["start", "design", "PAY-12"], ["stop"]],
    ],
    ids=str,
)
def test_undos_at_once_undo_no_command_twice(
    database_url: str, tmp_path: Path, commands: list[list[str]]
) -> None:
    """At least one undoes a command; each other one undoes the next, or says why in one line."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    for arguments in commands:
        assert ada.process(*arguments).wait() == 0
    assert ada.process("entries").wait() == 0
    results = outcomes(ada, "undo", len(commands) + 1)
    undone = {message for code, message in results if code == 0}
    refused = [message for code, message in results if code == 1]
    assert undone
    assert len(undone) + len(refused) == len(commands) + 1
    assert all(message.count("\n") == 1 for message in refused)
    for _ in range(len(commands) - len(undone)):
        assert ada.process("undo").wait() == 0
    assert "no change by ada to undo" in ada.refused("undo")
    assert (ada.json("entries"), timer(ada)) == ([], None)


def test_the_undo_of_an_older_command_says_its_age(ada: Person) -> None:
    """A refused command changes nothing, so that `undo` takes back the one before."""
    run(ada, "log", "design", "T-1", "20m")
    ada.later(60 * 24 * 3)
    assert ada.run("undo").stderr == "undone: add of design T-1 (20m), made 3 days ago\n"
    run(ada, "log", "design", "T-1", "20m")
    assert run(ada, "undo") == "undone: add of design T-1 (20m)\n"


def test_the_undo_of_an_edit_tells_what_holds_now(ada: Person) -> None:
    """The task and the effort that the entry has again; `redo` tells those of the edit."""
    ada.run("log", "design", "PAY-12", "1h30m")
    ada.later(1)
    ada.run("edit", "@1", "10:00-11:40", "--task", "PAY-13")
    ada.later(1)
    assert ada.run("undo").stderr == "undone: edit of design PAY-12 (now 1h 30m)\n"
    assert ada.run("redo").stderr == "redone: edit of design PAY-13 (now 1h 40m)\n"
    ada.run("delete", "@1")
    assert ada.run("undo").stderr == "undone: delete of design PAY-13 (1h 40m)\n"
