"""The sentences of a plan."""

from __future__ import annotations

import dataclasses
import math

import pytest
from support.assessments import DESIGN, plan

from tracker.domain.records import StudyDesign
from tracker.domain.times import date_to_day
from tracker.evidence.planning.plan import Duration, Pace, Plan
from tracker.evidence.planning.wording import plan_sentence


def sentence(planned: Plan) -> str:
    """Return the sentence with plain spaces."""
    return plan_sentence(planned, "efficiency_gain").replace("\xa0", " ")


def with_design(
    planned: Plan, study_design: StudyDesign = "before-after", **fields: object
) -> Plan:
    """Replace fields of the plan of one design; a randomised study is added to the recorded one."""
    (recorded, *_) = planned.designs
    row = dataclasses.replace(recorded, study_design=study_design, **fields)
    designs = (row,) if study_design == recorded.study_design else (recorded, row)
    return dataclasses.replace(planned, designs=designs)


def test_what_the_logs_own_comparison_takes():
    """The number has two significant digits, the date is a third of a month."""
    planned = dataclasses.replace(plan(83, DESIGN), now_day=date_to_day_of("2026-01-05"))
    assert sentence(planned) == (
        "About 85 more tasks would tell, with a probability of 80 % if there is no gain;"
        " at 12 tasks a week that is done by late February 2026 (mid-February to early March 2026)."
    )


def date_to_day_of(text: str) -> int:
    from datetime import date

    return date_to_day(date.fromisoformat(text))


def test_an_old_log_has_weeks_and_no_date():
    """Its pace is not that of today."""
    planned = dataclasses.replace(plan(83, DESIGN), is_current=False)
    assert "that takes 7 weeks (6 to 9)" in sentence(planned)


def test_without_a_pace_there_is_no_date():
    """Only the number is left."""
    planned = with_design(dataclasses.replace(plan(1234, DESIGN), pace=None), duration=None)
    assert sentence(planned) == (
        "About 1,200 more tasks would tell, with a probability of 80 % if there is no gain."
    )


def test_more_than_a_year_is_not_practical():
    """The sentence says so, and what a randomised study takes instead."""
    planned = plan(19_859, DESIGN)
    randomised = with_design(
        planned,
        "randomised",
        is_recorded=False,
        items_in_all=187,
        items_more=187,
        duration=Duration(15.6, 13.0, 18.0),
    )
    assert sentence(dataclasses.replace(randomised, is_current=False)) == (
        "Not within a year this way: it would take about 20,000 more tasks at 12 tasks a week."
        " A randomised study of about 190 tasks would tell, with a probability of 80 % if there is"
        " no gain; at 12 tasks a week that takes 16 weeks (13 to 18)."
    )


def test_no_number_suffices_for_a_reason():
    """The reason follows; what only other designs can tell is said."""
    planned = with_design(
        plan(1, DESIGN), items_in_all=None, items_more=None, duration=None, obstacle="drift"
    )
    assert sentence(planned) == (
        "No number of tasks can tell this way, because teams drift that far with no assistance at"
        " all: only a randomised or staggered study can tell."
    )


@pytest.mark.parametrize(
    ("assumption", "gain", "words"),
    [
        ("no-gain", 0.0, "if there is no gain"),
        ("measured", 0.25, "if the gain is the 25 % that the log shows"),
        ("given", 0.2, "if the gain is 20 %"),
    ],
)
def test_the_assumed_gain_is_named(assumption, gain, words):
    """No number stands without it."""
    planned = dataclasses.replace(
        plan(80, DESIGN), assumption=assumption, true_log_ratio=-math.log1p(gain)
    )
    assert words in sentence(planned)


def test_a_decided_log_tells_already():
    """Nothing more is needed."""
    planned = dataclasses.replace(plan(0, DESIGN), is_decided=True)
    assert sentence(planned) == "The log tells already."


def test_a_slow_pace_is_given_by_the_month():
    """A pace of 0 tasks a week would say nothing."""
    planned = dataclasses.replace(plan(8, DESIGN), pace=Pace(9.0, 12, 1.0))
    assert "at 3 tasks a month" in sentence(planned)
