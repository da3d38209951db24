"""Checks of the task keys of an import: estimates without entries, and variants of one key."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection, select, union

from tracker.domain.entry_batch import EntryBatch
from tracker.domain.records import Task, WorkItem
from tracker.domain.task_keys import canonical_key
from tracker.store.schema import entries, tasks, work_items
from tracker.store.write.estimates import EstimateCounts, EstimateTally

MAX_VARIANTS = 3
"""How many groups of variants are named."""
MAX_TASKS = 250_000
"""Tasks of an import whose keys are held in memory."""
_BUCKETS = 16
"""Parts in which hashes are sorted, since a sorted part takes five times its memory."""


@dataclass(frozen=True, slots=True)
class KeyVariants:
    """Tasks of an import whose keys differ from others only in case, spaces or dashes."""

    tasks: int
    groups: int
    """Groups of keys that are variants of each other."""
    examples: tuple[tuple[str, ...], ...]
    """The first groups, at most MAX_VARIANTS."""


class ImportChecks:
    """Collects the task keys and the estimates of an import, and checks them against the log."""

    def __init__(self) -> None:
        self._tasks: set[str] | None = set()
        """The tasks of the import; None where they are too many."""
        self._tally = EstimateTally()

    def add(
        self, batch: EntryBatch, items: Iterable[WorkItem], whole_tasks: Iterable[Task]
    ) -> None:
        """Add the records of a batch."""
        items, whole_tasks = list(items), list(whole_tasks)
        self._tally.add(items)
        self._tally.add(whole_tasks)
        if self._tasks is None:
            return
        self._tasks.update(batch.columns["task"])
        for records in (items, whole_tasks):
            self._tasks.update(record.task for record in records)
        if len(self._tasks) > MAX_TASKS:
            self._tasks = None

    def estimates(self, connection: Connection) -> EstimateCounts | None:
        """Return the counts of the estimates, once all is stored; None where there are none."""
        if not self._tally:
            return None
        logged = connection.execute(select(entries.c.task).distinct()).scalars()
        return self._tally.counts(connection, logged)

    def variants(self, connection: Connection, *, are_all: bool) -> KeyVariants | None:
        """Return the tasks that have variants in the log; None where there are none.

        Of an import of more than MAX_TASKS they are those of the whole log.

        Args:
            connection: The transaction.
            are_all: Whether the records added hold all entries that are stored.
        """
        imported = self._tasks
        queries = [select(table.c.task) for table in (entries, work_items, tasks)]
        if (
            imported is not None
            and are_all
            and not any(connection.execute(query.limit(1)).first() for query in queries[1:])
        ):
            groups = _groups_of_variants(lambda: imported)
        else:
            keys = union(*queries).execution_options(stream_results=True)
            groups = _groups_of_variants(lambda: connection.execute(keys).scalars())
        if imported is not None:
            groups = [keys for keys in groups if not imported.isdisjoint(keys)]
        if not groups:
            return None
        return KeyVariants(
            tasks=sum(imported is None or key in imported for keys in groups for key in keys),
            groups=len(groups),
            examples=tuple(map(tuple, groups[:MAX_VARIANTS])),
        )


def _groups_of_variants(read_keys: Callable[[], Iterable[str]]) -> list[list[str]]:
    """Return the keys that have variants, each group sorted, in the order of their first keys.

    The keys are read twice, so that only those with variants are in memory. The rest are hashes.
    """
    repeated = _repeated(hash(canonical_key(key)) for key in read_keys())
    if not repeated:
        return []
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for key in sorted(key for key in read_keys() if hash(canonical_key(key)) in repeated):
        groups[canonical_key(key)].append(key)
    return [keys for keys in groups.values() if len(keys) > 1]


def _repeated(numbers: Iterable[int]) -> set[int]:
    """Return the numbers of 64 bits that occur more than once; the others take 8 bytes each."""
    buckets = [array("q") for _ in range(_BUCKETS)]
    for number in numbers:
        buckets[number % _BUCKETS].append(number)
    return {
        number
        for bucket in buckets
        for number, following in pairwise(sorted(bucket))
        if number == following
    }
