"""The permutation test and the wild cluster bootstrap against their definitions."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from support import panels

from tracker.evidence.estimators.least_squares import crv1, fit_least_squares
from tracker.evidence.estimators.resampling import permutation_interval, wild_bootstrap_interval
from tracker.evidence.moments import (
    Cells,
    cells_from_items,
    cross_products,
    subtract_developer_means,
)


def test_permutation_covers_an_injected_effect():
    """The inverted test excludes it about as often as its level says."""
    rng = np.random.default_rng(5)
    excluded = 0
    for _ in range(120):
        work = panels.items(rng, developers=5, per_developer=14, effect=-0.4)
        cells = cells_from_items(panels.in_both_arms(work))
        interval = permutation_interval(cells, 0.9, rng, adjusted=True, draws=199)
        excluded += not interval.low <= -0.4 <= interval.high
    assert 2 <= excluded <= 24


def test_permutation_equals_refitting_every_draw():
    """With x and an intercept of points, a bound is where p by refitting crosses 1 − level."""
    rng = np.random.default_rng(4)
    work = panels.items(rng, developers=6, per_developer=12, effect=-0.4)
    work = panels.in_two_units(panels.in_both_arms(work), rng.random(len(work)) < 0.5)
    cells = cells_from_items(work)
    interval = permutation_interval(cells, 0.9, np.random.default_rng(1), adjusted=True, draws=99)
    dummies = cells.developer[:, None] == np.arange(cells.developers)
    covariates = np.column_stack([cells.x, cells.points, dummies]).astype(float)

    def coefficient(arm: np.ndarray, y: np.ndarray) -> float:
        return float(np.linalg.lstsq(np.column_stack([arm, covariates]), y)[0][0])

    theta = coefficient(cells.arm, cells.y)
    assert interval.estimate == pytest.approx(theta, rel=1e-9)
    for null, inside in ((interval.high - 1e-6, True), (interval.high + 1e-6, False)):
        draws = np.random.default_rng(1)
        y = cells.y - null * cells.arm
        reached = 0
        for _ in range(99):
            order = np.argsort(cells.developer + draws.random(len(y)))
            reached += abs(coefficient(cells.arm[order], y)) >= abs(theta - null)
        assert ((1 + reached) / 100 > 1 - 0.9) is inside


@pytest.mark.parametrize(("draws", "rejects"), [(18, False), (19, True)])
def test_the_smallest_permutation_p_value_is_one_in_draws_plus_one(draws, rejects):
    """At the level 0.95 it takes 19 draws to reject: 1/20 is 5 %, 1/19 is more."""
    work = panels.items(np.random.default_rng(3), developers=6, per_developer=30)
    cells = cells_from_items(panels.in_both_arms(work))
    rng = np.random.default_rng(0)
    interval = permutation_interval(cells, 0.95, rng, adjusted=True, draws=draws)
    assert (interval is not None) is rejects


def test_the_wild_bootstrap_equals_refitting_on_every_flip():
    """With all 2^G sign flips, the p-value at a null is that of refitting flipped residuals."""
    work = panels.items(np.random.default_rng(2), developers=7, per_developer=8, effect=-0.4)
    cells = cells_from_items(panels.in_both_arms(work))
    fit = fit_least_squares(cross_products(cells))
    error = crv1(fit)
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=cells.developers)))
    interval = wild_bootstrap_interval(fit, 0.9, FixedWeights(signs), draws=len(signs))
    for null, inside in (
        (interval.high - 1e-6, True),
        (interval.high + 1e-6, False),
        (interval.low + 1e-6, True),
    ):
        statistic = abs(fit.theta - null) / error.se
        assert (p_value_by_refitting(cells, null, signs, statistic) > 0.1) is inside


class FixedWeights:
    """A generator that draws these weights."""

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights

    def choice(self, *_args: object, **_named: object) -> np.ndarray:
        return self.weights


def p_value_by_refitting(cells: Cells, null: float, signs: np.ndarray, statistic: float) -> float:
    """Return the share of sign flips whose refitted |t| reaches the statistic.

    The residuals under the null are flipped by developer.
    """
    x, arm, y = (subtract_developer_means(cells, v) for v in (cells.x, cells.arm, cells.y))
    slope = x @ (y - null * arm) / (x @ x)
    fitted = null * arm + slope * x
    reached = 0
    for flips in signs:
        flipped_y = fitted + (y - fitted) * flips[cells.developer]
        flipped = dataclasses.replace(cells, y=flipped_y, yy=flipped_y**2, xy=flipped_y * cells.x)
        fit = fit_least_squares(cross_products(flipped))
        reached += abs(fit.theta - null) / crv1(fit).se >= statistic - 1e-9
    return reached / len(signs)
