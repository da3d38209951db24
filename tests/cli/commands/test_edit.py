"""`edit`, `delete` and `undo`."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import date, datetime
from pathlib import Path

import pytest
from support.person import Person

from tracker.domain.times import date_to_day


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_an_entry_is_edited_by_the_id_that_is_shown(ada: Person) -> None:
    """`edit` takes the id of the list and changes only the named fields; `undo` restores them."""
    ada.run("log", "design", "PAY-12", "1h", "--from", "9:00", "-m", "draft")
    id_ = ada.run("entries").stdout.splitlines()[1].split()[0]
    previous = ada.json("entries")
    result = ada.run(
        "edit", id_, "--duration", "1h30m", "--task", "PAY-13", "--no-ai", "--activity", "review"
    )
    assert result.stderr == "edited review PAY-13: 1h 30m from 2026-06-10 09:00\n"
    (entry,) = ada.json("entries")
    assert (entry["minutes"], entry["ended_at"], entry["note"]) == (
        90,
        "2026-06-10T10:30:00+02:00",
        "draft",
    )
    assert (entry["assisted"], entry["basis"]) == ("no", "flag")
    ada.run("undo")
    assert ada.json("entries") == previous


def test_a_new_start_keeps_effort_and_interruptions(ada: Person) -> None:
    """`edit --from` moves the end and the local day with the start."""
    ada.run("log", "design", "PAY-12", "50m", "--from", "9:00", "--to", "10:00")
    (entry,) = ada.json("entries")
    ada.run("edit", entry["id"], "--from", "yesterday 23:30")
    (entry,) = ada.json("entries", "--to", "yesterday")
    assert (entry["minutes"], entry["interruption_minutes"]) == (50, 10)
    assert entry["ended_at"] == "2026-06-10T00:30:00+02:00"


def columns(ada: Person, *names: str) -> tuple[object, ...]:
    """Return columns of the only entry in the database."""
    query = f"SELECT {', '.join(names)} FROM entries"
    with contextlib.closing(sqlite3.connect(ada.data / "tracker.db")) as connection:
        (row,) = connection.execute(query).fetchall()
    return tuple(row)


@pytest.mark.parametrize(
    ("start", "utc", "local_day"),
    [
        ("2026-06-09 03:00", "2026-06-09T01:00", "2026-06-08"),  # typed in the reader's zone
        ("2026-06-09 03:00-04:00", "2026-06-09T07:00", "2026-06-09"),  # with an offset
    ],
)
def test_a_new_start_in_another_zone_than_the_entrys(
    ada: Person, start: str, utc: str, local_day: str
) -> None:
    """A clock time is of the reader's zone; zone and local day stay those of the entry."""
    new_york = Person(ada.home, TZ="America/New_York")
    new_york.run("log", "design", "PAY-12", "50m", "--from", "1:00", "--to", "2:00")
    id_ = ada.json("entries")[0]["id"]
    ada.run("edit", id_, "--from", start)
    start_epoch = int(datetime.fromisoformat(f"{utc}+00:00").timestamp())
    day = date_to_day(date.fromisoformat(local_day))
    names = ("zone", "started_epoch", "ended_epoch", "seconds", "local_day")
    assert columns(ada, *names) == (
        *("America/New_York", start_epoch, start_epoch + 3600, 3000, day),
    )
    assert len(ada.json("entries", "--from", local_day, "--to", local_day)) == 1


def test_a_new_duration_keeps_the_zone_and_the_day_of_the_entry(ada: Person) -> None:
    """In Berlin it is already the next day when this work in New York begins."""
    new_york = Person(ada.home, TZ="America/New_York")
    new_york.run("log", "design", "PAY-12", "1h", "--from", "yesterday 23:00")
    id_ = ada.json("entries")[0]["id"]
    ada.run("edit", id_, "--duration", "30m")
    day = date_to_day(date(2026, 6, 9))
    assert columns(ada, "zone", "local_day", "seconds") == ("America/New_York", day, 1800)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--duration", "9h"], "would end at 2026-06-10 18:00"),
        (["--from", "11:50"], "would end at 2026-06-10 12:50"),
        (["--activity", "desgin"], "did you mean design?"),
        (["--task", "PAY-12"], "is like that already"),
    ],
)
def test_an_invalid_edit_is_refused(ada: Person, options: list[str], message: str) -> None:
    """The entry stays as it was."""
    ada.run("log", "design", "PAY-12", "1h", "--from", "9:00")
    previous = ada.json("entries")
    assert message in ada.refused("edit", previous[0]["id"], *options)
    assert ada.json("entries") == previous


