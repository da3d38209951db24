"""How the log was kept and where the time went, as the database reduces single entries; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from support.made_logs import DAY, NOW, Row, entry, item, items_by_hand, kept, random_log, task

from tracker.domain.records import ArmRule, Cutover, Selection
from tracker.store.read import entry_aggregates
from tracker.store.schema import changes

EVERYTHING = Selection()
FROM_DAY_100 = ArmRule("rollout", (Cutover(100),))


def change(of: Row, day: int, **fields: object) -> Row:
    """A row of the change log: an entry edited at noon of ``day``."""
    identifier = f"{day:036d}"
    row = {
        "developer": of["developer"],
        "id": identifier,
        "changed_epoch": day * DAY + 12 * 3600,
        "verb": "edit",
    }
    return (
        row
        | {
            "table_name": "entries",
            "row_key": of["id"],
            "before": "{}",
            "after": "{}",
            "undone_by": None,
        }
        | fields
    )


def quality(
    url: str, logged: list[Row], selection: Selection = EVERYTHING, edits: list[Row] | None = None
) -> Row:
    """The quality row of the baseline of ``design``."""
    with kept(url, logged) as connection:
        if edits:
            connection.execute(insert(changes), edits)
        found = entry_aggregates.quality(connection, selection, FROM_DAY_100, NOW)
    row: Row = (
        found[(found["arm"] == "baseline") & (found["activity"] == "design")].iloc[0].to_dict()
    )
    return row


def test_heaping_counts_round_stretches(database_url: str) -> None:
    """Multiples of a quarter, half and whole hour are counted each; 0 minutes are round to nobody."""
    seconds = [0, 900, 1800, 2700, 3600, 7200, 901, 60]
    found = quality(
        database_url, [entry("a", "t", 10 + i, seconds=s) for i, s in enumerate(seconds)]
    )
    assert (found["heaped_15"], found["heaped_30"], found["heaped_60"]) == (5, 3, 2)
    assert (found["entries"], found["seconds"]) == (8, sum(seconds))


def test_long_and_late_entries_are_counted(database_url: str) -> None:
    """Over 12 hours; written down more than 2 days after the end (an entry without one ends by its effort)."""
    logged = [
        entry("a", "long", 10, seconds=12 * 3600 + 1),
        entry("a", "not long", 20, seconds=12 * 3600),
        entry("a", "late", 30, logged_epoch=33 * DAY),
        entry("a", "late without an end", 40, ended_epoch=None, logged_epoch=43 * DAY),
        entry("a", "next day", 50, logged_epoch=51 * DAY),
    ]
    found = quality(database_url, logged)
    assert (found["over_12h"], found["late"]) == (1, 2)


def test_overlaps_are_seen_across_activities_and_not_across_developers(database_url: str) -> None:
    """An entry overlaps when an earlier one of its developer, even not the last and of another activity, still ran."""
    nine = 10 * DAY + 9 * 3600
    logged = [
        entry("a", "long", 10, started_epoch=nine, seconds=7200, activity="coding"),
        entry("a", "inside", 10, started_epoch=nine + 600, seconds=60),
        entry("a", "inside too", 10, started_epoch=nine + 3000, seconds=60),
        entry("a", "touches", 10, started_epoch=nine + 7200, seconds=60),
        entry("a", "no end", 10, started_epoch=nine + 100, seconds=60, ended_epoch=None),
        entry("b", "another's", 10, started_epoch=nine + 600, seconds=60),
    ]
    assert quality(database_url, logged)["overlapping"] == 2


def test_quality_of_a_selection(database_url: str) -> None:
    """Team and developer choose the entries counted; an overlap with a team's work elsewhere is one still."""
    nine = 10 * DAY + 9 * 3600
    logged = [
        entry("a", "t", 10, started_epoch=nine, seconds=7200, team="B"),
        entry("a", "u", 10, started_epoch=nine + 60, seconds=60, team="A"),
        entry("c", "u", 10, started_epoch=nine, seconds=60, team="A"),
    ]
    assert quality(database_url, logged, Selection(team="A", developer="a")) == {
        "activity": "design",
        "arm": "baseline",
        "entries": 1,
        "seconds": 60,
        **dict.fromkeys(("heaped_15", "heaped_30", "heaped_60", "over_12h", "late"), 0),
        "overlapping": 1,
        **dict.fromkeys(("logged_after", "edited_after", "straddle_seconds"), 0),
    }


def test_what_straddles_the_rollout_is_weighed(database_url: str) -> None:
    """The seconds after the cutover of items that began before it; an item begun after it does not straddle."""
    logged = [
        entry("a", "s", 99, 10),
        entry("a", "s", 100, 20),
        entry("a", "s", 130, 30),
        entry("a", "after", 100, 40),
    ]
    assert quality(database_url, logged)["straddle_seconds"] == 50 * 60


