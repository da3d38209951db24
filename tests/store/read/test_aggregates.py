"""Work items and their moments as the database reduces them, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection
from support.made_logs import (
    DAY,
    NOW,
    entry,
    item,
    items_by_hand,
    kept,
    moments_by_hand,
    random_log,
    same_moments,
    task,
)

from tracker.domain.errors import BadValue
from tracker.domain.records import ArmRule, Cutover, MaturityRule, Selection
from tracker.store.read import aggregates

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
    """Arm by task, of the items that have one."""
    found = aggregates.items(connection, EVERYTHING, rule, NOW)
    return dict(zip(found["task"], found["arm"], strict=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_moments_equal_rows_under_every_rule(database_url: str, seed: int) -> None:
    """On random logs the moments are, to 1e-9, what loops over the rows give, whatever makes the arms."""
    log = random_log(seed)
    maturity = MaturityRule(16_190 * DAY, last_start_day=16_150)
    with kept(database_url, *log) as connection:
        for rule in RULES.values():
            expected = items_by_hand(*log, EVERYTHING, rule, maturity)
            found = aggregates.moments(connection, EVERYTHING, rule, maturity)
            assert len(found) > 10
            same_moments(found, moments_by_hand(expected))
            armless = aggregates.without_arm(connection, EVERYTHING, rule, maturity)
            assert armless["n"].sum() == sum(i["arm"] is None for i in expected)


def test_moments_equal_rows_in_every_selection(database_url: str) -> None:
    """Team, developer and activity choose entries; project and days choose items by their first entry."""
    log = random_log(3)
    selections = [
        Selection(activities=("design", "testing")),
        Selection(team="A"),
        Selection(developer="d2"),
        Selection(project="p"),
        Selection(first_day=16_020, last_day=16_060),
        Selection(activities=("coding",), team="B", project="q", first_day=16_010),
    ]
    with kept(database_url, *log) as connection:
        for selection in selections:
            expected = items_by_hand(*log, selection, RULES["everybody"], NOW)
            assert expected
            found = aggregates.moments(connection, selection, RULES["everybody"], NOW)
            same_moments(found, moments_by_hand(expected))


def test_items_equal_rows(database_url: str) -> None:
    """The items frame holds what loops over the rows give, one row each, NaN where there is no estimate."""
    log = random_log(4)
    with kept(database_url, *log) as connection:
        found = aggregates.items(connection, EVERYTHING, RULES["teams"], NOW)
    rows = [i for i in items_by_hand(*log, EVERYTHING, RULES["teams"], NOW) if i["arm"] is not None]
    expected = pd.DataFrame(rows)[list(found.columns)]
    keys = ["developer", "task", "activity"]
    both = (frame.sort_values(keys).reset_index(drop=True) for frame in (found, expected))
    pd.testing.assert_frame_equal(*both, check_dtype=False)
    assert found["estimate_minutes"].isna().any()


def test_weeks_begin_on_monday(database_url: str) -> None:
    """Weekly periods change between Sunday and Monday, and their moments equal the rows'."""
    log = random_log(5)
    sunday = 17_594  # 2018-03-04
    days = [
        entry("a", "sunday", sunday),
        entry("a", "monday", sunday + 1),
        entry("a", "next sunday", sunday + 7),
    ]
    rule = RULES["everybody"]
    with kept(database_url, log[0] + days, *log[1:]) as connection:
        found = aggregates.moments(connection, EVERYTHING, rule, NOW, period="week")
    same_moments(
        found,
        moments_by_hand(items_by_hand(log[0] + days, *log[1:], EVERYTHING, rule, NOW), "week"),
    )
    weeks = found[found["developer"] == "a"].set_index("period")["n"]
    assert list(weeks) == [1, 2]


def test_blocks_since_the_cutover_count_from_each_ones_own(database_url: str) -> None:
    """Blocks of 28 days since the item's own cutover: −1 just before, 0 from it on; the never-treated have none."""
    rule = ArmRule(
        "rollout", (Cutover(100, developer="a"), Cutover(500, developer="b")), never_treated=True
    )
    days = {99: -1, 72: -1, 71: -2, 100: 0, 127: 0, 128: 1}
    logged = [entry("a", f"a{day}", day) for day in days] + [
        entry("b", f"b{day}", day + 400) for day in days
    ]
    with kept(database_url, [*logged, entry("c", "t", 100)]) as connection:
        found = aggregates.moments(connection, EVERYTHING, rule, NOW, period="since")
        with pytest.raises(BadValue, match="only rollouts"):
            aggregates.moments(connection, EVERYTHING, ArmRule("assisted"), NOW, period="since")
    for developer in ("a", "b"):
        blocks = found[found["developer"] == developer].set_index("period")["n"].to_dict()
        assert blocks == {-2: 1, -1: 2, 0: 2, 1: 1}
    assert "c" not in set(found["developer"])


