"""The minutes of each arm beside the difference: every item in a small log, bins in a large one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracker.domain.records import ARMS, Arm
from tracker.evidence.assessment import ActivityChartData, Bin
from tracker.evidence.charts.claim_lines import ClaimLine, claim_lines
from tracker.evidence.results import Interval, Result

MAX_DOTS = 2_000
"""Work items up to which each is drawn as a dot."""
MIN_ITEMS_OF_ARM = 5
"""Work items of each arm below which no distribution is drawn."""


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """θ and the claims on the scale of minutes: counted from the centre of the baseline."""

    centre_minutes: float
    result: Result
    """A result of the activity, for its gain in words."""
    minutes: Interval
    claim_lines: tuple[ClaimLine, ...]


@dataclass(frozen=True, slots=True)
class DistributionData:
    """How long the tasks of one activity took in each arm."""

    activity: str
    bins: tuple[Bin, ...]
    dots: tuple[tuple[str, float], ...]
    """(arm, minutes) of every work item; () in a large log."""
    typical_minutes: dict[Arm, float | None]
    """As they stand."""
    adjusted: bool
    """Whether minutes are adjusted as the headline is; counts are then those of the headline."""
    difference: DifferenceRow | None
    """None without an interval."""

    def counts(self, arm: Arm) -> tuple[int, ...]:
        """Return the work items of an arm in each bin."""
        return tuple(b.baseline if arm == "baseline" else b.assistance for b in self.bins)

    def items(self, arm: Arm) -> int:
        """Return the number of work items of an arm."""
        return sum(self.counts(arm))


def distribution_data(
    chart_data: ActivityChartData, results: tuple[Result, ...] = ()
) -> DistributionData | None:
    """Return the distributions of one activity; None where an arm has under five work items."""
    bins = tuple(b for b in chart_data.bins if b.low_minutes > 0)
    if min(sum(b.baseline for b in bins), sum(b.assistance for b in bins)) < MIN_ITEMS_OF_ARM:
        return None
    return DistributionData(
        activity=chart_data.activity,
        bins=bins,
        dots=chart_data.dots,
        typical_minutes={
            "baseline": chart_data.typical_baseline_minutes,
            "assistance": chart_data.typical_assistance_minutes,
        },
        adjusted=chart_data.centre_minutes is not None,
        difference=_difference(chart_data, results),
    )


def _difference(chart_data: ActivityChartData, results: tuple[Result, ...]) -> DifferenceRow | None:
    """Return the difference from the centre of the baseline; None without an interval.

    Where minutes are not adjusted, it counts from their typical value in the baseline.
    """
    centre = chart_data.centre_minutes or chart_data.typical_baseline_minutes
    own = [result for result in results if result.activity == chart_data.activity]
    if centre is None or not own or own[0].time_ratio is None:
        return None
    ratio = own[0].time_ratio
    return DifferenceRow(
        centre_minutes=centre,
        result=own[0],
        minutes=Interval(
            centre * ratio.estimate,
            None if ratio.low is None else centre * ratio.low,
            None if ratio.high is None else centre * ratio.high,
        ),
        claim_lines=claim_lines(chart_data.activity, results, baseline=centre),
    )


def bins_of_dots(dots: Sequence[tuple[str, float]], *, width: float) -> tuple[Bin, ...]:
    """Return the bins of single work items, as :func:`minute_bins` does of counts."""
    frame = pd.DataFrame(dots, columns=["arm", "minutes"])
    frame["bin"] = np.floor(np.log(frame["minutes"]) / width).astype(int)
    return minute_bins(
        frame.groupby(["arm", "bin"], as_index=False).size().rename(columns={"size": "n"}),
        width=width,
    )


def minute_bins(distribution: pd.DataFrame, *, width: float) -> tuple[Bin, ...]:
    """Return the bins from the shortest to the longest, empty ones in between included.

    Args:
        distribution: Work items of one activity by ``arm`` and ``bin``, their number in ``n``.
        width: Width of a bin in natural-log units of minutes.

    """
    if distribution.empty:
        return ()
    counts = distribution.pivot_table(
        index="bin", columns="arm", values="n", aggfunc="sum", fill_value=0
    )
    counts = counts.reindex(
        range(int(counts.index.min()), int(counts.index.max()) + 1), fill_value=0
    ).reindex(columns=list(ARMS), fill_value=0)
    return tuple(
        Bin(
            math.exp(width * number),
            math.exp(width * (number + 1)),
            int(baseline),
            int(assistance),
        )
        for number, baseline, assistance in zip(
            counts.index, counts["baseline"], counts["assistance"], strict=True
        )
    )


def item_dots(items: pd.DataFrame) -> tuple[tuple[str, float], ...]:
    """Return (arm, minutes) of every closed item of one activity; () beyond 2,000 items.

    Sorted by size, so that nobody's order of work shows.
    """
    closed = items[(items["status"] == "closed") & (items["minutes"] > 0)]
    if len(closed) > MAX_DOTS:
        return ()
    ordered = closed.sort_values(["arm", "minutes"])
    return tuple(
        (str(arm), float(minutes))
        for arm, minutes in zip(ordered["arm"], ordered["minutes"], strict=True)
    )
