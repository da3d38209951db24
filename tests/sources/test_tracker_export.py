"""`import tracker` restores what `tracker export` wrote, through a real database, CSV and JSON."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from support.foreign_logs import read, records_of, single

from tracker.cli import export_writer
from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.domain.names import forbidden, normalise_name
from tracker.domain.records import ARMS, Basis, Entry, Imported, Rejected, Task, WorkItem
from tracker.sources.table import json_text
from tracker.store.database import Database
from tracker.store.read import queries
from tracker.store.schema import entries, tasks, work_items
from tracker.store.upgrade import open_database
from tracker.store.write.imports import import_records

NOW = datetime(2026, 6, 10, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia")

epochs = st.integers(86_400, 2_000_000_000)
texts = st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=8
)
notes = texts.filter(
    lambda text: not forbidden().search(text.translate({9: " ", 10: " ", 13: " "}))
)
tags = texts.filter(lambda text: not forbidden().search(text)).map(normalise_name)
names = st.text("abc ,;\"'<é☃", min_size=1, max_size=4).filter(str.strip)
minutes = st.floats(0.01, 1e5) | st.integers(1, 600).map(float)


def or_none(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy that also draws None."""
    return st.none() | strategy


@st.composite
def an_entry(draw: st.DrawFn) -> Entry:
    """Draw any valid entry."""
    zone, started = draw(st.sampled_from(ZONES)), draw(epochs)
    seconds, source = draw(st.integers(0, 400_000)), draw(or_none(names))
    return Entry(
        id=str(draw(st.uuids())),
        developer=draw(names),
        task=draw(names),
        activity=draw(st.sampled_from(["design", "testing", "Ä"])),
        started_epoch=started,
        zone=zone,
        seconds=seconds,
        local_day=times.local_day(started, ZoneInfo(zone)),
        logged_epoch=draw(epochs),
        ended_epoch=draw(or_none(st.integers(0, 500_000).map(lambda span: started + span))),
        interruption_seconds=draw(st.integers(0, 9_999)),
        team=draw(or_none(names)),
        assisted=draw(st.sampled_from(["yes", "no", "unknown"])),
        basis=draw(or_none(st.sampled_from(get_args(Basis)))),
        assistant=draw(or_none(names)),
        note=draw(or_none(notes)),
        tags=draw(or_none(tags)),
        source=source,
        source_key=source and str(draw(st.uuids())),
        row_hash=draw(or_none(st.text("0123456789abcdef", min_size=1, max_size=32))),
    )


facts = st.fixed_dictionaries(
    {
        "estimate_minutes": or_none(minutes),
        "estimate_ai_minutes": or_none(minutes),
        "completed_epoch": or_none(epochs),
    }
)
an_item = st.builds(
    lambda key, item_facts, arm: WorkItem(*key, **item_facts, **arm),
    st.tuples(names, names, st.sampled_from(["design", "testing"])),
    facts,
    st.fixed_dictionaries(
        {
            "estimated_epoch": or_none(epochs),
            "assigned": or_none(st.sampled_from(ARMS)),
            "assigned_epoch": or_none(epochs),
            "assistance_share": or_none(st.sampled_from([0.2, 1 / 3, 0.5])),
        }
    ),
)
a_task = st.builds(
    lambda key, task_facts, title, project, date: Task(
        key, title, project, estimated_epoch=date, **task_facts
    ),
    names,
    facts,
    or_none(texts),
    or_none(names),
    or_none(epochs),
)


def database(path: Path) -> Database:
    """Create a database in a file."""
    return open_database(f"sqlite:///{path}", now=lambda: NOW)


def store(log: Database, records: Iterable[Imported]) -> None:
    """Store all of the records."""
    import_records(log, records, source="tracker", file="-", now_epoch=0)


def exported(log: Database, kind: str, form: Any) -> bytes:
    """Return what `tracker export` writes."""
    file = io.StringIO(newline="")
    with log.reading() as connection:
        rows, columns = (
            (queries.export_entries(connection), export_writer.EXPORTED_ENTRY_COLUMNS)
            if kind == "entries"
            else (queries.export_tasks(connection), export_writer.EXPORTED_TASK_COLUMNS)
        )
        export_writer.write_rows(rows, columns, form, file)
    return file.getvalue().encode()


def content(log: Database) -> list[set[tuple[Any, ...]]]:
    """Return the content of the tables that an export restores, without the import's id."""
    with log.reading() as connection:
        return [
            {
                tuple(row)
                for row in connection.execute(
                    select(*(c for c in table.columns if c.name != "import_id"))
                )
            }
            for table in (entries, work_items, tasks)
        ]


