"""What people write: every change is one transaction, is logged, and can be taken back."""

from __future__ import annotations

import dataclasses
import json
import re
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
from support.store_kit import NOW_EPOCH, content, counted, entry, entry_id, opened

from tracker.domain.errors import BadValue, NotFound, NothingToDo, StoreError
from tracker.domain.records import ACTIVITIES, Claim, Entry, Rollout, WorkItem
from tracker.store.read import queries
from tracker.store.schema import changes
from tracker.store.upgrade import Database
from tracker.store.write import change_log, entries, items, team_data

CLAIM = Claim("ours", "design", 0.25, "efficiency_gain", "at_least", "the sales call of May")
DATA = ("entries", "work_items", "tasks", "rollouts", "claims", "activities")
"""The tables whose rows ``undo`` brings back."""


def put(record: Entry | WorkItem) -> dict[str, Any]:
    """A record as it lies in the outbox."""
    return {
        "kind": "entry" if isinstance(record, Entry) else "estimate",
        **dataclasses.asdict(record),
    }


def estimate(minutes: float, made: int, task: str = "T-1", **fields: Any) -> WorkItem:
    return WorkItem("ann", task, "design", minutes, estimated_epoch=made, **fields)


def item(database: Database, task: str = "T-1") -> WorkItem | None:
    with database.reading() as connection:
        return queries.estimates_of(connection, "ann", "design", task)


def verbs(database: Database) -> list[str]:
    """What was done, in the order in which it was."""
    with database.reading() as connection:
        return list(
            connection.execute(
                select(changes.c.verb).order_by(changes.c.developer, changes.c.id)
            ).scalars()
        )


# entries


def test_an_entry_goes_in_whole(database_url: str) -> None:
    """Every field comes back as it was, with its month; the change log holds the row."""
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
    with opened(database_url) as database:
        assert entries.add_entry(database, full)
        with database.reading() as connection:
            assert queries.entry(connection, "ann", full.id) == full
        (row,) = content(database, "entries")["entries"]
        (change,) = content(database, "changes")["changes"]
    assert row["local_month"] == 12 * (2024 - 1970) + 10 - 1  # day 20,001 is 2024-10-05
    assert json.loads(change["after"]) == row
    assert (change["verb"], change["before"], change["changed_epoch"]) == ("add", None, NOW_EPOCH)


