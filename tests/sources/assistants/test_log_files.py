"""Finding and opening logs: links, pipes, and what cannot be read."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support.usage_logs import claude_line, epoch, write_lines

from tracker.sources.assistants import claude_code, copilot
from tracker.sources.assistants.log_files import log_files, opened
from tracker.sources.assistants.usage_log import Home, ReadReport

T = epoch("2026-06-01 09:00")
DAY = T // 86_400
PROJECT = Path(".claude", "projects", "p")


def read(home: Path, last_epoch: int | None = None) -> tuple[list[str], ReadReport]:
    """Return the ids of the prompts of a home, and what was read."""
    report = ReadReport("claude-code", lambda at: at // 86_400, last_epoch=last_epoch)
    return [event.id for event in claude_code.read(Home(home), report)], report


def transcript(home: Path, name: str = "s.jsonl", uuid: str = "u1") -> Path:
    return write_lines(home / PROJECT / name, [claude_line(T, uuid)])


def test_linked_folders_are_searched_and_loops_end(tmp_path: Path) -> None:
    """Each folder once, also where a link leads back."""
    transcript(tmp_path)
    write_lines(tmp_path / "elsewhere" / "t.jsonl", [claude_line(T, "u2")])
    projects = tmp_path / ".claude" / "projects"
    (projects / "q").symlink_to(tmp_path / "elsewhere")
    (projects / "r").mkdir()
    for name in "pr":  # two loops: no search of all their paths would end
        (projects / name / "loop").symlink_to(projects)
    ids, report = read(tmp_path)
    assert (sorted(ids), report.unreadable) == (["u1", "u2"], 0)


@pytest.mark.parametrize("kind", ["link to itself", "broken link", "pipe", "device"])
def test_what_is_no_file_is_counted_and_stops_nothing(tmp_path: Path, kind: str) -> None:
    """A link that leads nowhere may be to a disk that is not there now."""
    path = transcript(tmp_path).with_name("odd.jsonl")
    if kind == "pipe":
        os.mkfifo(path)
    else:
        target = {"link to itself": path, "broken link": "gone.jsonl", "device": "/dev/zero"}[kind]
        path.symlink_to(target)
    ids, report = read(tmp_path)
    assert (ids, report.unreadable) == (["u1"], 1)
    assert report.is_uncertain(DAY)


def test_what_could_not_be_read_is_uncertain_since_it_was_read_last(tmp_path: Path) -> None:
    """Earlier days were read, or were uncertain, then; without an earlier run all days are."""
    transcript(tmp_path).with_name("odd.jsonl").symlink_to("gone.jsonl")
    _, report = read(tmp_path, last_epoch=T - 3 * 86_400)
    assert [report.is_uncertain(DAY + n) for n in (-4, -3, 0, 99)] == [False, True, True, True]
    _, report = read(tmp_path)
    assert report.is_uncertain(0)


def test_lines_before_the_first_instant_may_be_of_any_day_since(tmp_path: Path) -> None:
    """Nobody knows when they were written; they were before the file changed last."""
    path = write_lines(tmp_path / PROJECT / "s.jsonl", ["?", claude_line(T, "u1")])
    os.utime(path, (T, T))
    _, report = read(tmp_path, last_epoch=T - 3 * 86_400)
    assert [report.is_uncertain(DAY + n) for n in (-4, -3, 0, 1)] == [False, True, True, False]


def test_a_line_that_is_being_written_is_of_the_last_change(tmp_path: Path) -> None:
    """A run while a session works does not make the days of the session uncertain."""
    path = transcript(tmp_path)
    with path.open("a") as file:
        file.write('{"type": "user", "mess')
    os.utime(path, (T + 9 * 86_400, T + 9 * 86_400))
    _, report = read(tmp_path)
    assert report.unread == 1
    assert [report.is_uncertain(DAY + n) for n in (0, 8, 9)] == [False, False, True]


def test_an_instant_of_the_far_future_costs_no_memory(tmp_path: Path) -> None:
    """The days between are not counted one by one."""
    lines = [claude_line(at, str(at), type="hologram") for at in (-62_000_000_000, 253_370_000_000)]
    write_lines(tmp_path / PROJECT / "s.jsonl", lines)
    _, report = read(tmp_path)
    assert len(report.uncertain) == 1


READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from tracker.sources.assistants import claude_code
from tracker.sources.assistants.usage_log import Home, ReadReport
os.setgroups([]), os.setgid(65534), os.setuid(65534)
report = ReadReport("claude-code", lambda at: at // 86_400)
ids = [event.id for event in claude_code.read(Home(Path(sys.argv[1])), report)]
print(report.has_log, ids, report.unreadable, report.is_uncertain(0))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root may act for another user")
@pytest.mark.parametrize("part", [".claude", ".claude/projects", ".claude/projects/p", "file"])
def test_what_may_not_be_read_is_counted(part: str) -> None:
    """Such as what a session with other rights wrote: its days are not covered."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)  # pytest's own folders are root's alone
        path = transcript(home)
        (path if part == "file" else home / part).chmod(0)
        result = subprocess.run(
            [sys.executable, "-c", READ_AS_NOBODY, name], capture_output=True, text=True
        )
    assert result.stdout == "True [] 1 True\n", result.stderr


