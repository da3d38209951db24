"""`log`, `entries` and `summary`, and the outbox between them and the database."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from support import store_kit
from support.person import Person, without_ids
from support.store_kit import open_test_database

from tracker.store.write.entries import add_entry

UNREACHABLE = "postgresql://ada:geheim@127.0.0.1:1/log"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_log_entries_summary_and_undo(database_url: str, tmp_path: Path) -> None:
    """An entry is logged, listed, summed up and undone, on SQLite and on PostgreSQL."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    result = ada.run("log", "design", "PAY-12", "1h30m", "--ai", "-m", "with Björn")
    assert (result.stdout, without_ids(result.stderr)) == (
        "",
        "logged design PAY-12: 1h 30m from 2026-06-10 10:30\n",
    )
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["ended_at"]) == (
        "2026-06-10T10:30:00+02:00",
        "2026-06-10T12:00:00+02:00",
    )
    assert (entry["minutes"], entry["assisted"], entry["note"]) == (90, "yes", "with Björn")
    assert ada.json("summary") == [{"day": "2026-06-10", "activity": "design", "minutes": 90}]
    ada.run("undo")
    assert ada.json("entries") == []


@pytest.mark.parametrize(
    ("options", "start", "minutes", "interruption"),
    [
        (["45m"], "2026-06-10T11:15:00+02:00", 45, 0),
        (["--from", "9:00", "--to", "10:30"], "2026-06-10T09:00:00+02:00", 90, 0),
        (["1h30m", "--from", "yesterday 9:00"], "2026-06-09T09:00:00+02:00", 90, 0),
        (["1:30", "--to", "yesterday 10:30"], "2026-06-09T09:00:00+02:00", 90, 0),
        (["1.5h", "--from", "9:00", "--to", "11:00"], "2026-06-10T09:00:00+02:00", 90, 30),
        (["--from", "yesterday 23:00", "--to", "0:30"], "2026-06-09T23:00:00+02:00", 90, 0),
        (["--from", "monday 9:00", "--to", "10:30"], "2026-06-08T09:00:00+02:00", 90, 0),
        (["9:00-10:30"], "2026-06-10T09:00:00+02:00", 90, 0),
        (["monday", "9:00", "-", "10:30"], "2026-06-08T09:00:00+02:00", 90, 0),
        (["1 june 23-0:30"], "2026-06-01T23:00:00+02:00", 90, 0),
    ],
)
def test_two_of_start_end_and_effort_are_enough(
    ada: Person, options: list[str], start: str, minutes: int, interruption: int
) -> None:
    """The third follows from two; with all three, the rest of the time is interruptions."""
    ada.run("log", "design", "PAY-12", *options)
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["minutes"], entry["interruption_minutes"]) == (
        start,
        minutes,
        interruption,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["desgin", "X", "1h"], "did you mean design?"),
        (["quux", "X", "1h"], "choose one of design, testing,"),
        (["design", "X", "1.5"], "duration is '1.5': write it as 45m, 1h30m, 1:30, 1.5h or 90"),
        (["design", "X", "0m"], "give more than nothing"),
        (
            ["design", "X", "--from", "9:00", "--to", "23:00"],
            "--to is 2026-06-10 23:00: give a time that has passed",
        ),
        (
            ["design", "X", "1h", "--from", "11:30"],
            "the entry would end at 2026-06-10 12:30: give an earlier start",
        ),
        (
            ["design", "X", "--from", "11:00", "--to", "9:00"],
            "--to is 2026-06-10 09:00, not after --from",
        ),
        (["design", "X", "--from", "9:00", "--to", "9:00"], "not after --from"),
        (
            ["design", "X", "2h", "--from", "9:00", "--to", "10:00"],
            "duration is more than the time from",
        ),
        (
            ["design", "X", "--from", "2025-10-26 02:30", "--to", "9:00"],
            "2025-10-26 02:30+0200 and as 2025-10-26 02:30+0100",
        ),
        (
            ["design", "X", "--from", "2026-03-29 02:30", "--to", "9:00"],
            "jumped from 2026-03-29 02:00 to 03:00",
        ),
        (["design", "", "1h"], "give one line with something in it"),
        (
            ["design", "X", "--from", "2020-01-01 9:00", "--to", "2026-01-01 9:00"],
            "seconds is 189388800: that is more than a year",
        ),
    ],
)
def test_an_invalid_entry_is_refused(ada: Person, arguments: list[str], message: str) -> None:
    """`log` prints one line and logs nothing."""
    assert message in ada.refused("log", *arguments)
    assert ada.json("entries") == []


