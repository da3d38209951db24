"""The scale on which every chart draws gains: minus the natural log of the time ratio, -θ.

Gains rise to the right, and +100 % and −50 % efficiency are equally far from 0.
A position on it can be labelled on either reading.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.domain import gains
from tracker.domain.gains import Reading
from tracker.evidence.results import Interval, Result
from tracker.report import formats

FURTHEST = math.log(8.0)
"""The scale ends at eight times as fast or slow, so that an outlier does not compress the rest.

Charts mark what lies beyond with an arrow.
"""

_MIN_REACH = 0.1
"""The least that the scale extends to either side of 0."""
_MARGIN = 0.06
"""Free space at either end, as a share of the range of the positions."""

_ROUND_GAINS: dict[Reading, tuple[float, ...]] = {
    "efficiency_gain": (
        0.0, 1.0, -0.5, 0.5, -0.25, 0.25, 3.0, -0.75, 2.0, 0.1, -0.1, 5.0, 7.0, 0.75, 0.2, -0.2,
        0.3, 0.4, 1.5, -0.4, 0.05, -0.05, 0.15, -0.15, 0.02, -0.02,
    ),
    "time_saved": (
        0.0, 0.5, -1.0, 0.25, -0.5, -0.25, 0.75, -3.0, -2.0, 0.1, -0.1, 0.85, 0.4, 0.2, -0.2,
        0.3, 0.6, -5.0, -7.0, 0.05, -0.05, 0.15, -0.15, 0.02, -0.02,
    ),
}  # fmt: skip
"""Candidates for ticks, the preferred first."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled position on the scale."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Span:
    """The part of the scale that a chart shows."""

    low: float
    high: float

    def share(self, position: float) -> float:
        """Return a position as a fraction of the span: 0 at its left end, 1 at its right."""
        return (position - self.low) / (self.high - self.low)

    def clamp(self, position: float) -> float:
        """Return the nearest position within the span."""
        return min(max(position, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on the scale. An end is None where it has no bound."""

    middle: float
    low: float | None
    high: float | None


def gain_to_position(reading: Reading, gain: float | None) -> float | None:
    """Return the position of a gain, or None where no time ratio corresponds to it."""
    theta = None if gain is None else gains.to_log_ratio(reading, gain)
    return None if theta is None else -theta


def position_to_gain(reading: Reading, position: float) -> float:
    """Return the gain at a position."""
    return gains.from_ratio(reading, math.exp(-position))


def interval_to_bar(log_ratio: Interval | None) -> Bar | None:
    """Return the bar of an interval on θ. Its bounds swap, since gains fall as θ rises."""
    if log_ratio is None:
        return None
    low = None if log_ratio.high is None else -log_ratio.high
    high = None if log_ratio.low is None else -log_ratio.low
    return Bar(-log_ratio.estimate, low, high)


def claim_position(result: Result) -> float | None:
    """Return the position of the claim on the reading judged, or None without a claimed value."""
    return gain_to_position(result.reading, result.claim.value) if result.claim else None


def span(places: Iterable[float | None]) -> Span:
    """Return the span that holds 0 and all positions with a margin, within ``FURTHEST``."""
    positions = [0.0, *(position for position in places if position is not None)]
    low = max(min(*positions, -_MIN_REACH), -FURTHEST)
    high = min(max(*positions, _MIN_REACH), FURTHEST)
    margin = _MARGIN * (high - low)
    return Span(low - margin, high + margin)


def result_positions(results: Iterable[Result]) -> list[float | None]:
    """Return the positions that a chart of these results shows: claims, estimates and bounds."""
    positions: list[float | None] = []
    for result in results:
        interval = interval_to_bar(result.log_ratio)
        positions.append(claim_position(result))
        if interval:
            positions += [interval.low, interval.middle, interval.high]
    return positions


def ticks(reading: Reading, over: Span, *, apart: float = 0.13) -> tuple[Tick, ...]:
    """Return ticks at round gains.

    Args:
        reading: The reading in which ticks are labelled.
        over: The span to cover.
        apart: The least distance between two ticks, as a share of the span.

    Returns:
        The ticks from left to right.

    """
    gains_by_position: dict[float, float] = {}
    for gain in _ROUND_GAINS[reading]:
        position = gain_to_position(reading, gain)
        if position is None or not over.low <= position <= over.high:
            continue
        share = over.share(position)
        if all(abs(share - over.share(other)) >= apart for other in gains_by_position):
            gains_by_position[position] = gain
    return tuple(
        Tick(position, formats.percent(gains_by_position[position]))
        for position in sorted(gains_by_position)
    )