@pytest.mark.parametrize(
    ("options", "start", "minutes"),
    [
        (["--from", "9:05"], "2026-06-08T09:05:00+02:00", 60),
        (["--to", "11:30"], "2026-06-08T10:00:00+02:00", 90),
        (["--to", "noon", "--duration", "30m"], "2026-06-08T11:30:00+02:00", 30),
        (["--from", "23:00", "--to", "0:30"], "2026-06-08T23:00:00+02:00", 90),
        (["--from", "yesterday 9:05"], "2026-06-09T09:05:00+02:00", 60),
        (["--from", "-2h"], "2026-06-10T10:00:00+02:00", 60),
        (["9:05-"], "2026-06-08T09:05:00+02:00", 115),
        (["9:05-9:50"], "2026-06-08T09:05:00+02:00", 45),
        (["9:05", "-", "9:50", "--duration", "30m"], "2026-06-08T09:05:00+02:00", 30),
        (["yesterday", "9-10"], "2026-06-09T09:00:00+02:00", 60),
    ],
)
def test_a_time_alone_is_of_the_entrys_day(
    ada: Person, options: list[str], start: str, minutes: int
) -> None:
    """An entry of the day before yesterday stays there; an end is the first after the start."""
    ada.run("log", "design", "PAY-12", "monday 10:00-11:00")
    ada.run("edit", "@1", *options)
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["minutes"]) == (start, minutes)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["9:05"], 1, "times are '9:05': write 9:05- for the right start, -9:05 for the right end"),
        (["9:65-10:00"], 1, "hours go from 0 to 23, minutes and seconds from 0 to 59"),
        (
            ["11:30-"],
            1,
            "would end at 2026-06-08 11:00, not after its start at 2026-06-08 11:30: give an",
        ),
        (["9:05-10:00", "--to", "11:00"], 2, "give TIMES such as 9:05-10:15, or --from"),
        (["9:05-", "--duration", "5m"], 2, "give TIMES such as 9:05-10:15, or --from"),
    ],
)
def test_wrong_times_are_refused(ada: Person, options: list[str], code: int, message: str) -> None:
    """The entry stays as it was."""
    ada.run("log", "design", "PAY-12", "monday 10:00-11:00")
    before = ada.json("entries")
    assert message in ada.run("edit", "@1", *options, code=code).stderr
    assert ada.json("entries") == before


def test_edit_warns_of_overlaps(ada: Person) -> None:
    """It warns like `log`, but only if a time changes."""
    ada.run("log", "testing", "PAY-9", "1h", "--from", "8:00")
    ada.run("log", "design", "PAY-12", "1h", "--from", "10:00")
    id_ = ada.json("entries")[0]["id"]
    assert (
        "overlaps testing PAY-9 from 2026-06-10 08:00"
        in ada.run("edit", id_, "--from", "8:30").stderr
    )
    assert "overlaps" not in ada.run("edit", id_, "-m", "note").stderr


def test_edit_warns_of_a_very_long_entry(ada: Person) -> None:
    """As `log` and `stop` do."""
    ada.run("log", "design", "PAY-12", "1h", "--from", "yesterday 9:00")
    id_ = ada.json("entries", "--from", "2026-06-01")[0]["id"]
    assert "at a stretch" not in ada.run("edit", id_, "--duration", "12h").stderr
    assert "13h 00m at a stretch" in ada.run("edit", id_, "--duration", "13h").stderr


def test_an_ambiguous_or_unknown_id_is_refused(ada: Person) -> None:
    """The message says to give more of the id, or which command lists the ids."""
    for minute in (10, 20):
        ada.run("log", "design", "PAY-12", "5m", "--from", f"9:{minute}")
    prefix = ada.json("entries")[0]["id"][:8]
    assert "give more of the id" in ada.refused("delete", prefix)
    assert "`tracker entries` lists the ids" in ada.refused("delete", "ffff")
    assert "say what to change" in ada.run("edit", prefix, code=2).stderr


def test_delete_and_log_can_be_undone(ada: Person) -> None:
    """Each `undo` undoes one change, until none is left."""
    ada.run("log", "design", "PAY-12", "1h")
    previous = ada.json("entries")
    assert "`tracker undo` restores it" in ada.run("delete", previous[0]["id"]).stderr
    assert ada.json("entries") == []
    assert ada.run("undo").stderr == "undone: delete of design PAY-12 (1h 00m)\n"
    assert ada.json("entries") == previous
    ada.run("undo")
    assert "no change by ada to undo" in ada.refused("undo")


@pytest.mark.parametrize("command", [["edit", "@1", "--duration", "10m"], ["delete", "@1"]])
def test_the_last_entry_is_told_from_the_running_timer(ada: Person, command: list[str]) -> None:
    """@1 is an entry; whoever means the timer learns it."""
    ada.run("log", "design", "T-1", "20m")
    words = "testing T-9 still runs and is no entry yet: @1 is the entry before it."
    assert words not in ada.run("edit", "@1", "--note", "x").stderr
    ada.run("start", "testing", "T-9")
    assert words in ada.run(*command).stderr
