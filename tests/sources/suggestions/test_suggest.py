"""Suggested maps: what is guessed, with which evidence, and what is left to a person."""

from __future__ import annotations

import csv
import io
import itertools
import tomllib
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.log_shapes import LOGS, SHAPES, WORDS, Shape, Work, fill_in

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected
from tracker.domain.toml_text import parse_toml
from tracker.sources import csv_log
from tracker.sources.foreign_log import ImportContext
from tracker.sources.suggestions.sample import read_sample
from tracker.sources.suggestions.suggest import Suggestion, suggest_map
from tracker.sources.table.column_map import parse_map


def suggest(content: bytes | str, kind: str = "csv", zone: str | None = "UTC") -> Suggestion:
    """Return the suggestion for a file."""
    data = content.encode() if isinstance(content, str) else content
    return suggest_map(io.BufferedReader(io.BytesIO(data)), "log.csv", kind, zone)


def import_all(content: bytes, text: str) -> list[Entry]:
    """Return the entries of a file by a map; no row may be rejected."""
    context = ImportContext(
        ids=(str(number) for number in itertools.count()), map=parse_map(text, "m.toml")
    )
    log = csv_log.open_log(io.BufferedReader(io.BytesIO(content)), "log.csv", context)
    records = list(log.records)
    assert [record for record in records if isinstance(record, Rejected)] == []
    return [record for record in records if isinstance(record, Entry)]


def expected(shape: Shape, log: Sequence[Work]) -> set[tuple[object, ...]]:
    """Return what the entries of a log must be."""
    return {
        (
            work.developer,
            work.task,
            WORDS[work.word],
            work.start.replace(tzinfo=ZoneInfo("UTC")).timestamp()
            if shape.layout != "days"
            else work.start.replace(hour=12, minute=0, tzinfo=ZoneInfo("UTC")).timestamp(),
            work.minutes * 60,
            work.assisted if shape.has_assisted else "unknown",
        )
        for work in log
    }


def has_answer(log: Sequence[Work]) -> bool:
    """Return whether the log says of some work whether an assistant was used."""
    return any(work.assisted != "unknown" for work in log)


def test_people_may_be_numbers_and_a_phase_may_have_a_name() -> None:
    """`person_key` holds the developers, and `phase_short_name` the kind of work."""
    rows = "".join(
        f"{n},{n % 7 + 500},{('Design', 'Test')[n % 2]},T-{n},2026-03-{n:02d} 09:00,{30 + n}\n"
        for n in range(1, 29)
    )
    header = "fact_id,person_key,phase_short_name,ticket,started,minutes\n"
    columns = tomllib.loads(suggest(header + rows).text)["columns"]
    assert (columns["developer"], columns["activity"]) == ("person_key", "phase_short_name")


@settings(max_examples=60, deadline=None)
@given(SHAPES, LOGS)
def test_a_suggested_map_reads_the_log_it_was_suggested_for(shape: Shape, log: list[Work]) -> None:
    """With the undecided values filled in it gives the same entries, whatever the shape."""
    content = shape.write(log)
    text = fill_in(suggest(content).text, shape)
    entries = import_all(content, text)
    actual = {
        (e.developer, e.task, e.activity, e.started_epoch, e.seconds, e.assisted) for e in entries
    }
    wanted = expected(shape, log)
    assert actual == wanted, text


HEADER = "User,Ticket,Phase,Start,End,Hours\n"


def rows_of(days: Sequence[str], hours: str = "1") -> str:
    """Return a log with an entry of an hour on each day."""
    lines = [f"ana,PAY-{n},Design,{day} 09:00,{day} 10:00,{hours}" for n, day in enumerate(days, 1)]
    return HEADER + "\n".join(lines) + "\n"


def test_a_day_above_12_shows_the_order_with_its_evidence() -> None:
    """The comment counts the values that show it."""
    days = ["03/04/2026", "03/14/2026", "03/05/2026"]
    text = suggest(rows_of(days)).text
    assert 'datetime = "%m/%d/%Y %H:%M"' in text.splitlines()
    assert "all 6 values have a first number ≤ 12 and 2 a second > 12: month first" in text
    text = suggest(rows_of([f"{d[3:5]}/{d[:2]}/2026" for d in days])).text
    assert 'datetime = "%d/%m/%Y %H:%M"' in text.splitlines()
    assert "all 6 values have a second number ≤ 12 and 2 a first > 12: day first" in text


