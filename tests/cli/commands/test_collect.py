"""`collect`: which entries become assisted, what is kept, and what is not."""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.person import Person
from support.store_kit import open_test_database, table_rows
from support.usage_logs import (
    claude_line,
    claude_prompts,
    codex_meta,
    codex_prompt,
    commit,
    epoch,
    new_repository,
    run_git,
    write_lines,
)

from tracker.cli import usage_run
from tracker.local.usage_file import UsageFiles
from tracker.sources.assistants import claude_code

SETTINGS = """
[[repositories]]
project = "pay"
directories = ["~/src/pay"]
[[repositories]]
project = "web"
directories = ["~/src/web"]
"""
BRANCH = "feature/PAY-12-refunds"


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada, with two repositories in her settings and a task in one of them."""
    person = Person(tmp_path / "home", TZ="UTC")
    person.settings_file.parent.mkdir(parents=True)
    person.settings_file.write_text(SETTINGS)
    person.time = datetime(2026, 6, 10, 18, 0, tzinfo=UTC)
    person.run("log", "design", "PAY-12", "--from", "2026-06-10 09:00", "--to", "2026-06-10 10:00")
    person.run("task", "PAY-12", "--project", "pay")
    return person


def prompts(person: Person, *at: str, branch: str = BRANCH, folder: str = "src/pay") -> None:
    """Write a session with prompts at times of 10 June, on a branch and in a folder."""
    instants = [(epoch(f"2026-06-10 {time}"), branch) for time in at]
    claude_prompts(person.home, instants, cwd=str(person.home / folder))


def answers(person: Person) -> dict[str, tuple[str, str | None]]:
    """Return the answer and its basis of each task's entry."""
    return {e["task"]: (e["assisted"], e["basis"]) for e in person.json("entries", "-n", "99")}


def design_id(person: Person) -> str:
    """Return the id of the entry of design."""
    (id_,) = [entry["id"] for entry in person.json("entries") if entry["activity"] == "design"]
    return id_


def database_text(person: Person) -> str:
    """Return all rows of the database."""
    with open_test_database(f"sqlite:///{person.data / 'tracker.db'}") as database:
        tables = ("entries", "tasks", "work_items", "changes", "usage_coverage")
        return json.dumps(table_rows(database, *tables))


def test_a_prompt_inside_in_the_repository_on_the_branch_is_yes(ada: Person) -> None:
    """With the basis `usage`; `undo` takes it back, and it is not inferred again."""
    prompts(ada, "09:30")
    result = ada.run("collect")
    assert "1 entry inferred: yes, by usage" in result.stderr
    assert answers(ada) == {"PAY-12": ("yes", "usage")}
    ada.run("undo")
    assert answers(ada) == {"PAY-12": ("unknown", None)}
    ada.run("collect")
    assert answers(ada) == {"PAY-12": ("unknown", None)}
    ada.run("redo", code=None)


@pytest.mark.parametrize(
    "options",
    [
        {"at": ("08:59", "10:00")},
        {"at": ("09:30",), "branch": "main"},
        {"at": ("09:30",), "branch": "PAY-123"},
        {"at": ("09:30",), "folder": "src/web"},
        {"at": ("09:30",), "folder": "src/other"},
    ],
    ids=["outside", "no key", "another key", "another repository", "an unknown repository"],
)
def test_two_of_three_are_not_enough(ada: Person, options: dict[str, Any]) -> None:
    """They are listed for a person."""
    at = options.pop("at")
    prompts(ada, *at, **options)
    result = ada.run("collect", "--list")
    assert answers(ada) == {"PAY-12": ("unknown", None)}
    assert ("PAY-12" in result.stdout) == (len(at) == 1)
    rows = ada.json("collect", "--list")
    assert [row["task"] for row in rows] == (["PAY-12"] if len(at) == 1 else [])


def test_silence_says_nothing(ada: Person) -> None:
    """Not even in a log with prompts on that day."""
    prompts(ada, "12:00", branch="PAY-99")
    ada.run("collect")
    assert answers(ada) == {"PAY-12": ("unknown", None)}


def test_a_branch_in_lower_case_and_a_worktree(ada: Person) -> None:
    """Both are the task's."""
    main = new_repository(ada.home / "src" / "pay")
    run_git(main, "worktree", "add", "-q", "-b", "pay-12-x", str(ada.home / "trees" / "x"))
    prompts(ada, "09:30", branch="pay-12-x", folder="trees/x")
    ada.run("collect")
    assert answers(ada) == {"PAY-12": ("yes", "usage")}


