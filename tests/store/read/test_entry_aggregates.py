"""Aggregates of single entries, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert
from support.made_logs import (
    DAY,
    NOW,
    Row,
    connection_with,
    entry,
    item,
    items_by_hand,
    random_log,
    task,
)

from tracker.domain.records import ArmRule, Cutover, Selection
from tracker.store.read import entry_aggregates, hours_by_week
from tracker.store.schema import changes

EVERYTHING = Selection()
FROM_DAY_100 = ArmRule("rollout", (Cutover(100),))


def change(edited: Row, day: int, **fields: object) -> Row:
    """Return a row of the change log: an entry edited at noon of ``day``."""
    row = {
        "developer": edited["developer"],
        "id": f"{day:036d}",
        "changed_epoch": day * DAY + 12 * 3600,
        "verb": "edit",
    }
    return (
        row
        | {
            "table_name": "entries",
            "row_key": edited["id"],
            "before": "{}",
            "after": "{}",
            "undone_by": None,
        }
        | fields
    )


def quality(
    url: str,
    entry_rows: list[Row],
    selection: Selection = EVERYTHING,
    edits: list[Row] | None = None,
) -> Row:
    """Return the quality row of the baseline of ``design``."""
    with connection_with(url, entry_rows) as connection:
        if edits:
            connection.execute(insert(changes), edits)
        actual = entry_aggregates.quality(connection, selection, FROM_DAY_100, NOW)
    row: Row = (
        actual[(actual["arm"] == "baseline") & (actual["activity"] == "design")].iloc[0].to_dict()
    )
    return row


def test_heaping_counts_round_efforts(database_url: str) -> None:
    """Multiples of a quarter, half and whole hour; 0 minutes are not among them."""
    seconds = [0, 900, 1800, 2700, 3600, 7200, 901, 60]
    actual = quality(
        database_url, [entry("a", "t", 10 + i, seconds=s) for i, s in enumerate(seconds)]
    )
    assert (actual["heaped_15"], actual["heaped_30"], actual["heaped_60"]) == (5, 3, 2)
    assert (actual["entries"], actual["seconds"]) == (8, sum(seconds))


def test_long_and_late_entries_are_counted(database_url: str) -> None:
    """Over 12 hours; logged more than 2 days after the end, also where no end is stored."""
    entry_rows = [
        entry("a", "long", 10, seconds=12 * 3600 + 1),
        entry("a", "not long", 20, seconds=12 * 3600),
        entry("a", "late", 30, logged_epoch=33 * DAY),
        entry("a", "late without an end", 40, ended_epoch=None, logged_epoch=43 * DAY),
        entry("a", "next day", 50, logged_epoch=51 * DAY),
    ]
    actual = quality(database_url, entry_rows)
    assert (actual["over_12h"], actual["late"]) == (1, 2)


def test_implausible_spans_are_counted(database_url: str) -> None:
    """Over 24 hours from start to end; effort that exceeds the span by more than a minute."""
    start = 20 * DAY + 9 * 3600
    entry_rows = [
        entry("a", "two days", 10, 60, ended_epoch=12 * DAY + 9 * 3600),
        entry("a", "beyond", 20, seconds=3700, ended_epoch=start + 3600),
        entry("a", "with breaks", 20, 59, interruption_seconds=120, ended_epoch=start + 3600),
        entry("a", "rounded", 20, 60, interruption_seconds=60, ended_epoch=start + 3600),
        entry("a", "no end", 20, 60, ended_epoch=None),
    ]
    actual = quality(database_url, entry_rows)
    assert (actual["over_24h"], actual["beyond_span"]) == (1, 1)


def test_efforts_of_another_unit_than_their_span_are_counted(database_url: str) -> None:
    """Effort of about 60 or 1/60 of the time from start to end."""
    hour = 3600
    start = 10 * DAY + 9 * hour
    entry_rows = [
        entry("a", "hours as minutes", 10, seconds=90, ended_epoch=start + 90 * 60),
        entry("a", "seconds as minutes", 10, seconds=60 * 600, ended_epoch=start + 600),
        entry("a", "minutes", 10, seconds=hour, ended_epoch=start + hour),
        entry("a", "a long break", 10, seconds=hour, ended_epoch=start + 9 * hour),
        entry("a", "none", 10, seconds=0, ended_epoch=start + hour),
    ]
    actual = quality(database_url, entry_rows)
    assert (actual["with_span"], actual["sixtieth"], actual["sixtyfold"]) == (4, 1, 1)


def test_overlaps_count_across_activities_and_not_across_developers(database_url: str) -> None:
    """An entry overlaps if any earlier entry of its developer had not ended."""
    nine = 10 * DAY + 9 * 3600
    entry_rows = [
        entry("a", "long", 10, started_epoch=nine, seconds=7200, activity="coding"),
        entry("a", "inside", 10, started_epoch=nine + 600, seconds=60),
        entry("a", "inside too", 10, started_epoch=nine + 3000, seconds=60),
        entry("a", "touches", 10, started_epoch=nine + 7200, seconds=60),
        entry("a", "no end", 10, started_epoch=nine + 100, seconds=60, ended_epoch=None),
        entry("b", "another's", 10, started_epoch=nine + 600, seconds=60),
    ]
    assert quality(database_url, entry_rows)["overlapping"] == 2


def test_quality_of_a_selection(database_url: str) -> None:
    """Team and developer select entries; an overlap with work for another team counts."""
    nine = 10 * DAY + 9 * 3600
    entry_rows = [
        entry("a", "t", 10, started_epoch=nine, seconds=7200, team="B"),
        entry("a", "u", 10, started_epoch=nine + 60, seconds=60, team="A"),
        entry("c", "u", 10, started_epoch=nine, seconds=60, team="A"),
    ]
    assert quality(database_url, entry_rows, Selection(team="A", developer="a")) == {
        "activity": "design",
        "arm": "baseline",
        "entries": 1,
        "seconds": 60,
        **dict.fromkeys(("heaped_15", "heaped_30", "heaped_60", "late"), 0),
        **dict.fromkeys(("over_12h", "over_24h", "beyond_span", "sixtyfold", "sixtieth"), 0),
        "with_span": 1,
        "overlapping": 1,
        **dict.fromkeys(("logged_after", "edited_after", "straddle_seconds", "recent_seconds"), 0),
    }


def test_time_that_straddles_the_rollout_is_summed(database_url: str) -> None:
    """The seconds after the cutover of items that began before it."""
    entry_rows = [
        entry("a", "s", 99, 10),
        entry("a", "s", 100, 20),
        entry("a", "s", 130, 30),
        entry("a", "after", 100, 40),
    ]
    assert quality(database_url, entry_rows)["straddle_seconds"] == 50 * 60


def test_baseline_entries_logged_or_edited_after_the_rollout_are_counted(database_url: str) -> None:
    """Undone edits, new entries, work after the cutover, and answers of `collect` do not count."""
    edited, undone, early, straddling = (entry("a", f"t{i}", 90 + i) for i in range(4))
    begun_before = entry("a", "s", 99)
    lies_after = entry("a", "s", 110)
    entry_rows = [
        *(edited, undone, early, straddling, begun_before, lies_after),
        entry("a", "backfilled", 50, logged_epoch=120 * DAY),
        entry("a", "the evening before", 99, logged_epoch=100 * DAY + 5 * 3600),
    ]
    edits = [
        change(edited, 103),
        change(edited, 104),
        change(undone, 105, undone_by="x"),
        change(early, 95),
        change(early, 107, verb="collect"),
        change(straddling, 106, before=None, verb="log"),
        change(lies_after, 120),
    ]
    actual = quality(database_url, entry_rows, edits=edits)
    assert (actual["logged_after"], actual["edited_after"]) == (1, 1)


def weekly_hours(
    connection: Connection, rule: ArmRule, selection: Selection = EVERYTHING, **days: int
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Return the seconds and the weeks by developer, arm and activity."""
    frame = hours_by_week.weekly_hours(
        connection, selection, rule, **({"first_day": 4, "last_day": 20_000} | days)
    )
    return {
        (row.developer, row.arm, row.activity): (row.seconds, row.weeks)
        for row in frame.itertuples()
    }


