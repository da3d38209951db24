"""The row of totals at the end of an export."""

from __future__ import annotations

import pytest
from support.foreign_logs import HEADER, ROW, read, records_of

from tracker.domain.records import Entry, Rejected, Skipped
from tracker.sources.table.total_row import TOTAL


@pytest.mark.parametrize(
    "total", ["Total,,,,,\n", "Summe:,,,,,\n", ",,,,,12.5\n", "Total,12.5\n", ",,,,,3\n\n,,,,,\n"]
)
def test_a_row_of_totals_at_the_end_is_left_out(total: str) -> None:
    """It is counted with its reason, and is no fault of the file."""
    header = HEADER.replace("\n", ",sum\n")
    row = ROW.replace("\n", ",1.5\n")
    records = read(header + row + total.replace(",,,,,", ",,,,,,"))
    assert isinstance(records[0], Entry)
    assert records[1] == Skipped(3, TOTAL)
    assert not records_of(Rejected, records)


@pytest.mark.parametrize("last", [",,T-1,design,,\n", "1,ann,T-1,design,2026-0\n", "x,,,,,\n"])
def test_a_broken_last_row_is_no_row_of_totals(last: str) -> None:
    """A row that names a task, a person or a key, or is cut off, is rejected."""
    assert len(records_of(Rejected, read(HEADER + ROW + last))) == 1


def test_totals_in_the_middle_are_rejected() -> None:
    """Only rows at the end of the file are totals of it."""
    records = read(HEADER + ROW + "Total,,,,,\n" + ROW.replace("1", "2", 1))
    assert [type(record) for record in records] == [Entry, Rejected, Entry]
