"""Huber's pseudo-values: work items far from what is expected of them count as if at a limit.

The items' y = ln minutes are replaced by y* = ŷ + clip(e, −k, k)/m, where e is the residual, k a
limit of 1.1 residual standard deviations, and m the share of the items within the limit. Every
least-squares fit and error of y* is then one of a robust centre of y.

Source: Huber & Ronchetti 2009, "Robust Statistics", section 7.8.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tracker.evidence.estimators.least_squares import LeastSquaresFit, fit_least_squares
from tracker.evidence.moments import Cells, Floats, Term, cross_products

LIMIT_SDS = 1.1
"""The limit k in residual standard deviations of the least-squares fit."""

PASSES = 2
"""Passes of clipping and fitting; a third changes widths by 0.002 at most."""

MIN_RESIDUAL_DF = 10
"""Fewer residual degrees of freedom do not determine the limit."""

MIN_RESIDUAL_SD = 1e-7
"""A residual standard deviation below this is rounding: the minutes do not vary."""


@dataclass(frozen=True, slots=True)
class FittedValues:
    """What is expected of a work item: ŷ = effect + θ·arm + slope·x + points_offset·points."""

    effects: Floats
    """The developers' effects, G, in the order of the cells' developer codes."""
    theta: float
    slope: float
    """The coefficient of x; 0 where x is not in the fit."""
    limit: float
    """k."""
    points_offset: float = 0.0
    """The coefficient of ``points``; 0 where it is not in the fit."""

    def without_x(self, cells: Cells) -> Floats:
        """Return the fitted value of each cell without the part of x."""
        return (
            self.effects[cells.developer]
            + self.theta * cells.arm
            + self.points_offset * cells.points
        )


@dataclass(frozen=True, slots=True)
class ClippedSums:
    """Sums of r = clip(y − ŷ, −k, k) over the items of each cell."""

    r: Floats
    rx: Floats
    """Σ r·x; 0 where x is not in the fit."""
    rr: Floats
    inside: Floats
    """Number of items with |y − ŷ| ≤ k."""


ClipResiduals = Callable[[FittedValues], ClippedSums]
"""Returns the clipped sums of the same cells: the database's aggregate, or :func:`clip_rows`."""

ClipCells = Callable[[Cells, FittedValues], ClippedSums]
"""Sums the clipped residuals of the work items of each cell, in the database."""


@dataclass(frozen=True, slots=True)
class PseudoValues:
    """The pseudo-values of a sample, and the fit to them."""

    cells: Cells
    """The cells with the sums of y* in the place of those of y."""
    fit: LeastSquaresFit
    limit: float
    """k."""
    shares_inside: tuple[float, ...]
    """m of each pass."""
    fitted: FittedValues
    """What was expected of the items in the last pass."""


def clip_rows(rows: Cells) -> ClipResiduals:
    """Return the function that clips the residuals of cells with one work item each."""

    def clip(fitted: FittedValues) -> ClippedSums:
        residual = rows.y - fitted.without_x(rows) - fitted.slope * rows.x
        r = np.clip(residual, -fitted.limit, fitted.limit)
        inside = (np.abs(residual) <= fitted.limit).astype(np.float64)
        return ClippedSums(r, r * rows.x, r * r, inside)

    return clip


def pseudo_values(
    cells: Cells, terms: tuple[Term, ...], fit: LeastSquaresFit, clip: ClipResiduals
) -> PseudoValues | None:
    """Return the pseudo-values of a sample.

    Args:
        cells: The sample; with ``x`` in the terms every item has an estimate.
        terms: The regressors: any of ``arm``, ``x`` and ``points``, or none.
        fit: The least-squares fit of these terms to y.
        clip: Sums the clipped residuals of the same cells.

    Returns:
        The pseudo-values; None where too little is left to determine the limit, or y does not vary
        beyond the fit. Then y itself is to be used.
    """
    if fit.residual_df < MIN_RESIDUAL_DF:
        return None
    residual_sd = math.sqrt(fit.residual_sum_of_squares / fit.residual_df)
    if residual_sd < MIN_RESIDUAL_SD:
        return None
    limit = LIMIT_SDS * residual_sd
    current, shares = cells, []
    for _ in range(PASSES):
        fitted = _fitted_values(current, terms, fit, limit)
        sums = clip(fitted)
        share = float(sums.inside.sum() / cells.n.sum())
        current = with_pseudo_values(cells, fitted, sums, share)
        refit = fit_least_squares(cross_products(current, terms))
        if refit is None:  # the regressors are those of ``fit``
            raise AssertionError("pseudo-values do not change the regressors")
        fit = refit
        shares.append(share)
    return PseudoValues(current, fit, limit, tuple(shares), fitted)


def _fitted_values(
    cells: Cells, terms: tuple[Term, ...], fit: LeastSquaresFit, limit: float
) -> FittedValues:
    """Return the fitted values of a fit to these cells."""
    coefficients = dict(zip(terms, fit.beta.tolist(), strict=True))
    theta, slope, offset = (coefficients.get(term, 0.0) for term in ("arm", "x", "points"))
    unexplained = cells.y - cells.n * (theta * cells.arm + offset * cells.points) - slope * cells.x
    effects = cells.per_developer(unexplained) / cells.per_developer(cells.n)
    return FittedValues(effects, theta, slope, limit, offset)


def with_pseudo_values(
    cells: Cells, fitted: FittedValues, sums: ClippedSums, share: float
) -> Cells:
    """Return the cells with Σy*, Σy*² and Σxy* of y* = ŷ + r/share."""
    f, b, n, x, xx = fitted.without_x(cells), fitted.slope, cells.n, cells.x, cells.xx
    return dataclasses.replace(
        cells,
        y=n * f + b * x + sums.r / share,
        yy=n * f**2
        + 2.0 * f * b * x
        + b**2 * xx
        + 2.0 * (f * sums.r + b * sums.rx) / share
        + sums.rr / share**2,
        xy=f * x + b * xx + sums.rx / share,
    )
