"""Messages about an import, and the file of the rows that it rejected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.cli.csv_lines import writer
from tracker.cli.output_file import text_file
from tracker.domain.errors import StoreError

if TYPE_CHECKING:  # imports SQLAlchemy
    from tracker.domain.records import Rejected
    from tracker.sources.foreign_log import ForeignLog
    from tracker.store.write.imports import ImportResult

MAX_LISTED = 10
"""Maximum number of rejected rows, keys or unmapped activities listed; the rest is counted."""


def lines(
    result: ImportResult, notes: Mapping[str, int], file: str, *, dry_run: bool
) -> Iterator[str]:
    """Yield the messages about an imported log, one fact a line.

    Args:
        result: The counts of the import.
        notes: Changes that the source made to accepted rows, and the number of rows of each.
        file: The log's name.
        dry_run: Whether nothing was stored.
    """
    counts = [
        (result.entries, "entries"),
        (result.work_items, "work items"),
        (result.tasks, "tasks"),
    ]
    unchanged = result.entries_unchanged + result.work_items_unchanged + result.tasks_unchanged
    yield (
        f"{file}: {'would keep' if dry_run else 'kept'} {join_counts(counts) or 'nothing'}"
        + (f", {unchanged:,} there already" if unchanged else "")
        + (f", {len(result.rejected):,} rejected" if result.rejected else "")
    )
    for reason, number in result.skipped.items():
        yield f"  left out, {reason}: {number:,}"
    for note, number in notes.items():
        yield f"  {number:,} {note}"
    if result.differing:
        keys = result.differing_keys[:MAX_LISTED]
        ellipsis = ", …" if result.differing > len(keys) else ""
        yield (
            f"  warning: {result.differing:,} rows have the key of another row, with other "
            f"content: kept as they were (keys {', '.join(keys)}{ellipsis})"
        )
    if result.unmapped:
        yield from _unmapped_lines(result.unmapped)


def _unmapped_lines(unmapped: Mapping[str, int]) -> Iterator[str]:
    activities = [f"{name} ({number:,})" for name, number in list(unmapped.items())[:MAX_LISTED]]
    rest = len(unmapped) - len(activities)
    yield f"  unmapped activities: {', '.join(activities)}{f' and {rest:,} more' if rest else ''}"
    yield (
        "  `tracker activities add NAME` makes them known; "
        "or `tracker import --undo`, map them, import again."
    )


def join_counts(counts: Sequence[tuple[int, str]]) -> str:
    """Return the counts above 0 with their nouns, such as ``2 entries, 1 tasks``."""
    return ", ".join(f"{number:,} {noun}" for number, noun in counts if number)


def rejected_lines(rows: Sequence[Rejected], file: str) -> Iterator[str]:
    """Yield the first rejected rows by line, column and value, then how many more there are."""
    for row in rows[:MAX_LISTED]:
        yield f"{file} line {row.line}, column {row.column}: {row.value!r}: {row.reason}."
    if len(rows) > MAX_LISTED:
        yield f"and {len(rows) - MAX_LISTED:,} more rejected rows."


def write_rejected(rows: Sequence[Rejected], log: ForeignLog, file: str) -> Path:
    """Write rejected rows, byte for byte and under their header, to a new file beside their log.

    An existing file is not overwritten: the new one gets the next free number.

    Returns:
        The file's path.

    Raises:
        StoreError: The file cannot be written.
    """
    for number in count(1):
        stem = log.source if file == "-" else file
        path = Path(f"{stem}.rejected{'' if number == 1 else f'-{number}'}.csv")
        try:
            with text_file(path, replace=False, encoding=log.encoding) as stream:
                writer(stream, log.delimiter).writerows([log.header, *(row.row for row in rows)])
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(
                f"the rest is kept, but {path} cannot be written: {error.strerror}."
            ) from None
        return path
    raise AssertionError  # not reached: count() does not end
