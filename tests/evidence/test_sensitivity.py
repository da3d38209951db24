"""The specification curve and the estimand panel: each point against an oracle or its definition."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from support import panels

from tracker.domain.records import Claim
from tracker.evidence import estimands, sensitivity
from tracker.evidence.activity import ActivityEstimate, estimate_activity
from tracker.evidence.estimators.least_squares import crv1, fit_least_squares, heteroskedastic
from tracker.evidence.estimators.poisson import fit_poisson
from tracker.evidence.estimators.primary import estimate_log_ratio, estimate_within_developers
from tracker.evidence.estimators.resampling import permutation_interval, wild_bootstrap_interval
from tracker.evidence.estimators.sum_ratios import ratio_of_sums
from tracker.evidence.intervals import anytime_half_width, confidence_interval
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import (
    Cells,
    cells_from_items,
    cells_from_moments,
    centred,
    cross_products,
)
from tracker.evidence.results import Sensitivity

EVERYWHERE = {
    "HC3", "CRV3", "wild cluster bootstrap-t", "Poisson pseudo-likelihood", "Σt/Σestimate", "no x", "+ linear trend",
    "without the first month", "leave one developer out (range)", "open items as done",
}  # fmt: skip


def assessed(
    work: pd.DataFrame, design: str = "randomised", *, anytime: bool = False
) -> ActivityEstimate:
    return estimate_activity(
        panels.moments(work), activity="design", design=design, level=0.95, interval_level=0.95, items=lambda: work,
        anytime=anytime,
    )  # fmt: skip


def curve(work: pd.DataFrame, design: str = "randomised", seed: int = 0) -> dict[str, Sensitivity]:
    return {
        point.name: point
        for point in sensitivity.specification_curve(
            assessed(work, design), np.random.default_rng(seed)
        )
    }


@pytest.fixture
def work() -> pd.DataFrame:
    return panels.items(
        np.random.default_rng(0), developers=9, per_developer=20, effect=-0.3, effect_spread=0.2
    )


@pytest.fixture
def cells(work: pd.DataFrame) -> Cells:
    return cells_from_items(work[work.groupby("developer")["arm"].transform("nunique") == 2])


def test_the_curve_has_every_point_that_applies(work):
    """All of them for drawn arms; no permutation where nothing was drawn."""
    assert set(curve(work)) == EVERYWHERE | {"permutation within developer"}
    assert set(curve(work, "before-after")) == EVERYWHERE
    assert all(point.log_ratio is not None for point in curve(work).values())


def test_the_curve_is_made_again_from_its_seed_whatever_the_rows_order(work):
    """Equal seeds give equal points, shuffled or not; another seed moves only what is drawn."""
    again = curve(work.sample(frac=1.0, random_state=3))
    for name, point in curve(work).items():
        assert dataclasses.astuple(again[name].log_ratio) == pytest.approx(
            dataclasses.astuple(point.log_ratio), abs=1e-9
        )
    other = curve(work, seed=1)
    assert other["CRV3"] == curve(work)["CRV3"]
    assert other["wild cluster bootstrap-t"] != curve(work)["wild cluster bootstrap-t"]


def test_points_keep_the_drift_allowance(work):
    """Before-after: no point is narrower than the allowance, so that none looks surer than the headline may."""
    for point in curve(work, "before-after").values():
        assert point.log_ratio is not None
        assert point.log_ratio.high - point.log_ratio.low > 2 * 1.95 * 0.15


def test_each_point_is_judged_by_the_claim(work):
    """The verdicts are filled in by the same rule as the headline's, one claim at a time."""
    found = assessed(work)
    points = sensitivity.specification_curve(found, np.random.default_rng(0))
    claim = Claim("c", "design", 5.0, "efficiency_gain", "at_least", "s")
    made = judge_claim(found, claim, curve=points)
    assert all(point.verdict in {"smaller", "contradicted"} for point in made.sensitivity)
    assert {point.verdict for point in judge_claim(found, None, curve=points).sensitivity} <= {
        "faster",
        "cannot-tell",
    }


def test_fewer_than_five_developers_get_no_cluster_points(work):
    """What needs five developers says so; nothing is left out that would tell one of four apart."""
    few = curve(work[work["developer"] <= "dev0003"])
    for name in ("CRV3", "wild cluster bootstrap-t", "leave one developer out (range)"):
        assert few[name].log_ratio is None
        assert few[name].note == "needs five developers"
    assert few["HC3"].log_ratio is not None


