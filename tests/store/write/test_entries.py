"""Writes by people: each is one transaction, is in the change log, and can be undone."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from support.store_kit import (
    NOW_EPOCH,
    entry,
    entry_id,
    open_test_database,
    row_counts,
    store_unchecked,
    table_rows,
)

from tracker.domain.errors import BadValue, NotFound, NothingToDo, StoreError
from tracker.domain.records import ACTIVITIES, Claim, Entry, Rollout, Task, WorkItem
from tracker.store.read import entry_ids, queries
from tracker.store.schema import changes
from tracker.store.upgrade import Database
from tracker.store.write import entries, items, reversal, team_data

CLAIM = Claim("ours", "design", 0.25, "efficiency_gain", "at_least", "the sales call of May")
DATA = ("entries", "work_items", "tasks", "rollouts", "claims", "activities")
"""The tables whose rows ``undo`` restores."""


def outbox_record(record: Entry | WorkItem) -> dict[str, Any]:
    """Return a record as it is stored in the outbox."""
    return {
        "kind": "entry" if isinstance(record, Entry) else "estimate",
        **dataclasses.asdict(record),
    }


def estimate(minutes: float, epoch: int, task: str = "T-1", **fields: Any) -> WorkItem:
    return WorkItem("ann", task, "design", minutes, estimated_epoch=epoch, **fields)


def item(database: Database, task: str = "T-1") -> WorkItem | None:
    with database.reading() as connection:
        return queries.work_item(connection, "ann", "design", task)


def verbs(database: Database) -> list[str]:
    """Return the verbs of the change log, in order."""
    with database.reading() as connection:
        return list(
            connection.execute(
                select(changes.c.verb).order_by(changes.c.developer, changes.c.id)
            ).scalars()
        )


# entries


def test_an_entry_is_stored_with_all_fields(database_url: str) -> None:
    """Every field is read as it was written; the month and the change log are right."""
    full = entry(
        1,
        team="blue",
        assisted="yes",
        basis="flag",
        assistant="Spark 3",
        note="first draft — “Entwurf”",
        tags="ui,api",
        interruption_seconds=60,
    )
    with open_test_database(database_url) as database:
        assert entries.add_entry(database, full)
        with database.reading() as connection:
            assert entry_ids.entry(connection, "ann", full.id) == full
        (row,) = table_rows(database, "entries")["entries"]
        (change,) = table_rows(database, "changes")["changes"]
    assert row["local_month"] == 12 * (2024 - 1970) + 10 - 1  # day 20,001 is 2024-10-05
    assert json.loads(change["after"]) == row
    assert (change["verb"], change["before"], change["changed_epoch"]) == ("add", None, NOW_EPOCH)


def test_the_same_entry_is_added_once(database_url: str) -> None:
    """A stored id is not inserted again."""
    with open_test_database(database_url) as database:
        assert [entries.add_entry(database, entry(1)) for _ in range(2)] == [True, False]
        assert row_counts(database) == {"entries": 1, "changes": 1}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": "seven"}, "not a UUID"),
        ({"seconds": -1}, "0 or more"),
        ({"task": ""}, "task is '': it is missing"),
        ({"task": "a\x1b[31mb"}, "a control character"),
        (
            {"started_epoch": NOW_EPOCH, "ended_epoch": NOW_EPOCH + 1},
            "ended_at is 2026-03-01T12:00:01.*in the future",
        ),
    ],
)
def test_an_entry_that_is_not_valid_is_refused(
    tmp_path: Any, fields: dict[str, Any], message: str
) -> None:
    """The field and the value are named, and nothing is stored."""
    with open_test_database(f"sqlite:///{tmp_path}/log.db") as database:
        with pytest.raises(BadValue, match=message):
            entries.add_entry(database, entry(1, **fields))
        assert row_counts(database) == {}


def test_an_edit_is_logged_with_the_row_before_and_after(database_url: str) -> None:
    """The entry and its month change; the change log has both rows."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        edited = entries.edit_entry(
            database, "ann", entry_id(1), seconds=3600, local_day=20_100, note="longer"
        )
        (row,) = table_rows(database, "entries")["entries"]
        change = table_rows(database, "changes")["changes"][-1]
    assert (edited.seconds, edited.note, row["local_month"]) == (3600, "longer", 12 * (2025 - 1970))
    assert (json.loads(change["before"])["seconds"], json.loads(change["after"])["seconds"]) == (
        1800,
        3600,
    )


def test_an_edit_that_changes_nothing_is_refused(database_url: str) -> None:
    """Nothing is added to the change log."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        with pytest.raises(NothingToDo, match="like that already"):
            entries.edit_entry(database, "ann", entry_id(1), seconds=1800)
        assert verbs(database) == ["add"]


def test_source_and_key_cannot_be_edited(tmp_path: Any) -> None:
    """Only the fields of EDITABLE can be edited."""
    with (
        open_test_database(f"sqlite:///{tmp_path}/log.db") as database,
        pytest.raises(TypeError, match="source_key"),
    ):
        entries.edit_entry(database, "ann", entry_id(1), source_key="7")


def test_an_edited_entry_is_checked(database_url: str) -> None:
    """The same check as for a new entry refuses the edit."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        with pytest.raises(BadValue, match="0 or more"):
            entries.edit_entry(database, "ann", entry_id(1), seconds=-5)
        assert verbs(database) == ["add"]


