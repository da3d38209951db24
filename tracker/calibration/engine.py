"""Judges many windows, in several processes."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import NamedTuple

import pandas as pd

from tracker.calibration import scenarios
from tracker.calibration.pools import Pool
from tracker.domain.errors import NothingToDo, TrackerError

CHUNK = 20
"""Windows that a worker process judges at a time."""


class _Job(NamedTuple):
    """Some windows of one activity."""

    activity: str
    seed: int
    numbers: range
    comparisons: Collection[str]
    effects: bool


Pools = Mapping[str, list[Pool]]
"""The pools of each activity."""


def measure(  # noqa: PLR0913 - what a run consists of
    pools: Sequence[Pool],
    windows: int | Mapping[str, int],
    seed: int,
    workers: int,
    comparisons: Collection[str] = scenarios.COMPARISONS,
    progress: Callable[[int], None] | None = None,
    *,
    effects: bool = True,
) -> pd.DataFrame:
    """Judge windows of each activity by every method.

    Args:
        pools: The pools of all teams and activities.
        windows: How many windows to draw, of each activity or by activity.
        seed: Seed of the random generators; each window has its own.
        workers: Number of processes. It does not change the result.
        comparisons: Which comparisons to make. It does not change the result of the others.
        progress: Called with the number of windows judged so far.
        effects: Also judge the windows with effects added; without them only false alarms are told.

    Returns:
        One row per window, comparison and method; columns as in ``scenarios.Row``.

    Raises:
        NothingToDo: There is no pool, or no team of an activity is large enough.

    """
    if not pools:
        raise NothingToDo(
            "no work of the activities is finished, estimated and without assistance."
        )
    by_activity: dict[str, list[Pool]] = {}
    for pool in pools:
        by_activity.setdefault(pool.activity, []).append(pool)
    jobs = [
        _Job(activity, seed, range(first, min(first + CHUNK, total)), tuple(comparisons), effects)
        for activity in by_activity
        for total in (windows if isinstance(windows, int) else windows[activity],)
        for first in range(0, total, CHUNK)
    ]
    judged, chunks = 0, []
    with _judging(by_activity, jobs, workers) as results:
        for job, chunk in zip(jobs, results, strict=True):
            chunks.append(chunk)
            judged += len(job.numbers)
            if progress is not None:
                progress(judged)
    rows = itertools.chain.from_iterable(chunks)
    return pd.DataFrame(rows, columns=list(scenarios.Row._fields))


@contextmanager
def _judging(
    pools: Pools, jobs: Sequence[_Job], workers: int
) -> Iterator[Iterator[list[scenarios.Row]]]:
    """Run jobs, and yield their results in the order of the jobs."""
    if workers == 1:
        yield (_judge(pools, job) for job in jobs)
        return
    executor = ProcessPoolExecutor(
        workers, mp_context=get_context("fork"), initializer=_share, initargs=(pools,)
    )
    try:
        futures: list[Future[list[scenarios.Row]]] = [
            executor.submit(_judge_shared, job) for job in jobs
        ]
        yield (future.result() for future in futures)
    except BrokenProcessPool:
        raise TrackerError(
            "a process that judged windows was ended from outside: try again with fewer --workers."
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


_shared: list[Pools] = []
"""The pools of a worker process, which it has from its parent without a copy."""


def _share(pools: Pools) -> None:
    """Prepare a worker process. Ctrl-C ends it at once and silently."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _shared[:] = [pools]


def _judge_shared(job: _Job) -> list[scenarios.Row]:
    return _judge(_shared[0], job)


def _judge(pools: Pools, job: _Job) -> list[scenarios.Row]:
    return [
        row
        for number in job.numbers
        for row in scenarios.judge_window(
            pools[job.activity], job.seed, number, job.comparisons, effects=job.effects
        )
    ]
