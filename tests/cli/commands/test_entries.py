"""Writing work down afterwards, looking at it, mending it."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest
from support.person import Person

UNREACHABLE = "postgresql://ada:geheim@127.0.0.1:1/log"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_a_line_in_the_log(database_url: str, tmp_path: Path) -> None:
    """One line logs, one lists, one sums up: on SQLite and on PostgreSQL."""
    ada = Person(tmp_path, TRACKER_DATABASE_URL=database_url)
    logged = ada.run("log", "design", "PAY-12", "1h30m", "--ai", "-m", "with Björn")
    assert (logged.stdout, logged.stderr) == (
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
    ],
)
def test_two_of_start_end_and_effort_are_enough(
    ada: Person, options: list[str], start: str, minutes: int, interruption: int
) -> None:
    """All three leave the rest to interruptions."""
    ada.run("log", "design", "PAY-12", *options)
    (entry,) = ada.json("entries")
    assert (entry["started_at"], entry["minutes"], entry["interruption_minutes"]) == (
        start,
        minutes,
        interruption,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["desgin", "X", "1h"], "did you mean design?"),
        (["quux", "X", "1h"], "known are design, testing,"),
        (["design", "X", "90"], "duration is '90': write it as 45m, 1h30m, 1:30 or 1.5h"),
        (["design", "X", "0m"], "give more than nothing"),
        (
            ["design", "X", "--from", "9:00", "--to", "23:00"],
            "--to is 2026-06-10 23:00: give a time that has passed",
        ),
        (
            ["design", "X", "1h", "--from", "11:30"],
            "--to is 2026-06-10 12:30: give a time that has passed",
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
            "2025-10-26 02:30+02:00 and as 2025-10-26 02:30+01:00",
        ),
        (
            ["design", "X", "--from", "2026-03-29 02:30", "--to", "9:00"],
            "jumped from 2026-03-29 02:00 to 03:00",
        ),
        (["design", "", "1h"], "give one line with something in it"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    ada: Person, arguments: list[str], said: str
) -> None:
    """Nothing is kept of it."""
    assert said in ada.refused("log", *arguments)
    assert ada.json("entries") == []


def test_too_little_is_wrong_usage(ada: Person) -> None:
    """Neither effort nor a stretch of time."""
    assert "give a DURATION such as 45m" in ada.run("log", "design", "X", code=2).stderr
    assert (
        "give a DURATION such as 45m"
        in ada.run("log", "design", "X", "--from", "9:00", code=2).stderr
    )


def test_an_overlap_is_shown_when_it_is_made(ada: Person) -> None:
    """The entry is kept; the warning names the other one. Entries that only touch do not overlap."""
    ada.run("log", "design", "PAY-12", "--from", "9:00", "--to", "10:00")
    assert (
        ada.run("log", "testing", "PAY-9", "--from", "10:00", "--to", "10:30").stderr.count("\n")
        == 1
    )
    warned = ada.run("-q", "log", "review", "PAY-7", "--from", "9:30", "--to", "10:10").stderr
    assert "it overlaps testing PAY-9 from 2026-06-10 10:00" in warned
    assert "design PAY-12 from 2026-06-10 09:00" in warned
    assert len(ada.json("entries")) == 3


def test_a_very_long_entry_is_pointed_out(ada: Person) -> None:
    """Twenty-five hours are more often a slip than work."""
    assert (
        "25h 00m at a stretch"
        in ada.run("log", "design", "X", "--from", "yesterday 9:00", "--to", "10:00").stderr
    )


def test_an_estimate_made_after_the_work_is_pointed_out(ada: Person) -> None:
    """When the work is written down; one that was made before is not."""
    ada.run("estimate", "design", "PAY-12", "2h")
    ada.later(60)
    assert "does not count" not in ada.run("log", "design", "PAY-12", "30m").stderr
    said = ada.run("log", "design", "PAY-12", "30m", "--from", "9:00").stderr
    assert (
        "the estimate of design PAY-12 was made after this work began: it does not count." in said
    )


def test_logging_does_not_need_the_database(tmp_path: Path) -> None:
    """The entry waits in the outbox, which is said, and said without the password."""
    away = Person(tmp_path, TRACKER_DATABASE_URL=UNREACHABLE)
    logged = away.run("log", "design", "PAY-12", "45m")
    assert logged.stderr.startswith("logged design PAY-12: 45m")
    assert "waits in the outbox" in logged.stderr
    assert "geheim" not in logged.output
    assert "1 waiting for the database" in away.run("status", code=1).stdout
    assert "cannot be reached" in away.refused("entries")


def test_what_waits_comes_with_the_next_command_that_can(ada: Person) -> None:
    """As soon as the database it waits for can be used again."""
    in_the_way = ada.data / "tracker.db"
    in_the_way.mkdir(parents=True)
    assert "waits in the outbox" in ada.run("log", "design", "PAY-12", "45m").stderr
    in_the_way.rmdir()
    assert [entry["task"] for entry in ada.json("entries")] == ["PAY-12"]
    assert ada.run("status", code=1).stdout == "no timer runs\n"


def test_what_waits_is_taken_in_once(ada: Person) -> None:
    """A record that comes back, as after a crash between taking it in and forgetting it, changes nothing."""
    ada.run("start", "design", "PAY-12", "--estimate", "1h")
    ada.later(30)
    ada.run("stop")
    copies = {path: path.read_bytes() for path in (ada.data / "outbox").glob("*.json")}
    assert len(copies) == 2
    first = ada.json("entries")
    for path, content in copies.items():
        path.write_bytes(content)
    assert ada.json("entries") == first
    ada.run("delete", first[0]["id"])
    for path, content in copies.items():
        path.write_bytes(content)
    assert ada.json("entries") == []


def test_a_record_that_can_never_be_taken_holds_nothing_up(ada: Person) -> None:
    """It is set aside with its reason, and the others come."""
    ada.run("start", "design", "PAY-12")
    ada.later(30)
    ada.run("stop")
    (good,) = (ada.data / "outbox").glob("*.json")
    bad = good.with_name("0bad.json")
    bad.write_text(json.dumps(json.loads(good.read_text()) | {"seconds": -5}))
    listed = ada.run("entries", "--format", "json")
    assert len(json.loads(listed.stdout)) == 1
    assert f"{bad} could not be taken" in listed.stderr
    assert bad.with_name("0bad.json.bad").exists()
    assert ada.run("entries").stderr == ""


def test_logging_by_two_processes_at_once(ada: Person) -> None:
    """Every entry is kept, whoever absorbs the outbox."""
    tasks = [f"T-{number}" for number in range(4)]
    processes = [ada.process("log", "design", task, "5m") for task in tasks]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    listed = ada.process("entries", "--format", "json").communicate()[0]
    assert sorted(entry["task"] for entry in json.loads(listed)) == tasks


@pytest.mark.parametrize(
    "task", ["設計\u3000書", "a\u00a0b", "👩\u200d💻 pairing", "ümlaut", "x" * 500]
)
def test_names_of_all_scripts_are_taken(ada: Person, task: str) -> None:
    """Wide and hard blanks and joined emoji are letters like any other."""
    ada.run("log", "design", task, "5m", "-m", "n" * 10_000)
    assert ada.json("entries")[0]["task"] == task
    assert task in ada.run("entries").stdout


def test_another_database_has_an_outbox_of_its_own(ada: Person) -> None:
    """What waits for one's own database never lands in another one that a command names."""
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


