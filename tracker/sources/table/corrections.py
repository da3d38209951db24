"""Negative corrections of a log, netted with the other rows of the same work item."""

from __future__ import annotations

import dataclasses
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from tracker.domain.records import Entry, Imported, Rejected, Skipped
from tracker.sources.table.cells import SkipRow

NETTED = "corrections below 0 minutes, netted"
"""Why a row with negative minutes is not an entry."""

_Key = tuple[str, str, str]
"""Developer, task, activity."""


@dataclass(slots=True)
class _Correction:
    """A row with negative minutes."""

    line: int
    key: _Key
    started_epoch: int
    seconds: int
    """What is still to be taken off, above 0."""
    column: str
    value: str
    row: tuple[str, ...]


class Corrections:
    """The corrections of a log, in the order of its rows.

    All records of the log are held in memory until its last row: a correction may come before or
    after the work that it corrects.
    """

    def __init__(self) -> None:
        self._corrections: deque[_Correction] = deque()

    def take(self, entry: Entry, column: str, value: str, row: Iterable[str]) -> None:
        """Note a row with negative minutes, and skip it.

        Args:
            entry: The row as an entry, with negative seconds.
            column: The file's name of the column of minutes, for messages.
            value: What is written there.
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
        """Yield the records with the corrections taken off the entries of their work items.

        The latest entries that began before a correction are reduced first, down to 0. The hash of
        a reduced entry's row contains its effort, so that a later correction counts as an edit.
        What is left of a correction is a rejected row.
        """
        all_records = list(records)
        open_corrections = self._with_lines(all_records)
        positions: dict[_Key, list[int]] = defaultdict(list)
        keys = {correction.key for correction in open_corrections}
        for position, record in enumerate(all_records):
            if isinstance(record, Entry) and (key := _key(record)) in keys:
                positions[key].append(position)
        efforts = {p: _entry(all_records[p]).seconds for ps in positions.values() for p in ps}
        for correction in open_corrections:
            starts = {p: _entry(all_records[p]).started_epoch for p in positions[correction.key]}
            for position in sorted(
                starts, key=lambda p: (starts[p] > correction.started_epoch, -starts[p], -p)
            ):
                reduction = min(efforts[position], correction.seconds)
                efforts[position] -= reduction
                correction.seconds -= reduction
        for position, record in enumerate(all_records):
            if position in efforts:
                yield _reduced(_entry(record), efforts[position])
            else:
                yield record
        yield from (_rejected(correction) for correction in open_corrections if correction.seconds)

    def _with_lines(self, records: Iterable[Imported]) -> list[_Correction]:
        """Return the corrections with the lines of the rows that were skipped for them."""
        corrections = []
        for record in records:
            if isinstance(record, Skipped) and record.reason == NETTED:
                correction = self._corrections.popleft()
                correction.line = record.line
                corrections.append(correction)
        return corrections


def _key(entry: Entry) -> _Key:
    return entry.developer, entry.task, entry.activity


def _entry(record: Imported) -> Entry:
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
        f"{activity}; add the rows that it corrects, or take it out"
    )
    return Rejected(correction.line, correction.column, correction.value, reason, correction.row)
