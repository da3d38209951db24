"""`tracker mark`: what it writes, that it keeps nobody waiting, and that it never fails."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.person import PROGRAM, Person
from support.usage_logs import commit, new_repository, run_git

from tracker.domain.usage import Mark, salted_hash
from tracker.local.mark import moment_of, record
from tracker.local.usage_file import UsageFiles

SETTINGS = '[[repositories]]\nproject = "pay"\ndirectories = ["~/src/pay"]\n'


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada, with a repository on a branch of a task, and a file of marks."""
    person = Person(tmp_path)
    person.settings_file.parent.mkdir(parents=True)
    person.settings_file.write_text(SETTINGS)
    new_repository(tmp_path / "src" / "pay", "feature/pay-12")
    person.run("collect")
    return person


def marks(person: Person, count: int) -> tuple[Mark, ...]:
    """Return the marks once there are so many; fail after ten seconds."""
    for _ in range(200):
        usage = UsageFiles(str(person.data)).read()
        if usage is not None and len(usage.marks) >= count:
            return usage.marks
        time.sleep(0.05)
    raise AssertionError("no mark")


def mark(person: Person, *arguments: str, folder: Path | None = None, text: str = "") -> int:
    """Run the installed `tracker mark`; return its exit code."""
    result = subprocess.run(
        [PROGRAM, "mark", *arguments],
        env=person.environ,
        cwd=folder or person.home / "src" / "pay",
        input=text,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (result.stdout, result.stderr) == ("", "")
    return result.returncode


def test_a_mark_has_the_task_and_hashes(ada: Person) -> None:
    """Nothing of the input of the hook; `collect` matches it with the entry."""
    secret = json.dumps({"prompt": "s3cret-prompt " * 20_000})
    assert mark(ada, "--assistant", "spark", text=secret) == 0
    (line,) = marks(ada, 1)
    header = UsageFiles(str(ada.data)).read()
    assert header is not None
    assert (line.assistant, line.kind, line.tasks) == ("spark", "prompt", ("PAY-12",))
    assert line.branch == salted_hash(header.header.salt, "branch", "feature/pay-12")
    assert abs(line.epoch - time.time()) < 20
    text = (ada.data / "usage" / "marks.jsonl").read_text()
    assert "s3cret" not in text
    assert str(ada.home) not in text


def test_a_hooks_mark_answers_for_an_entry(ada: Person) -> None:
    """And is the same prompt as that of a transcript a moment later."""
    folder = ada.home / "src" / "pay"
    ada.run("start", "design", "PAY-12")
    ada.later(10)
    files = UsageFiles(str(ada.data))
    moment = moment_of([], int(ada.time.timestamp()), str(folder))
    record(files.folder, ["--assistant=x"], moment)
    ada.later(10)
    ada.run("stop")
    ada.run("task", "PAY-12", "--project", "pay")
    assert "1 entry inferred: yes, by usage" in ada.run("collect").stderr


def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    """Marks are kept on a machine only after `collect` or `hooks install` ran there."""
    person = Person(tmp_path)
    assert mark(person, folder=tmp_path) == 0
    time.sleep(0.3)
    assert not person.data.exists()


@pytest.mark.parametrize("arguments", [[], ["--colour"], ["--assistant"], ["--assistant", "\x1b"]])
def test_it_never_fails(ada: Person, arguments: list[str]) -> None:
    """Whatever it is called with, and where the folder is no repository or the file damaged."""
    assert mark(ada, *arguments) == 0
    assert mark(ada, *arguments, folder=ada.home) == 0
    (ada.data / "usage" / "marks.jsonl").write_text("x")
    assert mark(ada, *arguments) == 0
    ada.run("mark", *arguments, code=None)


def test_commits_that_name_an_assistant(ada: Person) -> None:
    """The hook of git marks them; `collect` finds each once, and whether it was changed."""
    folder = ada.home / "src" / "pay"
    ada.run("hooks", "install")
    now = int(time.time())
    commit(folder, "PAY-12: alone", at=now, HOME=str(ada.home))
    trailer = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
    commit(folder, f"PAY-12: mend{trailer}", at=now, HOME=str(ada.home))
    (line,) = marks(ada, 1)
    assert (line.kind, line.assistant, line.is_certain) == ("commit", "claude-code", False)
    for number in range(5):  # a mark in the background is of its own commit, not of the next
        commit(folder, f"PAY-12: alone {number}", at=now, HOME=str(ada.home))
    ada.time = ada.time.fromtimestamp(now + 60, ada.time.tzinfo)
    ada.run("collect")
    (line,) = marks(ada, 1)
    assert line.is_certain
    run_git(folder, "switch", "-q", "--detach")


def test_many_at_once_lose_nothing(ada: Person) -> None:
    """While `collect` rewrites the file."""
    folder = ada.home / "src" / "pay"
    processes = [ada.process("mark", cwd=folder) for _ in range(12)]
    ada.run("collect")
    assert [process.wait() for process in processes] == [0] * 12
    assert len(marks(ada, 12)) == 12


APPEND = """
import resource, sys
from tracker.local.mark import moment_of, record
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    record(sys.argv[1], [], moment_of([], 1_780_000_000, "/"))
except OSError as error:
    print(error)
"""


def test_a_full_disk_leaves_no_part_of_a_line(ada: Person) -> None:
    """Which would damage the next mark, too."""
    path = ada.data / "usage" / "marks.jsonl"
    before = path.read_bytes()
    limit = str(len(before) + 20)
    result = subprocess.run(
        [sys.executable, "-c", APPEND, str(path.parent), limit], capture_output=True, text=True
    )
    assert (result.stdout, result.returncode) == ("the disk is full\n", 0), result.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("case", ["no HOME", "no git", "broken settings", "no database", "deleted"])
def test_it_never_fails_its_caller(ada: Person, case: str, tmp_path: Path) -> None:
    """Whatever is missing, and with all streams closed."""
    environ, folder = dict(ada.environ), tmp_path / "gone"
    folder.mkdir()
    if case == "no HOME":
        del environ["HOME"]
        environ["XDG_DATA_HOME"] = str(ada.data.parent)
    elif case == "no git":
        environ["PATH"] = "/nowhere"
    elif case == "broken settings":
        ada.settings_file.write_text("[[")
    elif case == "no database":
        environ["TRACKER_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    remove = 'rmdir "$PWD"; ' if case == "deleted" else ""
    command = f'{remove}"{PROGRAM}" mark --assistant spark <&- >&- 2>&-'
    result = subprocess.run(
        ["/bin/sh", "-c", command], env=environ, cwd=folder, capture_output=True, timeout=20
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    if case != "deleted":
        assert [line.assistant for line in marks(ada, 1)] == ["spark"]


def test_mark_is_light(ada: Person) -> None:
    """Before its caller goes on it loads neither click nor most of the standard library."""
    code = (
        "import sys; before = set(sys.modules); import os; os.fork = lambda: 1\n"
        "os._exit = lambda code: print(*(set(sys.modules) - before))\n"
        "sys.argv = ['tracker', 'mark']\nfrom tracker.__main__ import main\nmain()\n"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**ada.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    modules = {name for name in result.stdout.split() if not name.startswith("tracker")}
    light = {"__future__", "_collections_abc", "_stat", "errno", "gc", "genericpath"}
    assert modules <= light | {"os", "os.path", "posixpath", "stat", "time"}
