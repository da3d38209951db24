"""`python -m benchmarks.stress [kills|writers|fuzz]`: kill -9, many writers, hostile inputs.

Each prints one line with its figures, and fails where anything was lost, doubled or ended in a
traceback.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from benchmarks.log import environ_for
from tracker.domain.errors import TrackerError
from tracker.domain.ids import uuid7, uuid7s
from tracker.domain.records import Entry
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map
from tracker.store.upgrade import open_database
from tracker.store.write.entries import add_entry

PROGRAM = str(Path(sys.executable).with_name("tracker"))
SECONDS_TO_END = 60

MAP = """
source = "fuzz"
[columns]
key = "id"
developer = "who"
task = "what"
activity = "phase"
started_at = "begin"
ended_at = "end"
minutes = "minutes"
estimate_minutes = "estimate"
[formats]
timezone = "Europe/Berlin"
"""
LOG = (
    "id,who,what,phase,begin,end,minutes,estimate\n"
    "1,ann,T-1,design,2026-03-02 09:00,2026-03-02 10:00,60,90\n"
    '2,bob,"T-2, part",testing,2026-03-29T03:30,2026-03-29T04:30,59.5,\n'
)
EXPORT = (
    "id,developer,task,activity,started_at,zone,minutes,logged_at\n"
    "01890000-0000-7000-8000-000000000001,ann,T-1,design,2026-03-02T09:00:00+01:00,Europe/Berlin,"
    "60,2026-03-02T10:00:00+01:00\n"
)
HOSTILE = [
    "\0",
    "\x1b[31m",
    "9" * 5000,
    "=cmd()",
    '"',
    ",",
    ";",
    "\n",
    "\ud800",
    "9999-12-31",
    "e\u0301",
    "-",
    "." * 20_000,
]


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
            local_day=started // 86_400,
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


def mutate(text: str, rng: random.Random) -> bytes:
    """Return a log with a few random changes: bytes, cells, lines, hostile texts."""
    content = bytearray(text.encode())
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(content) + 1)
        match rng.randrange(4):
            case 0:
                content[place:place] = rng.choice(HOSTILE).encode("utf-8", "surrogatepass")
            case 1:
                content[place : place + rng.randint(1, 20)] = b""
            case 2:
                content[place:place] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 8)))
            case _:
                content[place:place] = content[place : place + rng.randint(1, 60)]
    return bytes(content)


def fuzz(count: int, seed: int) -> str:
    """Read mutated logs, exports and maps: each ends in records or in one refusal of one line."""
    rng = random.Random(seed)
    outcomes: Counter[str] = Counter()
    good_map = parse_map(MAP, "m.toml")
    for _ in range(count):
        kind = rng.choice(("csv", "tracker", "map", "json"))
        started = time.monotonic()
        try:
            if kind == "map":
                parse_map(mutate(MAP, rng).decode("utf-8", "replace"), "m.toml")
            else:
                text = {"csv": LOG, "tracker": EXPORT, "json": json.dumps([{"id": 1}, {"id": 2}])}[
                    kind
                ]
                content = io.BufferedReader(io.BytesIO(mutate(text, rng)))
                context = ImportContext(
                    ids=uuid7s(1_700_000_000_000_000_000, random.Random(1)),
                    map=good_map if kind == "csv" else None,
                )
                log = open_log("csv" if kind == "csv" else "tracker", content, "log", context)
                for _record in log.records:
                    pass
            outcomes["read"] += 1
        except TrackerError as error:
            message = str(error)
            assert not {"\n", "\x1b"} & set(message), repr(message)[:200]
            outcomes["refused"] += 1
        assert time.monotonic() - started < SECONDS_TO_END
    return (
        f"fuzz: {count} inputs: {outcomes['read']} read, {outcomes['refused']} refused in one line,"
        " 0 tracebacks"
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
            print(fuzz(options.inputs, options.seed), flush=True)


if __name__ == "__main__":
    main()
