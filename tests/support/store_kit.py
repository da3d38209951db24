"""Helpers of the store's tests: a fixed clock, an open database, sample entries, processes."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from tracker.domain.records import Entry
from tracker.store.schema import entry_totals, metadata
from tracker.store.upgrade import Database, open_database
from tracker.store.write.imports import import_records

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_EPOCH = int(NOW.timestamp())
DAY = 86_400
START_DAY = 20_000


def clock() -> datetime:
    """Return a fixed time."""
    return NOW


@contextmanager
def open_test_database(url: str, **options: Any) -> Iterator[Database]:
    """Open the database at a URL, and close it at the end."""
    database = open_database(url, now=clock, **options)
    try:
        yield database
    finally:
        database.close()


def advancing(database: Database) -> Database:
    """Return a database whose clock goes on by a second whenever it is read, from NOW on."""
    seconds = count(1)
    return dataclasses.replace(database, now=lambda: NOW + timedelta(seconds=next(seconds)))


def entry_id(number: int) -> str:
    """Return an id for a number; ids sort as their numbers do."""
    return str(UUID(int=(0x0190 << 112) | (0x7 << 76) | (0x8 << 60) | number))


def entry(number: int, developer: str = "ann", **fields: Any) -> Entry:
    """Return an entry of half an hour of design on T-1, on the number-th day at 9:00 UTC."""
    day = START_DAY + number
    started = day * DAY + 9 * 3600
    values = {
        "id": entry_id(number),
        "developer": developer,
        "task": "T-1",
        "activity": "design",
        "started_epoch": started,
        "zone": "UTC",
        "seconds": 1800,
        "local_day": day,
        "logged_epoch": started + 1800,
        "ended_epoch": started + 1800,
    }
    return Entry(**(values | fields))


def foreign_entry(number: int, developer: str = "ann", **fields: Any) -> Entry:
    """Return the same entry with the source and key of a foreign log."""
    return entry(number, developer, **({"source": "jira", "source_key": str(number)} | fields))


def row_counts(database: Database) -> dict[str, int]:
    """Return the number of rows of each table that has any, but for the totals of entries."""
    with database.reading() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table is not entry_totals
        }
    return {name: n for name, n in counts.items() if n}


def table_rows(database: Database, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of some tables, by their keys."""
    with database.reading() as connection:
        return {
            name: [
                dict(row)
                for row in connection.execute(
                    select(metadata.tables[name]).order_by(*metadata.tables[name].primary_key)
                ).mappings()
            ]
            for name in tables
        }


def start_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process that runs ``code``; its sys.argv[1:] are the arguments."""
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{root}:{root / 'tests'}", "PATH": "/usr/bin:/bin"},
    )


def outputs_of(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Return what processes printed, once all have ended with exit code 0."""
    results = [(process, *process.communicate(timeout=90)) for process in processes]
    assert [process.returncode for process, *_ in results] == [0] * len(results), [
        error for *_, error in results
    ]
    return [out for _, out, _ in results]


def store_unchecked(database: Database, unchecked: Sequence[Entry]) -> None:
    """Store entries without the validity check, as earlier versions did."""
    import_records(database, unchecked, source="old", file="-", now_epoch=NOW_EPOCH)
