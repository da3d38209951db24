"""Netting of rows with negative minutes against the other rows of the same work item."""

from __future__ import annotations

import dataclasses
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain

from tracker.domain.records import Entry, Imported, Rejected, Skipped
from tracker.sources.table.cells import SkipRow

NETTED = "corrections below 0 minutes, netted"
"""The reason for skipping a row with negative minutes."""

_Key = tuple[str, str, str]
"""Developer, task, activity."""


@dataclass(slots=True)
class _Correction:
    """A row with negative minutes."""

    line: int
    key: _Key
    started_epoch: int
    seconds: int
    """Seconds still to be deducted, above 0."""
    column: str
    value: str
    row: tuple[str, ...]


class Corrections:
    """The corrections of a log, in the order of its rows.

    A correction may come before or after the work that it corrects, so netting holds all records of
    the log in memory.
    """

    def __init__(self) -> None:
        self._corrections: deque[_Correction] = deque()

    def defer(self, entry: Entry, column: str, value: str, row: Iterable[str]) -> None:
        """Keep a row with negative minutes for :meth:`net`, and skip it.

        Args:
            entry: The row as an entry, with negative seconds.
            column: The file's name of the column of minutes, for messages.
            value: The cell of that column.
            row: The row.

        Raises:
            SkipRow: Always.
        """
        self._corrections.append(
            _Correction(
                0, _key(entry), entry.started_epoch, -entry.seconds, column, value, tuple(row)
            )
        )
        raise SkipRow(NETTED)

    def net(self, records: Iterable[Imported]) -> Iterator[Imported]:
        """Yield the records with the corrections deducted from the entries of their work items.

        The latest entries that began before a correction are reduced first, down to 0. The hash of
        a reduced entry's row contains its effort, so that a later correction counts as an edit.
        A correction that cannot be deducted in full is yielded as a rejected row.
        """
        all_records = list(records)
        open_corrections = self._with_lines(all_records)
        positions: dict[_Key, list[int]] = defaultdict(list)
        keys = {correction.key for correction in open_corrections}
        for position, record in enumerate(all_records):
            if isinstance(record, Entry) and (key := _key(record)) in keys:
                positions[key].append(position)
        efforts = {
            position: _as_entry(all_records[position]).seconds
            for position in chain.from_iterable(positions.values())
        }
        for correction in open_corrections:
            _deduct(correction, all_records, positions[correction.key], efforts)
        for position, record in enumerate(all_records):
            if position in efforts:
                yield _reduced(_as_entry(record), efforts[position])
            else:
                yield record
        yield from (_rejected(correction) for correction in open_corrections if correction.seconds)

    def _with_lines(self, records: Iterable[Imported]) -> list[_Correction]:
        """Return the corrections with the line numbers of their skipped rows."""
        corrections = []
        for record in records:
            if isinstance(record, Skipped) and record.reason == NETTED:
                correction = self._corrections.popleft()
                correction.line = record.line
                corrections.append(correction)
        return corrections


def _deduct(
    correction: _Correction,
    records: Sequence[Imported],
    positions: Iterable[int],
    efforts: dict[int, int],
) -> None:
    """Deduct a correction from the efforts of the records at some positions, in place."""
    starts = {position: _as_entry(records[position]).started_epoch for position in positions}
    for position in sorted(
        starts, key=lambda p: (starts[p] > correction.started_epoch, -starts[p], -p)
    ):
        reduction = min(efforts[position], correction.seconds)
        efforts[position] -= reduction
        correction.seconds -= reduction


def _key(entry: Entry) -> _Key:
    return entry.developer, entry.task, entry.activity


def _as_entry(record: Imported) -> Entry:
    if not isinstance(record, Entry):
        raise TypeError(record)
    return record


def _reduced(entry: Entry, seconds: int) -> Entry:
    """Return an entry with less effort, and its row's hash with that effort."""
    if seconds == entry.seconds:
        return entry
    content = f"{entry.row_hash}\x1f{seconds}".encode()
    return dataclasses.replace(
        entry, seconds=seconds, row_hash=blake2b(content, digest_size=16).hexdigest()
    )


def _rejected(correction: _Correction) -> Rejected:
    developer, task, activity = correction.key
    minutes = round(correction.seconds / 60, 2)
    reason = (
        f"{minutes:g} minutes of it are left after netting it with {developer}'s rows of {task}, "
        f"{activity}; add the rows that it corrects, or remove it"
    )
    return Rejected(correction.line, correction.column, correction.value, reason, correction.row)
