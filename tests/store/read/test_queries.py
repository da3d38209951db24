"""Rows for people, and everything out and in again without loss."""

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
from support.store_kit import NOW_EPOCH, START_DAY, content, entry, entry_id, foreign, opened

from tracker.domain import times
from tracker.domain.errors import NotFound
from tracker.domain.ids import uuid7s
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
from tracker.store.read import queries
from tracker.store.upgrade import Database
from tracker.store.write import entries, items, team_data
from tracker.store.write.imports import import_records


def keys(found: Iterable[Entry]) -> list[int]:
    """The numbers that the ids were made of."""
    return [int(one.id[-4:], 16) for one in found]


def test_entries_come_newest_first(database_url: str) -> None:
    """All of them, or as many as are asked for."""
    with opened(database_url) as database:
        for n in (2, 1, 3):
            entries.add_entry(database, entry(n))
        with database.reading() as connection:
            assert keys(queries.entries(connection)) == [3, 2, 1]
            assert keys(queries.entries(connection, limit=2)) == [3, 2]


@pytest.mark.parametrize(
    ("wanted", "found"),
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
def test_entries_are_chosen(tmp_path: Any, wanted: dict[str, Any], found: list[int]) -> None:
    """By developer, task, activity, and local days, both included."""
    with opened(f"sqlite:///{tmp_path}/log.db") as database:
        entries.add_entry(database, entry(1))
        entries.add_entry(database, entry(2, task="T-2"))
        entries.add_entry(database, entry(3, activity="testing"))
        entries.add_entry(database, entry(4, "bob", task="T-2"))
        with database.reading() as connection:
            assert keys(queries.entries(connection, **wanted)) == found


def test_one_entry_is_found_by_the_beginning_of_its_id(database_url: str) -> None:
    """Whole or in part, but it has to be one."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        with database.reading() as connection:
            assert queries.entry(connection, "ann", entry_id(1)[:20]) == entry(1)
            with pytest.raises(NotFound, match="begins with 'beef'"):
                queries.entry(connection, "ann", "beef")


def test_a_summary_adds_up_ones_own_days(database_url: str) -> None:
    """Seconds by day and activity, nobody else's, within days."""
    with opened(database_url) as database:
        for one in (
            entry(1),
            entry(2),
            entry(3, "bob"),
            entry(4, activity="testing", local_day=START_DAY + 2),
        ):
            entries.add_entry(database, one)
        entries.add_entry(database, entry(5, local_day=START_DAY + 2, seconds=60))
        with database.reading() as connection:
            day = START_DAY + 1
            assert queries.summary(connection, "ann") == [
                (day, "design", 1800),
                (day + 1, "design", 1860),
                (day + 1, "testing", 1800),
            ]
            assert queries.summary(connection, "ann", day, day) == [(day, "design", 1800)]


def test_what_is_not_known_is_none(database_url: str) -> None:
    """A task or a work item of which nothing was said; no rollouts, no claims."""
    with opened(database_url) as database, database.reading() as connection:
        assert queries.task(connection, "T-1") is None
        assert queries.estimates_of(connection, "ann", "design", "T-1") is None
        assert queries.rollouts(connection) == []
        assert queries.claims(connection) == []


def test_rollouts_come_by_day(database_url: str) -> None:
    """The earliest first."""
    with opened(database_url) as database:
        for rollout in (Rollout("Spark", 20_020, team="blue"), Rollout("Spark", 20_010, "ann")):
            team_data.set_rollout(database, "ann", rollout)
        with database.reading() as connection:
            assert [rollout.day for rollout in queries.rollouts(connection)] == [20_010, 20_020]


# export


def furnish(database: Database) -> None:
    """A log with something of everything in it."""
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
        [foreign(3, row_hash="abc"), Task("T-3", estimate_minutes=12.25)],
        source="jira",
        file="f",
        now_epoch=5,
    )


