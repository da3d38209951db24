"""Copilot CLI: the events of its sessions, under ``session-state/`` of its folder.

Newer sessions are a folder with ``events.jsonl`` and ``workspace.yaml``, older ones a file. Of
sessions without one of these, the database may have turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker.domain.usage import UsageEvent
from tracker.sources.assistants import copilot_database
from tracker.sources.assistants.log_files import is_folder, log_files, unique_paths
from tracker.sources.assistants.usage_log import (
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

NAME = "copilot-cli"

_EVENTS = "events.jsonl"
_TYPES = (
    *("session.", "user.", "assistant.", "tool.", "hook.", "subagent.", "skill.", "system."),
    *("abort", "permission.", "command.", "model.", "external_tool."),
)
"""How the types of known events begin."""
_CONTEXTS = ("session.start", "session.resume", "session.context_changed")
_WORKSPACE_KEYS = ("cwd", "git_root", "repository", "branch")
_LARGEST_WORKSPACE = 100_000


def folder(home: Home) -> Path:
    """Return Copilot's folder."""
    return Path(home.environ.get("COPILOT_HOME") or home.path / ".copilot")


def files(home: Home) -> list[Path]:
    """Return the files of events."""
    sessions = folder(home) / "session-state"
    alone = log_files(sessions, "*.jsonl", levels=0)
    return unique_paths([*alone, *log_files(sessions, _EVENTS, levels=1)])


def read(home: Home, report: ReadReport) -> Iterator[UsageEvent]:
    """Yield the prompts of a home, and the turns of sessions that the database alone has."""
    paths, database = files(home), folder(home) / copilot_database.FILE
    report.has_log = is_folder(folder(home) / "session-state") or database.exists()
    yield from read_files(paths, report, read_file)
    if database.exists():
        sessions = {path.parent.name if path.name == _EVENTS else path.stem for path in paths}
        yield from copilot_database.read(database, report, sessions)


def read_file(path: Path, file: FileReport) -> Iterator[UsageEvent]:
    """Yield the prompts of one session, each with what was done before the next one."""
    place = _workspace(path.with_name("workspace.yaml")) if path.name == _EVENTS else {}
    event: UsageEvent | None = None
    tools, mode = Tools(), ""
    has_answer = has_message = False
    for line in json_lines(path, file):
        kind, epoch, data = line.get("type"), epoch_of(line.get("timestamp")), line.get("data")
        is_known = isinstance(kind, str) and kind.startswith(_TYPES) and isinstance(data, dict)
        if not is_known or (kind == "user.message" and epoch is None):
            file.unread(epoch)
            continue
        file.read(epoch)
        data = mapping_of(data)
        has_answer |= kind == "assistant.message"
        has_message |= kind == "user.message"
        if kind in _CONTEXTS:
            file.note_version(data.get("copilotVersion"))
            context = data if kind == "session.context_changed" else data.get("context")
            place = _moved(place, _context(mapping_of(context)))
        elif kind == "session.mode_changed":
            mode = str(data.get("newMode"))
        elif kind == "tool.execution_start":
            arguments = mapping_of(data.get("arguments"))
            tools.ran(data.get("toolName"), arguments.get("command"))
        elif kind == "user.message" and epoch is not None and _is_prompt(line, data):
            if event is not None:
                yield event._replace(work=tools.work)
            event = _event(line, epoch, place, file.version)
            tools = Tools(is_planning="plan" in (data.get("agentMode"), mode))
    if has_answer and not has_message:
        file.unread()  # a later version may write prompts in another form
    if event is not None:
        yield event._replace(work=tools.work)


def _is_prompt(line: dict[str, Any], data: dict[str, Any]) -> bool:
    """Whether a person wrote a message: the program writes some, and agents some to others."""
    is_agents = line.get("agentId") or data.get("agentId") or data.get("parentToolCallId")
    return not is_agents and data.get("source") in (None, "user", "human")


def _event(
    line: dict[str, Any], epoch: int, place: dict[str, str], version: str | None
) -> UsageEvent:
    return UsageEvent(
        text_of(line.get("id")) or f"{line.get('parentId')} {line.get('timestamp')}",
        NAME,
        epoch,
        version=version,
        directory=place.get("cwd") or place.get("git_root"),
        remote=place.get("repository"),
        branch=place.get("branch"),
    )


def _context(context: dict[str, Any]) -> dict[str, str]:
    """Return the workspace of a session from an event, with the keys of the workspace file."""
    names = {"cwd": "cwd", "gitRoot": "git_root", "repository": "repository", "branch": "branch"}
    return {ours: context[theirs] for theirs, ours in names.items() if text_of(context.get(theirs))}


def _moved(place: dict[str, str], context: dict[str, str]) -> dict[str, str]:
    """Return the workspace of a session after an event, which may name the folder only."""
    is_elsewhere = {"cwd", "branch", "repository"} & context.keys() and any(
        context.get(name, place.get(name)) != place.get(name) for name in ("cwd", "repository")
    )
    return context if is_elsewhere else {**place, **context}


def _workspace(path: Path) -> dict[str, str]:
    """Return the workspace of a session from its file, which has one ``key: value`` per line."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_LARGEST_WORKSPACE)
    except OSError:
        return {}
    pairs = (line.partition(":")[::2] for line in text.splitlines() if not line.startswith(" "))
    return {
        key: value.strip().strip("\"'")
        for key, value in pairs
        if key in _WORKSPACE_KEYS and value.strip().strip("\"'")
    }
