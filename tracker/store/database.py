"""A way to the database: SQLite or PostgreSQL by URL, its transactions, and its refusals in one line.

SQLite runs in WAL mode with full synchronisation. Transactions that write begin as writers (``BEGIN IMMEDIATE``): a
deferred one that reads and then writes fails under contention whatever its time-out is.
"""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from tracker.domain import urls
from tracker.domain.errors import NotFound, StoreError
from tracker.domain.ids import uuid7

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.dialects import postgresql as postgresql_dialect
    from sqlalchemy.dialects import sqlite as sqlite_dialect
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

LOCK_TIMEOUT_SECONDS = 5
"""How long a write waits for another one to finish."""

CONNECT_TIMEOUT_SECONDS = 10
"""How long a PostgreSQL server has to answer."""

_BUSY = "{} is busy: another program keeps writing to it. Try again when it is done."

_OF_THE_DATA = ("22", "23", "54")
"""Classes of PostgreSQL's errors: values that cannot be, constraints, more than a page of an index holds."""

_SECRETS = ("password", "sslpassword", "sslkey")


@dataclass(frozen=True)
class Database:
    """An open database. Give it back with :meth:`close`."""

    engine: Engine
    url_shown: str
    """Its URL without the password."""
    now: Callable[[], datetime]
    """The clock: an aware datetime."""
    path: Path | None
    """The file, on SQLite."""

    @property
    def sqlite(self) -> bool:
        """Whether it is a local file."""
        return self.path is not None

    def files(self) -> list[Path]:
        """The SQLite file and those of its companions that are there now; [] on PostgreSQL."""
        names = (
            [f"{self.path}{companion}" for companion in ("", "-wal", "-shm")] if self.path else []
        )
        return [Path(name) for name in names if Path(name).exists()]

    @property
    def now_epoch(self) -> int:
        """Seconds since 1970 UTC, by its clock."""
        return math.floor(self.now().timestamp())

    def new_id(self) -> str:
        """An id for a row made now."""
        return uuid7(int(self.now().timestamp() * 1e9), os.urandom(8))

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads: it sees one state of the database, and blocks nobody."""
        with self._refusals(), self.engine.connect() as connection:
            if (
                not self.sqlite
            ):  # its usual level shows every statement a state of its own; the pool resets it
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def writing(
        self, *, lock_timeout_seconds: int = LOCK_TIMEOUT_SECONDS, keep: bool = True
    ) -> Iterator[Connection]:
        """A transaction that writes: kept as a whole at the end of the block, or not at all.

        It waits up to ``lock_timeout_seconds`` for others that write. Without ``keep`` it is taken back at the end.
        """
        with self._refusals(), self.engine.connect() as connection:
            writer = connection.execution_options(tracker_writes=True)
            if self.sqlite:
                _wait_for_sqlite_locks(writer, lock_timeout_seconds)
            with writer.begin() as transaction:
                if not self.sqlite:
                    writer.exec_driver_sql(f"SET LOCAL lock_timeout = '{lock_timeout_seconds}s'")
                yield writer
                if not keep:
                    transaction.rollback()

    def insert(self, table: Table) -> sqlite_dialect.Insert | postgresql_dialect.Insert:
        """An INSERT that can say what is to happen on a conflict."""
        if self.sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(table)
        from sqlalchemy.dialects import (
            postgresql,  # late: it loads slowly, and all of asyncio with it
        )

        return postgresql.insert(table)

    def data_error(self, error: BaseException) -> str | None:
        """Why the database does not take a value, in one line; None where ``error`` has another cause.

        Busy, unreachable, full: then the same value may well be taken later.
        """
        error = error.__cause__ if isinstance(error, StoreError) and error.__cause__ else error
        if isinstance(error, OverflowError):
            return f"{self.url_shown} refused: {error}."
        if not isinstance(error, exc.DBAPIError):
            return None
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if (
            not isinstance(error, exc.IntegrityError | exc.DataError)
            and state[:2] not in _OF_THE_DATA
        ):
            return None
        return str(_refusal(error.orig, self) or f"{self.url_shown} refused: {error.orig}.")

    def close(self) -> None:
        """Let go of its connections."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            told = _refusal(error.orig, self)
            if told is None:
                raise
            raise told from error
        except (
            self.engine.dialect.loaded_dbapi.Error
        ) as error:  # where a driver was used without SQLAlchemy
            told = _refusal(error, self)
            if told is None:
                raise
            raise told from error


