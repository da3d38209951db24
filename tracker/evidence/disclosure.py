"""What may leave the team: moments of groups of several developers, and whose work an interval speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN, merge_periods
from tracker.domain.records import ARMS, MOMENT_SUMS
from tracker.evidence.activity import ActivityEstimate

KEY = ("activity", "arm", "estimated")
COLUMNS = (*KEY, "first_month", "last_month", "developers", *MOMENT_SUMS)


def developers_compared(found: ActivityEstimate) -> set[str]:
    """Whose work an interval speaks of: those compared with themselves, those treated, or the smaller arm's."""
    closed = found.moments[found.moments["status"] == "closed"]
    arms = {arm: set(closed.loc[closed["arm"] == arm, "developer"]) for arm in ARMS}
    if found.design is None or not all(arms.values()):
        return set(found.moments["developer"])
    if found.sample.kind == "staggered":
        return arms["assistance"]
    if found.sample.kind == "between_developers":
        return min(arms.values(), key=len)
    return arms["baseline"] & arms["assistance"]


def merge_small_groups(
    moments: pd.DataFrame, *, fewest: int = MIN_DEVELOPERS_SHOWN
) -> pd.DataFrame:
    """Monthly moments of closed items, summed over developers and over as many months as it takes for ``fewest``.

    Columns: activity, arm, estimated, first_month and last_month (``2026-03``), developers (how many), and the sums of
    :func:`tracker.store.read.aggregates.moments`. Months too thin for a group of their own go with others; what makes no
    group at all is left out. No item is in two groups, so that no thinner one can be had by subtraction.
    """
    rows = [
        dict(zip(KEY, key, strict=True)) | group
        for key, part in moments[moments["status"] == "closed"].groupby([*KEY])
        for group in _groups(part, fewest)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def _groups(part: pd.DataFrame, fewest: int) -> Iterator[dict[str, Any]]:
    """The groups of one arm's moments, in the order of time."""
    periods = [
        (month, set(part.loc[part["period"] == month, "developer"]), 0.0)
        for month in sorted(part["period"].unique().tolist())
    ]
    groups = part["period"].map(merge_periods(periods, min_developers=fewest))
    for _, group in part.groupby(groups):
        yield {
            "first_month": _month(group["period"].min()),
            "last_month": _month(group["period"].max()),
            "developers": group["developer"].nunique(),
            **{name: group[name].sum() for name in MOMENT_SUMS},
        }


def _month(months: int) -> str:
    """``2026-03`` of months since 1970-01."""
    return f"{1970 + months // 12}-{months % 12 + 1:02d}"
