"""``import csv``: rows become entries as the map says, or are rejected with line and column."""

from __future__ import annotations

import dataclasses
import io
import lzma
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pandas
import pytest
from support.foreign_logs import HEADER, MAP, MINUTES, MINUTES_HEADER, ROW, read, records_of, single

from tracker.domain.errors import BadValue
from tracker.domain.ids import uuid7s
from tracker.domain.records import Entry, Imported, Rejected, Skipped, Task
from tracker.domain.row_keys import is_row_key
from tracker.sources.csv_log import NEGATIVE_INTERRUPTION
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import read_map


def epoch(text: str) -> int:
    """Return the epoch of an ISO time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def effort(row_end: str, map_: str = MINUTES) -> Imported:
    """Return the record of a row from 9:00 to 10:30 that ends in these fields."""
    (record,) = read(MINUTES_HEADER + ROW.replace("\n", f",{row_end}\n"), map_)
    return record


def test_a_row_becomes_an_entry() -> None:
    """Every field of an entry follows from the row and the map."""
    entry = single(Entry, read(HEADER + ROW))
    assert dataclasses.asdict(entry) == {
        "id": entry.id,
        "developer": "ann",
        "task": "T-1",
        "activity": "design",
        "started_epoch": epoch("2026-03-02 08:00"),
        "zone": "Europe/Berlin",
        "seconds": 5400,
        "local_day": 20514,
        "logged_epoch": epoch("2026-03-02 09:30"),
        "ended_epoch": epoch("2026-03-02 09:30"),
        "interruption_seconds": 0,
        "team": None,
        "assisted": "unknown",
        "basis": None,
        "assistant": None,
        "note": None,
        "tags": None,
        "source": "test",
        "source_key": "1",
        "row_hash": entry.row_hash,
    }
    assert entry.row_hash
    assert len(entry.row_hash) == 32


def test_ids_ascend() -> None:
    """The entries of a log have ids in the order of its rows."""
    ids = [entry.id for entry in records_of(Entry, read(HEADER + ROW * 700))]
    assert ids == sorted(set(ids))
    assert len(ids) == 700


@pytest.mark.parametrize(
    ("fields", "seconds", "interruption"),
    [
        ("60,5", 3600, 300),
        (",30", 3600, 1800),
        (",", 5400, 0),
        ("0,", 0, 0),
        ("12.5,", 750, 0),
        ("1e2,", 6000, 0),
    ],
)
def test_effort_is_the_minutes_else_the_span(fields: str, seconds: int, interruption: int) -> None:
    """Effort is the minutes, else end − start − interruption."""
    entry = effort(fields)
    assert isinstance(entry, Entry)
    assert (entry.seconds, entry.interruption_seconds) == (seconds, interruption)


@pytest.mark.parametrize(
    ("fields", "column", "value", "message"),
    [
        ("-5,", "min", "-5", "negative"),
        ("ten,", "min", "ten", "not a number"),
        ("nan,", "min", "nan", "not a number"),
        ("inf,", "min", "inf", "not a number"),
        ("1_000,", "min", "1_000", "not a number"),
        ("1:30,", "min", "1:30", "not a number"),
        ("600000,", "min", "600000", "more than a year"),
        (",100", "off", "100", "longer than"),
        (",x", "off", "x", "not a number"),
    ],
)
def test_bad_minutes_are_rejected(fields: str, column: str, value: str, message: str) -> None:
    """Minutes that are not a valid number are rejected with their column and value."""
    rejected = effort(fields)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.column, rejected.value) == (2, column, value)
    assert message in rejected.reason


def test_a_negative_interruption_counts_as_zero() -> None:
    """Real logs have them: the row is imported, and the notes count such rows."""
    notes: Counter[str] = Counter()
    log = (
        MINUTES_HEADER + ROW.replace("\n", ",60,-2\n") + "x\n"
    )  # because of the bad row the good row is converted twice
    entries = records_of(Entry, read(log, MINUTES, notes=notes))
    assert [entry.interruption_seconds for entry in entries] == [0]
    assert notes == {NEGATIVE_INTERRUPTION: 1}


def test_a_decimal_comma_is_read_where_the_map_says_so() -> None:
    """With decimal = "," a point is rejected, because it could separate thousands."""
    comma = MINUTES.replace("[formats]", '[formats]\ndecimal = ","')
    entry = effort('"1,5",', comma)
    assert isinstance(entry, Entry)
    assert entry.seconds == 90
    assert isinstance(effort("1.500,", comma), Rejected)


SUMMED = """
source = "s"
[columns]
developer = "who"
task = "what"
activity = "phase"
date = "day"
minutes = ["a", "b"]
[formats]
timezone = "UTC"
missing = ["NA"]
"""


@pytest.mark.parametrize(
    ("parts", "seconds"), [("1,2", 180), ("1,NA", 60), (",2", 120), ("0,0", 0)]
)
def test_a_list_of_columns_is_summed(parts: str, seconds: int) -> None:
    """A missing part of a sum counts as 0."""
    entry = single(
        Entry, read(f"who,what,phase,day,a,b\nann,T,design,2026-03-02,{parts}\n", SUMMED)
    )
    assert entry.seconds == seconds


def test_a_sum_of_nothing_is_missing() -> None:
    """A sum is missing if all of its parts are."""
    rejected = single(
        Rejected, read("who,what,phase,day,a,b\nann,T,design,2026-03-02,NA,\n", SUMMED)
    )
    assert (rejected.column, rejected.value) == ("a + b", "NA + ")


def test_a_bare_day_starts_at_noon() -> None:
    """An entry of a bare day starts at local noon and has no end."""
    entry = single(Entry, read("who,what,phase,day,a,b\nann,T,design,2026-03-02,30,\n", SUMMED))
    assert (entry.started_epoch, entry.ended_epoch) == (epoch("2026-03-02 12:00"), None)
    assert entry.logged_epoch == epoch("2026-03-02 12:30")


def test_a_row_without_a_date_needs_a_constant() -> None:
    """A row without a date is rejected, unless [constants] has one."""
    log = "who,what,phase,day,a,b\nann,T,design,,30,\n"
    assert single(Rejected, read(log, SUMMED)).column == "day"
    entry = single(Entry, read(log, SUMMED + "[constants]\ndate = 2026-03-05\n"))
    assert (
        entry.local_day
        == single(Entry, read(log.replace(",,30", ",2026-03-05,30"), SUMMED)).local_day
    )


def test_a_start_of_two_columns_is_joined() -> None:
    """A day and a time of day in two columns are read as one start."""
    map_ = MAP.replace('"begin"', '["day", "time"]').replace('ended_at = "end"', 'minutes = "min"')
    log = "id,who,what,phase,day,time,min\n1,ann,T,design,2026-03-02,09:00,5\n2,ann,T,design,,,5\n"
    entry, rejected = read(log, map_)
    assert isinstance(entry, Entry)
    assert entry.started_epoch == epoch("2026-03-02 08:00")
    assert isinstance(rejected, Rejected)
    assert (rejected.column, rejected.line) == ("day + time", 3)


def test_an_end_before_the_start_is_rejected() -> None:
    """The end is rejected, with and without minutes."""
    backwards = ROW.replace("10:30", "08:30")
    for rejected in (
        single(Rejected, read(HEADER + backwards)),
        single(Rejected, read(MINUTES_HEADER + backwards.replace("\n", ",60,0\n"), MINUTES)),
    ):
        assert (rejected.column, rejected.value) == ("end", "2026-03-02 08:30")


def test_a_running_entry_is_skipped() -> None:
    """A row without an end is skipped, with the reason."""
    assert single(Skipped, read(HEADER + ROW.replace("2026-03-02 10:30", ""))) == Skipped(
        2, "still running, without an end"
    )


def test_the_doubled_hour_is_rejected_with_both_readings() -> None:
    """The reason names both readings of the hour, and the map can choose either."""
    log = HEADER + ROW.replace("2026-03-02 09:00", "2026-10-25 02:30").replace(
        "2026-03-02 10:30", "2026-10-25 04:00"
    )
    rejected = single(Rejected, read(log))
    assert "2026-10-25 02:30+0200" in rejected.reason
    assert "2026-10-25 02:30+0100" in rejected.reason
    seconds = [
        single(
            Entry, read(log, MAP.replace("[formats]", f'[formats]\nambiguous = "{choice}"'))
        ).seconds
        for choice in ("earlier", "later")
    ]
    assert seconds == [9000, 5400]


def test_assisted_has_its_basis() -> None:
    """yes and no rest on the file's label; an empty cell is unknown, never no."""
    map_ = (
        MAP.replace("[formats]", 'assisted = "ai"\n[formats]')
        + '[values.assisted]\n"1" = "yes"\n"0" = "no"\n'
    )
    rows = "".join(
        ROW.replace("1,", f"{n},", 1).replace("\n", f",{ai}\n")
        for n, ai in enumerate(["1", "0", "", "x"])
    )
    *entries, rejected = read(HEADER.replace("\n", ",ai\n") + rows, map_)
    assert [(entry.assisted, entry.basis) for entry in records_of(Entry, entries)] == [
        ("yes", "label"),
        ("no", "label"),
        ("unknown", None),
    ]
    assert isinstance(rejected, Rejected)
    assert (rejected.column, rejected.value) == ("ai", "x")


