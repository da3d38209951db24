"""Delimited files: encoding, delimiter, broken rows, and the order of the records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.foreign_logs import HEADER, MAP, MINUTES, MINUTES_HEADER, ROW, read, records_of, single

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected, Skipped
from tracker.sources.table import delimited


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_detected_in_the_header(delimiter: str) -> None:
    """Comma, semicolon and tab are detected."""
    assert single(Entry, read((HEADER + ROW).replace(",", delimiter))).task == "T-1"


def test_the_map_can_give_another_delimiter() -> None:
    """A vertical bar is a delimiter if the map says so."""
    map_ = MAP.replace("[formats]", '[formats]\ndelimiter = "|"')
    assert single(Entry, read((HEADER + ROW).replace(",", "|"), map_)).task == "T-1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_gives_the_encoding(encoding: str) -> None:
    """UTF-8 and UTF-16 are read, and the mark is no part of the first column's name."""
    assert (
        single(Entry, read((HEADER + ROW.replace("ann", "Zoë")).encode(encoding))).developer
        == "Zoë"
    )


def test_the_map_can_give_another_encoding() -> None:
    """Without a byte-order mark the map's encoding holds; else a row not in UTF-8 is rejected."""
    log = (HEADER + ROW + ROW.replace("ann", "Zoë")).encode("cp1252")
    rejected = read(log)[1]
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.column, rejected.value) == (3, "who", r"Zo\xeb")
    assert "[formats]" in rejected.reason
    named = records_of(Entry, read(log, MAP.replace("[formats]", '[formats]\nencoding = "cp1252"')))
    assert [entry.developer for entry in named] == ["ann", "Zoë"]


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\xef\xbb\xbf", "is empty (3 bytes): give a file"),
        (HEADER.replace("phase", "Tätigkeit").encode("cp1252"), "give encoding in [formats]"),
        (b"\n\r\n", "is empty (3 bytes)"),
        (b"\n" + ROW.encode(), "line 1 is blank"),
        ((HEADER + ROW).encode("utf-16-le"), "UTF-16"),
        (HEADER.replace("phase", "phases").encode(), "did you mean 'phases'?"),
        (HEADER.replace("phase", "zzz").encode(), "it has id, who, what, zzz, begin, end"),
        (HEADER.replace("phase", "what").encode(), "has 2 columns 'what'"),
        (b"\xff\xfe" + (HEADER + ROW).encode("utf-16-le")[:-1], "after line 2"),
        ((HEADER + '1,ann,"' + "x" * 200_000).encode(), "a quote there never closed?"),
    ],
)
def test_an_unreadable_file_is_refused(log: bytes, message: str) -> None:
    """A file that is not a table is refused in one line that says what to do."""
    with pytest.raises(BadValue) as refusal:
        read(log)
    assert message in str(refusal.value)
    assert "log.csv" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("form", ["%d/%m/%Y %H:%M", None])
def test_naive_times_need_a_zone(form: str | None) -> None:
    """Naive times without a zone are refused with the option that gives one."""
    map_ = MAP.replace('timezone = "Europe/Berlin"', f'datetime = "{form}"' if form else "")
    try:
        (rejected,) = records_of(Rejected, read(HEADER + ROW, map_))
        line = rejected.reason
    except BadValue as refusal:
        line = str(refusal)
    assert "--tz" in line


def test_an_empty_log_has_no_records() -> None:
    """A log with a header only has no records; blank lines are skipped."""
    assert read(HEADER) == []
    assert read(HEADER + "\n,,,,,\n") == [Skipped(2, "empty row"), Skipped(3, "empty row")]


def test_a_row_cut_in_half_is_rejected_with_its_line() -> None:
    """Rows with too few or too many fields are rejected; empty surplus fields are ignored."""
    log = HEADER + ROW + ROW[:20] + "\n" + ROW.replace("\n", ",extra\n") + ROW.replace("\n", ",,\n")
    entry, short, long, padded = read(log)
    assert isinstance(entry, Entry)
    assert isinstance(padded, Entry)
    assert isinstance(short, Rejected)
    assert (short.line, short.column) == (3, "end")
    assert "5 of 6 fields" in short.reason
    assert isinstance(long, Rejected)
    assert long.line == 4


def test_a_nul_is_rejected() -> None:
    """A NUL, which no database accepts, is rejected with its column."""
    rejected = single(Rejected, read(HEADER + ROW.replace("T-1", "T\0")))
    assert rejected.column == "what"


def test_a_map_that_does_not_fit_the_command_is_refused() -> None:
    """A CSV log needs a map, and the map needs the columns of a log."""
    with pytest.raises(BadValue, match=r"--map FILE\.toml; `tracker import csv .* --suggest"):
        read(HEADER, None)
    with pytest.raises(BadValue, match="started_at or date"):
        read(HEADER, MAP.replace('started_at = "begin"\n', ""))
    with pytest.raises(BadValue, match="minutes or ended_at"):
        read(HEADER, MAP.replace('ended_at = "end"\n', ""))


@given(
    st.lists(st.sampled_from(["good", "short", "blank", "number", "quoted"]), max_size=40),
    st.integers(1, 7),
)
def test_every_row_is_accounted_for_in_its_order(kinds: list[str], chunk_rows: int) -> None:
    """Each row yields one record, in order and with its first line, whatever the chunk size."""
    rows = {
        "good": "{},ann,T,design,2026-03-02 09:00,2026-03-02 10:30,,",
        "short": "{},ann",
        "blank": "",
        "number": "{},ann,T,design,2026-03-02 09:00,2026-03-02 10:30,x,",
        "quoted": '{},ann,"T\nU",design,2026-03-02 09:00,2026-03-02 10:30,x,',
    }
    log, line = MINUTES_HEADER, 2
    expected: list[tuple[int | None, int | None]] = []
    for number, kind in enumerate(kinds):
        expected.append(
            (None if kind == "good" else line, None if kind in ("good", "blank") else number)
        )
        log += rows[kind].format(number) + "\n"
        line += 1 + rows[kind].count("\n")
    original = delimited.CHUNK_ROWS
    delimited.CHUNK_ROWS = chunk_rows
    try:
        records = read(log, MINUTES)
    finally:
        delimited.CHUNK_ROWS = original
    actual = [
        (
            getattr(record, "line", None),
            int(record.row[0]) if isinstance(record, Rejected) else None,
        )
        for record in records
    ]
    assert actual == expected
