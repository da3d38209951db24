"""The table of totals equals the sums of the entries after any writes, on both databases."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update
from support.store_kit import DAY, NOW_EPOCH, START_DAY, entry, entry_id, open_test_database

from tracker.domain.errors import NothingToDo
from tracker.domain.records import Entry
from tracker.domain.stored_times import LAST_EPOCH
from tracker.store import doctor
from tracker.store.database import Database
from tracker.store.read.entry_totals import summed_entries
from tracker.store.schema import entries, entry_totals
from tracker.store.upgrade import downgrade_schema, upgrade_schema
from tracker.store.write import reversal
from tracker.store.write.entries import add_entry, delete_entries, edit_entry
from tracker.store.write.entry_totals import difference, note, rebuild, set_memory
from tracker.store.write.import_undo import undo_import
from tracker.store.write.imports import import_records

DEVELOPERS, TASKS, ACTIVITIES = ("ann", "bob"), ("T-1", "T-2"), ("design", "testing")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database on each engine."""
    with open_test_database(database_url) as opened:
        yield opened


def totals(database: Database) -> list[tuple[Any, ...]]:
    """Return the rows of the table of totals."""
    with database.reading() as connection:
        query = select(entry_totals).order_by(*entry_totals.primary_key)
        return [tuple(row) for row in connection.execute(query)]


def assert_totals_are_sums(database: Database) -> None:
    """The table equals what a rebuild makes of it."""
    before = totals(database)
    with database.reading() as connection:
        assert difference(connection) == (0, 0)
    with database.writing() as connection:
        rebuild(connection)
    assert totals(database) == before