def test_days_that_fit_both_orders_are_left_open_and_refused() -> None:
    """The comments have both alternatives; the map is refused until one of them is chosen."""
    suggestion = suggest(rows_of(["03/04/2026", "05/06/2026"]))
    assert suggestion.undecided == ("[formats] datetime",)
    assert "# day first: 03/04/2026 is 3 April 2026" in suggestion.text.replace("  ", " ")
    assert "month first: 03/04/2026 is 4 March 2026" in suggestion.text
    with pytest.raises(BadValue, match=r"m.toml \[formats\] datetime is '\?', to be decided"):
        parse_map(suggestion.text, "m.toml")
    chosen = suggestion.text.replace('datetime = "?"', "", 1)
    chosen = chosen.replace('# datetime = "%d', 'datetime = "%d', 1)
    assert parse_map(chosen, "m.toml").formats.datetime == ("%d/%m/%Y %H:%M",)


def test_the_times_show_the_unit_against_the_header() -> None:
    """Efforts that equal the time from start to end in minutes are minutes."""
    text = suggest(rows_of(["2026-03-04", "2026-03-05"], hours="60")).text
    assert "[units]" not in text
    text = suggest(rows_of(["2026-03-04", "2026-03-05"], hours="3600")).text
    assert 'minutes = "seconds"' in text
    assert "it is the time from start to end in seconds, although the header says hours" in text


def test_a_unit_that_nothing_shows_is_left_open() -> None:
    """Each unit is named with what it would mean."""
    lines = ["ana,PAY-1,Design,2026-03-04,3", "ana,PAY-2,Design,2026-03-05,5"]
    suggestion = suggest("Who,Ticket,Phase,Date,Effort\n" + "\n".join(lines) + "\n")
    assert suggestion.undecided == ("[units] minutes",)
    assert '# minutes = "hours"  # the median row takes 240 minutes, all rows 8 h' in (
        suggestion.text.splitlines()
    )


def test_words_are_listed_by_the_time_they_stand_for() -> None:
    """Plain names of activities are mapped; others are proposals in comments."""
    lines = [
        "ana,PAY-1,Design,2026-03-04 09:00,2026-03-04 10:00,1",
        "ana,PAY-2,Development,2026-03-05 09:00,2026-03-05 13:00,4",
        "ana,PAY-3,Unit Tests,2026-03-06 09:00,2026-03-06 11:00,2",
        "ana,PAY-4,Kaffee,2026-03-07 09:00,2026-03-07 09:30,0.5",
    ]
    text = suggest(HEADER + "\n".join(lines) + "\n").text
    words = text.partition("[values.activity]\n")[2].splitlines()
    assert words == [
        '# "Development" = "coding"  # 4.0 h in 1 row',
        '# "Unit Tests" = "testing"  # 2.0 h in 1 row',
        '"Design" = "design"  # 1.0 h in 1 row',
        '# "Kaffee" = "?"  # 0.5 h in 1 row',
    ]


def test_a_key_in_a_description_is_found() -> None:
    """The columns that hold keys are searched in order; the number of rows is the evidence."""
    text = (
        "User,Task,Description,Phase,Start,End\n"
        "ana,,PAY-951 dropdown,Design,2026-03-04 09:00,2026-03-04 10:00\n"
        "ana,PAY-2,reading,Design,2026-03-05 09:00,2026-03-05 10:00\n"
        "ana,,lunch,Design,2026-03-06 09:00,2026-03-06 10:00\n"
    )
    suggestion = suggest(text).text
    assert 'from = ["Task", "Description"]' in suggestion
    assert "# 2 of 3 rows hold a key in 'Task' or 'Description'" in suggestion
    assert "the other 1 row keeps its whole text" in suggestion
    assert [entry.task for entry in import_all(text.encode(), suggestion)] == [
        "PAY-951",
        "PAY-2",
        "lunch",
    ]


