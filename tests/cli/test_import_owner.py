"""What an import says of the people of a log who are not the one who imports it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from support.person import Person

HEADER = "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date"
TOGGL = f"""{HEADER},End time,Duration,Tags,Amount ()
{{user}},,,Pay,,PAY-1 design,No,2026-03-02,09:00:00,2026-03-02,10:00:00,01:00:00,design,
{{user}},,,Pay,,PAY-2 design,No,2026-03-02,11:00:00,2026-03-02,12:00:00,01:00:00,design,
"""


@pytest.fixture
def paula(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    return Person(tmp_path, TRACKER_DEVELOPER="paula", TRACKER_DATABASE_URL=database_url)


def import_toggl(paula: Person, user: str, *options: str) -> str:
    (paula.home / "time.csv").write_text(TOGGL.format(user=user))
    return paula.run("import", "toggl", "time.csv", "--tz", "UTC", *options).stderr


@pytest.mark.parametrize("has_log", [False, True])
@pytest.mark.parametrize("user", ["Paula", "Paúla"])
def test_ones_own_log_under_another_spelling_is_told(
    paula: Person, user: str, has_log: bool
) -> None:
    """The command that the import names makes the entries one's own."""
    if has_log:
        paula.run("log", "design", "PAY-3", "30m")
    assert f"these are {user}'s" in import_toggl(paula, user, "--dry-run")
    command = f"tracker rename developer {shlex.quote(user)} paula --merge"
    message = import_toggl(paula, user)
    assert f"these are {user}'s; you are paula: `{command}` makes them yours\n" in message
    paula.run(*shlex.split(command)[1:], "--yes")
    assert len(paula.json("entries")) == 2 + has_log
    assert "these are" not in import_toggl(paula, user)


def test_the_log_of_another_person_is_no_claim_to_it(paula: Person) -> None:
    """The command stands under a condition; one's own log and one of many say nothing."""
    assert "if you are Bob B, too, `tracker rename developer 'Bob B'" in import_toggl(
        paula, "Bob B"
    )
    assert "these are" not in import_toggl(paula, "paula")
    rows = TOGGL.format(user="Ida").replace("Ida", "Ole", 1)
    (paula.home / "two.csv").write_text(rows)
    assert "these are" not in paula.run("import", "toggl", "two.csv", "--tz", "UTC").stderr


def test_a_command_that_would_be_refused_is_not_named(paula: Person) -> None:
    """Two rollouts on different days forbid the rename."""
    paula.run("rollout", "Spark", "--on", "2026-03-02", "--developer", "Paula")
    paula.run("rollout", "Spark", "--on", "2026-03-03", "--developer", "paula")
    assert "these are" not in import_toggl(paula, "Paula")


def test_a_developer_is_for_logs_that_name_nobody(paula: Person) -> None:
    """`--developer` says so where it has no effect."""
    message = import_toggl(paula, "Paula", "--developer", "bob")
    assert "--developer bob has no effect: it is for a log that names nobody" in message
    (paula.home / "watson.json").write_text(
        '[{"id": "1", "project": "PAY-1", "tags": ["design"], "start": "2026-03-02T09:00:00Z", '
        '"stop": "2026-03-02T10:00:00Z"}]'
    )
    message = paula.run("import", "watson", "watson.json", "--developer", "bob").stderr
    assert "kept 1 entry" in message
    assert "--developer" not in message
    assert "these are" not in message


@pytest.mark.parametrize("options", [(), ("--merge",)])
def test_a_rename_asks_once_and_only_what_can_be_done(
    paula: Person, options: tuple[str, ...]
) -> None:
    """Without --merge it is refused before the question."""
    import_toggl(paula, "Paula")
    paula.run("log", "design", "PAY-3", "30m")
    command = ("rename", "developer", "Paula", "paula", *options)
    screen = paula.terminal(*command, answer=("Is Paula you?", "y\n"))
    assert screen.text.count("Is Paula you?") == len(options)
    assert ("give --merge" in screen.text) == (not options)
    assert screen.code == (0 if options else 1)
