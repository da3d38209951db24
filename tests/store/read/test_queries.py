"""Queries for people, and exports that restore the log without loss."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.store_kit import (
    NOW_EPOCH,
    START_DAY,
    entry,
    entry_id,
    foreign_entry,
    open_test_database,
    table_rows,
)

from tracker.domain import times
from tracker.domain.errors import NotFound
from tracker.domain.ids import uuid7s
from tracker.domain.names import forbidden, normalise_name
from tracker.domain.records import (
    EXPORTED_ENTRY_COLUMNS,
    EXPORTED_TASK_COLUMNS,
    Entry,
    Rollout,
    Selection,
    Task,
    WorkItem,
)
from tracker.sources import tracker_export
from tracker.sources.foreign_log import ImportContext
from tracker.store.read import entry_ids, queries, summaries
from tracker.store.upgrade import Database
from tracker.store.write import entries, items, team_data
from tracker.store.write.imports import import_records


def keys(rows: Iterable[Entry]) -> list[int]:
    """Return the numbers from which the ids were made."""
    return [int(row.id[-4:], 16) for row in rows]


def test_entries_come_newest_first(database_url: str) -> None:
    """All of them, or up to a limit."""
    with open_test_database(database_url) as database:
        for n in (2, 1, 3):
            entries.add_entry(database, entry(n))
        with database.reading() as connection:
            assert keys(queries.entries(connection)) == [3, 2, 1]
            assert keys(queries.entries(connection, limit=2)) == [3, 2]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"developer": "ann"}, [3, 2, 1]),
        ({"task": "T-2"}, [4, 2]),
        ({"activity": "testing"}, [3]),
        ({"first_day": START_DAY + 3}, [4, 3]),
        ({"last_day": START_DAY + 2}, [2, 1]),
        ({"first_day": START_DAY + 2, "last_day": START_DAY + 2}, [2]),
        ({"developer": "ann", "task": "T-2"}, [2]),
        ({"developer": "carl"}, []),
    ],
)
def test_entries_are_selected(
    tmp_path: Any, conditions: dict[str, Any], expected: list[int]
) -> None:
    """By developer, task, activity, and local days, both included."""
    with open_test_database(f"sqlite:///{tmp_path}/log.db") as database:
        entries.add_entry(database, entry(1))
        entries.add_entry(database, entry(2, task="T-2"))
        entries.add_entry(database, entry(3, activity="testing"))
        entries.add_entry(database, entry(4, "bob", task="T-2"))
        with database.reading() as connection:
            assert keys(queries.entries(connection, **conditions)) == expected


def test_an_entry_is_read_by_the_beginning_of_its_id(database_url: str) -> None:
    """The whole id or a part that identifies it."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        with database.reading() as connection:
            assert entry_ids.entry(connection, "ann", entry_id(1)[:20]) == entry(1)
            with pytest.raises(NotFound, match="begins or ends with 'beef'"):
                entry_ids.entry(connection, "ann", "beef")


def test_a_summary_adds_up_a_developers_days(database_url: str) -> None:
    """Seconds by day and activity, within days, of that developer only."""
    with open_test_database(database_url) as database:
        for row in (
            entry(1),
            entry(2),
            entry(3, "bob"),
            entry(4, activity="testing", local_day=START_DAY + 2),
        ):
            entries.add_entry(database, row)
        entries.add_entry(database, entry(5, local_day=START_DAY + 2, seconds=60))
        with database.reading() as connection:
            day = START_DAY + 1
            assert summaries.efforts(connection, "ann") == {
                (day, "design", "T-1", None): 1800,
                (day + 1, "design", "T-1", None): 1860,
                (day + 1, "testing", "T-1", None): 1800,
            }
            first_day = summaries.efforts(connection, "ann", day, day)
            assert first_day == {(day, "design", "T-1", None): 1800}


def test_missing_facts_are_none(database_url: str) -> None:
    """A task or a work item without facts; no rollouts, no claims."""
    with open_test_database(database_url) as database, database.reading() as connection:
        assert queries.task(connection, "T-1") is None
        assert queries.work_item(connection, "ann", "design", "T-1") is None
        assert queries.rollouts(connection) == []
        assert queries.claims(connection) == []


def test_rollouts_come_by_day(database_url: str) -> None:
    """The earliest first."""
    with open_test_database(database_url) as database:
        for rollout in (Rollout("Spark", 20_020, team="blue"), Rollout("Spark", 20_010, "ann")):
            team_data.set_rollout(database, "ann", rollout)
        with database.reading() as connection:
            assert [rollout.day for rollout in queries.rollouts(connection)] == [20_010, 20_020]


# export


def fill(database: Database) -> None:
    """Store rows of every kind."""
    items.set_estimate(
        database, WorkItem("ann", "T-1", "design", 60.0, 45.5, estimated_epoch=1_600_000_000)
    )
    items.assign(database, "ann", "design", "T-1", Random(1))
    items.complete(database, "ann", "T-1", NOW_EPOCH, activity="design")
    items.set_task(database, "ann", "T-1", title='Login, "quick"\nsecond line', project="web")
    items.set_task(database, "ann", "T-0", title="nothing logged on it yet")
    items.set_estimate(
        database, WorkItem("bob", "T-0", "testing", 30.0, estimated_epoch=1_600_000_000)
    )
    entries.add_entry(
        database,
        entry(
            1,
            zone="Asia/Kolkata",
            seconds=1801,
            interruption_seconds=59,
            team="blue",
            assisted="yes",
            basis="tag",
            assistant="Spark 3",
            tags="a,b",
            note="tab\there; =1+1",
        ),
    )
    entries.add_entry(database, entry(2, "bob", ended_epoch=None, activity="testing"))
    import_records(
        database,
        [foreign_entry(3, row_hash="abc"), Task("T-3", estimate_minutes=12.25)],
        source="jira",
        file="f",
        now_epoch=5,
    )


