"""The build-up of the evidence: the interval as it stood at the end of each week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.records import ARMS
from tracker.evidence.assessment import ActivityChartData, InterimLook
from tracker.evidence.charts.claim_lines import ClaimLine, claim_lines
from tracker.evidence.charts.course import first_day_of_week
from tracker.evidence.moments import Cells, cells_from_moments
from tracker.evidence.results import Interval, Result

MAX_LOOKS = 30

EstimateUntil = Callable[[Cells, int], Interval | None]
"""Estimates θ from the closed items that began until a day, and that last day."""


@dataclass(frozen=True, slots=True)
class BuildupData:
    """The looks at one activity that had an interval, in date order, and the claims."""

    activity: str
    looks: tuple[InterimLook, ...]
    claim_lines: tuple[ClaimLine, ...]

    @property
    def has_anytime(self) -> bool:
        """Whether there is a band that remains valid when it is read every week."""
        return any(look.anytime for look in self.looks)


def buildup_data(
    chart_data: ActivityChartData, results: tuple[Result, ...] = ()
) -> BuildupData | None:
    """Return the looks at one activity; None where fewer than two weeks had an interval."""
    looks = tuple(look for look in chart_data.looks if look.log_ratio)
    if len(looks) < 2:
        return None
    return BuildupData(chart_data.activity, looks, claim_lines(chart_data.activity, results))


def interim_looks(
    weekly: pd.DataFrame,
    estimate: EstimateUntil,
    anytime: EstimateUntil | None = None,
    *,
    own_log: bool = False,
) -> tuple[InterimLook, ...]:
    """Estimate θ as it stood at the end of up to 30 weeks, evenly spaced, the last one included.

    Weeks before five developers have worked in each arm are left out, since an early look would
    show the work of those few. In the reader's own log one developer is enough.

    Args:
        weekly: Moments of one activity by week and ``month``.
        estimate: Called with the closed items until each week's last day, by month: the last look
            is the headline.
        anytime: The same with bounds that hold at all looks together; None to leave them out.
        own_log: Whether the log is the reader's own.

    """
    closed = weekly[weekly["status"] == "closed"]
    weeks = _spaced(_weeks_with_developers(closed, 1 if own_log else MIN_DEVELOPERS_SHOWN))
    cells = cells_from_moments(closed.assign(period=closed["month"]))
    week_of_cell = closed["period"].to_numpy()
    looks = []
    for week in weeks:
        until = cells.select(week_of_cell <= week)
        last_day = first_day_of_week(week) + 6
        looks.append(
            InterimLook(
                last_day,
                until.items,
                estimate(until, last_day),
                anytime(until, last_day) if anytime else None,
            )
        )
    return tuple(looks)


def _weeks_with_developers(closed: pd.DataFrame, min_developers: int) -> list[int]:
    """Return the weeks from which on each arm has had at least so many developers."""
    first_weeks = [
        np.sort(rows.groupby("developer")["period"].min()) for _, rows in closed.groupby("arm")
    ]
    if len(first_weeks) < len(ARMS) or min(map(len, first_weeks)) < min_developers:
        return []
    start = max(arm_weeks[min_developers - 1] for arm_weeks in first_weeks)
    weeks = np.unique(closed["period"])
    return [int(week) for week in weeks[weeks >= start]]


def _spaced(weeks: list[int]) -> list[int]:
    """Return at most ``MAX_LOOKS`` of the weeks, evenly spaced, the last one included."""
    if not weeks:
        return []
    positions = np.linspace(0, len(weeks) - 1, min(MAX_LOOKS, len(weeks)))
    return [weeks[position] for position in np.unique(positions.round().astype(int))]
