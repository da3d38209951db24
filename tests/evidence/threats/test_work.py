"""Threats from what was worked on: each is detected in data that have it, and in no other."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency
from support import panels
from support.threat_data import other_minutes, projects, quality, require, threat_inputs, work_items

from tracker.domain.records import ArmRule
from tracker.evidence.threats import work
from tracker.evidence.threats.inputs import ThreatInputs


def test_task_mix() -> None:
    """Smaller estimates with assistance are a threat, serious without adjustment; chance is not."""
    items = work_items()
    smaller = items["estimate_minutes"].where(
        items["arm"] == "baseline", items["estimate_minutes"] / 2
    )
    threat = require(work.task_mix(threat_inputs(work_items(estimate_minutes=smaller))))
    assert "smaller tasks" in threat.message
    x = np.log(smaller)
    groups = x.groupby([items["developer"], items["arm"]])
    spread = math.sqrt(((x - groups.transform("mean")) ** 2).sum() / (len(x) - 16))
    difference = (groups.mean().unstack("arm") @ [1, -1]).mean() / spread
    assert abs(float(threat.message.split("differ by ")[1][:4]) - abs(difference)) < 0.02
    assert threat.severity == "caution"
    assert (
        require(
            work.task_mix(threat_inputs(work_items(estimate_minutes=smaller), adjusted=False))
        ).severity
        == "serious"
    )
    assert work.task_mix(threat_inputs(items)) is None
    assert work.task_mix(threat_inputs(work_items(estimate_minutes=60.0))) is None
    assert work.task_mix(threat_inputs(work_items(estimate_minutes=np.nan), adjusted=False)) is None


def test_task_mix_is_within_developers() -> None:
    """More assistance for developers with larger tasks is no threat within developers."""
    items = work_items()
    large = items["developer"].isin(["d0", "d1", "d2"])
    estimates = items["estimate_minutes"] * np.where(large, 8, 1)
    rows = large == (items["arm"] == "assistance")
    remaining = items.assign(estimate_minutes=estimates)[rows | (np.arange(len(items)) % 10 == 0)]
    assert work.task_mix(threat_inputs(remaining)) is None


def test_project_mix() -> None:
    """Arms in different projects are a threat; equal shares, chance or one project are not."""
    threat = require(work.project_mix(threat_inputs(projects=projects((80, 40), (20, 60)))))
    assert "40\N{NO-BREAK SPACE}%" in threat.message
    assert work.project_mix(threat_inputs(projects=projects((80, 75), (20, 25)))) is None
    assert work.project_mix(threat_inputs(projects=projects((4, 2), (1, 3)))) is None
    assert (
        work.project_mix(threat_inputs(projects=projects((80, 40), (20, 60)).assign(project="p")))
        is None
    )
    assert (
        work.project_mix(threat_inputs(projects=projects((80, 40), (20, 60)).assign(project=None)))
        is None
    )
    assert work.project_mix(threat_inputs()) is None


def test_missing_estimates() -> None:
    """A few items without an estimate are a note; too many to adjust are a caution."""
    items = work_items()
    estimates = items["estimate_minutes"].where(np.arange(len(items)) % 10 != 0)
    assert (
        require(
            work.missing_estimates(threat_inputs(work_items(estimate_minutes=estimates)))
        ).severity
        == "note"
    )
    threat = require(
        work.missing_estimates(threat_inputs(work_items(estimate_minutes=np.nan), adjusted=False))
    )
    assert threat.severity == "caution"
    assert "1,600 of 1,600" in threat.message
    assert work.missing_estimates(threat_inputs()) is None


def test_estimates_that_the_fit_drops_are_told() -> None:
    """Tied to the arm, nearly so, or all alike: sizes are serious and not taken into account."""
    assisted = work_items()["arm"] == "assistance"
    tied = np.where(assisted, 120.0, 60.0)
    noise = np.random.default_rng(1).normal(0, 1e-4, len(tied))
    for estimates, words in (
        (tied, "by a factor of 2 and in nothing else"),
        (tied * (1 + noise), "by a factor of 2 and in hardly anything else"),
        (np.full(len(tied), 60.0), "one and the same estimate"),
    ):
        inputs = threat_inputs(
            work_items(estimate_minutes=estimates), adjusted=False, estimates_dropped=True
        )
        threat = require(work.task_mix(inputs))
        assert threat.severity == "serious"
        assert words in threat.message
        assert "does not take sizes into account" in threat.message
        assert "too few items" not in threat.message


def test_missing_estimates_are_left_out_where_the_fit_drops_the_others() -> None:
    """They are not called too many: enough items have an estimate, but the fit cannot use it."""
    estimates = np.where(np.arange(1600) % 10 == 0, np.nan, 60.0)
    inputs = threat_inputs(
        work_items(estimate_minutes=estimates), adjusted=False, estimates_dropped=True
    )
    threat = require(work.missing_estimates(inputs))
    assert threat.severity == "note"
    assert "left out" in threat.message


def test_open_items_are_counted_by_arm() -> None:
    """Unfinished items are a note with each arm's share; very different shares a caution."""
    items = work_items()
    every_tenth = np.arange(len(items)) % 10 == 0
    few = np.where(every_tenth, "open", "closed")
    many = np.where(
        (items["arm"] == "assistance") & (np.arange(len(items)) % 3 == 0), "open", "closed"
    )
    assert require(work.open_items(threat_inputs(work_items(status=few)))).severity == "note"
    threat = require(work.open_items(threat_inputs(work_items(status=many))))
    assert threat.severity == "caution"
    assert threat.figures[0][1].startswith("0 of ")
    young = np.where(every_tenth, "immature", "closed")
    threat = require(work.open_items(threat_inputs(work_items(status=young))))
    assert threat.message.startswith("160 of 1,600 (10\xa0%) work items were begun too late")
    assert not threat.figures
    both = np.where(every_tenth & (np.arange(len(items)) % 20 == 0), "open", young)
    threat = require(work.open_items(threat_inputs(work_items(status=both))))
    assert "work items are not finished, and 80 were begun too late" in threat.message
    assert work.open_items(threat_inputs()) is None


