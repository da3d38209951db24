"""What an import tells of its task keys, on both databases."""

from __future__ import annotations

import pytest
from support.store_kit import NOW_EPOCH, foreign_entry, open_test_database

from tracker.cli import import_messages
from tracker.domain.records import Imported, Task, WorkItem
from tracker.store.database import Database
from tracker.store.write import import_checks
from tracker.store.write.import_checks import KeyVariants
from tracker.store.write.import_result import ImportResult
from tracker.store.write.imports import import_records


def import_log(database: Database, *records: Imported) -> ImportResult:
    """Import some records."""
    return import_records(database, records, source="s", file="f", now_epoch=NOW_EPOCH)


def messages(result: ImportResult) -> list[str]:
    """Return the messages about an import after the first."""
    return list(import_messages.lines(result, {}, "f", dry_run=False))[1:]


def test_estimates_of_other_keys_are_counted(database_url: str) -> None:
    """None of the estimates belongs to a task with entries: a warning."""
    with open_test_database(database_url) as database:
        import_log(database, foreign_entry(1))
        result = import_log(database, *(Task(f"U-{n}", estimate_minutes=5.0) for n in range(3)))
    assert messages(result) == [
        "  warning: estimates: 0 of 3 belong to a task that has entries; "
        "import the entries too, or see how both logs write their tasks",
        "  when the estimates were made is not known; the column estimated_at says it",
    ]


def test_estimates_that_fit_are_counted_without_a_warning(database_url: str) -> None:
    """Also on a second import, which stores nothing; late ones are a warning."""
    records = [
        foreign_entry(1),
        foreign_entry(2, task="T-2"),
        WorkItem("ann", "T-1", "design", 5.0, estimated_epoch=NOW_EPOCH),
        Task("T-2", estimate_minutes=5.0, estimated_epoch=1),
        Task("T-3", estimate_minutes=5.0),
    ]
    with open_test_database(database_url) as database:
        first, second = (import_log(database, *records) for _ in range(2))
    assert messages(first) == [
        "  estimates: 2 of 3 belong to a task that has entries",
        "  when 1 of 3 estimates were made is not known; the column estimated_at says it",
        "  warning: 1 estimate was made after the work began: it does not count for it",
    ]
    assert messages(second) == messages(first)


def test_a_log_without_estimates_tells_nothing_of_them(database_url: str) -> None:
    """No line is printed where there is nothing to say."""
    with open_test_database(database_url) as database:
        assert messages(import_log(database, foreign_entry(1), Task("T-1", "Login"))) == []


def test_variants_of_a_key_are_counted_and_named(database_url: str) -> None:
    """Those of the import, against the whole log; variants that were there before are not told."""
    with open_test_database(database_url) as database:
        import_log(database, *(foreign_entry(n, task=f"PAY-{n}") for n in range(1, 6)))
        import_log(database, Task("OLD 1"), Task("old-1"))
        keys = ["pay-1", "PAY 2", "PAY3", "pay_4", "PAY-5", "PAY-6"]
        result = import_log(
            database, *(foreign_entry(n, task=key) for n, key in enumerate(keys, 10))
        )
    assert result.key_variants == KeyVariants(
        tasks=4,
        groups=4,
        examples=(("PAY 2", "PAY-2"), ("PAY-1", "pay-1"), ("PAY-3", "PAY3")),
    )
    assert messages(result) == [
        "  warning: 4 tasks differ only in case or spacing from others: "
        "PAY 2 / PAY-2, PAY-1 / pay-1, PAY-3 / PAY3, …"
    ]


def test_of_very_many_tasks_the_variants_in_the_whole_log_are_counted(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their keys are not held in memory, but read from the database."""
    monkeypatch.setattr(import_checks, "MAX_TASKS", 2)
    with open_test_database(database_url) as database:
        import_log(database, Task("OLD 1"), Task("old-1"))
        keys = ["PAY-1", "pay-1", "PAY-2"]
        result = import_log(database, *(foreign_entry(n, task=k) for n, k in enumerate(keys, 1)))
    assert result.key_variants == KeyVariants(
        tasks=4, groups=2, examples=(("OLD 1", "old-1"), ("PAY-1", "pay-1"))
    )
