"""The days that `summary` and `entries` list."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.person import Person


@pytest.fixture
def ada(database_url: str, tmp_path: Path) -> Person:
    """Ada with an entry on each of four days, on SQLite and on PostgreSQL."""
    person = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    for day in ("today", "yesterday", "monday", "2026-06-03"):
        person.run("log", "design", day, f"{day} 9:00-10:00")
    return person


@pytest.mark.parametrize(
    ("options", "day"),
    [
        ("today", "2026-06-10"),
        ("--today", "2026-06-10"),
        ("yesterday", "2026-06-09"),
        ("--yesterday", "2026-06-09"),
        ("monday", "2026-06-08"),
        ("2 days ago", "2026-06-08"),
        ("3 june", "2026-06-03"),
        ("--from 3 june --to 3 june", "2026-06-03"),
        ("--by day yesterday", "2026-06-09"),
    ],
)
def test_a_single_day(ada: Person, options: str, day: str) -> None:
    """As a word, or as an option for today and yesterday."""
    rows = ada.json("summary", *options.split())
    assert [row["day"] for row in rows] == [day]
    entries = ada.json("entries", *options.removeprefix("--by day ").split())
    assert [entry["started_at"][:10] for entry in entries] == [day]


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("last week", ["2026-06-03"]),
        ("last month", []),
        ("--by day last week", ["2026-06-03"]),
        ("week", ["2026-06-08", "2026-06-09", "2026-06-10"]),
    ],
)
def test_a_week_or_a_month_in_words(ada: Person, words: str, days: list[str]) -> None:
    """The last one ends before the one that holds today."""
    rows = ada.json("summary", *words.split())
    assert [row["day"] for row in rows] == days
    gaps = ada.run("summary", "last", "month", "--gaps").stderr
    assert "no gaps and no overlaps from 2026-05-01 to 2026-05-31" in gaps


def test_words_that_are_no_day_are_named_as_a_whole(ada: Person) -> None:
    """Not the first of them only."""
    for command in ("summary", "entries"):
        assert "date is 'last year': write it as" in ada.refused(command, "last", "year")
    assert "time is 'at 9:00'" in ada.refused("start", "design", "PAY-1", "at", "9:00")
    assert "duration is '3 Stunden'" in ada.refused("estimate", "design", "X", "3", "Stunden")


def test_a_day_without_work_is_named(ada: Person) -> None:
    """The message has the date."""
    assert "no entries on 2026-06-07\n" in ada.run("summary", "sunday").stderr
    assert "no gaps and no overlaps on 2026-06-09" in ada.run("summary", "--gaps", "tuesday").stderr


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ("today --yesterday", 2, "give one of a day, --today, --yesterday, and --from with --to"),
        ("--today --from monday", 2, "give one of a day, --today"),
        ("monday --to today", 2, "give one of a day, --today"),
        ("nonsense", 1, "date is 'nonsense': write it as 2026-03-01"),
        ("-3", 1, "date is '-3'"),
    ],
)
def test_one_period_is_given(ada: Person, options: str, code: int, message: str) -> None:
    """Two days contradict each other."""
    for command in ("summary", "entries"):
        assert message in ada.run(command, *options.split(), code=code).stderr
    assert "give one of a day" in ada.run("summary", "today", "--week", code=2).stderr


def test_a_list_that_filters_leave_empty_says_so(tmp_path: Path) -> None:
    """It proposes no first entry where there are others."""
    ada = Person(tmp_path)
    assert "no entries: `tracker log" in ada.run("entries").stderr
    ada.run("log", "design", "PAY-1", "5m")
    for line in ("entries yesterday", "entries --task X", "entries --activity testing"):
        assert ada.run(*line.split()).stderr.startswith("no entries that match: leave out or widen")
    assert "no tasks of project web: `tracker task KEY --project" in (
        ada.run("tasks", "--project", "web").stderr
    )
    assert "no open tasks of project web" in ada.run("tasks", "--open", "--project", "web").stderr
