"""Work items that took next to no time, more often in one arm than in the other."""

from __future__ import annotations

import math

import numpy as np

from tracker.domain.gains import percent
from tracker.domain.records import ARMS
from tracker.evidence.moments import Cells
from tracker.evidence.results import Threat

MIN_MINUTES = 2.0
MIN_SHARE_OF_ESTIMATE = 0.02
"""A work item below either is near zero."""

MAX_DIFFERENCE = 0.05
SIGNIFICANCE = 0.01
"""Shares of the arms further apart, and beyond chance by Fisher's exact test, are reported."""


def near_zero_minutes(cells: Cells, log_ratio: float) -> Threat | None:
    """Compare the arms' shares of work items of nearly 0 minutes.

    Args:
        cells: Closed work items with minutes, one per cell.
        log_ratio: The estimated effect θ. It is taken off first, so that a true gain does not
            count as near zero.

    Returns:
        A serious threat where the shares differ by more than 5 points and beyond chance.
    """
    assisted = cells.arm == 1
    minutes = cells.t * np.where(assisted, math.exp(-log_ratio), 1.0)
    near_zero = (minutes < MIN_MINUTES) | (minutes < MIN_SHARE_OF_ESTIMATE * cells.w)
    counts = {
        "baseline": (int(near_zero[~assisted].sum()), int((~assisted).sum())),
        "assistance": (int(near_zero[assisted].sum()), int(assisted.sum())),
    }
    if not near_zero.any() or any(total == 0 for _, total in counts.values()):
        return None
    shares = {arm: count / total for arm, (count, total) in counts.items()}
    if abs(shares["assistance"] - shares["baseline"]) <= MAX_DIFFERENCE:
        return None
    if _p_value(counts) >= SIGNIFICANCE:
        return None
    return Threat(
        "near-zero-minutes",
        "serious",
        f"No verdict: {percent(shares['baseline'])} of the baseline's work items and "
        f"{percent(shares['assistance'])} of those with assistance took next to no time (under "
        f"{MIN_MINUTES:g} minutes or {percent(MIN_SHARE_OF_ESTIMATE)} of the estimate): they would "
        "decide the comparison.",
        "Find out why they are so short, and correct or delete those that are not work.",
        tuple((arm, f"{counts[arm][0]:,} of {counts[arm][1]:,}") for arm in ARMS),
    )


def _p_value(counts: dict[str, tuple[int, int]]) -> float:
    """Return the p-value of Fisher's exact test that the shares are equal.

    Args:
        counts: By arm, the items that are near zero, and all items.
    """
    from scipy.stats import fisher_exact  # late: takes half a second to import

    table = np.array([[count, total - count] for count, total in counts.values()])
    return float(fisher_exact(table).pvalue)
