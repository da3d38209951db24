"""Staggered rollouts by imputation: treated work against what it would have taken untreated.

Developer effects, month effects and the slope of x (with an intercept of estimates in points, where
units are mixed) are fitted on untreated items only. θ is the mean over treated items of y minus its
imputed value (Borusyak, Jaravel & Spiess 2024, "Revisiting event-study designs", eq. 5 and Theorem
2). Treated work is therefore never compared with other treated work. The error is the jackknife
over developers; with fewer than five of them it is that of the work items
(:func:`fixed_developers_error`). Exact from moments by developer × arm × month.

A treated item counts only if it can be imputed: its developer and its month both have untreated
work, in one connected component of the developer–month graph. The others are counted as excluded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import (
    estimate_terms,
    fit_least_squares,
    jackknife,
)
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats, Mask, Term, cross_products, regressors

_SINGULAR = 1e-10
"""Relative size below which a direction of the normal equations counts as 0."""

_UNDETERMINED = 1e-6
"""Mean difference of regressors below which it counts as 0, on the scale of ln estimates."""

_MAX_BATCH_SIZE = 2_000_000
"""Largest number of developers × months × developers left out that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Imputation:
    """θ with its error, and the treated work that it rests on."""

    theta: float
    error: StandardError | None
    items: int
    """Treated items that could be imputed."""
    treated_developers: int
    """Developers with such items."""
    leave_one_out: Floats
    """θ without each developer, G; NaN where nothing can be imputed then."""
    estimate_terms: tuple[Term, ...]
    """How it is adjusted for the estimates: () where these do not vary in the untreated work."""


@dataclass(frozen=True, slots=True)
class _MonthlySums:
    """The sums that the fit needs, G × months.

    y and the K regressors of the estimates, Z, are less their developer's untreated mean.
    """

    untreated: Floats
    """Number of untreated items."""
    treated: Floats
    """Number of treated items."""
    y_untreated: Floats
    y_treated: Floats
    z_untreated: Floats
    """K × G × months."""
    z_treated: Floats
    """K × G × months."""
    zz: Floats
    """Σzz' over the developer's untreated items, G × K × K."""
    zy: Floats
    """Σzy over the developer's untreated items, G × K."""


def impute(cells: Cells, *, adjusted: bool) -> Imputation | None:
    """Return the mean residual of the treated items, with its jackknife error.

    The error's df are G − 1, but at most the number of treated developers. With few treated among
    many never treated, t(G − 1) has three times its nominal false-alarm rate.

    Args:
        cells: Cells by developer, arm and month.
        adjusted: Whether x is in the fit; every item must have an estimate then.

    Returns:
        The imputation; None where no treated item can be imputed.

    """
    terms = estimate_terms(cells) if adjusted else ()
    sums = _monthly_sums(cells, terms)
    theta, imputable = _impute_without(sums, np.zeros((1, cells.developers)))
    if not np.isfinite(theta[0]) and "points" in terms:
        # Untreated work does not tell what points are worth in minutes.
        return impute(cells, adjusted=False)
    if not np.isfinite(theta[0]):
        return None
    imputed_items = np.where(imputable[0], sums.treated, 0.0)
    treated_developers = int((imputed_items.sum(axis=1) > 0).sum())
    leave_one_out = _leave_one_out_estimates(sums)
    error = jackknife(leave_one_out, float(theta[0]))
    return Imputation(
        theta=float(theta[0]),
        error=error and StandardError(error.se, min(cells.developers - 1, treated_developers)),
        items=round(float(imputed_items.sum())),
        treated_developers=treated_developers,
        leave_one_out=leave_one_out,
        estimate_terms=terms if _x_varies(cells.select(cells.arm == 0)) else (),
    )


def _x_varies(cells: Cells) -> bool:
    """Return whether x varies within developers."""
    return fit_least_squares(cross_products(cells, ("x",))) is not None