def test_weekly_hours_are_by_the_day_of_the_entry(database_url: str) -> None:
    """Of all activities, with the arm of each entry's day, within the selection and the days.

    Day 102 is a Monday.
    """
    entry_rows = [
        entry("a", "t", 94, 60, team="A"),
        entry("a", "t", 102, 30, team="A"),
        entry("a", "t", 103, 90, activity="testing"),
        entry("b", "t", 104, 10, activity="testing"),
    ]
    rule = ArmRule("rollout", (Cutover(102),))
    selection = Selection(activities=("design",))
    with connection_with(database_url, entry_rows, [], [task("t", project="p")]) as connection:
        everything = weekly_hours(connection, rule, selection)
        team = weekly_hours(connection, rule, Selection(team="A", first_day=100))
        project = weekly_hours(connection, rule, Selection(project="q"))
        until = weekly_hours(connection, rule, last_day=101)
    assert everything == {
        ("a", "baseline", "design"): (3600, 1),
        ("a", "assistance", "design"): (1800, 1),
        ("a", "assistance", "testing"): (5400, 0),
        ("b", "assistance", "testing"): (600, 1),
    }
    assert team == {("a", "assistance", "design"): (1800, 1)}
    assert project == {}
    assert until == {("a", "baseline", "design"): (3600, 1)}


