"""The randomisation test: the arms drawn anew within each developer, inverted to an interval.

Under the null that assistance multiplies every item's minutes by e^θ₀, y − θ₀·arm is what it is whatever is drawn
(Rosenbaum 2002, "Observational studies", section 2.4). The statistic is the primary's coefficient; in a draw it is
linear in θ₀, so the draws are made once.
"""

from __future__ import annotations

import math

import numpy as np

from tracker.evidence.estimators.least_squares import LeastSquaresFit, crv1
from tracker.evidence.intervals import TIED, invert_test
from tracker.evidence.moments import Cells, Floats, centred
from tracker.evidence.results import Interval

DRAWS = 999
MOST_ITEMS = 10_000
"""Beyond this many work items the test and the normal approximation are one; drawing is left out."""


def permutation_interval(
    rows: Cells, level: float, rng: np.random.Generator, *, adjusted: bool, draws: int = DRAWS
) -> Interval | None:
    """The interval of θ that permuting the arms within developers does not reject; None where there is none.

    ``rows``: one cell a work item. ``adjusted``: with x, as in the primary.
    """
    x = centred(rows, rows.x) if adjusted else np.zeros_like(rows.y)
    squares = float(x @ x)
    if squares <= 0.0:
        x, squares = np.zeros_like(x), 1.0

    def residual(values: Floats) -> Floats:
        own = centred(rows, values)
        return own - x * (x @ own / squares)

    y, arm = residual(rows.y), residual(rows.arm)
    spread = float(arm @ arm)
    if spread <= 0.0:
        return None
    theta = float(arm @ y) / spread
    against = np.column_stack(
        [y, arm, x]
    )  # all without developer means, so a draw need not lose its own
    own = centred(rows, rows.arm)
    inside = float(
        own @ own
    )  # the same in every draw: each developer keeps how many items it has in each arm
    products = np.array([_drawn_anew(rows, rng) @ against for _ in range(draws)])
    denominator = inside - products[:, 2] ** 2 / squares
    of_y, of_arm = products[:, 0] / denominator, products[:, 1] / denominator

    def p_value(null: float) -> float:
        reached = np.abs(of_y - null * of_arm) >= abs(theta - null) * TIED
        return float((1 + reached.sum()) / (draws + 1))

    return invert_test(p_value, theta, float(of_y.std()), level)


def _drawn_anew(rows: Cells, rng: np.random.Generator) -> Floats:
    """The arms shuffled within each developer. The rows lie developer by developer (:func:`from_items`)."""
    return rows.arm[np.argsort(rows.developer + rng.random(len(rows.arm)))]


DRAWS = 999
_FEW = 12
"""Up to this many developers two-point weights give too few different draws; Webb's six points are used."""
_WEBB = np.array([-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5)])
_RADEMACHER = np.array([-1.0, 1.0])


def wild_bootstrap_interval(
    found: LeastSquaresFit, level: float, rng: np.random.Generator, draws: int = DRAWS
) -> Interval | None:
    """The interval of θ whose values the symmetric bootstrap-t test does not reject; None where there is none."""
    error = crv1(found)
    if error is None or error.se <= 0.0:
        return None
    G = found.cross.developers
    weights = rng.choice(_WEBB if G <= _FEW else _RADEMACHER, size=(draws, G))
    numerator, variance = _draws(found, weights)
    own = error.se / math.sqrt(
        float(np.sum((found.scores() @ found.bread[0]) ** 2))
    )  # the factor of CRV1

    def p_value(null: float) -> float:
        top = np.abs(numerator[0] - null * numerator[1])
        bottom = own * np.sqrt(
            np.clip(variance[0] - 2.0 * null * variance[1] + null**2 * variance[2], 0.0, None)
        )
        return float(np.mean(top >= abs(found.theta - null) / error.se * bottom * TIED))

    return invert_test(p_value, found.theta, error.se, level)


def _draws(found: LeastSquaresFit, weights: Floats) -> tuple[Floats, Floats]:
    """Each draw's θ* − θ₀ = N₀ − θ₀N₁ and its Σ(projected score)² = V₀ − 2θ₀V₁ + θ₀²V₂."""
    A, b, m = found.cross.A, found.cross.b, found.bread[0]
    at_zero, per_unit = _restricted(found)
    projected = np.einsum("i,gij->gj", m, A)
    numerators, deviations = [], []
    for scores in (b - A @ at_zero, A @ per_unit):  # s_g(θ₀) = the first − θ₀ · the second
        shift = weights @ scores @ found.bread
        numerators.append(shift[:, 0])
        deviations.append(weights * (scores @ m) - shift @ projected.T)
    first, second = deviations
    variance = [
        np.sum(u * v, axis=1) for u, v in ((first, first), (first, second), (second, second))
    ]
    return np.array(numerators), np.array(variance)


def _restricted(found: LeastSquaresFit) -> tuple[Floats, Floats]:
    """The coefficients with θ held at θ₀ are the first + θ₀ · the second."""
    A, b = found.cross.A.sum(axis=0), found.cross.b.sum(axis=0)
    at_zero, per_unit = np.zeros(len(b)), np.zeros(len(b))
    per_unit[0] = 1.0
    if len(b) > 1:
        at_zero[1:] = np.linalg.solve(A[1:, 1:], b[1:])
        per_unit[1:] = -np.linalg.solve(A[1:, 1:], A[1:, 0])
    return at_zero, per_unit
