"""A stored record that cannot be interpreted is shown, exported and corrected; others are read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy
from support.person import Person

pytestmark = pytest.mark.usefixtures("cached_assessments")

READING = (
    ["entries"],
    ["entries", "--format", "json"],
    ["entries", "--format", "csv"],
    ["summary", "--from", "2026-06-01"],
    ["summary", "--from", "2026-06-01", "--format", "json"],
    ["task", "T-1"],
    ["task", "T-1", "--format", "json"],
    ["export"],
    ["export", "--format", "json"],
    ["export", "tasks"],
    ["check", "--format", "json"],
    ["rollout", "--list"],
    ["activities"],
    ["claims"],
    ["db", "status"],
)
ASSESSING = (
    ["check"],
    ["check", "--format", "csv"],
    ["plan"],
    ["export", "moments"],
    ["report", "-o", "page.html"],
)
"""Every command that reads the log, and those that assess it as `check --format json` does."""

BAD_VALUES = {
    "unknown zone": {"zone": "Mars/Olympus"},
    "no zone": {"zone": ""},
    "folder of the zone database": {"zone": "America"},
    "terminal code as a zone": {"zone": "\x1b[31mred"},
    "start beyond 9999": {"started_epoch": 2**62},
    "start before the year 1": {"started_epoch": -(2**62)},
    "end beyond 9999": {"ended_epoch": 2**62},
    "logged beyond 9999": {"logged_epoch": 2**62},
    "day beyond 9999": {"local_day": 2**31 - 1},
    "day and month beyond 9999": {"local_day": 2**31 - 1, "local_month": 2**31 - 1},
    "day before the year 1": {"local_day": -(2**31), "local_month": -(2**31)},
}


@pytest.fixture
def ada(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada, with three entries, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    person = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    for number in range(3):
        person.run("log", "design", f"T-{number}", "45m", "--from", f"{number + 7}:00")
    return person


def spoil(database_url: str, table: str = "entries", task: str = "T-1", **values: object) -> None:
    """Change the record of a task in the database itself."""
    engine = sqlalchemy.create_engine(database_url)
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    with engine.begin() as connection:
        connection.execute(
            sqlalchemy.text(f"UPDATE {table} SET {assignments} WHERE task = :task"),
            {"task": task, **values},
        )
    engine.dispose()


@pytest.mark.parametrize("values", BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_one_bad_entry_is_in_nobodys_way(
    ada: Person, database_url: str, values: dict[str, object]
) -> None:
    """Every command that reads succeeds, and no line holds what a terminal could obey."""
    spoil(database_url, **values)
    for command in READING:
        check_output(ada, command)
    assert "cannot be read" in ada.run("db", "doctor", code=1).stdout


def test_bad_entries_of_all_kinds_are_in_nobodys_way(ada: Person, database_url: str) -> None:
    """With all of them in one log every command succeeds, too."""
    for number, values in enumerate(BAD_VALUES.values()):
        task = f"BAD-{number}"
        ada.run("log", "testing", task, "5m", "--from", f"10:{5 * number:02}")
        spoil(database_url, task=task, **values)
    for command in (*READING, *ASSESSING):
        check_output(ada, command)
    assert "cannot be read" in ada.run("db", "doctor", code=1).stdout


def check_output(ada: Person, command: list[str]) -> None:
    """Run a command; check that it succeeds and tells once what cannot be read."""
    result = ada.run(*command)
    if "csv" not in command and command != ["export"]:
        assert "\x1b" not in result.stdout, command
    assert "\x1b" not in result.stderr, command
    assert result.stderr.count("cannot be read") <= 1, command


@pytest.mark.parametrize("values", BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_a_bad_entry_is_exported_as_it_is_stored(
    ada: Person, database_url: str, values: dict[str, object]
) -> None:
    """Nothing is lost: a zone stands as it is, an instant that is no time as its number."""
    spoil(database_url, **values)
    rows = list(csv.DictReader(io.StringIO(ada.run("export").stdout)))
    assert [row["task"] for row in rows if row["task"] == "T-1"] == ["T-1"]
    assert len(rows) == 3
    row = next(row for row in rows if row["task"] == "T-1")
    for name, value in values.items():
        if name not in ("local_day", "local_month"):
            assert row[name.replace("_epoch", "_at")] == str(value)


@pytest.mark.parametrize("values", BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_a_bad_entry_can_be_deleted_and_put_back(
    ada: Person, database_url: str, values: dict[str, object]
) -> None:
    """`delete` takes it away, and `undo` restores it."""
    spoil(database_url, **values)
    entries = ada.json("entries")
    identifier = next(entry["id"] for entry in entries if entry["task"] == "T-1")
    ada.run("delete", identifier)
    assert "cannot be read" not in ada.run("entries").stderr
    assert len(ada.json("entries")) == 2
    ada.run("undo")
    assert len(ada.json("entries")) == 3


@pytest.mark.parametrize(
    "values",
    [values for values in BAD_VALUES.values() if "logged_epoch" not in values],
    ids=[name for name, values in BAD_VALUES.items() if "logged_epoch" not in values],
)
def test_a_bad_entry_can_be_corrected(
    ada: Person, database_url: str, values: dict[str, object]
) -> None:
    """`edit` gives it a zone and a time that can be read; then nothing is wrong any more."""
    spoil(database_url, **values)
    entries = ada.json("entries")
    identifier = next(entry["id"] for entry in entries if entry["task"] == "T-1")
    ada.run("edit", identifier, "--tz", "Europe/Berlin", "--from", "8:00")
    row = next(entry for entry in ada.json("entries") if entry["task"] == "T-1")
    assert row["started_at"] == "2026-06-10T08:00:00+02:00"
    assert "cannot be read" not in ada.run("entries").stderr
    assert "cannot be read" not in ada.run("db", "doctor", code=None).stdout


def test_the_table_marks_what_cannot_be_read(ada: Person, database_url: str) -> None:
    """A time of an unknown zone is shown in UTC, one out of range as a dash, with one warning."""
    spoil(database_url, zone="Mars/Olympus")
    result = ada.run("entries")
    assert "2026-06-10 06:00 UTC" in result.stdout
    assert "1 entry has a zone or a time that cannot be read" in result.stderr
    spoil(database_url, started_epoch=2**62)
    assert "\N{EM DASH}  " in ada.run("entries").stdout


@pytest.mark.parametrize("table", ["work_items", "tasks"])
def test_a_bad_time_of_a_task_is_in_nobodys_way(ada: Person, database_url: str, table: str) -> None:
    """A completion that is no time is shown as a dash and exported as a number."""
    ada.run("task", "T-1", "--done", "9:30")
    ada.run("task", "T-1", "--done", "9:30", "--activity", "design")
    spoil(database_url, table, completed_epoch=2**62)
    for command in (*READING, *ASSESSING):
        ada.run(*command)
    assert str(2**62) in ada.run("export", "tasks").stdout


def test_an_entry_of_an_absurd_span_is_not_split_into_days(ada: Person, database_url: str) -> None:
    """Its effort counts for its first day, instead of for each of three million days."""
    spoil(database_url, ended_epoch=253_000_000_000)
    assert "2h 15m" in ada.run("summary").stdout