def test_no_interval_no_curve_and_no_panel():
    """Where the headline has none, the other ways are not asked for one."""
    found = assessed(panels.items(np.random.default_rng(0), developers=1, per_developer=5))
    assert sensitivity.specification_curve(found, np.random.default_rng(0)) == ()
    assert estimands.estimand_table(found) == ()


def test_leave_one_out_spans_the_extreme_refits(work):
    """The range reaches as far as the two refits that differ most; its note gives the estimates' own range."""
    both = work[work.groupby("developer")["arm"].transform("nunique") == 2]
    made = []
    for developer in sorted(both["developer"].unique()):
        found = assessed(both[both["developer"] != developer])
        assert found.log_ratio is not None
        made.append(found.log_ratio)
    lowest, highest = min(made, key=lambda i: i.estimate), max(made, key=lambda i: i.estimate)
    point = curve(work)["leave one developer out (range)"]
    assert point.log_ratio is not None
    assert point.log_ratio.low == pytest.approx(lowest.low)
    assert point.log_ratio.high == pytest.approx(highest.high)
    assert (
        point.note
        == f"time ratios from {np.exp(lowest.estimate):.2f} to {np.exp(highest.estimate):.2f}"
    )


def test_leave_one_out_of_five_keeps_the_error_of_the_headline():
    """Four developers left do not turn the error into that of their items, which would look surer than the headline."""
    for seed in range(3):
        work = panels.items(
            np.random.default_rng(seed), developers=5, per_developer=40, effect_spread=0.3
        )
        found = assessed(work)
        (point,) = (
            p
            for p in sensitivity.specification_curve(found, np.random.default_rng(0))
            if p.name == "leave one developer out (range)"
        )
        left = [
            estimate_log_ratio(dataclasses.replace(found.sample, cells=found.sample.cells.for_developers(keep)), None,
                     errors="developers")
            for keep in ~np.eye(5, dtype=bool)
        ]  # fmt: skip
        assert all(other is not None for other in left)
        lowest, highest = (pick(left, key=lambda other: other.theta) for pick in (min, max))
        assert point.log_ratio is not None
        assert point.log_ratio.low == pytest.approx(
            confidence_interval(lowest.theta, lowest.error, 0.95).low
        )
        assert point.log_ratio.high == pytest.approx(
            confidence_interval(highest.theta, highest.error, 0.95).high
        )
        assert "CR2" in lowest.estimator


def test_anytime_bounds_hold_for_every_point_of_the_curve(work):
    """At any time the other ways have bounds for any time too; those that have none are not made, and say so."""
    plain, found = curve(work), assessed(work, anytime=True)
    made = {
        point.name: point
        for point in sensitivity.specification_curve(found, np.random.default_rng(0))
    }
    one_look = {"CRV3", "wild cluster bootstrap-t", "permutation within developer", "Σt/Σestimate"}
    assert set(made) == set(plain)
    for name, point in made.items():
        if name in one_look:
            assert point.log_ratio is None
            assert point.note == "not made: it holds for one look only"
        else:
            assert point.log_ratio is not None
    fitted = fit_least_squares(cross_products(found.sample.cells))
    error = heteroskedastic(fitted, found.rows().cells, ("arm", "x"), "HC3")
    hc3 = made["HC3"].log_ratio
    assert hc3.high - hc3.estimate == pytest.approx(anytime_half_width(error.se, 0.05))
    trend = estimate_within_developers(
        found.sample, ("arm", "x", "trend"), found.rows, errors="items"
    )
    assert made["+ linear trend"].log_ratio.high - trend.theta == pytest.approx(
        anytime_half_width(trend.error.se, 0.05)
    )


def test_open_items_count_as_done_in_their_point_only():
    """Quick late items fake a gain: the point shows it, the headline leaves them out."""
    work = panels.items(np.random.default_rng(0), developers=10, per_developer=40)
    late = (work["arm"] == "assistance") & (np.arange(len(work)) % 2 == 0)
    work.loc[late, "status"] = "open"
    work.loc[late, "minutes"] *= 0.1
    made = assessed(work)
    assert made.log_ratio is not None
    point = curve(work)["open items as done"]
    assert point.log_ratio is not None
    assert point.log_ratio.estimate < made.log_ratio.estimate - 0.7


