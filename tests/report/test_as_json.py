"""Assessments as JSON and as CSV rows."""

from __future__ import annotations

import dataclasses
import json

import pytest
from support import assessments

from tracker.evidence.results import HoursSaved, Interval
from tracker.report.as_csv import assessment_rows
from tracker.report.as_json import assessment_json

RESULT_KEYS = [
    "activity", "claim", "study_design", "estimator", "estimand", "items", "developers",
    "excluded", "se", "df", "allowance", "time_ratio", "efficiency_gain", "time_saved", "verdict",
    "other_reading", "largest_supported", "smallest_refuted", "items_needed", "sensitivity",
    "threats",
]  # fmt: skip
"""The agreed keys of a result, in their order."""


def test_agreed_keys_come_first_and_in_their_order():
    """A script that reads the published shape finds every key; later keys follow."""
    data = assessment_json(assessments.demo())
    assert list(data)[:5] == ["schema", "generated_at", "level", "interval_level", "results"]
    assert list(data["results"][0])[: len(RESULT_KEYS)] == RESULT_KEYS
    assert list(data["results"][0]["claim"])[:4] == ["id", "reading", "value", "bound"]
    assert list(data["results"][0]["sensitivity"][0])[:3] == ["name", "time_ratio", "verdict"]
    assert list(data["results"][0]["threats"][0])[:3] == ["code", "severity", "message"]


def test_numbers_equal_those_of_the_result():
    """Time ratio, efficiency gain and time saved agree with each other and with the result."""
    design = assessment_json(assessments.demo())["results"][0]
    assert design["efficiency_gain"] == pytest.approx({"estimate": 0.41, "low": 0.22, "high": 0.61})
    assert design["time_ratio"]["low"] == pytest.approx(1 / 1.61)
    assert design["time_saved"]["high"] == pytest.approx(1 - 1 / 1.61)
    assert design["claim"]["id"] == "iflytek-2024-design"
    assert design["other_reading"] == {"reading": "time_saved", "value": 0.5, "verdict": "smaller"}
    assert design["items"] == {"baseline": 120, "assistance": 98}


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_every_assessment_is_json_without_nan(name: str):
    """Every assessment survives a round trip through JSON; undefined is null."""
    data = assessment_json(assessments.ASSESSMENT_BUILDERS[name]())
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_hours_a_week_are_null_where_there_are_none():
    """Otherwise they are what is saved, its measure, and the volume with its days."""
    demo = assessments.demo()
    assert assessment_json(demo)["results"][0]["hours_per_week"] is None
    interval = Interval(3.0, -1.0, 7.5)
    hours = HoursSaved(
        20.0, assessments.LAST - 69, assessments.LAST, 9, interval, "total hours", interval
    )
    result = dataclasses.replace(demo.results[0], hours_saved=hours)
    data = assessment_json(dataclasses.replace(demo, results=(result,)))
    assert data["results"][0]["hours_per_week"] == {
        "saved": {"estimate": 3.0, "low": -1.0, "high": 7.5},
        "measure": "total hours",
        "measured_tasks": "",
        "saved_by_typical_task": {"estimate": 3.0, "low": -1.0, "high": 7.5},
        "volume": 20.0,
        "developers": 9,
        "first_day": "2026-03-21",
        "last_day": "2026-05-29",
    }


def test_instants_are_utc():
    """generated_at is the assessment's instant and ends in Z."""
    assert assessment_json(assessments.demo())["generated_at"] == "2026-05-29T18:00:00Z"


def test_an_activity_with_too_little_data_keeps_its_row():
    """A missing interval is null, and the threats hold the reason."""
    row = assessment_json(assessments.too_little())["results"][0]
    assert row["time_ratio"] is None
    assert row["verdict"] == "cannot-tell"
    assert row["threats"][0]["code"] == "too-few-items"


def test_an_activity_without_a_claim_has_none():
    """Claim and other reading are null."""
    row = assessment_json(assessments.slower())["results"][1]
    assert row["claim"] is None
    assert row["other_reading"] is None
    assert row["verdict"] == "faster"


def test_demo_is_marked_with_its_true_gains():
    """The JSON of the demo has the notice and the true gains; that of a real log has null."""
    data = assessment_json(assessments.demo())
    assert "made up" in data["made_up"]
    assert data["true_efficiency_gains"] == {"design": 0.35, "testing": 0.15}
    assert assessment_json(assessments.placebo())["made_up"] is None


def test_csv_rows_are_flat_and_have_the_same_columns():
    """Columns are the same and in the same order in every assessment; no value is nested."""
    rows = [
        row
        for build in assessments.ASSESSMENT_BUILDERS.values()
        for row in assessment_rows(build())
    ]
    assert len({tuple(row) for row in rows}) == 1
    assert all(
        cell is None or isinstance(cell, str | int | float) for row in rows for cell in row.values()
    )


def test_csv_row_equals_json():
    """A row and the JSON of the same result hold the same values."""
    row = assessment_rows(assessments.demo())[0]
    design = assessment_json(assessments.demo())["results"][0]
    assert row["efficiency_gain_low"] == design["efficiency_gain"]["low"]
    assert row["time_saved"] == design["time_saved"]["estimate"]
    assert row["threats"] == "one-rollout-date:serious task-mix:caution heaping:note"
    assert assessment_rows(assessments.too_little())[0]["time_ratio"] is None
