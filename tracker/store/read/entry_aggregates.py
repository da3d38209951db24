"""Aggregates of single entries: how the log was kept, and where the time went."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    Integer,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    not_,
    select,
    tuple_,
)

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.domain.times import DAY_SECONDS
from tracker.store.conditions import WORK_ITEM_KEY, entry_end
from tracker.store.read import plausibility
from tracker.store.read.aggregates import MONDAY_OFFSET, closed_with_estimate, read_frame
from tracker.store.read.arm_rules import BASELINE, arm_by_day, entry_arm, with_cutovers
from tracker.store.read.usage import COLLECT
from tracker.store.read.work_items import (
    entry_conditions,
    selection_conditions,
    work_item_cte,
)
from tracker.store.schema import changes, entries

ENTRY_COLUMNS = (
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
"""An entry logged more days than that after its end is late."""
ZONE_SLACK_DAYS = 1
"""Local days begin up to 14 hours before or after the UTC day: the day of the rollout itself is not
counted as after the rollout.
"""


def entry_frame(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return the selected entries, which are selected by their own day.

    Returns:
        One row per entry by developer and start, with the columns of ENTRY_COLUMNS. Notes and tags
        are left out: people write them for themselves.
    """
    query = select(*(entries.c[name] for name in ENTRY_COLUMNS)).where(*entry_conditions(selection))
    return read_frame(
        connection, query.order_by(entries.c.developer, entries.c.started_epoch, entries.c.id)
    )


