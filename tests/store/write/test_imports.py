"""A foreign log taken in: whole or not at all, harmless when repeated, and taken back."""

from __future__ import annotations

import dataclasses
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
    content,
    counted,
    entry,
    entry_id,
    finish,
    foreign,
    opened,
    python,
)

from tracker.cli import import_messages
from tracker.domain.errors import BadValue, NothingToDo, StoreError
from tracker.domain.records import Imported, Rejected, Skipped, Task, WorkItem
from tracker.store.schema import tasks
from tracker.store.upgrade import Database
from tracker.store.write import change_log, entries, imports, items, team_data
from tracker.store.write.batches import FactWriter
from tracker.store.write.imports import ImportResult, import_records, undo_import

REJECTED = Rejected(7, "minutes", "many", "not a number", ("T-1", "many"))
DATA = ("entries", "work_items", "tasks")


def taken(database: Database, *records: Imported, **options: Any) -> ImportResult:
    """Take in a few records."""
    return import_records(
        database, records, source="jira", file="log.csv", now_epoch=NOW_EPOCH, **options
    )


def test_what_comes_in_is_kept_and_counted(database_url: str) -> None:
    """Every kind of record goes to its table, with the import that brought it; the import is on record."""
    with opened(database_url) as database:
        result = taken(
            database,
            *(foreign(n) for n in range(3)),
            WorkItem("ann", "T-1", "design", 60.0, 40.0, assigned="baseline"),
            Task("T-1", "Login", "web", 90.0),
            Skipped(9, "still running"),
            Skipped(10, "still running"),
        )
        found = content(database, *DATA, "imports")
    assert (result.entries, result.work_items, result.tasks) == (3, 1, 1)
    assert (result.entries_unchanged, result.work_items_unchanged, result.tasks_unchanged) == (
        0,
        0,
        0,
    )
    assert result.passed == {"still running": 2}
    assert {row["import_id"] for name in DATA for row in found[name]} == {result.import_id}
    assert found["entries"][0]["local_month"] == 12 * 54 + 9  # day 20,000 is 2024-10-04
    assert found["work_items"][0]["assigned"] == "baseline"
    (record,) = found["imports"]
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


def test_twice_is_harmless(database_url: str) -> None:
    """The same log again adds nothing, says so, and leaves no import to take back."""
    log = [
        *(foreign(n) for n in range(3)),
        WorkItem("ann", "T-1", "design", 60.0),
        Task("T-1", "Login"),
    ]
    with opened(database_url) as database:
        taken(database, *log)
        here = content(database, *DATA, "imports", "changes")
        again = taken(
            database,
            *(
                dataclasses.replace(r, id=entry_id(100 + i)) if i < 3 else r
                for i, r in enumerate(log)
            ),
        )
        assert content(database, *DATA, "imports", "changes") == here
    assert again.import_id is None
    assert (again.entries, again.work_items, again.tasks) == (0, 0, 0)
    assert (again.entries_unchanged, again.work_items_unchanged, again.tasks_unchanged) == (3, 1, 1)


def test_a_key_that_comes_twice_in_one_log_is_kept_once(database_url: str) -> None:
    """Also within one batch."""
    with opened(database_url) as database:
        result = taken(database, foreign(1), foreign(2, source_key="1"))
    assert (result.entries, result.entries_unchanged) == (1, 1)


