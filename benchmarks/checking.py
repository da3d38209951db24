"""``check`` and ``report`` on the real log, compared with a bare query and an earlier version."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.log import MAP, ROOT, TASKS_MAP, environ_for, real_log
from benchmarks.pairs import Figure, Pair, compare, run

EARLIER = "3d4f066"
"""The commit before totals of entries were stored."""

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

BARE_QUERY = """
import sqlite3, sys
import pandas, sqlalchemy
query = '''
SELECT developer, activity, month, count(*), sum(minutes), sum(minutes * minutes)
FROM (
    SELECT developer, activity, min(local_month) AS month, sum(seconds) / 60.0 AS minutes
    FROM entries GROUP BY developer, task, activity
) GROUP BY developer, activity, month
'''
with sqlite3.connect(sys.argv[1]) as connection:
    connection.execute(query).fetchall()
"""
"""The minimal cost with these libraries: Python, two imports, and a GROUP BY over a GROUP BY."""

DESIGN = ("--design", "before-after")
TEAM = ("--team", "149")


def measure(folder: Path) -> Iterator[tuple[Pair | Figure, str]]:
    """Time ``check`` with a placebo rollout, for everybody and for one team, and ``report``."""
    environ = environ_for(folder)
    database = import_log(folder, "log.db")
    tracker = program(database)
    check, team = [*tracker, "check", *DESIGN], [*tracker, "check", *DESIGN, *TEAM]
    bare = [sys.executable, "-c", BARE_QUERY, str(database)]
    yield (
        compare(
            "check, all / Python, bare GROUP BY, import pandas, sqlalchemy",
            *(check, bare),
            environ=environ,
        ),
        "aim ≤ 1.5",
    )
    items = [sys.executable, "-c", ITEMS, str(database)]
    for name, command in (("all", check), ("one team", team)):
        yield (
            compare(
                f"check, {name} / reading the work items into pandas",
                *(command, items),
                environ=environ,
            ),
            "",
        )
    report = [*tracker, "report", *DESIGN, "--force", "-o", str(folder / "page.html")]
    yield compare("report, all / check, all", report, check, environ=environ), "aim ≤ 1.6"
    yield from _compare_with_earlier(folder, team)


def program(database: Path, code: Path | None = None) -> list[str]:
    """Return the command of tracker on a database; ``code`` is the folder of another version."""
    name = [str(Path(sys.executable).with_name("tracker"))]
    if code is not None:  # -P: not the version in the working directory
        name = ["env", f"PYTHONPATH={code}", sys.executable, "-P", "-m", "tracker"]
    return [*name, "-q", "--db", f"sqlite:///{database}"]


def import_log(folder: Path, name: str, code: Path | None = None) -> Path:
    """Import the real log with its tasks and a placebo rollout into a new database."""
    log, tasks = real_log(folder)
    environ = environ_for(folder)
    database = folder / name
    tracker = program(database, code)
    skip = ["--on-error", "skip"]
    run([*tracker, "import", "csv", str(log), "--map", str(MAP), *skip], environ)
    run([*tracker, "import", "tasks", str(tasks), "--map", str(TASKS_MAP), *skip], environ)
    run([*tracker, "rollout", "placebo", "--on", "2015-03-05"], environ)
    return database


def _compare_with_earlier(folder: Path, team: Sequence[str]) -> Iterator[tuple[Pair | Figure, str]]:
    """Compare with the earlier version, on a database of its own, if Git has its code."""
    name, aim = f"check, one team / the same at {EARLIER}", "aim ≤ 0.35"
    code = folder / EARLIER
    code.mkdir()
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", EARLIER], capture_output=True, check=False
    )
    if archive.returncode:
        yield Figure(name, "not measured: the commit is not in this repository"), aim
        return
    subprocess.run(["tar", "-x", "-C", str(code)], input=archive.stdout, check=True)
    earlier = program(import_log(folder, "earlier.db", code), code)
    yield (
        compare(name, team, [*earlier, "check", *DESIGN, *TEAM], environ=environ_for(folder)),
        aim,
    )
    shutil.rmtree(code)
