"""Times as they are typed to `log` and `edit`, without options."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.person import Person


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


@pytest.fixture
def stored(database_url: str, tmp_path: Path) -> Person:
    """Ada with an entry of Monday, 10:00 to 11:00, on SQLite and on PostgreSQL."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    ada.run("log", "design", "PAY-12", "monday 10:00-11:00")
    return ada


@pytest.mark.parametrize("key", ["45m", "9:00", "monday", "@1", "3"])
def test_a_key_may_look_like_a_time_or_an_id(ada: Person, key: str) -> None:
    """No part of the times gets into it."""
    ada.run("log", "design", key, "5m", "--from", "8:00", code=None)
    ada.run("log", "design", key, "yesterday 9:00 5m", code=None)
    ada.run("log", "design", key, "yesterday", "9:00", "5m", code=None)
    assert {entry["task"] for entry in ada.json("entries")} <= {key}


@pytest.mark.parametrize("option", ["--duration", "--from", "--without"])
def test_a_refused_value_is_shown_as_it_was_typed(stored: Person, option: str) -> None:
    """Also one that begins with a dash."""
    assert "'-x5'" in stored.refused("edit", "@1", option, "-x5")
    assert "'-5x'" in stored.refused("edit", "@1", option, "-5x")


def times_of(ada: Person) -> tuple[str, str, float, float]:
    """Return start, end, effort and interruptions of the only entry."""
    (entry,) = ada.json("entries")
    return (
        entry["started_at"][8:16],
        entry["ended_at"][8:16],
        entry["minutes"],
        entry["interruption_minutes"],
    )


@pytest.mark.parametrize(
    ("line", "start", "end", "minutes"),
    [
        ("yesterday 17:00 20m", "09T17:00", "09T17:20", 20),
        ("9:00 1h 30m", "10T09:00", "10T10:30", 90),
        ("40 minutes ago 20m", "10T11:20", "10T11:40", 20),
        ("9:00-", "10T09:00", "10T12:00", 180),
        ("9:00-11:00 1h 30m", "10T09:00", "10T11:00", 90),
        ("2h -11:00", "10T09:00", "10T11:00", 120),
        ("1h 11:30", "10T10:30", "10T11:30", 60),  # not over yet, had it begun at 11:30
        ("9-10", "10T09:00", "10T10:00", 60),
    ],
)
def test_log_takes_a_start_or_an_end_with_an_effort(
    ada: Person, line: str, start: str, end: str, minutes: int
) -> None:
    """Quoted or not; what is left out follows."""
    ada.run("log", "design", "PAY-1", *line.split())
    assert times_of(ada)[:3] == (start, end, minutes)
    ada.run("undo")
    ada.run("log", "design", "PAY-1", line if not line.startswith("-") else f" {line}")
    assert times_of(ada)[:3] == (start, end, minutes)


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (
            "1h 9:30",
            1,
            "1h 9:30 may mean that the work began or ended then: write '9:30 1h' for a start, or "
            "'1h --to 9:30' for an end.",
        ),
        ("20m yesterday 17:00", 1, "write 'yesterday 17:00 20m' for a start, or '20m --to yest"),
        ("1:30 9:30", 1, "write 1:30-9:30 for a start and an end, or 1:30 9h30m for a start and a"),
        ("8:00 1:30", 1, "times are '8:00 1:30': write 8:00 1h30m for a start and a duration."),
        ("8:00 1:30h", 1, "times are '8:00 1:30h': write them as 9:05-10:15"),
        ("45 minuten", 1, "duration is '45 minuten': write it as 45m"),
        ("9am to 10am", 1, "times are '9am to 10am': write them as 9:05-10:15"),
        ("tomorrow 30m", 1, "times are 'tomorrow 30m': write them as 9:05-10:15"),
        ("half an hour", 1, "as 9:05 45m; a day may stand before a time, as in monday 9:05 45m."),
        ("monday", 1, "times are 'monday', a day alone: add the time of day, as in 'monday 9:00-"),
        ("-30m", 1, "times are '-30m': write them as 9:05-10:15"),
        ("-11:00", 2, "give a DURATION such as 45m or 13:00-13:30, or --from and --to"),
        ("9:00 20m --to 10:00", 2, "give a DURATION such as 13:00-13:30, or --from and --to"),
        ("11:50 20m", 1, "the entry would end at 2026-06-10 12:10"),
        ("13:00-", 1, "start is 2026-06-10 13:00: give a time that has passed"),
        ("25:00 20m", 1, "hours go from 0 to 23"),
    ],
)
def test_log_refuses_what_may_mean_two_things(
    ada: Person, line: str, code: int, message: str
) -> None:
    """One line names both ways to say it, and nothing is stored."""
    assert message in ada.run("log", "design", "PAY-1", *line.split(), code=code).stderr
    assert ada.json("entries") == []


