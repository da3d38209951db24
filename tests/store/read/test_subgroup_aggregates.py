"""Sums by subgroup in the database equal those of the rows, on both databases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support import panels
from support.made_logs import NOW, connection_with, entry, item, random_log

from tracker.domain.records import ArmRule, Cutover, ResidualModel, Selection
from tracker.store.read import aggregates
from tracker.store.read.subgroup_aggregates import subgroup_moments

KEYS = ["developer", "activity", "arm", "period", "unit", "size", "span", "estimated"]
SUMS = ["n", "y", "yy", "x", "xx", "xy", "r", "rx", "rr", "inside", "largest"]
EVERYTHING = Selection()
DAY_OF_ROLLOUT = 16_040
EARLY_DAY = 15_800
RULE = ArmRule("rollout", (Cutover(DAY_OF_ROLLOUT), Cutover(EARLY_DAY, developer="d0")))


@pytest.mark.parametrize("by_month", [True, False])
@pytest.mark.parametrize("limit", [None, 0.05, 50.0])
def test_the_sums_equal_those_of_the_rows(
    database_url: str, limit: float | None, by_month: bool
) -> None:
    """With a model of the residuals, of its developers alone; equal estimates have one size."""
    with connection_with(database_url, *random_log(3)) as connection:
        items = aggregates.items(connection, EVERYTHING, RULE, NOW)
        pairs = sorted(set(zip(items["developer"], items["activity"], strict=True)))[:-1]
        effects = {pair: 3.0 + 0.1 * index for index, pair in enumerate(pairs)}
        model = None if limit is None else ResidualModel(effects, -0.3, 0.7, limit)
        actual = subgroup_moments(connection, EVERYTHING, RULE, NOW, model=model, by_month=by_month)
    rollout = np.where(items["developer"] == "d0", EARLY_DAY, DAY_OF_ROLLOUT)
    weeks = (items["day"] - rollout) // 7
    spans = sum((weeks >= end).astype(int) for end in (8, 16, 32))
    items["span"] = spans.where(items["arm"] == "assistance", -1)
    expected = panels.subgroup_moments(items, model, by_month=by_month)
    assert set(actual["size"]) == {-1, 0, 1, 2}
    assert set(actual["span"]) == {-1, 0, 1, 2, 3}
    actual, expected = (frame.sort_values(KEYS) for frame in (actual, expected))
    assert actual[KEYS].to_numpy().tolist() == expected[KEYS].to_numpy().tolist()
    np.testing.assert_allclose(
        actual[SUMS].astype(float), expected[SUMS].astype(float), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("by", ["assigned", "assisted"])
def test_only_rollouts_have_spans(database_url: str, by: str) -> None:
    """Drawn and chosen arms have no day to count from."""
    with connection_with(database_url, *random_log(4)) as connection:
        frame = subgroup_moments(
            connection, EVERYTHING, ArmRule(by), NOW, model=None, by_month=False
        )
    assert set(frame["span"]) <= {-1}


def test_an_estimate_in_the_middle_of_two_thirds_is_in_the_second(database_url: str) -> None:
    """Two equal estimates of three have the middle rank 1/3, exactly at the limit."""
    estimates = (30.0, 30.0, 60.0)
    entry_rows = [entry("a", f"T{n}", 16_000, 60) for n in range(3)]
    item_rows = [item("a", f"T{n}", estimate_minutes=value) for n, value in enumerate(estimates)]
    with connection_with(database_url, entry_rows, item_rows) as connection:
        frame = subgroup_moments(connection, EVERYTHING, RULE, NOW, model=None, by_month=False)
    assert dict(zip(frame["size"], frame["n"], strict=True)) == {1: 2, 2: 1}


def test_sizes_are_ranks_within_the_unit(database_url: str) -> None:
    """One estimate in minutes is the middle of its unit, however large beside the points."""
    names = [f"T{n}" for n in range(4)]
    entry_rows = [entry("a", name, 16_000, 60) for name in names]
    item_rows = [
        *(item("a", name, estimate_points=float(n + 1)) for n, name in enumerate(names[:3])),
        item("a", names[3], estimate_minutes=90.0),
    ]
    for row in item_rows:
        row.setdefault("estimate_points", None)
    with connection_with(database_url, entry_rows, item_rows) as connection:
        frame = subgroup_moments(
            connection, EVERYTHING, RULE, NOW, model=None, by_month=False
        ).set_index("unit")
    assert frame.loc["points", "size"].tolist() == [0, 1, 2]
    assert frame.loc["points", "largest"].tolist() == [1.0, 2.0, 3.0]
    assert (frame.loc["minutes", "size"], frame.loc["minutes", "largest"]) == (1, 90.0)


def test_a_log_without_items_has_no_sums(database_url: str) -> None:
    """The columns and their types are there."""
    model = ResidualModel({("a", "design"): 1.0}, 0.0, 0.0, 1.0)
    with connection_with(database_url, []) as connection:
        frame = subgroup_moments(connection, EVERYTHING, RULE, NOW, model=model, by_month=True)
    assert frame.empty
    assert {*KEYS, *SUMS} == {*frame.columns}
    assert pd.api.types.is_float_dtype(frame["r"])
