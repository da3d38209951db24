"""The timer's commands."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.person import Person, without_ids

from tracker.cli import cli
from tracker.cli.context import Context
from tracker.domain import times, typed_times


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_a_timer_with_a_pause_becomes_one_entry(ada: Person) -> None:
    """Messages go to stderr, and the entry's effort is without the pause."""
    result = ada.run(
        "start", "design", "PAY-12", "--ai", "--assistant", "Spark Desk 3", "-m", "first draft"
    )
    assert result.stderr == "started design PAY-12 at 2026-06-10 12:00\n"
    assert result.stdout == ""
    ada.later(30)
    assert ada.run("pause").stderr.startswith("paused design PAY-12 after 30m")
    ada.later(10)
    assert ada.run("resume").stderr == "resumed design PAY-12 after 30m\n"
    ada.later(20)
    assert without_ids(ada.run("stop").stderr) == "stopped design PAY-12 after 50m\n"
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


def test_start_stops_a_running_timer(ada: Person) -> None:
    """`start` stops the running timer and prints both."""
    ada.run("start", "design", "PAY-12")
    ada.later(65)
    result = ada.run("start", "testing", "PAY-9", "--no-ai")
    assert without_ids(result.stderr).splitlines() == [
        "stopped design PAY-12 after 1h 05m",
        "started testing PAY-9 at 2026-06-10 13:05",
    ]


def test_the_exit_code_of_status(ada: Person) -> None:
    """`status` exits 0 with a running or paused timer, else 1, and prints how many records wait."""
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
    """`status --format json` prints JSON only, also without a timer."""
    state = json.loads(ada.run("status", "--format", "json", code=1).stdout)
    assert state == {"running": False, "waiting": 0, "waiting_elsewhere": 0}
    ada.run("start", "design", "PAY-12", "--no-ai")
    ada.later(1.5)
    state = ada.json("status")
    assert (state["running"], state["minutes"], state["assisted"]) == (True, 1.5, "no")
    assert state["started_at"] == "2026-06-10T12:00:00+02:00"


def test_status_as_csv(ada: Person) -> None:
    """`status --format csv` has the same columns with and without a timer."""
    idle = ada.run("status", "--format", "csv", code=1).stdout.splitlines()
    ada.run("start", "design", "PAY-12")
    header, line = ada.run("status", "--format", "csv").stdout.splitlines()
    assert header == idle[0]
    assert header == (
        "running,waiting,waiting_elsewhere,activity,task,started_at,minutes,paused,"
        "assisted,assistant,note"
    )
    assert line == "True,0,0,design,PAY-12,2026-06-10T12:00:00+02:00,0.0,False,unknown,,"


def test_at_sets_the_start_and_the_end(ada: Person) -> None:
    """`start --at` and `stop --at` take times before now."""
    ada.run("start", "design", "PAY-12", "--at", "40 minutes ago")
    ada.later(30)
    ada.run("stop", "--at", "12:20")
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["minutes"]) == ("2026-06-10T11:20:00+02:00", 60)


@pytest.mark.parametrize(
    ("command", "message"),
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
        (["start", "design", "X\u202e21-YAP"], "a bidirectional control character (U+202E)"),
        (["start", "design", "X\udcff"], "a lone surrogate (U+DCFF)"),
        (["start", "design", "X" * 501], "it has 501 characters; give at most 500"),
        (
            ["start", "design", "X", "-m", "x" * 10_001],
            "it has 10,001 characters; give at most 10,000",
        ),
        (["start", "design", "X", "--estimate", "0m"], "give more than nothing"),
        (["start", "design", "X", "--estimate", "3.5"], "write it as 45m"),
        (["resume"], "is not paused"),
        (["pause", "--at", "11:00"], "before the last start, pause or resume of design PAY-12"),
        (["pause", "--at", "23:00"], "give a time that has passed"),
        (["continue"], "design PAY-12 runs, and none before it here"),
    ],
)
def test_invalid_timer_commands_are_refused(ada: Person, command: list[str], message: str) -> None:
    """A refused command prints one line and leaves the running timer as it is."""
    ada.run("start", "design", "PAY-12")
    previous = ada.json("status")
    assert message in ada.refused(*command)
    assert ada.json("status") == previous


