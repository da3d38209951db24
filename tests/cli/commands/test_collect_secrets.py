"""Words planted in assistants' logs: no file, table, export, page, message or process has them."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.person import Person
from support.store_kit import open_test_database, table_rows
from support.usage_logs import (
    SECRETS,
    claude_answer,
    claude_line,
    codex_meta,
    codex_prompt,
    commit,
    iso,
    new_repository,
    run_git,
    write_lines,
)

SETTINGS = '[[repositories]]\nproject = "pay"\ndirectories = ["~/src/pay"]\n'
WRAPPER = """#!/bin/sh
printf '%s\\n' "$0 $*" >> "{log}"
exec "{program}" "$@"
"""
"""Writes its command line, which the list of processes shows, and becomes the real program."""


def write_logs(home: Path, at: float) -> None:
    """Write a log of each assistant with secrets wherever it has texts, paths or names."""
    place = {"cwd": f"{home}/src/s3cret-path", "gitBranch": "PAY-12-s3cret-branch"}
    lines = [
        claude_line(at, "s3cret-prompt-id", **place),
        claude_answer(at + 1, "Edit", file_path="/s3cret-path"),
        claude_line(at + 2, "u2", version="s3cret-path / 1", **place),
        {"type": "s3cret-prompt", "timestamp": "s3cret-answer"},
        "s3cret-summary {",
    ]
    folder = home / ".claude" / "projects" / "s3cret-path"
    write_lines(folder / "s3cret-prompt.jsonl", lines)
    (folder / "s3cret-answer.jsonl").symlink_to("s3cret-path")
    rollout = [codex_meta(at, cli_version="s3cret-path x"), *codex_prompt(at + 1)]
    path = write_lines(home / ".codex" / "sessions" / "rollout-s3cret-path.jsonl", rollout)
    if shutil.which("zstd"):
        subprocess.run(["zstd", "-q", "--rm", str(path)], check=True)
    event = {"type": "user.message", "timestamp": iso(at + 3), "id": "s3cret-prompt"}
    data = {"content": "s3cret-prompt", "cwd": "/s3cret-path"}
    session = home / ".copilot" / "session-state" / "s3cret-path"
    write_lines(session / "events.jsonl", [{**event, "data": data}])
    (session / "workspace.yaml").write_text("branch: PAY-12-s3cret-branch\ncwd: /s3cret-path\n")
    for path, table in (
        (home / ".copilot" / "session-store.db", "turns (session_id, turn_index, user_message"),
        (home / ".cursor" / "ai-tracking" / "ai-code-tracking.db", "scored_commits (commitHash"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(path) as connection:
            if "turns" in table:
                connection.execute(f"CREATE TABLE {table}, timestamp)")
                row = ("s3cret-path", 0, "s3cret-prompt", iso(at + 4))
                connection.execute("INSERT INTO turns VALUES (?, ?, ?, ?)", row)
            else:
                connection.execute(f"CREATE TABLE {table}, branchName, scoredAt, tabLinesAdded)")
                row = ("s3cret-answer", "PAY-12-s3cret-branch", int(at * 1000), 3)
                connection.execute("INSERT INTO scored_commits VALUES (?, ?, ?, ?)", row)
        connection.close()
    beat = {
        "time": at,
        "category": "ai coding",
        "entity": "/s3cret-path",
        "branch": "s3cret-branch",
    }
    dump = {"days": [{"heartbeats": [beat]}]}
    (home / "wakatime-s3cret-path.json").write_text(json.dumps(dump))


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    """Ada, an hour after she worked with every assistant, with what she started recorded."""
    home, bin_folder = tmp_path / "home", tmp_path / "bin"
    bin_folder.mkdir()
    person = Person(home, S3CRET="s3cret-answer")
    for name in ("git", "zstd"):
        if program := shutil.which(name):
            path = bin_folder / name
            path.write_text(WRAPPER.format(log=tmp_path / "processes.txt", program=program))
            path.chmod(0o755)
    person.environ["PATH"] = f"{bin_folder}:{person.environ['PATH']}"
    person.settings_file.parent.mkdir(parents=True)
    person.settings_file.write_text(SETTINGS)
    person.time = datetime.now(UTC)
    at = (person.time - timedelta(hours=1)).timestamp()
    write_logs(home, at)
    folder = new_repository(home / "src" / "pay")
    run_git(folder, "switch", "-qc", "PAY-12-s3cret-branch")
    commit(folder, "PAY-12 s3cret-summary\n\nAssisted-by: spark:1", at=int(at))
    person.run("log", "design", "PAY-12", "30m")
    return person


def run(person: Person, *arguments: str) -> str:
    """Run the installed program; return all that it writes."""
    process = person.process(*arguments, cwd=person.home / "src" / "pay")
    return "".join(process.communicate(timeout=60))


def test_nothing_secret_is_kept_or_printed(ada: Person, tmp_path: Path) -> None:
    """Prompts, answers, paths, branches, names of files and variables of the environment."""
    texts = [
        run(ada, *arguments)
        for arguments in (
            *(("collect", "--dry-run"), ("collect",), ("mark",), ("-v", "collect", "--list")),
            *(("proposals",), ("hooks", "install", "--claude-code"), ("db", "doctor")),
            ("export", "all", "-o", str(tmp_path / "all.csv")),
            ("export", "entries", "--format", "json", "-o", str(tmp_path / "entries.json")),
            ("report", "-o", str(tmp_path / "page.html")),
        )
    ]
    assert "marks kept" in texts[1]
    for name in ("Claude Code", "Codex CLI", "Copilot CLI", "Cursor", "WakaTime", "git"):
        assert f"{name}: " in texts[1]
    with open_test_database(f"sqlite:///{ada.data / 'tracker.db'}") as database:
        tables = ("entries", "tasks", "work_items", "changes", "usage_coverage", "imports")
        texts.append(json.dumps(table_rows(database, *tables)))
    files = [path for path in (*ada.data.rglob("*"), *tmp_path.glob("*.*")) if path.is_file()]
    names = {path.name for path in files}
    assert {"marks.jsonl", "state.json", "tracker.db", "page.html", "processes.txt"} <= names
    texts += [path.read_bytes().decode("latin-1") for path in files]
    assert not [word for word in SECRETS for text in texts if word in text]


def test_the_list_of_processes_shows_nothing_secret(ada: Person, tmp_path: Path) -> None:
    """git and zstd get neither paths nor branches as arguments."""
    run(ada, "collect")
    processes = (tmp_path / "processes.txt").read_text()
    assert "git -c" in processes
    assert ("zstd -d" in processes) == bool(shutil.which("zstd"))
    assert not [word for word in SECRETS if word in processes]
