"""The demo's log in a database, for tests of whatever reads a log."""

from __future__ import annotations

import atexit
import contextlib
import functools
import shutil
import sqlite3
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from support.store_kit import NOW_EPOCH, open_test_database

from tracker import demo
from tracker.domain.ids import uuid7s
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map
from tracker.store.database import Database
from tracker.store.write import imports, team_data


def fill_with_demo(database: Database) -> None:
    """Fill a new database with the demo's log and rollouts.

    The log is imported once in a process; a SQLite file gets a copy of that.
    """
    folder = _folder_of_demo()
    if not database.sqlite:
        _import(database, folder / "log.csv")
        return
    with (
        contextlib.closing(sqlite3.connect(folder / "demo.db")) as imported,
        database.engine.connect() as connection,
    ):
        native: Any = connection.connection.driver_connection
        imported.backup(native)


@functools.cache
def _folder_of_demo() -> Path:
    """Return a folder with the log as a CSV file and as a SQLite file."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    demo.write_log(folder / "log.csv", np.random.default_rng(1))
    with open_test_database(f"sqlite:///{folder / 'demo.db'}") as database:
        _import(database, folder / "log.csv")
    return folder


def _import(database: Database, path: Path) -> None:
    """Import the log, and set its rollouts."""
    context = ImportContext(ids=uuid7s(10**18, Random(0)), map=parse_map(demo.MAP, "map"))
    with path.open("rb") as stream:
        log = open_log("csv", stream, path.name, context)
        imports.import_records(
            database, log.records, source=log.source, file=path.name, now_epoch=NOW_EPOCH
        )
    for rollout in demo.ROLLOUTS:
        team_data.set_rollout(database, "ann", rollout)
