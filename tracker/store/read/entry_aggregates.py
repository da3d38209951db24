"""Aggregates of single entries: how the log was kept, and where the time went."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    FromClause,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.sql.selectable import CTE

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.domain.times import DAY_SECONDS
from tracker.store.conditions import WORK_ITEM_KEY, spellings, whole_sum
from tracker.store.read.aggregates import read_frame
from tracker.store.read.arm_rules import BASELINE, NEVER
from tracker.store.read.entry_totals import COUNTS, PART_COLUMNS, parts_of, totals_of
from tracker.store.read.temporary import shared
from tracker.store.read.usage import COLLECT
from tracker.store.read.work_items import (
    entry_conditions,
    is_estimated,
    selection_conditions,
    work_item_cte,
)
from tracker.store.schema import changes, entries, entry_totals

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
    query = select(*(entries.c[name] for name in ENTRY_COLUMNS)).where(
        *entry_conditions(connection, selection)
    )
    return read_frame(
        connection, query.order_by(entries.c.developer, entries.c.started_epoch, entries.c.id)
    )


def answers_after_rollout(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return what the entries on or after the rollout say about assistance.

    The entries are those of closed work items with an arm and an estimate, whichever arm it is. An
    item has one cutover, that of its first entry.

    Returns:
        One row per ``developer`` and ``activity`` with the number of ``entries`` and, of those,
        ``unassisted``: that say that no assistant was used.
    """
    parts = _parts(
        connection,
        selection,
        work_item_cte(connection, selection, rule, maturity),
        lambda items, totals: [
            items.c.arm.is_not(None),
            items.c.status == "closed",
            is_estimated(items),
            totals.c.last_day >= items.c.cutover,
        ],
        lambda items: {"day": [items.c.cutover]},
    )
    keys = (parts.c.developer, parts.c.activity)
    is_no = parts.c.assisted == "no"
    query = (
        select(
            *keys,
            whole_sum(parts.c.entries).label("entries"),
            whole_sum(case((is_no, parts.c.entries), else_=0)).label("unassisted"),
        )
        .where(parts.c.first_day >= parts.c.cutover)
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
    items = work_item_cte(connection, selection, rule, maturity)
    totals = totals_of(connection, selection)
    keys = [items.c.activity, items.c.arm]
    sums = {name: totals.c[name] for name in ("entries", "seconds", *COUNTS)}
    query = (
        select(
            *keys,
            *(whole_sum(value).label(name) for name, value in sums.items()),
        )
        .select_from(items.join(totals, _same_item(items, totals)))
        .where(items.c.arm.is_not(None), *selection_conditions(selection, totals))
    )
    frame = read_frame(connection, query.group_by(*keys).order_by(*keys))
    by_day = _quality_by_day(connection, selection, items, recent_days)
    edited = _edited_after(connection, selection, items)
    index = ["activity", "arm"]
    for further in (by_day, edited):
        frame = frame.merge(further, on=index, how="left", validate="one_to_one")
    return frame.assign(edited_after=frame["edited_after"].fillna(0).astype("int64"))


def _quality_by_day(
    connection: Connection,
    selection: Selection,
    items: CTE,
    recent_days: tuple[int, int] | None,
) -> pd.DataFrame:
    """Return the columns of :func:`quality` that depend on days of the question."""
    first, last = recent_days or (NEVER, NEVER)
    parts = _parts(
        connection,
        selection,
        items,
        lambda items, _totals: [items.c.arm.is_not(None)],
        lambda items: {
            "day": [items.c.cutover, literal(first), literal(last + 1)],
            "logged_epoch": [_after_epoch(items)],
        },
    )
    part = parts.c
    is_baseline = part.arm == BASELINE
    sums = {
        "recent_seconds": (
            and_(part.first_day >= first, part.last_day <= last),
            part.seconds,
        ),
        "straddle_seconds": (is_baseline & (part.first_day >= part.cutover), part.seconds),
        "logged_after": (
            is_baseline
            & (part.last_day < part.cutover)
            & (part.first_logged_epoch >= _after_epoch(parts)),
            part.entries,
        ),
    }
    keys = [part.activity, part.arm]
    query = select(
        *keys,
        *(
            whole_sum(case((condition, value), else_=0)).label(name)
            for name, (condition, value) in sums.items()
        ),
    )
    return read_frame(connection, query.group_by(*keys))


def _edited_after(connection: Connection, selection: Selection, items: CTE) -> pd.DataFrame:
    """Return the number of entries before the cutover that were edited after it, if there are any.

    They are found by the change log, which of most entries says only that they were added.
    """
    edited = (
        select(items.c.activity, items.c.arm, entries.c.developer, entries.c.id)
        .select_from(
            changes.join(
                entries,
                and_(changes.c.developer == entries.c.developer, changes.c.row_key == entries.c.id),
            ).join(items, _same_item(items, entries))
        )
        .where(
            changes.c.table_name == entries.name,
            changes.c.before.is_not(None),
            changes.c.undone_by.is_(None),
            changes.c.verb != COLLECT,  # it changes no minutes
            changes.c.verb.not_in(("undo", "redo")),
            changes.c.changed_epoch >= _after_epoch(items),
            items.c.arm == BASELINE,
            entries.c.local_day < items.c.cutover,
            *selection_conditions(selection),
        )
        .distinct()
        .cte("edited")
    )
    keys = [edited.c.activity, edited.c.arm]
    return read_frame(connection, select(*keys, func.count().label("edited_after")).group_by(*keys))


def _after_epoch(rows: CTE) -> ColumnElement[int]:
    """Return the instant from which a change is certainly made after the cutover."""
    return (cast(rows.c.cutover, BigInteger) + 1 + ZONE_SLACK_DAYS) * DAY_SECONDS


def _parts(
    connection: Connection,
    selection: Selection,
    items: CTE,
    conditions: Callable[[CTE, FromClause], list[ColumnElement[bool]]],
    limits: Callable[[CTE], dict[str, list[ColumnElement[int]]]],
) -> CTE:
    """Return the totals of work items in parts that no limit divides.

    Args:
        connection: The transaction.
        selection: The part of the log.
        items: The work items.
        conditions: Returns the conditions for work items joined with totals.
        limits: Returns the limits, of the columns of the totals joined with the work items.
    """
    totals = totals_of(connection, selection)
    rows = (
        select(
            *(items.c[name] for name in ("arm", "cutover")), *(totals.c[n] for n in PART_COLUMNS)
        )
        .select_from(items.join(totals, _same_item(items, totals)))
        .where(*conditions(items, totals), *selection_conditions(selection, totals))
        .cte("rows_of_items")
    )
    return parts_of(rows, limits(rows), selection_conditions(selection))


def _same_item(items: CTE, table: FromClause) -> ColumnElement[bool]:
    return and_(*(items.c[key] == table.c[key] for key in WORK_ITEM_KEY))


def assisted_basis(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return how many entries have which flag, on which basis.

    Returns:
        One row per ``activity``, ``assisted`` and ``basis`` (missing where unknown) with ``n``
        entries and their ``seconds``. Those of all activities are read once in a transaction.
    """
    every = selection.with_activities()
    frame = shared(connection, ("basis", every), lambda: _assisted_basis(connection, every))
    if not selection.activities:
        return frame
    return frame[frame["activity"].isin(spellings(*selection.activities))].reset_index(drop=True)


def _assisted_basis(connection: Connection, selection: Selection) -> pd.DataFrame:
    totals = totals_of(connection, selection, by_own_day=True)
    keys = [totals.c.activity, totals.c.assisted, func.nullif(totals.c.basis, "").label("basis")]
    query = select(
        *keys,
        whole_sum(totals.c.entries).label("n"),
        whole_sum(totals.c.seconds).label("seconds"),
    ).where(*entry_conditions(connection, selection, totals))
    return read_frame(connection, query.group_by(*keys).order_by(*keys))


def minutes_in_other_activities(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> pd.DataFrame:
    """Return the time a developer spent on a closed work item's task in other activities.

    Returns:
        One row per ``activity`` and ``arm`` of the item and per ``other`` activity: ``n`` items
        with such time, and their sums ``minutes`` and ``minutes_squared``.
    """
    items = work_item_cte(connection, selection, rule, maturity)
    totals = entry_totals
    same_task = and_(
        totals.c.developer == items.c.developer,
        totals.c.task == items.c.task,
        totals.c.activity != items.c.activity,
        *entry_conditions(connection, Selection(cells=selection.cells), totals),
    )
    other_time = (
        select(
            items.c.activity,
            items.c.arm,
            totals.c.activity.label("other"),
            (cast(func.sum(totals.c.seconds), Double) / 60.0).label("minutes"),
        )
        .select_from(items.join(totals, same_task))
        .where(items.c.arm.is_not(None), items.c.status == "closed")
        .group_by(items.c.developer, items.c.task, items.c.activity, items.c.arm, totals.c.activity)
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
