"""Files that a command writes: what may be replaced, who may read them, what a crash leaves."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.person import Person

from tracker.local.atomic_files import new_file, remove_abandoned, write_all

WRITERS = {
    "export": ["export", "-o"],
    "export-json": ["export", "--format", "json", "-o"],
    "export-tasks": ["export", "tasks", "-o"],
    "export-moments": ["export", "moments", "-o"],
    "report": ["report", "-o"],
    "backup": ["db", "backup"],
}
FORMULAS = ("=1+2", "+1", "-1", "@SUM(1)", "＝1")


@pytest.fixture(scope="session")
def home_with_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada's home with an entry and an estimate."""
    person = Person(tmp_path_factory.mktemp("home"))
    person.run("estimate", "design", "PAY-1", "1h")
    person.later(10)
    person.run("log", "design", "PAY-1", "5m")
    return person.home


@pytest.fixture
def ada(home_with_work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada with a copy of that home, in a folder of her own."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    person = Person(shutil.copytree(home_with_work, tmp_path / "home"))
    person.later(10)
    return person


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path.name)  # a socket's path must be short
    listener.close()


def make_link_to_file(path: Path) -> None:
    target = path.with_name("target")
    target.write_text("precious")
    path.symlink_to(target)


def make_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def make_link_to_stdout(path: Path) -> None:
    path.symlink_to("/proc/self/fd/1")


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        Path.mkdir,
        make_pipe,
        make_socket,
        make_link_to_file,
        make_link_to_nothing,
        make_link_to_stdout,
    ],
)
def test_what_is_no_regular_file_is_never_replaced(
    ada: Person, command: list[str], force: bool, make: Callable[[Path], None]
) -> None:
    """Folders, pipes, sockets and links are refused in one line, also with --force."""
    path = Path("out")
    make(path)
    before = path.lstat()
    message = ada.refused(*command, "out", *(["--force"] if force else []))
    assert "name a regular file" in message
    assert os.path.samestat(path.lstat(), before)
    assert not Path("nothing").exists()
    if Path("target").exists():
        assert Path("target").read_text() == "precious"


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_file_of_another_kind_is_replaced_with_force_only(
    ada: Person, command: list[str]
) -> None:
    """A file that tracker did not write stays, unless --force is given; then that is said."""
    Path("out").write_text("precious\n")
    assert "--force" in ada.refused(*command, "out")
    assert Path("out").read_text() == "precious\n"
    assert "out: replaced the file" in ada.run(*command, "out", "--force").stderr
    assert "precious" not in Path("out").read_bytes().decode("latin-1")
    assert [path.name for path in Path().iterdir()] == ["out"]


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_an_output_of_the_same_kind_is_replaced_and_that_is_said(
    ada: Person, command: list[str]
) -> None:
    """An earlier output of the same kind is replaced; of a backup, only with --force."""
    assert "replaced" not in ada.run(*command, "out").stderr
    if command == WRITERS["backup"]:
        assert "FILE is out: it cannot be made, because that file exists;" in ada.refused(
            *command, "out"
        )
    else:
        assert "out: replaced the file that was there" in ada.run(*command, "out").stderr
    for other in WRITERS.values():
        if other != command:
            ada.refused(*other, "out")


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_missing_folder_is_named(ada: Person, command: list[str]) -> None:
    """The message names the folder, and nothing is made."""
    assert "there is no folder no/such" in ada.refused(*command, "no/such/out")
    assert not Path("no").exists()


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_trackers_own_files_are_never_replaced(ada: Person, command: list[str]) -> None:
    """The log itself is no output file, also with --force."""
    for name in ("tracker.db", "timer.json"):
        path = ada.data / name
        path.touch()
        before = path.read_bytes()
        assert "its own data" in ada.refused(*command, str(path), "--force")
        assert path.read_bytes() == before


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("name", ["tracker.db-wal", "tracker.db-journal", "history.json", "new"])
def test_no_output_is_made_among_trackers_own_files(
    ada: Person, command: list[str], name: str
) -> None:
    """SQLite would delete an output that has the name of a journal."""
    path = ada.data / name
    assert not path.exists()
    assert "its own data" in ada.refused(*command, str(path))
    assert not path.exists()
    ada.environ["TRACKER_DATABASE_URL"] = f"sqlite:///{ada.home / 'team.db'}"
    assert "its own data" in ada.refused(*command, str(ada.home / "team.db-journal"))


