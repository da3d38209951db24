"""`python -m benchmarks.calibrate`: judge windows of a log by every method and print the tables."""

from __future__ import annotations

import argparse
import functools
import itertools
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from benchmarks.calibrate import pools, scenarios, table
from benchmarks.log import MAP, TASKS_MAP, real_log
from tracker.domain.errors import NothingToDo, TrackerError

CHUNK = 20
"""Windows that a worker process judges at a time."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code; it is above 0 where the log cannot be used."""
    options = _options(arguments)
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="tracker-calibrate-") as folder:
            log_pools = _pools(options, Path(folder))
            rows = measure(log_pools, options.windows, options.seed, options.workers)
    except TrackerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.out:
        rows.to_csv(options.out, index=False)
    print(table.render(rows))
    print(f"\nseed {options.seed}, {time.monotonic() - started:.0f} s")
    return 0


def measure(log_pools: list[pools.Pool], windows: int, seed: int, workers: int) -> pd.DataFrame:
    """Judge windows of each activity by every method.

    Args:
        log_pools: The pools of all teams and activities.
        windows: How many windows to draw of each activity.
        seed: Seed of the random generators; each window has its own.
        workers: Number of processes. It does not change the result.

    Returns:
        One row per window, comparison and method; columns as in ``scenarios.Row``.

    Raises:
        NothingToDo: No pool is of an activity that is calibrated, or no team is large enough.

    """
    by_activity = [
        [pool for pool in log_pools if pool.activity == activity] for activity in scenarios.GAINS
    ]
    jobs = [
        functools.partial(_judge_chunk, part, seed, range(first, min(first + CHUNK, windows)))
        for part in by_activity
        if part
        for first in range(0, windows, CHUNK)
    ]
    if not jobs:
        raise NothingToDo(
            f"no work item of {' or '.join(scenarios.GAINS)} in the log:"
            " see [values.activity] of the map."
        )
    if workers == 1:
        chunks = [job() for job in jobs]
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as executor:
            chunks = [future.result() for future in [executor.submit(job) for job in jobs]]
    return pd.DataFrame(itertools.chain.from_iterable(chunks), columns=list(scenarios.Row._fields))


def _judge_chunk(part: list[pools.Pool], seed: int, numbers: range) -> list[scenarios.Row]:
    return [row for number in numbers for row in scenarios.judge_window(part, seed, number)]


def _pools(options: argparse.Namespace, folder: Path) -> list[pools.Pool]:
    log, tasks = (options.log, options.tasks) if options.log else real_log(folder)
    task_list = (tasks, options.tasks_map) if tasks else None
    database = pools.import_log(f"sqlite:///{folder / 'log.db'}", (log, options.map), task_list)
    try:
        return pools.read_pools(database, tuple(scenarios.GAINS))
    finally:
        database.close()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate", description=__doc__)
    add = parser.add_argument
    add("--log", type=Path, help="a time log in CSV (default: CESAW, beside the checkout)")
    add("--map", type=Path, default=MAP, help="the map of the log")
    add("--tasks", type=Path, help="a CSV file of the log's tasks with their estimates")
    add("--tasks-map", type=Path, default=TASKS_MAP, help="the map of the tasks")
    add(
        "--windows",
        type=int,
        default=4_500,
        metavar="N",
        help="windows of each activity (default: 4500)",
    )
    add("--seed", type=int, default=1, metavar="S", help="seed of the draws (default: 1)")
    add("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    add("--out", type=Path, metavar="CSV", help="write each method's interval on each window here")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