def test_splitting_an_items_entries_changes_nothing(database_url: str) -> None:
    """An item's minutes in one entry or in many: the same moments."""
    log = random_log(6)
    rng = np.random.default_rng(6)
    split = []
    for row in log[0]:
        first = int(rng.integers(0, row["seconds"] + 1))
        split.append(row | {"seconds": first})
        later = {"seconds": row["seconds"] - first, "started_epoch": row["started_epoch"] + 60}
        split.append(
            entry(row["developer"], row["task"], 0) | row | later | {"id": f"L{row['id'][1:]}"}
        )
    rule = RULES["all three"]
    with kept(database_url, split, *log[1:]) as connection:
        found = aggregates.moments(connection, EVERYTHING, rule, NOW)
    same_moments(found, moments_by_hand(items_by_hand(*log, EVERYTHING, rule, NOW)))


def test_a_developers_cutover_goes_before_the_teams_before_everybodys(database_url: str) -> None:
    """Of three cutovers the narrowest counts, even where a wider one is earlier."""
    logged = [
        entry("a", "own", 30, team="A"),
        entry("b", "team", 30, team="A"),
        entry("c", "everybody", 30, team="B"),
        entry("c", "nobody's team", 30),
    ]
    rule = ArmRule("rollout", (Cutover(10), Cutover(20, team="A"), Cutover(40, developer="a")))
    late_team = ArmRule("rollout", (Cutover(10), Cutover(50, team="A")))
    with kept(database_url, logged) as connection:
        assert arms(connection, rule) == {
            "own": "baseline",
            "team": "assistance",
            "everybody": "assistance",
            "nobody's team": "assistance",
        }
        assert arms(connection, late_team)["own"] == "baseline"


def test_two_assistants_after_each_other_cut_at_the_first(database_url: str) -> None:
    """Of two rollouts for the same developer the earlier one's day is the cutover, in whatever order they are given."""
    rules = [
        ArmRule("rollout", tuple(Cutover(day, developer="a") for day in days))
        for days in ((50, 20), (20, 50))
    ]
    with kept(
        database_url, [entry("a", "between", 30), entry("a", "before", 19), entry("a", "on", 20)]
    ) as connection:
        for rule in rules:
            assert arms(connection, rule) == {
                "between": "assistance",
                "before": "baseline",
                "on": "assistance",
            }


def test_never_treated_are_baseline_only_beside_treated_ones(database_url: str) -> None:
    """Without a cutover an item is baseline if its team has somebody with one, else it has no arm."""
    logged = [
        entry("a", "treated", 30, team="A"),
        entry("b", "beside", 30, team="A"),
        entry("c", "elsewhere", 30, team="B"),
        entry("d", "no team", 30),
    ]
    cutovers = (Cutover(20, developer="a"),)
    with kept(database_url, logged) as connection:
        without = arms(connection, ArmRule("rollout", cutovers))
        with_them = arms(connection, ArmRule("rollout", cutovers, never_treated=True))
        counted = aggregates.without_arm(connection, EVERYTHING, ArmRule("rollout", cutovers), NOW)
    assert without == {"treated": "assistance"}
    assert with_them == {"treated": "assistance", "beside": "baseline"}
    assert counted.to_dict("records") == [{"activity": "design", "n": 3}]


def test_a_log_without_teams_is_one_team(database_url: str) -> None:
    """Where nobody logs a team, who never gets the assistant is baseline beside who does."""
    rule = ArmRule("rollout", (Cutover(20, developer="a"),), never_treated=True)
    with kept(database_url, [entry("a", "t", 30), entry("b", "u", 30)]) as connection:
        assert arms(connection, rule) == {"t": "assistance", "u": "baseline"}


def test_an_item_belongs_to_the_side_of_its_first_entry(database_url: str) -> None:
    """By the instant, not by the local day: a traveller's first entry may have the later date."""
    logged = [
        entry("a", "straddles", 99),
        entry("a", "straddles", 300),
        entry("a", "traveller", 0, started_epoch=99 * DAY, local_day=100),
        entry("a", "traveller", 0, started_epoch=99 * DAY + 3600, local_day=99),
        entry("a", "changed team", 99, team="A"),
        entry("a", "changed team", 120, team="B"),
    ]
    rule = ArmRule("rollout", (Cutover(100), Cutover(50, team="A"), Cutover(200, team="B")))
    with kept(database_url, logged) as connection:
        found = aggregates.items(connection, EVERYTHING, rule, NOW).set_index("task")
    assert found["arm"].to_dict() == {
        "straddles": "baseline",
        "traveller": "assistance",
        "changed team": "assistance",
    }
    assert found.loc["straddles", "minutes"] == 60
    assert found.loc["straddles", "last_day"] == 300


