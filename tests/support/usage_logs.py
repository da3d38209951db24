"""Assistants' logs in the real formats, written by hand, and home folders that hold them."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SECRETS = ("s3cret-prompt", "s3cret-answer", "s3cret-path", "s3cret-branch", "s3cret-summary")
"""Words in the parts of a log that must not be kept."""


def iso(epoch: float) -> str:
    """Return an instant as assistants write it."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def epoch(text: str) -> int:
    """Return the instant of a text such as ``2026-06-01 09:00``, in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def write_lines(path: Path, lines: list[Any]) -> Path:
    """Write JSON values or texts as lines of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def claude_line(at: float, uuid: str, **fields: Any) -> dict[str, Any]:
    """Return a line of Claude Code: a prompt, unless the fields say otherwise."""
    return {
        "type": "user",
        "uuid": uuid,
        "parentUuid": None,
        "timestamp": iso(at),
        "sessionId": "session-1",
        "cwd": "/home/ada/src/pay",
        "gitBranch": "feature/PAY-12-s3cret-branch",
        "version": "2.0.14",
        "isSidechain": False,
        "userType": "external",
        "message": {"role": "user", "content": "s3cret-prompt: mend the refunds"},
    } | fields


def claude_answer(at: float, tool: str | None = None, **tool_input: Any) -> dict[str, Any]:
    """Return an answer of Claude Code, with a tool if one is named."""
    block: dict[str, Any] = {"type": "text", "text": "s3cret-answer"}
    if tool:
        block = {"type": "tool_use", "id": "t", "name": tool, "input": tool_input}
    message = {"role": "assistant", "model": "claude-opus-4", "content": [block]}
    return claude_line(at, f"answer-{at}", type="assistant", message=message)


def claude_prompts(home: Path, prompts: list[tuple[float, str]], **fields: Any) -> Path:
    """Write a session with prompts at instants, each with its branch."""
    lines = [
        claude_line(at, f"{at}-{branch}", gitBranch=branch, **fields) for at, branch in prompts
    ]
    name = f"{prompts[0][0]}.jsonl" if prompts else "empty.jsonl"
    return write_lines(home / ".claude" / "projects" / "-home-ada-src-pay" / name, lines)


def codex_meta(at: float, **fields: Any) -> dict[str, Any]:
    """Return the first line of a rollout of Codex."""
    payload = {
        "id": "thread-1",
        "timestamp": iso(at),
        "cwd": "/home/ada/src/pay",
        "originator": "codex_cli_rs",
        "cli_version": "0.61.0",
        "source": "cli",
        "git": {
            "commit_hash": "0" * 40,
            "branch": "PAY-12-s3cret-branch",
            "repository_url": "git@github.com:acme/pay.git",
        },
    }
    return {"timestamp": iso(at), "type": "session_meta", "payload": payload | fields}


def codex_prompt(at: float, text: str = "s3cret-prompt") -> list[dict[str, Any]]:
    """Return the two lines of a prompt to Codex."""
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    return [
        {"timestamp": iso(at), "type": "response_item", "payload": item},
        {
            "timestamp": iso(at),
            "type": "event_msg",
            "payload": {"type": "user_message", "message": text, "images": []},
        },
    ]


def run_git(folder: Path, *arguments: str, at: int = 1_780_000_000, **environ: str) -> str:
    """Run git as Ada, at an instant."""
    date = f"{at} +0000"
    variables = {
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": date,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        **environ,
    }
    result = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def new_repository(folder: Path, branch: str = "main") -> Path:
    """Make a repository of Ada's with one commit."""
    folder.mkdir(parents=True)
    run_git(folder, "init", "-q", "-b", branch)
    run_git(folder, "config", "user.email", "ada@example.org")
    commit(folder, "Begin")
    return folder


def commit(folder: Path, message: str, at: int = 1_780_000_000, **environ: str) -> str:
    """Make an empty commit; return its hash."""
    run_git(folder, "commit", "-q", "--allow-empty", "-m", message, at=at, **environ)
    return run_git(folder, "rev-parse", "HEAD")
