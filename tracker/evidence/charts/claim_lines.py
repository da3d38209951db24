"""What several charts need: claims as lines to hold estimates against, and intervals as gains."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.domain import gains
from tracker.domain.gains import Reading
from tracker.evidence.results import Interval, Result, exponentiate


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """Where the claim of one result lies on a chart."""

    result: Result
    value: float
    """On the chart's scale: minutes of the typical task, or the time ratio where there are none."""


def claim_lines(
    activity: str, results: tuple[Result, ...], *, baseline: float = 1.0
) -> tuple[ClaimLine, ...]:
    """Return one line for each result of the activity whose claim is a possible time ratio.

    Args:
        activity: Results of other activities are passed over.
        results: Judged claims, in the order in which their lines are drawn.
        baseline: The value without assistance: minutes of the typical task, or 1 for time ratios.

    """
    lines = []
    for result in results:
        if result.activity != activity or result.claim is None or result.claim.value is None:
            continue
        ratio = gains.to_ratio(result.reading, result.claim.value)
        if ratio is not None:
            lines.append(ClaimLine(result, ratio * baseline))
    return tuple(lines)


def gain_interval(
    log_ratio: Interval | None, reading: Reading = "efficiency_gain"
) -> Interval | None:
    """Return an interval on θ as a gain; its bounds swap, since a gain falls as the ratio rises."""
    if log_ratio is None:
        return None
    ratio = exponentiate(log_ratio)
    low = None if ratio.high is None else gains.from_ratio(reading, ratio.high)
    high = None if ratio.low is None else gains.from_ratio(reading, ratio.low)
    return Interval(gains.from_ratio(reading, ratio.estimate), low, high)
