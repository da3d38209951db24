"""Claude Code's transcripts: which lines are prompts, in which folders, of which version."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from support.usage_logs import claude_answer, claude_line, epoch, iso, write_lines

from tracker.domain.usage import UsageEvent
from tracker.sources.assistants import claude_code, usage_log
from tracker.sources.assistants.usage_log import Home, ReadReport

T = epoch("2026-06-01 09:00")
PROJECT = Path(".claude", "projects", "-home-ada-src-pay")


def read(home: Path, **environ: str) -> tuple[list[UsageEvent], ReadReport]:
    """Return the prompts of a home, and what was read."""
    report = ReadReport("claude-code", lambda at: at // 86_400)
    return list(claude_code.read(Home(home, environ), report)), report


def text_blocks(*texts: str) -> dict[str, Any]:
    """Return a message of text blocks."""
    return {"role": "user", "content": [{"type": "text", "text": text} for text in texts]}


def message(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def queued(prompt: object = "and mend the tests, too", **fields: Any) -> dict[str, Any]:
    """Return the fields of an attachment with what was typed while the assistant worked."""
    attachment = {"type": "queued_command", "prompt": prompt, "commandMode": "prompt"} | fields
    return {"type": "attachment", "attachment": attachment, "message": None}


NO_PROMPTS = {
    "queued notification": queued("x", commandMode="task-notification"),
    "queued by a task": queued("x", origin={"kind": "task-notification"}),
    "queued text of the program": queued("<task-notification>done</task-notification>"),
    "queued in a side chain": queued() | {"isSidechain": True},
    "queued shell": queued("ls", commandMode="bash"),
    "another attachment": {"type": "attachment", "attachment": {"type": "skill_listing"}},
    "result of a tool": {"toolUseResult": {"stdout": "x"}},
    "block of a tool": {"message": {"role": "user", "content": [{"type": "tool_result"}]}},
    "meta": {"isMeta": True},
    "compaction": {"isCompactSummary": True, "isVisibleInTranscriptOnly": True},
    "old compaction": {
        "message": message("This session is being continued from a previous conversation that ran")
    },
    "side chain": {"isSidechain": True},
    "agent": {"agentId": "a1"},
    "command": {"message": message("<command-name>/clear</command-name>")},
    "output of a command": {"message": message("<local-command-stdout></local-command-stdout>")},
    "shell": {"message": message("<bash-input>ls</bash-input>")},
    "interruption": {"message": text_blocks("[Request interrupted by user for tool use]")},
    "notification": {"message": message("<task-notification>done</task-notification>")},
    "origin": {"origin": {"kind": "task-notification"}},
    "source": {"promptSource": "system"},
    "reminder": {"message": text_blocks("<system-reminder>x</system-reminder>")},
}
PROMPTS = {
    "text": {},
    "blocks": {"message": text_blocks("<ide_opened_file>a.py</ide_opened_file>", "mend it")},
    "picture": {"message": {"role": "user", "content": [{"type": "image", "source": {}}]}},
    "typed": {"origin": {"kind": "human"}, "promptSource": "typed"},
    "queued": {"promptSource": "queued"},
    "suggestion": {"promptSource": "suggestion_accepted"},
    "queued while busy": queued(origin={"kind": "human"}),
    "queued in an older version": queued(commandMode=None),
    "queued picture": queued([{"type": "image", "source": {}}]),
    "angle bracket": {"message": message("<div> is not closed")},
}
UNREAD = {
    "unknown source": {"promptSource": "telepathy"},
    "unknown content": {"message": {"role": "user", "content": 7}},
    "unknown mode": queued(commandMode="telepathy"),
    "unknown type": {"type": "hologram"},
    "no instant": {"timestamp": "yesterday"},
    "no zone": {"timestamp": "2026-06-01T09:00:00"},
}


@pytest.mark.parametrize("name", NO_PROMPTS)
def test_what_no_person_wrote_is_no_prompt(tmp_path: Path, name: str) -> None:
    """Results, side chains, compactions, commands and the program's own messages are left out."""
    write_lines(tmp_path / PROJECT / "s.jsonl", [claude_line(T, "u1", **NO_PROMPTS[name])])
    events, report = read(tmp_path)
    assert events == []
    assert (report.lines, report.unread) == (1, 0)


