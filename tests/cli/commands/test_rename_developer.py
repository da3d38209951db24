"""`rename developer`: two names of one person, with all that belongs to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.person import Person
from support.store_kit import open_test_database, table_rows
from support.usage_logs import claude_prompts, epoch

from tracker.store.schema import metadata
from tracker.store.write import entry_totals

OLD, NEW = "ada@example.org", "ada"
RENAME = ("rename", "developer", OLD, NEW)

MAP = """
source = "clock"
[columns]
{key}
developer = "who"
task = "issue"
activity = "phase"
started_at = "begin"
minutes = "minutes"
estimate_minutes = "plan"
[formats]
timezone = "Europe/Berlin"
"""
LOG = """id,who,issue,phase,begin,minutes,plan
1,ada@example.org,T-1,design,2026-03-02 09:00,60,90
2,ada@example.org,T-1,design,2026-03-03 09:00,60,90
3,ada@example.org,T-2,testing,2026-03-04 09:00,60,30
"""


@pytest.fixture
def ada(database_url: str, tmp_path: Path) -> Person:
    """Ada with a log under an e-mail address and one under her name, on both databases."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url, TRACKER_DEVELOPER=OLD)
    (tmp_path / "keyed.toml").write_text(MAP.format(key='key = "id"'))
    (tmp_path / "plain.toml").write_text(MAP.format(key=""))
    (tmp_path / "log.csv").write_text(LOG)
    ada.run("estimate", "design", "PAY-1", "2h")
    ada.run("assign", "design", "PAY-1")
    ada.later(1)
    ada.run("log", "design", "PAY-1", "30m", "--from", "9:00")
    ada.run("rollout", "Spark", "--on", "2026-03-02", "--developer", OLD)
    ada.later(1)
    ada.environ["TRACKER_DEVELOPER"] = NEW
    return ada


def log_as_both(ada: Person) -> None:
    ada.run("log", "design", "PAY-1", "40m", "--from", "10:00")
    ada.run("log", "testing", "PAY-2", "5m", "--from", "11:00")
    ada.later(1)


def rows(ada: Person) -> dict[str, list[dict[str, Any]]]:
    """Return all rows but those of the change log; the totals are the sums of the entries."""
    names = [name for name in metadata.tables if name not in ("changes", "disclosure_cells")]
    with open_test_database(ada.environ["TRACKER_DATABASE_URL"]) as database:
        with database.reading() as connection:
            assert entry_totals.difference(connection) == (0, 0)
        return table_rows(database, *names)


def developers(ada: Person) -> set[str]:
    """Return all names of developers in the tables."""
    tables = rows(ada)
    tables.pop("developer_aliases")
    return {row["developer"] for table in tables.values() for row in table if row.get("developer")}


def as_old(ada: Person) -> Person:
    """Return Ada on the machine with the old name in its settings."""
    other = Person(ada.home / "other", **{**ada.environ, "TRACKER_DEVELOPER": OLD})
    other.environ["HOME"] = str(other.home)
    other.home.mkdir(exist_ok=True)
    other.time = ada.time
    return other


def test_all_that_belongs_to_a_developer_is_renamed(ada: Person) -> None:
    """Entries, estimates, draws and rollouts; `undo` and `redo` work, also under the old name."""
    before = rows(ada)
    assert "give --yes if ada@example.org is you" in ada.refused(*RENAME)
    message = ada.run(*RENAME, "--yes").stderr
    assert message == "renamed developer ada@example.org to ada: 1 entry, 1 work item\n"
    after = rows(ada)
    assert developers(ada) == {NEW}
    assert after["developer_aliases"] == [{"alias": OLD, "developer": NEW}]
    words = "rename of developer ada@example.org to ada\n"
    assert ada.run("undo").stderr == f"undone: {words}"
    assert rows(ada) == before
    assert ada.run("redo").stderr == f"redone: {words}"
    assert rows(ada) == after
    assert as_old(ada).run("undo").stderr == f"undone: {words}"
    assert rows(ada) == before


def test_who_uses_the_old_name_may_give_it_up(ada: Person) -> None:
    """Without a question; `undo` and `redo` work on that machine."""
    before = rows(ada)
    other = as_old(ada)
    other.run(*RENAME)
    after = rows(ada)
    other.run("undo")
    assert rows(ada) == before
    other.run("redo")
    assert rows(ada) == after


def test_two_logs_are_joined(ada: Person) -> None:
    """Only with `--merge`: a work item is one, with both efforts and the estimate of either."""
    log_as_both(ada)
    before = rows(ada)
    assert "give --merge to join that of ada@example.org" in ada.refused(*RENAME, "--yes")
    assert rows(ada) == before
    assert "joined with what was there" in ada.run(*RENAME, "--merge", "--yes").stderr
    whole, design = ada.json("task", "PAY-1")
    assert (whole["minutes"], design["minutes"], design["estimate_minutes"]) == (70, 70, 120)
    assert len(ada.json("entries")) == 3
    assert ada.json("team", "--mine")["people"] == 1
    ada.run("undo")
    assert rows(ada) == before


