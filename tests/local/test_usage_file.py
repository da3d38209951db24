"""The file of marks: private, whole after a crash, and readable where a line is damaged."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tracker.domain.errors import BadValue
from tracker.domain.usage import Mark, salted_hash
from tracker.domain.usage_rule import Inference
from tracker.local.usage_file import UsageFiles, new_header
from tracker.local.usage_state import UsageState, state_of, state_text

MARKS = (
    Mark("e1", "claude-code", 1_000, tasks=("PAY-1", "PAY-2"), branch="b", work="plan"),
    Mark("e2", "git", 2_000, "commit", version="1", is_certain=False, places=("p",)),
)


@pytest.fixture
def files(tmp_path: Path) -> UsageFiles:
    """The files of a data folder, with two marks."""
    usage = UsageFiles(str(tmp_path / "data"))
    with usage.locked():
        usage.write(new_header(os.urandom, None), reversed(MARKS))
    return usage


def test_marks_are_read_as_they_were_written(files: UsageFiles) -> None:
    """Sorted by instant, with every field."""
    usage = files.read()
    assert usage is not None
    assert (usage.marks, usage.damaged) == (MARKS, 0)


def test_files_and_folder_are_private(files: UsageFiles) -> None:
    """Nobody else may read them."""
    files.write_state(UsageState(covered=frozenset({1})))
    modes = {
        path: stat.S_IMODE(Path(path).stat().st_mode)
        for path in (files.marks_path, files.state_path)
    }
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(Path(files.folder).stat().st_mode) == 0o700


def test_damaged_lines_are_counted(files: UsageFiles) -> None:
    """The others are read."""
    with Path(files.marks_path).open("a") as file:
        file.write('{"event": "e3"}\n[]\n{"event": 1, "assistant": "x", "epoch": "y"}\n{"ev')
    usage = files.read()
    assert usage is not None
    assert (usage.marks, usage.damaged) == (MARKS, 4)


@pytest.mark.parametrize("header", ["", "{}", '{"salt": "00", "machine": "m"}', "[1]", "x"])
def test_a_file_without_a_salt_is_refused(files: UsageFiles, header: str) -> None:
    """Marks of another salt would match nothing."""
    Path(files.marks_path).write_text(f"{header}\n")
    with pytest.raises(BadValue, match="has no header with a salt"):
        files.read()


def test_hashes_depend_on_the_salt_and_on_what_is_hashed() -> None:
    """So neither a list of likely branches nor another file tells them."""
    first, second = (new_header(os.urandom, None).salt for _ in range(2))
    assert salted_hash(first, "branch", "x") == salted_hash(first, "branch", "x")
    hashes = {salted_hash(salt, kind, "x") for salt in (first, second) for kind in ("branch", "p")}
    assert len(hashes) == 4


def test_forgetting_deletes_the_files(files: UsageFiles) -> None:
    """Also where one of them is missing."""
    files.forget()
    files.forget()
    assert files.read() is None
    assert files.state() == UsageState()


STATE = UsageState(
    {"codex 1": 7},
    frozenset({3, 4}),
    {"codex 1": frozenset({4})},
    {"e": Inference(("yes", "usage"), ("unknown", None))},
    ("m",),
    {"0a": 9},
    "ada",
)


def test_the_state_is_read_as_it_was_written() -> None:
    """Each part of it."""
    assert state_of(json.loads(state_text(STATE))) == STATE


@pytest.mark.parametrize("part", STATE._fields)
@pytest.mark.parametrize("value", [None, 5, "x", [1], [[1, 2]], {"x": 1.5}, {"x": [1, 2]}])
def test_a_damaged_part_of_the_state_is_left_out(part: str, value: object) -> None:
    """The other parts stay, and what was left out is written no more."""
    state = state_of(json.loads(state_text(STATE)) | {part: value})
    assert state._replace(**{part: None}) == STATE._replace(**{part: None})
    assert state_of(json.loads(state_text(state))) == state


@pytest.mark.parametrize("line", ['{"event": "e", "assistant": "x", "epoch": 1e3}', "{", "[]", "7"])
def test_a_line_that_holds_no_mark_is_damaged(files: UsageFiles, line: str) -> None:
    """Also one of an instant that no clock shows."""
    files.write(new_header(os.urandom, None), ())
    with Path(files.marks_path).open("a") as file:
        file.write(f'{line}\n{{"event": "e", "assistant": "x", "epoch": {10**30}}}\n')
    usage = files.read()
    assert usage is not None
    assert (usage.marks, usage.damaged) == ((), 2)
