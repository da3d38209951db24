"""What may be wrong with a database: each check with what it found, in plain words."""

from __future__ import annotations

import stat
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from tracker.domain.times import DAY_SECONDS
from tracker.store import revisions
from tracker.store.database import Database
from tracker.store.schema import entries

_YEAR_1990 = 631_152_000
_MONTH_DAYS = 30.436875


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. ``message`` says what was found and, where it is not well, what to do."""

    check: str
    well: bool
    message: str


def examine(database: Database) -> list[Finding]:
    """Look a database over; nothing is changed."""
    with database.reading() as connection:
        return [
            _schema(connection),
            *([_integrity(connection), _modes(database)] if database.sqlite else []),
            *_entries(connection, database.now_epoch),
        ]


def _schema(connection: Connection) -> Finding:
    """Whether the tables are as this program makes them."""
    at, head = revisions.current(connection), revisions.head()
    if at != head:
        return Finding(
            "schema",
            False,
            f"revision {at or 'none'}, this program's is {head}: `tracker db upgrade`.",
        )
    drift = revisions.drift(connection)
    if drift:
        return Finding("schema", False, f"revision {at}, but changed by hand: {'; '.join(drift)}.")
    return Finding("schema", True, f"revision {at}, the newest.")


def _integrity(connection: Connection) -> Finding:
    """SQLite's own look at every page and index."""
    said = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
    if said == ["ok"]:
        return Finding("integrity", True, "every page and index is whole.")
    return Finding(
        "integrity", False, f"{'; '.join(said)}: put back a backup made by `tracker db backup`."
    )


def _modes(database: Database) -> Finding:
    """Whether others on this machine may read the file."""
    open_ = [str(file) for file in database.files() if stat.S_IMODE(file.stat().st_mode) & 0o077]
    if open_:
        return Finding(
            "privacy", False, f"others may open {', '.join(open_)}: chmod 600 {' '.join(open_)}"
        )
    return Finding("privacy", True, "only its owner may open the file.")


def _entries(connection: Connection, now_epoch: int) -> list[Finding]:
    """Entries whose values cannot be, or hardly."""
    column = entries.c
    noon_off = column.local_day * DAY_SECONDS + DAY_SECONDS // 2 - column.started_epoch
    month_off = column.local_month * _MONTH_DAYS + _MONTH_DAYS / 2 - column.local_day
    implausible: dict[str, ColumnElement[bool]] = {
        "last longer than 24 hours": column.seconds > DAY_SECONDS,
        "begin more than a day from now": column.started_epoch > now_epoch + DAY_SECONDS,
        "begin before 1990": column.started_epoch < _YEAR_1990,
        "end before they begin": column.ended_epoch < column.started_epoch,
        "bear another local day than their instant": func.abs(noon_off)
        > 27 * 3600,  # noon ± 12 h, zones to ± 14 h
        "bear another month than their day": func.abs(month_off) > 20,
    }
    counts = connection.execute(
        select(
            func.count(), *(func.count().filter(condition) for condition in implausible.values())
        ).select_from(entries)
    ).one()
    found = [
        Finding(
            "entries",
            False,
            f"{n} {what}: find them with `tracker entries`, and `tracker edit` them.",
        )
        for what, n in zip(implausible, counts[1:], strict=True)
        if n
    ]
    return found or [Finding("entries", True, f"{counts[0]} entries, all plausible.")]