def test_every_command_works_under_the_old_name(ada: Person) -> None:
    """A machine whose settings have the old name reads and writes the joined log."""
    log_as_both(ada)
    ada.run(*RENAME, "--merge", "--yes")
    other = as_old(ada)
    other.run("log", "design", "PAY-3", "10m", "--from", "8:00")
    assert len(other.json("entries")) == len(other.json("entries", "--developer", OLD)) == 4
    other.run("edit", "@1", "--duration", "7m")
    other.run("delete", "@1")
    other.run("undo")
    other.run("start", "design", "PAY-4", "--estimate", "1h")
    other.later(20)
    other.run("stop")
    other.run("estimate", "coding", "PAY-5", "1h")
    other.run("assign", "coding", "PAY-5")
    other.run("task", "PAY-4", "--done", "--activity", "design")
    other.run("rename", "task", "PAY-3", "PAY-6")
    other.run("rollout", "Spark", "--on", "2026-03-09", "--developer", OLD)
    other.run("check", "--mine")
    assert {row["task"] for row in other.json("tasks")} == {f"PAY-{n}" for n in (1, 2, 4, 5, 6)}
    assert developers(ada) == {NEW}
    (rollout,) = rows(ada)["rollouts"]
    assert rollout["developer"] == NEW
    other.run("rollout", "Spark", "--remove", "--developer", OLD)
    other.later(1)
    other.run("start", "design", "PAY-7")
    other.later(20)
    other.run("stop")
    other.run("entries")
    assert "undone: stop of design PAY-7" in other.run("undo").stderr


@pytest.mark.parametrize("map_name", ["keyed.toml", "plain.toml"])
def test_a_log_is_imported_again_under_the_old_name(ada: Person, map_name: str) -> None:
    """Nothing is doubled, the old name does not return, and deleted entries stay deleted."""
    command = ("import", "csv", str(ada.home / "log.csv"), "--map", str(ada.home / map_name))
    other = as_old(ada)
    other.run(*command)
    other.run("delete", "@4")  # of 2 March
    ada.later(1)
    ada.run(*RENAME, "--yes")
    before = rows(ada)
    message = ada.run(*command).stderr
    assert "there already: 2 entries, 2 work items" in message
    assert "deleted here before" in message, message
    assert rows(ada) == before
    longer = LOG.replace("03-03 09:00,60", "03-03 09:00,50") + (
        "4,ada@example.org,T-9,testing,2026-03-09 09:00,60,\n"
    )
    (ada.home / "log.csv").write_text(longer)
    ada.later(1)
    ada.run(*command, "--update")
    assert developers(ada) == {NEW}
    changed = rows(ada)
    ada.later(1)
    ada.run("import", "--undo", "--yes")
    without_imports = {**rows(ada), "imports": []}
    assert without_imports == {**before, "imports": []}
    assert changed != before


def test_entries_stored_under_both_names_are_kept_once(ada: Person) -> None:
    """An entry with the same key is one; of two the one that a person has edited stays."""
    command = ("import", "csv", str(ada.home / "log.csv"), "--map", str(ada.home / "keyed.toml"))
    ada.run(*command)
    (ada.home / "log.csv").write_text(LOG.replace(OLD, NEW))
    ada.later(1)
    ada.run(*command)
    other = as_old(ada)
    other.later(1)
    other.run("edit", "@2", "--duration", "45m")
    ada.later(2)
    before = rows(ada)
    assert "stored under both names, now once: 3 entries" in (
        ada.run(*RENAME, "--merge", "--yes").stderr
    )
    minutes = {entry["started_at"][:10]: entry["minutes"] for entry in ada.json("entries")}
    assert sorted(minutes.values()) == [30, 45, 60, 60]
    state = rows(ada)
    ada.later(1)
    message = ada.run(*command).stderr
    assert "kept nothing; there already: 2 entries" in message
    assert "deleted here before" not in message
    assert rows(ada) == state
    ada.run("undo")
    assert rows(ada) == before


def test_what_waits_under_the_old_name_is_stored_under_the_new_one(ada: Person) -> None:
    """In the outbox or on the timer of another machine."""
    other = as_old(ada)
    other.run("start", "testing", "PAY-9")
    url = other.environ.pop("TRACKER_DATABASE_URL")
    other.environ["TRACKER_DATABASE_URL"] = "postgresql://localhost:1/none"
    other.run("log", "design", "PAY-8", "10m", "--from", "7:00")
    ada.run(*RENAME, "--yes")
    other.environ["TRACKER_DATABASE_URL"] = url
    other.run("outbox", "move", "--yes")
    assert developers(ada) == {NEW}
    other.later(10)
    other.run("stop")
    other.run("entries")
    assert developers(ada) == {NEW}
    assert {row["task"] for row in ada.json("tasks")} == {"PAY-1", "PAY-8", "PAY-9"}


