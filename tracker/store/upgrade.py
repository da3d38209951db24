"""Opening, upgrading, downgrading and backing up the database, and its status."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy

from tracker.domain.errors import BadValue, NothingToDo, StoreError
from tracker.local.atomic_files import new_file, remove_abandoned
from tracker.store import revisions
from tracker.store.database import Database, connect
from tracker.store.limits import DEFAULT_LIMITS, Limits
from tracker.store.revisions import MIGRATIONS
from tracker.store.schema import metadata

_MODE_OFFSET, _ROLLBACK_MODE = 18, b"\x01\x01"
"""Where a SQLite file says whether it is in WAL mode, and that it is not."""

_LOCK = 0x7472_6163  # PostgreSQL's advisory lock for changes of the schema


def open_database(
    url: str,
    *,
    now: Callable[[], datetime],
    notify: Callable[[str], None] = lambda _message: None,
    must_exist: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    migrations: Path = MIGRATIONS,
) -> Database:
    """Open a database ready for use.

    An empty database gets its tables. An older SQLite file is backed up and upgraded.

    Args:
        url: ``sqlite:////folder/log.db`` or ``postgresql://user@host/name``.
        now: The clock, which returns an aware datetime.
        notify: Called with a one-line message where a file was upgraded.
        must_exist: Whether a missing SQLite file is refused instead of created.
        limits: How long a command waits for the database.
        migrations: Alembic's folder.

    Raises:
        StoreError: The database cannot be used, belongs to another program, is newer than this
            program, or is a PostgreSQL database that has to be upgraded first. The message names
            the command that helps.
        NotFound: The SQLite file does not exist and ``must_exist`` is true.
    """
    database = connect(url, now=now, must_exist=must_exist, limits=limits)
    try:
        with database.reading() as connection:
            revision = revisions.current(connection)
        if revision != revisions.head(migrations):
            _prepare_schema(database, notify, migrations)
    except BaseException:
        database.close()
        raise
    return database


def database_status(database: Database, migrations: Path = MIGRATIONS) -> dict[str, Any]:
    """Return the status of a database.

    Returns:
        ``url`` (without the password), ``kind``, ``server_version``, ``revision`` (None where it
        has no tables), ``newest_revision`` of this program, ``size_bytes``, and ``rows`` by table.

    Raises:
        StoreError: The database cannot be read.
    """
    with database.reading() as connection:
        revision = revisions.current(connection)
        present = set(sqlalchemy.inspect(connection).get_table_names())
        rows = {
            table.name: connection.execute(
                sqlalchemy.select(sqlalchemy.func.count()).select_from(table)
            ).scalar_one()
            for table in metadata.sorted_tables
            if table.name in present
        }
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
        size = None
        if not database.sqlite:
            size = connection.exec_driver_sql(
                "SELECT pg_database_size(current_database())"
            ).scalar_one()
    if database.path is not None:
        version = sqlite3.sqlite_version
        size = sum(file.stat().st_size for file in database.files())
    return {
        "url": database.safe_url,
        "kind": "SQLite" if database.sqlite else "PostgreSQL",
        "server_version": version,
        "revision": revision,
        "newest_revision": revisions.head(migrations),
        "size_bytes": size,
        "rows": rows,
    }


def upgrade_schema(database: Database, migrations: Path = MIGRATIONS) -> str:
    """Upgrade a database to the newest revision. A SQLite file is backed up first.

    Returns:
        What was done, in one line.

    Raises:
        StoreError: The database belongs to another program or is newer than this one.
    """
    head = revisions.head(migrations)
    with database.writing() as connection:
        _lock_schema(connection)
        revision = _checked_revision(connection, database, migrations)
        if revision == head:
            return f"{database.safe_url} is at revision {head}, the newest: nothing to upgrade."
        if revision is None:
            revisions.create(connection, migrations)
            return f"Made the tables of {database.safe_url} at revision {head}."
        backup = _backup_before_migration(database, revision)
        revisions.migrate(connection, head, migrations)
    return f"Upgraded {database.safe_url} from revision {revision} to {head}{backup}."


def downgrade_schema(database: Database, revision: str, migrations: Path = MIGRATIONS) -> str:
    """Downgrade a database to an older revision. A SQLite file is backed up first.

    Returns:
        What was done, in one line.

    Raises:
        BadValue: The revision does not exist.
        NothingToDo: The database is at that revision or at an older one.
        StoreError: The database belongs to another program or is newer than this one.
    """
    available = revisions.available(migrations)
    if revision not in available:
        raise BadValue(f"revision is {revision}: give one of {', '.join(available)}.")
    with database.writing() as connection:
        _lock_schema(connection)
        before = _checked_revision(connection, database, migrations)
        if before is None or before <= revision:
            raise NothingToDo(
                f"{database.safe_url} is at revision {before or 'none'}: "
                "give an older one than that."
            )
        backup = _backup_before_migration(database, before)
        revisions.migrate(connection, revision, migrations)
    return f"Took {database.safe_url} back from revision {before} to {revision}{backup}."


def back_up(database: Database, file: Path, *, replace: bool = False) -> int:
    """Copy a SQLite database, also while others use it. The file appears when it is whole.

    Args:
        database: The database.
        file: The new file.
        replace: Whether an existing regular file is overwritten.

    Returns:
        The size of the copy in bytes.

    Raises:
        StoreError: The database is on PostgreSQL, or the file exists or cannot be written.
    """
    if not database.sqlite:
        raise StoreError(f"{database.safe_url} is a server's: back it up with pg_dump.")
    try:
        with new_file(str(file), replace=replace) as copy:
            _copy(database, copy.path)
            # WAL mode is a property of the file: the copy is to be a file that needs no other
            os.pwrite(copy.descriptor, _ROLLBACK_MODE, _MODE_OFFSET)
    except OSError as error:
        remedy = "give the name of a new file" if file.exists() else "make room, or name another"
        raise StoreError(f"{file} cannot be made ({error.strerror}): {remedy}.") from error
    return file.stat().st_size


def _prepare_schema(database: Database, notify: Callable[[str], None], migrations: Path) -> None:
    """Create the tables of an empty database, or upgrade an older SQLite file.

    Raises:
        StoreError: The database is an older one on PostgreSQL, or it cannot be upgraded.
    """
    with database.reading() as connection:
        revision = _checked_revision(connection, database, migrations)
    if revision == revisions.head(migrations):
        return  # another process has created the tables in the meantime
    if revision is not None and not database.sqlite:
        raise StoreError(
            f"{database.safe_url} is at revision {revision}, "
            f"this program needs {revisions.head(migrations)}: "
            "run `tracker db upgrade` once for all who use it."
        )
    message = upgrade_schema(database, migrations)
    if revision is not None:
        notify(message)


def _checked_revision(
    connection: sqlalchemy.Connection, database: Database, migrations: Path
) -> str | None:
    """Return the revision of a database, None where it is empty.

    Raises:
        StoreError: The database belongs to another program or is newer than this one.
    """
    revision = revisions.current(connection)
    if revision is None and (tables := revisions.foreign_tables(connection)):
        raise StoreError(
            f"{database.safe_url} holds something else (table {tables[0]}): "
            "name an empty database or a new file."
        )
    if revision is not None and revision not in revisions.available(migrations):
        head = revisions.head(migrations)
        raise StoreError(
            f"{database.safe_url} is at revision {revision}, this program knows up to {head}: "
            "run `pip install --upgrade tracker`, "
            f"or `tracker db downgrade {head}` with the newer program."
        )
    return revision


def _backup_before_migration(database: Database, revision: str) -> str:
    """Back up a SQLite file and return the part of a message that names the copy; "" elsewhere."""
    if database.path is None:
        return ""
    stamp = database.now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    remove_abandoned(f"{database.path}.backup-")
    copy = Path(f"{database.path}.backup-{revision}-{stamp}")
    back_up(database, copy)
    return f"; what it was is kept in {copy}"


def _copy(database: Database, path: str) -> None:
    """Copy a SQLite database with its own online backup.

    Raises:
        OSError: The copy cannot be written.
        StoreError: The database cannot be read.
    """
    with contextlib.closing(sqlite3.connect(path)) as copy, database.reading() as connection:
        # a journal would be one more file to be left behind; new_file syncs the copy
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        native: Any = connection.connection.driver_connection
        try:
            native.backup(copy)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise
            raise OSError(errno.ENOSPC, str(error)) from error


def _lock_schema(connection: sqlalchemy.Connection) -> None:
    """Wait for others that change the schema, until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        from tracker.store import postgres

        postgres.unlimit_statements(connection)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