def test_log_without_duration_or_interval_is_wrong_usage(ada: Person) -> None:
    """`log` needs a duration or both ends."""
    assert "give a DURATION such as 45m" in ada.run("log", "design", "X", code=2).stderr
    assert (
        "give a DURATION such as 45m"
        in ada.run("log", "design", "X", "--from", "9:00", code=2).stderr
    )


def test_log_warns_of_overlaps(ada: Person) -> None:
    """The warning names the first of them; entries that only touch do not overlap."""
    ada.run("log", "design", "PAY-12", "--from", "9:00", "--to", "10:00")
    assert (
        ada.run("log", "testing", "PAY-9", "--from", "10:00", "--to", "10:30").stderr.count("\n")
        == 1
    )
    stderr = ada.run("-q", "log", "review", "PAY-7", "--from", "9:30", "--to", "10:10").stderr
    assert without_ids(stderr) == (
        "tracker: review PAY-7 (@2) overlaps 2 entries, the first design PAY-12 from 2026-06-10 "
        "09:00 (@3); `tracker entries --overlaps` lists them.\n"
    )
    assert len(ada.json("entries")) == 3
    ada.run("log", "coding", "PAY-1", "5m", "--from", "8:00")
    overlapping = ada.json("entries", "--overlaps")
    assert [entry["task"] for entry in overlapping] == ["PAY-9", "PAY-7", "PAY-12"]
    assert len(ada.json("entries", "--overlaps", "-n", "1")) == 1
    ada.run("delete", "@2")
    assert "no entry overlaps another" in ada.run("entries", "--overlaps").stderr


def test_log_warns_of_a_very_long_entry(ada: Person) -> None:
    """An entry of 25 hours is logged with a warning."""
    assert (
        "25h 00m at a stretch"
        in ada.run("log", "design", "X", "--from", "yesterday 9:00", "--to", "today 10:00").stderr
    )


