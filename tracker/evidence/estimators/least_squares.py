"""Least squares with absorbed developer effects, and standard errors of the first coefficient.

Clusters are developers, so a cluster-robust error needs only k × k matrices by developer: the
scores s_g = b_g − A_g β and the bread M = (Σ A_g)⁻¹. No n × n matrix is formed, and no item row is
read.

Sources:
    CRV1 and CRV3: MacKinnon, Nielsen & Webb 2023, "Cluster-robust inference", eqs. 14 and 17.
    CR2 with Satterthwaite df: Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, eqs. 6, 7 and 11.
        Their Theorem 2 on absorbed effects applies: the working model is homoskedastic and the
        effects are those of the clusters.
    HC2 and HC3: MacKinnon & White 1985, with the leverage of the full model, developer effects
        included.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import (
    ESTIMATE_TERMS,
    Cells,
    CrossProducts,
    Floats,
    Term,
    cross_products,
    regressors,
    subtract_developer_means,
)

_SINGULAR = 1e-10
"""Reciprocal condition of the scaled matrix below which the regressors count as collinear."""

_CONSTANT = 1e-12
"""Variance within developers below which a regressor counts as constant.

All regressors are of order 1: arm, ln minutes, months.
"""

_MAX_INFLATION = 100.0
"""Factor on the variance of θ (variance inflation) beyond which x counts as tied to the arm."""


@dataclass(frozen=True, slots=True)
class LeastSquaresFit:
    """A least-squares fit; ``theta`` is its first coefficient."""

    cross: CrossProducts
    beta: Floats
    """The coefficients, k."""
    bread: Floats
    """M = (Σ A_g)⁻¹, k × k."""

    @property
    def theta(self) -> float:
        """The first coefficient."""
        return float(self.beta[0])

    @property
    def residual_df(self) -> int:
        """n − k − absorbed effects."""
        return self.cross.items - self.cross.k - self.cross.effects

    @property
    def residual_sum_of_squares(self) -> float:
        """Σe², never below 0."""
        rss = float(self.cross.c.sum() - self.beta @ self.cross.b.sum(axis=0))
        return max(rss, 0.0)

    def scores(self) -> Floats:
        """Return s_g = Z_g'e_g, G × k; they sum to 0."""
        return self.cross.b - self.cross.A @ self.beta


@dataclass(frozen=True, slots=True)
class Contributions:
    """What each developer adds to the CR2 error of θ."""

    scores: Floats
    """u_g, the developers' adjusted scores, G."""
    df: float
    """Satterthwaite degrees of freedom."""

    @property
    def variance(self) -> float:
        """Σu_g²."""
        return float(self.scores @ self.scores)


def fit_least_squares(cross: CrossProducts) -> LeastSquaresFit | None:
    """Fit β = (Σ A_g)⁻¹ Σ b_g.

    None where a regressor is constant within developers, or the regressors are collinear.
    """
    if cross.k == 0:  # developer effects alone
        return LeastSquaresFit(cross, np.empty(0), np.empty((0, 0)))
    bread = _inverse(cross.A.sum(axis=0), _CONSTANT * cross.items)
    return None if bread is None else LeastSquaresFit(cross, bread @ cross.b.sum(axis=0), bread)


def estimate_terms(cells: Cells) -> tuple[Term, ...]:
    """Return the regressors that adjust for the estimates: x, and their unit where it matters.

    Minutes and points have no common scale, so estimates in points have an intercept of their own.
    Developers who estimate in one unit only have it in their effects. Where all of them do, or
    where x tells the units apart by itself, ``points`` would be collinear and is left out.

    Args:
        cells: Work items that all have an estimate.
    """
    if not cells.points.any() or cells.points.all():
        return ("x",)
    determined = fit_least_squares(cross_products(cells, ESTIMATE_TERMS)) is not None
    return ESTIMATE_TERMS if determined else ("x",)


def fit_estimates(cells: Cells) -> LeastSquaresFit | None:
    """Fit x to the arm and developer effects, and to the unit where developers use both.

    None where the arm does not vary within developers and units.

    Args:
        cells: Work items that all have an estimate.
    """
    log_estimates = dataclasses.replace(cells, y=cells.x, yy=cells.xx)
    two_units = fit_least_squares(cross_products(cells, ("points",))) is not None
    terms: tuple[Term, ...] = ("arm", "points") if two_units else ("arm",)
    return fit_least_squares(cross_products(log_estimates, terms))


