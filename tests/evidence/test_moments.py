"""The text of which moments are hashed."""

from __future__ import annotations

import pandas as pd

from tracker.evidence.moments import _csv_text


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
    assert _csv_text(rows) == rows.to_csv(index=False, float_format="%.9g")
