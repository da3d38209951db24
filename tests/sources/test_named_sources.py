"""What holds for every named source: imported twice, edited, running, cut off, another's file."""

from __future__ import annotations

import json
import re
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.foreign_logs import binary, import_context, read, records_of
from support.person import Person
from support.tool_logs import FIRST, RUNNING, SECOND, TOOLS, Tool, Work, renamed

from tracker.domain import printing
from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected, Skipped, Task
from tracker.domain.validation import check_entry, check_texts
from tracker.sources.registry import SOURCES, open_log, recognise

MAP = '[values.activity]\n"des*" = "design"\n[values.assisted]\nai = "yes"\n'


NAIVE = pytest.mark.parametrize(
    "tool", [tool for tool in TOOLS.values() if tool.has_naive_times], ids=lambda tool: tool.source
)
"""For what concerns the tools whose times have no zone."""
RUN = pytest.mark.parametrize(
    "tool", [tool for tool in TOOLS.values() if tool.can_run], ids=lambda tool: tool.source
)
"""For what concerns the tools whose logs hold running sessions."""


OWN = pytest.mark.parametrize(
    "tool",
    [tool for tool in TOOLS.values() if not tool.names_developer],
    ids=lambda tool: tool.source,
)
"""For what concerns the tools whose logs do not say who worked."""


