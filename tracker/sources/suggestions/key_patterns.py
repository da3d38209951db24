"""Finds the columns and the pattern of task keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.sources.patterns import first_match
from tracker.sources.suggestions.profiles import Profile
from tracker.sources.user_map import key_matcher

PATTERNS = (
    r"([A-Z][A-Z0-9]+-\d+)",
    r"(#\d+)",
)
"""Patterns of task keys: PAY-12 as in Jira, #12 as on GitHub and GitLab."""

_MIN_SHARE = 0.5
"""Share of the rows that must hold a key for a pattern to be suggested."""
_MIN_IN_COLUMN = 0.05
"""Share of the rows in which a column must hold a key for it to be searched."""


@dataclass(frozen=True, slots=True)
class KeyColumns:
    """The columns whose texts hold keys of tasks."""

    pattern: str
    columns: tuple[Profile, ...]
    """The columns in the order of searching."""
    rows: int
    """Rows in which one of the columns holds a key."""
    is_whole: bool
    """Whether a single column holds a key in every row, and nothing else."""


def find_keys(
    columns: Sequence[Profile], first: Profile | None, key_pattern: str | None = None
) -> KeyColumns | None:
    """Return the columns that hold keys in at least half of the rows; None without any.

    Args:
        columns: The columns of texts.
        first: The column to search first, whose header names the task.
        key_pattern: The pattern of keys in the settings; None tries the usual ones.

    Raises:
        BadValue: ``key_pattern`` is not valid.
    """
    patterns = (key_pattern,) if key_pattern else PATTERNS
    results = [_find(pattern, columns, first) for pattern in patterns]
    return max(filter(None, results), key=lambda result: result.rows, default=None)


def _find(pattern: str, columns: Sequence[Profile], first: Profile | None) -> KeyColumns | None:
    matcher = re.compile(pattern) if pattern in PATTERNS else key_matcher(pattern)
    holding = {
        column.name: {
            index for index, cell in enumerate(column.cells) if first_match(matcher, [cell])
        }
        for column in columns
    }
    total = len(columns[0].cells) if columns else 0
    searched = [c for c in columns if len(holding[c.name]) >= max(_MIN_IN_COLUMN * total, 1)]
    searched.sort(key=lambda column: (column is not first, -len(holding[column.name])))
    chosen: list[Profile] = []
    rows: set[int] = set()
    for column in searched:
        if not holding[column.name] <= rows:
            chosen.append(column)
            rows |= holding[column.name]
    if len(rows) < _MIN_SHARE * total or not rows:
        return None
    whole = chosen[0] if len(holding[chosen[0].name]) == total else None
    is_whole = whole is not None and all(matcher.fullmatch(cell) for cell in whole.counts)
    return KeyColumns(pattern, (chosen[0],) if is_whole else tuple(chosen), len(rows), is_whole)
