"""The local copy of the database's activities."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracker.domain.errors import BadValue
from tracker.domain.records import ACTIVITIES
from tracker.local.activity_cache import ActivityCache


def test_an_unknown_activity_is_refused_with_the_most_similar(tmp_path: Path) -> None:
    """`desgin` creates no activity; if no name is similar the message lists all of them."""
    cache = ActivityCache(str(tmp_path))
    assert cache.check("design") == "design"
    with pytest.raises(BadValue, match=r"'desgin': did you mean design\?"):
        cache.check("desgin")
    with pytest.raises(BadValue, match=r"did you mean testing\?"):
        cache.check("TESTING")
    with pytest.raises(BadValue, match="choose one of design, testing, "):
        cache.check("xyz")


def test_an_activity_may_be_cut_short(tmp_path: Path) -> None:
    """A beginning names the one activity that begins so; a whole name is never a beginning."""
    cache = ActivityCache(str(tmp_path))
    assert cache.check("des") == "design"
    assert cache.check("t") == "testing"
    with pytest.raises(BadValue, match="'d': it may be design or documentation; give more of it"):
        cache.check("d")
    with pytest.raises(BadValue, match="choose one of"):
        cache.check("")
    cache.remember(["test", "testing"])
    assert cache.check("test") == "test"


def test_activities_are_cached(tmp_path: Path) -> None:
    """The last state of the database counts; a damaged file counts as empty and is rewritten."""
    cache = ActivityCache(str(tmp_path))
    assert tuple(cache.names()) == ACTIVITIES
    cache.remember(["design", "deployment"])
    assert cache.check("deployment") == "deployment"
    (tmp_path / "activities.json").write_text("{")
    assert tuple(cache.names()) == ACTIVITIES
    cache.remember(ACTIVITIES)
    assert json.loads((tmp_path / "activities.json").read_text()) == list(ACTIVITIES)


def test_unchanged_activities_are_not_written(tmp_path: Path) -> None:
    """Every command updates the cache, but only a change touches the disk."""
    cache = ActivityCache(str(tmp_path))
    cache.remember(["design"])
    inode = (tmp_path / "activities.json").stat().st_ino
    cache.remember(["design"])
    assert (tmp_path / "activities.json").stat().st_ino == inode
    cache.remember(["design", "review"])
    assert (tmp_path / "activities.json").stat().st_ino != inode
