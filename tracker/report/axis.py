"""The one scale on which gains are drawn: minus ln(time ratio), so that gains rise to the right and bounds are fair.

On it +100 % and −50 % lie equally far from 0. The same place is labelled on either reading.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.domain import gains
from tracker.domain.gains import Reading
from tracker.evidence.results import Interval, Result, exponentiate
from tracker.report import formats

FURTHEST = math.log(8.0)
"""What lies beyond eight times as fast or slow is cut off, and said so by an arrow: it would crush all else."""

_NICE: dict[Reading, tuple[float, ...]] = {
    "efficiency_gain": (
        *(
            0.0,
            1.0,
            -0.5,
            0.5,
            -0.25,
            0.25,
            3.0,
            -0.75,
            2.0,
            0.1,
            -0.1,
            5.0,
            7.0,
            0.75,
            0.2,
            -0.2,
            0.3,
            0.4,
            1.5,
        ),
        *(-0.4, 0.05, -0.05, 0.15, -0.15, 0.02, -0.02),
    ),
    "time_saved": (
        *(
            0.0,
            0.5,
            -1.0,
            0.25,
            -0.5,
            -0.25,
            0.75,
            -3.0,
            -2.0,
            0.1,
            -0.1,
            0.85,
            0.4,
            0.2,
            -0.2,
            0.3,
            0.6,
            -5.0,
            -7.0,
        ),
        *(0.05, -0.05, 0.15, -0.15, 0.02, -0.02),
    ),
}
"""Round gains, the most welcome first."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the scale and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where the scale runs."""

    low: float
    high: float

    def share(self, at: float) -> float:
        """Where a place lies in the span: 0 at its left end, 1 at its right."""
        return (at - self.low) / (self.high - self.low)

    def clamp(self, at: float) -> float:
        """The nearest place inside."""
        return min(max(at, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on the scale; an end is None where it has no bound."""

    middle: float
    low: float | None
    high: float | None


def place(reading: Reading, gain: float | None) -> float | None:
    """Where a gain lies, None where no time ratio has it."""
    theta = None if gain is None else gains.to_log_ratio(reading, gain)
    return None if theta is None else -theta


def bar(log_ratio: Interval | None) -> Bar | None:
    """An interval on θ, mirrored: gains fall as θ rises."""
    if log_ratio is None:
        return None
    low = None if log_ratio.high is None else -log_ratio.high
    high = None if log_ratio.low is None else -log_ratio.low
    return Bar(-log_ratio.estimate, low, high)


def claim_place(result: Result) -> float | None:
    """Where the claim lies, on the reading it was judged on."""
    return place(result.reading, result.claim.value) if result.claim else None


def span(places: Iterable[float | None]) -> Span:
    """A span that holds 0 and every place given, with some air, and at least a tenth either way."""
    known = [0.0, *(at for at in places if at is not None)]
    low = max(min(*known, -0.1), -FURTHEST)
    high = min(max(*known, 0.1), FURTHEST)
    air = 0.06 * (high - low)
    return Span(low - air, high + air)


def result_places(results: Iterable[Result]) -> list[float | None]:
    """Everything that a drawing of these results has to show."""
    found: list[float | None] = []
    for result in results:
        interval = bar(result.log_ratio)
        found += [
            claim_place(result),
            *((interval.low, interval.middle, interval.high) if interval else ()),
        ]
    return found


def ticks(reading: Reading, over: Span, *, apart: float = 0.13) -> tuple[Tick, ...]:
    """Round gains to label, from left to right, no two closer than a share ``apart`` of the span."""
    chosen: dict[float, float] = {}
    for gain in _NICE[reading]:
        at = place(reading, gain)
        if at is None or not over.low <= at <= over.high:
            continue
        if all(abs(over.share(at) - over.share(other)) >= apart for other in chosen):
            chosen[at] = gain
    return tuple(Tick(at, formats.percent(chosen[at])) for at in sorted(chosen))


def read(reading: Reading, bar: Bar) -> Interval:
    """A bar of the scale as a gain on one reading."""
    low, high = (
        None if at is None else gains.from_ratio(reading, math.exp(-at))
        for at in (bar.low, bar.high)
    )
    return Interval(gains.from_ratio(reading, math.exp(-bar.middle)), low, high)


def gain(log_ratio: Interval | None, reading: Reading = "efficiency_gain") -> Interval | None:
    """An interval on θ as a gain."""
    found = bar(log_ratio)
    return None if found is None else read(reading, found)


def time_ratio(log_ratio: Interval | None) -> Interval | None:
    """An interval on θ as a time ratio."""
    return None if log_ratio is None else exponentiate(log_ratio)
