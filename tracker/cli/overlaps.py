"""Entries of a developer that share time, and the warning of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracker.cli.entry_times import start_of
from tracker.cli.session import Session
from tracker.domain import times
from tracker.domain.plausibility import is_overlap

if TYPE_CHECKING:  # dataclasses and SQLAlchemy are imported with the database
    from tracker.domain.records import Entry
    from tracker.store.database import Database

_LIST = "`tracker entries --overlaps` lists them."


def warn_of_overlaps(session: Session, database: Database, changed: Sequence[Entry]) -> None:
    """Warn if entries overlap others of their developer.

    Args:
        session: The run of the program.
        database: The database.
        changed: Entries of one developer that were stored or changed just now. Of two of them that
            overlap, the warning is of the later one in this order.
    """
    from tracker.store.read import entry_ids, queries

    developer = changed[0].developer
    days = [
        times.local_day(epoch, session.zone)
        for entry in changed
        for epoch in (entry.started_epoch, entry.end_epoch)
    ]
    with database.reading() as connection:
        # One day more on either side, for entries in other zones and over midnight.
        others = queries.entries(
            connection, developer=developer, first_day=min(days) - 1, last_day=max(days) + 1
        )
        overlapping = {}
        for entry in reversed(changed):
            others = [other for other in others if other.id != entry.id]
            if rivals := [other for other in others if do_overlap(entry, other)]:
                overlapping[entry.id] = entry, rivals
        if not overlapping:
            return
        entry, rivals = min(overlapping.values(), key=lambda pair: pair[0].started_epoch)
        first = min(rivals, key=lambda other: other.started_epoch)
        ids = entry_ids.short_ids(connection, developer, [entry, first])
    work = f"{entry.activity} {entry.task}"
    label = f"{first.activity} {first.task} from {start_of(session, first)} ({ids[first.id]})"
    if len(overlapping) > 1:
        start = start_of(session, entry)
        session.warn(
            f"{len(overlapping):,} entries overlap others, the first {work} from {start} "
            f"({ids[entry.id]}); {_LIST}"
        )
    elif len(rivals) > 1:
        session.warn(
            f"{work} ({ids[entry.id]}) overlaps {len(rivals):,} entries, the first {label}; {_LIST}"
        )
    else:
        session.warn(
            f"{work} ({ids[entry.id]}) overlaps {label}: both are kept; `tracker edit` corrects "
            "them."
        )


def overlapping_entries(entries: list[Entry]) -> list[Entry]:
    """Return the entries that overlap another one, in their order: the newest first."""
    overlapping = set()
    last: Entry | None = None  # of those that began before, the one that ended last
    for entry in reversed(entries):
        if last is not None and do_overlap(last, entry):
            overlapping |= {entry.id, last.id}
        if last is None or entry.end_epoch > last.end_epoch:
            last = entry
    return [entry for entry in entries if entry.id in overlapping]


def do_overlap(first: Entry, second: Entry) -> bool:
    """Return whether two entries share time that is to be told."""
    return is_overlap(
        max(first.started_epoch, second.started_epoch),
        min(first.end_epoch, second.end_epoch),
        first.interruption_seconds + second.interruption_seconds,
    )