def test_names_are_followed_through_several_renames(ada: Person) -> None:
    """An alias of an alias is one of the last name; a former name can be taken again."""
    ada.run(*RENAME, "--yes")
    ada.run("rename", "developer", NEW, "ada-l")
    assert developers(ada) == {"ada-l"}
    assert len(as_old(ada).json("entries")) == 1
    before = rows(ada)
    ada.run("rename", "developer", NEW, OLD)
    assert developers(ada) == {OLD}
    assert {row["alias"] for row in rows(ada)["developer_aliases"]} == {NEW, "ada-l"}
    ada.run("undo")
    assert rows(ada) == before
    assert "is called ada-l already" in ada.refused("rename", "developer", OLD, "ada-l")


def test_others_cannot_be_renamed(ada: Person) -> None:
    """Nobody joins another's log with their own unasked, or the logs of two others."""
    bob = Person(ada.home, **{**ada.environ, "TRACKER_DEVELOPER": "bob"})
    log_as_both(ada)
    before = rows(ada)
    refusal = bob.refused(*RENAME, "--merge", "--yes")
    assert refusal.startswith("you are bob, neither ada@example.org nor ada")
    assert "give --yes if ada is you" in bob.refused("rename", "developer", NEW, "bob")
    assert "no entries and no estimates" in bob.refused("rename", "developer", "bob", "bo")
    assert rows(ada) == before


def test_the_other_name_is_confirmed_in_a_terminal(tmp_path: Path) -> None:
    """The question fits the terminal; after a no nothing is renamed."""
    ada = Person(tmp_path)
    ada.time = datetime.now(UTC) - timedelta(hours=1)
    ada.run("log", "design", "PAY-1", "5m")
    ada.environ["TRACKER_DEVELOPER"] = OLD
    ada.run("log", "design", "PAY-1", "7m")
    for answer, count in (("n", 1), ("y", 2)):
        screen = ada.terminal(*RENAME, "--merge", columns=60, answer=("[y/N]", f"{answer}\n"))
        assert max(map(len, screen.lines)) <= 60
        assert "Is ada you?" in " ".join(screen.text.split())
        assert len(ada.json("entries")) == count


def test_marks_on_a_machine_stay_those_of_their_developer(ada: Person) -> None:
    """Under either name, and not under another's."""
    claude_prompts(ada.home, [(epoch("2026-06-10 07:30"), "PAY-1")], cwd="/src/pay")
    ada.environ["TRACKER_DEVELOPER"] = OLD
    ada.run("collect")
    ada.run(*RENAME)
    for name in (OLD, NEW):
        ada.environ["TRACKER_DEVELOPER"] = name
        ada.later(1)
        ada.run("collect")
    assert developers(ada) == {NEW}
    ada.environ["TRACKER_DEVELOPER"] = "bob"
    assert "the marks on this machine are those of 'ada'" in ada.refused("collect")


def test_contradictions_are_told(ada: Person) -> None:
    """Two dates of one rollout cannot both be true; nothing is changed."""
    log_as_both(ada)
    ada.run("rollout", "Spark", "--on", "2026-04-01", "--developer", NEW)
    before = rows(ada)
    refusal = ada.refused(*RENAME, "--merge", "--yes")
    assert "has Spark from 2026-03-02 on, ada from 2026-04-01 on" in refusal
    assert rows(ada) == before
    ada.run("rollout", "Spark", "--on", "2026-03-02", "--developer", NEW)
    ada.run(*RENAME, "--merge", "--yes")
    assert len(rows(ada)["rollouts"]) == 1


def test_an_export_of_all_keeps_the_former_names(ada: Person, tmp_path: Path) -> None:
    """A restored log knows them, and an older export is restored under the new name."""
    ada.run("export", "all", "-o", str(tmp_path / "older.json"))
    ada.run(*RENAME, "--yes")
    ada.run("export", "all", "-o", str(tmp_path / "all.json"))
    state = rows(ada)
    ada.later(1)
    ada.run("import", "tracker", str(tmp_path / "older.json"))
    assert rows(ada) == state
    ada.environ["TRACKER_DATABASE_URL"] = f"sqlite:///{tmp_path / 'restored.db'}"
    assert "1 former name" in ada.run("import", "tracker", str(tmp_path / "all.json")).stderr
    assert developers(ada) == {NEW}
    assert len(as_old(ada).json("entries")) == 1


def test_an_import_from_before_the_rename_is_undone(ada: Person) -> None:
    """The rows that it changed are restored, under the new name."""
    command = ("import", "csv", str(ada.home / "log.csv"), "--map", str(ada.home / "keyed.toml"))
    ada.run(*command)
    ada.later(1)
    (ada.home / "log.csv").write_text(LOG.replace(",60,", ",40,"))
    ada.run(*command, "--update")
    ada.later(1)
    ada.run(*RENAME, "--yes")
    assert [entry["minutes"] for entry in ada.json("entries")] == [30, 40, 40, 40]
    assert "3 put back as they were" in ada.run("import", "--undo").stderr
    assert [entry["minutes"] for entry in ada.json("entries")] == [30, 60, 60, 60]
    assert developers(ada) == {NEW}
