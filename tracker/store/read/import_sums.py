"""What the entries of one import are about: people, period, and hours by activity and month."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from tracker.store.schema import entries


@dataclass(frozen=True, slots=True)
class ImportSums:
    """The entries that an import stored, in sums."""

    developers: int
    first_day: int
    """Days are since 1970-01-01, months since January 1970."""
    last_day: int
    seconds_by_activity: Counter[str]
    seconds_by_month: Counter[int]
    seconds_by_assisted: Counter[str]


def import_sums(connection: Connection, import_id: str) -> ImportSums | None:
    """Return the sums of an import's entries; None where it stored none."""
    key = (entries.c.developer, entries.c.activity, entries.c.local_month, entries.c.assisted)
    query = (
        select(
            *key,
            func.sum(entries.c.seconds).label("seconds"),
            func.min(entries.c.local_day).label("first_day"),
            func.max(entries.c.local_day).label("last_day"),
        )
        .where(entries.c.import_id == import_id)
        .group_by(*key)
    )
    rows = list(connection.execute(query))
    if not rows:
        return None
    by_activity: Counter[str] = Counter()
    by_month: Counter[int] = Counter()
    by_assisted: Counter[str] = Counter()
    for row in rows:
        by_activity[row.activity] += int(row.seconds)
        by_month[row.local_month] += int(row.seconds)
        by_assisted[row.assisted] += int(row.seconds)
    return ImportSums(
        developers=len({row.developer for row in rows}),
        first_day=min(row.first_day for row in rows),
        last_day=max(row.last_day for row in rows),
        seconds_by_activity=by_activity,
        seconds_by_month=by_month,
        seconds_by_assisted=by_assisted,
    )
