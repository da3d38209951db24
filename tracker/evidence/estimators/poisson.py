"""Poisson pseudo-likelihood: E[minutes] = exp(arm + developer + x); longer items weigh more.

Santos Silva & Tenreyro 2006, "The log of gravity". The developer effects are concentrated out (α_g
= Σt/Σexp(z'β) within each developer) and the other coefficients are found by Newton steps, so no
dummy variables are formed. Each Newton step is a weighted least-squares fit, so the cluster-robust
errors of :mod:`.least_squares` apply to the cross-products and scores of the last one. The
jackknife is then the linear approximation (MacKinnon, Nielsen & Webb 2023).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import LeastSquaresFit, fit_least_squares
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, CrossProducts, Floats, Term, regressors

_MAX_STEPS = 60
_MAX_CHANGE = 3.0
"""Largest change of a coefficient in one step."""
_TOLERANCE = 1e-12
"""Change of the coefficients below which the steps have converged."""


@dataclass(frozen=True, slots=True)
class PoissonFit:
    """A Poisson fit, represented by the least-squares fit of its last Newton step."""

    fit: LeastSquaresFit
    item_error: StandardError | None
    """Sandwich error over items, factor n/(n − k − developers); df n − k − developers."""


def fit_poisson(rows: Cells, terms: tuple[Term, ...]) -> PoissonFit | None:
    """Fit the Poisson pseudo-likelihood to item rows (one cell per work item).

    None where the steps do not converge, or where the regressors are collinear within developers.
    """
    Z = regressors(rows, terms)
    Z = Z - Z.mean(axis=0)
    beta = np.zeros(Z.shape[1])
    for _ in range(_MAX_STEPS):
        fit = fit_least_squares(_newton_step(rows, Z, beta))
        if fit is None:
            return None
        change = fit.beta - beta
        largest = float(np.abs(change).max())
        beta = beta + change * min(1.0, _MAX_CHANGE / max(largest, 1e-300))
        if largest < _TOLERANCE:
            return PoissonFit(fit, _item_error(rows, Z, fit))
    return None


def _newton_step(rows: Cells, Z: Floats, beta: Floats) -> CrossProducts:
    """Return one Newton step as cross-products: A_g = Σμz̈z̈', b_g = A_gβ + Σz̈(t − μ).

    μ and z̈ are those of :func:`_expected_minutes`. c is 0, since no residual sum is read from it.
    """
    mu, centred = _expected_minutes(rows, Z, beta)
    k = Z.shape[1]
    A = np.empty((rows.developers, k, k))
    for i in range(k):
        for j in range(k):
            A[:, i, j] = rows.per_developer(mu * centred[:, i] * centred[:, j])
    scores = np.stack([rows.per_developer(column * (rows.t - mu)) for column in centred.T], axis=-1)
    G = rows.developers
    return CrossProducts(rows.items, G, A, A @ beta + scores, np.zeros(G))


def _expected_minutes(rows: Cells, Z: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Return μ (n), and Z less its developer's μ-weighted mean (z̈, n × k)."""
    linear_predictor = Z @ beta
    exponentials = np.exp(linear_predictor - linear_predictor.max())
    developer_effects = rows.per_developer(rows.t) / rows.per_developer(exponentials)
    mu = exponentials * developer_effects[rows.developer]
    total = rows.per_developer(mu)
    means = np.stack([rows.per_developer(mu * column) / total for column in Z.T], axis=-1)
    return mu, Z - means[rows.developer]


def _item_error(rows: Cells, Z: Floats, fit: LeastSquaresFit) -> StandardError | None:
    """Return the sandwich error over items; None where no degree of freedom is left."""
    if fit.residual_df <= 0:
        return None
    mu, centred = _expected_minutes(rows, Z, fit.beta)
    influence = centred @ fit.bread[0] * (rows.t - mu)
    variance = rows.items / fit.residual_df * float(influence @ influence)
    return StandardError(math.sqrt(variance), fit.residual_df)
