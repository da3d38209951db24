"""The work needed in each arm, and the day from which each developer had an assistant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.domain.records import Cutover, Rollout

SPAN_WEEKS = (8, 16, 32)
"""Weeks since a rollout at which one span ends and the next begins: newer and older rollouts."""

MIN_ITEMS_PER_ARM = 8
"""Work items that each arm must hold for an interval."""


def first_cutovers(rollouts: Iterable[Rollout]) -> tuple[Cutover, ...]:
    """Return the day from which each developer, team or everybody had any assistant, sorted.

    For one assistant the narrower rollout takes precedence (developer, team, everybody). Of several
    assistants the earliest counts. An assistant rolled out to everybody therefore counts for named
    developers and teams too, unless they have a date of their own for it. Membership of teams is
    not available to this function: a developer's dates take precedence over those of the team.
    """
    days_by_scope: dict[tuple[str | None, str | None], dict[str, int]] = {}
    for rollout in rollouts:
        days = days_by_scope.setdefault((rollout.developer, rollout.team), {})
        days[rollout.assistant] = min(rollout.day, days.get(rollout.assistant, rollout.day))
    everybody = days_by_scope.get((None, None), {})
    scopes = sorted(days_by_scope.items(), key=lambda item: tuple(part or "" for part in item[0]))
    return tuple(
        Cutover(min({**everybody, **days}.values()), developer, team)
        for (developer, team), days in scopes
    )


@dataclass(frozen=True, slots=True)
class LogCounts:
    """Counts of the work in a log that may be compared."""

    items: int
    """Work items of whatever arm and status."""
    estimated: int
    """The number of them with an estimate."""
    by: str
    """What the arms are recorded by, as in ``ArmRule.by``; ``baseline``: by nothing."""
    arms: Mapping[str, tuple[int, int]]
    """Activity → its work items in the baseline arm and in the assistance arm."""
    finished: Mapping[str, tuple[int, int]]
    """The same of the finished ones, which alone are compared."""

    @property
    def comparable(self) -> dict[str, tuple[int, int]]:
        """The activities with enough finished items in both arms, those of most items first."""
        enough = {a: n for a, n in self.finished.items() if min(n) >= MIN_ITEMS_PER_ARM}
        return dict(sorted(enough.items(), key=lambda item: -sum(item[1])))
