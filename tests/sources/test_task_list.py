"""``import tasks``: what is known of tasks, for one work item where the map says whose, else for the whole task."""

from __future__ import annotations

import io
import lzma
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from support.foreign_logs import Rejected, Task, WorkItem, of, read

from tracker.domain.errors import BadValue
from tracker.domain.ids import uuid7s
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import read_map
from tracker.sources.table.item_facts import OTHER_ESTIMATE

OF_TASKS = """
source = "t"
[columns]
task = "key"
title = "summary"
project = "component"
estimate_minutes = "est"
completed_at = "done"
[formats]
datetime = "%d/%m/%Y %H:%M"
timezone = "UTC"
missing = ["-"]
"""
OF_ITEMS = OF_TASKS.replace(
    "[formats]", 'developer = "who"\nactivity = "phase"\nassigned = "arm"\n[formats]'
)
HEADER = "key,summary,component,est,done,who,phase,arm\n"
NOON = 1_772_452_800
"""2026-03-02 12:00 UTC."""


def test_without_developer_and_activity_facts_are_the_task_s() -> None:
    """Title, project, estimate and completion belong to the task as a whole."""
    records = read(
        HEADER + "T-1,Refunds,pay,90,02/03/2026 12:00,ann,design,\nT-2,,,0,-,,,\n",
        OF_TASKS,
        kind="tasks",
    )
    assert records == [Task("T-1", "Refunds", "pay", 90.0, None, NOON), Task("T-2")]


def test_with_developer_and_activity_facts_are_the_work_item_s() -> None:
    """Estimate, completion and arm are for that one item; title and project stay the task's."""
    log = (
        HEADER
        + "T-1,Refunds,pay,90,02/03/2026 12:00,ann,design,baseline\nT-1,Refunds,pay,30,-,bob,design,\n"
    )
    records = read(log, OF_ITEMS, kind="tasks")
    assert of(WorkItem, records) == [
        WorkItem("ann", "T-1", "design", 90.0, None, None, NOON, "baseline"),
        WorkItem("bob", "T-1", "design", 30.0),
    ]
    assert of(Task, records) == [Task("T-1", "Refunds", "pay")]


def test_activity_alone_is_completed_by_the_developer_option() -> None:
    """A list of one's own need not name oneself; a list of whole tasks does not become one's own."""
    map_ = OF_ITEMS.replace('developer = "who"\n', "").replace('assigned = "arm"\n', "")
    (item, _) = read(
        HEADER + "T-1,Refunds,pay,90,-,,design,\n", map_, kind="tasks", developer="ann"
    )
    assert item == WorkItem("ann", "T-1", "design", 90.0)
    (task,) = read(
        HEADER + "T-1,Refunds,pay,90,-,,design,\n", OF_TASKS, kind="tasks", developer="ann"
    )
    assert task == Task("T-1", "Refunds", "pay", 90.0)


def test_a_task_told_twice_keeps_its_first_estimate() -> None:
    """Twice the same adds nothing; a different estimate is noted and left aside."""
    notes: Counter[str] = Counter()
    row = "T-1,Refunds,pay,90,-,,,\n"
    assert len(read(HEADER + row + row, OF_TASKS, kind="tasks")) == 1
    records = read(
        HEADER + row * 300 + row.replace("90", "91"), OF_TASKS, kind="tasks", notes=notes
    )
    assert records == [Task("T-1", "Refunds", "pay", 90.0)]
    assert notes == {OTHER_ESTIMATE: 1}


def test_bad_rows_are_rejected_with_their_line() -> None:
    """A missing task, a text for minutes, a day that is none."""
    log = HEADER + ",x,y,1,-,,,\nT-1,x,y,soon,-,,,\nT-2,x,y,1,2026-03-02,,,\n"
    rejected = of(Rejected, read(log, OF_TASKS, kind="tasks"))
    assert [(row.line, row.column) for row in rejected] == [(2, "key"), (3, "est"), (4, "done")]


@pytest.mark.parametrize(
    ("map_", "says"),
    [
        (None, "--map"),
        (OF_TASKS.replace('task = "key"\n', ""), "task"),
        (
            OF_TASKS.replace("[formats]", 'developer = "who"\n[formats]'),
            "only one of developer and activity",
        ),
        (
            OF_TASKS.replace("[formats]", 'assigned = "arm"\n[formats]'),
            "without developer and activity",
        ),
        (
            OF_ITEMS.replace('assigned = "arm"\n', "") + "[constants]\nassigned = true",
            "assigned = true",
        ),
        (OF_TASKS.replace("[formats]", 'minutes = "est"\n[formats]'), "does not read it"),
    ],
)
def test_maps_that_make_no_sense_for_tasks_are_refused(map_: str | None, says: str) -> None:
    """A map must say which task, and of whom an estimate is."""
    with pytest.raises(BadValue, match=says):
        read(HEADER, map_, kind="tasks")


@pytest.mark.shared
def test_the_real_tasks_have_their_estimates(cesaw: Path) -> None:
    """Every row of the real list is taken: an estimate where it is not 0, the day it was done where that is known."""
    packed = cesaw / "CESAW_task_fact.csv.xz"
    map_ = read_map(Path(__file__).parents[1] / "support" / "maps" / "cesaw-tasks.toml")
    with lzma.open(packed) as file:
        log = open_log(
            "tasks",
            io.BufferedReader(file),
            packed.stem,
            ImportContext(uuid7s(10**18, Random(1)), map_),
        )
        records = list(log.records)
    items = of(WorkItem, records)
    assert len(items) == 61_817
    assert not of(Rejected, records)
    assert sum(item.estimate_minutes is not None for item in items) == 61_817 - 692
    assert sum(item.completed_epoch is not None for item in items) == 61_817 - 585
