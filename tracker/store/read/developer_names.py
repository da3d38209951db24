"""The present names of developers, by those that they had before `tracker rename developer`."""

from __future__ import annotations

from sqlalchemy import Connection, select

from tracker.domain.names import normalise_name
from tracker.store.schema import developer_aliases


def present_names(connection: Connection) -> dict[str, str]:
    """Return the present name by each former name."""
    rows = connection.execute(select(developer_aliases.c.alias, developer_aliases.c.developer))
    return {row.alias: row.developer for row in rows}


def present_name(connection: Connection, name: str) -> str:
    """Return the name under which a developer's rows are stored: this one, or a later one."""
    name = normalise_name(name)
    query = select(developer_aliases.c.developer).where(developer_aliases.c.alias == name)
    return connection.execute(query).scalar() or name
