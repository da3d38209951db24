"""The way from one form of the schema to the next, on both databases, and from every form there has been."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from support.store_kit import clock, content, counted, entry, opened

from tracker.domain.errors import BadValue, NothingToDo, StoreError
from tracker.store import revisions
from tracker.store.upgrade import Database, connect, downgrade_schema, open_database, upgrade_schema
from tracker.store.write import entries

KEPT = sorted((Path(__file__).parent / "databases").glob("*.sql"))
"""A database of each revision as SQL, made by the program of its time; each holds the one entry of ``kept_entry``."""

NEXT = '''"""A column that a later program has."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tasks") as tasks:
        tasks.add_column(sa.Column("mood", sa.Text))
    {then}


def downgrade() -> None:
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_column("mood")
'''


def later(folder: Path, then: str = "pass") -> Path:
    """The migrations of a program that knows one revision more than this one."""
    migrations = folder / "migrations"
    shutil.copytree(revisions.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "9999_mood.py").write_text(
        NEXT.format(head=revisions.head(), then=then)
    )
    return migrations


def columns(url: str) -> set[str]:
    """The columns of ``tasks``."""
    engine = create_engine(url)
    try:
        return {column["name"] for column in inspect(engine).get_columns("tasks")}
    finally:
        engine.dispose()


def migrated(url: str) -> Database:
    """An empty database brought to the newest form by its migrations, one after the other."""
    database = connect(url, now=clock)
    with database.writing() as connection:
        revisions.migrate(connection, revisions.head())
    return database


def test_the_migrations_make_the_tables_of_the_schema(database_url: str) -> None:
    """What Alembic would change in a migrated database is nothing."""
    database = migrated(database_url)
    with database.reading() as connection:
        assert revisions.drift(connection) == []
    database.close()


def test_a_new_database_has_the_tables_of_the_schema(database_url: str) -> None:
    """It is made without Alembic, which would change nothing in it and finds it at the newest revision."""
    with opened(database_url) as database, database.reading() as connection:
        assert revisions.drift(connection) == []
        assert MigrationContext.configure(connection).get_current_revision() == revisions.head()


def test_a_new_database_is_what_the_migrations_make(tmp_path: Path) -> None:
    """Down to names and checks, which Alembic does not compare: the statements are the same but for their order."""
    with opened(f"sqlite:///{tmp_path / 'made.db'}"):
        pass
    migrated(f"sqlite:///{tmp_path / 'migrated.db'}").close()
    assert statements(tmp_path / "migrated.db") == statements(tmp_path / "made.db")


def statements(path: Path) -> set[frozenset[str]]:
    """The parts of every statement that made a table or an index."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    made = {frozenset(part.strip(" ,") for part in re.split(r"\n\s*", sql)) for (sql,) in rows}
    connection.close()
    return made


def test_revisions_bear_the_number_of_their_file() -> None:
    """The newest is found without Alembic, by file names: they must not lie."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == revisions.head()
    assert sorted(revision.revision for revision in script.walk_revisions()) == revisions.known()


def test_every_revision_has_a_kept_database() -> None:
    """Whoever adds a revision keeps a database of it, for those who come later."""
    assert [path.stem for path in KEPT] == revisions.known()


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.stem)
def test_a_database_of_every_revision_opens_with_its_entries(kept: Path, tmp_path: Path) -> None:
    """However old a local file is, first use brings it here and loses nothing."""
    path = tmp_path / "log.db"
    connection = sqlite3.connect(path)
    connection.executescript(kept.read_text(encoding="utf-8"))
    connection.close()
    with opened(f"sqlite:///{path}") as database:
        (row,) = content(database, "entries")["entries"]
        with database.reading() as reading:
            assert revisions.drift(reading) == []
    assert (row["developer"], row["task"], row["seconds"], row["note"]) == (
        "ann",
        "T-1",
        1800,
        'it\'s "kept"',
    )


def test_an_older_file_is_backed_up_upgraded_and_told(tmp_path: Path) -> None:
    """The next program finds an older file: it keeps a copy, brings it up, and says both."""
    url = f"sqlite:///{tmp_path / 'log.db'}"
    with opened(url) as database:
        entries.add_entry(database, entry(1))
    said: list[str] = []
    with opened(url, migrations=later(tmp_path), tell=said.append) as database:
        assert counted(database)["entries"] == 1
    copy = tmp_path / f"log.db.backup-{revisions.head()}-20260301T120000Z"
    assert said == [
        f"Upgraded {url} from revision {revisions.head()} to 9999; what it was is kept in {copy}.",
    ]
    assert "mood" in columns(url)
    assert "mood" not in columns(f"sqlite:///{copy}")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with opened(f"sqlite:///{copy}") as kept:
        assert counted(kept)["entries"] == 1


def test_an_upgraded_file_is_told_of_only_once(tmp_path: Path) -> None:
    """The second time there is nothing to do, and nothing to say."""
    url, migrations = f"sqlite:///{tmp_path / 'log.db'}", later(tmp_path)
    said: list[str] = []
    for _ in range(2):
        with opened(url, migrations=migrations, tell=said.append):
            pass
    assert said == []  # a new file is no news either


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """Halfway is nowhere: tables, rows and revision are the old ones."""
    url = f"sqlite:///{tmp_path / 'log.db'}"
    with opened(url) as database:
        entries.add_entry(database, entry(1))
    with pytest.raises(ZeroDivisionError):
        open_database(url, now=clock, migrations=later(tmp_path, then="1 / 0"))
    assert "mood" not in columns(url)
    with opened(url) as database:
        assert counted(database)["entries"] == 1


def test_an_older_server_is_refused_until_it_is_upgraded(postgres_url: str, tmp_path: Path) -> None:
    """Others use it too: only the command changes its form, and then it opens."""
    migrations = later(tmp_path)
    with opened(postgres_url) as database:
        entries.add_entry(database, entry(1))
    with pytest.raises(StoreError, match=r"needs 9999: run `tracker db upgrade`"):
        open_database(postgres_url, now=clock, migrations=migrations)
    database = connect(postgres_url, now=clock)
    assert upgrade_schema(database, migrations).startswith("Upgraded ")
    assert "nothing to upgrade" in upgrade_schema(database, migrations)
    database.close()
    with opened(postgres_url, migrations=migrations) as database:
        assert counted(database)["entries"] == 1


def test_a_newer_database_is_refused_with_what_helps(database_url: str, tmp_path: Path) -> None:
    """An old program leaves a newer database alone, and says which two ways there are."""
    with opened(database_url, migrations=later(tmp_path)):
        pass
    with pytest.raises(StoreError) as caught:
        open_database(database_url, now=clock)
    said = str(caught.value)
    assert "at revision 9999" in said
    assert "pip install --upgrade tracker" in said
    assert f"tracker db downgrade {revisions.head()}" in said
    assert "mood" in columns(database_url)


def test_the_newer_program_can_take_a_database_back(database_url: str, tmp_path: Path) -> None:
    """After a downgrade the old program opens it, with its rows; a SQLite file was backed up before."""
    migrations = later(tmp_path)
    with opened(database_url, migrations=migrations) as database:
        entries.add_entry(database, entry(1))
        said = downgrade_schema(database, revisions.head(), migrations)
    assert ("is kept in" in said) == database_url.startswith("sqlite")
    with opened(database_url) as database:
        assert counted(database)["entries"] == 1


def test_there_is_no_way_back_to_what_never_was(database_url: str) -> None:
    """An unknown revision, or the one it is at, is refused with those there are."""
    with opened(database_url) as database:
        with pytest.raises(BadValue, match=rf"give one of {revisions.known()[0]}"):
            downgrade_schema(database, "base")
        with pytest.raises(NothingToDo, match="give an older one"):
            downgrade_schema(database, revisions.head())


def test_somebody_elses_database_is_left_alone(database_url: str) -> None:
    """Tables that are not ours: refused by name, and nothing is added."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bookmarks (url TEXT)"))
    with pytest.raises(StoreError, match=r"holds something else \(table bookmarks\)"):
        open_database(database_url, now=clock)
    assert inspect(engine).get_table_names() == ["bookmarks"]
    engine.dispose()
