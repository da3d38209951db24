"""Checks of a database: its schema, its pages, who may read it, and its entries."""

from __future__ import annotations

import stat
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from tracker.domain.times import DAY_SECONDS
from tracker.store import revisions
from tracker.store.database import Database
from tracker.store.read.estimate_aggregates import estimate_match
from tracker.store.schema import entries

_YEAR_1990 = 631_152_000
_MONTH_DAYS = 30.436875


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
            *_estimates(connection),
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
    return findings or [Finding("entries", ok=True, message=f"{counts[0]} entries, all plausible.")]


def _estimates(connection: Connection) -> list[Finding]:
    """Count estimates of tasks that nobody has worked on. Some are work to come, all are not."""
    match = estimate_match(connection)
    if not match.without_entries:
        return []
    any_matches = match.without_entries < match.estimates
    return [
        Finding(
            "estimates",
            ok=any_matches,
            message=f"{match.without_entries:,} of {match.estimates:,} belong to a task that has no"
            " entries"
            + (
                "."
                if any_matches
                else ": compare how the log and the list of tasks write their keys."
            ),
        )
    ]
