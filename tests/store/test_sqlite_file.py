"""SQLite files where nothing can be written, and with unusual names."""

from __future__ import annotations

import ctypes
import math
import os
import resource
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.person import Person

from tracker.domain import urls
from tracker.store import sqlite_file

LIBC = ctypes.CDLL(None)
PR_CAPBSET_DROP = 24
PRIVILEGES = (1, 2, 3)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
READERS = (
    ["entries"],
    ["summary"],
    ["check"],
    ["export", "-o", "-"],
    ["activities"],
    ["db", "status"],
    ["db", "doctor"],
    ["outbox"],
)
TASKS = ("PAY-1", "PAY-2")


@pytest.fixture
def ada(tmp_path: Path) -> Iterator[Person]:
    """Ada with two entries."""
    person = Person(tmp_path / "home")
    for task in TASKS:
        person.later(60)
        person.run("log", "design", task, "5m")
    yield person
    for path in (person.home, *person.home.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def drop_privileges() -> None:
    """Let permissions bind this process, also if it runs as root."""
    for capability in PRIVILEGES if os.geteuid() == 0 else ():
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def run_bound(ada: Person, *arguments: str) -> tuple[int, str, str]:
    """Run the program as a user whom permissions bind; return code, stdout and stderr."""
    process = ada.process(*arguments, cwd="/", preexec_fn=drop_privileges)
    stdout, stderr = process.communicate(timeout=60)
    assert "Traceback" not in stderr, stderr
    return process.returncode, stdout, stderr


def take_write_permission(ada: Person) -> None:
    """Make the home folder and all below it read-only."""
    for path in (ada.home, *ada.home.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_reading_works_where_nothing_can_be_written(ada: Person, command: list[str]) -> None:
    """A log in a folder without write permission is read, and the folder stays as it is."""
    take_write_permission(ada)
    before = sorted(ada.home.rglob("*"))
    code, stdout, stderr = run_bound(ada, *command)
    assert code == 0, stderr
    if command[0] in ("entries", "export"):
        assert all(task in stdout for task in TASKS)
    assert sorted(ada.home.rglob("*")) == before


def test_status_works_where_nothing_can_be_written(ada: Person) -> None:
    """The timer is shown without its lock."""
    ada.run("start", "design", "PAY-9")
    take_write_permission(ada)
    code, stdout, _ = run_bound(ada, "status")
    assert (code, "design PAY-9" in stdout) == (0, True)


def test_a_report_of_a_read_only_log_goes_elsewhere(ada: Person, tmp_path: Path) -> None:
    """The page is written where there is room and permission."""
    take_write_permission(ada)
    code, _, stderr = run_bound(ada, "report", "-o", str(tmp_path / "page.html"))
    assert code == 0, stderr
    assert (tmp_path / "page.html").stat().st_size > 100_000


def test_what_waits_in_the_log_of_sqlite_is_read(ada: Person) -> None:
    """After a crash the newest entries are in the WAL file, which a read-only folder keeps."""
    path = ada.data / "tracker.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("UPDATE entries SET task = 'PAY-7' WHERE task = 'PAY-1'")
    contents = {suffix: Path(f"{path}{suffix}").read_bytes() for suffix in ("", "-wal")}
    connection.close()
    for suffix, content in contents.items():
        Path(f"{path}{suffix}").write_bytes(content)
    take_write_permission(ada)
    code, stdout, stderr = run_bound(ada, "entries")
    assert (code, "PAY-7" in stdout, "PAY-1" in stdout) == (0, True, False), stderr


def test_a_change_names_what_cannot_be_written(ada: Person) -> None:
    """A change and a log entry are refused in one line, which names the file."""
    take_write_permission(ada)
    for command, name in (("undo", "tracker.db"), ("log", "outbox"), ("start", "timer.lock")):
        arguments = [command] if command == "undo" else [command, "design", "PAY-3"]
        arguments += ["5m"] if command == "log" else []
        code, _, stderr = run_bound(ada, *arguments)
        assert (code, stderr.count("\n"), name in stderr) == (1, 1, True), stderr


def test_log_keeps_an_entry_for_a_read_only_database(ada: Person, tmp_path: Path) -> None:
    """Where only the database cannot be written, the entry waits in the outbox.

    A change is then refused in one line all the same.
    """
    take_write_permission(ada)
    url = f"sqlite:///{ada.data / 'tracker.db'}"
    ada.environ["HOME"] = str(tmp_path / "writable")
    code, _, stderr = run_bound(ada, "--db", url, "log", "design", "PAY-3", "5m")
    assert code == 0
    assert "cannot be written" in stderr
    assert "waits in the outbox" in stderr
    (record,) = (tmp_path / "writable").rglob("outbox/*.json")
    assert "PAY-3" in record.read_text(encoding="utf-8")
    code, _, stderr = run_bound(ada, "--db", url, "delete", "@1")
    assert (code, stderr.count("\n"), "cannot be written" in stderr) == (1, 1, True), stderr
    assert "waits in the outbox" in run_bound(ada, "--db", url, "entries")[2]


def forbid_growth() -> None:
    """Let no file grow, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_reading_works_on_a_full_disk(ada: Person, command: list[str]) -> None:
    """Nothing can grow: reading works all the same."""
    process = ada.process(*command, preexec_fn=forbid_growth)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    if command[0] in ("entries", "export"):
        assert all(task in stdout for task in TASKS)


def test_a_full_disk_blames_the_file_that_cannot_grow(ada: Person, tmp_path: Path) -> None:
    """The message names the file that was to be written, not the log that was read."""
    for command in (
        ["export", "-o", str(tmp_path / "x.csv")],
        ["report", "-o", str(tmp_path / "x.html")],
        ["db", "backup", str(tmp_path / "x.db")],
    ):
        process = ada.process(*command, preexec_fn=forbid_growth)
        stderr = process.communicate(timeout=60)[1]
        assert process.returncode == 1
        assert stderr.startswith(("tracker: " + command[-1], "FILE"))
        assert stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_temporary_file_of_sqlite_is_not_the_database(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If SQLite cannot spill a sort, the message names its temporary files."""
    from tracker.store.read import queries

    def refuse(*_arguments: object, **_options: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(queries, "entries", refuse)
    assert "SQLITE_TMPDIR" in ada.refused("entries")


NAMES = ["what?", "50%", "50%25", "a%41b", "#1", "two words", "Größe", "a?mode=ro", "a&b;c", "%3F"]


@pytest.mark.parametrize("name", NAMES)
def test_a_home_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Characters that mean something in a URL mean nothing in HOME."""
    ada = Person(tmp_path / name)
    ada.home.mkdir()
    ada.run("log", "design", "PAY-1", "5m")
    ada.run("log", "design", "PAY-2", "5m", "--from", "8:00")
    assert len(ada.json("entries")) == 2
    assert (ada.data / "tracker.db").stat().st_size > 10_000
    assert [path.name for path in tmp_path.iterdir()] == [name]
    # the URL that is printed names the same file
    url = ada.json("db", "status")["url"]
    assert len(ada.json("--db", url, "entries")) == 2
    ada.run("db", "backup", str(ada.home / "copy.db"))
    assert len(ada.json("--db", f"sqlite:///{ada.home / 'copy.db'}", "entries")) == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_typed_path_names_the_file_as_it_is(tmp_path: Path, name: str) -> None:
    """--db takes a path of an existing folder as it is, before and after the file exists."""
    folder = tmp_path / name
    folder.mkdir()
    ada = Person(tmp_path)
    for _ in range(2):
        ada.later(60)
        ada.run("--db", f"sqlite:///{folder}/log.db", "log", "design", "PAY-1", "5m")
    assert {path.name for path in folder.iterdir()} == {"log.db"}
    assert len(ada.json("--db", f"sqlite:///{folder}/log.db", "entries")) == 2


def test_a_relative_path_starts_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``sqlite:///log.db`` is in the current folder; a percent-encoded name is decoded."""
    monkeypatch.chdir(tmp_path)
    ada = Person(tmp_path / "home")
    ada.run("--db", "sqlite:///my%20log.db", "log", "design", "PAY-1", "5m")
    assert (tmp_path / "my log.db").exists()


def test_a_url_and_its_path_are_inverse(tmp_path: Path) -> None:
    """The URL of a path names that path, and other URLs name none."""
    for name in NAMES:
        path = str(tmp_path / name / "log.db")
        assert urls.sqlite_path(urls.sqlite_url(path)) == path
    assert urls.sqlite_path("postgresql://db/log") is None


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_regular_file_is_no_database(tmp_path: Path, kind: str) -> None:
    """A folder or a pipe is refused in one line, and does not block."""
    path = tmp_path / "log.db"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    message = Person(tmp_path).refused("--db", f"sqlite:///{path}", "entries")
    assert "is not a regular file" in message


def test_ln_is_registered_where_sqlite_lacks_it() -> None:
    """Without mathematical functions the program adds a logarithm like SQLite's own."""

    class Bare(sqlite3.Connection):
        is_missing = True

        def create_function(self, *arguments: Any, **options: Any) -> None:
            Bare.is_missing = False
            super().create_function(*arguments, **options)

        def cursor(self, *arguments: Any) -> sqlite3.Cursor:
            return super().cursor(CursorWithoutLn)

    class CursorWithoutLn(sqlite3.Cursor):
        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            if "ln(" in sql and Bare.is_missing:
                raise sqlite3.OperationalError("no such function: ln")
            return super().execute(sql, *arguments)

    bare = sqlite3.connect(":memory:", factory=Bare)
    sqlite_file._add_ln(bare)
    assert not Bare.is_missing
    assert bare.execute("SELECT ln(10), ln(0), ln(-1), ln(NULL)").fetchone() == (
        math.log(10),
        None,
        None,
        None,
    )
