"""`python -m benchmarks.stress [kills|writers|fuzz]`: kill -9, many writers, hostile inputs.

Each prints one line with its figures, and fails where anything was lost, doubled or ended in a
traceback.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from benchmarks.fuzz import fuzz
from benchmarks.log import environ_for
from tracker.domain.errors import TrackerError
from tracker.domain.ids import uuid7
from tracker.domain.records import Entry
from tracker.domain.times import DAY_SECONDS
from tracker.store.upgrade import open_database
from tracker.store.write.entries import add_entry

PROGRAM = str(Path(sys.executable).with_name("tracker"))
SECONDS_TO_END = 60


def kills(folder: Path, count: int, seed: int) -> str:
    """Kill `tracker log` at random moments; every confirmed entry is stored, none of them twice."""
    rng = random.Random(seed)
    environ = environ_for(folder)
    confirmed = 0
    subprocess.run([PROGRAM, "-q", "log", "design", "T-0", "1m"], env=environ, check=True)
    for number in range(count):
        process = subprocess.Popen(
            [PROGRAM, "log", "design", f"T-{number + 1}", "1m"],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        time.sleep(rng.uniform(0.0, 1.2))
        process.send_signal(signal.SIGKILL)
        output, _ = process.communicate(timeout=SECONDS_TO_END)
        confirmed += bool(output.strip())
    subprocess.run(
        [PROGRAM, "-q", "entries", "-n", "1"], env=environ, check=True, capture_output=True
    )
    database = next(folder.rglob("tracker.db"))
    with sqlite3.connect(database) as connection:
        (entries, tasks) = connection.execute(
            "SELECT count(*), count(DISTINCT task) FROM entries"
        ).fetchone()
        (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
    assert entries == tasks, f"{entries - tasks} entries are stored twice"
    assert entries >= confirmed + 1, f"{confirmed + 1 - entries} confirmed entries are lost"
    assert integrity == "ok", integrity
    damaged = list(folder.rglob("*.bad"))
    assert not damaged, damaged
    return (
        f"kills: {count} kill -9, {confirmed} entries confirmed before, {entries - 1} stored,"
        " 0 lost, 0 doubled"
    )


def _write(
    url: str,
    number: int,
    seconds: float,
    start: Barrier,
    counts: multiprocessing.SimpleQueue[tuple[int, int]],
) -> None:
    """Add entries for some seconds, from when all are ready; report how many were stored."""
    stored = refused = 0
    database = open_database(url, now=lambda: datetime.now(UTC))
    start.wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        started = int(time.time()) - 7200
        entry = Entry(
            id=uuid7(time.time_ns(), os.urandom(8)),
            developer=f"dev{number % 16}",
            task=f"T-{number}-{stored}",
            activity="design",
            started_epoch=started,
            zone="UTC",
            seconds=60,
            local_day=started // DAY_SECONDS,
            logged_epoch=started + 60,
            ended_epoch=started + 60,
        )
        try:
            stored += add_entry(database, entry)
        except TrackerError:
            refused += 1
    database.close()
    counts.put((stored, refused))


def writers(url: str, count: int, seconds: float) -> str:
    """Add entries from many processes; the database holds as many as they counted."""
    open_database(url, now=lambda: datetime.now(UTC)).close()
    context = multiprocessing.get_context("spawn")
    counts = context.SimpleQueue()
    start = context.Barrier(count)
    processes = [
        context.Process(target=_write, args=(url, number, seconds, start, counts))
        for number in range(count)
    ]
    for process in processes:
        process.start()
    results = [counts.get() for _ in processes]
    for process in processes:
        process.join()
    stored, refused = (sum(part) for part in zip(*results, strict=True))
    database = open_database(url, now=lambda: datetime.now(UTC))
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM entries").scalar_one()
        tasks = connection.exec_driver_sql("SELECT count(DISTINCT task) FROM entries").scalar_one()
    kind = "SQLite" if database.sqlite else "PostgreSQL"
    database.close()
    assert rows == stored, f"{stored} entries were confirmed, {rows} are stored"
    assert rows == tasks, f"{rows - tasks} entries are stored twice"
    return (
        f"writers: {kind}, {count} processes for {seconds:g} s: {stored} stored,"
        f" {refused} refused as busy, 0 lost, 0 doubled"
    )


def main() -> None:
    """Run the named harnesses, or all on SQLite."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["kills", "writers", "fuzz"])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--writers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="the database of the writers, instead of a SQLite file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tracker-stress-") as name:
        folder = Path(name)
        if "kills" in options.names:
            print(kills(folder, options.kills, options.seed), flush=True)
        if "writers" in options.names:
            url = options.url or f"sqlite:///{folder / 'writers.db'}"
            print(writers(url, options.writers, options.seconds), flush=True)
        if "fuzz" in options.names:
            print(fuzz(folder, options.inputs, options.seed), flush=True)


if __name__ == "__main__":
    main()
