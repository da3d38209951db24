"""The fit against statsmodels, pyfixest and explicit matrix definitions, on random panels."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pyfixest
import pytest
import statsmodels.api as sm
from support import panels

from tracker.evidence.estimators.least_squares import (
    LeastSquaresFit,
    classical,
    cr2,
    crv1,
    crv3,
    estimate_terms,
    fit_determined,
    fit_least_squares,
    heteroskedastic,
    leave_one_out_estimates,
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
    ("arm", "x", "points"),
    ("arm", "x", "points", "trend"),
]


def approx(expected: float):
    return pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.fixture(params=range(4))
def work(request: pytest.FixtureRequest) -> pd.DataFrame:
    """Return a random panel of developers in both arms, with an effect that varies.

    Some of the estimates are in points.
    """
    rng = np.random.default_rng(request.param)
    work = panels.items(
        rng,
        developers=int(rng.integers(4, 14)),
        per_developer=int(rng.integers(4, 30)),
        effect=-0.3,
        effect_spread=0.4,
    )
    work = panels.in_two_units(work, rng.random(len(work)) < 0.4)
    return panels.in_both_arms(work)


def matrices(
    work: pd.DataFrame, terms: tuple[Term, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return y, the regressors followed by developer dummies, and the developers' codes."""
    codes = pd.factorize(work["developer"], sort=True)[0]
    columns = []
    for term in terms:
        if term == "arm":
            columns.append((work["arm"] == "assistance").to_numpy(float))
        elif term == "x":
            columns.append(np.log(panels.estimates(work).to_numpy()))
        elif term == "points":
            columns.append(work["estimate_minutes"].isna().to_numpy(float))
        elif term == "trend":
            columns.append(work["month"].to_numpy(float) - work["month"].min())
        else:
            columns += [
                (work["month"] == m).to_numpy(float) for m in sorted(work["month"].unique())[1:]
            ]
    dummies = (codes[:, None] == np.arange(codes.max() + 1)).astype(float)
    return np.log(work["minutes"].to_numpy()), np.column_stack([*columns, dummies]), codes


def fit(cells: Cells, terms: tuple[Term, ...] = ("arm", "x")) -> LeastSquaresFit:
    """Fit and assert that there is a fit."""
    least_squares_fit = fit_least_squares(cross_products(cells, terms))
    assert least_squares_fit is not None
    return least_squares_fit


def fit_moments(work: pd.DataFrame, terms: tuple[Term, ...] = ("arm", "x")) -> LeastSquaresFit:
    return fit(cells_from_moments(panels.moments(work)), terms)


@pytest.mark.parametrize("terms", TERMS)
def test_classical_and_item_errors_equal_statsmodels_with_dummies(work, terms):
    """Absorbing the developers gives the coefficient and errors of explicit dummies."""
    y, X, _ = matrices(work, terms)
    expected = sm.OLS(y, X).fit()
    moments_fit = fit_moments(work, terms)
    assert moments_fit.theta == approx(expected.params[0])
    assert moments_fit.residual_sum_of_squares == approx(expected.ssr)
    assert moments_fit.residual_df == expected.df_resid
    assert classical(moments_fit).se == approx(expected.bse[0])
    for kind in ("HC2", "HC3"):
        error = heteroskedastic(moments_fit, cells_from_items(work), terms, kind)
        assert error.se == approx(getattr(expected, f"{kind}_se")[0])
        assert error.df == expected.df_resid