def test_an_entry_is_identified_by_the_beginning_of_its_id(database_url: str) -> None:
    """Unknown and ambiguous beginnings are refused, as are those of another developer."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(0x11))
        entries.add_entry(database, entry(0x12))
        assert entries.delete_entries(database, "ann", [entry_id(0x11).upper()])[0].id == entry_id(
            0x11
        )
        entries.add_entry(database, entry(0x13))
        with pytest.raises(NotFound, match=r"several entries of ann .* give more of the id"):
            entries.delete_entries(database, "ann", [entry_id(0x12)[:-1]])
        for developer, prefix in (
            ("ann", "ffff"),
            ("bob", entry_id(0x12)),
            ("ann", ""),
            ("ann", "%"),
        ):
            with pytest.raises(NotFound, match="`tracker entries` lists the ids"):
                entries.delete_entries(database, developer, [prefix])


# names in NFC

DECOMPOSED = unicodedata.normalize("NFD", "Zoë")
COMPOSED = unicodedata.normalize("NFC", "Zoë")


def test_an_entry_is_stored_and_read_under_either_spelling_of_a_name(database_url: str) -> None:
    """Names are stored in NFC, and developer and task are compared in it."""
    with open_test_database(database_url) as database:
        typed = entry(1, DECOMPOSED, task=DECOMPOSED)
        entries.add_entry(database, typed)
        entries.store_outbox(database, [outbox_record(entry(2, DECOMPOSED, task=DECOMPOSED))])
        for name in (DECOMPOSED, COMPOSED):
            edited = entries.edit_entry(database, name, typed.id, note=name, task=DECOMPOSED)
            assert (edited.task, edited.note) == (COMPOSED, name)
            with database.reading() as connection:
                stored = queries.entries(connection, developer=name, task=name)
            assert {row.id for row in stored} == {typed.id, entry_id(2)}
            assert {(row.developer, row.task) for row in stored} == {(COMPOSED, COMPOSED)}
        assert reversal.undo(database, DECOMPOSED).startswith("edit of")
        entries.delete_entries(database, DECOMPOSED, [entry_id(2)])
        assert reversal.undo(database, COMPOSED).startswith("delete of")


def test_an_entry_stored_before_names_were_normalised_stays_usable(database_url: str) -> None:
    """It is read, edited, deleted and undone under its own spelling."""
    with open_test_database(database_url) as database:
        store_unchecked(database, [entry(1, DECOMPOSED, task=DECOMPOSED)])
        edited = entries.edit_entry(database, DECOMPOSED, entry_id(1), seconds=60)
        assert (edited.developer, edited.task, edited.seconds) == (DECOMPOSED, DECOMPOSED, 60)
        entries.delete_entries(database, DECOMPOSED, [entry_id(1)])
        for _ in range(2):
            reversal.undo(database, DECOMPOSED)
        with database.reading() as connection:
            assert entry_ids.entry(connection, DECOMPOSED, entry_id(1)).seconds == 1800


def test_an_entry_stored_before_entries_were_checked_is_readable(database_url: str) -> None:
    """An entry in the future with a control character is listed and exported."""
    unchecked = entry(1, task="a\x1bb", started_epoch=NOW_EPOCH + 1, ended_epoch=NOW_EPOCH + 2)
    with open_test_database(database_url) as database:
        store_unchecked(database, [unchecked])
        with database.reading() as connection:
            assert queries.entries(connection) == [unchecked]
            assert len(list(queries.export_entries(connection))) == 1
        with pytest.raises(BadValue, match="task is 'a"):
            entries.edit_entry(database, "ann", unchecked.id, seconds=60)
        entries.delete_entries(database, "ann", [unchecked.id])


def test_facts_are_stored_under_either_spelling_of_a_name(database_url: str) -> None:
    """Tasks, work items, rollouts, activities and claims are stored in NFC, and found again."""
    claim = dataclasses.replace(CLAIM, id=DECOMPOSED, activity=DECOMPOSED)
    with open_test_database(database_url) as database:
        items.set_task(database, "ann", DECOMPOSED, project=DECOMPOSED)
        items.set_task(database, "ann", COMPOSED, title="Login")
        items.set_estimate(database, WorkItem("ann", DECOMPOSED, DECOMPOSED, 60))
        items.complete(database, "ann", COMPOSED, NOW_EPOCH, activity=COMPOSED)
        items.assign(database, "ann", DECOMPOSED, DECOMPOSED, Random(1))
        team_data.set_rollout(database, "ann", Rollout(DECOMPOSED, 20_000, team=DECOMPOSED))
        team_data.set_rollout(database, "ann", Rollout(COMPOSED, 20_001, team=COMPOSED))
        team_data.add_activity(database, "ann", DECOMPOSED)
        team_data.add_claim(database, "ann", claim)
        assert row_counts(database) == {
            "tasks": 1,
            "work_items": 1,
            "rollouts": 1,
            "activities": 1,
            "claims": 1,
            "changes": 9,
        }
        stored = table_rows(database, *DATA)
        assert DECOMPOSED not in json.dumps(stored, ensure_ascii=False)
        with database.reading() as connection:
            assert queries.task(connection, DECOMPOSED) == Task(COMPOSED, "Login", COMPOSED)
            assert queries.has_task(connection, DECOMPOSED)
        team_data.remove_rollout(database, "ann", DECOMPOSED, of_team=DECOMPOSED)
        team_data.remove_claim(database, "ann", DECOMPOSED)


def test_a_work_item_that_is_not_valid_is_refused(tmp_path: Any) -> None:
    """Names of work items and texts of tasks are checked, too."""
    with open_test_database(f"sqlite:///{tmp_path}/log.db") as database:
        with pytest.raises(BadValue, match="task is 'a"):
            items.set_estimate(database, estimate(60, 1, "a\x1bb"))
        with pytest.raises(BadValue, match="project is 'a"):
            items.set_task(database, "ann", "T-1", project="a\x1bb")
        assert row_counts(database) == {}


# undo


def test_undo_undoes_one_change_after_another(database_url: str) -> None:
    """From the last to the first, until there is none."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        entries.edit_entry(database, "ann", entry_id(1), task="T-2")
        entries.delete_entries(database, "ann", [entry_id(1)])
        assert reversal.undo(database, "ann") == "delete of design T-2 (30m)"
        assert [row["task"] for row in table_rows(database, "entries")["entries"]] == ["T-2"]
        assert reversal.undo(database, "ann") == "edit of design T-1 (now 30m)"
        assert [row["task"] for row in table_rows(database, "entries")["entries"]] == ["T-1"]
        assert reversal.undo(database, "ann") == "add of design T-1 (30m)"
        with pytest.raises(NothingToDo, match="no change by ann to undo"):
            reversal.undo(database, "ann")
        assert verbs(database) == ["add", "edit", "delete", "undo", "undo", "undo"]
        assert row_counts(database) == {"changes": 6}


