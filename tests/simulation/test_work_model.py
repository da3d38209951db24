"""The model of a baseline: what it takes from the log, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tracker.domain.errors import NothingToDo
from tracker.evidence.intervals import DRIFT_SD
from tracker.simulation.work_model import (
    half_difference_variance,
    made_up_model,
    work_model,
)


def baseline(
    developers: int = 6, per_developer: int = 60, *, monthly: float = 0.0, seed: int = 1
) -> pd.DataFrame:
    """Return a year of closed items: y = 1 + pace + 0.8 x + month's level + noise of 0.5."""
    rng = np.random.default_rng(seed)
    n = developers * per_developer
    developer = np.repeat(np.arange(developers), per_developer)
    month = rng.integers(600, 612, n)
    day = 18_262 + 30 * (month - 600) + rng.integers(0, 28, n)
    x = rng.normal(4.0, 0.7, n)
    level = rng.normal(0.0, monthly, 12).cumsum()[month - 600]
    y = 1.0 + 0.2 * developer + 0.8 * x + level + rng.normal(0.0, 0.5, n)
    return pd.DataFrame(
        {
            "developer": [f"d{number}" for number in developer],
            "task": [f"T-{number}" for number in range(n)],
            "activity": "design",
            "arm": "baseline",
            "month": month,
            "day": day,
            "last_day": day + rng.integers(0, 4, n),
            "status": "closed",
            "minutes": np.exp(y),
            "estimate_minutes": np.exp(x),
        }
    )


def test_the_model_is_that_of_the_work() -> None:
    """Slope, paces, spread and pace of work are recovered from 360 items of a year."""
    items = baseline()
    model = work_model(items)
    assert model.slope == pytest.approx(0.8, abs=0.1)
    assert np.ptp(model.paces) == pytest.approx(1.0, abs=0.2)
    assert model.spread == pytest.approx(0.5, abs=0.06)
    weeks = (np.ptp(items["day"]) + 1) / 7
    assert model.items_per_week.sum() == pytest.approx(len(items) / weeks)
    assert (model.developers, model.items) == (6, 360)


def test_an_item_keeps_its_estimate_and_days_together() -> None:
    """Arrays by item are in one order: the days of an item stand beside its estimate."""
    items = baseline().assign(last_day=lambda frame: frame["day"])
    items.loc[items["estimate_minutes"] > 60, "last_day"] += 3
    model = work_model(items)
    assert model.estimate_minutes is not None
    np.testing.assert_array_equal(model.days == 3, model.estimate_minutes > 60)


def test_only_finished_work_of_the_baseline_counts() -> None:
    """Work with assistance, unfinished work and work of 0 minutes do not change the model."""
    items = baseline()
    others = [
        items.assign(arm="assistance", minutes=5.0),
        items.assign(status="open", minutes=7.0),
        items.assign(minutes=0.0),
    ]
    np.testing.assert_array_equal(
        work_model(pd.concat([items, *others])).residuals, work_model(items).residuals
    )


def test_without_estimates_there_is_no_slope() -> None:
    """A baseline without estimates is drawn from as it is."""
    model = work_model(baseline().assign(estimate_minutes=np.nan))
    assert model.estimate_minutes is None
    assert model.slope == 0.0


def test_drift_is_that_of_the_interval_where_the_log_is_short() -> None:
    """One month shows no movement: the drift is the one that intervals allow for."""
    assert work_model(baseline().assign(month=600)).team_drift == DRIFT_SD


def test_drift_grows_with_the_movement_of_the_log() -> None:
    """A team that moves from month to month drifts more than one that stands still."""
    drifts = [work_model(baseline(per_developer=400, monthly=m)).team_drift for m in (0.0, 0.3)]
    assert drifts[0] < DRIFT_SD < drifts[1]


def test_the_variance_of_a_random_walk() -> None:
    """(T² + 2)/(3T) is the variance of the difference of the means of its halves."""
    for steps in (2, 12, 26):
        ends = np.repeat([-2.0 / steps, 2.0 / steps], steps // 2)
        weights = ends[::-1].cumsum()  # the weight of a step is that of all positions from it on
        assert half_difference_variance(steps) == pytest.approx((weights**2).sum())


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (baseline().iloc[:0], "no finished work items of the baseline"),
        (baseline().iloc[:19], "19 finished work items of the baseline"),
        (baseline(40, 1), "hardly more work items than developers"),
        (baseline().assign(minutes=30.0), "do not vary"),
    ],
    ids=["none", "few", "one each", "constant"],
)
def test_too_little_is_refused(items: pd.DataFrame, reason: str) -> None:
    """The refusal says what is missing."""
    with pytest.raises(NothingToDo, match=reason):
        work_model(items)


def test_a_team_of_another_size_repeats_the_developers() -> None:
    """Five of three developers are the three and the first two again."""
    model = made_up_model(np.random.default_rng(0), developers=3).with_developers(5)
    assert model.developers == 5
    np.testing.assert_array_equal(model.paces[3:], model.paces[:2])


def test_residuals_are_those_of_indicators_of_months() -> None:
    """Least squares of y on x, developers and months, one column each, leaves the same."""
    items = baseline(monthly=0.3)
    model = work_model(items)
    x, y = np.log(items["estimate_minutes"]), np.log(items["minutes"])
    indicators = [pd.get_dummies(items[name], dtype=float) for name in ("developer", "month")]
    Z = np.column_stack([x, *indicators])
    beta, _, rank, _ = np.linalg.lstsq(Z, y, rcond=None)
    expected = (y - Z @ beta) * np.sqrt(len(items) / (len(items) - rank))
    np.testing.assert_allclose(sorted(model.residuals), sorted(expected), atol=1e-9)
    assert model.slope == pytest.approx(beta[0])