@pytest.mark.parametrize("cutover", [102, 103, 108])
def test_the_week_of_a_rollout_counts_only_if_that_is_its_monday(
    database_url: str, cutover: int
) -> None:
    """A week from day 102 to 108 that a rollout divides is on neither side."""
    entry_rows = [entry("a", str(day), day) for day in (101, 102, 108, 109)]
    with connection_with(database_url, entry_rows) as connection:
        hours = weekly_hours(connection, ArmRule("rollout", (Cutover(cutover),)))
    after = (5400, 2) if cutover == 102 else (1800, 1)
    assert hours == {
        ("a", "baseline", "design"): (1800, 1),
        ("a", "assistance", "design"): after,
    }


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("assisted", {"": (7 * 60 + 120, 1), "assistance": (60, 0), "baseline": (120, 0)}),
        ("assigned", {"": (420, 1), "baseline": (300, 0)}),
        ("baseline", {"baseline": (720, 1)}),
    ],
)
def test_weekly_hours_of_arms_that_share_their_weeks(
    database_url: str, by: str, expected: dict[str, tuple[int, int]]
) -> None:
    """By the flag of the entry, or by the drawn arm of its item; what has no arm is kept."""
    entry_rows = [
        entry("a", "t", 4, 1, assisted="yes", basis="flag"),
        entry("a", "t", 5, 2, assisted="no", basis="flag"),
        entry("a", "t", 6, 2),
        entry("a", "u", 6, 7),
    ]
    item_rows = [item("a", "t", assigned="baseline")]
    with connection_with(database_url, entry_rows, item_rows) as connection:
        hours = weekly_hours(connection, ArmRule(by))
    assert hours == {("a", arm, "design"): sums for arm, sums in expected.items()}


@pytest.mark.parametrize("never_treated", [True, False])
def test_weekly_hours_of_a_random_log(database_url: str, never_treated: bool) -> None:
    """The sums, and the weeks of each developer on either side, are those counted by hand."""
    entry_rows, _, _ = log = random_log(5)
    cutovers = {"d0": 16_070, "d1": 16_120, "d2": 16_160, "d3": 16_160}
    rule = ArmRule(
        "rollout",
        tuple(Cutover(day, developer=name) for name, day in cutovers.items()),
        never_treated=never_treated,
    )
    treated_teams = {row["team"] for row in entry_rows if row["developer"] in cutovers}
    first, last = 16_058, 16_240
    seconds: Counter[tuple[str, str, str]] = Counter()
    weeks: dict[tuple[str, str], set[int]] = {}
    for row in entry_rows:
        day, name = row["local_day"], row["developer"]
        cutover = cutovers.get(name)
        if cutover is None and never_treated and row["team"] in treated_teams:
            cutover = 10**6
        if cutover is None or not first <= day <= last:
            continue
        monday = day - (day + 3) % 7
        if monday < cutover <= monday + 6:
            continue
        arm = "assistance" if day >= cutover else "baseline"
        seconds[name, arm, row["activity"]] += row["seconds"]
        weeks.setdefault((name, arm), set()).add(monday)
    with connection_with(database_url, *log) as connection:
        actual = weekly_hours(connection, rule, first_day=first, last_day=last)
    assert {key: sums[0] for key, sums in actual.items()} == dict(seconds)
    counted: Counter[tuple[str, str]] = Counter()
    for (name, arm, _), (_, number) in actual.items():
        counted[name, arm] += number
    assert counted == {key: len(mondays) for key, mondays in weeks.items()}
    assert len(counted) > 5


