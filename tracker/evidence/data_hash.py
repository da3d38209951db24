"""A hash of the moments from which results are made."""

from __future__ import annotations

import csv
import hashlib
import io

import pandas as pd

_HASH_KEYS = ["developer", "arm", "period", "status", "estimated"]
_HASH_SUMS = ["n", "t", "w", "y", "x", "xy"]
"""Sums that differ between cells of different work items."""

_HASH_ROWS = 5_000
"""Rows that are text at a time."""

_HASH_FORMAT = "%.9g"
"""Nine significant digits, because databases differ in the last digits of logarithms and sums."""


class DataHash:
    """A hash of moments frames, in their order; equal data have equal hashes."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=8)

    def add(self, moments: pd.DataFrame) -> None:
        """Add a frame. Its rows are sorted first, since databases collate names differently."""
        columns = [*_HASH_KEYS, *_HASH_SUMS]
        rows = moments.sort_values([*_HASH_KEYS, "activity"], ignore_index=True)[columns]
        self._digest.update(f"{','.join(columns)}\n".encode())
        for start in range(0, len(rows), _HASH_ROWS):
            self._digest.update(_csv_text(rows.iloc[start : start + _HASH_ROWS]).encode())

    def hexdigest(self) -> str:
        """Return the hash of what was added."""
        return self._digest.hexdigest()


def _csv_text(rows: pd.DataFrame) -> str:
    """Return the same as ``to_csv(index=False, header=False, float_format=_HASH_FORMAT)``.

    It is faster.
    """
    columns = [
        [_HASH_FORMAT % value for value in column.tolist()]
        if column.dtype.kind == "f"
        else column.tolist()
        for _, column in rows.items()
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()
