"""``[formats]`` and ``[units]``: each key changes what is read, and a wrong value is refused."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.foreign_logs import HEADER, MAP, MINUTES, MINUTES_HEADER, ROW, read, records_of, single

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected, Skipped, Task
from tracker.sources.table.column_map import parse_map


def with_formats(line: str, map_: str = MAP) -> str:
    """Return a map with one more line in [formats]."""
    return map_.replace("[formats]", f"[formats]\n{line}")


def epoch(text: str) -> int:
    """Return the epoch of an ISO time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("[units]\nminuts = 'hours'", "did you mean minutes?"),
        ("[units]\ntask = 'hours'", "unknown key"),
        ("[units]\nminutes = 'days'", "minutes, hours, seconds, milliseconds, hms, words"),
        ("[units]\nminutes = 3", "give one of minutes"),
        ("[units]\nminutes = 'points'", "points are not time"),
        ("[units]\nestimate_ai_minutes = 'points'", "only estimate_minutes may be in points"),
        ("[units]\nestimate_minutes = 'points'", "[columns] has no estimate_minutes"),
        ("[units]\nestimate_minutes = 'hours'", "[columns] has no estimate_minutes"),
        ("[formats]\ndatetime = []\nskip_lines = -1", "lines before the header"),
        ("[formats]\nskip_lines = true", "lines before the header"),
        ("[formats]\nskip_lines = '2'", "lines before the header"),
        ("[formats]\novernight = 'yes'", "true or false"),
        ("[formats]\nnegative = 'sum'", "refuse, net"),
        ("[formats]\nday_hours = 0", "working hours of a day"),
        ("[formats]\nday_hours = 25", "working hours of a day"),
        ("[formats]\nday_hours = true", "working hours of a day"),
        ("[formats]\nday_hours = nan", "working hours of a day"),
        ("[formats]\ndatetime = ['%d/%m/%Y %H:%M', '%H:%M']", "does not read a day"),
        ("[formats]\ndatetime = ['%d/%m/%Y %I:%M']", "does not tell morning from afternoon"),
        ("[formats]\ndatetime = 'epoch'", "did you mean epoch_s?"),
        ("[formats]\ndatetime = [3]", "a list of texts"),
        ("[formats]\ndatetime = 3", "a list of texts"),
    ],
)
def test_a_faulty_format_or_unit_is_refused_when_the_map_is_read(
    section: str, message: str
) -> None:
    """In one line that names the map, the key, the value and what to do."""
    with pytest.raises(BadValue) as refusal:
        parse_map(f"source = 's'\n[columns]\nminutes = 'm'\n{section}", "m.toml")
    line = str(refusal.value)
    assert message in line
    assert line.startswith("m.toml ")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("unit", "cell", "seconds"),
    [
        ("minutes", "90", 5400),
        ("hours", "1.5", 5400),
        ("seconds", "5400", 5400),
        ("hms", "1:30:00", 5400),
        ("words", "1h 30m", 5400),
    ],
)
def test_a_unit_holds_for_its_column_alone(unit: str, cell: str, seconds: int) -> None:
    """Interruptions stay in minutes where only the effort has another unit."""
    map_ = f'{MINUTES}[units]\nminutes = "{unit}"\n'
    entry = single(Entry, read(MINUTES_HEADER + ROW.replace("\n", f",{cell},5\n"), map_))
    assert (entry.seconds, entry.interruption_seconds) == (seconds, 300)


def test_estimates_have_units_of_their_own() -> None:
    """An estimate in hours beside efforts in minutes, in a list of tasks."""
    map_ = """
source = "board"
[columns]
task = "Key"
estimate_minutes = "Estimate"
[units]
estimate_minutes = "hours"
[formats]
decimal = ","
"""
    assert read('Key,Estimate\nT-1,"2,5"\nT-2,\n', map_, kind="tasks") == [
        Task("T-1", estimate_minutes=150.0),
        Task("T-2"),
    ]


@pytest.mark.parametrize("cell", ["1:30", "1,5", "abc", "-1", "10000"])
def test_a_duration_that_does_not_fit_its_unit_is_rejected(cell: str) -> None:
    """With line, column and value."""
    map_ = f'{MINUTES}[units]\nminutes = "hours"\n'
    log = MINUTES_HEADER + ROW.replace("\n", f',"{cell}",\n')
    rejected = single(Rejected, read(log, map_))
    assert (rejected.line, rejected.column, rejected.value) == (2, "min", cell)


