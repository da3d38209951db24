"""Cells that are added up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tracker.evidence.moments import cells_from_items, cross_products


def test_merged_cells_have_the_cross_products_of_their_items() -> None:
    """A cell for each developer, arm, month and unit of the estimate; sums stay as they are."""
    rng = np.random.default_rng(3)
    n = 600
    estimates = rng.lognormal(4, 1, n)
    is_in_points = rng.random(n) < 0.3
    frame = pd.DataFrame(
        {
            "developer": rng.choice(["a", "b", "c"], n),
            "arm": rng.choice(["baseline", "assistance"], n),
            "month": rng.integers(600, 604, n),
            "minutes": rng.lognormal(4, 1, n),
            "estimate_minutes": np.where(is_in_points, np.nan, estimates),
            "estimate_points": np.where(is_in_points, estimates, np.nan),
        }
    )
    items = cells_from_items(frame)
    merged = items.merge()
    assert len(merged.n) == 3 * 2 * 4 * 2
    assert merged.items == n
    for terms in (("arm", "x", "points"), ("x", "months"), ()):
        actual, expected = cross_products(merged, terms), cross_products(items, terms)
        np.testing.assert_allclose(actual.A, expected.A, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(actual.b, expected.b, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(actual.c, expected.c, rtol=1e-9)
        pooled = cross_products(merged, terms, by_developer=False)
        np.testing.assert_allclose(pooled.A[0], expected.A.sum(axis=0), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(pooled.b[0], expected.b.sum(axis=0), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(pooled.c, expected.c.sum(), rtol=1e-9)
        assert pooled.effects == 3
    assert len(items.select(items.n < 0).merge().n) == 0


def test_selected_cells_number_the_developers_who_remain() -> None:
    """Codes stay in the order of the names, without a gap for those who have no cell left."""
    names = ["d", "a", "c", "b", "a", "d"]
    minutes = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    frame = pd.DataFrame({"developer": names, "arm": "baseline", "month": 600, "minutes": minutes})
    cells = cells_from_items(frame)
    remaining = cells.select(cells.t != 30.0).for_developers(np.array([True, False, True]))
    work = {
        developer: remaining.t[remaining.developer == code].tolist()
        for code, (developer,) in enumerate(remaining.keys)
    }
    assert work == {"a": [20.0, 50.0], "d": [10.0, 60.0]}
    assert cells.select(cells.t < 0).keys == ()
