"""Least squares with absorbed developer effects, from cross-products, and the standard errors of its first coefficient.

With clusters = developers everything that a cluster-robust error needs is k × k per developer: the scores
s_g = b_g − A_g β and the bread M = (Σ A_g)⁻¹. No n × n matrix is ever formed, and no row is read.

Sources: classical; CRV1 and CRV3, MacKinnon, Nielsen & Webb 2023, "Cluster-robust inference", eqs. 14 and 17; CR2 with
Satterthwaite df, Bell & McCaffrey 2002 and Pustejovsky & Tipton 2018, eqs. 6, 7 and 11 (absorbed effects: Theorem 2,
which holds here since the working model is homoskedastic and the effects are the clusters'); HC2 and HC3, MacKinnon &
White 1985, with the leverage of the full model, developer effects included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, CrossProducts, Floats, Term, centred, regressors

_SINGULAR = 1e-10
"""Reciprocal condition (of the scaled matrix) below which a regressor counts as a combination of the others."""

_CONSTANT = 1e-12
"""Variance inside developers below which a regressor counts as constant; all are of order 1: ln minutes, months."""


@dataclass(frozen=True, slots=True)
class LeastSquaresFit:
    """A least-squares fit; ``theta`` is its first coefficient."""

    cross: CrossProducts
    beta: Floats
    """k."""
    bread: Floats
    """(Σ A_g)⁻¹, k × k."""

    @property
    def theta(self) -> float:
        return float(self.beta[0])

    @property
    def residual_df(self) -> int:
        """n − k − developers."""
        return self.cross.items - self.cross.k - self.cross.developers

    @property
    def residual_sum_of_squares(self) -> float:
        rss = float(self.cross.c.sum() - self.beta @ self.cross.b.sum(axis=0))
        return max(rss, 0.0)

    def scores(self) -> Floats:
        """s_g = Z_g'e_g, developers × k; they sum to 0."""
        return self.cross.b - self.cross.A @ self.beta


def fit_least_squares(cross: CrossProducts) -> LeastSquaresFit | None:
    """β = (Σ A_g)⁻¹ Σ b_g; None where the regressors do not vary enough inside developers to tell them apart."""
    bread = _inverse(cross.A.sum(axis=0), _CONSTANT * cross.items)
    return None if bread is None else LeastSquaresFit(cross, bread @ cross.b.sum(axis=0), bread)


def classical(found: LeastSquaresFit) -> StandardError | None:
    """√(M₁₁·s²) with s² = rss/(n − k − developers): errors independent and of equal spread."""
    df = found.residual_df
    if df <= 0:
        return None
    return StandardError(math.sqrt(found.bread[0, 0] * found.residual_sum_of_squares / df), df)


def crv1(found: LeastSquaresFit) -> StandardError | None:
    """Cluster-robust by developer, with the factor G/(G − 1)·(n − 1)/(n − k − 1); t(G − 1).

    k counts the regressors; of the developer effects, which are nested in the clusters, only the constant is counted.
    """
    G, n, k = found.cross.developers, found.cross.items, found.cross.k
    if G < 2 or n <= k + 1:
        return None
    projected = found.scores() @ found.bread[0]
    return StandardError(
        math.sqrt(G / (G - 1) * (n - 1) / (n - k - 1) * float(projected @ projected)), G - 1
    )


def cr2(found: LeastSquaresFit) -> StandardError | None:
    """Bell and McCaffrey's bias-reduced cluster-robust error, with Satterthwaite degrees of freedom.

    The adjustment (I − H_gg)^(−1/2) acts on the developer's own rows. With R = M^(1/2) it is carried over to k × k by
    Z_g'(I − Z_g M Z_g')^(−1/2) = R⁻¹ (I − R A_g R)^(−1/2) R Z_g'; directions of leverage 1 get the pseudo-inverse's 0.
    None where no degree of freedom is left: one developer, or one that alone decides the coefficient.
    """
    A, M = found.cross.A, found.bread
    if found.cross.developers < 2:
        return None
    R = _root(M)
    B = _inverse_root(np.eye(found.cross.k) - R @ A @ R)
    lever = (R @ B @ R)[
        :, :, 0
    ]  # G × k: q_g = Z_g @ lever_g, the weights of the residuals in the estimate
    spread = np.einsum("gi,gi->g", lever, found.scores())
    a = np.einsum("gij,gj->gi", A, lever)  # Z_g'q_g
    own = np.einsum("gi,gi->g", lever, a)  # q_g'q_g
    # P = p'p, G × G, with P_gh = δ_gh own_g − a_g'M a_h; its trace and the sum of its squares, without forming it
    through = np.einsum("gi,ij,gj->g", a, M, a)
    trace = float((own - through).sum())
    S = M @ (a.T @ a)
    squares = float((own**2 - 2.0 * own * through).sum() + np.sum(S * S.T))
    if trace <= _SINGULAR * M[0, 0] or squares <= 0.0:
        return None
    return StandardError(math.sqrt(float(spread @ spread)), trace**2 / squares)


