"""Entries whose zone or instants cannot be interpreted: counted, and named for their correction."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from tracker.domain.stored_times import FIRST_EPOCH, LAST_EPOCH, stored_zone
from tracker.store.conditions import has_readable_start, whole_sum
from tracker.store.schema import entries, entry_totals


def unreadable_condition(connection: Connection) -> ColumnElement[bool]:
    """Return the condition that an entry cannot be interpreted, for the zones of a database."""
    zones = connection.execute(select(entries.c.zone).distinct()).scalars().all()
    instants = (entries.c.ended_epoch, entries.c.logged_epoch)
    return or_(
        entries.c.zone.in_([zone for zone in zones if stored_zone(zone) is None]),
        *(~column.between(FIRST_EPOCH, LAST_EPOCH) for column in instants),
        ~and_(*has_readable_start()),
    )


def count_unreadable(connection: Connection) -> int:
    """Return the number of entries that cannot be interpreted."""
    query = select(func.count()).select_from(entries).where(unreadable_condition(connection))
    return connection.execute(query).scalar_one()


def count_left_out(connection: Connection) -> int:
    """Return the number of entries that the evidence leaves out: their start is no time."""
    query = select(func.coalesce(whole_sum(entry_totals.c.entries), 0))
    return int(connection.execute(query.where(~entry_totals.c.readable)).scalar_one())


def unreadable_ids(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Return the id and the zone of entries that cannot be interpreted, by their ids."""
    query = select(entries.c.id, entries.c.zone).where(unreadable_condition(connection))
    rows = connection.execute(query.order_by(entries.c.id).limit(limit))
    return [(str(row.id), str(row.zone)) for row in rows]