def test_what_waits_for_one_database_goes_into_no_other(ada: Person) -> None:
    """However it is named: the environment is as good as --db; status counts both."""
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


def test_the_usual_database_is_the_same_when_it_is_named(ada: Person) -> None:
    """What waits in the plain folder is its own."""
    ada.run("start", "design", "PAY-12")
    ada.later(5)
    ada.run("stop")
    named = f"sqlite:///{ada.data / 'tracker.db'}"
    assert len(json.loads(ada.run("--db", named, "entries", "--format", "json").stdout)) == 1


def test_entries_in_three_forms(ada: Person) -> None:
    """A table that is never cut, JSON and CSV with the same values; newest first."""
    note = "long " * 60 + '[bold] "quoted", \u2713'
    ada.run("log", "design", "PAY-12", "--from", "9:00", "--to", "10:00", "-m", note)
    ada.run("log", "testing", "PAY-9", "--from", "10:00", "--to", "10:45")
    table = ada.run("entries").stdout.splitlines()
    assert ["PAY-9" in line for line in table] == [False, True, False]
    assert note in table[2]
    as_json, as_csv = (
        ada.json("entries"),
        list(csv.DictReader(io.StringIO(ada.run("entries", "--format", "csv").stdout))),
    )
    assert [
        {key: "" if value is None else str(value) for key, value in row.items()} for row in as_json
    ] == as_csv
    assert as_json[1]["note"] == note


