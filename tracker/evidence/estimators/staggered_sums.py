"""Ratios of sums of a staggered rollout, which compare the same months.

Minutes of work without assistance are fitted as unit × developer × month, where the unit is a work
item or an estimated minute: a Poisson pseudo-likelihood with two sets of effects (Santos Silva &
Tenreyro 2006), for which sums by developer and month are enough. Work with assistance is compared
with that fit, as by the imputation of the typical task (Borusyak, Jaravel & Spiess 2024).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.estimators.imputation import connected_months
from tracker.evidence.estimators.least_squares import jackknife
from tracker.evidence.estimators.sum_ratios import Denominator, SumRatio
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats, Mask

_MAX_ROUNDS = 500
_TOLERANCE = 1e-10
"""Largest relative change of a developer's rate in the last round."""


def staggered_ratio_of_sums(cells: Cells, denominator: Denominator) -> SumRatio | None:
    """Return ln of the minutes with assistance over those that the untreated work lets expect.

    Work counts as in :func:`tracker.evidence.estimators.imputation.impute`: its developer and its
    month both have untreated work, in one connected component. The error is the jackknife over
    developers, its df that of the imputation; None with fewer than five developers.

    Args:
        cells: The cells by month; with ``w`` every work item must have an estimate.
        denominator: What the minutes are divided by.

    Returns:
        The log ratio with its error and the two rates; None where nothing can be compared.

    """
    tables = _tables(cells, denominator)
    start = np.ones(cells.developers)
    comparison = _compare(tables, start)
    if comparison is None:
        return None
    error = None
    if cells.developers >= MIN_CLUSTERS:
        rest = np.eye(cells.developers) == 0
        leave_one_out = [
            _compare(tables.select(mask), comparison.developers[mask]) for mask in rest
        ]
        thetas = np.array([math.nan if other is None else other.theta for other in leave_one_out])
        error = jackknife(thetas, comparison.theta)
    df = min(cells.developers - 1, comparison.treated_developers)
    return SumRatio(
        comparison.theta,
        error and StandardError(error.se, df),
        comparison.expected / comparison.units,
        comparison.observed / comparison.units,
    )


@dataclass(frozen=True, slots=True)
class _Tables:
    """Sums by developer and month, each G × M."""

    minutes: Floats
    """Of untreated work."""
    units: Floats
    treated_minutes: Floats
    treated_units: Floats

    def select(self, developers: Mask) -> _Tables:
        """Return the sums of some developers."""
        return _Tables(*(getattr(self, field.name)[developers] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Minutes of treated work that can be compared, as observed and as expected without it."""

    observed: float
    expected: float
    units: float
    treated_developers: int
    developers: Floats
    """The fitted effect of each developer, G."""

    @property
    def theta(self) -> float:
        return math.log(self.observed / self.expected)


def _tables(cells: Cells, denominator: Denominator) -> _Tables:
    months, month = np.unique(cells.period, return_inverse=True)

    def by_month(values: Floats, arm: int) -> Floats:
        table = np.zeros((cells.developers, len(months)))
        np.add.at(table, (cells.developer, month), np.where(cells.arm == arm, values, 0.0))
        return table

    units = getattr(cells, denominator)
    return _Tables(
        by_month(cells.t, 0), by_month(units, 0), by_month(cells.t, 1), by_month(units, 1)
    )


def _compare(tables: _Tables, start: Floats) -> _Comparison | None:
    """Return the comparison of all treated work that can be compared; None without any.

    Args:
        tables: The sums.
        start: Developers' effects from which the fit starts, G.

    """
    untreated: Mask = (tables.minutes > 0) & (tables.units > 0)
    connected, has_untreated = connected_months(untreated, np.zeros((1, len(untreated))))
    first_month = untreated.argmax(axis=1)
    comparable: Mask = (
        connected[0, first_month]
        & has_untreated[0]
        & (untreated.sum(axis=1) > 0)[:, None]
        & (tables.treated_units > 0)
    )
    developers, months = _fit(tables, untreated, start)
    rates = np.outer(developers, months)
    expected = np.where(comparable, tables.treated_units * rates, 0.0)
    observed = float(tables.treated_minutes[comparable].sum())
    if not observed > 0 or not expected.sum() > 0:
        return None
    return _Comparison(
        observed,
        float(expected.sum()),
        float(tables.treated_units[comparable].sum()),
        int(comparable.any(axis=1).sum()),
        developers,
    )


def _fit(tables: _Tables, untreated: Mask, start: Floats) -> tuple[Floats, Floats]:
    """Return the effects of developers, G, and months, M; 0 where there is no untreated work.

    Their product is the fitted minutes a unit. They are fitted in turn, until the sums by developer
    and by month are those of the minutes.
    """
    minutes = np.where(untreated, tables.minutes, 0.0)
    units = np.where(untreated, tables.units, 0.0)
    developers = np.where(untreated.any(axis=1), np.where(start > 0, start, 1.0), 0.0)
    months = np.zeros(minutes.shape[1])
    for _ in range(_MAX_ROUNDS):
        before = developers
        months = _quotients(minutes.sum(axis=0), developers @ units)
        developers = _quotients(minutes.sum(axis=1), units @ months)
        if np.allclose(developers, before, rtol=_TOLERANCE, atol=0.0):
            break
    return developers, months


def _quotients(dividends: Floats, divisors: Floats) -> Floats:
    """Return quotients; 0 where there is nothing to divide by."""
    return np.where(divisors > 0, dividends / np.where(divisors > 0, divisors, 1.0), 0.0)