def test_a_change_after_an_undo_can_be_undone(database_url: str) -> None:
    """Then the changes before the first undo follow."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        entries.edit_entry(database, "ann", entry_id(1), seconds=60)
        reversal.undo(database, "ann")
        entries.edit_entry(database, "ann", entry_id(1), seconds=120)
        reversal.undo(database, "ann")
        assert [row["seconds"] for row in table_rows(database, "entries")["entries"]] == [1800]
        reversal.undo(database, "ann")
        assert row_counts(database).get("entries") is None


def test_undo_ignores_changes_by_others(database_url: str) -> None:
    """The last change by another developer stays."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1, "ann"))
        entries.add_entry(database, entry(2, "bob"))
        reversal.undo(database, "ann")
        assert [row["developer"] for row in table_rows(database, "entries")["entries"]] == ["bob"]


def test_undo_keeps_later_changes_by_others(database_url: str) -> None:
    """Only columns of the change are restored; a column changed since is not undone."""
    with open_test_database(database_url) as database:
        items.set_task(database, "bob", "T-1", title="Login")
        items.set_task(database, "ann", "T-1", title="Sign in")
        items.set_task(database, "bob", "T-1", project="web")
        reversal.undo(database, "ann")
        (row,) = table_rows(database, "tasks")["tasks"]
        assert (row["title"], row["project"]) == ("Login", "web")
        items.set_task(database, "ann", "T-1", title="Sign in")
        items.set_task(database, "bob", "T-1", title="Log in")
        with pytest.raises(
            NothingToDo,
            match="no change by ann that can be undone: task of T-1, changed again since",
        ):
            reversal.undo(database, "ann")
        (row,) = table_rows(database, "tasks")["tasks"]
        assert row["title"] == "Log in"


