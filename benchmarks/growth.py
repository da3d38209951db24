"""Time and memory for large logs: 5 million entries, and ``check`` on many work items."""

from __future__ import annotations

import contextlib
import csv
import multiprocessing
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.checking import DESIGN, import_log, program
from benchmarks.log import MAP, environ_for, real_log
from benchmarks.pairs import Figure, Pair, compare, run, summarise
from tracker.store.upgrade import open_database
from tracker.store.write import entry_totals

ENTRIES, ITEMS, TIMES = 5_000_000, 1_000_000, 25
ADDED = 100
"""The number of entries that are added between two runs of ``check``."""
RUNS = 9
_KEY = "developer, task, activity"
_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'entries'"
_COLUMNS = (
    *("team", "zone", "interruption_seconds", "local_day", "local_month"),
    *("assisted", "basis", "assistant", "logged_epoch"),
)
_INSERT_COPY = """
INSERT INTO entries (id, developer, task, activity, started_epoch, ended_epoch, seconds, {columns})
SELECT substr(id, 1, 24) || printf('%012x', 1000000 * :number + rowid), {developer}, task, activity,
    started_epoch + {shift}, ended_epoch + {shift}, seconds, {columns}
FROM entries WHERE source IS NOT NULL {condition} ORDER BY developer, id
"""


def measure(folder: Path) -> Iterator[tuple[Pair | Figure, str]]:
    """Enlarge the real log by entries of the same work items, and by further developers."""
    small = import_log(folder, "small.db")
    yield from _measure_same_items(folder, small)
    yield from _measure_further_items(folder, small)


def _measure_same_items(folder: Path, small: Path) -> Iterator[tuple[Pair | Figure, str]]:
    """Compare commands with 5 million entries of the work items of the real log."""
    environ = environ_for(folder)
    large = _copy_database(small, folder / "large.db")
    shifts = range(1, round(ENTRIES / _count(large, "entries")))
    _add_copies(large, [("developer", 60 * number) for number in shifts])
    entries = f"{_count(large, 'entries'):,} entries"
    check, reference = ([*program(database), "check", *DESIGN] for database in (large, small))
    run(check, environ)
    _add_entries(folder, large)
    name = f"check, {entries}, {ADDED} added / 203,618"
    yield compare(name, check, reference, environ=environ), "aim ≤ 3"
    empty = folder / "empty.db"
    run([*program(empty), "db", "upgrade"], environ)
    for command in ("log", "start", "status", "stop"):
        yield _compare_with_empty(folder, command, entries, large, empty), "aim ≤ 1.05"
    large.unlink()


def _compare_with_empty(folder: Path, command: str, entries: str, large: Path, empty: Path) -> Pair:
    """Compare a command of one developer on the large database with the same on an empty one."""
    work = ["design", "T-1"]
    arguments = {"log": ["log", *work, "15m"], "start": ["start", *work]}.get(command, [command])
    environ = environ_for(folder)
    pairs = []
    for _ in range(RUNS + 1):
        runs = []
        for database in (large, empty):
            if command in ("status", "stop"):
                run([*program(database), "start", *work], environ)
            runs.append(run([*program(database), *arguments], environ))
            if command in ("start", "status"):
                run([*program(database), "cancel"], environ)
        pairs.append((runs[0], runs[1]))
    return summarise(f"{command}, {entries} / empty database", pairs[1:])


def _measure_further_items(folder: Path, small: Path) -> Iterator[tuple[Pair | Figure, str]]:
    """Measure ``check`` with a million work items of one entry or more, and with 25 times those."""
    environ = environ_for(folder)
    wide = _copy_database(small, folder / "wide.db")
    check, reference = ([*program(database), "check", *DESIGN] for database in (wide, small))
    first = f"AND id IN (SELECT min(id) FROM entries WHERE source IS NOT NULL GROUP BY {_KEY})"
    items = _count_items(wide)
    million = -(-ITEMS // items) - 1
    _add_copies(wide, [(f"developer || '-{number}'", 0) for number in range(million)], first)
    name = f"check, memory at {_count_items(wide):,} work items"
    yield Figure(name, run(check, environ).peak), "aim ≤ 300 MB"
    rest = range(million, TIMES - 1)
    _add_copies(wide, [(f"developer || '-{number}'", 0) for number in rest], first)
    name = f"check, {_count_items(wide):,} work items / {items:,}"
    yield compare(name, check, reference, environ=environ, runs=2), ""


def _add_entries(folder: Path, database: Path) -> None:
    """Import some entries of the real log once more, each a minute longer."""
    added = folder / "added.csv"
    with real_log(folder)[0].open(newline="") as log, added.open("w", newline="") as file:
        rows = csv.DictReader(log)
        writer = csv.DictWriter(file, rows.fieldnames or ())
        writer.writeheader()
        for number, row in zip(range(ADDED), rows, strict=False):
            minutes = float(row["time_log_delta_minutes"]) + 1
            new = {
                "time_log_fact_key": f"added-{number}",
                "time_log_delta_minutes": f"{minutes:g}",
            }
            writer.writerow(row | new)
    importing = ["import", "csv", str(added), "--map", str(MAP), "--on-error", "skip"]
    run([*program(database), *importing], environ_for(folder))


def _copy_database(database: Path, copy: Path) -> Path:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copyfile(database, copy))


def _add_copies(database: Path, copies: Sequence[tuple[str, int]], condition: str = "") -> None:
    """Insert copies of the imported entries, without their source, and rebuild the totals.

    It runs in a process of its own, so that its memory does not count as that of later commands.

    Args:
        database: The database.
        copies: For each copy the developer, as SQL, and the seconds by which it is later.
        condition: An SQL condition on the entries to copy.

    Raises:
        RuntimeError: The process failed.
    """
    copying = multiprocessing.get_context("spawn").Process(
        target=_insert_copies, args=(database, copies, condition)
    )
    copying.start()
    copying.join()
    if copying.exitcode:
        raise RuntimeError(f"copying entries of {database} exited {copying.exitcode}")


def _insert_copies(database: Path, copies: Sequence[tuple[str, int]], condition: str) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        indexes = [(name, sql) for name, sql in connection.execute(_INDEXES) if sql]
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        first_number = _count(database, "entries")
        for number, (developer, shift) in enumerate(copies, first_number):
            statement = _INSERT_COPY.format(
                columns=", ".join(_COLUMNS), developer=developer, shift=shift, condition=condition
            )
            connection.execute(statement, {"number": number})
        for _, sql in indexes:
            connection.execute(sql)
        connection.commit()
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
    opened = open_database(f"sqlite:///{database}", now=lambda: datetime.now(UTC))
    with opened.writing() as writing:
        entry_totals.rebuild(writing)
    opened.close()


def _count_items(database: Path) -> int:
    return _count(database, f"(SELECT DISTINCT {_KEY} FROM entry_totals)")


def _count(database: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