def test_recent_effort_is_that_of_the_days_asked_for(database_url: str) -> None:
    """Entries of both days are recent, those beyond are not; without days nothing is recent."""
    entry_rows = [entry("a", "T", day, 10) for day in (89, 90, 95, 96)]
    with connection_with(database_url, entry_rows) as connection:
        for days, expected in (((90, 95), 1200), (None, 0)):
            frame = entry_aggregates.quality(
                connection, EVERYTHING, FROM_DAY_100, NOW, recent_days=days
            )
            assert frame["recent_seconds"].tolist() == [expected]


def test_assistance_is_counted_by_basis(database_url: str) -> None:
    """Entries by flag and basis; unknown has no basis."""
    entry_rows = [
        entry("a", "t", 1, assisted="yes", basis="trailer"),
        entry("a", "t", 2, assisted="no", basis="flag"),
        entry("a", "u", 3, assisted="no", basis="flag"),
        entry("a", "u", 3),
    ]
    with connection_with(database_url, entry_rows) as connection:
        actual = entry_aggregates.assisted_basis(connection, EVERYTHING)
    counts = {
        (row.assisted, row.basis if isinstance(row.basis, str) else None): row.n
        for row in actual.itertuples()
    }
    assert counts == {("no", "flag"): 2, ("yes", "trailer"): 1, ("unknown", None): 1}


def test_minutes_in_other_activities_of_the_same_task(database_url: str) -> None:
    """Each item's minutes in the developer's other activities, summed and squared."""
    log = random_log(11)
    rule = ArmRule("rollout", (Cutover(16_100),))
    with connection_with(database_url, *log) as connection:
        actual = entry_aggregates.minutes_in_other_activities(connection, EVERYTHING, rule, NOW)
    items = items_by_hand(*log, EVERYTHING, rule, NOW)
    expected: dict[tuple[str, str, str], list[float]] = {}
    for first in items:
        for other in items:
            same = (first["developer"], first["task"]) == (other["developer"], other["task"])
            if (
                same
                and first["activity"] != other["activity"]
                and first["status"] == "closed"
                and other["minutes"]
            ):
                expected.setdefault(
                    (first["activity"], first["arm"], other["activity"]), []
                ).append(other["minutes"])
    keyed = actual.set_index(["activity", "arm", "other"])
    assert set(keyed.index) == set(expected)
    for key, minutes in expected.items():
        squares = sum(m * m for m in minutes)
        assert keyed.loc[key].tolist() == pytest.approx(
            [len(minutes), sum(minutes), squares], rel=1e-9
        )


def test_an_empty_database_gives_empty_frames(database_url: str) -> None:
    """Without entries there are no rows."""
    with connection_with(database_url, []) as connection:
        assert entry_aggregates.quality(connection, EVERYTHING, FROM_DAY_100, NOW).empty
        assert weekly_hours(connection, FROM_DAY_100) == {}
        assert entry_aggregates.assisted_basis(connection, EVERYTHING).empty
        assert entry_aggregates.minutes_in_other_activities(
            connection, EVERYTHING, FROM_DAY_100, NOW
        ).empty


@pytest.mark.parametrize("aggregate", ["quality", "minutes_in_other_activities"])
def test_the_entries_of_an_item_are_found_by_its_task(tmp_path: Path, aggregate: str) -> None:
    """SQLite reads neither all entries, nor those of the developer for each item."""
    statements: list[tuple[str, Any]] = []
    with connection_with(
        f"sqlite:///{tmp_path / 'log.db'}", [entry("ann", "T-1", 50)]
    ) as connection:
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, parameters, *_: statements.append(
                (statement, parameters)
            ),
        )
        getattr(entry_aggregates, aggregate)(connection, EVERYTHING, FROM_DAY_100, NOW)
        plan = "\n".join(plan_of(connection, *statement) for statement in list(statements))
    assert "SEARCH entr" in plan
    assert "SCAN entries" not in plan
    assert "developer=? AND started_epoch>?" not in plan


def plan_of(connection: Connection, statement: str, parameters: Any) -> str:
    """Return how SQLite runs a statement."""
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(row.detail for row in rows)
