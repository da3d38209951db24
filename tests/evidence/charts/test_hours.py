"""The hours by activity per developer-week."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tracker.domain.times import date_to_day
from tracker.evidence.charts.hours import OTHER_ACTIVITIES, hours_per_week, whole_weeks
from tracker.evidence.charts.weekly_hours import ActivityHours, WeeklyHours

COLUMNS = ["developer", "arm", "activity", "seconds", "weeks"]


def weekly(rows: list[tuple[str, str, str, int, int]], **options: object) -> WeeklyHours | None:
    """Return the hours of a developer's own log."""
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return hours_per_week(frame, **({"by_date": True, "min_developers": 1} | options))


def of_developers(number: int, arm: str, activity: str, weeks: int = 0) -> list[tuple]:
    """Return one hour of an activity for each of some developers."""
    return [(f"d{n}", arm, activity, 3600, weeks) for n in range(number)]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ((2026, 3, 2), (2026, 3, 15), ((2026, 3, 2), (2026, 3, 15))),
        ((2026, 3, 3), (2026, 3, 20), ((2026, 3, 9), (2026, 3, 22))),
        ((2026, 3, 2), (2026, 3, 19), ((2026, 3, 2), (2026, 3, 15))),
        ((2026, 3, 3), (2026, 3, 12), None),
        ((2026, 3, 2), (2026, 3, 6), ((2026, 3, 2), (2026, 3, 8))),
    ],
    ids=["whole", "from Tuesday to Friday", "to Thursday", "none", "one working week"],
)
def test_weeks_that_the_log_cuts_off_are_left_out(first, last, expected):
    """From the first Monday on, and to the last week whose Friday is reached."""
    days = whole_weeks(date_to_day(date(*first)), date_to_day(date(*last)))
    assert days == (expected and tuple(date_to_day(date(*day)) for day in expected))


def test_hours_of_either_side_of_a_rollout_are_per_week_of_that_side():
    """Periods of different length can be compared, and the activities add up."""
    rows = [
        ("a", "baseline", "design", 10 * 3600, 2),
        ("a", "baseline", "testing", 30 * 3600, 0),
        ("a", "assistance", "design", 3 * 3600, 1),
        ("b", "baseline", "design", 20 * 3600, 1),
    ]
    hours = weekly(rows)
    assert hours == WeeklyHours(
        activities=(ActivityHours("testing", 15.0, 0.0), ActivityHours("design", 5.0, 3.0)),
        by_date=True,
        developers=1,
        baseline_weeks=2,
        assistance_weeks=1,
    )
    assert hours.totals == ActivityHours("all activities", 20.0, 3.0)


def test_arms_that_share_their_weeks_add_up_to_a_week():
    """Without, with and neither are per developer-week of whatever arm."""
    rows = [
        ("a", "", "meeting", 6 * 3600, 2),
        ("a", "baseline", "design", 8 * 3600, 0),
        ("b", "assistance", "design", 4 * 3600, 2),
        ("b", "assistance", "idle", 0, 0),
    ]
    hours = weekly(rows, by_date=False)
    assert hours.activities == (
        ActivityHours("design", 2.0, 1.0, 0.0),
        ActivityHours("meeting", 0.0, 0.0, 1.5),
    )
    assert (hours.baseline_weeks, hours.assistance_weeks, hours.developers) == (4, 0, 2)
    assert hours.totals == ActivityHours("all activities", 2.0, 1.0, 1.5)


def test_activities_of_few_developers_are_merged_until_they_are_of_five():
    """Four developers in an arm are too few: that activity is shown with the smallest other one."""
    rows = [
        *of_developers(6, "baseline", "design", 1),
        *of_developers(6, "assistance", "design", 1),
        *of_developers(5, "baseline", "review"),
        *of_developers(5, "assistance", "review"),
        *of_developers(4, "baseline", "coding"),
    ]
    hours = weekly(rows, min_developers=5)
    assert [activity.activity for activity in hours.activities] == ["design", OTHER_ACTIVITIES]
    assert hours.merged == 2
    assert hours.totals.baseline == pytest.approx(15 / 6)


@pytest.mark.parametrize(("assisted", "shown"), [(4, False), (5, True)])
def test_an_arm_of_few_developers_is_not_shown(assisted: int, shown: bool):
    """Where merging everything leaves an arm of four, nothing is shown."""
    rows = [
        *of_developers(9, "baseline", "design", 1),
        *of_developers(assisted, "assistance", "design"),
    ]
    assert (weekly(rows, by_date=False, min_developers=5) is not None) is shown


def test_without_hours_there_are_none():
    """No rows, or no developer on both sides."""
    assert weekly([]) is None
    assert weekly([("a", "baseline", "design", 3600, 1)]) is None
