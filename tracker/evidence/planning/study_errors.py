"""The errors of a study of a given size, and what follows: its power, and the size for a power.

A study tells a claim from the true gain where its interval does not hold the claim: its verdict is
then neither ``cannot-tell`` nor ``plausible``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from tracker.domain.arms import MIN_ITEMS_PER_ARM
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.intervals import t_quantile
from tracker.evidence.moments import Floats

COST_FACTOR = 1.3
"""Factor on n of the formula for developer effects, unequal arms and heavy tails."""

MAX_ITEMS = 1_000_000
"""Number of work items above which no study is planned."""

MIN_ITEMS = 2 * MIN_ITEMS_PER_ARM
"""A study of fewer work items has no interval."""


@dataclass(frozen=True, slots=True)
class StudyErrors:
    """The errors of studies of one size, which shrink as 1/√items."""

    items: float
    """Work items of a study, in two arms of equal size."""
    half_widths: Floats
    """Half-widths on θ without the drift allowance, one for each study considered."""
    sd: float
    """Standard deviation of the estimate of θ."""

    def power(
        self,
        distance: float,
        items: float,
        drift: float | None,
        *,
        may_support: bool = True,
        drift_sd: float = 0.0,
    ) -> float:
        """Return the probability that a study tells a target from the true value of θ.

        Args:
            distance: The true θ less the target; above 0 where the true gain is smaller.
            items: Work items of the study, in two arms of equal size.
            drift: The drift allowance as a half-width; None without one.
            may_support: Whether an interval wholly beyond the target tells, too.
            drift_sd: Standard deviation of the drift of the team itself.

        """
        scale = math.sqrt(self.items / items)
        half_widths = np.hypot(scale * self.half_widths, drift or 0.0)
        sd = math.hypot(scale * self.sd, drift_sd)
        below = special.ndtr((distance - half_widths) / sd)
        above = special.ndtr((-distance - half_widths) / sd) if may_support else 0.0
        return float(np.mean(below + above))

    def items_for(
        self, power: float, distance: float, drift: float | None, *, may_support: bool = True
    ) -> int | None:
        """Return the least number of work items that gives a power; None where none does.

        The team's own drift is left out: it does not depend on the number of work items.
        """

        def suffices(items: int) -> bool:
            return self.power(distance, items, drift, may_support=may_support) >= power

        if abs(distance) <= (drift or 0.0):
            return None
        return least_number(suffices, MIN_ITEMS, MAX_ITEMS)


def least_number(suffices: Callable[[int], bool], low: int, high: int) -> int | None:
    """Return the least whole number from ``low`` to ``high`` that suffices; None where none does.

    Where a number suffices, every larger one must suffice.
    """
    if not suffices(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle + 1, high)
    return high


def error_df(developers: int) -> int | None:
    """Return the df of the formula's t quantiles, G − 1.

    None (the normal distribution) with fewer than five developers, whose error is by work item.
    """
    return developers - 1 if developers >= MIN_CLUSTERS else None


def formula_errors(sigma: float, developers: int, level: float) -> StudyErrors:
    """Return the errors by the formula: se² = 1.3·4σ²/n, half-width t(G − 1)·se."""
    se = math.sqrt(COST_FACTOR * 4) * sigma
    half_width = t_quantile((1 + level) / 2, error_df(developers)) * se
    return StudyErrors(1.0, np.array([half_width]), se)


def formula_items(
    sigma: float, developers: int, level: float, power: float, distance: float
) -> int | None:
    """Return n = 1.3·4σ²·(t₍(1+level)/2, G−1₎ + t₍power, G−1₎)²/distance².

    This is the two-sample formula on θ for arms of equal size, without a drift allowance. None
    where no practical number of work items suffices.
    """
    df = error_df(developers)
    quantiles = t_quantile((1 + level) / 2, df) + t_quantile(power, df)
    if distance == 0.0:
        return None
    items = COST_FACTOR * 4 * (sigma * quantiles / distance) ** 2
    return max(MIN_ITEMS, math.ceil(items)) if items <= MAX_ITEMS else None


def today_errors(activity_estimate: ActivityEstimate, items: float) -> StudyErrors | None:
    """Return the errors of the log's own comparison; None where it has no interval.

    Args:
        activity_estimate: The estimate.
        items: The items of a study of two equal arms that is as precise.

    """
    interval, estimate = activity_estimate.log_ratio, activity_estimate.estimate
    if interval is None or interval.high is None or estimate is None or estimate.error is None:
        return None
    half_width, drift = interval.high - interval.estimate, activity_estimate.drift or 0.0
    random_part = math.sqrt(max(half_width**2 - drift**2, 0.0))
    return StudyErrors(items, np.array([random_part]), estimate.error.se)
