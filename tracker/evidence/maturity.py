"""Unfinished work: which items had the time to be finished, so that only the quick ones of late are not counted."""

from __future__ import annotations

import pandas as pd

DAY_SECONDS = 86_400
SHARE = 0.9
"""Of the baseline's work items that were done within the time that a late item is given."""


def last_start_day(durations: pd.DataFrame, *, now_epoch: int) -> int | None:
    """The last day (since 1970) on which an item may have begun to count, in either arm; None without a baseline.

    ``durations``: arm, days (whole, from first entry to completion), n, of the closed items of one activity. The day
    is now less the 90th percentile of the baseline's days: of items begun later, mostly the quick are here.
    """
    baseline = durations[durations["arm"] == "baseline"].groupby("days")["n"].sum().sort_index()
    if baseline.empty:
        return None
    reached = baseline.cumsum() >= SHARE * baseline.sum()
    return now_epoch // DAY_SECONDS - int(baseline.index.to_numpy()[reached.to_numpy().argmax()])
