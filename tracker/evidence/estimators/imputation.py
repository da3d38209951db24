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

from tracker.evidence.estimators.least_squares import jackknife
from tracker.evidence.intervals import StandardError
from tracker.evidence.moments import Cells, Floats, Mask

_SINGULAR = 1e-10
"""Relative size below which a direction of the normal equations counts as not there."""

_BATCH = 2_000_000
"""Developer-months × developers left out that are held at once."""


@dataclass(frozen=True, slots=True)
class Imputation:
    """θ, its error, and how many treated items it rests on."""

    theta: float
    error: StandardError | None
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

    ``adjusted``: with x, which every item must then have. The error's df are G − 1, but no more than developers were
    treated: with few of them among many never treated, t(G − 1) would cry wolf three times as often as it says.
    """
    sums = _sums(cells, adjusted=adjusted)
    theta, valid = _estimates(sums, np.zeros((1, cells.developers)))
    if not np.isfinite(theta[0]):
        return None
    counted = np.where(valid[0], sums.treated, 0.0)
    treated_developers = int((counted.sum(axis=1) > 0).sum())
    without = _without_each(sums)
    error = jackknife(without, float(theta[0]))
    return Imputation(
        theta=float(theta[0]),
        error=error and StandardError(error.se, min(cells.developers - 1, treated_developers)),
        items=round(float(counted.sum())),
        treated_developers=treated_developers,
        without=without,
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
        own = cells.per_developer(np.where(off, total, 0.0)) / np.maximum(
            cells.per_developer(cells.n * off), 1.0
        )
        return total / cells.n - own[cells.developer]

    y = less_own_mean(cells.y)
    x = less_own_mean(cells.x) if adjusted else np.zeros_like(y)
    many = cells.n > 1
    xx = np.where(many, cells.xx - cells.x**2 / cells.n, 0.0) if adjusted else np.zeros_like(y)
    xy = (
        np.where(many, cells.xy - cells.x * cells.y / cells.n, 0.0)
        if adjusted
        else np.zeros_like(y)
    )
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


def _without_each(sums: _Sums) -> Floats:
    """θ with each developer left out; a batch at a time, so that memory stays bounded."""
    G = len(sums.xx)
    size = max(1, _BATCH // max(1, sums.treated.size))
    batches = [np.eye(G)[start : start + size] for start in range(0, G, size)]
    return np.concatenate([_estimates(sums, batch)[0] for batch in batches])


def _estimates(sums: _Sums, gone: Floats) -> tuple[Floats, Mask]:
    """θ for each row of ``gone`` (1 for the developer left out), and the developer-months that it rests on.

    NaN where nothing can be imputed. Month effects are fixed only up to a constant in each connected piece, which no
    residual feels: they are made to sum to 0 there, by adding ``together`` (ones inside a piece) to their matrix.
    """
    N = sums.untreated
    share = N / np.maximum(N.sum(axis=1, keepdims=True), 1.0)
    together, there = _pieces(N > 0, gone)
    lost = gone @ N
    A = (
        np.diag(N.sum(axis=0))
        - N.T @ share
        + together
        + lost[:, :, None] * (gone @ share)[:, None, :]
    )
    A[:, *np.diag_indices(N.shape[1])] -= lost
    edge = sums.x_untreated.sum(axis=0) - gone @ sums.x_untreated
    b = sums.y_untreated.sum(axis=0) - gone @ sums.y_untreated
    xx, xy = sums.xx.sum() - gone @ sums.xx, sums.xy.sum() - gone @ sums.xy
    of_x, of_y = np.moveaxis(np.linalg.solve(A, np.stack([edge, b], axis=-1)), -1, 0)
    left = xx - np.sum(
        edge * of_x, axis=1
    )  # what the months leave of x; where that is nothing, x has no slope
    known = left > _SINGULAR * np.maximum(xx, N.sum() * _SINGULAR)
    slope = np.where(known, (xy - np.sum(edge * of_y, axis=1)) / np.where(known, left, 1.0), 0.0)
    effects = of_y - slope[:, None] * of_x
    own = effects @ share.T
    residuals = (
        sums.y_treated
        - slope[:, None, None] * sums.x_treated
        - sums.treated * (effects[:, None, :] - own[:, :, None])
    )
    first = (N > 0).argmax(axis=1)
    valid: Mask = (
        together[:, first, :]
        & there[:, None, :]
        & (sums.treated > 0)
        & (N.sum(axis=1) > 0)[:, None]
    )
    valid = valid & (gone == 0)[:, :, None]
    items = np.sum(np.where(valid, sums.treated, 0.0), axis=(1, 2))
    total = np.sum(np.where(valid, residuals, 0.0), axis=(1, 2))
    return np.where(items > 0, total / np.maximum(items, 1.0), np.nan), valid


def _pieces(present: Mask, gone: Floats) -> tuple[Mask, Mask]:
    """Which months lie in one connected piece of untreated work, and which have any; for each row of ``gone``."""
    worked = present.astype(np.float64)
    lost = gone @ worked
    shared = worked.T @ worked - lost[:, :, None] * lost[:, None, :]
    months = shared.shape[1]
    together: Mask = (shared > 0) | np.eye(months, dtype=bool)
    for _ in range(max(1, math.ceil(math.log2(max(months, 2))))):
        together = (together.astype(np.float64) @ together.astype(np.float64)) > 0
    return together, np.einsum("cmm->cm", shared) > 0


def fixed_developers_error(rows: Cells, *, adjusted: bool) -> StandardError | None:
    """The error of θ for the developers at hand only, from rows: the items vary, the developers do not. t by items.

    θ = mean of the treated y − z̄'b: the spread of the treated residuals, and HC2 of the untreated fit at the treated
    items' mean z̄ (developer and month indicators, x). For fewer than five developers.
    """
    months, month = np.unique(rows.period, return_inverse=True)
    imputed = _estimates(_sums(rows, adjusted=adjusted), np.zeros((1, rows.developers)))[1][0]
    off = rows.arm == 0
    valid = imputed[rows.developer, month] & ~off
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
    return StandardError(math.sqrt(untreated + treated), df)