AMERICAN = MAP.replace(
    "[formats]", '[formats]\ndatetime = ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p"]'
)


@pytest.mark.parametrize(
    ("begin", "end", "seconds"),
    [
        ("03/04/2024 10:23:52 AM", "03/04/2024 10:53:52 AM", 1800),
        ("03/04/2024 11:23 AM", "03/04/2024 12:23:01 PM", 3601),
        ("03/04/2024 12:30 AM", "03/04/2024 01:00 AM", 1800),
        ("03/31/2024 01:30 AM", "03/31/2024 03:30:00 AM", 3600),
    ],
)
def test_the_first_format_that_fits_is_used(begin: str, end: str, seconds: int) -> None:
    """Two ways of writing in one column, also on the day of a clock change."""
    entry = single(Entry, read(f"{HEADER}1,ann,T,design,{begin},{end}\n", AMERICAN))
    assert entry.seconds == seconds


def test_the_order_of_formats_holds_on_the_day_of_a_clock_change() -> None:
    """A text that fits both formats is read by the first, whatever day that is."""
    both = MAP.replace("[formats]", '[formats]\ndatetime = ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]')
    log = (
        f"{HEADER}1,ann,T,design,10/03/2024 09:00,10/03/2024 10:00\n"
        "2,ann,T,design,03/10/2027 09:00,03/10/2027 10:00\n"
        "3,ann,T,design,13/03/2024 09:00,13/03/2024 10:00\n"
        "4,ann,T,design,03/13/2024 09:00,03/13/2024 10:00\n"
    )
    starts = [entry.started_epoch for entry in records_of(Entry, read(log, both, zone="UTC"))]
    expected = ("2024-03-10", "2027-10-03", "2024-03-13", "2024-03-13")
    assert starts == [epoch(f"{day} 09:00") for day in expected]
    newyork = read(log, both, zone="America/New_York")
    assert [entry.local_day for entry in records_of(Entry, newyork)] == [
        epoch(day) // 86400 for day in expected
    ]


def test_a_text_of_no_format_names_them_all() -> None:
    """The refusal has line, column, value and the forms that were tried."""
    log = f"{HEADER}1,ann,T,design,2024-03-04 09:00,03/04/2024 12:23:01 PM\n"
    rejected = single(Rejected, read(log, AMERICAN))
    assert (rejected.line, rejected.column) == (2, "begin")
    assert "%m/%d/%Y %I:%M:%S %p or %m/%d/%Y %I:%M %p" in rejected.reason


