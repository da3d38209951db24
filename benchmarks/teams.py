"""What a year of a team of 10, 100 or 1,000 developers costs: import, disk, ``check``, ``log``.

The logs are drawn at random. A developer has 63 entries of 19 work items a month, as in the real
log.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from benchmarks.checking import program
from benchmarks.log import environ_for
from benchmarks.long_logs import HEADER, MAP
from benchmarks.pairs import Figure, Run, run

TEAMS = (10, 100, 1_000)
MONTHS = 12
ENTRIES, ITEMS = 63, 19
"""Entries and work items of a developer in a month."""
ROLLOUT = datetime(2025, 7, 1, tzinfo=UTC)
RUNS = 3


def measure(folder: Path) -> Iterator[tuple[Figure, str]]:
    """Import each log into a new SQLite file, check it, and log one more entry."""
    environ, map_, log = environ_for(folder), folder / "map.toml", folder / "log.csv"
    map_.write_text(MAP, encoding="utf-8")
    for developers in TEAMS:
        tracker = program(database := folder / f"{developers}.db")
        # In a process of its own, whose memory does not count as that of later commands.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            count = pool.submit(write_log, log, developers).result()
        imported = run([*tracker, "import", "csv", str(log), "--map", str(map_)], environ)
        run([*tracker, "rollout", "Helper", "--on", f"{ROLLOUT:%Y-%m-%d}"], environ)
        commands = (["check"], ["report", "--force", "-o", str(folder / "page.html")])
        check, report = (_median([*tracker, *command], environ) for command in commands)
        logged = _median([*tracker, "log", "design", "T-1", "1m"], environ)
        size = database.stat().st_size / 1e6
        value = (
            f"{count:,} entries, {size:,.0f} MB; CPU seconds: import {imported.cpu_seconds:.1f}, "
            f"check {check.cpu_seconds:.2f} ({check.peak}), report {report.cpu_seconds:.2f}, "
            f"log {logged.cpu_seconds:.2f}"
        )
        yield Figure(f"a year of {developers:,} developers", value), ""


def write_log(path: Path, developers: int) -> int:
    """Write the log of a year in the order of time; return its number of entries."""
    rng = random.Random(developers)
    rows: list[tuple[datetime, list[str]]] = []
    for developer in range(developers):
        for month in range(MONTHS):
            rows += _rows_of_month(f"dev{developer}", datetime(2025, month + 1, 1, tzinfo=UTC), rng)
    rows.sort(key=lambda row: row[0])
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(HEADER)
        writer = csv.writer(file)
        writer.writerows([number, *row] for number, (_, row) in enumerate(rows))
    return len(rows)


def _rows_of_month(
    developer: str, month: datetime, rng: random.Random
) -> Iterator[tuple[datetime, list[str]]]:
    """Yield entries of a month with their starts; an item's effort is spread over its entries."""
    estimates = [round(rng.lognormvariate(4.4, 0.9)) + 1 for _ in range(ITEMS)]
    for number in range(ENTRIES):
        item = number * ITEMS // ENTRIES
        minutes = max(1, round(estimates[item] * rng.lognormvariate(0, 0.5) * ITEMS / ENTRIES))
        start = month + timedelta(minutes=8 * 60 + number * 27 * 24 * 60 // ENTRIES)
        end = start + timedelta(minutes=min(minutes, 500))
        activity = ("design", "testing")[item % 2]
        task = f"{developer}-{month:%m}-{item}"
        times = (f"{instant:%Y-%m-%d %H:%M}" for instant in (start, end))
        yield start, [developer, task, "", activity, *times, f"{estimates[item]}"]


def _median(command: list[str], environ: dict[str, str]) -> Run:
    """Return the run with the median of the CPU seconds."""
    runs = [run(command, environ) for _ in range(RUNS)]
    return sorted(runs, key=lambda result: result.cpu_seconds or 0)[RUNS // 2]
