"""An arm rule as SQL: on which side of the comparison an entry, and so a work item, falls.

The explicit cutovers travel as one VALUES table a kind (developers, teams) that is joined, so that a thousand of
them cost a look-up and not a thousand conditions. A developer's cutover goes before their team's, the team's before
everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    String,
    case,
    cast,
    column,
    func,
    null,
    select,
    values,
)
from sqlalchemy.sql.selectable import CTE

from tracker.domain.records import Arm, ArmRule, Cutover
from tracker.store.schema import entries, work_items

DAY_SHIFT = 1 << 22
DAY_OFFSET = 1 << 21
NEVER = DAY_OFFSET - 1
"""The cutover of who never gets the assistant but serves as baseline: a day after every other."""
NO_DAY = -DAY_OFFSET

BASELINE: Arm = "baseline"
ASSISTANCE: Arm = "assistance"


def value_at_first_entry(value: ColumnElement[int]) -> ColumnElement[int]:
    """``value`` (a whole number within ±2²¹, not NULL) at the entry that began first: an aggregate over entries.

    Packed below the starting instant into one 64-bit number, whose minimum is unpacked again: one pass and no window,
    and both SQLite and PostgreSQL shift negative numbers alike.
    """
    packed = func.min(entries.c.started_epoch * DAY_SHIFT + value + DAY_OFFSET)
    unpacked: ColumnElement[int] = packed.bitwise_and(DAY_SHIFT - 1) - DAY_OFFSET
    return cast(unpacked, Integer)


def with_cutovers(rule: ArmRule) -> tuple[FromClause, ColumnElement[int]]:
    """``entries`` joined with what tells the cutover day of each, and that day (NULL where there is none).

    With ``never_treated`` an entry without a cutover, in a team where some developer has one, gets ``NEVER``. Work
    logged without a team counts as one team of its own.
    """
    source: FromClause = entries
    days: list[ColumnElement[Any]] = []
    developers = _earliest((c.developer, c) for c in rule.cutovers if c.developer is not None)
    teams = _earliest(
        (c.team, c) for c in rule.cutovers if c.developer is None and c.team is not None
    )
    everybody = [c.day for c in rule.cutovers if c.developer is None and c.team is None]
    if developers:
        by_developer = _table("developer_cutovers", developers)
        source = source.outerjoin(by_developer, by_developer.c.who == entries.c.developer)
        days.append(by_developer.c.day)
    if teams:
        by_team = _table("team_cutovers", teams)
        source = source.outerjoin(by_team, by_team.c.who == entries.c.team)
        days.append(by_team.c.day)
    if everybody:
        days.append(cast(min(everybody), Integer))
    elif developers and rule.never_treated:
        treated = _treated_teams(by_developer)
        source = source.outerjoin(treated, treated.c.team == _team())
        days.append(case((treated.c.team.is_not(None), NEVER)))
    return source, func.coalesce(*days, null()) if days else cast(null(), Integer)


def arm_by_day(day: ColumnElement[int], cutover: ColumnElement[int]) -> ColumnElement[str | None]:
    """The arm of what happened on ``day``; NULL without a cutover."""
    return case((day >= cutover, ASSISTANCE), (cutover.is_not(None), BASELINE))


def arm_by_flags(rule: ArmRule) -> ColumnElement[str | None]:
    """The arm by the flags of an item's entries (an aggregate): any yes, else all no, else NULL."""
    yes, no = (
        func.max(case((_said(rule, "yes"), 1), else_=0)),
        func.min(case((_said(rule, "no"), 1), else_=0)),
    )
    return case((yes == 1, ASSISTANCE), (no == 1, BASELINE))


def entry_arm(rule: ArmRule) -> tuple[FromClause, ColumnElement[str | None]]:
    """The arm of a single entry, by its own day or flag (the drawn arm is its item's), and what to read it from."""
    if rule.by == "rollout":
        source, cutover = with_cutovers(rule)
        return source, arm_by_day(entries.c.local_day, cutover)
    if rule.by == "assisted":
        return entries, case((_said(rule, "yes"), ASSISTANCE), (_said(rule, "no"), BASELINE))
    same_item = [work_items.c[key] == entries.c[key] for key in ("developer", "task", "activity")]
    return entries.outerjoin(
        work_items, same_item[0] & same_item[1] & same_item[2]
    ), work_items.c.assigned


def _said(rule: ArmRule, answer: str) -> ColumnElement[bool]:
    told = entries.c.assisted == answer
    return told & entries.c.basis.in_(rule.bases) if rule.bases else told


def _earliest(cutovers: Iterable[tuple[str | None, Cutover]]) -> list[tuple[str, int]]:
    """(who, day), one a name: of two assistants after each other the first makes the cutover."""
    days: dict[str, int] = {}
    for who, cutover in cutovers:
        if who is not None:
            days[who] = min(cutover.day, days.get(who, cutover.day))
    return sorted(days.items())


def _table(name: str, rows: list[tuple[str, int]]) -> CTE:
    listed = values(column("who", String), column("day", Integer), name=f"{name}_listed").data(rows)
    given = listed.cte(f"{name}_listed")
    # SQLite joins through an index of its own making only where the name is stated to be text and kept as a table
    typed = select(cast(given.c.who, String).label("who"), cast(given.c.day, Integer).label("day"))
    return typed.cte(name).prefix_with("MATERIALIZED")


def _treated_teams(by_developer: CTE) -> CTE:
    team = cast(_team(), String).label("team")
    treated = select(team).where(entries.c.developer.in_(select(by_developer.c.who))).distinct()
    return treated.cte("treated_teams").prefix_with("MATERIALIZED")


def _team() -> ColumnElement[str]:
    return func.coalesce(entries.c.team, "")
