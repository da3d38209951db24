"""The SQLite file of a database: creating it, and opening it also where it cannot be written.

On a full disk, on a read-only mount and in a folder of somebody else, SQLite cannot make the files
beside a database in WAL mode. Reading works there without them.
"""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tracker.domain import urls
from tracker.domain.errors import NotFound, StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_UNWRITABLE = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
)
"""What SQLite answers where a file or a folder cannot be written."""


class SqliteFile:
    """A SQLite file, and how its connections are opened.

    Args:
        path: The file, which exists.
        lock_seconds: How long a statement waits for other connections.
    """

    def __init__(self, path: Path, lock_seconds: float) -> None:
        self.path = path
        self._lock_seconds = lock_seconds
        self.obstacle: sqlite3.Error | None = None
        """Why the file was opened for reading only; None where it was not."""

    def open(self) -> sqlite3.Connection:
        """Return a connection; one for reading only where the file cannot be written.

        Raises:
            sqlite3.Error: The file cannot be read.
        """
        try:
            return self._connect(self.path, prepare=_prepare)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _UNWRITABLE:
                raise
            try:
                connection = self._open_to_read()
            except (sqlite3.Error, OSError):
                raise error from None
            self.obstacle = error
            return connection

    def _open_to_read(self) -> sqlite3.Connection:
        """Return a connection that writes nothing beside the file."""
        try:
            return self._connect(self._uri("mode=ro"))
        except sqlite3.OperationalError:
            if any(_has_content(self.path, suffix) for suffix in ("-wal", "-journal")):
                return self._open_copy()
            # Nobody has it open in WAL mode, else it would have a WAL file.
            return self._connect(self._uri("mode=ro&immutable=1"))

    def _open_copy(self) -> sqlite3.Connection:
        """Return a connection to a temporary copy, where SQLite can finish what is in its log.

        The copy is deleted at once. The system keeps its content until the connection is closed.
        """
        with tempfile.TemporaryDirectory(prefix="tracker-") as folder:
            copy = Path(folder) / "copy.db"
            for suffix in ("", "-wal", "-journal"):
                if _has_content(self.path, suffix):
                    shutil.copyfile(f"{self.path}{suffix}", f"{copy}{suffix}")
            connection = self._connect(copy)
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("PRAGMA query_only = ON")
            return connection

    def _uri(self, query: str) -> str:
        return f"file:{quote(os.fsencode(self.path.absolute()))}?{query}"

    def _connect(
        self,
        target: Path | str,
        prepare: Callable[[sqlite3.Connection], None] = lambda _connection: None,
    ) -> sqlite3.Connection:
        """Return a connection to a path or to a URI, after a first read of the file."""
        connection = sqlite3.connect(
            target,
            timeout=self._lock_seconds,
            isolation_level=None,
            check_same_thread=False,  # the pool gives a connection to one thread at a time
            uri=isinstance(target, str),
        )
        try:
            prepare(connection)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            _add_ln(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def sqlite_file(url: str, *, must_exist: bool) -> Path:
    """Return the file of a SQLite URL; it is created, readable by its owner only.

    Raises:
        StoreError: The URL names no file, its folder does not exist, or it cannot be created.
        NotFound: The file does not exist and ``must_exist`` is true.
    """
    name = urls.sqlite_path(url)
    if name in (None, "", ":memory:"):
        raise StoreError("sqlite:// names no file: give one, such as sqlite:////home/me/log.db.")
    path = Path(str(name))
    if must_exist and not path.exists():
        raise NotFound(
            f"{path} is not there: give the URL of a log, which `tracker db status` shows."
        )
    if not path.parent.exists():  # a typo is no new, empty log
        raise StoreError(
            f"{path} is not there, and neither is its folder: make the folder, or correct the path."
        )
    try:
        if not path.exists():
            make_private(path)
    except FileExistsError:
        pass  # another command created it in the meantime
    except OSError as error:
        raise StoreError(
            f"{path} cannot be made ({error.strerror}): "
            "name another place with --db or TRACKER_DATABASE_URL."
        ) from error
    if not path.is_file():
        raise StoreError(f"{path} is not a regular file: name another with --db.")
    return path


def make_private(path: Path) -> None:
    """Create an empty file that only its owner may read (0600).

    SQLite gives its WAL and shared-memory files the same mode.

    Raises:
        FileExistsError: The file exists.
        OSError: The file cannot be created.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def begin(connection: Connection) -> None:
    """Begin a transaction; one that writes takes the lock for writing at once."""
    writes = connection.get_execution_options().get("tracker_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")


def _add_ln(connection: sqlite3.Connection) -> None:
    """Add a logarithm where SQLite was built without mathematical functions."""
    try:
        connection.cursor().execute("SELECT ln(1)")
    except sqlite3.OperationalError:
        connection.create_function("ln", 1, _ln, deterministic=True)


def _ln(value: float | None) -> float | None:
    """Return the natural logarithm as SQLite does: NULL for NULL and for values of 0 or less."""
    return math.log(value) if value is not None and value > 0 else None


def _has_content(path: Path, suffix: str) -> bool:
    """Return whether a file beside a database exists and is not empty."""
    file = Path(f"{path}{suffix}")
    return file.exists() and file.stat().st_size > 0
