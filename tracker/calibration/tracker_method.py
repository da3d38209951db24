"""The project's own interval for a window, without a database.

The window's work items become a moments frame with one row per item, so the GROUP BY is skipped.
A test holds the result equal to that of the full path through a database.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracker.calibration.methods import LEVEL, UNDEFINED, Bounds
from tracker.calibration.windows import Window
from tracker.domain.records import StudyDesign
from tracker.evidence.activity import estimate_activity
from tracker.evidence.intervals import drift_half_width


def moments_frame(
    window: Window, minutes: NDArray[np.float64], arm: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the window's work items with the columns of the moments and those of the items.

    Args:
        window: The window.
        minutes: Minutes of each item.
        arm: True for the items of the assistance arm.

    """
    t, w = minutes, window.pool.estimate_minutes[window.items]
    y, x = np.log(t), np.log(w)
    return pd.DataFrame(
        {
            "developer": window.developer,
            "activity": window.pool.activity,
            "arm": np.where(arm, "assistance", "baseline"),
            "period": window.pool.month[window.items],
            "month": window.pool.month[window.items],
            "status": "closed",
            "estimated": True,
            "minutes": t,
            "estimate_minutes": w,
            "n": 1,
            **{"y": y, "yy": y * y, "x": x, "xx": x * x, "xy": x * y},
            **{"t": t, "tt": t * t, "w": w, "ww": w * w, "tw": t * w},
        }
    )


def interval(work: pd.DataFrame, design: StudyDesign, *, anytime: bool = False) -> Bounds:
    """Return θ and its half-width; undefined where `check` would report too little data."""
    log_ratio = estimate_activity(
        work,
        activity=work["activity"].iloc[0],
        design=design,
        level=LEVEL,
        interval_level=LEVEL,
        items=lambda: work,
        anytime=anytime,
    ).log_ratio
    if log_ratio is None or log_ratio.high is None:
        return UNDEFINED
    return Bounds(log_ratio.estimate, log_ratio.high - log_ratio.estimate)


def without_drift_allowance(bounds: Bounds) -> Bounds:
    """Return a before/after interval without its allowance for drift."""
    drift = drift_half_width("before-after", LEVEL) or 0.0
    return Bounds(bounds.estimate, math.sqrt(bounds.half_width**2 - drift**2))