def test_rows_that_share_a_key_are_told(database_url: str) -> None:
    """A map whose key is not unique loses rows: they are counted apart from those there already, and named."""
    log = [foreign(n, source_key=str(n // 2), row_hash=f"h{n}") for n in range(50)]
    with opened(database_url) as database:
        result = taken(database, *log)
    assert (result.entries, result.entries_unchanged, result.differing) == (25, 0, 25)
    assert result.differing_keys == tuple(map(str, range(20)))
    said = list(import_messages.lines(result, {}, "log.csv", dry_run=False))
    assert (
        "25 rows have the key of another row, with other content: kept as they were (keys 0, 1,"
        in said[1]
    )


def test_a_foreign_row_that_changed_is_told(database_url: str) -> None:
    """It stays as it was taken first, and that is said; the rows that did not change are there already."""
    log = [foreign(n, row_hash=f"h{n}") for n in range(3)]
    with opened(database_url) as database:
        first = taken(database, *log)
        same = taken(database, *log)
        here = content(database, *DATA)
        changed = taken(
            database,
            log[0],
            dataclasses.replace(log[1], id=entry_id(9), row_hash="other", seconds=60),
        )
        assert content(database, *DATA) == here
    assert (first.differing, same.differing, same.entries_unchanged) == (0, 0, 3)
    assert (changed.entries_unchanged, changed.differing, changed.differing_keys) == (1, 1, ("1",))


def test_an_import_leaves_alone_what_it_does_not_speak_of(database_url: str) -> None:
    """An update writes what is new only: not what was looked up before somebody else changed it."""
    with opened(database_url) as database:
        taken(database, Task("T-1", "Login", "web"))
        with database.writing() as connection:
            writer = FactWriter(connection, database, tasks, "7")
            look = writer._present
            writer._present = lambda keys: {
                key: row | {"project": "old"} for key, row in look(keys).items()
            }  # type: ignore[method-assign]
            writer.write([Task("T-1", "Sign in")])
        (row,) = content(database, "tasks")["tasks"]
    assert (row["title"], row["project"]) == ("Sign in", "web")


def test_keys_are_a_developers_and_a_sources_own(database_url: str) -> None:
    """The same key of somebody else, or in another log, is another entry."""
    with opened(database_url) as database:
        result = taken(
            database,
            foreign(1),
            foreign(2, "bob", source_key="1"),
            foreign(3, source="toggl", source_key="1"),
        )
    assert result.entries == 3


def test_entries_without_a_key_are_known_by_their_id(database_url: str) -> None:
    """An export of what was logged here has no foreign keys: its own ids keep it from doubling."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        result = taken(database, entry(1), entry(2))
        assert (result.entries, result.entries_unchanged) == (1, 1)


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_first_rejected_row_stops_everything(database_url: str, dry_run: bool) -> None:
    """Line, column, value and reason are named, and nothing of the file is kept."""
    with opened(database_url) as database:
        with pytest.raises(
            BadValue, match=r"line 7, column minutes: 'many': not a number"
        ) as caught:
            taken(database, foreign(1), REJECTED, dry_run=dry_run)
        assert "\n" not in str(caught.value)
        assert "--on-error skip" in str(caught.value)
        assert counted(database) == {}


def test_rejected_rows_can_be_skipped(database_url: str) -> None:
    """The rest is kept, and they are handed back."""
    with opened(database_url) as database:
        result = taken(database, foreign(1), REJECTED, foreign(2), on_error="skip")
        assert counted(database)["entries"] == 2
        assert content(database, "imports")["imports"][0]["rejected"] == 1
    assert (result.entries, result.rejected) == (2, (REJECTED,))


def test_a_dry_run_counts_and_keeps_nothing(database_url: str) -> None:
    """The same figures as the import itself, before which the database is as it was."""
    log = [
        foreign(1),
        foreign(2, activity="Grooming"),
        WorkItem("ann", "T-1", "design", 60.0),
        Task("T-1", "Login"),
    ]
    with opened(database_url) as database:
        tried = taken(database, *log, dry_run=True)
        assert counted(database) == {}
        done = taken(database, *log)
    assert tried.import_id is None
    assert dataclasses.replace(done, import_id=None) == tried


def test_a_source_that_fails_leaves_nothing(database_url: str) -> None:
    """A file cut in half after many rows: no row is kept."""

    def cut() -> Iterator[Imported]:
        yield from (foreign(n) for n in range(12_000))
        raise BadValue("the file ends in the middle of a row.")

    with opened(database_url) as database:
        with pytest.raises(BadValue, match="middle of a row"):
            import_records(database, cut(), source="jira", file="-", now_epoch=NOW_EPOCH)
        assert counted(database) == {}


def test_more_than_a_batch_is_kept_to_the_last_row(database_url: str) -> None:
    """Batches end where they end; progress hears of each."""
    heard: list[int] = []
    with opened(database_url) as database:
        log = (foreign(n % 3000, source_key=str(n), id=entry_id(n)) for n in range(20_001))
        result = import_records(
            database, log, source="jira", file="-", now_epoch=NOW_EPOCH, progress=heard.append
        )
        assert counted(database)["entries"] == 20_001
    assert (result.entries, heard) == (20_001, [10_000, 20_000, 20_001])


def test_activities_that_nobody_knows_are_listed(database_url: str) -> None:
    """By their foreign names, with how often; those that were added are known."""
    with opened(database_url) as database:
        team_data.add_activity(database, "ann", "spike")
        result = taken(
            database,
            foreign(1, activity="Grooming"),
            foreign(2, activity="spike"),
            foreign(3, activity="Grooming"),
            foreign(4),
        )
    assert result.unmapped == {"Grooming": 2}


def test_what_is_known_adds_up_over_imports(database_url: str) -> None:
    """New knowledge goes over old, silence never does; what was replaced stays in the change log."""
    with opened(database_url) as database:
        taken(
            database,
            WorkItem("ann", "T-1", "design", 60.0),
            Task("T-1", "Login", estimate_minutes=90.0),
        )
        result = taken(
            database,
            WorkItem("ann", "T-1", "design", completed_epoch=5),
            Task("T-1", "Sign in"),
            Task("T-2", "Logout"),
        )
        found = content(database, *DATA, "changes")
    assert (result.work_items, result.tasks, result.tasks_unchanged) == (1, 2, 0)
    assert (
        found["work_items"][0]["estimate_minutes"],
        found["work_items"][0]["completed_epoch"],
    ) == (60.0, 5)
    assert (found["tasks"][0]["title"], found["tasks"][0]["estimate_minutes"]) == ("Sign in", 90.0)
    assert {json.loads(change["before"])["task"] for change in found["changes"]} == {"T-1"}
    assert [change["verb"] for change in found["changes"]] == ["import", "import"]


def test_what_one_file_says_twice_adds_up(database_url: str) -> None:
    """An entries file that carries the estimate on every row, or title here and project there."""
    with opened(database_url) as database:
        result = taken(
            database,
            *(WorkItem("ann", "T-1", "design", 60.0) for _ in range(3)),
            Task("T-1", "Login"),
            Task("T-1", project="web"),
        )
        (row,) = content(database, "tasks")["tasks"]
    assert (result.work_items, result.tasks) == (1, 1)
    assert (row["title"], row["project"]) == ("Login", "web")


def test_what_was_deleted_here_does_not_come_back(database_url: str) -> None:
    """The second import passes over an entry that its developer has deleted, and says so; undo brings it back."""
    with opened(database_url) as database:
        taken(database, foreign(1), foreign(2))
        entries.delete_entry(database, "ann", entry_id(1))
        again = taken(database, dataclasses.replace(foreign(1), id=entry_id(50)), foreign(2))
        assert (again.entries, again.entries_unchanged, again.passed) == (
            0,
            1,
            {imports.DELETED_BEFORE: 1},
        )
        change_log.undo(database, "ann")
        assert taken(database, foreign(1), foreign(2)).entries_unchanged == 2


# taking it back


def test_an_import_is_taken_back_whole(database_url: str) -> None:
    """Rows it made go, rows it changed become what they were, what was there before stays."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(9))
        items.set_task(database, "ann", "T-1", title="Login")
        before = content(database, *DATA)
        taken(
            database,
            foreign(1),
            WorkItem("ann", "T-1", "design", 60.0),
            Task("T-1", "Sign in", "web"),
            Task("T-2", "x"),
        )
        back = undo_import(database)
        assert content(database, *DATA) == before
        (record,) = content(database, "imports")["imports"]
    assert (back.source, back.file, back.entries, back.work_items, back.tasks, back.restored) == (
        "jira",
        "log.csv",
        1,
        1,
        1,
        1,
    )
    assert record["undone_epoch"] == NOW_EPOCH


def test_imports_are_taken_back_from_the_last_to_the_first(database_url: str) -> None:
    """Each once, then there is none left; a file that was taken back can be imported again."""
    with opened(database_url) as database:
        taken(database, foreign(1))
        taken(database, foreign(2))
        assert [undo_import(database).entries for _ in range(2)] == [1, 1]
        with pytest.raises(NothingToDo, match="no import left to take back"):
            undo_import(database)
        assert taken(database, foreign(1), foreign(2)).entries == 2


def test_a_certain_import_is_taken_back(database_url: str) -> None:
    """By its id; one that is not there is refused."""
    with opened(database_url) as database:
        first = taken(database, foreign(1)).import_id
        taken(database, foreign(2))
        undo_import(database, first)
        assert [row["source_key"] for row in content(database, "entries")["entries"]] == ["2"]
        with pytest.raises(NothingToDo, match=f"no import {first}"):
            undo_import(database, first)


def test_what_somebody_changed_since_stays(database_url: str) -> None:
    """An edited entry and a corrected title are a person's own now; an edit that was undone is not."""
    with opened(database_url) as database:
        taken(
            database, *(foreign(n) for n in range(3)), Task("T-1", "Login"), Task("T-2", "Logout")
        )
        entries.edit_entry(database, "ann", entry_id(1), seconds=60)
        items.set_task(database, "ann", "T-1", title="Sign in")
        entries.edit_entry(database, "ann", entry_id(2), seconds=60)
        change_log.undo(database, "ann")
        back = undo_import(database)
        found = content(database, *DATA)
    assert (back.entries, back.tasks) == (2, 1)
    assert [row["id"] for row in found["entries"]] == [entry_id(1)]
    assert [row["title"] for row in found["tasks"]] == ["Sign in"]


def test_an_import_is_not_a_developers_undo(database_url: str) -> None:
    """``undo`` passes by what an import changed."""
    with opened(database_url) as database:
        items.set_estimate(database, WorkItem("ann", "T-1", "design", 30.0, estimated_epoch=1))
        taken(database, WorkItem("ann", "T-2", "design", 60.0))
        taken(database, WorkItem("ann", "T-2", "design", 90.0))
        assert change_log.undo(database, "ann") == "estimate of design T-1"
        assert [
            row["estimate_minutes"] for row in content(database, "work_items")["work_items"]
        ] == [90.0]


# others at the same time, and sudden ends

SLOW = """
import sys, time, pathlib
from support.store_kit import *
from tracker.store.write.imports import import_records
def log():
    for n in range(25_000):
        yield foreign(n % 3000, source_key=str(n), id=entry_id(n))
        if n == 21_000:
            pathlib.Path(sys.argv[2]).touch()
            time.sleep(float(sys.argv[3]))
with opened(sys.argv[1]) as database:
    result = import_records(database, log(), source="jira", file="-", now_epoch=NOW_EPOCH)
    print(result.entries, result.entries_unchanged)
"""


def wait_for(file: Path) -> None:
    """Until a process has made a file."""
    for _ in range(600):
        if file.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{file} never came")


def test_a_kill_in_the_middle_leaves_nothing_half_kept(database_url: str, tmp_path: Path) -> None:
    """After kill -9 two batches into an import the log is as it was, and takes the file again."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1, "bob"))
        process = python(SLOW, database_url, str(tmp_path / "midway"), "60")
        wait_for(tmp_path / "midway")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert counted(database) == {"entries": 1, "changes": 1}
        assert taken(database, foreign(1)).entries == 1


def test_two_imports_at_once_are_both_right(database_url: str, tmp_path: Path) -> None:
    """The second waits for the first (on SQLite longer than a write would), and finds everything there."""
    with opened(database_url):
        first = python(
            SLOW,
            database_url,
            str(tmp_path / "midway"),
            "6" if database_url.startswith("sqlite") else "1",
        )
        wait_for(tmp_path / "midway")
        second = python(SLOW, database_url, str(tmp_path / "midway"), "0")
        assert finish([first, second]) == ["25000 0\n", "0 25000\n"]


def test_an_import_that_waited_in_vain_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its patience one line, not a traceback."""
    monkeypatch.setattr(imports, "LOCK_TIMEOUT_SECONDS", 1)
    with (
        opened(f"sqlite:///{tmp_path}/log.db") as database,
        database.writing(),
        pytest.raises(StoreError, match="is busy"),
    ):
        taken(database, foreign(1))


def test_readers_do_not_wait_for_an_import(database_url: str) -> None:
    """While one runs, others read what was there before."""
    with opened(database_url) as database:
        seen = []

        def log() -> Iterator[Imported]:
            yield from (foreign(n % 3000, source_key=str(n), id=entry_id(n)) for n in range(10_000))
            seen.append(counted(database))
            yield foreign(1, id=entry_id(20_000), source_key="last")

        import_records(database, log(), source="jira", file="-", now_epoch=NOW_EPOCH)
        assert seen == [{}]
        assert counted(database)["entries"] == 10_001


@pytest.mark.parametrize("fields", [{"note": "nul\0"}, {"seconds": -1}])
def test_what_a_database_does_not_take_is_one_line(
    postgres_url: str, fields: dict[str, Any]
) -> None:
    """A value that a source let through by mistake: refused, nothing kept, no traceback."""
    with opened(postgres_url) as database:
        with pytest.raises(StoreError, match="refused: ") as caught:
            taken(database, foreign(1), foreign(2, **fields))
        assert "\n" not in str(caught.value)
        assert counted(database) == {}


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """Three times the rows, the same peak (within 6 MB)."""
    code = (
        "import resource, sys; from support.store_kit import *; from tracker.store.write.imports import import_records\n"
        "log = (foreign(n % 3000, source_key=str(n), id=entry_id(n)) for n in range(int(sys.argv[2])))\n"
        "with opened(sys.argv[1]) as database: import_records(database, log, source='s', file='-', now_epoch=1)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in ("small", "large")]
    small, large = (
        int(finish([python(code, url, rows)])[0])
        for url, rows in zip(urls, ("20000", "60000"), strict=True)
    )
    assert large < small + 6_000


def test_postgresql_is_given_its_rows_by_copy(postgres_url: str) -> None:
    """Text that means something to COPY arrives as it is: tabs, line ends, backslashes, the empty text, its NULL."""
    notes = ["a\tb", "a\nb", "back\\slash", "\\N", "", "“quoted”", None]
    with opened(postgres_url) as database:
        taken(database, *(foreign(n, note=note) for n, note in enumerate(notes)))
        with database.reading() as connection:
            found = connection.execute(text("SELECT note FROM entries ORDER BY id")).scalars().all()
    assert found == notes