def connect(url: str, *, now: Callable[[], datetime], must_exist: bool = False) -> Database:
    """The way to a database, whatever its state: nothing is looked at yet, but SQLite's file is made.

    ``url`` is ``sqlite:////folder/log.db`` or ``postgresql://user@host/name``. With ``must_exist`` a SQLite
    file that is not there is refused instead.
    """
    parsed = _parsed(url)
    shown = _shown(parsed)
    if parsed.drivername.startswith("sqlite"):
        path = _file(parsed, must_exist=must_exist)
        engine = create_engine(
            parsed, connect_args={"timeout": LOCK_TIMEOUT_SECONDS, "isolation_level": None}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return Database(engine, shown, now, path)
    try:
        engine = create_engine(parsed, connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS})
    except ModuleNotFoundError as error:
        raise StoreError(
            f"{shown} needs the PostgreSQL driver, which is not installed: pip install 'tracker[postgres]'."
        ) from error
    return Database(engine, shown, now, None)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read (0600); SQLite gives its companions the same mode."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _refusal(error: BaseException | None, database: Database) -> StoreError | None:
    """What a driver's error means for a person, in one line; None where it is a fault of this program."""
    said = str(error).strip()
    first = _without_secrets(
        said.splitlines()[0] if said else type(error).__name__, database.engine.url
    )
    if isinstance(error, sqlite3.Error):
        return _sqlite_refusal(error, first, database.url_shown)
    return _postgres_refusal(error, first, database)


def _postgres_refusal(
    error: BaseException | None, first: str, database: Database
) -> StoreError | None:
    state = str(getattr(error, "sqlstate", None) or "")
    if state == "55P03":  # lock_not_available
        return StoreError(_BUSY.format(database.url_shown))
    if (
        state.startswith("42") and state != "42501"
    ):  # syntax, unknown columns: ours. 42501 is a missing privilege
        return None
    if isinstance(error, database.engine.dialect.loaded_dbapi.OperationalError) and not state:
        return StoreError(
            f"{database.url_shown} cannot be reached: {first}. Check the address and that the server runs."
        )
    return StoreError(f"{database.url_shown} refused: {first}.")


def _sqlite_refusal(error: sqlite3.Error, first: str, shown: str) -> StoreError | None:
    if "locked" in first:
        return StoreError(_BUSY.format(shown))
    if "not a database" in first:
        return StoreError(
            f"{shown} is a file, but not a database: name another with --db or TRACKER_DATABASE_URL."
        )
    if "malformed" in first:
        return StoreError(
            f"{shown} is damaged ({first}): put back a backup made by `tracker db backup`."
        )
    if "readonly" in first or "unable to open" in first:
        return StoreError(
            f"{shown} cannot be written: make the file and its folder yours, or name another with --db."
        )
    if "full" in first or "disk I/O" in first:
        return StoreError(
            f"{shown} cannot grow ({first}): make room on its disk. Nothing was kept of this command."
        )
    return (
        StoreError(f"{shown} refused: {first}.")
        if isinstance(error, sqlite3.IntegrityError)
        else None
    )


def _parsed(url: str) -> URL:
    if not url.startswith("sqlite"):
        urls.check_address(url)
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):  # not chained: its text may hold the password
        raise StoreError(
            "the database URL is not one: give sqlite:////folder/log.db or postgresql://user@host/name."
        ) from None
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite":
        return parsed.set(drivername="sqlite")
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(
        f"the database URL begins with {kind}: give sqlite:////folder/log.db or postgresql://user@host/name."
    )


def _shown(url: URL) -> str:
    plain = url.difference_update_query(_SECRETS).set(drivername=url.drivername.partition("+")[0])
    return plain.render_as_string(hide_password=True)


def _without_secrets(text: str, url: URL) -> str:
    secrets = [url.password, *(url.query.get(key) for key in _SECRETS)]
    for secret in secrets:
        if isinstance(secret, str) and secret:
            text = text.replace(secret, "***")
    return text


def _file(url: URL, *, must_exist: bool) -> Path:
    """The file of a SQLite URL; made, with its folder, so that nobody else may read it."""
    if url.database in (None, "", ":memory:"):
        raise StoreError("sqlite:// names no file: give one, such as sqlite:////home/me/log.db.")
    path = Path(str(url.database))
    if must_exist and not path.exists():
        raise NotFound(
            f"{path} is not there: give the URL of a log, which `tracker db status` shows."
        )
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        if not path.exists():
            make_private(path)
    except FileExistsError:
        pass  # another command made it in the meantime
    except OSError as error:
        raise StoreError(
            f"{path} cannot be made ({error.strerror}): name another place with --db or TRACKER_DATABASE_URL."
        ) from error
    return path


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor: Any = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    try:
        cursor.execute("SELECT ln(1)")
    except sqlite3.OperationalError:  # a build without SQLite's mathematical functions
        native: Any = connection
        native.create_function("ln", 1, _ln, deterministic=True)
    cursor.close()


def _ln(value: float | None) -> float | None:
    """Ln as SQLite's own: NULL for NULL and outside its domain."""
    return math.log(value) if value is not None and value > 0 else None


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("tracker_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _wait_for_sqlite_locks(connection: Connection, seconds: int) -> None:
    # on the driver's connection: through SQLAlchemy's it would begin the transaction that it is about
    native: Any = connection.connection.driver_connection
    native.execute(f"PRAGMA busy_timeout = {seconds * 1000}")
