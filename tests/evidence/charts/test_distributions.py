"""The distributions of minutes: bins and dots."""

from __future__ import annotations

import itertools
import math

import pandas as pd
from support.weekly_work import work

from tracker.evidence.assessment import Bin
from tracker.evidence.charts.distributions import item_dots, minute_bins


def test_bins_are_contiguous_and_count_every_item() -> None:
    """Bins lie between e^(b·width) and e^((b+1)·width); empty ones in between hold 0."""
    counts = [("baseline", -1, 2), ("baseline", 2, 5), ("assistance", 1, 3)]
    frame = pd.DataFrame(counts, columns=["arm", "bin", "n"])
    bins = minute_bins(frame, width=0.5)
    assert [(b.baseline, b.assistance) for b in bins] == [(2, 0), (0, 0), (0, 3), (5, 0)]
    assert bins[0] == Bin(math.exp(-0.5), 1.0, 2, 0)
    assert all(left.high_minutes == right.low_minutes for left, right in itertools.pairwise(bins))
    assert minute_bins(frame.iloc[:0], width=0.5) == ()


def test_bins_of_a_single_arm() -> None:
    """An arm without items has 0 in every bin."""
    frame = pd.DataFrame([("assistance", 3, 4)], columns=["arm", "bin", "n"])
    assert [(b.baseline, b.assistance) for b in minute_bins(frame, width=0.25)] == [(0, 4)]


def test_dots_are_the_closed_items_up_to_two_thousand() -> None:
    """Each closed item is a dot, sorted by size; beyond 2,000 items there is none."""
    items = work(n=2000)
    items.loc[:99, "status"] = "open"
    dots = item_dots(items)
    assert len(dots) == 1900
    baseline = [minutes for arm, minutes in dots if arm == "baseline"]
    assert baseline == sorted(baseline)
    assert item_dots(work(n=2001)) == ()
