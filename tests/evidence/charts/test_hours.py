"""The hours by activity."""

from __future__ import annotations

import pandas as pd

from tracker.evidence.charts.hours import activities_of_few_developers, hours_by_activity
from tracker.evidence.results import ActivityHours


def test_hours_by_activity() -> None:
    """Seconds become hours; an activity that is absent from an arm has 0 in it."""
    rows = [
        ("testing", "baseline", 3600),
        ("design", "assistance", 1800),
        ("design", "baseline", 7200),
    ]
    frame = pd.DataFrame(rows, columns=["activity", "arm", "seconds"])
    assert hours_by_activity(frame) == (
        ActivityHours("design", 2.0, 0.5),
        ActivityHours("testing", 1.0, 0.0),
    )
    assert hours_by_activity(frame.iloc[:0]) == ()


def test_activities_of_few_developers() -> None:
    """Four developers in an arm are too few, five are not; an absent arm does not count."""
    rows = [
        ("a", "baseline", 4),
        ("a", "assistance", 9),
        ("b", "baseline", 5),
        ("b", "assistance", 5),
        ("c", "baseline", 7),
    ]
    frame = pd.DataFrame(rows, columns=["activity", "arm", "developers"])
    assert activities_of_few_developers(frame) == {"a"}