def test_only_files_are_opened(tmp_path: Path) -> None:
    """A pipe would wait for its writer."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"), opened(tmp_path / "pipe"):
        pass
    assert log_files(tmp_path / "missing", "*") == []


SCHEMA = """
CREATE TABLE sessions (id TEXT PRIMARY KEY, cwd TEXT, repository TEXT, host_type TEXT, branch TEXT,
    summary TEXT, created_at TEXT, updated_at TEXT);
CREATE TABLE turns (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL,
    turn_index INTEGER NOT NULL, user_message TEXT, assistant_response TEXT, timestamp TEXT,
    UNIQUE(session_id, turn_index));
"""


def copilot_database(home: Path, script: str = SCHEMA) -> sqlite3.Connection:
    """Return Copilot's database with the tables that are read."""
    (home / ".copilot").mkdir(exist_ok=True)
    connection = sqlite3.connect(home / ".copilot" / "session-store.db")
    connection.executescript(script)
    return connection


def test_copilots_database_has_what_its_files_lack(tmp_path: Path) -> None:
    """Turns of sessions that are on disk stand there; the others are listed, whoever wrote them."""
    event = {"type": "user.message", "timestamp": "2026-06-01T09:00:00.000Z", "data": {}, "id": "e"}
    for name in ("on-disk/events", "old"):
        write_lines(tmp_path / ".copilot" / "session-state" / f"{name}.jsonl", [event])
    with copilot_database(tmp_path) as connection:
        connection.executemany(
            "INSERT INTO sessions (id, cwd, repository, branch) VALUES (?, ?, ?, ?)",
            [(name, "/src/pay", "acme/pay", "PAY-12") for name in ("on-disk", "old", "gone")],
        )
        connection.executemany(
            "INSERT INTO turns (session_id, turn_index, user_message, timestamp) "
            "VALUES (?, ?, ?, ?)",
            [
                ("on-disk", 0, "s3cret-prompt", "2026-06-01T09:00:00.000Z"),
                ("old", 0, "s3cret-prompt", "2026-06-01T09:00:00.000Z"),
                ("gone", 0, "s3cret-prompt", "2026-06-01T09:10:00.000Z"),
                ("gone", 1, "s3cret-prompt", "2026-06-01 09:20:00"),
                ("gone", 2, None, "2026-06-01 09:30:00"),
                ("gone", 3, "s3cret-prompt", "soon"),
                ("nameless", 0, "s3cret-prompt", "2026-06-01 09:40:00"),
            ],
        )
    connection.close()
    report = ReadReport("copilot-cli", lambda at: at // 86_400)
    events = list(copilot.read(Home(tmp_path), report))
    assert [(e.epoch - T, e.kind, e.is_certain, e.branch) for e in events[2:]] == [
        (600, "activity", False, "PAY-12"),
        (1200, "activity", False, "PAY-12"),
        (2400, "activity", False, None),
    ]
    assert (report.has_log, report.unread, len({e.id for e in events})) == (True, 1, 4)


@pytest.mark.parametrize(
    ("script", "unread", "unreadable"),
    [
        ("CREATE TABLE other (x)", 1, 0),
        ("CREATE TABLE turns (session_id, turn_index, user_message)", 1, 0),
        (SCHEMA + "DROP TABLE sessions", 0, 0),
        (SCHEMA + "DROP TABLE sessions; CREATE TABLE sessions (id)", 0, 0),
    ],
)
def test_schemas_of_copilots_database_vary(
    tmp_path: Path, script: str, unread: int, unreadable: int
) -> None:
    """One without a column of instants is unread, and so are its days."""
    copilot_database(tmp_path, script).close()
    report = ReadReport("copilot-cli", lambda at: at // 86_400)
    assert list(copilot.read(Home(tmp_path), report)) == []
    assert (report.unread, report.unreadable) == (unread, unreadable)


def test_a_damaged_database_of_copilot_is_counted(tmp_path: Path) -> None:
    """Its days are not covered."""
    write_lines(tmp_path / ".copilot" / "session-store.db", ["no database" * 99])
    report = ReadReport("copilot-cli", lambda at: at // 86_400)
    assert list(copilot.read(Home(tmp_path), report)) == []
    assert (report.unreadable, report.is_uncertain(DAY)) == (1, True)
