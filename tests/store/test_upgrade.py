"""Opening a database by URL, its transactions, its errors in one line, backups and checks."""

from __future__ import annotations

import dataclasses
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from support.store_kit import (
    NOW_EPOCH,
    clock,
    entry,
    open_test_database,
    outputs_of,
    row_counts,
    start_python,
    store_unchecked,
    table_rows,
)

from tracker.domain.errors import StoreError
from tracker.domain.ids import id_end
from tracker.store.doctor import examine
from tracker.store.schema import activities
from tracker.store.upgrade import Database, back_up, connect, database_status, open_database
from tracker.store.write import entries, entry_totals, team_data


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'log.db'}"


def refusal(url: str) -> str:
    """Return the one-line message of a database that cannot be opened."""
    with pytest.raises(StoreError) as caught:
        open_database(url, now=clock)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_first_use_creates_the_tables(empty_database_url: str) -> None:
    """An empty database is ready once opened, and its rows are there the next time."""
    with open_test_database(empty_database_url) as database:
        entries.add_entry(database, entry(1))
    with open_test_database(empty_database_url) as database:
        assert row_counts(database) == {"entries": 1, "changes": 1}


def test_a_new_or_current_database_opens_without_alembic(tmp_path: Path) -> None:
    """Alembic loads slowly, so it is loaded only where there is something to migrate."""
    code = (
        "import sys; from support.store_kit import open_test_database\n"
        "with open_test_database(sys.argv[1]): print('alembic' in sys.modules)"
    )
    assert outputs_of([start_python(code, sqlite_url(tmp_path))]) == ["False\n"]
    assert outputs_of([start_python(code, sqlite_url(tmp_path))]) == ["False\n"]


def test_only_the_owner_may_read_a_new_sqlite_file(tmp_path: Path) -> None:
    """The file, its WAL and index files are private, whatever the umask."""
    code = (
        "import os, sys; from support.store_kit import *\n"
        "from tracker.store.write.entries import add_entry; os.umask(0)\n"
        "with open_test_database(sys.argv[1]) as database:\n"
        "    add_entry(database, entry(1))\n"
        "    for file in database.files():\n"
        "        print(file.name, oct(file.stat().st_mode & 0o777))"
    )
    (printed,) = outputs_of([start_python(code, sqlite_url(tmp_path))])
    assert printed.split("\n")[:3] == ["log.db 0o600", "log.db-wal 0o600", "log.db-shm 0o600"]


def test_a_missing_folder_is_no_new_log(tmp_path: Path) -> None:
    """It may be a slip in the path."""
    with (
        pytest.raises(StoreError, match="and neither is its folder"),
        open_test_database(sqlite_url(tmp_path / "new")),
    ):
        pass
    assert not (tmp_path / "new").exists()


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    """Its permissions are the user's own."""
    tmp_path.chmod(0o755)
    with open_test_database(sqlite_url(tmp_path)):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    """WAL mode with full synchronisation: a committed transaction is on the disk."""
    with open_test_database(sqlite_url(tmp_path)) as database, database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000


def test_a_failure_rolls_the_whole_transaction_back(empty_database_url: str) -> None:
    """Nothing of a block that raises is stored."""
    with open_test_database(empty_database_url) as database:
        with suppress(ZeroDivisionError), database.writing() as connection:
            connection.execute(insert(activities).values(activity="spike"))
            raise ZeroDivisionError
        assert row_counts(database) == {}


def test_writing_without_commit_is_rolled_back(empty_database_url: str) -> None:
    """With ``commit=False`` the block sees its changes, and nothing is stored."""
    with open_test_database(empty_database_url) as database:
        with database.writing(commit=False) as connection:
            connection.execute(insert(activities).values(activity="spike"))
            assert connection.execute(text("SELECT count(*) FROM activities")).scalar() == 1
        assert row_counts(database) == {}


