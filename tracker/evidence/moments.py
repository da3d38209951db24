"""Moments → per-developer cross-products, with developer effects absorbed inside the developer.

A *cell* is a sum over work items that share developer, arm and period: a row of the moments frame. A single work item
is a cell with n = 1, so that moments and rows take one road. All that a least-squares fit with developer effects needs
is, per developer g, the centred cross-products A_g = Z_g'Z_g (k × k), b_g = Z_g'y_g (k) and c_g = y_g'y_g, where Z_g
and y_g have the developer's means taken off (Wong et al. 2021, "You only compress once").

They are built from the spread inside each cell plus the spread between the cells' means, never as Σx² − (Σx)²/n over a
whole developer, so that no digits are lost.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracker.domain.records import MOMENT_SUMS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Term = Literal["arm", "x", "trend", "months"]


@dataclass(frozen=True, slots=True)
class Cells:
    """Sums over work items, one position a cell; all arrays of one length. ``developer`` holds codes from 0 up."""

    developer: Integers
    developers: int
    arm: Floats
    """0 baseline, 1 assistance."""
    period: Integers
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
    def items(self) -> int:
        return round(float(self.n.sum()))

    def items_of(self, arm: int) -> int:
        """How many work items the arm holds: 0 baseline, 1 assistance."""
        return round(float(self.n[self.arm == arm].sum()))

    def select(self, mask: Mask) -> Cells:
        """The cells where ``mask`` holds, developers numbered anew."""
        kept, codes = np.unique(self.developer[mask], return_inverse=True)
        changed = {name: getattr(self, name)[mask] for name in ("arm", "period", *MOMENT_SUMS)}
        return dataclasses.replace(
            self, developer=codes.astype(np.int64), developers=len(kept), **changed
        )

    def for_developers(self, chosen: Mask) -> Cells:
        """The cells of those developers for whom ``chosen`` (one position a developer) holds."""
        return self.select(chosen[self.developer])

    def per_developer(self, values: Floats) -> Floats:
        """Sums of a value per cell over each developer."""
        return np.bincount(self.developer, weights=values, minlength=self.developers).astype(
            np.float64, copy=False
        )

    def items_by_arm(self) -> Floats:
        """Work items per developer and arm: developers × 2."""
        return np.column_stack(
            [self.per_developer(np.where(self.arm == arm, self.n, 0.0)) for arm in (0, 1)]
        )

    def in_both_arms(self) -> Mask:
        """Which developers have work items in both arms."""
        baseline, assistance = self.items_by_arm().T
        return np.asarray((baseline > 0) & (assistance > 0))


def cells_from_moments(frame: pd.DataFrame) -> Cells:
    """Cells of a moments frame; developers are numbered in the order of their names, whatever the rows' order."""
    codes, names = pd.factorize(frame["developer"], sort=True)
    sums = {name: frame[name].to_numpy(dtype=np.float64) for name in MOMENT_SUMS}
    return Cells(
        developer=codes.astype(np.int64),
        developers=len(names),
        arm=_assistance(frame),
        period=frame["period"].to_numpy(dtype=np.int64),
        **sums,
    )


def cells_from_items(frame: pd.DataFrame) -> Cells:
    """Cells of an items frame, one a work item; its minutes must be > 0. A missing estimate counts 0, as in moments.

    The items are put in an order of their own, so that what is drawn from a seed does not hang on the rows' order.
    """
    minutes = frame["minutes"].to_numpy(dtype=np.float64)
    estimates = frame["estimate_minutes"].to_numpy(dtype=np.float64)
    known = np.isfinite(estimates) & (estimates > 0)
    t, w = minutes, np.where(known, estimates, 0.0)
    y, x = np.log(t), np.log(np.where(known, estimates, 1.0))
    codes, names = pd.factorize(frame["developer"], sort=True)
    arm = _assistance(frame)
    period = frame["month"].to_numpy(dtype=np.int64)
    order = np.lexsort((x, y, period, arm, codes))
    sums = {
        "n": np.ones_like(y), "y": y, "yy": y * y, "x": x, "xx": x * x, "xy": x * y,
        "t": t, "tt": t * t, "w": w, "ww": w * w, "tw": t * w,
    }  # fmt: skip
    return Cells(
        developer=codes.astype(np.int64)[order],
        developers=len(names),
        arm=arm[order],
        period=period[order],
        **{name: values[order] for name, values in sums.items()},
    )


