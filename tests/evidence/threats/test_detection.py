"""The search for all threats: their order, and data without any."""

from __future__ import annotations

import dataclasses

import pytest
from support import panels
from support.threat_data import (
    basis,
    other_minutes,
    projects,
    quality,
    since,
    threat_inputs,
    trending,
    work_items,
)

from tracker.evidence.threats import detection


def test_threats_are_sorted_by_severity_and_have_different_codes() -> None:
    """``find_threats`` returns the most severe first, each threat once."""
    entries = quality(late=500, overlapping=500, heaped_60=900, over_12h=1)
    threats = detection.find_threats(
        threat_inputs(trending(-0.05), quality=entries, developers=3, without_arm=3)
    )
    severities = [("note", "caution", "serious").index(threat.severity) for threat in threats]
    assert severities == sorted(severities, reverse=True)
    codes = [threat.code for threat in threats]
    assert len(set(codes)) == len(codes) >= 7
    assert {"drift", "heaping", "one-rollout-date", "few-developers", "outliers", "no-arm"} <= set(
        codes
    )


@pytest.mark.parametrize(
    "design", ["randomised", "staggered", "before-after", "self-selected", None]
)
def test_an_empty_log_has_no_threats_of_its_data(design: str | None) -> None:
    """A log without items passes every detector, whatever the study design."""
    empty = work_items().iloc[:0]
    frames = dict.fromkeys(("since", "projects", "quality", "basis", "minutes_in_other_activities"))
    frames |= {"since": since(empty), "quality": quality().iloc[:0], "basis": basis().iloc[:0]}
    frames |= {
        "projects": projects((1, 1), (1, 1)).iloc[:0],
        "minutes_in_other_activities": other_minutes(1, 1).iloc[:0],
    }
    threats = detection.find_threats(threat_inputs(empty, design=design, developers=0, **frames))
    assert all(
        threat.severity == "note" or threat.code in ("one-rollout-date", "self-chosen-tasks")
        for threat in threats
    )


def test_a_single_developer_passes_every_detector() -> None:
    """Trends have the errors of items where there is a single developer."""
    items = work_items(developer="d0")
    single = threat_inputs(trending(-0.05).assign(developer="d0"), since=since(items), developers=1)
    assert "drift" in {threat.code for threat in detection.find_threats(single)}
    two_items = dataclasses.replace(
        single, moments=panels.moments(items.iloc[:2]), since=since(items.iloc[:2])
    )
    assert "few-developers" in {threat.code for threat in detection.find_threats(two_items)}
