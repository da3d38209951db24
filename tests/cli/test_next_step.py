"""What an import says to type next, by what the log holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tracker.cli.next_step import next_steps
from tracker.domain.arms import LogCounts


def first(by: str, arms: Mapping[str, tuple[int, int]], items: int = 1332) -> str:
    """Return the first line for a log in which every work item has an estimate."""
    return next(iter(next_steps(LogCounts(items, items, by, arms))))


def test_without_a_rollout_its_date_is_the_next_step() -> None:
    """The baseline is counted."""
    assert first("baseline", {"design": (1332, 0)}) == (
        "next: 1,332 work items, no rollout yet: `tracker rollout NAME --on DATE` sets since when "
        "there is an assistant, and splits them into before and after"
    )


def test_with_enough_in_both_arms_the_verdict_is_the_next_step() -> None:
    """The activities with most work are named; eight in each arm are enough."""
    arms = {"coding": (8, 8), "design": (120, 98), "testing": (80, 60), "review": (200, 7)}
    assert first("rollout", arms) == (
        "next: `tracker check` compares 218 work items of design and 140 work items of testing, "
        "with and without assistance, and 1 more activity"
    )


@pytest.mark.parametrize(
    ("by", "numbers", "cure"),
    [
        ("rollout", (104, 3), "keep logging; `tracker plan`"),
        ("rollout", (0, 90), "import the log of before, or correct the date"),
        ("assisted", (0, 90), "makes the work before that day the other arm"),
        ("assisted", (40, 7), "keep logging"),
        ("assigned", (3, 4), "keep logging"),
    ],
)
def test_an_arm_that_is_too_small_is_named_with_its_cure(
    by: str, numbers: tuple[int, int], cure: str
) -> None:
    """The cure fits the smaller arm and what the arms are recorded by."""
    text = first(by, {"design": numbers})
    assert (
        f"design has {numbers[0]} without and {numbers[1]} with assistance, and 8 of each are "
        "needed: "
    ) in text
    assert cure in text


def test_work_without_an_arm_is_told() -> None:
    """A rollout of another team concerns none of it."""
    assert "of which none has an arm: see `tracker rollout --list`" in first("rollout", {})


@pytest.mark.parametrize(
    ("estimated", "text"),
    [(0, "no estimates"), (40, "40 of 100 work items have an estimate"), (50, None), (100, None)],
)
def test_missing_estimates_are_told_with_what_they_cost(estimated: int, text: str | None) -> None:
    """None at all, or fewer than half."""
    lines = list(next_steps(LogCounts(100, estimated, "baseline", {"design": (100, 0)})))
    assert len(lines) == (1 if text is None else 2)
    assert text is None or text in lines[1]


def test_an_empty_log_has_no_next_step() -> None:
    """An import of tasks alone leaves nothing to compare."""
    assert list(next_steps(LogCounts(0, 0, "baseline", {}))) == []
