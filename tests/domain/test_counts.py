"""Numbers of things in words."""

from __future__ import annotations

from tracker.domain.counts import count_of


def test_one_thing_is_named_in_the_singular() -> None:
    """The plural has an s where no other one is given."""
    assert count_of(1, "task") == "1 task"
    assert count_of(0, "task") == "0 tasks"
    assert count_of(1_200, "entry", "entries") == "1,200 entries"
