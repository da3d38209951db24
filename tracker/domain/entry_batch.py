"""Many entries as columns: what a table's rows are read into, and what the store writes.

A frozen dataclass sets each field through ``object.__setattr__``. For 200,000 rows that costs more
than reading the file. So a source that reads a table column by column passes its entries on as
columns, and an :class:`Entry` is only made of a row that is looked at by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from operator import attrgetter
from typing import Any, cast

from tracker.domain.records import Entry, Imported

_FIELDS = dataclasses.fields(Entry)
FIELD_NAMES = tuple(field.name for field in _FIELDS)
"""The fields of an entry, in the order of its columns."""

_field_values = attrgetter(*FIELD_NAMES)
_Draft = dataclasses.make_dataclass("_Draft", [(name, Any) for name in FIELD_NAMES], slots=True)


class EntryBatch:
    """Entries as columns.

    Args:
        columns: Every field's name → its values, one per entry.
    """

    __slots__ = ("columns",)

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self.columns = columns

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> EntryBatch:
        """Return entries as a batch."""
        values = zip(*map(_field_values, entries), strict=True) if entries else repeat(())
        return cls(dict(zip(FIELD_NAMES, values, strict=bool(entries))))

    @classmethod
    def joined(cls, batches: Sequence[EntryBatch]) -> EntryBatch:
        """Return the entries of several batches as one."""
        if len(batches) == 1:
            return batches[0]
        return cls(
            {
                name: list(chain.from_iterable(batch.columns[name] for batch in batches))
                for name in FIELD_NAMES
            }
        )

    def __len__(self) -> int:
        return len(self.columns["id"])

    def __getitem__(self, rows: slice) -> EntryBatch:
        return EntryBatch({name: values[rows] for name, values in self.columns.items()})

    def entries(self) -> list[Entry]:
        """Return the entries one by one."""
        return build_entries(self.columns)


BatchedRecord = Imported | EntryBatch
"""A record, or the entries of many rows, as a source passes them to the store."""


def flattened(records: Iterable[BatchedRecord]) -> Iterator[Imported]:
    """Yield records one by one."""
    for record in records:
        if isinstance(record, EntryBatch):
            yield from record.entries()
        else:
            yield record


def build_entries(columns: Mapping[str, Iterable[object]]) -> list[Entry]:
    """Return entries from their fields' values.

    Args:
        columns: Field name → its values, one per entry. A field that is left out has its default.

    Returns:
        As many entries as the shortest column has values.
    """
    values = (
        columns[field.name] if field.name in columns else repeat(field.default) for field in _FIELDS
    )
    # Drafts have the slots of an entry and are not frozen.
    drafts = list(map(_Draft, *values))
    for draft in drafts:
        draft.__class__ = Entry
    return cast("list[Entry]", drafts)
