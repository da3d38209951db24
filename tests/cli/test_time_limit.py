"""`log` returns within 3 seconds whatever the database does, and what it logged is safe."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from support.frozen_server import NEVER, READY, frozen_server
from support.person import Person

from tracker.cli import context, flushing, time_limit

SECONDS = 3.0
"""Within which `log` returns; the time that the program takes to start is added."""


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def start_seconds(ada: Person) -> float:
    """Return how long a command takes that loads what `log` loads, with its own database."""
    start = time.monotonic()
    assert ada.process("--db", f"sqlite:///{ada.home}/other.db", "entries").wait() == 0
    return time.monotonic() - start


def log_in_time(ada: Person, url: str, *command: str) -> str:
    """Run `log`, which must end in time with exit code 0; return its stderr."""
    extra = start_seconds(ada)
    start = time.monotonic()
    process = ada.process("--db", url, *(command or ("log", "design", "PAY-2", "30m")))
    stderr = process.communicate(timeout=60)[1]
    seconds = time.monotonic() - start
    assert process.returncode == 0, stderr
    assert "Traceback" not in stderr
    assert seconds < SECONDS + extra, f"{seconds:.1f} s: {stderr}"
    return stderr


def stored_tasks(ada: Person, url: str) -> list[str]:
    """Return the tasks of the entries in a database, sorted."""
    return sorted(row["task"] for row in ada.json("--db", url, "entries"))


@pytest.fixture
def team_url(postgres_url: str, ada: Person) -> str:
    """A database on PostgreSQL with one entry, PAY-1, reached without the proxy."""
    url = postgres_url.replace("postgresql+psycopg", "postgresql")
    assert ada.process("--db", url, "log", "design", "PAY-1", "5m").wait() == 0
    return url


@pytest.mark.parametrize(
    "trigger",
    [b"", READY, b"SELECT", b"INSERT INTO entries", b"INSERT INTO changes", b"COMMIT"],
    ids=["connect", "handshake", "select", "entries", "changes", "commit"],
)
def test_log_does_not_wait_for_a_frozen_connection(
    ada: Person, team_url: str, trigger: bytes
) -> None:
    """Wherever the connection freezes, the entry waits in the outbox and is stored once later."""
    with frozen_server(team_url, trigger) as server:
        stderr = log_in_time(ada, server.url)
        assert server.is_frozen.is_set()
        assert "waits in the outbox" in stderr
        server.is_frozen.clear()
        server.trigger = NEVER
        log_in_time(ada, server.url, "log", "design", "PAY-3", "30m")
        assert stored_tasks(ada, server.url) == ["PAY-1", "PAY-2", "PAY-3"]


def test_log_does_not_wait_for_a_server_that_stops(ada: Person, team_url: str) -> None:
    """A stopped server process, which the network still acknowledges for, is given up."""
    engine = sqlalchemy.create_engine(team_url.replace("postgresql", "postgresql+psycopg", 1))
    with frozen_server(team_url, NEVER) as server, stopped_server(engine):
        assert "waits in the outbox" in log_in_time(ada, server.url)
    engine.dispose()


@contextlib.contextmanager
def stopped_server(engine: sqlalchemy.Engine) -> Iterator[None]:
    """Stop the server's main process with SIGSTOP, until the end."""
    with engine.connect() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    pid = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("table", ["entries", "activities", "changes"])
def test_log_does_not_wait_for_a_lock(ada: Person, team_url: str, table: str) -> None:
    """A lock on any table, held by another, does not keep `log` waiting."""
    engine = sqlalchemy.create_engine(team_url.replace("postgresql", "postgresql+psycopg", 1))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        stderr = log_in_time(ada, team_url)
    engine.dispose()
    # a lock on the activities keeps only the cache from being read: the entry is stored before
    assert ("waits in the outbox" in stderr) == (table != "activities")
    assert stored_tasks(ada, team_url) == ["PAY-1", "PAY-2"]


def test_log_does_not_wait_for_a_locked_file(ada: Person, tmp_path: Path) -> None:
    """Another program that keeps writing to a SQLite file does not keep `log` waiting."""
    url = f"sqlite:///{tmp_path / 'team.db'}"
    ada.run("--db", url, "log", "design", "PAY-1", "5m")
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert "waits in the outbox" in log_in_time(ada, url)
    engine.dispose()
    assert stored_tasks(ada, url) == ["PAY-1", "PAY-2"]