@pytest.mark.parametrize("form", ["csv", "json"])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    log=st.lists(an_entry(), max_size=5),
    items=st.lists(an_item, max_size=4),
    whole_tasks=st.lists(a_task, max_size=4),
)
def test_an_export_restores_the_log(
    tmp_path_factory: pytest.TempPathFactory,
    form: str,
    log: list[Entry],
    items: list[WorkItem],
    whole_tasks: list[Task],
) -> None:
    """Export and import into an empty database restore entries, work items and tasks exactly."""
    folder = tmp_path_factory.mktemp("logs")
    before, after = database(folder / "before.db"), database(folder / "after.db")
    store(before, [*log, *items, *whole_tasks])
    for kind in ("tasks", "entries"):
        if form == "csv" or exported(before, kind, form) != b"[]\n":
            store(after, read(exported(before, kind, form), None, kind="tracker"))
    assert content(after) == content(before)
    before.close()
    after.close()


ID = "018bcfe5-6800-7000-8000-000000000001"
ENTRY = (
    "id,developer,task,activity,started_at,zone,minutes,logged_at,interruption_minutes,ended_at,"
    "assisted,basis\n"
    f"{ID},ann,T,design,2026-03-02T09:00:00+01:00,Europe/Berlin,90,2026-03-02T10:00:00+01:00,0,,yes,flag\n"
)


def test_optional_columns_may_be_missing() -> None:
    """Optional columns that were removed from an export are None."""
    entry = single(Entry, read(ENTRY, None, kind="tracker"))
    assert (entry.seconds, entry.zone, entry.assisted, entry.source, entry.note) == (
        *(5400, "Europe/Berlin", "yes"),
        *(None, None),
    )


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        (",90,", ",ninety,", "minutes"),
        (",90,", ",-1,", "minutes"),
        (",90,", ",,", "minutes"),
        ("2026-03-02T10:00:00+01:00", "", "logged_at"),
        ("2026-03-02T09:00:00+01:00", "", "started_at"),
        ("2026-03-02T09:00:00+01:00", "9999-12-31T23:30:00+00:00", "started_at"),
        ("Europe/Berlin", "Europe/Brelin", "zone"),
        ("2026-03-02T09:00:00+01:00", "2026-03-02 09:00", "started_at"),
        ("2026-03-02T09:00:00+01:00", "now", "started_at"),
        ("yes,flag", "perhaps,flag", "assisted"),
        ("yes,flag", "yes,hunch", "basis"),
        (f"{ID},ann", f"{ID},", "developer"),
        (ID, "7", "id"),
        (f"{ID},ann", ID, "basis"),
    ],
)
def test_an_edited_row_is_rejected(before: str, after: str, column: str) -> None:
    """A row that is no longer valid is rejected with its line and column."""
    rejected = single(Rejected, read(ENTRY.replace(before, after), None, kind="tracker"))
    assert (rejected.line, rejected.column) == (2, column)


def test_json_is_streamed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows do not depend on the size of the blocks nor on the indentation."""
    objects = [
        {"task": f"T-{n}", "developer": None, "activity": None, "estimate_minutes": n}
        for n in range(1, 40)
    ]
    expected = [Task(f"T-{n}", estimate_minutes=float(n)) for n in range(1, 40)]
    for block, indent in ((65_536, None), (7, None), (50, 2)):
        monkeypatch.setattr(json_text, "_BLOCK_SIZE", block)
        assert read(json.dumps(objects, indent=indent), None, kind="tracker") == expected
    surplus = json.dumps([*objects, {**objects[0], "mood": "good"}])
    assert records_of(Rejected, read(surplus, None, kind="tracker"))[0].line == 40


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("a,b\n", "has no column task"),
        ("task,developer,activity,estimate_minutes,mood\n", "'mood' is not a column"),
        ("[]", "no rows"),
        ('{"task": "T"}', "not a JSON array"),
        ("[3]", "row 1 is 3"),
        ('[{"task": "T", "developer": null}, {"ta', "row 2 is not JSON"),
    ],
)
def test_another_log_is_not_an_export(log: str, message: str) -> None:
    """A log that `tracker export` did not write is refused."""
    with pytest.raises(BadValue) as refusal:
        read(log, None, kind="tracker")
    assert message in str(refusal.value) or "has no column" in str(refusal.value)


def test_a_map_for_an_export_is_refused() -> None:
    """An export is read without a map."""
    with pytest.raises(BadValue, match="leave out --map"):
        read(ENTRY, 'source = "s"', kind="tracker")


def test_every_field_of_an_entry_is_exported() -> None:
    """Every field of an entry but its derived day has a column: a new field must get one."""
    entry = single(Entry, read(ENTRY, None, kind="tracker"))
    assert {field.name for field in dataclasses.fields(entry)} - {"local_day"} == {
        {
            "key": "source_key",
            "minutes": "seconds",
            "interruption_minutes": "interruption_seconds",
        }.get(name, name.replace("_at", "_epoch") if name.endswith("_at") else name)
        for name in export_writer.EXPORTED_ENTRY_COLUMNS[
            : export_writer.EXPORTED_ENTRY_COLUMNS.index("title")
        ]
    }
