"""Messages about an import, and the file of the rows that it rejected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.cli.csv_lines import writer
from tracker.cli.output_file import text_file
from tracker.domain.counts import count_of, first_of
from tracker.domain.errors import StoreError
from tracker.domain.ids import id_end
from tracker.domain.plausibility import count_of_entries

if TYPE_CHECKING:  # imports SQLAlchemy
    from tracker.domain.records import Rejected
    from tracker.sources.foreign_log import ForeignLog
    from tracker.store.write.estimates import EstimateCounts
    from tracker.store.write.import_checks import KeyVariants
    from tracker.store.write.import_result import ImportResult
    from tracker.store.write.removed_rows import RemovedRows

_BYTELESS = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Lone surrogates of a JSON text. Those from U+DC80 to U+DCFF stand for undecodable bytes."""

WARNING = "  warning: "
"""The prefix of lines about doubtful values."""

_MAX_SOURCE_LENGTH = 50
"""Characters of a source's name in a file's name; even at four bytes each the name is valid."""

MAX_LISTED = 10
"""Maximum number of rejected rows, keys or unmapped activities listed; the rest is counted."""


def lines(
    result: ImportResult,
    notes: Mapping[str, int],
    file: str,
    *,
    dry_run: bool,
    is_table: bool = False,
    suggestion: str | None = None,
) -> Iterator[str]:
    """Yield the messages about an imported log, one fact a line.

    Args:
        result: The counts of the import.
        notes: Changes that the source made to accepted rows, and the number of rows of each.
        file: The log's name.
        dry_run: Whether nothing was stored.
        is_table: Whether the log is a table with a header.
        suggestion: The command that drafts a map of its words; None where there is none.
    """
    counts = join_counts(result.entries, result.work_items, result.tasks)
    unchanged = join_counts(
        result.entries_unchanged, result.work_items_unchanged, result.tasks_unchanged, none=""
    )
    if counts == "nothing" and not result.updated:
        counts += _why_nothing(result, notes, is_table=is_table)
    yield (
        f"{file}: {'would keep' if dry_run else 'kept'} {counts}"
        + (f", {result.updated:,} updated" if result.updated else "")
        + (f", {len(result.rejected):,} rejected" if result.rejected else "")
        + (f"; there already: {unchanged}" if unchanged else "")
    )
    for reason, number in result.skipped.items():
        yield f"  left out, {reason}: {number:,}"
    for note, number in notes.items():
        yield f"  {count_of(number, note.replace('rows', 'row', 1), note)}"
    yield from _doubt_lines(result)
    if result.removed:
        yield _removed_line(result.removed, len(result.rejected))
    yield from _unlikely_lines(result)
    if result.unmapped:
        is_stored = result.import_id is not None
        yield from _unmapped_lines(result.unmapped, suggestion, is_stored=is_stored)
    if result.estimates:
        yield from _estimate_lines(result.estimates)
    if result.key_variants:
        yield _variants_line(result.key_variants)


def _why_nothing(result: ImportResult, notes: Mapping[str, int], *, is_table: bool) -> str:
    """Return why a log adds nothing of which no row is stored or rejected; "" of any other."""
    if result.rejected or any(
        (
            *(result.entries_unchanged, result.work_items_unchanged, result.tasks_unchanged),
            *(result.differing, result.reread, result.edited, result.shifted),
        )
    ):
        return ""
    if number := sum(result.skipped.values()):
        noun = "row" if is_table else "item"
        what = f"its only {noun} is" if number == 1 else f"all {number:,} {noun}s are"
        return f": {what} left out"
    if notes:
        return ""
    where = "row below the header" if is_table else "work in it"
    return f": there is no {where}; check what was exported"


def _unlikely_lines(result: ImportResult) -> Iterator[str]:
    """Yield the entries and the units that are possible but unlikely.

    After a dry run there are no ids, and `import --undo` would undo another import.
    """
    is_stored = result.import_id is not None
    for kind in result.implausible:
        entries = f"{count_of_entries(kind.count)} {kind.phrase}"
        if is_stored:
            ids = [id_end(id_) for id_ in kind.ids[:MAX_LISTED]]
            yield (
                f"  warning: {entries} (ids {first_of(ids, kind.count)}): "
                "correct them with `tracker edit ID`, or correct the log and import it again."
            )
        else:
            yield f"  warning: {entries}: correct the log before you import it."
    for message in result.unit_messages:
        yield f"  warning: {message}"
    if result.unit_messages and is_stored:
        yield "  `tracker import --undo` takes it back."


def _doubt_lines(result: ImportResult) -> Iterator[str]:
    """Yield the messages about rows that may be another form of what is stored."""
    if result.differing:
        keys = first_of(result.differing_keys[:MAX_LISTED], result.differing)
        yield (
            f"  warning: {count_of(result.differing, 'row has', 'rows have')} the key of another "
            f"row, with other content: {_as_kept(result.differing)} (keys {keys})"
        )
    if result.reread:
        keys = first_of(result.reread_keys[:MAX_LISTED], result.reread)
        yield (
            f"  warning: {count_of(result.reread, 'row is', 'rows are')} read otherwise than when "
            f"{'it was' if result.reread == 1 else 'they were'} imported, as with another map: "
            f"{_as_kept(result.reread)} (keys {keys})"
        )
    if result.edited:
        yield (
            f"  warning: {count_of(result.edited, 'row differs', 'rows differ')} from entries that "
            "were edited here since: kept as edited"
        )
    if result.duplicates:
        starts = first_of(result.duplicate_starts[:MAX_LISTED], result.duplicates)
        yield (
            f"  warning: {count_of(result.duplicates, 'possible duplicate')}: "
            f"{'a row that begins' if result.duplicates == 1 else 'rows that begin'} when another "
            f"entry of the same developer does, both kept ({starts})"
        )
    if result.updatable:
        yield f"  `--update` takes {result.updatable:,} of these as the new form of the old entry."
    if result.shifted:
        yield (
            f"  warning: {count_of(result.shifted, 'row is', 'rows are')} stored already, but "
            f"{'its' if result.shifted == 1 else 'their'} times differ: {_as_kept(result.shifted)}"
            "; `tracker import --undo` first, then import the file again"
        )


