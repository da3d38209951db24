"""A log → pools: the work items of each team and activity, in the order in which they were first worked on."""

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
from tracker.store.read import aggregates
from tracker.store.read.work_items import chosen
from tracker.store.schema import entries
from tracker.store.upgrade import Database, open_database
from tracker.store.write import imports

KEY = ["developer", "task"]

EVERYBODY = "everybody"
"""The one team of a log that names none."""

EVERYTHING = ArmRule("rollout", (Cutover(day=-1_000_000),))
"""Gives every work item an arm, so that the reduction hands all of them over."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The finished work items of one team and activity that have an estimate, by their first entry. Arrays: items."""

    team: str
    activity: str
    key: pd.DataFrame
    """developer, task."""
    developer: NDArray[np.int64]
    """A number for each developer, from 0 up."""
    day: NDArray[np.int64]
    """Of the first entry, since 1970."""
    month: NDArray[np.int64]
    minutes: NDArray[np.float64]
    estimate_minutes: NDArray[np.float64]
    entry_minutes: NDArray[np.float64]
    """Of the entries with more than 0 minutes, item after item."""
    entries_before: NDArray[np.int64]
    """How many of those belong to earlier items: items + 1."""

    def __len__(self) -> int:
        return len(self.minutes)

    def entries_of(self, items: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The minutes of these items' entries, and for each the position in ``items`` of the item it belongs to."""
        starts, ends = self.entries_before[items], self.entries_before[items + 1]
        rows = np.concatenate(
            [np.arange(start, end) for start, end in zip(starts, ends, strict=True)]
        )
        return self.entry_minutes[rows], np.repeat(np.arange(len(items)), ends - starts)


def import_log(url: str, log: tuple[Path, Path], tasks: tuple[Path, Path] | None) -> Database:
    """A new database that holds a CSV log, and what is known of its tasks; each comes with its map.

    Rows that cannot be taken are left out.
    """
    database = open_database(url, now=lambda: dt.datetime.now(dt.UTC))
    numbers = ids.uuid7s(time.time_ns(), random.Random())
    for kind, given in (("csv", log), ("tasks", tasks)):
        if given is None:
            continue
        path, map_path = given
        with path.open("rb") as file:
            opened = registry.open_log(
                kind, file, path.name, ImportContext(ids=numbers, map=read_map(map_path))
            )
            imports.import_records(
                database,
                opened.records,
                source=opened.source,
                file=path.name,
                now_epoch=database.now_epoch,
                on_error="skip",
            )
    return database


def read(database: Database, activities: tuple[str, ...]) -> list[Pool]:
    """The pools of a log; "now" is its last instant. Where no team is named at all, everybody is one."""
    with database.reading() as connection:
        last = aggregates.log_span(connection, Selection()).last_epoch
        if last is None:
            return []
        named = connection.execute(
            select(entries.c.team).distinct().order_by(entries.c.team)
        ).scalars()
        teams = [team for team in named if team is not None] or [None]
        return [
            pool
            for team in teams
            for pool in _pools(connection, team, activities, MaturityRule(last))
        ]


def _pools(
    connection: Connection, team: str | None, activities: tuple[str, ...], maturity: MaturityRule
) -> Iterator[Pool]:
    for activity in activities:
        selection = Selection(team=team).only(activity)
        items = aggregates.items(connection, selection, EVERYTHING, maturity)
        usable = items[
            (items["status"] == "closed") & (items["minutes"] > 0) & (items["estimate_minutes"] > 0)
        ]
        if len(usable):
            yield _pool(team or EVERYBODY, activity, usable, _entries(connection, selection))


def _entries(connection: Connection, selection: Selection) -> pd.DataFrame:
    """developer, task, started_epoch and minutes of the entries of a team and activity."""
    columns = (entries.c.developer, entries.c.task, entries.c.started_epoch, entries.c.seconds)
    frame = aggregates.read_frame(connection, select(*columns).where(*chosen(selection)))
    return frame.assign(minutes=frame.pop("seconds") / 60.0)


def _pool(team: str, activity: str, items: pd.DataFrame, entries_: pd.DataFrame) -> Pool:
    first = entries_.groupby(KEY, as_index=False)["started_epoch"].min()
    ordered = items.merge(first, on=KEY).sort_values(["started_epoch", *KEY], ignore_index=True)
    places = ordered[KEY].assign(place=ordered.index)
    worked = (
        entries_[entries_["minutes"] > 0].merge(places, on=KEY).sort_values("place", kind="stable")
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
        entry_minutes=worked["minutes"].to_numpy(dtype=np.float64),
        entries_before=np.searchsorted(worked["place"].to_numpy(), np.arange(len(ordered) + 1)),
    )
