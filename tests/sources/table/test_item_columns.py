"""Work items in a log of entries: estimates, completion and arms."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from support.foreign_logs import read, records_of

from tracker.domain.errors import BadValue
from tracker.domain.records import Entry, Rejected, WorkItem
from tracker.sources.table.item_facts import OTHER_DATED_ESTIMATE, OTHER_ESTIMATE


def epoch(text: str) -> int:
    """Return the epoch of an ISO time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


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


def test_estimates_completion_and_arm_belong_to_the_work_item() -> None:
    """There is one record a work item, however many rows it has; an estimate of 0 is missing."""
    log = (
        ITEMS_HEADER
        + "1,ann,T,design,2026-03-02,5,60,0,,assistance\n"
        + "2,ann,T,design,2026-03-03,5,60,40,2026-03-03,\n"
        + "3,ann,T,testing,2026-03-03,5,,,,\n"
    )
    records = read(log, ITEMS)
    done = epoch("2026-03-03 12:00")
    assert records_of(WorkItem, records) == [
        WorkItem("ann", "T", "design", 60.0, 40.0, None, done, "assistance")
    ]
    assert len(records_of(Entry, records)) == 3


def test_facts_of_several_rows_are_merged() -> None:
    """The first estimate and the latest completion count; a second arm is rejected."""
    notes: Counter[str] = Counter()
    rows = [
        "1,ann,T,design,2026-03-02,5,60,,2026-03-04,baseline\n",
        "2,ann,T,design,2026-03-03,5,90,,2026-03-09,baseline\n",
        "3,ann,T,design,2026-03-04,5,,,2026-03-03,\n",
        "4,ann,T,design,2026-03-05,5,,,,assistance\n",
    ]
    records = read(ITEMS_HEADER + "".join(rows), ITEMS, notes=notes)
    item = records_of(WorkItem, records)[-1]
    assert (item.estimate_minutes, item.assigned) == (60.0, "baseline")
    assert item.completed_epoch == epoch("2026-03-09 12:00")
    assert notes == {OTHER_ESTIMATE: 1}
    (rejected,) = records_of(Rejected, records)
    assert (rejected.line, rejected.column, rejected.value) == (5, "arm", "assistance")


def test_a_trial_of_one_row_a_task() -> None:
    """Drawn arms, two durations to be summed, no dates: finished work with arm and estimate."""
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
    assert [
        (entry.seconds, entry.assisted, entry.started_epoch) for entry in records_of(Entry, records)
    ] == [
        (7230, "yes", noon),
        (3000, "no", noon),
    ]
    assert records_of(WorkItem, records) == [
        WorkItem("1", "A-1", "coding", 120.0, 90.0, None, noon + 7230, "assistance"),
        WorkItem("1", "A-2", "coding", 60.0, 45.0, None, noon + 3000, "baseline"),
    ]
    assert [row.line for row in records_of(Rejected, records)] == [4]


DATED = ITEMS.replace('estimate_ai_minutes = "est_ai"', 'estimated_at = "made"')
DATED_HEADER = ITEMS_HEADER.replace("est_ai", "made")


def test_estimates_have_the_time_when_they_were_made() -> None:
    """A bare day counts from its start; a date without an estimate says nothing."""
    rows = [
        "1,ann,T,design,2026-03-02,5,60,2026-03-01 14:30,,\n",
        "2,ann,U,design,2026-03-02,5,60,2026-03-02,,\n",
        "3,ann,V,design,2026-03-02,5,60,,,\n",
        "4,ann,W,design,2026-03-02,5,0,2026-03-01,,\n",
    ]
    records = records_of(WorkItem, read(DATED_HEADER + "".join(rows), DATED))
    assert {item.task: item.estimated_epoch for item in records} == {
        "T": epoch("2026-03-01 14:30"),
        "U": epoch("2026-03-02"),
        "V": None,
    }


def test_a_constant_date_is_that_of_every_estimate() -> None:
    """`estimated_at` in [constants] is a day, and counts from its start."""
    map_ = ITEMS + "[constants]\nestimated_at = 2026-01-05\n"
    records = read(ITEMS_HEADER + "1,ann,T,design,2026-03-02,5,60,,,\n", map_)
    assert records_of(WorkItem, records)[0].estimated_epoch == epoch("2026-01-05")


def test_estimates_with_different_dates_are_all_yielded() -> None:
    """The database chooses; an undated one does not count beside them, and a note counts them."""
    notes: Counter[str] = Counter()
    rows = [
        "1,ann,T,design,2026-03-02,5,60,2026-03-01,,\n",
        "2,ann,T,design,2026-03-03,5,90,2026-03-03,,\n",
        "3,ann,T,design,2026-03-03,5,75,,,\n",
        "4,ann,T,design,2026-03-03,5,60,2026-03-04,2026-03-09,\n",
    ]
    records = records_of(WorkItem, read(DATED_HEADER + "".join(rows), DATED, notes=notes))
    assert [(item.estimate_minutes, item.estimated_epoch) for item in records] == [
        (60.0, epoch("2026-03-01")),
        (90.0, epoch("2026-03-03")),
        (60.0, epoch("2026-03-04")),
    ]
    assert records[-1].completed_epoch == epoch("2026-03-09 12:00")
    assert notes == {OTHER_DATED_ESTIMATE: 3}


def test_the_probability_of_the_draw_belongs_to_drawn_items() -> None:
    """`assistance_share` of [constants] is that of the items that have an arm."""
    map_ = ITEMS + "[constants]\nassistance_share = 0.2\n"
    rows = "1,ann,T,design,2026-03-02,5,60,,,baseline\n2,ann,U,design,2026-03-02,5,60,,,\n"
    records = records_of(WorkItem, read(ITEMS_HEADER + rows, map_))
    assert {item.task: item.assistance_share for item in records} == {"T": 0.2, "U": None}


@pytest.mark.parametrize("share", ["0", "1", "0.0", "1.0", "20.0", "-0.5", "nan", '"0.2"', "true"])
def test_a_share_outside_0_and_1_is_refused(share: str) -> None:
    """Also a share in per cent, a text and a truth value."""
    with pytest.raises(BadValue, match=r"assistance_share is .*: give the share of work drawn for"):
        read(ITEMS_HEADER, ITEMS + f"[constants]\nassistance_share = {share}\n")


def test_a_share_without_arms_is_refused() -> None:
    """A share of the draw needs a drawn arm."""
    map_ = ITEMS.replace('assigned = "arm"\n', "") + "[constants]\nassistance_share = 0.2\n"
    with pytest.raises(BadValue, match="assistance_share without assigned"):
        read(ITEMS_HEADER, map_)
