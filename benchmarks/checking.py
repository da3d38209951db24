"""``check`` on the real log against reading its work items into pandas."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.log import MAP, TASKS_MAP, environ_for, real_log
from benchmarks.pairs import Pair, compare, run

ITEMS = """
import sqlite3, sys
import pandas
with sqlite3.connect(sys.argv[1]) as connection:
    entries = pandas.read_sql(
        "SELECT developer, task, activity, started_epoch, seconds FROM entries", connection
    )
    estimates = pandas.read_sql(
        "SELECT developer, task, activity, estimate_minutes FROM work_items", connection
    )
keys = ["developer", "task", "activity"]
sums = {"first": ("started_epoch", "min"), "seconds": ("seconds", "sum")}
items = entries.groupby(keys).agg(**sums).reset_index()
items = items.merge(estimates, on=keys, how="left")
"""


def measure(folder: Path) -> Iterator[tuple[Pair, str]]:
    """Time ``check`` with a placebo rollout, for everybody and for one team."""
    log, tasks = real_log(folder)
    environ = environ_for(folder)
    database = folder / "log.db"
    tracker = [
        str(Path(sys.executable).with_name("tracker")),
        "-q",
        "--db",
        f"sqlite:///{database}",
    ]
    skip = ["--on-error", "skip"]
    run([*tracker, "import", "csv", str(log), "--map", str(MAP), *skip], environ)
    run([*tracker, "import", "tasks", str(tasks), "--map", str(TASKS_MAP), *skip], environ)
    run([*tracker, "rollout", "placebo", "--on", "2015-03-05"], environ)
    pandas = [sys.executable, "-c", ITEMS, str(database)]
    design = ["--design", "before-after"]
    everybody = [*tracker, "check", *design]
    yield (
        compare(
            "check, everybody / reading the work items into pandas",
            everybody,
            pandas,
            environ=environ,
        ),
        "",
    )
    team = [*everybody, "--team", "149"]
    yield (
        compare(
            "check, one team / reading the work items into pandas", team, pandas, environ=environ
        ),
        "",
    )