def test_a_backup_is_not_written_to_standard_output(ada: Person) -> None:
    """The message does not offer it either."""
    assert "not written to standard output" in ada.refused("db", "backup", "-")
    assert not Path("-").exists()
    Path("folder").mkdir()
    assert ada.refused("db", "backup", "folder").endswith("name a regular file.")


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_nothing_is_written_through_a_planted_link(ada: Person, command: list[str]) -> None:
    """Links with the names that temporary files had are neither followed nor removed."""
    Path("victim").write_text("precious")
    planted = [Path(".out.part"), Path("out.part"), Path(f"out.{os.getpid()}.tmp")]
    for path in planted:
        path.symlink_to("victim")
    ada.run(*command, "out")
    assert Path("victim").read_text() == "precious"
    assert all(path.is_symlink() for path in planted)


@pytest.mark.parametrize(
    ("command", "mode"),
    [
        ("export", 0o600),
        ("export-tasks", 0o600),
        ("backup", 0o600),
        ("report", 0o644),
        ("export-moments", 0o644),
    ],
)
def test_what_holds_names_is_private(ada: Person, command: str, mode: int) -> None:
    """Only the owner reads files with names; a page has the mode that the umask gives."""
    umask = os.umask(0o022)
    try:
        ada.run(*WRITERS[command], "out")
        assert stat.S_IMODE(Path("out").stat().st_mode) == mode
        Path("out").chmod(0o666)
        ada.run(*WRITERS[command], "out", "--force")
        assert stat.S_IMODE(Path("out").stat().st_mode) == mode
    finally:
        os.umask(umask)


def test_a_dash_is_standard_output(ada: Person) -> None:
    """`-o -` prints what the file would hold, and makes no file."""
    ada.run("export", "-o", "out.csv")
    assert ada.run("export", "-o", "-").stdout == Path("out.csv").read_text(encoding="utf-8")
    Path("out.csv").unlink()
    page = ada.run("report", "-o", "-").stdout
    assert page.startswith("<!doctype html>")
    assert "--open needs a file" in ada.run("report", "-o", "-", "--open", code=2).stderr
    assert not list(Path().iterdir())


def test_an_empty_file_loses_nothing(ada: Person) -> None:
    """A file that `mktemp` made is written without --force."""
    Path("out").touch()
    assert "replaced" not in ada.run("export", "-o", "out").stderr


def test_rejected_rows_are_private_and_replace_nothing(ada: Person) -> None:
    """The file of rejected rows holds names; the next free number is taken, also past a link."""
    Path("m.toml").write_text(
        'source = "s"\n[columns]\ndeveloper = "who"\ntask = "what"\nactivity = "phase"\n'
        'started_at = "begin"\nminutes = "minutes"\n[formats]\ntimezone = "UTC"\n'
    )
    Path("log.csv").write_text(
        "who,what,phase,begin,minutes\nann,=T-1,design,never,5\nann,T-2,design,2026-03-02 09:00,5\n"
    )
    Path("log.csv.rejected.csv").symlink_to("nothing")
    ada.run("import", "csv", "log.csv", "--map", "m.toml", "--on-error", "skip", code=None)
    rejected = Path("log.csv.rejected-2.csv")
    assert stat.S_IMODE(rejected.stat().st_mode) == 0o600
    assert "ann,=T-1,design,never,5" in rejected.read_text()  # not changed for spreadsheets
    assert not Path("nothing").exists()


def test_a_demo_replaces_only_a_demo(ada: Person) -> None:
    """Files of an earlier demo are replaced; a pipe among them, or another file, is not."""
    ada.run("demo", "-o", "demo")
    Path("demo/demo.db.backup-mine").write_text("precious")
    assert "replaced the demo" in ada.run("demo", "-o", "demo").stderr
    assert Path("demo/demo.db.backup-mine").read_text() == "precious"
    for name in ("log.csv", "demo.db", "report.html"):
        shutil.copytree("demo", "other")
        Path("other", name).unlink()
        make_pipe(Path("other", name))
        assert "not a regular file" in ada.run("demo", "-o", "other", code=1).stderr
        assert Path("other", name).is_fifo()
        shutil.rmtree("other")


def test_settings_replace_no_pipe(ada: Person) -> None:
    """Where the settings file should be is a pipe: it stays."""
    make_pipe(Path("pipe"))
    with pytest.raises(OSError, match="not a regular file"), new_file("pipe") as file:
        write_all(file.descriptor, b"text")
    assert Path("pipe").is_fifo()


