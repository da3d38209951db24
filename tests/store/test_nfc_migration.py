"""The migration to revision 0002: names in Unicode NFC, nothing lost, on both databases."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, func, insert, select
from support.person import Person
from support.store_kit import DAY, clock, entry_id, open_test_database, table_rows

from tracker.domain.names import normalise_name
from tracker.store import revisions
from tracker.store.schema import metadata
from tracker.store.upgrade import Database, connect, upgrade_schema

SAMPLE = Path(__file__).parent / "databases" / "0001.sql"

RENE = "René"
RENE_NFD = unicodedata.normalize("NFD", RENE)
KEY = "clé"
KEY_NFD = unicodedata.normalize("NFD", KEY)
TASK = "Entwürfe"
TASK_NFD = unicodedata.normalize("NFD", TASK)


def entry_row(number: int, **values: Any) -> dict[str, Any]:
    """Return a row of the table of entries."""
    started = (20_000 + number) * DAY + 9 * 3600
    return {
        "developer": RENE,
        "id": entry_id(number),
        "task": "T-1",
        "activity": "design",
        "started_epoch": started,
        "ended_epoch": started + 60 * number,
        "zone": "UTC",
        "seconds": 60 * number,
        "interruption_seconds": 0,
        "local_day": 20_000 + number,
        "local_month": 657,
        "assisted": "unknown",
        "logged_epoch": started + 60 * number,
    } | values


def old_database(url: str, **rows: list[dict[str, Any]]) -> Database:
    """Return a database of revision 0001 with further rows: on SQLite the sample, else its like."""
    database = connect(url, now=clock)
    if database.path is not None:
        connection = sqlite3.connect(database.path)
        connection.executescript(SAMPLE.read_text(encoding="utf-8"))
        connection.close()
    with database.writing() as writer:
        if database.path is None:
            revisions.migrate(writer, "0001")
        tables = MetaData()
        tables.reflect(writer)
        for name, values in rows.items():
            for value in values:
                writer.execute(insert(tables.tables[name]).values(**value))
    return database


def totals(database: Database) -> tuple[int, int]:
    """Return the number of entries and the sum of their seconds."""
    table = metadata.tables["entries"]
    with database.reading() as connection:
        number, seconds = connection.execute(
            select(func.count(), func.sum(table.c.seconds)).select_from(table)
        ).one()
    return number, int(seconds)


def upgraded(database: Database, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """Upgrade a database, close it, and return rows of tables; those of the sample left out."""
    upgrade_schema(database)
    rows = table_rows(database, *tables)
    database.close()
    return {name: [row for row in rows[name] if row.get("developer") != "ann"] for name in rows}


def test_names_and_keys_are_normalised_and_nothing_is_lost(empty_database_url: str) -> None:
    """Entries under two spellings of a developer are one developer's; notes stay as typed."""
    rows = [
        entry_row(2, developer=RENE_NFD, task=TASK_NFD, note=TASK_NFD, tags=TASK_NFD),
        entry_row(3, developer=RENE_NFD, source=KEY_NFD, source_key=KEY_NFD, team=TASK_NFD),
        entry_row(4, task=TASK, source=KEY, source_key="4"),
        entry_row(5, developer="bob", activity=TASK_NFD, assistant=KEY_NFD),
    ]
    database = old_database(empty_database_url, entries=rows)
    before = totals(database)
    upgrade_schema(database)
    assert totals(database) == before
    rows = [row for row in table_rows(database, "entries")["entries"] if row["developer"] != "ann"]
    database.close()
    by_id = {row["id"]: row for row in rows}
    names = ("developer", "task", "activity", "team", "assistant", "source", "source_key")
    assert all(
        row[name] in (None, normalise_name(row[name] or "")) for row in rows for name in names
    )
    assert {by_id[entry_id(n)]["developer"] for n in (2, 3, 4)} == {RENE}
    assert (by_id[entry_id(2)]["note"], by_id[entry_id(2)]["tags"]) == (TASK_NFD, TASK_NFD)
    assert by_id[entry_id(3)]["source_key"] == KEY


def test_equal_entries_of_one_key_become_one(empty_database_url: str) -> None:
    """A file imported under both spellings was stored twice; what is dropped is recorded."""
    copies = [
        entry_row(2, developer=RENE_NFD, source="s", source_key=KEY_NFD, row_hash="a"),
        entry_row(2, id=entry_id(3), source="s", source_key=KEY, row_hash="b"),
    ]
    rows = upgraded(old_database(empty_database_url, entries=copies), "entries", "changes")
    assert [row["id"] for row in rows["entries"]] == [entry_id(3)]
    (change,) = rows["changes"]
    assert (change["verb"], change["after"]) == ("upgrade", None)
    assert json.loads(change["before"])["id"] == entry_id(2)


