"""Inserting entries in batches: ``executemany`` on SQLite, ``COPY`` on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from tracker.domain.entry_batch import FIELD_NAMES, EntryBatch
from tracker.domain.times import month_of_day
from tracker.store.schema import entries
from tracker.store.write.bulk_rows import copy_lines, copy_rows, copy_texts, insert_or_ignore

_CANCEL_SECONDS = 0.2
"""How long the server has to cancel a statement before it is asked again."""


class EntryWriter:
    """Inserts entries into the table of entries, or into a temporary one with its columns."""

    def __init__(self, connection: Connection, import_id: str) -> None:
        self._connection = connection
        self._native: Any = connection.connection.driver_connection
        self._import_id = import_id
        self._is_postgresql = connection.dialect.name == "postgresql"
        self._is_staged = False
        """Whether a batch had an entry that is stored already, so that others may have one, too."""

    def insert(self, batch: EntryBatch, table: str = entries.name) -> int:
        """Insert a batch of entries; return how many were inserted.

        An entry whose id, or whose source and key, its developer has already is not inserted.
        """
        return self.start(batch, table).result()

    def start(self, batch: EntryBatch, table: str = entries.name) -> Future[int]:
        """Begin to insert a batch as :meth:`insert` does; return its result to wait for.

        A PostgreSQL server stores the batch while this process goes on. Until the result is there
        the connection must not be used.
        """
        if not batch:
            return _completed(0)
        columns = self._columns(batch)
        if self._is_postgresql:
            columns = {name: copy_texts(column) for name, column in columns.items()}
        rows = list(zip(*columns.values(), strict=True))
        # The developer leads each index: a log that is sorted by time is written faster so.
        rows.sort(key=itemgetter(list(columns).index("developer")))
        names = tuple(columns)
        if not self._is_postgresql:
            return _completed(insert_or_ignore(self._connection, table, names, rows))
        lines = copy_lines(rows)
        return _in_thread(lambda: self._copy(table, names, lines, len(rows)))

    def cancel(self, started: Future[int]) -> None:
        """Stop inserting a batch that was started, and wait until it has stopped."""
        while not started.done():
            self._native.cancel()  # without effect between two statements, so once more
            wait([started], timeout=_CANCEL_SECONDS)

    def _columns(self, batch: EntryBatch) -> Mapping[str, Sequence[Any]]:
        """Return the columns that have any value: it is faster to leave the others out."""
        columns = {name: batch.columns[name] for name in FIELD_NAMES}
        months = {day: month_of_day(day) for day in set(columns["local_day"])}
        columns["local_month"] = list(map(months.__getitem__, columns["local_day"]))
        columns["import_id"] = [self._import_id] * len(batch)
        return {
            name: column
            for name, column in columns.items()
            if column[0] is not None or any(value is not None for value in column)
        }

    def _copy(self, table: str, names: Sequence[str], lines: str, size: int) -> int:
        """Copy rows into a table; by way of a staging table where some may be stored already.

        Args:
            table: The table.
            names: Its columns.
            lines: The rows, from :func:`copy_lines`.
            size: The number of rows.

        Returns:
            The number of rows that were inserted.
        """
        from psycopg.errors import UniqueViolation  # late: only PostgreSQL needs it

        with self._native.cursor() as cursor:
            if not self._is_staged or table != entries.name:
                try:
                    with self._native.transaction():
                        copy_rows(cursor, table, names, lines)
                except UniqueViolation:
                    self._is_staged = True
                    cursor.execute(
                        "CREATE TEMPORARY TABLE staged_entries (LIKE entries) ON COMMIT DROP"
                    )
                else:
                    return size
            copy_rows(cursor, "staged_entries", names, lines)
            columns = ", ".join(names)
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns} FROM staged_entries "  # noqa: S608 - our own names
                "ON CONFLICT DO NOTHING"
            )
            inserted: int = cursor.rowcount
            cursor.execute("TRUNCATE staged_entries")
            return inserted


def _completed(result: int) -> Future[int]:
    future = Future[int]()
    future.set_result(result)
    return future


def _in_thread(function: Callable[[], int]) -> Future[int]:
    """Call a function in a thread of its own, which waits for the server; return its result."""
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        return executor.submit(function)
    finally:
        executor.shutdown(wait=False)