def test_without_the_first_month_a_novelty_effect_is_gone():
    """Everybody's first month with assistance is left out, and with it what only that month showed."""
    work = panels.items(np.random.default_rng(1), developers=10, per_developer=60, by_date=True)
    work.loc[work["month"] == 543, "minutes"] *= 0.2
    made = assessed(work, "before-after")
    point = curve(work, "before-after")["without the first month"]
    assert made.log_ratio is not None
    assert point.log_ratio is not None
    assert made.log_ratio.estimate < -0.4
    assert point.log_ratio.estimate == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize("terms", [("arm",), ("arm", "x")])
def test_poisson_equals_statsmodels_with_dummies(cells, terms):
    """Concentrating the developers out gives the GLM's coefficient, and its errors but for the small-sample factors."""
    dummies = (cells.developer[:, None] == np.arange(cells.developers)).astype(float)
    X = np.column_stack([*([cells.arm] if terms == ("arm",) else [cells.arm, cells.x]), dummies])
    model = sm.GLM(cells.t, X, family=sm.families.Poisson())
    expected = model.fit(tol=1e-14, maxiter=200)
    clustered = model.fit(
        tol=1e-14,
        maxiter=200,
        cov_type="cluster",
        cov_kwds={"groups": cells.developer, "use_correction": False},
    )
    found = fit_poisson(cells, terms)
    assert found is not None
    assert found.fit.theta == pytest.approx(expected.params[0], rel=1e-9)
    error = crv1(found.fit)
    G, n, k = cells.developers, cells.items, len(terms)
    assert error is not None
    assert error.se == pytest.approx(
        clustered.bse[0] * np.sqrt(G / (G - 1) * (n - 1) / (n - k - 1)), rel=1e-8
    )
    robust = model.fit(tol=1e-14, maxiter=200, cov_type="HC0").bse[0]
    assert found.item_error is not None
    assert found.item_error.se == pytest.approx(robust * np.sqrt(n / (n - k - G)), rel=1e-8)


def test_poisson_of_arms_alone_is_the_ratio_of_sums(cells):
    """One developer, no x: the likelihood's ratio is Σt/n over Σt/n, exactly."""
    alone = cells.select(cells.developer == 0)
    found = fit_poisson(alone, ("arm",))
    expected = ratio_of_sums(alone, "n")
    assert found is not None
    assert expected is not None
    assert found.fit.theta == pytest.approx(expected.theta, rel=1e-10)


def test_ratio_of_sums_and_its_jackknife_by_hand(work):
    """Σt/Σestimate of the arms, and the same without each developer; from moments as from rows."""
    work = work[work.groupby("developer")["arm"].transform("nunique") == 2]

    def log_ratio(part: pd.DataFrame) -> float:
        sums = part.groupby("arm")[["minutes", "estimate_minutes"]].sum()
        rates = sums["minutes"] / sums["estimate_minutes"]
        return float(np.log(rates["assistance"] / rates["baseline"]))

    without = [log_ratio(work[work["developer"] != d]) for d in sorted(work["developer"].unique())]
    G = len(without)
    for cells in (cells_from_moments(panels.moments(work)), cells_from_items(work)):
        found = ratio_of_sums(cells, "w")
        assert found is not None
        assert found.theta == pytest.approx(log_ratio(work), rel=1e-10)
        assert found.error is not None
        deviations = np.array(without) - log_ratio(work)
        assert found.error.se == pytest.approx(
            np.sqrt((G - 1) / G * np.sum(deviations**2)), rel=1e-9
        )


def test_ratio_of_means_of_few_developers_is_the_delta_method(work):
    """Fewer than five developers: the variance of ln(mean) is s²/(n·mean²) in each arm."""
    few = work[work["developer"] <= "dev0002"]
    found = ratio_of_sums(cells_from_moments(panels.moments(few)), "n")
    arms = few.groupby("arm")["minutes"]
    expected = np.sqrt((arms.var() / arms.count() / arms.mean() ** 2).sum())
    assert found is not None
    assert found.error is not None
    assert found.error.se == pytest.approx(expected, rel=1e-9)


