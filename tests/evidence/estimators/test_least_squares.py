"""The fit against statsmodels, pyfixest and the matrix definitions written out, on random panels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyfixest
import pytest
import statsmodels.api as sm
from support import panels

from tracker.evidence.estimators.developer_means import compare_developer_means
from tracker.evidence.estimators.least_squares import (
    LeastSquaresFit,
    classical,
    cr2,
    crv1,
    crv3,
    fit_least_squares,
    heteroskedastic,
)
from tracker.evidence.moments import (
    Cells,
    Term,
    cells_from_items,
    cells_from_moments,
    cross_products,
)

TERMS: list[tuple[Term, ...]] = [
    ("arm",),
    ("arm", "x"),
    ("arm", "x", "trend"),
    ("arm", "x", "months"),
]


def close(found: float, expected: float) -> bool:
    return found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.fixture(params=range(4))
def work(request: pytest.FixtureRequest) -> pd.DataFrame:
    """A random panel of unequal developers with an effect that varies."""
    rng = np.random.default_rng(request.param)
    return panels.items(
        rng,
        developers=int(rng.integers(4, 14)),
        per_developer=int(rng.integers(4, 30)),
        effect=-0.3,
        effect_spread=0.4,
    )


def matrices(
    work: pd.DataFrame, terms: tuple[Term, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y, the regressors with the developers' dummies after them, and the developers' codes: one row an item."""
    codes = pd.factorize(work["developer"], sort=True)[0]
    columns = []
    for term in terms:
        if term == "arm":
            columns.append((work["arm"] == "assistance").to_numpy(float))
        elif term == "x":
            columns.append(np.log(work["estimate_minutes"].to_numpy()))
        elif term == "trend":
            columns.append(work["month"].to_numpy(float) - work["month"].min())
        else:
            columns += [
                (work["month"] == m).to_numpy(float) for m in sorted(work["month"].unique())[1:]
            ]
    dummies = (codes[:, None] == np.arange(codes.max() + 1)).astype(float)
    return np.log(work["minutes"].to_numpy()), np.column_stack([*columns, dummies]), codes


def fitted(cells: Cells, terms: tuple[Term, ...]) -> LeastSquaresFit:
    found = fit_least_squares(cross_products(cells, terms))
    assert found is not None
    return found


def both(work: pd.DataFrame) -> pd.DataFrame:
    """The items of developers with work in both arms."""
    return work[work.groupby("developer")["arm"].transform("nunique") == 2]


@pytest.mark.parametrize("terms", TERMS)
def test_classical_and_item_errors_equal_statsmodels_with_dummies(work, terms):
    """Absorbing the developers gives what explicit dummies give: coefficient, classical, HC2 and HC3 errors."""
    work = both(work)
    y, X, _ = matrices(work, terms)
    expected = sm.OLS(y, X).fit()
    rows = cells_from_items(work)
    found = fitted(cells_from_moments(panels.moments(work)), terms)
    assert close(found.theta, expected.params[0])
    assert close(found.residual_sum_of_squares, expected.ssr)
    assert found.residual_df == expected.df_resid
    plain = classical(found)
    assert plain is not None
    assert close(plain.se, expected.bse[0])
    for kind in ("HC2", "HC3"):
        error = heteroskedastic(found, rows, terms, kind)
        assert error is not None
        assert close(error.se, getattr(expected, f"{kind}_se")[0])
        assert error.df == expected.df_resid


@pytest.mark.parametrize("terms", TERMS)
def test_crv1_equals_statsmodels_cluster(work, terms):
    """CRV1 equals statsmodels' cluster error, but for counting the developers' dummies among the parameters."""
    work = both(work)
    y, X, codes = matrices(work, terms)
    expected = sm.OLS(y, X).fit(cov_type="cluster", cov_kwds={"groups": codes})
    found = fitted(cells_from_moments(panels.moments(work)), terms)
    error = crv1(found)
    assert error is not None
    recount = np.sqrt((len(y) - X.shape[1]) / (len(y) - found.cross.k - 1))
    assert close(error.se, expected.bse[0] * recount)


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # pyfixest's own
@pytest.mark.parametrize("terms", TERMS[:2])
def test_crv1_and_crv3_equal_pyfixest(work, terms):
    """Both equal pyfixest with developers absorbed; its CRV3 leaves out the factor (G − 1)/G."""
    work = both(work)
    table = pd.DataFrame(
        {
            "y": np.log(work["minutes"]),
            "arm": (work["arm"] == "assistance").astype(float),
            "x": np.log(work["estimate_minutes"]),
            "developer": work["developer"],
        }
    )
    found = fitted(cells_from_moments(panels.moments(work)), terms)
    formula = f"y ~ {' + '.join(terms)} | developer"
    G = found.cross.developers
    plain = pyfixest.ssc(k_adj=False, G_adj=False)
    for ours, name, factor, ssc in (
        (crv1(found), "CRV1", 1.0, pyfixest.ssc()),
        (crv3(found), "CRV3", (G - 1) / G, plain),
    ):
        expected = pyfixest.feols(formula, table, vcov={name: "developer"}, ssc=ssc)
        assert ours is not None
        assert close(found.theta, float(expected.coef()["arm"]))
        assert close(ours.se, float(expected.se()["arm"]) * np.sqrt(factor)), name


