"""``import csv``: rows become entries as the map says, and each row that cannot says so with its line."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.foreign_logs import (
    HEADER,
    MAP,
    Entry,
    Rejected,
    Skipped,
    Task,
    WorkItem,
    of,
    only,
    read,
)

from tracker.domain.errors import BadValue, NotFound
from tracker.domain.records import Imported
from tracker.sources.csv_log import NEGATIVE_INTERRUPTION
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import SOURCES, open_log
from tracker.sources.table import delimited, entry_batch
from tracker.sources.table.item_facts import OTHER_ESTIMATE

ROW = "1,ann,T-1,design,2026-03-02 09:00,2026-03-02 10:30\n"
MINUTES = MAP.replace("[formats]", 'minutes = "min"\ninterruption_minutes = "off"\n[formats]')
MINUTES_HEADER = HEADER.replace("\n", ",min,off\n")


def epoch(text: str) -> int:
    """Seconds since 1970 of an ISO time; UTC where it has no offset."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def effort(row_end: str, map_: str = MINUTES) -> Imported:
    """What one row of 90 minutes with these two last fields yields."""
    (record,) = read(MINUTES_HEADER + ROW.replace("\n", f",{row_end}\n"), map_)
    return record


def test_a_row_becomes_an_entry() -> None:
    """Every field of an entry is what the row and the map say."""
    entry = only(Entry, read(HEADER + ROW))
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


def test_drafts_become_true_entries() -> None:
    """Entries made many at once equal those made one by one, and are as frozen."""
    values = tuple(f"{field.name}" for field in dataclasses.fields(Entry))
    (made,) = entry_batch.entries(*([value] for value in values))
    assert made == Entry(*values)  # type: ignore[arg-type]
    assert hash(made) == hash(Entry(*values))  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.task = "other"  # type: ignore[misc]


def test_ids_ascend() -> None:
    """The entries of a log have ids in the order of its rows."""
    ids = [entry.id for entry in of(Entry, read(HEADER + ROW * 700))]
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
def test_effort_is_the_minutes_else_the_time_between(
    fields: str, seconds: int, interruption: int
) -> None:
    """Minutes are effort; without them it is end − start − interruption."""
    entry = effort(fields)
    assert isinstance(entry, Entry)
    assert (entry.seconds, entry.interruption_seconds) == (seconds, interruption)


@pytest.mark.parametrize(
    ("fields", "column", "value", "says"),
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
def test_minutes_that_are_none_are_rejected(
    fields: str, column: str, value: str, says: str
) -> None:
    """A number that cannot be minutes is rejected with its column and its value."""
    rejected = effort(fields)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.column, rejected.value) == (2, column, value)
    assert says in rejected.reason


def test_an_interruption_below_zero_counts_as_none_and_is_noted() -> None:
    """Real logs have them: the row is kept, and how many there were is told."""
    notes: Counter[str] = Counter()
    log = (
        MINUTES_HEADER + ROW.replace("\n", ",60,-2\n") + "x\n"
    )  # the bad row has the good one read twice
    entries = of(Entry, read(log, MINUTES, notes=notes))
    assert [entry.interruption_seconds for entry in entries] == [0]
    assert notes == {NEGATIVE_INTERRUPTION: 1}


def test_a_decimal_comma_is_read_where_the_map_says_so() -> None:
    """With decimal = "," a comma is a point, and a point is refused: it could part thousands."""
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
    """A missing part of a sum counts 0."""
    entry = only(Entry, read(f"who,what,phase,day,a,b\nann,T,design,2026-03-02,{parts}\n", SUMMED))
    assert entry.seconds == seconds


def test_a_sum_of_nothing_is_missing() -> None:
    """Where all parts of a sum are missing, so is the sum."""
    rejected = only(Rejected, read("who,what,phase,day,a,b\nann,T,design,2026-03-02,NA,\n", SUMMED))
    assert (rejected.column, rejected.value) == ("a + b", "NA + ")


def test_a_bare_day_starts_at_noon() -> None:
    """Where only the day is known, the entry starts at local noon, and has no end."""
    entry = only(Entry, read("who,what,phase,day,a,b\nann,T,design,2026-03-02,30,\n", SUMMED))
    assert (entry.started_epoch, entry.ended_epoch) == (epoch("2026-03-02 12:00"), None)
    assert entry.logged_epoch == epoch("2026-03-02 12:30")


