"""Our own verdict on a window without a database: its work items as a moments frame, then what `check` asks of it.

The GROUP BY is skipped, a row of the frame being one work item: a test holds this road to the whole path.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.calibrate.methods import LEVEL, UNDEFINED, Bounds
from benchmarks.calibrate.windows import Window
from tracker.domain.records import StudyDesign
from tracker.evidence.activity import estimate_activity
from tracker.evidence.intervals import drift_half_width


def frame(window: Window, minutes: NDArray[np.float64], arm: NDArray[np.bool_]) -> pd.DataFrame:
    """The window's work items under these arms: the columns of the moments, and those of the items."""
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


def judge(work: pd.DataFrame, design: StudyDesign, *, anytime: bool = False) -> Bounds:
    """θ and its half-width under a study design; undefined where `check` would say that there is too little."""
    found = estimate_activity(
        work,
        activity=work["activity"].iloc[0],
        design=design,
        level=LEVEL,
        interval_level=LEVEL,
        items=lambda: work,
        anytime=anytime,
    ).log_ratio
    return (
        UNDEFINED
        if found is None or found.high is None
        else Bounds(found.estimate, found.high - found.estimate)
    )


def without_allowance(found: Bounds) -> Bounds:
    """A before/after interval as it would be if teams did not drift."""
    drift = drift_half_width("before-after", LEVEL) or 0.0
    return Bounds(found.estimate, math.sqrt(found.half_width**2 - drift**2))