@pytest.fixture(params=TOOLS.values(), ids=TOOLS.keys())
def tool(request: pytest.FixtureRequest) -> Tool:
    """Each tool in turn."""
    chosen: Tool = request.param
    return chosen


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a folder of her own; her zone is set."""
    monkeypatch.chdir(tmp_path)
    person = Person(tmp_path)
    person.run("config", "set", "zone", "Europe/Berlin")
    return person


def import_works(person: Person, tool: Tool, *works: Work, options: tuple[str, ...] = ()) -> str:
    """Import sessions as the tool writes them; return what is printed."""
    Path("log").write_text(tool.write(works))
    result = person.run("import", tool.source, "log", *options)
    return result.stdout + result.stderr


def entries(person: Person) -> list[tuple[str, str, float]]:
    """Return task, activity and minutes of each entry."""
    rows = person.json("export", "entries")
    return sorted((row["task"], row["activity"], row["minutes"]) for row in rows)


def test_a_log_is_imported_once(ada: Person, tool: Tool) -> None:
    """Every session is an entry in the zone of the settings; again, nothing is added."""
    assert "kept 2 entries" in import_works(ada, tool, FIRST, SECOND)
    assert entries(ada) == [("PAY-1", "design", 90), ("PAY-2", "testing", 30)]
    (first, _) = sorted(ada.json("export", "entries"), key=lambda row: str(row["task"]))
    assert first["started_at"] == "2026-03-02T09:00:00+01:00"
    assert (first["source"], first["zone"]) == (tool.source, "Europe/Berlin")
    assert "log: kept nothing; " in import_works(ada, tool, FIRST, SECOND)
    assert len(entries(ada)) == 2


def test_a_dry_run_keeps_nothing(ada: Person, tool: Tool) -> None:
    """--dry-run says what would be kept."""
    output = import_works(ada, tool, FIRST, options=("--dry-run",))
    assert "would keep 1 entry" in output
    assert entries(ada) == []


def test_an_edited_session_is_told_and_updated(ada: Person, tool: Tool) -> None:
    """A session edited in the tool is told; --update takes its new form, undo the old one."""
    import_works(ada, tool, FIRST, SECOND)
    edited = (renamed(FIRST), SECOND)
    assert "kept as it was" in import_works(ada, tool, *edited)
    assert ("PAY-1", "design", 90) in entries(ada)
    assert "1 updated" in import_works(ada, tool, *edited, options=("--update",))
    assert entries(ada) == [("PAY-1", "review", 90), ("PAY-2", "testing", 30)]
    ada.run("import", "--undo")
    assert ("PAY-1", "design", 90) in entries(ada)


def test_a_log_that_grows_adds_its_new_sessions(ada: Person, tool: Tool) -> None:
    """The ids of timewarrior move with every new interval; nothing doubles."""
    import_works(ada, tool, FIRST)
    assert "kept 1 entry" in import_works(ada, tool, FIRST, SECOND)
    assert len(entries(ada)) == 2


@RUN
def test_a_running_session_is_skipped_and_told(ada: Person, tool: Tool) -> None:
    """A running timer is no entry yet; when it has been stopped it is one."""
    output = import_works(ada, tool, FIRST, RUNNING)
    assert "left out, still running, without an end: 1" in output
    assert len(entries(ada)) == 1


@pytest.mark.parametrize("other", TOOLS.values(), ids=TOOLS.keys())
def test_the_log_of_another_tool_is_recognised(tool: Tool, other: Tool) -> None:
    """The refusal names the source that reads the file."""
    text = other.write([FIRST, SECOND])
    assert recognise(text) == other.source
    if other.source == tool.source:
        return
    with pytest.raises(BadValue, match=f"`tracker import {other.source} FILE`"):
        read(text, None, kind=tool.source, zone="Europe/Berlin", developer="ada")


def test_csv_is_not_taken_for_a_log_without_columns(tool: Tool) -> None:
    """`import csv` of a log that is no table names the source that reads it."""
    with pytest.raises(BadValue, match=f"`tracker import {tool.source} FILE`"):
        read(tool.write([FIRST]), None, kind="csv")


def test_a_truncated_log_is_refused(ada: Person, tool: Tool) -> None:
    """A file that was cut off within a session is refused, wherever that is."""
    text = tool.write([FIRST, SECOND])
    last = "CLOCK: [" if tool.source == "org" else text[: text.rindex("PAY-2")].splitlines()[-1]
    if tool.source == "org":
        text = text[: text.rindex(":END:")]  # what stands below a clock line may be missing
    for length in range(len(text) - 2, text.rindex(last) + len(last), -7):
        with pytest.raises(BadValue, match="cut off"):
            read(text[:length], None, kind=tool.source, zone="UTC", developer="ada")
    Path("cut").write_text(text[:-2])
    assert "cut off" in ada.refused("import", tool.source, "cut")
    assert entries(ada) == []


def test_naive_times_without_a_zone_are_refused(tool: Tool) -> None:
    """Times without an offset need a zone; instants have UTC or an offset without one."""
    text = tool.write([FIRST])
    if tool.has_naive_times:
        with pytest.raises(BadValue, match="give --tz, such as --tz Europe/Berlin"):
            read(text, None, kind=tool.source, developer="ada")
    else:
        (entry,) = records_of(Entry, read(text, None, kind=tool.source, developer="ada"))
        assert entry.zone in ("UTC", "Etc/GMT-1")


@NAIVE
def test_both_readings_of_a_doubled_hour_are_named(tool: Tool) -> None:
    """The map says which one is meant."""
    text = tool.write([Work(started="2026-10-25T02:30", minutes=45)])
    (rejected,) = read(text, None, kind=tool.source, zone="Europe/Berlin", developer="ada")
    assert isinstance(rejected, Rejected)
    assert "2026-10-25 02:30+0200 and as 2026-10-25 02:30+0100" in rejected.reason
    for reading, minutes in (("earlier", 105), ("later", 45)):
        map_ = f'source = "{tool.source}"\n[formats]\nambiguous = "{reading}"\n'
        (entry,) = records_of(
            Entry, read(text, map_, kind=tool.source, zone="Europe/Berlin", developer="ada")
        )
        assert entry.seconds == 60 * minutes


@NAIVE
def test_a_skipped_hour_is_rejected(tool: Tool) -> None:
    """A time that the clock skipped is no instant."""
    text = tool.write([Work(started="2026-03-29T02:30", minutes=60)])
    (rejected,) = read(text, None, kind=tool.source, zone="Europe/Berlin", developer="ada")
    assert isinstance(rejected, Rejected)
    assert "it does not exist in Europe/Berlin" in rejected.reason


def test_the_clock_of_naive_times_may_change_during_a_session(tool: Tool) -> None:
    """From 1:30 to 3:30 of the night of the change is one hour, whatever the tool sums up."""
    work = Work(started="2026-03-29T01:30", minutes=120 if tool.has_naive_times else 60)
    records = read(tool.write([work]), None, kind=tool.source, zone="Europe/Berlin", developer="a")
    (entry,) = records_of(Entry, records)
    assert entry.seconds == 3600


@OWN
def test_a_log_without_a_developer_is_refused(tool: Tool) -> None:
    """A log of one's own needs to be told whose it is."""
    with pytest.raises(BadValue, match="--developer"):
        read(tool.write([FIRST]), None, kind=tool.source, zone="Europe/Berlin")


