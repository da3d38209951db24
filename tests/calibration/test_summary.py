"""The figures of judged windows, from rows made by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from tracker.calibration import summary
from tracker.calibration.scenarios import BEFORE_AFTER, GAIN, MINUTES, TRACKER, TRIAL, Row


def rows(*bounds: tuple[float, float], method: str = TRACKER, kind: str = "") -> pd.DataFrame:
    """Return a window for each (estimate, half-width), whose true effect is 0."""
    comparison = f"{BEFORE_AFTER}, {kind}" if kind else BEFORE_AFTER
    return pd.DataFrame(
        [
            Row("design", number, "a", 200, 8, comparison, method, 0.0, *bound)
            for number, bound in enumerate(bounds)
        ],
        columns=list(Row._fields),
    )


def test_a_false_gain_is_an_interval_below_zero() -> None:
    """A loss, or an interval that contains 0, is none; a method without rows is missing."""
    counts = summary.false_gains(rows((-0.5, 0.4), (0.5, 0.4), (-0.1, 0.4), (math.nan, math.nan)))
    assert counts == {TRACKER: (1, 4)}


@pytest.mark.parametrize(
    ("gains", "comparisons", "text"),
    [
        (3, 8, "3 of 8 comparisons"),
        (5, 200, "2 of 100 comparisons"),
        (0, 400, "0 of 100 comparisons"),
        (1, 400, "fewer than 1 of 100 comparisons"),
    ],
)
def test_the_sentence_counts_of_a_hundred_where_there_are_as_many(
    gains: int, comparisons: int, text: str
) -> None:
    """Fewer comparisons are not blown up to a hundred."""
    counts = {TRACKER: summary.Count(gains, comparisons), TRIAL: summary.Count(8, comparisons)}
    sentence = summary.describe_false_gains(counts)
    assert sentence.startswith(f"On your own log, with no assistant at work, {text} found a gain")
    assert "by the published trial's model" in sentence
    assert summary.describe_false_gains({}) == ""


def test_figures_of_a_method() -> None:
    """False alarms and width are of windows with an interval; coverage is of those with a gain."""
    null = rows((-0.5, 0.4), (0.1, 0.4), (0.1, 0.2), (math.nan, math.nan))
    (figures,) = summary.summarise(pd.concat([null, rows((0.1, 0.2), kind=GAIN)]))
    assert (figures.windows, figures.without_interval) == (3, 1)
    assert figures.false_alarms == pytest.approx((1 / 3, math.sqrt(0.4 * 0.6 / 5)))
    assert figures.width is not None
    assert figures.width.median == pytest.approx(0.8)
    assert figures.covers == pytest.approx((1.0, math.sqrt(2 / 27))), "one of one is not certain"
    assert figures.covers_varying is figures.rules_out is None
    assert figures.detects == pytest.approx((0.0, math.sqrt(2 / 27)))
    minutes = summary.summarise(pd.concat([null, rows((3.0, 1.0), method=MINUTES)]))[1]
    assert minutes.width is minutes.covers is None
