"""The way to the database: made private, opened by URL, its transactions, its refusals in one line."""

from __future__ import annotations

import dataclasses
import math
import sqlite3
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from support.store_kit import NOW_EPOCH, clock, content, counted, entry, finish, opened, python

from tracker.domain.errors import StoreError
from tracker.store import database
from tracker.store.doctor import examine
from tracker.store.schema import activities
from tracker.store.upgrade import Database, back_up, connect, database_status, open_database
from tracker.store.write import entries, team_data


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'log.db'}"


def refused(url: str) -> str:
    """What is said when a database cannot be opened: one line."""
    with pytest.raises(StoreError) as caught:
        open_database(url, now=clock)
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_first_use_makes_the_tables_and_the_next_finds_them(database_url: str) -> None:
    """An empty database is ready after it was opened once, and what is in it is there the next time."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
    with opened(database_url) as database:
        assert counted(database) == {"entries": 1, "changes": 1}


def test_a_new_or_current_database_opens_without_alembic(tmp_path: Path) -> None:
    """The library that migrates loads slowly, and only where there is something to migrate."""
    code = "import sys; from support.store_kit import opened\nwith opened(sys.argv[1]): print('alembic' in sys.modules)"
    assert finish([python(code, sqlite_url(tmp_path))]) == ["False\n"]
    assert finish([python(code, sqlite_url(tmp_path))]) == ["False\n"]


def test_only_the_owner_may_read_a_new_sqlite_file(tmp_path: Path) -> None:
    """The file, its companions and a folder made for it are closed to others, whatever the umask."""
    code = (
        "import os, sys, pathlib; from support.store_kit import *; from tracker.store.write import entries as entry_writer; os.umask(0)\n"
        "with opened(sys.argv[1]) as database:\n"
        "    entry_writer.add_entry(database, entry(1))\n"
        "    for file in database.files(): print(file.name, oct(file.stat().st_mode & 0o777))"
    )
    (printed,) = finish([python(code, f"sqlite:///{tmp_path}/new/log.db")])
    assert printed.split("\n")[:3] == ["log.db 0o600", "log.db-wal 0o600", "log.db-shm 0o600"]
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    """Only a folder that the program makes itself is closed."""
    tmp_path.chmod(0o755)
    with opened(sqlite_url(tmp_path)):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    """WAL mode with full synchronisation: a kept transaction is on the disk."""
    with opened(sqlite_url(tmp_path)) as database, database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000


def test_a_failure_takes_the_whole_transaction_back(database_url: str) -> None:
    """Nothing of a block that raises is kept."""
    with opened(database_url) as database:
        with suppress(ZeroDivisionError), database.writing() as connection:
            connection.execute(insert(activities).values(activity="spike"))
            raise ZeroDivisionError
        assert counted(database) == {}


def test_writing_without_keeping_takes_itself_back(database_url: str) -> None:
    """``keep=False`` shows what would be, and leaves nothing."""
    with opened(database_url) as database:
        with database.writing(keep=False) as connection:
            connection.execute(insert(activities).values(activity="spike"))
            assert connection.execute(text("SELECT count(*) FROM activities")).scalar() == 1
        assert counted(database) == {}


def test_a_reader_sees_one_state_while_another_writes(database_url: str) -> None:
    """What is kept in the meantime does not appear in the middle of a reader's transaction, nor block it."""
    with opened(database_url) as database:
        with database.reading() as reader:
            before = reader.execute(text("SELECT count(*) FROM activities")).scalar()
            with database.writing() as writer:
                writer.execute(insert(activities).values(activity="spike"))
                during = reader.execute(text("SELECT count(*) FROM activities")).scalar()
            after = reader.execute(text("SELECT count(*) FROM activities")).scalar()
        assert (before, during, after) == (0, 0, 0)
        assert counted(database) == {"activities": 1}


def test_a_connection_that_read_writes_as_any_other(postgres_url: str) -> None:
    """The reader's isolation does not stay on the connection: a writer sees what others kept while it waited."""
    with opened(postgres_url) as database:
        with database.reading() as reader:
            read_at = reader.execute(text("SHOW transaction_isolation")).scalar()
            process = reader.execute(text("SELECT pg_backend_pid()")).scalar()
        with database.writing() as writer:
            assert writer.execute(text("SELECT pg_backend_pid()")).scalar() == process
            wrote_at = writer.execute(text("SHOW transaction_isolation")).scalar()
    assert (read_at, wrote_at) == ("repeatable read", "read committed")


def test_a_writer_that_waited_in_vain_is_told_so(tmp_path: Path) -> None:
    """A lock that is not let go of is a refusal that says what to do, and the next write goes well."""
    with opened(sqlite_url(tmp_path)) as database:
        with (
            database.writing(),
            pytest.raises(StoreError, match=r"is busy: .*Try again"),
            database.writing(lock_timeout_seconds=0),
        ):
            pass
        entries.add_entry(database, entry(1))