def test_a_terminal_is_not_steered_by_what_was_imported(ada: Person) -> None:
    """Escape sequences in a note are shown without their escape."""
    ada.run("log", "design", "PAY-12", "5m")
    with sqlite3.connect(ada.data / "tracker.db") as database:
        database.execute("UPDATE entries SET note = ?", ("\x1b[2Jgone\nnext",))
    table = ada.run("entries").stdout
    assert "\x1b" not in table
    assert table.count("\n") == 2


def test_no_entries_is_said_and_is_an_empty_list(ada: Person) -> None:
    """An empty log is no failure."""
    nothing = ada.run("entries")
    assert (nothing.stdout, nothing.stderr) == (
        "",
        "no entries: `tracker log design TASK 45m` makes one\n",
    )
    assert ada.json("entries") == []
    assert ada.run("entries", "--format", "csv").stdout.startswith("id,")
    assert "no entries from 2026-06-04 on" in ada.run("summary").stderr


def test_entries_are_found_by_day_task_and_activity(ada: Person) -> None:
    """A day means that day, in the zone it was logged in; 20 are listed unless days or a number are given."""
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


def test_people_see_their_own_log_only(ada: Person) -> None:
    """Two developers in one database: neither sees, edits, deletes or undoes the other's."""
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
    """Rows are days, columns activities; sums at both ends; a week unless days are given."""
    ada.run("log", "design", "PAY-12", "1h30m", "--from", "yesterday 9:00")
    ada.run("log", "design", "PAY-12", "30m", "--from", "9:00")
    ada.run("log", "testing", "PAY-9", "45m", "--from", "10:00")
    ada.run("log", "testing", "OLD-1", "8h", "--from", "2026-06-01 9:00")
    lines = [line.split("  ") for line in ada.run("summary").stdout.splitlines()]
    table = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert table == [
        ["Day", "design", "testing", "Total"],
        ["2026-06-09", "1h 30m", "1h 30m"],
        ["2026-06-10", "30m", "45m", "1h 15m"],
        ["Total", "2h 00m", "45m", "2h 45m"],
    ]
    assert sum(row["minutes"] for row in ada.json("summary", "--from", "2026-06-01")) == 645
    assert ada.json("summary", "--to", "2026-06-01") == [
        {"day": "2026-06-01", "activity": "testing", "minutes": 480}
    ]


def test_an_entry_is_edited_by_the_id_that_is_shown(ada: Person) -> None:
    """Only what is named changes; undo brings back what was."""
    ada.run("log", "design", "PAY-12", "1h", "--from", "9:00", "-m", "draft")
    shown = ada.run("entries").stdout.splitlines()[1].split()[0]
    before = ada.json("entries")
    edited = ada.run(
        "edit", shown, "--duration", "1h30m", "--task", "PAY-13", "--no-ai", "--activity", "review"
    )
    assert edited.stderr == "edited review PAY-13: 1h 30m from 2026-06-10 09:00\n"
    (after,) = ada.json("entries")
    assert (after["minutes"], after["ended_at"], after["note"]) == (
        90,
        "2026-06-10T10:30:00+02:00",
        "draft",
    )
    assert (after["assisted"], after["basis"]) == ("no", "flag")
    ada.run("undo")
    assert ada.json("entries") == before


