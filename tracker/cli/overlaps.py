"""Entries of a developer that share time, and the warning of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.cli.context import Context
from tracker.cli.entry_times import start_of
from tracker.domain import times
from tracker.domain.plausibility import is_overlap

if TYPE_CHECKING:  # dataclasses and SQLAlchemy are imported with the database
    from tracker.domain.records import Entry
    from tracker.store.database import Database


def warn_of_overlaps(
    context: Context, database: Database, id_: str, start_epoch: int, end_epoch: int
) -> None:
    """Warn if other entries of the developer overlap an interval; ``id_`` is the entry's own id."""
    from tracker.store.read import entry_ids, queries

    first_day, last_day = (
        times.local_day(epoch, context.zone) for epoch in (start_epoch, end_epoch)
    )
    with database.reading() as connection:
        # One day more on either side, for entries in other zones and over midnight.
        entries = queries.entries(
            connection,
            developer=context.developer,
            first_day=first_day - 1,
            last_day=last_day + 1,
        )
        overlapping = [
            entry
            for entry in entries
            if entry.id != id_
            and is_overlap(max(entry.started_epoch, start_epoch), min(entry.end_epoch, end_epoch))
        ]
        ids = entry_ids.short_ids(connection, context.developer, overlapping)
    if not overlapping:
        return
    first = min(overlapping, key=lambda entry: entry.started_epoch)
    label = f"{first.activity} {first.task} from {start_of(context, first)} ({ids[first.id]})"
    if len(overlapping) == 1:
        context.warn(f"it overlaps {label}: both are kept; `tracker edit` corrects them.")
        return
    context.warn(
        f"it overlaps {len(overlapping):,} entries, the first {label}; "
        "`tracker entries --overlaps` lists them."
    )


def overlapping_entries(entries: list[Entry]) -> list[Entry]:
    """Return the entries that overlap another one, in their order: the newest first."""
    overlapping = set()
    last: Entry | None = None  # of those that began before, the one that ended last
    for entry in reversed(entries):
        if last is not None and is_overlap(
            entry.started_epoch, min(last.end_epoch, entry.end_epoch)
        ):
            overlapping |= {entry.id, last.id}
        if last is None or entry.end_epoch > last.end_epoch:
            last = entry
    return [entry for entry in entries if entry.id in overlapping]
