"""Imports a log from files into a new database, and reads its pools."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Sequence
from pathlib import Path

from tracker.analysis.calibration_pools import read_pools
from tracker.analysis.disclosure import permitted_part
from tracker.calibration.pools import Pool
from tracker.domain import ids
from tracker.domain.question import Question
from tracker.sources import registry
from tracker.sources.foreign_log import ImportContext
from tracker.sources.table.column_map import read_map
from tracker.store.database import Database
from tracker.store.upgrade import open_database
from tracker.store.write import imports


def import_log(url: str, log: tuple[Path, Path], tasks: tuple[Path, Path] | None) -> Database:
    """Return a new database that holds a log and its task list. Invalid rows are left out.

    Args:
        url: Where to create the database.
        log: A time log in CSV, and its map.
        tasks: A task list in CSV, and its map.

    Raises:
        TrackerError: A file or a map cannot be read.

    """
    database = open_database(url, now=lambda: dt.datetime.now(dt.UTC))
    entry_ids = ids.uuid7s(time.time_ns(), random.Random())
    for kind, files in (("csv", log), ("tasks", tasks)):
        if files is None:
            continue
        path, map_path = files
        with path.open("rb") as file:
            foreign_log = registry.open_log(
                kind, file, path.name, ImportContext(ids=entry_ids, map=read_map(map_path))
            )
            imports.import_records(
                database,
                foreign_log.batched,
                source=foreign_log.source,
                file=path.name,
                now_epoch=database.now_epoch,
                on_error="skip",
            )
    return database


def read_log_pools(database: Database, activities: Sequence[str]) -> list[Pool]:
    """Return the pools of a whole log, a team each. "Now" is the log's last instant."""
    with permitted_part(database, Question(activities=tuple(activities))) as part:
        return read_pools(part, activities, only_mature=False, join_small_teams=False)
