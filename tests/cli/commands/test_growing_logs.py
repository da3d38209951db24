"""Importing the export of the last 30 days every week: edits, deletions, and what lies outside."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.person import Person

MAP = """
source = "clock"
[columns]
developer = "who"
task = "issue"
activity = "phase"
started_at = "begin"
ended_at = "end"
tags = "tags"
[formats]
timezone = "Europe/Berlin"
"""
KEYED = MAP.replace("[columns]", '[columns]\nkey = "id"')
HEADER = ["id", "who", "issue", "phase", "begin", "end", "tags"]
FIRST = date(2026, 4, 1)
WEEKS = 6


class Clock:
    """Another time tracker: a log of two developers, of which it exports the last 30 days."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, str]] = {}

    def work(self, day: date) -> None:
        """Log half an hour of each developer."""
        for hour, who in ((9, "ann"), (10, "bob")):
            number = len(self.rows) + 1
            begin = f"{day} {hour:02}:00"
            values = (number, who, f"T-{number}", "design", begin, f"{day} {hour:02}:30", "")
            self.rows[number] = dict(zip(HEADER, map(str, values), strict=True))

    def export(self, until: date) -> list[dict[str, str]]:
        """Return the rows of the last 30 days."""
        first = str(until - timedelta(days=30))
        return [row for row in self.rows.values() if first <= row["begin"][:10] <= str(until)]


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Person:
    """Ada in a folder of her own, on either database."""
    monkeypatch.chdir(tmp_path)
    return Person(tmp_path, TRACKER_DATABASE_URL=database_url)


def import_rows(person: Person, rows: list[dict[str, str]], map_: str, *options: str) -> str:
    """Import rows as a CSV file; return the messages."""
    with Path("log.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    Path("m.toml").write_text(map_)
    return person.run("import", "csv", "log.csv", "--map", "m.toml", *options).stderr


def stored(person: Person) -> dict[str, str]:
    """Return the tags of the stored entries by task."""
    entries = csv.DictReader(io.StringIO(person.run("export").stdout))
    return {entry["task"]: entry["tags"] for entry in entries}


@pytest.mark.parametrize("map_", [MAP, KEYED], ids=["without ids", "with ids"])
def test_a_weekly_export_of_the_last_30_days(ada: Person, map_: str) -> None:
    """New rows enter, edited ones are updated, removed ones are told and stay.

    What is older than the 30 days is not in the file, and is not told as removed.
    """
    clock = Clock()
    expected: dict[str, str] = {}
    removed: set[str] = set()
    for week in range(WEEKS):
        monday = FIRST + timedelta(weeks=week)
        for day in range(5):
            clock.work(monday + timedelta(days=day))
        until = monday + timedelta(days=6)
        if week:  # a tag of last week's first entry, and its third is deleted
            first = 10 * (week - 1) + 1
            clock.rows[first]["tags"] = f"edited in week {week}"
            removed.add(clock.rows.pop(first + 2)["issue"])
            clock.rows[first + 2] = {**clock.rows[first], "begin": "", "issue": "gone"}
        rows = [row for row in clock.export(until) if row["issue"] != "gone"]
        expected |= {row["issue"]: row["tags"] for row in rows}
        messages = import_rows(ada, rows, map_, "--update")
        assert "kept 10 entries" in messages
        assert (", 1 updated;" in messages) == (week > 0)
        first_day = min(row["begin"] for row in rows)[:10]
        in_period = {
            task for task in removed if str(FIRST + timedelta(days=day_of(task))) >= first_day
        }
        number = len(in_period)
        if number:
            assert (
                f"  {number} entr{'y' if number == 1 else 'ies'} of this log and period" in messages
            )
            assert "not in the file, and stay" in messages
        else:
            assert "not in the file" not in messages
        assert stored(ada) == expected
    assert 0 < number < len(removed)


def day_of(task: str) -> int:
    """Return on which day after the first a task was logged: two tasks a day, five days a week."""
    weeks, day = divmod((int(task.removeprefix("T-")) - 1) // 2, 5)
    return 7 * weeks + day


def first_days() -> list[dict[str, str]]:
    """Return the rows of three days."""
    clock = Clock()
    for day in range(3):
        clock.work(FIRST + timedelta(days=day))
    return clock.export(FIRST + timedelta(days=3))


def test_removed_rows_are_named_by_their_start(ada: Person) -> None:
    """The message gives developer and start, and the command that removes one."""
    rows = first_days()
    import_rows(ada, rows, MAP)
    messages = import_rows(ada, [row for row in rows if row["id"] not in ("3", "4")], MAP)
    assert (
        "  2 entries of this log and period are not in the file, and stay here "
        "(ann 2026-04-02 09:00, bob 2026-04-02 10:00): "
        "`tracker delete ID` removes what was deleted there\n"
    ) in messages


def test_a_changed_end_is_told_once(ada: Person) -> None:
    """A row without an id and with another end is a possible duplicate, not also a removed one."""
    rows = first_days()
    import_rows(ada, rows, MAP)
    rows[2]["end"] = rows[2]["end"].replace(":30", ":45")
    messages = import_rows(ada, rows, MAP)
    assert "1 possible duplicate" in messages
    assert "not in the file" not in messages


def test_the_file_of_another_developer_or_log_removes_nothing(ada: Person) -> None:
    """Only entries of the developers in the file, and of its source, are looked at."""
    rows = first_days()
    import_rows(ada, rows, MAP)
    assert "not in the file" not in import_rows(ada, rows[::2], MAP)
    other = MAP.replace('"clock"', '"other"')
    assert "not in the file" not in import_rows(ada, rows[:1] + rows[-2:-1], other)


def test_a_file_of_new_rows_removes_nothing(ada: Person) -> None:
    """Mended rows, or another project's rows, are no later export of the same log."""
    rows = first_days()
    import_rows(ada, [row for row in rows if row["id"] not in ("1", "5")], MAP)
    mended = [row for row in rows if row["id"] in ("1", "5")]
    assert "not in the file" not in import_rows(ada, mended, MAP)


def test_a_dry_run_tells_removed_rows_too(ada: Person) -> None:
    """The counts are those of the import."""
    rows = first_days()
    import_rows(ada, rows, MAP)
    messages = import_rows(ada, [*rows[:1], *rows[2:]], MAP, "--dry-run")
    assert "1 entry of this log and period is not in the file, and stays here (bob" in messages
