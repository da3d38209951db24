"""What a column or a table looks like, and how the evidence describes it."""

from __future__ import annotations

from tracker.domain.counts import count_of
from tracker.sources.suggestions.column_names import rank
from tracker.sources.suggestions.draft import quoted
from tracker.sources.suggestions.key_patterns import find_keys
from tracker.sources.suggestions.profiles import Profile, profiles_of
from tracker.sources.suggestions.sample import Sample
from tracker.sources.suggestions.time_columns import find_time_columns
from tracker.sources.suggestions.words import activity_of, tags_of


def is_task_list(sample: Sample) -> bool:
    """Return whether a table lists tasks with estimates, and no stretches of work.

    A table with a row for each task may have the task's dates or its effort, but if it has both it
    may be a log.
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
    """Return whether every cell of a column is a task's key."""
    keys = find_keys([column], column)
    return keys is not None and keys.is_whole


def is_only_key(column: Profile) -> bool:
    """Whether a searched column is only the task, and not also a note."""
    return rank(column.name, "task") is not None and rank(column.name, "note") is None


def describe(column: Profile, rows: int) -> str:
    """Return a column's header, and how many of so many rows and different texts it has."""
    return (
        f"{quoted(column.name)}, filled in {column.filled:,} of {count_of(rows, 'row')}, "
        f"{count_of(len(column.counts), 'different text')}"
    )


def activity_share(column: Profile) -> float:
    """Return the share of a column's rows in which one of its words is an activity."""
    hits = sum(n for text, n in column.counts.items() if any(map(activity_of, tags_of(text))))
    return hits / max(len(column.cells), 1)


def encoding_evidence(sample: Sample) -> str:
    """Return what a cell reads in the encoding that was assumed."""
    text = next(
        (cell for row in sample.rows for cell in row if not cell.isascii()),
        next((name for name in sample.header if not name.isascii()), ""),
    )
    return f"it is not UTF-8; in this encoding a cell reads {quoted(text)}: check that it is right"
