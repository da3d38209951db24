"""Codex CLI: the rollouts under ``sessions/`` and ``archived_sessions/`` of its folder.

Each prompt stands twice in a rollout, and injected context is of role user, too: prompts are the
events ``user_message``, and since version 0.148 ``item_completed`` with a ``UserMessage``. The
branch is that of the start of the session.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker.domain.usage import UsageEvent
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

NAME = "codex"

_TYPES = frozenset(
    {
        *("session_meta", "response_item", "event_msg", "turn_context", "compacted"),
        *("ghost_snapshot", "world_state"),
        *("inter_agent_communication", "inter_agent_communication_metadata"),
    }
)
_TOOL_TYPES = ("function_call", "custom_tool_call", "local_shell_call")
_PROGRAM_SOURCES = ("exec", "mcp")
"""How sessions begin whose prompts a script or another agent may have written."""
_REPLAY_SECONDS = 1
"""A fork writes the lines of its parent within this time of its own beginning; a prompt that stands
in two forms is written within it."""


def folder(home: Home) -> Path:
    """Return Codex's folder."""
    return Path(home.environ.get("CODEX_HOME") or home.path / ".codex")


def files(home: Home) -> list[Path]:
    """Return the rollouts; of a plain and a compressed one of the same name, the plain one."""
    paths = [
        path
        for name in ("sessions", "archived_sessions")
        for path in log_files(folder(home) / name, "rollout-*.jsonl", "rollout-*.jsonl.zst")
    ]
    by_name: dict[str, Path] = {}
    for path in sorted(paths, key=lambda path: (path.suffix == ".zst", str(path))):
        by_name.setdefault(path.name.removesuffix(".zst"), path)
    return unique_paths(by_name.values())


def read(home: Home, report: ReadReport) -> Iterator[UsageEvent]:
    """Yield the prompts of a home."""
    report.has_log = is_folder(folder(home) / "sessions")
    yield from read_files(files(home), report, read_file)


def read_file(path: Path, file: FileReport) -> Iterator[UsageEvent]:
    """Yield the prompts of one rollout, each with what was done before the next one."""
    session = _Session()
    event: UsageEvent | None = None
    tools, count = Tools(), 0
    for line in json_lines(path, file):
        kind, epoch = text_of(line.get("type")), epoch_of(line.get("timestamp"))
        payload = _payload(line, epoch, file)
        if payload is None:
            continue
        if kind == "event_msg" and (form := _prompt_form(payload)):
            if epoch is None or not session.is_known:
                file.unread(epoch)
                continue
            file.read(epoch)
            if session.is_prompt(payload, epoch, form):
                if event is not None:
                    yield event._replace(work=tools.work)
                count += 1
                event = session.event(epoch, f"{line.get('timestamp')} {count}", file.version)
                tools = Tools(is_planning=session.is_planning)
            continue
        file.read(epoch)
        session.note(str(kind), payload, epoch, file)
        if kind == "response_item" and payload.get("type") in _TOOL_TYPES:
            tools.ran(payload.get("name"), _command(payload))
    if session.lacks_prompt:
        file.unread()  # a later version may write prompts in another form
    if event is not None:
        yield event._replace(work=tools.work)


class _Session:
    """The metadata of a session in a rollout."""

    def __init__(self) -> None:
        self.is_known = False
        self.is_planning = False
        self._id = ""
        self._is_person = True
        self._is_programs = False
        self._has_answer = False
        self._last_prompt: tuple[str, int] | None = None
        self._replayed_until: int | None = None
        self._start_directory: str | None = None
        self._directory: str | None = None
        self._branch: str | None = None
        self._remote: str | None = None

    def note(self, kind: str, payload: dict[str, Any], epoch: int | None, file: FileReport) -> None:
        """Read a line that is not a prompt. A second ``session_meta`` is the parent's."""
        if kind == "turn_context":
            self._directory = text_of(payload.get("cwd")) or self._directory
            mode = mapping_of(payload.get("collaboration_mode")).get("mode")
            self.is_planning = mode == "plan"
        if kind == "response_item":
            is_message = payload.get("type") == "message" and payload.get("role") == "assistant"
            self._has_answer |= is_message or payload.get("type") in _TOOL_TYPES
        if kind != "session_meta" or self.is_known:
            return
        self.is_known = True
        self._id = str(payload.get("id") or payload.get("session_id"))
        file.note_version(payload.get("cli_version"))
        source, thread = payload.get("source"), payload.get("thread_source")
        self._is_person = not (
            (isinstance(source, dict) and "subagent" in source) or thread == "subagent"
        )
        self._is_programs = source in _PROGRAM_SOURCES if isinstance(source, str) else False
        if payload.get("forked_from_id") or payload.get("parent_thread_id"):
            begun = epoch_of(payload.get("timestamp"))
            instants = [instant for instant in (begun, epoch) if instant is not None]
            self._replayed_until = max(instants) + _REPLAY_SECONDS if instants else None
        git = mapping_of(payload.get("git"))
        self._start_directory = self._directory = text_of(payload.get("cwd"))
        self._branch = text_of(git.get("branch"))
        self._remote = text_of(git.get("repository_url"))

    def is_prompt(self, payload: dict[str, Any], epoch: int, form: str) -> bool:
        """Return whether a line is a prompt of this session, and no line of its parent.

        A prompt may stand in both forms, one right after the other.
        """
        last, self._last_prompt = self._last_prompt, (form, epoch)
        is_repeated = last is not None and last[0] != form and epoch - last[1] <= _REPLAY_SECONDS
        is_replay = self._replayed_until is not None and epoch <= self._replayed_until
        is_plain = payload.get("kind") in (None, "plain")
        return self._is_person and is_plain and not is_replay and not is_repeated

    @property
    def lacks_prompt(self) -> bool:
        """Whether a person's session has answers, but no prompt that is understood."""
        return self._is_person and self._has_answer and self._last_prompt is None

    def event(self, epoch: int, number: str, version: str | None) -> UsageEvent:
        """Return a prompt; in another folder than at the start, neither URL nor branch holds."""
        is_at_start = self._directory == self._start_directory
        return UsageEvent(
            f"{self._id} {number}",
            NAME,
            epoch,
            "activity" if self._is_programs else "prompt",
            version=version,
            directory=self._directory,
            remote=self._remote if is_at_start else None,
            branch=self._branch if is_at_start else None,
            is_certain=not self._is_programs,
        )


def _prompt_form(payload: dict[str, Any]) -> str | None:
    """Return in which form an event is a prompt; None where it is none."""
    kind = payload.get("type")
    if kind == "item_completed" and mapping_of(payload.get("item")).get("type") == "UserMessage":
        return "item"
    return "message" if kind == "user_message" else None


def _payload(line: dict[str, Any], epoch: int | None, file: FileReport) -> dict[str, Any] | None:
    """Return the payload of a line; None where it has none that is known, which is counted."""
    payload = line.get("payload")
    if text_of(line.get("type")) in _TYPES and isinstance(payload, dict):
        return payload
    if "payload" not in line and "record_type" in line:
        file.read(epoch)  # of the first rollouts, whose lines have no envelope and no prompts
    else:
        file.unread(epoch)
    return None


def _command(payload: dict[str, Any]) -> object:
    """Return the command of a shell tool, from its arguments as JSON."""
    if action := mapping_of(payload.get("action")):
        return action.get("command")
    arguments = payload.get("arguments")
    if not isinstance(arguments, str):
        return None
    try:
        values = mapping_of(json.loads(arguments))
    except (ValueError, RecursionError):
        return None
    return values.get("command") or values.get("cmd")