def test_an_export_has_the_documented_columns(database_url: str) -> None:
    """Times have the entry's offset; the row has the facts about the work item and its task."""
    with open_test_database(database_url) as database:
        fill(database)
        with database.reading() as connection:
            first, *others = queries.export_entries(connection)
            facts = list(queries.export_tasks(connection))
    assert tuple(first) == EXPORTED_ENTRY_COLUMNS
    assert first["started_at"] == "2024-10-05T14:30:00+05:30"
    assert (first["minutes"], first["interruption_minutes"]) == (1801 / 60, 59 / 60)
    assert (first["estimate_minutes"], first["estimate_ai_minutes"], first["project"]) == (
        60.0,
        45.5,
        "web",
    )
    assert [(row["source"], row["key"]) for row in others] == [("jira", "3"), (None, None)]
    assert [row["minutes"] for row in others] == [30, 30]
    assert {tuple(row) for row in facts} == {EXPORTED_TASK_COLUMNS}
    assert [(row["task"], row["developer"], row["estimate_minutes"]) for row in facts] == [
        ("T-0", None, None),
        ("T-1", None, None),
        ("T-3", None, 12.25),
        ("T-1", "ann", 60.0),
        ("T-0", "bob", 30.0),
    ]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), [1, 3, 2]),
        (Selection(developer="bob"), [2]),
        (Selection(activities=("design",)), [1, 3]),
        (Selection(team="blue"), [1]),
        (Selection(project="web"), [1, 3, 2]),
        (Selection(project="other"), []),
        (Selection(first_day=START_DAY + 2, last_day=START_DAY + 2), [2]),
    ],
)
def test_a_part_of_the_log_is_exported(
    tmp_path: Any, selection: Selection, expected: list[int]
) -> None:
    """Only the selected entries are exported."""
    with open_test_database(f"sqlite:///{tmp_path}/log.db") as database:
        fill(database)
        with database.reading() as connection:
            assert [
                int(row["id"][-4:], 16) for row in queries.export_entries(connection, selection)
            ] == expected


def test_an_export_is_streamed(database_url: str) -> None:
    """Rows are fetched in chunks, since a log may be larger than memory."""
    with open_test_database(database_url) as database:
        log = (foreign_entry(n % 3000, source_key=str(n), id=entry_id(n)) for n in range(12_000))
        import_records(database, log, source="jira", file="-", now_epoch=5)
        with database.reading() as connection:
            exported = queries.export_entries(connection)
            first = next(exported)
            assert sum(1 for _ in itertools.chain([first], exported)) == 12_000


def csv_file(exported: Iterable[dict[str, Any]], columns: Iterable[str]) -> io.BytesIO:
    """Return an export as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows(exported)
    return io.BytesIO(text.getvalue().encode())


def restore(source: Database, target: Database) -> None:
    """Export all of a database and import it into another."""
    with source.reading() as connection:
        files = {
            "entries.csv": csv_file(queries.export_entries(connection), EXPORTED_ENTRY_COLUMNS),
            "tasks.csv": csv_file(queries.export_tasks(connection), EXPORTED_TASK_COLUMNS),
        }
    for name, file in files.items():
        log = tracker_export.open_log(
            io.BufferedReader(file), name, ImportContext(uuid7s(1, Random(1)))
        )  # type: ignore[arg-type]
        import_records(target, log.records, source=log.source, file=name, now_epoch=5)


def without_import(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows without the id of their import."""
    return {name: [{**row, "import_id": None} for row in table] for name, table in tables.items()}


def test_an_export_restores_the_log(database_url: str, tmp_path: Any) -> None:
    """Entries, work items and tasks are equal in both databases, and twice changes nothing."""
    tables = ("entries", "work_items", "tasks")
    with (
        open_test_database(f"sqlite:///{tmp_path}/first.db") as origin,
        open_test_database(database_url) as copy,
    ):
        fill(origin)
        for _ in range(2):
            restore(origin, copy)
            assert without_import(table_rows(copy, *tables)) == without_import(
                table_rows(origin, *tables)
            )


printable = (
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
    .map(normalise_name)
    .filter(lambda text: text.strip() and not forbidden().search(text))
)
optional = st.none() | printable


@given(
    entry_fields=st.lists(
        st.builds(
            dict,
            task=printable,
            note=optional,
            tags=optional,
            team=optional,
            seconds=st.integers(0, 200_000),
            interruption_seconds=st.integers(0, 9_999),
            zone=st.sampled_from(
                [
                    "UTC",
                    "Europe/Berlin",
                    "America/New_York",
                    "Australia/Lord_Howe",
                    "Asia/Kathmandu",
                ]
            ),
            started_epoch=st.integers(600_000_000, NOW_EPOCH),
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_log_survives_its_export(
    tmp_path_factory: pytest.TempPathFactory, entry_fields: list[dict[str, Any]]
) -> None:
    """Any text, effort, time and zone is restored, also around clock changes."""
    folder = tmp_path_factory.mktemp("trip")
    with (
        open_test_database(f"sqlite:///{folder}/origin.db") as origin,
        open_test_database(f"sqlite:///{folder}/copy.db") as copy,
    ):
        for n, fields in enumerate(entry_fields):
            day = times.local_day(fields["started_epoch"], times.zone(fields["zone"]))
            row = dataclasses.replace(entry(n), ended_epoch=None, local_day=day, **fields)
            entries.add_entry(origin, row)
        restore(origin, copy)
        assert without_import(table_rows(copy, "entries")) == without_import(
            table_rows(origin, "entries")
        )
