"""Hours per developer-week by activity and arm: where the hours went."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActivityHours:
    """Hours of one activity per developer-week, by arm."""

    activity: str
    baseline: float
    assistance: float
    no_arm: float = 0.0


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours per developer-week: a week in which a developer logged anything.

    The activities add up to all hours: each side of a rollout to those of a developer-week on that
    side; arms that share their weeks together to those of a developer-week.
    """

    activities: tuple[ActivityHours, ...]
    """The largest first, and last those merged into one."""
    by_date: bool
    """Whether a rollout divides the weeks. Otherwise the arms share them."""
    developers: int
    """With rollouts those who have weeks on both sides; others are left out."""
    baseline_weeks: int
    """Developer-weeks before the rollout; of shared weeks all developer-weeks."""
    assistance_weeks: int
    """Developer-weeks after the rollout; of shared weeks 0."""
    merged: int = 0
    """Activities that are shown as one, since fewer than five developers stand behind them."""

    @property
    def totals(self) -> ActivityHours:
        """All activities together."""
        sums = (
            math.fsum(getattr(hours, name) for hours in self.activities)
            for name in ("baseline", "assistance", "no_arm")
        )
        return ActivityHours("all activities", *sums)