def test_zero_minutes_alike_in_both_arms_are_a_note() -> None:
    """They are counted once: where the arms differ, the missing verdict has the threat."""
    items = work_items()
    some = np.where(np.arange(len(items)) % 25 == 0, "zero", "closed")
    one_sided = np.where(
        (np.arange(len(items)) % 5 == 0) & (items["arm"] == "baseline"), "zero", "closed"
    )
    assert require(work.zero_minutes(threat_inputs(work_items(status=some)))).severity == "note"
    assert work.zero_minutes(threat_inputs(work_items(status=one_sided))) is None
    assert work.zero_minutes(threat_inputs()) is None


def test_straddling() -> None:
    """The share of the baseline's hours after the rollout is a note, a large one a caution."""
    assert (
        require(work.straddling(threat_inputs(quality=quality(straddle_seconds=90_000)))).severity
        == "note"
    )
    threat = require(work.straddling(threat_inputs(quality=quality(straddle_seconds=360_000))))
    assert threat.severity == "caution"
    assert "100 of 500 (20\N{NO-BREAK SPACE}%) hours" in threat.message
    assert work.straddling(threat_inputs(quality=quality())) is None
    assert work.straddling(threat_inputs()) is None


def test_shifted_not_saved() -> None:
    """More testing of the same tasks is a threat; less, equal or little data is not."""
    threat = require(
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=other_minutes(60, 120)))
    )
    assert "testing" in threat.message
    assert "→" in threat.figures[0][1]
    assert (
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=other_minutes(120, 60)))
        is None
    )
    assert (
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=other_minutes(60, 61)))
        is None
    )
    assert (
        work.shifted_not_saved(
            threat_inputs(minutes_in_other_activities=other_minutes(60, 120, each=2))
        )
        is None
    )
    assert (
        work.shifted_not_saved(
            threat_inputs(
                minutes_in_other_activities=other_minutes(60, 120)[
                    lambda rows: rows["arm"] == "baseline"
                ]
            )
        )
        is None
    )
    assert work.shifted_not_saved(threat_inputs()) is None


def test_time_that_the_baseline_has_none_of_is_shifted_too() -> None:
    """Where there is no ratio the minutes decide; chance and very little are no threat."""
    minutes = other_minutes(0, 120)
    threat = require(work.shifted_not_saved(threat_inputs(minutes_in_other_activities=minutes)))
    assert "testing (0 → 60 minutes per item)" in threat.message
    assert threat.figures == (("minutes of testing per item", "0 → 60"),)
    assert threat.severity == "serious"
    only_assistance = minutes[minutes["arm"] == "assistance"]
    assert (
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=only_assistance)) == threat
    )
    assert (
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=other_minutes(0, 0.1)))
        is None
    )
    items = 800
    one_long_item = only_assistance.assign(minutes=2.0 * items, minutes_squared=(2.0 * items) ** 2)
    assert work.shifted_not_saved(threat_inputs(minutes_in_other_activities=one_long_item)) is None


def test_estimates_tied_to_the_arm_are_serious() -> None:
    """Every assisted task is estimated at 120 minutes, every other at 60."""
    items = panels.items(np.random.default_rng(0))
    items["estimate_minutes"] = np.where(items["arm"] == "assistance", 120.0, 60.0)
    inputs = ThreatInputs(
        activity="design",
        design="randomised",
        rule=ArmRule("assigned"),
        moments=panels.moments(items),
        developers=8,
        adjusted=False,
    )
    threat = work.task_mix(inputs)
    assert threat is not None
    assert threat.severity == "serious"
    assert "by a factor of 2 and in nothing else" in threat.message
    assert "does not take sizes into account" in threat.message


def test_the_p_value_of_a_table_is_that_of_scipy() -> None:
    """Bit by bit that of Pearson's test, on tables of any size."""
    rng = np.random.default_rng(1)
    for rows in range(2, 30):
        counts = pd.DataFrame(rng.integers(1, 200, size=(rows, 2)))
        expected = chi2_contingency(counts.to_numpy(), correction=False).pvalue
        assert work._p_value(counts) == expected