def test_a_flag_stands_and_the_contradiction_is_reported(ada: Person) -> None:
    """A person knows better; so does one who says so later."""
    prompts(ada, "09:30", "11:30")
    ada.run(
        "log",
        "testing",
        "PAY-12",
        "--from",
        "2026-06-10 11:00",
        "--to",
        "2026-06-10 12:00",
        "--no-ai",
    )
    result = ada.run("collect", "--list")
    assert "1 entry says no by a flag, but has prompts inside" in result.stderr
    assert "it says no, and has prompts inside" in result.stdout.replace("\n", " ")
    ada.run("edit", design_id(ada), "--no-ai")
    ada.run("collect")
    assert {e["activity"]: e["basis"] for e in ada.json("entries")} == {
        "design": "flag",
        "testing": "flag",
    }


def test_entries_that_come_or_change_later_are_judged_anew(ada: Person) -> None:
    """Each run looks at all entries: new ones get an answer, moved ones lose it."""
    prompts(ada, "09:30", "14:30")
    ada.run("collect")
    ada.run("log", "testing", "PAY-12", "--from", "2026-06-10 14:00", "--to", "2026-06-10 15:00")
    ada.run("edit", design_id(ada), "--from", "2026-06-10 08:00")
    result = ada.run("collect")
    assert "1 entry inferred: unknown again" in result.stderr
    assert {e["activity"]: e["assisted"] for e in ada.json("entries")} == {
        "design": "unknown",
        "testing": "yes",
    }


def test_twice_is_once(ada: Person) -> None:
    """Also where a resumed session repeats lines in another file."""
    line = claude_line(epoch("2026-06-10 09:30"), "u1", cwd=str(ada.home / "src/pay"))
    for name in ("a", "b"):
        write_lines(ada.home / ".claude" / "projects" / "p" / f"{name}.jsonl", [line])
    assert "1 mark kept, 1 of them new" in ada.run("collect").stderr
    assert "1 mark kept, 0 of them new" in ada.run("collect").stderr


def test_several_homes_and_assistants_are_merged(ada: Person, tmp_path: Path) -> None:
    """A copy of the home on another disk doubles nothing."""
    prompts(ada, "09:30")
    at = epoch("2026-06-10 09:40")
    other = tmp_path / "other"
    lines = [codex_meta(at, cwd="/home/ada/src/pay"), *codex_prompt(at + 5)]
    for home in (ada.home, other):
        write_lines(home / ".codex" / "sessions" / "2026" / "rollout-1.jsonl", lines)
    result = ada.run("collect", "--home", str(ada.home), "--home", str(other))
    assert "2 marks kept, 2 of them new: 2 prompts" in result.stderr


def test_a_commit_with_a_trailer_is_yes_by_trailer(ada: Person) -> None:
    """Made inside the entry, in its repository, with its task's key."""
    folder = new_repository(ada.home / "src" / "pay")
    trailer = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
    commit(folder, f"PAY-12: mend refunds{trailer}", at=epoch("2026-06-10 09:50"))
    ada.run("collect")
    assert answers(ada) == {"PAY-12": ("yes", "trailer")}


def test_what_is_after_the_clock_or_before_a_date_is_left_out(ada: Person) -> None:
    """`--now` and `--since` limit what is kept."""
    prompts(ada, "09:30", "16:00")
    result = ada.run("collect", "--now", "2026-06-10 12:00")
    assert "1 mark kept" in result.stderr
    assert "1 event after the clock left out" in result.stderr
    ada.run("collect", "--forget")
    assert "0 marks kept" in ada.run("collect", "--since", "2026-06-11").stderr


def test_dry_run_prints_every_byte(ada: Person) -> None:
    """And keeps none: the files that a run then writes are those that it printed."""
    prompts(ada, "07:00", branch="PAY-7")
    ada.run("collect", "--now", "2026-06-10 08:00")  # makes the salt
    folder = ada.data / "usage"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    prompts(ada, "09:30")
    printed = ada.run("collect", "--dry-run").stdout
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert answers(ada) == {"PAY-12": ("unknown", None)}
    ada.run("collect")
    for name in ("marks.jsonl", "state.json"):
        content = (folder / name).read_text().rstrip("\n")
        assert f"== {folder / name}\n{content}\n" in printed
    _, _, rows = printed.partition("== database\n")
    row, change = [json.loads(line) for line in rows.splitlines()]
    assert (row["table"], row["assisted"], row["basis"]) == ("entries", "yes", "usage")
    assert (change["table"], change["before"]["assisted"]) == ("changes", "unknown")


