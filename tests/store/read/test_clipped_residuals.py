"""Sums of clipped residuals in the database equal those of the rows, on both databases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support import panels
from support.made_logs import NOW, connection_with, random_log

from tracker.domain.records import ArmRule, Cutover, ResidualModel, Selection
from tracker.store.read import aggregates, clipped_residuals

KEYS = ["developer", "activity", "arm", "period", "unit"]
SUMS = ["r", "rx", "rr", "inside"]
EVERYTHING = Selection()
RULE = ArmRule("rollout", (Cutover(16_040),))


@pytest.mark.parametrize("slope", [0.0, 0.7])
@pytest.mark.parametrize("limit", [0.05, 0.8, 50.0])
def test_the_sums_equal_those_of_the_rows(database_url: str, slope: float, limit: float) -> None:
    """For every developer and activity in the model, by arm, month and whether it is estimated."""
    with connection_with(database_url, *random_log(3)) as connection:
        items = aggregates.items(connection, EVERYTHING, RULE, NOW)
        pairs = sorted(set(zip(items["developer"], items["activity"], strict=True)))[:-1]
        effects = {pair: 3.0 + 0.1 * index for index, pair in enumerate(pairs)}
        model = ResidualModel(effects, -0.3, slope, limit)
        actual = clipped_residuals.clipped_sums(connection, EVERYTHING, RULE, NOW, model)
    expected = panels.clipped_sums(items)(model)
    assert len(actual) > 5
    assert actual[KEYS].to_numpy().tolist() == expected[KEYS].to_numpy().tolist()
    np.testing.assert_allclose(actual[SUMS], expected[SUMS], rtol=1e-9, atol=1e-9)


def test_a_log_without_items_has_no_sums(database_url: str) -> None:
    """The columns and their types are there."""
    model = ResidualModel({("a", "design"): 1.0}, 0.0, 0.0, 1.0)
    with connection_with(database_url, []) as connection:
        sums = clipped_residuals.clipped_sums(connection, EVERYTHING, RULE, NOW, model)
    assert sums.empty
    assert list(sums.columns) == [*KEYS, *SUMS]
    assert pd.api.types.is_float_dtype(sums["r"])
