"""Checks of a database: its schema, its pages, who may read it, and its entries."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, cast, distinct, func, select

from tracker.domain.counts import count_of, first_of
from tracker.domain.errors import StoreError
from tracker.domain.ids import id_end
from tracker.domain.plausibility import count_of_entries
from tracker.domain.times import DAY_SECONDS
from tracker.store import revisions
from tracker.store.database import Database
from tracker.store.duplicates import has_time_of_day
from tracker.store.read import plausibility
from tracker.store.read.estimate_aggregates import estimate_match
from tracker.store.read.unreadable import count_unreadable, unreadable_ids
from tracker.store.schema import entries
from tracker.store.write import entry_totals

_YEAR_1990 = 631_152_000
_MONTH_DAYS = 30.436875
_MAX_LISTED = 5
"""Maximum number of entries that a finding names."""
_ROWS_AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    check: str
    ok: bool
    """Whether nothing is wrong."""
    message: str
    """The result and, where something is wrong or unlikely, what to do."""
    warning: bool = False
    """Whether something is possible but unlikely."""


def examine(database: Database) -> list[Finding]:
    """Check a database without changing it.

    Returns:
        One finding per check; for the entries one per kind of fault, or a single good one. A check
        that a damaged file does not allow is a finding too.

    Raises:
        StoreError: The database cannot be read at all.
    """
    checks: dict[str, Callable[[Connection], list[Finding]]] = {
        "schema": lambda connection: [_schema(connection)],
        "integrity": lambda connection: [_integrity(connection)],
        "privacy": lambda _connection: [_modes(database)],
        "entries": lambda connection: _entries(connection, database.now_epoch),
        "estimates": _estimates,
        "totals": lambda connection: [_totals(connection)],
    }
    if not database.sqlite:
        del checks["integrity"], checks["privacy"]
    findings: list[Finding] = []
    errors: list[StoreError] = []
    for name, check in checks.items():
        try:
            with database.reading() as connection:
                if name in ("entries", "estimates", "totals") and not _schema(connection).ok:
                    continue  # other tables than this program's have perhaps no such columns
                findings += check(connection)
        except StoreError as error:
            errors.append(error)
            findings.append(Finding(name, ok=False, message=str(error)))
    if len(errors) == len(checks):
        raise errors[0]
    return findings


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


def _totals(connection: Connection) -> Finding:
    """Compare the table of totals with the sums of the entries."""
    difference = entry_totals.difference(connection)
    if difference.missing or difference.surplus:
        return Finding(
            "totals",
            ok=False,
            message=f"the totals of entries are not their sums ({difference.missing:,} are missing,"
            f" {difference.surplus:,} are wrong): `tracker db rebuild` sums them anew.",
        )
    return Finding("totals", ok=True, message="the totals of entries are their sums.")


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
    """Count entries whose values are impossible or unlikely; a single good finding without any."""
    findings = [
        *_impossible(connection),
        *_unlikely(connection, now_epoch),
        *_unreadable(connection),
        *_possible_duplicates(connection),
    ]
    if findings:
        return findings
    count = connection.execute(select(func.count()).select_from(entries)).scalar_one()
    return [Finding("entries", ok=True, message=f"{count_of_entries(count)}, all plausible.")]


def _impossible(connection: Connection) -> list[Finding]:
    """Count entries whose values contradict each other."""
    column = entries.c
    day = cast(column.local_day, BigInteger)  # PostgreSQL would overflow its integer
    noon_off = day * DAY_SECONDS + DAY_SECONDS // 2 - column.started_epoch
    month_off = column.local_month * _MONTH_DAYS + _MONTH_DAYS / 2 - column.local_day
    impossible: dict[str, ColumnElement[bool]] = {
        "from before 1990": column.started_epoch < _YEAR_1990,
        "with an end before the start": column.ended_epoch < column.started_epoch,
        # noon ± 12 h, and zones up to ± 14 h
        "with another local day than that of the start": func.abs(noon_off) > 27 * 3600,
        "with another month than that of the day": func.abs(month_off) > 20,
    }
    counts = connection.execute(
        select(*(func.count().filter(condition) for condition in impossible.values())).select_from(
            entries
        )
    ).one()
    return [
        Finding(
            "entries",
            ok=False,
            message=f"{count_of_entries(n)} {fault}: find them with `tracker entries`, and"
            " `tracker edit` them.",
        )
        for fault, n in zip(impossible, counts, strict=True)
        if n
    ]


def _unlikely(connection: Connection, now_epoch: int) -> list[Finding]:
    """Count entries that are possible but unlikely, and name units that are probably wrong."""
    kinds = plausibility.implausible_entries(connection, clock_epoch=now_epoch)
    messages = [
        f"{count_of_entries(kind.count)} {kind.phrase} "
        f"({first_of([id_end(id_) for id_ in kind.ids], kind.count)}): "
        "correct what is wrong with `tracker edit ID`."
        for kind in kinds
    ]
    return [
        *(Finding("entries", ok=True, message=message, warning=True) for message in messages),
        *(
            Finding("units", ok=True, message=message, warning=True)
            for message in plausibility.unit_messages(connection)
        ),
    ]


def _unreadable(connection: Connection) -> list[Finding]:
    """Name the entries whose zone or time cannot be interpreted."""
    count = count_unreadable(connection)
    if not count:
        return []
    names = [
        f"{id_end(id_)} in zone {zone!r}" for id_, zone in unreadable_ids(connection, _MAX_LISTED)
    ]
    rest = f" and {count - len(names)} more" if count > len(names) else ""
    message = (
        f"{count_of_entries(count)} with a zone or a time that cannot be read"
        f" ({', '.join(names)}{rest}): their developer corrects them with"
        " `tracker edit ID --tz ZONE --from T`, or with `tracker delete ID`."
    )
    return [Finding("entries", ok=False, message=message)]


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
        f"{count_of(number, 'possible duplicate')}: the same developer has another entry with the "
        "same start. See `tracker entries`; `tracker delete` the wrong one, or import the file "
        "again with --update."
    )
    return [Finding("entries", ok=False, message=message)]


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