def test_the_map_of_a_named_source_has_values_and_extracts_only(ada: Person, tool: Tool) -> None:
    """Columns in such a map are refused: the source knows its own."""
    Path("log").write_text(tool.write([FIRST]))
    Path("m.toml").write_text('[columns]\ntask = "x"\n')
    message = ada.refused("import", tool.source, "log", "--map", "m.toml")
    assert "[values] and [extract] only" in message


def test_a_log_without_sessions_adds_nothing(tool: Tool) -> None:
    """An empty log is refused if it is a text, which might be any other, else it holds nothing."""
    text = tool.write([])
    if text:
        assert read(text, None, kind=tool.source, zone="UTC", developer="ada") == []
    else:
        with pytest.raises(BadValue, match="is empty"):
            read(text, None, kind=tool.source, zone="UTC", developer="ada")


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if SOURCES[kind].map != "required"])
@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_a_file_without_content_is_refused(kind: str, text: str) -> None:
    """Whatever the source: an empty file, a blank line, a byte-order mark alone."""
    size = {"": "0 bytes", "\n": "1 byte", "\ufeff": "3 bytes"}[text]
    message = f"log.csv is empty ({size}): `tracker import {kind} --help` says how to get the log."
    with pytest.raises(BadValue, match=f"^{re.escape(message)}$"):
        read(text, None, kind=kind, zone="UTC", developer="ada")


@pytest.mark.parametrize("kind", SOURCES)
def test_the_help_of_a_source_says_how_to_get_its_file(ada: Person, kind: str) -> None:
    """`import SOURCE --help` shows what to do in the tool, and --list what each source reads."""
    text = " ".join(ada.run("import", kind, "--help").stdout.split())
    instructions = SOURCES[kind].instructions
    assert instructions
    assert " ".join(instructions.split()) in text
    assert SOURCES[kind].summary in " ".join(ada.run("import", "--list").stdout.split())


def test_rejected_sessions_are_corrected_in_the_tool(ada: Person) -> None:
    """With --on-error skip the others are kept; no file of rejected rows is written."""
    Path("log").write_text(
        TOOLS["klog"].write([FIRST, Work(minutes=-5, started="2026-03-03T09:00")])
    )
    output = ada.run("import", "klog", "log", "--on-error", "skip").stderr
    assert "log entry 2, column ended_at" in output
    assert "correct them where log comes from" in output
    assert not list(Path().glob("*.rejected*"))
    assert len(entries(ada)) == 1


def test_skipped_sessions_have_the_reason() -> None:
    """A session without any word has no task, and is counted."""
    text = '[{"id": 1, "start": "20260302T080000Z", "end": "20260302T090000Z"}]'
    records = read(text, None, kind="timewarrior", developer="ada")
    assert records == [Skipped(1, "no task: nothing names one")]


def test_three_commands_lead_from_a_log_to_a_verdict(ada: Person, tool: Tool) -> None:
    """Import, rollout, check: design took 100 minutes a task before, and 50 with assistance."""
    works = []
    for number in range(48):
        is_assisted = number >= 24
        day = datetime(2026 if is_assisted else 2025, 1, 7, 9) + timedelta(days=2 * (number % 24))
        minutes = (50 if is_assisted else 100) + number % 5
        started = f"{day:%Y-%m-%dT%H:%M}"
        works.append(Work(key=number + 1, started=started, minutes=minutes, task=f"PAY-{number}"))
    # The log goes on: work items that began in its last 30 days are not complete.
    import_works(ada, tool, *works, Work(key=99, started="2026-05-04T09:00", task="PAY-99"))
    ada.run("rollout", "Helper 1.0", "--on", "2026-01-01")
    results = ada.json("check", "--activity", "design")["results"]
    assert results[0]["items"] == {"baseline": 24, "assistance": 24}
    assert abs(results[0]["time_ratio"]["estimate"] - 0.5) < 0.05


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(
        ["", "PAY-1", "20260302T080000Z", "2026-03-02", "\ud800", "a\x1b[31m", "x" * 600]
    ),
    st.text(max_size=5),
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=6)), max_size=6)


