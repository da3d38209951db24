"""`edit` without an id: the running timer."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.person import Person

UNREACHABLE = "postgresql://ada:geheim@127.0.0.1:1/log"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada, whose timer runs since 11:00; there is no database that could be reached."""
    person = Person(tmp_path, TRACKER_DATABASE_URL=UNREACHABLE)
    person.run("start", "design", "PAY-21", "--at", "11:00")
    return person


def test_a_wrong_key_is_corrected(ada: Person) -> None:
    """The time goes on, and one `undo` takes it back."""
    assert ada.run("edit", "--task", "PAY-12").stderr == (
        "edited design PAY-12: 1h 00m since 2026-06-10 11:00\n"
    )
    ada.run("edit", "--activity", "testing", "--ai", "--assistant", "Spark", "-m", "note")
    state = ada.json("status")
    assert (state["activity"], state["task"], state["minutes"]) == ("testing", "PAY-12", 60)
    assert (state["assisted"], state["assistant"], state["note"]) == ("yes", "Spark", "note")
    assert ada.run("undo").stderr == (
        "undone: edit of testing PAY-12; design PAY-12 runs again since 2026-06-10 11:00\n"
    )
    assert "design PAY-21 runs again" in ada.run("undo").stderr
    assert "design PAY-12 runs since" in ada.run("redo").stderr
    assert ada.json("status")["assisted"] == "unknown"


@pytest.mark.parametrize("line", ["10:30-", "--from 10:30", "--from -90m"])
def test_a_wrong_start_is_corrected(ada: Person, line: str) -> None:
    """A time without a day is of the day on which the timer was started."""
    assert "1h 30m since 2026-06-10 10:30" in ada.run("edit", *line.split()).stderr
    ada.time += (ada.time.replace(hour=23) - ada.time) * 2
    assert "since 2026-06-10 10:45" in ada.run("edit", "10:45-").stderr


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("", 2, "say what to change in design PAY-21, which runs, such as --task KEY"),
        ("10:00-10:30", 1, "design PAY-21 still runs and has a start only: `tracker stop --at"),
        ("45m", 1, "still runs and has a start only"),
        ("--to 11:30", 1, "still runs and has a start only"),
        ("--duration 5m", 1, "still runs and has a start only"),
        ("-11:40", 1, "`tracker edit --without 11:00-11:30` takes a break out"),
        ("--without 10:50-11:20", 1, "10:50-11:20 is not within design PAY-21, which is from"),
        ("--without 11:50-12:01", 1, "to 2026-06-10 12:00: give times within it."),
        ("--without 1h", 1, "the interruption leaves nothing of an effort of 1h 00m"),
        ("--without 11:00-12:00", 1, "leaves nothing of an effort of 1h 00m"),
        ("--without 11:10-", 1, "--without takes a duration or two times"),
        ("10:30- --without 5m", 2, "give --without alone: it keeps the start"),
        ("13:00-", 1, "the start is 2026-06-10 13:00: give a time that has passed"),
        ("--task PAY-21", 1, "design PAY-21 is like that already"),
        ("--activity desgin", 1, "did you mean design?"),
        ("-30m", 1, "times are '-30m'"),
    ],
)
def test_what_a_timer_does_not_have_is_refused(
    ada: Person, line: str, code: int, message: str
) -> None:
    """It goes on as it was."""
    before = ada.json("status")
    assert message in ada.run("edit", *line.split(), code=code).stderr
    assert ada.json("status") == before


def test_a_start_without_a_day_is_the_next_one_to_the_old_start(tmp_path: Path) -> None:
    """Work that began before midnight may have begun after it; a day's work is warned of."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-21", "--at", "yesterday 23:30")
    ada.time = ada.time.replace(day=9, hour=22, minute=30)
    for clock, effort in (("0:10", "20m"), ("23:00", "1h 30m"), ("20:40", "3h 50m")):
        result = ada.run("edit", f"{clock}-")
        assert f"edited design PAY-21: {effort} since" in result.stderr
        assert result.stderr.count("\n") == 1
        ada.run("undo")
    ada.later(14 * 60)
    message = ada.run("edit", "23:00-").stderr
    assert "15h 30m at a stretch, over night: if it was forgotten, `tracker stop" in message


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        (["11:10-11:20"], 10),
        (["20m"], 20),
        (["20m", "11:10-11:20", "5m"], 35),
        (["11:10-11:20", "11:40-11:50", "11:15-11:30"], 30),
        (["11:10-11:20", "11:20-11:25", "11:00-11:05"], 20),
    ],
)
def test_an_interruption_is_taken_off(tmp_path: Path, lines: list[str], minutes: int) -> None:
    """The entry has it, `undo` takes each one back, and later pauses are added."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-21", "--at", "11:00")
    for line in lines:
        result = ada.run("edit", "--without", line)
    assert result.stderr.startswith(f"edited design PAY-21: {60 - minutes}m since")
    assert "is like that already" in ada.run("edit", "--task", "PAY-21", code=1).stderr
    ada.run("undo")
    ada.run("redo")
    ada.run("pause")
    ada.later(10)
    ada.run("resume")
    ada.later(10)
    ada.run("stop")
    (entry,) = ada.json("entries")
    assert (entry["minutes"], entry["interruption_minutes"]) == (70 - minutes, minutes + 10)
    for _ in range(3 + len(lines)):
        ada.run("undo")
    assert ada.json("status")["minutes"] == 80


