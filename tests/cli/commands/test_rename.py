"""`rename`: tasks and activities of one's own log, with everything that belongs to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.person import Person
from support.store_kit import open_test_database, table_rows


@pytest.fixture
def ada(database_url: str, tmp_path: Path) -> Person:
    """Ada and Bob with work on a mistyped task, on SQLite and on PostgreSQL."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    bob = Person(tmp_path, TRACKER_DATABASE_URL=database_url, TRACKER_DEVELOPER="bob")
    bob.run("log", "design", "PYA-1", "5m", "--from", "8:00")
    ada.run("estimate", "design", "PYA-1", "2h")
    ada.later(1)
    ada.run("log", "design", "PYA-1", "30m")
    ada.run("log", "testing", "PYA-1", "20m")
    ada.run("task", "PYA-1", "--title", "Refunds", "--project", "pay")
    ada.later(1)
    return ada


def rows(ada: Person) -> dict[str, list[dict[str, Any]]]:
    with open_test_database(ada.environ["TRACKER_DATABASE_URL"]) as database:
        return table_rows(database, "entries", "work_items", "tasks")


def test_a_task_is_renamed_with_all_that_belongs_to_it(ada: Person) -> None:
    """Entries, estimates, title and project; others' entries stay; undo and redo work."""
    before = rows(ada)
    message = ada.run("rename", "task", "PYA-1", "PAY-1").stderr
    assert "renamed task PYA-1 to PAY-1: 2 entries, 1 work item\n" in message
    after = rows(ada)
    named = sorted((row["developer"], row["task"]) for row in after["entries"])
    assert named == [("ada", "PAY-1"), ("ada", "PAY-1"), ("bob", "PYA-1")]
    (item,) = after["work_items"]
    assert (item["task"], item["estimate_minutes"]) == ("PAY-1", 120)
    assert {row["task"]: row["title"] for row in after["tasks"]}["PAY-1"] == "Refunds"
    assert ada.run("undo").stderr == "undone: rename of task PYA-1 to PAY-1\n"
    assert rows(ada) == before
    assert ada.run("redo").stderr == "redone: rename of task PYA-1 to PAY-1\n"
    assert rows(ada) == after


def test_a_rename_tells_what_it_changed(ada: Person) -> None:
    """Only what there is; `undo` names both names also of a merge and of an activity."""
    ada.run("log", "coding", "OPS-1", "5m")
    message = ada.run("rename", "task", "OPS-1", "OPS-2").stderr
    assert message == "renamed task OPS-1 to OPS-2: 1 entry\n"
    ada.run("rename", "activity", "coding", "review")
    assert ada.run("undo").stderr == "undone: rename of activity coding to review\n"
    ada.run("estimate", "design", "OPS-5", "1h")
    ada.run("estimate", "design", "OPS-6", "1h")
    ada.run("rename", "task", "OPS-5", "OPS-6", "--merge")
    assert ada.run("undo").stderr == "undone: rename of task OPS-5 to OPS-6\n"


def test_an_unknown_task_is_told_with_the_nearest(ada: Person) -> None:
    """By whatever takes the key of a task that is there."""
    for line in ("task PYA1", "task pya-1 --done", "rename task PYA1 X-1", "continue PYA1"):
        assert "id you mean PYA-1?" in ada.refused(*line.split())
    assert "`tracker summary --by task` lists yours" in ada.refused("rename", "task", "X", "Y")


def test_two_tasks_are_joined(ada: Person) -> None:
    """Only with `--merge`; the facts of the task that stays are kept, missing ones taken over."""
    ada.run("log", "design", "PAY-1", "10m")
    ada.run("task", "PAY-1", "--title", "Refund")
    before = rows(ada)
    refusal = ada.refused("rename", "task", "PYA-1", "PAY-1")
    assert "task PAY-1 has work already: give --merge to join PYA-1 with it" in refusal
    assert (
        "joined with what was there"
        in ada.run("rename", "task", "PYA-1", "PAY-1", "--merge").stderr
    )
    whole, design, testing = ada.json("task", "PAY-1")
    assert (whole["title"], whole["project"]) == ("Refund", "pay")
    assert (design["minutes"], design["estimate_minutes"]) == (40, 120)
    assert testing["minutes"] == 20
    ada.run("undo")
    assert rows(ada) == before


def test_an_activity_is_renamed(ada: Person) -> None:
    """To a known one; a wrong name suggests the nearest."""
    assert "did you mean review?" in ada.refused("rename", "activity", "design", "reveiw")
    ada.run("rename", "activity", "design", "review")
    assert {entry["activity"] for entry in ada.json("entries")} == {"review", "testing"}
    assert "--merge" in ada.refused("rename", "activity", "review", "testing")
    ada.run("rename", "activity", "review", "testing", "--merge")
    assert {row["activity"]: row["minutes"] for row in ada.json("tasks")} == {"testing": 50}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["task", "NO-1", "PAY-1"], "ada has no entries and no estimates of it"),
        (["task", "PYA-1", "PYA-1"], "task is PYA-1 already"),
    ],
)
def test_a_rename_of_nothing_is_refused(ada: Person, arguments: list[str], message: str) -> None:
    """Nothing is changed."""
    assert message in ada.refused("rename", *arguments)


def test_work_drawn_for_different_arms_is_not_joined(ada: Person) -> None:
    """A draw is a fact of its own work item."""
    arms: dict[str, str] = {}
    for number in range(30):
        task = f"T-{number}"
        ada.run("estimate", "coding", task, "1h")
        arms[ada.run("assign", "coding", task).stdout.strip()] = task
        if len(arms) == 2:
            break
    first, second = arms.values()
    assert "they cannot be one work item" in ada.refused("rename", "task", first, second, "--merge")
    assert len([row for row in rows(ada)["work_items"] if row["activity"] == "coding"]) > 1


def test_a_former_key_is_remarked_on_when_work_goes_on(tmp_path: Path) -> None:
    """`continue` takes the key of the timer that was stopped, which may have been renamed since."""
    ada = Person(tmp_path)
    ada.run("log", "testing", "PAY-27", "20m")
    ada.later(30)
    assert "PAY27 is new; did you mean PAY-27" in ada.run("start", "testing", "PAY27").stderr
    ada.later(30)
    ada.run("stop")
    ada.run("rename", "task", "PAY27", "PAY-27", "--merge")
    message = ada.run("continue").stderr
    assert "started testing PAY27" in message
    assert "PAY27 is new; did you mean PAY-27 (`tracker edit --task PAY-27`)?" in message