def test_different_entries_of_one_key_both_stay(empty_database_url: str) -> None:
    """The key of the one that is renamed is marked."""
    rows = [
        entry_row(2, developer=RENE_NFD, source="s", source_key="1"),
        entry_row(3, source="s", source_key="1"),
        entry_row(4, developer=RENE_NFD, source="s", source_key="1:nfc1"),
    ]
    database = old_database(empty_database_url, entries=rows)
    before = totals(database)
    upgrade_schema(database)
    assert totals(database) == before
    database.close()
    with open_test_database(empty_database_url) as opened:
        keys = {r["id"]: r["source_key"] for r in table_rows(opened, "entries")["entries"]}
    assert keys[entry_id(3)] == "1"
    assert len({keys[entry_id(number)] for number in (2, 3, 4)}) == 3


def test_entries_of_one_id_both_stay(empty_database_url: str) -> None:
    """An id that both spellings of a developer have is no reason to lose an entry."""
    rows = [entry_row(2, developer=RENE_NFD), entry_row(3, id=entry_id(2))]
    database = old_database(empty_database_url, entries=rows)
    before = totals(database)
    upgrade_schema(database)
    assert totals(database) == before
    database.close()


def test_work_items_that_meet_are_merged_by_rule(empty_database_url: str) -> None:
    """The estimate and the arm that came first, the latest completion; all is recorded."""
    items = [
        {
            **{"developer": RENE_NFD, "task": TASK, "activity": "design"},
            **{"estimate_minutes": 60.0, "estimated_epoch": 100, "completed_epoch": 900},
            **{"assigned": "baseline", "assigned_epoch": 300, "import_id": "i"},
        },
        {
            **{"developer": RENE, "task": TASK_NFD, "activity": "design"},
            **{"estimate_minutes": 90.0, "estimated_epoch": 200, "completed_epoch": 800},
        },
        {
            **{"developer": RENE, "task": TASK, "activity": "design"},
            **{"estimate_ai_minutes": 30.0, "assigned": "assistance", "assigned_epoch": 400},
        },
    ]
    rows = upgraded(old_database(empty_database_url, work_items=items), "work_items", "changes")
    assert rows["work_items"] == [
        {
            **{"developer": RENE, "task": TASK, "activity": "design"},
            **{"estimate_minutes": 60.0, "estimate_ai_minutes": 30.0, "estimated_epoch": 100},
            **{"completed_epoch": 900, "assigned": "baseline", "assigned_epoch": 300},
            **{"import_id": None, "assistance_share": None, "estimate_points": None},
        }
    ]
    dropped = [json.loads(row["before"]) for row in rows["changes"] if row["after"] is None]
    assert {row["estimate_minutes"] for row in dropped} == {60.0, 90.0}
    old_forms = [json.loads(row["before"]) for row in rows["changes"] if row["after"] is not None]
    assert {row["assigned"] for row in old_forms} >= {"assistance"}


def test_what_a_team_shares_is_normalised(empty_database_url: str) -> None:
    """Tasks, rollouts, activities and claims; of two rollouts the one recorded last counts."""
    claim = {"activity": KEY_NFD, "value": 0.5, "reading": "time_saved", "bound": "at_least"}
    database = old_database(
        empty_database_url,
        tasks=[
            {"task": TASK_NFD, "title": TASK_NFD, "project": KEY_NFD, "completed_epoch": 5},
            {"task": TASK, "estimate_minutes": 10.0, "completed_epoch": 4},
        ],
        rollouts=[
            {"id": entry_id(1), "assistant": "a", "day": 1, "developer": RENE},
            {"id": entry_id(2), "assistant": "a", "day": 2, "developer": RENE_NFD},
            {"id": entry_id(3), "assistant": KEY_NFD, "day": 3, "team": TASK_NFD},
        ],
        activities=[{"activity": KEY}, {"activity": KEY_NFD}, {"activity": TASK_NFD}],
        claims=[
            {"id": KEY, **claim, "source": TASK_NFD, "value": 0.4},
            {"id": KEY_NFD, **claim, "source": TASK_NFD},
        ],
    )
    rows = upgraded(database, "tasks", "rollouts", "activities", "claims")
    (task,) = rows["tasks"]
    assert (task["task"], task["title"], task["project"]) == (TASK, TASK_NFD, KEY)
    assert (task["estimate_minutes"], task["completed_epoch"]) == (10.0, 5)
    assert [(r["assistant"], r["day"], r["developer"], r["team"]) for r in rows["rollouts"]] == [
        ("a", 2, RENE, None),
        (KEY, 3, None, TASK),
    ]
    assert {row["activity"] for row in rows["activities"]} == {KEY, TASK}
    assert {(row["id"], row["value"], row["source"]) for row in rows["claims"]} == {
        (KEY, 0.4, TASK_NFD),
        (f"{KEY}-2", 0.5, TASK_NFD),
    }


