"""`import --undo`: one's own imports, those of others once confirmed, and the list of both."""

from __future__ import annotations

import os
import pty
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.person import PROGRAM, Person

MAP = """
source = "{0}"
[columns]
developer = "who"
task = "issue"
activity = "phase"
started_at = "begin"
minutes = "minutes"
[formats]
timezone = "Europe/Berlin"
"""
ROW = "who,issue,phase,begin,minutes\ncat,{0},design,2026-03-02 09:00,60\n"


class Team:
    """Ada and Bob, who import into one database.

    Args:
        folder: Where their homes and files are.
        url: The database.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.ada, self.bob = (
            Person(folder / name, TRACKER_DATABASE_URL=url, TRACKER_DEVELOPER=name)
            for name in ("ada", "bob")
        )

    def import_log(self, person: Person, name: str) -> None:
        """Import a log of one entry, whose task, file and source have one name."""
        person.later(1)
        (self.folder / f"{name}.toml").write_text(MAP.format(name))
        (self.folder / f"{name}.csv").write_text(ROW.format(name))
        file, map_ = (str(self.folder / f"{name}.{ending}") for ending in ("csv", "toml"))
        person.run("import", "csv", file, "--map", map_)

    def imports(self, person: Person, *options: str) -> list[dict[str, Any]]:
        """Return the imports that a person is shown."""
        rows: list[dict[str, Any]] = person.json("import", "--undo", "--list", *options)
        return rows


@pytest.fixture
def team(tmp_path: Path, database_url: str) -> Team:
    return Team(tmp_path, database_url)


def test_undo_takes_back_ones_own_last_import(team: Team) -> None:
    """The later import by another developer stays."""
    team.import_log(team.ada, "first")
    team.import_log(team.bob, "second")
    assert "first.csv (first): 1 entry" in team.ada.run("import", "--undo").stderr
    assert [row["source"] for row in team.imports(team.bob)] == ["second"]
    message = team.ada.refused("import", "--undo")
    assert message == "there is no import left to take back of ada."


def test_an_import_is_named_by_the_beginning_of_its_id(team: Team) -> None:
    """The list has the ids; a refusal names them."""
    for name in ("first", "second"):
        team.ada.later(60)
        team.import_log(team.ada, name)
    rows = team.imports(team.ada)
    assert [(row["developer"], row["source"], row["entries"]) for row in rows] == [
        ("ada", "second", 1),
        ("ada", "first", 1),
    ]
    text = team.ada.run("import", "--undo", "--list").stdout
    short = text.splitlines()[2].split()[0]
    assert rows[1]["id"].startswith(short)
    message = team.ada.refused("import", "--undo", "ffff")
    assert "no import has an id that begins with it: `import --undo ID` takes back" in message
    assert short in message
    assert "several imports have ids that begin with it" in team.ada.refused(
        "import", "--undo", "0"
    )
    assert "first.csv" in team.ada.run("import", "--undo", short).stderr
    assert "begins with it" in team.ada.refused("import", "--undo", short)


def test_anothers_import_is_undone_only_when_named_and_confirmed(team: Team) -> None:
    """Without --of, and without an answer or --yes, one line refuses and nothing is undone."""
    team.import_log(team.bob, "second")
    (row,) = team.imports(team.bob)
    assert team.imports(team.ada) == []
    assert "`--of bob`" in team.ada.refused("import", "--undo", row["id"])
    for arguments in (["--of", "bob"], ["--of", "bob", row["id"]]):
        message = team.ada.refused("import", "--undo", *arguments)
        assert "second.csv by bob at 2026-06-10 12:01 (1 entry) is not yours" in message
        assert "--yes" in message
    assert team.imports(team.ada, "--of", "bob") == [row]
    assert "of cat" in team.ada.refused("import", "--undo", "--of", "cat", "--yes")
    assert "1 entry" in team.ada.run("import", "--undo", "--of", "bob", "--yes").stderr
    assert team.imports(team.bob) == []


@pytest.mark.parametrize(("answer", "code", "count"), [("y", 0, 0), ("n", 1, 1)])
def test_the_confirmation_is_asked_in_a_terminal(
    tmp_path: Path, answer: str, code: int, count: int
) -> None:
    """Only `y` takes the import back."""
    team = Team(tmp_path, f"sqlite:///{tmp_path / 'log.db'}")
    team.import_log(team.bob, "second")
    controller, terminal = pty.openpty()
    os.write(controller, f"{answer}\n".encode())
    result = subprocess.run(
        [PROGRAM, "import", "--undo", "--of", "bob"],
        env=team.ada.environ,
        stdin=terminal,
        capture_output=True,
        text=True,
    )
    os.close(terminal)
    os.close(controller)
    assert result.returncode == code
    assert "Take back the import of" in result.stderr
    assert "by bob at" in result.stderr
    assert len(team.imports(team.bob)) == count


def test_an_import_of_before_owners_were_recorded_needs_a_confirmation(tmp_path: Path) -> None:
    """It is nobody's last import, but everybody is shown its id and may take it back."""
    team = Team(tmp_path, f"sqlite:///{tmp_path / 'log.db'}")
    team.import_log(team.bob, "second")
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection, connection:
        connection.execute("UPDATE imports SET developer = NULL")
    (row,) = team.imports(team.ada)
    message = team.ada.refused("import", "--undo")
    assert "`import --undo ID` takes back" in message
    assert row["id"][:8] in message
    assert "by somebody (it was not recorded then)" in team.ada.refused(
        "import", "--undo", row["id"]
    )
    team.ada.run("import", "--undo", row["id"], "--yes")
    assert team.imports(team.ada) == []


def test_the_undo_of_an_import_is_neither_undone_nor_redone(team: Team) -> None:
    """One line says to import the file again, instead of undoing what came before."""
    team.ada.run("log", "design", "PAY-12", "1h")
    team.import_log(team.ada, "first")
    team.ada.later(1)
    team.ada.run("import", "--undo")
    for command in ("undo", "redo"):
        message = team.ada.refused(command)
        assert "`import --undo` of" in message
        assert "import that file again" in message
    assert len(team.ada.json("entries")) == 1
    team.ada.later(1)
    team.ada.run("start", "design", "PAY-12")
    assert "undone: start of design PAY-12" in team.ada.run("undo").stderr


def test_wrong_usage_of_undo(team: Team) -> None:
    """Options that belong to --undo are refused without it, and sources with it."""
    for arguments in (["csv", "--undo"], ["--undo", "01", "x"], ["--undo", "--list", "01"]):
        assert "by itself" in team.ada.run("import", *arguments, code=2).stderr
    for option in (["--of", "bob"], ["--yes"]):
        assert "go with --undo" in team.ada.run("import", "--list", *option, code=2).stderr