def test_logging_does_not_need_the_database(tmp_path: Path) -> None:
    """Without the database, the entry waits in the outbox; messages show no password."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=UNREACHABLE)
    result = ada.run("log", "design", "PAY-12", "45m")
    assert result.stderr.startswith("logged design PAY-12: 45m")
    assert "waits in the outbox" in result.stderr
    assert "geheim" not in result.output
    assert "1 waiting for the database" in ada.run("status", code=1).stdout
    assert "cannot be reached" in ada.refused("entries")


def test_a_waiting_entry_is_stored_by_the_next_command(ada: Person) -> None:
    """The next command that reaches the database stores it."""
    obstacle = ada.data / "tracker.db"
    obstacle.mkdir(parents=True)
    assert "waits in the outbox" in ada.run("log", "design", "PAY-12", "45m").stderr
    obstacle.rmdir()
    assert [entry["task"] for entry in ada.json("entries")] == ["PAY-12"]
    assert ada.run("status", code=1).stdout == "no timer runs\n"


def test_an_outbox_record_is_stored_once(ada: Person) -> None:
    """A record that is in the outbox again, as after a crash, changes nothing."""
    ada.run("start", "design", "PAY-12", "--estimate", "1h")
    ada.later(30)
    ada.run("stop")
    copies = {path: path.read_bytes() for path in (ada.data / "outbox").glob("*.json")}
    assert len(copies) == 2
    entries = ada.json("entries")
    for path, content in copies.items():
        path.write_bytes(content)
    assert ada.json("entries") == entries
    ada.run("delete", entries[0]["id"])
    for path, content in copies.items():
        path.write_bytes(content)
    assert ada.json("entries") == []


def test_an_invalid_outbox_record_is_quarantined(ada: Person) -> None:
    """It is renamed with a warning, and the other records are stored."""
    ada.run("start", "design", "PAY-12")
    ada.later(30)
    ada.run("stop")
    (good,) = (ada.data / "outbox").glob("*.json")
    bad = good.with_name("0bad.json")
    bad.write_text(json.dumps(json.loads(good.read_text()) | {"seconds": -5}))
    result = ada.run("entries", "--format", "json")
    assert len(json.loads(result.stdout)) == 1
    assert f"{bad} could not be" in result.stderr
    assert bad.with_name("0bad.json.bad").exists()
    assert ada.run("entries").stderr == ""


def test_concurrent_log_commands_lose_nothing(ada: Person) -> None:
    """Four processes log at once; all four entries are stored."""
    tasks = [f"T-{number}" for number in range(4)]
    processes = [ada.process("log", "design", task, "5m") for task in tasks]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    stdout = ada.process("entries", "--format", "json").communicate()[0]
    assert sorted(entry["task"] for entry in json.loads(stdout)) == tasks


@pytest.mark.parametrize(
    "task", ["設計\u3000書", "a\u00a0b", "👩\u200d💻 pairing", "ümlaut", "x" * 500]
)
def test_names_of_all_scripts_are_valid(ada: Person, task: str) -> None:
    """Wide blanks, no-break spaces and joined emoji are valid in names."""
    ada.run("log", "design", task, "5m", "-m", "n" * 10_000)
    assert ada.json("entries")[0]["task"] == task
    assert task in ada.run("entries").stdout


def test_each_database_has_its_own_outbox(ada: Person) -> None:
    """A record that waits for one database is not stored in another that --db names."""
    ada.run("start", "design", "PAY-12")
    ada.later(5)
    ada.run("stop")
    other = f"sqlite:///{ada.home / 'other.db'}"
    assert json.loads(ada.run("--db", other, "entries", "--format", "json").stdout) == []
    ada.run("--db", other, "log", "review", "PAY-7", "5m")
    assert [entry["task"] for entry in ada.json("entries")] == ["PAY-12"]
    assert [
        entry["task"]
        for entry in json.loads(ada.run("--db", other, "entries", "--format", "json").stdout)
    ] == ["PAY-7"]


def test_a_waiting_record_is_stored_in_its_own_database_only(ada: Person) -> None:
    """URLs of the environment and the settings count like --db; `status` counts all records."""
    server = "postgresql://ada:geheim@localhost:1/log"
    ada.environ["TRACKER_DATABASE_URL"] = server
    ada.run("log", "design", "PAY-12", "5m")
    assert "1 waiting for the database" in ada.run("status", code=1).stdout
    ada.environ["TRACKER_DATABASE_URL"] = f"sqlite:///{ada.home / 'other.db'}"
    assert ada.json("entries") == []
    assert "1 waiting for another database" in ada.run("status", code=1).stdout
    del ada.environ["TRACKER_DATABASE_URL"]
    assert ada.json("entries") == []
    ada.run("config", "set", "database_url", server.replace("geheim", "anders"))
    assert json.loads(ada.run("status", "--format", "json", code=1).stdout)["waiting"] == 1


def test_the_default_database_by_url_is_the_same(ada: Person) -> None:
    """Records that wait for the default database are stored if --db names it."""
    ada.run("start", "design", "PAY-12")
    ada.later(5)
    ada.run("stop")
    url = f"sqlite:///{ada.data / 'tracker.db'}"
    assert len(json.loads(ada.run("--db", url, "entries", "--format", "json").stdout)) == 1


def test_entries_in_three_formats(ada: Person) -> None:
    """The table is never cut; JSON and CSV have the same values, newest first."""
    note = "long " * 60 + '[bold] "quoted", \u2713'
    ada.run("log", "design", "PAY-12", "--from", "9:00", "--to", "10:00", "-m", note)
    ada.run("log", "testing", "PAY-9", "--from", "10:00", "--to", "10:45")
    table = ada.run("entries").stdout.splitlines()
    assert ["PAY-9" in line for line in table] == [False, True, False]
    assert note in table[2]
    json_rows = ada.json("entries")
    csv_rows = list(csv.DictReader(io.StringIO(ada.run("entries", "--format", "csv").stdout)))
    assert csv_rows == [
        {key: "" if value is None else str(value) for key, value in row.items()}
        for row in json_rows
    ]
    assert json_rows[1]["note"] == note


def test_tables_show_no_control_characters(ada: Person) -> None:
    """Escape sequences and line breaks in a note are shown as blanks."""
    ada.run("log", "design", "PAY-12", "5m")
    with sqlite3.connect(ada.data / "tracker.db") as database:
        database.execute("UPDATE entries SET note = ?", ("\x1b[2Jgone\nnext",))
    table = ada.run("entries").stdout
    assert "\x1b" not in table
    assert table.count("\n") == 2


def test_an_empty_log_is_no_error(ada: Person) -> None:
    """A message says so, JSON is an empty list and CSV a header."""
    result = ada.run("entries")
    assert (result.stdout, result.stderr) == (
        "",
        "no entries: `tracker log design TASK 45m` makes one\n",
    )
    assert ada.json("entries") == []
    assert ada.run("entries", "--format", "csv").stdout.startswith("id,")
    assert "no entries from 2026-06-04 on" in ada.run("summary").stderr
    stderr = ada.run("summary", "--to", "2026-05-10").stderr
    assert "no entries from 2026-05-04 to 2026-05-10" in stderr


def test_entries_by_day_task_activity_and_number(ada: Person) -> None:
    """Days are those of the entry's zone; 20 are listed unless days or a number are given."""
    ada.run("log", "design", "PAY-12", "1h", "--from", "yesterday 10:15")
    for minute in range(0, 50, 2):
        ada.run("log", "testing", "PAY-9", "2m", "--from", f"11:{minute:02d}")
    assert [entry["task"] for entry in ada.json("entries", "--to", "yesterday")] == ["PAY-12"]
    assert len(ada.json("entries", "--from", "today")) == 25
    assert len(ada.json("entries")) == 20
    assert len(ada.json("entries", "-n", "3")) == 3
    assert len(ada.json("entries", "--activity", "design")) == 1
    assert len(ada.json("entries", "--task", "PAY-12")) == 1
    assert "did you mean design?" in ada.refused("entries", "--activity", "desing")