def test_a_row_without_a_date_is_refused_unless_the_map_gives_one() -> None:
    """No date, no entry; but [constants] date fills in."""
    log = "who,what,phase,day,a,b\nann,T,design,,30,\n"
    assert only(Rejected, read(log, SUMMED)).column == "day"
    entry = only(Entry, read(log, SUMMED + "[constants]\ndate = 2026-03-05\n"))
    assert (
        entry.local_day
        == only(Entry, read(log.replace(",,30", ",2026-03-05,30"), SUMMED)).local_day
    )


def test_a_start_of_two_columns_is_joined() -> None:
    """A day and a time of day in two columns are one start."""
    map_ = MAP.replace('"begin"', '["day", "time"]').replace('ended_at = "end"', 'minutes = "min"')
    log = "id,who,what,phase,day,time,min\n1,ann,T,design,2026-03-02,09:00,5\n2,ann,T,design,,,5\n"
    entry, rejected = read(log, map_)
    assert isinstance(entry, Entry)
    assert entry.started_epoch == epoch("2026-03-02 08:00")
    assert isinstance(rejected, Rejected)
    assert (rejected.column, rejected.line) == ("day + time", 3)


def test_an_end_before_the_start_is_rejected() -> None:
    """Time does not run backwards."""
    backwards = ROW.replace("10:30", "08:30")
    for rejected in (
        only(Rejected, read(HEADER + backwards)),
        only(Rejected, read(MINUTES_HEADER + backwards.replace("\n", ",60,0\n"), MINUTES)),
    ):
        assert (rejected.column, rejected.value) == ("end", "2026-03-02 08:30")


def test_a_running_entry_is_left_out_loudly() -> None:
    """A row without an end is left out, with the reason."""
    assert only(Skipped, read(HEADER + ROW.replace("2026-03-02 10:30", ""))) == Skipped(
        2, "still running: it has no end"
    )


def test_the_doubled_hour_is_refused_with_both_readings() -> None:
    """The ambiguous hour names both readings; the map can choose one."""
    log = HEADER + ROW.replace("2026-03-02 09:00", "2026-10-25 02:30").replace(
        "2026-03-02 10:30", "2026-10-25 04:00"
    )
    rejected = only(Rejected, read(log))
    assert "2026-10-25 02:30+02:00" in rejected.reason
    assert "2026-10-25 02:30+01:00" in rejected.reason
    seconds = [
        only(
            Entry, read(log, MAP.replace("[formats]", f'[formats]\nambiguous = "{choice}"'))
        ).seconds
        for choice in ("earlier", "later")
    ]
    assert seconds == [9000, 5400]


def test_assisted_has_its_basis() -> None:
    """yes and no rest on the file's label; nothing said is unknown, never no."""
    map_ = (
        MAP.replace("[formats]", 'assisted = "ai"\n[formats]')
        + '[values.assisted]\n"1" = "yes"\n"0" = "no"\n'
    )
    rows = "".join(
        ROW.replace("1,", f"{n},", 1).replace("\n", f",{ai}\n")
        for n, ai in enumerate(["1", "0", "", "x"])
    )
    *entries, rejected = read(HEADER.replace("\n", ",ai\n") + rows, map_)
    assert [(e.assisted, e.basis) for e in of(Entry, entries)] == [
        ("yes", "label"),
        ("no", "label"),
        ("unknown", None),
    ]
    assert isinstance(rejected, Rejected)
    assert (rejected.column, rejected.value) == ("ai", "x")


def test_keys_of_rows_without_one_are_hashes_and_none_is_lost() -> None:
    """Identical rows stay two entries, and have the same keys when the file is read again or has grown."""
    map_ = MAP.replace('key = "id"\n', "")
    first = of(Entry, read(HEADER + ROW + ROW + ROW.replace("T-1", "T-2"), map_))
    again = of(Entry, read(HEADER + ROW + ROW + ROW.replace("T-1", "T-2") + ROW, map_))
    keys = [entry.source_key for entry in again]
    assert [entry.source_key for entry in first] == keys[:3]
    assert len(set(keys)) == 4
    assert keys[1] == f"{keys[0]}:2"


def test_the_hash_is_of_the_whole_row() -> None:
    """A field that the map does not name changes the hash too, and a moved border between fields does."""
    header = HEADER.replace("\n", ",x,y\n")
    hashes = {
        only(Entry, read(header + ROW.replace("\n", f",{rest}\n"))).row_hash
        for rest in ("a,b", "a,c", "ab,", ",ab")
    }
    assert len(hashes) == 4