def test_wrong_usage_is_exit_code_2(ada: Person) -> None:
    """Missing arguments, unknown options and `--assistant` without `--ai` are wrong usage."""
    assert "Missing argument" in ada.run("start", code=2).stderr
    assert "No such option" in ada.run("stop", "--att", "9:00", code=2).stderr
    assert (
        "--assistant goes with --ai"
        in ada.run("start", "design", "X", "--assistant", "Spark", code=2).stderr
    )
    assert (
        "--assistant goes with --ai"
        in ada.run("start", "design", "X", "--no-ai", "--assistant", "S", code=2).stderr
    )


def test_ai_without_a_name_means_the_assistant_of_the_settings(ada: Person) -> None:
    """`--ai` uses the assistant of the settings; without a flag, assistance is unknown."""
    ada.run("config", "set", "assistant", "Spark Desk 3")
    for number, flags in enumerate((["--ai"], ["--no-ai"], [])):
        ada.run("start", "design", f"T-{number}", *flags)
        ada.later(5)
        ada.run("stop")
    assistance = {
        entry["task"]: (entry["assisted"], entry["assistant"]) for entry in ada.json("entries")
    }
    assert assistance == {
        "T-0": ("yes", "Spark Desk 3"),
        "T-1": ("no", None),
        "T-2": ("unknown", None),
    }


def test_continue_starts_the_last_timer_again(ada: Person) -> None:
    """It has the same task, activity and assistance, but a new id and no note."""
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


def test_continue_goes_back_to_the_work_before(ada: Person) -> None:
    """While a timer runs, `continue` stops it and goes on with the one that was stopped before."""
    ada.run("start", "design", "PAY-12")
    ada.later(10)
    ada.run("start", "testing", "PAY-9")
    ada.later(20)
    stderr = ada.run("continue").stderr
    assert without_ids(stderr).splitlines()[0] == "stopped testing PAY-9 after 20m"
    assert "started design PAY-12" in stderr
    ada.later(5)
    assert "design PAY-12 runs already" in ada.refused("continue", "@2")
    assert "started testing PAY-9" in ada.run("continue").stderr
    assert len(ada.json("entries")) == 3


def test_continue_resumes_a_paused_timer(ada: Person) -> None:
    """Without an ID; the pause does not count, and no entry is made of it."""
    ada.run("start", "testing", "PAY-9")
    ada.run("start", "design", "PAY-12")
    ada.later(10)
    ada.run("pause")
    ada.later(45)
    assert "a note goes with new work" in ada.run("continue", "-m", "x", code=2).stderr
    assert "resumed design PAY-12 after 10m" in ada.run("continue").stderr
    ada.later(5)
    ada.run("stop")
    assert ada.json("entries", "--task", "PAY-12")[0]["minutes"] == 15


def test_cancel_makes_no_entry(ada: Person) -> None:
    """A cancelled timer makes no entry and can be continued."""
    ada.run("start", "design", "PAY-12")
    ada.run("cancel")
    assert ada.json("entries") == []
    assert "started design PAY-12" in ada.run("continue").stderr


def test_an_estimate_with_start_counts(ada: Person) -> None:
    """`start --estimate` counts as made before the work; with an earlier `--at` it is refused."""
    ada.run("start", "design", "PAY-12", "--estimate", "3h")
    ada.later(60)
    ada.run("stop")
    assert "does not count" not in ada.run("entries").stderr
    refusal = ada.refused("start", "design", "PAY-13", "--estimate", "3h", "--at", "20 minutes ago")
    assert "--estimate is made before the work begins" in refusal
    assert ada.run("status", code=1).stdout == "no timer runs\n"


def test_a_command_reads_the_clock_once(ada: Person) -> None:
    """Timer and estimate have the same instant although the clock goes on."""
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