def test_the_same_entry_is_added_once(database_url: str) -> None:
    """An id that is there is passed over."""
    with opened(database_url) as database:
        assert [entries.add_entry(database, entry(1)) for _ in range(2)] == [True, False]
        assert counted(database) == {"entries": 1, "changes": 1}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": "seven"}, "has to be a UUID"),
        ({"seconds": -1}, "0 or more"),
        ({"seconds": 1.5}, "whole seconds"),
        ({"interruption_seconds": -1}, "0 or more"),
        ({"assisted": "maybe"}, "yes, no, unknown"),
        ({"task": ""}, "lacks its developer, task"),
        ({"note": "nul\0"}, "bytes that are no text"),
        ({"task": "caf\udce9"}, "bytes that are no text"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(
    tmp_path: Any, fields: dict[str, Any], said: str
) -> None:
    """The value is named, and nothing is kept."""
    with opened(f"sqlite:///{tmp_path}/log.db") as database:
        with pytest.raises(BadValue, match=said):
            entries.add_entry(database, entry(1, **fields))
        assert counted(database) == {}


def test_an_edit_keeps_what_it_replaced(database_url: str) -> None:
    """The entry changes, its month with it, and the log holds both forms."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        edited = entries.edit_entry(
            database, "ann", entry_id(1), seconds=3600, local_day=20_100, note="longer"
        )
        (row,) = content(database, "entries")["entries"]
        change = content(database, "changes")["changes"][-1]
    assert (edited.seconds, edited.note, row["local_month"]) == (3600, "longer", 12 * (2025 - 1970))
    assert (json.loads(change["before"])["seconds"], json.loads(change["after"])["seconds"]) == (
        1800,
        3600,
    )


def test_an_edit_that_changes_nothing_is_said(database_url: str) -> None:
    """No change, no row in the log."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        with pytest.raises(NothingToDo, match="like that already"):
            entries.edit_entry(database, "ann", entry_id(1), seconds=1800)
        assert verbs(database) == ["add"]


def test_only_what_a_person_may_change_can_be_edited(tmp_path: Any) -> None:
    """Where an entry came from is not for editing."""
    with (
        opened(f"sqlite:///{tmp_path}/log.db") as database,
        pytest.raises(TypeError, match="source_key"),
    ):
        entries.edit_entry(database, "ann", entry_id(1), source_key="7")


def test_an_edit_to_a_value_that_cannot_be_is_refused(database_url: str) -> None:
    """An edited entry is checked as a new one is."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        with pytest.raises(BadValue, match="0 or more"):
            entries.edit_entry(database, "ann", entry_id(1), seconds=-5)
        assert verbs(database) == ["add"]


def test_an_entry_is_named_by_the_beginning_of_its_id(database_url: str) -> None:
    """Enough of it to be one: unknown and ambiguous beginnings are refused with what to do, another's is unknown."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(0x11))
        entries.add_entry(database, entry(0x12))
        assert entries.delete_entry(database, "ann", entry_id(0x11).upper()).id == entry_id(0x11)
        entries.add_entry(database, entry(0x13))
        with pytest.raises(NotFound, match=r"several entries of ann .* give more of the id"):
            entries.delete_entry(database, "ann", entry_id(0x12)[:-1])
        for developer, prefix in (
            ("ann", "ffff"),
            ("bob", entry_id(0x12)),
            ("ann", ""),
            ("ann", "%"),
        ):
            with pytest.raises(NotFound, match="`tracker entries` lists the ids"):
                entries.delete_entry(database, developer, prefix)


# undo


def test_undo_takes_back_one_change_after_the_other(database_url: str) -> None:
    """From the last to the first, and then says that there is none left."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        entries.edit_entry(database, "ann", entry_id(1), task="T-2")
        entries.delete_entry(database, "ann", entry_id(1))
        assert change_log.undo(database, "ann") == "delete of design T-2 (30m)"
        assert [row["task"] for row in content(database, "entries")["entries"]] == ["T-2"]
        assert change_log.undo(database, "ann") == "edit of design T-2 (30m)"
        assert [row["task"] for row in content(database, "entries")["entries"]] == ["T-1"]
        assert change_log.undo(database, "ann") == "add of design T-1 (30m)"
        with pytest.raises(NothingToDo, match="no change by ann to undo"):
            change_log.undo(database, "ann")
        assert verbs(database) == ["add", "edit", "delete", "undo", "undo", "undo"]
        assert counted(database) == {"changes": 6}


def test_what_was_undone_can_be_done_anew_and_undone_again(database_url: str) -> None:
    """The chain goes on behind an undo."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        entries.edit_entry(database, "ann", entry_id(1), seconds=60)
        change_log.undo(database, "ann")
        entries.edit_entry(database, "ann", entry_id(1), seconds=120)
        change_log.undo(database, "ann")
        assert [row["seconds"] for row in content(database, "entries")["entries"]] == [1800]
        change_log.undo(database, "ann")
        assert counted(database).get("entries") is None


def test_undo_is_ones_own(database_url: str) -> None:
    """What somebody else did last stays."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1, "ann"))
        entries.add_entry(database, entry(2, "bob"))
        change_log.undo(database, "ann")
        assert [row["developer"] for row in content(database, "entries")["entries"]] == ["bob"]


def test_undo_keeps_what_others_said_since(database_url: str) -> None:
    """Only the columns that the change touched are put back; what was changed again since stays, and that is said."""
    with opened(database_url) as database:
        items.set_task(database, "bob", "T-1", title="Login")
        items.set_task(database, "ann", "T-1", title="Sign in")
        items.set_task(database, "bob", "T-1", project="web")
        change_log.undo(database, "ann")
        (row,) = content(database, "tasks")["tasks"]
        assert (row["title"], row["project"]) == ("Login", "web")
        items.set_task(database, "ann", "T-1", title="Sign in")
        items.set_task(database, "bob", "T-1", title="Log in")
        with pytest.raises(
            NothingToDo,
            match="no change by ann that can be undone: task of T-1, changed again since",
        ):
            change_log.undo(database, "ann")
        (row,) = content(database, "tasks")["tasks"]
        assert row["title"] == "Log in"


CHANGES: dict[str, Callable[[Database], Any]] = {
    "add": lambda db: entries.add_entry(db, entry(7)),
    "edit": lambda db: entries.edit_entry(db, "ann", entry_id(1), note="x"),
    "delete": lambda db: entries.delete_entry(db, "ann", entry_id(1)),
    "estimate": lambda db: items.set_estimate(db, estimate(60, 1, "T-9")),
    "estimate again": lambda db: items.set_estimate(db, estimate(90, 2, "T-3")),
    "late estimate": lambda db: items.set_estimate(db, estimate(60, NOW_EPOCH)),
    "task": lambda db: items.set_task(db, "ann", "T-1", title="Login"),
    "done": lambda db: items.complete(db, "ann", "T-1", NOW_EPOCH),
    "done for one activity": lambda db: items.complete(
        db, "ann", "T-3", NOW_EPOCH, activity="design"
    ),
    "rollout": lambda db: team_data.set_rollout(db, "ann", Rollout("Spark", 20_000, team="blue")),
    "rollout corrected": lambda db: team_data.set_rollout(db, "ann", Rollout("Copilot", 20_007)),
    "rollout removed": lambda db: team_data.remove_rollout(db, "ann", "Copilot"),
    "activity": lambda db: team_data.add_activity(db, "ann", "spike"),
    "claim": lambda db: team_data.add_claim(db, "ann", CLAIM),
    "claim removed": lambda db: team_data.remove_claim(db, "ann", "theirs"),
}


def furnish(database: Database) -> None:
    """A log with something in it for every kind of change."""
    entries.add_entry(database, entry(1))
    items.set_estimate(database, estimate(30, 1, "T-3"))
    team_data.set_rollout(database, "ann", Rollout("Copilot", 20_000))
    team_data.add_claim(database, "ann", dataclasses.replace(CLAIM, id="theirs"))


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_change_is_logged_and_undone(database_url: str, change: str) -> None:
    """One change, one row in the log; one undo, and all is as before."""
    with opened(database_url) as database:
        furnish(database)
        before, logged = content(database, *DATA), counted(database)["changes"]
        CHANGES[change](database)
        assert counted(database)["changes"] == logged + 1
        assert (content(database, *DATA) == before) == (change == "late estimate")
        change_log.undo(database, "ann")
        assert content(database, *DATA) == before
        assert verbs(database)[-1] == "undo"


def test_a_draw_cannot_be_undone(database_url: str) -> None:
    """Undo passes it by, so that nobody draws until the coin falls as wished."""
    with opened(database_url) as database:
        furnish(database)
        items.set_task(database, "ann", "T-1", title="Login")
        arm = items.assign(database, "ann", "design", "T-3", Random(1))
        assert "T-1" in change_log.undo(database, "ann")
        drawn = [row["assigned"] for row in content(database, "work_items")["work_items"]]
        assert drawn == [arm]
        with pytest.raises(NothingToDo):
            items.assign(database, "ann", "design", "T-3", Random(2))


def test_what_cannot_be_undone_does_not_bar_what_is_older(database_url: str) -> None:
    """It is passed by, which is said each time; in the end only such changes are left, and that is said."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        items.set_estimate(database, estimate(120, 1, "B"))
        items.assign(database, "ann", "design", "B", Random(1))
        items.set_task(database, "ann", "B", title="Login")
        passed_by = "estimate of design B, changed again since (its arm is drawn)"
        assert change_log.undo(database, "ann") == "task of B"
        assert (
            change_log.undo(database, "ann") == f"add of design T-1 (30m); passed by: {passed_by}"
        )
        with pytest.raises(NothingToDo, match=re.escape(f"that can be undone: {passed_by}.")):
            change_log.undo(database, "ann")
        assert item(database, "B") is not None
        assert "entries" not in counted(database)


def test_of_many_that_cannot_be_undone_a_few_are_told(database_url: str) -> None:
    """The line stays one that can be read."""
    with opened(database_url) as database:
        for number in range(5):
            items.set_task(database, "ann", f"T-{number}", title="mine")
            items.set_task(database, "bob", f"T-{number}", title="theirs")
        with pytest.raises(
            NothingToDo, match=r"task of T-4, .* task of T-2, changed again since; and 2 more\."
        ):
            change_log.undo(database, "ann")


def test_a_rollout_that_was_recorded_anew_is_not_brought_back_beside_it(database_url: str) -> None:
    """Undo does not make two of one."""
    with opened(database_url) as database:
        team_data.set_rollout(database, "ann", Rollout("Spark", 20_000))
        team_data.remove_rollout(database, "ann", "Spark")
        team_data.set_rollout(database, "bob", Rollout("Spark", 20_010))
        with pytest.raises(NothingToDo, match="changed again since"):
            change_log.undo(database, "ann")
        assert [row["day"] for row in content(database, "rollouts")["rollouts"]] == [20_010]


# several at once


def at_once(*changes: Callable[[], Any]) -> None:
    """Do all of them at the same moment, each in a thread; what fails, fails here."""
    together = Barrier(len(changes))

    def do(change: Callable[[], Any]) -> None:
        together.wait(timeout=10)
        change()

    with ThreadPoolExecutor(len(changes)) as pool:
        for done in [pool.submit(do, change) for change in changes]:
            done.result(timeout=30)


def test_two_say_different_things_of_one_task_at_once(database_url: str) -> None:
    """Neither is lost, and a task that both make is made once; the log holds what was really there before."""
    with opened(database_url) as database:
        for number in range(20):
            at_once(
                partial(items.set_task, database, "ann", f"T-{number}", title="Login"),
                partial(items.set_task, database, "bob", f"T-{number}", project="web"),
                partial(items.complete, database, "cat", f"T-{number}", NOW_EPOCH),
            )
        found = content(database, "tasks", "changes")
    said = {(row["title"], row["project"], row["completed_epoch"]) for row in found["tasks"]}
    assert (len(found["tasks"]), said) == (20, {("Login", "web", NOW_EPOCH)})
    assert sum(change["before"] is None for change in found["changes"]) == 20


def test_two_leads_record_one_rollout_at_once(database_url: str) -> None:
    """It is recorded once; so are activities and claims, the second of which is refused in words."""
    refused = []

    def recorded(change: Callable[[], Any]) -> None:
        try:
            change()
        except (NothingToDo, BadValue) as refusal:
            refused.append(refusal)

    with opened(database_url) as database:
        for number in range(10):
            claim = dataclasses.replace(CLAIM, id=f"ours-{number}")
            at_once(
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
                        recorded, partial(team_data.add_activity, database, lead, f"spike-{number}")
                    )
                    for lead in ("ann", "bob")
                ),
                *(
                    partial(recorded, partial(team_data.add_claim, database, lead, claim))
                    for lead in ("ann", "bob")
                ),
            )
        assert {name: n for name, n in counted(database).items() if name != "changes"} == {
            "rollouts": 10,
            "activities": 10,
            "claims": 10,
        }
    assert len(refused) == 20