def test_the_baseline_written_or_changed_after_the_rollout_is_counted(database_url: str) -> None:
    """Later by more than the zones can make it; an undone change, a new entry and the work after it do not count."""
    edited, undone, early, straddling = (entry("a", f"t{i}", 90 + i) for i in range(4))
    begun_before = entry("a", "s", 99)
    lies_after = entry("a", "s", 110)
    logged = [
        *(edited, undone, early, straddling, begun_before, lies_after),
        entry("a", "backfilled", 50, logged_epoch=120 * DAY),
        entry("a", "the evening before", 99, logged_epoch=100 * DAY + 5 * 3600),
    ]
    edits = [
        change(edited, 103),
        change(edited, 104),
        change(undone, 105, undone_by="x"),
        change(early, 95),
        change(straddling, 106, before=None, verb="log"),
        change(lies_after, 120),
    ]
    found = quality(database_url, logged, edits=edits)
    assert (found["logged_after"], found["edited_after"]) == (1, 1)


def test_hours_are_by_the_entrys_own_day(database_url: str) -> None:
    """All activities, each entry on the side of its own day; the selection's days, team and project hold."""
    logged = [
        entry("a", "t", 99, 60, team="A"),
        entry("a", "t", 100, 30, team="A"),
        entry("a", "t", 101, 90, activity="testing"),
        entry("b", "t", 102, 10, activity="testing"),
    ]
    selection = Selection(activities=("design",))
    with kept(database_url, logged, [], [task("t", project="p")]) as connection:
        of = [
            entry_aggregates.hours(connection, chosen, FROM_DAY_100)
            for chosen in (selection, Selection(team="A", first_day=100), Selection(project="q"))
        ]
    assert [frame.to_dict("records") for frame in of] == [
        [
            {
                "activity": "design",
                "arm": "assistance",
                "seconds": 1800,
                "entries": 1,
                "developers": 1,
            },
            {
                "activity": "design",
                "arm": "baseline",
                "seconds": 3600,
                "entries": 1,
                "developers": 1,
            },
            {
                "activity": "testing",
                "arm": "assistance",
                "seconds": 6000,
                "entries": 2,
                "developers": 2,
            },
        ],
        [
            {
                "activity": "design",
                "arm": "assistance",
                "seconds": 1800,
                "entries": 1,
                "developers": 1,
            }
        ],
        [],
    ]


@pytest.mark.parametrize(
    ("by", "expected"),
    [("assisted", {"assistance": 60, "baseline": 120}), ("assigned", {"baseline": 300})],
)
def test_hours_by_flag_and_by_the_drawn_arm(
    database_url: str, by: str, expected: dict[str, int]
) -> None:
    """By the entry's own flag; by its item's drawn arm."""
    logged = [
        entry("a", "t", 1, 1, assisted="yes", basis="flag"),
        entry("a", "t", 2, 2, assisted="no", basis="flag"),
        entry("a", "t", 3, 2),
        entry("a", "u", 3, 7),
    ]
    with kept(database_url, logged, [item("a", "t", assigned="baseline")]) as connection:
        found = entry_aggregates.hours(connection, EVERYTHING, ArmRule(by))
    assert found.set_index("arm")["seconds"].to_dict() == expected


def test_assisted_is_counted_by_what_it_rests_on(database_url: str) -> None:
    """Entries by answer and basis; unknown has none."""
    logged = [
        entry("a", "t", 1, assisted="yes", basis="trailer"),
        entry("a", "t", 2, assisted="no", basis="flag"),
        entry("a", "u", 3, assisted="no", basis="flag"),
        entry("a", "u", 3),
    ]
    with kept(database_url, logged) as connection:
        found = entry_aggregates.assisted_basis(connection, EVERYTHING)
    counted = {
        (row.assisted, row.basis if isinstance(row.basis, str) else None): row.n
        for row in found.itertuples()
    }
    assert counted == {("no", "flag"): 2, ("yes", "trailer"): 1, ("unknown", None): 1}


def test_time_elsewhere_on_the_same_task(database_url: str) -> None:
    """Each item's minutes in the developer's other activities on its task, summed and squared; nobody else's."""
    log = random_log(11)
    rule = ArmRule("rollout", (Cutover(16_100),))
    with kept(database_url, *log) as connection:
        found = entry_aggregates.minutes_in_other_activities(connection, EVERYTHING, rule, NOW)
    items = items_by_hand(*log, EVERYTHING, rule, NOW)
    expected: dict[tuple[str, str, str], list[float]] = {}
    for one in items:
        for other in items:
            same = (one["developer"], one["task"]) == (other["developer"], other["task"])
            if (
                same
                and one["activity"] != other["activity"]
                and one["status"] == "closed"
                and other["minutes"]
            ):
                expected.setdefault((one["activity"], one["arm"], other["activity"]), []).append(
                    other["minutes"]
                )
    keyed = found.set_index(["activity", "arm", "other"])
    assert set(keyed.index) == set(expected)
    for key, minutes in expected.items():
        squares = sum(m * m for m in minutes)
        assert keyed.loc[key].tolist() == pytest.approx(
            [len(minutes), sum(minutes), squares], rel=1e-9
        )


def test_an_empty_database_gives_empty_frames(database_url: str) -> None:
    """No entries, no rows."""
    with kept(database_url, []) as connection:
        assert entry_aggregates.quality(connection, EVERYTHING, FROM_DAY_100, NOW).empty
        assert entry_aggregates.hours(connection, EVERYTHING, FROM_DAY_100).empty
        assert entry_aggregates.assisted_basis(connection, EVERYTHING).empty
        assert entry_aggregates.minutes_in_other_activities(
            connection, EVERYTHING, FROM_DAY_100, NOW
        ).empty