@st.composite
def field_values(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the fields of an entry, close enough to others that they often share rows and time."""
    day = START_DAY + draw(st.integers(0, 70))
    started = day * DAY + 3600 * draw(st.integers(0, 12))
    seconds = 900 * draw(st.integers(0, 60))
    ended = draw(st.sampled_from([None, started + seconds, started + 40 * DAY]))
    assisted = draw(st.sampled_from(["yes", "no", "unknown"]))
    return {
        "task": draw(st.sampled_from(TASKS)),
        "activity": draw(st.sampled_from(ACTIVITIES)),
        "team": draw(st.sampled_from([None, "A", "B"])),
        "started_epoch": started,
        "ended_epoch": ended,
        "local_day": day,
        "seconds": seconds,
        "assisted": assisted,
        "basis": None if assisted == "unknown" else draw(st.sampled_from(["flag", "tag"])),
        "assistant": draw(st.sampled_from(["X 1", None])) if assisted == "yes" else None,
        "logged_epoch": NOW_EPOCH - DAY * draw(st.integers(0, 30)),
    }


_step = st.tuples(
    st.sampled_from(["add", "edit", "delete", "undo", "redo", "import", "update", "undo import"]),
    st.integers(0, 50),
    st.lists(field_values(), min_size=3, max_size=3),
)


def _imported(number: int, fields: list[dict[str, Any]]) -> list[Entry]:
    """Return entries of a foreign log with keys that other imports use, too."""
    return [
        entry(
            10_000 + 10 * number + n,
            DEVELOPERS[n % 2],
            source="jira",
            source_key=f"{n}",
            row_hash=f"{number}-{n}",
            **values,
        )
        for n, values in enumerate(fields)
    ]


def _stored(database: Database) -> list[tuple[str, str]]:
    with database.reading() as connection:
        query = select(entries.c.developer, entries.c.id).order_by(entries.c.id)
        return [(row.developer, row.id) for row in connection.execute(query)]


def run_step(
    database: Database, number: int, kind: str, choice: int, fields: list[dict[str, Any]]
) -> None:
    """Write something; what cannot be done changes nothing."""
    developer = DEVELOPERS[choice % 2]
    stored = _stored(database)
    if kind == "add":
        add_entry(database, entry(number, developer, **fields[0]))
    elif kind in ("import", "update"):
        import_records(
            database,
            _imported(number, fields),
            source="jira",
            file="log.csv",
            now_epoch=NOW_EPOCH,
            update=kind == "update",
        )
    elif kind in ("edit", "delete") and stored:
        owner, id_ = stored[choice % len(stored)]
        if kind == "edit":
            values = {key: fields[0][key] for key in fields[0] if key != "logged_epoch"}
            edit_entry(database, owner, id_, **values)
        else:
            delete_entries(database, owner, [id_])
    elif kind == "undo":
        reversal.undo(database, developer)
    elif kind == "redo":
        reversal.redo(database, developer)
    elif kind == "undo import":
        undo_import(database, developer=developer)


_paths = itertools.count()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(_step, min_size=6, max_size=14))
def test_totals_are_the_sums_after_any_writes(database: Database, steps: list[Any]) -> None:
    """After each of any sequence of commands the table equals the entries summed anew."""
    with database.writing() as connection:
        for table in (entries, entry_totals):
            connection.execute(table.delete())
    for number, (kind, choice, fields) in enumerate(steps, 100 * next(_paths)):
        try:
            run_step(database, number, kind, choice, fields)
        except NothingToDo:
            continue
        with database.reading() as connection:
            assert difference(connection) == (0, 0), kind
    assert_totals_are_sums(database)


def test_an_entry_counts_the_later_ones_that_it_overlaps(database: Database) -> None:
    """Also those of other work items, and no more once it is deleted."""
    add_entry(database, entry(2, task="T-2"))
    assert [row[-1] for row in totals(database)] == [0]
    long = entry(1)
    add_entry(database, dataclasses.replace(long, ended_epoch=long.started_epoch + 2 * DAY))
    assert [row[-1] for row in totals(database)] == [0, 1]
    assert_totals_are_sums(database)
    delete_entries(database, "ann", [entry_id(1)])
    assert [row[-1] for row in totals(database)] == [0]


def test_an_entry_at_no_readable_time_has_a_total_of_its_own(database: Database) -> None:
    """Its instants are out of the range in which databases calculate."""
    add_entry(database, entry(1))
    with database.writing() as connection:
        row = dataclasses.asdict(entry(2)) | {"local_month": 7, "import_id": None}
        extreme = {"started_epoch": -(2**63), "ended_epoch": 2**63 - 1}
        connection.execute(entries.insert(), [row | extreme])
        connection.execute(
            entries.insert(),
            [row | {"id": entry_id(3), "started_epoch": LAST_EPOCH + 1, "ended_epoch": None}],
        )
        rebuild(connection)
    assert sorted((row[8], row[9]) for row in totals(database)) == [(False, 2), (True, 1)]
    assert_totals_are_sums(database)


def test_an_import_of_many_is_summed_as_one(database: Database) -> None:
    """More entries than a statement lists, beside those that are there already."""
    add_entry(database, entry(1))
    many = [
        entry(n, f"d{n % 7}", task=f"T-{n % 50}", source="jira", source_key=str(n))
        for n in range(2, 1_500)
    ]
    options = {"source": "jira", "file": "log.csv", "now_epoch": NOW_EPOCH}
    import_records(database, many, **options)
    assert_totals_are_sums(database)
    moved = [
        dataclasses.replace(e, seconds=60, row_hash="new", id=entry_id(9_000 + n))
        for n, e in enumerate(many)
    ]
    import_records(database, moved, update=True, **options)
    assert_totals_are_sums(database)
    undo_import(database)
    assert_totals_are_sums(database)


def _instructions(database: Database, count: int, *, is_rebuilt: bool) -> int:
    """Return how many thousand instructions SQLite takes for the totals of overlapping entries."""
    thousands = 0

    def count_thousand() -> int:
        nonlocal thousands
        thousands += 1
        return 0

    rows = [
        dataclasses.asdict(
            entry(n, task=f"T-{n % 9}", started_epoch=start, ended_epoch=start + 400 * DAY)
        )
        | {"local_month": 7, "import_id": None}
        for n in range(count)
        for start in (START_DAY * DAY + 60 * n,)
    ]
    with database.writing() as connection:
        connection.execute(entries.delete())
        rebuild(connection)
        connection.execute(entries.insert(), rows)
        native: Any = connection.connection.driver_connection
        native.set_progress_handler(count_thousand, 1_000)
        if is_rebuilt:
            rebuild(connection)
        else:
            note(connection, *rows)
    native.set_progress_handler(None, 0)
    return thousands


@pytest.mark.parametrize("is_rebuilt", [False, True])
def test_overlapping_entries_take_no_more_than_their_share(
    tmp_path: Path, is_rebuilt: bool
) -> None:
    """Four times as many, each of which overlaps all others, take about four times the work.

    Each of them looked at by each of the others would take sixteen times the work. SQLite's
    instructions are the same in number on every machine.
    """
    with open_test_database(f"sqlite:///{tmp_path / 'log.db'}") as database:
        few, many = (_instructions(database, n, is_rebuilt=is_rebuilt) for n in (500, 2_000))
        assert_totals_are_sums(database)
    assert few > 0
    assert many < 5.5 * few


def test_postgresql_looks_overlapping_entries_up_by_hash(database: Database) -> None:
    """Also where the list of them is longer than its memory for sorting."""
    if database.sqlite:
        return  # it always builds an index of the list
    with database.writing(commit=False) as connection:
        connection.exec_driver_sql("SET LOCAL work_mem = '64kB'")
        values = "'d' || n %% 9, lpad('' || n, 36), 'T', 'x', n, n + 9, 'UTC', 1, 0, 1, 0, 'no', n"
        connection.exec_driver_sql(
            "INSERT INTO entries (developer, id, task, activity, started_epoch, ended_epoch, zone, "
            "seconds, interruption_seconds, local_day, local_month, assisted, logged_epoch) "
            f"SELECT {values} FROM generate_series(1, 20000) n"
        )
        connection.exec_driver_sql("ANALYZE entries")
        assert "hashed SubPlan" not in plan_of_sums(connection)
        set_memory(connection)
        assert "hashed SubPlan" in plan_of_sums(connection)


def plan_of_sums(connection: Connection) -> str:
    """Return how PostgreSQL sums all entries."""
    compiled = summed_entries().compile(connection, compile_kwargs={"literal_binds": True})
    lines = connection.exec_driver_sql(f"EXPLAIN (VERBOSE) {compiled}").scalars()
    return "\n".join(lines)


def test_the_migration_sums_as_the_program_does(database: Database) -> None:
    """Also entries at no readable time, with garbage as their end, and without one."""
    many = [
        entry(n, f"d{n % 3}", task=f"T-{n % 5}", ended_epoch=None if n % 4 == 0 else NOW_EPOCH)
        for n in range(40)
    ]
    import_records(database, many, source="x", file="x", now_epoch=NOW_EPOCH)
    with database.writing() as connection:
        for number, values in enumerate(
            (
                {"started_epoch": -(2**63), "ended_epoch": 2**63 - 1},
                {"started_epoch": LAST_EPOCH + 1, "ended_epoch": None},
                {"ended_epoch": -(2**63), "seconds": 2**31 - 1},
                {"local_day": 2**31 - 1},
            )
        ):
            is_entry = entries.c.id == entry_id(number)
            connection.execute(update(entries).where(is_entry).values(values))
        rebuild(connection)
    before = totals(database)
    downgrade_schema(database, "0007")
    upgrade_schema(database)
    assert totals(database) == before


def test_a_dry_run_leaves_the_totals(database: Database) -> None:
    """Nothing of a rehearsed import is summed."""
    import_records(database, [entry(1)], source="x", file="x", now_epoch=NOW_EPOCH, dry_run=True)
    assert totals(database) == []


def test_the_doctor_finds_totals_that_are_no_sums(database: Database) -> None:
    """A rebuild corrects them."""

    def finding() -> doctor.Finding:
        return next(row for row in doctor.examine(database) if row.check == "totals")

    add_entry(database, entry(1))
    assert finding().ok
    with database.writing() as connection:
        connection.execute(update(entry_totals).values(seconds=1))
    assert not finding().ok
    assert "1 are missing, 1 are wrong" in finding().message
    with database.writing() as connection:
        assert rebuild(connection) == 1
    assert finding().ok