@pytest.mark.parametrize("line", ["9:30 1h", "1h --to 10:30"])
def test_both_ways_that_are_named_work(ada: Person, line: str) -> None:
    """As the refusal of `1h 9:30` says them."""
    ada.run("log", "design", "PAY-1", *line.split())
    assert times_of(ada)[:3] == ("10T09:30", "10T10:30", 60)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-10:45", ("08T10:00", "08T10:45", 45, 0)),
        ("9:05-10:15", ("08T09:05", "08T10:15", 70, 0)),
        ("9:05 10:15", ("08T09:05", "08T10:15", 70, 0)),
        ("45m", ("08T10:00", "08T10:45", 45, 0)),
        ("90", ("08T10:00", "08T11:30", 90, 0)),
        ("9:05 45m", ("08T09:05", "08T09:50", 45, 0)),
        ("9:05-10:15 1h", ("08T09:05", "08T10:15", 60, 10)),
        ("yesterday 9:05 45m", ("09T09:05", "09T09:50", 45, 0)),
    ],
)
def test_edit_takes_the_words_of_log(stored: Person, line: str, expected: Any) -> None:
    """A time without a day is of the entry's day."""
    stored.run("edit", "@1", *line.split())
    assert times_of(stored) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("9:05", "write 9:05- for the right start, -9:05 for the right end, or an effort with its"),
        ("45m 9:05", "9:05 may be the right start or the right end"),
        ("-30m", "times are '-30m': write them as 9:05-10:15"),
        ("nonsense", "duration is 'nonsense'"),
    ],
)
def test_edit_refuses_what_may_mean_two_things(stored: Person, line: str, message: str) -> None:
    """The entry stays as it was."""
    before = times_of(stored)
    assert message in stored.refused("edit", "@1", *line.split())
    assert times_of(stored) == before


@pytest.mark.parametrize(
    ("value", "minutes"),
    [("15m", 45), ("10:15-10:45", 30), ("10:00-10:10", 50), ("10:50 - 11:00", 50)],
)
def test_an_interruption_is_taken_off_afterwards(stored: Person, value: str, minutes: int) -> None:
    """Start and end stay; the next one adds to it, and one `undo` takes it back."""
    stored.run("edit", "@1", "--without", *value.split())
    assert times_of(stored) == ("08T10:00", "08T11:00", minutes, 60 - minutes)
    stored.run("edit", "@1", "--without", "5m")
    assert times_of(stored) == ("08T10:00", "08T11:00", minutes - 5, 65 - minutes)
    stored.run("undo")
    assert times_of(stored)[2] == minutes


def test_an_interruption_after_midnight(ada: Person) -> None:
    """Its times are the first after the start of the entry."""
    ada.run("log", "design", "PAY-1", "yesterday 23:00-1:00")
    ada.run("edit", "@1", "--without", "0:10-0:20")
    assert times_of(ada) == ("09T23:00", "10T01:00", 110, 10)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--without", "9:45-10:15"], 1, "9:45-10:15 is not within the entry, which is from 2026-"),
        (["--without", "10:45-11:15"], 1, "is not within the entry"),
        (["--without", "1h"], 1, "leaves nothing of an effort of 1h 00m: give a shorter one"),
        (["--without", "10:15-"], 1, "--without takes a duration or two times"),
        (["--without", "10:15 5m"], 1, "--without takes a duration or two times"),
        (["--without", "5m", "--to", "11:30"], 2, "give --without alone: it keeps start and end"),
    ],
)
def test_an_interruption_that_is_none_is_refused(
    stored: Person, options: list[str], code: int, message: str
) -> None:
    """The entry stays as it was."""
    before = times_of(stored)
    assert message in stored.run("edit", "@1", *options, code=code).stderr
    assert times_of(stored) == before


@pytest.mark.parametrize(
    ("times", "start", "minutes"),
    [
        ("1:15-0400 30m", "05:15", 30),
        ("1:15-0500 30m", "06:15", 30),
        ("1:15-0400-1:15-0500", "05:15", 60),
        ("1:15-04:00-1:45-04:00", "05:15", 30),
        ("0:30-1:30-0500", "04:30", 120),
    ],
)
def test_an_hour_that_came_twice_is_typed_as_the_refusal_shows(
    tmp_path: Path, times: str, start: str, minutes: int
) -> None:
    """With its offset, also west of Greenwich, where that looks like an end."""
    ada = Person(tmp_path, TZ="America/New_York")
    ada.time = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    refusal = ada.refused("log", "design", "PAY-1", "1:15", "30m")
    assert "as 2026-11-01 01:15-0400 and as 2026-11-01 01:15-0500; give the one" in refusal
    ada.run("log", "design", "PAY-1", *times.split())
    (entry,) = ada.json("entries")
    began = datetime.fromisoformat(entry["started_at"]).astimezone(UTC)
    assert (f"{began:%H:%M}", entry["minutes"]) == (start, minutes)
    ada.run("edit", "@1", "-1:50-0500")
    assert ada.json("entries")[0]["ended_at"][11:] == "01:50:00-05:00"
