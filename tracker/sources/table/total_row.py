"""Rows of totals at the end of an export, which are skipped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracker.domain.entry_batch import BatchedRecord
from tracker.domain.records import Rejected, Skipped
from tracker.sources.table.delimited import Positions, Table

TOTAL = "row of totals"
"""The reason for skipping a row of totals."""

_WORDS = {
    *("total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "gesamtsumme"),
    *("zwischensumme", "totale", "totaal", "suma", "razem"),
}
"""The words in the first cell of a row of totals, in lower case and without a colon."""

_IDENTIFYING = ("key", "developer", "task", "activity", "started_at", "ended_at", "date")
"""The columns that are empty in a row of totals."""


def skip_totals(
    records: Iterable[BatchedRecord], table: Table, positions: Positions, missing: frozenset[str]
) -> Iterator[BatchedRecord]:
    """Yield records, with the rejected rows of totals at the end of the table as skipped rows.

    Args:
        records: The records of the table's rows.
        table: The table.
        positions: The positions of the columns in a row.
        missing: The texts that mean "not known".
    """
    identifying = sorted({index for name in _IDENTIFYING for index in positions.get(name, ())})
    held: list[Rejected | Skipped] = []
    for record in records:
        if (
            isinstance(record, Rejected)
            and _is_total(record.row, len(table.header), identifying, missing)
        ) or (held and isinstance(record, Skipped)):
            held.append(record)
        else:
            yield from held
            held.clear()
            yield record
    for last in held:
        yield Skipped(last.line, TOTAL) if isinstance(last, Rejected) else last


def is_total_word(text: str) -> bool:
    """Return whether a text is a word for a total, such as ``Total:``."""
    return text.rstrip(": ").casefold() in _WORDS


def _is_total(
    row: Sequence[str], width: int, identifying: Sequence[int], missing: frozenset[str]
) -> bool:
    """Return whether a rejected row holds totals."""
    cells = [cell.strip() for cell in row]
    first = next((cell for cell in cells if cell not in missing), "")
    if is_total_word(first):
        return True
    return len(cells) == width and all(cells[index] in missing for index in identifying)
