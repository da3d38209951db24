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
from tracker.evidence.item_cells import cell_reader
from tracker.evidence.moments import item_sums
from tracker.evidence.other_work import OtherWork, began_with


def moments_frame(
    window: Window, minutes: NDArray[np.float64], arm: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the window's work items with the columns of the moments and those of the items.

    Args:
        window: The window.
        minutes: Minutes of each item.
        arm: True for the items of the assistance arm.

    """
    items = pd.DataFrame(
        {
            "developer": window.developer,
            "activity": window.pool.activity,
            "day": window.day,
            "month": window.pool.month[window.items],
            "minutes": minutes,
            "estimate_minutes": window.pool.estimate_minutes[window.items],
        }
    )
    return _with_moments(items, arm)


def control_frame(window: Window) -> pd.DataFrame:
    """Return the other work of the window's developers, with the same columns.

    It is the work of all other activities that began in the days of the window, with the arms that
    its cutover gives.
    """
    other = window.pool.other_items
    numbers = np.unique(window.pool.developer[window.items])
    in_window = other[
        other["day"].between(window.day[0], window.day[-1]) & other["developer"].isin(numbers)
    ]
    items = in_window.assign(developer=np.searchsorted(numbers, in_window["developer"]))
    return _with_moments(items, items["day"].to_numpy() >= window.cutover_day)


def _with_moments(items: pd.DataFrame, arm: NDArray[np.bool_]) -> pd.DataFrame:
    """Return closed, estimated work items with the columns of their moments."""
    t, w = items["minutes"].to_numpy(), items["estimate_minutes"].to_numpy()
    return items.assign(
        arm=np.where(arm, "assistance", "baseline"),
        period=items["month"],
        status="closed",
        estimated=True,
        **item_sums(np.log(t), np.log(w), t, w),
    )


def interval(work: pd.DataFrame, design: StudyDesign, *, anytime: bool = False) -> Bounds:
    """Return θ and its half-width; undefined where `check` would report too little data."""
    return _interval(work, design, anytime=anytime)


def interval_with_control(
    work: pd.DataFrame, control_work: pd.DataFrame, design: StudyDesign
) -> Bounds:
    """Return the same, held against the developers' other work as if that were unassisted.

    With too little other work the interval is the one without a control.

    Args:
        work: The window's work items, as :func:`moments_frame` returns them.
        control_work: Those of :func:`control_frame`.
        design: The study design; only ``before-after`` has a control.
    """
    answers = control_work.groupby(["developer", "activity"], as_index=False).agg(
        entries=("n", "sum"), unassisted=("n", "sum")
    )
    other_work = OtherWork(read=lambda: began_with(work, control_work), answers=lambda: answers)
    return _interval(work, design, other_work=other_work)


def _interval(
    work: pd.DataFrame,
    design: StudyDesign,
    *,
    anytime: bool = False,
    other_work: OtherWork | None = None,
) -> Bounds:
    log_ratio = estimate_activity(
        work,
        activity=work["activity"].iloc[0],
        design=design,
        level=LEVEL,
        interval_level=LEVEL,
        items=cell_reader(lambda: work, work["activity"].iloc[0]),
        anytime=anytime,
        other_work=other_work,
    ).log_ratio
    if log_ratio is None or log_ratio.high is None:
        return UNDEFINED
    return Bounds(log_ratio.estimate, log_ratio.high - log_ratio.estimate)


def without_drift_allowance(bounds: Bounds) -> Bounds:
    """Return a before/after interval without its allowance for drift."""
    drift = drift_half_width("before-after", LEVEL) or 0.0
    return Bounds(bounds.estimate, math.sqrt(bounds.half_width**2 - drift**2))
