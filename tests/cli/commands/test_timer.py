"""The timer's verbs at the command line."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.person import Person

from tracker.cli import cli
from tracker.cli.context import Context
from tracker.domain import times


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_a_morning_with_the_timer(ada: Person) -> None:
    """Start, pause, resume, stop: what is said goes to stderr, and one entry without the pause comes out."""
    started = ada.run(
        "start", "design", "PAY-12", "--ai", "--assistant", "Spark Desk 3", "-m", "first draft"
    )
    assert started.stderr == "started design PAY-12 at 2026-06-10 12:00\n"
    assert started.stdout == ""
    ada.later(30)
    assert ada.run("pause").stderr.startswith("paused design PAY-12 after 30m")
    ada.later(10)
    assert ada.run("resume").stderr == "resumed design PAY-12 after 30m\n"
    ada.later(20)
    assert ada.run("stop").stderr == "stopped design PAY-12 after 50m\n"
    (entry,) = ada.json("entries")
    assert (entry["minutes"], entry["interruption_minutes"], entry["started_at"]) == (
        50,
        10,
        "2026-06-10T12:00:00+02:00",
    )
    assert (entry["assisted"], entry["basis"], entry["assistant"]) == (
        "yes",
        "flag",
        "Spark Desk 3",
    )
    assert entry["note"] == "first draft"


def test_starting_another_stops_the_first_and_says_so(ada: Person) -> None:
    """Nobody has to remember to stop."""
    ada.run("start", "design", "PAY-12")
    ada.later(65)
    switched = ada.run("start", "testing", "PAY-9", "--no-ai")
    assert switched.stderr.splitlines() == [
        "stopped design PAY-12 after 1h 05m",
        "started testing PAY-9 at 2026-06-10 13:05",
    ]


def test_status_tells_by_its_exit_code(ada: Person) -> None:
    """0 while a timer runs or is paused, 1 when none does; how many records wait is said."""
    assert ada.run("status", code=1).stdout == "no timer runs\n"
    ada.run("start", "design", "PAY-12")
    ada.later(65)
    assert ada.run("status").stdout == "design PAY-12: 1h 05m since 2026-06-10 12:00\n"
    ada.run("pause")
    assert "paused since 2026-06-10 13:05" in ada.run("status").stdout
    ada.run("stop")
    assert "1 waiting for the database" in ada.run("status", code=1).stdout
    ada.run("entries")
    assert ada.run("status", code=1).stdout == "no timer runs\n"


def test_status_as_json(ada: Person) -> None:
    """JSON alone on stdout, also when none runs."""
    state = json.loads(ada.run("status", "--format", "json", code=1).stdout)
    assert state == {"running": False, "waiting": 0, "waiting_elsewhere": 0}
    ada.run("start", "design", "PAY-12", "--no-ai")
    ada.later(1.5)
    state = ada.json("status")
    assert (state["running"], state["minutes"], state["assisted"]) == (True, 1.5, "no")
    assert state["started_at"] == "2026-06-10T12:00:00+02:00"


def test_status_as_csv(ada: Person) -> None:
    """The same columns whether a timer runs or not."""
    idle = ada.run("status", "--format", "csv", code=1).stdout.splitlines()
    ada.run("start", "design", "PAY-12")
    header, line = ada.run("status", "--format", "csv").stdout.splitlines()
    assert (
        header
        == idle[0]
        == "running,waiting,waiting_elsewhere,activity,task,started_at,minutes,paused,assisted,assistant,note"
    )
    assert line == "True,0,0,design,PAY-12,2026-06-10T12:00:00+02:00,0.0,False,unknown,,"


def test_forgotten_starts_and_stops_are_mended_with_at(ada: Person) -> None:
    """Begun forty minutes before it was started, ended ten before it was stopped."""
    ada.run("start", "design", "PAY-12", "--at", "40 minutes ago")
    ada.later(30)
    ada.run("stop", "--at", "12:20")
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["minutes"]) == ("2026-06-10T11:20:00+02:00", 60)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["stop", "--at", "11:00"], "before its start at 2026-06-10 12:00"),
        (["stop", "--at", "23:00"], "give a time that has passed"),
        (["stop", "--at", "1.5 hours 5 ago"], "time is '1.5 hours 5 ago'"),
        (["start", "design", "X", "--at", "23:00"], "give a time that has passed"),
        (["start", "design", "X", "--at", "11:00"], "before its start"),
        (["start", "desgin", "X"], "did you mean design?"),
        (["start", "design", " "], "give one line with something in it"),
        (["start", "design", "X\n\x1b[31m"], "it holds a line break (U+000A); leave that out"),
        (["start", "design", "X\x1b[31m"], "it holds a control character (U+001B)"),
        (["start", "design", "X\u202e21-YAP"], "turns the direction of writing (U+202E)"),
        (["start", "design", "X\udcff"], "a byte that is no text (U+DCFF)"),
        (["start", "design", "X" * 501], "it has 501 characters; give at most 500"),
        (
            ["start", "design", "X", "-m", "x" * 10_001],
            "it has 10,001 characters; give at most 10,000",
        ),
        (["start", "design", "X", "--estimate", "0m"], "give more than nothing"),
        (["start", "design", "X", "--estimate", "3"], "write it as 45m"),
        (["resume"], "is not paused"),
        (["continue"], "has not been stopped"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(ada: Person, command: list[str], said: str) -> None:
    """The timer that runs is not touched by it."""
    ada.run("start", "design", "PAY-12")
    before = ada.json("status")
    assert said in ada.refused(*command)
    assert ada.json("status") == before


def test_wrong_usage_is_exit_code_2(ada: Person) -> None:
    """An argument that is missing, an option that is not there, an assistant without assistance."""
    assert "Missing argument" in ada.run("start", "design", code=2).stderr
    assert "No such option" in ada.run("stop", "--att", "9:00", code=2).stderr
    assert (
        "--assistant goes with --ai"
        in ada.run("start", "design", "X", "--assistant", "Spark", code=2).stderr
    )
    assert (
        "--assistant goes with --ai"
        in ada.run("start", "design", "X", "--no-ai", "--assistant", "S", code=2).stderr
    )


def test_the_assistant_of_the_settings_is_meant_by_ai(ada: Person) -> None:
    """It is named only where assistance is; without a flag nothing is guessed."""
    ada.run("config", "set", "assistant", "Spark Desk 3")
    for minutes, flags in enumerate((["--ai"], ["--no-ai"], [])):
        ada.run("start", "design", f"T-{minutes}", *flags)
        ada.later(5)
        ada.run("stop")
    found = {
        entry["task"]: (entry["assisted"], entry["assistant"]) for entry in ada.json("entries")
    }
    assert found == {"T-0": ("yes", "Spark Desk 3"), "T-1": ("no", None), "T-2": ("unknown", None)}


def test_continue_starts_the_last_one_again(ada: Person) -> None:
    """Same task, activity and assistance; a new entry, without the old note."""
    ada.refused("continue")
    ada.run("start", "design", "PAY-12", "--ai", "--assistant", "Spark", "-m", "first")
    ada.later(10)
    ada.run("stop")
    ada.later(60)
    ada.run("continue", "-m", "second")
    ada.later(5)
    ada.run("stop")
    second, first = ada.json("entries")
    assert second["id"] != first["id"]
    assert [second[key] for key in ("task", "activity", "assisted", "assistant", "note")] == [
        "PAY-12",
        "design",
        "yes",
        "Spark",
        "second",
    ]


def test_cancel_makes_no_entry(ada: Person) -> None:
    """A slip leaves nothing behind, and can still be continued."""
    ada.run("start", "design", "PAY-12")
    ada.run("cancel")
    assert ada.json("entries") == []
    assert "started design PAY-12" in ada.run("continue").stderr


def test_an_estimate_with_start_counts(ada: Person) -> None:
    """Made as the timer starts, it is made before the work; with an earlier start it would be late: refused."""
    ada.run("start", "design", "PAY-12", "--estimate", "3h")
    ada.later(60)
    ada.run("stop")
    assert "does not count" not in ada.run("entries").stderr
    refusal = ada.refused("start", "design", "PAY-13", "--estimate", "3h", "--at", "20 minutes ago")
    assert "--estimate is made before the work begins" in refusal
    assert ada.run("status", code=1).stdout == "no timer runs\n"


def test_an_estimate_with_start_counts_though_a_second_ticks(ada: Person) -> None:
    """The clock is read once: timer and estimate are of the same instant."""
    ticks = iter(range(100))
    context = Context(ada.environ, lambda: ada.time + timedelta(seconds=next(ticks)), os.urandom)
    assert (
        CliRunner()
        .invoke(cli, ["start", "design", "PAY-12", "--estimate", "3h"], obj=context)
        .exit_code
        == 0
    )
    started = json.loads((ada.data / "timer.json").read_text())["started_epoch"]
    (estimate,) = (ada.data / "outbox").glob("*.json")
    assert json.loads(estimate.read_text())["estimated_epoch"] == started


def test_a_timer_over_the_clock_change_counts_real_minutes(ada: Person) -> None:
    """From 1:30 to 3:30 on the night that skips an hour it is one hour of work."""
    ada.time = times.parse_instant(
        "2026-03-29 01:30", now=ada.time.astimezone(times.zone("Europe/Berlin"))
    )
    ada.run("start", "design", "PAY-12")
    ada.later(60)
    assert ada.run("stop").stderr == "stopped design PAY-12 after 1h 00m\n"
    (entry,) = ada.json("entries")
    assert entry["ended_at"] == "2026-03-29T03:30:00+02:00"


def test_quiet_says_nothing_but_refuses_aloud(ada: Person) -> None:
    """-q silences messages, not refusals."""
    assert ada.run("-q", "start", "design", "PAY-12").output == ""
    assert ada.run("-q", "stop").output == ""
    assert ada.run("-q", "stop", code=1).stderr.startswith("tracker: no timer runs")


def test_the_timer_survives_a_kill_of_the_program(ada: Person) -> None:
    """A process that dies with kill -9 leaves the timer as it was; what runs is a file, not a process."""
    assert ada.process("start", "design", "PAY-12").wait() == 0
    dying = ada.process("log", "design", "X", "5m")
    time.sleep(0.05)
    dying.send_signal(signal.SIGKILL)
    dying.wait()
    assert ada.process("status").wait() == 0


def test_two_stops_at_once_make_one_entry(ada: Person) -> None:
    """The real program, twice in the same moment: one stops, the other says that none runs."""
    assert ada.process("start", "design", "PAY-12").wait() == 0
    stops = [ada.process("stop") for _ in range(4)]
    said = sorted(stop.communicate()[1].split()[0] for stop in stops)
    assert said == ["stopped", "tracker:", "tracker:", "tracker:"]
    assert sorted(stop.returncode for stop in stops) == [0, 1, 1, 1]
    listed = ada.process("entries", "--format", "json")
    assert len(json.loads(listed.communicate()[0])) == 1


def test_a_damaged_timer_file_is_told_and_kept(ada: Person) -> None:
    """No traceback: a warning that names the file, and the verb goes on as if no timer ran."""
    ada.run("start", "design", "PAY-12")
    (ada.data / "timer.json").write_text('{"id": "half')
    result = ada.run("status", code=1)
    assert result.stdout == "no timer runs\n"
    assert "timer.json.bad" in result.stderr
    assert (ada.data / "timer.json.bad").read_text() == '{"id": "half'


def test_a_stop_that_died_halfway_is_finished_by_the_next_command(ada: Person) -> None:
    """A finished timer that was not moved to the outbox is an entry as soon as anybody looks."""
    ada.run("start", "design", "PAY-12")
    ada.later(30)
    ada.run("stop")
    (waiting,) = (ada.data / "outbox").glob("*.json")
    waiting.rename(ada.data / "timer.json")
    assert [entry["task"] for entry in ada.json("entries")] == ["PAY-12"]
    assert ada.json("entries")[0]["minutes"] == 30


def test_a_place_that_cannot_be_written_is_refused_in_one_line(ada: Person) -> None:
    """The data folder's path leads through a file."""
    (ada.home / ".local").write_text("in the way")
    assert "Not a directory" in ada.refused("start", "design", "PAY-12")
