"""Revisions of the schema: those of this program, that of a database, and the migration between.

Alembic migrates, but loads slowly. Whether there is anything to migrate is answered without it:
revisions are numbered, and the names of their files begin with the number.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy

import tracker
from tracker.store.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

_PACKED = Path(tracker.__file__).parent / "migrations"
MIGRATIONS = _PACKED if _PACKED.is_dir() else _PACKED.parents[1] / "migrations"
"""Alembic's folder: inside the wheel, or at the root of a checkout."""

_VERSION = sqlalchemy.Table(
    "alembic_version",
    sqlalchemy.MetaData(),  # Alembic's table, not one of the program's own
    sqlalchemy.Column("version_num", sqlalchemy.String(32), nullable=False),
    sqlalchemy.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def available(migrations: Path = MIGRATIONS) -> list[str]:
    """Return the revisions of this program, oldest first."""
    return sorted(
        file.name.partition("_")[0] for file in (migrations / "versions").glob("[0-9]*.py")
    )


def head(migrations: Path = MIGRATIONS) -> str:
    """Return the newest revision of this program."""
    return available(migrations)[-1]


def current(connection: sqlalchemy.Connection) -> str | None:
    """Return the revision of a database, None where it has no tables of this program."""
    if not sqlalchemy.inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.execute(sqlalchemy.select(_VERSION.c.version_num)).scalar()
    return revision


def foreign_tables(connection: sqlalchemy.Connection) -> list[str]:
    """Return the tables of a database without a revision, which belong to another program."""
    return sorted(set(sqlalchemy.inspect(connection).get_table_names()) - {_VERSION.name})


def create(connection: sqlalchemy.Connection, migrations: Path = MIGRATIONS) -> None:
    """Create the tables in an empty database, inside the caller's transaction.

    They are created from the schema, which takes a tenth of the time that the migrations take and
    gives the same tables.
    """
    if migrations != MIGRATIONS:
        migrate(connection, head(migrations), migrations)
        return
    metadata.create_all(connection)
    _VERSION.create(connection, checkfirst=True)
    connection.execute(_VERSION.insert().values(version_num=head()))


def migrate(
    connection: sqlalchemy.Connection, revision: str, migrations: Path = MIGRATIONS
) -> None:
    """Migrate a database to a revision, newer or older, inside the caller's transaction."""
    from alembic import command  # late: it loads slowly, and is rarely needed

    before = current(connection)
    is_upgrade = before is None or revision > before
    migration = command.upgrade if is_upgrade else command.downgrade
    migration(_config(connection, migrations), revision)


def drift(connection: sqlalchemy.Connection) -> list[str]:
    """Return how the tables differ from the schema, one text a difference; [] if they do not."""
    from alembic.autogenerate import compare_metadata  # late, as above
    from alembic.migration import MigrationContext

    return [
        str(difference)
        for difference in compare_metadata(MigrationContext.configure(connection), metadata)
    ]


def _config(connection: sqlalchemy.Connection, migrations: Path) -> Config:
    from alembic.config import Config  # late, as above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
