"""`outbox`: what waits for which database, and moving it to another one."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest
from support.person import Person

SERVER = "postgresql://ada:geheim@127.0.0.1:1/log"
TASKS = ["PAY-1", "PAY-2", "PAY-3"]


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada with three entries and an estimate that wait for a server that is not there."""
    person = Person(tmp_path)
    for task in TASKS:
        person.later(30)
        person.run("--db", SERVER, "log", "design", task, "5m")
    person.later(1)  # ids of one instant have no order
    person.run("--db", SERVER, "estimate", "testing", "PAY-4", "2h")
    return person


@pytest.mark.parametrize(
    "command",
    [
        ["entries"],
        ["summary"],
        ["start", "design", "PAY-9"],
        ["log", "design", "PAY-9", "1m"],
        ["status"],
        ["config"],
        ["claims"],
        ["db", "status"],
        ["db", "doctor"],
        ["export"],
        ["activities"],
        ["delete", "01"],
    ],
    ids=" ".join,
)
def test_every_command_tells_what_waits_for_another_database(
    ada: Person, command: list[str]
) -> None:
    """One line on stderr has the number, the database without its password, and what to do."""
    ada.run("activities")
    stderr = ada.run("-q", *command, code=None).stderr
    (line,) = [line for line in stderr.splitlines() if "wait for another database" in line]
    assert "4 for postgresql://ada:***@127.0.0.1:1/log" in line
    assert "`tracker outbox move`" in line
    assert "geheim" not in stderr


def test_what_waits_for_the_database_in_use_is_not_another(ada: Person) -> None:
    """A command on the database itself says nothing of another one."""
    assert "another" not in ada.run("--db", SERVER, "status", code=1).stderr
    assert "another" not in ada.run("outbox").stderr


def test_the_list_has_every_record(ada: Person) -> None:
    """`outbox` and `outbox list` show what waits, and for which database; nothing is stored."""
    for command in (["outbox"], ["outbox", "list"]):
        rows = ada.json(*command)
        assert [row["task"] for row in rows] == [*TASKS, "PAY-4"]
        assert {row["database"] for row in rows} == {"postgresql://ada:***@127.0.0.1:1/log"}
        assert rows[0]["minutes"] == 5
        assert rows[3]["kind"] == "estimate"
        assert "PAY-2" in ada.run(*command).stdout
    assert "geheim" not in json.dumps(ada.json("outbox"))
    assert "nothing waits" in Person(ada.home / "other").run("outbox").stderr


def test_move_brings_records_to_the_database_in_use(ada: Person, database_url: str) -> None:
    """They are stored there once, on both engines, and wait nowhere any more."""
    url = database_url.replace("postgresql+psycopg", "postgresql")
    stderr = ada.run("--db", url, "outbox", "move", "--yes").stderr
    assert "moved 4 records" in stderr
    assert "stored: 4, waiting: 0" in stderr
    assert sorted(row["task"] for row in ada.json("--db", url, "entries")) == TASKS
    assert ada.json("--db", url, "outbox") == []
    assert "nothing waits" in ada.refused("--db", url, "outbox", "move", "--yes")


def test_a_renamed_file_gets_what_waited_for_the_old_name(tmp_path: Path) -> None:
    """After `mv old.db new.db` the records that waited for old.db go to new.db."""
    ada = Person(tmp_path)
    old, new = (f"sqlite:///{tmp_path}/{name}.db" for name in ("old", "new"))
    ada.run("--db", old, "start", "design", "PAY-1")
    ada.later(20)
    ada.run("--db", old, "stop")
    assert f"1 for {old}" in ada.run("--db", new, "entries").stderr
    ada.run("--db", new, "outbox", "move", "--from", old, "--yes")
    assert [row["task"] for row in ada.json("--db", new, "entries")] == ["PAY-1"]
    assert not (tmp_path / "old.db").exists()


def test_move_takes_only_what_is_named(ada: Person) -> None:
    """--from names one database; without anything to move the command is refused."""
    other = "postgresql://127.0.0.1:1/other"
    ada.later(10)
    ada.run("--db", other, "log", "design", "PAY-8", "5m")
    assert (
        "nothing waits"
        in ada.refused("outbox", "move", "--from", "postgresql://x/y", "--yes").splitlines()[0]
    )
    ada.run("outbox", "move", "--from", other, "--yes")
    assert [row["task"] for row in ada.json("entries")] == ["PAY-8"]
    assert len(ada.json("outbox")) == 4


def test_move_asks_first(ada: Person) -> None:
    """Without a terminal --yes is needed; in one, anything but yes changes nothing."""
    assert "add --yes" in ada.refused("outbox", "move")
    assert len(ada.json("outbox")) == 4


def test_records_stay_if_the_new_database_is_not_reached_either(ada: Person) -> None:
    """They wait for the database they were moved to, and are stored later."""
    other = "postgresql://127.0.0.1:1/other"
    ada.run("--db", other, "outbox", "move", "--yes", code=1)
    assert {row["database"] for row in ada.json("outbox")} == {other}
    ada.run("outbox", "move", "--yes")
    assert sorted(row["task"] for row in ada.json("entries")) == TASKS


def test_a_killed_move_loses_and_doubles_nothing(ada: Person) -> None:
    """Killed at any moment, the move can be run again: each record is stored once."""
    for index in range(60):
        ada.later(1)
        ada.run("--db", SERVER, "-q", "log", "testing", f"T-{index}", "1m")
    rng = random.Random(1)
    for _ in range(6):
        process = ada.process("outbox", "move", "--yes")
        time.sleep(rng.uniform(0.1, 0.9))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    ada.run("outbox", "move", "--yes", code=None)
    assert ada.json("outbox") == []
    tasks = [row["task"] for row in ada.json("entries", "-n", "1000")]
    assert sorted(tasks) == sorted([*TASKS, *(f"T-{index}" for index in range(60))])


def test_an_outbox_of_an_older_version_names_its_folder(ada: Person) -> None:
    """Before this version no file said for which database records wait."""
    (name,) = (ada.data / "databases").glob("*/database.txt")
    name.unlink()
    assert f"4 for the database of {name.parent}" in ada.run("entries").stderr
    ada.run("outbox", "move", "--yes")
    assert sorted(row["task"] for row in ada.json("entries")) == TASKS


@pytest.mark.parametrize(
    ("line", "code"),
    [("log design PAY-9 45x", 1), ("config set zoen UTC", 1), ("entries --format xml", 2)],
)
def test_a_refusal_is_one_line_also_while_records_wait(ada: Person, line: str, code: int) -> None:
    """What waits for another database is told by the next command that is not refused."""
    result = ada.run(*line.split(), code=code)
    assert result.stderr.count("\n") == 1
    assert "records wait" in ada.run("status", code=None).stderr