def test_developers_see_and_change_their_own_entries_only(ada: Person) -> None:
    """In one database, Bob cannot list, edit, delete or undo Ada's entries."""
    ada.run("log", "design", "PAY-12", "1h")
    (entry,) = ada.json("entries", "--developer", "ada")
    bob = Person(ada.home, TRACKER_DEVELOPER="bob")
    assert bob.json("entries") == []
    assert bob.json("summary") == []
    assert "shown to their own developer only, and you are bob" in bob.refused(
        "entries", "--developer", "ada"
    )
    for command in (["edit", entry["id"], "-m", "x"], ["delete", entry["id"]]):
        assert "bob has no entry" in bob.refused(*command)
    assert "no change by bob" in bob.refused("undo")


def test_summary_adds_up(ada: Person) -> None:
    """Rows are days, columns activities, with totals; a week unless days are given."""
    ada.run("log", "design", "PAY-12", "1h30m", "--from", "yesterday 9:00")
    ada.run("log", "design", "PAY-12", "30m", "--from", "9:00")
    ada.run("log", "testing", "PAY-9", "45m", "--from", "10:00")
    ada.run("log", "testing", "OLD-1", "8h", "--from", "2026-06-01 9:00")
    lines = [line.split("  ") for line in ada.run("summary").stdout.splitlines()]
    table = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert table == [
        ["Day", "design", "testing", "Total"],
        ["2026-06-09", "1h 30m", "1h 30m", "█" * 20],
        ["2026-06-10", "30m", "45m", "1h 15m", "█" * 17],
        ["Total", "2h 00m", "45m", "2h 45m"],
    ]
    assert sum(row["minutes"] for row in ada.json("summary", "--from", "2026-06-01")) == 645
    assert ada.json("summary", "--to", "2026-06-01") == [
        {"day": "2026-06-01", "activity": "testing", "minutes": 480}
    ]


def shown_ids(ada: Person, *options: str) -> list[str]:
    """Return the ids that `entries` shows."""
    return [line.split()[0] for line in ada.run("entries", *options).stdout.splitlines()[1:]]


def test_shown_ids_name_their_entries(ada: Person) -> None:
    """The last 20 have a place, older ones the shortest end that no other id has."""
    for number in range(24):
        start = ada.time - timedelta(minutes=10 * (number + 1))
        ada.run("log", "design", "PAY-12", "5m", "--from", start.isoformat(), "-m", str(number))
    ids = shown_ids(ada, "-n", "99")
    assert ids[:20] == [f"@{place}" for place in range(1, 21)]
    assert all(len(id_) == 4 for id_ in ids[20:])
    for number, id_ in enumerate(ids):
        ada.run("edit", id_, "-m", f"{number} edited")
    notes = [entry["note"] for entry in ada.json("entries", "-n", "99")]
    assert notes == [f"{number} edited" for number in range(24)]


