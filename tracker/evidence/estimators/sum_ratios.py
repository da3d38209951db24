"""Ratios of sums: total minutes per work item or per estimated minute, exact from moments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.least_squares import jackknife
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats

Denominator = Literal["n", "w"]
"""Minutes per work item (``n``), or per estimated minute (``w``)."""

_MIN_SUM = 1e-9
"""Sum of minutes or units below which it is a rounding error and counts as 0."""


@dataclass(frozen=True, slots=True)
class SumRatio:
    """ln of the ratio of the arms' rates, and the rates themselves."""

    theta: float
    error: StandardError | None
    baseline: float
    assistance: float


def ratio_of_sums(cells: Cells, denominator: Denominator) -> SumRatio | None:
    """Return ln of the ratio of the arms' Σt/Σdenominator.

    The error is the jackknife over developers, t(G − 1); with fewer than five developers, the delta
    method by work item.

    Args:
        cells: The cells; with ``w`` every work item must have an estimate.
        denominator: What the minutes are divided by.

    Returns:
        The log ratio with its error and the two rates; None where an arm has no minutes or nothing
        to divide them by.

    """
    minutes = _sums_by_arm(cells, cells.t)
    units = _sums_by_arm(cells, getattr(cells, denominator))
    theta = float(_log_ratio(minutes.sum(axis=0), units.sum(axis=0)))
    if not math.isfinite(theta):
        return None
    rates = minutes.sum(axis=0) / units.sum(axis=0)
    if cells.developers < MIN_CLUSTERS:
        error = _item_error(cells, denominator)
    else:
        error = jackknife(
            _log_ratio(minutes.sum(axis=0) - minutes, units.sum(axis=0) - units), theta
        )
    return SumRatio(theta, error, float(rates[0]), float(rates[1]))


def _sums_by_arm(cells: Cells, values: Floats) -> Floats:
    """Sum ``values`` by developer and arm; returns G × 2."""
    return np.column_stack(
        [cells.per_developer(np.where(cells.arm == arm, values, 0.0)) for arm in (0, 1)]
    )


def _log_ratio(minutes: Floats, units: Floats) -> Floats:
    """Return ln of the rate of arm 1 over that of arm 0 (the last axis); NaN where a sum is 0."""
    defined = (minutes > _MIN_SUM).all(axis=-1) & (units > _MIN_SUM).all(axis=-1)
    logs = np.log(np.where(minutes > _MIN_SUM, minutes, 1.0)) - np.log(
        np.where(units > _MIN_SUM, units, 1.0)
    )
    return np.where(defined, logs[..., 1] - logs[..., 0], np.nan)


def _item_error(cells: Cells, denominator: Denominator) -> StandardError | None:
    """Return the delta-method error by work item, from sums of squares and products.

    In each arm the variance of ln(Σt/Σu) is Σ(t − Ru)²/(Σt)²·n/(n − 1), with R = Σt/Σu.
    """
    variance, items = 0.0, 0.0
    for arm in (0, 1):
        in_arm = cells.arm == arm
        n, t, tt = (float(getattr(cells, name)[in_arm].sum()) for name in ("n", "t", "tt"))
        if denominator == "n":  # u = 1 for every item
            u, uu, tu = n, n, t
        else:
            u, uu, tu = (float(getattr(cells, name)[in_arm].sum()) for name in ("w", "ww", "tw"))
        if n < 2:
            return None
        rate = t / u
        variance += max(tt - 2.0 * rate * tu + rate**2 * uu, 0.0) / t**2 * n / (n - 1)
        items += n
    return StandardError(math.sqrt(variance), items - 2)
