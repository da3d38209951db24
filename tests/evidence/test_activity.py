"""The estimate of one activity: its interval, its exclusions, and why there is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support import panels

from tracker.domain.errors import BadValue
from tracker.domain.records import Claim
from tracker.evidence.activity import estimate_activity
from tracker.evidence.estimators.least_squares import classical, fit_least_squares
from tracker.evidence.estimators.moderated import moderated_error
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import cross_products
from tracker.evidence.results import Sentences
from tracker.evidence.sensitivity import specification_curve

CLAIM = Claim("c", "design", 0.5, "efficiency_gain", "at_least", "s")


def whole_developers(developers: int = 10) -> pd.DataFrame:
    """Return work of developers who each have one arm."""
    work = panels.items(
        np.random.default_rng(0), developers=developers, per_developer=12, effect=-0.3
    )
    odd = work["developer"].str[-1].isin(list("13579"))
    return work.assign(arm=np.where(odd, "assistance", "baseline"))


def half_width(log_ratio) -> float:
    return log_ratio.high - log_ratio.estimate


def test_whole_developers_per_arm_are_compared_by_their_means():
    """Self-selected arms of whole developers have t(G − 2); by date they cannot be compared."""
    activity_estimate = panels.estimate(whole_developers(), "self-selected")
    assert activity_estimate.sample.kind == "between_developers"
    assert activity_estimate.estimate.error.df == 8
    assert panels.estimate(whole_developers(), "before-after").estimate is None


@pytest.mark.parametrize("level", [0.95, 0.975])
def test_the_drift_allowance_widens_a_before_after_interval(level):
    """The half-width is √((t·se)² + (z·0.15)²) at the interval's level; randomised has no drift.

    The error of a before/after comparison is moderated.
    """
    work = panels.items(np.random.default_rng(0), developers=6, per_developer=12)
    randomised = panels.estimate(work, "randomised", interval_level=level)
    before_after = panels.estimate(work, "before-after", interval_level=level)
    error = randomised.estimate.error
    random_half = stats.t.ppf((1 + level) / 2, error.df) * error.se
    drift = stats.norm.ppf((1 + level) / 2) * 0.15
    assert randomised.drift is None
    assert before_after.drift == pytest.approx(drift)
    assert half_width(randomised.log_ratio) == pytest.approx(random_half)
    moderated = before_after.estimate.error
    fit = fit_least_squares(cross_products(randomised.estimate.fitted.cells))
    expected = moderated_error(error.se**2, error.df, classical(fit).se ** 2)
    assert (moderated.se, moderated.df) == pytest.approx((expected.se, expected.df))
    moderated_half = stats.t.ppf((1 + level) / 2, moderated.df) * moderated.se
    assert half_width(before_after.log_ratio) == pytest.approx(np.hypot(moderated_half, drift))


def test_fewer_than_five_developers_are_these_developers_only():
    """The error is HC2 with n − k − developers df, and the estimand names its limit."""
    work = panels.items(np.random.default_rng(0), developers=3, per_developer=30)
    estimate = panels.estimate(work).estimate
    assert estimate.error.df == len(work) - 2 - 3
    assert estimate.estimand.endswith("these developers only")
    assert "HC2" in estimate.estimator


def test_rows_are_not_read_for_the_headline():
    """With five or more developers the interval comes from sums alone, and equals that of rows."""
    work = panels.items(np.random.default_rng(0), developers=8, per_developer=12)
    calls = []
    activity_estimate = estimate_activity(
        panels.moments(work), activity="design", design="before-after", level=0.95,
        interval_level=0.95, items=calls.append, clip=panels.clipped_sums(work),
    )  # fmt: skip
    from_rows = panels.estimate(work, "before-after").log_ratio
    assert dataclasses.astuple(activity_estimate.log_ratio) == pytest.approx(
        dataclasses.astuple(from_rows), abs=1e-9
    )
    assert "Huber" in activity_estimate.estimate.estimator
    assert "Huber" in activity_estimate.estimate.estimand
    assert calls == []


def test_without_rows_and_sums_of_residuals_ln_minutes_are_compared():
    """The estimator says least squares of ln minutes, and not pseudo-values."""
    work = panels.items(np.random.default_rng(0), developers=8, per_developer=12)
    estimate = estimate_activity(
        panels.moments(work), activity="design", design="randomised", level=0.95,
        interval_level=0.95,
    ).estimate  # fmt: skip
    assert estimate.estimator.startswith("least squares of ln minutes on arm")
    assert "geometric" in estimate.estimand


def test_anytime_bounds_are_wider_and_for_drawn_arms_only():
    """They are the confidence sequence on HC2; another design is an error."""
    work = panels.items(np.random.default_rng(0))
    activity_estimate = panels.estimate(work, "randomised", anytime=True)
    se = activity_estimate.estimate.error.se
    scale = 0.4**2 / se**2
    expected = se * np.sqrt((1 + 1 / scale) * np.log((1 + scale) / 0.05**2))
    assert half_width(activity_estimate.log_ratio) == pytest.approx(expected)
    assert expected > 2.5 * se
    assert "HC2" in activity_estimate.estimate.estimator
    with pytest.raises(BadValue, match="--anytime needs drawn arms"):
        panels.estimate(work, "before-after", anytime=True)


@pytest.mark.parametrize("developers", [4, 5, 10])
def test_anytime_gives_no_interval_where_whole_developers_are_compared(developers):
    """A handful of developer means cannot give anytime bounds; the reason says so."""
    work = whole_developers(developers)
    assert panels.estimate(work).log_ratio is not None
    activity_estimate = panels.estimate(work, anytime=True)
    assert activity_estimate.sample.kind == "between_developers"
    assert activity_estimate.log_ratio is None
    result = judge_claim(activity_estimate, CLAIM)
    assert result.verdict == "cannot-tell"
    assert result.items_needed is None
    (threat,) = result.threats
    expected = "needs arms drawn within developers; here whole developers are compared"
    assert expected in threat.message


def with_zero_minutes(work: pd.DataFrame, arm: str, count: int) -> pd.DataFrame:
    """Return the work with the first ``count`` items of an arm at zero minutes."""
    work = work.copy()
    work.loc[work.index[work["arm"] == arm][:count], ["minutes", "status"]] = [0.0, "zero"]
    return work


def test_a_difference_in_zero_minute_items_suppresses_the_verdict():
    """Over 5 points apart there is no verdict; the items are counted. Alike, there is one."""
    work = panels.items(np.random.default_rng(0), per_developer=40, effect=-1.0)
    count = int((work["arm"] == "assistance").sum()) // 10
    work = with_zero_minutes(work, "assistance", count)
    activity_estimate = panels.estimate(work)
    result = judge_claim(activity_estimate, None)
    assert activity_estimate.suppressed
    assert result.verdict == "cannot-tell"
    assert result.largest_supported is None
    assert (result.time_ratio, result.se, result.drift_sd) == (None, None, None)
    assert result.excluded["zero-minutes"] == count
    assert [threat.code for threat in result.threats] == ["zero-minutes"]
    alike = panels.estimate(with_zero_minutes(work, "baseline", count))
    assert judge_claim(alike, None).verdict == "faster"


@pytest.mark.parametrize("claim", [None, CLAIM])
def test_a_suppressed_verdict_leaves_no_statement_about_a_gain(claim):
    """There is no number of items needed, no curve and no gain in the headline."""
    work = panels.items(np.random.default_rng(0), per_developer=20, effect=-0.2)
    count = int((work["arm"] == "assistance").sum()) // 6
    activity_estimate = panels.estimate(with_zero_minutes(work, "assistance", count))
    points = specification_curve(activity_estimate, np.random.default_rng(0))
    assert any(point.log_ratio for point in points)
    result = judge_claim(activity_estimate, claim, curve=points)
    assert result.verdict == "cannot-tell"
    assert result.items_needed is None
    assert result.sensitivity == ()
    assert result.sentences == Sentences(
        headline="Design: no verdict.", verdict=activity_estimate.reasons[0].message
    )
    assert result.sentences.verdict.startswith("No verdict: 0")


@pytest.mark.parametrize("design", ["randomised", "staggered", "self-selected"])
def test_estimates_that_do_not_vary_are_not_in_the_fit(design):
    """Whatever the estimator, it says so: the estimates of each developer are all alike."""
    work = panels.items(np.random.default_rng(0), developers=8, by_date=design == "staggered")
    if design == "staggered":
        late = work["developer"].isin(["dev0006", "dev0007"])
        work = work.assign(arm=work["arm"].where(~late, "baseline"))
    if design == "self-selected":
        work = whole_developers(8)
    estimate = panels.estimate(work.assign(estimate_minutes=60.0), design)
    assert estimate.estimate is not None
    assert not estimate.adjusted
    assert "ln estimate" not in estimate.estimate.estimator
    assert panels.estimate(work, design).adjusted


def test_unfinished_items_are_excluded_and_counted():
    """Open and immature items are not in the sample."""
    work = panels.items(np.random.default_rng(0), per_developer=30)
    work.loc[work.index[::7], "status"] = "open"
    work.loc[work.index[::11], "status"] = "immature"
    activity_estimate = panels.estimate(work)
    assert activity_estimate.excluded["open"] == (work["status"] == "open").sum()
    assert activity_estimate.excluded["immature"] == (work["status"] == "immature").sum()
    assert activity_estimate.sample.cells.items == (work["status"] == "closed").sum()