def test_ids_of_an_import_are_told_apart_by_their_ends(database_url: str, tmp_path: Path) -> None:
    """They begin alike. An end that another id begins or ends with is made longer."""
    from tracker.store.read import entry_ids, queries

    ids = [f"01a20917-0000-7000-8000-0000{n:08x}" for n in (0x1A001, 0x2A001, 0x2B001, 0x101A2)]
    with open_test_database(database_url) as database:
        for number, id_ in enumerate(ids):
            add_entry(database, dataclasses.replace(store_kit.entry(number), id=id_))
        with database.reading() as connection, pytest.MonkeyPatch.context() as patch:
            patch.setattr(entry_ids, "RANKED", 0)
            patch.setattr(entry_ids, "_CHUNK_SIZE", 3)
            entries = queries.entries(connection)
            short = entry_ids.short_ids(connection, entries[0].developer, entries)
            for id_ in ids:
                assert entry_ids.entry(connection, entries[0].developer, short[id_]).id == id_
    assert short == {ids[0]: "1a001", ids[1]: "2a001", ids[2]: "b001", ids[3]: "101a2"}


def test_a_place_beyond_the_log_is_refused(ada: Person) -> None:
    """The message says which places there are."""
    assert "ada has no entry @1: there is none" in ada.refused("edit", "@1", "-m", "x")
    ada.run("log", "design", "PAY-12", "5m")
    assert "ada has no entry @2: there is @1;" in ada.refused("delete", "@2")
    assert "ada has no entry @0" in ada.refused("delete", "@0")
    assert "@999999999999" in ada.refused("continue", "@999999999999")


def test_many_overlapping_entries_are_counted(ada: Person) -> None:
    """The message stays short."""
    for _ in range(5):
        stderr = ada.run("log", "design", "PAY-12", "1h", "--from", "9:00").stderr
    assert "overlaps 4 entries, the first design PAY-12 from 2026-06-10 09:00" in stderr


def test_the_first_id_is_of_the_entry_that_started_last(ada: Person, tmp_path: Path) -> None:
    """Whatever was logged or imported since, and while a timer runs."""
    ada.run("log", "design", "NEW-1", "10m", "--from", "9:00")
    ada.run("log", "design", "OLD-1", "10m", "--from", "yesterday 9:00")
    export = ada.run("export", "entries").stdout.replace("2026-06-", "2026-05-")
    (tmp_path / "may.csv").write_text(re.sub(r"(?m)^[0-9a-f]{8}", "01900000", export))
    assert "kept 2 entries" in ada.run("import", "tracker", str(tmp_path / "may.csv")).stderr
    ada.run("start", "design", "NEW-2")
    ada.later(5)
    first, *_ = ada.json("entries")
    assert first["task"] == "NEW-1"
    assert ada.run("entries").stdout.splitlines()[1].startswith("@1 ")
    assert "NEW-1" in ada.run("edit", "@1", "--duration", "11m").stderr
    ada.run("stop")
    assert "NEW-2" in ada.run("edit", "@1", "-m", "note").stderr


def test_the_entries_that_are_not_listed_are_counted(ada: Person) -> None:
    """Also for programs, and of one task; not where a number or days are asked for."""
    for minute in range(25):
        task = "PAY-1" if minute < 22 else "PAY-2"
        ada.run("log", "design", task, "1m", "--from", f"9:{minute:02d}")
    message = "the last 20 of 25 entries: `-n 25` lists all, `--from DATE` those since a day.\n"
    for format_ in ("text", "json", "csv"):
        assert ada.run("entries", "--format", format_).stderr == message
    assert "the last 20 of 22 entries: `-n 22`" in ada.run("entries", "--task", "PAY-1").stderr
    assert len(ada.json("entries", "-n", "25")) == 25
    for options in (["-n", "25"], ["-n", "5"], ["today"], ["--task", "PAY-2"]):
        assert ada.run("entries", *options).stderr == ""