def test_forgetting_takes_everything_back(ada: Person) -> None:
    """Marks, days of coverage, and what was inferred of entries."""
    prompts(ada, "09:30")
    ada.run("collect")
    ada.time = datetime(2026, 6, 12, 18, 0, tzinfo=UTC)
    ada.run("collect")
    assert '"usage_coverage": []' not in database_text(ada)
    assert "1 entry changed back" in ada.run("collect", "--forget").stderr
    assert answers(ada) == {"PAY-12": ("unknown", None)}
    assert '"usage_coverage": []' in database_text(ada)
    assert not (ada.data / "usage" / "marks.jsonl").exists()
    assert "nothing is kept on this machine" in ada.refused("collect", "--forget")


def test_a_damaged_file_of_marks_is_refused_and_can_be_forgotten(ada: Person) -> None:
    """In one line that says how."""
    prompts(ada, "09:30")
    ada.run("collect")
    (ada.data / "usage" / "marks.jsonl").write_text("x\n")
    assert "`tracker collect --forget` makes a new file" in ada.refused("collect")
    ada.run("collect", "--forget")
    ada.run("collect")


def test_the_files_are_private(ada: Person) -> None:
    """Mode 0600, whatever the umask."""
    prompts(ada, "09:30")
    ada.run("collect")
    files = [path for path in (ada.data / "usage").iterdir() if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_without_any_log(ada: Person) -> None:
    """It says so; nothing is covered."""
    assert "no log of an assistant is here" in ada.run("collect").stderr
    assert '"usage_coverage": []' in database_text(ada)


def test_the_progress_bar_counts_the_bytes_of_all_logs(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the size of the files."""
    shown: list[tuple[int | None, int | None]] = []

    @contextlib.contextmanager
    def progress_bar(*_: object) -> Iterator[Any]:
        yield lambda done, total: shown.append((done, total))

    monkeypatch.setattr(usage_run, "progress_bar", progress_bar)
    prompts(ada, "09:30", "09:31", "09:32")
    ada.run("collect")
    size = sum(path.stat().st_size for path in (ada.home / ".claude").rglob("*.jsonl"))
    assert shown[-1] == (size, size)
    assert [done for done, _ in shown] == sorted(done or 0 for done, _ in shown)


def test_marks_are_kept_where_the_database_cannot_be_reached(ada: Person) -> None:
    """Transcripts vanish; a later run says what the marks mean."""
    prompts(ada, "09:30")
    message = ada.refused("--db", "sqlite:////dev/null/log.db", "-q", "collect")
    assert "/dev/null" in message
    for path in (ada.home / ".claude").rglob("*.jsonl"):
        path.unlink()
    ada.run("collect")
    assert answers(ada) == {"PAY-12": ("yes", "usage")}


def test_one_run_at_a_time(ada: Person) -> None:
    """A second one is refused, and a hook still adds its mark."""
    files = UsageFiles(str(ada.data))
    ada.run("collect")
    with files.collecting():
        assert "another `tracker collect` runs" in ada.refused("collect")
        ada.run("mark")
    usage = files.read()
    assert usage is not None
    assert len(usage.marks) == 1


def test_a_hooks_mark_during_a_run_is_kept(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the file after the run that did not see it."""
    prompts(ada, "09:30")
    ada.run("collect")
    read = claude_code.read

    def slow_read(*arguments: Any) -> Any:
        ada.run("mark")
        return read(*arguments)

    monkeypatch.setattr(claude_code, "read", slow_read)
    ada.run("collect")
    usage = UsageFiles(str(ada.data)).read()
    assert usage is not None
    assert len(usage.marks) == 2


def test_another_database_does_not_forget_what_was_inferred(ada: Person) -> None:
    """What was inferred in one is taken back there, after a run for another one."""
    prompts(ada, "09:30")
    ada.run("collect")
    ada.run("--db", f"sqlite:///{ada.home}/other.db", "collect")
    ada.run("collect", "--forget")
    assert answers(ada) == {"PAY-12": ("unknown", None)}


def test_the_assistants_time_and_ones_own_are_two_quantities(ada: Person) -> None:
    """The assistant's is what its log records; no entry has it."""
    at = epoch("2026-06-10 09:30")
    turn = {"type": "system", "subtype": "turn_duration", "durationMs": 1_500_000}
    lines = [claude_line(at, "u1"), claude_line(at, "d", **turn)]
    write_lines(ada.home / ".claude" / "projects" / "p" / "s.jsonl", lines)
    assert (
        "25m of the assistant's own work recorded, on 1 day with 1h 00m of yours"
        in ada.run("collect").stderr
    )
    assert [entry["minutes"] for entry in ada.json("entries")] == [60]
