"""Storing the cells of disclosure control."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from sqlalchemy import insert

from tracker.domain.disclosure import CellKey, Partition
from tracker.domain.errors import StoreError
from tracker.store.database import Database
from tracker.store.read.cells import stored_partition
from tracker.store.schema import disclosure_cells

_LOCK = 0x6365_6C6C  # PostgreSQL's advisory lock of the partition
_LOCK_TIMEOUT_SECONDS = 1


def store_cells(database: Database, new_cells: Mapping[CellKey, int], partition: Partition) -> None:
    """Store new cells, which then never change.

    Where the database cannot be written (no room, no right, another writer), nothing is stored:
    whoever asks next computes the same cells from the same entries.

    Args:
        database: The database.
        new_cells: The cells to store.
        partition: The stored cells that the new ones were computed from. If there are others by
            now, nothing is stored.
    """
    rows = [
        {**key._asdict(), "cell": cell, "fixed_epoch": database.now_epoch}
        for key, cell in new_cells.items()
    ]
    with (
        contextlib.suppress(StoreError),
        database.writing(lock_timeout_seconds=_LOCK_TIMEOUT_SECONDS) as connection,
    ):
        if not database.sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        if stored_partition(connection) == partition:
            connection.execute(insert(disclosure_cells), rows)
