"""`python -m benchmarks.calibrate`: import a log, draw windows of it, judge each by every method, print the tables."""

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
"""Windows that a worker takes at a time."""


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 1 where the log cannot be used, said in one line."""
    options = _options(arguments)
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="tracker-calibrate-") as folder:
            rows = measure(
                _pools(options, Path(folder)), options.windows, options.seed, options.workers
            )
    except TrackerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.out:
        rows.to_csv(options.out, index=False)
    print(table.render(rows))
    print(f"\nseed {options.seed}, {time.monotonic() - started:.0f} s")
    return 0


def measure(read: list[pools.Pool], windows: int, seed: int, workers: int) -> pd.DataFrame:
    """What every method says of so many windows of each activity; the workers change nothing but the time it takes."""
    by_activity = [
        [pool for pool in read if pool.activity == activity] for activity in scenarios.GAINS
    ]
    jobs = [
        functools.partial(_chunk, part, seed, range(first, min(first + CHUNK, windows)))
        for part in by_activity
        if part
        for first in range(0, windows, CHUNK)
    ]
    if not jobs:
        raise NothingToDo(
            f"no work item of {' or '.join(scenarios.GAINS)} in the log: see [values.activity] of the map."
        )
    if workers == 1:
        found = [job() for job in jobs]
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as executor:
            found = [future.result() for future in [executor.submit(job) for job in jobs]]
    return pd.DataFrame(itertools.chain.from_iterable(found), columns=list(scenarios.Row._fields))


def _chunk(part: list[pools.Pool], seed: int, numbers: range) -> list[scenarios.Row]:
    return [row for number in numbers for row in scenarios.run(part, seed, number)]


def _pools(options: argparse.Namespace, folder: Path) -> list[pools.Pool]:
    log, tasks = (options.log, options.tasks) if options.log else real_log(folder)
    known = (tasks, options.tasks_map) if tasks else None
    database = pools.import_log(f"sqlite:///{folder / 'log.db'}", (log, options.map), known)
    try:
        return pools.read(database, tuple(scenarios.GAINS))
    finally:
        database.close()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate", description=__doc__)
    parser.add_argument(
        "--log", type=Path, help="a CSV time log (default: CESAW, beside the checkout)"
    )
    parser.add_argument("--map", type=Path, default=MAP, help="its map")
    parser.add_argument("--tasks", type=Path, help="a CSV of its tasks, with their estimates")
    parser.add_argument("--tasks-map", type=Path, default=TASKS_MAP, help="the map of that")
    parser.add_argument(
        "--windows", type=int, default=4_500, metavar="N", help="of each activity (default: 4500)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="processes (default: 2)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="CSV", help="what every method said of every window"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
