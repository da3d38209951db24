"""Clipped residuals of the cells of a moments frame, as the database sums them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tracker.domain.records import ResidualModel
from tracker.evidence.estimators.pseudo_values import ClipCells, ClippedSums, FittedValues
from tracker.evidence.moments import Cells

ReadClippedSums = Callable[[ResidualModel], pd.DataFrame]
"""Reads the sums of clipped residuals by cell."""


def cell_clipper(closed: pd.DataFrame, read: ReadClippedSums) -> ClipCells:
    """Return what sums clipped residuals for cells of a frame.

    Args:
        closed: The moments of closed items from which the cells were made.
        read: Reads the sums, by developer, activity, arm, period and ``unit`` of the estimate.
    """
    keys = ["developer", "activity", "arm", "period", "unit"]

    def clip(cells: Cells, fitted: FittedValues) -> ClippedSums:
        rows = closed.iloc[cells.source]
        names = zip(rows["developer"].tolist(), rows["activity"].tolist(), strict=True)
        effects = dict(zip(names, fitted.effects[cells.developer].tolist(), strict=True))
        model = ResidualModel(
            effects, fitted.theta, fitted.slope, fitted.limit, fitted.points_offset
        )
        sums = rows[keys].merge(read(model), on=keys, how="left", validate="one_to_one")
        return ClippedSums(
            *(sums[name].to_numpy(dtype=np.float64) for name in ("r", "rx", "rr", "inside"))
        )

    return clip