def test_wild_bootstrap_equals_refitting_on_every_flip():
    """With all 2^G sign flips in place of draws, the p-value at a null is the one by refitting flipped residuals."""
    work = panels.items(np.random.default_rng(2), developers=7, per_developer=8, effect=-0.4)
    cells = cells_from_items(work[work.groupby("developer")["arm"].transform("nunique") == 2])
    found = fit_least_squares(cross_products(cells))
    assert found is not None
    error = crv1(found)
    assert error is not None
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=cells.developers)))
    made = wild_bootstrap_interval(found, 0.9, _Fixed(signs), draws=len(signs))
    assert made is not None
    for null, inside in (
        (made.high - 1e-6, True),
        (made.high + 1e-6, False),
        (made.low + 1e-6, True),
    ):
        assert (
            by_refitting(cells, null, signs, abs(found.theta - null) / error.se) > 0.1
        ) is inside


class _Fixed:
    """A generator that draws what it was given."""

    def __init__(self, signs: np.ndarray) -> None:
        self.signs = signs

    def choice(self, *_args: object, **_named: object) -> np.ndarray:
        return self.signs


def by_refitting(cells: Cells, null: float, signs: np.ndarray, statistic: float) -> float:
    """Share of flips whose refitted |t| reaches the statistic: the residuals under the null, flipped by developer."""
    x, arm, y = (centred(cells, v) for v in (cells.x, cells.arm, cells.y))
    slope = x @ (y - null * arm) / (x @ x)
    fitted = null * arm + slope * x
    reached = 0
    for flips in signs:
        drawn = fitted + (y - fitted) * flips[cells.developer]
        flipped = dataclasses.replace(cells, y=drawn, yy=drawn**2, xy=drawn * cells.x)
        again = fit_least_squares(cross_products(flipped))
        assert again is not None
        error = crv1(again)
        assert error is not None
        reached += abs(again.theta - null) / error.se >= statistic - 1e-9
    return reached / len(signs)


def test_permutation_covers_what_it_should():
    """Under the null of an effect put in, the inverted test leaves it out about as often as the level says."""
    rng = np.random.default_rng(5)
    outside = 0
    for _ in range(120):
        work = panels.items(rng, developers=5, per_developer=14, effect=-0.4)
        cells = cells_from_items(work[work.groupby("developer")["arm"].transform("nunique") == 2])
        made = permutation_interval(cells, 0.9, rng, adjusted=True, draws=199)
        assert made is not None
        outside += not made.low <= -0.4 <= made.high
    assert 2 <= outside <= 24


def test_the_panel_says_where_typical_and_total_differ():
    """When only short tasks get slower, the typical task loses more than total hours do, and the panel shows both."""
    work = panels.items(np.random.default_rng(0), developers=10, per_developer=60, spread=0.4)
    short = (work["arm"] == "assistance") & (
        work["estimate_minutes"] < work["estimate_minutes"].median()
    )
    work.loc[short, "minutes"] *= 3.0
    panel = {estimand.name: estimand for estimand in estimands.estimand_table(assessed(work))}
    assert set(panel) == {"typical task", "total hours", "hours per estimated hour", "median task"}
    assert (
        panel["total hours"].time_ratio.estimate < panel["typical task"].time_ratio.estimate - 0.2
    )
    for estimand in panel.values():
        assert estimand.time_ratio.low < estimand.time_ratio.estimate < estimand.time_ratio.high
        assert estimand.assistance / estimand.baseline == pytest.approx(
            estimand.time_ratio.estimate
        )


def test_the_median_jackknife_is_that_of_refound_medians(work):
    """Leaving each developer's values out by ranks gives the same medians as finding them anew."""
    cells = cells_from_items(work)
    found = estimands._medians_without(cells.y, cells.developer, cells.developers)
    expected = [np.median(cells.y[cells.developer != g]) for g in range(cells.developers)]
    assert found == pytest.approx(expected, rel=1e-12)


def test_price_bonett_is_about_the_medians_spread():
    """For normal values the standard error of a median is near 1.253σ/√n."""
    rng = np.random.default_rng(0)
    found = np.mean([estimands._median_error(rng.normal(0, 2.0, 60)) for _ in range(300)])
    assert found == pytest.approx(1.253 * 2.0 / np.sqrt(60), rel=0.1)


def test_the_staggered_curve_compares_the_two_way_fit(work):
    """A staggered study shows what two-way fixed effects and a plain before/after would have said."""
    late = work["developer"] > "dev0004"
    work["arm"] = np.where(work["month"] >= np.where(late, 544, 542), "assistance", "baseline")
    made = curve(work, "staggered")
    assert {
        "two-way fixed effects",
        "before/after, no month effects",
        "no x",
        "open items as done",
    } <= set(made)
    assert "+ linear trend" not in made
    assert all(point.log_ratio is not None for point in made.values())