def test_a_lock_on_postgresql_is_not_waited_for_for_ever(postgres_url: str) -> None:
    """A row that another transaction holds is waited for as long as patience goes."""
    with opened(postgres_url) as database:
        team_data.add_activity(database, "ann", "spike")
        with database.writing() as first:
            first.execute(text("LOCK TABLE activities IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(StoreError, match="is busy"):
                _read_activities(database)


def _read_activities(database: Database) -> None:
    with database.writing(lock_timeout_seconds=1) as connection:
        connection.execute(text("SELECT * FROM activities"))


def test_many_processes_write_at_once(database_url: str) -> None:
    """Transactions that read and then write, from six processes: every one is kept, none fails."""
    with opened(database_url):
        pass
    code = (
        "import sys; from support.store_kit import *; from tracker.store.write import entries as entry_writer\n"
        "me = int(sys.argv[2])\n"
        "with opened(sys.argv[1]) as database:\n"
        "    for i in range(20): entry_writer.add_entry(database, entry(100 * me + i, 'dev%d' % (me % 2)))"
    )
    finish([python(code, database_url, str(n)) for n in range(6)])
    with opened(database_url) as database:
        assert counted(database) == {"entries": 120, "changes": 120}


def test_many_processes_open_a_new_database_at_once(database_url: str) -> None:
    """The tables are made once, and nobody who comes second stumbles."""
    code = "import sys; from support.store_kit import *\nwith opened(sys.argv[1]) as database: print(counted(database))"
    assert finish([python(code, database_url) for _ in range(4)]) == ["{}\n"] * 4


def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    """A file where the folder should be: the path, the reason, what to do."""
    (tmp_path / "file").write_text("")
    said = refused(f"sqlite:///{tmp_path}/file/log.db")
    assert f"{tmp_path}/file/log.db cannot be made (" in said
    assert "--db" in said


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A text file by mistake is named, and stays as it is."""
    (tmp_path / "log.db").write_text(
        "my diary, much longer than the header of a database would be\n" * 99
    )
    assert "is a file, but not a database" in refused(sqlite_url(tmp_path))
    assert (tmp_path / "log.db").read_text().startswith("my diary")


def test_a_file_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    """A read-only database says so, with what to do."""
    with opened(sqlite_url(tmp_path)) as database:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA query_only = 1")
        with pytest.raises(
            StoreError, match=r"cannot be written: make the file and its folder yours"
        ):
            entries.add_entry(database, entry(1))


def test_a_full_disk_is_refused_and_nothing_is_half_kept(tmp_path: Path) -> None:
    """A write that does not fit is taken back as a whole."""
    with opened(sqlite_url(tmp_path)) as database:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(
            StoreError, match=r"cannot grow \(database or disk is full\): make room"
        ):
            entries.store_outbox(database, [{"kind": "entry", **_fields(n)} for n in range(500)])
        assert counted(database) == {}


def _fields(number: int) -> dict[str, Any]:
    return dataclasses.asdict(entry(number, note="long " * 50))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Pages that are no pages: the way out is a backup."""
    with opened(sqlite_url(tmp_path)) as database:
        entries.store_outbox(database, [{"kind": "entry", **_fields(n)} for n in range(200)])
    with (tmp_path / "log.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(StoreError, match="is damaged"), opened(sqlite_url(tmp_path)) as database:
        content(database, "entries")


def test_a_server_that_is_not_there_is_refused_without_the_password() -> None:
    """The address is named, the password is not, wherever it stands."""
    said = refused(
        "postgresql://ann:hunter2@127.0.0.1:1/team?sslpassword=hunter2&connect_timeout=2"
    )
    assert "postgresql://ann:***@127.0.0.1:1/team" in said
    assert "cannot be reached" in said
    assert "hunter2" not in said


def test_a_wrong_password_is_not_repeated(postgres_url: str) -> None:
    """What the server says of a database that does not exist comes in one line."""
    said = refused(postgres_url.replace("?", "_not_there?", 1))
    assert "does not exist" in said


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:hunter2@host:notaport/x",
        "hunter2",
        "mysql://ann:hunter2@host/x",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_a_url_that_is_none_is_refused_with_an_example(url: str) -> None:
    """Not understood, of another kind, or without a file: what a URL looks like, never the password."""
    said = refused(url)
    assert "sqlite:////" in said
    assert "hunter2" not in said


def test_a_missing_driver_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg a PostgreSQL URL says how to install it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'tracker[postgres]'" in refused("postgresql://ann@host/x")


def test_postgresql_may_be_called_by_its_short_names(postgres_url: str) -> None:
    """postgres:// and postgresql:// mean the same server, and no driver shows in what is printed."""
    bare = postgres_url.replace("postgresql+psycopg", "postgres")
    with opened(bare) as database:
        assert database.url_shown.startswith("postgresql://")
        assert counted(database) == {}


def test_ln_is_registered_where_sqlite_lacks_it() -> None:
    """A build without mathematical functions gets a logarithm like SQLite's own: NULL outside its domain."""

    class Bare(sqlite3.Connection):
        lacks = True

        def create_function(self, *arguments: Any, **options: Any) -> None:
            Bare.lacks = False
            super().create_function(*arguments, **options)

        def cursor(self, *arguments: Any) -> sqlite3.Cursor:
            return super().cursor(Lacking)

    class Lacking(sqlite3.Cursor):
        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            if "ln(" in sql and Bare.lacks:
                raise sqlite3.OperationalError("no such function: ln")
            return super().execute(sql, *arguments)

    bare = sqlite3.connect(":memory:", factory=Bare)
    database._prepare_sqlite(bare, None)  # type: ignore[arg-type]
    assert not Bare.lacks
    assert bare.execute("SELECT ln(10), ln(0), ln(-1), ln(NULL)").fetchone() == (
        math.log(10),
        None,
        None,
        None,
    )


def test_a_backup_is_a_whole_database(tmp_path: Path) -> None:
    """The copy of a database in use opens, holds the rows, is private, and is one file."""
    with opened(sqlite_url(tmp_path)) as database:
        entries.add_entry(database, entry(1))
        size = back_up(database, tmp_path / "copy.db")
        here = content(database, "entries", "changes")
    assert size == (tmp_path / "copy.db").stat().st_size
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert not list(tmp_path.glob("copy.db-*"))
    with opened(f"sqlite:///{tmp_path / 'copy.db'}") as copy:
        assert content(copy, "entries", "changes") == here


def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    """A name that is taken is refused, and what bears it stays."""
    (tmp_path / "copy.db").write_text("precious")
    with (
        opened(sqlite_url(tmp_path)) as database,
        pytest.raises(StoreError, match="give the name of a new file"),
    ):
        back_up(database, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_a_server_is_backed_up_by_its_own_tool(postgres_url: str, tmp_path: Path) -> None:
    """PostgreSQL has pg_dump."""
    with opened(postgres_url) as database, pytest.raises(StoreError, match="pg_dump"):
        back_up(database, tmp_path / "copy.db")


def test_status_says_what_is_there(database_url: str) -> None:
    """Kind, revision and rows, before and after first use."""
    database = connect(database_url, now=clock)
    assert database_status(database)["revision"] is None
    database.close()
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        said = database_status(database)
    assert said["revision"] == said["newest_revision"]
    assert said["kind"] in ("SQLite", "PostgreSQL")
    assert said["rows"]["entries"] == 1
    assert said["size_bytes"] > 0


def test_the_doctor_finds_nothing_wrong_with_a_sound_log(database_url: str) -> None:
    """Every check is well."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        found = examine(database)
    assert all(finding.well for finding in found), found
    assert found[-1].message.startswith("1 entries")


def test_the_doctor_finds_values_that_cannot_be(database_url: str) -> None:
    """Each kind of implausible entry is counted."""
    ill = [
        entry(1, seconds=90_000),
        entry(
            2,
            started_epoch=NOW_EPOCH + 200_000,
            local_day=(NOW_EPOCH + 200_000) // 86_400,
            ended_epoch=None,
        ),
        entry(3, started_epoch=600_000_000, local_day=600_000_000 // 86_400),
        entry(4, ended_epoch=entry(4).started_epoch - 1),
        entry(5, local_day=entry(5).local_day + 3),
    ]
    with opened(database_url) as database:
        for one in ill:
            entries.add_entry(database, one)
        with database.writing() as connection:
            connection.execute(
                text("UPDATE entries SET local_month = 7 WHERE id = :id"), {"id": ill[0].id}
            )
        found = [finding.message for finding in examine(database) if not finding.well]
    assert [message.partition(":")[0] for message in found] == [
        "1 last longer than 24 hours",
        "1 begin more than a day from now",
        "1 begin before 1990",
        "1 end before they begin",
        "1 bear another local day than their instant",
        "1 bear another month than their day",
    ]


def test_the_doctor_sees_tables_changed_by_hand(database_url: str) -> None:
    """A column that is not ours is named."""
    with opened(database_url) as database:
        with database.writing() as connection:
            connection.execute(text("ALTER TABLE tasks ADD COLUMN mood TEXT"))
        (finding,) = [finding for finding in examine(database) if not finding.well]
    assert "changed by hand" in finding.message
    assert "mood" in finding.message


def test_the_doctor_sees_a_file_that_others_may_read(tmp_path: Path) -> None:
    """A file opened up later is told, with the command that closes it."""
    with opened(sqlite_url(tmp_path)) as database:
        (tmp_path / "log.db").chmod(0o644)
        (finding,) = [finding for finding in examine(database) if not finding.well]
    assert f"chmod 600 {tmp_path / 'log.db'}" in finding.message
