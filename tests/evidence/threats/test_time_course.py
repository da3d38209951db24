"""Threats from the course of time: each is detected in data that have it, and in no other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.threat_data import require, since, threat_inputs, trending, unusual_block, work_items

from tracker.evidence.intervals import StandardError
from tracker.evidence.results import Threat
from tracker.evidence.threats import time_course
from tracker.evidence.threats.contrasts import Contrast
from tracker.evidence.threats.inputs import ThreatInputs


def detected(inputs: ThreatInputs, code: str) -> Threat | None:
    """Return the threat with this code among those from changes over time."""
    threats = {threat.code: threat for threat in time_course.changes_over_time(inputs)}
    return threats.get(code)


def test_drift() -> None:
    """A trend of the baseline is a threat either way; none shown is a note."""
    threat = require(detected(threat_inputs(trending(-0.05)), "drift"))
    assert threat.severity == "serious"
    assert "less time from month to month (t(" in threat.message
    assert ", p < 0.001)" in threat.message
    rising = require(detected(threat_inputs(trending(0.05)), "drift"))
    assert "longer" in rising.message
    no_trend = require(detected(threat_inputs(), "drift"))
    assert no_trend.severity == "note"
    assert "A passed test is no evidence" in no_trend.message
    assert detected(threat_inputs(trending(-0.05), design="randomised"), "drift") is None


def test_drift_needs_three_months() -> None:
    """A baseline of two months has a note that says so, and no test."""
    items = work_items()
    short = threat_inputs(items[items["month"] >= 550])
    assert "fewer than 3 months" in require(detected(short, "drift")).message
    assert time_course.drift_test(short) is None


def test_regression_to_the_mean() -> None:
    """An unusual last month of the baseline is a threat either way; another month is not."""
    code = "regression-to-the-mean"
    threat = require(detected(threat_inputs(since=unusual_block(-1, 0.6)), code))
    assert "look like a gain" in threat.message
    assert "The test does not say why" in threat.message
    lower = require(detected(threat_inputs(since=unusual_block(-1, -0.6)), code))
    assert "look like a loss" in lower.message
    assert detected(threat_inputs(since=unusual_block(-3, 0.3)), code) is None
    assert detected(threat_inputs(since=since(work_items())), code) is None
    assert detected(threat_inputs(), code) is None


def test_novelty() -> None:
    """An effect of eight weeks is a threat with the gain by weeks; a lasting one is not."""
    items = work_items()
    block = items["month"] - 552
    fading = since(work_items(minutes=items["minutes"] * np.where(np.isin(block, (0, 1)), 0.5, 1)))
    threat = require(detected(threat_inputs(since=fading), "novelty"))
    assert "consistent with an effect that wears off, but does not prove it" in threat.message
    assert "after Holm's correction for 3 tests" in threat.message
    assert abs(int(threat.message.split("tasks took ")[1].split("\N{NO-BREAK SPACE}")[0]) - 50) <= 5
    gains = [
        float(figure.removesuffix("\N{NO-BREAK SPACE}%").replace("−", "-"))
        for _, figure in threat.figures
    ]
    assert len(gains) == 6
    assert gains[0] > 70
    assert max(abs(gain) for gain in gains[1:]) < 25
    lasting = since(work_items(minutes=items["minutes"] * np.where(block >= 0, 0.5, 1)))
    assert detected(threat_inputs(since=lasting), "novelty") is None
    assert detected(threat_inputs(since=fading, design="randomised"), "novelty") is None


def test_novelty_of_a_short_log_is_a_note() -> None:
    """Eight weeks or less after the rollout are too few for settled habits, and for a test."""
    items = work_items()
    short = threat_inputs(since=since(items[items["month"] < 554]))
    threat = require(detected(short, "novelty"))
    assert "8 weeks" in threat.message
    assert threat.severity == "note"
    assert time_course.novelty_test(short) is None


def test_gains_by_weeks_of_few_developers_are_left_out() -> None:
    """With eight developers in the log, weeks of four have no gain."""
    items = work_items()
    block = items["month"] - 552
    faded = items.assign(minutes=items["minutes"] * np.where(np.isin(block, (0, 1)), 0.4, 1))
    few_later = faded[~(np.isin(block, (2, 3)) & items["developer"].isin(["d0", "d1", "d2", "d3"]))]
    threat = require(detected(threat_inputs(since=since(few_later)), "novelty"))
    labels = [label for label, _ in threat.figures]
    assert "gain, weeks 1–8" in labels
    assert "gain, weeks 9–16" not in labels


@pytest.mark.parametrize(
    ("p_values", "codes"),
    [
        ((0.04, 0.04, 0.04), set()),  # each alone would be reported
        ((0.016, 0.6, 0.7), {"drift"}),  # 3 · 0.016 < 0.05
        ((0.017, 0.6, 0.7), set()),
        ((0.016, 0.024, 0.04), {"drift", "regression-to-the-mean", "novelty"}),
        ((0.016, 0.026, 0.001), {"drift", "novelty", "regression-to-the-mean"}),
        ((0.016, 0.051, 0.001), {"drift", "novelty"}),
        ((0.04, None, None), {"drift"}),  # tests that cannot be made do not count
        ((None, 0.026, 0.6), set()),
        ((None, 0.024, 0.6), {"regression-to-the-mean"}),
    ],
)
def test_the_three_threats_are_one_family(
    monkeypatch: pytest.MonkeyPatch, p_values: tuple[float | None, ...], codes: set[str]
) -> None:
    """Whether a threat is reported depends on its p-value as corrected for the tests made."""
    for name, p in zip(("drift_test", "last_month_test", "novelty_test"), p_values, strict=True):
        test = None if p is None else contrast_with(p)
        monkeypatch.setattr(time_course, name, lambda _inputs, test=test: test)
    threats = time_course.changes_over_time(threat_inputs(since=since(work_items())))
    assert {threat.code for threat in threats if threat.severity != "note"} == codes


def contrast_with(p: float) -> Contrast:
    """Return a difference of 0.2 whose test has the p-value ``p``, with two degrees of freedom."""
    quantile = (1 - p) / math.sqrt(p * (2 - p) / 2)  # Student's t with 2 degrees of freedom
    contrast = Contrast(0.2, StandardError(0.2 / quantile, 2.0))
    assert contrast.p_value == pytest.approx(p, rel=1e-9)
    return contrast
