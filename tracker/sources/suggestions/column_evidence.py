"""Tests of what a column or a table holds, and descriptions of it as evidence."""

from __future__ import annotations

from tracker.domain.counts import count_of
from tracker.sources.suggestions.column_names import rank
from tracker.sources.suggestions.draft import quote_text
from tracker.sources.suggestions.key_patterns import find_keys
from tracker.sources.suggestions.profiles import Profile, profiles_of
from tracker.sources.suggestions.sample import Sample
from tracker.sources.suggestions.time_columns import find_time_columns
from tracker.sources.suggestions.words import known_activity, split_tags


def is_task_list(sample: Sample) -> bool:
    """Return whether a table lists tasks with estimates instead of stretches of work.

    A list of tasks may have dates or efforts. A table with both may be a log.
    """
    columns = profiles_of(sample)
    is_dated = bool(find_time_columns(columns).columns.keys() & {"started_at", "date"})
    has_estimate = any(rank(c.name, "estimate_minutes") is not None and c.amount for c in columns)
    has_effort = any(
        rank(c.name, "minutes") is not None
        and rank(c.name, "estimate_minutes") is None
        and c.amount is not None
        for c in columns
    )
    has_a_row_a_task = any(c.is_distinct and looks_like_task(c) for c in columns)
    has_no_work = not (is_dated and has_effort)
    return has_estimate and has_no_work and (has_a_row_a_task or not (is_dated or has_effort))


def looks_like_task(column: Profile) -> bool:
    """Return whether every cell of a column is the key of a task."""
    keys = find_keys([column], column)
    return keys is not None and keys.is_whole


def is_only_key(column: Profile) -> bool:
    """Return whether a header names the task only, and not a note as well."""
    return rank(column.name, "task") is not None and rank(column.name, "note") is None


def describe(column: Profile, rows: int) -> str:
    """Return the header of a column, with its numbers of filled rows and of distinct texts.

    Args:
        column: The column.
        rows: The number of rows in the table.
    """
    return (
        f"{quote_text(column.name)}, filled in {column.filled:,} of {count_of(rows, 'row')}, "
        f"{count_of(len(column.counts), 'different text')}"
    )


def activity_share(column: Profile) -> float:
    """Return the share of a column's rows in which a word is a known activity."""
    hits = sum(n for text, n in column.counts.items() if any(map(known_activity, split_tags(text))))
    return hits / max(len(column.cells), 1)


def encoding_evidence(sample: Sample) -> str:
    """Return the evidence for a guessed encoding, with a text as it reads in it."""
    text = next(
        (cell for row in sample.rows for cell in row if not cell.isascii()),
        next((name for name in sample.header if not name.isascii()), ""),
    )
    return (
        f"it is not UTF-8; in this encoding a cell reads {quote_text(text)}: check that it is right"
    )
