"""Staggered rollouts by imputation: treated work against what it would have taken untreated.

Developer effects, month effects and the slope of x are fitted on untreated items only. θ is the
mean over treated items of y minus its imputed value (Borusyak, Jaravel & Spiess 2024, "Revisiting
event-study designs", eq. 5 and Theorem 2). Treated work is therefore never compared with other
treated work. The error is the jackknife over developers; with fewer than five of them it is that of
the work items (:func:`fixed_developers_error`). Exact from moments by developer × arm × month.

A treated item counts only if it can be imputed: its developer and its month both have untreated
work, in one connected component of the developer–month graph. The others are counted as excluded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import fit_least_squares, jackknife
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats, Mask, cross_products

_SINGULAR = 1e-10
"""Relative size below which a direction of the normal equations counts as 0."""

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
    adjusted: bool
    """Whether x is in the fit: False where it does not vary in the untreated work."""


@dataclass(frozen=True, slots=True)
class _MonthlySums:
    """The sums that the fit needs, G × months; y and x less their developer's untreated mean."""

    untreated: Floats
    """Number of untreated items."""
    treated: Floats
    """Number of treated items."""
    y_untreated: Floats
    x_untreated: Floats
    y_treated: Floats
    x_treated: Floats
    xx: Floats
    """Σx² over the developer's untreated items, G."""
    xy: Floats
    """Σxy over the developer's untreated items, G."""


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
    sums = _monthly_sums(cells, adjusted=adjusted)
    theta, imputable = _impute_without(sums, np.zeros((1, cells.developers)))
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
        adjusted=adjusted and _x_varies(cells.select(cells.arm == 0)),
    )


def _x_varies(cells: Cells) -> bool:
    """Return whether x varies within developers."""
    return fit_least_squares(cross_products(cells, ("x",))) is not None


def _monthly_sums(cells: Cells, *, adjusted: bool) -> _MonthlySums:
    months, month = np.unique(cells.period, return_inverse=True)
    shape = (cells.developers, len(months))
    position = cells.developer * shape[1] + month
    treated, untreated = cells.arm == 1, cells.arm == 0

    def by_month(values: Floats, mask: Mask) -> Floats:
        weights = np.where(mask, values, 0.0)
        sums = np.bincount(position, weights=weights, minlength=shape[0] * shape[1])
        return sums.reshape(shape).astype(np.float64, copy=False)

    y = _less_untreated_mean(cells, cells.y)
    x = _less_untreated_mean(cells, cells.x) if adjusted else np.zeros_like(y)
    several = cells.n > 1
    xx = np.where(several, cells.xx - cells.x**2 / cells.n, 0.0) if adjusted else np.zeros_like(y)
    xy = (
        np.where(several, cells.xy - cells.x * cells.y / cells.n, 0.0)
        if adjusted
        else np.zeros_like(y)
    )
    return _MonthlySums(
        untreated=by_month(cells.n, untreated),
        treated=by_month(cells.n, treated),
        y_untreated=by_month(cells.n * y, untreated),
        x_untreated=by_month(cells.n * x, untreated),
        y_treated=by_month(cells.n * y, treated),
        x_treated=by_month(cells.n * x, treated),
        xx=cells.per_developer(np.where(untreated, cells.n * x * x + xx, 0.0)),
        xy=cells.per_developer(np.where(untreated, cells.n * x * y + xy, 0.0)),
    )


def _less_untreated_mean(cells: Cells, sums: Floats) -> Floats:
    """Return the cell means of a variable less its developer's mean over untreated items."""
    untreated = cells.arm == 0
    developer_means = cells.per_developer(np.where(untreated, sums, 0.0)) / np.maximum(
        cells.per_developer(cells.n * untreated), 1.0
    )
    return sums / cells.n - developer_means[cells.developer]


def _leave_one_out_estimates(sums: _MonthlySums) -> Floats:
    """Return θ without each developer, G; in batches, so that memory stays bounded."""
    G = len(sums.xx)
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
    connected, has_untreated = _connected_months(N > 0, left_out)
    slope, effects = _fit_untreated(sums, share, connected, left_out)
    developer_effects = effects @ share.T
    residuals = (
        sums.y_treated
        - slope[:, None, None] * sums.x_treated
        - sums.treated * (effects[:, None, :] - developer_effects[:, :, None])
    )
    first_month = (N > 0).argmax(axis=1)
    imputable: Mask = (
        connected[:, first_month, :]
        & has_untreated[:, None, :]
        & (sums.treated > 0)
        & (N.sum(axis=1) > 0)[:, None]
        & (left_out == 0)[:, :, None]
    )
    items = np.sum(np.where(imputable, sums.treated, 0.0), axis=(1, 2))
    total = np.sum(np.where(imputable, residuals, 0.0), axis=(1, 2))
    return np.where(items > 0, total / np.maximum(items, 1.0), np.nan), imputable


def _fit_untreated(
    sums: _MonthlySums, share: Floats, connected: Mask, left_out: Floats
) -> tuple[Floats, Floats]:
    """Return the slope of x (B) and the month effects (B × months) of the untreated items.

    Month effects are determined only up to a constant in each connected component, and residuals do
    not depend on that constant. Adding ``connected`` (ones within a component) to their matrix
    makes them sum to 0 there.

    Args:
        sums: The monthly sums.
        share: Each month's share of the developer's untreated items, G × months.
        connected: Which pairs of months are connected, B × months × months.
        left_out: B × G, 1 for a developer left out.

    Returns:
        The slope, 0 where the months leave no variation of x, and the month effects.

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
    x_sums = sums.x_untreated.sum(axis=0) - left_out @ sums.x_untreated
    y_sums = sums.y_untreated.sum(axis=0) - left_out @ sums.y_untreated
    xx, xy = sums.xx.sum() - left_out @ sums.xx, sums.xy.sum() - left_out @ sums.xy
    x_effects, y_effects = np.moveaxis(
        np.linalg.solve(A, np.stack([x_sums, y_sums], axis=-1)), -1, 0
    )
    xx_within_months = xx - np.sum(x_sums * x_effects, axis=1)
    varies = xx_within_months > _SINGULAR * np.maximum(xx, N.sum() * _SINGULAR)
    slope = np.where(
        varies,
        (xy - np.sum(x_sums * y_effects, axis=1)) / np.where(varies, xx_within_months, 1.0),
        0.0,
    )
    return slope, y_effects - slope[:, None] * x_effects


def _connected_months(has_untreated: Mask, left_out: Floats) -> tuple[Mask, Mask]:
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


def fixed_developers_error(rows: Cells, *, adjusted: bool) -> StandardError | None:
    """Return the error of θ for these developers only: items vary, developers are fixed.

    θ = mean of the treated y − z̄'b, where z̄ is the treated items' mean of the developer and month
    indicators and x. The variance is that of the treated residuals' mean plus HC2 of the untreated
    fit at z̄. For fewer than five developers.

    Args:
        rows: One cell per work item.
        adjusted: Whether x is in the fit.

    Returns:
        The error, t by items; None where no degree of freedom is left.

    """
    months, month = np.unique(rows.period, return_inverse=True)
    sums = _monthly_sums(rows, adjusted=adjusted)
    imputable = _impute_without(sums, np.zeros((1, rows.developers)))[1][0]
    untreated = rows.arm == 0
    treated = imputable[rows.developer, month] & ~untreated
    if not treated.any():
        return None
    Z = np.column_stack(
        [
            rows.developer[:, None] == np.arange(rows.developers),
            month[:, None] == np.arange(len(months)),
            *([rows.x] if adjusted else []),
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
