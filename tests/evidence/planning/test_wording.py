"""The sentences of a plan."""

from __future__ import annotations

import dataclasses
import math

import pytest
from support.assessments import DESIGN, plan

from tracker.domain.records import StudyDesign
from tracker.domain.times import date_to_day
from tracker.evidence.planning.plan import Duration, Pace, Plan
from tracker.evidence.planning.wording import (
    developers_words,
    drift_words,
    plan_sentence,
    weeks_words,
)


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
        "Not within a year this way: it would take about 20,000 more tasks at 12 tasks a week"
        " if there is no gain."
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
    """Nothing more is needed. At which level it tells is said."""
    planned = dataclasses.replace(plan(0, DESIGN), is_decided=True)
    assert sentence(planned) == "The log tells already, by its 97.5 % interval."


@pytest.mark.parametrize("study_design", ["randomised", "staggered", "before-after"])
def test_a_design_that_alone_was_asked_for_has_a_sentence(study_design: StudyDesign):
    """Also where the log has no comparison of its own."""
    planned = plan(83, DESIGN)
    row = dataclasses.replace(planned.designs[0], study_design=study_design, is_recorded=False)
    text = sentence(dataclasses.replace(planned, designs=(row,)))
    assert "of about 280 tasks, 85 more than the log holds, would tell" in text


def test_one_reason_is_given_once():
    """Where it holds for the log's own comparison and for drawn arms."""
    fields = {"items_in_all": None, "items_more": None, "duration": None, "obstacle": "equal"}
    own = with_design(plan(1, DESIGN), **fields)
    both = with_design(own, "randomised", is_recorded=False)
    assert sentence(both) == (
        "No number of tasks can tell, because a true gain equal to the claim cannot be told from"
        " it: only no gain can be ruled out."
    )
    no_gain_claimed = dataclasses.replace(both, claimed_log_ratio=0.0)
    assert sentence(no_gain_claimed).endswith("suppose another, `--true-gain`.")


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (Duration(18.2, 16.8, 20.1), "18 (17-20)"),
        (Duration(2.1, 1.8, 2.4), "2"),
        (Duration(0.2, 0.1, 0.4), "1"),
        (Duration(630.0, 530.0, 750.0), "over 52"),
    ],
)
def test_weeks_of_the_table(duration: Duration, words: str):
    """An interval of one week is that week; beyond a year no number is given."""
    assert weeks_words(duration) == words


def test_a_power_that_drift_lowers_is_explained():
    """A study with the power that was asked for needs no words."""
    planned = with_design(plan(83, DESIGN), power=0.64)
    assert "from 80 % to 64 %" in drift_words(planned, planned.designs[0]).replace("\xa0", " ")
    assert drift_words(plan(83, DESIGN), plan(83, DESIGN).designs[0]) == ""


def test_further_developers_are_explained():
    """The words say what they are for."""
    (row,) = plan(83, DESIGN).designs
    assert developers_words(row) == ""
    few = dataclasses.replace(row, developers=1, developers_more=4)
    assert developers_words(few) == (
        "a result of 1 developer holds for that one only; with 4 more it holds for others like"
        " them, too"
    )


def test_a_slow_pace_is_given_by_the_month():
    """A pace of 0 tasks a week would say nothing."""
    planned = dataclasses.replace(plan(8, DESIGN), pace=Pace(9.0, 12, 1.0))
    assert "at 3 tasks a month" in sentence(planned)