@pytest.mark.parametrize("terms", TERMS)
def test_crv1_equals_statsmodels_cluster(work, terms):
    """It equals statsmodels' cluster error, which also counts the developer dummies in k."""
    y, X, codes = matrices(work, terms)
    expected = sm.OLS(y, X).fit(cov_type="cluster", cov_kwds={"groups": codes})
    moments_fit = fit_moments(work, terms)
    recount = np.sqrt((len(y) - X.shape[1]) / (len(y) - moments_fit.cross.k - 1))
    assert crv1(moments_fit).se == approx(expected.bse[0] * recount)


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # raised in pyfixest
@pytest.mark.parametrize("terms", [*TERMS[:2], ("arm", "x", "points")])
def test_crv1_and_crv3_equal_pyfixest(work, terms):
    """Both equal pyfixest with absorbed developers; its CRV3 omits the factor (G − 1)/G."""
    table = pd.DataFrame(
        {
            "y": np.log(work["minutes"]),
            "arm": (work["arm"] == "assistance").astype(float),
            "x": np.log(panels.estimates(work)),
            "points": work["estimate_minutes"].isna().astype(float),
            "developer": work["developer"],
        }
    )
    moments_fit = fit_moments(work, terms)
    formula = f"y ~ {' + '.join(terms)} | developer"
    G = moments_fit.cross.developers
    plain = pyfixest.ssc(k_adj=False, G_adj=False)
    for error, name, factor, ssc in (
        (crv1(moments_fit), "CRV1", 1.0, pyfixest.ssc()),
        (crv3(moments_fit), "CRV3", (G - 1) / G, plain),
    ):
        expected = pyfixest.feols(formula, table, vcov={name: "developer"}, ssc=ssc)
        assert moments_fit.theta == approx(float(expected.coef()["arm"]))
        assert error.se == approx(float(expected.se()["arm"]) * np.sqrt(factor)), name


def cr2_by_definition(y: np.ndarray, X: np.ndarray, codes: np.ndarray) -> tuple[float, float]:
    """Return CR2 and its Satterthwaite df from n × n matrices and explicit dummies.

    V = M Σ X_g'A_g e_g e_g'A_g X_g M, where A_g = (I − H_gg)^(−1/2) is a pseudo-inverse root.
    Under errors of equal variance V is Σ (p_g'y)² with p_g = (I − H)_g'A_g X_g M c, so
    df = tr(P)²/tr(P²) with P_gh = p_g'p_h.
    """
    M = np.linalg.inv(X.T @ X)
    residual_maker = np.eye(len(y)) - X @ M @ X.T
    e = residual_maker @ y
    V, P = 0.0, []
    for g in np.unique(codes):
        rows = codes == g
        values, vectors = np.linalg.eigh(residual_maker[np.ix_(rows, rows)])
        positive = values > 1e-10
        A = (vectors[:, positive] / np.sqrt(values[positive])) @ vectors[:, positive].T
        q = A @ X[rows] @ M[:, 0]
        V += float(q @ e[rows]) ** 2
        P.append(residual_maker[:, rows] @ q)
    gram = np.array(P) @ np.array(P).T
    return float(np.sqrt(V)), float(np.trace(gram) ** 2 / np.sum(gram**2))


@pytest.mark.parametrize("terms", TERMS)
def test_cr2_and_satterthwaite_equal_the_matrix_definition(work, terms):
    """The k × k form equals the n × n definition with developer dummies."""
    se, df = cr2_by_definition(*matrices(work, terms))
    error = cr2(fit_moments(work, terms))
    assert error.se == approx(se)
    assert error.df == pytest.approx(df, rel=1e-8)


def test_crv3_is_the_jackknife_by_refitting(work):
    """It equals the jackknife from fits without each developer."""
    y, X, codes = matrices(work, ("arm", "x"))
    theta = np.linalg.lstsq(X, y)[0][0]
    without = [np.linalg.lstsq(X[codes != g], y[codes != g])[0][0] for g in np.unique(codes)]
    G = len(without)
    error = crv3(fit_moments(work))
    assert error.se == approx(np.sqrt((G - 1) / G * np.sum((np.array(without) - theta) ** 2)))
    assert error.df == G - 1


@pytest.mark.parametrize("terms", TERMS)
def test_moments_equal_rows(work, terms):
    """Sums by developer × arm × month give every error that is exact from moments."""
    moments_fit, rows_fit = fit_moments(work, terms), fit(cells_from_items(work), terms)
    assert moments_fit.theta == approx(rows_fit.theta)
    for error in (classical, crv1, cr2, crv3):
        assert error(moments_fit).se == approx(error(rows_fit).se)
        assert error(moments_fit).df == pytest.approx(error(rows_fit).df, rel=1e-8)


def cells_of(work: pd.DataFrame, in_points: np.ndarray) -> Cells:
    """Return cells of the work with some estimates in points."""
    return cells_from_moments(panels.moments(panels.in_two_units(work, in_points)))


