"""Stretches of an assistant's use in no entry, proposed as entries to be accepted or dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracker.domain.usage import Mark, Work
from tracker.domain.usage_rule import OwnEntry

_GAP_SECONDS = 1800
"""Prompts further apart than this belong to two stretches."""
_ID_LENGTH = 8

_ACTIVITIES: dict[Work | None, str] = {"plan": "design", "talk": "design", "test": "testing"}
"""Kind of use → the activity proposed. Use with edits may be of any activity, so it has none."""


class Proposal(NamedTuple):
    """A stretch of prompts on one task's branch, without edits."""

    id: str
    activity: str
    task: str
    first_epoch: int
    last_epoch: int
    events: tuple[str, ...]
    """The marks that it is made of."""


def proposals(
    marks: Sequence[Mark], entries: Sequence[OwnEntry], dropped: Sequence[str]
) -> list[Proposal]:
    """Return the stretches of work that may be missing in the log, oldest first.

    Args:
        marks: The marks, by instant.
        entries: The entries.
        dropped: Events that a person has decided upon.

    """
    decided = set(dropped)
    stretches: list[list[Mark]] = []
    last: dict[tuple[str | None, str], list[Mark]] = {}
    for mark in prompts_outside(marks, entries):
        place = (mark.repository, mark.tasks[0])
        stretch = last.get(place)
        if stretch is None or not _continues(stretch[-1], mark):
            stretch = last[place] = []
            stretches.append(stretch)
        stretch.append(mark)
    return [
        _proposal(stretch)
        for stretch in stretches
        if stretch[0].work in _ACTIVITIES and not decided.intersection(m.event for m in stretch)
    ]


def prompts_outside(marks: Sequence[Mark], entries: Sequence[OwnEntry]) -> Iterator[Mark]:
    """Yield the prompts on the branch of one task that lie in no entry."""
    spans = sorted((entry.started_epoch, entry.ended_epoch) for entry in entries)
    position, latest_end = 0, -1
    for mark in marks:
        while position < len(spans) and spans[position][0] <= mark.epoch:
            latest_end = max(latest_end, spans[position][1])
            position += 1
        if mark.kind == "prompt" and len(mark.tasks) == 1 and mark.epoch >= latest_end:
            yield mark


def _continues(mark: Mark, other: Mark) -> bool:
    is_alike = _ACTIVITIES.get(mark.work) == _ACTIVITIES.get(other.work)
    return is_alike and other.epoch - mark.epoch <= _GAP_SECONDS


def _proposal(stretch: Sequence[Mark]) -> Proposal:
    first, last = stretch[0], stretch[-1]
    return Proposal(
        first.event.removeprefix("hook:")[:_ID_LENGTH],
        _ACTIVITIES[first.work],
        first.tasks[0],
        first.epoch,
        last.epoch,
        tuple(mark.event for mark in stretch),
    )
