"""Calibration on one's own log: how often verdicts are wrong where no assistant was at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tracker.analysis.calibration_pools import read_pools
from tracker.analysis.disclosure import permitted_part
from tracker.calibration import summary
from tracker.calibration.engine import measure
from tracker.calibration.pools import Pool
from tracker.calibration.windows import sample_window
from tracker.domain import synthetic
from tracker.domain.disclosure import Limits
from tracker.domain.errors import NothingToDo
from tracker.domain.question import Question
from tracker.store.database import Database
from tracker.store.read import queries

ITEMS_PER_WINDOW = 5
"""A log has at most one window for so many work items: more would be mostly the same ones."""


@dataclass(frozen=True, slots=True)
class Material:
    """The work of one activity from which windows are drawn."""

    activity: str
    items: int
    developers: int
    windows: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often each method is wrong on a log."""

    materials: tuple[Material, ...]
    figures: tuple[summary.Figures, ...]
    false_gains: dict[str, summary.Count]
    """By method, how often it reports a gain before and after a date where there is none."""
    left_out: tuple[str, ...] = ()
    """What is missing for the activities that could not be calibrated."""
    limits: Limits | None = None
    synthetic_notice: str | None = None
    """For the demo's log, the notice to print above everything."""


@dataclass(frozen=True, slots=True)
class _Log:
    """What a calibration reads of a log."""

    pools: dict[str, list[Pool]]
    left_out: list[str] = field(default_factory=list)
    limits: Limits | None = None
    synthetic_notice: str | None = None


def calibrate(
    database: Database,
    question: Question,
    *,
    windows: int,
    workers: int,
    progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Judge windows of a log by every method.

    Args:
        database: The log.
        question: The activities, the part of the log, and the seed. Nothing else of it is used.
        windows: How many windows to draw of each activity; fewer are drawn of a small log.
        workers: Number of processes. It does not change the result.
        progress: Called with the number of windows judged so far, and of all windows.

    Raises:
        NothingToDo: No entry is selected, or too little work for a window.

    """
    log = _read_log(database, question)
    materials = [_material(activity, part, windows) for activity, part in log.pools.items()]
    total = sum(material.windows for material in materials)
    rows = measure(
        [pool for part in log.pools.values() for pool in part],
        {material.activity: material.windows for material in materials},
        question.seed,
        workers,
        progress=None if progress is None else lambda judged: progress(judged, total),
    )
    return Calibration(
        materials=tuple(materials),
        figures=tuple(summary.summarise(rows)),
        false_gains=summary.false_gains(rows),
        left_out=tuple(log.left_out),
        limits=log.limits,
        synthetic_notice=log.synthetic_notice,
    )


def _read_log(database: Database, question: Question) -> _Log:
    """Read the pools from which a window can be drawn.

    Raises:
        NothingToDo: No window can be drawn in any activity.

    """
    with permitted_part(database, question) as part:
        pools = read_pools(part, question.activities)
        is_made_up = queries.is_made_up(part.connection)
        limits = part.limits
    usable: dict[str, list[Pool]] = {}
    left_out = []
    for activity in question.activities:
        of_activity = [pool for pool in pools if pool.activity == activity]
        try:
            sample_window(of_activity, np.random.default_rng(question.seed), activity)
        except NothingToDo as error:
            left_out.append(str(error))
        else:
            usable[activity] = [pool for pool in of_activity if pool.is_large]
    if not usable:
        raise NothingToDo(left_out[0])
    return _Log(usable, left_out, limits, synthetic.NOTICE if is_made_up else None)


def _material(activity: str, pools: Sequence[Pool], windows: int) -> Material:
    items = sum(map(len, pools))
    return Material(
        activity=activity,
        items=items,
        developers=sum(pool.developers for pool in pools),
        windows=min(windows, items // ITEMS_PER_WINDOW),
    )
