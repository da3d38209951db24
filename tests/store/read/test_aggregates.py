"""Aggregates of work items, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection
from support.made_logs import (
    DAY,
    NOW,
    connection_with,
    entry,
    item,
    items_by_hand,
    moments_by_hand,
    random_log,
    same_moments,
    task,
)

from tracker.domain.errors import BadValue
from tracker.domain.records import ArmRule, Cutover, MaturityRule, Selection
from tracker.store.read import aggregates, entry_aggregates, hours_by_week
from tracker.store.read.aggregates import LogSpan
from tracker.store.read.arm_rules import recorded_arm_sources
from tracker.store.read.item_rows import with_texts
from tracker.store.write import entry_totals

EVERYTHING = Selection()
FROM_DAY_100 = ArmRule("rollout", (Cutover(100),))
RULES = {
    "everybody": ArmRule("rollout", (Cutover(16_100),)),
    "developers": ArmRule(
        "rollout", (Cutover(16_050, developer="d1"), Cutover(16_120, developer="d2"))
    ),
    "never treated": ArmRule("rollout", (Cutover(16_080, developer="d1"),), never_treated=True),
    "teams": ArmRule(
        "rollout",
        (Cutover(16_100, team="A"), Cutover(16_060, team="B"), Cutover(16_150, developer="d3")),
    ),
    "all three": ArmRule(
        "rollout", (Cutover(16_090), Cutover(16_020, team="A"), Cutover(16_150, developer="d3"))
    ),
    "assigned": ArmRule("assigned"),
    "assisted": ArmRule("assisted"),
    "assisted by flag alone": ArmRule("assisted", bases=("flag",)),
}


def arms(connection: Connection, rule: ArmRule) -> dict[str, str]:
    """Return the arm by task, of the items that have one."""
    actual = aggregates.items(connection, EVERYTHING, rule, NOW)
    return dict(zip(actual["task"], actual["arm"], strict=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_moments_equal_rows_under_every_rule(database_url: str, seed: int) -> None:
    """On random logs they equal, to 1e-9, those of loops over the rows."""
    log = random_log(seed)
    maturity = MaturityRule(16_190 * DAY, last_start_day=16_150)
    with connection_with(database_url, *log) as connection:
        for rule in RULES.values():
            expected = items_by_hand(*log, EVERYTHING, rule, maturity)
            actual = aggregates.moments(connection, EVERYTHING, rule, maturity)
            assert len(actual) > 10
            same_moments(actual, moments_by_hand(expected))
            armless = aggregates.without_arm(connection, EVERYTHING, rule, maturity)
            assert armless["n"].sum() == sum(i["arm"] is None for i in expected)


def test_moments_equal_rows_in_every_selection(database_url: str) -> None:
    """Team, developer and activity select entries; project and days select items."""
    log = random_log(3)
    selections = [
        Selection(activities=("design", "testing")),
        Selection(team="A"),
        Selection(developer="d2"),
        Selection(project="p"),
        Selection(first_day=16_020, last_day=16_060),
        Selection(activities=("coding",), team="B", project="q", first_day=16_010),
    ]
    with connection_with(database_url, *log) as connection:
        for selection in selections:
            expected = items_by_hand(*log, selection, RULES["everybody"], NOW)
            assert expected
            actual = aggregates.moments(connection, selection, RULES["everybody"], NOW)
            same_moments(actual, moments_by_hand(expected))


def test_items_equal_rows(database_url: str) -> None:
    """The frame equals that of loops over the rows, with NaN where there is no estimate."""
    log = random_log(4)
    with connection_with(database_url, *log) as connection:
        actual = aggregates.items(connection, EVERYTHING, RULES["teams"], NOW)
    rows = [i for i in items_by_hand(*log, EVERYTHING, RULES["teams"], NOW) if i["arm"] is not None]
    expected = pd.DataFrame(rows)[list(actual.columns)]
    keys = ["developer", "task", "activity"]
    frames = (with_texts(actual), expected)
    ordered = (frame.sort_values(keys, ignore_index=True) for frame in frames)
    pd.testing.assert_frame_equal(*ordered, check_dtype=False)
    assert actual["estimate_minutes"].isna().any()


def test_weeks_begin_on_monday(database_url: str) -> None:
    """Weekly periods change between Sunday and Monday."""
    log = random_log(5)
    sunday = 17_594  # 2018-03-04
    days = [
        entry("a", "sunday", sunday),
        entry("a", "monday", sunday + 1),
        entry("a", "next sunday", sunday + 7),
    ]
    rule = RULES["everybody"]
    with connection_with(database_url, log[0] + days, *log[1:]) as connection:
        actual = aggregates.moments(connection, EVERYTHING, rule, NOW, period="week")
    same_moments(
        actual,
        moments_by_hand(items_by_hand(log[0] + days, *log[1:], EVERYTHING, rule, NOW), "week"),
    )
    weeks = actual[actual["developer"] == "a"].set_index("period")["n"]
    assert list(weeks) == [1, 2]


def test_blocks_count_from_the_cutover_of_the_item(database_url: str) -> None:
    """Block −1 is the last before the cutover, 0 the first from it; the never-treated have none."""
    rule = ArmRule(
        "rollout", (Cutover(100, developer="a"), Cutover(500, developer="b")), never_treated=True
    )
    days = {99: -1, 72: -1, 71: -2, 100: 0, 127: 0, 128: 1}
    entry_rows = [entry("a", f"a{day}", day) for day in days] + [
        entry("b", f"b{day}", day + 400) for day in days
    ]
    with connection_with(database_url, [*entry_rows, entry("c", "t", 100)]) as connection:
        actual = aggregates.moments(connection, EVERYTHING, rule, NOW, period="since")
        with pytest.raises(BadValue, match="only rollouts"):
            aggregates.moments(connection, EVERYTHING, ArmRule("assisted"), NOW, period="since")
    for developer in ("a", "b"):
        blocks = actual[actual["developer"] == developer].set_index("period")["n"].to_dict()
        assert blocks == {-2: 1, -1: 2, 0: 2, 1: 1}
    assert "c" not in set(actual["developer"])


def test_splitting_an_items_entries_changes_nothing(database_url: str) -> None:
    """An item's minutes in a single entry or in several give the same moments."""
    log = random_log(6)
    rng = np.random.default_rng(6)
    split = []
    for row in log[0]:
        first = int(rng.integers(0, row["seconds"] + 1))
        split.append(row | {"seconds": first})
        second = {"seconds": row["seconds"] - first, "started_epoch": row["started_epoch"] + 60}
        split.append(
            entry(row["developer"], row["task"], 0) | row | second | {"id": f"L{row['id'][1:]}"}
        )
    rule = RULES["all three"]
    with connection_with(database_url, split, *log[1:]) as connection:
        actual = aggregates.moments(connection, EVERYTHING, rule, NOW)
    same_moments(actual, moments_by_hand(items_by_hand(*log, EVERYTHING, rule, NOW)))


