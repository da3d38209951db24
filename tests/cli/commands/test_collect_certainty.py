"""What is listed only, because nobody knows that a person used an assistant for the task."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.person import Person
from support.usage_logs import (
    claude_line,
    claude_prompts,
    commit,
    epoch,
    new_repository,
    run_git,
    write_lines,
)

from tracker.local.mark import moment_of, record
from tracker.local.usage_file import UsageFiles

SETTINGS = '[[repositories]]\nproject = "pay"\ndirectories = ["~/src/pay"]\n'
TRAILER = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
AT = epoch("2026-06-10 09:30")


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada, who worked on PAY-12 from 9 to 10 in a repository of her settings."""
    person = Person(tmp_path / "home", TZ="UTC")
    person.settings_file.parent.mkdir(parents=True)
    person.settings_file.write_text(SETTINGS)
    person.time = datetime(2026, 6, 10, 18, 0, tzinfo=UTC)
    person.run("log", "design", "PAY-12", "--from", "2026-06-10 09:00", "--to", "2026-06-10 10:00")
    person.run("task", "PAY-12", "--project", "pay")
    new_repository(person.home / "src" / "pay", "PAY-12")
    return person


def answer(person: Person) -> tuple[str, str | None]:
    (entry,) = person.json("entries")
    return entry["assisted"], entry["basis"]


def hook(person: Person, *arguments: str) -> None:
    """Let a hook mark the moment of the prompt or commit."""
    folder = str(person.home / "src" / "pay")
    record(UsageFiles(str(person.data)).folder, arguments, moment_of(arguments, AT, folder))


def test_a_hook_of_an_assistant_with_a_log_is_confirmed_by_it(ada: Person) -> None:
    """The hook of Claude Code runs for messages of the program, too: no person wrote those."""
    ada.run("collect")
    hook(ada)
    notification = {"role": "user", "content": "<task-notification>done</task-notification>"}
    place = {"cwd": str(ada.home / "src" / "pay"), "gitBranch": "PAY-12"}
    line = claude_line(AT + 1, "u1", message=notification, **place)
    write_lines(ada.home / ".claude" / "projects" / "p" / "s.jsonl", [line])
    ada.run("collect")
    assert answer(ada) == ("unknown", None)
    claude_prompts(ada.home, [(AT + 2, "PAY-12")], cwd=place["cwd"])
    ada.run("collect")
    assert answer(ada) == ("yes", "usage")


def test_a_hook_of_an_assistant_without_a_log_stands(ada: Person) -> None:
    """Nothing else knows of it."""
    ada.run("collect")
    hook(ada, "--assistant", "spark")
    ada.run("collect")
    assert answer(ada) == ("yes", "usage")


@pytest.mark.parametrize("has_hook", [False, True])
def test_git_does_not_know_on_which_branch_a_commit_was_made(ada: Person, has_hook: bool) -> None:
    """A commit without a key counts only where a hook saw the branch, not for later branches."""
    folder = ada.home / "src" / "pay"
    ada.run("collect")
    if not has_hook:  # made on another task's branch, which this one took in
        run_git(folder, "switch", "-qc", "PAY-7")
    commit(folder, f"Mend refunds{TRAILER}", at=AT)
    if has_hook:
        hook(ada, "--git-commit")
    else:
        run_git(folder, "switch", "-q", "PAY-12")
        run_git(folder, "merge", "-q", "--ff-only", "PAY-7")
    for _ in range(2):
        ada.run("collect")
        assert answer(ada) == (("yes", "trailer") if has_hook else ("unknown", None))


@pytest.mark.parametrize("fields", [{"entrypoint": "sdk-cli", "promptSource": "sdk"}, {}])
def test_a_program_that_calls_an_assistant_is_listed(ada: Person, fields: dict[str, str]) -> None:
    """It may be a script that runs by itself."""
    place = str(ada.home / "src" / "pay")
    claude_prompts(ada.home, [(AT, "PAY-12")], cwd=place, **fields)
    ada.run("collect")
    assert answer(ada)[0] == ("unknown" if fields else "yes")


def test_marks_are_one_persons(ada: Person) -> None:
    """They say nothing of the work of somebody else who logs on the same machine."""
    claude_prompts(ada.home, [(AT, "PAY-12")], cwd=str(ada.home / "src" / "pay"))
    ada.run("collect")
    ada.environ["TRACKER_DEVELOPER"] = "bob"
    for options in ((), ("--dry-run",), ("--forget",)):
        message = ada.refused("collect", *options)
        assert message.startswith("the marks on this machine are those of 'ada', not of 'bob'")
    ada.environ["TRACKER_DEVELOPER"] = "ada"
    ada.run("collect", "--forget")
    ada.environ["TRACKER_DEVELOPER"] = "bob"
    ada.run("collect")


def test_a_repository_within_is_another_one(ada: Person) -> None:
    """A prompt there is not one for this project, whatever its branch is called."""
    other = new_repository(ada.home / "src" / "pay" / "vendor" / "tool", "PAY-12")
    claude_prompts(ada.home, [(AT, "PAY-12")], cwd=str(other))
    ada.run("collect")
    assert answer(ada) == ("unknown", None)
    assert "in another repository" in ada.run("collect").stderr
