"""Claude Code: the transcripts under ``projects/`` of its configuration folders.

A line of ``type: user`` is a prompt only if a person wrote it: results of tools, side chains,
summaries of compactions, commands and messages of the program have the same type. What a person
types while the assistant works is no such line, but an attachment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker.domain.usage import UsageEvent
from tracker.sources.assistants.log_files import is_folder, log_files, unique_paths
from tracker.sources.assistants.usage_log import (
    DEFAULT_RETENTION_DAYS,
    FileReport,
    Home,
    ReadReport,
    epoch_of,
    json_lines,
    mapping_of,
    read_files,
    text_of,
)
from tracker.sources.assistants.work import Tools

NAME = "claude-code"

_OTHER_TYPES = frozenset(
    {
        *("assistant", "system", "summary", "attachment", "progress", "queue-operation"),
        *("file-history-snapshot", "file-history-delta", "custom-title", "ai-title", "agent-name"),
        *("agent-setting", "last-prompt", "permission-mode", "mode", "tag", "pr-link", "result"),
        *("worktree-state", "content-replacement", "marble-origami-commit", "bridge-session"),
        *("agent-color", "task-summary", "speculation-accept", "atis-latch", "dev-mods"),
    }
)
"""The types of lines that hold no prompt."""

_PROGRAM_TEXTS = (
    *("<command-name>", "<command-message>", "<command-args>", "<local-command-", "<bash-"),
    *("[Request interrupted by user", "<task-notification>", "<teammate-message"),
    *("<system-reminder>", "<user-memory-input>", "<tick>", "<ide_"),
    *("This session is being continued from a previous conversation", "Caveat: The messages below"),
)
"""How texts of ``type: user`` begin that the program wrote, in versions that do not say so."""

_TYPED = ("typed", "queued", "suggestion_accepted")
_NOT_TYPED = ("system",)
_SOURCE_BY_MODE = {
    "prompt": None,
    "bash": "system",
    "task-notification": "system",
    "orphaned-permission": "system",
}
"""The sources of queued commands by their modes; other fields say that of a prompt."""
_PROGRAM = "sdk"
"""The source of a prompt from a program that calls Claude Code."""


def folders(home: Home) -> list[Path]:
    """Return the configuration folders that exist."""
    listed = home.environ.get("CLAUDE_CONFIG_DIR")
    if listed:
        parts = [part.strip() for part in listed.split(",")]
        paths = [_expanded(Path(part)) for part in parts if part]
    else:
        config = Path(home.environ.get("XDG_CONFIG_HOME") or home.path / ".config")
        paths = [home.path / ".claude", config / "claude"]
    return [path for path in paths if is_folder(path / "projects")]


def _expanded(path: Path) -> Path:
    """Return a path with the home folder for ``~``; as it is where it names no user."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def files(home: Home) -> list[Path]:
    """Return the transcripts."""
    return unique_paths(
        path for folder in folders(home) for path in log_files(folder / "projects", "*.jsonl")
    )


def read(home: Home, report: ReadReport) -> Iterator[UsageEvent]:
    """Yield the prompts of a home, also those that another file repeats."""
    config_folders = folders(home)
    report.has_log = bool(config_folders)
    report.retention_days = min(map(_retention_days, config_folders), default=0)
    yield from read_files(files(home), report, read_file)


def read_file(path: Path, file: FileReport) -> Iterator[UsageEvent]:
    """Yield the prompts of one transcript, each with what was done before the next one."""
    is_agents = path.name.startswith("agent-") or "subagents" in path.parts
    event: UsageEvent | None = None
    tools = Tools()
    for line in json_lines(path, file):
        kind, epoch = text_of(line.get("type")), epoch_of(line.get("timestamp"))
        version = file.note_version(line.get("version"))
        queued = _queued_command(line)
        if queued is not None:
            line, epoch = queued, epoch_of(queued.get("timestamp"))
        elif kind != "user":
            if kind in _OTHER_TYPES:
                file.read(epoch)
                _count_work(line, epoch, tools, file)
            else:
                file.unread(epoch)
            continue
        is_prompt = _is_prompt(line)
        if is_prompt is None or (is_prompt and epoch is None):
            file.unread(epoch)
            continue
        file.read(epoch)
        if is_prompt and not is_agents and epoch is not None:
            if event is not None:
                yield event._replace(work=tools.work)
            event = _event(line, epoch, version)
            tools = Tools(is_planning=line.get("permissionMode") == "plan")
    if event is not None:
        yield event._replace(work=tools.work)