def test_a_reader_sees_one_state_while_another_writes(empty_database_url: str) -> None:
    """A commit by another neither appears in a reader's transaction nor blocks it."""
    with open_test_database(empty_database_url) as database:
        with database.reading() as reader:
            before = reader.execute(text("SELECT count(*) FROM activities")).scalar()
            with database.writing() as writer:
                writer.execute(insert(activities).values(activity="spike"))
                during = reader.execute(text("SELECT count(*) FROM activities")).scalar()
            after = reader.execute(text("SELECT count(*) FROM activities")).scalar()
        assert (before, during, after) == (0, 0, 0)
        assert row_counts(database) == {"activities": 1}


def test_a_connection_that_read_writes_as_any_other(empty_postgres_url: str) -> None:
    """The reader's isolation level does not stay on the pooled connection."""
    with open_test_database(empty_postgres_url) as database:
        with database.reading() as reader:
            read_at = reader.execute(text("SHOW transaction_isolation")).scalar()
            process = reader.execute(text("SELECT pg_backend_pid()")).scalar()
        with database.writing() as writer:
            assert writer.execute(text("SELECT pg_backend_pid()")).scalar() == process
            wrote_at = writer.execute(text("SHOW transaction_isolation")).scalar()
    assert (read_at, wrote_at) == ("repeatable read", "read committed")


def test_a_writer_that_waits_too_long_is_refused(tmp_path: Path) -> None:
    """The message says what to do, and the next write succeeds."""
    with open_test_database(sqlite_url(tmp_path)) as database:
        with (
            database.writing(),
            pytest.raises(StoreError, match=r"is busy: .*Try again"),
            database.writing(lock_timeout_seconds=0),
        ):
            pass
        entries.add_entry(database, entry(1))


