"""The database's care: opened in the form this program knows, upgraded, backed up, looked over."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy

from tracker.domain.errors import BadValue, NothingToDo, StoreError
from tracker.store import revisions
from tracker.store.database import Database, connect, make_private
from tracker.store.revisions import MIGRATIONS
from tracker.store.schema import metadata

_LOCK = 0x7472_6163  # PostgreSQL's advisory lock for changing the schema: two first uses at once take turns


def open_database(
    url: str,
    *,
    now: Callable[[], datetime],
    tell: Callable[[str], None] = lambda _message: None,
    must_exist: bool = False,
    migrations: Path = MIGRATIONS,
) -> Database:
    """A database ready for use.

    An empty one gets its tables; with ``must_exist`` a SQLite file that is not there is refused instead. An older
    SQLite file is backed up and upgraded, which ``tell`` hears in one line; an older PostgreSQL database and any newer
    one are refused with the command that helps.
    """
    database = connect(url, now=now, must_exist=must_exist)
    try:
        with database.reading() as connection:
            at = revisions.current(connection)
        if at != revisions.head(migrations):
            _make_current(database, tell, migrations)
    except BaseException:
        database.close()
        raise
    return database


def database_status(database: Database, migrations: Path = MIGRATIONS) -> dict[str, Any]:
    """What there is to say of a database: kind, revision, rows per table, size in bytes."""
    with database.reading() as connection:
        at = revisions.current(connection)
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
        "url": database.url_shown,
        "kind": "SQLite" if database.sqlite else "PostgreSQL",
        "server_version": version,
        "revision": at,
        "newest_revision": revisions.head(migrations),
        "size_bytes": size,
        "rows": rows,
    }


def upgrade_schema(database: Database, migrations: Path = MIGRATIONS) -> str:
    """Bring a database to the newest form; what was done, in one line. A SQLite file is backed up first."""
    head = revisions.head(migrations)
    with database.writing() as connection:
        _take_turns(connection)
        at = _ours(connection, database, migrations)
        if at == head:
            return f"{database.url_shown} is at revision {head}, the newest: nothing to upgrade."
        if at is None:
            revisions.create(connection, migrations)
            return f"Made the tables of {database.url_shown} at revision {head}."
        kept = _kept_copy(database, at)
        revisions.migrate(connection, head, migrations)
    return f"Upgraded {database.url_shown} from revision {at} to {head}{kept}."


def downgrade_schema(database: Database, revision: str, migrations: Path = MIGRATIONS) -> str:
    """Take a database back to an older form, for an older program; what was done, in one line."""
    known = revisions.known(migrations)
    if revision not in known:
        raise BadValue(f"revision is {revision}: give one of {', '.join(known)}.")
    with database.writing() as connection:
        _take_turns(connection)
        at = _ours(connection, database, migrations)
        if at is None or at <= revision:
            raise NothingToDo(
                f"{database.url_shown} is at revision {at or 'none'}: give an older one than that."
            )
        kept = _kept_copy(database, at)
        revisions.migrate(connection, revision, migrations)
    return f"Took {database.url_shown} back from revision {at} to {revision}{kept}."


def back_up(database: Database, file: Path) -> int:
    """Copy a SQLite database while others use it; the copy's bytes. An existing file is never overwritten."""
    if not database.sqlite:
        raise StoreError(f"{database.url_shown} is a server's: back it up with pg_dump.")
    try:
        make_private(file)
    except OSError as error:
        raise StoreError(
            f"{file} cannot be made ({error.strerror}): give the name of a new file."
        ) from error
    try:
        _copy(database, file)
    except BaseException:
        file.unlink()
        raise
    return file.stat().st_size


def _make_current(database: Database, tell: Callable[[str], None], migrations: Path) -> None:
    """What first use does to a database that is empty, or in another form than this program's."""
    with database.reading() as connection:
        at = _ours(connection, database, migrations)
    if at is not None and not database.sqlite:
        raise StoreError(
            f"{database.url_shown} is at revision {at}, this program needs {revisions.head(migrations)}: "
            "run `tracker db upgrade` once for all who use it."
        )
    said = upgrade_schema(database, migrations)
    if at is not None:
        tell(said)


def _ours(connection: sqlalchemy.Connection, database: Database, migrations: Path) -> str | None:
    """The database's revision, None where it is empty; refused where it is newer, or somebody else's."""
    at = revisions.current(connection)
    if at is None and (tables := revisions.foreign_tables(connection)):
        raise StoreError(
            f"{database.url_shown} holds something else (table {tables[0]}): name an empty database or a new file."
        )
    if at is not None and at not in revisions.known(migrations):
        head = revisions.head(migrations)
        raise StoreError(
            f"{database.url_shown} is at revision {at}, this program knows up to {head}: "
            f"run `pip install --upgrade tracker`, or `tracker db downgrade {head}` with the newer program."
        )
    return at


def _kept_copy(database: Database, at: str | None) -> str:
    """Back up a SQLite file that is about to change its form; how to say where the copy lies."""
    if database.path is None or at is None:
        return ""
    stamp = database.now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    copy = Path(f"{database.path}.backup-{at}-{stamp}")
    back_up(database, copy)
    return f"; what it was is kept in {copy}"


def _copy(database: Database, file: Path) -> None:
    """SQLite's own online backup."""
    copy = sqlite3.connect(file)
    try:
        with database.reading() as connection:
            native: Any = connection.connection.driver_connection
            native.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without companions
    except sqlite3.Error as error:
        raise StoreError(
            f"{file} cannot be written ({error}): make room, or give another place."
        ) from error
    finally:
        copy.close()


def _take_turns(connection: sqlalchemy.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
