"""PostgreSQL connections on which nothing waits without limit.

The server's own time-outs do not help where the server, or the network to it, stops in the middle
of a statement. So every wait for an answer is limited on this side, too.
"""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import event

from tracker.store.schema import index_of_edits, is_no_addition

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from tracker.store.limits import Limits

index_of_edits.dialect_options["postgresql"]["where"] = is_no_addition

_GRACE_SECONDS = 5.0
"""How much longer than a statement may take an answer is waited for."""

_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A peer that vanished is noticed after 25 seconds without traffic, after 20 with unsent data."""


class NoAnswer(psycopg.OperationalError):
    """The server has not answered within the time limit."""


class LimitedConnection(psycopg.Connection[Any]):
    """A connection that is closed when the server does not answer in time."""

    answer_seconds: float | None = None
    """The time limit of each wait; None for no limit."""

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:
        """Wait for an answer of the server.

        Raises:
            NoAnswer: The time limit is exceeded. The connection is closed.
        """
        if self.answer_seconds is None:
            return super().wait(gen, *arguments, **options)
        try:
            return super().wait(_limited(gen, self.answer_seconds), *arguments, **options)
        except NoAnswer:
            self.pgconn.finish()  # else the rollback would wait in turn
            raise


def limit_waiting(engine: Engine, limits: Limits) -> None:
    """Limit how long connections of an engine wait for the server."""

    @event.listens_for(engine, "do_connect")
    def _connect(
        _dialect: object, _record: object, arguments: Any, parameters: dict[str, Any]
    ) -> LimitedConnection:
        options = {
            **_KEEPALIVES,
            **parameters,
            "connect_timeout": limits.connect_seconds,
        }
        connection = LimitedConnection.connect(*arguments, **options)
        connection.answer_seconds = _answer_seconds(limits)
        return connection


def limit_transaction(connection: Connection, limits: Limits, lock_seconds: float) -> None:
    """Limit how long each statement of a transaction waits for locks, and how long it runs."""
    native: Any = connection.connection.driver_connection
    native.answer_seconds = _answer_seconds(limits)
    connection.exec_driver_sql(
        "SELECT set_config('lock_timeout', %(lock)s, true),"
        " set_config('statement_timeout', %(statement)s, true)",
        {"lock": f"{lock_seconds:g}s", "statement": f"{limits.statement_seconds:g}s"},
    )


def unlimit_statements(connection: Connection) -> None:
    """Let the statements of a transaction run as long as they need, as a migration may."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    native: Any = connection.connection.driver_connection
    native.answer_seconds = None


def _answer_seconds(limits: Limits) -> float:
    """Return how long an answer is waited for on this side."""
    return limits.statement_seconds + (0 if limits.is_interactive else _GRACE_SECONDS)


def _limited(gen: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """Yield what a generator of psycopg waits for, until the time limit."""
    end = monotonic() + seconds
    try:
        state = next(gen)
        while True:
            ready = yield state
            if not ready and monotonic() >= end:
                gen.close()
                raise NoAnswer(f"no answer within {seconds:g} s")
            state = gen.send(ready)
    except StopIteration as result:
        return result.value