@pytest.mark.parametrize("name", PROMPTS)
def test_what_a_person_wrote_is_a_prompt(tmp_path: Path, name: str) -> None:
    """Texts, blocks, pictures, typed, queued and suggested prompts."""
    write_lines(tmp_path / PROJECT / "s.jsonl", [claude_line(T, "u1", **PROMPTS[name])])
    events, report = read(tmp_path)
    assert [(event.id, event.epoch, event.version) for event in events] == [("u1", T, "2.0.14")]
    assert report.unread == 0


def test_a_queued_prompt_is_of_the_instant_when_it_was_typed(tmp_path: Path) -> None:
    """Where the log has that; else of the instant when the assistant got it."""
    for number, at in enumerate((iso(T - 60), T * 1000, None)):
        fields = queued(timestamp=at)
        write_lines(tmp_path / PROJECT / f"{number}.jsonl", [claude_line(T, "u", **fields)])
    assert [event.epoch - T for event in read(tmp_path)[0]] == [-60, 0, 0]


@pytest.mark.parametrize(
    ("fields", "is_certain"),
    [
        ({"entrypoint": "sdk-cli", "promptSource": "sdk"}, False),
        ({"entrypoint": "sdk-py"}, False),
        ({"entrypoint": "sdk-cli", "promptSource": "typed"}, True),
        ({"entrypoint": "cli"}, True),
        ({"entrypoint": "claude-vscode"}, True),
    ],
)
def test_what_a_program_may_have_sent_is_listed_only(
    tmp_path: Path, fields: dict[str, str], is_certain: bool
) -> None:
    """As with `claude -p` in a script: nobody knows whether a person wrote it."""
    write_lines(tmp_path / PROJECT / "s.jsonl", [claude_line(T, "u1", **fields)])
    ((event,), report) = read(tmp_path)
    assert (event.is_certain, event.kind == "prompt") == (is_certain, is_certain)
    assert report.unread == 0


