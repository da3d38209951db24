"""The other activities of a log: when work began, which are excluded, what their entries say."""

from __future__ import annotations

import dataclasses

from support.made_logs import NOW, connection_with, entry, item, items_by_hand, random_log

from tracker.domain.records import ArmRule, Cutover, Selection
from tracker.store.read import aggregates, entry_aggregates

CUTOVER = 16_100
RULE = ArmRule("rollout", (Cutover(CUTOVER + 5, developer="d0"), Cutover(CUTOVER, team="A")))
EVERYBODY = ArmRule("rollout", (Cutover(CUTOVER),))
ALL = Selection()


def test_one_activity_is_excluded_by_its_name(database_url: str) -> None:
    """In either Unicode form; the days limit the first entries of the others."""
    rows = [
        entry("a", "t1", 100, activity="caf\u00e9"),
        entry("a", "t2", 100, activity="cafe\u0301"),
        entry("a", "t3", 100, activity="coding"),
        entry("a", "t4", 105, activity="coding"),
    ]
    selection = ALL.of_other_activities("cafe\u0301", 100, 104)
    with connection_with(database_url, rows) as connection:
        items = aggregates.items(connection, selection, EVERYBODY, NOW)
        everything = aggregates.items(connection, ALL, EVERYBODY, NOW)
    assert items["task"].tolist() == ["t3"]
    assert len(everything) == 4


def test_the_days_are_those_of_closed_items_with_an_estimate(database_url: str) -> None:
    """By activity; items without an arm, an estimate, minutes or an end are left out."""
    log = random_log(5)
    maturity = dataclasses.replace(NOW, last_start_day=16_170)
    expected: dict[str, list[int]] = {}
    for row in items_by_hand(*log, ALL, RULE, maturity):
        if row["arm"] and row["estimate_minutes"] and row["status"] == "closed":
            expected.setdefault(row["activity"], []).append(row["day"])
    with connection_with(database_url, *log) as connection:
        frame = aggregates.start_days(connection, ALL, RULE, maturity)
    assert frame.to_dict("records") == [
        {"activity": activity, "first_day": min(days), "last_day": max(days)}
        for activity, days in sorted(expected.items())
    ]


def test_entries_since_the_rollout_are_counted_by_what_they_say(database_url: str) -> None:
    """Those of items begun before it, too; unknown is not no."""
    day, late = CUTOVER - 1, CUTOVER + 1
    rows = [
        entry("a", "t1", day, assisted="no"),  # before the rollout
        entry("a", "t1", late, assisted="no"),
        entry("a", "t2", CUTOVER, assisted="unknown"),
        entry("a", "t2", late, assisted="yes"),
        entry("b", "t1", late, assisted="no"),
        entry("a", "t3", late, assisted="no"),  # without an estimate
        entry("a", "t1", late, assisted="no", activity="coding"),
    ]
    keys = {(row["developer"], row["task"], row["activity"]) for row in rows}
    items = [
        item(developer, task, activity=activity, estimate_minutes=30.0)
        for developer, task, activity in sorted(keys)
        if task != "t3"
    ]
    with connection_with(database_url, rows, items) as connection:
        frame = entry_aggregates.answers_after_rollout(connection, ALL, EVERYBODY, NOW)
    assert frame.to_dict("records") == [
        {"developer": "a", "activity": "coding", "entries": 1, "unassisted": 1},
        {"developer": "a", "activity": "design", "entries": 3, "unassisted": 1},
        {"developer": "b", "activity": "design", "entries": 1, "unassisted": 1},
    ]


def test_cutovers_of_developers_and_teams_are_those_of_the_items(database_url: str) -> None:
    """A log with all kinds of cutovers gives the counts of a loop over its entries."""
    entry_rows, item_rows, task_rows = random_log(6)
    items = {
        (row["developer"], row["task"], row["activity"]): row
        for row in items_by_hand(entry_rows, item_rows, task_rows, ALL, EVERYBODY, NOW)
        if row["estimate_minutes"] and row["status"] == "closed"
    }
    expected: dict[tuple[str, str], list[bool]] = {}
    for row in entry_rows:
        is_counted = (row["developer"], row["task"], row["activity"]) in items
        if is_counted and row["local_day"] >= CUTOVER:
            key = (row["developer"], row["activity"])
            expected.setdefault(key, []).append(row["assisted"] == "no")
    rule = dataclasses.replace(
        EVERYBODY,
        cutovers=(
            Cutover(CUTOVER, developer="d0"),
            Cutover(CUTOVER, team="A"),
            Cutover(CUTOVER),
        ),
    )
    with connection_with(database_url, entry_rows, item_rows, task_rows) as connection:
        frame = entry_aggregates.answers_after_rollout(connection, ALL, rule, NOW)
    actual = {
        (row.developer, row.activity): (row.entries, row.unassisted) for row in frame.itertuples()
    }
    assert actual == {key: (len(says), sum(says)) for key, says in expected.items()}
    assert len(actual) > 10