def answers_after_rollout(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return what the entries on or after the rollout say of assistance.

    The entries are those of closed work items with an arm and an estimate, whichever arm it is. An
    item has one cutover, that of its first entry.

    Returns:
        One row per ``developer`` and ``activity`` with the number of ``entries`` and, of those,
        ``unassisted``: that say that no assistant was used.
    """
    items = work_item_cte(selection, rule, maturity)
    same_item = and_(*(items.c[key] == entries.c[key] for key in WORK_ITEM_KEY))
    keys = (items.c.developer, items.c.activity)
    counts = (
        func.count().label("entries"),
        func.sum(case((entries.c.assisted == "no", 1), else_=0), type_=Integer).label("unassisted"),
    )
    query = (
        select(*keys, *counts)
        .select_from(entries.join(items, same_item))
        .where(
            *closed_with_estimate(items),
            entries.c.local_day >= items.c.cutover,
            *selection_conditions(selection),
        )
        .group_by(*keys)
        .order_by(*keys)
    )
    return read_frame(connection, query)


def quality(
    connection: Connection,
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
    *,
    recent_days: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Return how the entries of work items with an arm were kept.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        maturity: When an item counts as complete.
        recent_days: The first and the last day of recent work; None: no work is recent.

    Returns:
        One row per ``activity`` and ``arm`` of the item. Counts of entries, except the columns
        of seconds:

        - ``entries``, ``seconds``: all.
        - ``heaped_15``, ``heaped_30``, ``heaped_60``: effort that is a multiple of so many minutes,
          and not 0.
        - ``over_12h``, ``over_24h``, ``beyond_span``: as in
          :data:`tracker.domain.plausibility.PHRASES`.
        - ``with_span``, ``sixtyfold``, ``sixtieth``: entries that have both effort and an end, and
          those of them whose effort is about 60 or 1/60 of the time from start to end.
        - ``late``: logged more than 2 days after its end.
        - ``overlapping``: begins before an earlier entry of the same developer, of any activity,
          ends; both ends must be stored.
        - ``recent_seconds``: effort on the recent days.
        - ``straddle_seconds``: effort on or after the cutover on items begun before it.
        - ``logged_after``, ``edited_after``: work before the cutover that was logged, or edited,
          after it.
    """
    items = work_item_cte(selection, rule, maturity)
    before = (items.c.arm == BASELINE) & (entries.c.local_day < items.c.cutover)
    straddles = (items.c.arm == BASELINE) & (entries.c.local_day >= items.c.cutover)
    is_recent = false() if recent_days is None else entries.c.local_day.between(*recent_days)
    after_epoch = (cast(items.c.cutover, BigInteger) + 1 + ZONE_SLACK_DAYS) * DAY_SECONDS
    edited = exists().where(
        changes.c.developer == entries.c.developer,
        changes.c.table_name == entries.name,
        changes.c.row_key == entries.c.id,
        changes.c.changed_epoch >= after_epoch,
        changes.c.before.is_not(None),
        changes.c.undone_by.is_(None),
        changes.c.verb != COLLECT,  # it changes no minutes
        changes.c.verb.not_in(("undo", "redo")),
    )
    counts: dict[str, ColumnElement[bool]] = {
        f"heaped_{m}": (entries.c.seconds > 0) & (entries.c.seconds % (m * 60) == 0)
        for m in (15, 30, 60)
    }
    counts |= {
        **plausibility.IMPLAUSIBLE,
        **plausibility.UNIT_COUNTS,
        "late": entries.c.logged_epoch > entry_end + LATE_DAYS * DAY_SECONDS,
        "overlapping": tuple_(entries.c.developer, entries.c.id).in_(_overlapping(selection)),
        "logged_after": before & (entries.c.logged_epoch >= after_epoch),
        "edited_after": before & edited,
    }
    same_item = and_(*(items.c[key] == entries.c[key] for key in WORK_ITEM_KEY))
    keys = [items.c.activity, items.c.arm]
    query = (
        select(
            *keys,
            func.count().label("entries"),
            func.sum(entries.c.seconds, type_=BigInteger).label("seconds"),
            *(_count(condition).label(name) for name, condition in counts.items()),
            *(
                func.sum(case((condition, entries.c.seconds), else_=0), type_=BigInteger).label(
                    name
                )
                for name, condition in (
                    ("recent_seconds", is_recent),
                    ("straddle_seconds", straddles),
                )
            ),
        )
        .select_from(items.join(entries, same_item))
        .where(items.c.arm.is_not(None), *selection_conditions(selection))
    )
    return read_frame(connection, query.group_by(*keys).order_by(*keys))


def weekly_hours(
    connection: Connection, selection: Selection, rule: ArmRule, *, first_day: int, last_day: int
) -> pd.DataFrame:
    """Return the effort of each developer by arm and activity, of all activities, in whole weeks.

    The arm is that of the entry: by its own day for rollouts, by its own flag for ``assisted``, its
    item's drawn arm for ``assigned``. The selection's days are the entry's own. With rollouts
    entries without a cutover are left out, and so is the week in which a cutover lies, unless that
    is its Monday.

    Args:
        connection: The transaction.
        selection: The part of the log.
        rule: The arm rule.
        first_day: The Monday of the first whole week.
        last_day: The Sunday of the last one.

    Returns:
        One row per ``developer``, ``arm`` ("" for none) and ``activity``: ``seconds``, and
        ``weeks``, which add up to the weeks in which the developer logged anything: with rollouts
        by arm, otherwise in all.
    """
    source, arm = entry_arm(rule)
    week = _week(entries.c.local_day)
    conditions = [
        *entry_conditions(selection.with_activities()),
        entries.c.local_day.between(first_day, last_day),
    ]
    if rule.by == "rollout":
        source, cutover = with_cutovers(rule)
        arm = arm_by_day(entries.c.local_day, cutover)
        is_divided = and_((cutover + MONDAY_OFFSET) % 7 != 0, _week(cutover) == week)
        conditions += [arm.is_not(None), not_(is_divided)]
    keys = [
        entries.c.developer,
        week.label("week"),
        func.coalesce(arm, "").label("arm"),
        entries.c.activity,
    ]
    sums = (
        select(*keys, func.sum(entries.c.seconds, type_=BigInteger).label("seconds"))
        .select_from(source)
        .where(*conditions)
        .group_by(*keys)
        .cte("sums")
    )
    position = func.row_number().over(
        partition_by=(sums.c.developer, sums.c.week), order_by=(sums.c.arm, sums.c.activity)
    )
    weeks = select(sums, case((position == 1, 1), else_=0).label("first")).cte("weeks")
    groups = [weeks.c[name] for name in ("developer", "arm", "activity")]
    query = select(
        *groups,
        func.sum(weeks.c.seconds, type_=BigInteger).label("seconds"),
        func.sum(weeks.c.first, type_=BigInteger).label("weeks"),
    )
    return read_frame(connection, query.group_by(*groups).order_by(*groups))


def assisted_basis(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return how many entries have which flag, on which basis.

    Returns:
        One row per ``activity``, ``assisted`` and ``basis`` (missing where unknown) with ``n``
        entries and their ``seconds``.
    """
    keys = [entries.c.activity, entries.c.assisted, entries.c.basis]
    query = select(
        *keys,
        func.count().label("n"),
        func.sum(entries.c.seconds, type_=BigInteger).label("seconds"),
    ).where(*entry_conditions(selection))
    return read_frame(connection, query.group_by(*keys).order_by(*keys))


def minutes_in_other_activities(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return the time a developer spent on a closed work item's task in other activities.

    Returns:
        One row per ``activity`` and ``arm`` of the item and per ``other`` activity: ``n`` items
        with such time, and their sums ``minutes`` and ``minutes_squared``.
    """
    items = work_item_cte(selection, rule, maturity)
    same_task = and_(
        entries.c.developer == items.c.developer,
        entries.c.task == items.c.task,
        entries.c.activity != items.c.activity,
        *entry_conditions(Selection(cells=selection.cells)),
    )
    other_time = (
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
        .cte("other_time")
    )
    keys = [other_time.c.activity, other_time.c.arm, other_time.c.other]
    minutes = other_time.c.minutes
    query = select(
        *keys,
        func.count().label("n"),
        func.sum(minutes, type_=Double).label("minutes"),
        func.sum(minutes * minutes, type_=Double).label("minutes_squared"),
    )
    return read_frame(connection, query.where(minutes > 0).group_by(*keys).order_by(*keys))


def _overlapping(selection: Selection) -> Select[tuple[str, str]]:
    """Return the entries that begin before an earlier one of the same developer ends.

    Returns:
        ``developer`` and ``id``, of the developers who have an entry in the selection.
    """
    earlier = func.max(entries.c.ended_epoch).over(
        partition_by=entries.c.developer,
        order_by=(entries.c.started_epoch, entries.c.id),
        rows=(None, -1),
    )
    names = ("developer", "id", "started_epoch", "ended_epoch")
    every = select(*(entries.c[name] for name in names), earlier.label("earlier_end_epoch"))
    conditions = selection_conditions(
        dataclasses.replace(selection, activities=(), clock_epoch=None)
    )
    if conditions:
        every = every.where(
            entries.c.developer.in_(select(entries.c.developer).where(*conditions).distinct())
        )
    ordered = every.cte("ordered")
    return select(ordered.c.developer, ordered.c.id).where(
        ordered.c.earlier_end_epoch > ordered.c.started_epoch, ordered.c.ended_epoch.is_not(None)
    )


def _week(day: ColumnElement[int]) -> ColumnElement[int]:
    """Return the week of a day, as weeks since 1970; they begin on Monday."""
    return (day + MONDAY_OFFSET) // 7


def _count(condition: ColumnElement[Any]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0), type_=BigInteger)
