"""`undo` and `redo` in the database: one command at a time, and never over later changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.store_kit import entry, entry_id, foreign_entry, open_test_database, table_rows

from tracker.domain.errors import NothingToDo
from tracker.domain.records import WorkItem
from tracker.store.schema import changes
from tracker.store.upgrade import Database
from tracker.store.write import change_log, entries, items, reversal
from tracker.store.write.imports import DELETED_BEFORE, import_records

DATA = ("entries", "work_items", "tasks", "rollouts", "claims", "activities")


def change_count(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(changes)).scalar_one()


def test_undo_and_redo_of_a_group_are_groups(database_url: str) -> None:
    """A group is undone, redone and undone again as a whole."""
    with open_test_database(database_url) as database:
        for number in range(3):
            entries.add_entry(database, entry(number))
        before = table_rows(database, *DATA)
        entries.delete_entries(database, "ann", [entry_id(number) for number in range(3)])
        for _ in range(2):
            assert reversal.undo(database, "ann").count("delete of design T-1 (30m)") == 3
            assert table_rows(database, *DATA) == before
            reversal.redo(database, "ann")
            assert table_rows(database, "entries") == {"entries": []}


def test_a_group_of_which_one_change_is_in_the_way_is_skipped_whole(database_url: str) -> None:
    """None of its changes is undone; the message names all of them."""
    with open_test_database(database_url) as database:
        items.set_task(database, "ann", "T-1", title="Login", group_id="g")
        items.complete(database, "ann", "T-2", 5, group_id="g")
        items.complete(database, "bob", "T-2", 6)
        before = table_rows(database, *DATA)
        with pytest.raises(NothingToDo, match="task of T-1; complete of T-2, changed again since"):
            reversal.undo(database, "ann")
        assert table_rows(database, *DATA) == before
        assert change_count(database) == 3


def test_a_redo_does_not_overwrite_a_later_change(database_url: str) -> None:
    """A column that another developer has changed since stays; the message says so."""
    with open_test_database(database_url) as database:
        items.set_task(database, "ann", "T-1", title="Login")
        items.set_task(database, "ann", "T-1", title="Sign in")
        reversal.undo(database, "ann")
        items.set_task(database, "bob", "T-1", title="Log in")
        with pytest.raises(NothingToDo, match="task of T-1 cannot be redone, changed again since"):
            reversal.redo(database, "ann")
        assert table_rows(database, "tasks")["tasks"][0]["title"] == "Log in"


def test_a_redone_late_estimate_changes_no_row(database_url: str) -> None:
    """It is in the change log only, also after `undo` and `redo`."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        items.set_estimate(database, WorkItem("ann", "T-1", "design", 60))
        before = table_rows(database, *DATA)
        for _ in range(2):
            assert reversal.undo(database, "ann") == "estimate-late of design T-1"
            assert reversal.redo(database, "ann") == "estimate-late of design T-1"
        assert table_rows(database, *DATA) == before


def test_what_the_hook_refuses_is_not_undone(database_url: str) -> None:
    """The transaction is rolled back as a whole."""

    def refuse(group: change_log.Group) -> None:
        assert [record.change.verb for record in group] == ["add"]
        raise NothingToDo("no")

    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        before = table_rows(database, *DATA, "changes")
        with pytest.raises(NothingToDo, match="no"):
            reversal.undo(database, "ann", refuse)
        assert table_rows(database, *DATA, "changes") == before


def test_a_delete_that_was_redone_and_undone_is_no_delete(database_url: str) -> None:
    """An import finds the entry; while the delete counts, it leaves the entry out."""
    with open_test_database(database_url) as database:

        def skipped() -> int:
            log = [foreign_entry(1)]
            result = import_records(database, log, source="jira", file="-", now_epoch=1)
            return result.skipped.get(DELETED_BEFORE, 0)

        assert skipped() == 0
        entries.delete_entries(database, "ann", [entry_id(1)])
        for _ in range(2):
            assert skipped() == 1
            reversal.undo(database, "ann")
            assert skipped() == 0
            reversal.redo(database, "ann")
        assert skipped() == 1


def test_records_of_the_outbox_are_undone_in_the_order_of_the_commands(tmp_path: Path) -> None:
    """Entries are stored first, so that late estimates are recognised; the order stays."""
    first, last = entry(1), entry(3, task="T-3")
    item = {"developer": "ann", "task": "T-2", "activity": "design", "estimate_minutes": 60.0}
    epoch = first.logged_epoch + 5
    records = [
        *(
            {"kind": "entry"} | {name: getattr(e, name) for name in e.__slots__}
            for e in (last, first)
        ),
        {"kind": "estimate", **item, "estimated_epoch": epoch},
    ]
    with open_test_database(f"sqlite:///{tmp_path / 'log.db'}") as database:
        entries.store_outbox(database, records)
        assert [reversal.undo(database, "ann") for _ in records] == [
            "add of design T-3 (30m)",
            "estimate of design T-2",
            "add of design T-1 (30m)",
        ]
        rows = table_rows(database, "changes")["changes"]
    assert json.loads(rows[0]["after"])["task"] == "T-1"


def test_a_group_id_in_the_outbox_that_is_none_is_refused(tmp_path: Path) -> None:
    """A record that was changed by hand does not keep the others from being stored."""
    first = entry(1)
    record = {"kind": "entry"} | {name: getattr(first, name) for name in first.__slots__}
    with open_test_database(f"sqlite:///{tmp_path / 'log.db'}") as database:
        result = entries.store_outbox(database, [record | {"group_id": 5}, record])
    assert result.entries == 1
    assert "group_id 5" in result.refused[0][1]