def test_the_narrowest_cutover_counts(database_url: str) -> None:
    """A developer's before the team's before everybody's, also where a wider one is earlier."""
    entry_rows = [
        entry("a", "own", 30, team="A"),
        entry("b", "team", 30, team="A"),
        entry("c", "everybody", 30, team="B"),
        entry("c", "nobody's team", 30),
    ]
    rule = ArmRule("rollout", (Cutover(10), Cutover(20, team="A"), Cutover(40, developer="a")))
    late_team = ArmRule("rollout", (Cutover(10), Cutover(50, team="A")))
    with connection_with(database_url, entry_rows) as connection:
        assert arms(connection, rule) == {
            "own": "baseline",
            "team": "assistance",
            "everybody": "assistance",
            "nobody's team": "assistance",
        }
        assert arms(connection, late_team)["own"] == "baseline"


def test_of_two_rollouts_the_earlier_is_the_cutover(database_url: str) -> None:
    """In whatever order two rollouts of the same developer come."""
    rules = [
        ArmRule("rollout", tuple(Cutover(day, developer="a") for day in days))
        for days in ((50, 20), (20, 50))
    ]
    with connection_with(
        database_url, [entry("a", "between", 30), entry("a", "before", 19), entry("a", "on", 20)]
    ) as connection:
        for rule in rules:
            assert arms(connection, rule) == {
                "between": "assistance",
                "before": "baseline",
                "on": "assistance",
            }


