"""Lines that no assistant writes: every value is replaced by values of other kinds."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.usage_logs import claude_answer, claude_line, codex_meta, codex_prompt, epoch, iso

from tracker.local.repositories import Repositories
from tracker.local.settings import Repository
from tracker.sources.assistants import claude_code, codex, copilot, wakatime
from tracker.sources.assistants.usage_log import FileReport, ReadReport

T = epoch("2026-06-01 09:00")
VALUES = (
    *(None, True, -1, 10**30, 1e400, "", "x", "\x00", "\ud800", "../..", "9999-99-99T99:99:99Z"),
    *("0001-01-01T00:00:00+23:59", [], [None], [[]], {}, {"type": "x"}, "HEAD", "e" * 5_000),
)
COPILOT = [
    {
        "type": "session.start",
        "timestamp": iso(T),
        "id": "a",
        "data": {"copilotVersion": "1", "context": {"cwd": "/src", "branch": "PAY-1"}},
    },
    {"type": "user.message", "timestamp": iso(T), "id": "b", "data": {"content": "x"}},
    {
        "type": "tool.execution_start",
        "timestamp": iso(T),
        "id": "c",
        "data": {"toolName": "bash", "arguments": {"command": "pytest"}},
    },
]
SHELL = {"type": "function_call", "name": "shell", "arguments": '{"command": ["pytest"]}'}
LOGS: dict[str, tuple[Any, list[Any]]] = {
    "claude-code": (
        claude_code,
        [claude_line(T, "u"), claude_answer(T, "Bash", command="pytest"), claude_line(T, "v")],
    ),
    "codex": (
        codex,
        [
            codex_meta(T, forked_from_id=None),
            *codex_prompt(T),
            {"timestamp": iso(T), "type": "response_item", "payload": SHELL},
            {"timestamp": iso(T), "type": "turn_context", "payload": {"cwd": "/src"}},
            *codex_prompt(T + 9),
        ],
    ),
    "copilot": (copilot, COPILOT),
    "wakatime": (
        wakatime,
        [{"days": [{"heartbeats": [{"time": T, "category": "ai coding", "project": "p"}]}]}],
    ),
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each value in a JSON value."""
    if not isinstance(value, dict | list):
        return
    for key in value if isinstance(value, dict) else range(len(value)):
        yield (*path, key)
        yield from places(value[key], (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy in which one value is another."""
    content = copy.deepcopy(value)
    target = content
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = new
    return content


@pytest.mark.parametrize("name", LOGS)
def test_any_value_may_be_anything(tmp_path: Path, name: str) -> None:
    """Nothing is raised, and what is yielded has an instant and can be matched."""
    reader, lines = LOGS[name]
    rng = Random(1)
    repositories = Repositories([Repository("pay", ("/src",), "h/a/pay")], ["/home/ada"])
    path = tmp_path / "events.jsonl"
    cases = [
        (number, place, value)
        for number, line in enumerate(lines)
        for place in places(line)
        for value in VALUES
    ]
    for number, place, value in rng.sample(cases, min(len(cases), 700)):
        changed = [*lines[:number], replaced(lines[number], place, value), *lines[number + 1 :]]
        path.write_text("".join(f"{json.dumps(line)}\n" for line in changed))
        report = ReadReport(name, lambda at: at // 86_400)
        file = FileReport(report, path)
        for event in reader.read_file(path, file):
            assert isinstance(event.epoch, int)
            assert repositories.project(event.directory, event.remote) in (None, "pay")
        file.close()
