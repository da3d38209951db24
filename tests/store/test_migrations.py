"""Migrations between revisions of the schema, on both databases and from every past revision."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from support.store_kit import clock, entry, open_test_database, row_counts, table_rows

from tracker.domain.errors import BadValue, NothingToDo, StoreError
from tracker.store import revisions
from tracker.store.schema import disclosure_cells
from tracker.store.upgrade import Database, connect, downgrade_schema, open_database, upgrade_schema
from tracker.store.write import entries, entry_totals

SAMPLE_DATABASES = sorted((Path(__file__).parent / "databases").glob("*.sql"))
"""A database of each revision as SQL, written by the program of its
time. Each holds one entry.
"""

NEXT = '''"""A column of a later program."""

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


def newer_migrations(folder: Path, then: str = "pass") -> Path:
    """Return the migrations of a program with one revision more than this one."""
    migrations = folder / "migrations"
    shutil.copytree(revisions.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "9999_mood.py").write_text(
        NEXT.format(head=revisions.head(), then=then)
    )
    return migrations


def columns(url: str) -> set[str]:
    """Return the columns of ``tasks``."""
    engine = create_engine(url)
    try:
        return {column["name"] for column in inspect(engine).get_columns("tasks")}
    finally:
        engine.dispose()


def migrated_database(url: str) -> Database:
    """Return an empty database with all migrations applied."""
    database = connect(url, now=clock)
    with database.writing() as connection:
        revisions.migrate(connection, revisions.head())
    return database


def test_the_migrations_make_the_tables_of_the_schema(empty_database_url: str) -> None:
    """Alembic finds no difference between a migrated database and the schema."""
    database = migrated_database(empty_database_url)
    with database.reading() as connection:
        assert revisions.drift(connection) == []
    database.close()


def test_a_new_database_has_the_tables_of_the_schema(empty_database_url: str) -> None:
    """It is created without Alembic, which finds no difference and the newest revision."""
    with open_test_database(empty_database_url) as database, database.reading() as connection:
        assert revisions.drift(connection) == []
        assert MigrationContext.configure(connection).get_current_revision() == revisions.head()


def test_a_new_database_is_what_the_migrations_make(tmp_path: Path) -> None:
    """Names and checks are equal, too, which Alembic does not compare."""
    with open_test_database(f"sqlite:///{tmp_path / 'created.db'}"):
        pass
    migrated_database(f"sqlite:///{tmp_path / 'migrated.db'}").close()
    assert statements(tmp_path / "migrated.db") == statements(tmp_path / "created.db")


def statements(path: Path) -> set[frozenset[str]]:
    """Return the parts of every statement that creates a table or an index, in any order.

    SQLite quotes the name of a table that was renamed, and writes an added column at the end of the
    last line.
    """
    connection = sqlite3.connect(path)
    query = "SELECT replace(sql, '\"' || tbl_name || '\"', tbl_name) FROM sqlite_master"
    rows = connection.execute(f"{query} WHERE sql IS NOT NULL")
    parts = {frozenset(part.strip(" \t)") for part in re.split(r"[,\n]", sql)) for (sql,) in rows}
    connection.close()
    return parts


def test_revisions_have_the_number_of_their_file() -> None:
    """The program takes the newest revision from the file names, without Alembic."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == revisions.head()
    assert (
        sorted(revision.revision for revision in script.walk_revisions()) == revisions.available()
    )


def test_every_revision_has_a_sample_database() -> None:
    """A new revision needs a sample database, from which later programs have to migrate."""
    assert [path.stem for path in SAMPLE_DATABASES] == revisions.available()


@pytest.mark.parametrize("sample", SAMPLE_DATABASES, ids=lambda path: path.stem)
def test_a_database_of_every_revision_is_upgraded(sample: Path, tmp_path: Path) -> None:
    """The first use upgrades a local file of any revision and loses nothing."""
    path = tmp_path / "log.db"
    connection = sqlite3.connect(path)
    connection.executescript(sample.read_text(encoding="utf-8"))
    connection.close()
    with open_test_database(f"sqlite:///{path}") as database:
        (row,) = table_rows(database, "entries")["entries"]
        with database.reading() as reading:
            assert entry_totals.difference(reading) == (0, 0)
            assert revisions.drift(reading) == []
    assert (row["developer"], row["task"], row["seconds"], row["note"]) == (
        "ann",
        "T-1",
        1800,
        'it\'s "kept"',
    )