def test_two_outboxes_of_the_same_people_are_absorbed_at_once(database_url: str) -> None:
    """In whatever order the developers stand in them: neither waits for the other for ever."""
    with opened(database_url) as database:
        for number in range(0, 40, 4):
            ours = [put(entry(number, "ann")), put(entry(number + 1, "bob"))]
            theirs = [put(entry(number + 2, "bob")), put(entry(number + 3, "ann"))]
            at_once(
                partial(entries.store_outbox, database, ours),
                partial(entries.store_outbox, database, theirs),
            )
        assert counted(database) == {"entries": 40, "changes": 40}


@given(done=st.lists(st.sampled_from(sorted(CHANGES)), max_size=8))
@settings(max_examples=15, deadline=None)
def test_any_chain_of_changes_is_undone_step_by_step(
    done: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever was done, in whatever order: undo passes through the same states backwards."""
    with opened(f"sqlite:///{tmp_path_factory.mktemp('chain')}/log.db") as database:
        furnish(database)
        states = []
        for change in done:
            before, logged = content(database, *DATA), counted(database)["changes"]
            try:
                CHANGES[change](database)
            except (NothingToDo, NotFound, BadValue):
                continue  # refused the second time: nothing was changed
            if counted(database)["changes"] > logged:
                states.append(before)
        for state in reversed(states):
            change_log.undo(database, "ann")
            assert content(database, *DATA) == state


# the outbox


def test_the_outbox_is_absorbed_and_absorbing_it_again_changes_nothing(database_url: str) -> None:
    """A crash between the database and the outbox costs nothing: all of it may come again."""
    began = entry(1).started_epoch
    outbox = [put(estimate(60, began)), put(entry(1)), put(entry(2)), put(estimate(90, began + 5))]
    with opened(database_url) as database:
        first = entries.store_outbox(database, outbox)
        here = content(database, *DATA, "changes")
        again = entries.store_outbox(database, outbox)
        assert content(database, *DATA, "changes") == here
    assert (first.entries, first.estimates, first.unchanged, first.refused) == (2, 1, 0, ())
    assert [late.estimate_minutes for late in first.late] == [90]
    assert (again.entries, again.estimates, again.unchanged, again.late) == (0, 0, 4, ())


def test_what_was_deleted_or_undone_does_not_come_back(database_url: str) -> None:
    """An entry that the outbox hands in again stays deleted, as does one whose adding was undone."""
    with opened(database_url) as database:
        entries.store_outbox(database, [put(entry(1)), put(entry(2))])
        change_log.undo(database, "ann")
        entries.delete_entry(database, "ann", entry_id(1))
        assert entries.store_outbox(database, [put(entry(1)), put(entry(2))]).unchanged == 2
        assert "entries" not in counted(database)


def test_records_that_can_never_be_absorbed_do_not_hold_up_the_others(database_url: str) -> None:
    """They are handed back with the reason, the rest is kept."""
    bad = [
        {"kind": "poem"},
        {"kind": "entry", "id": "x"},
        put(entry(2, seconds=-1)),
        put(estimate(0, 1)),
        put(entry(3, note="nul\0")),
    ]
    with opened(database_url) as database:
        absorbed = entries.store_outbox(database, [*bad, put(entry(1))])
        assert counted(database) == {"entries": 1, "changes": 1}
    assert [record for record, _ in absorbed.refused] == bad
    assert all("\n" not in reason for _, reason in absorbed.refused)


def test_a_record_the_database_does_not_take_falls_alone(database_url: str) -> None:
    """What only the database can refuse is handed back with its reason, one by one; all around it is kept."""
    too_late = put(entry(2, started_epoch=2**63))
    no_such_month = put(entry(3, local_day=10**12))
    outbox = [put(entry(1)), too_late, put(estimate(60, 1, "T-9")), no_such_month, put(entry(4))]
    with opened(database_url) as database:
        absorbed = entries.store_outbox(database, outbox)
        again = entries.store_outbox(database, outbox)
        assert counted(database) == {"entries": 2, "work_items": 1, "changes": 3}
    assert (absorbed.entries, absorbed.estimates, absorbed.unchanged) == (2, 1, 0)
    assert [record for record, _ in absorbed.refused] == [too_late, no_such_month]
    assert all(reason and "\n" not in reason for _, reason in absorbed.refused)
    assert (again.entries, again.unchanged, len(again.refused)) == (0, 3, 2)


def test_more_than_an_index_holds_falls_alone(postgres_url: str) -> None:
    """Three names, each short enough, may be too much for a page of PostgreSQL's index."""
    rng = Random(1)
    task, activity, developer = (
        "".join(chr(rng.randrange(0x10000, 0x1F000)) for _ in range(500)) for _ in range(3)
    )
    wide = put(entry(1, developer, task=task, activity=activity))
    with opened(postgres_url) as database:
        absorbed = entries.store_outbox(database, [wide, put(entry(2))])
        assert counted(database) == {"entries": 1, "changes": 1}
    ((record, reason),) = absorbed.refused
    assert record == wide
    assert "index row" in reason


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (
            put(entry(1, task="x" * 501)),
            "task is 'xxxxxxxxxxxxxxxxxxxx'… of 501 characters: give at most 500",
        ),
        (put(entry(1, source="jira", source_key="x" * 501)), "source_key is .* at most 500"),
        (put(entry(1, team=7)), "team is 7: give a text"),
        (put(entry(1, ended_epoch="noon")), "ended_epoch is 'noon': give whole seconds"),
        (put(estimate(60, 1)) | {"developer": None}, "lacks its developer"),
        (put(estimate(60, "noon")), "estimated_epoch is 'noon'"),  # type: ignore[arg-type]
        (
            put(estimate(60, 1, assigned="both")),
            "assigned is 'both': give one of baseline, assistance",
        ),
    ],
)
def test_what_no_record_can_be_is_refused_in_words(
    tmp_path: Any, record: dict[str, Any], said: str
) -> None:
    """Before the database sees it: the field, its value, what to give instead."""
    with opened(f"sqlite:///{tmp_path}/log.db") as database:
        ((_, reason),) = entries.store_outbox(database, [record]).refused
        assert counted(database) == {}
    assert re.search(said, reason)