def _monthly_sums(cells: Cells, terms: tuple[Term, ...]) -> _MonthlySums:
    months, month = np.unique(cells.period, return_inverse=True)
    shape = (cells.developers, len(months))
    position = cells.developer * shape[1] + month
    treated, untreated = cells.arm == 1, cells.arm == 0

    def by_month(values: Floats, mask: Mask) -> Floats:
        weights = np.where(mask, values, 0.0)
        sums = np.bincount(position, weights=weights, minlength=shape[0] * shape[1])
        return sums.reshape(shape).astype(np.float64, copy=False)

    def products(u: Floats, v: Floats) -> Floats:
        return cells.per_developer(np.where(untreated, cells.n * u * v, 0.0))

    y = _less_untreated_mean(cells, cells.y / cells.n)
    Z = [_less_untreated_mean(cells, column) for column in regressors(cells, terms).T]
    G, K = cells.developers, len(Z)
    zz = np.array([[products(u, v) for v in Z] for u in Z]).reshape(K, K, G).transpose(2, 0, 1)
    zy = np.array([products(u, y) for u in Z]).reshape(K, G).T
    if "x" in terms:  # the only one that varies within a cell
        several = untreated & (cells.n > 1)
        spread = [np.where(several, cells.xx - cells.x**2 / cells.n, 0.0)]
        spread += [np.where(several, cells.xy - cells.x * cells.y / cells.n, 0.0)]
        i = terms.index("x")
        zz[:, i, i] += cells.per_developer(spread[0])
        zy[:, i] += cells.per_developer(spread[1])
    return _MonthlySums(
        untreated=by_month(cells.n, untreated),
        treated=by_month(cells.n, treated),
        y_untreated=by_month(cells.n * y, untreated),
        y_treated=by_month(cells.n * y, treated),
        z_untreated=np.array([by_month(cells.n * z, untreated) for z in Z]).reshape(K, *shape),
        z_treated=np.array([by_month(cells.n * z, treated) for z in Z]).reshape(K, *shape),
        zz=zz,
        zy=zy,
    )


def _less_untreated_mean(cells: Cells, means: Floats) -> Floats:
    """Return the cell means of a variable less its developer's mean over untreated items."""
    untreated = cells.arm == 0
    developer_means = cells.per_developer(np.where(untreated, cells.n * means, 0.0)) / np.maximum(
        cells.per_developer(cells.n * untreated), 1.0
    )
    return means - developer_means[cells.developer]


