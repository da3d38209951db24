"""Every source rejects invalid entries with line and column, and compares names in NFC."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from support.foreign_logs import read, records_of
from support.tool_logs import FIRST, SECOND, TOOLS, Tool

from tracker.domain.records import Entry, Imported, Rejected, Skipped, Task, WorkItem
from tracker.sources.registry import SOURCES

Row = dict[str, str]

NOW_EPOCH = int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp())

VALID: Row = {
    "key": "1",
    "developer": "ann",
    "team": "core",
    "task": "T-1",
    "activity": "design",
    "started_at": "2026-03-02T09:00:00+00:00",
    "ended_at": "2026-03-02T10:30:00+00:00",
    "minutes": "90",
    "interruption_minutes": "0",
    "assistant": "Helper 1.0",
    "tags": "api",
    "note": "two\nlines",
}
CSV_MAP = (
    'source = "test"\n[columns]\n'
    + "".join(f'{column} = "their {column}"\n' for column in VALID)
    + '[formats]\ntimezone = "UTC"\n'
)


def csv_text(rows: list[Row]) -> str:
    """Return rows as CSV, with the columns of the first row."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def read_csv(rows: list[Row]) -> list[Imported]:
    """Import rows by a map."""
    foreign = [{f"their {column}": value for column, value in row.items()} for row in rows]
    return read(csv_text(foreign), CSV_MAP, kind="csv", now_epoch=NOW_EPOCH)


def exported(rows: list[Row]) -> list[Row]:
    """Return rows with the further columns that an export has."""
    return [
        {
            "id": f"018bcfe5-6800-7000-8000-{number:012x}",
            "zone": "UTC",
            "logged_at": row["started_at"],
            "source": "test",
            **row,
        }
        for number, row in enumerate(rows)
    ]


def read_exported_csv(rows: list[Row]) -> list[Imported]:
    """Import rows as an export in CSV."""
    return read(csv_text(exported(rows)), None, kind="tracker", now_epoch=NOW_EPOCH)


def read_exported_json(rows: list[Row]) -> list[Imported]:
    """Import rows as an export in JSON."""
    return read(json.dumps(exported(rows)), None, kind="tracker", now_epoch=NOW_EPOCH)


READERS: dict[str, list[Callable[[list[Row]], list[Imported]]]] = {
    "csv": [read_csv],
    "tasks": [],
    "tracker": [read_exported_csv, read_exported_json],
}
"""Source → how rows are imported with it; a list of tasks yields no entries."""

NAMED = {tool.source for tool in TOOLS.values()}
"""Sources that are no tables: their logs have too few fields for the rows above."""
PULLED = {"gitlab", "jira"}
"""The same, of answers of an API; their sessions are built as those of the tools are."""
SHIPPED = {name for name, source in SOURCES.items() if source.shipped_map}
"""Sources that are read as CSV is, by a map that comes with tracker."""

INVALID: list[tuple[str, Row]] = [
    *((name, {name: "a\x1b[31mb"}) for name in ("developer", "task", "activity", "team")),
    *((name, {name: "a\x1b[31mb"}) for name in ("assistant", "key", "tags", "note")),
    *((name, {name: " "}) for name in ("developer", "task", "activity")),
    ("task", {"task": "x" * 501}),
    ("started_at", {"started_at": "1969-12-31T09:00:00+00:00"}),
    ("started_at", {"started_at": "1970-01-01T00:30:00+02:00", "ended_at": ""}),
    ("started_at", {"started_at": "2026-06-02T09:00:00+00:00", "ended_at": ""}),
    ("ended_at", {"ended_at": "2026-06-01T12:00:01+00:00"}),
    ("ended_at", {"ended_at": "2026-03-02T08:59:59+00:00"}),
    ("ended_at", {"started_at": "2020-03-02T09:00:00+00:00"}),
    ("minutes", {"minutes": "-1"}),
    ("minutes", {"minutes": "527041"}),
]
"""Column → a change to a valid row that makes this column invalid."""


@pytest.fixture(
    params=[
        pytest.param(reader, id=reader.__name__) for rows in READERS.values() for reader in rows
    ]
)
def read_rows(request: pytest.FixtureRequest) -> Callable[[list[Row]], list[Imported]]:
    """Import rows with each source that yields entries."""
    reader: Callable[[list[Row]], list[Imported]] = request.param
    return reader


def test_every_source_is_tested() -> None:
    """A new source has its place in READERS, or among the tools."""
    assert READERS.keys() | NAMED | PULLED | SHIPPED == SOURCES.keys()


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
@pytest.mark.parametrize(
    "changes",
    [
        {"task": "PAY\u202e"},
        {"task": "x" * 501},
        {"tag": "a\u202eb"},
        {"started": "1969-12-31T09:00"},
        {"started": "2026-06-02T09:00"},
        {"minutes": -1},
        {"minutes": 527_041},
    ],
    ids=lambda changes: f"{changes}"[:40],
)
def test_an_invalid_session_is_rejected(tool: Tool, changes: dict[str, Any]) -> None:
    """Only that one of the log of a tool that is no table."""
    invalid = replace(FIRST, key=5, **changes)
    text = tool.write([FIRST, invalid, SECOND])
    zone = "Europe/Berlin"
    records = read(text, None, kind=tool.source, zone=zone, developer="ann", now_epoch=NOW_EPOCH)
    # Of Toggl a negative duration says that the timer is running.
    running = records_of(Skipped, records)
    assert len(running) == (tool.source == "toggl" and "minutes" in changes and invalid.minutes < 0)
    for rejected in records_of(Rejected, records):
        assert rejected.line > 1
        assert "\u202e" not in rejected.reason
    assert len(records_of(Rejected, records)) + len(running) == 1
    assert [entry.task for entry in records_of(Entry, records)] == ["PAY-1", "PAY-2"]


