"""Where the hours went: hours per developer-week by activity and arm, which add up to all hours."""

from __future__ import annotations

import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.evidence.assessment import Assessment
from tracker.evidence.charts.weekly_hours import ActivityHours, WeeklyHours

OTHER_ACTIVITIES = "other activities"
"""The activities that are merged, since too few developers stand behind each."""

_ARMS = ["baseline", "assistance", ""]
_DAYS = 7
_MONDAY_OFFSET = 3
"""1970-01-01 was a Thursday."""
_FRIDAY = 4


def hours_data(assessment: Assessment) -> WeeklyHours | None:
    """Return the hours of an assessment; None where there are none or none to show."""
    return assessment.hours


def whole_weeks(first_day: int, last_day: int) -> tuple[int, int] | None:
    """Return the Monday of the first and the Sunday of the last week that a log covers.

    A week whose Friday it covers counts as covered to its end.

    Args:
        first_day: The first day of the log, as days since 1970-01-01.
        last_day: The last one.

    Returns:
        The days; None where no week is covered.

    """
    monday = first_day + -(first_day + _MONDAY_OFFSET) % _DAYS
    weekday = (last_day + _MONDAY_OFFSET) % _DAYS
    sunday = last_day - weekday + (_DAYS - 1 if weekday >= _FRIDAY else -1)
    return (monday, sunday) if monday < sunday else None


def hours_per_week(
    seconds: pd.DataFrame, *, by_date: bool, min_developers: int = MIN_DEVELOPERS_SHOWN
) -> WeeklyHours | None:
    """Return the hours per developer-week.

    Activities of too few developers in an arm are merged into one, with the smallest others until
    that one has enough: what is shown adds up to all hours, and nothing follows by subtraction.

    Args:
        seconds: ``seconds`` and ``weeks`` by ``developer``, ``arm`` ("" for none) and ``activity``.
        by_date: Whether a rollout divides the weeks. Then only developers with weeks on both sides
            are used.
        min_developers: Developers behind each figure.

    Returns:
        The hours; None where fewer developers have any.

    """
    if by_date:
        seconds = _on_both_sides(seconds)
    worked = seconds[seconds["seconds"] > 0]
    developers = worked["developer"].nunique()
    merged = _activities_to_merge(worked, min_developers)
    if developers < max(min_developers, 1) or _is_thin(worked, merged, min_developers):
        return None
    weeks = seconds.groupby("arm")["weeks"].sum().reindex(_ARMS, fill_value=0)
    labels = worked["activity"].mask(worked["activity"].isin(merged), OTHER_ACTIVITIES)
    table = worked.pivot_table(
        index=labels, columns="arm", values="seconds", aggfunc="sum", fill_value=0
    ).reindex(columns=_ARMS, fill_value=0)
    shares = table / 3600 / (weeks.where(weeks > 0, 1) if by_date else weeks.sum())
    activities = [
        ActivityHours(
            str(activity), float(row["baseline"]), float(row["assistance"]), float(row[""])
        )
        for activity, row in shares.iterrows()
    ]
    activities.sort(key=lambda hours: _order(hours, is_merged=bool(merged)))
    return WeeklyHours(
        activities=tuple(activities),
        by_date=by_date,
        developers=developers,
        baseline_weeks=int(weeks["baseline"]) if by_date else int(weeks.sum()),
        assistance_weeks=int(weeks["assistance"]) if by_date else 0,
        merged=len(merged),
    )


def _on_both_sides(seconds: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of developers who have weeks on both sides of the rollout."""
    sides = seconds[seconds["weeks"] > 0].groupby("developer")["arm"].nunique()
    return seconds[seconds["developer"].isin(sides.index[sides == 2])]


def _order(hours: ActivityHours, *, is_merged: bool) -> tuple[bool, float, str]:
    """Return the key that sorts the largest first and the merged activities last."""
    last = is_merged and hours.activity == OTHER_ACTIVITIES
    return last, -(hours.baseline + hours.assistance + hours.no_arm), hours.activity


def _activities_to_merge(worked: pd.DataFrame, min_developers: int) -> set[str]:
    """Return the activities to show as one, since too few developers have worked in an arm."""
    counts = worked.groupby(["activity", "arm"])["developer"].nunique()
    merged = set(counts.index.get_level_values("activity")[counts < min_developers])
    smallest_first = worked.groupby("activity")["seconds"].sum().sort_values(kind="stable").index
    others = [activity for activity in smallest_first if activity not in merged]
    while others and _is_thin(worked, merged, min_developers):
        merged.add(others.pop(0))
    return merged


def _is_thin(worked: pd.DataFrame, activities: set[str], min_developers: int) -> bool:
    """Return whether some activities together have too few developers in an arm."""
    rows = worked[worked["activity"].isin(activities)]
    return bool((rows.groupby("arm")["developer"].nunique() < min_developers).any())