def _assistance(frame: pd.DataFrame) -> Floats:
    return np.asarray(frame["arm"].to_numpy() == "assistance", dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CrossProducts:
    """Centred cross-products of G developers and k regressors; the first regressor is the one judged."""

    items: int
    A: Floats
    """G × k × k."""
    b: Floats
    """G × k."""
    c: Floats
    """G."""

    @property
    def developers(self) -> int:
        return len(self.c)

    @property
    def k(self) -> int:
        return int(self.b.shape[1])


def regressors(cells: Cells, terms: tuple[Term, ...]) -> Floats:
    """Cell means of the regressors: cells × k, in the order of ``terms``.

    ``trend`` is linear in the period; ``months`` are indicators of every period but the first.
    """
    columns: list[Floats] = []
    for term in terms:
        if term == "arm":
            columns.append(cells.arm)
        elif term == "x":
            columns.append(cells.x / cells.n)
        elif term == "trend":
            columns.append((cells.period - cells.period.min(initial=0)).astype(np.float64))
        else:
            columns.extend(
                (cells.period == month).astype(np.float64) for month in np.unique(cells.period)[1:]
            )
    return np.column_stack(columns)


def centred(cells: Cells, means: Floats) -> Floats:
    """Cell means (cells, or cells × k) less their developer's mean over its work items."""
    if means.ndim == 2:
        return np.column_stack([centred(cells, column) for column in means.T])
    own = cells.per_developer(cells.n * means) / cells.per_developer(cells.n)
    return means - own[cells.developer]


def cross_products(cells: Cells, terms: tuple[Term, ...] = ("arm", "x")) -> CrossProducts:
    """Per-developer centred cross-products of the regressors ``terms`` and y = ln minutes."""
    Z = centred(cells, regressors(cells, terms))
    y = centred(cells, cells.y / cells.n)
    G, k = cells.developers, Z.shape[1]
    A, b = np.empty((G, k, k)), np.empty((G, k))
    for i in range(k):
        weighted = cells.n * Z[:, i]
        b[:, i] = cells.per_developer(weighted * y)
        for j in range(i, k):
            A[:, i, j] = A[:, j, i] = cells.per_developer(weighted * Z[:, j])
    c = cells.per_developer(cells.n * y * y + _inside(cells.yy, cells.y, cells.y, cells.n))
    if "x" in terms:  # the only regressor that varies inside a cell
        at = terms.index("x")
        A[:, at, at] += cells.per_developer(_inside(cells.xx, cells.x, cells.x, cells.n))
        b[:, at] += cells.per_developer(_inside(cells.xy, cells.x, cells.y, cells.n))
    return CrossProducts(cells.items, A, b, c)


def _inside(products: Floats, left: Floats, right: Floats, n: Floats) -> Floats:
    """Σ(u − ū)(v − v̄) inside each cell; exactly 0 for a single work item."""
    return np.where(n > 1, products - left * right / n, 0.0)


_KEYS = ["developer", "arm", "period", "status", "estimated"]
_HASHED_SUMS = ["n", "t", "w", "y", "x", "xy"]
"""Those that tell the work items of a cell apart."""


def data_hash(frames: Iterable[pd.DataFrame]) -> str:
    """Of the moments judged, in their order: equal hashes mean equal data.

    Sorted here, since databases collate differently; and to 9 digits, since their logarithms and sums differ in the
    last of their 16.
    """
    digest = hashlib.blake2b(digest_size=8)
    for moments in frames:
        ordered = moments.sort_values(_KEYS, ignore_index=True)
        digest.update(
            ordered[[*_KEYS, *_HASHED_SUMS]].to_csv(index=False, float_format="%.9g").encode()
        )
    return digest.hexdigest()
