"""Reads a log into pools: the work items of one team and activity, by their first entry."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from tracker.domain import ids
from tracker.domain.records import ArmRule, Cutover, MaturityRule, Selection
from tracker.sources import registry
from tracker.sources.foreign_log import ImportContext
from tracker.sources.table.column_map import read_map
from tracker.store.database import Database
from tracker.store.read import aggregates
from tracker.store.read.work_items import selection_conditions
from tracker.store.schema import entries
from tracker.store.upgrade import open_database
from tracker.store.write import imports

KEY = ["developer", "task"]

EVERYBODY = "everybody"
"""The single team of a log that names no team."""

ALL_ASSISTED = ArmRule("rollout", (Cutover(day=-1_000_000),))
"""Gives every work item an arm: the query returns only items that have one."""


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

    def __len__(self) -> int:
        return len(self.minutes)

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


def import_log(url: str, log: tuple[Path, Path], tasks: tuple[Path, Path] | None) -> Database:
    """Return a new database that holds a log and its task list. Invalid rows are left out.

    Args:
        url: Where to create the database.
        log: A time log in CSV, and its map.
        tasks: A task list in CSV, and its map.

    Raises:
        TrackerError: A file or a map cannot be read.

    """
    database = open_database(url, now=lambda: dt.datetime.now(dt.UTC))
    entry_ids = ids.uuid7s(time.time_ns(), random.Random())
    for kind, files in (("csv", log), ("tasks", tasks)):
        if files is None:
            continue
        path, map_path = files
        with path.open("rb") as file:
            foreign_log = registry.open_log(
                kind, file, path.name, ImportContext(ids=entry_ids, map=read_map(map_path))
            )
            imports.import_records(
                database,
                foreign_log.records,
                source=foreign_log.source,
                file=path.name,
                now_epoch=database.now_epoch,
                on_error="skip",
            )
    return database


def read_pools(database: Database, activities: tuple[str, ...]) -> list[Pool]:
    """Return the pools of a log. "Now" is the log's last instant."""
    with database.reading() as connection:
        last = aggregates.log_span(connection, Selection()).last_epoch
        if last is None:
            return []
        names = connection.execute(
            select(entries.c.team).distinct().order_by(entries.c.team)
        ).scalars()
        teams = [team for team in names if team is not None] or [None]
        return [
            pool
            for team in teams
            for pool in _team_pools(connection, team, activities, MaturityRule(last))
        ]


def _team_pools(
    connection: Connection, team: str | None, activities: tuple[str, ...], maturity: MaturityRule
) -> Iterator[Pool]:
    for activity in activities:
        selection = Selection(team=team).with_activities(activity)
        items = aggregates.items(connection, selection, ALL_ASSISTED, maturity)
        usable = items[
            (items["status"] == "closed") & (items["minutes"] > 0) & (items["estimate_minutes"] > 0)
        ]
        if len(usable):
            yield _pool(team or EVERYBODY, activity, usable, _entries(connection, selection))


def _entries(connection: Connection, selection: Selection) -> pd.DataFrame:
    """The entries of a team and activity: developer, task, started_epoch, minutes."""
    columns = (entries.c.developer, entries.c.task, entries.c.started_epoch, entries.c.seconds)
    frame = aggregates.read_frame(
        connection, select(*columns).where(*selection_conditions(selection))
    )
    return frame.assign(minutes=frame.pop("seconds") / 60.0)


def _pool(team: str, activity: str, items: pd.DataFrame, entry_rows: pd.DataFrame) -> Pool:
    first = entry_rows.groupby(KEY, as_index=False)["started_epoch"].min()
    ordered = items.merge(first, on=KEY).sort_values(["started_epoch", *KEY], ignore_index=True)
    positions = ordered[KEY].assign(position=ordered.index)
    entries_by_item = (
        entry_rows[entry_rows["minutes"] > 0]
        .merge(positions, on=KEY)
        .sort_values("position", kind="stable")
    )
    return Pool(
        team=team,
        activity=activity,
        key=ordered[KEY],
        developer=pd.factorize(ordered["developer"], sort=True)[0].astype(np.int64),
        day=ordered["day"].to_numpy(dtype=np.int64),
        month=ordered["month"].to_numpy(dtype=np.int64),
        minutes=ordered["minutes"].to_numpy(dtype=np.float64),
        estimate_minutes=ordered["estimate_minutes"].to_numpy(dtype=np.float64),
        entry_minutes=entries_by_item["minutes"].to_numpy(dtype=np.float64),
        entries_before=np.searchsorted(
            entries_by_item["position"].to_numpy(), np.arange(len(ordered) + 1)
        ),
    )
