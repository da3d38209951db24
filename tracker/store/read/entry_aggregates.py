"""Reductions of single entries, for what sums over work items cannot show: how the log was kept, where time went."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    select,
    tuple_,
)

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.domain.times import DAY_SECONDS
from tracker.store.read.aggregates import read_frame
from tracker.store.read.arm_rules import BASELINE, entry_arm
from tracker.store.read.work_items import (
    KEY,
    chosen,
    entry_end,
    within_days,
    work_item_cte,
)
from tracker.store.schema import changes, entries, tasks

LISTED = (
    *(
        "developer",
        "team",
        "task",
        "activity",
        "started_epoch",
        "local_day",
        "seconds",
        "interruption_seconds",
    ),
    *("assisted", "basis", "assistant", "logged_epoch", "source"),
)

LATE_DAYS = 2
LONG_SECONDS = 12 * 3600
ZONE_SLACK_DAYS = 1
"""Local days begin up to 14 hours beside the UTC day: what is counted as "after the rollout" leaves that day out."""


def entry_frame(connection: Connection, selection: Selection) -> pd.DataFrame:
    """One row per entry, by developer and start: the columns of ``LISTED``. A selection's days are the entry's own.

    Notes and tags are left out: what people write to themselves.
    """
    query = select(*(entries.c[name] for name in LISTED)).where(
        *chosen(selection), *within_days(entries.c.local_day, selection)
    )
    if selection.project is not None:
        query = query.join(tasks, tasks.c.task == entries.c.task).where(
            tasks.c.project == selection.project
        )
    return read_frame(
        connection, query.order_by(entries.c.developer, entries.c.started_epoch, entries.c.id)
    )


def quality(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """How the entries of the work items that have an arm were kept; one row per activity and arm (of the item).

    Columns, all counts of entries unless the name says otherwise: activity, arm, entries, seconds; heaped_15,
    heaped_30, heaped_60 (seconds a multiple of so many minutes, and not 0); over_12h; late (written down more than 2
    days after its end); overlapping (begins before an earlier entry of the same developer, in whatever activity,
    ends; both ends must be known); straddle_seconds (worked on or after the cutover on items begun before it);
    logged_after and edited_after (of work before the cutover: written down, or changed, after the cutover).
    """
    items = work_item_cte(selection, rule, maturity)
    before = (items.c.arm == BASELINE) & (entries.c.local_day < items.c.cutover)
    straddles = (items.c.arm == BASELINE) & (entries.c.local_day >= items.c.cutover)
    after_epoch = (cast(items.c.cutover, BigInteger) + 1 + ZONE_SLACK_DAYS) * DAY_SECONDS
    edited = exists().where(
        changes.c.developer == entries.c.developer,
        changes.c.table_name == entries.name,
        changes.c.row_key == entries.c.id,
        changes.c.changed_epoch >= after_epoch,
        changes.c.before.is_not(None),
        changes.c.undone_by.is_(None),
        changes.c.verb != "undo",
    )
    counts: dict[str, ColumnElement[bool]] = {
        f"heaped_{m}": (entries.c.seconds > 0) & (entries.c.seconds % (m * 60) == 0)
        for m in (15, 30, 60)
    }
    counts |= {
        "over_12h": entries.c.seconds > LONG_SECONDS,
        "late": entries.c.logged_epoch > entry_end + LATE_DAYS * DAY_SECONDS,
        "overlapping": tuple_(entries.c.developer, entries.c.id).in_(_overlapping(selection)),
        "logged_after": before & (entries.c.logged_epoch >= after_epoch),
        "edited_after": before & edited,
    }
    same_item = and_(*(items.c[key] == entries.c[key] for key in KEY))
    keys = [items.c.activity, items.c.arm]
    query = (
        select(
            *keys,
            func.count().label("entries"),
            func.sum(entries.c.seconds, type_=BigInteger).label("seconds"),
            *(_how_many(condition).label(name) for name, condition in counts.items()),
            func.sum(case((straddles, entries.c.seconds), else_=0), type_=BigInteger).label(
                "straddle_seconds"
            ),
        )
        .select_from(items.join(entries, same_item))
        .where(items.c.arm.is_not(None), *chosen(selection))
    )
    return read_frame(connection, query.group_by(*keys).order_by(*keys))


def hours(connection: Connection, selection: Selection, rule: ArmRule) -> pd.DataFrame:
    """Where the time went: activity, arm, seconds, entries, developers; of all activities, whichever are selected.

    The arm is that of the entry itself: by its own day for rollouts, its own flag for assisted, its item's drawn arm
    for assigned. The selection's days are the entry's own.
    """
    source, arm = entry_arm(rule)
    source, conditions = _of_project(source, selection)
    keys = [entries.c.activity, arm.label("arm")]
    theirs = (
        select(
            *keys,
            func.sum(entries.c.seconds, type_=BigInteger).label("seconds"),
            func.count().label("entries"),
        )
        .select_from(source)
        .where(arm.is_not(None), *chosen(selection.only()), *conditions)
        .group_by(entries.c.developer, *keys)
        .cte("theirs")
    )
    sums = (
        func.sum(theirs.c[name], type_=BigInteger).label(name) for name in ("seconds", "entries")
    )
    query = select(theirs.c.activity, theirs.c.arm, *sums, func.count().label("developers"))
    return read_frame(connection, query.group_by(*theirs.c[:2]).order_by(*theirs.c[:2]))


def assisted_basis(connection: Connection, selection: Selection) -> pd.DataFrame:
    """What is known of assistance: activity, assisted, basis (missing where unknown), n, seconds; of entries."""
    source, conditions = _of_project(entries, selection)
    keys = [entries.c.activity, entries.c.assisted, entries.c.basis]
    query = (
        select(
            *keys,
            func.count().label("n"),
            func.sum(entries.c.seconds, type_=BigInteger).label("seconds"),
        )
        .select_from(source)
        .where(*chosen(selection), *conditions)
    )
    return read_frame(connection, query.group_by(*keys).order_by(*keys))


def minutes_in_other_activities(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Time that the same developer spent on the same task in other activities, beside each closed work item.

    Columns: activity and arm (of the item), other (activity), n (items with such time), minutes, minutes_squared (sums
    over those items).
    """
    items = work_item_cte(selection, rule, maturity)
    same_task = and_(
        entries.c.developer == items.c.developer,
        entries.c.task == items.c.task,
        entries.c.activity != items.c.activity,
    )
    beside = (
        select(
            items.c.activity,
            items.c.arm,
            entries.c.activity.label("other"),
            (cast(func.sum(entries.c.seconds), Double) / 60.0).label("minutes"),
        )
        .select_from(items.join(entries, same_task))
        .where(items.c.arm.is_not(None), items.c.status == "closed")
        .group_by(
            items.c.developer, items.c.task, items.c.activity, items.c.arm, entries.c.activity
        )
        .cte("beside")
    )
    keys = [beside.c.activity, beside.c.arm, beside.c.other]
    minutes = beside.c.minutes
    query = select(
        *keys,
        func.count().label("n"),
        func.sum(minutes, type_=Double).label("minutes"),
        func.sum(minutes * minutes, type_=Double).label("minutes_squared"),
    )
    return read_frame(connection, query.where(minutes > 0).group_by(*keys).order_by(*keys))


