"""A batch of an import is stored while the next is read, and never after the import has failed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from threading import Timer

import pytest
from sqlalchemy import text
from support.store_kit import NOW_EPOCH, entry_id, foreign_entry, open_test_database, row_counts

from tracker.domain.errors import BadValue
from tracker.domain.records import Imported
from tracker.store.write.imports import import_records
from tracker.store.write.record_batches import BATCH_SIZE


def full_batch() -> Iterator[Imported]:
    """Yield the entries of a batch."""
    for number in range(BATCH_SIZE):
        yield foreign_entry(number % 3000, source_key=str(number), id=entry_id(number))


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, also in a background process."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


def unreadable() -> Iterator[Imported]:
    """Fail while the first batch is being stored."""
    raise BadValue("unreadable")
    yield


def interrupted() -> Iterator[Imported]:
    """Send Ctrl-C when the import waits until the first batch is stored."""
    Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
    yield foreign_entry(1, source_key="last", id=entry_id(BATCH_SIZE))


@pytest.mark.parametrize(
    ("rest", "error"), [(unreadable, BadValue), (interrupted, KeyboardInterrupt)]
)
def test_what_the_server_still_stores_is_cancelled(
    postgres_url: str, rest: Callable[[], Iterator[Imported]], error: type[BaseException]
) -> None:
    """Where an import fails while the server waits for a lock, it ends at once."""

    def log() -> Iterator[Imported]:
        yield from full_batch()
        yield from rest()

    with open_test_database(postgres_url) as database, open_test_database(postgres_url) as other:
        with other.writing() as connection:
            connection.execute(text("LOCK TABLE entries IN SHARE MODE"))
            begin = time.monotonic()
            with pytest.raises(error):
                import_records(database, log(), source="jira", file="-", now_epoch=NOW_EPOCH)
            assert time.monotonic() - begin < 30  # an import waits for a lock for a minute
        assert row_counts(database) == {}
        result = import_records(
            database, full_batch(), source="jira", file="-", now_epoch=NOW_EPOCH
        )
        assert result.entries == BATCH_SIZE


def test_the_next_rows_are_read_while_the_server_stores(postgres_url: str) -> None:
    """A row that is read while a batch waits for a lock frees the lock."""
    with open_test_database(postgres_url) as database, open_test_database(postgres_url) as other:
        writing = other.writing()
        writing.__enter__().execute(text("LOCK TABLE entries IN SHARE MODE"))

        def log() -> Iterator[Imported]:
            yield from full_batch()
            writing.__exit__(None, None, None)
            yield foreign_entry(1, source_key="last", id=entry_id(BATCH_SIZE))

        result = import_records(database, log(), source="jira", file="-", now_epoch=NOW_EPOCH)
    assert result.entries == BATCH_SIZE + 1


def test_rows_that_repeat_a_stored_key_are_counted(database_url: str) -> None:
    """A key in two batches of a first import is stored once; with other content it is reported."""

    def log() -> Iterator[Imported]:
        yield from full_batch()
        yield foreign_entry(0, source_key="0", id=entry_id(BATCH_SIZE), row_hash="a")
        yield foreign_entry(1, source_key="new", id=entry_id(BATCH_SIZE + 1))

    with open_test_database(database_url) as database:
        result = import_records(database, log(), source="jira", file="-", now_epoch=NOW_EPOCH)
        assert row_counts(database)["entries"] == BATCH_SIZE + 1
    assert (result.entries, result.entries_unchanged) == (BATCH_SIZE + 1, 1)
