"""Estimates in points are sums like those in minutes, without any minutes, on both databases.

Where both units occur, one fit takes both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api
from sqlalchemy import update
from support import panels
from support.made_logs import NOW, SUMS, connection_with, entry, item, random_log

from tracker.domain.records import ArmRule, Cutover, ResidualModel, Selection
from tracker.evidence.estimators.least_squares import estimate_terms, fit_least_squares
from tracker.evidence.moments import Cells, cells_from_items, cells_from_moments, cross_products
from tracker.store.read import aggregates, clipped_residuals
from tracker.store.read.item_rows import with_texts
from tracker.store.read.subgroup_aggregates import subgroup_moments
from tracker.store.schema import tasks, work_items

EVERYTHING = Selection()
RULE = ArmRule("rollout", (Cutover(16_040),))
Rows = list[dict[str, Any]]


def half_in_points(rows: Rows) -> Rows:
    """Return rows of which every second estimate is in points."""
    converted = []
    for number, row in enumerate(rows):
        minutes = row.get("estimate_minutes")
        estimates = (minutes, None) if number % 2 == 0 else (None, minutes)
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
    clipped_points = with_texts(clipped_points).replace({"unit": {"points": "minutes"}})
    clipped_sums = [
        frame.sort_values(keys)[["r", "rx", "rr", "inside"]]
        for frame in (clipped_minutes, clipped_points)
    ]
    np.testing.assert_allclose(*clipped_sums, rtol=1e-9, atol=1e-9)


def test_both_units_are_in_one_fit(database_url: str) -> None:
    """Moments, rows and statsmodels agree, with an intercept of their own for points."""
    entries, *others = random_log(3)
    with connection_with(database_url, entries, *map(half_in_points, others)) as connection:
        moments = aggregates.moments(connection, EVERYTHING, RULE, NOW)
        rows = aggregates.items(connection, EVERYTHING, RULE, NOW)
    closed = moments[moments["status"] == "closed"]
    assert (closed["estimated"] == (closed["unit"] != "none")).all()
    assert (closed["w"] > 0).eq(closed["unit"] == "minutes").all()
    by_item = rows[(rows["status"] == "closed") & (rows["minutes"] > 0)]
    key = ("developer", "activity")
    from_moments, from_rows = (
        cells.select(cells.estimated)
        for cells in (cells_from_moments(closed, key), cells_from_items(by_item, key))
    )
    assert from_moments.items == from_rows.items > 30
    assert estimate_terms(from_moments) == estimate_terms(from_rows) == ("x", "points")
    expected = by_statsmodels(by_item)
    for cells in (from_moments, from_rows):
        np.testing.assert_allclose(coefficients(cells), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("offset", [0.0, -1.7])
def test_residuals_of_both_units_are_clipped_alike(database_url: str, offset: float) -> None:
    """The sums of clipped residuals equal those of the rows, by cell."""
    entries, *others = random_log(3)
    with connection_with(database_url, entries, *map(half_in_points, others)) as connection:
        items = aggregates.items(connection, EVERYTHING, RULE, NOW)
        names = zip(items["developer"], items["activity"], strict=True)
        effects = {name: 3.0 + number / 7 for number, name in enumerate(sorted(set(names)))}
        model = ResidualModel(effects, -0.3, 0.7, 0.8, offset)
        clipped = clipped_residuals.clipped_sums(connection, EVERYTHING, RULE, NOW, model)
        parts = subgroup_moments(connection, EVERYTHING, RULE, NOW, model=model, by_month=True)
    expected = panels.clipped_sums(items)(model)
    keys, sums = ["developer", "activity", "arm", "period", "unit"], ["r", "rx", "rr", "inside"]
    by_part = parts.groupby(keys, as_index=False)[sums].sum()
    for frame in (clipped, by_part):
        pd.testing.assert_frame_equal(
            with_texts(frame)[keys + sums].sort_values(keys, ignore_index=True),
            with_texts(expected)[keys + sums].sort_values(keys, ignore_index=True),
            check_dtype=False,
            rtol=1e-9,
            atol=1e-9,
        )


def test_minutes_count_where_an_item_has_both(database_url: str) -> None:
    """Its points are none, in sums and rows."""
    with connection_with(
        database_url,
        [entry("a", "T", 16_000, 60)],
        [item("a", "T", estimate_minutes=90.0, estimate_points=3.0)],
    ) as connection:
        (row,) = aggregates.moments(connection, EVERYTHING, RULE, NOW).to_dict("records")
        (whole,) = aggregates.items(connection, EVERYTHING, RULE, NOW).to_dict("records")
    assert (row["unit"], row["w"], row["x"]) == ("minutes", 90.0, pytest.approx(np.log(90.0)))
    assert whole["estimate_minutes"] == 90.0
    assert pd.isna(whole["estimate_points"])


def coefficients(cells: Cells) -> list[float]:
    """Return the effect of the arm, the slope of x and the intercept of points."""
    fit = fit_least_squares(cross_products(cells, ("arm", "x", "points")))
    assert fit is not None
    return fit.beta.tolist()


def by_statsmodels(rows: pd.DataFrame) -> list[float]:
    """Return the same of work items, with an indicator of each developer and activity."""
    estimates = rows["estimate_minutes"].fillna(rows["estimate_points"])
    used, estimates = rows[estimates.notna()], estimates.dropna()
    names = [used[name].astype("str") for name in ("developer", "activity")]
    effects = pd.get_dummies(names[0] + names[1], dtype=float).to_numpy()
    in_points = used["estimate_minutes"].isna()
    X = np.column_stack([used["arm"] == "assistance", np.log(estimates), in_points, effects])
    fit = statsmodels.api.OLS(np.log(used["minutes"]).to_numpy(), X.astype(float)).fit()
    return fit.params[:3].tolist()
