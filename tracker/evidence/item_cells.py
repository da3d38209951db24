"""Reading the work items of an activity as cells, one for each."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import pandas as pd

from tracker.domain.records import ItemStatus
from tracker.evidence.moments import ITEM_COLUMNS, Cells, cells_from_items

ReadCells = Callable[[tuple[ItemStatus, ...]], Cells]
"""Reads one cell per work item of the given statuses."""

CLOSED: tuple[ItemStatus, ...] = ("closed",)


def cell_reader(read_items: Callable[[], pd.DataFrame], activity: str) -> ReadCells:
    """Return a reader of the cells of an activity's work items with minutes.

    Args:
        read_items: Reads the items frame. It is called once, at the first call of the reader.
        activity: The activity; other activities are ignored.

    Returns:
        The reader. ``source`` of its cells is the row of the items frame. Those of closed items are
        kept; others are needed once.
    """
    read_once = functools.cache(read_items)

    def read_cells(statuses: tuple[ItemStatus, ...]) -> Cells:
        frame = read_once()
        usable = (
            (frame["activity"] == activity)
            & frame["status"].isin(statuses)
            & (frame["minutes"] > 0)
        )
        columns = [name for name in ITEM_COLUMNS if name in frame]
        cells = cells_from_items(frame.loc[usable, columns])
        return dataclasses.replace(cells, source=np.flatnonzero(usable)[cells.source])

    read_closed = functools.cache(lambda: read_cells(CLOSED))
    return lambda statuses: read_closed() if statuses == CLOSED else read_cells(statuses)