def test_without_a_zone_none_is_guessed() -> None:
    """The map names no zone, and its import asks for one."""
    text = suggest(rows_of(["2026-03-04", "2026-03-15"]), zone=None).text
    assert not any(line.startswith("timezone") for line in text.splitlines())
    assert "The times have no offset: name the zone of their clock here" in text
    assert (
        'timezone = "Europe/Berlin"'
        in suggest(rows_of(["2026-03-04"]), zone="Europe/Berlin").text.splitlines()
    )


def test_a_list_of_tasks_is_recognised() -> None:
    """A table of estimates without times is read by ``import tasks``."""
    suggestion = suggest("Key,Estimated hours\nPAY-1,2.5\nPAY-2,8\n")
    assert suggestion.source == "tasks"
    assert 'estimate_minutes = "hours"' in suggestion.text
    assert "To decide" not in suggestion.text
    assert 'estimate_minutes = "points"' in suggest("Key,Story points\nPAY-1,3\n").text


def test_missing_values_encoding_and_json_are_recognised() -> None:
    """Words for nothing in a column of dates, cp1252, and an array of objects."""
    text = rows_of(["2026-03-04", "2026-03-05"]).replace("2026-03-05 10:00,1", "n/a,1")
    assert 'missing = ["n/a"]' in suggest(text).text
    assert 'encoding = "cp1252"' in suggest(text.replace("ana", "Zoë").encode("cp1252")).text
    json_text = (
        '[{"user": "ana", "issue": "PAY-1", "phase": "design", "start": 1772442000, '
        '"end": 1772445600}]'
    )
    suggestion = suggest(json_text).text
    assert 'datetime = "epoch_s"' in suggestion
    (entry,) = import_all(json_text.encode(), suggestion)
    assert (entry.started_epoch, entry.seconds) == (1772442000, 3600)


@pytest.mark.parametrize("content", ["", "a,b\n", "[]", "\0\0\0\0", "[1]", '{"a": 1}'])
def test_what_is_no_table_is_refused(content: str) -> None:
    """One line says why."""
    with pytest.raises(BadValue):
        suggest(content)


def test_a_workbook_is_named() -> None:
    """As `import csv` names it."""
    with pytest.raises(BadValue, match="Excel workbook"):
        suggest(b"PK\x03\x04 xl/workbook.xml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_file_cut_inside_a_character_keeps_its_encoding(
    monkeypatch: pytest.MonkeyPatch, encoding: str, line_end: str
) -> None:
    """Only the beginning of a long file is read, wherever that ends."""
    rows = "".join(f"é{number},2026-03-01,1{line_end}" for number in range(99))
    content = f"Task,Date,Hours{line_end}{rows}".encode(encoding)
    for size in range(200, 220):
        monkeypatch.setattr("tracker.sources.suggestions.sample.MAX_BYTES", size)
        sample = read_sample(io.BufferedReader(io.BytesIO(content)), "log.csv")
        assert sample.encoding == (encoding if encoding == "utf-16-le" else None)
        assert sample.rows[0] == ["é0", "2026-03-01", "1"]
        assert not sample.is_whole


HOSTILE = st.text(
    st.sampled_from(list("ab1.-*?[]\"'\\#=\n\r\t\0\x7f\x85\u2028\u202eé.\ufeff{}"))
    | st.characters(),
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(HOSTILE, min_size=1, max_size=6),
    st.lists(st.lists(HOSTILE, min_size=6, max_size=6), min_size=1, max_size=5),
    st.booleans(),
)
@example(['"]', "Phase\n[x]", "Start"], [['"""', "x = 1\n", "2026-03-04 09:00", "", "", ""]], False)
@example(["." * 200, "Phase", "Task"], [["a." * 300, "b." * 80, "c", "", "", ""]], False)
def test_a_suggestion_is_always_a_valid_map(
    header: list[str], rows: list[list[str]], is_tasks: bool
) -> None:
    """Whatever stands in headers and cells, it is TOML; a map, or one that is still to decide."""
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *(row[: len(header)] for row in rows)])
    content = stream.getvalue().encode("utf-8", "surrogatepass")
    try:
        text = suggest(content, "tasks" if is_tasks else "csv").text
    except BadValue:
        return
    tomllib.loads(text)
    parse_toml(text)
    refusal = ""
    try:
        parse_map(text, "m.toml", "log")
    except BadValue as error:
        refusal = str(error)
    assert not refusal or "to be decided" in refusal
