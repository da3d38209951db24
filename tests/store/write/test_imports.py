"""Imports: all or nothing, repeatable without effect, and undone as a whole."""

from __future__ import annotations

import dataclasses
import functools
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.store_kit import (
    NOW_EPOCH,
    entry,
    entry_id,
    foreign_entry,
    open_test_database,
    outputs_of,
    row_counts,
    start_python,
    table_rows,
)

from tracker.cli import import_messages
from tracker.domain.errors import BadValue, NothingToDo, StoreError
from tracker.domain.records import Imported, Rejected, Skipped, Task, WorkItem
from tracker.store.schema import tasks
from tracker.store.upgrade import Database
from tracker.store.write import entries, imports, items, reversal, team_data
from tracker.store.write.fact_writer import FactWriter
from tracker.store.write.import_result import ImportResult
from tracker.store.write.import_undo import undo_import
from tracker.store.write.imports import import_records

REJECTED = Rejected(7, "minutes", "many", "not a number", ("T-1", "many"))
DATA = ("entries", "work_items", "tasks")


def import_log(database: Database, *records: Imported, **options: Any) -> ImportResult:
    """Import some records."""
    return import_records(
        database, records, source="jira", file="log.csv", now_epoch=NOW_EPOCH, **options
    )


def test_records_of_every_kind_are_stored_and_counted(database_url: str) -> None:
    """Each goes to its table with the id of the import, which is recorded."""
    with open_test_database(database_url) as database:
        result = import_log(
            database,
            *(foreign_entry(n) for n in range(3)),
            WorkItem("ann", "T-1", "design", 60.0, 40.0, assigned="baseline"),
            Task("T-1", "Login", "web", 90.0),
            Skipped(9, "still running"),
            Skipped(10, "still running"),
        )
        rows = table_rows(database, *DATA, "imports")
    assert (result.entries, result.work_items, result.tasks) == (3, 1, 1)
    assert (result.entries_unchanged, result.work_items_unchanged, result.tasks_unchanged) == (
        0,
        0,
        0,
    )
    assert result.skipped == {"still running": 2}
    assert {row["import_id"] for name in DATA for row in rows[name]} == {result.import_id}
    assert rows["entries"][0]["local_month"] == 12 * 54 + 9  # day 20,000 is 2024-10-04
    assert rows["work_items"][0]["assigned"] == "baseline"
    (record,) = rows["imports"]
    assert (record["source"], record["file"], record["imported_epoch"]) == (
        "jira",
        "log.csv",
        NOW_EPOCH,
    )
    assert (record["entries"], record["work_items"], record["tasks"], record["rejected"]) == (
        3,
        1,
        1,
        0,
    )


def test_a_second_import_changes_nothing(database_url: str) -> None:
    """The same log adds nothing and records no import."""
    log = [
        *(foreign_entry(n) for n in range(3)),
        WorkItem("ann", "T-1", "design", 60.0),
        Task("T-1", "Login"),
    ]
    with open_test_database(database_url) as database:
        import_log(database, *log)
        before = table_rows(database, *DATA, "imports", "changes")
        second = import_log(
            database,
            *(
                dataclasses.replace(record, id=entry_id(100 + n)) if n < 3 else record
                for n, record in enumerate(log)
            ),
        )
        assert table_rows(database, *DATA, "imports", "changes") == before
    assert second.import_id is None
    assert (second.entries, second.work_items, second.tasks) == (0, 0, 0)
    assert (second.entries_unchanged, second.work_items_unchanged, second.tasks_unchanged) == (
        3,
        1,
        1,
    )


def test_a_repeated_key_in_a_log_is_stored_once(database_url: str) -> None:
    """Also within a batch."""
    with open_test_database(database_url) as database:
        result = import_log(database, foreign_entry(1), foreign_entry(2, source_key="1"))
    assert (result.entries, result.entries_unchanged) == (1, 1)


