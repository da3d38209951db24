"""Items that began too late to have been finished like the others are left out."""

from __future__ import annotations

import pandas as pd

from tracker.domain.times import DAY_SECONDS
from tracker.evidence.designs.study_design import last_mature_start_day


def frame(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["arm", "days", "n"])


def test_the_day_is_now_less_the_ninetieth_percentile_of_the_baseline() -> None:
    """Nine of ten baseline items were done within 3 days: whoever began less than 3 days ago had too little time."""
    durations = frame(
        ("baseline", 0, 5), ("baseline", 3, 4), ("baseline", 40, 1), ("assistance", 99, 50)
    )
    assert last_mature_start_day(durations, now_epoch=1000 * DAY_SECONDS + 5) == 997


def test_the_order_and_split_of_the_rows_do_not_matter() -> None:
    """Durations come grouped in any way."""
    durations = frame(
        ("baseline", 40, 1), ("baseline", 3, 1), ("baseline", 3, 3), ("baseline", 0, 5)
    )
    assert last_mature_start_day(durations, now_epoch=1000 * DAY_SECONDS) == 997


def test_without_a_baseline_there_is_no_limit() -> None:
    """Nothing says how long items take."""
    assert last_mature_start_day(frame(("assistance", 5, 9)), now_epoch=DAY_SECONDS) is None
