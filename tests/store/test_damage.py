"""A SQLite file that a disk damaged: every command ends in one line that names the file."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from support.person import Person

PAGE_SIZE = 4096
READING = (
    ["entries"],
    ["summary", "--from", "2026-06-01"],
    ["task", "T-1"],
    ["export"],
    ["export", "tasks"],
    ["export", "moments"],
    ["check"],
    ["plan"],
    ["report", "-o", "page.html"],
    ["rollout", "--list"],
    ["activities"],
    ["claims"],
    ["undo"],
    ["log", "design", "T-9", "5m"],
    ["edit", "0", "-m", "note"],
    ["delete", "0"],
    ["assign", "design", "T-9"],
    ["import", "--undo"],
    ["db", "status"],
    ["db", "doctor"],
    ["db", "upgrade"],
    ["db", "downgrade", "0001"],
    ["db", "backup", "copy.db"],
)
"""Every command that opens the database."""


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of some twenty pages, closed."""
    folder = tmp_path_factory.mktemp("whole")
    person = Person(folder)
    for number in range(60):
        person.run(
            *("log", "design", f"T-{number}", "5m", "-m", "a note of some length " * 20),
            *("--from", f"{7 + number // 30}:{number % 30:02d}"),
        )
    return person.data / "tracker.db"


def damaged_person(whole_file: Path, home: Path, content: bytes) -> Person:
    """Return a person whose database has this content."""
    person = Person(home)
    person.data.mkdir(parents=True)
    shutil.copy(whole_file, person.data / "tracker.db")
    (person.data / "tracker.db").write_bytes(content)
    return person


@pytest.mark.parametrize("kind", ["zeros", "noise", "shifted text"])
@pytest.mark.parametrize("seed", range(3))
def test_damaged_pages_end_in_one_line(
    whole_file: Path, tmp_path: Path, kind: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command succeeds, or says in one line which file is damaged and what helps."""
    monkeypatch.chdir(tmp_path)
    rng = random.Random(seed)
    content = bytearray(whole_file.read_bytes())
    pages = len(content) // PAGE_SIZE
    assert pages > 10
    for page in rng.sample(range(1, pages), pages // 3):
        start = page * PAGE_SIZE
        filling = {
            "zeros": bytes(PAGE_SIZE),
            "noise": rng.randbytes(PAGE_SIZE),
            "shifted text": content[start + 7 : start + PAGE_SIZE] + b"\xff" * 7,
        }[kind]
        content[start : start + PAGE_SIZE] = filling
    person = damaged_person(whole_file, tmp_path / "home", bytes(content))
    failures = 0
    for command in READING:
        result = person.run(*command, code=None)
        assert result.exit_code in (0, 1), command
        if "is damaged (" in result.stderr:
            failures += 1
            line = next(line for line in result.stderr.splitlines() if "is damaged (" in line)
            assert "tracker.db" in line
            assert "db doctor" in line or command == ["db", "doctor"]
    assert failures
    report = person.run("db", "doctor", code=1)
    assert "is damaged (" in report.stderr or "integrity  WRONG" in report.stdout


@pytest.mark.parametrize("cut", [100, PAGE_SIZE, PAGE_SIZE * 5 + 17])
def test_a_file_that_was_cut_off_ends_in_one_line(
    whole_file: Path, tmp_path: Path, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that was not finished is refused in the same way."""
    monkeypatch.chdir(tmp_path)
    person = damaged_person(whole_file, tmp_path / "home", whole_file.read_bytes()[:cut])
    for command in READING:
        result = person.run(*command, code=None)
        assert result.exit_code in (0, 1), command
        assert "Traceback" not in result.output
    assert person.run("db", "doctor", code=1).output


def test_a_text_that_is_not_utf_8_is_told_as_damage(whole_file: Path, tmp_path: Path) -> None:
    """SQLite does not check texts, so the driver refuses them."""
    content = whole_file.read_bytes()
    person = damaged_person(whole_file, tmp_path, content.replace(b"T-31", b"T-\xff\xfe"))
    message = person.refused("entries", "-n", "100")
    assert "is damaged (" in message
    assert "db doctor" in message