@pytest.mark.parametrize(
    ("unit", "begin", "end"),
    [
        ("epoch_s", "1709542800", "1709546400"),
        ("epoch_s", "1709542800.0", "1709546400.5"),
        ("epoch_ms", "1709542800000", "1709546400000"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", None])
def test_epochs_are_instants(unit: str, begin: str, end: str, zone: str | None) -> None:
    """They need no zone; with one, the local day is the zone's."""
    map_ = MAP.replace('timezone = "Europe/Berlin"', f'datetime = "{unit}"')
    entry = single(Entry, read(f"{HEADER}1,ann,T,design,{begin},{end}\n", map_, zone=zone))
    assert (entry.started_epoch, entry.seconds) == (epoch("2024-03-04 09:00"), 3600)
    assert entry.zone == (zone or "UTC")


@pytest.mark.parametrize(
    ("unit", "text", "reason"),
    [
        ("epoch_s", "1709542800000", "epoch_ms"),
        ("epoch_ms", "1709542800", "epoch_s"),
        ("epoch_s", "-5", "before 1970"),
        ("epoch_s", "2024-03-04 09:00", "of the form epoch_s"),
        ("epoch_s", "1e9", "of the form epoch_s"),
        ("epoch_ms", "99999999999999999999", "year"),
    ],
)
def test_an_epoch_of_another_unit_is_rejected(unit: str, text: str, reason: str) -> None:
    """A factor of 1000 gives a year that no log has: the other unit is named."""
    map_ = MAP.replace('timezone = "Europe/Berlin"', f'datetime = "{unit}"')
    rejected = single(Rejected, read(f"{HEADER}1,ann,T,design,{text},{text}\n", map_))
    assert (rejected.column, rejected.value) == ("begin", text)
    assert reason in rejected.reason


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
@pytest.mark.parametrize("mark", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_separator_line_is_understood(line_end: str, encoding: str, mark: str) -> None:
    """Excel's first line gives the delimiter and is no header."""
    text = f"{mark}\n{(HEADER + ROW + 'x;').replace(',', ';')}\n".replace("\n", line_end)
    entry, rejected = read(text.encode(encoding))
    assert isinstance(entry, Entry)
    assert isinstance(rejected, Rejected)
    assert rejected.line == 4


def test_lines_before_the_header_are_skipped() -> None:
    """They are counted in the numbers of lines; a separator line comes on top of them."""
    map_ = with_formats("skip_lines = 2")
    for head in ("Report, 2026\n\n", "sep=,\nReport\nof March\n"):
        entry, rejected = read(head + HEADER + ROW + ROW.replace("2026", "x"), map_)
        assert isinstance(entry, Entry)
        assert isinstance(rejected, Rejected)
        assert rejected.line == head.count("\n") + 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nid,who\n", "line 1 is blank"),
        ("a\n", "ends before line 3"),
        ("a\nb\n\n", "line 3 is blank"),
    ],
)
def test_a_file_without_a_header_where_the_map_says_is_refused(text: str, message: str) -> None:
    """The message says skip_lines."""
    map_ = with_formats("skip_lines = 2") if not text.startswith("\n") else MAP
    with pytest.raises(BadValue, match=message) as refusal:
        read(text, map_)
    assert "skip_lines" in str(refusal.value)


@pytest.mark.parametrize(
    ("begin", "end", "seconds"),
    [
        ("2026-03-02 22:00", "2026-03-02 01:30", 3.5 * 3600),
        ("2026-03-02 22:00", "2026-03-03 01:30", 3.5 * 3600),
        ("2026-03-02 22:00", "2026-03-02 23:30", 1.5 * 3600),
        ("2026-03-28 22:00", "2026-03-28 04:00", 5 * 3600),
        ("2026-03-29 22:00", "2026-03-29 02:30", 4.5 * 3600),
        ("2026-10-24 22:00", "2026-10-24 04:00", 7 * 3600),
        ("2026-10-25 22:00", "2026-10-25 02:30", 4.5 * 3600),
        ("2026-03-02 09:00", "2026-03-02 24:00", 15 * 3600),
    ],
)
def test_an_overnight_end_is_on_the_next_day(begin: str, end: str, seconds: float) -> None:
    """By the wall clock, also where it is changed that night, or was on the date written."""
    map_ = with_formats("overnight = true")
    entry = single(Entry, read(f"{HEADER}1,ann,T,design,{begin},{end}\n", map_))
    assert entry.seconds == seconds
    assert entry.ended_epoch == entry.started_epoch + seconds


@pytest.mark.parametrize(
    ("begin", "end", "reason"),
    [
        ("2026-03-02 22:00", "2026-03-01 23:00", "before the start"),
        ("2026-03-28 22:00", "2026-03-28 02:30", "does not exist"),
        ("2026-10-24 22:00", "2026-10-24 02:30", "twice"),
        ("2026-03-29 01:00", "2026-03-29 02:30", "does not exist"),
    ],
)
def test_an_overnight_end_that_does_not_exist_is_rejected(
    begin: str, end: str, reason: str
) -> None:
    """An end on an earlier date, or in an hour that a clock change skips or doubles."""
    map_ = with_formats("overnight = true")
    rejected = single(Rejected, read(f"{HEADER}1,ann,T,design,{begin},{end}\n", map_))
    assert (rejected.column, rejected.value) == ("end", end)
    assert reason in rejected.reason


def test_an_end_before_the_start_names_the_key_that_would_read_it() -> None:
    """Without overnight nothing is guessed."""
    log = f"{HEADER}1,ann,T,design,2026-03-02 22:00,2026-03-02 01:30\n"
    assert "set overnight" in single(Rejected, read(log)).reason


def test_an_end_without_its_time_of_day_is_a_running_entry() -> None:
    """A date alone beside an empty time is no end; the row is skipped and counted."""
    map_ = MAP.replace('"begin"', '["day", "begin"]').replace('"end"', '["day", "end"]')
    header = "id,who,what,phase,day,begin,end\n"
    records = read(f"{header}1,ann,T,design,2026-03-02,09:00,\n", map_)
    assert records == [Skipped(2, "still running, without an end")]
    rejected = single(Rejected, read(f"{header}1,ann,T,design,2026-03-02,,10:00\n", map_))
    assert rejected.column == "day + begin"


def test_the_names_of_columns_are_compared_in_nfc() -> None:
    """A header typed on another system is the same header."""
    nfc, nfd = "Tätigkeit", unicodedata.normalize("NFD", "Tätigkeit")
    for header, column in ((nfc, nfd), (nfd, nfc)):
        map_ = MAP.replace('"phase"', f'"{column}"')
        assert single(Entry, read(HEADER.replace("phase", header) + ROW, map_)).activity == "design"


def test_a_title_taken_for_the_header_names_skip_lines() -> None:
    """A header with blank names is most likely none."""
    with pytest.raises(BadValue, match="give skip_lines"):
        read("Report,,,,,\n" + HEADER + ROW)


@pytest.mark.parametrize("kind", ["csv", "tasks"])
def test_a_json_array_is_read_by_a_map(kind: str) -> None:
    """The keys of its objects are the columns; a file that only begins like one is CSV."""
    map_ = MAP if kind == "csv" else 'source = "t"\n[columns]\ntask = "what"\ntitle = "phase"\n'
    keys = HEADER.strip().split(",")
    text = json.dumps([dict(zip(keys, ROW.strip().split(","), strict=True))])
    (from_json,) = read(f"\n {text}", map_, kind=kind)
    (from_csv,) = read(HEADER + ROW, map_, kind=kind)
    assert from_json == from_csv


EVERYTHING = r"""
source = "s"
[columns]
developer = ["a", "b"]
task = "c"
activity = ["d", "e"]
tags = "e"
started_at = ["f", "g"]
ended_at = ["f", "h"]
minutes = ["i", "j"]
estimate_minutes = "k"
assisted = "e"
[units]
minutes = "words"
estimate_minutes = "hms"
[extract.task]
from = ["c", "e"]
pattern = '([A-Z]+-\d+)'
otherwise = "skip"
[values.activity]
"x*" = "design"
[values.assisted]
"ai" = "yes"
[formats]
datetime = ["%d.%m.%Y %H:%M", "epoch_s", "epoch_ms", "%m/%d/%y %I:%M %p"]
timezone = "Europe/Berlin"
overnight = true
negative = "net"
skip_lines = 1
decimal = ","
"""
CELLS = st.one_of(
    st.sampled_from(
        ["", "-", "PAY-1", "x", "ai, x", "Total", "e\u0301", "=1", '"', "\0", "\udc80"]
    ),
    st.sampled_from(["01.03.2026", "22:00", "01:00", "24:00", "1700000000", "1700000000000"]),
    st.sampled_from(["1d 2h", "-30m", "1:30", "0,5", "1:00:00"]),
)


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.lists(st.lists(CELLS, max_size=13), max_size=8).map(
            lambda rows: ("title\na;b;c;d;e;f;g;h;i;j;k\n" + "\n".join(map(";".join, rows))).encode(
                "utf-8", "surrogateescape"
            )
        ),
    )
)
def test_whatever_bytes_go_in_records_or_one_refusal_come_out(content: bytes) -> None:
    """A map with every key reads any file to its end, or refuses it with BadValue."""
    records = []
    with contextlib.suppress(BadValue):
        records = read(content, EVERYTHING, now_epoch=1_790_000_000)
    assert all(entry.seconds >= 0 for entry in records_of(Entry, records))


def test_other_kinds_of_files_are_named() -> None:
    """A workbook, UTF-16 without a mark and cp1252 are told apart."""
    with pytest.raises(BadValue, match=r"Excel workbook"):
        read(b"PK\x03\x04" + b"xl/workbook.xml", MAP)
    with pytest.raises(BadValue, match="UTF-16"):
        read((HEADER + ROW).encode("utf-16-le"), MAP)
    (record,) = read((HEADER + ROW.replace("ann", "Zoë")).encode("cp1252"), MAP)
    assert isinstance(record, Rejected)
    assert "encoding" in record.reason
