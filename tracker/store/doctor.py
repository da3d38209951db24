"""Checks of a database: its schema, its pages, who may read it, and its entries."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, and_, distinct, func, select

from tracker.domain.times import DAY_SECONDS
from tracker.store import revisions
from tracker.store.database import Database
from tracker.store.duplicates import has_time_of_day
from tracker.store.schema import entries

_YEAR_1990 = 631_152_000
_MONTH_DAYS = 30.436875
_ROWS_AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    check: str
    ok: bool
    """Whether nothing is wrong."""
    message: str
    """The result and, where something is wrong, what to do."""


def examine(database: Database) -> list[Finding]:
    """Check a database without changing it.

    Returns:
        One finding per check; for the entries one per kind of fault, or a single good one.

    Raises:
        StoreError: The database cannot be read.
    """
    with database.reading() as connection:
        return [
            _schema(connection),
            *([_integrity(connection), _modes(database)] if database.sqlite else []),
            *_entries(connection, database.now_epoch),
        ]


def _schema(connection: Connection) -> Finding:
    """Check whether the tables are those of this program."""
    revision, head = revisions.current(connection), revisions.head()
    if revision != head:
        return Finding(
            "schema",
            ok=False,
            message=f"revision {revision or 'none'}, this program's is {head}: "
            "`tracker db upgrade`.",
        )
    drift = revisions.drift(connection)
    if drift:
        return Finding(
            "schema",
            ok=False,
            message=f"revision {revision}, but changed by hand: {'; '.join(drift)}.",
        )
    return Finding("schema", ok=True, message=f"revision {revision}, the newest.")


def _integrity(connection: Connection) -> Finding:
    """Run SQLite's own check of every page and index."""
    faults = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
    if faults == ["ok"]:
        return Finding("integrity", ok=True, message="every page and index is whole.")
    return Finding(
        "integrity",
        ok=False,
        message=f"{'; '.join(faults)}: put back a backup made by `tracker db backup`.",
    )


def _modes(database: Database) -> Finding:
    """Check whether others on this machine may read the file."""
    files = [str(file) for file in database.files() if stat.S_IMODE(file.stat().st_mode) & 0o077]
    if files:
        return Finding(
            "privacy",
            ok=False,
            message=f"others may open {', '.join(files)}: chmod 600 {' '.join(files)}",
        )
    return Finding("privacy", ok=True, message="only its owner may open the file.")


def _entries(connection: Connection, now_epoch: int) -> list[Finding]:
    """Count entries whose values are impossible or implausible."""
    column = entries.c
    noon_off = column.local_day * DAY_SECONDS + DAY_SECONDS // 2 - column.started_epoch
    month_off = column.local_month * _MONTH_DAYS + _MONTH_DAYS / 2 - column.local_day
    implausible: dict[str, ColumnElement[bool]] = {
        "last longer than 24 hours": column.seconds > DAY_SECONDS,
        "begin more than a day from now": column.started_epoch > now_epoch + DAY_SECONDS,
        "begin before 1990": column.started_epoch < _YEAR_1990,
        "end before they begin": column.ended_epoch < column.started_epoch,
        # noon ± 12 h, and zones up to ± 14 h
        "have another local day than their instant": func.abs(noon_off) > 27 * 3600,
        "have another month than their day": func.abs(month_off) > 20,
    }
    counts = connection.execute(
        select(
            func.count(), *(func.count().filter(condition) for condition in implausible.values())
        ).select_from(entries)
    ).one()
    findings = [
        Finding(
            "entries",
            ok=False,
            message=f"{n} {fault}: find them with `tracker entries`, and `tracker edit` them.",
        )
        for fault, n in zip(implausible, counts[1:], strict=True)
        if n
    ]
    findings += _possible_duplicates(connection)
    return findings or [Finding("entries", ok=True, message=f"{counts[0]} entries, all plausible.")]


def _possible_duplicates(connection: Connection) -> list[Finding]:
    """Count entries that begin when another one of their developer does, of another origin.

    Rows of one import are not doubles of each other, and entries of which only the day is known
    begin at noon, all of a day.
    """
    key = (entries.c.developer, entries.c.started_epoch)
    origin = func.coalesce(entries.c.import_id, entries.c.id)
    starts = select(*key).group_by(*key).having(func.count(distinct(origin)) > 1).subquery()
    rows = connection.execute(
        select(*key, entries.c.ended_epoch, entries.c.zone, origin.label("origin"))
        .join(starts, and_(*(starts.c[column.name] == column for column in key)))
        .order_by(*key)
        .execution_options(yield_per=_ROWS_AT_A_TIME)
    )
    number = 0
    for _, group in groupby(rows, key=lambda row: (row.developer, row.started_epoch)):
        origins = {
            row.origin
            for row in group
            if has_time_of_day(row.started_epoch, row.ended_epoch, row.zone)
        }
        number += max(0, len(origins) - 1)
    if not number:
        return []
    message = (
        f"{number} possible duplicates: entries that begin when another one of their developer "
        "does. See `tracker entries`; `tracker delete` the wrong one, or import the file again "
        "with --update."
    )
    return [Finding("entries", ok=False, message=message)]