def test_a_timer_over_a_clock_change_counts_elapsed_time(ada: Person) -> None:
    """From 1:30 to 3:30 in the night that skips an hour, the effort is one hour."""
    ada.time = typed_times.parse_instant(
        "2026-03-29 01:30", now=ada.time.astimezone(times.zone("Europe/Berlin"))
    )
    ada.run("start", "design", "PAY-12")
    ada.later(60)
    assert without_ids(ada.run("stop").stderr) == "stopped design PAY-12 after 1h 00m\n"
    (entry,) = ada.json("entries")
    assert entry["ended_at"] == "2026-03-29T03:30:00+02:00"


def test_quiet_prints_errors_only(ada: Person) -> None:
    """With -q messages are not printed, but errors are."""
    assert ada.run("-q", "start", "design", "PAY-12").output == ""
    assert ada.run("-q", "stop").output == ""
    assert ada.run("-q", "stop", code=1).stderr.startswith("tracker: no timer runs")


def test_the_timer_survives_a_kill_of_the_program(ada: Person) -> None:
    """SIGKILL of a command leaves the running timer as it was."""
    assert ada.process("start", "design", "PAY-12").wait() == 0
    process = ada.process("log", "design", "X", "5m")
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert ada.process("status").wait() == 0


def test_concurrent_stops_make_one_entry(ada: Person) -> None:
    """Of several `stop` at once one stops the timer; the others are refused."""
    assert ada.process("start", "design", "PAY-12").wait() == 0
    stops = [ada.process("stop") for _ in range(4)]
    first_words = sorted(stop.communicate()[1].split()[0] for stop in stops)
    assert first_words == ["stopped", "tracker:", "tracker:", "tracker:"]
    assert sorted(stop.returncode for stop in stops) == [0, 1, 1, 1]
    listing = ada.process("entries", "--format", "json")
    assert len(json.loads(listing.communicate()[0])) == 1


def test_a_damaged_timer_file_is_quarantined(ada: Person) -> None:
    """A warning names the file, its content is kept, and no timer runs."""
    ada.run("start", "design", "PAY-12")
    (ada.data / "timer.json").write_text('{"id": "half')
    result = ada.run("status", code=1)
    assert result.stdout == "no timer runs\n"
    assert "timer.json.bad" in result.stderr
    assert (ada.data / "timer.json.bad").read_text() == '{"id": "half'


def test_the_next_command_completes_a_killed_stop(ada: Person) -> None:
    """An entry that was not moved to the outbox is stored by the next command."""
    ada.run("start", "design", "PAY-12")
    ada.later(30)
    ada.run("stop")
    (record,) = (ada.data / "outbox").glob("*.json")
    record.rename(ada.data / "timer.json")
    assert [entry["task"] for entry in ada.json("entries")] == ["PAY-12"]
    assert ada.json("entries")[0]["minutes"] == 30


def test_a_data_folder_that_cannot_be_made_is_an_error(ada: Person) -> None:
    """If the data folder's path leads through a file, one line says so."""
    (ada.home / ".local").write_text("in the way")
    assert "Not a directory" in ada.refused("start", "design", "PAY-12")


def test_names_are_stored_in_nfc(ada: Person) -> None:
    """Decomposed and composed forms of a task, a team, an assistant or a developer are one name."""
    decomposed, composed = "Gro\u0308sse", "Gr\u00f6sse"
    for setting in ("team", "assistant", "developer"):
        ada.run("config", "set", setting, decomposed)
    del ada.environ["TRACKER_DEVELOPER"]
    ada.run("start", "design", decomposed, "--ai", "-m", decomposed)
    ada.later(5)
    ada.run("stop")
    ada.run("log", "design", composed, "5m", "--ai", "--assistant", decomposed)
    for form in (decomposed, composed):
        entries = ada.json("entries", "--task", form, "--developer", form)
        assert [entry["task"] for entry in entries] == [composed] * 2
        assert {(entry["team"], entry["assistant"]) for entry in entries} == {(composed, composed)}
    assert entries[1]["note"] == decomposed


@pytest.mark.parametrize("command", [["start", "design", "X"], ["log", "design", "X", "5m"]])
def test_an_invalid_developer_is_refused(ada: Person, command: list[str]) -> None:
    """A developer's name with a control character is refused before anything is written."""
    ada.environ["TRACKER_DEVELOPER"] = "ada\x1b[31m"
    message = ada.refused(*command)
    assert message.startswith(
        "TRACKER_DEVELOPER is 'ada\\x1b[31m': it holds a control character (U+001B)"
    )
    assert not (ada.data / "timer.json").exists()
    assert not (ada.data / "outbox").exists()