CHANGES: dict[str, Callable[[Database], Any]] = {
    "add": lambda db: entries.add_entry(db, entry(7)),
    "edit": lambda db: entries.edit_entry(db, "ann", entry_id(1), note="x"),
    "delete": lambda db: entries.delete_entries(db, "ann", [entry_id(1)]),
    "estimate": lambda db: items.set_estimate(db, estimate(60, 1, "T-9")),
    "second estimate": lambda db: items.set_estimate(db, estimate(90, 2, "T-3")),
    "late estimate": lambda db: items.set_estimate(db, estimate(60, NOW_EPOCH)),
    "task": lambda db: items.set_task(db, "ann", "T-1", title="Login"),
    "done": lambda db: items.complete(db, "ann", "T-1", NOW_EPOCH),
    "done for an activity": lambda db: items.complete(
        db, "ann", "T-3", NOW_EPOCH, activity="design"
    ),
    "rollout": lambda db: team_data.set_rollout(db, "ann", Rollout("Spark", 20_000, team="blue")),
    "rollout corrected": lambda db: team_data.set_rollout(db, "ann", Rollout("Copilot", 20_007)),
    "rollout removed": lambda db: team_data.remove_rollout(db, "ann", "Copilot"),
    "activity": lambda db: team_data.add_activity(db, "ann", "spike"),
    "claim": lambda db: team_data.add_claim(db, "ann", CLAIM),
    "claim removed": lambda db: team_data.remove_claim(db, "ann", "theirs"),
}


def fill(database: Database) -> None:
    """Store something for every kind of change."""
    entries.add_entry(database, entry(1))
    items.set_estimate(database, estimate(30, 1, "T-3"))
    team_data.set_rollout(database, "ann", Rollout("Copilot", 20_000))
    team_data.add_claim(database, "ann", dataclasses.replace(CLAIM, id="theirs"))


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_change_is_logged_and_undone(database_url: str, change: str) -> None:
    """A change adds one row to the change log, and one undo restores the state before it."""
    with open_test_database(database_url) as database:
        fill(database)
        before, logged = table_rows(database, *DATA), row_counts(database)["changes"]
        CHANGES[change](database)
        assert row_counts(database)["changes"] == logged + 1
        assert (table_rows(database, *DATA) == before) == (change == "late estimate")
        reversal.undo(database, "ann")
        assert table_rows(database, *DATA) == before
        assert verbs(database)[-1] == "undo"


def test_a_draw_cannot_be_undone(database_url: str) -> None:
    """Otherwise one could redraw until the wished arm comes up."""
    with open_test_database(database_url) as database:
        fill(database)
        items.set_task(database, "ann", "T-1", title="Login")
        arm = items.assign(database, "ann", "design", "T-3", Random(1))
        assert "T-1" in reversal.undo(database, "ann")
        (row,) = table_rows(database, "work_items")["work_items"]
        assert row["assigned"] == arm
        with pytest.raises(NothingToDo):
            items.assign(database, "ann", "design", "T-3", Random(2))


