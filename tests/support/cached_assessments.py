"""A cache of assessments, for the commands of a test that ask the same question of the same log."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from tracker.evidence.assessment import Assessment
from tracker.store.database import Database

Assess = Callable[..., Assessment]
_CACHED = 20
"""The number of assessments in the cache."""
_cache: dict[tuple[object, ...], Assessment] = {}


def cached(assess: Assess) -> Assess:
    """Return a function that caches assessments by the log, the question and the time."""

    @wraps(assess)
    def assess_once(database: Database, question: Any, **options: Any) -> Assessment:
        query = (repr(question), *sorted(options.items()))
        key = (database.safe_url, database.now_epoch, *_state(database), *query)
        if key not in _cache:
            assessment = assess(database, question, **options)
            while len(_cache) >= _CACHED:
                del _cache[next(iter(_cache))]
            # Assessing may itself store the cells of past months.
            key = (database.safe_url, database.now_epoch, *_state(database), *query)
            _cache[key] = assessment
        return _cache[key]

    return assess_once


def _state(database: Database) -> tuple[object, ...]:
    """Return a value that changes whenever something is written to a database."""
    if database.path is None:
        with database.engine.connect() as connection:
            position = connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn()::text")
            return (position.scalar_one(),)
    files = (Path(f"{database.path}{suffix}") for suffix in ("", "-wal"))
    states = [file.stat() for file in files if file.exists()]
    return tuple((state.st_size, state.st_mtime_ns) for state in states if state.st_size)