def test_what_is_missing_is_named() -> None:
    """A developer, task, activity or key that is missing is a rejection of that column."""
    for column in range(4):
        fields = ROW.split(",")
        fields[column] = "  "
        rejected = only(Rejected, read(HEADER + ",".join(fields)))
        assert rejected.column == HEADER.split(",")[column]
        assert "missing" in rejected.reason


def test_constants_and_options_fill_what_the_file_does_not_say() -> None:
    """A constant serves a column that is not there and a cell that is empty; --developer and --tz serve the map."""
    map_ = (
        MAP.replace('developer = "who"\n', "").replace("Europe/Berlin", "UTC")
        + '[constants]\nactivity = "coding"\n'
    )
    with pytest.raises(BadValue, match="--developer"):
        read(HEADER + ROW, map_)
    entry = only(
        Entry, read(HEADER + ROW.replace("design", ""), map_, developer="bob", zone="Asia/Tokyo")
    )
    assert (entry.developer, entry.activity, entry.zone) == ("bob", "coding", "Asia/Tokyo")
    named = only(Entry, read(HEADER + ROW, developer="bob"))
    assert named.developer == "ann"


def test_text_is_kept_as_it_is() -> None:
    """Titles and notes come through letter for letter; names lose the blanks around them."""
    map_ = MAP.replace("[formats]", 'title = "t"\nnote = "n"\n[formats]')
    title = "</script><img onerror=alert(1)> "
    log = HEADER.replace("\n", ",t,n\n") + ROW.replace("T-1", " T-1 ").replace(
        "\n", f',{title},"two\nlines, ""so"""\n'
    )
    entry, task = read(log, map_)
    assert isinstance(entry, Entry)
    assert (entry.task, entry.note) == ("T-1", 'two\nlines, "so"')
    assert task == Task("T-1", title=title)


# What a log says of work items


ITEMS = """
source = "s"
[columns]
key = "id"
developer = "who"
task = "what"
activity = "phase"
date = "day"
minutes = "min"
estimate_minutes = "est"
estimate_ai_minutes = "est_ai"
completed_at = "done"
assigned = "arm"
[formats]
timezone = "UTC"
"""
ITEMS_HEADER = "id,who,what,phase,day,min,est,est_ai,done,arm\n"


def test_estimates_completion_and_arm_are_the_work_item_s() -> None:
    """They come once for each work item, however many rows it has; an estimate of 0 is missing."""
    log = (
        ITEMS_HEADER
        + "1,ann,T,design,2026-03-02,5,60,0,,assistance\n"
        + "2,ann,T,design,2026-03-03,5,60,40,2026-03-03,\n"
        + "3,ann,T,testing,2026-03-03,5,,,,\n"
    )
    records = read(log, ITEMS)
    done = epoch("2026-03-03 12:00")
    assert of(WorkItem, records) == [
        WorkItem("ann", "T", "design", 60.0, 40.0, None, done, "assistance")
    ]
    assert len(of(Entry, records)) == 3


def test_what_rows_say_later_of_an_item() -> None:
    """The first estimate counts and a different one is noted; the latest completion counts; a second arm is refused."""
    notes: Counter[str] = Counter()
    rows = [
        "1,ann,T,design,2026-03-02,5,60,,2026-03-04,baseline\n",
        "2,ann,T,design,2026-03-03,5,90,,2026-03-09,baseline\n",
        "3,ann,T,design,2026-03-04,5,,,2026-03-03,\n",
        "4,ann,T,design,2026-03-05,5,,,,assistance\n",
    ]
    records = read(ITEMS_HEADER + "".join(rows), ITEMS, notes=notes)
    item = of(WorkItem, records)[-1]
    assert (item.estimate_minutes, item.assigned) == (60.0, "baseline")
    assert item.completed_epoch == epoch("2026-03-09 12:00")
    assert notes == {OTHER_ESTIMATE: 1}
    (rejected,) = of(Rejected, records)
    assert (rejected.line, rejected.column, rejected.value) == (5, "arm", "assistance")


