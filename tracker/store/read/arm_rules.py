"""An arm rule as SQL: the arm of an entry, and so of a work item.

The cutovers of developers and of teams are joined as one VALUES table each, so that a thousand of
them cost a look-up and not a thousand conditions. A developer's cutover takes precedence over the
team's, and the team's over everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import starmap
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    String,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    null,
    select,
    values,
)
from sqlalchemy.sql.selectable import CTE
from sqlalchemy.types import TypeEngine

from tracker.domain.records import Arm, ArmRule, Cutover
from tracker.store.schema import entries, entry_totals, work_items

DAY_SHIFT = 1 << 22
DAY_OFFSET = 1 << 21
NEVER = DAY_OFFSET - 1
"""The cutover of developers who never get the assistant but serve as baseline: a day after every
other.
"""
NO_DAY = -DAY_OFFSET
"""Stands for NULL where a day is packed into a number."""

BASELINE: Arm = "baseline"
ASSISTANCE: Arm = "assistance"


def recorded_arm_sources(connection: Connection) -> set[str]:
    """Return what besides rollouts arms are recorded by: ``assigned``, ``assisted``, or both.

    ``assisted`` needs an entry that says yes: a log that only says no has nothing to compare.
    """
    conditions = {
        "assigned": exists().where(work_items.c.assigned.is_not(None)),
        "assisted": exists().where(entry_totals.c.assisted == "yes"),
    }
    results = connection.execute(select(*conditions.values())).one()
    return {name for name, is_recorded in zip(conditions, results, strict=True) if is_recorded}


def value_at_first_entry(
    value: ColumnElement[int], started_epoch: ColumnElement[int]
) -> ColumnElement[int]:
    """Return the value at the entry that began first, as an aggregate over entries or totals.

    The value is packed below the start into a 64-bit number, whose minimum is unpacked: one pass
    and no window function. SQLite and PostgreSQL treat negative numbers alike here.

    Args:
        value: A whole number within ±2²¹, not NULL.
        started_epoch: The start; of totals that of the first entry.
    """
    packed = func.min(started_epoch * DAY_SHIFT + value + DAY_OFFSET)
    unpacked: ColumnElement[int] = packed.bitwise_and(DAY_SHIFT - 1) - DAY_OFFSET
    return cast(unpacked, Integer)


def literal_table(
    name: str, columns: Mapping[str, type[TypeEngine[Any]]], rows: list[tuple[Any, ...]]
) -> CTE:
    """Return rows as a table with these columns.

    SQLite joins through an automatic index only if the columns have types and the CTE is
    materialised.
    """
    listed = values(*starmap(column, columns.items()), name=f"{name}_listed").data(rows)
    untyped = listed.cte(f"{name}_listed")
    typed = select(*(cast(untyped.c[key], kind).label(key) for key, kind in columns.items()))
    return typed.cte(name).prefix_with("MATERIALIZED")


def with_cutovers(
    rule: ArmRule, table: FromClause = entries
) -> tuple[FromClause, ColumnElement[int]]:
    """Return entries joined with their cutovers, and the cutover day of each.

    The day is NULL where there is none. With ``never_treated`` an entry without a cutover, in a
    team where some developer has one, gets ``NEVER``. Work logged without a team counts as
    one team.

    Args:
        rule: The rule.
        table: The entries, or their totals.
    """
    source: FromClause = table
    days: list[ColumnElement[Any]] = []
    developers = _earliest((c.developer, c) for c in rule.cutovers if c.developer is not None)
    teams = _earliest(
        (c.team, c) for c in rule.cutovers if c.developer is None and c.team is not None
    )
    everybody = [c.day for c in rule.cutovers if c.developer is None and c.team is None]
    if developers:
        by_developer = _cutover_table("developer_cutovers", developers)
        source = source.outerjoin(by_developer, by_developer.c.name == table.c.developer)
        days.append(by_developer.c.day)
    if teams:
        by_team = _cutover_table("team_cutovers", teams)
        source = source.outerjoin(by_team, by_team.c.name == table.c.team)
        days.append(by_team.c.day)
    if everybody:
        days.append(cast(min(everybody), Integer))
    elif developers and rule.never_treated:
        treated = _treated_teams(by_developer)
        team = func.coalesce(table.c.team, "")
        source = source.outerjoin(treated, treated.c.team == team)
        days.append(case((treated.c.team.is_not(None), NEVER)))
    return source, func.coalesce(*days, null()) if days else cast(null(), Integer)


def arm_by_day(day: ColumnElement[int], cutover: ColumnElement[int]) -> ColumnElement[str | None]:
    """Return the arm of work on a day; NULL without a cutover."""
    return case((day >= cutover, ASSISTANCE), (cutover.is_not(None), BASELINE))


def arm_by_flags(rule: ArmRule, table: FromClause) -> ColumnElement[str | None]:
    """Return the arm by the flags of an item's entries, as an aggregate over them or their totals.

    Any yes is assistance, all no is baseline, anything else is NULL.
    """
    any_yes = func.max(case((_is_flagged(rule, "yes", table), 1), else_=0))
    all_no = func.min(case((_is_flagged(rule, "no", table), 1), else_=0))
    return case((any_yes == 1, ASSISTANCE), (all_no == 1, BASELINE))


def entry_arm(rule: ArmRule) -> tuple[FromClause, ColumnElement[str | None]]:
    """Return the arm of a single entry, and the tables to select it from.

    The arm is that of the entry's own day or flag; a drawn arm is that of its work item.
    """
    if rule.by == "rollout":
        source, cutover = with_cutovers(rule)
        return source, arm_by_day(entries.c.local_day, cutover)
    if rule.by == "baseline":
        return entries, literal(BASELINE)
    if rule.by == "assisted":
        return entries, case(
            (_is_flagged(rule, "yes"), ASSISTANCE), (_is_flagged(rule, "no"), BASELINE)
        )
    same_item = and_(
        *(work_items.c[key] == entries.c[key] for key in ("developer", "task", "activity"))
    )
    return entries.outerjoin(work_items, same_item), work_items.c.assigned


def _is_flagged(rule: ArmRule, answer: str, table: FromClause = entries) -> ColumnElement[bool]:
    """Return the condition that an entry has a flag, with one of the rule's bases if it has any."""
    condition = table.c.assisted == answer
    return condition & table.c.basis.in_(rule.bases) if rule.bases else condition


def _earliest(cutovers: Iterable[tuple[str | None, Cutover]]) -> list[tuple[str, int]]:
    """Return the earliest day by name: of two assistants the first one makes the cutover."""
    days: dict[str, int] = {}
    for name, cutover in cutovers:
        if name is not None:
            days[name] = min(cutover.day, days.get(name, cutover.day))
    return sorted(days.items())


def _cutover_table(name: str, rows: list[tuple[str, int]]) -> CTE:
    return literal_table(name, {"name": String, "day": Integer}, [*rows])


def _treated_teams(by_developer: CTE) -> CTE:
    totals = entry_totals.c
    treated = select(totals.team).where(totals.developer.in_(select(by_developer.c.name)))
    return treated.distinct().cte("treated_teams").prefix_with("MATERIALIZED")