def read_whatever(content: bytes, kind: str) -> None:
    """Read a log to its end, or see it refused in one line; what comes out is valid."""
    try:
        records = read(
            content, None, kind=kind, zone="Europe/Berlin", developer="ada", now_epoch=1_790_000_000
        )
    except BadValue as error:
        message = printing.message(str(error))
        assert message
        assert not printing.forbidden().search(message)
        return
    for entry in records_of(Entry, records):
        check_entry(entry, now_epoch=1_790_000_000)
    for task in records_of(Task, records):
        check_texts(title=task.title, project=task.project)


@settings(max_examples=60, deadline=None)
@given(edits=EDITS, junk=st.binary(max_size=60), tool=st.sampled_from(list(TOOLS.values())))
def test_whatever_bytes_go_in_records_or_one_refusal_come_out(
    edits: list[tuple[float, int, bytes]], junk: bytes, tool: Tool
) -> None:
    """Bytes that are no log at all, and logs with bytes replaced."""
    content = bytearray(tool.write([FIRST, SECOND, RUNNING]).encode())
    for place, length, replacement in edits:
        start = int(place * len(content))
        content[start : start + length] = replacement
    read_whatever(bytes(content), tool.source)
    read_whatever(junk, tool.source)


JSON_TOOLS = [tool for tool in TOOLS.values() if tool.write([FIRST])[0] in "[{"]


@settings(max_examples=60, deadline=None)
@example(tool=TOOLS["kimai-api"], place=4, value="\ud800")  # its user, of which the key is a hash
@given(
    tool=st.sampled_from(JSON_TOOLS),
    place=st.integers(0, 40),
    value=st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2), max_leaves=4),
)
def test_whatever_json_goes_in_records_or_one_refusal_come_out(
    tool: Tool, place: int, value: object
) -> None:
    """Logs in JSON with any value in place of another."""
    document = json.loads(tool.write([FIRST, SECOND]))
    slots: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, child in list(pairs):
            slots.append((node, key))
            if isinstance(child, dict | list):
                collect(child)

    collect(document)
    parent, key = slots[place % len(slots)]
    parent[key] = value
    read_whatever(json.dumps(document).encode(), tool.source)


def test_memory_does_not_grow_with_the_log(tool: Tool) -> None:
    """Besides the keys of a log without ids nothing of it is kept in memory."""
    number, start = 4_000, datetime(2025, 1, 1)
    times = (start + timedelta(minutes=30 * index) for index in range(number))
    works = [
        Work(key=index, started=f"{time:%Y-%m-%dT%H:%M}", minutes=20)
        for index, time in enumerate(times, start=1)
    ]
    file = binary(tool.write(works))
    context = import_context(None, zone="UTC", developer="ada")
    tracemalloc.start()
    count = sum(1 for _record in open_log(tool.source, file, "log", context).records)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count >= number
    of_each = 0 if tool.has_ids else 400
    assert peak < 1_500_000 + of_each * number


def test_a_log_in_utf_16_is_read(tool: Tool) -> None:
    """PowerShell writes what a program prints to a file in UTF-16, with a mark."""
    text = tool.write([FIRST, SECOND])
    context = import_context(None, zone="UTC", developer="ada")
    for encoded in (text.encode(), text.encode("utf-16")):
        records = open_log(tool.source, binary(encoded), "log", context).records
        assert sum(isinstance(record, Entry) for record in records) == 2


def test_a_log_in_utf_16_that_is_cut_off_is_refused(tool: Tool) -> None:
    """In the middle of a character, too."""
    content = tool.write([FIRST]).encode("utf-16")[:-1]
    context = import_context(None, zone="UTC", developer="ada")
    with pytest.raises(BadValue, match="UTF-16"):
        list(open_log(tool.source, binary(content), "log", context).records)