def brute_cr2(y: np.ndarray, X: np.ndarray, codes: np.ndarray) -> tuple[float, float]:
    """CR2 and its Satterthwaite df by the definition, with n × n matrices and explicit dummies.

    V = M Σ X_g'A_g e_g e_g'A_g X_g M with A_g = (I − H_gg)^(−1/2) (symmetric pseudo-inverse root); under errors of
    equal spread V is Σ (p_g'y)², p_g = (I − H)_g'A_g X_g M c, so df = tr(P)²/tr(P²) with P_gh = p_g'p_h.
    """
    M = np.linalg.inv(X.T @ X)
    residual_maker = np.eye(len(y)) - X @ M @ X.T
    e = residual_maker @ y
    V, P = 0.0, []
    for g in np.unique(codes):
        own = codes == g
        values, vectors = np.linalg.eigh(residual_maker[np.ix_(own, own)])
        keep = values > 1e-10
        A = (vectors[:, keep] / np.sqrt(values[keep])) @ vectors[:, keep].T
        q = A @ X[own] @ M[:, 0]
        V += float(q @ e[own]) ** 2
        P.append(residual_maker[:, own] @ q)
    gram = np.array(P) @ np.array(P).T
    return float(np.sqrt(V)), float(np.trace(gram) ** 2 / np.sum(gram**2))


@pytest.mark.parametrize("terms", TERMS)
def test_cr2_and_satterthwaite_equal_the_matrix_definition(work, terms):
    """The k × k road gives what the n × n definition gives, developers' dummies and all."""
    work = both(work)
    y, X, codes = matrices(work, terms)
    se, df = brute_cr2(y, X, codes)
    error = cr2(fitted(cells_from_moments(panels.moments(work)), terms))
    assert error is not None
    assert close(error.se, se)
    assert error.df is not None
    assert error.df == pytest.approx(df, rel=1e-8)


def test_crv3_is_the_jackknife_by_refitting(work):
    """CRV3 equals fitting anew without each developer in turn."""
    work = both(work)
    y, X, codes = matrices(work, ("arm", "x"))
    full = np.linalg.lstsq(X, y)[0][0]
    without = [np.linalg.lstsq(X[codes != g], y[codes != g])[0][0] for g in np.unique(codes)]
    G = len(without)
    error = crv3(fitted(cells_from_moments(panels.moments(work)), ("arm", "x")))
    assert error is not None
    assert close(error.se, np.sqrt((G - 1) / G * np.sum((np.array(without) - full) ** 2)))
    assert error.df == G - 1


@pytest.mark.parametrize("terms", TERMS)
def test_moments_equal_rows(work, terms):
    """Sums by developer × arm × month carry all that the rows carry, for every error that is called exact."""
    work = both(work)
    sums, rows = (
        fitted(c, terms) for c in (cells_from_moments(panels.moments(work)), cells_from_items(work))
    )
    assert close(sums.theta, rows.theta)
    for error in (classical, crv1, cr2, crv3):
        from_sums, from_rows = error(sums), error(rows)
        assert from_sums is not None
        assert from_rows is not None
        assert close(from_sums.se, from_rows.se)
        assert from_sums.df == pytest.approx(from_rows.df, rel=1e-8)


def test_developer_means_equal_a_two_sample_t_test():
    """Whole developers per arm: the t-test on their means of y less the within slope times x."""
    from scipy import stats

    work = panels.items(np.random.default_rng(3), developers=11, per_developer=9, effect=-0.2)
    treated = work["developer"].isin(sorted(work["developer"].unique())[::2])
    work["arm"] = np.where(treated, "assistance", "baseline")
    y, x = np.log(work["minutes"]), np.log(work["estimate_minutes"])
    inside = [v - v.groupby(work["developer"]).transform("mean") for v in (y, x)]
    slope = (inside[0] * inside[1]).sum() / (inside[1] ** 2).sum()
    means = (y - slope * x).groupby(work["developer"]).mean()
    arm = treated.groupby(work["developer"]).first()
    expected = stats.ttest_ind(means[arm], means[~arm])
    found = compare_developer_means(cells_from_moments(panels.moments(work)), adjusted=True)
    assert found is not None
    assert found.error is not None
    assert close(found.theta, means[arm].mean() - means[~arm].mean())
    assert close(found.theta / found.error.se, expected.statistic)
    assert found.error.df == expected.df


def test_constant_estimates_leave_no_fit_with_x():
    """Estimates that are all alike cannot be told from the developers' effects: no fit with x, one without it."""
    work = panels.items(np.random.default_rng(0))
    work["estimate_minutes"] = 60.0
    cells = cells_from_moments(panels.moments(both(work)))
    assert fit_least_squares(cross_products(cells, ("arm", "x"))) is None
    assert fit_least_squares(cross_products(cells, ("arm",))) is not None


def test_one_developer_has_no_cluster_error():
    """With one cluster there is nothing to see between clusters: None rather than a number."""
    work = panels.items(np.random.default_rng(0), developers=1, per_developer=40)
    found = fitted(cells_from_moments(panels.moments(work)), ("arm", "x"))
    assert crv1(found) is None
    assert cr2(found) is None
    assert crv3(found) is None
    assert classical(found) is not None


def test_a_thousand_developers_from_moments_take_milliseconds():
    """The primary estimate of 1,000 developers needs no loop over them."""
    import time

    work = panels.items(np.random.default_rng(0), developers=1000, per_developer=30)
    sums = panels.moments(work)
    began = time.perf_counter()
    cells = cells_from_moments(sums)
    error = cr2(fitted(cells, ("arm", "x")))
    took = time.perf_counter() - began
    assert error is not None
    assert error.df is not None
    assert error.df > 500
    assert took < 0.5