def test_the_never_treated_are_baseline_only_in_a_treated_team(database_url: str) -> None:
    """Without a cutover an item is baseline if its team has one, else it has no arm."""
    entry_rows = [
        entry("a", "treated", 30, team="A"),
        entry("b", "beside", 30, team="A"),
        entry("c", "elsewhere", 30, team="B"),
        entry("d", "no team", 30),
    ]
    cutovers = (Cutover(20, developer="a"),)
    with connection_with(database_url, entry_rows) as connection:
        without_never_treated = arms(connection, ArmRule("rollout", cutovers))
        with_never_treated = arms(connection, ArmRule("rollout", cutovers, never_treated=True))
        counts = aggregates.without_arm(connection, EVERYTHING, ArmRule("rollout", cutovers), NOW)
    assert without_never_treated == {"treated": "assistance"}
    assert with_never_treated == {"treated": "assistance", "beside": "baseline"}
    assert counts.to_dict("records") == [{"activity": "design", "n": 3}]


def test_every_item_of_a_baseline_alone_is_baseline(database_url: str) -> None:
    """Whatever its entries say, as moments, hours and quality; nothing is left out."""
    rule = ArmRule("baseline")
    entry_rows = [
        entry("a", "unknown", 30),
        entry("b", "no", 30, assisted="no", basis="flag"),
        entry("b", "other", 40, activity="testing"),
    ]
    with connection_with(database_url, entry_rows) as connection:
        assert arms(connection, rule) == dict.fromkeys(("unknown", "no", "other"), "baseline")
        assert set(aggregates.moments(connection, EVERYTHING, rule, NOW)["arm"]) == {"baseline"}
        assert aggregates.without_arm(connection, EVERYTHING, rule, NOW).empty
        hours = hours_by_week.weekly_hours(connection, EVERYTHING, rule, first_day=25, last_day=45)
        quality = entry_aggregates.quality(connection, EVERYTHING, rule, NOW)
    assert set(hours["arm"]) == {"baseline"}
    assert quality["entries"].sum() == 3


@pytest.mark.parametrize(
    ("answers", "recorded"), [((), set()), (("no",), set()), (("no", "yes"), {"assisted"})]
)
def test_flags_make_arms_only_where_one_says_yes(
    database_url: str, answers: tuple[str, ...], recorded: set[str]
) -> None:
    """A log that only says no has nothing to compare."""
    entry_rows = [entry("a", answer, 30, assisted=answer, basis="flag") for answer in answers]
    with connection_with(database_url, [entry("a", "T", 30), *entry_rows]) as connection:
        assert recorded_arm_sources(connection) == recorded


def test_a_log_without_teams_is_one_team(database_url: str) -> None:
    """Without teams a developer who never gets the assistant is baseline."""
    rule = ArmRule("rollout", (Cutover(20, developer="a"),), never_treated=True)
    with connection_with(database_url, [entry("a", "t", 30), entry("b", "u", 30)]) as connection:
        assert arms(connection, rule) == {"t": "assistance", "u": "baseline"}


