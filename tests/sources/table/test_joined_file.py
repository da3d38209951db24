"""``[join]``: dates, estimates or people of a second file, joined by the task."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from support.foreign_logs import binary, records_of

from tracker.domain.errors import BadValue
from tracker.domain.ids import uuid7s
from tracker.domain.records import Entry, Imported, Rejected, WorkItem
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import parse_map, read_map

MAP = r"""
source = "trial"
[columns]
developer = "who"
activity = "kind"
minutes = "spent"
[extract.task]
from = ["text"]
pattern = '([A-Z]+-\d+)'
[join]
file = "issues.csv"
task = "Key"
[join.columns]
started_at = "Created"
estimate_minutes = "Estimate"
[units]
estimate_minutes = "hours"
[formats]
datetime = ["%d.%m.%Y %H:%M"]
timezone = "UTC"
"""
LOG = "who,kind,text,spent\nann,design,PAY-1 form,30\nbob,design,[PAY-2],45\n"
ISSUES = "Key;Estimate;Created\nPAY-1;1.5;02.03.2026 09:00\nPAY-2;;03.03.2026 10:00\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a map and the second file."""
    (tmp_path / "m.toml").write_text(MAP)
    (tmp_path / "issues.csv").write_text(ISSUES)
    return tmp_path


def read(
    folder: Path, log: str = LOG, notes: Counter[str] | None = None, kind: str = "csv"
) -> list[Imported]:
    """Return the records of a log that is read by the folder's map."""
    map_ = read_map(folder / "m.toml")
    context = ImportContext(ids=uuid7s(1_700_000_000_000_000_000, Random(1)), map=map_)
    opened = open_log(kind, binary(log), "log.csv", context)
    records = list(opened.records)
    if notes is not None:
        notes.update(opened.notes)
    return records


def test_dates_and_estimates_come_from_the_second_file(folder: Path) -> None:
    """The task may be a part of a text; units and formats hold for both files."""
    records = read(folder)
    starts = {entry.task: entry.started_epoch for entry in records_of(Entry, records)}
    assert starts == {
        "PAY-1": int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()),
        "PAY-2": int(datetime(2026, 3, 3, 10, tzinfo=UTC).timestamp()),
    }
    (item,) = records_of(WorkItem, records)
    assert (item.task, item.estimate_minutes) == ("PAY-1", 90)


def test_the_second_file_may_be_json(folder: Path) -> None:
    """An array of flat objects, as exports of boards are."""
    (folder / "issues.csv").write_text(
        '[{"Key": "PAY-1", "Created": "02.03.2026 09:00", "Estimate": 2}]'
    )
    (item,) = records_of(WorkItem, read(folder, LOG[: LOG.index("bob")]))
    assert item.estimate_minutes == 120


def test_a_task_that_the_second_file_lacks_is_counted(folder: Path) -> None:
    """Its cells are empty: a constant may stand in, else the row is rejected."""
    log = LOG + "ann,design,PAY-9,5\n"
    (rejected,) = records_of(Rejected, read(folder, log))
    assert (rejected.line, rejected.column, rejected.value) == (4, "text", "PAY-9")
    assert "Created of this task in issues.csv is ''" in rejected.reason
    assert len(rejected.row) == 4
    (folder / "m.toml").write_text(MAP + "[constants]\ndate = 2026-03-04\n")
    notes: Counter[str] = Counter()
    assert len(records_of(Entry, read(folder, log, notes))) == 3
    assert notes == {"rows whose task is not in issues.csv": 1}


def test_a_bad_cell_of_the_second_file_is_named(folder: Path) -> None:
    """By the row's line and task, and by the file, column and value."""
    (folder / "issues.csv").write_text(ISSUES.replace("1.5", "soon"))
    (rejected,) = records_of(Rejected, read(folder))
    assert (rejected.line, rejected.column) == (2, "text")
    assert "Estimate of this task in issues.csv is 'soon': it is not a number" in rejected.reason


