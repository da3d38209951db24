"""`python -m benchmarks.calibrate`: judge windows of a log by every method and print the tables."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.calibrate import table
from benchmarks.calibrate.log_import import import_log, read_log_pools
from benchmarks.log import MAP, TASKS_MAP, real_log
from tracker.calibration import scenarios
from tracker.calibration.engine import measure
from tracker.calibration.pools import Pool
from tracker.domain.errors import TrackerError


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code; it is above 0 where the log cannot be used."""
    options = _options(arguments)
    started = time.monotonic()
    if options.rows:
        print(table.render(_joined(options.rows)))
        return 0
    try:
        rows = _measured(options)
    except TrackerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.out:
        rows.to_csv(options.out, index=False)
    print(table.render(rows))
    print(f"\nseed {options.seed}, {time.monotonic() - started:.0f} s")
    return 0


def _measured(options: argparse.Namespace) -> pd.DataFrame:
    """Return the rows of the log's windows."""
    with tempfile.TemporaryDirectory(prefix="tracker-calibrate-") as folder:
        pools = _pools(options, Path(folder))
    return measure(
        pools,
        options.windows,
        options.seed,
        options.workers,
        options.comparisons,
        effects=not options.only_false_alarms,
    )


def _joined(files: list[Path]) -> pd.DataFrame:
    """Return the rows of several runs; those that two runs have in common count once."""
    tables = [pd.read_csv(file, dtype={"team": str}) for file in files]
    return pd.concat(tables, ignore_index=True).drop_duplicates(ignore_index=True)


def _pools(options: argparse.Namespace, folder: Path) -> list[Pool]:
    log, tasks = (options.log, options.tasks) if options.log else real_log(folder)
    task_list = (tasks, options.tasks_map) if tasks else None
    database = import_log(f"sqlite:///{folder / 'log.db'}", (log, options.map), task_list)
    try:
        return read_log_pools(database, tuple(scenarios.GAINS))
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
    add(
        "--comparisons",
        nargs="+",
        choices=scenarios.COMPARISONS,
        default=scenarios.COMPARISONS,
        metavar="C",
        help=f"only these of {', '.join(scenarios.COMPARISONS)}; their figures stay the same",
    )
    add(
        "--only-false-alarms",
        action="store_true",
        help="leave out the windows with effects: a quarter of the time",
    )
    add(
        "--rows",
        nargs="+",
        type=Path,
        metavar="CSV",
        help="print the tables of what --out wrote, of several runs together",
    )
    add("--out", type=Path, metavar="CSV", help="write each method's interval on each window here")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