def test_undo_skips_what_cannot_be_undone(database_url: str) -> None:
    """What is skipped is named, also where nothing else can be undone."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        items.set_estimate(database, estimate(120, 1, "B"))
        items.assign(database, "ann", "design", "B", Random(1))
        items.set_task(database, "ann", "B", title="Login")
        skipped = "estimate of design B, changed again since (its arm is drawn)"
        assert reversal.undo(database, "ann") == "task of B"
        assert reversal.undo(database, "ann") == f"add of design T-1 (30m); skipped: {skipped}"
        with pytest.raises(NothingToDo, match=re.escape(f"that can be undone: {skipped}.")):
            reversal.undo(database, "ann")
        assert item(database, "B") is not None
        assert "entries" not in row_counts(database)


def test_undo_names_at_most_three_skipped_changes(database_url: str) -> None:
    """The others are counted."""
    with open_test_database(database_url) as database:
        for number in range(5):
            items.set_task(database, "ann", f"T-{number}", title="old")
            items.set_task(database, "bob", f"T-{number}", title="new")
        with pytest.raises(
            NothingToDo, match=r"task of T-4, .* task of T-2, changed again since; and 2 more\."
        ):
            reversal.undo(database, "ann")


def test_a_removed_rollout_is_not_restored_beside_a_new_one(database_url: str) -> None:
    """Undo does not create a second rollout of the same scope."""
    with open_test_database(database_url) as database:
        team_data.set_rollout(database, "ann", Rollout("Spark", 20_000))
        team_data.remove_rollout(database, "ann", "Spark")
        team_data.set_rollout(database, "bob", Rollout("Spark", 20_010))
        with pytest.raises(NothingToDo, match="changed again since"):
            reversal.undo(database, "ann")
        assert [row["day"] for row in table_rows(database, "rollouts")["rollouts"]] == [20_010]


# concurrency


def run_concurrently(*functions: Callable[[], Any]) -> None:
    """Run all functions at the same time, each in a thread; raise what any of them raises."""
    barrier = Barrier(len(functions))

    def run(function: Callable[[], Any]) -> None:
        barrier.wait(timeout=10)
        function()

    with ThreadPoolExecutor(len(functions)) as pool:
        for future in [pool.submit(run, function) for function in functions]:
            future.result(timeout=30)


def test_concurrent_changes_of_a_task_are_all_stored(database_url: str) -> None:
    """None is lost, the task is inserted once, and the change log has the true row before each."""
    with open_test_database(database_url) as database:
        for number in range(20):
            run_concurrently(
                partial(items.set_task, database, "ann", f"T-{number}", title="Login"),
                partial(items.set_task, database, "bob", f"T-{number}", project="web"),
                partial(items.complete, database, "cat", f"T-{number}", NOW_EPOCH),
            )
        rows = table_rows(database, "tasks", "changes")
    facts = {(row["title"], row["project"], row["completed_epoch"]) for row in rows["tasks"]}
    assert (len(rows["tasks"]), facts) == (20, {("Login", "web", NOW_EPOCH)})
    assert sum(change["before"] is None for change in rows["changes"]) == 20


def test_concurrent_identical_records_are_stored_once(database_url: str) -> None:
    """A rollout, an activity and a claim; the second activity and claim are refused."""
    refusals = []

    def attempt(change: Callable[[], Any]) -> None:
        try:
            change()
        except (NothingToDo, BadValue) as refusal:
            refusals.append(refusal)

    with open_test_database(database_url) as database:
        for number in range(10):
            claim = dataclasses.replace(CLAIM, id=f"ours-{number}")
            run_concurrently(
                *(
                    partial(
                        team_data.set_rollout,
                        database,
                        lead,
                        Rollout(f"Spark {number}", 20_000, team="blue"),
                    )
                    for lead in ("ann", "bob", "cat")
                ),
                *(
                    partial(
                        attempt, partial(team_data.add_activity, database, lead, f"spike-{number}")
                    )
                    for lead in ("ann", "bob")
                ),
                *(
                    partial(attempt, partial(team_data.add_claim, database, lead, claim))
                    for lead in ("ann", "bob")
                ),
            )
        assert {name: n for name, n in row_counts(database).items() if name != "changes"} == {
            "rollouts": 10,
            "activities": 10,
            "claims": 10,
        }
    assert len(refusals) == 20


def test_concurrent_outboxes_do_not_block_each_other(database_url: str) -> None:
    """In whatever order the developers are in them: there is no deadlock."""
    with open_test_database(database_url) as database:
        for number in range(0, 40, 4):
            first = [outbox_record(entry(number, "ann")), outbox_record(entry(number + 1, "bob"))]
            second = [
                outbox_record(entry(number + 2, "bob")),
                outbox_record(entry(number + 3, "ann")),
            ]
            run_concurrently(
                partial(entries.store_outbox, database, first),
                partial(entries.store_outbox, database, second),
            )
        assert row_counts(database) == {"entries": 40, "changes": 40}


@given(names=st.lists(st.sampled_from(sorted(CHANGES)), max_size=8))
@settings(max_examples=15, deadline=None)
def test_any_chain_of_changes_is_undone_step_by_step(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Undo goes through the same states in reverse, whatever the changes and their order."""
    with open_test_database(f"sqlite:///{tmp_path_factory.mktemp('chain')}/log.db") as database:
        fill(database)
        states = []
        for name in names:
            before, logged = table_rows(database, *DATA), row_counts(database)["changes"]
            try:
                CHANGES[name](database)
            except (NothingToDo, NotFound, BadValue):
                continue  # refused the second time: nothing changed
            if row_counts(database)["changes"] > logged:
                states.append(before)
        for state in reversed(states):
            reversal.undo(database, "ann")
            assert table_rows(database, *DATA) == state


# the outbox


def test_a_clock_set_back_after_logging_refuses_nothing(database_url: str) -> None:
    """An entry that was valid when it was logged is stored, though its end is now to come."""
    later = NOW_EPOCH + 90
    record = outbox_record(
        entry(1, ended_epoch=later, started_epoch=later - 60, logged_epoch=later)
    )
    with open_test_database(database_url) as database:
        result = entries.store_outbox(database, [record])
        assert (result.entries, result.refused) == (1, ())


def test_storing_the_outbox_twice_changes_nothing(database_url: str) -> None:
    """After a crash before the outbox is cleared, all of it is submitted again."""
    began = entry(1).started_epoch
    outbox = [
        outbox_record(estimate(60, began)),
        outbox_record(entry(1)),
        outbox_record(entry(2)),
        outbox_record(estimate(90, began + 5)),
    ]
    with open_test_database(database_url) as database:
        first = entries.store_outbox(database, outbox)
        expected = table_rows(database, *DATA, "changes")
        second = entries.store_outbox(database, outbox)
        assert table_rows(database, *DATA, "changes") == expected
    assert (first.entries, first.estimates, first.unchanged, first.refused) == (2, 1, 0, ())
    assert [late.estimate_minutes for late in first.late] == [90]
    assert (second.entries, second.estimates, second.unchanged, second.late) == (0, 0, 4, ())


def test_deleted_and_undone_entries_are_not_stored_again(database_url: str) -> None:
    """An entry that the outbox submits a second time stays deleted or undone."""
    with open_test_database(database_url) as database:
        entries.store_outbox(database, [outbox_record(entry(1)), outbox_record(entry(2))])
        reversal.undo(database, "ann")
        entries.delete_entries(database, "ann", [entry_id(1)])
        assert (
            entries.store_outbox(
                database, [outbox_record(entry(1)), outbox_record(entry(2))]
            ).unchanged
            == 2
        )
        assert "entries" not in row_counts(database)


