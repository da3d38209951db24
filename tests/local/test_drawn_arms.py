"""The local copy of the drawn arms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.local.drawn_arms import DrawnArmCache


def test_the_arms_of_one_developer_replace_their_former_ones_only(tmp_path: Path) -> None:
    """Two developers who share a machine do not get each other's arms."""
    cache = DrawnArmCache(str(tmp_path))
    cache.remember("ada", [("design", "PAY-1", "assistance"), ("testing", "PAY-1", "baseline")])
    cache.remember("bob", [("design", "PAY-1", "baseline")])
    cache.remember("ada", [("design", "PAY-2", "baseline")])
    assert cache.arm("ada", "design", "PAY-2") == "baseline"
    assert cache.arm("ada", "design", "PAY-1") is None
    assert cache.arm("ada", "testing", "PAY-1") is None
    assert cache.arm("bob", "design", "PAY-1") == "baseline"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "null",
        '{"ada": 1}',
        '{"ada": {"design": []}}',
        '{"ada": {"design": {"T": 1}}}',
    ],
)
def test_a_damaged_file_is_an_empty_cache(tmp_path: Path, content: str) -> None:
    """Logging goes on, and the next command that reads the database writes the file anew."""
    (tmp_path / "drawn_arms.json").write_text(content)
    cache = DrawnArmCache(str(tmp_path))
    assert cache.arm("ada", "design", "T") is None
    cache.remember("ada", [("design", "T", "assistance")])
    assert cache.arm("ada", "design", "T") == "assistance"


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """The arm is filled in by the database then."""
    (tmp_path / "file").write_text("")
    DrawnArmCache(str(tmp_path / "file")).remember("ada", [("design", "T", "assistance")])