@pytest.mark.parametrize("name", UNREAD)
def test_an_unknown_line_is_counted_and_its_days_are_uncertain(tmp_path: Path, name: str) -> None:
    """A later version's line may be a prompt, so the days of its file have no coverage."""
    lines = [claude_line(T, "u1"), claude_line(T + 86_400, "u2", **UNREAD[name])]
    write_lines(tmp_path / PROJECT / "s.jsonl", lines)
    events, report = read(tmp_path)
    assert [event.id for event in events] == ["u1"]
    assert (report.lines, report.unread, report.unread_versions) == (2, 1, {"2.0.14"})
    assert report.is_uncertain(T // 86_400)
    assert not report.is_uncertain(T // 86_400 - 1)


def test_damaged_lines_are_unread(tmp_path: Path) -> None:
    """Cut lines, lists, bytes that are no text and nested brackets stop nothing."""
    lines = ["{", "[]", "null", "", "\x00\x00", "[" * 100_000, claude_line(T, "u1")]
    path = write_lines(tmp_path / PROJECT / "s.jsonl", lines)
    with path.open("ab") as file:
        file.write(b'\xff\xfe{"type":"user"}\n{"type":"user","mess')
    events, report = read(tmp_path)
    assert [event.id for event in events] == ["u1"]
    assert report.unread == 7


def test_a_line_that_is_too_long_is_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is passed over in pieces, and the lines around it are read."""
    monkeypatch.setattr(usage_log, "LONGEST_LINE", 2_000)
    lines = [claude_line(T, "u1"), "x" * 9_000, "y" * 1_999, claude_line(T, "u2")]
    write_lines(tmp_path / PROJECT / "s.jsonl", lines)
    events, report = read(tmp_path)
    assert [event.id for event in events] == ["u1", "u2"]
    assert report.unread == 2


def test_sub_agents_files_hold_no_prompts(tmp_path: Path) -> None:
    """What an agent asks another is in files of its own."""
    line = claude_line(T, "u1")
    write_lines(tmp_path / PROJECT / "s" / "subagents" / "agent-1.jsonl", [line])
    write_lines(tmp_path / PROJECT / "agent-2.jsonl", [line])
    assert read(tmp_path)[0] == []


def test_all_folders_are_read_and_none_twice(tmp_path: Path) -> None:
    """The old folder, the new one, those of the variable; a link to one is the same folder."""
    for folder, uuid in ((".claude", "u1"), (".config/claude", "u2"), ("other", "u3")):
        write_lines(tmp_path / folder / "projects" / "p" / "s.jsonl", [claude_line(T, uuid)])
    assert [event.id for event in read(tmp_path)[0]] == ["u1", "u2"]
    variable = f"{tmp_path}/other, {tmp_path}/.claude,{tmp_path}/missing,~nobody-here/x,,"
    events, _ = read(tmp_path, CLAUDE_CONFIG_DIR=variable)
    assert sorted(event.id for event in events) == ["u1", "u3"]
    (tmp_path / ".config" / "claude" / "projects" / "q").symlink_to(
        tmp_path / ".claude" / "projects" / "p"
    )
    assert len(read(tmp_path)[0]) == 2


def test_work_after_a_prompt(tmp_path: Path) -> None:
    """Edits, tests, planning and mere answers differ by the names of tools."""
    lines = [
        claude_line(T, "talk"),
        claude_answer(T + 1),
        claude_answer(T + 2, "Bash", command="ls tests; cat pytest.ini"),
        claude_line(T + 10, "test"),
        claude_answer(T + 11, "Bash", command="cd api && python -m pytest -q"),
        claude_line(T + 20, "edit"),
        claude_answer(T + 21, "Bash", command="npm run test"),
        claude_answer(T + 22, "Edit", file_path="/s3cret-path"),
        claude_line(T + 30, "plan", permissionMode="plan"),
        claude_answer(T + 31, "Read", file_path="/s3cret-path"),
    ]
    write_lines(tmp_path / PROJECT / "s.jsonl", lines)
    events, _ = read(tmp_path)
    assert [(event.id, event.work) for event in events] == [
        (name, name) for name in ("talk", "test", "edit", "plan")
    ]


def test_agents_time_is_what_the_log_records(tmp_path: Path) -> None:
    """Nothing is made of the gaps between lines."""
    turn = {"type": "system", "subtype": "turn_duration", "durationMs": 90_000}
    lines = [claude_line(T, "u1"), claude_answer(T + 500), claude_line(T + 500, "d", **turn)]
    write_lines(tmp_path / PROJECT / "s.jsonl", lines)
    assert read(tmp_path)[1].agent_seconds == {T // 86_400: 90.0}


@pytest.mark.parametrize(("setting", "days"), [(0, 0), (7, 7), (3_650, 30), ("x", 30), (-1, 30)])
def test_retention_is_that_of_the_settings(tmp_path: Path, setting: object, days: int) -> None:
    """0 switches transcripts off: there is no coverage then."""
    write_lines(tmp_path / PROJECT / "s.jsonl", [claude_line(T, "u1")])
    write_lines(tmp_path / ".claude" / "settings.json", [{"cleanupPeriodDays": setting}])
    assert read(tmp_path)[1].retention_days == days


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """A log of 16 MB is read line by line."""
    result = claude_line(T, "r", toolUseResult={"stdout": "x" * 8_000})
    lines = [claude_line(T, "u1"), *[result] * 2_000]
    path = write_lines(tmp_path / PROJECT / "s.jsonl", lines)
    assert path.stat().st_size > 16_000_000
    del lines
    report = ReadReport("claude-code", lambda at: at // 86_400)
    tracemalloc.start()
    try:
        count = sum(1 for _ in claude_code.read(Home(tmp_path), report))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, report.lines) == (1, 2_001)
    assert peak < 1_000_000