def test_a_busy_database_keeps_the_whole_outbox_waiting(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the database itself refuses no record: all of them can be taken later."""
    monkeypatch.setitem(Database.writing.__wrapped__.__kwdefaults__, "patience_seconds", 0)  # type: ignore[attr-defined]
    with (
        opened(f"sqlite:///{tmp_path}/log.db") as database,
        opened(f"sqlite:///{tmp_path}/log.db") as other,
    ):
        with other.writing(), pytest.raises(StoreError, match="busy"):
            entries.store_outbox(database, [put(entry(1)), put(entry(2, started_epoch=2**63))])
        assert counted(database) == {}


def test_a_full_disk_keeps_the_whole_outbox_waiting(tmp_path: Any) -> None:
    """Also where a bad record is among them: nothing is refused, nothing kept, and one line says why."""
    bad = put(entry(500, started_epoch=2**63))
    with opened(f"sqlite:///{tmp_path}/log.db") as database:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 60")
        outbox = [put(entry(number, note="x" * 3000)) for number in range(100)]
        with pytest.raises(
            StoreError, match=r"cannot grow \(database or disk is full\): make room"
        ):
            entries.store_outbox(database, [bad, *outbox])
        assert counted(database) == {}
        assert entries.store_outbox(database, [bad, *outbox[:3]]).entries == 3


# estimates and the coin


def test_the_last_estimate_before_the_work_counts(database_url: str) -> None:
    """A change of mind before the first entry replaces the estimate; the log keeps the first."""
    began = entry(1).started_epoch
    with opened(database_url) as database:
        assert items.set_estimate(database, estimate(60, began - 200, estimate_ai_minutes=40))
        assert items.set_estimate(database, estimate(90, began - 100))
        entries.add_entry(database, entry(1))
        found = item(database)
    assert found is not None
    assert (found.estimate_minutes, found.estimate_ai_minutes, found.estimated_epoch) == (
        90,
        40,
        began - 100,
    )


def test_a_later_estimate_is_kept_but_does_not_count(database_url: str) -> None:
    """Once the work has begun, a new estimate knows too much."""
    began = entry(1).started_epoch
    with opened(database_url) as database:
        items.set_estimate(database, estimate(60, began - 1))
        entries.add_entry(database, entry(1))
        assert not items.set_estimate(database, estimate(600, began + 1))
        assert item(database) == estimate(60, began - 1)
        assert verbs(database) == ["estimate", "add", "estimate-late"]


def test_an_estimate_after_the_work_began_does_not_count_even_alone(database_url: str) -> None:
    """No estimate is better than one made in hindsight."""
    with opened(database_url) as database:
        entries.add_entry(database, entry(1))
        assert not items.set_estimate(database, estimate(60, NOW_EPOCH))
        assert item(database) is None


def test_an_estimate_counts_though_its_entry_came_first(database_url: str) -> None:
    """What matters is when they were made, not when they were absorbed; ``start --estimate`` makes both at once."""
    began = entry(1).started_epoch
    with opened(database_url) as database:
        absorbed = entries.store_outbox(database, [put(entry(1)), put(estimate(60, began))])
        assert (absorbed.estimates, absorbed.late) == (1, ())
        assert item(database) == estimate(60, began)


def test_of_two_laptops_the_later_estimate_counts(database_url: str) -> None:
    """An older estimate that is absorbed late does not replace a newer one."""
    with opened(database_url) as database:
        items.set_estimate(database, estimate(60, 200))
        assert not items.set_estimate(database, estimate(90, 100))
        assert item(database) == estimate(60, 200)


@pytest.mark.parametrize("minutes", [0, -5, float("nan"), float("inf")])
def test_an_estimate_of_nothing_is_refused(tmp_path: Any, minutes: float) -> None:
    """0 would have no logarithm."""
    with opened(f"sqlite:///{tmp_path}/log.db") as database:
        with pytest.raises(BadValue, match="give more than 0"):
            items.set_estimate(database, estimate(minutes, 1))
        assert counted(database) == {}


def test_the_coin_is_thrown_once_and_recorded(database_url: str) -> None:
    """The arm stands with its moment; a second throw is refused and names the first."""
    with opened(database_url) as database:
        items.set_estimate(database, estimate(60, 1))
        arm = items.assign(database, "ann", "design", "T-1", Random(3))
        found = item(database)
        with pytest.raises(NothingToDo, match=f"drawn already: {arm}"):
            items.assign(database, "ann", "design", "T-1", Random(4))
    assert found is not None
    assert (found.assigned, found.assigned_epoch, found.estimate_minutes) == (arm, NOW_EPOCH, 60)


def test_the_coin_is_fair(tmp_path: Any) -> None:
    """Both arms come up, about as often."""
    with opened(f"sqlite:///{tmp_path}/log.db") as database:
        rng, drawn = Random(1), []
        for n in range(100):
            items.set_estimate(database, estimate(60, 1, f"T-{n}"))
            drawn.append(items.assign(database, "ann", "design", f"T-{n}", rng))
    assert 35 <= drawn.count("assistance") <= 65


def test_no_coin_before_the_estimate_and_none_after_the_work(database_url: str) -> None:
    """Whoever knows the arm, or the work, cannot estimate blind; a task's own estimate will do."""
    with opened(database_url) as database:
        with pytest.raises(BadValue, match="`tracker estimate design T-1 2h`"):
            items.assign(database, "ann", "design", "T-1", Random(1))
        items.set_estimate(database, estimate(60, 1))
        entries.add_entry(database, entry(1))
        with pytest.raises(BadValue, match="has an entry already"):
            items.assign(database, "ann", "design", "T-1", Random(1))
        assert item(database) == estimate(60, 1)


# tasks, rollouts, activities, claims


def test_what_is_known_of_a_task_adds_up(database_url: str) -> None:
    """A later word leaves alone what it does not speak of; saying the same again is no change."""
    with opened(database_url) as database:
        items.set_task(database, "ann", "T-1", title="Login")
        items.set_task(database, "ann", "T-1", project="web")
        items.complete(database, "ann", "T-1", NOW_EPOCH)
        items.complete(database, "ann", "T-1", NOW_EPOCH)
        items.set_task(database, "ann", "T-1", title="Login")
        with database.reading() as connection:
            known = queries.task(connection, "T-1")
        assert verbs(database) == ["task", "task", "complete"]
    assert known is not None
    assert (known.title, known.project, known.completed_epoch) == ("Login", "web", NOW_EPOCH)


def test_what_is_done_can_be_opened_again(database_url: str) -> None:
    """Completion is taken away by None, for a task and for one activity of it."""
    with opened(database_url) as database:
        for activity in (None, "design"):
            items.complete(database, "ann", "T-1", NOW_EPOCH, activity=activity)
            items.complete(database, "ann", "T-1", None, activity=activity)
        found = content(database, "tasks", "work_items")
    assert [row["completed_epoch"] for table in found.values() for row in table] == [None, None]


def test_a_rollout_with_another_date_corrects_the_first(database_url: str) -> None:
    """One date for an assistant and those who had it; other people, or another assistant, are another rollout."""
    with opened(database_url) as database:
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
            found = queries.rollouts(connection)
    assert found == [
        Rollout("Spark", 20_010),
        Rollout("Spark", 20_030, "bob"),
        Rollout("Copilot", 20_040),
    ]


def test_a_rollout_that_is_not_there_cannot_be_removed(database_url: str) -> None:
    """The scope is named."""
    with opened(database_url) as database:
        team_data.set_rollout(database, "ann", Rollout("Spark", 20_000))
        with pytest.raises(NotFound, match="no rollout of Spark to team blue"):
            team_data.remove_rollout(database, "ann", "Spark", of_team="blue")


def test_an_activity_is_added_once(database_url: str) -> None:
    """Known ones, from the start or added, are refused."""
    with opened(database_url) as database:
        team_data.add_activity(database, "ann", "spike")
        for known in ("spike", "design"):
            with pytest.raises(NothingToDo, match=f"activity {known} is known already"):
                team_data.add_activity(database, "ann", known)
        with database.reading() as connection:
            assert queries.activities(connection) == [*ACTIVITIES, "spike"]


def test_a_claim_of_ones_own_is_kept_until_removed(database_url: str) -> None:
    """An id is taken once; one that is not there cannot be removed."""
    with opened(database_url) as database:
        team_data.add_claim(database, "ann", CLAIM)
        with database.reading() as connection:
            assert queries.claims(connection) == [CLAIM]
        with pytest.raises(BadValue, match="there is a claim ours already"):
            team_data.add_claim(database, "ann", CLAIM)
        team_data.remove_claim(database, "ann", "ours")
        with pytest.raises(NotFound, match="no claim of your own is called ours"):
            team_data.remove_claim(database, "ann", "ours")


def test_a_claim_without_a_figure_is_refused(tmp_path: Any) -> None:
    """It could not be judged."""
    with (
        opened(f"sqlite:///{tmp_path}/log.db") as database,
        pytest.raises(BadValue, match="--gain and --reading"),
    ):
        team_data.add_claim(database, "ann", dataclasses.replace(CLAIM, value=None))
