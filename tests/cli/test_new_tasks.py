"""The remark on a new task key that looks mistyped, by every command that takes a key."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.person import Person


@pytest.fixture(params=["sqlite", "postgres"])
def ada(request: pytest.FixtureRequest, tmp_path: Path) -> Person:
    """Ada, who estimated PAY-12 an hour ago, with a database of each kind."""
    environ = {}
    if request.param == "postgres":
        environ["TRACKER_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    person = Person(tmp_path, **environ)
    person.run("estimate", "design", "PAY-12", "3h")
    person.later(60)
    return person


def remark(ada: Person, *arguments: str, code: int = 0) -> str:
    """Run a command and return its remarks on a new task."""
    lines = ada.run(*arguments, code=code).stderr.splitlines()
    return "\n".join(line for line in lines if " is new; did you mean " in line)


def test_log_remarks_on_swapped_digits(ada: Person) -> None:
    """The entry is kept, and the command in the remark corrects it."""
    text = remark(ada, "log", "design", "PAY-21", "20m")
    match = re.fullmatch(
        r"tracker: PAY-21 is new; did you mean PAY-12 \(`tracker (edit \S+ --task PAY-12)`\)\?",
        text,
    )
    assert match, text
    assert remark(ada, *match[1].split()) == ""
    (entry,) = ada.json("entries")
    assert entry["task"] == "PAY-12"


def test_start_remarks_on_a_new_key_once(ada: Person) -> None:
    """The timer runs; the same key again gives no remark."""
    assert remark(ada, "start", "design", "PAY-21") == (
        "tracker: PAY-21 is new; did you mean PAY-12 (`tracker edit --task PAY-12`)?"
    )
    assert ada.json("status")["task"] == "PAY-21"
    ada.later(5)
    assert remark(ada, "start", "design", "PAY-21", "-m", "draft") == ""
    ada.run("entries")
    assert remark(ada, "start", "testing", "PAY-21") == ""


COMMANDS: dict[str, Callable[[Person], str]] = {
    "start": lambda ada: remark(ada, "start", "design", "pay-12"),
    "start --estimate": lambda ada: remark(ada, "start", "design", "PAY 12", "--estimate", "1h"),
    "log": lambda ada: remark(ada, "log", "design", "PAY12", "20m"),
    "estimate": lambda ada: remark(ada, "estimate", "testing", "pay 12", "20m"),
    "task": lambda ada: remark(ada, "task", "Pay-12", "--title", "Refunds"),
    "assign": lambda ada: remark(ada, "assign", "design", "pay-12", code=1),
    "edit": lambda ada: remark(ada, "edit", logged(ada), "--task", "PAY_12"),
}


def logged(ada: Person) -> str:
    """Log an entry and return its id."""
    ada.run("log", "design", "X-1", "20m")
    entry_id: str = ada.json("entries")[0]["id"]
    return entry_id


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_remarks_on_a_variant_of_a_key(ada: Person, command: str) -> None:
    """Another case, or another dash or space; in one line that names the known key."""
    text = COMMANDS[command](ada)
    assert "did you mean PAY-12 (" in text
    assert text.count("\n") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("estimate", "design", "PAY-21", "1h"),
        ("task", "PAY-21", "--title", "Refunds"),
        ("start", "design", "PAY-21", "--estimate", "1h"),
        ("start", "design", "PAY-13"),
        ("log", "design", "PAY-12", "20m"),
        ("log", "testing", "PAY-12", "20m"),
        ("log", "design", "PAY-12b", "20m"),
        ("log", "design", "OPS-21", "20m"),
    ],
    ids=" ".join,
)
def test_planned_and_usual_keys_are_not_remarked_on(
    ada: Person, arguments: tuple[str, ...]
) -> None:
    """Who estimates or describes a task means it, and the next number is a next task."""
    assert remark(ada, *arguments) == ""


@pytest.mark.parametrize("work", ["running", "stopped", "estimated", "logged"])
def test_a_key_that_is_used_for_the_first_time_today_is_known(tmp_path: Path, work: str) -> None:
    """Also before the database has it: a slip in it is remarked on."""
    ada = Person(tmp_path)
    if work == "logged":
        ada.run("log", "design", "OPS-12", "5m")
    else:
        ada.run("start", "design", "OPS-12", *(["-e", "1h"] if work == "estimated" else []))
    if work == "stopped":
        ada.run("stop")
    ada.later(5)
    assert "did you mean OPS-77 (" in remark(ada, "start", "testing", "OSP-77")
    assert remark(ada, "start", "testing", "OPS-77") == ""
    if work == "estimated":
        ada.run("undo")
        ada.run("undo")
        assert "did you mean OPS-12 (" in remark(ada, "start", "testing", "OPS-21")


def test_a_task_that_the_team_knows_is_not_new(ada: Person) -> None:
    """Its title was recorded by somebody else, after Ada's cache was written."""
    bob = Person(ada.home / "bob", **{**ada.environ, "TRACKER_DEVELOPER": "bob"})
    bob.environ["HOME"] = str(bob.home)
    if "TRACKER_DATABASE_URL" not in ada.environ:
        bob.environ["TRACKER_DATABASE_URL"] = f"sqlite:///{ada.data / 'tracker.db'}"
    bob.run("task", "PAY-21", "--title", "Refunds")
    assert remark(ada, "log", "design", "PAY-21", "20m") == ""


def test_completed_work_is_not_expected(ada: Person) -> None:
    """After PAY-12 is done, PAY-21 is an ordinary key."""
    ada.run("log", "design", "PAY-12", "20m")
    ada.run("task", "PAY-12", "--done", "--activity", "design")
    assert remark(ada, "log", "design", "PAY-21", "20m") == ""


def test_estimates_that_wait_for_the_database_are_no_mistake(tmp_path: Path) -> None:
    """PAY-21 was estimated as its timer was started, which no database has seen yet."""
    ada = Person(tmp_path)
    ada.run("estimate", "design", "PAY-12", "3h")
    ada.run("start", "design", "PAY-21", "--estimate", "1h")
    ada.later(30)
    ada.run("stop")
    ada.later(30)
    assert remark(ada, "log", "design", "PAY-21", "20m") == ""


@pytest.mark.parametrize("record", ['{"kind": "estimate"}', '{"kind": "estimate", "task": 5}'])
def test_a_damaged_record_stops_no_command(tmp_path: Path, record: str) -> None:
    """What waits is compared with the key; the damaged record is rejected as it is stored."""
    ada = Person(tmp_path)
    (ada.data / "outbox").mkdir(parents=True)
    (ada.data / "outbox" / "01.json").write_text(record)
    assert "started design PAY-12" in ada.run("start", "design", "PAY-12").stderr
    assert "edited design PAY-9" in ada.run("edit", "--task", "PAY-9").stderr
    ada.run("stop")
    assert "01.json" in ada.run("entries").stderr
    assert [entry["task"] for entry in ada.json("entries")] == ["PAY-9"]
