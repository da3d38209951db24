"""Rows read together, column by column, are what they are when each is read alone."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.foreign_logs import binary, import_context

from tracker.domain.records import Entry, Imported
from tracker.sources.registry import open_log
from tracker.sources.table import delimited

NOW_EPOCH = 1_800_000_000
MAP = """
source = "team"
[columns]
developer = "who"
task = "what"
activity = "phase"
started_at = "begin"
ended_at = "end"
minutes = "min"
interruption_minutes = "off"
note = "note"
[formats]
timezone = "Europe/Berlin"
missing = ["", "NA"]
[values.activity]
"Design*" = "design"
"""
HEADER = "id,who,what,phase,begin,end,min,off,note\n"

instants = st.sampled_from(
    [
        *("2026-03-02 09:00", "2026-03-02 9:00", " 2026-03-02 09:00", "2026-03-02T09:00"),
        *("2026-03-02  09:00", "2026-03-02", "09:00", "09:00 2026-03-03 10:00"),
        *("2026-03-29 02:30", "2026-10-25 02:30", "2026-10-25 01:30", "2026-03-29 12:00"),
        *("2026-02-30 09:00", "2024-02-29 23:59:59", "2026-03-02 24:00", "2026-03-02 09:00:61"),
        *("1969-12-31 23:00", "1970-01-01 00:30", "2027-06-01 00:00", "9999-12-31 23:00"),
        *("2026-03-02 09:00+05:00", "2026-03-02 09:00Z", "٢٠٢٦-03-02 09:00", "NA", ""),
    ]
)
minutes = st.sampled_from(
    ["30", "0", "-0", "-5", "0.5", "1e3", "1e400", "527041", "1_000", "3,5", "", "NA", "nan", "x"]
)
texts = st.sampled_from(
    ["ann", "Zoë", "Zoe\u0308", "", " ", "NA", "a\tb", "\x1b[0m", "x" * 501, "\u200e", "日本"]
)
rows = st.fixed_dictionaries(
    {
        "id": st.just("1"),
        "who": st.just("ann") | texts,
        "what": st.just("T-1") | texts,
        "phase": st.sampled_from(["Design 1", "coding", ""]),
        "begin": st.just("2026-03-02 09:00") | instants,
        "end": st.just("2026-03-02 10:00") | instants,
        "min": st.just("30") | minutes,
        "off": st.just("0") | minutes,
        "note": st.just("") | texts,
    }
)
KEYED = MAP.replace("[columns]", '[columns]\nkey = "id"')
MAPS = {
    "ISO 8601": MAP,
    "with ids": KEYED,
    "of a format": MAP.replace("[formats]", '[formats]\ndatetime = "%Y-%m-%d %H:%M"'),
    "of two formats": MAP.replace(
        "[formats]", '[formats]\ndatetime = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]'
    ),
    "overnight": MAP.replace("[formats]", "[formats]\novernight = true"),
    "ambiguous": MAP.replace("[formats]", '[formats]\nambiguous = "later"'),
    "corrections": MAP.replace("[formats]", '[formats]\nnegative = "net"'),
    "without ends": MAP.replace('ended_at = "end"\n', ""),
}


def read(log: str, map_: str) -> tuple[list[Imported], Counter[str]]:
    """Return the records of a log, without ids, and its notes."""
    opened = open_log("csv", binary(log), "log.csv", import_context(map_, now_epoch=NOW_EPOCH))
    records = [
        dataclasses.replace(record, id="") if isinstance(record, Entry) else record
        for record in opened.records
    ]
    return records, opened.notes


@pytest.mark.parametrize("map_", MAPS.values(), ids=MAPS)
@settings(deadline=None)
@given(rows=st.lists(rows, min_size=1, max_size=6))
def test_rows_read_together_are_as_if_read_alone(map_: str, rows: list[dict[str, str]]) -> None:
    """Values, refusals and their order do not depend on which rows are read at a time."""
    log = HEADER + "".join(",".join(row.values()) + "\n" for row in rows)
    together = read(log, map_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "CHUNK_ROWS", 1)
        alone = read(log, map_)
    assert together == alone
