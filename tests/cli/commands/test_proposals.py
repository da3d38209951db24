"""`proposals`: what an assistant's use suggests, and that nothing enters by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.person import Person
from support.usage_logs import claude_answer, claude_line, epoch, write_lines

SETTINGS = '[[repositories]]\nproject = "pay"\ndirectories = ["~/src/pay"]\n'


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada, who planned at 9:00, edited at 10:00, ran tests at 11:00 and asked at 14:00."""
    person = Person(tmp_path, TZ="UTC")
    person.time = datetime(2026, 6, 10, 18, 0, tzinfo=UTC)
    person.settings_file.parent.mkdir(parents=True)
    person.settings_file.write_text(SETTINGS)
    lines = []

    def prompt(
        time: str, branch: str = "PAY-12", tool: str | None = None, **fields: object
    ) -> None:
        at = epoch(f"2026-06-10 {time}")
        place = {"cwd": str(tmp_path / "src/pay"), "gitBranch": branch}
        lines.append(claude_line(at, f"{time} {branch}", **place, **fields))
        if tool:
            lines.append(claude_answer(at + 5, tool, command="pytest -q"))

    prompt("09:00", permissionMode="plan")
    prompt("09:20")
    prompt("10:00", tool="Edit")
    prompt("11:00", tool="Bash")
    prompt("14:00")
    prompt("14:10", branch="main")
    prompt("14:20", branch="PAY-1-and-PAY-2")
    write_lines(tmp_path / ".claude" / "projects" / "p" / "s.jsonl", lines)
    person.run("collect")
    return person


def listed(person: Person) -> list[tuple[str, str, str, int]]:
    return [
        (row["activity"], row["task"], row["first_prompt_at"][11:16], row["prompts"])
        for row in person.json("proposals")
    ]


def test_stretches_without_edits_are_proposed(ada: Person) -> None:
    """Planning and answers as design, tests as testing; nothing is in the log."""
    assert listed(ada) == [
        ("design", "PAY-12", "09:00", 2),
        ("testing", "PAY-12", "11:00", 1),
        ("design", "PAY-12", "14:00", 1),
    ]
    assert ada.json("entries") == []
    assert "3 stretches of use in no entry" in ada.run("collect").stderr
    assert ada.json("entries") == []


def test_a_proposal_is_accepted_with_ones_own_time(ada: Person) -> None:
    """It becomes an entry, which `collect` then judges; the others stay."""
    first = ada.json("proposals")[0]["proposal"]
    result = ada.run("proposals", "accept", first, "10m")
    assert "logged design PAY-12: 10m from 2026-06-10 09:00" in result.stderr
    assert [row[2] for row in listed(ada)] == ["11:00", "14:00"]
    ada.run("task", "PAY-12", "--project", "pay")
    ada.run("collect")
    (entry,) = ada.json("entries")
    assert (entry["assisted"], entry["basis"], entry["minutes"]) == ("yes", "usage", 10)
    ada.run("undo")
    ada.run("undo")


def test_a_dropped_proposal_is_not_made_again(ada: Person) -> None:
    """Not by the next `collect` either."""
    ada.run("proposals", "drop", ada.json("proposals")[1]["proposal"])
    ada.run("collect")
    assert [row[2] for row in listed(ada)] == ["09:00", "14:00"]


def test_what_lies_in_an_entry_is_not_proposed(ada: Person) -> None:
    """Of whatever task it is."""
    ada.run("log", "review", "PAY-7", "--from", "2026-06-10 08:00", "--to", "2026-06-10 12:00")
    assert [row[2] for row in listed(ada)] == ["14:00"]


@pytest.mark.parametrize("prefix", ["", "zz"])
def test_an_id_must_name_one(ada: Person, prefix: str) -> None:
    """The message says where the ids are."""
    assert "`tracker proposals` lists the ids" in ada.refused("proposals", "drop", prefix)


def test_a_time_is_needed(ada: Person) -> None:
    """Prompts do not say how long somebody worked."""
    first = ada.json("proposals")[0]["proposal"]
    assert "Missing argument 'DURATION'" in ada.run("proposals", "accept", first, code=2).stderr


def test_without_marks(tmp_path: Path) -> None:
    """It says what to do."""
    assert "`tracker collect` collects them" in Person(tmp_path).refused("proposals")