def _removed_line(removed: RemovedRows, rejected: int) -> str:
    """Return the message about stored entries that the log has no longer."""
    is_one = removed.count == 1
    starts = first_of(removed.starts[:MAX_LISTED], removed.count)
    if removed.is_deletion:
        return (
            f"  {count_of(removed.count, 'entry', 'entries')} of this log "
            f"{'was' if is_one else 'were'} deleted there, and {'stays' if is_one else 'stay'} "
            f"here ({starts}): `tracker delete ID` removes {'it' if is_one else 'them'}"
        )
    also = " (or among its rejected rows)" if rejected else ""
    return (
        f"  {count_of(removed.count, 'entry', 'entries')} of this log and period "
        f"{'is' if is_one else 'are'} not in the file{also}, and "
        f"{'stays' if is_one else 'stay'} here ({starts}): "
        "`tracker delete ID` removes what was deleted there"
    )


def _as_kept(number: int) -> str:
    return "kept as it was" if number == 1 else "kept as they were"


def _unmapped_lines(
    unmapped: Mapping[str, int], suggestion: str | None, *, is_stored: bool
) -> Iterator[str]:
    activities = [f"{name} ({number:,})" for name, number in list(unmapped.items())[:MAX_LISTED]]
    rest = len(unmapped) - len(activities)
    yield f"  unmapped activities: {', '.join(activities)}{f' and {rest:,} more' if rest else ''}"
    draft = f" (`{suggestion}` drafts a map)" if suggestion else ""
    yield (
        "  `tracker activities add NAME` makes them known; or "
        + (
            f"`tracker import --undo`, map them{draft}, import again."
            if is_stored
            else f"map them{draft}."
        )
    )


def _estimate_lines(counts: EstimateCounts) -> Iterator[str]:
    share = f"{counts.with_entries:,} of {counts.estimates:,} belong to a task that has entries"
    if 2 * counts.with_entries < counts.estimates:
        yield (
            f"  warning: estimates: {share}; import the entries too, "
            "or see how both logs write their tasks"
        )
    else:
        yield f"  estimates: {share}"
    if counts.undated == counts.estimates:
        yield "  when the estimates were made is not known; the column estimated_at says it"
    elif counts.undated:
        yield (
            f"  when {counts.undated:,} of {counts.estimates:,} estimates were made is not known; "
            "the column estimated_at says it"
        )
    if counts.late:
        yield (
            f"  warning: {count_of(counts.late, 'estimate was', 'estimates were')} made after the "
            f"work began: {'it does' if counts.late == 1 else 'they do'} not count for it"
        )


def _variants_line(variants: KeyVariants) -> str:
    examples = first_of([" / ".join(keys) for keys in variants.examples], variants.groups)
    return (
        f"  warning: {count_of(variants.tasks, 'task differs', 'tasks differ')} only in case or "
        f"spacing from others: {examples}"
    )


def join_counts(entries: int, work_items: int, tasks: int, *, none: str = "nothing") -> str:
    """Return the counts above 0 with their nouns, such as ``2 entries, 1 task``; else ``none``."""
    counts = (
        (entries, count_of_entries(entries)),
        (work_items, count_of(work_items, "work item")),
        (tasks, count_of(tasks, "task")),
    )
    return ", ".join(text for number, text in counts if number) or none


def rejected_lines(rows: Sequence[Rejected], file: str) -> Iterator[str]:
    """Yield the first rejected rows by line, column and value, then how many more there are."""
    for row in rows[:MAX_LISTED]:
        yield f"{file} {row.place} {row.line}, column {row.column}: {row.value!r}: {row.reason}."
    if len(rows) > MAX_LISTED:
        yield f"and {count_of(len(rows) - MAX_LISTED, 'more rejected row')}."


def name_of_rejected(file: str, source: str) -> str:
    """Return the name that the file of rejected rows begins with.

    It is the log's own name, or for a pipe or a device the source's name in the current folder.
    """
    if Path(file).is_file() and not file.startswith(("/dev/", "/proc/")):
        return file
    return re.sub(r"[^\w.-]", "_", source)[:_MAX_SOURCE_LENGTH].lstrip(".") or "import"


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
                stream.writelines(log.preamble)
                writer(stream, log.delimiter).writerows(
                    map(_encodable, [log.header, *(row.row for row in rows)])
                )
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(
                f"the rest is kept, but {path} cannot be written: {error.strerror}."
            ) from None
        return path
    raise AssertionError  # not reached: count() does not end


def _encodable(row: Sequence[str]) -> list[str]:
    """Return the cells of a row, with each surrogate that stands for no byte of a file escaped."""
    return [_BYTELESS.sub(lambda match: f"\\u{ord(match[0]):04x}", cell) for cell in row]