def test_an_export_has_the_columns_of_the_contract(database_url: str) -> None:
    """Instants with the offset of the entry's zone, minutes, and what is known of the work item and its task."""
    with opened(database_url) as database:
        furnish(database)
        with database.reading() as connection:
            first, *others = queries.export_entries(connection)
            known = list(queries.export_tasks(connection))
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
    assert {tuple(row) for row in known} == {EXPORTED_TASK_COLUMNS}
    assert [(row["task"], row["developer"], row["estimate_minutes"]) for row in known] == [
        ("T-0", None, None),
        ("T-1", None, None),
        ("T-3", None, 12.25),
        ("T-1", "ann", 60.0),
        ("T-0", "bob", 30.0),
    ]


@pytest.mark.parametrize(
    ("selection", "found"),
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
    tmp_path: Any, selection: Selection, found: list[int]
) -> None:
    """What is selected, and nothing else."""
    with opened(f"sqlite:///{tmp_path}/log.db") as database:
        furnish(database)
        with database.reading() as connection:
            assert [
                int(row["id"][-4:], 16) for row in queries.export_entries(connection, selection)
            ] == found


def test_an_export_is_streamed(database_url: str) -> None:
    """The first row comes before the last is fetched: a log may be larger than memory."""
    with opened(database_url) as database:
        log = (foreign(n % 3000, source_key=str(n), id=entry_id(n)) for n in range(12_000))
        import_records(database, log, source="jira", file="-", now_epoch=5)
        with database.reading() as connection:
            exported = queries.export_entries(connection)
            first = next(exported)
            assert sum(1 for _ in itertools.chain([first], exported)) == 12_000


def written(exported: Iterable[dict[str, Any]], columns: Iterable[str]) -> io.BytesIO:
    """An export as the CSV file that it becomes."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows(exported)
    return io.BytesIO(text.getvalue().encode())


def restore(source: Database, target: Database) -> None:
    """Everything out of one database, and into another."""
    with source.reading() as connection:
        files = {
            "entries.csv": written(queries.export_entries(connection), EXPORTED_ENTRY_COLUMNS),
            "tasks.csv": written(queries.export_tasks(connection), EXPORTED_TASK_COLUMNS),
        }
    for name, file in files.items():
        log = tracker_export.open_log(
            io.BufferedReader(file), name, ImportContext(uuid7s(1, Random(1)))
        )  # type: ignore[arg-type]
        import_records(target, log.records, source=log.source, file=name, now_epoch=5)


def without_import(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Rows without the mark of the import that brought them."""
    return {name: [{**row, "import_id": None} for row in table] for name, table in found.items()}


def test_an_export_restores_the_log(database_url: str, tmp_path: Any) -> None:
    """Every entry, work item and task is in the other database as it was here, and twice changes nothing."""
    tables = ("entries", "work_items", "tasks")
    with opened(f"sqlite:///{tmp_path}/first.db") as here, opened(database_url) as there:
        furnish(here)
        for _ in range(2):
            restore(here, there)
            assert without_import(content(there, *tables)) == without_import(content(here, *tables))


words = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=12
).filter(lambda word: word.strip() == word)
optional = st.none() | words


@given(
    logged=st.lists(
        st.builds(
            dict,
            task=words,
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
            started_epoch=st.integers(600_000_000, 2_000_000_000),
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_log_survives_its_export(
    tmp_path_factory: pytest.TempPathFactory, logged: list[dict[str, Any]]
) -> None:
    """Any text, any length, any instant in any zone, clock changes included."""
    folder = tmp_path_factory.mktemp("trip")
    with (
        opened(f"sqlite:///{folder}/here.db") as here,
        opened(f"sqlite:///{folder}/there.db") as there,
    ):
        for n, fields in enumerate(logged):
            day = times.local_day(fields["started_epoch"], times.zone(fields["zone"]))
            made = dataclasses.replace(entry(n), ended_epoch=None, local_day=day, **fields)
            entries.add_entry(here, made)
        restore(here, there)
        assert without_import(content(there, "entries")) == without_import(content(here, "entries"))
