"""Threats from the course of time: each is detected in data that have it, and in no other."""

from __future__ import annotations

import numpy as np
from support.threat_data import require, since, threat_inputs, trending, unusual_block, work_items

from tracker.evidence.threats import time_course


def test_drift() -> None:
    """A trend of the baseline is a threat either way; none visible is a note."""
    threat = require(time_course.drift(threat_inputs(trending(-0.05))))
    assert threat.severity == "serious"
    assert "less time from month to month" in threat.message
    assert "longer" in require(time_course.drift(threat_inputs(trending(0.05)))).message
    no_trend = require(time_course.drift(threat_inputs()))
    assert no_trend.severity == "note"
    assert "no reassurance" in no_trend.message
    assert time_course.drift(threat_inputs(trending(-0.05), design="randomised")) is None


def test_drift_needs_three_months() -> None:
    """A baseline of two months has a note that says so."""
    items = work_items()
    assert (
        "fewer than 3 months"
        in require(time_course.drift(threat_inputs(items[items["month"] >= 550]))).message
    )


def test_regression_to_the_mean() -> None:
    """An unusual last month of the baseline is a threat either way; another month is not."""
    threat = require(
        time_course.regression_to_the_mean(threat_inputs(since=unusual_block(-1, 0.6)))
    )
    assert "look like a gain" in threat.message
    assert (
        "look like a loss"
        in require(
            time_course.regression_to_the_mean(threat_inputs(since=unusual_block(-1, -0.6)))
        ).message
    )
    assert time_course.regression_to_the_mean(threat_inputs(since=unusual_block(-3, 0.3))) is None
    assert time_course.regression_to_the_mean(threat_inputs(since=since(work_items()))) is None
    assert time_course.regression_to_the_mean(threat_inputs()) is None


def test_novelty() -> None:
    """An effect of eight weeks is a threat with the gain by weeks; a lasting one is not."""
    items = work_items()
    block = items["month"] - 552
    fading = since(work_items(minutes=items["minutes"] * np.where(np.isin(block, (0, 1)), 0.5, 1)))
    threat = require(time_course.novelty(threat_inputs(since=fading)))
    assert "wears off" in threat.message
    assert abs(int(threat.message.split("tasks took ")[1].split("\N{NO-BREAK SPACE}")[0]) - 50) <= 5
    gains = [
        float(figure.removesuffix("\N{NO-BREAK SPACE}%").replace("−", "-"))
        for _, figure in threat.figures
    ]
    assert len(gains) == 6
    assert gains[0] > 70
    assert max(abs(gain) for gain in gains[1:]) < 25
    lasting = since(work_items(minutes=items["minutes"] * np.where(block >= 0, 0.5, 1)))
    assert time_course.novelty(threat_inputs(since=lasting)) is None
    assert time_course.novelty(threat_inputs(since=fading, design="randomised")) is None


def test_novelty_of_a_short_log_is_a_note() -> None:
    """Eight weeks or less after the rollout are too few for settled habits."""
    items = work_items()
    threat = require(time_course.novelty(threat_inputs(since=since(items[items["month"] < 554]))))
    assert "8 weeks" in threat.message
    assert threat.severity == "note"


def test_gains_by_weeks_of_few_developers_are_left_out() -> None:
    """With eight developers in the log, weeks of four have no gain."""
    items = work_items()
    block = items["month"] - 552
    faded = items.assign(minutes=items["minutes"] * np.where(np.isin(block, (0, 1)), 0.4, 1))
    few_later = faded[~(np.isin(block, (2, 3)) & items["developer"].isin(["d0", "d1", "d2", "d3"]))]
    labels = [
        label
        for label, _ in require(time_course.novelty(threat_inputs(since=since(few_later)))).figures
    ]
    assert "gain, weeks 1–8" in labels
    assert "gain, weeks 9–16" not in labels