def test_the_key_of_a_row_without_one_is_of_developer_start_and_end() -> None:
    """Rows that are equal in these are numbered; the keys stay when the file has grown."""
    map_ = MAP.replace('key = "id"\n', "")
    first = records_of(Entry, read(HEADER + ROW + ROW + ROW.replace("T-1", "T-2"), map_))
    longer = records_of(Entry, read(HEADER + ROW + ROW + ROW.replace("T-1", "T-2") + ROW, map_))
    keys = [str(entry.source_key) for entry in longer]
    assert [entry.source_key for entry in first] == keys[:3]
    assert keys[1:] == [f"{keys[0]}:{number}" for number in (2, 3, 4)]
    assert all(map(is_row_key, keys))
    others = [("ann", "bob"), ("09:00", "09:01"), ("10:30", "10:31")]
    rows = "".join(ROW.replace(*change) for change in others)
    assert (
        len({keys[0], *(e.source_key for e in records_of(Entry, read(HEADER + rows, map_)))}) == 4
    )


def test_identical_rows_without_a_key_have_different_hashes() -> None:
    """The hash is the key of the earlier rule, which numbered identical rows."""
    log = HEADER + ROW + ROW.replace("T-1", "T-2") + ROW + ROW
    entries = records_of(Entry, read(log, MAP.replace('key = "id"\n', "")))
    hashes = [str(entry.row_hash) for entry in entries]
    assert hashes[2:] == [f"{hashes[0]}:2", f"{hashes[0]}:3"]
    assert len(set(hashes)) == 4