def test_the_owner_of_an_import_and_groups_of_changes_are_added_and_removed(
    empty_database_url: str,
) -> None:
    """The rows stay; an import of before has no owner, and a change of before is its own group."""
    database = connect(empty_database_url, now=clock)
    with database.writing() as connection:
        revisions.migrate(connection, "0001")
        for statement in ROWS_OF_0001:
            connection.execute(text(statement))
    with database.writing() as connection:
        revisions.migrate(connection, "0003")
        assert connection.execute(text("SELECT developer FROM imports")).all() == [(None,)]
        assert connection.execute(text("SELECT group_id FROM changes")).all() == [(None,)]
        connection.execute(text("UPDATE imports SET developer = 'ann'"))
        redone = ROWS_OF_0001[1].replace("'c1'", "'c2'").replace("'activity'", "'redo'")
        connection.execute(text(redone))
    with database.writing() as connection:
        revisions.migrate(connection, "0001")
        for table, names in (("imports", {"i1"}), ("changes", {"c1"})):
            result = connection.execute(text(f"SELECT * FROM {table}"))
            names_of_columns = set(result.keys())
            assert "group_id" not in names_of_columns
            assert ("developer" in names_of_columns) == (table == "changes")
            assert {row.id for row in result} == names
    database.close()


ROWS_OF_0001 = (
    "INSERT INTO imports (id, source, file, imported_epoch, entries, work_items, tasks, rejected)"
    " VALUES ('i1', 'jira', 'log.csv', 1, 2, 0, 0, 0)",
    "INSERT INTO changes (developer, id, changed_epoch, verb, table_name, row_key, after)"
    " VALUES ('ann', 'c1', 1, 'activity', 'activities', 'spike', '{\"activity\": \"spike\"}')",
)
"""An import and a change as the first version stores them."""


def test_an_older_file_is_backed_up_and_upgraded(tmp_path: Path) -> None:
    """A newer program makes a copy, upgrades the file, and reports both in one line."""
    url = f"sqlite:///{tmp_path / 'log.db'}"
    with open_test_database(url) as database:
        entries.add_entry(database, entry(1))
    messages: list[str] = []
    with open_test_database(
        url, migrations=newer_migrations(tmp_path), notify=messages.append
    ) as database:
        assert row_counts(database)["entries"] == 1
    copy = tmp_path / f"log.db.backup-{revisions.head()}-20260301T120000Z"
    assert messages == [
        f"Upgraded {url} from revision {revisions.head()} to 9999; what it was is kept in {copy}.",
    ]
    assert "mood" in columns(url)
    assert "mood" not in columns(f"sqlite:///{copy}")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with open_test_database(f"sqlite:///{copy}") as backup:
        assert row_counts(backup)["entries"] == 1


ENTRY_OF_0001 = (
    "INSERT INTO entries (developer, id, task, activity, started_epoch, zone, seconds,"
    " interruption_seconds, local_day, local_month, assisted, logged_epoch)"
    " VALUES ('ann', 'e-1', 'T-1', 'design', 1728118800, 'UTC', 1800, 0, 20001, 657, 'unknown', 0)"
)


def test_cells_come_and_go_with_their_revision(empty_database_url: str) -> None:
    """The table of cells is added to a log with entries, and dropped without touching them."""
    database = connect(empty_database_url, now=clock)
    with database.writing() as connection:
        revisions.migrate(connection, "0001")
        connection.exec_driver_sql(ENTRY_OF_0001)
    upgrade_schema(database)
    with database.writing() as connection:
        connection.execute(
            disclosure_cells.insert().values(team="", month=657, project="", cell=1, fixed_epoch=0)
        )
        assert revisions.drift(connection) == []
    assert row_counts(database) == {"entries": 1, "disclosure_cells": 1}
    downgrade_schema(database, "0001")
    with database.reading() as connection:
        assert "disclosure_cells" not in inspect(connection).get_table_names()
        assert connection.exec_driver_sql("SELECT count(*) FROM entries").scalar_one() == 1
    database.close()


def test_a_current_file_is_not_reported(tmp_path: Path) -> None:
    """Neither a new file nor one at the newest revision gives a message."""
    url, migrations = f"sqlite:///{tmp_path / 'log.db'}", newer_migrations(tmp_path)
    messages: list[str] = []
    for _ in range(2):
        with open_test_database(url, migrations=migrations, notify=messages.append):
            pass
    assert messages == []


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """A failed migration is rolled back: tables, rows and revision are the old ones."""
    url = f"sqlite:///{tmp_path / 'log.db'}"
    with open_test_database(url) as database:
        entries.add_entry(database, entry(1))
    with pytest.raises(ZeroDivisionError):
        open_database(url, now=clock, migrations=newer_migrations(tmp_path, then="1 / 0"))
    assert "mood" not in columns(url)
    with open_test_database(url) as database:
        assert row_counts(database)["entries"] == 1


