"""The weight of single developers, against the definition by rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.evidence.estimators.influence import developer_weights
from tracker.evidence.estimators.least_squares import fit_least_squares
from tracker.evidence.moments import (
    cells_from_items,
    cross_products,
    regressors,
    subtract_developer_means,
)


def test_weights_are_those_of_the_rows() -> None:
    """θ = Σ wᵢyᵢ: a developer's weight is their part of Σ wᵢ²."""
    cells = cells_from_items(panels.items(np.random.default_rng(5), developers=6))
    fit = fit_least_squares(cross_products(cells))
    assert fit is not None
    Z = subtract_developer_means(cells, regressors(cells, ("arm", "x")))
    squares = (Z @ fit.bread[0]) ** 2
    by_rows = np.bincount(cells.developer, weights=squares) / squares.sum()
    assert developer_weights(fit) == pytest.approx(by_rows, rel=1e-9)
    assert developer_weights(fit).sum() == pytest.approx(1.0)


def test_one_developer_with_most_of_the_items_holds_most_of_the_weight() -> None:
    """500 of 600 items are one developer's."""
    rng = np.random.default_rng(6)
    items = panels.items(rng, developers=6, per_developer=20)
    busy = panels.items(rng, developers=1, per_developer=500).assign(developer="busy")
    cells = cells_from_items(pd.concat([items, busy], ignore_index=True))
    fit = fit_least_squares(cross_products(cells))
    assert fit is not None
    assert developer_weights(fit).max() > 0.5
