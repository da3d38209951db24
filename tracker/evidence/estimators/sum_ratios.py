"""Ratios of sums: total minutes per work item, or per estimated minute, in the two arms. Exact from moments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.least_squares import jackknife
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats

Per = Literal["n", "w"]
"""Minutes per work item, or per estimated minute."""


@dataclass(frozen=True, slots=True)
class SumRatio:
    """ln of the ratio of the arms' Σt/Σper, and the two themselves."""

    theta: float
    error: StandardError | None
    baseline: float
    assistance: float


def ratio_of_sums(cells: Cells, per: Per) -> SumRatio | None:
    """The log ratio with its jackknife over developers, t(G − 1); below five developers with the items' own error.

    For ``w`` every work item must have an estimate. None where an arm has nothing to divide.
    """
    minutes, units = _by_arm(cells, cells.t), _by_arm(cells, getattr(cells, per))
    whole = float(_log_ratio(minutes.sum(axis=0), units.sum(axis=0)))
    if not math.isfinite(whole):
        return None
    rates = minutes.sum(axis=0) / units.sum(axis=0)
    if cells.developers < MIN_CLUSTERS:
        error = _item_error(cells, per)
    else:
        error = jackknife(
            _log_ratio(minutes.sum(axis=0) - minutes, units.sum(axis=0) - units), whole
        )
    return SumRatio(whole, error, float(rates[0]), float(rates[1]))


def _by_arm(cells: Cells, values: Floats) -> Floats:
    """Developers × arms."""
    return np.column_stack(
        [cells.per_developer(np.where(cells.arm == arm, values, 0.0)) for arm in (0, 1)]
    )


def _log_ratio(minutes: Floats, units: Floats) -> Floats:
    """ln of (minutes/units) of the last axis' second over its first; NaN where one of them is nothing."""
    there = (minutes > 1e-9).all(axis=-1) & (units > 1e-9).all(axis=-1)
    logs = np.log(np.where(minutes > 1e-9, minutes, 1.0)) - np.log(
        np.where(units > 1e-9, units, 1.0)
    )
    return np.where(there, logs[..., 1] - logs[..., 0], np.nan)


def _item_error(cells: Cells, per: Per) -> StandardError | None:
    """Delta method: the variance of ln(Σt/Σu) is Σ(t − Ru)²/(Σt)²·n/(n − 1) in each arm; from sums of squares."""
    variance, items = 0.0, 0.0
    for arm in (0, 1):
        own = cells.arm == arm
        n, t, tt = (float(getattr(cells, name)[own].sum()) for name in ("n", "t", "tt"))
        if per == "n":  # the unit is the item itself: u = 1
            u, uu, tu = n, n, t
        else:
            u, uu, tu = (float(getattr(cells, name)[own].sum()) for name in ("w", "ww", "tw"))
        if n < 2:
            return None
        rate = t / u
        variance += max(tt - 2.0 * rate * tu + rate**2 * uu, 0.0) / t**2 * n / (n - 1)
        items += n
    return StandardError(math.sqrt(variance), items - 2)