def fit_determined(
    cells: Cells, terms: tuple[Term, ...]
) -> tuple[LeastSquaresFit | None, tuple[Term, ...]]:
    """Return the fit and its terms, without those that the work does not determine.

    ``points`` is dropped where :func:`estimate_terms` leaves it out. x and ``points`` are dropped
    where they say hardly more than the arm does: with one of the units in each arm, x alone would
    take the difference of the units for one of sizes.
    """
    if "points" in terms and "points" not in estimate_terms(cells):
        terms = tuple(term for term in terms if term != "points")
    fit = fit_least_squares(cross_products(cells, terms))
    if "x" not in terms:
        return fit, terms
    without_x: tuple[Term, ...] = tuple(term for term in terms if term not in ESTIMATE_TERMS)
    reference = fit_least_squares(cross_products(cells, without_x))
    if fit is None or (
        reference is not None and fit.bread[0, 0] > _MAX_INFLATION * reference.bread[0, 0]
    ):
        return reference, without_x
    return fit, terms


def spread_within_developers(cells: Cells, *, adjusted: bool) -> float | None:
    """Return the standard deviation of ln minutes within developers, with one arm or both.

    Args:
        cells: The work.
        adjusted: Whether to take off the slope of x; every item must have an estimate then.

    Returns:
        The standard deviation; None where no degree of freedom is left.

    """
    if cells.items == 0:
        return None
    cross = cross_products(cells, estimate_terms(cells) if adjusted else ("x",))
    fit = fit_least_squares(cross) if adjusted else None
    squares = fit.residual_sum_of_squares if fit else float(cross.c.sum())
    df = cross.items - cross.developers - (cross.k if fit else 0)
    return math.sqrt(max(squares, 0.0) / df) if df > 0 else None


def classical(fit: LeastSquaresFit) -> StandardError | None:
    """Return √(M₁₁·s²) with s² = rss/(n − k − developers), for i.i.d. errors.

    None where no degree of freedom is left.
    """
    df = fit.residual_df
    if df <= 0:
        return None
    return StandardError(math.sqrt(fit.bread[0, 0] * fit.residual_sum_of_squares / df), df)


def crv1(fit: LeastSquaresFit) -> StandardError | None:
    """Return the cluster-robust error with the factor G/(G − 1)·(n − 1)/(n − k − 1), t(G − 1).

    k counts the regressors. The developer effects are nested in the clusters, so only the constant
    counts of them. None with one developer, or where no degree of freedom is left.
    """
    G, n, k = fit.cross.developers, fit.cross.items, fit.cross.k
    if G < 2 or n <= k + 1:
        return None
    projected = fit.scores() @ fit.bread[0]
    factor = G / (G - 1) * (n - 1) / (n - k - 1)
    return StandardError(math.sqrt(factor * float(projected @ projected)), G - 1)


def cr2(fit: LeastSquaresFit) -> StandardError | None:
    """Return the bias-reduced cluster-robust error of Bell & McCaffrey, with Satterthwaite df.

    None where :func:`cr2_contributions` has none.
    """
    parts = cr2_contributions(fit)
    return None if parts is None else StandardError(math.sqrt(parts.variance), parts.df)


def cr2_contributions(fit: LeastSquaresFit) -> Contributions | None:
    """Return each developer's part u_g of the CR2 error, √Σu_g², and its df.

    The adjustment (I − H_gg)^(−1/2) acts on the developer's rows. With R = M^(1/2) it reduces to k
    × k: Z_g'(I − Z_g M Z_g')^(−1/2) = R⁻¹ (I − R A_g R)^(−1/2) R Z_g'. Directions of leverage 1 get
    the pseudo-inverse's 0.

    None where no degree of freedom is left: with one developer, or where one decides the
    coefficient.
    """
    A, M = fit.cross.A, fit.bread
    if fit.cross.developers < 2:
        return None
    R = _square_root(M)
    B = _inverse_square_roots(np.eye(fit.cross.k) - R @ A @ R)
    # The estimate weights the developer's residuals by q_g = Z_g l_g; row g of L (G × k) is l_g.
    L = (R @ B @ R)[:, :, 0]
    adjusted_scores = np.einsum("gi,gi->g", L, fit.scores())
    a = np.einsum("gij,gj->gi", A, L)  # Z_g'q_g
    qq = np.einsum("gi,gi->g", L, a)  # q_g'q_g
    # P_gh = δ_gh q_g'q_g − a_g'M a_h is G × G; its trace and sum of squares do not need all of it.
    aMa = np.einsum("gi,ij,gj->g", a, M, a)
    trace = float((qq - aMa).sum())
    S = M @ (a.T @ a)
    squares = float((qq**2 - 2.0 * qq * aMa).sum() + np.sum(S * S.T))
    if trace <= _SINGULAR * M[0, 0] or squares <= 0.0:
        return None
    return Contributions(adjusted_scores, trace**2 / squares)


def crv3(fit: LeastSquaresFit) -> StandardError | None:
    """Return the jackknife over developers, √((G − 1)/G Σ (θ₍g₎ − θ)²), t(G − 1).

    None with one developer, or where leaving one out leaves no fit.
    """
    estimates = leave_one_out_estimates(fit)
    if fit.cross.developers < 2 or not np.isfinite(estimates).all():
        return None
    return jackknife(estimates, fit.theta)


