"""Who worked in a part of the log: developers by team, tasks, and the assistants they named."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from tracker.domain.records import Selection
from tracker.store.read.work_items import entry_conditions
from tracker.store.schema import entries


def developers_by_team(connection: Connection, selection: Selection) -> dict[str | None, set[str]]:
    """Return the developers with entries in each team; None is work without a team."""
    query = select(entries.c.team, entries.c.developer).where(*entry_conditions(selection))
    teams: dict[str | None, set[str]] = {}
    for team, developer in connection.execute(query.distinct()):
        teams.setdefault(team or None, set()).add(developer)
    return teams


def teams_at_work(connection: Connection, selection: Selection, names: Collection[str]) -> set[str]:
    """Return teams with entries, at least those of some names that have any.

    Looking for a few names is fast; only if one is not found as it is written, all teams are read.
    """
    conditions = entry_conditions(selection)
    for name in names:
        query = select(entries.c.team).where(*conditions, entries.c.team == name).limit(1)
        if connection.execute(query).first() is None:
            return {team for team in developers_by_team(connection, selection) if team}
    return set(names)


def task_count(connection: Connection, selection: Selection) -> int:
    """Return the number of tasks with entries."""
    query = select(func.count(entries.c.task.distinct())).where(*entry_conditions(selection))
    return int(connection.execute(query).scalar_one())


def assistants_named(connection: Connection, selection: Selection) -> list[str]:
    """Return the assistants that entries with assistance name, those of most entries first."""
    query = (
        select(entries.c.assistant)
        .where(
            *entry_conditions(selection),
            entries.c.assisted == "yes",
            entries.c.assistant.is_not(None),
        )
        .group_by(entries.c.assistant)
        .order_by(func.count().desc(), entries.c.assistant)
    )
    return list(connection.execute(query).scalars())
