"""Poisson pseudo-likelihood: E[minutes] = exp(arm + developer + x), which weighs long work as its hours do.

Santos Silva & Tenreyro 2006, "The log of gravity". Developer effects are concentrated out (α_g = Σt/Σexp(z'β) inside
each developer) and the rest found by Newton steps, so the fit never holds a dummy. At the solution the weighted
cross-products and scores per developer are those of a least-squares step: the cluster errors of :mod:`fit` apply, the
jackknife in its linear form (MacKinnon, Nielsen & Webb 2023).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import LeastSquaresFit, fit_least_squares
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, CrossProducts, Floats, Term, regressors

_STEPS = 60
_CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class PoissonFit:
    """A fit as a least-squares step, with what the items' own error takes."""

    fit: LeastSquaresFit
    item_error: StandardError | None
    """Sandwich over items with the factor n/(n − k − developers), t with as many df."""


def fit_poisson(rows: Cells, terms: tuple[Term, ...]) -> PoissonFit | None:
    """The fit on rows (one cell a work item); None where it does not settle or the regressors say the same."""
    Z = regressors(rows, terms)
    Z = Z - Z.mean(axis=0)
    beta = np.zeros(Z.shape[1])
    step: LeastSquaresFit | None = None
    for _ in range(_STEPS):
        step = fit_least_squares(_step(rows, Z, beta))
        if step is None:
            return None
        change = step.beta - beta
        beta = beta + change * min(
            1.0, 3.0 / max(float(np.abs(change).max()), 1e-300)
        )  # no leap beyond e³ at once
        if float(np.abs(change).max()) < _CLOSE:
            return PoissonFit(step, _item_error(rows, Z, step))
    return None


def _expected(rows: Cells, Z: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """μ, and Z less its developer's μ-weighted mean."""
    index = Z @ beta
    raw = np.exp(index - index.max())
    mu = raw * (rows.per_developer(rows.t) / rows.per_developer(raw))[rows.developer]
    total = rows.per_developer(mu)
    means = np.stack([rows.per_developer(mu * column) / total for column in Z.T], axis=-1)
    return mu, Z - means[rows.developer]


def _step(rows: Cells, Z: Floats, beta: Floats) -> CrossProducts:
    """One Newton step as cross-products: A_g = Σμz̈z̈', b_g = A_gβ + Σz̈(t − μ)."""
    mu, inside = _expected(rows, Z, beta)
    k = Z.shape[1]
    A = np.empty((rows.developers, k, k))
    for i in range(k):
        for j in range(k):
            A[:, i, j] = rows.per_developer(mu * inside[:, i] * inside[:, j])
    scores = np.stack([rows.per_developer(column * (rows.t - mu)) for column in inside.T], axis=-1)
    return CrossProducts(rows.items, A, A @ beta + scores, np.zeros(rows.developers))


def _item_error(rows: Cells, Z: Floats, step: LeastSquaresFit) -> StandardError | None:
    if step.residual_df <= 0:
        return None
    mu, inside = _expected(rows, Z, step.beta)
    influence = inside @ step.bread[0] * (rows.t - mu)
    return StandardError(
        math.sqrt(rows.items / step.residual_df * float(influence @ influence)), step.residual_df
    )
