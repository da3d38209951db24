"""Storing the records of the outbox once the database is open, and refreshing the caches."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from time import monotonic

from tracker.cli import time_limit
from tracker.cli.late_estimates import warn_of_late_estimate
from tracker.cli.overlaps import warn_of_overlaps
from tracker.cli.session import Session
from tracker.domain.errors import NothingToDo, StoreError
from tracker.domain.records import Entry
from tracker.local.record_files import Record
from tracker.store.database import Database
from tracker.store.read import completions, queries, task_keys
from tracker.store.read.developer_names import present_name
from tracker.store.write import entries
from tracker.store.write.entries import OutboxResult

FLUSH_SECONDS, FLUSH_SECONDS_IN_TIME = 10.0, 1.0
"""Seconds after which no further batch is stored, without and with a time limit."""
FLUSH_BATCH = 25
"""Records in a transaction: few enough for the time limit on a slow connection."""


def flush_outbox(session: Session, database: Database) -> None:
    """Store the records of the outbox and refresh the caches.

    They are stored in batches, so that whatever the time limit is, some are stored. Where the
    database cannot be written, the records stay in the outbox, with a warning.
    """
    with suppress(OSError):
        session.timer.running()  # also moves the entry that a killed process left to the outbox
    records: list[tuple[str, Record]] = []
    added: dict[str, list[Entry]] = {}
    end = monotonic() + (FLUSH_SECONDS_IN_TIME if time_limit.is_limited() else FLUSH_SECONDS)
    try:
        with session.outbox.storing():
            # Entries first: an estimate made after its work began is then recognised as late.
            records = sorted(
                session.outbox.pending(), key=lambda pending: pending[1]["kind"] != "entry"
            )
            while records:
                batch = records[:FLUSH_BATCH]
                result = entries.store_outbox(database, [record for _, record in batch])
                _clear_outbox(session, batch, result)
                for entry in result.added:
                    added.setdefault(entry.developer, []).append(entry)
                records = records[FLUSH_BATCH:]
                if records and monotonic() >= end:
                    session.say(
                        f"{len(records):,} records wait still: the next command stores more."
                    )
                    break
    except NothingToDo:  # the command at hand may still read
        session.warn_at_end(
            "another command undoes something and does not end. What was logged "
            f"({session.outbox.count()}) waits in the outbox, safe on this machine."
        )
    except StoreError as error:
        session.warn_at_end(
            f"{error} What was logged ({len(records)}) waits in the outbox, safe on this machine."
        )
        return
    refresh_caches(session, database)
    for entries_of_developer in added.values():
        in_order = sorted(entries_of_developer, key=lambda entry: (entry.logged_epoch, entry.id))
        warn_of_overlaps(session, database, in_order)


def refresh_caches(session: Session, database: Database) -> None:
    """Write what is needed without the database: activities, tasks, names, drawn arms."""
    stated_name = session.known_name
    with database.reading() as connection:
        developer = present_name(connection, stated_name) if stated_name else ""
        activities = queries.activities(connection)
        keys = task_keys.task_keys(connection, developer)
        names = completions.names(connection, developer)
        arms = queries.drawn_arms(connection, developer)
    with suppress(OSError):  # caches
        session.activities.remember(activities)
        session.tasks.remember(*keys)
        session.completion_names.remember(names)
        if stated_name is not None:
            session.drawn_arms.remember(stated_name, arms)


def _clear_outbox(
    session: Session, records: Sequence[tuple[str, Record]], result: OutboxResult
) -> None:
    """Delete stored records from the outbox, quarantine refused ones and print the counts."""
    reasons = {id(record): reason for record, reason in result.refused}
    session.outbox.discard(path for path, record in records if id(record) not in reasons)
    for path, record in records:
        if id(record) in reasons:
            session.outbox.quarantine(path, reasons[id(record)])
    made_now = {
        (record["activity"], record["task"])
        for _, record in records
        if record["kind"] == "estimate" and id(record) not in reasons
    }
    for item in result.late:
        warn_of_late_estimate(
            session,
            item.activity,
            item.task,
            item.estimate_minutes,
            is_news=(item.activity, item.task) in made_now,
        )
    for entry in result.contradictions:
        # Of an arm that is cached, the command that logged the entry has warned.
        if session.drawn_answer(entry.activity, entry.task) is None:
            session.warn_of_contradiction(f"{entry.activity} {entry.task}", entry.assisted)
    session.say_verbose(
        f"stored from the outbox: entries {result.entries}, estimates {result.estimates}"
    )
