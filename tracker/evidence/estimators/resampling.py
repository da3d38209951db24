"""Resampling tests inverted to intervals: permutation within developers, wild cluster bootstrap."""

from __future__ import annotations

import math

import numpy as np

from tracker.evidence.estimators.least_squares import LeastSquaresFit, crv1, estimate_terms
from tracker.evidence.intervals import TIE_TOLERANCE, invert_test
from tracker.evidence.moments import Cells, Floats, regressors, subtract_developer_means
from tracker.evidence.results import Interval

DRAWS = 999
"""Draws of either test: the p-value moves in steps of 1/1,000."""

MAX_PERMUTED_ITEMS = 10_000
"""With more work items the permutation test equals the normal approximation and is omitted."""

_MAX_WEBB_DEVELOPERS = 12
"""Up to this many developers two-point weights give too few distinct draws; Webb's are used."""

_RADEMACHER = np.array([-1.0, 1.0])
_WEBB = np.array([-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5)])


def permutation_interval(
    rows: Cells, level: float, rng: np.random.Generator, *, adjusted: bool, draws: int = DRAWS
) -> Interval | None:
    """Return the interval of θ that permuting the arms within developers does not reject.

    Under the null that assistance multiplies every item's minutes by e^θ₀, y − θ₀·arm does not
    depend on the arms assigned (Rosenbaum 2002, "Observational studies", section 2.4). The
    statistic is the primary's coefficient. In each draw it is linear in θ₀, so the arms are drawn
    once for all θ₀.

    Args:
        rows: One cell per work item.
        level: The test is at 1 − ``level``.
        rng: Draws the permutations.
        adjusted: Whether x is in the fit.
        draws: Number of permutations.

    Returns:
        The interval; None where the arm does not vary within developers, or nothing is rejected.

    """
    Z = _centred_estimates(rows) if adjusted else np.empty((len(rows.y), 0))
    squares = np.sum(Z * Z, axis=0)

    def residual(values: Floats) -> Floats:
        centred = subtract_developer_means(rows, values)
        rest: Floats = centred - Z @ (Z.T @ centred / squares)
        return rest

    y, arm = residual(rows.y), residual(rows.arm)
    arm_squares = float(arm @ arm)
    if arm_squares <= 0.0:
        return None
    theta = float(arm @ y) / arm_squares
    # Developer means are subtracted from these columns, so a permuted arm need not be centred.
    columns = np.column_stack([y, arm, Z])
    products = np.array([_permute_arms(rows, rng) @ columns for _ in range(draws)])
    # Each developer keeps its number of items per arm, so every draw has this sum of squares.
    centred_arm = subtract_developer_means(rows, rows.arm)
    denominator = float(centred_arm @ centred_arm) - np.sum(products[:, 2:] ** 2 / squares, axis=1)
    y_slopes, arm_slopes = products[:, 0] / denominator, products[:, 1] / denominator

    def p_value(null: float) -> float:
        reached = np.abs(y_slopes - null * arm_slopes) >= abs(theta - null) * TIE_TOLERANCE
        # The observed arms count as one draw, so p is never 0 (Phipson & Smyth 2010).
        return float((1 + reached.sum()) / (draws + 1))

    return invert_test(p_value, theta, float(y_slopes.std()), level)


def _centred_estimates(rows: Cells) -> Floats:
    """Return the regressors of the estimates less their developer's means, as orthogonal columns.

    One that does not vary is left out.
    """
    columns: list[Floats] = []
    for column in regressors(rows, estimate_terms(rows)).T:
        centred = subtract_developer_means(rows, column)
        for other in columns:
            centred = centred - other * (other @ centred / (other @ other))
        if float(centred @ centred) > 0.0:
            columns.append(centred)
    return np.column_stack(columns) if columns else np.empty((len(rows.y), 0))


def _permute_arms(rows: Cells, rng: np.random.Generator) -> Floats:
    """Permute the arms within each developer; the rows must be sorted by developer."""
    return rows.arm[np.argsort(rows.developer + rng.random(len(rows.arm)))]


def wild_bootstrap_interval(
    fit: LeastSquaresFit, level: float, rng: np.random.Generator, draws: int = DRAWS
) -> Interval | None:
    """Return the interval of θ that the wild cluster bootstrap-t test does not reject.

    The test is symmetric and imposes the null; clusters are developers (Cameron, Gelbach & Miller
    2008; weights of Webb 2023).

    Args:
        fit: The least-squares fit.
        level: The test is at 1 − ``level``.
        rng: Draws the weights.
        draws: Number of draws.

    Returns:
        The interval; None where CRV1 is undefined or 0, or nothing is rejected.

    """
    error = crv1(fit)
    if error is None or error.se <= 0.0:
        return None
    G = fit.cross.developers
    weights = rng.choice(_WEBB if G <= _MAX_WEBB_DEVELOPERS else _RADEMACHER, size=(draws, G))
    numerator, variance = _bootstrap_draws(fit, weights)
    crv1_factor = error.se / math.sqrt(float(np.sum((fit.scores() @ fit.bread[0]) ** 2)))

    def p_value(null: float) -> float:
        deviation = np.abs(numerator[0] - null * numerator[1])
        se = crv1_factor * np.sqrt(
            np.clip(variance[0] - 2.0 * null * variance[1] + null**2 * variance[2], 0.0, None)
        )
        return float(np.mean(deviation >= abs(fit.theta - null) / error.se * se * TIE_TOLERANCE))

    return invert_test(p_value, fit.theta, error.se, level)


def _bootstrap_draws(fit: LeastSquaresFit, weights: Floats) -> tuple[Floats, Floats]:
    """Return each draw's coefficient and variance as polynomials in the null θ₀.

    Args:
        fit: The least-squares fit.
        weights: Draws × G.

    Returns:
        N (2 × draws) and V (3 × draws): θ* − θ₀ = N₀ − θ₀N₁, and the sum of the squared projected
        scores is V₀ − 2θ₀V₁ + θ₀²V₂.

    """
    A, b, m = fit.cross.A, fit.cross.b, fit.bread[0]
    intercept, slope = _restricted_coefficients(fit)
    projected = np.einsum("i,gij->gj", m, A)
    numerators, deviations = [], []
    for scores in (b - A @ intercept, A @ slope):  # s_g(θ₀) = the first − θ₀ · the second
        shift = weights @ scores @ fit.bread
        numerators.append(shift[:, 0])
        deviations.append(weights * (scores @ m) - shift @ projected.T)
    d0, d1 = deviations
    variance = [np.sum(u * v, axis=1) for u, v in ((d0, d0), (d0, d1), (d1, d1))]
    return np.array(numerators), np.array(variance)


def _restricted_coefficients(fit: LeastSquaresFit) -> tuple[Floats, Floats]:
    """Return u and v (k each): with θ fixed at θ₀ the coefficients are u + θ₀·v."""
    A, b = fit.cross.A.sum(axis=0), fit.cross.b.sum(axis=0)
    intercept, slope = np.zeros(len(b)), np.zeros(len(b))
    slope[0] = 1.0
    if len(b) > 1:
        intercept[1:] = np.linalg.solve(A[1:, 1:], b[1:])
        slope[1:] = -np.linalg.solve(A[1:, 1:], A[1:, 0])
    return intercept, slope
