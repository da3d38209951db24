"""Threats from estimates: undated ones, and those of tasks without entries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support.threat_data import require, threat_inputs, work_items

from tracker.evidence.designs.randomisation import RandomisationCheck
from tracker.evidence.threats import estimates


def dates(undated: int) -> pd.DataFrame:
    """Return 100 estimates an arm, of which ``undated`` of the baseline have no date."""
    rows = [
        ("design", "baseline", 100, undated),
        ("design", "assistance", 100, 0),
        ("testing", "baseline", 100, 100),
    ]
    return pd.DataFrame(rows, columns=["activity", "arm", "n", "undated"])


def check(size_p: float | None) -> RandomisationCheck:
    """Return the check of drawn arms with a p-value of the difference of estimates."""
    return RandomisationCheck(100, 100, 0.5, 1.0, 1.0, size_p)


def test_undated_estimates_are_counted_by_arm() -> None:
    """A note with their share; other activities do not count."""
    threat = require(estimates.estimates_undated(threat_inputs(estimate_dates=dates(30))))
    assert (threat.code, threat.severity) == ("estimates-undated", "note")
    assert threat.message.startswith("30 of 200 (15\N{NO-BREAK SPACE}%) estimates ")
    assert threat.figures == (
        ("undated, baseline", "30 of 100 (30\N{NO-BREAK SPACE}%)"),
        ("undated, assistance", "0 of 100 (0\N{NO-BREAK SPACE}%)"),
    )


@pytest.mark.parametrize(
    ("size_p", "severity"), [(None, "note"), (0.06, "note"), (0.049, "caution"), (0.0, "caution")]
)
def test_undated_estimates_that_differ_between_drawn_arms_are_a_caution(
    size_p: float | None, severity: str
) -> None:
    """Below p = 0.05 they may have been changed after the draw, and the message has the p-value."""
    inputs = threat_inputs(
        design="randomised", estimate_dates=dates(30), randomisation=check(size_p)
    )
    threat = require(estimates.estimates_undated(inputs))
    assert threat.severity == severity
    assert ("(p = " in threat.message) == (severity == "caution")


def test_dated_estimates_are_no_threat() -> None:
    """Nor is work without any estimate, or a frame that was not queried."""
    assert estimates.estimates_undated(threat_inputs(estimate_dates=dates(0))) is None
    assert estimates.estimates_undated(threat_inputs(estimate_dates=dates(9).iloc[:0])) is None
    assert estimates.estimates_undated(threat_inputs()) is None


def test_estimates_of_tasks_without_entries_are_reported_where_estimates_are_missing() -> None:
    """Under half with entries is a caution; with an estimate for all work nothing is missing."""
    items = work_items()
    missing = items["estimate_minutes"].where(np.arange(len(items)) % 10 > 0)
    sparse = work_items(estimate_minutes=missing)
    few = threat_inputs(sparse, estimates=3203, unmatched_estimates=3203)
    threat = require(estimates.estimates_unmatched(few))
    assert (threat.code, threat.severity) == ("estimates-unmatched", "caution")
    assert "3,203 of 3,203 (100\N{NO-BREAK SPACE}%) estimates" in threat.message
    assert "a task that has no entries" in threat.message
    backlog = threat_inputs(sparse, estimates=1000, unmatched_estimates=400)
    assert require(estimates.estimates_unmatched(backlog)).severity == "note"
    complete = threat_inputs(estimates=1000, unmatched_estimates=400)
    assert estimates.estimates_unmatched(complete) is None
    assert estimates.estimates_unmatched(threat_inputs(sparse, estimates=1000)) is None
