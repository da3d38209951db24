"""Negative corrections, netted per developer, task and activity."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from support.foreign_logs import read, records_of, single

from tracker.domain.records import Entry, Imported, Rejected, Skipped

NET = """
source = "gitlab"
[columns]
developer = "who"
task = "what"
activity = "phase"
date = "day"
minutes = "spent"
[units]
minutes = "words"
[formats]
timezone = "UTC"
negative = "net"
"""
NET_HEADER = "who,what,phase,day,spent\n"


def net(*rows: str, map_: str = NET) -> list[Imported]:
    """Return the records of rows of ann's T-1, each a day and a duration."""
    lines = (row if row.count(",") > 1 else f"ann,T-1,design,{row}" for row in rows)
    return read(NET_HEADER + "".join(f"{line}\n" for line in lines), map_)


def test_a_correction_is_taken_off_the_work_before_it() -> None:
    """The latest earlier entries first; other people, tasks and activities are left alone."""
    records = net(
        "2026-03-02,2h",
        "2026-03-03,1h",
        "2026-03-04,-1h 30m",
        "2026-03-05,4h",
        "bob,T-1,design,2026-03-03,1h",
        "ann,T-2,design,2026-03-03,1h",
        "ann,T-1,testing,2026-03-03,1h",
    )
    seconds = [entry.seconds for entry in records_of(Entry, records)]
    assert seconds == [5400, 0, 4 * 3600, 3600, 3600, 3600]
    assert records_of(Skipped, records)[0].line == 4


def test_a_correction_may_stand_before_its_work() -> None:
    """The order of the rows does not matter; the sum of the item is right."""
    records = net("2026-03-04,-90m", "2026-03-05,2h", "2026-03-02,1h")
    assert sum(entry.seconds for entry in records_of(Entry, records)) == 90 * 60
    assert not records_of(Rejected, records)


def test_what_is_left_of_a_correction_is_rejected() -> None:
    """With line, column, value, and how much is left."""
    records = net("2026-03-02,1h", "2026-03-03,-2h", "bob,T-1,design,2026-03-04,-30m")
    first, second = records_of(Rejected, records)
    assert (first.line, first.column, first.value) == (3, "spent", "-2h")
    assert first.reason.startswith("60 minutes of it are left")
    assert first.row == ("ann", "T-1", "design", "2026-03-03", "-2h")
    assert (second.line, second.value) == (4, "-30m")


def test_a_later_correction_counts_as_an_edit_of_the_row() -> None:
    """The key of a reduced entry stays; the hash of its row changes."""
    (before,) = records_of(Entry, net("2026-03-02,1h"))
    (after,) = records_of(Entry, net("2026-03-02,1h", "2026-03-03,-30m"))
    assert before.source_key == after.source_key
    assert before.row_hash != after.row_hash


def test_a_faulty_correction_is_rejected() -> None:
    """Its date and names are checked as those of work are."""
    records = net("2026-03-02,1h", "soon,-30m", "ann,,design,2026-03-02,-5m")
    assert [row.column for row in records_of(Rejected, records)] == ["day", "what"]


def test_negative_minutes_are_refused_by_default() -> None:
    """The reason names the key that would net them."""
    rejected = net("2026-03-02,-1h", map_=NET.replace('negative = "net"', ""))
    assert 'negative = "net"' in single(Rejected, rejected).reason


@settings(max_examples=60)
@given(
    amounts=st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(-120, 240).filter(bool)), max_size=300
    )
)
def test_netting_keeps_the_sum_of_each_work_item(amounts: list[tuple[str, int]]) -> None:
    """Effort minus what is left of corrections is the sum of the rows, item by item."""
    rows = [f"ann,{task},design,2026-03-02,{minutes}m" for task, minutes in amounts]
    records = net(*rows)
    for task in "ab":
        efforts = sum(e.seconds for e in records_of(Entry, records) if e.task == task) / 60
        left = sum(
            float(r.reason.split()[0]) for r in records_of(Rejected, records) if r.row[1] == task
        )
        assert efforts - left == sum(minutes for name, minutes in amounts if name == task)
        assert efforts == 0 or left == 0
    assert all(entry.seconds >= 0 for entry in records_of(Entry, records))