def test_a_trial_of_one_row_a_task_imports_by_map_alone() -> None:
    """Arms drawn at random, two durations to be summed, no dates: finished work with its arm and its estimate."""
    map_ = """
    source = "trial"
    [columns]
    developer = "dev_id"
    task = "issue_id"
    assisted = "ai_treatment"
    estimate_minutes = "prior_ai_disallowed"
    estimate_ai_minutes = "prior_ai_allowed"
    minutes = ["initial_implementation_time", "post_review_implementation_time"]
    [formats]
    timezone = "UTC"
    missing = ["NA"]
    [values.assisted]
    "1" = "yes"
    "0" = "no"
    [constants]
    date = 2025-02-01
    activity = "coding"
    assigned = true
    """
    log = (
        "dev_id,issue_id,ai_treatment,prior_ai_disallowed,prior_ai_allowed,"
        "initial_implementation_time,post_review_implementation_time\n"
        "1,A-1,1,120,90,100,20.5\n1,A-2,0,60,45,50,NA\n2,A-1,0,30,30,NA,NA\n"
    )
    records = read(log, map_)
    noon = epoch("2025-02-01 12:00")
    assert [(e.seconds, e.assisted, e.started_epoch) for e in of(Entry, records)] == [
        (7230, "yes", noon),
        (3000, "no", noon),
    ]
    assert of(WorkItem, records) == [
        WorkItem("1", "A-1", "coding", 120.0, 90.0, None, noon + 7230, "assistance"),
        WorkItem("1", "A-2", "coding", 60.0, 45.0, None, noon + 3000, "baseline"),
    ]
    assert [r.line for r in of(Rejected, records)] == [4]


# The file


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_told_from_the_header(delimiter: str) -> None:
    """Comma, semicolon and tab are found out."""
    assert only(Entry, read((HEADER + ROW).replace(",", delimiter))).task == "T-1"


def test_another_delimiter_is_the_map_s_to_name() -> None:
    """A bar is read where the map says so."""
    map_ = MAP.replace("[formats]", '[formats]\ndelimiter = "|"')
    assert only(Entry, read((HEADER + ROW).replace(",", "|"), map_)).task == "T-1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_tells_the_encoding(encoding: str) -> None:
    """A byte-order mark is no part of the first column's name, and UTF-16 with one is read."""
    assert (
        only(Entry, read((HEADER + ROW.replace("ann", "Zoë")).encode(encoding))).developer == "Zoë"
    )


def test_another_encoding_is_the_map_s_to_name() -> None:
    """Without a mark the map's encoding holds; without that, a row that is not UTF-8 is rejected with its line."""
    log = (HEADER + ROW + ROW.replace("ann", "Zoë")).encode("cp1252")
    rejected = read(log)[1]
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.column, rejected.value) == (3, "who", r"Zo\xeb")
    assert "[formats]" in rejected.reason
    named = of(Entry, read(log, MAP.replace("[formats]", '[formats]\nencoding = "cp1252"')))
    assert [entry.developer for entry in named] == ["ann", "Zoë"]


