"""Renaming a developer: what the change log and the tables of marks have to say."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from itertools import count
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from support import store_kit
from support.store_kit import open_test_database, table_rows

from tracker.domain.errors import NothingToDo, StoreError, TrackerError
from tracker.domain.records import Entry
from tracker.store import schema
from tracker.store.database import Database
from tracker.store.read.developer_names import present_name, present_names
from tracker.store.read.usage import covered_days
from tracker.store.write import change_log, entries, entry_totals, reversal, usage
from tracker.store.write.developer_rename import rename_developer
from tracker.store.write.imports import import_records

OLD, NEW = "ada@example.org", "ada"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with open_test_database(database_url) as opened:
        yield opened


def add(database: Database, developer: str, number: int, **fields: object) -> dict[str, object]:
    """Store an entry; return the record of the outbox that it could come from."""
    entry = dataclasses.replace(store_kit.entry(number), developer=developer, **fields)
    entries.add_entry(database, entry)
    return {"kind": "entry", **dataclasses.asdict(entry)}


def cover(database: Database, developer: str, machine: str, days: dict[int, bool]) -> None:
    with change_log.changing(database, developer) as connection:
        usage.set_coverage(connection, developer, machine, days)


def coverage(database: Database, developer: str) -> dict[str, dict[int, bool]]:
    with database.reading() as connection:
        return covered_days(connection, developer)


def test_an_entry_deleted_under_the_old_name_is_not_stored_again(database: Database) -> None:
    """The outbox of a killed process may submit a record twice."""
    add(database, OLD, 1)
    record = add(database, OLD, 2)
    entries.delete_entries(database, OLD, [str(record["id"])])
    rename_developer(database, NEW, (OLD, NEW), merge=False)
    result = entries.store_outbox(database, [record])
    assert (result.entries, result.unchanged) == (0, 1)


def test_days_of_coverage_are_joined(database: Database) -> None:
    """Each machine keeps its days; of a machine used under both names the days are united."""
    add(database, OLD, 1)
    cover(database, OLD, "laptop", {1: True, 2: False})
    cover(database, OLD, "shared", {1: True, 2: False, 3: True})
    cover(database, NEW, "shared", {1: False, 4: True})
    before = [coverage(database, name) for name in (OLD, NEW)]
    rename_developer(database, NEW, (OLD, NEW), merge=False)
    joined = {"laptop": {1: True, 2: False}, "shared": {1: True, 2: False, 3: True, 4: True}}
    assert coverage(database, NEW) == joined
    assert coverage(database, OLD) == {}
    reversal.undo(database, NEW)
    assert [coverage(database, name) for name in (OLD, NEW)] == before


def test_new_days_of_coverage_do_not_keep_a_rename_from_being_undone(database: Database) -> None:
    """`collect` replaces them whenever it runs."""
    add(database, OLD, 1)
    cover(database, OLD, "laptop", {1: True})
    rename_developer(database, NEW, (OLD, NEW), merge=False)
    cover(database, NEW, "laptop", {2: True})
    assert "rename of developer" in reversal.undo(database, NEW)
    assert [row["developer"] for row in table_rows(database, "entries")["entries"]] == [OLD]


def test_nothing_is_written_under_a_former_name(database: Database) -> None:
    """A command that read the name before another one renamed it is refused."""
    add(database, OLD, 1)
    rename_developer(database, NEW, (OLD, NEW), merge=False)
    with (
        pytest.raises(StoreError, match=r"ada@example.org is called ada now"),
        change_log.changing(database, OLD),
    ):
        pass


LOGS = st.lists(
    st.tuples(
        st.sampled_from([OLD, NEW, "bob"]),
        st.sampled_from(["T-1", "T-2"]),
        st.sampled_from(["design", "testing"]),
        st.integers(0, 40),
        st.sampled_from([None, "k1", "k2", "k3"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(log=LOGS)
def test_a_joined_log_is_both_logs(log: list[tuple[str, str, str, int, str | None]]) -> None:
    """No effort is lost or counted twice, the totals are the sums, and `undo` restores all."""
    with (
        TemporaryDirectory() as folder,
        open_test_database(f"sqlite:///{folder}/log.db") as database,
    ):
        check_joined_log(database, log)


def check_joined_log(database: Database, log: list[tuple[str, str, str, int, str | None]]) -> None:
    add(database, OLD, 99, task="T-0")
    taken: set[tuple[str, str]] = set()
    for number, (developer, task, activity, hour, key) in enumerate(log):
        if key is not None and (developer, key) in taken:
            key = None
        taken.add((developer, key or ""))
        start = store_kit.entry(0).started_epoch + 3600 * hour
        fields = {"task": task, "activity": activity, "started_epoch": start}
        end = {"ended_epoch": start + 1800, "source": key and "clock", "source_key": key}
        add(database, developer, number, **fields, **end)
    before = table_rows(database, "entries", "entry_totals")
    rename_developer(database, NEW, (OLD, NEW), merge=True)
    after = table_rows(database, "entries", "entry_totals")
    own = [row for row in after["entries"] if row["developer"] == NEW]
    expected = [row for row in before["entries"] if row["developer"] in (OLD, NEW)]
    assert {row["source_key"] or row["id"] for row in own} == {
        row["source_key"] or row["id"] for row in expected
    }
    assert len(own) == len({row["source_key"] or row["id"] for row in expected})
    others = [[r for r in rows["entries"] if r["developer"] == "bob"] for rows in (before, after)]
    assert others[0] == others[1]
    with database.reading() as connection:
        assert entry_totals.difference(connection) == (0, 0)
    reversal.undo(database, NEW)
    assert table_rows(database, "entries", "entry_totals") == before


def test_a_rename_is_not_undone_over_an_import(database: Database) -> None:
    """What was imported since would stay under the new name, and be counted twice when imported
    again; to rename back takes it along.
    """
    database = store_kit.advancing(database)
    log = [store_kit.foreign_entry(number, OLD) for number in (1, 2)]
    import_log(database, log[:1])
    rename_developer(database, NEW, (OLD, NEW), merge=False)
    import_log(database, log)
    with pytest.raises(
        NothingToDo,
        match=r"^the rename of developer ada@example\.org to ada cannot be undone: 1 entry or "
        r"estimate of theirs was stored since; `tracker rename developer ada ada@example\.org` "
        r"takes it along\.$",
    ):
        reversal.undo(database, NEW)
    assert import_log(database, log) == 0
    rename_developer(database, NEW, (NEW, OLD), merge=False)
    assert import_log(database, log) == 0
    assert {row["developer"] for row in table_rows(database, "entries")["entries"]} == {OLD}


def test_a_rename_is_not_redone_over_an_import(database: Database) -> None:
    """What was imported under the old name since would be left behind under a former name."""
    database = store_kit.advancing(database)
    add(database, OLD, 1)
    rename_developer(database, NEW, (OLD, NEW), merge=False)
    reversal.undo(database, NEW)
    import_log(database, [store_kit.foreign_entry(2, OLD)])
    with pytest.raises(NothingToDo, match=r"cannot be redone: 1 entry .* ada --merge` takes it"):
        reversal.redo(database, NEW)


STEPS = st.lists(
    st.sampled_from(["rename", "back", "merge", "undo", "redo", "old", "new", "log"]), max_size=9
)
_RUNS = count()


@settings(max_examples=30, deadline=None, suppress_health_check=[*HealthCheck])
@given(steps=STEPS)
def test_no_import_counts_twice_whatever_is_undone(database_url: str, steps: list[str]) -> None:
    """Names, imports, `undo` and `redo` in any order: each name's log is there once."""
    number = next(_RUNS)
    names = [f"{number}-{name}" for name in (OLD, NEW)]
    keys = {name: f"{name}-log" for name in names}
    with open_test_database(database_url) as database:
        database = store_kit.advancing(database)
        add(database, names[0], next(_RUNS))
        for step in ("old", *steps, "old", "old"):
            with contextlib.suppress(TrackerError):
                if step in ("rename", "merge", "back"):
                    pair = (names[1], names[0]) if step == "back" else (names[0], names[1])
                    who = present(database, names[1])
                    rename_developer(database, who, pair, merge=step == "merge")
                elif step in ("undo", "redo"):
                    getattr(reversal, step)(database, present(database, names[1]))
                elif step == "log":
                    add(database, present(database, names[1]), next(_RUNS))
                else:
                    name = names[step == "new"]
                    fields = {"source": keys[name], "source_key": "1"}
                    import_log(database, [foreign(name, next(_RUNS), **fields)])
        with database.reading() as connection:
            assert entry_totals.difference(connection) == (0, 0)
            assert not {*present_names(connection)} & {*developers(connection)}
        sources = [row["source"] for row in table_rows(database, "entries")["entries"]]
        assert [sources.count(key) for key in keys.values()] in ([1, 0], [1, 1])


def foreign(developer: str, number: int, **fields: object) -> Entry:
    return dataclasses.replace(store_kit.foreign_entry(number % 900, developer), **fields)


def import_log(database: Database, log: list[Entry]) -> int:
    """Import entries, each with a new id as a source gives it; return how many were inserted."""
    new = [dataclasses.replace(each, id=database.new_id()) for each in log]
    result = import_records(database, new, source="test", file="log", now_epoch=database.now_epoch)
    return result.entries


def present(database: Database, name: str) -> str:
    with database.reading() as connection:
        return present_name(connection, name)


def developers(connection: Connection) -> set[str]:
    return {*connection.execute(select(schema.entries.c.developer)).scalars()}
