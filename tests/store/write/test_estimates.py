"""Which of several estimates of the same work an import stores, on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import update
from support.store_kit import (
    DAY,
    NOW_EPOCH,
    START_DAY,
    entry,
    foreign_entry,
    open_test_database,
    table_rows,
)

from tracker.domain.records import Imported, Task, WorkItem
from tracker.store.database import Database
from tracker.store.schema import changes
from tracker.store.write import entries, items, reversal
from tracker.store.write.estimates import EstimateCounts
from tracker.store.write.import_result import ImportResult
from tracker.store.write.import_undo import undo_import
from tracker.store.write.imports import import_records

BEGAN = (START_DAY + 1) * DAY + 9 * 3600
"""The start of ``entry(1)``."""


def import_log(database: Database, *records: Imported) -> ImportResult:
    """Import some records."""
    return import_records(database, records, source="s", file="f", now_epoch=NOW_EPOCH)


def estimate(minutes: float, epoch: int | None, **fields: Any) -> WorkItem:
    """Return an estimate of the work of ``entry``."""
    return WorkItem("ann", "T-1", "design", minutes, estimated_epoch=epoch, **fields)


def task_estimate(minutes: float, epoch: int | None) -> Task:
    """Return an estimate of the task of ``entry``."""
    return Task("T-1", estimate_minutes=minutes, estimated_epoch=epoch)


def stored(database: Database, table: str) -> tuple[float, int | None]:
    """Return the only estimate in a table."""
    (row,) = table_rows(database, table)[table]
    return row["estimate_minutes"], row["estimated_epoch"]


CASES = {
    "the last before the first entry": (
        [(60, BEGAN - 9), (90, BEGAN - 1), (30, BEGAN + 1)],
        (90, BEGAN - 1),
    ),
    "in any order": ([(30, BEGAN + 1), (90, BEGAN), (60, BEGAN - 9)], (90, BEGAN)),
    "the earliest where all are late": ([(30, BEGAN + 5), (90, BEGAN + 1)], (90, BEGAN + 1)),
    "with a date before one without": ([(60, None), (90, BEGAN + 1)], (90, BEGAN + 1)),
    "one without a date does not replace": ([(90, BEGAN - 1), (60, None)], (90, BEGAN - 1)),
    "the later row of one date": ([(60, BEGAN - 1), (90, BEGAN - 1)], (90, BEGAN - 1)),
    "the last row without dates": ([(60, None), (90, None)], (90, None)),
}


@pytest.mark.parametrize("imports", ["one import", "several imports"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["work_items", "tasks"])
def test_the_estimate_that_is_stored(database_url: str, case: str, kind: str, imports: str) -> None:
    """It does not depend on whether the estimates come in one import or in several."""
    rows, expected = CASES[case]
    make = estimate if kind == "work_items" else task_estimate
    records = [make(*row) for row in rows]
    with open_test_database(database_url) as database:
        import_log(database, foreign_entry(1))
        for batch in [records] if imports == "one import" else [[record] for record in records]:
            import_log(database, *batch)
        assert stored(database, kind) == expected


def test_entries_of_the_same_import_count(database_url: str) -> None:
    """Also where they come after the estimates; the import tells what does not count."""
    with open_test_database(database_url) as database:
        result = import_log(
            database,
            estimate(90, BEGAN - 1),
            estimate(30, BEGAN + 1),
            WorkItem("bob", "T-1", "design", 5.0, estimated_epoch=BEGAN + DAY),
            WorkItem("bob", "T-2", "design", 5.0),
            foreign_entry(1),
            foreign_entry(1, "bob"),
        )
        rows = table_rows(database, "work_items")["work_items"]
    assert rows[0]["estimate_minutes"] == 90
    assert (result.work_items, result.work_items_unchanged) == (3, 0)
    assert result.estimates == EstimateCounts(estimates=3, with_entries=2, undated=1, late=1)


def test_an_estimate_logged_here_is_not_replaced_by_one_without_a_date(database_url: str) -> None:
    """What a developer estimated before the work stays; other facts of the import are stored."""
    with open_test_database(database_url) as database:
        items.set_estimate(database, estimate(90, BEGAN - 1))
        entries.add_entry(database, entry(1))
        import_log(database, estimate(60, None, completed_epoch=BEGAN + DAY))
        (row,) = table_rows(database, "work_items")["work_items"]
    assert (row["estimate_minutes"], row["estimated_epoch"]) == (90, BEGAN - 1)
    assert row["completed_epoch"] == BEGAN + DAY


def test_an_import_that_chose_an_estimate_is_undone(database_url: str) -> None:
    """The stored estimate is again the one from before, however often the row was changed."""
    with open_test_database(database_url) as database:
        import_log(database, foreign_entry(1), estimate(60, BEGAN - 9))
        import_log(
            database, estimate(90, BEGAN - 1), estimate(90, BEGAN - 5, completed_epoch=BEGAN)
        )
        assert stored(database, "work_items") == (90, BEGAN - 1)
        undo_import(database)
        (row,) = table_rows(database, "work_items")["work_items"]
    assert (row["estimate_minutes"], row["estimated_epoch"]) == (60, BEGAN - 9)
    assert row["completed_epoch"] is None


def test_a_change_of_an_older_revision_can_be_undone(database_url: str) -> None:
    """The change log of that time lacks the columns that were added since."""
    with open_test_database(database_url) as database:
        items.set_estimate(database, estimate(90, BEGAN - 1))
        (change,) = table_rows(database, "changes")["changes"]
        row = json.loads(change["after"])
        del row["assistance_share"]
        with database.writing() as connection:
            connection.execute(update(changes).values(after=json.dumps(row)))
        assert reversal.undo(database, "ann") == "estimate of design T-1"
        assert table_rows(database, "work_items")["work_items"] == []
