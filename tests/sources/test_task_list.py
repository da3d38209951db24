"""``import tasks``: facts about one work item where the map names it, else about the whole task."""

from __future__ import annotations

import io
import lzma
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from support.foreign_logs import read, records_of

from tracker.domain.errors import BadValue
from tracker.domain.ids import uuid7s
from tracker.domain.records import Rejected, Skipped, Task, WorkItem
from tracker.sources.foreign_log import ImportContext
from tracker.sources.registry import open_log
from tracker.sources.table.column_map import read_map
from tracker.sources.table.item_facts import OTHER_ESTIMATE
from tracker.sources.table.total_row import TOTAL

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


def test_facts_are_the_task_s_without_developer_and_activity() -> None:
    """Title, project, estimate and completion belong to the task as a whole."""
    records = read(
        HEADER + "T-1,Refunds,pay,90,02/03/2026 12:00,ann,design,\nT-2,,,0,-,,,\n",
        OF_TASKS,
        kind="tasks",
    )
    assert records == [Task("T-1", "Refunds", "pay", 90.0, None, NOON), Task("T-2")]


def test_facts_are_the_work_item_s_with_developer_and_activity() -> None:
    """Estimate, completion and arm are the item's; title and project stay the task's."""
    log = (
        HEADER
        + "T-1,Refunds,pay,90,02/03/2026 12:00,ann,design,baseline\n"
        + "T-1,Refunds,pay,30,-,bob,design,\n"
    )
    records = read(log, OF_ITEMS, kind="tasks")
    assert records_of(WorkItem, records) == [
        WorkItem("ann", "T-1", "design", 90.0, None, None, NOON, "baseline"),
        WorkItem("bob", "T-1", "design", 30.0),
    ]
    assert records_of(Task, records) == [Task("T-1", "Refunds", "pay")]


def test_the_developer_option_completes_a_list_of_work_items() -> None:
    """--developer fills in a list with activities; it does not change a list of whole tasks."""
    map_ = OF_ITEMS.replace('developer = "who"\n', "").replace('assigned = "arm"\n', "")
    (item, _) = read(
        HEADER + "T-1,Refunds,pay,90,-,,design,\n", map_, kind="tasks", developer="ann"
    )
    assert item == WorkItem("ann", "T-1", "design", 90.0)
    (task,) = read(
        HEADER + "T-1,Refunds,pay,90,-,,design,\n", OF_TASKS, kind="tasks", developer="ann"
    )
    assert task == Task("T-1", "Refunds", "pay", 90.0)


def test_the_first_estimate_of_a_task_counts() -> None:
    """An equal second row adds nothing; a different estimate is counted in the notes."""
    notes: Counter[str] = Counter()
    row = "T-1,Refunds,pay,90,-,,,\n"
    assert len(read(HEADER + row + row, OF_TASKS, kind="tasks")) == 1
    records = read(
        HEADER + row * 300 + row.replace("90", "91"), OF_TASKS, kind="tasks", notes=notes
    )
    assert records == [Task("T-1", "Refunds", "pay", 90.0)]
    assert notes == {OTHER_ESTIMATE: 1}


def test_bad_rows_are_rejected_with_their_line() -> None:
    """A missing task, minutes that are no number and a day in another format are rejected."""
    log = HEADER + ",x,y,1,-,,,\nT-1,x,y,soon,-,,,\nT-2,x,y,1,2026-03-02,,,\n"
    rejected = records_of(Rejected, read(log, OF_TASKS, kind="tasks"))
    assert [(row.line, row.column) for row in rejected] == [(2, "key"), (3, "est"), (4, "done")]


@pytest.mark.parametrize(
    ("map_", "message"),
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
def test_a_map_that_does_not_fit_tasks_is_refused(map_: str | None, message: str) -> None:
    """A map must name the task, and either both developer and activity or neither."""
    with pytest.raises(BadValue, match=message):
        read(HEADER, map_, kind="tasks")


@pytest.mark.shared
def test_the_real_tasks_have_their_estimates(cesaw: Path) -> None:
    """Every row of the real list is imported, with its estimate unless 0 and its completion."""
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
    items = records_of(WorkItem, records)
    assert len(items) == 61_817
    assert not records_of(Rejected, records)
    assert sum(item.estimate_minutes is not None for item in items) == 61_817 - 692
    assert sum(item.completed_epoch is not None for item in items) == 61_817 - 585


@pytest.mark.parametrize("word", ["Total", "TOTAL:", "Summe"])
def test_a_row_of_totals_is_no_task(word: str) -> None:
    """At the end of the list it is left out, elsewhere rejected; a task may have that name."""
    row, total, named = "A,,,30,,,,\n", f"{word},,,90,,,,\n", f"{word},Adding up,,60,,,,\n"
    *_, last = read(HEADER + row + total, OF_TASKS, kind="tasks")
    assert last == Skipped(3, TOTAL)
    *_, rejected, task = read(HEADER + row + total + named, OF_TASKS, kind="tasks")
    assert isinstance(rejected, Rejected)
    assert isinstance(task, Task)