def test_invalid_records_do_not_block_the_others(database_url: str) -> None:
    """They are returned with the reason, and the others are stored."""
    invalid = [
        {"kind": "poem"},
        {"kind": "entry", "id": "x"},
        outbox_record(entry(2, seconds=-1)),
        outbox_record(estimate(0, 1)),
        outbox_record(entry(3, note="nul\0")),
        outbox_record(entry(4, started_epoch=NOW_EPOCH, ended_epoch=NOW_EPOCH + 1)),
    ]
    with open_test_database(database_url) as database:
        absorbed = entries.store_outbox(database, [*invalid, outbox_record(entry(1))])
        assert row_counts(database) == {"entries": 1, "changes": 1}
    assert [record for record, _ in absorbed.refused] == invalid
    assert all("\n" not in reason for _, reason in absorbed.refused)


def test_a_record_that_the_database_refuses_is_refused_alone(database_url: str) -> None:
    """It is returned with the reason, and the records around it are stored."""
    too_large = outbox_record(entry(2, logged_epoch=2**63))
    no_such_month = outbox_record(entry(3, local_day=10**12))
    outbox = [
        outbox_record(entry(1)),
        too_large,
        outbox_record(estimate(60, 1, "T-9")),
        no_such_month,
        outbox_record(entry(4)),
    ]
    with open_test_database(database_url) as database:
        absorbed = entries.store_outbox(database, outbox)
        second = entries.store_outbox(database, outbox)
        assert row_counts(database) == {"entries": 2, "work_items": 1, "changes": 3}
    assert (absorbed.entries, absorbed.estimates, absorbed.unchanged) == (2, 1, 0)
    assert [record for record, _ in absorbed.refused] == [no_such_month, too_large]
    assert all(reason and "\n" not in reason for _, reason in absorbed.refused)
    assert (second.entries, second.unchanged, len(second.refused)) == (0, 3, 2)


def test_a_row_too_large_for_an_index_is_refused_alone(postgres_url: str) -> None:
    """Three names of valid length may be too large for a page of PostgreSQL's index."""
    rng = Random(1)
    task, activity, developer = (
        "".join(chr(rng.randrange(0x10000, 0x1F000)) for _ in range(500)) for _ in range(3)
    )
    wide = outbox_record(entry(1, developer, task=task, activity=activity))
    with open_test_database(postgres_url) as database:
        absorbed = entries.store_outbox(database, [wide, outbox_record(entry(2))])
        assert row_counts(database) == {"entries": 1, "changes": 1}
    ((record, reason),) = absorbed.refused
    assert record == wide
    assert "index row" in reason


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            outbox_record(entry(1, task="x" * 501)),
            f"task is '{'x' * 60}'…: it has 501 characters; give at most 500",
        ),
        (
            outbox_record(entry(1, source="jira", source_key="x" * 501)),
            "source_key is .* at most 500",
        ),
        (outbox_record(entry(1, team=7)), "team is 7: give a text"),
        (outbox_record(entry(1, ended_epoch="noon")), "ended_epoch is 'noon': give a whole number"),
        (outbox_record(estimate(60, 1)) | {"developer": None}, "developer is None: it is missing"),
        (outbox_record(estimate(60, "noon")), "estimated_epoch is 'noon'"),  # type: ignore[arg-type]
        (
            outbox_record(estimate(60, 1, assigned="both")),
            "assigned is 'both': give one of baseline, assistance",
        ),
    ],
)
def test_an_invalid_record_is_refused_with_the_reason(
    tmp_path: Any, record: dict[str, Any], message: str
) -> None:
    """The field, its value and what to do."""
    with open_test_database(f"sqlite:///{tmp_path}/log.db") as database:
        ((_, reason),) = entries.store_outbox(database, [record]).refused
        assert row_counts(database) == {}
    assert re.search(message, reason)