def _overlapping(selection: Selection) -> Select[tuple[str, str]]:
    """The entries (developer, id) of the selection's developers that begin before an earlier one of theirs ends."""
    earlier = func.max(entries.c.ended_epoch).over(
        partition_by=entries.c.developer,
        order_by=(entries.c.started_epoch, entries.c.id),
        rows=(None, -1),
    )
    names = ("developer", "id", "started_epoch", "ended_epoch")
    every = select(*(entries.c[name] for name in names), earlier.label("earlier_end_epoch"))
    whose = chosen(selection.only())
    if whose:
        every = every.where(
            entries.c.developer.in_(select(entries.c.developer).where(*whose).distinct())
        )
    seen = every.cte("seen")
    return select(seen.c.developer, seen.c.id).where(
        seen.c.earlier_end_epoch > seen.c.started_epoch, seen.c.ended_epoch.is_not(None)
    )


def _of_project(
    source: FromClause, selection: Selection
) -> tuple[FromClause, list[ColumnElement[bool]]]:
    """Entries by their own day and, through their task, by project."""
    conditions = within_days(entries.c.local_day, selection)
    if selection.project is None:
        return source, conditions
    return source.join(tasks, tasks.c.task == entries.c.task), [
        *conditions,
        tasks.c.project == selection.project,
    ]


def _how_many(condition: ColumnElement[Any]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0), type_=BigInteger)
