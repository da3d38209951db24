"""What an import did, in counts."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.domain.records import Rejected
from tracker.store.read.entry_sums import EntrySums
from tracker.store.read.plausibility import ImplausibleEntries
from tracker.store.write.estimates import EstimateCounts
from tracker.store.write.import_checks import KeyVariants
from tracker.store.write.removed_rows import RemovedRows


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The counts of an import. ``…_unchanged`` counts rows that were stored before."""

    import_id: str | None
    """None where nothing was stored: all rows were stored before, or it was a dry run."""
    entries: int
    entries_unchanged: int
    work_items: int
    work_items_unchanged: int
    tasks: int
    tasks_unchanged: int
    rejected: tuple[Rejected, ...]
    skipped: dict[str, int]
    """Rows that are left out on purpose, by reason."""
    unmapped: dict[str, int]
    """Entries by activity, of those that are not among the team's activities."""
    differing: int = 0
    """Entries left out because an earlier row, of the log or of the database, has the same key and
    other content.
    """
    differing_keys: tuple[str, ...] = ()
    """The first keys of these entries (starts, where they have no id), at most MAX_EXAMPLES."""
    reread: int = 0
    """Entries left out because the same row was stored before and is read otherwise now."""
    reread_keys: tuple[str, ...] = ()
    """The first keys of these entries (starts, where they have no id), at most MAX_EXAMPLES."""
    updated: int = 0
    """Stored entries that were given the form they have in the log."""
    updatable: int = 0
    """Entries left out, and possible duplicates, that ``update`` would take as the new form."""
    edited: int = 0
    """Entries left out because they differ from a stored one that a person has edited since."""
    duplicates: int = 0
    """Entries of the log that begin when another one of their developer does, which is not in the
    log.
    """
    duplicate_starts: tuple[str, ...] = ()
    """The developers and starts of the first of these, at most MAX_EXAMPLES."""
    shifted: int = 0
    """Entries left out because they are stored with other times."""
    removed: RemovedRows | None = None
    """Entries of the same log and period that are stored and not in the file; None: none."""
    implausible: tuple[ImplausibleEntries, ...] = ()
    """Entries stored by this import that are possible but unlikely, by kind."""
    unit_messages: tuple[str, ...] = ()
    """What suggests that efforts or estimates are in another unit than minutes."""
    estimates: EstimateCounts | None = None
    """None where the log has no estimates."""
    key_variants: KeyVariants | None = None
    """None where no task's key is a variant of another one's."""
    sums: EntrySums | None = None
    """What the inserted and updated entries are about, also after a dry run; None: there are none.
    """
