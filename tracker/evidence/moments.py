"""Sums over work items, and the cross-products by developer that a fit needs.

A *cell* is the sum over the work items that share developer, arm and period: one row of the moments
frame. A single work item is a cell with n = 1, so moments and item rows are treated alike. Where
several activities are pooled, each developer × activity takes the place of a developer.

A least-squares fit with developer effects needs, for each developer g, only the centred
cross-products A_g = Z_g'Z_g (k × k), b_g = Z_g'y_g (k) and c_g = y_g'y_g, where the developer's
means are subtracted from Z_g and y_g (Wong et al. 2021, "You only compress once").

They are computed as the spread within each cell plus the spread between the cells' means. The
direct formula Σx² − (Σx)²/n over all of a developer's items would lose significant digits.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracker.domain.records import MOMENT_SUMS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Term = Literal["arm", "x", "points", "trend", "months"]
"""A regressor.

The arm; ln estimate in its own unit; an indicator of estimates in points; a linear trend over
months; or an indicator of each month.
"""
ESTIMATE_TERMS: tuple[Term, ...] = ("x", "points")
"""The regressors that adjust for the estimates."""

_CELL_KEYS = ("developer", "arm", "period", "source", "estimated", "points")


@dataclass(frozen=True, slots=True)
class Cells:
    """Sums over work items, one array position per cell.

    The sums ``n`` to ``tw`` are those of :data:`tracker.domain.records.MOMENT_SUMS`.
    """

    developer: Integers
    """The developer's code, from 0 to ``developers`` - 1."""
    keys: tuple[tuple[str, ...], ...]
    """The developer of each code; of pooled activities the developer and the activity."""
    arm: Floats
    """0 baseline, 1 assistance."""
    period: Integers
    """The month, as months since 1970-01, or the block of 28 days since the item's cutover."""
    source: Integers
    """The row of the frame that the cell comes from."""
    estimated: Mask
    """Whether its work items have an estimate."""
    points: Mask
    """Whether they are estimated in points; else in minutes, or not at all."""
    n: Floats
    y: Floats
    yy: Floats
    x: Floats
    xx: Floats
    xy: Floats
    t: Floats
    tt: Floats
    w: Floats
    ww: Floats
    tw: Floats

    @property
    def developers(self) -> int:
        """Number of developers, G."""
        return len(self.keys)

    @property
    def items(self) -> int:
        """Number of work items."""
        return round(float(self.n.sum()))

    def items_of(self, arm: int) -> int:
        """Return the number of work items in an arm (0 baseline, 1 assistance)."""
        return round(float(self.n[self.arm == arm].sum()))

    def select(self, mask: Mask) -> Cells:
        """Return the cells where ``mask`` (one value per cell) is true, renumbering developers."""
        if mask.all():
            return self
        positions = np.flatnonzero(mask)  # of 17 arrays: faster than the mask itself
        arrays = {name: getattr(self, name)[positions] for name in (*_CELL_KEYS, *MOMENT_SUMS)}
        remain = np.bincount(arrays["developer"], minlength=self.developers) > 0
        arrays["developer"] = (np.cumsum(remain) - 1)[arrays["developer"]]
        keys = tuple(itertools.compress(self.keys, remain))
        return dataclasses.replace(self, keys=keys, **arrays)

    def for_developers(self, developer_mask: Mask) -> Cells:
        """Return the cells of the developers for whom ``developer_mask`` (length G) is true."""
        return self.select(developer_mask[self.developer])

    def merge(self) -> Cells:
        """Return the sums of the cells that share developer, arm, period and kind of estimate."""
        keys = (self.developer, self.arm, self.period, self.estimated, self.points)
        numbers = np.zeros(len(self.n), dtype=np.int64)
        for key in keys:
            values, codes = np.unique(key, return_inverse=True)
            numbers = numbers * len(values) + codes
        _, first, group = np.unique(numbers, return_index=True, return_inverse=True)
        arrays: dict[str, Any] = {name: getattr(self, name)[first] for name in _CELL_KEYS}
        for name in MOMENT_SUMS:
            arrays[name] = np.bincount(group, weights=getattr(self, name))
        return dataclasses.replace(self, **arrays)

    def per_developer(self, values: Floats) -> Floats:
        """Sum ``values`` (one per cell) by developer; returns an array of length G."""
        return np.bincount(self.developer, values, self.developers).astype(np.float64, copy=False)

    def items_by_arm(self) -> Floats:
        """Count the work items by developer and arm; returns an array of shape G × 2."""
        return np.column_stack(
            [self.per_developer(np.where(self.arm == arm, self.n, 0.0)) for arm in (0, 1)]
        )

    def in_both_arms(self) -> Mask:
        """Return which developers have work items in both arms, as a mask of length G."""
        baseline, assistance = self.items_by_arm().T
        return np.asarray((baseline > 0) & (assistance > 0))