def test_different_rows_with_the_same_key_are_counted(database_url: str) -> None:
    """They are counted as differing, apart from unchanged rows, and keys are listed."""
    log = [foreign_entry(n, source_key=str(n // 2), row_hash=f"h{n}") for n in range(50)]
    with open_test_database(database_url) as database:
        result = import_log(database, *log)
    assert (result.entries, result.entries_unchanged, result.differing) == (25, 0, 25)
    assert result.differing_keys == tuple(map(str, range(20)))
    messages = list(import_messages.lines(result, {}, "log.csv", dry_run=False))
    assert (
        "25 rows have the key of another row, with other content: kept as they were (keys 0, 1,"
        in messages[1]
    )


def test_a_row_that_changed_since_the_last_import_is_counted(database_url: str) -> None:
    """The stored row stays; rows that did not change are counted as unchanged."""
    log = [foreign_entry(n, row_hash=f"h{n}") for n in range(3)]
    with open_test_database(database_url) as database:
        first = import_log(database, *log)
        same = import_log(database, *log)
        before = table_rows(database, *DATA)
        changed = import_log(
            database,
            log[0],
            dataclasses.replace(log[1], id=entry_id(9), row_hash="other", seconds=60),
        )
        assert table_rows(database, *DATA) == before
    assert (first.differing, same.differing, same.entries_unchanged) == (0, 0, 3)
    assert (changed.entries_unchanged, changed.differing, changed.differing_keys) == (1, 1, ("1",))


def test_an_import_writes_only_the_values_it_has(database_url: str) -> None:
    """A value that another transaction changed after the look-up stays."""
    with open_test_database(database_url) as database:
        import_log(database, Task("T-1", "Login", "web"))
        with database.writing() as connection:
            writer = FactWriter(connection, database, tasks, "7")
            stored_rows = writer._stored_rows
            writer._stored_rows = lambda keys: {
                key: row | {"project": "old"} for key, row in stored_rows(keys).items()
            }  # type: ignore[method-assign]
            writer.write([Task("T-1", "Sign in")])
        (row,) = table_rows(database, "tasks")["tasks"]
    assert (row["title"], row["project"]) == ("Sign in", "web")


def test_keys_are_unique_within_a_developer_and_source(database_url: str) -> None:
    """The same key of another developer, or in another log, is another entry."""
    with open_test_database(database_url) as database:
        result = import_log(
            database,
            foreign_entry(1),
            foreign_entry(2, "bob", source_key="1"),
            foreign_entry(3, source="toggl", source_key="1"),
        )
    assert result.entries == 3


def test_entries_without_a_key_are_compared_by_id(database_url: str) -> None:
    """An export of entries that were not imported has no keys, and importing it adds nothing."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        result = import_log(database, entry(1), entry(2))
        assert (result.entries, result.entries_unchanged) == (1, 1)


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_first_rejected_row_stops_everything(database_url: str, dry_run: bool) -> None:
    """Line, column, value and reason are named, and nothing is stored."""
    with open_test_database(database_url) as database:
        with pytest.raises(
            BadValue, match=r"line 7, column minutes: 'many': not a number"
        ) as caught:
            import_log(database, foreign_entry(1), REJECTED, dry_run=dry_run)
        assert "\n" not in str(caught.value)
        assert "--on-error skip" in str(caught.value)
        assert row_counts(database) == {}


def test_rejected_rows_can_be_skipped(database_url: str) -> None:
    """The rest is stored, and the rejected rows are returned."""
    with open_test_database(database_url) as database:
        result = import_log(database, foreign_entry(1), REJECTED, foreign_entry(2), on_error="skip")
        assert row_counts(database)["entries"] == 2
        assert table_rows(database, "imports")["imports"][0]["rejected"] == 1
    assert (result.entries, result.rejected) == (2, (REJECTED,))


def test_a_dry_run_counts_and_stores_nothing(database_url: str) -> None:
    """It returns the same counts as the import itself."""
    log = [
        foreign_entry(1),
        foreign_entry(2, activity="Grooming"),
        WorkItem("ann", "T-1", "design", 60.0),
        Task("T-1", "Login"),
    ]
    with open_test_database(database_url) as database:
        trial = import_log(database, *log, dry_run=True)
        assert row_counts(database) == {}
        result = import_log(database, *log)
    assert trial.import_id is None
    assert dataclasses.replace(result, import_id=None) == trial


def test_a_source_that_fails_stores_nothing(database_url: str) -> None:
    """A file that ends in the middle of a row after many rows: none is stored."""

    def truncated_log() -> Iterator[Imported]:
        yield from (foreign_entry(n) for n in range(12_000))
        raise BadValue("the file ends in the middle of a row.")

    with open_test_database(database_url) as database:
        with pytest.raises(BadValue, match="middle of a row"):
            import_records(database, truncated_log(), source="jira", file="-", now_epoch=NOW_EPOCH)
        assert row_counts(database) == {}


def test_several_batches_are_stored_to_the_last_row(database_url: str) -> None:
    """The number of records read is reported after each batch."""
    progress: list[int] = []
    with open_test_database(database_url) as database:
        log = (foreign_entry(n % 3000, source_key=str(n), id=entry_id(n)) for n in range(20_001))
        result = import_records(
            database, log, source="jira", file="-", now_epoch=NOW_EPOCH, progress=progress.append
        )
        assert row_counts(database)["entries"] == 20_001
    assert (result.entries, progress) == (20_001, [10_000, 20_000, 20_001])


def test_unmapped_activities_are_counted(database_url: str) -> None:
    """Those that are neither built in nor added are counted by name."""
    with open_test_database(database_url) as database:
        team_data.add_activity(database, "ann", "spike")
        result = import_log(
            database,
            foreign_entry(1, activity="Grooming"),
            foreign_entry(2, activity="spike"),
            foreign_entry(3, activity="Grooming"),
            foreign_entry(4),
        )
    assert result.unmapped == {"Grooming": 2}


def test_facts_add_up_over_imports(database_url: str) -> None:
    """A value replaces the stored one, None does not; the change log has what was replaced."""
    with open_test_database(database_url) as database:
        import_log(
            database,
            WorkItem("ann", "T-1", "design", 60.0),
            Task("T-1", "Login", estimate_minutes=90.0),
        )
        result = import_log(
            database,
            WorkItem("ann", "T-1", "design", completed_epoch=5),
            Task("T-1", "Sign in"),
            Task("T-2", "Logout"),
        )
        rows = table_rows(database, *DATA, "changes")
    assert (result.work_items, result.tasks, result.tasks_unchanged) == (1, 2, 0)
    assert (
        rows["work_items"][0]["estimate_minutes"],
        rows["work_items"][0]["completed_epoch"],
    ) == (60.0, 5)
    assert (rows["tasks"][0]["title"], rows["tasks"][0]["estimate_minutes"]) == ("Sign in", 90.0)
    assert {json.loads(change["before"])["task"] for change in rows["changes"]} == {"T-1"}
    assert [change["verb"] for change in rows["changes"]] == ["import", "import"]


def test_facts_add_up_within_a_file(database_url: str) -> None:
    """Such as an estimate on every row, or title and project on different rows."""
    with open_test_database(database_url) as database:
        result = import_log(
            database,
            *(WorkItem("ann", "T-1", "design", 60.0) for _ in range(3)),
            Task("T-1", "Login"),
            Task("T-1", project="web"),
        )
        (row,) = table_rows(database, "tasks")["tasks"]
    assert (result.work_items, result.tasks) == (1, 1)
    assert (row["title"], row["project"]) == ("Login", "web")


def test_a_deleted_entry_is_not_imported_again(database_url: str) -> None:
    """The second import skips it and counts it; after `undo` it is there."""
    with open_test_database(database_url) as database:
        import_log(database, foreign_entry(1), foreign_entry(2))
        entries.delete_entries(database, "ann", [entry_id(1)])
        second = import_log(
            database, dataclasses.replace(foreign_entry(1), id=entry_id(50)), foreign_entry(2)
        )
        assert (second.entries, second.entries_unchanged, second.skipped) == (
            0,
            1,
            {imports.DELETED_BEFORE: 1},
        )
        reversal.undo(database, "ann")
        assert import_log(database, foreign_entry(1), foreign_entry(2)).entries_unchanged == 2


# undoing an import


def test_an_import_is_undone_as_a_whole(database_url: str) -> None:
    """Inserted rows are deleted, changed rows restored, and other rows stay."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(9))
        items.set_task(database, "ann", "T-1", title="Login")
        before = table_rows(database, *DATA)
        import_log(
            database,
            foreign_entry(1),
            WorkItem("ann", "T-1", "design", 60.0),
            Task("T-1", "Sign in", "web"),
            Task("T-2", "x"),
        )
        undone = undo_import(database)
        assert table_rows(database, *DATA) == before
        (record,) = table_rows(database, "imports")["imports"]
    assert (
        undone.source,
        undone.file,
        undone.entries,
        undone.work_items,
        undone.tasks,
        undone.restored,
    ) == (
        "jira",
        "log.csv",
        1,
        1,
        1,
        1,
    )
    assert record["undone_epoch"] == NOW_EPOCH


def test_imports_are_undone_from_the_last_to_the_first(database_url: str) -> None:
    """Each is undone once, and its file can be imported second."""
    with open_test_database(database_url) as database:
        import_log(database, foreign_entry(1))
        import_log(database, foreign_entry(2))
        assert [undo_import(database).entries for _ in range(2)] == [1, 1]
        with pytest.raises(NothingToDo, match="no import left to take back"):
            undo_import(database)
        assert import_log(database, foreign_entry(1), foreign_entry(2)).entries == 2


def test_an_import_is_undone_by_its_id(database_url: str) -> None:
    """An unknown id is refused."""
    with open_test_database(database_url) as database:
        first = import_log(database, foreign_entry(1)).import_id
        import_log(database, foreign_entry(2))
        undo_import(database, first)
        assert [row["source_key"] for row in table_rows(database, "entries")["entries"]] == ["2"]
        with pytest.raises(NothingToDo, match=f"no import {first}"):
            undo_import(database, first)


def test_rows_changed_since_the_import_stay(database_url: str) -> None:
    """An edited entry and a changed title stay; an entry whose edit was undone does not."""
    with open_test_database(database_url) as database:
        import_log(
            database,
            *(foreign_entry(n) for n in range(3)),
            Task("T-1", "Login"),
            Task("T-2", "Logout"),
        )
        entries.edit_entry(database, "ann", entry_id(1), seconds=60)
        items.set_task(database, "ann", "T-1", title="Sign in")
        entries.edit_entry(database, "ann", entry_id(2), seconds=60)
        reversal.undo(database, "ann")
        undone = undo_import(database)
        rows = table_rows(database, *DATA)
    assert (undone.entries, undone.tasks) == (2, 1)
    assert [row["id"] for row in rows["entries"]] == [entry_id(1)]
    assert [row["title"] for row in rows["tasks"]] == ["Sign in"]


def test_undo_ignores_changes_by_imports(database_url: str) -> None:
    """``undo`` undoes the last change that a person made."""
    with open_test_database(database_url) as database:
        items.set_estimate(database, WorkItem("ann", "T-1", "design", 30.0, estimated_epoch=1))
        import_log(database, WorkItem("ann", "T-2", "design", 60.0))
        import_log(database, WorkItem("ann", "T-2", "design", 90.0))
        assert reversal.undo(database, "ann") == "estimate of design T-1"
        assert [
            row["estimate_minutes"] for row in table_rows(database, "work_items")["work_items"]
        ] == [90.0]


# concurrency and crashes

SLOW = """
import sys, time, pathlib
from support.store_kit import *
def log():
    for n in range(25_000):
        yield foreign_entry(n % 3000, source_key=str(n), id=entry_id(n))
        if n == 21_000:
            pathlib.Path(sys.argv[2]).touch()
            time.sleep(float(sys.argv[3]))
with open_test_database(sys.argv[1]) as database:
    result = import_records(database, log(), source="jira", file="-", now_epoch=NOW_EPOCH)
    print(result.entries, result.entries_unchanged)
"""


def wait_for(file: Path) -> None:
    """Wait until a process has created a file."""
    for _ in range(600):
        if file.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{file} was not created")


def test_a_killed_import_stores_nothing(database_url: str, tmp_path: Path) -> None:
    """After kill -9 in the third batch the log is as before, and the file can be imported."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1, "bob"))
        process = start_python(SLOW, database_url, str(tmp_path / "midway"), "60")
        wait_for(tmp_path / "midway")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert row_counts(database) == {"entries": 1, "changes": 1}
        assert import_log(database, foreign_entry(1)).entries == 1


def test_two_concurrent_imports_of_a_file_store_it_once(database_url: str, tmp_path: Path) -> None:
    """The second waits for the first, on SQLite longer than a write does, and adds nothing."""
    with open_test_database(database_url):
        first = start_python(
            SLOW,
            database_url,
            str(tmp_path / "midway"),
            "6" if database_url.startswith("sqlite") else "1",
        )
        wait_for(tmp_path / "midway")
        second = start_python(SLOW, database_url, str(tmp_path / "midway"), "0")
        assert outputs_of([first, second]) == ["25000 0\n", "0 25000\n"]


def test_an_import_that_waits_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the timeout there is a one-line message."""
    monkeypatch.setattr(imports, "LOCK_TIMEOUT_SECONDS", 1)
    with (
        open_test_database(f"sqlite:///{tmp_path}/log.db") as database,
        database.writing(),
        pytest.raises(StoreError, match="is busy"),
    ):
        import_log(database, foreign_entry(1))


def test_readers_do_not_wait_for_an_import(database_url: str) -> None:
    """While it runs, others read the state before it."""
    with open_test_database(database_url) as database:
        counts_during = []

        def log() -> Iterator[Imported]:
            yield from (
                foreign_entry(n % 3000, source_key=str(n), id=entry_id(n)) for n in range(10_000)
            )
            counts_during.append(row_counts(database))
            yield foreign_entry(1, id=entry_id(20_000), source_key="last")

        import_records(database, log(), source="jira", file="-", now_epoch=NOW_EPOCH)
        assert counts_during == [{}]
        assert row_counts(database)["entries"] == 10_001


@pytest.mark.parametrize("fields", [{"note": "nul\0"}, {"seconds": -1}])
def test_a_value_that_the_database_refuses_is_reported_in_one_line(
    postgres_url: str, fields: dict[str, Any]
) -> None:
    """A value that a source did not check: nothing is stored, and there is no traceback."""
    with open_test_database(postgres_url) as database:
        with pytest.raises(StoreError, match="refused: ") as caught:
            import_log(database, foreign_entry(1), foreign_entry(2, **fields))
        assert "\n" not in str(caught.value)
        assert row_counts(database) == {}


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """Three times the rows, the same peak (within 6 MB)."""
    code = (
        "import resource, sys; from support.store_kit import *\n"
        "log = (foreign_entry(n % 3000, source_key=str(n), id=entry_id(n))\n"
        "       for n in range(int(sys.argv[2])))\n"
        "with open_test_database(sys.argv[1]) as database:\n"
        "    import_records(database, log, source='s', file='-', now_epoch=1)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in ("small", "large")]
    small, large = (
        int(outputs_of([start_python(code, url, rows)])[0])
        for url, rows in zip(urls, ("20000", "60000"), strict=True)
    )
    assert large < small + 6_000


def test_text_that_copy_would_interpret_is_stored_unchanged(postgres_url: str) -> None:
    """Tabs, line breaks, backslashes, the empty text and COPY's mark for NULL."""
    notes = ["a\tb", "a\nb", "back\\slash", "\\N", "", "“quoted”", None]
    with open_test_database(postgres_url) as database:
        import_log(database, *(foreign_entry(n, note=note) for n, note in enumerate(notes)))
        with database.reading() as connection:
            rows = connection.execute(text("SELECT note FROM entries ORDER BY id")).scalars().all()
    assert rows == notes


def test_a_work_item_of_two_batches_is_counted_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many are told as are stored."""
    facts = [
        WorkItem("ann", "T-1", "design", estimate_minutes=60),
        WorkItem("ann", "T-2", "design", estimate_minutes=60),
        WorkItem("ann", "T-1", "design", completed_epoch=NOW_EPOCH),
        WorkItem("ann", "T-2", "design", estimate_minutes=60),
    ]
    with open_test_database(database_url) as database:
        single = functools.partial(imports.record_batches, size=1)
        monkeypatch.setattr(imports, "record_batches", single)
        result = import_log(database, *facts)
        assert (result.work_items, result.work_items_unchanged) == (2, 0)
        assert row_counts(database)["work_items"] == 2
        again = import_log(database, *facts)
        assert again.work_items == 0