def test_an_interruption_within_a_pause_changes_nothing(tmp_path: Path) -> None:
    """One that reaches into a pause in progress leaves it in progress."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-21", "--at", "11:00")
    ada.run("pause", "--at", "11:30")
    assert "is like that already" in ada.refused("edit", "--without", "11:30-11:50")
    ada.run("edit", "--without", "11:20-11:40")
    state = ada.json("status")
    assert (state["minutes"], state["paused"]) == (20, True)


def test_an_interruption_may_begin_in_the_minute_of_the_start(tmp_path: Path) -> None:
    """A typed time is a whole minute."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-21", "--at", "11:00:30")
    ada.run("edit", "--without", "11:00-11:10")
    assert ada.json("status")["minutes"] == 50


def test_an_end_that_the_interruptions_exceed_is_refused(tmp_path: Path) -> None:
    """The timer runs on as it was."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-21", "--at", "11:00")
    ada.run("edit", "--without", "20m")
    message = ada.refused("stop", "--at", "11:10")
    assert "interruptions of 20m leave no effort: give a later time" in message
    assert ada.json("status")["minutes"] == 40


def test_a_start_after_a_pause_is_refused(ada: Person) -> None:
    """Pauses lie within the time of the timer."""
    ada.run("pause", "--at", "11:20")
    assert "after the pause of design PAY-21 at 2026-06-10 11:20" in ada.refused("edit", "11:30-")


@pytest.mark.parametrize("end", ["4512", "903412", "12ab"])
def test_an_id_of_digits_is_no_effort(tmp_path: Path, end: str) -> None:
    """It names an entry, also while a timer runs."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-21")
    assert f"no entry whose id begins or ends with '{end}'" in ada.refused("edit", end, "-m", "x")


@pytest.mark.parametrize("line", ["--task PAY-12", "10:30-", ""])
def test_without_a_timer_an_entry_must_be_named(tmp_path: Path, line: str) -> None:
    """The message says how."""
    message = Person(tmp_path).refused("edit", *line.split())
    assert message.startswith("no timer runs: name the entry to change, such as `tracker edit @1`;")


def test_an_estimate_stays_with_the_former_key(tmp_path: Path) -> None:
    """Where that has other work. The command that is named moves it, and it counts."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-21", "--estimate", "3h")
    ada.run("log", "testing", "PAY-21", "5m")
    ada.later(30)
    message = ada.run("edit", "--task", "PAY-12").stderr
    assert "the estimate of 3h 00m stays with design PAY-21" in message
    assert "`tracker rename task PAY-21 PAY-12` moves it." in message
    ada.run("stop")
    ada.run("rename", "task", "PAY-21", "PAY-12", "--merge")
    (item,) = (item for item in ada.json("tasks") if item["activity"] == "design")
    assert (item["task"], item["estimate_minutes"]) == ("PAY-12", 180)
    assert "does not count" not in ada.run("entries").stderr


@pytest.mark.parametrize("is_stored", [False, True])
def test_an_estimate_for_a_wrong_key_moves_along(
    database_url: str, tmp_path: Path, is_stored: bool
) -> None:
    """Nothing of the wrong key is left, the estimate counts, and one `undo` takes all back."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    ada.run("log", "review", "OPS-7", "5m")
    ada.later(1)
    ada.run("start", "design", "PAY-21", "--estimate", "3h")
    ada.later(30)
    if is_stored:
        ada.run("entries")
    for minutes, key in ((30, "PAY-12"), (31, "PAY-13")):
        assert ada.run("edit", "--task", key).stderr.splitlines()[:2] == [
            f"edited design {key}: {minutes}m since 2026-06-10 12:01",
            f"the estimate of 3h 00m is now of design {key}",
        ]
        ada.later(1)
    for command, key in (("undo", "PAY-12"), ("undo", "PAY-21"), ("redo", "PAY-12")):
        assert f"{command[:-2]}" in ada.run(command).stderr
        assert ada.json("status")["task"] == key
        assert ada.json("task", key)[1]["estimate_minutes"] == 180
    ada.later(1)
    ada.run("stop")
    assert [item["task"] for item in ada.json("tasks")] == ["PAY-12", "OPS-7"]
    assert "there is none in the log" in ada.refused("task", "PAY-21")
    assert ada.run("entries").stderr == ""
    for _ in range(3):
        ada.run("undo")
    assert (ada.run("status", code=1).stdout, len(ada.json("entries"))) == ("no timer runs\n", 1)
    assert "there is none in the log" in ada.refused("task", "PAY-12")