def test_the_upgrade_is_repeatable_and_can_be_taken_back(empty_database_url: str) -> None:
    """Once more it changes nothing; a downgrade keeps the rows."""
    rows = [
        entry_row(2, developer=RENE_NFD, task=TASK_NFD, source="s", source_key="1"),
        entry_row(3, task=TASK, source="s", source_key="1"),
    ]
    items = [{"developer": RENE_NFD, "task": TASK_NFD, "activity": "design"}]
    database = old_database(empty_database_url, entries=rows, work_items=items)
    upgrade_schema(database)
    tables = list(metadata.tables)
    first = table_rows(database, *tables)
    for revision in ("0001", "0002", revisions.head()):
        with database.writing() as connection:
            revisions.migrate(connection, revision)
        with database.writing() as connection:
            revisions.migrate(connection, revisions.head())
        assert table_rows(database, *tables) == first
    with database.reading() as connection:
        assert revisions.drift(connection) == []
    database.close()


MAP = """
source = "clock"
[columns]
developer = "who"
task = "issue"
activity = "phase"
started_at = "begin"
ended_at = "end"
[formats]
timezone = "UTC"
"""


@pytest.mark.parametrize("key", ["", 'key = "id"\n'])
def test_a_file_imported_before_the_upgrade_adds_nothing(
    empty_database_url: str, tmp_path: Path, key: str
) -> None:
    """Also where the names in it, and those stored from it, are decomposed."""
    person = Person(tmp_path, TRACKER_DATABASE_URL=empty_database_url)
    file, map_ = tmp_path / "log.csv", tmp_path / "m.toml"
    cells = [
        f"{KEY_NFD}{n},{RENE_NFD},{TASK_NFD},design,2024-10-0{n} 09:00,2024-10-0{n} 09:30"
        for n in (1, 2)
    ]
    file.write_text("\n".join(["id,who,issue,phase,begin,end", *cells]) + "\n")
    map_.write_text(MAP.replace("[columns]\n", f"[columns]\n{key}"))
    command = ("import", "csv", str(file), "--map", str(map_))
    person.run(*command)
    denormalise(empty_database_url, cells, has_ids=bool(key))
    person.run("db", "upgrade")
    assert "kept nothing; there already: 2 entries" in person.run(*command).stderr
    export = person.json("export")
    assert [row["developer"] for row in export] == [RENE, RENE]


def denormalise(url: str, lines: list[str], *, has_ids: bool) -> None:
    """Make the rows what a program before revision 0002 stored, which took names as they were."""
    from hashlib import blake2b

    database = connect(url, now=clock)
    table = metadata.tables["entries"]
    ids = [row["id"] for row in table_rows(database, "entries")["entries"]]
    with database.writing() as connection:
        for entry, line in zip(sorted(ids), lines, strict=True):
            cells = line.split(",")
            row_hash = blake2b("\x1f".join(cells).encode(), digest_size=16).hexdigest()
            values = {
                "developer": RENE_NFD,
                "task": TASK_NFD,
                "source_key": cells[0] if has_ids else row_hash,
                "row_hash": row_hash,
            }
            connection.execute(table.update().where(table.c.id == entry).values(values))
        revisions.migrate(connection, "0001")
    database.close()


def test_a_change_made_before_the_upgrade_can_be_undone(
    empty_database_url: str, tmp_path: Path
) -> None:
    """The names in the change log are normalised with those in the tables."""
    row = {**dict.fromkeys(c.name for c in metadata.tables["entries"].columns), **entry_row(2)}
    row |= {"developer": RENE_NFD, "task": TASK_NFD}
    edited = row | {"task": "T-9"}
    change = {
        **{"developer": RENE_NFD, "id": entry_id(50), "changed_epoch": 1, "verb": "edit"},
        **{"table_name": "entries", "row_key": entry_id(2)},
        "before": json.dumps(row, ensure_ascii=False),
        "after": json.dumps(edited, ensure_ascii=False),
    }
    old_database(empty_database_url, entries=[edited], changes=[change]).close()
    person = Person(tmp_path, TRACKER_DATABASE_URL=empty_database_url, TRACKER_DEVELOPER=RENE)
    person.run("db", "upgrade")
    person.run("undo")
    assert [row["task"] for row in person.json("export") if row["developer"] == RENE] == [TASK]