def test_a_changed_date_there_changes_the_row(folder: Path) -> None:
    """The hash of a row is of its joined cells too, so that an edit is recognised."""
    before = records_of(Entry, read(folder))
    (folder / "issues.csv").write_text(ISSUES.replace("09:00", "09:30"))
    after = records_of(Entry, read(folder))
    assert before[0].row_hash != after[0].row_hash
    assert before[1].row_hash == after[1].row_hash


def test_a_row_of_totals_and_a_short_row_are_as_without_a_join(folder: Path) -> None:
    """The joined cells are no part of the log's own rows."""
    records = read(folder, LOG + "ann,design\nTotal,,,75\n")
    (rejected,) = records_of(Rejected, records)
    assert rejected.reason == "the row has 2 of 4 fields; complete it"


@pytest.mark.parametrize(
    ("issues", "message"),
    [
        ("", "issues.csv is empty"),
        ("Key;Estimate\nPAY-1;2\n", "0 columns 'Created'"),
        ("Key;Key;Estimate;Created\n", "2 columns 'Key'"),
        (ISSUES + "PAY-1;9;02.03.2026 09:00\n", "lines 2 and 4 are both of 'PAY-1'"),
        (ISSUES + "PAY-3\n", "line 4 has 1 fields"),
        (ISSUES + "PAY-\udcff;;\n", "save it as UTF-8"),
        ("PK\x03\x04xl/", "Excel workbook"),
    ],
)
def test_a_second_file_that_cannot_be_used_is_refused(
    folder: Path, issues: str, message: str
) -> None:
    """In one line with its name, before anything is read of the log."""
    (folder / "issues.csv").write_bytes(issues.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadValue) as refusal:
        read(folder)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_equal_rows_of_a_task_and_blank_ones_do_no_harm(folder: Path) -> None:
    """A task that is exported twice with the same content is one task."""
    (folder / "issues.csv").write_text(ISSUES + "PAY-1;1.5;02.03.2026 09:00\n\n;;\n")
    assert len(records_of(Entry, read(folder))) == 2


def test_a_missing_second_file_is_refused(folder: Path) -> None:
    """The message names the map's key and the path."""
    (folder / "issues.csv").unlink()
    with pytest.raises(BadValue, match=r"m\.toml \[join\] file is .*issues\.csv"):
        read(folder)


def test_a_list_of_tasks_has_no_second_file(folder: Path) -> None:
    """`import tasks` reads such a file by itself."""
    text = MAP.replace('developer = "who"\nactivity = "kind"\nminutes = "spent"\n', "")
    (folder / "m.toml").write_text(text.replace('started_at = "Created"\n', ""))
    with pytest.raises(BadValue, match=r"m\.toml has \[join\]"):
        read(folder, kind="tasks")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("[join]\nfiel = 'a'", "did you mean file?"),
        ("[join]\nfile = 'a'", "[join] task is"),
        ("[join]\ntask = 'a'", "[join] file is"),
        ("[join]\nfile = 'a'\ntask = 'b'", "has no columns"),
        ("[join]\nfile = 'a'\ntask = 'b'\ncolumns = { task = 'c' }", "unknown key"),
        ("[join]\nfile = 'a'\ntask = 'b'\ncolumns = { date = ['c'] }", "in quotes"),
        ("[join]\nfile = 'a'\ntask = 'b'\ncolumns = { minutes = 'c' }", "remove one"),
        ("join = 3", "[join]"),
    ],
)
def test_a_faulty_join_is_refused_when_the_map_is_read(section: str, message: str) -> None:
    """In one line that names the map."""
    head = "source = 's'\n"
    columns = "[columns]\nminutes = 'm'\n"
    text = (
        f"{head}{section}\n{columns}" if section.startswith("join") else f"{head}{columns}{section}"
    )
    with pytest.raises(BadValue) as refusal:
        parse_map(text, "m.toml")
    line = str(refusal.value)
    assert message in line
    assert line.startswith("m.toml ")
    assert "\n" not in line
