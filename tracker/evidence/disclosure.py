"""Statistical disclosure control: which developers a result is about, and moments of groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN, merge_periods
from tracker.domain.records import ARMS, MOMENT_SUMS
from tracker.evidence.activity import ActivityEstimate

KEY = ("activity", "arm", "estimated")
COLUMNS = (*KEY, "first_month", "last_month", "developers", *MOMENT_SUMS)


def developers_compared(activity_estimate: ActivityEstimate) -> set[str]:
    """Return the developers whose work the interval describes.

    Those compared with themselves; in a staggered rollout those treated; where whole developers are
    compared those of the smaller arm. All developers where nothing can be compared.
    """
    moments = activity_estimate.moments
    closed = moments[moments["status"] == "closed"]
    developers = {arm: set(closed.loc[closed["arm"] == arm, "developer"]) for arm in ARMS}
    if activity_estimate.design is None or not all(developers.values()):
        return set(moments["developer"])
    if activity_estimate.sample.kind == "staggered":
        return developers["assistance"]
    if activity_estimate.sample.kind == "between_developers":
        return min(developers.values(), key=len)
    return developers["baseline"] & developers["assistance"]


def merge_small_groups(
    moments: pd.DataFrame, *, min_developers: int = MIN_DEVELOPERS_SHOWN
) -> pd.DataFrame:
    """Sum the moments of closed items over developers and consecutive months.

    Months are merged until a group holds enough developers. Each item is in one group at most, so
    no smaller group can be derived by subtraction. Items that complete no group are excluded.

    Args:
        moments: Monthly moments, as :func:`tracker.store.read.aggregates.moments` returns them.
        min_developers: Developers that a group must hold.

    Returns:
        One row per group: activity, arm, estimated, first_month and last_month (``2026-03``),
        developers (their number), and the sums.

    """
    rows = [
        dict(zip(KEY, key, strict=True)) | group
        for key, part in moments[moments["status"] == "closed"].groupby([*KEY])
        for group in _month_groups(part, min_developers)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def _month_groups(moments: pd.DataFrame, min_developers: int) -> Iterator[dict[str, Any]]:
    """Yield the groups of one arm's moments in the order of time."""
    periods = [
        (month, set(moments.loc[moments["period"] == month, "developer"]), 0.0)
        for month in sorted(moments["period"].unique().tolist())
    ]
    first_months = moments["period"].map(merge_periods(periods, min_developers=min_developers))
    for _, group in moments.groupby(first_months):
        yield {
            "first_month": _month_text(group["period"].min()),
            "last_month": _month_text(group["period"].max()),
            "developers": group["developer"].nunique(),
            **{name: float(group[name].sum()) for name in MOMENT_SUMS},
        }


def _month_text(months: int) -> str:
    """Write months since 1970-01 as ``2026-03``."""
    return f"{1970 + months // 12}-{months % 12 + 1:02d}"