@pytest.mark.parametrize(
    ("log", "says"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\n", "line 1 is blank"),
        ((HEADER + ROW).encode("utf-16-le"), "UTF-16"),
        (HEADER.replace("phase", "phases").encode(), "did you mean 'phases'?"),
        (HEADER.replace("phase", "zzz").encode(), "it has id, who, what, zzz, begin, end"),
        (HEADER.replace("phase", "what").encode(), "has 2 columns 'what'"),
        (b"\xff\xfe" + (HEADER + ROW).encode("utf-16-le")[:-1], "after line 2"),
        ((HEADER + '1,ann,"' + "x" * 200_000).encode(), "a quote there never closed?"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(log: bytes, says: str) -> None:
    """A file that is no such table is refused in one line, with the cure."""
    with pytest.raises(BadValue) as refusal:
        read(log)
    assert says in str(refusal.value)
    assert "log.csv" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("form", ["%d/%m/%Y %H:%M", None])
def test_a_naive_log_without_a_zone_is_refused(form: str | None) -> None:
    """Naive times need a zone, and the refusal says how to give one."""
    map_ = MAP.replace('timezone = "Europe/Berlin"', f'datetime = "{form}"' if form else "")
    try:
        (rejected,) = of(Rejected, read(HEADER + ROW, map_))
        message = rejected.reason
    except BadValue as refusal:
        message = str(refusal)
    assert "--tz" in message


def test_an_empty_log_has_nothing() -> None:
    """A header alone is a log without entries; blank lines are passed over."""
    assert read(HEADER) == []
    assert read(HEADER + "\n,,,,,\n") == [Skipped(2, "empty row"), Skipped(3, "empty row")]


def test_a_row_cut_in_half_is_rejected_with_its_line() -> None:
    """A row with too few fields, or too many, is rejected; one with empty ones to spare is taken."""
    log = HEADER + ROW + ROW[:20] + "\n" + ROW.replace("\n", ",extra\n") + ROW.replace("\n", ",,\n")
    entry, short, long, spare = read(log)
    assert isinstance(entry, Entry)
    assert isinstance(spare, Entry)
    assert isinstance(short, Rejected)
    assert (short.line, short.column) == (3, "end")
    assert "5 of 6 fields" in short.reason
    assert isinstance(long, Rejected)
    assert long.line == 4


def test_a_nul_is_no_text() -> None:
    """A NUL, which no database takes, is a rejection that names its column."""
    rejected = only(Rejected, read(HEADER + ROW.replace("T-1", "T\0")))
    assert rejected.column == "what"


def test_maps_that_do_not_fit_the_command_are_refused() -> None:
    """A CSV needs a map, one that says what a log must say."""
    with pytest.raises(BadValue, match="--map"):
        read(HEADER, None)
    with pytest.raises(BadValue, match="started_at or date"):
        read(HEADER, MAP.replace('started_at = "begin"\n', ""))
    with pytest.raises(BadValue, match="minutes or ended_at"):
        read(HEADER, MAP.replace('ended_at = "end"\n', ""))


def test_an_unknown_source_is_refused_with_the_nearest() -> None:
    """There is no source of that name."""
    with pytest.raises(NotFound, match=r"did you mean tasks\?"):
        read(HEADER, kind="task")
    with pytest.raises(NotFound, match="csv, tasks, tracker"):
        read(HEADER, kind="stopwatch")
    assert all(source.summary for source in SOURCES.values())


@given(
    st.lists(st.sampled_from(["good", "short", "blank", "number", "quoted"]), max_size=40),
    st.integers(1, 7),
)
def test_every_row_is_accounted_for_in_its_order(kinds: list[str], chunk_rows: int) -> None:
    """However good and bad rows are mixed and chunked, each yields one record, in order, with the line it begins on."""
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
    before = delimited._CHUNK_ROWS
    delimited._CHUNK_ROWS = chunk_rows
    try:
        records = read(log, MINUTES)
    finally:
        delimited._CHUNK_ROWS = before
    found = [
        (getattr(r, "line", None), int(r.row[0]) if isinstance(r, Rejected) else None)
        for r in records
    ]
    assert found == expected


@pytest.mark.shared
def test_the_real_log_is_accounted_for(cesaw: Path) -> None:
    """203,621 rows: 203,618 kept, 3 rejected for what they are; minutes per activity are those that pandas sums."""
    import lzma

    import pandas

    from tracker.domain.ids import uuid7s
    from tracker.sources.table.column_map import read_map

    packed = cesaw / "CESAW_time_fact.csv.xz"
    minutes: Counter[str] = Counter()
    phases = read_map(Path(__file__).parents[1] / "support" / "maps" / "cesaw.toml")
    rejected = []
    with lzma.open(packed) as file:
        import io
        from random import Random

        log = open_log(
            "csv",
            io.BufferedReader(file),
            packed.stem,
            ImportContext(uuid7s(10**18, Random(1)), phases),
        )
        for record in log.records:
            if isinstance(record, Entry):
                minutes[record.activity] += record.seconds
                minutes["rows"] += 1
            else:
                assert isinstance(record, Rejected)
                rejected.append((record.row[0], record.column, record.value))
    assert minutes.pop("rows") == 203_618
    assert rejected == [
        ("377553", "time_log_start_date", r"\N"),
        ("428772", "time_log_start_date", "11/2/2014 1:16"),
        ("640359", "time_log_start_date", "0016-01-11 16:22:26"),
    ]
    assert log.notes == {NEGATIVE_INTERRUPTION: 1}
    frame = pandas.read_csv(packed)
    frame = frame[~frame["time_log_fact_key"].isin([377553, 428772, 640359])]
    activities = frame["phase_short_name"].map(lambda phase: phases.translate("activity", phase))
    sums = frame["time_log_delta_minutes"].groupby(activities).sum()
    assert {activity: seconds / 60 for activity, seconds in minutes.items()} == sums.to_dict()