def _event(line: dict[str, Any], epoch: int, version: str | None) -> UsageEvent:
    id_ = text_of(line.get("uuid")) or f"{line.get('sessionId')} {line.get('timestamp')}"
    branch = text_of(line.get("gitBranch"))
    is_programs = _is_of_program(line)
    return UsageEvent(
        id_,
        NAME,
        epoch,
        "activity" if is_programs else "prompt",
        version=version,
        directory=text_of(line.get("cwd")),
        branch=None if branch == "HEAD" else branch,  # no branch is checked out
        is_certain=not is_programs,
    )


def _is_of_program(line: dict[str, Any]) -> bool:
    """Return whether a program may have sent a prompt, as with ``claude -p`` in a script."""
    source, entry_point = line.get("promptSource"), line.get("entrypoint")
    is_sdk = isinstance(entry_point, str) and entry_point.startswith(f"{_PROGRAM}-")
    return source == _PROGRAM or (source is None and is_sdk)


def _queued_command(line: dict[str, Any]) -> dict[str, Any] | None:
    """Return an attachment with a queued command as a line of type user; None for other lines."""
    attachment = mapping_of(line.get("attachment")) if line.get("type") == "attachment" else {}
    if attachment.get("type") != "queued_command":
        return None
    mode, typed_at = text_of(attachment.get("commandMode")), attachment.get("timestamp")
    return {
        **line,
        "timestamp": line.get("timestamp") if epoch_of(typed_at) is None else typed_at,
        "origin": attachment.get("origin") or line.get("origin"),
        "promptSource": _SOURCE_BY_MODE.get(mode, mode) if mode else None,
        "message": {"content": attachment.get("prompt")},
    }


def _is_prompt(line: dict[str, Any]) -> bool | None:
    """Return whether a person wrote a line of type user; None where that is not known."""
    message = mapping_of(line.get("message"))
    flags = ("isSidechain", "isMeta", "isCompactSummary", "isVisibleInTranscriptOnly", "agentId")
    if any(line.get(name) for name in flags) or "toolUseResult" in line:
        return False
    origin, source = mapping_of(line.get("origin")).get("kind"), line.get("promptSource")
    if (origin is not None and origin != "human") or source in _NOT_TYPED:
        return False
    if source is not None and source not in (*_TYPED, _PROGRAM):
        return None
    content = message.get("content")
    if isinstance(content, str):
        return not content.lstrip().startswith(_PROGRAM_TEXTS)
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        return None
    if not content or any(block.get("type") == "tool_result" for block in content):
        return False
    texts = [block["text"] for block in content if isinstance(block.get("text"), str)]
    is_picture = any(block.get("type") in ("image", "document") for block in content)
    own_texts = [text for text in texts if not text.lstrip().startswith(_PROGRAM_TEXTS)]
    return bool(own_texts) or (is_picture and not texts)


def _count_work(line: dict[str, Any], epoch: int | None, tools: Tools, file: FileReport) -> None:
    """Count the tools of an answer, and the time that a turn took where the log has it."""
    if line.get("type") == "system" and line.get("subtype") == "turn_duration":
        duration = line.get("durationMs")
        if epoch is not None and isinstance(duration, int | float):
            file.report.agent_worked(epoch, duration / 1000)
    if line.get("type") != "assistant":
        return
    content = mapping_of(line.get("message")).get("content")
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") == "tool_use":
            tools.ran(block.get("name"), mapping_of(block.get("input")).get("command"))


def _retention_days(folder: Path) -> int:
    """Return the days for which transcripts are kept; 0 switches them off."""
    try:
        content = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return DEFAULT_RETENTION_DAYS
    days = mapping_of(content).get("cleanupPeriodDays")
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        return DEFAULT_RETENTION_DAYS
    return min(days, DEFAULT_RETENTION_DAYS)
