"""Which form of the schema a database has, which this program knows, and the way from one to the other.

Alembic does the way; it takes longer to load than a command should take to answer, so the question whether there is
any way to go is answered without it: revisions are numbered, and their files bear the number.
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
    sqlalchemy.MetaData(),  # Alembic's, as it makes it: no table of ours
    sqlalchemy.Column("version_num", sqlalchemy.String(32), nullable=False),
    sqlalchemy.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def known(migrations: Path = MIGRATIONS) -> list[str]:
    """The revisions this program knows, oldest first: the numbers that the files begin with."""
    return sorted(
        file.name.partition("_")[0] for file in (migrations / "versions").glob("[0-9]*.py")
    )


def head(migrations: Path = MIGRATIONS) -> str:
    """The newest revision this program knows."""
    return known(migrations)[-1]


def current(connection: sqlalchemy.Connection) -> str | None:
    """The revision of a database; None where it has no tables of ours."""
    if not sqlalchemy.inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.execute(sqlalchemy.select(_VERSION.c.version_num)).scalar()
    return revision


def foreign_tables(connection: sqlalchemy.Connection) -> list[str]:
    """The tables of a database that has no revision: whose must it be, if not ours?"""
    return sorted(set(sqlalchemy.inspect(connection).get_table_names()) - {_VERSION.name})


def create(connection: sqlalchemy.Connection, migrations: Path = MIGRATIONS) -> None:
    """Make the tables of an empty database at the newest revision, inside the caller's transaction.

    The program's own are made from the schema: that is what its migrations come to, in a tenth of their time.
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
    """Bring a database to a revision, forward or back, inside the caller's transaction."""
    from alembic import command  # late: it loads slowly, and most commands find nothing to migrate

    at = current(connection)
    move = command.upgrade if at is None or revision > at else command.downgrade
    move(_config(connection, migrations), revision)


def drift(connection: sqlalchemy.Connection) -> list[str]:
    """How the tables differ from those the program expects, one difference a line; [] when they do not."""
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
