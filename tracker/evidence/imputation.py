"""Staggered rollouts by imputation: what treated work would have taken, from developer, month and estimate.

Developer effects, month effects and the slope of x are fitted on untreated items alone; θ is the mean over treated
items of y less what that fit imputes (Borusyak, Jaravel & Spiess 2024, "Revisiting event-study designs", eq. 5 and
Theorem 2), so that treated work is never used as a comparison for other treated work. The error is the jackknife over
developers; with fewer than five, the items' own (:func:`of_these_developers`). Exact from moments by developer × arm ×
month.

A treated item counts only if it can be imputed: its developer and its month both have untreated work, in one connected
piece of the developer–month graph. The others are counted, not guessed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from tracker.evidence.crossproducts import Cells, Floats, Mask
from tracker.evidence.fit import jackknife
from tracker.evidence.intervals import Error

_SINGULAR = 1e-10
"""Relative size below which a direction of the normal equations counts as not there."""


@dataclass(frozen=True, slots=True)
class Imputation:
    """θ, its error, and how many treated items it rests on."""

    theta: float
    error: Error | None
    items: int
    """Treated items that could be imputed."""
    treated_developers: int
    without: Floats
    """θ with each developer left out, G; NaN where nothing can be imputed then."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the fit needs, developers × months; every y and x less its developer's untreated mean."""

    untreated: Floats
    """How many untreated items."""
    treated: Floats
    y_untreated: Floats
    x_untreated: Floats
    y_treated: Floats
    x_treated: Floats
    xx: Floats
    """Σx² over the developer's untreated items, G."""
    xy: Floats


def impute(cells: Cells, *, adjusted: bool) -> Imputation | None:
    """The mean of the treated items' residuals, with its jackknife error; None where nothing can be imputed.

    ``adjusted``: with x, which every item must then have.
    """
    sums = _sums(cells, adjusted=adjusted)
    among = np.ones(cells.developers, dtype=bool)
    theta, valid = _estimate(sums, among)
    if theta is None:
        return None
    without = np.full(cells.developers, np.nan)
    for g in range(cells.developers):
        among[g] = False
        left = _estimate(sums, among)[0]
        without[g] = np.nan if left is None else left
        among[g] = True
    counted = np.where(valid, sums.treated, 0.0)
    return Imputation(
        theta, jackknife(without, theta), round(float(counted.sum())), int((counted.sum(axis=1) > 0).sum()), without
    )


def _sums(cells: Cells, *, adjusted: bool) -> _Sums:
    months, month = np.unique(cells.period, return_inverse=True)
    shape = (cells.developers, len(months))
    place = cells.developer * shape[1] + month
    cells_in_all = shape[0] * shape[1]
    on, off = cells.arm == 1, cells.arm == 0

    def table(values: Floats, where: Mask) -> Floats:
        sums = np.bincount(place, weights=np.where(where, values, 0.0), minlength=cells_in_all)
        return sums.reshape(shape).astype(np.float64, copy=False)

    def less_own_mean(total: Floats) -> Floats:
        own = cells.per_developer(np.where(off, total, 0.0)) / np.maximum(cells.per_developer(cells.n * off), 1.0)
        return total / cells.n - own[cells.developer]

    y = less_own_mean(cells.y)
    x = less_own_mean(cells.x) if adjusted else np.zeros_like(y)
    many = cells.n > 1
    xx = np.where(many, cells.xx - cells.x**2 / cells.n, 0.0) if adjusted else np.zeros_like(y)
    xy = np.where(many, cells.xy - cells.x * cells.y / cells.n, 0.0) if adjusted else np.zeros_like(y)
    return _Sums(
        untreated=table(cells.n, off),
        treated=table(cells.n, on),
        y_untreated=table(cells.n * y, off),
        x_untreated=table(cells.n * x, off),
        y_treated=table(cells.n * y, on),
        x_treated=table(cells.n * x, on),
        xx=cells.per_developer(np.where(off, cells.n * x * x + xx, 0.0)),
        xy=cells.per_developer(np.where(off, cells.n * x * y + xy, 0.0)),
    )


def _estimate(sums: _Sums, among: Mask) -> tuple[float | None, Mask]:
    """θ over the developers ``among``, and which developer-months' treated items it rests on."""
    valid = _imputable(np.where(among[:, None], sums.untreated, 0.0)) & (sums.treated > 0)
    items = float(sums.treated[valid].sum())
    if not items:
        return None, valid
    N = sums.untreated[among]
    share = N / np.maximum(N.sum(axis=1, keepdims=True), 1.0)
    edge = sums.x_untreated[among].sum(axis=0)
    A = np.block([[np.diag(N.sum(axis=0)) - N.T @ share, edge[:, None]], [edge[None, :], sums.xx[among].sum()]])
    b = np.append(sums.y_untreated[among].sum(axis=0), sums.xy[among].sum())
    # The least solution: month effects are fixed only up to a constant per connected piece, which no residual feels.
    solved = np.linalg.lstsq(A, b, rcond=_SINGULAR)[0]
    effects, slope = solved[:-1], solved[-1]
    own = sums.untreated @ effects / np.maximum(sums.untreated.sum(axis=1), 1.0)
    residuals = sums.y_treated - slope * sums.x_treated - sums.treated * (effects[None, :] - own[:, None])
    return float(residuals[valid].sum()) / items, valid


def _imputable(untreated: Floats) -> Mask:
    """Developer-months whose developer and month lie in one connected piece of the graph of untreated work."""
    developers, months = np.nonzero(untreated)
    G, M = untreated.shape
    graph = sparse.coo_array((np.ones(len(developers)), (developers, G + months)), shape=(G + M, G + M))
    piece = csgraph.connected_components(graph, directed=False)[1]
    together = piece[:G, None] == piece[None, G:]
    found: Mask = together & (untreated.sum(axis=1) > 0)[:, None] & (untreated.sum(axis=0) > 0)[None, :]
    return found


def of_these_developers(rows: Cells, *, adjusted: bool) -> Error | None:
    """The error of θ for the developers at hand only, from rows: the items vary, the developers do not. t by items.

    θ = mean of the treated y − z̄'b: the spread of the treated residuals, and HC2 of the untreated fit at the treated
    items' mean z̄ (developer and month indicators, x). For fewer than five developers.
    """
    sums = _sums(rows, adjusted=adjusted)
    months, month = np.unique(rows.period, return_inverse=True)
    valid = (_imputable(sums.untreated) & (sums.treated > 0))[rows.developer, month]
    off = rows.arm == 0
    if not valid.any():
        return None
    Z = np.column_stack(
        [
            rows.developer[:, None] == np.arange(rows.developers),
            month[:, None] == np.arange(len(months)),
            *([rows.x] if adjusted else []),
        ]
    ).astype(np.float64)
    inverse = np.linalg.pinv(Z[off], rcond=_SINGULAR)
    leverage = np.einsum("ij,ji->i", Z[off], inverse)
    df = int(off.sum() + valid.sum()) - round(float(leverage.sum())) - 1
    if df < 1 or valid.sum() < 2:
        return None
    residual = rows.y - Z @ (inverse @ rows.y[off])
    free = np.clip(1.0 - leverage, 0.0, None)
    weight = Z[valid].mean(axis=0) @ inverse
    kept = free > _SINGULAR
    untreated = float(np.sum(weight[kept] ** 2 * residual[off][kept] ** 2 / free[kept]))
    treated = float(residual[valid].var(ddof=1)) / int(valid.sum())
    return Error(math.sqrt(untreated + treated), df)