def jackknife(leave_one_out: Floats, theta: float) -> StandardError | None:
    """Return the jackknife error, t(G − 1).

    Args:
        leave_one_out: θ without each developer, G.
        theta: θ with all of them.

    Returns:
        The error; None with one developer, or where an estimate is NaN.

    """
    G = len(leave_one_out)
    if G < 2 or not np.isfinite(leave_one_out).all():
        return None
    squares = float(np.sum((leave_one_out - theta) ** 2))
    return StandardError(math.sqrt((G - 1) / G * squares), G - 1)


def leave_one_out_estimates(fit: LeastSquaresFit) -> Floats:
    """Return θ without each developer in turn, G; NaN where that leaves no fit.

    The unit of the estimates is left out of the fit where it does not vary in what is left.
    """
    A = fit.cross.A.sum(axis=0) - fit.cross.A
    b = fit.cross.b.sum(axis=0) - fit.cross.b
    full_scale = np.sqrt(np.diag(fit.cross.A.sum(axis=0)))
    if (unit := fit.cross.unit) is not None:
        constant = A[:, unit, unit] <= _SINGULAR * full_scale[unit] ** 2
        A[constant, unit, :] = A[constant, :, unit] = b[constant, unit] = 0.0
        A[constant, unit, unit] = full_scale[unit] ** 2
    scale = np.sqrt(np.clip(np.einsum("gii->gi", A), 0.0, None))
    solvable = (scale > math.sqrt(_SINGULAR) * full_scale).all(axis=1)
    scale = np.where(scale > 0.0, scale, 1.0)
    scaled = A / (scale[:, :, None] * scale[:, None, :])
    solvable &= np.linalg.eigvalsh(scaled)[:, 0] > _SINGULAR
    theta = np.full(fit.cross.developers, np.nan)
    if solvable.any():
        solution = np.linalg.solve(scaled[solvable], (b / scale)[solvable][:, :, None])
        theta[solvable] = solution[:, 0, 0] / scale[solvable, 0]
    return theta


def heteroskedastic(
    fit: LeastSquaresFit, rows: Cells, terms: tuple[Term, ...], kind: Literal["HC2", "HC3"]
) -> StandardError | None:
    """Return HC2 or HC3, t(n − k − developers).

    An item's leverage is 1/n_g + z'M z, developer effects included. Items of leverage 1 are fitted
    exactly and get no weight.

    Args:
        fit: The fit of ``terms`` on ``rows``.
        rows: One cell per work item.
        terms: The regressors.
        kind: Which of the two errors.

    Returns:
        The error; None where no degree of freedom is left.

    """
    if fit.residual_df <= 0:
        return None
    Z = subtract_developer_means(rows, regressors(rows, terms))
    y = subtract_developer_means(rows, rows.y)
    influence = Z @ fit.bread
    leverage = 1.0 / rows.per_developer(rows.n)[rows.developer] + np.einsum(
        "ij,ij->i", influence, Z
    )
    free = np.clip(1.0 - leverage, 0.0, None)
    residual = y - Z @ fit.beta
    exponent = 1 if kind == "HC2" else 2
    weight = np.where(
        free > _SINGULAR, 1.0 / np.where(free > _SINGULAR, free, 1.0) ** exponent, 0.0
    )
    variance = float(np.sum(influence[:, 0] ** 2 * residual**2 * weight))
    return StandardError(math.sqrt(variance), fit.residual_df)


def _inverse(A: Floats, min_diagonal: float) -> Floats | None:
    """Invert a symmetric positive matrix, scaled to a unit diagonal first; None where singular."""
    diagonal = np.diag(A)
    if not np.isfinite(A).all() or (diagonal <= min_diagonal).any():
        return None
    scale = np.sqrt(diagonal)
    scaled = A / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(scaled)
    if values[0] <= _SINGULAR * values[-1]:
        return None
    inverse: Floats = (vectors / values) @ vectors.T / np.outer(scale, scale)
    return inverse


def _square_root(M: Floats) -> Floats:
    """Return the symmetric square root of a positive matrix."""
    values, vectors = np.linalg.eigh(M)
    root: Floats = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    return root


def _inverse_square_roots(matrices: Floats) -> Floats:
    """Return the symmetric inverse square roots of G positive matrices.

    Directions of eigenvalue 0 stay at 0.
    """
    values, vectors = np.linalg.eigh(matrices)
    roots = np.where(
        values > _SINGULAR, 1.0 / np.sqrt(np.where(values > _SINGULAR, values, 1.0)), 0.0
    )
    inverse: Floats = np.einsum("gij,gj,gkj->gik", vectors, roots, vectors)
    return inverse
