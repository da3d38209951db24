"""The wild cluster bootstrap-t, from cross-products alone: no row is drawn, only one weight per developer.

Restricted (the null is imposed on the fit whose scores are flipped), studentised by CRV1, inverted to an interval:
MacKinnon, Nielsen & Webb 2023, "Cluster-robust inference", section 5; WCR-C. Since everything is linear in the null θ₀,
a draw's numerator is linear and its variance quadratic in θ₀: the draws are made once, and any null costs O(draws).
"""

from __future__ import annotations

import math

import numpy as np

from tracker.evidence.crossproducts import Floats
from tracker.evidence.fit import Fit, crv1
from tracker.evidence.intervals import TIED, invert
from tracker.evidence.results import Interval

DRAWS = 999
_FEW = 12
"""Up to this many developers two-point weights give too few different draws; Webb's six points are used."""
_WEBB = np.array([-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5)])
_RADEMACHER = np.array([-1.0, 1.0])


def bootstrap(found: Fit, level: float, rng: np.random.Generator, draws: int = DRAWS) -> Interval | None:
    """The interval of θ whose values the symmetric bootstrap-t test does not reject; None where there is none."""
    error = crv1(found)
    if error is None or error.se <= 0.0:
        return None
    G = found.cross.developers
    weights = rng.choice(_WEBB if G <= _FEW else _RADEMACHER, size=(draws, G))
    numerator, variance = _draws(found, weights)
    own = error.se / math.sqrt(float(np.sum((found.scores() @ found.bread[0]) ** 2)))  # the factor of CRV1

    def p_value(null: float) -> float:
        top = np.abs(numerator[0] - null * numerator[1])
        bottom = own * np.sqrt(np.clip(variance[0] - 2.0 * null * variance[1] + null**2 * variance[2], 0.0, None))
        return float(np.mean(top >= abs(found.theta - null) / error.se * bottom * TIED))

    return invert(p_value, found.theta, error.se, level)


def _draws(found: Fit, weights: Floats) -> tuple[Floats, Floats]:
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
    variance = [np.sum(u * v, axis=1) for u, v in ((first, first), (first, second), (second, second))]
    return np.array(numerators), np.array(variance)


def _restricted(found: Fit) -> tuple[Floats, Floats]:
    """The coefficients with θ held at θ₀ are the first + θ₀ · the second."""
    A, b = found.cross.A.sum(axis=0), found.cross.b.sum(axis=0)
    at_zero, per_unit = np.zeros(len(b)), np.zeros(len(b))
    per_unit[0] = 1.0
    if len(b) > 1:
        at_zero[1:] = np.linalg.solve(A[1:, 1:], b[1:])
        per_unit[1:] = -np.linalg.solve(A[1:, 1:], A[1:, 0])
    return at_zero, per_unit