ITEM_COLUMNS = ("developer", "arm", "month", "minutes", "estimate_minutes", "estimate_points")
"""The columns of an items frame that its cells are made of; of the estimates either may lack."""
BY_DEVELOPER = ("developer",)
BY_DEVELOPER_AND_ACTIVITY = ("developer", "activity")


def cells_from_moments(frame: pd.DataFrame, by: Sequence[str] = BY_DEVELOPER) -> Cells:
    """Return the cells of a moments frame.

    Developers are numbered in the order of their names, so the order of the rows does not matter.

    Args:
        frame: The moments.
        by: The columns whose values are numbered.
    """
    codes, keys = _numbered(frame, by)
    sums = {name: frame[name].to_numpy(dtype=np.float64) for name in MOMENT_SUMS}
    return Cells(
        developer=codes,
        keys=keys,
        arm=_assistance_indicator(frame),
        period=frame["period"].to_numpy(dtype=np.int64),
        source=np.arange(len(frame)),
        estimated=frame["estimated"].to_numpy(dtype=np.bool_),
        points=_in_points(frame),
        **sums,
    )


def cells_from_items(frame: pd.DataFrame, by: Sequence[str] = BY_DEVELOPER) -> Cells:
    """Return one cell per work item of an items frame; every item's minutes must be > 0.

    A missing estimate counts as 0, as in the moments. The cells are sorted, so a random draw with a
    given seed does not depend on the order of the rows.

    Args:
        frame: The work items.
        by: The columns whose values are numbered.
    """
    w, estimates = _estimates(frame, "estimate_minutes"), estimates_of(frame)
    t = frame["minutes"].to_numpy(dtype=np.float64)
    y, x = np.log(t), np.log(np.where(estimates > 0, estimates, 1.0))
    codes, keys = _numbered(frame, by)
    arm = _assistance_indicator(frame)
    period = frame["month"].to_numpy(dtype=np.int64)
    order = np.lexsort((x, y, period, arm, codes))
    y, x, t, w = y[order], x[order], t[order], w[order]
    is_estimated = estimates[order] > 0
    return Cells(
        developer=codes[order],
        keys=keys,
        arm=arm[order],
        period=period[order],
        source=order,
        estimated=is_estimated,
        points=is_estimated & (w == 0),
        **item_sums(y, x, t, w),
    )


def item_sums(y: Floats, x: Floats, t: Floats, w: Floats) -> dict[str, Floats]:
    """Return the sums of :data:`tracker.domain.records.MOMENT_SUMS`, each over one work item.

    Args:
        y: ln minutes.
        x: ln estimate in its own unit, 0 where missing.
        t: Minutes.
        w: Estimated minutes, 0 where missing.

    """
    return {
        "n": np.ones_like(y),
        **{"y": y, "yy": y * y, "x": x, "xx": x * x, "xy": x * y},
        **{"t": t, "tt": t * t, "w": w, "ww": w * w, "tw": t * w},
    }


def estimates_of(frame: pd.DataFrame) -> Floats:
    """Return the estimates of an items frame in minutes, else in points; 0 where missing."""
    minutes = _estimates(frame, "estimate_minutes")
    return np.where(minutes > 0, minutes, _estimates(frame, "estimate_points"))


def _in_points(frame: pd.DataFrame) -> Mask:
    """Return which rows of a moments frame are estimated in points; without ``unit``, none."""
    if "unit" not in frame:
        return np.zeros(len(frame), dtype=np.bool_)
    return np.asarray(frame["unit"].to_numpy() == "points", dtype=np.bool_)


