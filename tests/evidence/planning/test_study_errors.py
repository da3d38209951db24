"""The errors of studies: the formula, power, and the size for a power."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats
from support import panels

from tracker.evidence.estimators.primary import estimate_log_ratio
from tracker.evidence.intervals import confidence_interval
from tracker.evidence.moments import cells_from_items
from tracker.evidence.planning.study_errors import (
    StudyErrors,
    formula_errors,
    formula_items,
    least_number,
    today_errors,
)
from tracker.evidence.sample import select_sample

CLAIMED = -math.log(1.5)
"""+50 % efficiency on θ."""


def test_the_formula():
    """n = 1.3·4σ²(t₍.975₎ + t₍power₎)²/Δ² with t(G − 1): about 200 items refute +50 %."""
    t = stats.t(9)
    expected = 1.3 * 4 * 0.8**2 * (t.ppf(0.975) + t.ppf(0.8)) ** 2 / CLAIMED**2
    items = formula_items(0.8, 10, 0.95, 0.8, -CLAIMED)
    assert items == math.ceil(expected)
    assert 180 < items < 220


def test_fewer_than_five_developers_have_normal_quantiles():
    """Their error is by work item."""
    quantiles = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    expected = math.ceil(1.3 * 4 * 0.8**2 * quantiles**2 / CLAIMED**2)
    assert formula_items(0.8, 2, 0.95, 0.8, -CLAIMED) == expected


@pytest.mark.parametrize("distance", [0.0, 1e-4])
def test_the_formula_gives_no_impractical_number(distance):
    """Neither for a true gain equal to the claim, nor beyond a million work items."""
    assert formula_items(0.8, 10, 0.95, 0.8, distance) is None


def test_power_is_the_share_of_studies_whose_interval_excludes_the_claim():
    """It equals the share among drawn estimates and half-widths; all errors shrink as 1/√n."""
    rng = np.random.default_rng(0)
    errors = StudyErrors(100, np.array([0.3, 0.4]), 0.15)
    thetas = rng.normal(0.0, 0.15 / 2, 200_000)
    half_widths = rng.choice([0.15, 0.2], 200_000)
    distance = 0.25
    telling = np.abs(thetas + distance) > half_widths
    assert errors.power(distance, 400, None) == pytest.approx(telling.mean(), abs=0.005)
    with_drift = np.abs(thetas + distance) > np.hypot(half_widths, 0.1)
    assert errors.power(distance, 400, 0.1) == pytest.approx(with_drift.mean(), abs=0.005)


def test_the_teams_own_drift_lowers_the_power():
    """Before-after, a team that drifts tells less often than its number of items promises."""
    errors = StudyErrors(400, np.array([0.15]), 0.07)
    assert errors.power(0.4, 400, 0.29, drift_sd=0.15) < errors.power(0.4, 400, 0.29) - 0.05


def test_a_claim_that_cannot_be_supported_tells_on_one_side_only():
    """An interval wholly beyond an upper bound does not tell."""
    errors = StudyErrors(100, np.array([0.3]), 0.15)
    assert errors.power(-2.0, 100, None) == pytest.approx(1.0)
    assert errors.power(-2.0, 100, None, may_support=False) == pytest.approx(0.0)


def test_the_items_for_a_power_have_that_power():
    """One item fewer has less; without drift more items always suffice, with drift not always."""
    errors = StudyErrors(100, np.array([0.3, 0.4]), 0.15)
    items = errors.items_for(0.8, 0.25, None)
    assert errors.power(0.25, items, None) >= 0.8 > errors.power(0.25, items - 1, None)
    assert errors.items_for(0.8, 0.25, 0.2) > items
    assert errors.items_for(0.8, 0.25, 0.25) is None


def test_the_least_number_that_suffices():
    """It is found among many; None where even the largest does not suffice."""
    assert least_number(lambda n: n >= 371, 0, 10**6) == 371
    assert least_number(lambda n: n > 10**6, 0, 10**6) is None


def test_the_formulas_errors_have_its_power():
    """By the formula's errors its number of items has about the power that it is made for."""
    items = formula_items(0.8, 10, 0.95, 0.8, -CLAIMED)
    assert formula_errors(0.8, 10, 0.95).power(-CLAIMED, items, None) == pytest.approx(
        0.8, abs=0.03
    )


def test_the_errors_of_today_are_those_of_the_interval():
    """The random part of the half-width, without the drift allowance; None without an interval."""
    work = panels.items(np.random.default_rng(0), by_date=True)
    estimate = panels.estimate(work, "before-after")
    errors = today_errors(estimate, 150.0)
    half_width = estimate.log_ratio.high - estimate.log_ratio.estimate
    assert math.hypot(errors.half_widths[0], estimate.drift) == pytest.approx(half_width)
    assert errors.sd == estimate.estimate.error.se
    assert today_errors(dataclasses.replace(estimate, log_ratio=None), 150.0) is None


def test_the_planned_items_refute_a_false_claim():
    """With the formula's items a false claim is refuted about as often as the power states."""
    rng = np.random.default_rng(0)
    per_developer = formula_items(0.8, 10, 0.95, 0.8, -CLAIMED) // 10 - 2
    refuted = 0
    for _ in range(60):
        work = panels.items(rng, developers=10, per_developer=per_developer)
        sample = select_sample(cells_from_items(work), "randomised")
        estimate = estimate_log_ratio(sample, lambda s=sample: s, design="randomised")
        interval = confidence_interval(estimate.theta, estimate.error, 0.95)
        refuted += interval.low > CLAIMED
    assert refuted > 40