def test_a_killed_process_leaves_a_file_that_is_removed(tmp_path: Path) -> None:
    """The file does not appear, and the next command removes the temporary one."""
    code = (
        "import sys, time; from tracker.local.atomic_files import new_file\n"
        "with new_file(sys.argv[1]) as file: print(file.path, flush=True); time.sleep(60)"
    )
    path = str(tmp_path / "out.csv")
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        temporary = Path(process.stdout.readline().strip())
        remove_abandoned(path)
        assert temporary.exists()  # its process lives
        process.send_signal(signal.SIGKILL)
    assert not Path(path).exists()
    remove_abandoned(path)
    assert not list(tmp_path.iterdir())


def test_a_name_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """Two commands that write one new file: the second is refused."""
    path = tmp_path / "out"

    def write_second() -> None:
        with new_file(str(path), replace=False) as file:
            write_all(file.descriptor, b"second")
            path.write_text("first")

    with pytest.raises(FileExistsError):
        write_second()
    assert path.read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_disk_without_hard_links_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where links are not possible, the name is taken in another way, and never taken over."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "out"
    with new_file(str(path), replace=False) as file:
        write_all(file.descriptor, b"first")
    with pytest.raises(FileExistsError), new_file(str(path), replace=False) as file:
        write_all(file.descriptor, b"second")
    assert path.read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "command",
    [["entries"], ["task", "=T"], ["export", "--safe"], ["export", "tasks", "--safe"]],
    ids=" ".join,
)
def test_a_spreadsheet_runs_no_cell(ada: Person, command: list[str]) -> None:
    """No text in CSV for people begins like a formula; JSON and a plain export keep it."""
    for text in FORMULAS:
        ada.later(60)
        ada.run("log", "design", "--note", text, "--", text, "5m")
    ada.run("task", "=T", "--title", "=cmd()")
    stdout = ada.run(*command, "--format", "csv").stdout
    cells = [cell for row in csv.reader(io.StringIO(stdout)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]
    assert any(cell.startswith("'=") for cell in cells)
    assert {entry["task"] for entry in ada.json("entries")} >= set(FORMULAS)
    plain = csv.DictReader(io.StringIO(ada.run("export").stdout))
    assert {row["task"] for row in plain} >= set(FORMULAS)


def test_numbers_for_a_spreadsheet_stay_numbers(ada: Person) -> None:
    """Only texts are changed: a negative number is a number."""
    from tracker.cli.csv_lines import harmless

    assert [harmless(value) for value in (-1, -0.5, None, "-1", "a=b")] == [
        *(-1, -0.5, None, "'-1", "a=b"),
    ]


def test_a_killed_upgrade_leaves_nothing_like_a_backup(tmp_path: Path) -> None:
    """Kills at many moments of an upgrade: each backup that appears is whole, and none is empty."""
    import sqlite3

    dump = Path(__file__).resolve().parents[1] / "store" / "databases" / "0001.sql"
    pristine = tmp_path / "pristine.db"
    with sqlite3.connect(pristine) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
        connection.execute("CREATE TABLE filler AS SELECT randomblob(2000000) AS content")
    connection.close()
    backup_code = (
        "import sys, time; from pathlib import Path\n"
        "from datetime import UTC, datetime\n"
        "from tracker.store import upgrade; from tracker.store.database import connect\n"
        "database = connect(sys.argv[1], now=lambda: datetime.now(UTC))\n"
        "print('ready', flush=True)\n"
        "while True: upgrade._backup_before_migration(database, '0001'); time.sleep(1)"
    )
    folder = tmp_path / "log"
    folder.mkdir()
    shutil.copy(pristine, folder / "log.db")
    for number in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", backup_code, f"sqlite:///{folder / 'log.db'}"],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(number * 0.004)
            process.send_signal(signal.SIGKILL)
        for copy in folder.glob("log.db.backup-*"):
            with sqlite3.connect(copy) as connection:
                assert connection.execute("SELECT count(*) FROM filler").fetchone() == (1,)
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            connection.close()
            copy.unlink()
    remove_abandoned(f"{folder / 'log.db'}.backup-")
    left = {path.name for path in folder.iterdir()}
    assert left <= {"log.db", "log.db-wal", "log.db-shm"}, left
