"""Threats from how the log was kept: each is detected in data that have it, and in no other."""

from __future__ import annotations

import pytest
from support.threat_data import quality, require, threat_inputs

from tracker.evidence.threats import record_keeping


@pytest.mark.parametrize(
    ("counts", "severity", "gain"),
    [
        ({"heaped_15": 700}, "caution", "+32"),
        ({"heaped_15": 900, "heaped_30": 600}, "serious", "+25"),
        ({"heaped_15": 900, "heaped_30": 800, "heaped_60": 600}, "serious", "+16"),
    ],
)
def test_heaping(counts: dict[str, int], severity: str, gain: str) -> None:
    """The coarsest unit of most entries decides, with what a true gain would appear as."""
    threat = require(record_keeping.heaping(threat_inputs(quality=quality(**counts))))
    assert threat.severity == severity
    assert f"about {gain} %" in threat.message


def test_a_clocked_log_has_no_heaping() -> None:
    """Round minutes by chance are no threat."""
    assert (
        record_keeping.heaping(
            threat_inputs(quality=quality(heaped_15=120, heaped_30=60, heaped_60=30))
        )
        is None
    )
    assert record_keeping.heaping(threat_inputs()) is None


@pytest.mark.parametrize(
    ("detect", "column", "many", "few"),
    [
        (record_keeping.late_entries, "late", 200, 50),
        (record_keeping.overlaps, "overlapping", 80, 20),
    ],
)
def test_shares_of_entries(detect: object, column: str, many: int, few: int) -> None:
    """Late and overlapping entries are a threat beyond a share of either arm."""
    threat = require(detect(threat_inputs(quality=quality(**{column: many}))))
    assert threat.figures[0] == ("baseline", f"{many} of 1,000 ({many // 10}\N{NO-BREAK SPACE}%)")
    assert detect(threat_inputs(quality=quality(**{column: few}))) is None
    assert detect(threat_inputs()) is None


def test_outliers() -> None:
    """A single very long entry is a note, many are a caution, none is no threat."""
    assert (
        require(record_keeping.outliers(threat_inputs(quality=quality(over_12h=1)))).severity
        == "note"
    )
    assert (
        require(record_keeping.outliers(threat_inputs(quality=quality(over_12h=20)))).severity
        == "caution"
    )
    assert record_keeping.outliers(threat_inputs(quality=quality())) is None


def test_baseline_edited() -> None:
    """A baseline written down or changed after the rollout is a threat, serious if much is."""
    assert (
        require(
            record_keeping.baseline_edited(threat_inputs(quality=quality(edited_after=3)))
        ).severity
        == "caution"
    )
    threat = require(
        record_keeping.baseline_edited(threat_inputs(quality=quality(logged_after=200)))
    )
    assert threat.severity == "serious"
    assert "200 of 1,000 (20\N{NO-BREAK SPACE}%) were written down" in threat.message
    assert record_keeping.baseline_edited(threat_inputs(quality=quality())) is None
    assert record_keeping.baseline_edited(threat_inputs()) is None


def test_implausible_entries_are_counted() -> None:
    """A few long spans are a note; more than 1 %, or any in another year, are a caution."""
    assert record_keeping.implausible_entries(threat_inputs(quality=quality())) is None
    few = require(record_keeping.implausible_entries(threat_inputs(quality=quality(over_24h=3))))
    assert few.severity == "note"
    assert "3 entries with over 24 hours from start to end" in few.message
    many = threat_inputs(quality=quality(beyond_span=30))
    assert require(record_keeping.implausible_entries(many)).severity == "caution"
    years = threat_inputs(quality=quality(), isolated_entries=1, future_entries=2)
    threat = require(record_keeping.implausible_entries(years))
    assert threat.severity == "caution"
    assert "1 entry more than 2 years away from all others" in threat.message
    assert "2 entries in the future, left out" in threat.message
