"""What the tests of the store share: a clock that stands, an open database, entries made up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from tracker.domain.records import Entry
from tracker.store.schema import metadata
from tracker.store.upgrade import Database, open_database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_EPOCH = int(NOW.timestamp())
DAY = 86_400
START_DAY = 20_000


def clock() -> datetime:
    """A clock that stands."""
    return NOW


@contextmanager
def opened(url: str, **options: Any) -> Iterator[Database]:
    """The database at a URL, closed in the end."""
    database = open_database(url, now=clock, **options)
    try:
        yield database
    finally:
        database.close()


def entry_id(number: int) -> str:
    """An id made of a number, so that ids sort as the numbers do."""
    return str(UUID(int=(0x0190 << 112) | (0x7 << 76) | (0x8 << 60) | number))


def entry(number: int, developer: str = "ann", **fields: Any) -> Entry:
    """An entry of half an hour of design on T-1, on the number-th day at 9:00 UTC."""
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


def foreign(number: int, developer: str = "ann", **fields: Any) -> Entry:
    """The same entry as a foreign log would bring it."""
    return entry(number, developer, **({"source": "jira", "source_key": str(number)} | fields))


def counted(database: Database) -> dict[str, int]:
    """The number of rows in each table that has any."""
    with database.reading() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }
    return {name: n for name, n in counts.items() if n}


def content(database: Database, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of some tables, by their keys."""
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


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own that runs ``code``; sys.argv[1:] are the arguments."""
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{root}:{root / 'tests'}", "PATH": "/usr/bin:/bin"},
    )


def finish(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """What processes printed, once all have ended well."""
    ended = [(process, *process.communicate(timeout=90)) for process in processes]
    assert [process.returncode for process, *_ in ended] == [0] * len(ended), [
        error for *_, error in ended
    ]
    return [out for _, out, _ in ended]
