"""Stored entries whose rows a later export of the same log lacks, or which were deleted there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from sqlalchemy import text

from tracker.domain.entry_batch import EntryBatch
from tracker.store.write.import_scope import FILE_ENTRIES, MAX_EXAMPLES, ImportScope
from tracker.store.write.keyed_rows import json_element, json_list
from tracker.store.write.stored_entries import start_label


@dataclass(frozen=True, slots=True)
class RemovedRows:
    """Stored entries that a file lacks although it covers their time."""

    count: int
    starts: tuple[str, ...]
    """The developers and starts of the first of these, at most MAX_EXAMPLES."""
    is_deletion: bool = False
    """Whether the log says that they were deleted; else the file lacks them."""


@dataclass(slots=True)
class FilePeriod:
    """The developers and the period of the rows of one log in a file."""

    source: str
    developers: set[str] = field(default_factory=set)
    first_epoch: int | None = None
    last_epoch: int | None = None

    def add(self, batch: EntryBatch) -> None:
        """Extend the period by the rows of a batch that are of the log itself."""
        is_own = [source == self.source for source in batch.columns["source"]]
        starts = list(compress(batch.columns["started_epoch"], is_own))
        self.developers.update(compress(batch.columns["developer"], is_own))
        if starts:
            first, last = min(starts), max(starts)
            self.first_epoch = first if self.first_epoch is None else min(self.first_epoch, first)
            self.last_epoch = last if self.last_epoch is None else max(self.last_epoch, last)


def find_removed(
    scope: ImportScope, period: FilePeriod, reported: Sequence[tuple[str, str]]
) -> RemovedRows | None:
    """Return the stored entries within the period of a file that no row of it stands for.

    Args:
        scope: The import, all rows of which are decided on.
        period: The period of the file.
        reported: Entries, by developer and id, that are reported otherwise.

    Returns:
        The entries; None where there are none. A file without a row that was stored before is a
        first import, of which nothing can be removed.
    """
    counts = scope.counts
    has_earlier_rows = (
        counts.unchanged or counts.updated or counts.differing or counts.reread or counts.edited
    )
    if period.first_epoch is None or not has_earlier_rows:
        return None
    scope.add_file_entries(reported)
    developer = json_element(0, scope.dialect)
    condition = (
        f"FROM {json_list(scope.dialect)} CROSS JOIN entries AS e "  # noqa: S608 - our own names
        f"WHERE e.developer = {developer} AND e.source = :source "
        "AND e.started_epoch BETWEEN :first AND :last "
        f"AND {_STORED_BEFORE} AND NOT EXISTS (SELECT 1 FROM {FILE_ENTRIES} AS f "
        "WHERE f.developer = e.developer AND f.id = e.id)"
    )
    values = {
        "keys": json.dumps([[name] for name in sorted(period.developers)]),
        "source": period.source,
        "first": period.first_epoch,
        "last": period.last_epoch,
        "import_id": scope.import_id,
    }
    return _removed_rows(scope, condition, values, is_deletion=False)


def find_deleted(scope: ImportScope) -> RemovedRows | None:
    """Return the stored entries that were deleted in the log; None where there are none."""
    condition = (
        "FROM entries AS e WHERE e.source = :source AND e.source_key IN "  # noqa: S608 - our own names
        f"(SELECT {json_element(0, scope.dialect)} FROM {json_list(scope.dialect)}) "
        f"AND {_STORED_BEFORE}"
    )
    values = {
        "keys": json.dumps([[key] for key in sorted(scope.deleted_keys)]),
        "source": scope.source,
        "import_id": scope.import_id,
    }
    return _removed_rows(scope, condition, values, is_deletion=True)


_STORED_BEFORE = "(e.import_id IS NULL OR e.import_id <> :import_id)"


def _removed_rows(
    scope: ImportScope, clause: str, values: Mapping[str, Any], *, is_deletion: bool
) -> RemovedRows | None:
    """Return the entries ``e`` that a clause selects, from FROM on; None where there are none."""
    number = scope.connection.execute(text(f"SELECT count(*) {clause}"), values).scalar_one()
    if not number:
        return None
    query = text(
        f"SELECT e.developer, e.started_epoch, e.zone {clause} "
        f"ORDER BY e.started_epoch, e.id LIMIT {MAX_EXAMPLES}"
    )
    rows = scope.connection.execute(query, values).mappings()
    return RemovedRows(number, tuple(map(start_label, rows)), is_deletion)
