"""A hash by which one tells whether two results rest on the same data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pandas as pd

_KEYS = ["developer", "arm", "period", "status", "estimated"]
_SUMS = ["n", "t", "w", "y", "x", "xy"]
"""Those that tell the work items of a cell apart."""


def of_moments(frames: Iterable[pd.DataFrame]) -> str:
    """Of the moments judged, in their order: equal hashes mean equal data.

    Sorted here, since databases collate differently; and to 9 digits, since their logarithms and sums differ in the
    last of their 16.
    """
    digest = hashlib.blake2b(digest_size=8)
    for moments in frames:
        ordered = moments.sort_values(_KEYS, ignore_index=True)
        digest.update(ordered[[*_KEYS, *_SUMS]].to_csv(index=False, float_format="%.9g").encode())
    return digest.hexdigest()