def test_nothing_is_refused_where_the_database_is_busy(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All records stay in the outbox, and can be stored later."""
    monkeypatch.setitem(Database.writing.__wrapped__.__kwdefaults__, "lock_timeout_seconds", 0)  # type: ignore[attr-defined]
    with (
        open_test_database(f"sqlite:///{tmp_path}/log.db") as database,
        open_test_database(f"sqlite:///{tmp_path}/log.db") as other,
    ):
        with other.writing(), pytest.raises(StoreError, match="busy"):
            entries.store_outbox(
                database, [outbox_record(entry(1)), outbox_record(entry(2, logged_epoch=2**63))]
            )
        assert row_counts(database) == {}


def test_nothing_is_refused_where_the_disk_is_full(tmp_path: Any) -> None:
    """Also where the database would refuse a record: nothing is stored."""
    too_large = outbox_record(entry(500, logged_epoch=2**63))
    with open_test_database(f"sqlite:///{tmp_path}/log.db") as database:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 60")
        outbox = [outbox_record(entry(number, note="x" * 3000)) for number in range(100)]
        with pytest.raises(
            StoreError, match=r"cannot grow \(database or disk is full\): make room"
        ):
            entries.store_outbox(database, [too_large, *outbox])
        assert row_counts(database) == {}
        assert entries.store_outbox(database, [too_large, *outbox[:3]]).entries == 3


# estimates and the draw


def test_the_last_estimate_before_the_work_counts(database_url: str) -> None:
    """A second estimate before the first entry replaces the first one."""
    began = entry(1).started_epoch
    with open_test_database(database_url) as database:
        assert items.set_estimate(database, estimate(60, began - 200, estimate_ai_minutes=40))
        assert items.set_estimate(database, estimate(90, began - 100))
        entries.add_entry(database, entry(1))
        stored = item(database)
    assert stored is not None
    assert (stored.estimate_minutes, stored.estimate_ai_minutes, stored.estimated_epoch) == (
        90,
        40,
        began - 100,
    )


def test_a_late_estimate_is_logged_but_does_not_count(database_url: str) -> None:
    """An estimate made after the work began is in the change log only."""
    began = entry(1).started_epoch
    with open_test_database(database_url) as database:
        items.set_estimate(database, estimate(60, began - 1))
        entries.add_entry(database, entry(1))
        assert not items.set_estimate(database, estimate(600, began + 1))
        assert item(database) == estimate(60, began - 1)
        assert verbs(database) == ["estimate", "add", "estimate-late"]


def test_a_late_estimate_does_not_count_even_without_an_earlier_one(database_url: str) -> None:
    """The item then has no estimate."""
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        assert not items.set_estimate(database, estimate(60, NOW_EPOCH))
        assert item(database) is None


def test_an_estimate_made_in_the_second_of_the_start_is_not_late(database_url: str) -> None:
    """`start --estimate` records both at once; one second later is late."""
    began = entry(1).started_epoch
    with open_test_database(database_url) as database:
        entries.add_entry(database, entry(1))
        assert items.set_estimate(database, estimate(60, began))
        assert not items.set_estimate(database, estimate(90, began + 1))
        assert item(database) == estimate(60, began)


def test_an_estimate_made_in_the_second_of_another_replaces_it(database_url: str) -> None:
    """Of two estimates made at the same time the one stored last counts."""
    with open_test_database(database_url) as database:
        assert items.set_estimate(database, estimate(60, 100))
        assert items.set_estimate(database, estimate(90, 100))
        assert item(database) == estimate(90, 100)


def test_an_estimate_stored_after_its_entry_may_count(database_url: str) -> None:
    """The times of estimate and start count, not the order in which they are stored."""
    began = entry(1).started_epoch
    with open_test_database(database_url) as database:
        absorbed = entries.store_outbox(
            database, [outbox_record(entry(1)), outbox_record(estimate(60, began))]
        )
        assert (absorbed.estimates, absorbed.late) == (1, ())
        assert item(database) == estimate(60, began)


def test_the_estimate_made_last_counts_whatever_is_stored_last(database_url: str) -> None:
    """An older estimate from another computer does not replace a newer one."""
    with open_test_database(database_url) as database:
        items.set_estimate(database, estimate(60, 200))
        assert not items.set_estimate(database, estimate(90, 100))
        assert item(database) == estimate(60, 200)


@pytest.mark.parametrize("minutes", [0, -5, float("nan"), float("inf")])
def test_an_estimate_has_to_be_above_zero(tmp_path: Any, minutes: float) -> None:
    """0 has no logarithm."""
    with open_test_database(f"sqlite:///{tmp_path}/log.db") as database:
        with pytest.raises(BadValue, match="give more than 0"):
            items.set_estimate(database, estimate(minutes, 1))
        assert row_counts(database) == {}


def test_an_arm_is_drawn_once_and_recorded(database_url: str) -> None:
    """The time of the draw is recorded; a second draw is refused and names the arm."""
    with open_test_database(database_url) as database:
        items.set_estimate(database, estimate(60, 1))
        arm = items.assign(database, "ann", "design", "T-1", Random(3))
        stored = item(database)
        with pytest.raises(NothingToDo, match=f"drawn already: {arm}"):
            items.assign(database, "ann", "design", "T-1", Random(4))
    assert stored is not None
    assert (stored.assigned, stored.assigned_epoch, stored.estimate_minutes) == (arm, NOW_EPOCH, 60)


def test_both_arms_are_equally_likely(tmp_path: Any) -> None:
    """Of 100 draws each arm gets between 35 and 65."""
    with open_test_database(f"sqlite:///{tmp_path}/log.db") as database:
        rng, arms = Random(1), []
        for n in range(100):
            items.set_estimate(database, estimate(60, 1, f"T-{n}"))
            arms.append(items.assign(database, "ann", "design", f"T-{n}", rng))
    assert 35 <= arms.count("assistance") <= 65


def test_an_arm_is_drawn_after_the_estimate_and_before_the_work(database_url: str) -> None:
    """An estimate made with the arm or the work in mind is biased."""
    with open_test_database(database_url) as database:
        with pytest.raises(BadValue, match="`tracker estimate design T-1 2h`"):
            items.assign(database, "ann", "design", "T-1", Random(1))
        items.set_estimate(database, estimate(60, 1))
        entries.add_entry(database, entry(1))
        with pytest.raises(BadValue, match="has an entry already"):
            items.assign(database, "ann", "design", "T-1", Random(1))
        assert item(database) == estimate(60, 1)


# tasks, rollouts, activities, claims


def test_facts_about_a_task_add_up(database_url: str) -> None:
    """None leaves the stored value; the same values are no change."""
    with open_test_database(database_url) as database:
        items.set_task(database, "ann", "T-1", title="Login")
        items.set_task(database, "ann", "T-1", project="web")
        items.complete(database, "ann", "T-1", NOW_EPOCH)
        items.complete(database, "ann", "T-1", NOW_EPOCH)
        items.set_task(database, "ann", "T-1", title="Login")
        with database.reading() as connection:
            task = queries.task(connection, "T-1")
        assert verbs(database) == ["task", "task", "complete"]
    assert task is not None
    assert (task.title, task.project, task.completed_epoch) == ("Login", "web", NOW_EPOCH)


def test_a_completed_task_can_be_reopened(database_url: str) -> None:
    """As a whole, and one activity of it."""
    with open_test_database(database_url) as database:
        for activity in (None, "design"):
            items.complete(database, "ann", "T-1", NOW_EPOCH, activity=activity)
            items.reopen(database, "ann", "T-1", activity=activity)
        tables = table_rows(database, "tasks", "work_items")
    assert [row["completed_epoch"] for rows in tables.values() for row in rows] == [None, None]


def test_a_rollout_with_another_day_replaces_the_first(database_url: str) -> None:
    """There is one day for an assistant and its scope; another scope is another rollout."""
    with open_test_database(database_url) as database:
        assert team_data.set_rollout(database, "ann", Rollout("Spark", 20_000)) is None
        assert team_data.set_rollout(database, "ann", Rollout("Spark", 20_010)) == 20_000
        assert team_data.set_rollout(database, "ann", Rollout("Spark", 20_010)) == 20_010
        for other in (
            Rollout("Spark", 20_020, team="blue"),
            Rollout("Spark", 20_030, "bob"),
            Rollout("Copilot", 20_040),
        ):
            assert team_data.set_rollout(database, "ann", other) is None
        assert team_data.remove_rollout(database, "ann", "Spark", of_team="blue").day == 20_020
        with database.reading() as connection:
            rollouts = queries.rollouts(connection)
    assert rollouts == [
        Rollout("Spark", 20_010),
        Rollout("Spark", 20_030, "bob"),
        Rollout("Copilot", 20_040),
    ]


def test_removing_a_missing_rollout_is_refused(database_url: str) -> None:
    """The message names the scope."""
    with open_test_database(database_url) as database:
        team_data.set_rollout(database, "ann", Rollout("Spark", 20_000))
        with pytest.raises(NotFound, match="no rollout of Spark to team blue"):
            team_data.remove_rollout(database, "ann", "Spark", of_team="blue")


def test_an_activity_is_added_once(database_url: str) -> None:
    """Existing activities, built in or added, are refused."""
    with open_test_database(database_url) as database:
        team_data.add_activity(database, "ann", "spike")
        for activity in ("spike", "design"):
            with pytest.raises(NothingToDo, match=f"activity {activity} is known already"):
                team_data.add_activity(database, "ann", activity)
        with database.reading() as connection:
            assert queries.activities(connection) == [*ACTIVITIES, "spike"]


def test_a_claim_is_stored_until_removed(database_url: str) -> None:
    """A used id is refused, and so is removing a missing one."""
    with open_test_database(database_url) as database:
        team_data.add_claim(database, "ann", CLAIM)
        with database.reading() as connection:
            assert queries.claims(connection) == [CLAIM]
        with pytest.raises(BadValue, match="there is a claim ours already"):
            team_data.add_claim(database, "ann", CLAIM)
        team_data.remove_claim(database, "ann", "ours")
        with pytest.raises(NotFound, match="no claim of your own is called ours"):
            team_data.remove_claim(database, "ann", "ours")


def test_a_claim_without_a_figure_is_refused(tmp_path: Any) -> None:
    """Without a value or a reading it cannot be judged."""
    with (
        open_test_database(f"sqlite:///{tmp_path}/log.db") as database,
        pytest.raises(BadValue, match="--gain and --reading"),
    ):
        team_data.add_claim(database, "ann", dataclasses.replace(CLAIM, value=None))
