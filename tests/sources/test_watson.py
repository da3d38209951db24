"""`import watson`: frames with awkward content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.foreign_logs import read, records_of

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Imported, Rejected, Skipped, Task

ID = "3e9176e02d0f414cb779d40d92b43de6"
FRAME = [1_772_438_400, 1_772_442_000, "PAY-1", ID, ["design"], 1_795_988_764]
LOGGED = {
    "id": ID,
    "project": "PAY-1",
    "start": "2026-03-02T09:00:00+01:00",
    "stop": "2026-03-02T10:00:00+01:00",
    "tags": ["design"],
}


def read_frames(*frames: Any) -> list[Imported]:
    """Return the records of a log."""
    return read(json.dumps(frames), None, kind="watson", zone="Europe/Berlin", developer="ada")


def test_a_frame_is_the_same_entry_from_both_files() -> None:
    """Also where the JSON has the offset of another season's day of export."""
    shifted = {
        **LOGGED,
        "start": "2026-03-02T10:00:00+02:00",
        "stop": "2026-03-02T11:00:00.25+02:00",
    }
    entries = [records_of(Entry, read_frames(frame))[0] for frame in (FRAME, LOGGED, shifted)]
    assert {(entry.source_key, entry.row_hash, entry.started_epoch) for entry in entries} == {
        (ID, entries[0].row_hash, 1_772_438_400)
    }
    assert {entry.zone for entry in entries} == {"Europe/Berlin"}


def test_a_change_of_the_time_of_editing_is_none() -> None:
    """`updated_at` is no part of the work."""
    changed = [*FRAME[:5], 1_800_000_000]
    assert (
        len({records_of(Entry, read_frames(frame))[0].row_hash for frame in (FRAME, changed)}) == 1
    )


def test_the_project_is_the_task_if_no_tag_has_a_key() -> None:
    """With a key in a tag, the project is the task's project."""
    (entry,) = records_of(Entry, read_frames([*FRAME[:2], "Shop", ID, ["design"], 0]))
    assert (entry.task, entry.activity) == ("Shop", "design")
    records = read_frames([*FRAME[:2], "Shop", ID, ["design", "PAY-2"], 0])
    assert records_of(Task, records) == [Task("PAY-2", project="Shop")]


@pytest.mark.parametrize(
    ("project", "tag", "stored"),
    [
        ("Website relaunch", "Web", "Website relaunch"),
        ("PAY-12 refunds", "PAY-1", "PAY-12 refunds"),
        ("PAY-1 refunds", "PAY-1", None),
        ("PAY-1", "PAY-1", None),
    ],
)
def test_a_project_that_is_the_task_is_no_project(
    project: str, tag: str, stored: str | None
) -> None:
    """It is the task if it equals the task or holds its key, not if a part of a word does."""
    map_ = 'source = "watson"\n[extract.task]\nfrom = "tags"\npattern = "([A-Za-z]+(?:-[0-9]+)?)"\n'
    log = json.dumps([[*FRAME[:2], project, ID, [tag], 0]])
    records = read(log, map_, kind="watson", zone="UTC", developer="ada")
    assert [entry.task for entry in records_of(Entry, records)] == [tag]
    assert [task.project for task in records_of(Task, records)] == ([stored] if stored else [])


def test_the_running_frame_is_skipped() -> None:
    """With --current its stop is the time of the export."""
    assert read_frames({**LOGGED, "id": "current"}) == [Skipped(1, "still running, without an end")]


@pytest.mark.parametrize(
    ("frame", "column"),
    [
        (["x", *FRAME[1:]], "start"),
        ([True, *FRAME[1:]], "start"),
        ([1e300, *FRAME[1:]], "started_at"),
        ([FRAME[0], "2026-03-02T09:00", *FRAME[2:]], "stop"),
        ([*FRAME[:2], [5], *FRAME[3:]], "project"),
        ([*FRAME[:4], "design"], "tags"),
        ([FRAME[1], FRAME[0], *FRAME[2:]], "ended_at"),
        ([10**30, *FRAME[1:]], "started_at"),
        ([-5, *FRAME[1:]], "started_at"),
    ],
)
def test_a_frame_that_is_not_valid_is_rejected(frame: Any, column: str) -> None:
    """Only that frame."""
    records = read_frames(FRAME, frame)
    (rejected,) = records_of(Rejected, records)
    assert (rejected.line, rejected.place, rejected.column) == (2, "frame", column)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"project": "x", "start": 5}', "the running frame or a report"),
        ("[5]", "frame 1 is not a frame"),
        ("[[1, 2]]", "frame 1 is not a frame"),
        ("id,start,stop,project,tags\n", "shifted"),
        ("Mon 02 March 2026 (1h)\n", "not a log of Watson"),
    ],
)
def test_another_file_is_refused(text: str, message: str) -> None:
    """The refusal says which file to give."""
    with pytest.raises(BadValue, match=f"{message}.*watson log --json --all"):
        read(text, None, kind="watson", developer="ada")