def test_a_forgotten_timer_is_remarked_on(ada: Person) -> None:
    """From 12 hours on `status` and `stop` warn, with the command that corrects it."""
    ada.run("start", "design", "PAY-1", "--at", "8:00")
    ada.later(8 * 60)
    assert "stretch" not in ada.run("status").stderr
    ada.later(5)
    assert "for 12h 05m at a stretch: if it was forgotten, `tracker stop --at 17:30`" in (
        ada.run("status").stderr
    )
    stderr = ada.run("start", "testing", "PAY-2").stderr
    (name,) = re.findall(r"\(id (\w+)\)", stderr)
    assert f"`tracker edit {name} -17:30` corrects its end, and `tracker undo`" in stderr
    ada.later(30)
    assert "stretch" not in ada.run("stop").stderr
    assert "9h 30m from 2026-06-10 08:00" in ada.run("edit", name, "-17:30").stderr


def test_the_example_of_an_end_has_passed(ada: Person) -> None:
    """17:30 is named only where the timer ran then."""
    ada.run("start", "design", "PAY-1", "--at", "0:10")
    ada.later(30)
    assert "`tracker stop --at TIME`" in ada.run("status").stderr
    assert re.search(r"`tracker edit \w+ -TIME`", ada.run("stop").stderr)


def test_a_resumed_timer_was_not_forgotten(ada: Person) -> None:
    """What was done before a pause is no stretch over midnight."""
    ada.run("start", "design", "PAY-1", "--at", "9:00")
    ada.run("pause")
    ada.later(11.5 * 60)
    ada.run("resume")
    ada.later(3 * 60)
    assert "at a stretch" not in ada.run("status").stderr
    assert "at a stretch" not in ada.run("stop").stderr


@pytest.mark.parametrize(
    ("start", "days", "at"),
    [
        ("2026-06-09 17:00", 0, "yesterday 17:30"),
        ("2026-06-08 17:00", 0, "monday 17:30"),
        ("2026-06-03 17:00", 0, "2026-06-03 17:30"),
        ("2026-06-09 18:00", 0, "yesterday TIME"),
    ],
)
@pytest.mark.parametrize("locale", ["C.UTF-8", "de_DE.UTF-8"])
def test_a_timer_forgotten_over_night_is_remarked_on(
    ada: Person, start: str, days: int, at: str, locale: str
) -> None:
    """After 4 hours over midnight; the command that is named stops it where it should have."""
    ada.environ["LC_ALL"] = locale
    ada.run("start", "design", "PAY-1", "--at", start)
    message = ada.run("status").stderr
    assert "at a stretch, over night: if it was forgotten" in message
    assert f'`tracker stop --at "{at}"`' in message
    assert "at a stretch, over night" in ada.run("stop").stderr
    ada.run("undo")
    if "TIME" not in at:
        assert "after 30m" in ada.run("stop", "--at", at).stderr


@pytest.mark.parametrize("start", ["yesterday 23:00", "9:00"])
def test_short_work_over_midnight_is_usual(ada: Person, start: str) -> None:
    """Up to 4 hours, as work within a day up to 12."""
    ada.time -= timedelta(hours=9 if start.startswith("yesterday") else 0)
    ada.run("start", "design", "PAY-1", "--at", start)
    assert "stretch" not in ada.run("status").stderr
    assert "stretch" not in ada.run("stop").stderr


def test_work_that_was_resumed_this_morning_was_not_forgotten(ada: Person) -> None:
    """A timer that was paused over night has no stretch of hours over midnight."""
    ada.run("start", "design", "PAY-1", "--at", "yesterday 9:00")
    ada.run("pause", "--at", "yesterday 17:00")
    assert "stretch" not in ada.run("status").stderr
    ada.run("resume", "--at", "9:00")
    assert "stretch" not in ada.run("status").stderr
    assert "stretch" not in ada.run("stop", "--at", "9:30").stderr


