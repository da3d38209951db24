"""Many entries at once.

A frozen dataclass sets each of its fields through ``object.__setattr__``: for 200,000 rows that costs more than reading
the file. So rows are made as drafts, which have the same slots and are not frozen, and then become entries.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, cast

from tracker.domain.records import Entry

_Draft = dataclasses.make_dataclass(
    "_Draft", [(field.name, Any) for field in dataclasses.fields(Entry)], slots=True
)


def entries(*columns: Iterable[object]) -> list[Entry]:
    """The entries whose fields are these columns, in the order of Entry's fields; as many as the shortest column."""
    drafts = list(map(_Draft, *columns))
    for draft in drafts:
        draft.__class__ = Entry
    return cast("list[Entry]", drafts)
