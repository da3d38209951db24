"""The readers of Codex, Copilot, git, Cursor and WakaTime, on logs made after the real formats."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.usage_logs import (
    codex_meta,
    codex_prompt,
    commit,
    epoch,
    iso,
    new_repository,
    run_git,
    write_lines,
)

from tracker.domain.commit_signs import signature
from tracker.domain.usage import UsageEvent
from tracker.sources.assistants import codex, copilot, cursor, git_log, wakatime
from tracker.sources.assistants.usage_log import Home, ReadReport

T = epoch("2026-06-01 09:00")
ROLLOUTS = Path(".codex", "sessions", "2026", "06", "01")


def read(reader: Any, home: Path, **environ: str) -> tuple[list[UsageEvent], ReadReport]:
    """Return the events of a home, and what was read."""
    report = ReadReport(reader.NAME, lambda at: at // 86_400)
    return list(reader.read(Home(home, environ), report)), report


def epochs(events: list[UsageEvent]) -> list[int]:
    return [event.epoch - T for event in events]


def test_codex_prompts_stand_once_with_their_place(tmp_path: Path) -> None:
    """Each prompt stands twice, context is of role user too; the folder may change."""
    context = {"type": "message", "role": "user", "content": [{"text": "<environment_context>"}]}
    moved = {"cwd": "/home/ada/src/other"}
    shell = {"type": "function_call", "name": "shell", "arguments": '{"command": ["pytest"]}'}
    lines = [
        codex_meta(T),
        {"timestamp": iso(T), "type": "response_item", "payload": context},
        *codex_prompt(T + 10),
        {"timestamp": iso(T + 12), "type": "response_item", "payload": shell},
        {"timestamp": iso(T + 60), "type": "turn_context", "payload": moved},
        *codex_prompt(T + 70),
        {"timestamp": iso(T + 80), "type": "event_msg", "payload": {"type": "token_count"}},
        {"timestamp": iso(T + 90), "type": "compacted", "payload": {"message": "s3cret-summary"}},
        *(
            {"timestamp": iso(T + 94), "type": kind, "payload": {"content": "s3cret-prompt"}}
            for kind in ("world_state", "inter_agent_communication")
        ),
        {"timestamp": iso(T + 95), "type": "later_kind", "payload": {}},
    ]
    write_lines(tmp_path / ROLLOUTS / "rollout-1.jsonl", lines)
    events, report = read(codex, tmp_path)
    assert [(e.epoch - T, e.branch, e.directory, e.version, e.work) for e in events] == [
        (10, "PAY-12-s3cret-branch", "/home/ada/src/pay", "0.61.0", "test"),
        (70, None, "/home/ada/src/other", "0.61.0", "talk"),
    ]
    assert (report.has_log, report.unread, report.unread_versions) == (True, 1, {"0.61.0"})


def test_codex_forks_and_sub_agents_repeat_no_prompt(tmp_path: Path) -> None:
    """A fork repeats its parent's lines at its beginning; sub-agents are no persons."""
    parent = [codex_meta(T), *codex_prompt(T + 10)]
    fork = [
        codex_meta(T + 100, id="thread-2", forked_from_id="thread-1"),
        codex_meta(T),
        *codex_prompt(T + 100.2),
        *codex_prompt(T + 130),
    ]
    agent = [codex_meta(T + 5, source={"subagent": "review"}), *codex_prompt(T + 6)]
    threads = [codex_meta(T + 5, thread_source="subagent"), *codex_prompt(T + 6)]
    for name, lines in {"1": parent, "2": fork, "3": agent, "4": threads}.items():
        write_lines(tmp_path / ROLLOUTS / f"rollout-{name}.jsonl", lines)
    assert sorted(epochs(read(codex, tmp_path)[0])) == [10, 130]


def test_codex_words_of_a_source_are_persons(tmp_path: Path) -> None:
    """Prompts from an editor or a script are a person's."""
    for word in ("cli", "vscode", "exec", "mcp"):
        path = tmp_path / ROLLOUTS / f"rollout-{word}.jsonl"
        write_lines(path, [codex_meta(T, id=word, source=word), *codex_prompt(T + 1)])
    assert len(read(codex, tmp_path)[0]) == 4


def test_codex_archives_and_variable(tmp_path: Path) -> None:
    """Archived rollouts count; CODEX_HOME moves the folder."""
    for name in ("sessions", "archived_sessions"):
        path = tmp_path / "elsewhere" / name / f"rollout-{name}.jsonl"
        write_lines(path, [codex_meta(T, id=name), *codex_prompt(T + 1)])
    assert read(codex, tmp_path)[0] == []
    assert len(read(codex, tmp_path, CODEX_HOME=str(tmp_path / "elsewhere"))[0]) == 2


