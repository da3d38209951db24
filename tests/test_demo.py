"""The demo's log: made up, but as a team of developers would have written it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tracker import demo
from tracker.domain.synthetic import TRUE_GAINS

TIMES = ["begun", "ended", "estimated", "done"]
ROLLOUTS = {team: pd.Timestamp(day) for team, day in demo.WAVES}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """The log of seed 1, with times and numbers."""
    rows = pd.DataFrame(demo.log(np.random.default_rng(1)))
    numbers = rows[["minutes", "interrupted", "estimate"]].apply(pd.to_numeric)
    return rows.assign(**rows[TIMES].apply(pd.to_datetime), **numbers)


@pytest.fixture(scope="module")
def items(log: pd.DataFrame) -> pd.DataFrame:
    """One row for each work item, with whether it was begun after the team's rollout."""
    grouped = log.groupby(["team", "who", "issue", "phase"])
    frame = grouped.agg(
        begun=("begun", "min"),
        done=("done", "max"),
        minutes=("minutes", "sum"),
        estimate=("estimate", "first"),
        estimated=("estimated", "first"),
        ai=("ai", "first"),
    ).reset_index()
    return frame.assign(after=frame["begun"] >= frame["team"].map(ROLLOUTS))


def test_the_seed_determines_the_log() -> None:
    """Rows are those of the columns, equal for one seed and others for another."""
    first, again, other = (list(demo.log(np.random.default_rng(seed))) for seed in (3, 3, 4))
    assert first == again != other
    assert tuple(first[0]) == ("id", *(name for name in demo.COLUMNS if name != "id"))


def test_developers_do_one_thing_after_another(log: pd.DataFrame) -> None:
    """No entry overlaps another of its developer, and none is in the night or on a weekend."""
    by_time = log.sort_values(["who", "begun"])
    overlaps = by_time["begun"] < by_time.groupby("who")["ended"].shift()
    assert not overlaps.any()
    assert (log["begun"].dt.day_of_week < 5).all()
    assert (log["begun"].dt.hour >= 9).all()
    assert (log["ended"] <= log["begun"].dt.normalize() + pd.Timedelta(hours=18)).all()
    hours = log.groupby(["who", log["begun"].dt.date])["minutes"].sum() / 60
    assert 5.5 < hours.mean() < 7.0
    assert hours.max() < 9.0


def test_the_clocks_change_outside_of_working_hours(log: pd.DataFrame) -> None:
    """Every time exists once in the zone, and the log spans both changes of the year."""
    zoned = log["begun"].dt.tz_localize(demo.ZONE, ambiguous="raise", nonexistent="raise")
    assert zoned.map(lambda time: time.utcoffset()).nunique() == 2


def test_the_team_is_as_described(log: pd.DataFrame) -> None:
    """Three teams of five developers, 38 weeks, and the activities of a task in their order."""
    assert log.groupby("team")["who"].nunique().to_dict() == dict.fromkeys(ROLLOUTS, 5)
    days = (log["begun"].dt.normalize() - pd.Timestamp(demo.FIRST_DAY)).dt.days
    assert (days.min(), days.max()) == (0, 7 * demo.WEEKS - 3)
    order = log["phase"].map(demo.ACTIVITIES.index)
    assert (order.groupby([log["who"], log["issue"]]).diff().dropna() >= 0).all()


def test_entries_are_rounded_and_interrupted(log: pd.DataFrame) -> None:
    """Minutes are multiples of five, and with the interruption they fill the entry."""
    assert (log["minutes"] % 5 == 0).all()
    span = (log["ended"] - log["begun"]).dt.total_seconds() / 60
    assert (span == log["minutes"] + log["interrupted"]).all()
    assert 0.2 < (log["interrupted"] > 0).mean() < 0.5


def test_some_estimates_are_missing_and_some_work_is_unfinished(items: pd.DataFrame) -> None:
    """About 4 % have no estimate; at the end each developer has one item open at most."""
    assert items["estimate"].isna().mean() == pytest.approx(0.04, abs=0.01)
    assert (items["estimated"] <= items["begun"]).all()
    unfinished = items[items["done"].isna()]
    assert 10 <= len(unfinished) <= 15
    assert unfinished["who"].is_unique


def test_assistance_begins_with_the_rollout(items: pd.DataFrame) -> None:
    """None before it, and 95 % from then on."""
    assert (items.loc[~items["after"], "ai"] == "no").all()
    assert (items.loc[items["after"], "ai"] == "yes").mean() == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("activity", demo.ACTIVITIES)
def test_the_true_gains_are_in_the_minutes(activity: str) -> None:
    """The mean ln(minutes/estimate) falls by ln(1 + gain) within developers, over five seeds."""
    differences = []
    for seed in range(5):
        rows = pd.DataFrame(demo.log(np.random.default_rng(seed)))
        rows = rows[rows["phase"] == activity].astype({"minutes": float})
        rows["after"] = pd.to_datetime(rows["begun"]) >= rows["team"].map(ROLLOUTS)
        item = rows.groupby(["who", "issue"]).agg(
            minutes=("minutes", "sum"), estimate=("estimate", "first"), after=("after", "first")
        )
        item = item[item["estimate"] != ""]
        y = np.log(item["minutes"] / item["estimate"].astype(float))
        means = y.groupby([item.index.get_level_values("who"), item["after"]]).mean().unstack()
        differences += (means[True] - means[False]).tolist()
    error = np.std(differences) / math.sqrt(len(differences))
    expected = -math.log1p(TRUE_GAINS.get(activity, 0.0))
    assert np.mean(differences) == pytest.approx(expected, abs=3.5 * error)
    assert error < 0.02
