"""The JSON and the CSV that scripts rely on."""

from __future__ import annotations

import json

import pytest
from support import assessments

from tracker.report.as_csv import assessment_rows
from tracker.report.as_json import assessment_json

RESULT_KEYS = [
    *(
        "activity",
        "claim",
        "study_design",
        "estimator",
        "estimand",
        "items",
        "developers",
        "excluded",
        "se",
        "df",
    ),
    *(
        "allowance",
        "time_ratio",
        "efficiency_gain",
        "time_saved",
        "verdict",
        "other_reading",
        "largest_supported",
    ),
    *("smallest_refuted", "items_needed", "sensitivity", "threats"),
]


def test_the_keys_of_the_contract_come_first_and_in_its_order():
    """A script that reads the published shape finds every key; ours come after them."""
    found = assessment_json(assessments.demo())
    assert list(found)[:5] == ["schema", "generated_at", "level", "interval_level", "results"]
    assert list(found["results"][0])[: len(RESULT_KEYS)] == RESULT_KEYS
    assert list(found["results"][0]["claim"])[:4] == ["id", "reading", "value", "bound"]
    assert list(found["results"][0]["sensitivity"][0])[:3] == ["name", "time_ratio", "verdict"]
    assert list(found["results"][0]["threats"][0])[:3] == ["code", "severity", "message"]


def test_figures_are_those_of_the_result():
    """The three ways to say the gain agree with one another and with what was put in."""
    design = assessment_json(assessments.demo())["results"][0]
    assert design["efficiency_gain"] == pytest.approx({"estimate": 0.41, "low": 0.22, "high": 0.61})
    assert design["time_ratio"]["low"] == pytest.approx(1 / 1.61)
    assert design["time_saved"]["high"] == pytest.approx(1 - 1 / 1.61)
    assert design["claim"]["id"] == "iflytek-2024-design"
    assert design["other_reading"] == {"reading": "time_saved", "value": 0.5, "verdict": "smaller"}
    assert design["items"] == {"baseline": 120, "assistance": 98}


@pytest.mark.parametrize("name", assessments.EVERY)
def test_every_assessment_is_json_without_nan(name: str):
    """Whatever was found can be written down and read back the same; undefined is null."""
    found = assessment_json(assessments.EVERY[name]())
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_an_instant_is_utc():
    """generated_at ends in Z and is the instant given."""
    assert assessment_json(assessments.demo())["generated_at"] == "2026-05-29T18:00:00Z"


def test_an_activity_with_too_little_data_keeps_its_row():
    """No interval is null, and the reason stands in the threats."""
    row = assessment_json(assessments.too_little())["results"][0]
    assert row["time_ratio"] is None
    assert row["verdict"] == "cannot-tell"
    assert row["threats"][0]["code"] == "too-few-items"


def test_an_activity_without_a_claim_has_none():
    """Nobody claimed anything about coding: claim and other reading are null."""
    row = assessment_json(assessments.slower())["results"][1]
    assert row["claim"] is None
    assert row["other_reading"] is None
    assert row["verdict"] == "faster"


def test_the_true_gains_of_a_made_up_log_are_told():
    """A reader of the JSON cannot mistake the demo for a real log."""
    found = assessment_json(assessments.demo())
    assert "made up" in found["made_up"]
    assert found["true_efficiency_gains"] == {"design": 0.35, "testing": 0.15}
    assert assessment_json(assessments.placebo())["made_up"] is None


def test_rows_are_flat_and_alike():
    """Every row of the CSV has the same columns in the same order, and holds no nested value."""
    rows = [row for build in assessments.EVERY.values() for row in assessment_rows(build())]
    assert len({tuple(row) for row in rows}) == 1
    assert all(
        cell is None or isinstance(cell, str | int | float) for row in rows for cell in row.values()
    )


def test_a_row_holds_what_the_json_holds():
    """Both forms are of one result."""
    row = assessment_rows(assessments.demo())[0]
    design = assessment_json(assessments.demo())["results"][0]
    assert row["efficiency_gain_low"] == design["efficiency_gain"]["low"]
    assert row["time_saved"] == design["time_saved"]["estimate"]
    assert row["threats"] == "one-rollout-date:serious task-mix:caution heaping:note"
    assert assessment_rows(assessments.too_little())[0]["time_ratio"] is None
