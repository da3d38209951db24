"""Connections to the database, SQLite or PostgreSQL: transactions, and errors in one line.

SQLite runs in WAL mode with full synchronisation. Transactions that write begin with ``BEGIN
IMMEDIATE``: a deferred transaction that reads and then writes fails under contention, whatever its
timeout is.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from tracker.domain import names, plain_text, printing, urls
from tracker.domain.errors import StoreError
from tracker.domain.ids import uuid7
from tracker.store.limits import DEFAULT_LIMITS, Limits
from tracker.store.read import temporary
from tracker.store.sqlite_file import SqliteFile, begin, sqlite_file
from tracker.store.write import entry_totals

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.dialects import postgresql as postgresql_dialect
    from sqlalchemy.dialects import sqlite as sqlite_dialect

LOCK_TIMEOUT_SECONDS = 5
"""How long a write waits for another transaction to finish."""

_BUSY = "{} is busy: another program keeps writing to it. Try again when it is done."

_DATA_ERROR_CLASSES = ("22", "23", "54")
"""Classes of PostgreSQL's SQLSTATE for bad data: invalid values, violated constraints, and rows
larger than an index page.
"""

_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_URL_EXAMPLES = "give sqlite:////folder/log.db or postgresql://user@host/name"
_ECHOED_DSN = re.compile(r"""(after ["']).*(["'] in connection info)""")
"""What libpq repeats of a connection string that it does not understand."""
_SECRETS = ("password", "sslpassword", "sslkey")
"""Parameters of a URL's query that are not printed."""


@dataclass(frozen=True)
class Database:
    """An open database. Close it with :meth:`close`."""

    engine: Engine
    safe_url: str
    """The URL without the password."""
    now: Callable[[], datetime]
    """The clock. It returns an aware datetime."""
    file: SqliteFile | None
    """The SQLite file; None on PostgreSQL."""
    limits: Limits = DEFAULT_LIMITS
    """How long a command waits for the database."""

    @property
    def path(self) -> Path | None:
        """The path of the SQLite file; None on PostgreSQL."""
        return self.file.path if self.file else None

    @property
    def sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.file is not None

    def files(self) -> list[Path]:
        """Return the SQLite file and its existing WAL and index files; [] on PostgreSQL."""
        names = [f"{self.path}{suffix}" for suffix in ("", "-wal", "-shm")] if self.path else []
        return [Path(name) for name in names if Path(name).exists()]

    @property
    def now_epoch(self) -> int:
        """The current time in whole seconds since 1970 UTC."""
        return math.floor(self.now().timestamp())

    def new_id(self) -> str:
        """Return a new id, a UUID of version 7."""
        return uuid7(int(self.now().timestamp() * 1e9), os.urandom(8))

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that reads one state of the database and blocks no other.

        It ends with a rollback, which removes its temporary tables.

        Raises:
            StoreError: The database cannot be read.
        """
        with self._translated_errors(), self.engine.connect() as connection:
            if self.sqlite:
                _wait_for_sqlite_locks(connection, self.limits.lock_seconds(LOCK_TIMEOUT_SECONDS))
            else:
                # At the default level each statement sees its own state. The pool resets the level.
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin() as transaction:
                self._limit(connection, self.limits.read_lock_seconds)
                temporary.begin(connection)
                yield connection
                transaction.rollback()

    @contextlib.contextmanager
    def writing(
        self, *, lock_timeout_seconds: int = LOCK_TIMEOUT_SECONDS, commit: bool = True
    ) -> Iterator[Connection]:
        """Open a transaction that writes, committed at the end of the block.

        At the end the table of totals is brought up to date with the entries.

        Args:
            lock_timeout_seconds: How long to wait for other transactions that write.
            commit: False rolls the transaction back at the end of the block.

        Raises:
            StoreError: The database is busy or cannot be written.
        """
        lock_seconds = self.limits.lock_seconds(lock_timeout_seconds)
        with self._translated_errors(writes=True), self.engine.connect() as connection:
            writer = connection.execution_options(tracker_writes=True)
            if self.sqlite:
                _wait_for_sqlite_locks(writer, lock_seconds)
            with writer.begin() as transaction:
                self._limit(writer, lock_seconds)
                entry_totals.begin(writer)
                yield writer
                if commit:
                    entry_totals.refresh(writer)
                else:
                    transaction.rollback()

    def insert(self, table: Table) -> sqlite_dialect.Insert | postgresql_dialect.Insert:
        """Return an INSERT of the dialect, which has ``on_conflict_do_…``."""
        if self.sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(table)
        # Imported late: it loads slowly, and all of asyncio with it.
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    def data_error(self, error: BaseException) -> str | None:
        """Return why the database refuses a value, in one line.

        None where the error has another cause: where the database is busy, unreachable or full,
        the same value can be stored later.
        """
        error = error.__cause__ if isinstance(error, StoreError) and error.__cause__ else error
        if isinstance(error, OverflowError | UnicodeEncodeError):
            return f"{self.safe_url} refused: {error}."
        if not isinstance(error, exc.DBAPIError):
            return None
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if (
            not isinstance(error, exc.IntegrityError | exc.DataError)
            and state[:2] not in _DATA_ERROR_CLASSES
        ):
            return None
        return str(_store_error(error.orig, self) or f"{self.safe_url} refused: {error.orig}.")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _limit(self, connection: Connection, lock_seconds: float) -> None:
        """Limit how long a transaction waits for locks and for each statement."""
        if self.sqlite:
            return
        from tracker.store import postgres

        postgres.limit_transaction(connection, self.limits, lock_seconds)

    @contextlib.contextmanager
    def _translated_errors(self, *, writes: bool = False) -> Iterator[None]:
        """Raise a driver's error as a StoreError where a person can do something about it."""
        try:
            yield
        except (exc.DBAPIError, self.engine.dialect.loaded_dbapi.Error) as error:
            # The driver's own errors come from where it is used without SQLAlchemy.
            cause = error.orig if isinstance(error, exc.DBAPIError) else error
            store_error = _store_error(cause, self, writes=writes)
            if store_error is None:
                raise
            raise store_error from error
        except (OverflowError, UnicodeEncodeError) as error:
            # A number of more than 64 bits, or a text with lone surrogates.
            raise StoreError(
                f"{self.safe_url} cannot hold a value of this command: {error}."
            ) from error


def connect(
    url: str,
    *,
    now: Callable[[], datetime],
    must_exist: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Database:
    """Return a database in whatever state it is; the tables are not checked.

    Args:
        url: ``sqlite:////folder/log.db`` or ``postgresql://user@host/name``.
        now: The clock, which returns an aware datetime.
        must_exist: Whether a missing SQLite file is refused instead of created.
        limits: How long a command waits for the database.

    Raises:
        StoreError: The URL is not valid, the file cannot be created, or the driver is missing.
        NotFound: The SQLite file does not exist and ``must_exist`` is true.
    """
    if urls.sqlite_path(url) is not None:
        path = sqlite_file(url, must_exist=must_exist)
        file = SqliteFile(path, limits.lock_seconds(LOCK_TIMEOUT_SECONDS))
        engine = create_engine("sqlite:///database", creator=file.open)
        event.listen(engine, "begin", begin)
        safe_url = urls.sqlite_url(plain_text.readable(str(path)))
        return Database(engine, safe_url, now, file, limits)
    parsed = _parse_url(plain_text.readable(url))
    safe_url = _url_without_secrets(parsed)
    try:
        from tracker.store import postgres

        engine = _engine(parsed, safe_url)
    except ModuleNotFoundError as error:
        raise StoreError(
            f"{safe_url} needs the PostgreSQL driver, which is not installed: "
            "pip install 'tracker[postgres]'."
        ) from error
    postgres.limit_waiting(engine, limits)
    return Database(engine, safe_url, now, None, limits)


def _engine(url: URL, safe_url: str) -> Engine:
    """Return the engine of a URL.

    Raises:
        StoreError: A part of the URL cannot be used.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", exc.SAWarning)  # of a parameter that has no effect
            return create_engine(url)
    except (exc.ArgumentError, exc.SAWarning, ValueError, TypeError):
        # Not chained: the text of the error may hold the password.
        raise StoreError(f"{safe_url} has a part that cannot be used: {_URL_EXAMPLES}.") from None


def _store_error(
    error: BaseException | None, database: Database, *, writes: bool = True
) -> StoreError | None:
    """Return a driver's error as one line for a person, None where it is a bug of this program.

    Args:
        error: The driver's error.
        database: The database.
        writes: Whether the transaction writes.
    """
    if database.file and database.file.obstacle and _is_read_only(error):
        error = database.file.obstacle
    lines = str(error).strip().splitlines() or [type(error).__name__]
    reason = _without_secrets(lines[0], database.engine.url)
    if isinstance(error, sqlite3.Error):
        return _sqlite_error(error, reason, database.safe_url, writes=writes)
    return _postgres_error(error, reason, database)


def _postgres_error(
    error: BaseException | None, reason: str, database: Database
) -> StoreError | None:
    state = str(getattr(error, "sqlstate", None) or "")
    if state == "55P03":  # lock_not_available
        return StoreError(_BUSY.format(database.safe_url))
    if state == "57014":  # query_canceled
        return StoreError(
            f"{database.safe_url} took too long ({reason}): try again when it is less busy."
        )
    # Class 42 is wrong SQL, so a bug of this program; but 42501 is a missing privilege.
    if state.startswith("42") and state != "42501":
        return None
    if isinstance(error, database.engine.dialect.loaded_dbapi.OperationalError) and not state:
        return StoreError(
            f"{database.safe_url} cannot be reached: {reason}. "
            "Check the address and that the server runs."
        )
    return StoreError(f"{database.safe_url} refused: {reason}.")


def _is_read_only(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None) or 0
    return code & 0xFF == sqlite3.SQLITE_READONLY


def _sqlite_error(
    error: sqlite3.Error, reason: str, safe_url: str, *, writes: bool
) -> StoreError | None:
    if "locked" in reason:
        return StoreError(_BUSY.format(safe_url))
    if "not a database" in reason:
        return StoreError(
            f"{safe_url} is a file, but not a database: "
            "name another with --db or TRACKER_DATABASE_URL."
        )
    if "readonly" in reason or "unable to open" in reason:
        return StoreError(
            f"{safe_url} cannot be written: "
            "make the file and its folder yours, or name another with --db."
        )
    if "full" in reason and not writes:
        return StoreError(
            f"{safe_url} was read, but SQLite's temporary files do not fit: "
            "make room on their disk, or name a folder on another in SQLITE_TMPDIR."
        )
    if "full" in reason or "disk I/O" in reason:
        return StoreError(
            f"{safe_url} cannot grow ({reason}): "
            "make room on its disk. Nothing was kept of this command."
        )
    if isinstance(error, sqlite3.IntegrityError):
        return StoreError(f"{safe_url} refused: {reason}.")
    is_bug = isinstance(error, sqlite3.ProgrammingError) or "syntax error" in reason
    if isinstance(error, sqlite3.DatabaseError) and not is_bug:
        return StoreError(
            f"{safe_url} is damaged ({reason}): `tracker db doctor` examines it; put back a "
            "backup made by `tracker db backup`, or export what can still be read."
        )
    return None


def _parse_url(url: str) -> URL:
    """Return the parsed URL with the driver this program uses.

    Raises:
        StoreError: The URL is not valid or of another kind of database.
    """
    if url.startswith("sqlite"):
        raise StoreError("sqlite:// names no file: give one, such as sqlite:////home/me/log.db.")
    urls.check_address(url)
    if names.forbidden().search(url):
        raise StoreError(f"the database URL has control characters or bad bytes: {_URL_EXAMPLES}.")
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        # Not chained: the text of the error may hold the password.
        raise StoreError(f"the database URL is not one: {_URL_EXAMPLES}.") from None
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise StoreError(f"the database URL begins with {backend}: {_URL_EXAMPLES}.")
    return parsed.set(drivername=_DRIVERS[backend])


def _url_without_secrets(url: URL) -> str:
    plain = url.difference_update_query(_SECRETS).set(drivername=url.get_backend_name())
    if plain.database:  # the name of a file may hold bytes that are not UTF-8
        plain = plain.set(database=printing.printable(plain.database))
    return urls.mask_passwords(plain.render_as_string(hide_password=True))


def _without_secrets(text: str, url: URL) -> str:
    secrets = [url.password, *(url.query.get(key) for key in _SECRETS)]
    for secret in secrets:
        if isinstance(secret, str) and secret:
            text = text.replace(secret, "***")
    return urls.mask_passwords(_ECHOED_DSN.sub(r"\1***\2", text))


def _wait_for_sqlite_locks(connection: Connection, seconds: float) -> None:
    # On the driver's connection: SQLAlchemy's would begin the transaction first.
    native: Any = connection.connection.driver_connection
    native.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
