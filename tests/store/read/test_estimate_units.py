"""Estimates in points are sums like those in minutes, without any minutes, on both databases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api
from sqlalchemy import update
from support.made_logs import NOW, SUMS, connection_with, random_log

from tracker.domain.records import ArmRule, Cutover, ResidualModel, Selection
from tracker.evidence.estimators.least_squares import fit_least_squares
from tracker.evidence.moments import Cells, cells_from_items, cells_from_moments, cross_products
from tracker.store.read import aggregates, clipped_residuals
from tracker.store.schema import tasks, work_items

EVERYTHING = Selection()
RULE = ArmRule("rollout", (Cutover(16_040),))
Rows = list[dict[str, Any]]


def mostly_in_points(rows: Rows) -> Rows:
    """Return rows whose estimates are in points, but for every fourth."""
    converted = []
    for number, row in enumerate(rows):
        minutes = row.get("estimate_minutes")
        estimates = (minutes, None) if number % 4 == 0 else (None, minutes)
        names = ("estimate_minutes", "estimate_points")
        converted.append({**row, **dict(zip(names, estimates, strict=True))})
    return converted


@pytest.mark.parametrize("slope", [0.0, 0.7])
def test_points_have_the_sums_of_minutes_but_no_minutes(database_url: str, slope: float) -> None:
    """x and the clipped residuals are the same; w, the estimated minutes, is 0."""
    frames = []
    with connection_with(database_url, *random_log(3)) as connection:
        for unit in ("minutes", "points"):
            if unit == "points":
                for table in (work_items, tasks):
                    estimate = table.c.estimate_minutes
                    values = {"estimate_points": estimate, "estimate_minutes": None}
                    connection.execute(update(table).values(values))
            moments = aggregates.moments(connection, EVERYTHING, RULE, NOW)
            names = zip(moments["developer"], moments["activity"], strict=True)
            model = ResidualModel(dict.fromkeys(names, 3.0), -0.3, slope, 0.8)
            clipped = clipped_residuals.clipped_sums(connection, EVERYTHING, RULE, NOW, model)
            frames.append((moments, clipped))
    (minutes, clipped_minutes), (points, clipped_points) = frames
    assert (points.loc[points["estimated"], "unit"] == "points").all()
    assert points["estimated"].sum() > 10
    assert (points[["w", "ww", "tw"]] == 0).all(axis=None)
    same = ["developer", "activity", "arm", "period", "status", "estimated"]
    sums = [name for name in SUMS if "w" not in name]
    minutes, points = (frame.sort_values(same) for frame in (minutes, points))
    assert minutes[same].to_numpy().tolist() == points[same].to_numpy().tolist()
    np.testing.assert_allclose(minutes[sums], points[sums], rtol=1e-9, atol=1e-9)
    keys = ["developer", "activity", "arm", "period", "unit"]
    clipped_points = clipped_points.replace({"unit": {"points": "minutes"}})
    clipped_sums = [
        frame.sort_values(keys)[["r", "rx", "rr", "inside"]]
        for frame in (clipped_minutes, clipped_points)
    ]
    np.testing.assert_allclose(*clipped_sums, rtol=1e-9, atol=1e-9)


def test_an_activity_has_the_unit_of_most_of_its_items(database_url: str) -> None:
    """Moments, rows and statsmodels agree; estimates in the other unit count as missing."""
    entries, *others = random_log(3)
    with connection_with(database_url, entries, *map(mostly_in_points, others)) as connection:
        moments = aggregates.moments(connection, EVERYTHING, RULE, NOW)
        rows = aggregates.items(connection, EVERYTHING, RULE, NOW)
    closed = moments[moments["status"] == "closed"]
    items_by_unit = closed.groupby(["activity", "unit"])["n"].sum().unstack(fill_value=0)
    assert (items_by_unit["minutes"] > 0).any()
    for activity, part in closed.groupby("activity"):
        counts = items_by_unit.loc[activity]
        unit = "points" if counts["points"] > counts["minutes"] else "minutes"
        assert part["estimated"].tolist() == (part["unit"] == unit).tolist()
        assert (part.loc[~part["estimated"], ["x", "xx", "xy", "w", "ww", "tw"]] == 0).all(
            axis=None
        )
    by_item = rows[(rows["status"] == "closed") & (rows["minutes"] > 0)]
    key = ("developer", "activity")
    from_moments, from_rows = (
        cells.select(cells.estimated)
        for cells in (cells_from_moments(closed, key), cells_from_items(by_item, key))
    )
    assert from_moments.items == from_rows.items > 30
    assert theta(from_moments) == pytest.approx(theta(from_rows), rel=1e-9)
    assert theta(from_moments) == pytest.approx(by_statsmodels(by_item), rel=1e-9)


def test_a_period_does_not_change_the_unit(database_url: str) -> None:
    """The period ``since`` leaves out developers, whose items count for the unit nevertheless."""
    rule = ArmRule("rollout", (Cutover(16_040, developer="d1"),), never_treated=True)
    of_d1 = work_items.c.developer == "d1"
    with connection_with(database_url, *random_log(3)) as connection:
        connection.execute(update(tasks).values(estimate_minutes=None))
        connection.execute(update(work_items).values(estimate_minutes=30.0))
        in_points = {"estimate_minutes": None, "estimate_points": 3.0}
        connection.execute(update(work_items).where(of_d1).values(in_points))
        whole, since = (
            aggregates.moments(connection, EVERYTHING, rule, NOW, period=period)
            for period in ("month", "since")
        )
    closed = since[since["status"] == "closed"]
    assert set(closed["developer"]) == {"d1"}
    assert "points" in set(closed["unit"])
    assert set(whole.loc[whole["estimated"], "unit"]) == {"minutes"}
    assert not since["estimated"].any()


def theta(cells: Cells) -> float:
    """Return the effect of the arm, with x in the fit."""
    fit = fit_least_squares(cross_products(cells))
    assert fit is not None
    return fit.theta


def by_statsmodels(rows: pd.DataFrame) -> float:
    """Return the same of work items, with an indicator of each developer and activity."""
    estimates = rows["estimate_minutes"].fillna(rows["estimate_points"])
    used, estimates = rows[estimates.notna()], estimates.dropna()
    effects = pd.get_dummies(used["developer"] + used["activity"], dtype=float).to_numpy()
    X = np.column_stack([used["arm"] == "assistance", np.log(estimates), effects])
    return float(statsmodels.api.OLS(np.log(used["minutes"]).to_numpy(), X).fit().params[0])
