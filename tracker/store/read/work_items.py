"""Work items as SQL: entries summed by developer, task and activity, with arm, status, estimate."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql.selectable import CTE

from tracker.domain.records import ArmRule, CellSelection, MaturityRule, Selection
from tracker.domain.times import DAY_SECONDS
from tracker.store.conditions import (
    WORK_ITEM_KEY,
    has_readable_start,
    matches_any_name,
    matches_name,
    whole_sum,
    within_days,
)
from tracker.store.read import plausibility
from tracker.store.read.arm_rules import (
    BASELINE,
    NO_DAY,
    arm_by_day,
    arm_by_flags,
    value_at_first_entry,
    with_cutovers,
)
from tracker.store.read.cells import in_ranges, items_by_month, range_table, with_team_numbers
from tracker.store.read.entry_totals import totals_of
from tracker.store.read.temporary import shared_rows
from tracker.store.schema import entries, tasks, work_items

_TABLES = (work_items, tasks)
"""The tables of estimates; a work item's own counts before its task's."""
_ENTRY_PREFIX = "entry_"
"""Of the tables for conditions of entries, which may stand beside those of work items."""


def selection_conditions(
    selection: Selection, table: FromClause = entries
) -> list[ColumnElement[bool]]:
    """Return the conditions of a selection for an entry, and that its start can be interpreted.

    Its days and its project are not among them: they are conditions for work items.

    Args:
        selection: The part of the log.
        table: The entries, or what :func:`tracker.store.read.entry_totals.totals_of` returns.
    """
    conditions = has_readable_start(table)
    if selection.clock_epoch is not None and table is entries:
        conditions.append(plausibility.until(selection.clock_epoch))
    if selection.activities:
        conditions.append(matches_any_name(table.c.activity, selection.activities))
    if selection.excluded_activity is not None:
        conditions.append(not_(matches_name(table.c.activity, selection.excluded_activity)))
    if selection.team is not None:
        conditions.append(matches_name(table.c.team, selection.team))
    if selection.developer is not None:
        conditions.append(matches_name(table.c.developer, selection.developer))
    if selection.cells is not None:
        conditions.append(table.c.local_month <= selection.cells.last_month)
    return conditions


def entry_conditions(
    connection: Connection, selection: Selection, table: FromClause = entries
) -> list[ColumnElement[bool]]:
    """Return all conditions of a selection for entries that are used by themselves.

    The days are the entry's own; the project is that of its task; cells are those of its work item.

    Args:
        connection: The transaction.
        selection: The part of the log.
        table: The entries, or what :func:`selected_totals` returns.
    """
    conditions = selection_conditions(selection, table)
    if table is entries:
        conditions += within_days(entries.c.local_day, selection.first_day, selection.last_day)
    if selection.project is not None:
        of_project = select(tasks.c.task).where(matches_name(tasks.c.project, selection.project))
        conditions.append(table.c.task.in_(of_project))
    if selection.cells is not None and selection.cells.ranges is not None:
        items = items_of_ranges(connection, selection.cells)
        conditions.append(tuple_(*(table.c[key] for key in WORK_ITEM_KEY)).in_(items))
    return conditions


def items_of_ranges(connection: Connection, cells: CellSelection) -> Select[Any]:
    """Return the keys of the work items of cells."""

    def query() -> Select[Any]:
        items = items_by_month(connection, cells.teams, cells.last_month).alias("items")
        past = select(
            *(items.c[key] for key in WORK_ITEM_KEY),
            items.c.past_team_number.label("team_number"),
            items.c.past_month.label("month"),
        ).cte("past_items")
        ranges = range_table(cells.ranges or (), prefix=_ENTRY_PREFIX)
        source, has_range = in_ranges(
            past.outerjoin(tasks, tasks.c.task == past.c.task), past, ranges
        )
        return select(*(past.c[key] for key in WORK_ITEM_KEY)).select_from(source).where(has_range)

    rows = shared_rows(connection, "items_of_cells", cells, query)
    return select(*(rows.c[key] for key in WORK_ITEM_KEY))


def work_item_cte(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> CTE:
    """Return one row per work item of the selection, of whatever arm and status.

    Returns:
        ``developer``, ``task``, ``activity``; ``arm`` (NULL: none); ``day`` and ``month`` of the
        first entry; ``last_day`` of the entries; ``cutover`` (a day; NULL without one);
        ``started_epoch``; ``finished_epoch`` (NULL while open) and ``settled_epoch``, from which it
        counts as finished; ``status``; ``minutes``; ``estimate_minutes`` (NULL where missing),
        ``estimate_points`` (NULL where missing, or where there are minutes) and
        ``estimated_epoch`` (NULL where not known, of the estimate that counts);
        ``assistance_share`` (NULL: one half); ``project``.
    """
    whole, unlimited = without_limits(selection, maturity)
    rows = work_items_of_rule(connection, whole, rule, unlimited)
    conditions = within_days(rows.c.day, selection.first_day, selection.last_day)
    if selection.activities:
        conditions.append(matches_any_name(rows.c.activity, selection.activities))
    if selection.excluded_activity is not None:
        conditions.append(not_(matches_name(rows.c.activity, selection.excluded_activity)))
    columns = [
        _status(rows, maturity).label("status") if column.name == "status" else column
        for column in rows.c
    ]
    return select(*columns).where(*conditions).cte("items")


def without_limits(selection: Selection, maturity: MaturityRule) -> tuple[Selection, MaturityRule]:
    """Return the selection of all activities and days, and the maturity of items of any start."""
    whole = dataclasses.replace(
        selection, activities=(), excluded_activity=None, first_day=None, last_day=None
    )
    return whole, dataclasses.replace(maturity, last_start_day=None)


def work_items_of_rule(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> FromClause:
    """Return the work items of all activities and days, computed once in a transaction.

    Args:
        connection: The transaction.
        selection: The part of the log, from :func:`without_limits`.
        rule: The arm rule.
        maturity: When an item counts as complete, from :func:`without_limits`.

    Returns:
        The columns of :func:`work_item_cte`, by developer, task and activity.
    """
    return shared_rows(
        connection,
        "work_items_of_rule",
        (selection, rule, maturity),
        lambda: _work_items(connection, selection, rule, maturity),
        index=("activity", "developer"),
    )


def _work_items(
    connection: Connection, selection: Selection, rule: ArmRule, maturity: MaturityRule
) -> Select[Any]:
    """Return the query for the work items, of whichever start."""
    worked = _summed_entries(connection, selection, rule)
    minutes = cast(worked.c.seconds, Double) / 60.0
    early = {
        name: [_early_estimate(table.c[name], table.c.estimated_epoch, worked) for table in _TABLES]
        for name in ("estimate_minutes", "estimate_points")
    }
    estimate_minutes, estimate_points = (func.coalesce(*columns) for columns in early.values())
    dates = [table.c.estimated_epoch for table in _TABLES]
    recorded = func.coalesce(work_items.c.completed_epoch, tasks.c.completed_epoch)
    quiet_seconds = maturity.quiet_days * DAY_SECONDS
    is_recorded = recorded <= maturity.now_epoch
    is_quiet = worked.c.ended_epoch <= maturity.now_epoch - quiet_seconds
    finished = case((is_recorded, recorded), (is_quiet, worked.c.ended_epoch))
    settled = case((is_recorded, recorded), (is_quiet, worked.c.ended_epoch + quiet_seconds))
    status = case((finished.is_(None), "open"), (worked.c.seconds == 0, "zero"), else_="closed")
    conditions = []
    if selection.project is not None:
        conditions.append(matches_name(tasks.c.project, selection.project))
    source: FromClause = worked.outerjoin(
        work_items, and_(*(work_items.c[key] == worked.c[key] for key in WORK_ITEM_KEY))
    )
    source = source.outerjoin(tasks, tasks.c.task == worked.c.task)
    if selection.cells is not None and selection.cells.ranges is not None:
        ranges = range_table(selection.cells.ranges)
        source, has_range = in_ranges(source, worked, ranges)
        conditions.append(has_range)
    keys = [worked.c[key] for key in WORK_ITEM_KEY]
    return (
        select(
            *keys,
            _arm(rule, worked).label("arm"),
            *(worked.c[name] for name in ("day", "month", "last_day", "cutover", "started_epoch")),
            finished.label("finished_epoch"),
            settled.label("settled_epoch"),
            status.label("status"),
            minutes.label("minutes"),
            estimate_minutes.label("estimate_minutes"),
            case((estimate_minutes.is_(None), estimate_points)).label("estimate_points"),
            case(
                *(
                    (estimate.is_not(None), date)
                    for estimates in early.values()
                    for estimate, date in zip(estimates, dates, strict=True)
                )
            ).label("estimated_epoch"),
            work_items.c.assistance_share,
            tasks.c.project,
        )
        .select_from(source)
        .where(*conditions)
        .order_by(*keys)
    )


def _summed_entries(connection: Connection, selection: Selection, rule: ArmRule) -> CTE:
    """Return the inner GROUP BY: what the entries alone tell of a work item."""
    totals = totals_of(connection, selection)
    started = totals.c.first_epoch
    source, cutover = with_cutovers(rule, totals) if rule.by == "rollout" else (totals, None)
    first_cutover = (
        null()
        if cutover is None
        else func.nullif(value_at_first_entry(func.coalesce(cutover, NO_DAY), started), NO_DAY)
    )
    flagged_arm = arm_by_flags(rule, totals) if rule.by == "assisted" else null()
    first_team: ColumnElement[Any] = null()
    if selection.cells is not None and selection.cells.ranges is not None:
        source, team_number = with_team_numbers(source, selection.cells.teams, table=totals)
        first_team = value_at_first_entry(team_number, started)
    return (
        select(
            *(totals.c[key] for key in WORK_ITEM_KEY),
            whole_sum(totals.c.seconds).label("seconds"),
            func.min(started).label("started_epoch"),
            func.max(totals.c.ended_epoch).label("ended_epoch"),
            value_at_first_entry(totals.c.day_at_first, started).label("day"),
            value_at_first_entry(totals.c.local_month, started).label("month"),
            func.max(totals.c.last_day).label("last_day"),
            first_team.label("team_number"),
            cast(first_cutover, Integer).label("cutover"),
            cast(flagged_arm, String).label("flagged_arm"),
        )
        .select_from(source)
        .where(*selection_conditions(selection, totals))
        .group_by(*(totals.c[key] for key in WORK_ITEM_KEY))
        .cte("worked")
    )


def _arm(rule: ArmRule, worked: CTE) -> ColumnElement[Any]:
    if rule.by == "assigned":
        return work_items.c.assigned
    if rule.by == "baseline":
        return literal(BASELINE, String)
    return (
        worked.c.flagged_arm
        if rule.by == "assisted"
        else arm_by_day(worked.c.day, worked.c.cutover)
    )


def _status(rows: FromClause, maturity: MaturityRule) -> ColumnElement[str]:
    """Return ``open``, else ``immature`` (begun too late), else ``zero``, else ``closed``."""
    if maturity.last_start_day is None:
        return rows.c.status
    is_immature = and_(rows.c.status != "open", rows.c.day > maturity.last_start_day)
    return case((is_immature, "immature"), else_=rows.c.status)


def is_estimated(items: CTE) -> ColumnElement[bool]:
    """Return the condition that a work item has an estimate that counts, in whichever unit."""
    return or_(items.c.estimate_minutes.is_not(None), items.c.estimate_points.is_not(None))


def _early_estimate(
    estimate: ColumnElement[Any], estimated: ColumnElement[Any], worked: CTE
) -> ColumnElement[Any]:
    """Return an estimate in ``work_items`` or ``tasks``, NULL where it does not count.

    It does not where it is 0 or less, or made after the item's work began: a later estimate may
    have been made with the outcome in mind. One made in the second in which the work begins is
    early enough: `start --estimate` records both at once. An estimate without a date counts.
    """
    is_early = or_(estimated.is_(None), estimated <= worked.c.started_epoch)
    return case((and_(estimate > 0, is_early), estimate))
