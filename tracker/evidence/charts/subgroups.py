"""The effect of small and large tasks, and of newer and older rollouts."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.evidence.assessment import ActivityChartData, Subgroup


@dataclass(frozen=True, slots=True)
class SubgroupData:
    """The parts of one activity's work."""

    activity: str
    subgroups: tuple[Subgroup, ...]
    """The headline first."""


def subgroup_data(chart_data: ActivityChartData) -> SubgroupData | None:
    """Return the parts of one activity's work; None where there are no two of one kind."""
    if not chart_data.subgroups:
        return None
    return SubgroupData(chart_data.activity, chart_data.subgroups)
