"""The demo's log in a database, for tests of whatever reads a log."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
from support.store_kit import NOW_EPOCH

from tracker import demo
from tracker.domain.ids import uuid7s
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map
from tracker.store.database import Database
from tracker.store.write import imports, team_data


def import_demo(database: Database, folder: Path, seed: int = 1) -> None:
    """Write the demo's log as a CSV file to a folder, import it, and set its rollouts."""
    path = folder / "log.csv"
    demo.write_log(path, np.random.default_rng(seed))
    context = ImportContext(ids=uuid7s(10**18, Random(0)), map=parse_map(demo.MAP, "map"))
    with path.open("rb") as stream:
        log = open_log("csv", stream, "log.csv", context)
        imports.import_records(
            database, log.records, source=log.source, file="log.csv", now_epoch=NOW_EPOCH
        )
    for rollout in demo.ROLLOUTS:
        team_data.set_rollout(database, "ann", rollout)
