"""Who worked in a part of the log: developers by team, tasks, and the assistants they named."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from tracker.domain.records import Selection
from tracker.store.read.entry_totals import totals_of
from tracker.store.read.work_items import entry_conditions


def developers_by_team(connection: Connection, selection: Selection) -> dict[str | None, set[str]]:
    """Return the developers with entries in each team; None is work without a team."""
    totals = totals_of(connection, selection, by_own_day=True)
    query = select(totals.c.team, totals.c.developer).where(
        *entry_conditions(connection, selection, totals)
    )
    teams: dict[str | None, set[str]] = {}
    for team, developer in connection.execute(query.distinct()):
        teams.setdefault(team or None, set()).add(developer)
    return teams


def teams_at_work(connection: Connection, selection: Selection, names: Collection[str]) -> set[str]:
    """Return teams with entries, at least those of some names that have any.

    Looking for a few names is fast; only if one is not found as it is written, all teams are read.
    """
    totals = totals_of(connection, selection, by_own_day=True)
    conditions = entry_conditions(connection, selection, totals)
    for name in names:
        query = select(totals.c.team).where(*conditions, totals.c.team == name).limit(1)
        if connection.execute(query).first() is None:
            return {team for team in developers_by_team(connection, selection) if team}
    return set(names)


def task_count(connection: Connection, selection: Selection) -> int:
    """Return the number of tasks with entries."""
    totals = totals_of(connection, selection, by_own_day=True)
    query = select(func.count(totals.c.task.distinct())).where(
        *entry_conditions(connection, selection, totals)
    )
    return int(connection.execute(query).scalar_one())


def assistants_named(connection: Connection, selection: Selection) -> list[str]:
    """Return the assistants that entries with assistance name, those of most entries first."""
    totals = totals_of(connection, selection, by_own_day=True)
    query = (
        select(totals.c.assistant)
        .where(
            *entry_conditions(connection, selection, totals),
            totals.c.assisted == "yes",
            totals.c.assistant != "",
        )
        .group_by(totals.c.assistant)
        .order_by(func.sum(totals.c.entries).desc(), totals.c.assistant)
    )
    return list(connection.execute(query).scalars())
