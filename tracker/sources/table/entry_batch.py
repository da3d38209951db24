"""Entries built and checked many at a time, from one sequence of values per field.

A frozen dataclass sets each field through ``object.__setattr__``. For 200,000 rows that costs more
than reading the file, and so does checking the entries one by one. So rows become drafts, which
have the same slots and are not frozen, and drafts become entries. A batch whose extreme values are
valid is accepted as a whole.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import sub
from typing import Any, cast

from tracker.domain import names
from tracker.domain.records import ASSISTED, Entry
from tracker.domain.validation import MAX_SECONDS, NAME_FIELDS

_FIELDS = dataclasses.fields(Entry)
_REQUIRED_NAMES = ("developer", "task", "activity")
_LINE_BREAKS = str.maketrans("", "", "\t\n\r")
"""Characters that a note may hold although they are not printable."""

_Draft = dataclasses.make_dataclass("_Draft", [(field.name, Any) for field in _FIELDS], slots=True)


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
    drafts = list(map(_Draft, *values))
    for draft in drafts:
        draft.__class__ = Entry
    return cast("list[Entry]", drafts)


def is_plainly_valid(columns: Mapping[str, Sequence[Any]], latest_epoch: int) -> bool:
    """Return whether a batch of entries is valid beyond doubt.

    True implies that ``validation.entry_fault`` finds nothing in any of them. False means that they
    have to be checked one by one.

    Args:
        columns: Every field of the entries, of the right types; ids and zones are taken as valid.
        latest_epoch: The clock; nothing may lie after it.
    """
    return _has_plain_texts(columns) and _has_plain_times(columns, latest_epoch)


def _has_plain_texts(columns: Mapping[str, Sequence[Any]]) -> bool:
    texts: set[str | None] = set().union(*(columns[name] for name in (*NAME_FIELDS, "tags")))
    notes: set[str | None] = set(columns["note"])
    required = set().union(*(columns[name] for name in _REQUIRED_NAMES))
    return (
        all(map(str.strip, required))
        and set(columns["assisted"]).issubset(ASSISTED)
        and max(map(len, filter(None, texts | notes)), default=0) <= names.LONGEST_NAME
        and "".join(filter(None, texts)).isprintable()  # no forbidden character is printable
        and "".join(filter(None, notes)).translate(_LINE_BREAKS).isprintable()
    )


def _has_plain_times(columns: Mapping[str, Sequence[Any]], latest_epoch: int) -> bool:
    started = columns["started_epoch"]
    ended = [
        start if end is None else end
        for start, end in zip(started, columns["ended_epoch"], strict=True)
    ]
    durations = (*columns["seconds"], *columns["interruption_seconds"], *map(sub, ended, started))
    return bool(
        min(started) >= 0
        and min(columns["local_day"]) >= 0
        and max(ended) <= latest_epoch
        and min(durations) >= 0
        and max(durations) <= MAX_SECONDS
    )
