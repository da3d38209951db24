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
        named = ", ".join(
            f"{activity} ({_arms(numbers)})"
            for activity, numbers in list(comparable.items())[:_MAX_NAMED]
        )
        rest = len(comparable) - _MAX_NAMED
        more = f" and {rest} more" if rest > 0 else ""
        return f"`tracker check` compares {named}{more}"
    return _too_few(counts, items)


def _too_few(counts: LogCounts, items: str) -> str:
    """Return the sentence about a log with an arm that is too small in every activity."""
    if not counts.arms:
        cure = "`tracker rollout --list` shows whose work has a date"
        return f"{items}, of which none has an arm: {cure}"
    activity, numbers = max(counts.arms.items(), key=lambda item: (min(item[1]), sum(item[1])))
    baseline, assistance = numbers
    need = f"{MIN_ITEMS_PER_ARM} in each arm are needed"
    if counts.by == "rollout" and baseline < MIN_ITEMS_PER_ARM:
        cure = "import the log of before, or correct the date with `tracker rollout NAME --on DATE`"
    elif counts.by == "assisted" and baseline < MIN_ITEMS_PER_ARM <= assistance:
        cure = "`tracker rollout NAME --on DATE` makes the work before that day the other arm"
    else:
        cure = "keep logging; `tracker plan` says how much more it takes"
    return f"{items}; of {activity} {_arms(numbers)}, {need}: {cure}"


def _arms(numbers: tuple[int, int]) -> str:
    baseline, assistance = numbers
    return f"{baseline:,} work items without and {assistance:,} with assistance"
