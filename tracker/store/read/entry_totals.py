"""Entries summed by work item, month, team and answer on assistance: the table of totals.

The table holds the sums that depend on no question. Where a question divides a row, by a day or by
the clock, the sums are those of its entries: :func:`totals_of` and :func:`parts_of` decide that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.sql.selectable import CTE

from tracker.domain.plausibility import CLOCK_SLACK_SECONDS
from tracker.domain.records import Selection
from tracker.domain.stored_times import FIRST_DAY, FIRST_EPOCH, LAST_DAY, LAST_EPOCH
from tracker.domain.times import DAY_SECONDS
from tracker.store.conditions import (
    WORK_ITEM_KEY,
    count_where,
    matches_name,
    whole_sum,
    within_days,
)
from tracker.store.read import plausibility
from tracker.store.read.arm_rules import value_at_first_entry
from tracker.store.read.temporary import shared, shared_rows
from tracker.store.schema import entries, entry_totals

LATE_DAYS = 2
"""An entry logged more days than that after its end is late."""

_e = entries.c
_is_readable = and_(
    _e.started_epoch.between(FIRST_EPOCH, LAST_EPOCH), _e.local_day.between(FIRST_DAY, LAST_DAY)
)
_end: ColumnElement[int] = func.coalesce(
    _e.ended_epoch,
    case((_is_readable, _e.started_epoch + _e.seconds + _e.interruption_seconds)),
    _e.started_epoch,
)

_KEY: dict[str, ColumnElement[Any]] = {
    **{name: _e[name] for name in (*WORK_ITEM_KEY, "local_month")},
    "team": func.coalesce(_e.team, "", type_=String),
    "assisted": _e.assisted,
    "basis": func.coalesce(_e.basis, "", type_=String),
    "assistant": func.coalesce(_e.assistant, "", type_=String),
    "readable": cast(case((_is_readable, true()), else_=false()), Boolean),
}

_COUNTS: dict[str, ColumnElement[bool]] = {
    **{
        f"heaped_{minutes}": (_e.seconds > 0) & (_e.seconds % (minutes * 60) == 0)
        for minutes in (15, 30, 60)
    },
    **plausibility.IMPLAUSIBLE,
    **plausibility.UNIT_COUNTS,
    "late": _is_readable & (_e.logged_epoch > _end + LATE_DAYS * DAY_SECONDS),
}
COUNTS = (*_COUNTS, "overlapping")
"""The columns that count entries with a property."""

_ROW_KEY = tuple(name for name in _KEY if name != "readable")
PART_COLUMNS = (
    *_ROW_KEY,
    *("entries", "seconds", "first_day", "last_day", "first_logged_epoch", "last_logged_epoch"),
)
"""The columns of the parts of totals."""


def summed_entries(
    *conditions: ColumnElement[bool],
    source: FromClause = entries,
    overlapping: Select[Any] | None = None,
) -> Select[Any]:
    """Return the query that sums entries to rows of the table of totals.

    Args:
        *conditions: Which entries; all without any.
        source: The entries, perhaps joined with what limits them.
        overlapping: The developers and ids of those that overlap; None: found in the whole log.
    """
    started = case((_is_readable, _e.started_epoch), else_=0)
    day = case((_is_readable, _e.local_day), else_=0)
    overlaps = tuple_(_e.developer, _e.id).in_(
        overlapping_entries() if overlapping is None else overlapping
    )
    measures: dict[str, ColumnElement[Any]] = {
        "entries": func.count(),
        "seconds": whole_sum(_e.seconds),
        "first_epoch": func.min(_e.started_epoch),
        "ended_epoch": func.max(_end),
        "last_epoch": func.max(plausibility.last_instant),
        "day_at_first": value_at_first_entry(day, started),
        "first_day": func.min(_e.local_day),
        "last_day": func.max(_e.local_day),
        "first_logged_epoch": func.min(_e.logged_epoch),
        "last_logged_epoch": func.max(_e.logged_epoch),
        **{name: count_where(condition) for name, condition in _COUNTS.items()},
        "overlapping": count_where(overlaps),
    }
    return (
        select(*(value.label(name) for name, value in {**_KEY, **measures}.items()))
        .select_from(source)
        .where(*conditions)
        .group_by(*_KEY.values())
    )


def overlapping_entries(
    bounds: FromClause | None = None, conditions: Sequence[ColumnElement[bool]] = ()
) -> Select[Any]:
    """Return the developers and ids of entries that begin before an earlier one ends.

    Both are the same developer's, of any activity, and both ends are stored.

    Args:
        bounds: The ``developer``s whose entries are examined, with the first and the last start
            (``first_epoch``, ``last_epoch``); None: all.
        conditions: Further conditions for developers.
    """
    source: FromClause = entries
    if bounds is not None:
        source = bounds.join(
            entries,
            and_(
                _e.developer == bounds.c.developer,
                _e.started_epoch.between(bounds.c.first_epoch, bounds.c.last_epoch),
            ),
        )
    latest = func.max(_e.ended_epoch).over(
        partition_by=_e.developer, order_by=(_e.started_epoch, _e.id), rows=(None, -1)
    )
    names = ("developer", "id", "started_epoch", "ended_epoch")
    columns = (*(_e[name] for name in names), latest.label("earlier_end_epoch"))
    ordered = select(*columns).select_from(source).where(*conditions).cte("ordered")
    is_overlapping = ordered.c.earlier_end_epoch > ordered.c.started_epoch
    query = select(ordered.c.developer, ordered.c.id).where(ordered.c.ended_epoch.is_not(None))
    if bounds is None:
        return query.where(is_overlapping)
    before = (
        select(bounds.c.developer, func.max(_e.ended_epoch).label("ended_epoch"))
        .select_from(
            bounds.join(
                entries,
                and_(_e.developer == bounds.c.developer, _e.started_epoch < bounds.c.first_epoch),
            )
        )
        .group_by(bounds.c.developer)
        .cte("before")
    )
    return query.select_from(
        ordered.outerjoin(before, before.c.developer == ordered.c.developer)
    ).where(is_overlapping | (before.c.ended_epoch > ordered.c.started_epoch))


def totals_of(
    connection: Connection, selection: Selection, *, by_own_day: bool = False
) -> FromClause:
    """Return the totals from which the entries of a selection can be summed.

    That is the table, unless the clock or a day divides the entries of a row: then the entries are
    summed anew. Conditions on the columns of the key remain the caller's.

    Args:
        connection: The transaction.
        selection: The part of the log.
        by_own_day: Whether the selection's days are those of entries, not of work items.
    """
    conditions = []
    if selection.clock_epoch is not None and _lies_after(connection, selection.clock_epoch):
        conditions.append(plausibility.until(selection.clock_epoch))
    if by_own_day:
        conditions += within_days(_e.local_day, selection.first_day, selection.last_day)
    if not conditions:
        return entry_totals
    days = (selection.first_day, selection.last_day) if by_own_day else None
    developer = selection.developer
    of_developer = [] if developer is None else [matches_name(_e.developer, developer)]
    return shared_rows(
        connection,
        "entry_totals_in_time",
        (selection.clock_epoch, days, developer),
        lambda: summed_entries(
            *conditions,
            *of_developer,
            overlapping=overlapping_entries(conditions=of_developer),
        ),
        index=WORK_ITEM_KEY,
    )


def parts_of(
    rows: CTE, limits: Mapping[str, Sequence[ColumnElement[int]]], conditions: Sequence[Any]
) -> CTE:
    """Return totals, and single entries instead of the rows that a limit divides.

    Args:
        rows: Totals, perhaps joined with work items. All columns are kept.
        limits: By the end of the names of two columns (``day``, ``logged_epoch``) the first of the
            values after a division. A limit may be NULL.
        conditions: Conditions for the entries, besides those of the key.

    Returns:
        The columns of ``rows`` that are not counts. No part has values on both sides of a limit.
    """
    is_divided = or_(
        false(),
        *(
            func.coalesce(
                (rows.c[f"first_{name}"] < limit) & (rows.c[f"last_{name}"] >= limit), false()
            )
            for name, values in limits.items()
            for limit in values
        ),
    )
    own = {
        "entries": literal(1, Integer),
        "seconds": _e.seconds,
        "first_day": _e.local_day,
        "last_day": _e.local_day,
        "first_logged_epoch": _e.logged_epoch,
        "last_logged_epoch": _e.logged_epoch,
    }
    names = [column.key for column in rows.c]
    same_row = and_(*(_KEY[name] == rows.c[name] for name in _ROW_KEY))
    single = (
        select(*(own.get(name, rows.c[name]).label(name) for name in names))
        .select_from(rows.join(entries, same_row))
        .where(is_divided, *conditions)
    )
    return union_all(select(*rows.c).where(not_(is_divided)), single).cte("parts")


def _lies_after(connection: Connection, clock_epoch: int) -> bool:
    """Return whether any entry lies after the clock."""
    limit = clock_epoch + CLOCK_SLACK_SECONDS

    def find() -> bool:
        query = select(exists().where(entry_totals.c.last_epoch > limit))
        return bool(connection.execute(query).scalar_one())

    return shared(connection, ("lies after", limit), find)