def _leave_one_out_estimates(sums: _MonthlySums) -> Floats:
    """Return θ without each developer, G; in batches, so that memory stays bounded."""
    G = len(sums.zz)
    size = max(1, _MAX_BATCH_SIZE // max(1, sums.treated.size))
    batches = [np.eye(G)[start : start + size] for start in range(0, G, size)]
    return np.concatenate([_impute_without(sums, batch)[0] for batch in batches])


def _impute_without(sums: _MonthlySums, left_out: Floats) -> tuple[Floats, Mask]:
    """Return θ for each of B sets of developers left out, and the cells that it rests on.

    Args:
        sums: The monthly sums.
        left_out: B × G, 1 for a developer left out.

    Returns:
        θ (B; NaN where nothing can be imputed) and the imputable cells (B × G × months).

    """
    N = sums.untreated
    share = N / np.maximum(N.sum(axis=1, keepdims=True), 1.0)
    connected, has_untreated = connected_months(N > 0, left_out)
    fit = _fit_untreated(sums, connected, share, left_out)
    first_month = (N > 0).argmax(axis=1)
    imputable: Mask = (
        connected[:, first_month, :]
        & has_untreated[:, None, :]
        & (sums.treated > 0)
        & (N.sum(axis=1) > 0)[:, None]
        & (left_out == 0)[:, :, None]
    )
    items = np.sum(np.where(imputable, sums.treated, 0.0), axis=(1, 2))

    def total_residual(treated: Floats, effects: Floats) -> Floats:
        residuals = treated - sums.treated * (effects[:, None, :] - (effects @ share.T)[:, :, None])
        total: Floats = np.where(imputable, residuals, 0.0).sum(axis=(1, 2))
        return total

    total = total_residual(sums.y_treated, fit.y_effects)
    differences = np.array(
        [total_residual(z, fit.z_effects[:, k]) for k, z in enumerate(sums.z_treated)]
    ).reshape(len(sums.z_treated), len(total))
    total = total - np.einsum("bk,kb->b", fit.slopes, differences)
    determined = (items > 0) & fit.determines(differences.T / np.maximum(items, 1.0)[:, None])
    return np.where(determined, total / np.maximum(items, 1.0), np.nan), imputable


@dataclass(frozen=True, slots=True)
class _UntreatedFit:
    """The fit of the untreated items, for each of B sets of developers left out."""

    slopes: Floats
    """Of the K regressors, B × K; 0 where the months leave no variation of one."""
    y_effects: Floats
    """Month effects of y without the regressors, B × months."""
    z_effects: Floats
    """Month effects of the regressors, B × K × months."""
    undetermined: Floats
    """Projector on the slopes that the untreated items do not determine, B × K × K."""

    def determines(self, differences: Floats) -> Mask:
        """Return whether differences of the regressors, B × K, have a determined effect on y.

        x alone is always taken to have: where it does not vary, it is left out.
        """
        if differences.shape[1] < 2:
            return np.ones(len(differences), dtype=np.bool_)
        remainder = np.einsum("bij,bj->bi", self.undetermined, differences)
        determined: Mask = np.abs(remainder).max(axis=1) < _UNDETERMINED
        return determined


def _fit_untreated(
    sums: _MonthlySums, connected: Mask, share: Floats, left_out: Floats
) -> _UntreatedFit:
    """Fit month effects and the regressors of the estimates to the untreated items.

    Month effects are determined only up to a constant in each connected component, and residuals do
    not depend on that constant. Adding ``connected`` (ones within a component) to their matrix
    makes them sum to 0 there.

    Args:
        sums: The monthly sums.
        connected: Which pairs of months are connected, B × months × months.
        share: Each month's share of the developer's untreated items, G × months.
        left_out: B × G, 1 for a developer left out.
    """
    N = sums.untreated
    removed = left_out @ N
    A = (
        np.diag(N.sum(axis=0))
        - N.T @ share
        + connected
        + removed[:, :, None] * (left_out @ share)[:, None, :]
    )
    months = np.arange(N.shape[1])
    A[:, months, months] -= removed
    z_sums = sums.z_untreated.sum(axis=1) - np.einsum("bg,kgm->bkm", left_out, sums.z_untreated)
    y_sums = sums.y_untreated.sum(axis=0) - left_out @ sums.y_untreated
    right = np.concatenate([z_sums, y_sums[:, None, :]], axis=1)
    effects = np.linalg.solve(A, right.transpose(0, 2, 1)).transpose(0, 2, 1)
    z_effects, y_effects = effects[:, :-1], effects[:, -1]
    zz = sums.zz.sum(axis=0) - np.einsum("bg,gij->bij", left_out, sums.zz)
    zy = sums.zy.sum(axis=0) - left_out @ sums.zy
    within = zz - np.einsum("bim,bjm->bij", z_sums, z_effects)
    inverse, undetermined = _inverse_where_varying(within, zz, N.sum() * _SINGULAR)
    slopes = np.einsum("bij,bj->bi", inverse, zy - np.einsum("bim,bm->bi", z_sums, y_effects))
    return _UntreatedFit(slopes, y_effects, z_effects, undetermined)


def _inverse_where_varying(within: Floats, total: Floats, least: float) -> tuple[Floats, Floats]:
    """Return the inverses of matrices of squares within months, and projectors on what has none.

    Args:
        within: B × K × K.
        total: The same within developers, B × K × K; a regressor of which hardly anything is left
            within months does not vary.
        least: A sum of squares within developers below which a regressor does not vary.
    """
    K = within.shape[1]
    diagonal, limit = (np.einsum("bkk->bk", matrix) for matrix in (within, total))
    varies = diagonal > _SINGULAR * np.maximum(limit, least)
    scale = np.sqrt(np.where(varies, diagonal, 1.0))
    both = varies[:, :, None] & varies[:, None, :]
    scaled = np.where(both, within / (scale[:, :, None] * scale[:, None, :]), 0.0)
    inverse = np.linalg.pinv(scaled, rcond=_SINGULAR, hermitian=True)
    undetermined = np.eye(K) - inverse @ scaled
    outer = scale[:, :, None] * scale[:, None, :]
    return inverse / outer, undetermined * scale[:, :, None] / scale[:, None, :]


def connected_months(has_untreated: Mask, left_out: Floats) -> tuple[Mask, Mask]:
    """Find the months connected by developers with untreated work in both.

    The transitive closure is by repeated squaring. ``scipy.sparse.csgraph.connected_components`` on
    one block-diagonal graph gives the same components, but takes 3 to 20 times as long for teams of
    up to a hundred developers.

    Args:
        has_untreated: Which developers have untreated work in which month, G × months.
        left_out: B × G, 1 for a developer left out.

    Returns:
        Which months are in one connected component (B × months × months), and which months have
        untreated work at all (B × months).

    """
    present = has_untreated.astype(np.float64)
    removed = left_out @ present
    shared = present.T @ present - removed[:, :, None] * removed[:, None, :]
    months = shared.shape[1]
    connected: Mask = (shared > 0) | np.eye(months, dtype=bool)
    for _ in range(max(1, math.ceil(math.log2(max(months, 2))))):
        connected = (connected.astype(np.float64) @ connected.astype(np.float64)) > 0
    return connected, np.einsum("bmm->bm", shared) > 0


def fixed_developers_error(rows: Cells, terms: tuple[Term, ...]) -> StandardError | None:
    """Return the error of θ for these developers only: items vary, developers are fixed.

    θ = mean of the treated y − z̄'b, where z̄ is the treated items' mean of the developer and month
    indicators and the regressors of the estimates. The variance is that of the treated residuals'
    mean plus HC2 of the untreated fit at z̄. For fewer than five developers.

    Args:
        rows: One cell per work item.
        terms: The regressors of the estimates.

    Returns:
        The error, t by items; None where no degree of freedom is left.

    """
    months, month = np.unique(rows.period, return_inverse=True)
    sums = _monthly_sums(rows, terms)
    imputable = _impute_without(sums, np.zeros((1, rows.developers)))[1][0]
    untreated = rows.arm == 0
    treated = imputable[rows.developer, month] & ~untreated
    if not treated.any():
        return None
    Z = np.column_stack(
        [
            rows.developer[:, None] == np.arange(rows.developers),
            month[:, None] == np.arange(len(months)),
            regressors(rows, terms),
        ]
    ).astype(np.float64)
    inverse = np.linalg.pinv(Z[untreated], rcond=_SINGULAR)
    leverage = np.einsum("ij,ji->i", Z[untreated], inverse)
    df = int(untreated.sum() + treated.sum()) - round(float(leverage.sum())) - 1
    if df < 1 or treated.sum() < 2:
        return None
    residual = rows.y - Z @ (inverse @ rows.y[untreated])
    free = np.clip(1.0 - leverage, 0.0, None)
    varies = free > _SINGULAR
    weight = Z[treated].mean(axis=0) @ inverse
    untreated_variance = float(
        np.sum(weight[varies] ** 2 * residual[untreated][varies] ** 2 / free[varies])
    )
    treated_variance = float(residual[treated].var(ddof=1)) / int(treated.sum())
    return StandardError(math.sqrt(untreated_variance + treated_variance), df)
