"""Pools: the finished, estimated work items of one team and activity, by their first entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracker.domain.names import normalise_name

TASK_KEY = ["developer", "task"]
ITEM_KEY = [*TASK_KEY, "activity"]

EVERYBODY = "everybody"
"""The team of work that is logged without a team."""

SMALL_TEAMS = "small teams together"
"""The pool of teams that are too small for a window of their own."""

MIN_ITEMS = 100
MIN_DEVELOPERS = 6
"""A pool of fewer work items or developers has no window."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The finished, estimated work items of one team and activity; arrays by item."""

    team: str
    activity: str
    key: pd.DataFrame
    """Columns developer, task."""
    developer: NDArray[np.int64]
    """A number for each item's developer, from 0 without gaps."""
    day: NDArray[np.int64]
    """Day of the first entry, since 1970."""
    month: NDArray[np.int64]
    minutes: NDArray[np.float64]
    estimate_minutes: NDArray[np.float64]
    entry_minutes: NDArray[np.float64]
    """Minutes of the entries with more than 0 minutes, sorted by item."""
    entries_before: NDArray[np.int64]
    """How many of those entries belong to earlier items; length items + 1."""
    other_items: pd.DataFrame
    """The team's work items of all other activities.

    Columns developer (a number as in ``developer``), activity, day, month, minutes,
    estimate_minutes. Developers without work in this pool are left out.
    """

    def __len__(self) -> int:
        return len(self.minutes)

    @property
    def developers(self) -> int:
        """The number of developers."""
        return int(self.developer.max(initial=-1)) + 1

    @property
    def is_large(self) -> bool:
        """Whether the pool may hold a window."""
        return len(self) >= MIN_ITEMS and self.developers >= MIN_DEVELOPERS

    def entries_of(self, items: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the entries of some items.

        Returns:
            The minutes of the entries, and for each the position of its item in ``items``.

        """
        starts, ends = self.entries_before[items], self.entries_before[items + 1]
        rows = np.concatenate(
            [np.arange(start, end) for start, end in zip(starts, ends, strict=True)]
        )
        return self.entry_minutes[rows], np.repeat(np.arange(len(items)), ends - starts)


def build_pools(
    items: pd.DataFrame,
    entry_rows: pd.DataFrame,
    activities: Sequence[str],
    *,
    join_small_teams: bool = False,
) -> list[Pool]:
    """Return the pools of some activities, by team.

    Args:
        items: Closed work items of all activities: developer, task, activity, day, month, minutes,
            estimate_minutes. Those without minutes or without an estimate are left out.
        entry_rows: Their entries: developer, task, activity, team (missing: none), started_epoch,
            minutes. A work item belongs to the team of its first entry.
        activities: The activities to calibrate.
        join_small_teams: Whether the teams that are too small for a window are one pool.

    """
    usable = items[(items["minutes"] > 0) & (items["estimate_minutes"] > 0)]
    first = entry_rows.sort_values("started_epoch", kind="stable").drop_duplicates(ITEM_KEY)
    located = usable.merge(first[[*ITEM_KEY, "team", "started_epoch"]], on=ITEM_KEY)
    located["team"] = [
        EVERYBODY if pd.isna(team) else normalise_name(str(team)) for team in located["team"]
    ]
    worked = entry_rows[entry_rows["minutes"] > 0]
    return [
        _pool(name, activity, teams_items, worked[worked["activity"] == activity])
        for activity in activities
        for name, teams_items in _teams(located, activity, join_small_teams=join_small_teams)
    ]


def _teams(
    located: pd.DataFrame, activity: str, *, join_small_teams: bool
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the teams with work in an activity, each with its work items of every activity."""
    own = located[located["activity"] == activity].groupby("team")
    small = set()
    if join_small_teams:
        sizes = own["developer"].agg(["size", "nunique"])
        small = set(sizes.index[(sizes["size"] < MIN_ITEMS) | (sizes["nunique"] < MIN_DEVELOPERS)])
    for team in sorted(map(str, own.groups)):
        if team not in small:
            yield team, located[located["team"] == team]
    if small:
        name = SMALL_TEAMS if len(small) > 1 else str(next(iter(small)))
        yield name, located[located["team"].isin(small)]


def _pool(team: str, activity: str, items: pd.DataFrame, entry_rows: pd.DataFrame) -> Pool:
    """Return a pool.

    Args:
        team: The name of the pool.
        activity: The activity.
        items: The team's work items of every activity.
        entry_rows: The entries of the activity with more than 0 minutes, of every team.

    """
    own = items[items["activity"] == activity]
    ordered = own.sort_values(["started_epoch", *TASK_KEY], ignore_index=True)
    positions = ordered[TASK_KEY].assign(position=ordered.index)
    entries_by_item = entry_rows.merge(positions, on=TASK_KEY).sort_values(
        "position", kind="stable"
    )
    developer, names = pd.factorize(ordered["developer"], sort=True)
    return Pool(
        team=team,
        activity=activity,
        key=ordered[TASK_KEY],
        developer=developer.astype(np.int64),
        day=ordered["day"].to_numpy(dtype=np.int64),
        month=ordered["month"].to_numpy(dtype=np.int64),
        minutes=ordered["minutes"].to_numpy(dtype=np.float64),
        estimate_minutes=ordered["estimate_minutes"].to_numpy(dtype=np.float64),
        entry_minutes=entries_by_item["minutes"].to_numpy(dtype=np.float64),
        entries_before=np.searchsorted(
            entries_by_item["position"].to_numpy(), np.arange(len(ordered) + 1)
        ),
        other_items=_other_items(items[items["activity"] != activity], pd.Index(names)),
    )


def _other_items(items: pd.DataFrame, names: pd.Index) -> pd.DataFrame:
    """Return the work items of some developers, whose numbers are their positions in ``names``."""
    columns = ["activity", "day", "month", "minutes", "estimate_minutes"]
    numbered = items[columns].assign(developer=names.get_indexer(pd.Index(items["developer"])))
    return numbered[numbered["developer"] >= 0].reset_index(drop=True)
