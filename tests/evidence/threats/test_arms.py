"""Threats from the arms: each is detected in data that have it, and in no other."""

from __future__ import annotations

import numpy as np
from support.threat_data import TWO_DATES, basis, require, threat_inputs, work_items

from tracker.domain.records import ArmRule, Cutover
from tracker.evidence.results import Interval, Sensitivity
from tracker.evidence.threats import arms


def test_few_developers() -> None:
    """Four developers are too few, five are not; without any there is no threat."""
    assert (
        "fewer than five developers"
        in require(arms.few_developers(threat_inputs(developers=4))).message
    )
    assert "One developer's" in require(arms.few_developers(threat_inputs(developers=1))).message
    assert arms.few_developers(threat_inputs(developers=5)) is None
    assert arms.few_developers(threat_inputs(developers=0)) is None


def test_one_rollout_date() -> None:
    """A before/after comparison with one rollout day for all has the threat, others not."""
    assert require(arms.one_rollout_date(threat_inputs())).severity == "serious"
    same_day = ArmRule("rollout", (Cutover(100, team="A"), Cutover(100, team="B")))
    assert arms.one_rollout_date(threat_inputs(rule=same_day)) is not None
    assert arms.one_rollout_date(threat_inputs(rule=TWO_DATES)) is None
    assert arms.one_rollout_date(threat_inputs(design="staggered")) is None


def test_self_chosen_tasks_have_the_estimates_by_arm() -> None:
    """A self-selected comparison has the threat, with the typical estimate of each arm."""
    items = work_items(estimate_minutes=np.where(work_items()["arm"] == "assistance", 30.0, 120.0))
    threat = require(arms.self_chosen_tasks(threat_inputs(items, design="self-selected")))
    assert [figure.split(" (")[0] for _, figure in threat.figures] == ["120 minutes", "30 minutes"]
    assert "+28 to +36 %" in threat.message
    assert arms.self_chosen_tasks(threat_inputs(items)) is None


def test_self_chosen_tasks_without_estimates_show_a_dash() -> None:
    """Without estimates there is no typical estimate, but the threat remains."""
    threat = require(
        arms.self_chosen_tasks(
            threat_inputs(
                work_items(estimate_minutes=np.nan), design="self-selected", adjusted=False
            )
        )
    )
    assert all(figure.startswith("—") for _, figure in threat.figures)


def test_one_arm_developers_are_counted() -> None:
    """More developers left out than compared is a caution; few compared are not counted."""
    assert (
        require(arms.one_arm_developers(threat_inputs(excluded={"one-arm-developer": 2}))).severity
        == "note"
    )
    many = require(arms.one_arm_developers(threat_inputs(excluded={"one-arm-developer": 9})))
    assert many.severity == "caution"
    assert "9 of 17 (53\N{NO-BREAK SPACE}%) developers" in many.message
    few = require(
        arms.one_arm_developers(threat_inputs(developers=2, excluded={"one-arm-developer": 9}))
    )
    assert not any(letter.isdigit() for letter in few.message)
    assert arms.one_arm_developers(threat_inputs(excluded={"open": 3})) is None


def test_items_without_an_arm_are_counted() -> None:
    """The message has their share; the advice depends on the study design."""
    threat = require(arms.without_arm(threat_inputs(without_arm=400, design="randomised")))
    assert "400 of 2,000 (20\N{NO-BREAK SPACE}%)" in threat.message
    assert "assign" in threat.advice
    assert "rollout" in require(arms.without_arm(threat_inputs(without_arm=400))).advice
    assert arms.without_arm(threat_inputs()) is None


def test_assisted_missing() -> None:
    """Where arms depend on the answers, some missing are a caution, many are serious."""
    flagged = {"rule": ArmRule("assisted"), "design": "self-selected"}
    assert (
        require(arms.assisted_missing(threat_inputs(basis=basis(unknown=20), **flagged))).severity
        == "caution"
    )
    assert (
        require(arms.assisted_missing(threat_inputs(basis=basis(unknown=100), **flagged))).severity
        == "serious"
    )
    assert arms.assisted_missing(threat_inputs(basis=basis(unknown=5), **flagged)) is None
    assert arms.assisted_missing(threat_inputs(basis=basis(unknown=100))) is None
    assert arms.assisted_missing(threat_inputs(**flagged)) is None


def test_assisted_inferred() -> None:
    """Inferred answers have the share of each basis and the verdict without them."""
    flagged = {"rule": ArmRule("assisted"), "design": "self-selected"}
    without = Sensitivity("stated", Interval(-0.4, -0.6, -0.2), "smaller")
    threat = require(
        arms.assisted_inferred(
            threat_inputs(basis=basis(trailer=50), without_inferred=without, **flagged)
        )
    )
    assert "50 of 250 (20\N{NO-BREAK SPACE}%)" in threat.message
    assert "49\N{NO-BREAK SPACE}% (a gain, but smaller than claimed)" in threat.message
    assert len(threat.figures) == 3
    without_data = Sensitivity("stated", None, None)
    threat = require(
        arms.assisted_inferred(
            threat_inputs(basis=basis(trailer=50), without_inferred=without_data, **flagged)
        )
    )
    assert "too little" in threat.message
    assert (
        "Without"
        not in require(
            arms.assisted_inferred(threat_inputs(basis=basis(trailer=50), **flagged))
        ).message
    )
    assert arms.assisted_inferred(threat_inputs(basis=basis(unknown=50), **flagged)) is None