def _estimates(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column of estimates, 0 where missing or where there is no such column."""
    if column not in frame:
        return np.zeros(len(frame))
    estimates = frame[column].to_numpy(dtype=np.float64)
    return np.where(np.isfinite(estimates) & (estimates > 0), estimates, 0.0)


def _numbered(
    frame: pd.DataFrame, by: Sequence[str]
) -> tuple[Integers, tuple[tuple[str, ...], ...]]:
    """Number the values of some columns in their order; return the numbers and the values."""
    codes, values = pd.factorize(frame[by[0]], sort=True)
    keys: list[tuple[str, ...]] = [(value,) for value in values]
    for column in by[1:]:
        inner, values = pd.factorize(frame[column], sort=True)
        pairs, codes = np.unique(codes * len(values) + inner, return_inverse=True)
        keys = [(*keys[pair // len(values)], values[pair % len(values)]) for pair in pairs]
    return codes.astype(np.int64), tuple(keys)


def _assistance_indicator(frame: pd.DataFrame) -> Floats:
    return np.asarray(frame["arm"].to_numpy() == "assistance", dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CrossProducts:
    """Centred cross-products of k regressors and y, for each of G developers, or G = 1 for all.

    The first regressor is the one whose coefficient is reported.
    """

    items: int
    effects: int
    """Number of absorbed effects: G, or more where developers have one for each activity."""
    A: Floats
    """Z_g'Z_g, G × k × k."""
    b: Floats
    """Z_g'y_g, G × k."""
    c: Floats
    """y_g'y_g, G."""
    unit: int | None = None
    """The position of the regressor ``points``; None where it is not among them."""

    @property
    def developers(self) -> int:
        """Number of developers, G."""
        return len(self.c)

    @property
    def k(self) -> int:
        """Number of regressors."""
        return int(self.b.shape[1])

    def merge(self, clusters: Integers, count: int) -> CrossProducts:
        """Return the sums over clusters of developer × activity.

        Args:
            clusters: The cluster of each position, from 0 to ``count`` - 1.
            count: Number of clusters; one without a position has zeros.
        """
        A, b, c = np.zeros((count, self.k, self.k)), np.zeros((count, self.k)), np.zeros(count)
        for sums, values in ((A, self.A), (b, self.b), (c, self.c)):
            np.add.at(sums, clusters, values)
        return dataclasses.replace(self, A=A, b=b, c=c)


def regressors(cells: Cells, terms: tuple[Term, ...]) -> Floats:
    """Return the cell means of the regressors, cells × k, in the order of ``terms``.

    ``trend`` is linear in the period. ``months`` adds an indicator of every period but the first.
    """
    columns: list[Floats] = []
    for term in terms:
        if term == "arm":
            columns.append(cells.arm)
        elif term == "x":
            columns.append(cells.x / cells.n)
        elif term == "points":
            columns.append(cells.points.astype(np.float64))
        elif term == "trend":
            columns.append((cells.period - cells.period.min(initial=0)).astype(np.float64))
        else:
            columns.extend(
                (cells.period == month).astype(np.float64) for month in np.unique(cells.period)[1:]
            )
    return np.column_stack(columns) if columns else np.empty((len(cells.n), 0))


def subtract_developer_means(cells: Cells, means: Floats) -> Floats:
    """Subtract from each cell mean the mean over all work items of its developer.

    Args:
        cells: The cells.
        means: Cell means of one variable (length cells) or of k variables (cells × k).

    Returns:
        The centred means, in the shape of ``means``.

    """
    if means.ndim == 2 and means.shape[1]:
        return np.column_stack([subtract_developer_means(cells, column) for column in means.T])
    if means.ndim == 2:
        return means
    developer_means = cells.per_developer(cells.n * means) / cells.per_developer(cells.n)
    return means - developer_means[cells.developer]


def cross_products(
    cells: Cells, terms: tuple[Term, ...] = ("arm", "x"), *, by_developer: bool = True
) -> CrossProducts:
    """Return the centred cross-products of the regressors ``terms`` and y = ln minutes.

    Args:
        cells: The cells.
        terms: The regressors.
        by_developer: Whether to return those of each developer; else their sum, enough for a fit.
    """
    Z = subtract_developer_means(cells, regressors(cells, terms))
    y = subtract_developer_means(cells, cells.y / cells.n)
    G, k = cells.developers if by_developer else 1, Z.shape[1]
    add = cells.per_developer if by_developer else np.sum
    A, b = np.empty((G, k, k)), np.empty((G, k))
    for i in range(k):
        weighted = cells.n * Z[:, i]
        b[:, i] = add(weighted * y)
        for j in range(i, k):
            A[:, i, j] = A[:, j, i] = add(weighted * Z[:, j])
    spread = _spread_within_cells(cells.yy, cells.y, cells.y, cells.n)
    c = np.atleast_1d(add(cells.n * y * y + spread))
    if "x" in terms:  # the only regressor that varies within a cell
        i = terms.index("x")
        A[:, i, i] += add(_spread_within_cells(cells.xx, cells.x, cells.x, cells.n))
        b[:, i] += add(_spread_within_cells(cells.xy, cells.x, cells.y, cells.n))
    unit = terms.index("points") if "points" in terms else None
    return CrossProducts(cells.items, cells.developers, A, b, c, unit)


def _spread_within_cells(products: Floats, u: Floats, v: Floats, n: Floats) -> Floats:
    """Return Σ(u − ū)(v − v̄) of each cell from Σuv, Σu, Σv and n; exactly 0 where n is 1."""
    return np.where(n > 1, products - u * v / n, 0.0)
