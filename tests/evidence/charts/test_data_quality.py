"""The data quality in figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from support import panels
from support.weekly_work import work

from tracker.evidence.charts.data_quality import quality_figures


def quality_frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the moments, the entries' quality and the basis of a small log."""
    items = work(n=100)
    items.loc[:9, "status"] = "open"
    items.loc[:4, "estimate_minutes"] = np.nan
    columns = [
        *("entries", "late", "heaped_15", "overlapping", "over_12h", "over_24h", "beyond_span"),
        *("logged_after", "edited_after"),
    ]
    entries = pd.DataFrame(
        [[150, 3, 0, 0, 0, 0, 2, 1, 0], [50, 1, 0, 0, 1, 1, 0, 0, 0]], columns=columns
    )
    answers = [("yes", "trailer", 30), ("no", "flag", 90), ("unknown", np.nan, 80)]
    return panels.moments(items), entries, pd.DataFrame(answers, columns=["assisted", "basis", "n"])


def test_quality_figures_are_counts_with_shares() -> None:
    """Each is a count with its share of items, entries or answers; 0 has no share."""
    figures = dict(quality_figures(*quality_frames(), rejected=3))
    assert figures["work items judged"] == "100"
    assert figures["work items not finished"] == "10 (10\N{NO-BREAK SPACE}%)"
    assert figures["work items without an estimate"] == "5 (5\N{NO-BREAK SPACE}%)"
    assert figures["entries written down more than 2 days late"] == "4 (2\N{NO-BREAK SPACE}%)"
    assert figures["entries overlapping an earlier one"] == "0"
    assert figures["entries longer than 12 hours"] == "1 (0\N{NO-BREAK SPACE}%)"
    assert figures["entries with over 24 hours from start to end"] == "1 (0\N{NO-BREAK SPACE}%)"
    assert (
        figures["entries with more effort than the time from start to end"]
        == "2 (1\N{NO-BREAK SPACE}%)"
    )
    assert figures["entries that say whether assisted"] == "120 (60\N{NO-BREAK SPACE}%)"
    assert figures["of those, inferred"] == "30 (25\N{NO-BREAK SPACE}%)"
    assert figures["of those, by flag"] == "90 (75\N{NO-BREAK SPACE}%)"
    assert figures["of those, by trailer"] == "30 (25\N{NO-BREAK SPACE}%)"
    assert figures["rows rejected at import"] == "3"


def test_quality_of_nothing_is_all_zero() -> None:
    """An empty log has a 0 in every figure."""
    empty = [frame.iloc[:0] for frame in quality_frames()]
    assert {figure for _, figure in quality_figures(*empty)} == {"0"}
