"""Statistical disclosure control: which developers a result is about, and moments of groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN, merge_periods
from tracker.domain.records import ARMS, MOMENT_SUMS
from tracker.domain.times import format_month, month_of_day
from tracker.evidence.activity import ActivityEstimate

KEY = ("activity", "arm", "estimated", "unit")
COLUMNS = (*KEY, "first_month", "last_month", "developers", *MOMENT_SUMS)


def developers_compared(activity_estimate: ActivityEstimate) -> set[str]:
    """Return the developers whose work the interval describes.

    Those compared with themselves; in a staggered rollout those treated; where whole developers are
    compared those of the smaller arm. All developers where nothing can be compared.
    """
    moments = activity_estimate.moments
    names, arms = moments["developer"].to_numpy(), moments["arm"].to_numpy()
    closed = moments["status"].to_numpy() == "closed"
    developers = {arm: set(names[closed & (arms == arm)]) for arm in ARMS}
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

    The months in which items were finished are merged until a group holds enough developers. Each
    item is in one group at most, so no smaller group can be derived by subtraction. A group never
    changes when later months are added, so none can be derived from two exports either. Items that
    complete no group are excluded: they wait for the next month.

    Args:
        moments: Monthly moments, as :func:`tracker.store.read.aggregates.moments` returns them with
            ``by_finish``.
        min_developers: Developers that a group must hold.

    Returns:
        One row per group: activity, arm, estimated, unit of the estimate, first_month and
        last_month in which its items were begun (``2026-03``), developers (their number), and the
        sums.

    """
    rows = [
        dict(zip(KEY, key, strict=True)) | group
        for key, part in moments[moments["status"] == "closed"].groupby([*KEY])
        for group in _month_groups(part, min_developers)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def _month_groups(moments: pd.DataFrame, min_developers: int) -> Iterator[dict[str, Any]]:
    """Yield the groups of one arm's moments in the order of time."""
    months = moments["finished_day"].astype(int).map(month_of_day)
    periods = [
        (month, set(moments.loc[months == month, "developer"]), 0.0)
        for month in sorted(months.unique().tolist())
    ]
    groups = merge_periods(periods, min_developers=min_developers, merge_rest=False)
    for _, group in moments.groupby(months.map(groups)):
        yield {
            "first_month": format_month(group["period"].min()),
            "last_month": format_month(group["period"].max()),
            "developers": group["developer"].nunique(),
            **{name: float(group[name].sum()) for name in MOMENT_SUMS},
        }
