"""A drawn arm is filled in by `start` and `log`, and a contradiction is warned of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, update
from support.person import Person, without_ids

from tracker.store.schema import work_items


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def draw(person: Person, task: str = "PAY-12") -> str:
    """Draw the arm of a design task and return the answer that it stands for."""
    person.run("estimate", "design", task, "2h")
    arm = person.run("assign", "design", task).stdout.strip()
    person.later(60)
    return "yes" if arm == "assistance" else "no"


def answers(person: Person) -> list[tuple[str, str, Any]]:
    """Return task, assisted and basis of every entry, the newest first."""
    rows = person.json("entries")
    return [(row["task"], row["assisted"], row["basis"]) for row in rows]


@pytest.mark.parametrize("task", ["PAY-1", "PAY-2", "PAY-3", "PAY-4"])
def test_the_drawn_arm_is_filled_in_without_the_database(ada: Person, task: str) -> None:
    """`start` and `log` say how the work is to be done, while the database cannot be reached."""
    answer = draw(ada, task)
    manner = "with" if answer == "yes" else "without"
    elsewhere = (ada.data / "tracker.db").rename(ada.data / "elsewhere")
    (ada.data / "tracker.db").mkdir()
    assert f", {manner} assistance as drawn\n" in ada.run("start", "design", task).stderr
    assert ada.json("status")["assisted"] == answer
    ada.later(30)
    ada.run("stop")
    stderr = without_ids(ada.run("log", "design", task, "10m").stderr)
    assert f", {manner} assistance as drawn\n" in stderr
    (ada.data / "tracker.db").rmdir()
    elsewhere.rename(ada.data / "tracker.db")
    assert answers(ada) == [(task, answer, "drawn")] * 2


def test_the_assistant_of_the_settings_is_filled_in(ada: Person) -> None:
    """Work drawn with assistance names the assistant that `--ai` would.

    Twenty draws have both arms (except in two of a million runs).
    """
    ada.run("config", "set", "assistant", "Spark")
    names = {}
    for number in range(20):
        answer = draw(ada, f"T-{number}")
        ada.run("log", "design", f"T-{number}", "10m")
        names[answer] = ada.json("entries")[0]["assistant"]
    assert names == {"yes": "Spark", "no": None}


@pytest.mark.parametrize(
    "command", [["start", "design", "PAY-12"], ["log", "design", "PAY-12", "9m"]]
)
def test_a_contradiction_is_warned_of_once(ada: Person, command: list[str]) -> None:
    """One line on stderr: the flag counts for the entry, the draw for the verdict."""
    answer = draw(ada)
    flag, contrary = ("--no-ai", "no") if answer == "yes" else ("--ai", "yes")
    stderr = ada.run(*command, flag).stderr
    ada.later(1)
    ada.run("stop", code=None)
    (warning,) = [line for line in stderr.splitlines() if "was drawn" in line]
    assert warning.startswith("tracker: design PAY-12 was drawn to be done")
    assert f"{flag} says otherwise" in warning
    assert answers(ada) == [("PAY-12", contrary, "flag")]


def test_a_flag_that_agrees_is_kept_without_a_word(ada: Person) -> None:
    """The basis is the flag, since the developer gave it."""
    answer = draw(ada)
    stderr = ada.run(
        "log", "design", "PAY-12", "9m", "--ai" if answer == "yes" else "--no-ai"
    ).stderr
    assert "drawn" not in stderr
    assert answers(ada) == [("PAY-12", answer, "flag")]


def test_work_without_a_drawn_arm_stays_unknown(ada: Person) -> None:
    """Neither another activity of the task nor another task gets the arm."""
    draw(ada)
    assert "drawn" not in ada.run("log", "testing", "PAY-12", "9m").stderr
    ada.later(10)
    assert "drawn" not in ada.run("log", "design", "PAY-13", "9m").stderr
    assert answers(ada) == [("PAY-13", "unknown", None), ("PAY-12", "unknown", None)]


def test_another_machine_gets_the_arm_from_the_database(tmp_path: Path, database_url: str) -> None:
    """Without a cached arm it is filled in, and a contradiction told, as the entry is stored."""
    first, second = (
        Person(tmp_path / name, TRACKER_DATABASE_URL=database_url) for name in ("first", "second")
    )
    answer = draw(first)
    draw(first, "PAY-13")
    second.time = first.time
    assert "as drawn" not in second.run("log", "design", "PAY-12", "9m").stderr
    assert answers(second) == [("PAY-12", answer, "drawn")]
    third = Person(tmp_path / "third", TRACKER_DATABASE_URL=database_url)
    third.time = first.time
    drawn = first.json("task", "PAY-13")[1]["assigned"]
    flag = "--ai" if drawn == "baseline" else "--no-ai"
    stderr = third.run("log", "design", "PAY-13", "9m", flag).stderr
    assert stderr.count("was drawn to be done") == 1
    assert f"{flag} says otherwise" in stderr


def test_work_logged_before_the_draw_is_not_filled_in(ada: Person) -> None:
    """An entry that waited in another outbox says nothing of an arm drawn after it."""
    other = Person(ada.home.parent / "other", TRACKER_DATABASE_URL="postgresql://127.0.0.1:1/none")
    other.time = ada.time
    other.run("log", "design", "PAY-12", "9m", code=None)
    ada.later(120)
    draw(ada)
    (waiting,) = (other.data / "databases").glob("*/outbox/*.json")
    (ada.data / "outbox").mkdir(exist_ok=True)
    waiting.rename(ada.data / "outbox" / waiting.name)
    assert answers(ada) == [("PAY-12", "unknown", None)]


def test_continue_fills_in_the_drawn_arm_again(ada: Person) -> None:
    """The timer that goes on has the same answer and basis."""
    answer = draw(ada)
    ada.run("start", "design", "PAY-12")
    ada.later(10)
    ada.run("stop")
    ada.run("continue")
    ada.later(10)
    ada.run("stop")
    assert answers(ada) == [("PAY-12", answer, "drawn")] * 2


def test_an_edit_against_the_draw_is_warned_of(ada: Person) -> None:
    """`edit` keeps the flag and says what the verdict counts."""
    answer = draw(ada)
    ada.run("log", "design", "PAY-12", "9m")
    id_ = ada.json("entries")[0]["id"]
    stderr = ada.run("edit", id_, "--no-ai" if answer == "yes" else "--ai").stderr
    assert stderr.count("was drawn to be done") == 1
    assert answers(ada)[0][2] == "flag"


def test_imported_arms_are_filled_in_too(ada: Person) -> None:
    """An arm without the time of its draw counts for what is logged afterwards."""
    draw(ada)
    engine = create_engine(f"sqlite:///{ada.data / 'tracker.db'}")
    with engine.begin() as connection:
        connection.execute(update(work_items).values(assigned="baseline", assigned_epoch=None))
    (ada.data / "drawn_arms.json").unlink()
    ada.run("log", "design", "PAY-12", "9m")
    assert answers(ada) == [("PAY-12", "no", "drawn")]
