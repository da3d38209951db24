"""Where the time goes: the hours of each activity in either arm."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.records import ARMS
from tracker.evidence.results import ActivityHours, Assessment


@dataclass(frozen=True, slots=True)
class HoursShare:
    """One activity's share of the hours in each arm, a fraction; None for an arm without hours."""

    activity: str
    baseline_hours: float
    assistance_hours: float
    baseline: float | None
    assistance: float | None


@dataclass(frozen=True, slots=True)
class HoursData:
    """The activities with their shares, the largest first."""

    shares: tuple[HoursShare, ...]
    suppressed: int
    """Activities left out, since fewer than five developers stand behind one of their arms."""


def hours_data(assessment: Assessment) -> HoursData | None:
    """Return each activity's share of all hours; None where nothing was logged or may be shown."""
    hours = assessment.hours
    totals = sum(h.baseline_hours for h in hours), sum(h.assistance_hours for h in hours)
    shares = [
        HoursShare(
            activity=h.activity,
            baseline_hours=h.baseline_hours,
            assistance_hours=h.assistance_hours,
            baseline=h.baseline_hours / totals[0] if totals[0] else None,
            assistance=h.assistance_hours / totals[1] if totals[1] else None,
        )
        for h in hours
        if h.baseline_hours or h.assistance_hours
    ]
    shares.sort(key=lambda s: (-(s.baseline or 0) - (s.assistance or 0), s.activity))
    return HoursData(tuple(shares), assessment.hours_suppressed) if shares else None


def hours_by_activity(seconds: pd.DataFrame) -> tuple[ActivityHours, ...]:
    """Return the hours of each activity, by name; an activity absent from an arm has 0 in it.

    Args:
        seconds: ``seconds`` by ``activity`` and ``arm``.

    """
    if seconds.empty:
        return ()
    table = seconds.pivot_table(
        index="activity", columns="arm", values="seconds", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=list(ARMS), fill_value=0) / 3600
    return tuple(
        ActivityHours(str(activity), float(baseline), float(assistance))
        for activity, baseline, assistance in zip(
            table.index, table["baseline"], table["assistance"], strict=True
        )
    )


def activities_of_few_developers(seconds: pd.DataFrame) -> set[str]:
    """Return the activities with fewer than five developers in an arm.

    Args:
        seconds: The frame of :func:`hours_by_activity`, with the number of ``developers``.

    """
    return set(seconds.loc[seconds["developers"] < MIN_DEVELOPERS_SHOWN, "activity"])
