"""What to type next after an import, and what that will be able to say."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.domain.arms import MIN_ITEMS_PER_ARM, LogCounts
from tracker.domain.counts import count_of

_MAX_NAMED = 2
"""Activities whose counts are named."""


def next_steps(counts: LogCounts) -> Iterator[str]:
    """Yield the next command with what it will say, then what missing estimates cost.

    Args:
        counts: What the log holds.
    """
    if not counts.items:
        return
    yield f"next: {_command(counts)}"
    if not counts.estimated:
        yield (
            "  no estimates: large and small tasks count alike, so intervals are wider and another "
            "mix of tasks looks like a gain; `tracker import tasks FILE` brings estimates"
        )
    elif 2 * counts.estimated < counts.items:
        yield (
            f"  {counts.estimated:,} of {count_of(counts.items, 'work item')} have an estimate: "
            "the others are compared without their size"
        )


def _command(counts: LogCounts) -> str:
    """Return the sentence about the next command."""
    items = count_of(counts.items, "work item")
    if counts.by == "baseline":
        return (
            f"{items}, no rollout yet: `tracker rollout NAME --on DATE` sets since when there is "
            "an assistant, and splits them into before and after"
        )
    comparable = counts.comparable
    if comparable:
        named = " and ".join(
            f"{sum(numbers):,} work items of {activity}"
            for activity, numbers in list(comparable.items())[:_MAX_NAMED]
        )
        rest = len(comparable) - _MAX_NAMED
        more = f", and {count_of(rest, 'more activity', 'more activities')}" if rest > 0 else ""
        return f"`tracker check` compares {named}, with and without assistance{more}"
    return _too_few(counts, items)


def _too_few(counts: LogCounts, items: str) -> str:
    """Return the sentence about a log with an arm that is too small in every activity."""
    if not counts.arms:
        return f"{items}, of which none has an arm: see `tracker rollout --list`"
    activity, numbers = max(counts.arms.items(), key=lambda item: (min(item[1]), sum(item[1])))
    baseline, assistance = numbers
    is_without_baseline = baseline < MIN_ITEMS_PER_ARM
    if counts.by == "rollout" and is_without_baseline:
        cure = "import the log of before, or correct the date with `tracker rollout NAME --on DATE`"
    elif counts.by == "assisted" and is_without_baseline:
        cure = "`tracker rollout NAME --on DATE` makes the work before that day the other arm"
    else:
        cure = "keep logging; `tracker plan` says how much more it takes"
    return (
        f"{items}; {activity} has {baseline:,} without and {assistance:,} with assistance, and "
        f"{MIN_ITEMS_PER_ARM} of each are needed: {cure}"
    )