def test_waiting_for_a_lock_on_postgresql_is_limited(empty_postgres_url: str) -> None:
    """A lock of another transaction is waited for until the timeout."""
    with open_test_database(empty_postgres_url) as database:
        team_data.add_activity(database, "ann", "spike")
        with database.writing() as first:
            first.execute(text("LOCK TABLE activities IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(StoreError, match="is busy"):
                _read_activities(database)


def _read_activities(database: Database) -> None:
    with database.writing(lock_timeout_seconds=1) as connection:
        connection.execute(text("SELECT * FROM activities"))


def test_many_processes_write_at_once(empty_database_url: str) -> None:
    """Six processes read and then write: every transaction is stored, none fails."""
    with open_test_database(empty_database_url):
        pass
    code = (
        "import sys; from support.store_kit import *\n"
        "from tracker.store.write.entries import add_entry\n"
        "number = int(sys.argv[2])\n"
        "with open_test_database(sys.argv[1]) as database:\n"
        "    for i in range(20):\n"
        "        add_entry(database, entry(20 * number + i, 'dev%d' % (number % 2)))"
    )
    outputs_of([start_python(code, empty_database_url, str(n)) for n in range(6)])
    with open_test_database(empty_database_url) as database:
        assert row_counts(database) == {"entries": 120, "changes": 120}


def test_many_processes_open_a_new_database_at_once(empty_database_url: str) -> None:
    """The tables are created once, and no process fails."""
    code = (
        "import sys; from support.store_kit import *\n"
        "with open_test_database(sys.argv[1]) as database: print(row_counts(database))"
    )
    assert outputs_of([start_python(code, empty_database_url) for _ in range(4)]) == ["{}\n"] * 4


def test_a_path_where_no_file_can_be_created_is_refused(tmp_path: Path) -> None:
    """The message names the path, the reason and what to do."""
    (tmp_path / "file").write_text("")
    message = refusal(f"sqlite:///{tmp_path}/file/log.db")
    assert f"{tmp_path}/file/log.db cannot be made (" in message
    assert "--db" in message


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A text file is refused, and is not changed."""
    (tmp_path / "log.db").write_text(
        "my diary, much longer than the header of a database would be\n" * 99
    )
    assert "is a file, but not a database" in refusal(sqlite_url(tmp_path))
    assert (tmp_path / "log.db").read_text().startswith("my diary")


def test_a_file_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    """A read-only database is refused with what to do."""
    with open_test_database(sqlite_url(tmp_path)) as database:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA query_only = 1")
        with pytest.raises(
            StoreError, match=r"cannot be written: make the file and its folder yours"
        ):
            entries.add_entry(database, entry(1))


def test_a_full_disk_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    """A write that does not fit is rolled back as a whole."""
    with open_test_database(sqlite_url(tmp_path)) as database:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(
            StoreError, match=r"cannot grow \(database or disk is full\): make room"
        ):
            entries.store_outbox(database, [{"kind": "entry", **_fields(n)} for n in range(500)])
        assert row_counts(database) == {}


def _fields(number: int) -> dict[str, Any]:
    return dataclasses.asdict(entry(number, note="long " * 50))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Pages are overwritten: the message names the backup as the remedy."""
    with open_test_database(sqlite_url(tmp_path)) as database:
        entries.store_outbox(database, [{"kind": "entry", **_fields(n)} for n in range(200)])
    with (tmp_path / "log.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)
    with (
        pytest.raises(StoreError, match="is damaged"),
        open_test_database(sqlite_url(tmp_path)) as database,
    ):
        table_rows(database, "entries")


def test_the_message_of_an_unreachable_server_has_no_password() -> None:
    """The address is printed, the password is not, wherever in the URL it is."""
    message = refusal(
        "postgresql://ann:hunter2@127.0.0.1:1/team?sslpassword=hunter2&connect_timeout=2"
    )
    assert "postgresql://ann:***@127.0.0.1:1/team" in message
    assert "cannot be reached" in message
    assert "hunter2" not in message


def test_a_missing_database_is_reported_in_one_line(empty_postgres_url: str) -> None:
    """The server's message is passed on."""
    message = refusal(empty_postgres_url.replace("?", "_not_there?", 1))
    assert "does not exist" in message


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
def test_an_invalid_url_is_refused_with_an_example(url: str) -> None:
    """Malformed, of another database, or without a file: an example, and never the password."""
    message = refusal(url)
    assert "sqlite:////" in message
    assert "hunter2" not in message


def test_a_missing_driver_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg a PostgreSQL URL says how to install it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'tracker[postgres]'" in refusal("postgresql://ann@host/x")


def test_postgresql_may_be_named_without_a_driver(empty_postgres_url: str) -> None:
    """postgres:// and postgresql:// mean the same, and the printed URL names no driver."""
    bare = empty_postgres_url.replace("postgresql+psycopg", "postgres")
    with open_test_database(bare) as database:
        assert database.safe_url.startswith("postgresql://")
        assert row_counts(database) == {}


def test_a_backup_is_a_whole_database(tmp_path: Path) -> None:
    """The copy of a database in use has its rows, is private, and is a single file."""
    with open_test_database(sqlite_url(tmp_path)) as database:
        entries.add_entry(database, entry(1))
        size = back_up(database, tmp_path / "copy.db")
        expected = table_rows(database, "entries", "changes")
    assert size == (tmp_path / "copy.db").stat().st_size
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert not list(tmp_path.glob("copy.db-*"))
    with open_test_database(f"sqlite:///{tmp_path / 'copy.db'}") as copy:
        assert table_rows(copy, "entries", "changes") == expected


def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    """An existing file is refused and not changed."""
    (tmp_path / "copy.db").write_text("precious")
    with (
        open_test_database(sqlite_url(tmp_path)) as database,
        pytest.raises(StoreError, match="give the name of a new file"),
    ):
        back_up(database, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_postgresql_is_backed_up_with_pg_dump(empty_postgres_url: str, tmp_path: Path) -> None:
    """The message names pg_dump."""
    with (
        open_test_database(empty_postgres_url) as database,
        pytest.raises(StoreError, match="pg_dump"),
    ):
        back_up(database, tmp_path / "copy.db")


def test_status_has_kind_revision_and_rows(empty_database_url: str) -> None:
    """Before the first use there is no revision."""
    database = connect(empty_database_url, now=clock)
    assert database_status(database)["revision"] is None
    database.close()
    with open_test_database(empty_database_url) as database:
        entries.add_entry(database, entry(1))
        status = database_status(database)
    assert status["revision"] == status["newest_revision"]
    assert status["kind"] in ("SQLite", "PostgreSQL")
    assert status["rows"]["entries"] == 1
    assert status["size_bytes"] > 0


def test_the_doctor_finds_nothing_wrong_with_a_valid_log(empty_database_url: str) -> None:
    """Every check passes."""
    with open_test_database(empty_database_url) as database:
        entries.add_entry(database, entry(1))
        findings = examine(database)
    assert all(finding.ok for finding in findings), findings
    assert any(finding.message.startswith("1 entry") for finding in findings)


def test_the_doctor_counts_implausible_entries(empty_database_url: str) -> None:
    """Each kind is counted with examples, also of entries stored before they were checked."""
    implausible = [
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
    with open_test_database(empty_database_url) as database:
        store_unchecked(database, implausible)
        with database.writing() as connection:
            connection.execute(
                text("UPDATE entries SET local_month = 7 WHERE id = :id"), {"id": implausible[0].id}
            )
            entry_totals.rebuild(connection)
        findings = examine(database)
    messages = [finding.message for finding in findings if not finding.ok]
    assert [message.partition(":")[0] for message in messages] == [
        "1 entry from before 1990",
        "1 entry with an end before the start",
        "1 entry with another local day than that of the start",
        "1 entry with another month than that of the day",
    ]
    unlikely = [finding.message.partition(":")[0] for finding in findings if finding.warning]
    first, second, third, fourth = (id_end(entry.id) for entry in implausible[:4])
    assert unlikely == [
        f"1 entry longer than 12 hours ({first})",
        f"1 entry with over 24 hours from start to end ({third})",
        f"2 entries with more effort than the time from start to end ({first}, {fourth})",
        f"1 entry in the future ({second})",
    ]


def test_the_doctor_names_isolated_entries(empty_database_url: str) -> None:
    """An entry of another decade is told as far from all others; it is no fault."""
    log = [entry(number, f"d{number}") for number in range(60)]
    lone = entry(70, started_epoch=1_000_000_000, local_day=11_574, ended_epoch=None)
    with open_test_database(empty_database_url) as database:
        store_unchecked(database, [*log, lone])
        findings = [finding for finding in examine(database) if finding.check == "entries"]
    assert [(finding.ok, finding.warning) for finding in findings] == [(True, True)]
    assert findings[0].message.startswith(
        f"1 entry more than 2 years away from all others ({id_end(lone.id)})"
    )


def test_the_doctor_of_a_database_without_tables(empty_database_url: str) -> None:
    """It names the command that creates them, and does not look for entries."""
    empty = connect(empty_database_url, now=clock)
    findings = examine(empty)
    empty.close()
    assert [finding.check for finding in findings if not finding.ok] == ["schema"]
    assert "tracker db upgrade" in findings[0].message
    assert "entries" not in {finding.check for finding in findings}


def test_the_doctor_finds_tables_changed_by_hand(empty_database_url: str) -> None:
    """An added column is named."""
    with open_test_database(empty_database_url) as database:
        with database.writing() as connection:
            connection.execute(text("ALTER TABLE tasks ADD COLUMN mood TEXT"))
        (finding,) = [finding for finding in examine(database) if not finding.ok]
    assert "changed by hand" in finding.message
    assert "mood" in finding.message


def test_the_doctor_finds_a_file_that_others_may_read(tmp_path: Path) -> None:
    """The message names the command that makes it private."""
    with open_test_database(sqlite_url(tmp_path)) as database:
        (tmp_path / "log.db").chmod(0o644)
        (finding,) = [finding for finding in examine(database) if not finding.ok]
    assert f"chmod 600 {tmp_path / 'log.db'}" in finding.message
