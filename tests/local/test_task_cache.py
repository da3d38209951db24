"""The local copy of a developer's task keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracker.local.task_cache import TaskCache


def test_a_new_key_near_an_expected_one_is_noticed(tmp_path: Path) -> None:
    """Another developer's keys on the same machine do not count."""
    TaskCache(str(tmp_path), "ada").remember(["PAY-12", "PAY-30"], ["PAY-12"])
    cache = TaskCache(str(tmp_path), "ada")
    assert cache.similar("PAY-21") == "PAY-12"
    assert cache.similar("PAY-21", with_slips=False) is None
    assert cache.similar("pay 30", with_slips=False) == "PAY-30"
    assert cache.similar("PAY-12") is None
    assert TaskCache(str(tmp_path), "bob").similar("PAY-21") is None


def test_an_accepted_key_is_not_noticed_again(tmp_path: Path) -> None:
    """Until the database knows it, it stays in the cache, also where others come and go."""
    cache = TaskCache(str(tmp_path), "ada")
    cache.remember(["PAY-12"], ["PAY-12"])
    cache.accept("PAY-21")
    assert cache.similar("PAY-21") is None
    cache.remember(["PAY-12", "PAY-13"], ["PAY-12"])
    assert cache.similar("PAY-21") is None
    cache.remember(["PAY-12", "PAY-21"], [])
    assert json.loads((tmp_path / "tasks.json").read_text())["new"] == []


@pytest.mark.parametrize(
    "content",
    [
        *("{", "[]", '{"developer": "ada"}', '{"keys": 3}', "\\xff", "[" * 100_000),
        '{"developer": "ada", "keys": [7], "candidates": [["PAY-12"]], "new": [null]}',
    ],
    ids=str.__len__,
)
def test_a_damaged_file_counts_as_empty(tmp_path: Path, content: str) -> None:
    """It is written anew when the database is read."""
    path = tmp_path / "tasks.json"
    path.write_text(content)
    cache = TaskCache(str(tmp_path), "ada")
    assert cache.similar("PAY-21") is None
    cache.remember(["PAY-12"], ["PAY-12"])
    assert cache.similar("PAY-21") == "PAY-12"


def test_unchanged_keys_are_not_written(tmp_path: Path) -> None:
    """Every command updates the cache, but only a change touches the disk."""
    cache = TaskCache(str(tmp_path), "ada")
    cache.remember(["PAY-12"], [])
    inode = (tmp_path / "tasks.json").stat().st_ino
    cache.remember(["PAY-12"], [])
    assert (tmp_path / "tasks.json").stat().st_ino == inode