def test_valid_rows_are_imported(read_rows: Callable[[list[Row]], list[Imported]]) -> None:
    """A valid row is an entry, also when it ends now."""
    (entry, _) = read_rows([VALID, {**VALID, "key": "2", "ended_at": "2026-06-01T12:00:00+00:00"}])
    assert isinstance(entry, Entry)
    assert (entry.developer, entry.seconds, entry.note) == ("ann", 5400, "two\nlines")


@pytest.mark.parametrize(
    ("column", "changes"), INVALID, ids=[f"{column}-{changes}"[:60] for column, changes in INVALID]
)
def test_an_invalid_row_is_rejected(
    read_rows: Callable[[list[Row]], list[Imported]], column: str, changes: Row
) -> None:
    """Only that row is rejected, with the file's own name of the column."""
    invalid = {**VALID, "key": "2", **changes}
    first, rejected, last = read_rows([VALID, invalid, {**VALID, "key": "3"}])
    assert isinstance(first, Entry)
    assert isinstance(last, Entry)
    assert isinstance(rejected, Rejected), rejected
    assert rejected.column.removeprefix("their ") == column
    assert rejected.value == invalid[column]
    assert "\x1b" not in rejected.reason


def test_spellings_of_a_name_are_one_name(
    read_rows: Callable[[list[Row]], list[Imported]],
) -> None:
    """The two Unicode spellings of an accented letter give one developer, task, team and key."""
    names = ("developer", "task", "activity", "team", "assistant", "key")
    rows = [
        {**VALID, **dict.fromkeys(names, unicodedata.normalize(form, "Zoë"))}
        for form in ("NFC", "NFD")
    ]
    first, second = records_of(Entry, read_rows(rows))
    for entry in (first, second):
        assert {entry.developer, entry.task, entry.activity, entry.team, entry.assistant} == {"Zoë"}
        assert entry.source_key == "Zoë"


def test_an_end_far_away_is_rejected_without_minutes() -> None:
    """If the effort is derived from the end, the message asks to correct the end."""
    rows = [{**VALID, "ended_at": "2032-03-02T09:00:00+00:00", "minutes": ""}]
    (rejected,) = read_csv(rows)
    assert isinstance(rejected, Rejected)
    assert (rejected.column, rejected.value) == ("their ended_at", rows[0]["ended_at"])
    assert "a year after the start" in rejected.reason


def test_an_entry_of_today_may_be_before_its_noon() -> None:
    """An entry of a bare day stands at noon, which may be still to come; tomorrow is rejected."""
    map_ = CSV_MAP.replace("started_at", "date").replace('ended_at = "their ended_at"\n', "")
    today, tomorrow = (
        {f"their {column}": value for column, value in {**VALID, "date": day}.items()}
        for day in ("2026-06-01", "2026-06-02")
    )
    morning = NOW_EPOCH - 4 * 3600
    entry, rejected = read(csv_text([today, tomorrow]), map_, now_epoch=morning)
    assert isinstance(entry, Entry)
    assert isinstance(rejected, Rejected)
    assert (rejected.column, rejected.value) == ("their date", "2026-06-02")


def test_nothing_is_remembered_of_a_rejected_row() -> None:
    """A row that the check rejects leaves no work item and takes no key from the next row."""
    map_ = CSV_MAP.replace('key = "their key"\n', "") + '[constants]\nassigned = "baseline"\n'
    row = {f"their {column}": value for column, value in VALID.items()}
    future = {**row, "their task": "T-2", "their ended_at": "2027-01-01T00:00:00+00:00"}
    records = read(csv_text([row, future, row]), map_, now_epoch=NOW_EPOCH)
    first, second = records_of(Entry, records)
    assert second.source_key == f"{first.source_key}:2"
    assert [item.task for item in records_of(WorkItem, records)] == ["T-1"]


def test_an_export_of_tasks_has_checked_names() -> None:
    """Names of tasks and work items are checked and in NFC as those of entries are."""
    nfd = unicodedata.normalize("NFD", "Zoë")
    log = csv_text(
        [
            {"task": task, "developer": person, "activity": activity, "estimate_minutes": "5"}
            for task, person, activity in ((nfd, "", ""), ("T", nfd, "design"), ("\x1b[0m", "", ""))
        ]
    )
    records = read(log, None, kind="tracker")
    assert records_of(Task, records) == [Task("Zoë", estimate_minutes=5.0)]
    assert records_of(WorkItem, records) == [WorkItem("Zoë", "T", "design", 5.0)]
    assert [(row.line, row.column) for row in records_of(Rejected, records)] == [(4, "task")]