def test_statuses(database_url: str) -> None:
    """Open before immature before zero before closed; a completion that lies ahead does not count."""
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
    known = [task("done by task", completed_epoch=now * DAY)]
    with kept(database_url, days.values(), items, known) as connection:
        of = {
            limit: aggregates.items(
                connection, EVERYTHING, FROM_DAY_100, MaturityRule(now * DAY, last_start_day=limit)
            )
            for limit in (None, 198)
        }
    without, limited = (
        dict(zip(frame["task"], frame["status"], strict=True)) for frame in of.values()
    )
    assert without == {
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
    changed = {name for name in without if limited[name] != without[name]}
    assert changed == {"done", "done by task", "late", "nothing of late"}
    assert {limited[name] for name in changed} == {"immature"}


def test_an_estimate_made_when_the_work_had_begun_does_not_count(database_url: str) -> None:
    """Made at the first entry's start it does; a second later it may know the outcome."""
    log = [entry("a", name, 100) for name in ("before", "late")]
    began = log[0]["started_epoch"]
    known = [
        item("a", name, estimate_minutes=20.0, estimated_epoch=began + late)
        for name, late in (("before", 0), ("late", 1))
    ]
    with kept(database_url, log, known) as connection:
        found = aggregates.items(connection, EVERYTHING, FROM_DAY_100, NOW).set_index("task")[
            "estimate_minutes"
        ]
    assert found["before"] == 20.0
    assert np.isnan(found["late"])


def test_an_items_own_estimate_goes_before_its_tasks(database_url: str) -> None:
    """Estimates of 0 or less are missing, wherever they stand."""
    logged = [entry("a", name, 100) for name in ("own", "shared", "zero", "neither", "unknown")]
    items = [item("a", "own", estimate_minutes=20.0), item("a", "zero", estimate_minutes=0.0)]
    known = [task(name, estimate_minutes=50.0) for name in ("own", "shared", "zero")]
    known.append(task("neither", estimate_minutes=-1.0))
    with kept(database_url, logged, items, known) as connection:
        found = aggregates.items(connection, EVERYTHING, FROM_DAY_100, NOW).set_index("task")[
            "estimate_minutes"
        ]
        sums = aggregates.moments(connection, EVERYTHING, FROM_DAY_100, NOW).set_index("estimated")
    assert found.dropna().to_dict() == {"own": 20.0, "shared": 50.0, "zero": 50.0}
    assert sums["n"].to_dict() == {True: 3, False: 2}
    assert sums.loc[False, ["x", "xx", "w", "tw"]].tolist() == [0, 0, 0, 0]


def test_durations_are_whole_days_to_completion(database_url: str) -> None:
    """From the first entry to the recorded completion, else to the last entry's end; never less than 0; closed only."""
    logged = [
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
    with kept(database_url, logged, items) as connection:
        found = aggregates.durations(connection, EVERYTHING, FROM_DAY_100, MaturityRule(200 * DAY))
    assert found.to_dict("records") == [
        {"activity": "design", "arm": "baseline", "days": days, "n": 1} for days in (0, 5, 10)
    ]


def test_distribution_bins_downwards(database_url: str) -> None:
    """Bins hold e^(b·width) ≤ minutes < e^((b+1)·width), below one minute too; items of 0 minutes are in none."""
    logged = [
        entry("a", f"t{seconds}", 10, seconds=seconds) for seconds in (0, 20, 59, 60, 61, 4000)
    ]
    with kept(database_url, logged) as connection:
        found = aggregates.distribution(connection, EVERYTHING, FROM_DAY_100, NOW, width=0.5)
    expected = pd.Series(
        np.floor(np.log(np.array([20, 59, 60, 61, 4000]) / 60) / 0.5).astype(int)
    ).value_counts()
    assert found.set_index("bin")["n"].to_dict() == expected.to_dict()


def test_projects_are_counted_by_arm(database_url: str) -> None:
    """Closed items by project; a task without one has a missing project."""
    logged = [
        entry("a", "p1", 10),
        entry("b", "p1", 150),
        entry("a", "q1", 10),
        entry("a", "none", 10),
    ]
    with kept(
        database_url, logged, [], [task("p1", project="p"), task("q1", project="q")]
    ) as connection:
        found = aggregates.projects(connection, EVERYTHING, FROM_DAY_100, NOW)
    counted = {
        (row.arm, None if pd.isna(row.project) else row.project): row.n
        for row in found.itertuples()
    }
    assert counted == {
        ("assistance", "p"): 1,
        ("baseline", "p"): 1,
        ("baseline", "q"): 1,
        ("baseline", None): 1,
    }


def test_span_tells_what_part_of_the_log_there_is(database_url: str) -> None:
    """First and last day, the last instant (by effort and interruption where no end is known), and the entries."""
    unended = entry("a", "u", 30, seconds=600, ended_epoch=None, interruption_seconds=60, team="A")
    with kept(
        database_url,
        [entry("a", "t", 10), unended, entry("b", "t", 20)],
        [],
        [task("t", project="p")],
    ) as c:
        assert aggregates.log_span(c, EVERYTHING) == (10, 30, 30 * DAY + 9 * 3600 + 660, 3)
        assert aggregates.log_span(c, Selection(team="A")).entries == 1
        assert aggregates.log_span(c, Selection(project="p", first_day=15)) == (
            20,
            20,
            20 * DAY + 9 * 3600 + 1800,
            1,
        )


def test_an_empty_database_gives_empty_frames_of_the_same_types(database_url: str) -> None:
    """No entries: no rows, and numbers stay numbers."""
    with kept(database_url, []) as empty:
        assert aggregates.log_span(empty, EVERYTHING) == (None, None, None, 0)
        assert aggregates.without_arm(empty, EVERYTHING, FROM_DAY_100, NOW).empty
        assert aggregates.distribution(empty, EVERYTHING, FROM_DAY_100, NOW, width=0.25).empty
        found = [
            aggregates.moments(empty, EVERYTHING, FROM_DAY_100, NOW),
            aggregates.items(empty, EVERYTHING, FROM_DAY_100, NOW),
        ]
    for frame, numbers in zip(
        found, (["n", "yy", "period"], ["day", "minutes", "estimate_minutes"]), strict=True
    ):
        assert frame.empty
        assert all(pd.api.types.is_numeric_dtype(frame[name]) for name in numbers)


def test_no_cutover_at_all_gives_no_arm(database_url: str) -> None:
    """A rollout rule without rollouts leaves every item without an arm."""
    with kept(database_url, [entry("a", "t", 10)]) as connection:
        assert arms(connection, ArmRule("rollout", never_treated=True)) == {}
        assert aggregates.without_arm(connection, EVERYTHING, ArmRule("rollout"), NOW)[
            "n"
        ].tolist() == [1]


def test_a_thousand_cutovers_are_joined(database_url: str) -> None:
    """A cutover for each of 1,000 developers, each on its own day, is obeyed."""
    logged = [entry(f"d{i}", "t", 100) for i in range(1000)]
    rule = ArmRule("rollout", tuple(Cutover(100 + i % 2, developer=f"d{i}") for i in range(1000)))
    with kept(database_url, logged) as connection:
        found = aggregates.items(connection, EVERYTHING, rule, NOW)
    odd = found["developer"].str[1:].astype(int) % 2
    assert len(found) == 1000
    assert (found["arm"] == np.where(odd == 0, "assistance", "baseline")).all()


@pytest.mark.shared
def test_moments_equal_rows_on_the_real_log(cesaw: Path, tmp_path: Path) -> None:
    """The real log, 203,619 entries: its moments by SQLite are those of pandas to 1e-9."""
    log, estimates = real_log(cesaw)
    columns = ", ".join(log.columns)
    marks = ", ".join("?" * len(log.columns))
    known = [task(name, estimate_minutes=minutes) for name, minutes in estimates.items()]
    rule = ArmRule("rollout", (Cutover(16_000), Cutover(15_800, team="149")))
    with kept(f"sqlite:///{tmp_path / 'real.db'}", [], [], known) as connection:
        rows = list(log.itertuples(index=False, name=None))
        connection.exec_driver_sql(f"INSERT INTO entries ({columns}) VALUES ({marks})", rows)
        found = aggregates.moments(
            connection, Selection(activities=("design", "testing")), rule, NOW
        )
    same_moments(found, moments_by_pandas(log, estimates))


def real_log(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """The CESAW log as rows of ``entries`` (instants read as UTC), and estimates by task."""
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
    """Design and testing of the real log, with cutovers 16,000 for all and 15,800 for team 149."""
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