@pytest.mark.skipif(shutil.which("zstd") is None, reason="the program zstd is missing")
def test_codex_compressed_rollouts(tmp_path: Path) -> None:
    """They are read; of both forms the plain one; a damaged one is unread."""
    plain = write_lines(tmp_path / ROLLOUTS / "rollout-1.jsonl", [codex_meta(T), *codex_prompt(T)])
    other = write_lines(
        tmp_path / ROLLOUTS / "rollout-2.jsonl", [codex_meta(T, id="2"), *codex_prompt(T + 1)]
    )
    subprocess.run(["zstd", "-q", str(plain)], check=True)
    subprocess.run(["zstd", "-q", "--rm", str(other)], check=True)
    (tmp_path / ROLLOUTS / "rollout-3.jsonl.zst").write_bytes(b"no such thing")
    events, report = read(codex, tmp_path)
    assert sorted(epochs(events)) == [0, 1]
    assert report.unreadable == 1


def codex_item(at: float, kind: str = "UserMessage") -> dict[str, Any]:
    """Return a prompt to Codex as versions since 0.148 write it."""
    item = {"type": kind, "id": "i", "content": [{"type": "text", "text": "s3cret-prompt"}]}
    payload = {"type": "item_completed", "item": item}
    return {"timestamp": iso(at), "ordinal": 9, "type": "event_msg", "payload": payload}


def codex_answer(at: float) -> dict[str, Any]:
    """Return an answer of Codex."""
    payload = {"type": "message", "role": "assistant", "content": []}
    return {"timestamp": iso(at), "type": "response_item", "payload": payload}


def test_codex_prompts_of_newer_versions(tmp_path: Path) -> None:
    """They are completed items; one that stands in both forms is one prompt."""
    both = codex_prompt(T + 50)
    lines = [
        codex_meta(T, cli_version="0.148.0"),
        codex_item(T + 10),
        codex_item(T + 11, "AgentMessage"),
        codex_answer(T + 12),
        codex_item(T + 13),
        *[*both, codex_item(T + 50)],
        *codex_prompt(T + 60),
        *codex_prompt(T + 60),
    ]
    write_lines(tmp_path / ROLLOUTS / "rollout-1.jsonl", lines)
    events, report = read(codex, tmp_path)
    assert (epochs(events), report.unread) == ([10, 13, 50, 60, 60], 0)


