"""The validity check of entries, its faults told by the columns of the log they came from."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable

from tracker.domain.records import Entry
from tracker.domain.validation import MAX_SECONDS, Fault, entry_fault
from tracker.sources.table.cells import BadCell

_COLUMNS = {
    "started_epoch": ("started_at", "date"),
    "local_day": ("started_at", "date"),
    "ended_epoch": ("ended_at",),
    "logged_epoch": ("logged_at",),
    "seconds": ("minutes", "ended_at"),
    "interruption_seconds": ("interruption_minutes",),
    "source_key": ("key",),
}
"""Field of an entry → the columns it is read from, the usual one first."""


def check_entries(entries: Iterable[Entry], columns: Container[str], latest_epoch: int) -> None:
    """Check entries that were read from a log.

    Args:
        entries: The entries.
        columns: The columns that the log has, by tracker's names.
        latest_epoch: The clock; nothing may lie after it.

    Raises:
        BadCell: An entry is not valid.
    """
    for entry in entries:
        fault = find_fault(entry, latest_epoch)
        if fault is not None:
            raise BadCell(column_of(fault.field, columns), fault.reason)


def find_fault(entry: Entry, latest_epoch: int) -> Fault | None:
    """Return what is wrong with an entry that was read from a log; None where it is valid."""
    fault = entry_fault(entry, now_epoch=latest_epoch)
    if fault is not None and fault.field == "seconds" and _ends_too_late(entry):
        # The effort is derived from the end, so the end has to be corrected.
        shorter = dataclasses.replace(entry, seconds=0)
        return entry_fault(shorter, now_epoch=latest_epoch) or fault
    return fault


def column_of(field: str, columns: Container[str] = ()) -> str:
    """Return the column that a field of an entry is read from.

    Args:
        field: The field's name.
        columns: The columns that the log has; one of them is preferred.
    """
    candidates = _COLUMNS.get(field, (field,))
    return next((name for name in candidates if name in columns), candidates[0])


def _ends_too_late(entry: Entry) -> bool:
    return entry.ended_epoch is not None and entry.ended_epoch - entry.started_epoch > MAX_SECONDS