def test_log_does_not_wait_for_a_name_server(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that cannot be interrupted is left alone after the time limit."""
    monkeypatch.setattr(context, "DATABASE_SECONDS", 0.2)
    monkeypatch.setattr("tracker.store.upgrade.open_database", lambda *_a, **_o: time.sleep(20))
    start = time.monotonic()
    stderr = ada.run("log", "design", "PAY-1", "5m").stderr
    assert time.monotonic() - start < SECONDS
    assert "has not answered in 0.2 s. What was logged waits in the outbox" in stderr


def test_start_and_stop_do_not_wait_for_the_database(ada: Person) -> None:
    """The timer needs no database: one that never answers changes nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"postgresql://127.0.0.1:{listener.getsockname()[1]}/log"
        for command in ("start", "design", "PAY-1"), ("stop",):
            log_in_time(ada, url, *command)


def test_a_locked_timer_is_an_error(ada: Person) -> None:
    """A process that keeps the timer's lock does not keep others waiting."""
    import fcntl

    ada.run("start", "design", "PAY-1")
    with (ada.data / "timer.lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        start = time.monotonic()
        assert "another tracker keeps it locked" in ada.refused("stop")
        assert time.monotonic() - start < SECONDS
    ada.run("stop")


def test_a_locked_outbox_keeps_nobody_waiting(ada: Person) -> None:
    """An `undo` that hangs delays other commands by a moment; what is logged then is stored later.

    `undo` itself is refused.
    """
    import fcntl

    ada.run("log", "design", "PAY-1", "5m")
    with (ada.data / "outbox" / "lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        process = ada.process("entries")
        stdout, stderr = process.communicate(timeout=20)
        assert "PAY-1" in stdout
        assert "(0) waits in the outbox" in stderr
        stderr = log_in_time(ada, "sqlite:///" + str(ada.data / "tracker.db"))
        assert "waits in the outbox" in stderr
        assert "another command" in ada.refused("undo")
    assert len(ada.json("entries")) == 2


def test_other_commands_give_a_frozen_server_up(
    ada: Person, team_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They wait longer, but not without limit, and say so in one line."""
    from tracker.store import limits, postgres

    monkeypatch.setattr(postgres, "_GRACE_SECONDS", 0.5)
    monkeypatch.setattr(
        "tracker.store.limits.DEFAULT_LIMITS", limits.Limits(connect_seconds=2, statement_seconds=1)
    )
    for trigger in (b"", READY, b"SELECT"):
        with frozen_server(team_url, trigger) as server:
            message = ada.refused("--db", server.url, "entries")
            assert "cannot be reached" in message


def test_a_locked_table_is_given_up(
    ada: Person, team_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader, too, waits only so long for a lock."""
    from tracker.store import limits

    monkeypatch.setattr("tracker.store.limits.DEFAULT_LIMITS", limits.Limits(read_lock_seconds=1))
    engine = sqlalchemy.create_engine(team_url.replace("postgresql", "postgresql+psycopg", 1))
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE entries IN ACCESS EXCLUSIVE MODE")
        assert "is busy" in ada.refused("--db", team_url, "entries")
    engine.dispose()


@pytest.mark.parametrize("number", [1, 300])
def test_what_waits_is_stored_unasked(
    ada: Person, database_url: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next `log` that reaches the database stores what waited, hundreds of records as well."""
    url = database_url.replace("postgresql+psycopg", "postgresql")
    ada.run("--db", url, "log", "design", "PAY-1", "5m")
    with monkeypatch.context() as patch:
        patch.setattr("tracker.store.upgrade.open_database", _unreachable)
        for index in range(number):
            ada.later(1)
            ada.run("--db", url, "-q", "log", "testing", f"T-{index}", "1m")
    for index in range(10):
        ada.later(1)
        ada.run("--db", url, "log", "design", f"PAY-{index + 2}", "1m")
        if "0 waiting" in f"{_waiting(ada, url)} waiting":
            break
    assert _waiting(ada, url) == 0
    assert len(ada.json("--db", url, "entries", "-n", "1000")) == number + index + 2


def _unreachable(*_arguments: object, **_options: object) -> None:
    from tracker.domain.errors import StoreError

    raise StoreError("it cannot be reached.")


def _waiting(ada: Person, url: str) -> int:
    return len(ada.json("--db", url, "outbox"))


def test_a_slow_database_stores_some_of_what_waits(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records are stored in batches, so that a limited time is enough for some of them."""
    with monkeypatch.context() as patch:
        patch.setattr("tracker.store.upgrade.open_database", _unreachable)
        for index in range(flushing.FLUSH_BATCH + 5):
            ada.later(1)
            ada.run("-q", "log", "testing", f"T-{index}", "1m")
    monkeypatch.setattr(flushing, "FLUSH_SECONDS_IN_TIME", 0.0)
    result = ada.run("log", "design", "PAY-1", "1m")
    assert "6 records wait still" in result.stderr
    assert _waiting(ada, f"sqlite:///{ada.data / 'tracker.db'}") == 6


def test_errors_and_messages_pass_a_time_limit(capsys: pytest.CaptureFixture[str]) -> None:
    """Work under a limit raises what it raises, and prints at its end."""

    def work() -> None:
        time_limit.echo("a line")
        raise ValueError("a reason")

    with pytest.raises(ValueError, match="a reason"):
        time_limit.run(work, 5)
    assert capsys.readouterr().err == "a line\n"
    assert not time_limit.is_limited()
