"""The history of the timer's steps: bounded, and never in a command's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.local.history import History


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.json"


def test_a_new_step_ends_what_can_be_redone(path: Path) -> None:
    """An undone step can be redone until a command adds another one."""
    history = History(str(path), lambda: 7)
    history.add("start", None, {"task": "A"}, {})
    step = history.last()
    assert step is not None
    history.mark_undone(step, in_files_only=True)
    undone_step = history.last_undone()
    assert history.last() is None
    assert undone_step == step._replace(undone_ms=7, in_files_only=True)
    history.mark_redone(undone_step)
    assert (history.last(), history.last_undone()) == (step, None)
    history.mark_undone(step, in_files_only=True)
    history.add("start", None, {"task": "B"}, {})
    assert history.last_undone() is None


def test_only_the_last_steps_are_kept(path: Path) -> None:
    """The file does not grow with the log."""
    history = History(str(path), lambda: 7)
    for number in range(60):
        history.add("start", None, {"task": f"T-{number}"}, {})
    steps = history.done()
    assert len(steps) == 50
    assert steps[-1].after == {"task": "T-59"}


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"done": [{}], "undone": []}', '{"done": 5, "undone": []}']
)
def test_a_damaged_file_is_an_empty_history(path: Path, content: str) -> None:
    """The timer's commands go on, and write the file anew."""
    path.write_text(content)
    history = History(str(path), lambda: 7)
    assert (history.done(), history.last_undone()) == ([], None)
    history.add("stop", {"task": "A"}, None, {})
    assert len(history.done()) == 1


def test_a_step_that_cannot_be_written_stops_no_command(tmp_path: Path) -> None:
    """Where the file is a folder, the step is not kept."""
    history = History(str(tmp_path), lambda: 7)
    history.add("stop", {"task": "A"}, None, {})
    assert history.done() == []