def test_a_unit_of_each_developer_is_in_their_effect():
    """Where nobody uses both units the fit is that without the indicator, digit for digit."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(1)))
    plain = cells_from_moments(panels.moments(work))
    in_points = work["developer"].isin(["dev0001", "dev0004"]).to_numpy()
    cells = cells_of(work, in_points)
    assert estimate_terms(plain) == estimate_terms(cells) == ("x",)
    expected, _ = fit_determined(plain, ("arm", "x"))
    for terms in (("arm", "x"), ("arm", "x", "points")):
        actual, determined = fit_determined(cells, terms)
        assert determined == ("arm", "x")
        assert actual.theta == pytest.approx(expected.theta, rel=1e-12)
        assert cr2(actual).se == pytest.approx(cr2(expected).se, rel=1e-12)
        assert actual.residual_df == expected.residual_df


def test_the_scale_of_points_does_not_matter():
    """Points twice as large change the intercept of points only."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(2)))
    in_points = np.random.default_rng(3).random(len(work)) < 0.5
    terms: tuple[Term, ...] = ("arm", "x", "points")
    fits = []
    for minutes_of_a_point in (240.0, 37.0):
        units = panels.in_two_units(work, in_points, minutes_of_a_point)
        fits.append(fit_moments(units, terms))
    assert fits[0].beta[:2] == pytest.approx(fits[1].beta[:2], rel=1e-9)
    assert cr2(fits[0]).se == approx(cr2(fits[1]).se)
    shift = fits[0].beta[1] * np.log(240.0 / 37.0)
    assert fits[0].beta[2] - fits[1].beta[2] == pytest.approx(shift, rel=1e-9)


def test_units_that_go_with_the_arm_leave_no_estimates_in_the_fit():
    """x alone would take the difference of the units for one of sizes."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(4)))
    cells = cells_of(work, (work["arm"] == "assistance").to_numpy())
    assert estimate_terms(cells) == ("x", "points")
    actual, terms = fit_determined(cells, ("arm", *estimate_terms(cells)))
    assert terms == ("arm",)
    assert actual.theta == approx(fit(cells, ("arm",)).theta)


def test_without_the_only_developer_with_two_units_there_is_one_intercept():
    """The jackknife equals refitting, without the indicator where only that developer has it."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(5), developers=6))
    mixed = (work["developer"] == "dev0002").to_numpy()
    cells = cells_of(work, mixed & (np.random.default_rng(6).random(len(work)) < 0.5))
    terms = estimate_terms(cells)
    assert terms == ("x", "points")
    estimates = leave_one_out_estimates(fit(cells, ("arm", *terms)))
    for number in range(cells.developers):
        others = cells.for_developers(np.arange(cells.developers) != number)
        expected, determined = fit_determined(others, ("arm", *terms))
        assert ("points" in determined) == (number != 2)
        assert estimates[number] == pytest.approx(expected.theta, rel=1e-9)


def test_constant_estimates_leave_no_fit_with_x():
    """Constant estimates are collinear with the developer effects; the fit without x exists."""
    work = panels.in_both_arms(panels.items(np.random.default_rng(0)))
    cells = cells_from_moments(panels.moments(work.assign(estimate_minutes=60.0)))
    assert fit_least_squares(cross_products(cells, ("arm", "x"))) is None
    assert fit_least_squares(cross_products(cells, ("arm",))) is not None


def test_one_developer_has_no_cluster_error():
    """One cluster has no spread between clusters, so the errors are None."""
    moments_fit = fit_moments(
        panels.items(np.random.default_rng(0), developers=1, per_developer=40)
    )
    assert crv1(moments_fit) is None
    assert cr2(moments_fit) is None
    assert crv3(moments_fit) is None
    assert classical(moments_fit) is not None


def test_a_thousand_developers_from_moments_take_milliseconds():
    """The primary estimate does not loop over the developers."""
    sums = panels.moments(panels.items(np.random.default_rng(0), developers=1000, per_developer=30))
    start = time.perf_counter()
    error = cr2(fit(cells_from_moments(sums)))
    seconds = time.perf_counter() - start
    assert error.df > 500
    assert seconds < 0.5