def test_editing_the_start_moves_the_day_and_keeps_the_effort(ada: Person) -> None:
    """Interruptions stay interruptions."""
    ada.run("log", "design", "PAY-12", "50m", "--from", "9:00", "--to", "10:00")
    (entry,) = ada.json("entries")
    ada.run("edit", entry["id"], "--from", "yesterday 23:30")
    (moved,) = ada.json("entries", "--to", "yesterday")
    assert (moved["minutes"], moved["interruption_minutes"]) == (50, 10)
    assert moved["ended_at"] == "2026-06-10T00:30:00+02:00"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--duration", "9h"], "would end at 2026-06-10 18:00"),
        (["--from", "11:50"], "would end at 2026-06-10 12:50"),
        (["--activity", "desgin"], "did you mean design?"),
        (["--task", "PAY-12"], "is like that already"),
    ],
)
def test_an_edit_that_cannot_be_is_refused(ada: Person, options: list[str], said: str) -> None:
    """The entry stays as it was."""
    ada.run("log", "design", "PAY-12", "1h", "--from", "9:00")
    before = ada.json("entries")
    assert said in ada.refused("edit", before[0]["id"], *options)
    assert ada.json("entries") == before


def test_an_edit_tells_overlaps(ada: Person) -> None:
    """As `log` does; where no time changes nothing is said of it."""
    ada.run("log", "testing", "PAY-9", "1h", "--from", "8:00")
    ada.run("log", "design", "PAY-12", "1h", "--from", "10:00")
    id_ = ada.json("entries")[0]["id"]
    assert (
        "it overlaps testing PAY-9 from 2026-06-10 08:00"
        in ada.run("edit", id_, "--from", "8:30").stderr
    )
    assert "overlaps" not in ada.run("edit", id_, "-m", "note").stderr


def test_ids_are_as_short_as_tells_them_apart(ada: Person) -> None:
    """Eight characters at least; each is enough to find its entry by, whatever else is not listed."""
    for minutes in (0, 0.01, 30):
        ada.later(minutes)
        ada.run("log", "design", "PAY-12", "5m")
    listed = [line.split()[0] for line in ada.run("entries").stdout.splitlines()[1:]]
    assert len(listed[0]) == 8
    assert len(listed[1]) == len(listed[2]) > 8
    assert [ada.run("entries", "-n", "1").stdout.splitlines()[1].split()[0]] == listed[:1]
    for id_ in listed:
        ada.run("edit", id_, "-m", id_)
    assert [entry["note"] for entry in ada.json("entries")] == listed


def test_an_id_that_fits_none_or_several_is_refused(ada: Person) -> None:
    """What is said is to give more of it, or where the ids are listed."""
    for minute in (10, 20):
        ada.run("log", "design", "PAY-12", "5m", "--from", f"9:{minute}")
    prefix = ada.json("entries")[0]["id"][:8]
    assert "give more of the id" in ada.refused("delete", prefix)
    assert "`tracker entries` lists the ids" in ada.refused("delete", "ffff")
    assert "say what to change" in ada.run("edit", prefix, code=2).stderr


def test_deleting_can_be_taken_back(ada: Person) -> None:
    """One step after the other; then there is nothing left to undo."""
    ada.run("log", "design", "PAY-12", "1h")
    before = ada.json("entries")
    assert "`tracker undo` brings it back" in ada.run("delete", before[0]["id"]).stderr
    assert ada.json("entries") == []
    assert ada.run("undo").stderr == "undone: delete of design PAY-12 (1h 00m)\n"
    assert ada.json("entries") == before
    ada.run("undo")
    assert "no change by ada to undo" in ada.refused("undo")
