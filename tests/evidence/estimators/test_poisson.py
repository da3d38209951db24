"""The Poisson pseudo-likelihood against statsmodels, and against the ratio of sums."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from support import panels

from tracker.evidence.estimators.least_squares import crv1
from tracker.evidence.estimators.poisson import fit_poisson
from tracker.evidence.estimators.sum_ratios import ratio_of_sums
from tracker.evidence.moments import Cells, cells_from_items


@pytest.fixture
def cells() -> Cells:
    work = panels.items(
        np.random.default_rng(0), developers=9, per_developer=20, effect=-0.3, effect_spread=0.2
    )
    return cells_from_items(panels.in_both_arms(work))


@pytest.mark.parametrize("terms", [("arm",), ("arm", "x")])
def test_poisson_equals_statsmodels_with_dummies(cells, terms):
    """The coefficient and, but for small-sample factors, the errors are those of the GLM."""
    dummies = (cells.developer[:, None] == np.arange(cells.developers)).astype(float)
    X = np.column_stack([*([cells.arm] if terms == ("arm",) else [cells.arm, cells.x]), dummies])
    model = sm.GLM(cells.t, X, family=sm.families.Poisson())
    options = {"tol": 1e-14, "maxiter": 200}
    clustered = model.fit(
        **options,
        cov_type="cluster",
        cov_kwds={"groups": cells.developer, "use_correction": False},
    )
    poisson = fit_poisson(cells, terms)
    assert poisson.fit.theta == pytest.approx(model.fit(**options).params[0], rel=1e-9)
    G, n, k = cells.developers, cells.items, len(terms)
    factor = np.sqrt(G / (G - 1) * (n - 1) / (n - k - 1))
    assert crv1(poisson.fit).se == pytest.approx(clustered.bse[0] * factor, rel=1e-8)
    robust = model.fit(**options, cov_type="HC0").bse[0]
    assert poisson.item_error.se == pytest.approx(robust * np.sqrt(n / (n - k - G)), rel=1e-8)


def test_poisson_of_one_developer_without_x_is_the_ratio_of_sums(cells):
    """θ is ln of the ratio of the arms' mean minutes."""
    one_developer = cells.select(cells.developer == 0)
    poisson = fit_poisson(one_developer, ("arm",))
    expected = ratio_of_sums(one_developer, "n").theta
    assert poisson.fit.theta == pytest.approx(expected, rel=1e-10)
