"""The row of totals that some exports end with: left out, not an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracker.domain.entry_batch import BatchedRecord
from tracker.domain.records import Rejected, Skipped
from tracker.sources.table.delimited import Positions, Table

TOTAL = "row of totals"
"""Why the last row is skipped."""

_WORDS = {
    *("total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "gesamtsumme"),
    *("zwischensumme", "totale", "totaal", "suma", "razem"),
}
"""What the first cell of a row of totals may say; lower case, without a colon."""

_IDENTIFYING = ("key", "developer", "task", "activity", "started_at", "ended_at", "date")
"""The columns that a row of totals leaves empty."""


def skip_totals(
    records: Iterable[BatchedRecord], table: Table, positions: Positions, missing: frozenset[str]
) -> Iterator[BatchedRecord]:
    """Yield records; rejected rows of totals at the end of the table are skipped instead.

    Args:
        records: The records of the table's rows.
        table: The table.
        positions: Where in a row the columns are.
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
    """Return whether a text is what the first cell of a row of totals says."""
    return text.rstrip(": ").casefold() in _WORDS


def _is_total(
    row: Sequence[str], width: int, identifying: Sequence[int], missing: frozenset[str]
) -> bool:
    """Return whether a row that cannot be imported holds totals."""
    cells = [cell.strip() for cell in row]
    first = next((cell for cell in cells if cell not in missing), "")
    if is_total_word(first):
        return True
    return len(cells) == width and all(cells[index] in missing for index in identifying)
