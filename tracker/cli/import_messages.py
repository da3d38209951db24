"""What is said of an import, and where the rows go that it could not take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.cli.csv_lines import writer
from tracker.domain.errors import StoreError

if TYPE_CHECKING:  # SQLAlchemy
    from tracker.domain.records import Rejected
    from tracker.sources.foreign_log import ForeignLog
    from tracker.store.write.imports import ImportResult

MOST_SHOWN = 10
"""Rejected rows and unmapped names that are told one by one."""


def lines(
    taken: ImportResult, notes: Mapping[str, int], file: str, *, dry_run: bool
) -> Iterator[str]:
    """What became of a log, a line a fact."""
    kept = [(taken.entries, "entries"), (taken.work_items, "work items"), (taken.tasks, "tasks")]
    there = taken.entries_unchanged + taken.work_items_unchanged + taken.tasks_unchanged
    yield (
        f"{file}: {'would keep' if dry_run else 'kept'} {_counted(kept) or 'nothing'}"
        + (f", {there:,} there already" if there else "")
        + (f", {len(taken.rejected):,} rejected" if taken.rejected else "")
    )
    for reason, times in taken.passed.items():
        yield f"  left out, {reason}: {times:,}"
    for note, times in notes.items():
        yield f"  {times:,} {note}"
    if taken.differing:
        shown = list(taken.differing_keys[:MOST_SHOWN])
        more = ", …" if taken.differing > len(shown) else ""
        yield (
            f"  warning: {taken.differing:,} rows have the key of another row, with other content: "
            f"kept as they were (keys {', '.join(shown)}{more})"
        )
    if taken.unmapped:
        shown = [f"{name} ({times:,})" for name, times in list(taken.unmapped.items())[:MOST_SHOWN]]
        more = (
            f" and {len(taken.unmapped) - MOST_SHOWN:,} more"
            if len(taken.unmapped) > MOST_SHOWN
            else ""
        )
        yield f"  unmapped activities: {', '.join(shown)}{more}"
        yield "  `tracker activities add NAME` makes them known; or `tracker import --undo`, map them, import again."


def _counted(parts: Sequence[tuple[int, str]]) -> str:
    return ", ".join(f"{number:,} {what}" for number, what in parts if number)


def rejections(rejected: Sequence[Rejected], file: str, aside: Path | None) -> Iterator[str]:
    """The rows that were not taken: the first ones by line, column and value, and where all of them are."""
    for row in rejected[:MOST_SHOWN]:
        yield f"{file} line {row.line}, column {row.column}: {row.value!r}: {row.reason}."
    if len(rejected) > MOST_SHOWN:
        yield f"and {len(rejected) - MOST_SHOWN:,} rejected rows more."
    if aside:
        yield f"the rejected rows are in {aside}: mend them, and import that file with the same map."


def write_rejected(rejected: Sequence[Rejected], log: ForeignLog, file: str) -> Path:
    """Write rejected rows beside their file, as they were, under their header; an earlier such file is not touched."""
    for number in count(1):
        path = Path(
            f"{log.source if file == '-' else file}.rejected{'' if number == 1 else f'-{number}'}.csv"
        )
        try:
            # newline="" and surrogateescape: the rows are to be the bytes they were
            with path.open(
                "x", encoding=log.encoding, errors="surrogateescape", newline=""
            ) as aside:
                writer(aside, log.delimiter).writerows([log.header, *(row.row for row in rejected)])
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(
                f"the rest is kept, but {path} cannot be written: {error.strerror}."
            ) from None
        return path
    raise AssertionError
