"""The next command after an import, and what it will show.

A command that is proposed must answer: the test runs it.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator

from tracker.domain.arms import MIN_ITEMS_PER_ARM, LogCounts
from tracker.domain.counts import count_of
from tracker.domain.records import MaturityRule

_MAX_NAMED = 2
"""Activities whose counts are named."""

_MIN_PLANNED_ITEMS = 20
"""Finished work items of a baseline from which a plan is proposed. Eight suffice, but some of them
may have begun too late to count."""


def next_steps(counts: LogCounts, claimed_activities: Collection[str]) -> Iterator[str]:
    """Yield the next command with what it will say, then what missing estimates cost.

    Args:
        counts: What the log holds.
        claimed_activities: The activities that `tracker check` judges if none is named.
    """
    if not counts.items:
        return
    yield f"next: {_command(counts, claimed_activities)}"
    if not counts.estimated:
        yield (
            "  no estimates: large and small tasks count alike, so intervals are wider and another "
            "mix of tasks looks like a gain; `tracker import tasks FILE` brings estimates"
        )
    elif 2 * counts.estimated < counts.items:
        yield (
            f"  {counts.estimated:,} of {count_of(counts.items, 'work item')} "
            f"{'has' if counts.estimated == 1 else 'have'} an estimate: "
            "the others are compared without their size"
        )


def _command(counts: LogCounts, claimed_activities: Collection[str]) -> str:
    """Return the sentence about the next command."""
    items = count_of(counts.items, "work item")
    if counts.by == "baseline":
        return (
            f"{items}, no rollout yet: `tracker rollout NAME --on DATE` sets since when there is "
            "an assistant, and splits them into before and after"
        )
    comparable = counts.comparable
    if not comparable:
        return _too_few(counts, claimed_activities, items)
    judged = {a: n for a, n in comparable.items() if a in claimed_activities}
    if not judged:
        activity = next(iter(comparable))
        judged = {activity: comparable[activity]}
    named = " and ".join(
        f"{sum(numbers):,} finished work items of {activity}"
        for activity, numbers in list(judged.items())[:_MAX_NAMED]
    )
    rest = len(judged) - _MAX_NAMED
    more = f", and {count_of(rest, 'more activity', 'more activities')}" if rest > 0 else ""
    command = _check(next(iter(judged)), claimed_activities)
    return f"{command} compares {named}, with and without assistance{more}"


def _check(activity: str, claimed_activities: Collection[str]) -> str:
    """Return the command that judges an activity, among others."""
    option = "" if activity in claimed_activities else f" --activity {shlex.quote(activity)}"
    return f"`tracker check{option}`"


def _too_few(counts: LogCounts, claimed_activities: Collection[str], items: str) -> str:
    """Return the sentence about a log with an arm that is too small in every activity."""
    if not counts.arms:
        return f"{items}, of which none has an arm: see `tracker rollout --list`"
    activity = max(counts.arms, key=lambda name: (min(counts.arms[name]), sum(counts.arms[name])))
    baseline, assistance = counts.finished[activity]
    return (
        f"{items}; of {activity} {baseline:,} finished without and {assistance:,} with assistance, "
        f"and {MIN_ITEMS_PER_ARM} of each are needed: {_hint(counts, claimed_activities, activity)}"
    )


def _hint(counts: LogCounts, claimed_activities: Collection[str], activity: str) -> str:
    """Return the step that brings an activity enough work items in both arms."""
    if min(counts.arms[activity]) >= MIN_ITEMS_PER_ARM:
        return (
            "a task is finished when `tracker task KEY --done` says so, or "
            f"{MaturityRule(0).quiet_days} days after its last entry"
        )
    is_without_baseline = counts.arms[activity][0] < MIN_ITEMS_PER_ARM
    if counts.by == "rollout" and is_without_baseline:
        return "import the log of before, or correct the date with `tracker rollout NAME --on DATE`"
    if counts.by == "assisted" and is_without_baseline:
        return "`tracker rollout NAME --on DATE` makes the work before that day the other arm"
    has_spread = counts.finished[activity][0] >= _MIN_PLANNED_ITEMS
    if has_spread and activity in claimed_activities:
        return "keep logging; `tracker plan` says how much more it takes"
    return f"keep logging; {_check(activity, claimed_activities)} says what is missing"
