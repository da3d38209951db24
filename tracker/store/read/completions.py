"""The names that a shell completes, as they are cached on a developer's machine."""

from __future__ import annotations

from sqlalchemy import Column, Connection, select

from tracker.store import schema
from tracker.store.conditions import matches_name

_MAX_ENTRIES = 20
"""Entries that are completed, by their place; the other names are those of these and of teams."""

_MAX_PROJECTS = 200


def names(connection: Connection, developer: str) -> dict[str, list[tuple[str, str]]]:
    """Return (name, description) pairs by kind: entry, assistant, team, project and claim."""
    table, rollouts, claims = schema.entries, schema.rollouts, schema.claims
    query = (
        select(table.c.activity, table.c.task, table.c.assistant, table.c.team)
        .where(matches_name(table.c.developer, developer))
        .order_by(table.c.started_epoch.desc(), table.c.id.desc())
        .limit(_MAX_ENTRIES)
    )
    entries = list(connection.execute(query))
    rolled_out = list(connection.execute(select(rollouts.c.assistant, rollouts.c.team)))
    return {
        "entry": [
            (f"@{place}", f"{row.activity} {row.task}") for place, row in enumerate(entries, 1)
        ],
        "assistant": _pairs([row.assistant for row in (*entries, *rolled_out)]),
        "team": _pairs([row.team for row in (*entries, *rolled_out)]),
        "project": _pairs(_distinct(connection, schema.tasks.c.project)),
        "claim": _pairs(list(connection.execute(select(claims.c.id)).scalars())),
    }


def _distinct(connection: Connection, column: Column[str]) -> list[str | None]:
    return list(connection.execute(select(column).distinct().limit(_MAX_PROJECTS)).scalars())


def _pairs(values: list[str | None]) -> list[tuple[str, str]]:
    return [(value, "") for value in sorted({value for value in values if value})]