@pytest.fixture
def on_branch(ada: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a work tree on the branch feature/PAY-12-refunds."""
    folder = ada.home / "work"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/feature/PAY-12-refunds\n")
    monkeypatch.chdir(folder)
    return ada


def test_the_task_is_that_of_the_git_branch(on_branch: Person) -> None:
    """`start` and `log` take its key where TASK is left out, by the pattern of the settings."""
    assert "started design PAY-12" in on_branch.run("start", "design").stderr
    assert "stopped design PAY-12" in on_branch.run("start", "testing", "PAY-9").stderr
    assert "logged design PAY-12: 45m" in on_branch.run("log", "design", "45m").stderr
    interval = ("--from", "9:00", "--to", "10:00")
    assert "logged design PAY-12: 30m" in on_branch.run("log", "design", "30m", *interval).stderr
    assert "logged design 12: 1h" in on_branch.run("log", "design", "12", *interval).stderr
    on_branch.run("config", "set", "task_pattern", "PAY-([0-9]+)")
    assert "logged design 12: 20m" in on_branch.run("log", "design", "20m").stderr


def test_without_a_key_the_task_must_be_given(on_branch: Person) -> None:
    """One line says what the branch names, and nothing is stored."""
    Path(".git/HEAD").write_text("ref: refs/heads/main\n")
    message = "task is missing, and the git branch 'main' names none: give the TASK."
    assert message in on_branch.refused("start", "design")
    assert message in on_branch.refused("log", "design", "45m")
    assert "duration is '0m'" in on_branch.refused("log", "design", "0m")
    assert on_branch.json("entries") == []


def test_a_note_can_be_given_at_the_end(ada: Person) -> None:
    """It replaces that of `start`; `undo` lets the timer run with its own."""
    ada.run("start", "design", "PAY-12", "-m", "first")
    ada.later(10)
    ada.run("stop", "-m", "second")
    assert [entry["note"] for entry in ada.json("entries")] == ["second"]
    ada.run("undo")
    assert ada.json("status")["note"] == "first"
    ada.run("redo")
    assert [entry["note"] for entry in ada.json("entries")] == ["second"]


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("start design PAY-14 10:55", "2026-06-10 10:55"),
        ("start design PAY-14 -5m", "2026-06-10 11:55"),
        ("start design PAY-14 yesterday 17:40 -m draft", "2026-06-09 17:40"),
        ("start design PAY-14 40 minutes ago", "2026-06-10 11:20"),
        ("start design 10am 10:55", "2026-06-10 10:55"),
        ("start design 3 10:55", "2026-06-10 10:55"),
    ],
)
def test_a_start_may_have_its_time_at_the_end(ada: Person, line: str, start: str) -> None:
    """It is what `--at` takes, in as many words; the word before it is the key."""
    assert f"started design {line.split()[2]} at {start}" in ada.run(*line.split()).stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("stop 11:25", "stopped design PAY-12 after 1h 25m"),
        ("stop -10m", "stopped design PAY-12 after 1h 50m"),
        ("stop yesterday 17:40", "would end at 2026-06-09 17:40, before its start"),
        ("stop 13:00", "give a time that has passed"),
        ("stop soon", "time is 'soon': write it as 9:30"),
        ("pause 11:00", "paused design PAY-12 after 1h 00m"),
        ("start design PAY-12 3h", "time is '3h': write it as 9:30"),
        ("stop 11:00 --at 11:25", "give the time once, at the end or with --at"),
        ("start design PAY-13 11:00 --at 11:00", "give the time once, at the end or with --at"),
        ("start design PAY-13 11:00 -e 2h", "--estimate is made before the work begins"),
    ],
)
def test_stop_and_pause_may_have_their_time_at_the_end(
    ada: Person, line: str, message: str
) -> None:
    """Without `--at`; a refused one changes nothing."""
    ada.run("start", "design", "PAY-12", "10:00")
    before = ada.json("status")
    result = ada.run(*line.split(), code=None)
    assert message in result.stderr
    if result.exit_code:
        assert ada.json("status") == before


def test_resume_and_continue_may_have_their_time_at_the_end(ada: Person) -> None:
    """`continue 12:50` goes on with the last work, then."""
    ada.run("start", "design", "PAY-12", "10:00")
    ada.run("pause", "11:00")
    ada.run("resume", "11:45")
    assert ada.json("status")["minutes"] == 75
    ada.run("stop")
    ada.later(60)
    assert "started design PAY-12 at 2026-06-10 12:50" in ada.run("continue", "12:50").stderr
    ada.run("start", "testing", "PAY-9")
    message = ada.run("continue", "PAY-12", "12:30", code=1).stderr
    assert "testing PAY-9 would end at 2026-06-10 12:30" in message


def test_a_time_alone_is_no_key(
    ada: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is that of the branch, as with `log design 45m`."""
    monkeypatch.chdir(tmp_path)
    assert ada.refused("start", "design", "10:55").startswith("task is missing, and no git branch")
    git = tmp_path / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/feature/PAY-14-refunds\n")
    for line in ("10:55", "5 minutes ago", "-65m"):
        assert "started design PAY-14 at" in ada.run("start", "design", *line.split()).stderr
        ada.run("cancel")
    assert "give the time once" in ada.run("start", "design", "9:00", "--at", "9:00", code=2).stderr


def test_a_start_typed_twice_changes_nothing(ada: Person) -> None:
    """Unless it says something new: a flag, a time, an estimate or a note."""
    ada.run("start", "design", "PAY-12", "-e", "3h")
    ada.later(5)
    before = ada.json("status")
    for options in ([], ["12:00"], ["--at", "12:00"]):
        assert ada.refused("start", "design", "PAY-12", *options).startswith(
            "design PAY-12 runs already, since 2026-06-10 12:00: nothing was changed."
        )
    assert "nothing was changed" in ada.refused("start", "design", "PAY-12", "-e", "3h")
    assert ada.json("status") == before
    for options in (["--ai"], ["12:03"], ["-e", "2h"], ["-m", "draft"]):
        assert "started design PAY-12" in ada.run("start", "design", "PAY-12", *options).stderr
        message = ada.refused("start", "design", "PAY-12")
        assert "runs already" in message
        ada.run("undo")
    ada.run("pause")
    assert "started design PAY-12" in ada.run("start", "design", "PAY-12").stderr


def test_continue_names_a_timer_that_is_the_only_one(ada: Person) -> None:
    """And `resume` after `stop` names `continue`."""
    assert "start one with `tracker start" in ada.refused("resume")
    ada.run("start", "design", "PAY-12")
    assert ada.refused("continue").startswith("design PAY-12 runs, and none before it here: `tr")
    ada.later(5)
    ada.run("stop")
    message = ada.refused("resume")
    assert message.endswith("none to resume: `tracker continue` goes on with design PAY-12.")
    assert "start one with" in ada.refused("stop")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("start design PAY-12 -e 2", "2 minutes: `tracker undo`, then -e 2h if hours are meant."),
        ("start design PAY-12 -e 1", "1 minute: `tracker undo`, then -e 1h if hours are meant."),
        ("start design PAY-12 -e 5", None),
        ("start design PAY-12 -e 2m", None),
        ("estimate design PAY-12 3", "3 minutes: `tracker undo`, then 3h if hours are meant."),
        ("estimate design PAY-12 3h --ai 2", "2 minutes: `tracker undo`, then --ai 2h if hours"),
        ("estimate design PAY-12 90", None),
    ],
)
def test_an_estimate_of_a_few_minutes_is_remarked_on(
    ada: Person, line: str, message: str | None
) -> None:
    """Only a number without a unit may be meant as hours."""
    stderr = ada.run(*line.split()).stderr
    assert ("if hours are meant" in stderr) == (message is not None)
    assert (message or "") in stderr


def test_the_overview_hints_at_a_forgotten_timer(ada: Person) -> None:
    """With the same line as `status`."""
    ada.run("start", "design", "PAY-12", "yesterday 15:00")
    hint = ada.run("status").stderr
    assert "21h 00m at a stretch, over night: if it was forgotten, `tracker stop" in hint
    assert ada.run().stderr == hint