def test_codex_answers_without_a_prompt_are_unread(tmp_path: Path) -> None:
    """A later version may write prompts in a form that is not known yet: no day is covered."""
    lines = [codex_meta(T), codex_item(T + 1, "HumanMessage"), codex_answer(T + 2)]
    write_lines(tmp_path / ROLLOUTS / "rollout-1.jsonl", lines)
    agents = [codex_meta(T, source={"subagent": "review"}), codex_answer(T + 2)]
    write_lines(tmp_path / ROLLOUTS / "rollout-2.jsonl", agents)
    write_lines(tmp_path / ROLLOUTS / "rollout-3.jsonl", [codex_meta(T)])
    events, report = read(codex, tmp_path)
    assert (events, report.unread, report.is_uncertain(T // 86_400)) == ([], 1, True)


@pytest.mark.parametrize("source", ["exec", "mcp", "cli", "vscode"])
def test_codex_prompts_of_programs_are_listed_only(tmp_path: Path, source: str) -> None:
    """A script or another agent may have written them."""
    write_lines(
        tmp_path / ROLLOUTS / "rollout-1.jsonl", [codex_meta(T, source=source), *codex_prompt(T)]
    )
    ((event,), _) = read(codex, tmp_path)
    assert event.is_certain == (source in ("cli", "vscode"))


def copilot_event(kind: str, at: float, id_: str = "e", **data: Any) -> dict[str, Any]:
    """Return an event of Copilot."""
    return {"type": kind, "data": data, "id": id_, "timestamp": iso(at), "parentId": None}


def test_copilot_prompts_of_both_forms(tmp_path: Path) -> None:
    """A folder with a workspace file, or a file alone; messages of the program are left out."""
    folder = tmp_path / ".copilot" / "session-state" / "uuid-1"
    context = {"cwd": "/home/ada/src/pay"}
    lines = [
        copilot_event("session.start", T, copilotVersion="0.0.372", context=context),
        copilot_event("user.message", T + 1, "m1", content="s3cret-prompt", source="user"),
        copilot_event("tool.execution_start", T + 2, toolName="edit", arguments={"path": "x"}),
        copilot_event("user.message", T + 3, "m2", content="x", source="system"),
        copilot_event("user.message", T + 4, "m3", content="x", parentToolCallId="t"),
        copilot_event(
            "session.context_changed",
            T + 5,
            cwd="/home/ada/src/pay",
            branch="PAY-9",
            repository="acme/pay",
        ),
        copilot_event("user.message", T + 6, "m4", content="x"),
        copilot_event("hologram.shown", T + 7),
        {"type": "user.message", "timestamp": iso(T)},
    ]
    write_lines(folder / "events.jsonl", lines)
    workspace = "cwd: /home/ada/src/pay\nrepository: acme/pay\nbranch: 'PAY-12'\nsummary: x\n"
    (folder / "workspace.yaml").write_text(workspace)
    old = [
        copilot_event("session.start", T),
        copilot_event("user.message", T + 8, "m5", content=""),
    ]
    write_lines(folder.parent / "uuid-2.jsonl", old)
    events, report = read(copilot, tmp_path)
    assert [(e.epoch - T, e.directory, e.remote, e.branch, e.work) for e in events] == [
        (1, "/home/ada/src/pay", "acme/pay", "PAY-12", "edit"),
        (6, "/home/ada/src/pay", "acme/pay", "PAY-9", "talk"),
        (8, None, None, None, "talk"),
    ]
    assert report.unread == 2


def test_copilot_takes_the_workspace_file_where_the_start_is_silent(tmp_path: Path) -> None:
    """Its repository and branch stand for events without a context."""
    folder = tmp_path / "moved" / "session-state" / "uuid-1"
    write_lines(folder / "events.jsonl", [copilot_event("user.message", T, content="x")])
    (folder / "workspace.yaml").write_text("cwd: /src/pay\nrepository: acme/pay\nbranch: PAY-12\n")
    ((event,), _) = read(copilot, tmp_path, COPILOT_HOME=str(tmp_path / "moved"))
    assert (event.directory, event.remote, event.branch) == ("/src/pay", "acme/pay", "PAY-12")


def test_copilot_answers_without_a_message_are_unread(tmp_path: Path) -> None:
    """A later version may write prompts in a form that is not known yet: no day is covered."""
    lines = [copilot_event("user.prompted", T), copilot_event("assistant.message", T + 1)]
    write_lines(tmp_path / ".copilot" / "session-state" / "u.jsonl", lines)
    events, report = read(copilot, tmp_path)
    assert (events, report.unread, report.is_uncertain(T // 86_400)) == ([], 1, True)


MESSAGES = {
    "Co-Authored-By: Claude Opus 4.8 (1M context) <noreply@anthropic.com>": "claude-code",
    "Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>": "copilot",
    "Co-authored-by: Cursor <cursoragent@cursor.com>": "cursor",
    "Assisted-by: Spark:3.1": "spark",
    "\U0001f916 Generated with [Claude Code](https://claude.com/claude-code)": "claude-code",
    "Co-authored-by: Claude <claude@example.org>": None,
    "Co-authored-by: Bob <bob@example.org>": None,
    "Generated with care": None,
    "Assisted-by: Claude:opus-5 git ruff": "claude",
    "Assisted-by: Bob Smith": None,
    "Assisted-by: Bob Smith <bob@example.org>": None,
    "We talked about noreply@anthropic.com": None,
}


@pytest.mark.parametrize("trailer", MESSAGES)
def test_signatures_are_addresses_not_names(trailer: str) -> None:
    """Claude's trailer carries the model, so its address is matched."""
    named = signature(f"PAY-12: mend refunds\n\nText\n\n{trailer}\n")
    assert (named.assistant if named else None) == MESSAGES[trailer]


def test_commits_of_assistants(tmp_path: Path) -> None:
    """One's own unchanged commits are certain; changed and others' are listed; merges are not."""
    folder = new_repository(tmp_path / "pay")
    run_git(folder, "switch", "-qc", "PAY-12")
    trailer = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
    commit(folder, f"PAY-12: own{trailer}", at=T)
    commit(folder, f"PAY-12: changed{trailer}", at=T + 1, GIT_COMMITTER_DATE=f"{T + 99} +0000")
    commit(folder, f"PAY-12: Bob's{trailer}", at=T + 2, GIT_AUTHOR_EMAIL="bob@example.org")
    commit(folder, "PAY-12: alone", at=T + 3)
    run_git(folder, "switch", "-q", "main")
    run_git(folder, "merge", "-q", "--no-ff", "-m", f"Merge PAY-12{trailer}", "PAY-12", at=T + 4)
    report = ReadReport("git", lambda at: at // 86_400)
    events = sorted(git_log.read([str(folder)], report), key=lambda event: event.epoch)
    assert [(e.epoch - T, e.subject, e.is_certain, e.kind) for e in events] == [
        (0, "PAY-12: own", True, "commit"),
        (1, "PAY-12: changed", False, "commit"),
        (2, "PAY-12: Bob's", False, "commit"),
    ]


def test_notes_of_git_ai(tmp_path: Path) -> None:
    """A note with prompts names the assistant; one without, or of another form, says nothing."""
    folder = new_repository(tmp_path / "pay")
    prompts = {"abc": {"agent_id": {"tool": "Cursor", "id": "1", "model": "x"}, "messages": []}}
    for number, content in enumerate((prompts, {})):
        commit(folder, f"PAY-{number}", at=T + number)
        metadata = json.dumps({"schema_version": "authorship/3.0.0", "prompts": content})
        run_git(folder, "notes", "--ref=ai", "add", "-m", f"a.py\n  abc 1-4\n---\n{metadata}")
    commit(folder, "PAY-7", at=T + 7)
    run_git(folder, "notes", "--ref=ai", "add", "-m", "{authorship/3 {")
    report = ReadReport("git", lambda at: at // 86_400)
    events = list(git_log.read([str(folder)], report))
    assert [(event.assistant, event.epoch - T) for event in events] == [("cursor", 0)]


def test_a_repository_that_git_refuses_is_counted(tmp_path: Path) -> None:
    """Such as one that is damaged; one without a commit is not."""
    damaged, empty = new_repository(tmp_path / "damaged"), tmp_path / "empty"
    (damaged / ".git" / "HEAD").write_text("x")
    empty.mkdir()
    run_git(empty, "init", "-q")
    report = ReadReport("git", lambda at: at // 86_400)
    assert list(git_log.read([str(damaged), str(empty)], report)) == []
    assert (report.files, report.unreadable) == (2, 1)


def cursor_database(home: Path, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """Make Cursor's database with these columns."""
    path = home / ".cursor" / "ai-tracking" / "ai-code-tracking.db"
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE scored_commits ({columns})")
    marks = ",".join("?" * len(columns.split(",")))
    connection.executemany(f"INSERT INTO scored_commits VALUES ({marks})", rows)
    connection.execute("CREATE TABLE tracking_state (key TEXT, value TEXT)")
    state = ("trackingStartTime", json.dumps({"timestamp": T * 1000}))
    connection.execute("INSERT INTO tracking_state VALUES (?, ?)", state)
    connection.commit()
    connection.close()


def test_cursor_is_listed_only(tmp_path: Path) -> None:
    """Lines are numbers or texts, columns may be missing; nothing of it is certain."""
    columns = "commitHash, branchName, scoredAt, tabLinesAdded, composerLinesAdded, humanLinesAdded"
    rows = [
        ("a", "PAY-12", T * 1000, 0, "4", 1),
        ("a", "main", (T + 1) * 1000, "2", None, 1),
        ("b", "PAY-12", (T + 2) * 1000, 0, 0, 9),
        ("c", "PAY-12", "soon", 1, 1, 1),
    ]
    cursor_database(tmp_path, columns, rows)
    events, report = read(cursor, tmp_path)
    assert [(e.epoch - T, e.branch, e.is_certain, e.kind) for e in events] == [
        (0, "PAY-12", False, "activity"),
        (1, "main", False, "activity"),
    ]
    assert (report.unread, report.retention_days) == (1, 0)
    assert cursor.tracking_start(Home(tmp_path)) == T


@pytest.mark.parametrize("columns", ["commitHash, scoredAt", "hash, at"])
def test_cursor_schemas_vary(tmp_path: Path, columns: str) -> None:
    """A database without the needed columns stops nothing."""
    cursor_database(tmp_path, columns, [("a", T * 1000)])
    events, report = read(cursor, tmp_path)
    assert (events, report.unread) == ([], 0 if "scoredAt" in columns else 1)


def test_a_damaged_database_is_unread(tmp_path: Path) -> None:
    """So is one that is no database."""
    write_lines(tmp_path / ".cursor" / "ai-tracking" / "ai-code-tracking.db", ["no database" * 99])
    assert read(cursor, tmp_path)[1].unreadable == 1
    assert cursor.tracking_start(Home(tmp_path)) is None


def test_wakatime_heartbeats(tmp_path: Path) -> None:
    """Only *ai coding*, one sign a stretch, of a large document read day by day."""
    beats = [
        {"time": T + at, "category": category, "project": "pay", "branch": "PAY-12", "entity": "é"}
        for at, category in [
            (0, "ai coding"),
            (60, "AI Coding"),
            (400, "coding"),
            (900, "ai coding"),
        ]
    ]
    many = [{"time": T + 5_000, "category": "coding", "entity": "s3cret-path-ü" * 20}] * 2_000
    content = {
        "user": {},
        "range": [1],
        "days": [{"date": "x", "heartbeats": beats}, {"heartbeats": many}],
    }
    (tmp_path / "wakatime-ada.json").write_text(json.dumps(content, ensure_ascii=False))
    events, report = read(wakatime, tmp_path)
    assert epochs(events) == [0, 900]
    assert (report.lines, report.unread) == (2_004, 0)
    (tmp_path / "wakatime-ada.json").write_text(json.dumps(content)[:-9])
    assert read(wakatime, tmp_path)[1].unread == 1
