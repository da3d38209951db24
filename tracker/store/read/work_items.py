"""Work items as SQL: entries summed by developer × task × activity, with arm, status and estimate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Integer,
    String,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.sql.selectable import CTE

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.domain.times import DAY_SECONDS
from tracker.store.read.arm_rules import (
    NO_DAY,
    arm_by_day,
    arm_by_flags,
    value_at_first_entry,
    with_cutovers,
)
from tracker.store.schema import entries, tasks, work_items

KEY = ("developer", "task", "activity")

entry_end: ColumnElement[int] = func.coalesce(
    entries.c.ended_epoch,
    entries.c.started_epoch + entries.c.seconds + entries.c.interruption_seconds,
)
"""The instant at which an entry's work ended."""


def chosen(selection: Selection) -> list[ColumnElement[bool]]:
    """What an entry must satisfy to be of the selection; its days and project are its item's matter."""
    conditions: list[ColumnElement[bool]] = []
    if selection.activities:
        conditions.append(entries.c.activity.in_(selection.activities))
    if selection.team is not None:
        conditions.append(entries.c.team == selection.team)
    if selection.developer is not None:
        conditions.append(entries.c.developer == selection.developer)
    return conditions


def within_days(day: ColumnElement[int], selection: Selection) -> list[ColumnElement[bool]]:
    """The selection's first and last day, as conditions on ``day``."""
    conditions: list[ColumnElement[bool]] = []
    if selection.first_day is not None:
        conditions.append(day >= selection.first_day)
    if selection.last_day is not None:
        conditions.append(day <= selection.last_day)
    return conditions


def work_item_cte(selection: Selection, rule: ArmRule, maturity: MaturityRule) -> CTE:
    """One row per work item of the selection, whatever its arm (NULL: none) and status.

    developer, task, activity, arm, day, month (of its first entry), last_day, cutover (day, NULL but for rollouts),
    started_epoch, finished_epoch (NULL while open), status, minutes, estimate_minutes (NULL where missing), project.
    """
    worked = _worked(selection, rule)
    minutes = cast(worked.c.seconds, Double) / 60.0
    recorded = func.coalesce(work_items.c.completed_epoch, tasks.c.completed_epoch)
    finished = case(
        (recorded <= maturity.now_epoch, recorded),
        (
            worked.c.ended_epoch <= maturity.now_epoch - maturity.quiet_days * DAY_SECONDS,
            worked.c.ended_epoch,
        ),
    )
    conditions = within_days(worked.c.day, selection)
    if selection.project is not None:
        conditions.append(tasks.c.project == selection.project)
    source: FromClause = worked.outerjoin(
        work_items, and_(*(work_items.c[key] == worked.c[key] for key in KEY))
    )
    source = source.outerjoin(tasks, tasks.c.task == worked.c.task)
    return (
        select(
            *(worked.c[key] for key in KEY),
            _arm(rule, worked).label("arm"),
            *(worked.c[name] for name in ("day", "month", "last_day", "cutover", "started_epoch")),
            finished.label("finished_epoch"),
            _status(worked, finished, maturity).label("status"),
            minutes.label("minutes"),
            func.coalesce(_made_before(worked), _positive(tasks.c.estimate_minutes)).label(
                "estimate_minutes"
            ),
            tasks.c.project,
        )
        .select_from(source)
        .where(*conditions)
        .cte("items")
    )


def _worked(selection: Selection, rule: ArmRule) -> CTE:
    """The inner GROUP BY: what the entries alone say of an item."""
    source, cutover = with_cutovers(rule) if rule.by == "rollout" else (entries, None)
    first_cutover = (
        null()
        if cutover is None
        else func.nullif(value_at_first_entry(func.coalesce(cutover, NO_DAY)), NO_DAY)
    )
    told = arm_by_flags(rule) if rule.by == "assisted" else null()
    return (
        select(
            *(entries.c[key] for key in KEY),
            func.sum(entries.c.seconds).label("seconds"),
            func.min(entries.c.started_epoch).label("started_epoch"),
            func.max(entry_end).label("ended_epoch"),
            value_at_first_entry(entries.c.local_day).label("day"),
            value_at_first_entry(entries.c.local_month).label("month"),
            func.max(entries.c.local_day).label("last_day"),
            cast(first_cutover, Integer).label("cutover"),
            cast(told, String).label("told"),
        )
        .select_from(source)
        .where(*chosen(selection))
        .group_by(*(entries.c[key] for key in KEY))
        .cte("worked")
    )


def _arm(rule: ArmRule, worked: CTE) -> ColumnElement[Any]:
    if rule.by == "assigned":
        return work_items.c.assigned
    return worked.c.told if rule.by == "assisted" else arm_by_day(worked.c.day, worked.c.cutover)


def _status(
    worked: CTE, finished: ColumnElement[Any], maturity: MaturityRule
) -> ColumnElement[str]:
    """What hinders an item first: unfinished, else begun too late to be sure, else without a minute."""
    late = (
        []
        if maturity.last_start_day is None
        else [(worked.c.day > maturity.last_start_day, "immature")]
    )
    return case(
        (finished.is_(None), "open"), *late, (worked.c.seconds == 0, "zero"), else_="closed"
    )


def _made_before(worked: CTE) -> ColumnElement[Any]:
    """The item's own estimate, unless it was made when the work had begun: then it may know the outcome."""
    made = work_items.c.estimated_epoch
    beforehand = or_(made.is_(None), made <= worked.c.started_epoch)
    return case(
        (and_(work_items.c.estimate_minutes > 0, beforehand), work_items.c.estimate_minutes)
    )


def _positive(estimate: ColumnElement[Any]) -> ColumnElement[Any]:
    """An estimate of 0 or less is missing."""
    return case((estimate > 0, estimate))
