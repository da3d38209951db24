"""Dates of estimates, probabilities of draws, and estimates without entries, on both databases."""

from __future__ import annotations

import math

import pytest
from sqlalchemy import select
from support.made_logs import DAY, NOW, connection_with, entry, item, task

from tracker.domain.records import ArmRule, Selection
from tracker.store.read import estimate_aggregates
from tracker.store.read.work_items import work_item_cte

DRAWN = ArmRule("assigned")
ALL = Selection()
COLUMNS = ("developer", "task", "estimate_minutes", "estimated_epoch")


def test_a_tasks_estimate_made_after_the_work_began_does_not_count(database_url: str) -> None:
    """As with an item's own; an item begun later has it, and one without a date counts."""
    entry_rows = [
        entry(developer, name, day)
        for developer, name, day in (
            *(("a", "late", 100), ("b", "late", 102)),
            *(("a", "early", 100), ("a", "undated", 100), ("a", "own", 100)),
        )
    ]
    dates = {"late": 101, "early": 99, "undated": None, "own": 99}
    task_rows = [
        task(name, estimate_minutes=50.0, estimated_epoch=day and day * DAY)
        for name, day in dates.items()
    ]
    item_rows = [item("a", "own", estimate_minutes=20.0, estimated_epoch=101 * DAY)]
    rule = ArmRule("assisted")
    with connection_with(database_url, entry_rows, item_rows, task_rows) as connection:
        items = work_item_cte(connection, ALL, rule, NOW)
        rows = connection.execute(select(*(items.c[name] for name in COLUMNS)))
        estimates = {(row.developer, row.task): tuple(row[2:]) for row in rows}
    assert estimates == {
        ("a", "late"): (None, None),
        ("b", "late"): (50.0, 101 * DAY),
        ("a", "early"): (50.0, 99 * DAY),
        ("a", "undated"): (50.0, None),
        ("a", "own"): (50.0, 99 * DAY),  # the item's own was made too late
    }


def test_undated_estimates_of_compared_items_are_counted(database_url: str) -> None:
    """Only of closed items with an arm, by the estimate that counts."""
    entry_rows = [entry("a", f"t{number}", 100) for number in range(5)]
    arms = ["baseline", "baseline", "assistance", None, "baseline"]
    item_rows = [
        item("a", f"t{number}", assigned=arm, estimate_minutes=30.0, estimated_epoch=epoch)
        for number, (arm, epoch) in enumerate(
            zip(arms, (None, 99 * DAY, None, None, 101 * DAY), strict=True)
        )
    ]
    task_rows = [task("t4", estimate_minutes=40.0)]
    with connection_with(database_url, entry_rows, item_rows, task_rows) as connection:
        frame = estimate_aggregates.estimate_dates(connection, ALL, DRAWN, NOW)
    assert frame.to_dict("records") == [
        {"activity": "design", "arm": "assistance", "n": 1, "undated": 1},
        {"activity": "design", "arm": "baseline", "n": 3, "undated": 2},
    ]


def test_probabilities_are_summed_by_developer(database_url: str) -> None:
    """A draw without a recorded probability was even; without any there are no rows."""
    entry_rows = [entry(developer, f"t{n}", 100) for developer in "ab" for n in range(2)]
    item_rows = [
        item(developer, f"t{n}", assigned="baseline", assistance_share=share)
        for developer, shares in (("a", (0.2, 0.2)), ("b", (None, 0.2)))
        for n, share in enumerate(shares)
    ]
    with connection_with(database_url, entry_rows, item_rows) as connection:
        frame = estimate_aggregates.draw_probabilities(connection, ALL, DRAWN, NOW)
    assert frame["developer"].tolist() == ["a", "b"]
    assert frame["n"].tolist() == [2, 2]
    assert frame["assistance"].tolist() == pytest.approx([0.4, 0.7])


def test_even_draws_have_no_rows(database_url: str) -> None:
    """Nothing is summed where no probability is recorded."""
    rows = [item("a", "t", assigned="baseline", assistance_share=None)]
    with connection_with(database_url, [entry("a", "t", 100)], rows) as connection:
        assert estimate_aggregates.draw_probabilities(connection, ALL, DRAWN, NOW).empty


def test_estimates_without_entries_are_counted(database_url: str) -> None:
    """By the task's entries of anybody; of the activity and of whole tasks."""
    item_rows = [
        item("a", "worked", activity="testing", estimate_minutes=10.0),
        item("a", "planned", estimate_minutes=10.0),
        item("a", "zero", estimate_minutes=0.0),
    ]
    task_rows = [task("worked", estimate_minutes=5.0), task("later", estimate_minutes=5.0)]
    with connection_with(database_url, [entry("b", "worked", 100)], item_rows, task_rows) as log:
        assert estimate_aggregates.estimate_match(log) == (4, 2)
        assert estimate_aggregates.estimate_match(log, "testing") == (3, 1)
        assert estimate_aggregates.estimate_match(log, "design") == (3, 2)


def test_what_developers_expect_of_assistance(database_url: str) -> None:
    """Only items with both estimates, made before the work began, count."""
    both = {"estimate_minutes": 100.0, "estimate_ai_minutes": 50.0}
    rows = {
        "both": both,
        "alone": {"estimate_minutes": 100.0},
        "late": {**both, "estimated_epoch": 101 * DAY},
        "early": {**both, "estimate_ai_minutes": 100.0, "estimated_epoch": 99 * DAY},
    }
    defaults = {"estimate_ai_minutes": None, "estimated_epoch": None}
    entry_rows = [entry("a", name, 100) for name in rows]
    item_rows = [item("a", name, **{**defaults, **fields}) for name, fields in rows.items()]
    with connection_with(database_url, entry_rows, item_rows) as connection:
        frame = estimate_aggregates.expected_with_assistance(connection, ALL, DRAWN, NOW)
    assert frame[["activity", "developer", "n"]].to_dict("records") == [
        {"activity": "design", "developer": "a", "n": 2}
    ]
    assert frame["log_ratio"].item() == pytest.approx(math.log(0.5))
