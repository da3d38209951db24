"""The text of which moments are hashed."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from tracker.evidence.data_hash import DataHash, _csv_text


def test_the_hashed_text_is_that_of_pandas() -> None:
    """Also of names with commas, quotes and line breaks."""
    rows = pd.DataFrame(
        {
            "developer": ["a,b", 'a"b', "a\nb", "é"],
            "period": [1, -2, 3, 0],
            "estimated": [True, False, True, False],
            "t": [1.0, 0.1 + 0.2, 1e-12, 123456789012.5],
        }
    )
    assert _csv_text(rows) == rows.to_csv(index=False, header=False, float_format="%.9g")


@pytest.mark.parametrize("rows_at_a_time", [1, 3, 1_000])
def test_the_hash_does_not_depend_on_the_rows_that_are_text_at_a_time(
    monkeypatch: pytest.MonkeyPatch, rows_at_a_time: int
) -> None:
    """It is that of the text of all of them, without rows of the columns' names."""
    rng = np.random.default_rng(5)
    names = ["developer", "arm", "period", "status", "estimated"]
    frame = pd.DataFrame({name: rng.permutation(["a", "b", "c", "d"] * 2) for name in names})
    sums = ["n", "t", "w", "y", "x", "xy"]
    frame = frame.assign(activity="design", **{name: rng.random(len(frame)) for name in sums})
    monkeypatch.setattr("tracker.evidence.data_hash._HASH_ROWS", rows_at_a_time)
    actual = DataHash()
    text = ""
    for part in (frame, frame.iloc[:0]):
        actual.add(part)
        rows = part.sort_values([*names, "activity"])[names + sums]
        text += rows.to_csv(index=False, float_format="%.9g")
    assert actual.hexdigest() == hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
