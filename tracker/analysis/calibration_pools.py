"""Reads the pools of a calibration: work of a log in which no assistant was at work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd
from sqlalchemy import select

from tracker.analysis.disclosure import Part
from tracker.analysis.study import require_log_span
from tracker.calibration.pools import ITEM_KEY, Pool, build_pools
from tracker.domain.arms import first_cutovers
from tracker.domain.records import ArmRule, Cutover, MaturityRule, Rollout
from tracker.evidence.designs.study_design import last_mature_start_day
from tracker.store.read import aggregates, queries
from tracker.store.read.work_items import selection_conditions
from tracker.store.schema import entries, work_items

_NEVER = Cutover(day=1_000_000)
"""The cutover of everybody who has none: a day after every other."""


def read_pools(
    part: Part,
    activities: Sequence[str],
    *,
    only_mature: bool = True,
    join_small_teams: bool = True,
) -> list[Pool]:
    """Return the pools of the part of a log that is without assistance.

    Left out are work items that began on or after the rollout that concerns them, or for which
    assistance was drawn. From the first entry on in which a developer says that an assistant was
    used, only their items count of which every entry says that none was.

    Args:
        part: The part of the log.
        activities: The activities to calibrate.
        only_mature: Whether to leave out items that began shortly before a rollout or the end of
            the log: within the 90th percentile of the time from start to completion. Of those
            mostly the quick ones are finished, or free of assistance.
        join_small_teams: Whether the teams that are too small for a window are one pool.

    Raises:
        NothingToDo: No entry is selected.

    """
    span = require_log_span(part)
    now_epoch = part.question.now_epoch or span.last_epoch or 0
    selection = part.question.selection.with_activities()
    maturity = MaturityRule(now_epoch)
    rule = _baseline_rule(queries.rollouts(part.connection))
    if only_mature:
        durations = aggregates.durations(part.connection, selection, rule, maturity)
        settling_days = -(last_mature_start_day(durations, now_epoch=0) or 0)
        last_start_day = last_mature_start_day(durations, now_epoch=now_epoch)
        maturity = replace(maturity, last_start_day=last_start_day)
        rule = _earlier(rule, settling_days)
    items = aggregates.items(part.connection, selection, rule, maturity)
    closed = items[(items["status"] == "closed") & (items["arm"] == "baseline")]
    entry_rows = _entries(part)
    excluded = pd.concat([_perhaps_assisted(entry_rows), _drawn_to_assistance(part)])
    keys = pd.MultiIndex.from_frame(closed[ITEM_KEY])
    unassisted = closed[~keys.isin(pd.MultiIndex.from_frame(excluded))]
    return build_pools(unassisted, entry_rows, activities, join_small_teams=join_small_teams)


def _baseline_rule(rollouts: Iterable[Rollout]) -> ArmRule:
    """Return the rule by which work before each rollout, or without one, is ``baseline``."""
    return ArmRule("rollout", (*first_cutovers(rollouts), _NEVER))


def _earlier(rule: ArmRule, days: int) -> ArmRule:
    """Return the rule with all cutovers but ``_NEVER`` some days earlier."""
    return replace(
        rule,
        cutovers=tuple(
            cutover if cutover is _NEVER else replace(cutover, day=cutover.day - days)
            for cutover in rule.cutovers
        ),
    )


def _entries(part: Part) -> pd.DataFrame:
    """Return the entries: developer, task, activity, team, started_epoch, assisted, minutes."""
    names = (*ITEM_KEY, "team", "started_epoch", "assisted", "seconds")
    conditions = selection_conditions(part.question.selection.with_activities())
    query = select(*(entries.c[name] for name in names)).where(*conditions)
    frame = aggregates.read_frame(part.connection, query)
    return frame.assign(minutes=frame.pop("seconds") / 60.0)


def _perhaps_assisted(entry_rows: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of the work items that are not known to be unassisted.

    They have an entry that does not say "no", since their developer first said "yes".
    """
    assisted = entry_rows[entry_rows["assisted"] == "yes"]
    first = assisted.groupby("developer")["started_epoch"].min()
    since = entry_rows["started_epoch"] >= entry_rows["developer"].map(first)
    return entry_rows.loc[since & (entry_rows["assisted"] != "no"), ITEM_KEY]


def _drawn_to_assistance(part: Part) -> pd.DataFrame:
    """Return the keys of the work items for which assistance was drawn."""
    columns = [work_items.c[name] for name in ITEM_KEY]
    query = select(*columns).where(work_items.c.assigned == "assistance")
    return aggregates.read_frame(part.connection, query)
