"""What an import counts of its entries in memory is what the database says about them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.store_kit import NOW_EPOCH, open_test_database

from tracker.domain.entry_batch import EntryBatch
from tracker.domain.ids import uuid7
from tracker.domain.records import Entry
from tracker.domain.times import DAY_SECONDS
from tracker.store.database import Database
from tracker.store.read import plausibility
from tracker.store.write import imports
from tracker.store.write.entry_tally import EntryTally

FIRST = NOW_EPOCH - 400 * DAY_SECONDS
seconds = st.sampled_from([0, 1, 59, 60, 1800, 3600, 43_200, 43_201, 86_401, 216_000])
rows = st.fixed_dictionaries(
    {
        "day": st.sampled_from([*range(5), 300, 399, 401]),
        "span": seconds,
        "seconds": seconds,
        "interruption_seconds": st.sampled_from([0, 0, 60, 61]),
    }
)


def entries_of(rows: list[dict[str, Any]]) -> list[Entry]:
    """Return one entry per row, in an order that is not that of their ids."""
    entries = []
    for number, row in enumerate(rows):
        started = FIRST + row["day"] * DAY_SECONDS
        entry = Entry(
            id=uuid7(10**18 + (number * 7 % 10) * 10**6, bytes(8)),
            developer=f"dev{number % 2}",
            task=f"T-{number}",
            activity="design",
            started_epoch=started,
            zone="UTC",
            seconds=row["seconds"],
            local_day=started // DAY_SECONDS,
            logged_epoch=started + row["span"],
            ended_epoch=started + row["span"],
            interruption_seconds=row["interruption_seconds"],
            source="test",
            source_key=str(number),
        )
        entries.append(entry)
    return entries


def tally_of(entries: list[Entry]) -> EntryTally:
    """Return the tally of entries that come in two batches."""
    tally = EntryTally(NOW_EPOCH)
    tally.add(EntryBatch.of(entries[:4]))
    tally.add(EntryBatch.of(entries[4:]))
    return tally


def asked(database: Database) -> tuple[list[plausibility.ImplausibleEntries], list[str]]:
    """Return what the database says about all entries."""
    with database.reading() as connection:
        return (
            plausibility.implausible_entries(connection, clock_epoch=NOW_EPOCH),
            list(plausibility.unit_messages(connection)),
        )


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(rows, min_size=1, max_size=10))
def test_the_tally_is_what_the_database_says(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    """Counts, ids and messages are the same; None means that the database is asked."""
    entries = entries_of(rows)
    url = f"sqlite:///{tmp_path_factory.mktemp('tally') / 'log.db'}"
    with open_test_database(url) as database:
        imports.import_records(database, entries, source="test", file="-", now_epoch=NOW_EPOCH)
        implausible, messages = asked(database)
    tally = tally_of(entries)
    assert tally.implausible() in (implausible, None)
    assert tally.unit_messages() in (messages, None)


def test_a_usual_log_is_not_read_again() -> None:
    """Entries with start and end, of one source, are counted without the database."""
    usual = {"day": 1, "span": 3600, "seconds": 3600, "interruption_seconds": 0}
    entries = entries_of([usual] * 12)
    tally = tally_of(entries)
    assert (tally.size, tally.implausible(), tally.unit_messages()) == (12, [], [])


@pytest.mark.parametrize("units", [60, 1 / 60])
def test_another_unit_is_told(units: float) -> None:
    """Efforts that are 60 times or 1/60 of the span are probably in another unit."""
    row = {"day": 1, "span": 1800, "seconds": round(1800 * units), "interruption_seconds": 0}
    messages = tally_of(entries_of([row] * 12)).unit_messages()
    assert messages
    assert "12 of 12 entries from test" in messages[0]


@pytest.mark.parametrize("change", [{"ended_epoch": None}, {"source": "other"}])
def test_the_database_is_asked_of_unusual_entries(change: dict[str, Any]) -> None:
    """Entries without an end or of several sources are not counted in memory."""
    usual = {"day": 1, "span": 3600, "seconds": 3600, "interruption_seconds": 0}
    entries = entries_of([usual] * 6)
    entries[5] = dataclasses.replace(entries[5], **change)
    tally = tally_of(entries)
    assert (tally.implausible(), tally.unit_messages()) == (None, None)
