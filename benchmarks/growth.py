"""What a large log costs: ``check``, ``log`` and ``stop`` with 5 million entries, and memory."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.checking import DESIGN, import_log, program
from benchmarks.log import environ_for
from benchmarks.pairs import Figure, Pair, compare, run, summarise
from tracker.store.upgrade import open_database
from tracker.store.write import entry_totals

ENTRIES, ITEMS = 5_000_000, 1_000_000
RUNS = 9
_COLUMNS = (
    *("team", "zone", "interruption_seconds", "local_day", "local_month"),
    *("assisted", "basis", "assistant", "logged_epoch"),
)
_COPY = """
INSERT INTO entries (id, developer, task, activity, started_epoch, ended_epoch, seconds, {columns})
SELECT substr(id, 1, 24) || printf('%012x', 1000000 * :number + rowid), {developer}, task, activity,
    started_epoch + {shift}, ended_epoch + {shift}, seconds, {columns}
FROM entries WHERE source IS NOT NULL {condition}
"""


def measure(folder: Path) -> Iterator[tuple[Pair | Figure, str]]:
    """Grow the real log by entries of the same work items, and by further developers."""
    environ = environ_for(folder)
    small = import_log(folder, "small.db")
    large = _copied(small, folder / "large.db")
    copies = round(ENTRIES / _count(large, "entries"))
    for number in range(1, copies):
        _copy(large, number, developer="developer", shift=60 * number)
    _sum_anew(large)
    for number in range(100):  # added after the last look
        run([*program(large), "log", "design", f"T-{number}", "15m"], environ)
    checks = [[*program(database), "check", *DESIGN] for database in (large, small)]
    run(checks[0], environ)
    entries = f"{_count(large, 'entries'):,} entries"
    yield compare(f"check, {entries} / 203,618", *checks, environ=environ), "aim ≤ 3"
    empty = folder / "empty.db"
    run([*program(empty), "db", "upgrade"], environ)
    for command in (["log", "design", "T-1", "15m"], ["stop"]):
        pairs = []
        for _ in range(RUNS + 1):
            runs = []
            for database in (large, empty):
                if command == ["stop"]:
                    run([*program(empty), "start", "design", "T-1"], environ)
                runs.append(run([*program(database), *command], environ))
            pairs.append((runs[0], runs[1]))
        name = f"{command[0]}, {entries} / empty database"
        yield summarise(name, pairs[1:]), "aim ≤ 1.05"
    yield _memory(folder, small), "aim ≤ 300 MB"


def _memory(folder: Path, small: Path) -> Figure:
    """Return the peak memory of ``check`` with a million work items of one entry or more."""
    wide = _copied(small, folder / "wide.db")
    items = "(SELECT count(*) FROM (SELECT 1 FROM entries GROUP BY developer, task, activity))"
    first = "AND id IN (SELECT min(id) FROM entries GROUP BY developer, task, activity)"
    number = 0
    while _count(wide, items) < ITEMS:
        number += 1
        developer = f"developer || '-{number}'"
        _copy(wide, number, developer=developer, shift=0, condition=first)
    _sum_anew(wide)
    peak = run([*program(wide), "check", *DESIGN], environ_for(folder)).peak_megabytes
    return Figure(f"check, memory at {_count(wide, items):,} work items", f"{peak:.0f} MB")


def _copied(database: Path, copy: Path) -> Path:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copyfile(database, copy))


def _copy(database: Path, number: int, *, developer: str, shift: int, condition: str = "") -> None:
    """Insert a copy of each imported entry, without its source."""
    statement = _COPY.format(
        columns=", ".join(_COLUMNS), developer=developer, shift=shift, condition=condition
    )
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(statement, {"number": number})


def _count(database: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        query = f"SELECT {table}" if table.startswith("(") else f"SELECT count(*) FROM {table}"
        return int(connection.execute(query).fetchone()[0])


def _sum_anew(database: Path) -> None:
    """Bring the totals up to date with what was inserted."""
    opened = open_database(f"sqlite:///{database}", now=lambda: datetime.now(UTC))
    with opened.writing() as connection:
        entry_totals.rebuild(connection)
    opened.close()