def crv3(found: LeastSquaresFit) -> StandardError | None:
    """The jackknife over developers, √((G − 1)/G Σ (θ₍g₎ − θ)²), t(G − 1); None where one left out leaves no fit."""
    left_out = leave_one_out(found)
    if found.cross.developers < 2 or not np.isfinite(left_out).all():
        return None
    return jackknife(left_out, found.theta)


def jackknife(left_out: Floats, theta: float) -> StandardError | None:
    """The standard error that estimates with one developer left out (G of them) amount to; t(G − 1)."""
    G = len(left_out)
    if G < 2 or not np.isfinite(left_out).all():
        return None
    return StandardError(math.sqrt((G - 1) / G * float(np.sum((left_out - theta) ** 2))), G - 1)


def leave_one_out(found: LeastSquaresFit) -> Floats:
    """θ without each developer in turn, G; NaN where that leaves no fit (callers turn it into None)."""
    A = found.cross.A.sum(axis=0) - found.cross.A
    b = found.cross.b.sum(axis=0) - found.cross.b
    scale = np.sqrt(np.clip(np.einsum("gii->gi", A), 0.0, None))
    full = np.sqrt(np.diag(found.cross.A.sum(axis=0)))
    possible = (scale > math.sqrt(_SINGULAR) * full).all(axis=1)
    scale = np.where(scale > 0.0, scale, 1.0)
    scaled = A / (scale[:, :, None] * scale[:, None, :])
    possible &= np.linalg.eigvalsh(scaled)[:, 0] > _SINGULAR
    theta = np.full(found.cross.developers, np.nan)
    if possible.any():
        solved = np.linalg.solve(scaled[possible], (b / scale)[possible][:, :, None])
        theta[possible] = solved[:, 0, 0] / scale[possible, 0]
    return theta


def heteroskedastic(
    found: LeastSquaresFit, rows: Cells, terms: tuple[Term, ...], kind: Literal["HC2", "HC3"]
) -> StandardError | None:
    """HC2 or HC3 of the fit of ``terms`` on ``rows`` (one cell a work item), t(n − k − developers).

    An item's leverage is 1/n_g + z'M z, developer effects included. Items of leverage 1 are fitted exactly and say
    nothing.
    """
    if found.residual_df <= 0:
        return None
    Z = centred(rows, regressors(rows, terms))
    y = centred(rows, rows.y)
    influence = Z @ found.bread
    leverage = 1.0 / rows.per_developer(rows.n)[rows.developer] + np.einsum(
        "ij,ij->i", influence, Z
    )
    free = np.clip(1.0 - leverage, 0.0, None)
    residual = y - Z @ found.beta
    weight = np.where(
        free > _SINGULAR,
        1.0 / np.where(free > _SINGULAR, free, 1.0) ** (1 if kind == "HC2" else 2),
        0.0,
    )
    return StandardError(
        math.sqrt(float(np.sum(influence[:, 0] ** 2 * residual**2 * weight))), found.residual_df
    )


def _inverse(A: Floats, floor: float) -> Floats | None:
    """A⁻¹ of a symmetric positive matrix, scaled to a unit diagonal first; None where it is singular."""
    diagonal = np.diag(A)
    if not np.isfinite(A).all() or (diagonal <= floor).any():
        return None
    scale = np.sqrt(diagonal)
    scaled = A / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(scaled)
    if values[0] <= _SINGULAR * values[-1]:
        return None
    inverse: Floats = (vectors / values) @ vectors.T / np.outer(scale, scale)
    return inverse


def _root(M: Floats) -> Floats:
    """The symmetric square root of a positive matrix."""
    values, vectors = np.linalg.eigh(M)
    root: Floats = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    return root


def _inverse_root(matrices: Floats) -> Floats:
    """The symmetric inverse square roots of G positive matrices; directions of eigenvalue 0 are left at 0."""
    values, vectors = np.linalg.eigh(matrices)
    roots = np.where(
        values > _SINGULAR, 1.0 / np.sqrt(np.where(values > _SINGULAR, values, 1.0)), 0.0
    )
    inverse: Floats = np.einsum("gij,gj,gkj->gik", vectors, roots, vectors)
    return inverse