def test_an_estimate_that_the_right_key_has_is_kept(tmp_path: Path) -> None:
    """The other one stays where it was made."""
    ada = Person(tmp_path)
    ada.run("estimate", "design", "PAY-12", "2h")
    ada.run("start", "design", "PAY-21", "--estimate", "3h")
    assert "stays with design PAY-21" in ada.run("edit", "--task", "PAY-12").stderr
    assert ada.json("task", "PAY-12")[1]["estimate_minutes"] == 120


def test_the_key_that_is_corrected_is_not_proposed(tmp_path: Path) -> None:
    """Neither of the timer nor of an entry."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PYA-12", "--at", "11:00")
    assert ada.run("edit", "--task", "PAY-12").stderr.count("\n") == 1
    ada.run("stop", "--at", "11:30")
    ada.run("log", "testing", "PSO-33", "1m")
    assert "did you mean" not in ada.run("edit", "@1", "--task", "OPS-33").stderr
    assert "did you mean OPS-33" in ada.run("edit", "@2", "--task", "OSP-33").stderr


def test_an_estimate_of_another_activity_is_not_moved(tmp_path: Path) -> None:
    """Another key would move it to the former activity."""
    ada = Person(tmp_path)
    ada.run("start", "design", "PAY-21", "--estimate", "3h")
    message = ada.run("edit", "--task", "PAY-12", "--activity", "testing").stderr
    assert "stays with design PAY-21: none counts for testing PAY-12" in message


def test_ai_keeps_the_assistant_that_is_named(tmp_path: Path) -> None:
    """Of the timer and of an entry, unless the settings name another one; --no-ai takes it out."""
    ada = Person(tmp_path)
    ada.run("log", "design", "PAY-12", "5m", "--ai", "--assistant", "Spark")
    ada.run("start", "design", "PAY-12", "--no-ai")
    ada.run("edit", "--ai", "--assistant", "Spark")
    for target in (["edit"], ["edit", "@1"]):
        ada.run(*target, "--ai", "-m", "draft")
    state = [ada.json("status"), *ada.json("entries")]
    assert [(row["assisted"], row["assistant"]) for row in state] == [("yes", "Spark")] * 2
    for target in (["edit"], ["edit", "@1"]):
        ada.run(*target, "--no-ai")
    state = [ada.json("status"), *ada.json("entries")]
    assert [(row["assisted"], row["assistant"]) for row in state] == [("no", None)] * 2


def test_a_drawn_arm_follows_the_task(tmp_path: Path) -> None:
    """What was filled in for the former task is not kept; a flag is."""
    ada = Person(tmp_path)
    ada.run("estimate", "design", "PAY-12", "3h")
    arm = ada.run("assign", "design", "PAY-12").stdout.strip()
    drawn = {"assistance": "yes", "baseline": "no"}[arm]
    ada.later(1)
    ada.run("start", "design", "OPS-7")
    ada.run("edit", "--task", "PAY-12")
    assert ada.json("status")["assisted"] == drawn
    ada.run("edit", "--task", "OPS-7")
    assert ada.json("status")["assisted"] == "unknown"
    flag = "--no-ai" if drawn == "yes" else "--ai"
    ada.run("edit", flag)
    assert "was drawn to be done" in ada.run("edit", "--task", "PAY-12").stderr
    assert ada.json("status")["assisted"] != drawn


def test_a_mistyped_key_is_remarked_on(tmp_path: Path) -> None:
    """As with `start`, with the command that corrects it."""
    ada = Person(tmp_path)
    ada.run("estimate", "design", "PAY-12", "3h")
    ada.run("start", "design", "OPS-7")
    message = ada.run("edit", "--task", "PAY-21").stderr
    assert "PAY-21 is new; did you mean PAY-12 (`tracker edit --task PAY-12`)?" in message


def test_rename_names_the_command_for_the_timer(tmp_path: Path) -> None:
    """A running timer keeps its key until `edit`."""
    ada = Person(tmp_path)
    ada.run("log", "design", "PAY-21", "5m")
    ada.run("start", "design", "PAY-21")
    stderr = ada.run("rename", "task", "PAY-21", "PAY-12").stderr
    assert "`tracker edit --task PAY-12` changes it." in stderr
    assert "edited design PAY-12" in ada.run("edit", "--task", "PAY-12").stderr