def test_an_item_has_the_arm_of_its_first_entry(database_url: str) -> None:
    """The first by instant, not by local day: a traveller's may have the second date."""
    entry_rows = [
        entry("a", "straddles", 99),
        entry("a", "straddles", 300),
        entry("a", "traveller", 0, started_epoch=99 * DAY, local_day=100),
        entry("a", "traveller", 0, started_epoch=99 * DAY + 3600, local_day=99),
        entry("a", "changed team", 99, team="A"),
        entry("a", "changed team", 120, team="B"),
    ]
    rule = ArmRule("rollout", (Cutover(100), Cutover(50, team="A"), Cutover(200, team="B")))
    with connection_with(database_url, entry_rows) as connection:
        actual = aggregates.items(connection, EVERYTHING, rule, NOW).set_index("task")
    assert actual["arm"].to_dict() == {
        "straddles": "baseline",
        "traveller": "assistance",
        "changed team": "assistance",
    }
    assert actual.loc["straddles", "minutes"] == 60
    assert actual.loc["straddles", "last_day"] == 300


def test_statuses(database_url: str) -> None:
    """Open before immature before zero before closed; a future completion does not count."""
    now = 200
    days = {
        "quiet": entry("a", "quiet", 170, started_epoch=170 * DAY - 1800),
        "not quiet": entry("a", "not quiet", 170, started_epoch=170 * DAY),
        "done": entry("a", "done", 199),
        "done by task": entry("a", "done by task", 199),
        "ahead": entry("a", "ahead", 199),
        "late": entry("a", "late", 199),
        "late and open": entry("a", "late and open", 199),
        "nothing": entry("a", "nothing", 100, seconds=0),
        "nothing yet": entry("a", "nothing yet", 199, seconds=0),
        "nothing of late": entry("a", "nothing of late", 199, seconds=0),
    }
    items = [
        item("a", "done", completed_epoch=199 * DAY + DAY // 2),
        item("a", "ahead", completed_epoch=201 * DAY),
        item("a", "late", completed_epoch=199 * DAY + DAY // 2),
        item("a", "nothing of late", completed_epoch=199 * DAY + DAY // 2),
    ]
    task_rows = [task("done by task", completed_epoch=now * DAY)]
    with connection_with(database_url, days.values(), items, task_rows) as connection:
        frames = {
            limit: aggregates.items(
                connection, EVERYTHING, FROM_DAY_100, MaturityRule(now * DAY, last_start_day=limit)
            )
            for limit in (None, 198)
        }
    unlimited, limited = (
        dict(zip(frame["task"], frame["status"], strict=True)) for frame in frames.values()
    )
    assert unlimited == {
        "quiet": "closed",
        "not quiet": "open",
        "done": "closed",
        "done by task": "closed",
        "ahead": "open",
        "late": "closed",
        "late and open": "open",
        "nothing": "zero",
        "nothing yet": "open",
        "nothing of late": "zero",
    }
    changed = {name for name in unlimited if limited[name] != unlimited[name]}
    assert changed == {"done", "done by task", "late", "nothing of late"}
    assert {limited[name] for name in changed} == {"immature"}


def test_an_estimate_made_after_the_work_began_does_not_count(database_url: str) -> None:
    """An estimate made in the second of the first start counts; one second later it does not."""
    log = [entry("a", name, 100) for name in ("before", "late")]
    began = log[0]["started_epoch"]
    task_rows = [
        item("a", name, estimate_minutes=20.0, estimated_epoch=began + late)
        for name, late in (("before", 0), ("late", 1))
    ]
    with connection_with(database_url, log, task_rows) as connection:
        actual = aggregates.items(connection, EVERYTHING, FROM_DAY_100, NOW).set_index("task")[
            "estimate_minutes"
        ]
    assert actual["before"] == 20.0
    assert np.isnan(actual["late"])


def test_an_items_estimate_takes_precedence_over_its_tasks(database_url: str) -> None:
    """An estimate of 0 or less counts as missing, in items and in tasks."""
    entry_rows = [entry("a", name, 100) for name in ("own", "shared", "zero", "neither", "unknown")]
    items = [item("a", "own", estimate_minutes=20.0), item("a", "zero", estimate_minutes=0.0)]
    task_rows = [task(name, estimate_minutes=50.0) for name in ("own", "shared", "zero")]
    task_rows.append(task("neither", estimate_minutes=-1.0))
    with connection_with(database_url, entry_rows, items, task_rows) as connection:
        actual = aggregates.items(connection, EVERYTHING, FROM_DAY_100, NOW).set_index("task")[
            "estimate_minutes"
        ]
        sums = aggregates.moments(connection, EVERYTHING, FROM_DAY_100, NOW).set_index("estimated")
    assert actual.dropna().to_dict() == {"own": 20.0, "shared": 50.0, "zero": 50.0}
    assert sums["n"].to_dict() == {True: 3, False: 2}
    assert sums.loc[False, ["x", "xx", "w", "tw"]].tolist() == [0, 0, 0, 0]


def test_durations_are_whole_days_to_completion(database_url: str) -> None:
    """From the first start to completion, else to the last end; at least 0; closed items only."""
    entry_rows = [
        entry("a", "recorded", 10),
        entry("a", "worked", 10),
        entry("a", "worked", 15),
        entry("a", "backdated", 10),
        entry("a", "open", 190),
        entry("a", "empty", 10, seconds=0),
    ]
    items = [
        item("a", "recorded", completed_epoch=21 * DAY),
        item("a", "backdated", completed_epoch=3 * DAY),
    ]
    with connection_with(database_url, entry_rows, items) as connection:
        actual = aggregates.durations(connection, EVERYTHING, FROM_DAY_100, MaturityRule(200 * DAY))
    assert actual.to_dict("records") == [
        {"activity": "design", "arm": "baseline", "days": days, "n": 1} for days in (0, 5, 10)
    ]


def test_bins_of_the_distribution_are_rounded_down(database_url: str) -> None:
    """A bin has e^(b·width) ≤ minutes < e^((b+1)·width), also below a minute; 0 is in none."""
    entry_rows = [
        entry("a", f"t{seconds}", 10, seconds=seconds) for seconds in (0, 20, 59, 60, 61, 4000)
    ]
    with connection_with(database_url, entry_rows) as connection:
        actual = aggregates.distribution(connection, EVERYTHING, FROM_DAY_100, NOW, width=0.5)
    expected = pd.Series(
        np.floor(np.log(np.array([20, 59, 60, 61, 4000]) / 60) / 0.5).astype(int)
    ).value_counts()
    assert actual.set_index("bin")["n"].to_dict() == expected.to_dict()


def test_projects_are_counted_by_arm(database_url: str) -> None:
    """Closed items by project; a task without one has a missing project."""
    entry_rows = [
        entry("a", "p1", 10),
        entry("b", "p1", 150),
        entry("a", "q1", 10),
        entry("a", "none", 10),
    ]
    with connection_with(
        database_url, entry_rows, [], [task("p1", project="p"), task("q1", project="q")]
    ) as connection:
        actual = aggregates.projects(connection, EVERYTHING, FROM_DAY_100, NOW)
    counts = {
        (row.arm, None if pd.isna(row.project) else row.project): row.n
        for row in actual.itertuples()
    }
    assert counts == {
        ("assistance", "p"): 1,
        ("baseline", "p"): 1,
        ("baseline", "q"): 1,
        ("baseline", None): 1,
    }


def test_the_span_of_the_log(database_url: str) -> None:
    """First and last day, last instant (also of an entry without an end), number of entries."""
    unended = entry("a", "u", 30, seconds=600, ended_epoch=None, interruption_seconds=60, team="A")
    with connection_with(
        database_url,
        [entry("a", "t", 10), unended, entry("b", "t", 20)],
        [],
        [task("t", project="p")],
    ) as connection:
        assert aggregates.log_span(connection, EVERYTHING) == LogSpan(
            10, 30, 30 * DAY + 9 * 3600 + 660, 3
        )
        assert aggregates.log_span(connection, Selection(team="A")).entries == 1
        assert aggregates.log_span(connection, Selection(project="p", first_day=15)) == LogSpan(
            20, 20, 20 * DAY + 9 * 3600 + 1800, 1
        )


def test_the_span_leaves_out_isolated_and_future_entries(database_url: str) -> None:
    """A lone entry years later does not move the end; entries after the clock are not counted."""
    log = [*(entry("a", f"t{day}", day) for day in range(100, 200)), entry("a", "lone", 3000)]
    clock_epoch = 3001 * DAY
    with connection_with(database_url, [*log, entry("a", "later", 9000)]) as connection:
        span = aggregates.log_span(connection, Selection(clock_epoch=clock_epoch))
    assert span == LogSpan(
        100,
        3000,
        199 * DAY + 9 * 3600 + 1800,
        101,
        isolated_entries=1,
        future_entries=1,
    )


def test_the_span_ends_at_the_clock(database_url: str) -> None:
    """An entry that ends within a day after the clock belongs to the log, which ends at the clock.

    The start of a day without a time is noon.
    """
    log = [entry("a", "t", 100), entry("a", "u", 101)]
    clock_epoch = 101 * DAY
    with connection_with(database_url, log) as connection:
        span = aggregates.log_span(connection, Selection(clock_epoch=clock_epoch))
    assert span == LogSpan(100, 101, clock_epoch, 2)


def test_entries_after_the_clock_are_in_no_work_item(database_url: str) -> None:
    """The minutes of an item are those up to the clock."""
    log = [entry("a", "t", 10, 30), entry("a", "t", 9000, 500), entry("a", "u", 9000, 500)]
    selection = Selection(clock_epoch=20_000 * DAY // 10)
    with connection_with(database_url, log) as connection:
        items = aggregates.items(connection, selection, FROM_DAY_100, NOW)
    assert items[["task", "minutes"]].to_numpy().tolist() == [["t", 30.0]]


def test_an_empty_database_gives_empty_frames_of_the_same_types(database_url: str) -> None:
    """Without entries there are no rows, and the columns have their types."""
    with connection_with(database_url, []) as empty:
        assert aggregates.log_span(empty, EVERYTHING) == LogSpan(None, None, None, 0)
        assert aggregates.without_arm(empty, EVERYTHING, FROM_DAY_100, NOW).empty
        assert aggregates.distribution(empty, EVERYTHING, FROM_DAY_100, NOW, width=0.25).empty
        frames = [
            aggregates.moments(empty, EVERYTHING, FROM_DAY_100, NOW),
            aggregates.items(empty, EVERYTHING, FROM_DAY_100, NOW),
        ]
    for frame, numbers in zip(
        frames, (["n", "yy", "period"], ["day", "minutes", "estimate_minutes"]), strict=True
    ):
        assert frame.empty
        assert all(pd.api.types.is_numeric_dtype(frame[name]) for name in numbers)


def test_no_cutover_at_all_gives_no_arm(database_url: str) -> None:
    """A rollout rule without rollouts leaves every item without an arm."""
    with connection_with(database_url, [entry("a", "t", 10)]) as connection:
        assert arms(connection, ArmRule("rollout", never_treated=True)) == {}
        assert aggregates.without_arm(connection, EVERYTHING, ArmRule("rollout"), NOW)[
            "n"
        ].tolist() == [1]


def test_a_thousand_cutovers_are_joined(database_url: str) -> None:
    """Each of 1,000 developers has the arm by their own cutover."""
    entry_rows = [entry(f"d{i}", "t", 100) for i in range(1000)]
    rule = ArmRule("rollout", tuple(Cutover(100 + i % 2, developer=f"d{i}") for i in range(1000)))
    with connection_with(database_url, entry_rows) as connection:
        actual = aggregates.items(connection, EVERYTHING, rule, NOW)
    odd = actual["developer"].str[1:].astype(int) % 2
    assert len(actual) == 1000
    assert (actual["arm"] == np.where(odd == 0, "assistance", "baseline")).all()


@pytest.mark.shared
def test_moments_equal_rows_on_the_real_log(cesaw: Path, tmp_path: Path) -> None:
    """On the real log, 203,619 entries, the moments by SQLite equal those of pandas to 1e-9."""
    log, estimates = real_log(cesaw)
    columns = ", ".join(log.columns)
    marks = ", ".join("?" * len(log.columns))
    task_rows = [task(name, estimate_minutes=minutes) for name, minutes in estimates.items()]
    rule = ArmRule("rollout", (Cutover(16_000), Cutover(15_800, team="149")))
    with connection_with(f"sqlite:///{tmp_path / 'real.db'}", [], [], task_rows) as connection:
        rows = list(log.itertuples(index=False, name=None))
        connection.exec_driver_sql(f"INSERT INTO entries ({columns}) VALUES ({marks})", rows)
        entry_totals.rebuild(connection)
        actual = aggregates.moments(
            connection, Selection(activities=("design", "testing")), rule, NOW
        )
    same_moments(actual, moments_by_pandas(log, estimates))


def real_log(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Return the CESAW log as rows of ``entries`` (times read as UTC), and estimates by task."""
    raw = pd.read_csv(folder / "CESAW_time_fact.csv.xz", na_values="\\N", dtype=str)
    start = pd.to_datetime(raw["time_log_start_date"], format="%m/%d/%Y %H:%M", errors="coerce")
    usable = start.dt.year > 2000
    raw, start = raw[usable], start[usable]
    phase = raw["phase_short_name"].fillna("")
    design = phase.str.contains("Design|HLD")
    testing = phase.str.contains("Test") | (phase == "IT")
    epoch = (start - pd.Timestamp(0)) // pd.Timedelta(seconds=1)
    seconds = (raw["time_log_delta_minutes"].astype(float).clip(lower=0) * 60).astype(int)
    log = pd.DataFrame(
        {
            "developer": raw["person_key"],
            "id": [f"{i:036d}" for i in range(len(raw))],
            "task": raw["plan_item_key"],
            "activity": np.select([design, testing], ["design", "testing"], "other"),
            "team": raw["team_key"],
            "started_epoch": epoch,
            "zone": "UTC",
            "seconds": seconds,
            "interruption_seconds": 0,
            "local_day": epoch // DAY,
            "local_month": (start.dt.year - 1970) * 12 + start.dt.month - 1,
            "assisted": "unknown",
            "logged_epoch": epoch,
        }
    )
    planned = pd.read_csv(
        folder / "CESAW_task_fact.csv.xz", na_values="\\N", dtype={"plan_item_key": str}
    )
    return log, planned.drop_duplicates("plan_item_key").set_index("plan_item_key")[
        "task_plan_time_minutes"
    ].astype(float)


def moments_by_pandas(log: pd.DataFrame, estimates: pd.Series) -> pd.DataFrame:
    """Return the moments of design and testing, with cutovers 16,000 and, for team 149, 15,800."""
    judged = log[log["activity"].isin(["design", "testing"])]
    keys = ["developer", "task", "activity"]
    first = (
        judged.sort_values(["started_epoch", "local_day"], kind="stable")
        .drop_duplicates(keys)
        .set_index(keys)
    )
    items = (
        first[["local_day", "local_month", "team"]]
        .join(judged.groupby(keys)["seconds"].sum())
        .reset_index()
    )
    cutover = np.where(items["team"] == "149", 15_800, 16_000)
    rows = pd.DataFrame(
        {
            "developer": items["developer"],
            "task": items["task"],
            "activity": items["activity"],
            "arm": np.where(items["local_day"] >= cutover, "assistance", "baseline"),
            "day": items["local_day"],
            "month": items["local_month"],
            "status": np.where(items["seconds"] == 0, "zero", "closed"),
            "minutes": items["seconds"] / 60,
            "estimate_minutes": items["task"].map(estimates[estimates > 0]).fillna(0),
        }
    )
    return moments_by_hand(rows.to_dict("records"))