def test_an_older_server_is_refused_until_it_is_upgraded(
    empty_postgres_url: str, tmp_path: Path
) -> None:
    """Others use a server, too: only `db upgrade` upgrades it."""
    migrations = newer_migrations(tmp_path)
    with open_test_database(empty_postgres_url) as database:
        entries.add_entry(database, entry(1))
    with pytest.raises(StoreError, match=r"needs 9999: run `tracker db upgrade`"):
        open_database(empty_postgres_url, now=clock, migrations=migrations)
    database = connect(empty_postgres_url, now=clock)
    assert upgrade_schema(database, migrations).startswith("Upgraded ")
    assert "nothing to upgrade" in upgrade_schema(database, migrations)
    database.close()
    with open_test_database(empty_postgres_url, migrations=migrations) as database:
        assert row_counts(database)["entries"] == 1


def test_a_newer_database_is_refused_with_what_helps(
    empty_database_url: str, tmp_path: Path
) -> None:
    """An older program does not change a newer database, and names the two remedies."""
    with open_test_database(empty_database_url, migrations=newer_migrations(tmp_path)):
        pass
    with pytest.raises(StoreError) as caught:
        open_database(empty_database_url, now=clock)
    message = str(caught.value)
    assert "at revision 9999" in message
    assert "pip install --upgrade tracker" in message
    assert f"tracker db downgrade {revisions.head()}" in message
    assert "mood" in columns(empty_database_url)


def test_a_newer_program_can_downgrade_a_database(empty_database_url: str, tmp_path: Path) -> None:
    """The older program then opens it with its rows; a SQLite file is backed up first."""
    migrations = newer_migrations(tmp_path)
    with open_test_database(empty_database_url, migrations=migrations) as database:
        entries.add_entry(database, entry(1))
        message = downgrade_schema(database, revisions.head(), migrations)
    assert ("is kept in" in message) == empty_database_url.startswith("sqlite")
    with open_test_database(empty_database_url) as database:
        assert row_counts(database)["entries"] == 1


def test_a_downgrade_needs_an_older_revision(empty_database_url: str) -> None:
    """An unknown revision, and the present one, are refused."""
    with open_test_database(empty_database_url) as database:
        with pytest.raises(BadValue, match=rf"give one of {revisions.available()[0]}"):
            downgrade_schema(database, "base")
        with pytest.raises(NothingToDo, match="give an older one"):
            downgrade_schema(database, revisions.head())


def test_a_database_of_another_program_is_not_changed(empty_database_url: str) -> None:
    """It is refused, a table of it is named, and nothing is added."""
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bookmarks (url TEXT)"))
    with pytest.raises(StoreError, match=r"holds something else \(table bookmarks\)"):
        open_database(empty_database_url, now=clock)
    assert inspect(engine).get_table_names() == ["bookmarks"]
    engine.dispose()


OLD_ROWS = (
    "INSERT INTO tasks (task, title, estimate_minutes, import_id) VALUES ('T-1', 'a', 90.5, 'i')",
    "INSERT INTO work_items (developer, task, activity, estimate_minutes, estimated_epoch,"
    " assigned, import_id) VALUES ('ann', 'T-1', 'design', 60, 1700000000, 'assistance', 'i')",
)
"""Rows of a database of revision 0001."""


def test_estimates_and_draws_of_revision_0001_are_upgraded_and_downgraded(
    empty_database_url: str,
) -> None:
    """Rows keep their values both ways; what the new columns hold is not known of old rows."""
    database = connect(empty_database_url, now=clock)
    with database.writing() as connection:
        revisions.migrate(connection, "0001")
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    upgrade_schema(database)
    (task,), (item,) = table_rows(database, "tasks", "work_items").values()
    assert (task["title"], task["estimate_minutes"], task["estimated_epoch"]) == ("a", 90.5, None)
    assert (item["estimated_epoch"], item["assigned"], item["assistance_share"]) == (
        1_700_000_000,
        "assistance",
        None,
    )
    downgrade_schema(database, "0001")
    with database.reading() as connection:
        rows = [
            tuple(connection.execute(text(query)).one())
            for query in (
                "SELECT title, estimate_minutes, import_id FROM tasks",
                "SELECT developer, estimated_epoch, assigned, import_id FROM work_items",
            )
        ]
    assert rows == [("a", 90.5, "i"), ("ann", 1_700_000_000, "assistance", "i")]
    database.close()
