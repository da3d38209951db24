"""JSON of web interfaces: Kimai's and Toggl's, and whatever else may stand in such a file."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.foreign_logs import import_context, read, records_of
from support.time_servers import (
    gitlab_timelog,
    jira_issue,
    jira_worklog,
    kimai_sheet,
    toggl_entry,
)

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected, Skipped, Task
from tracker.sources.kimai_api import NUMBERS
from tracker.sources.registry import open_log

KINDS = ("jira", "gitlab", "kimai", "toggl")
EXAMPLES: dict[str, Any] = {
    "jira": {**jira_worklog(1, "2026-03-02T10:00:00.000+0000"), "issue": jira_issue(1)},
    "gitlab": gitlab_timelog(1),
    "kimai": kimai_sheet(1),
    "toggl": toggl_entry(1),
}


def test_kimais_break_is_off_already() -> None:
    """`duration` is effort; the break is kept as the interruption."""
    sheet = kimai_sheet(1, end="2026-03-02T11:00:00+0100", duration=5400, **{"break": 1800})
    (entry, task) = read(json.dumps([sheet]), None, kind="kimai", zone="Europe/Berlin")
    assert isinstance(entry, Entry)
    assert (entry.seconds, entry.interruption_seconds) == (5400, 1800)
    assert (entry.ended_epoch or 0) - entry.started_epoch == 7200
    assert (entry.developer, entry.task, entry.activity) == ("Ada", "PAY-1", "Design".lower())
    assert task == Task("PAY-1", project="Payments")


def test_kimai_without_names_has_numbers() -> None:
    """Without `full=true`; a map can translate them, and it is told."""
    notes: Counter[str] = Counter()
    sheet = kimai_sheet(1, user=5, activity=3, project=2)
    map_ = 'source = "kimai"\n[values.developer]\n"5" = "ada"\n[values.activity]\n"3" = "testing"\n'
    (entry, _) = read(json.dumps([sheet]), map_, kind="kimai", notes=notes)
    assert isinstance(entry, Entry)
    assert (entry.developer, entry.activity) == ("ada", "testing")
    assert notes == {NUMBERS: 1}


def test_a_user_of_kimai_without_an_alias_has_a_user_name() -> None:
    """The alias may be null; without any name the row is rejected."""
    sheets = [kimai_sheet(1, user={"id": 5, "username": "ada", "alias": None})]
    sheets.append(kimai_sheet(2, user=None))
    first, _, rejected = read(json.dumps(sheets), None, kind="kimai")
    assert isinstance(first, Entry)
    assert first.developer == "ada"
    assert isinstance(rejected, Rejected)
    assert rejected.column == "user"


def test_rows_of_toggls_report_share_their_words() -> None:
    """One row may hold several entries of the same description."""
    times = [
        {
            "id": n,
            "seconds": 60,
            "start": f"2026-03-0{n}T09:00:00Z",
            "stop": f"2026-03-0{n}T09:01:00Z",
        }
        for n in (1, 2)
    ]
    row = {
        "username": "Ada", "description": "PAY-7 x", "tag_names": ["testing"], "row_number": 1,
        "project_name": "P", "task_name": None, "time_entries": times,
    }  # fmt: skip
    entries = records_of(Entry, read(json.dumps([row]), None, kind="toggl"))
    assert [(e.developer, e.task, e.activity, e.seconds) for e in entries] == [
        ("Ada", "PAY-7", "testing", 60)
    ] * 2
    assert [e.source_key for e in entries] == ["1", "2"]


@pytest.mark.parametrize("changes", [{"stop": None, "duration": -1_772_000_000}, {"duration": -1}])
def test_a_running_entry_of_toggl_is_skipped(changes: dict[str, Any]) -> None:
    """It has a negative duration, whether or not it has a stop."""
    text = json.dumps([toggl_entry(1, **changes)])
    assert read(text, None, kind="toggl", developer="a") == [
        Skipped(1, "still running, without an end")
    ]


def test_toggls_csv_is_still_a_table() -> None:
    """The same source reads both."""
    text = (
        "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,"
        "End time,Duration,Tags\n"
        "Ada,a@e.org,,P,,PAY-1 x,No,2026-03-02,09:00:00,2026-03-02,10:00:00,01:00:00,design\n"
    )
    (entry,) = records_of(Entry, read(text, None, kind="toggl", zone="UTC"))
    assert (entry.task, entry.seconds) == ("PAY-1", 3600)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_whatever_a_field_holds_ends_in_a_record_or_one_refusal(kind: str, data: Any) -> None:
    """Each field of an entry may hold any JSON."""
    example = dict(EXAMPLES[kind])
    for key in data.draw(st.lists(st.sampled_from(sorted(example)), min_size=1, max_size=4)):
        example[key] = data.draw(json_values)
    check_outcome(kind, json.dumps([example, EXAMPLES[kind]]))


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(KINDS), document=json_values)
def test_whatever_json_goes_in_ends_in_records_or_one_refusal(kind: str, document: Any) -> None:
    """Any document."""
    check_outcome(kind, json.dumps(document))


@settings(max_examples=50, deadline=None)
@given(kind=st.sampled_from(KINDS), cut=st.integers(0, 400), tail=st.binary(max_size=8))
def test_whatever_bytes_go_in_end_in_records_or_one_refusal(
    kind: str, cut: int, tail: bytes
) -> None:
    """A cut file, with anything after the cut."""
    check_outcome(kind, json.dumps([EXAMPLES[kind]]).encode()[:cut] + tail)


def check_outcome(kind: str, content: str | bytes) -> None:
    """Read a log; anything but records or BadValue is a bug."""
    try:
        records = read(content, None, kind=kind, zone="UTC", developer="a", now_epoch=10**10)
    except BadValue as error:
        message = str(error)
        records = []
    else:
        message = ""
    assert "\n" not in message
    assert all(isinstance(r, Entry | Task | Rejected | Skipped) for r in records)


class _Endless(RawIOBase):
    """A stream of so many JSON objects, made while it is read."""

    def __init__(self, kind: str, count: int) -> None:
        self._lines = self._objects(kind, count)
        self._rest = b""

    @staticmethod
    def _objects(kind: str, count: int) -> Iterator[bytes]:
        name = {"gitlab": "gid://gitlab/Timelog/{}"}.get(kind, "{}")
        for number in range(count):
            yield json.dumps({**EXAMPLES[kind], "id": name.format(number)}).encode() + b"\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while len(self._rest) < len(buffer) and (line := next(self._lines, b"")):
            self._rest += line
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_log_is_never_in_memory_as_a_whole(kind: str) -> None:
    """1,200 entries more need little memory more: of GitLab's a few numbers each."""
    peaks = []
    for count in (300, 1_500):
        log = open_log(kind, BufferedReader(_Endless(kind, count)), "log", import_context(None))
        tracemalloc.start()
        assert sum(isinstance(record, Entry) for record in log.records) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 1_200 < 400  # bytes an entry


@pytest.mark.parametrize("number", [10**400, -(10**400), 1e300], ids=["long", "below", "float"])
@pytest.mark.parametrize(
    ("kind", "field"), [("kimai", "duration"), ("kimai", "break"), ("toggl", "duration")]
)
def test_a_number_of_too_many_digits_is_rejected(kind: str, field: str, number: float) -> None:
    """It is too large for any count of seconds."""
    item = {"id": 1, "description": "PAY-1", field: number}
    if kind == "kimai":
        item |= {"begin": "2026-03-02T09:00:00+0000", "end": "2026-03-02T10:00:00+0000"}
        item |= {"user": {"username": "ada"}, "activity": 3}
    else:
        item |= {"start": "2026-03-02T09:00:00Z", "stop": "2026-03-02T10:00:00Z"}
        item |= {"workspace_id": 7}
    records = read(json.dumps([item]), None, kind=kind, developer="ada", zone="UTC")
    assert [record.column for record in records_of(Rejected, records)] == [field]
