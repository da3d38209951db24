"""Sums by group in memory are those of pandas, and so is the order of the groups."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from tracker.store.read.group_sums import group_sums
from tracker.store.read.item_rows import with_texts

NAMES = ["b", "a", None, "ä", "a", "b", None]


def rows() -> pd.DataFrame:
    """Rows with names, of which some are missing, and with whole and broken numbers."""
    return pd.DataFrame(
        {
            "name": pd.Categorical(pd.array(NAMES, dtype="str")),
            "month": np.array([2, 1, 1, 1, 1, -2, 1], dtype=np.int32),
            "day": [1.0, np.nan, 2.0, 2.0, np.nan, 1.0, 2.0],
            "y": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
        }
    )


@pytest.mark.parametrize("keys", [("name",), ("month", "name"), ("name", "day"), ("day",)])
def test_groups_are_in_the_order_of_their_keys_with_missing_ones_last(
    keys: tuple[str, ...],
) -> None:
    """As pandas groups by the same keys, with missing values kept."""
    frame = rows()
    actual = with_texts(group_sums(frame, keys, [("y", frame["y"].to_numpy())]))
    plain = frame.assign(name=frame["name"].astype("str"), month=frame["month"].astype("int64"))
    expected = plain.groupby(list(keys), dropna=False)["y"].agg(n="size", y="sum").reset_index()
    pd.testing.assert_frame_equal(actual, expected)


def test_no_rows_have_no_groups() -> None:
    """The columns have the types that they have otherwise."""
    frame = rows()
    keys = ("name", "month")
    actual = group_sums(frame.iloc[:0], keys, [("y", np.empty(0))])
    assert actual.empty
    assert actual.dtypes.equals(group_sums(frame, keys, [("y", frame["y"].to_numpy())]).dtypes)


def test_few_groups_of_many_rows_take_little_memory() -> None:
    """Less than five whole numbers a row."""
    number = 300_000
    months = np.arange(number, dtype=np.int32) // 1_000
    frame = pd.DataFrame({"name": pd.Categorical.from_codes(months % 7, [*"abcdefg"])})
    frame["month"] = months
    group_sums(frame.iloc[:10], ("name", "month"))  # loads what is loaded at first use
    tracemalloc.start()
    try:
        group_sums(frame, ("name", "month"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * 8 * number
