"""Huber's pseudo-values equal an independent program's, from rows and from moments."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from support import panels
from support.robust_vectors import NAMES, read_panel

from tracker.domain.records import MOMENT_SUMS
from tracker.evidence.estimators.least_squares import (
    classical,
    cr2,
    fit_least_squares,
    heteroskedastic,
)
from tracker.evidence.estimators.pseudo_values import (
    ClippedSums,
    ClipResiduals,
    FittedValues,
    clip_rows,
    pseudo_values,
)
from tracker.evidence.moments import Cells, cells_from_items, cross_products

KEYS = ("developer", "arm", "period", "points")
exactly = {"rel": 1e-9, "abs": 1e-9}


@pytest.mark.shared
@pytest.mark.parametrize("name", NAMES)
def test_the_robust_fit_equals_the_vectors(name: str) -> None:
    """Limit, shares, passes, θ, CR2, HC2 and the classical error, to 1e-9."""
    panel = read_panel(name)
    expected = panel.expected["0.95"]
    assert panel.cells.items == expected["items"]
    assert panel.cells.developers == expected["developers"]
    assert ("x" in panel.terms) == expected["adjusted"]
    assert panel.least_squares.theta == pytest.approx(expected["least_squares"], **exactly)
    assert (panel.robust is None) == (expected["k"] is None)
    if panel.robust is not None:
        assert panel.robust.limit == pytest.approx(expected["k"], **exactly)
        assert list(panel.robust.shares_inside) == pytest.approx(expected["m"], **exactly)
    fit, cells = panel.fit, panel.fitted_cells
    assert fit.theta == pytest.approx(expected["theta"], **exactly)
    assert cells.y.sum() == pytest.approx(expected["sum_pseudo"], **exactly)
    assert cells.yy.sum() == pytest.approx(expected["sum_pseudo_squared"], **exactly)
    assert (cells.y * cells.arm).sum() == pytest.approx(expected["sum_pseudo_arm"], **exactly)
    by_developer = cr2(fit)
    if expected["df"] is None:
        assert by_developer is None
    else:
        assert by_developer is not None
        assert by_developer.se == pytest.approx(expected["se"], **exactly)
        assert by_developer.df == pytest.approx(expected["df"], **exactly)
    by_item, independent = heteroskedastic(fit, cells, panel.terms, "HC2"), classical(fit)
    assert by_item is not None
    assert by_item.se == pytest.approx(expected["hc2"], **exactly)
    assert independent is not None
    assert independent.se == pytest.approx(expected["classical"], **exactly)


def summed(rows: Cells) -> tuple[Cells, np.ndarray]:
    """Return cells by developer, arm, period and unit, and the cell of each row."""
    keys = pd.DataFrame({name: getattr(rows, name) for name in KEYS})
    codes = keys.groupby([*KEYS]).ngroup().to_numpy()
    first = pd.Series(range(len(codes))).groupby(codes).first().to_numpy()
    sums = {name: np.bincount(codes, weights=getattr(rows, name)) for name in MOMENT_SUMS}
    keys_of_cells = {name: getattr(rows, name)[first] for name in KEYS}
    return dataclasses.replace(rows, **keys_of_cells, **sums), codes


def clip_summed(rows: Cells, codes: np.ndarray) -> ClipResiduals:
    """Return what the database does: clip the residuals of rows, and sum them by cell."""

    def clip(fitted: FittedValues) -> ClippedSums:
        sums = clip_rows(rows)(fitted)
        values = (sums.r, sums.rx, sums.rr, sums.inside)
        return ClippedSums(*(np.bincount(codes, weights=value) for value in values))

    return clip


@pytest.mark.parametrize("terms", [("arm", "x"), ("arm",), ("arm", "x", "points")])
def test_moments_give_what_rows_give(terms: tuple[str, ...]) -> None:
    """The sums of y* by cell give the same fit and errors as the rows, to 1e-9."""
    rng = np.random.default_rng(7)
    work = panels.items(rng, per_developer=50)
    rows = cells_from_items(panels.in_two_units(work, rng.random(len(work)) < 0.5))
    cells, codes = summed(rows)
    results = []
    for sample, clip in ((rows, clip_rows(rows)), (cells, clip_summed(rows, codes))):
        fit = fit_least_squares(cross_products(sample, terms))
        assert fit is not None
        robust = pseudo_values(sample, terms, fit, clip)
        assert robust is not None
        error = cr2(robust.fit)
        assert error is not None
        independent = classical(robust.fit)
        assert independent is not None
        results.append(
            (
                robust.limit,
                *robust.shares_inside,
                robust.fit.theta,
                error.se,
                error.df,
                independent.se,
            )
        )
    assert results[1] == pytest.approx(results[0], **exactly)


def test_an_outlier_moves_the_robust_fit_less() -> None:
    """One item of a thousandfold time moves least squares, and hardly the robust fit."""
    items = panels.items(np.random.default_rng(3), per_developer=40)
    outlier = items.assign(minutes=items["minutes"].where(items.index != items.index[0], 1e5))
    moved = []
    for frame in (items, outlier):
        rows = cells_from_items(frame)
        fit = fit_least_squares(cross_products(rows, ("arm", "x")))
        assert fit is not None
        robust = pseudo_values(rows, ("arm", "x"), fit, clip_rows(rows))
        assert robust is not None
        moved.append((fit.theta, robust.fit.theta))
    (plain, robust_theta), (plain_after, robust_after) = moved
    assert abs(robust_after - robust_theta) < 0.4 * abs(plain_after - plain)
