"""Efforts, estimates and arms in different units."""

from __future__ import annotations

import pytest
from support.threat_data import quality, require, threat_inputs, work_items

from tracker.evidence.threats.units import different_units


def test_a_log_in_minutes_has_one_unit() -> None:
    """Estimates near the efforts, spans near the efforts, arms near each other."""
    assert different_units(threat_inputs(quality=quality(with_span=900, sixtieth=3))) is None
    assert different_units(threat_inputs(work_items().head(5))) is None


@pytest.mark.parametrize(
    ("factor", "reading"),
    [(1 / 60, "hours or points"), (60.0, "seconds")],
    ids=["hours", "seconds"],
)
def test_estimates_in_another_unit_are_named(factor: float, reading: str) -> None:
    """The arm is named, since the logs of two tools may differ."""
    items = work_items()
    is_baseline = items["arm"] == "baseline"
    typical = (items["minutes"] / items["estimate_minutes"]).mean()
    items.loc[is_baseline, "estimate_minutes"] *= factor * typical
    threat = require(different_units(threat_inputs(items)))
    assert threat.severity == "serious"
    assert "Estimates of the baseline arm" in threat.message
    assert reading in threat.message
    assert "assistance arm" not in threat.message


def test_efforts_in_another_unit_than_their_span_are_named() -> None:
    """Most efforts are a sixtieth of the time from start to end."""
    rows = quality(with_span=1000, sixtieth=900)
    threat = require(different_units(threat_inputs(quality=rows)))
    assert "900 of 1,000 entries of the baseline arm" in threat.message


def test_arms_in_different_units_are_named() -> None:
    """An effect of 60 is a unit, not a gain."""
    items = work_items()
    items.loc[items["arm"] == "assistance", "minutes"] /= 60
    threat = require(different_units(threat_inputs(items)))
    assert "the arms are probably in different units" in threat.message
