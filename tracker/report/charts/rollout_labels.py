"""The names of rollouts above a course, each beside the upper end of its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tracker.domain.counts import listed
from tracker.evidence.charts.course import RolloutMark
from tracker.report.charts.text_layout import text_width

UNNAMED = "rollout"
MAX_TEAMS = 2
"""Teams of one day up to which they are named."""
PHONE_WIDTH = 260
"""Pixels of the plot on a phone."""


@dataclass(frozen=True, slots=True)
class RolloutLabel:
    """A label and its place."""

    day: int
    name: str
    anchor: Literal["left", "right"]
    """The side of the text that lies at the line."""
    row: int
    """How many rows lie between it and the plot."""


def rollout_labels(
    rollouts: Sequence[RolloutMark], first_day: int, last_day: int, margin: int
) -> list[RolloutLabel]:
    """Return the labels of the rollouts within an axis, in rows so that no line crosses a label.

    A line ends at its label. Labels stand to the right of their lines, each a row lower than the
    one before. Up to the last that does not fit there on a phone, they stand to the left, each a
    row higher than the one before. One that fits on neither side stands above all others.

    Args:
        rollouts: The rollouts by day.
        first_day: The first day of the axis.
        last_day: Its last day.
        margin: Pixels to the left of the axis.

    """
    shown = [
        (rollout.day, name)
        for rollout, name in zip(rollouts, rollout_names(rollouts), strict=True)
        if first_day < rollout.day < last_day
    ]
    day_width = PHONE_WIDTH / (last_day - first_day)
    crowded = [text_width(name) > day_width * (last_day - day) for day, name in shown]
    falling = shown[max((i + 1 for i, is_crowded in enumerate(crowded) if is_crowded), default=0) :]
    others = shown[: len(shown) - len(falling)]
    rising = [
        (day, name)
        for day, name in others
        if text_width(name) <= margin + day_width * (day - first_day)
    ]
    above = [label for label in others if label not in rising]
    top = max(len(rising), len(falling))
    return sorted(
        (
            *(RolloutLabel(*label, "left", row + top) for row, label in enumerate(above[::-1])),
            *(RolloutLabel(*label, "right", row) for row, label in enumerate(rising)),
            *(RolloutLabel(*label, "left", row) for row, label in enumerate(falling[::-1])),
        ),
        key=lambda label: label.day,
    )


def rollout_names(rollouts: Sequence[RolloutMark]) -> tuple[str, ...]:
    """Return the label of each rollout: "Helper 1.0: team Elm", or "team Fir" if it follows.

    ``UNNAMED`` where nothing may be named.
    """
    names: list[str] = []
    before: tuple[str, ...] = ()
    for rollout in rollouts:
        assistants = listed(rollout.assistants) if rollout.assistants != before else ""
        name = ": ".join(filter(None, [assistants, _team_words(rollout.teams)]))
        names.append(name or listed(rollout.assistants) or UNNAMED)
        before = rollout.assistants
    return tuple(names)


def _team_words(teams: tuple[str, ...]) -> str:
    if len(teams) > MAX_TEAMS:
        return f"{len(teams)} teams"
    return f"team{'s' if len(teams) > 1 else ''} {listed(teams)}" if teams else ""
