"""Importing made-up CSV logs of up to 10 million rows: rows a second, and peak memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.log import environ_for
from benchmarks.long_logs import HEADER, MAP
from benchmarks.pairs import Figure, run

ROWS = (200_000, 1_000_000, 5_000_000, 10_000_000)
AIM = "aim: flat, ≤ 120 MB"
DEVELOPERS = 100
ENTRIES_OF_A_TASK = 10


def measure(folder: Path) -> Iterator[tuple[Figure, str]]:
    """Import logs of a hundred developers into new SQLite files, the shortest first."""
    for rows in ROWS:
        yield figure(folder, rows), AIM


def figure(folder: Path, rows: int) -> Figure:
    """Return how an import of so many rows went: once, since it takes minutes."""
    log, database, map_ = folder / "log.csv", folder / "log.db", folder / "map.toml"
    map_.write_text(MAP, encoding="utf-8")
    with log.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        file.writelines(map(row, range(rows)))
    program = str(Path(sys.executable).with_name("tracker"))
    command = [program, "-q", "--db", f"sqlite:///{database}", "import", "csv", str(log)]
    result = run([*command, "--map", str(map_)], environ_for(folder))
    assert result.cpu_seconds is not None
    for path in folder.glob("log.*"):
        path.unlink()
    value = (
        f"{rows / result.seconds:,.0f} rows a second, "
        f"{rows / result.cpu_seconds:,.0f} a CPU second, peak {result.peak}"
    )
    return Figure(f"import csv, {rows:,} rows", value)


def row(number: int) -> str:
    """Return a row of a log in the order of time: each developer works without a break."""
    stretch, developer = divmod(number, DEVELOPERS)
    start = datetime(2010, 1, 31, tzinfo=UTC) + timedelta(minutes=15 * stretch)
    end = start + timedelta(minutes=14)
    task = f"PAY-{stretch // ENTRIES_OF_A_TASK * DEVELOPERS + developer}"
    return f"{number},dev{developer},{task},,design,{start:%Y-%m-%d %H:%M},{end:%Y-%m-%d %H:%M},\n"
