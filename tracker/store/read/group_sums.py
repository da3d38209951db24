"""Sums over rows in memory by group, one row a group, as a GROUP BY makes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEW = 1_000
"""For how many groups pandas allocates memory at first; without a hint, for as many as rows."""


def group_sums(
    rows: pd.DataFrame, keys: Sequence[str], terms: Iterable[tuple[str, Floats]] = ()
) -> pd.DataFrame:
    """Return the number of rows in each group, and sums over them.

    Args:
        rows: The rows.
        keys: The columns whose values make the groups: names in categories, or numbers.
        terms: The names of the sums, each with what is summed, one value per row. A generator keeps
            one of them in memory at a time.

    Returns:
        One row per group by its keys, a missing value last: the keys, ``n``, and the sums. The sums
        are made in the order of the rows.
    """
    frame, group = groups(rows, keys)
    frame["n"] = np.bincount(group, minlength=len(frame)).astype(np.int64)
    for name, values in terms:
        sums = np.bincount(group, weights=values, minlength=len(frame))
        frame[name] = sums.astype(np.float64)  # whole numbers without rows
    return frame


def groups(rows: pd.DataFrame, keys: Sequence[str]) -> tuple[pd.DataFrame, Integers]:
    """Return the keys of the groups, in their order, and the group of each row."""
    numbers = np.zeros(len(rows), dtype=np.int64)
    values_of: dict[str, pd.Index[Any]] = {}
    for key in keys:
        codes, values_of[key] = _coded(rows[key])
        numbers *= len(values_of[key])
        numbers += codes
    group, rest = pd.factorize(numbers, sort=True, size_hint=FEW)
    del numbers
    columns: dict[str, Any] = {}
    for key in reversed(keys):
        values = values_of[key]
        rest, codes = np.divmod(rest, max(len(values), 1))
        is_name = isinstance(rows[key].dtype, pd.CategoricalDtype)
        columns[key] = _names(values, codes) if is_name else values[codes]
    return pd.DataFrame({key: columns[key] for key in keys}), group


def _names(values: pd.Index[Any], codes: NDArray[np.integer[Any]]) -> pd.Categorical:
    """Return names as categories; a missing value is the last."""
    names = values.dropna()
    return pd.Categorical.from_codes(np.where(codes < len(names), codes, -1), categories=names)


def _coded(column: pd.Series[Any]) -> tuple[NDArray[np.integer[Any]], pd.Index[Any]]:
    """Return the numbers of the values of a column in their order, and these values."""
    values: pd.Index[Any]
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        values = column.cat.categories.astype("str")
    else:
        codes, uniques = pd.factorize(column.to_numpy(), sort=True, size_hint=FEW)
        values = pd.Index(uniques.astype("int64" if uniques.dtype.kind == "i" else "float64"))
    is_missing = codes < 0
    if is_missing.any():
        codes = np.where(is_missing, len(values), codes)
        values = values.append(pd.Index([np.nan], dtype=values.dtype))
    return codes, values