def test_the_hash_is_of_the_whole_row() -> None:
    """It depends on fields that the map does not name, and on where a field ends."""
    header = HEADER.replace("\n", ",x,y\n")
    hashes = {
        single(Entry, read(header + ROW.replace("\n", f",{fields}\n"))).row_hash
        for fields in ("a,b", "a,c", "ab,", ",ab")
    }
    assert len(hashes) == 4


def test_a_missing_name_is_rejected() -> None:
    """A row without developer, task, activity or key is rejected with that column."""
    for column in range(4):
        fields = ROW.split(",")
        fields[column] = "  "
        rejected = single(Rejected, read(HEADER + ",".join(fields)))
        assert rejected.column == HEADER.split(",")[column]
        assert "missing" in rejected.reason


def test_constants_and_options_fill_in_missing_values() -> None:
    """A constant fills in a column or an empty cell; --developer and --tz complete the map."""
    map_ = (
        MAP.replace('developer = "who"\n', "").replace("Europe/Berlin", "UTC")
        + '[constants]\nactivity = "coding"\n'
    )
    with pytest.raises(BadValue, match="--developer"):
        read(HEADER + ROW, map_)
    entry = single(
        Entry, read(HEADER + ROW.replace("design", ""), map_, developer="bob", zone="Asia/Tokyo")
    )
    assert (entry.developer, entry.activity, entry.zone) == ("bob", "coding", "Asia/Tokyo")
    named = single(Entry, read(HEADER + ROW, developer="bob"))
    assert named.developer == "ann"


def test_texts_for_people_stay_as_they_are() -> None:
    """Titles and notes keep every character; names lose the blanks around them."""
    map_ = MAP.replace("[formats]", 'title = "t"\nnote = "n"\n[formats]')
    title = "</script><img onerror=alert(1)> "
    log = HEADER.replace("\n", ",t,n\n") + ROW.replace("T-1", " T-1 ").replace(
        "\n", f',{title},"two\nlines, ""so"""\n'
    )
    entry, task = read(log, map_)
    assert isinstance(entry, Entry)
    assert (entry.task, entry.note) == ("T-1", 'two\nlines, "so"')
    assert task == Task("T-1", title=title)


@pytest.mark.shared
def test_the_real_log_is_accounted_for(cesaw: Path) -> None:
    """Of 203,621 rows 3 are rejected, and the minutes per activity are those that pandas sums."""
    packed = cesaw / "CESAW_time_fact.csv.xz"
    map_ = read_map(Path(__file__).parents[1] / "support" / "maps" / "cesaw.toml")
    context = ImportContext(uuid7s(10**18, Random(1)), map_, now_epoch=epoch("2026-01-01"))
    with lzma.open(packed) as file:
        log = open_log("csv", io.BufferedReader(file), packed.stem, context)
        records = list(log.records)
    entries, rejected = records_of(Entry, records), records_of(Rejected, records)
    assert (len(entries), len(rejected), len(records)) == (203_618, 3, 203_621)
    assert [(row.row[0], row.column, row.value) for row in rejected] == [
        ("377553", "time_log_start_date", r"\N"),
        ("428772", "time_log_start_date", "11/2/2014 1:16"),
        ("640359", "time_log_start_date", "0016-01-11 16:22:26"),
    ]
    assert log.notes == {NEGATIVE_INTERRUPTION: 1}
    seconds: Counter[str] = Counter()
    for entry in entries:
        seconds[entry.activity] += entry.seconds
    frame = pandas.read_csv(packed)
    frame = frame[~frame["time_log_fact_key"].isin([377553, 428772, 640359])]
    activities = frame["phase_short_name"].map(lambda phase: map_.translate("activity", phase))
    sums = frame["time_log_delta_minutes"].groupby(activities).sum()
    assert {activity: count / 60 for activity, count in seconds.items()} == sums.to_dict()
