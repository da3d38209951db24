"""Importing the real log against ``pandas.read_csv`` and ``DataFrame.to_sql`` of its columns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.log import MAP, TASKS_MAP, environ_for, real_log
from benchmarks.pairs import Pair, compare

COLUMNS = (
    "time_log_fact_key",
    "person_key",
    "team_key",
    "project_key",
    "plan_item_key",
    "phase_short_name",
    "time_log_start_date",
    "time_log_end_date",
    "time_log_delta_minutes",
    "time_log_interrupt_minutes",
)
DATES = COLUMNS[6:8]
PANDAS = """
import sys
import pandas
from sqlalchemy import create_engine
frame = pandas.read_csv(sys.argv[1], usecols={columns!r})
for name in {dates!r}:
    frame[name] = pandas.to_datetime(frame[name], format="%m/%d/%Y %H:%M", errors="coerce")
frame.to_sql("entries", create_engine("sqlite:///" + sys.argv[2]), index=False)
"""


def measure(folder: Path) -> Iterator[tuple[Pair, str]]:
    """Time an import into a new SQLite file, the same import again, and the import of the tasks."""
    log, tasks = real_log(folder)
    environ = environ_for(folder)
    database, plain = folder / "log.db", folder / "plain.db"
    tracker = [
        str(Path(sys.executable).with_name("tracker")),
        "-q",
        "--db",
        f"sqlite:///{database}",
    ]
    pandas = [
        sys.executable,
        "-c",
        PANDAS.format(columns=list(COLUMNS), dates=list(DATES)),
        str(log),
        str(plain),
    ]
    entries = [*tracker, "import", "csv", str(log), "--map", str(MAP), "--on-error", "skip"]

    def remove_databases() -> None:
        for path in folder.glob("*.db*"):
            path.unlink()

    def remove_plain_database() -> None:
        plain.unlink(missing_ok=True)

    yield (
        compare(
            "import csv, 203,621 rows / pandas read_csv + to_sql",
            entries,
            pandas,
            environ=environ,
            before=remove_databases,
        ),
        "aim ≤ 0.65, ≤ 80 MB",
    )
    yield (
        compare(
            "the same import again / pandas",
            entries,
            pandas,
            environ=environ,
            before=remove_plain_database,
            runs=3,
        ),
        "",
    )
    estimates = [
        *tracker,
        "import",
        "tasks",
        str(tasks),
        "--map",
        str(TASKS_MAP),
        "--on-error",
        "skip",
    ]
    yield (
        compare(
            "import tasks, 61,817 rows / pandas, time log",
            estimates,
            pandas,
            environ=environ,
            before=remove_databases,
            runs=3,
        ),
        "",
    )
