"""The real log (CESAW, 203,621 entries of 2010–2016, before AI assistance) end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.item_counts import counted_work_items
from support.person import Person
from support.real_log import RealLog, import_log

from benchmarks.log import MAP

pytestmark = [
    pytest.mark.shared,
    pytest.mark.xdist_group("real log"),
    pytest.mark.usefixtures("without_plans"),
]

DAY = "2015-03-05"
TEAM = "149"
CHECK = ("check", "--team", TEAM, "--design", "before-after")


def with_rollout(person: Person) -> Person:
    """Record a rollout of the team on a day on which nothing happened."""
    person.run("rollout", "placebo", "--on", DAY, "--team", TEAM)
    return person


@pytest.fixture(scope="module")
def placebo(real_log: RealLog, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person whose log has such a rollout."""
    return with_rollout(real_log.copy_to(tmp_path_factory.mktemp("placebo") / "home"))


@pytest.fixture(scope="module")
def with_gain(real_log: RealLog, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person with the team's log, in which design takes 1/1.5 and testing 1/1.4 from that day."""
    folder = tmp_path_factory.mktemp("gain")
    person = Person(folder / "home")
    import_log(person, speed_up(real_log.csv, folder / "faster.csv"), real_log.tasks)
    return with_rollout(person)


def speed_up(log: Path, into: Path) -> Path:
    """Write the team's log, the minutes of items begun from the day on divided by 1.5 or 1.4."""
    frame = pd.read_csv(log, dtype=str, keep_default_na=False)
    frame = frame[frame["team_key"] == TEAM]
    phase = frame["phase_short_name"]
    design = phase.str.contains("Design") | phase.str.startswith("HLD")
    testing = ~design & (phase.str.contains("Test") | (phase == "IT"))
    start = pd.to_datetime(frame["time_log_start_date"], format="%m/%d/%Y %H:%M", errors="coerce")
    keys = [frame["person_key"], frame["plan_item_key"], design, testing]
    late = start.groupby(keys).transform("min") >= DAY
    minutes = frame["time_log_delta_minutes"].astype(float)
    minutes = minutes.where(~(late & design), minutes / 1.5).where(~(late & testing), minutes / 1.4)
    frame.assign(time_log_delta_minutes=minutes.round(4)).to_csv(into, index=False)
    return into


def gains(person: Person, *options: str) -> dict[str, Any]:
    """The interval of the efficiency gain by activity."""
    results = person.json(*CHECK, *options)["results"]
    return {row["activity"]: row["efficiency_gain"] for row in results}


def test_a_placebo_rollout_shows_no_gain(placebo: Person) -> None:
    """Both intervals contain 0 when the two claims are judged together, at 97.5 % each."""
    for gain in gains(placebo).values():
        assert gain["low"] < 0 < gain["high"]


@pytest.mark.parametrize(
    ("activity", "low", "high"), [("design", -0.27, 0.37), ("testing", -0.49, 0.05)]
)
def test_the_placebo_intervals_have_the_expected_bounds(
    placebo: Person, activity: str, low: float, high: float
) -> None:
    """Each activity judged alone, at 95 %."""
    gain = gains(placebo, "--activity", activity)[activity]
    assert (gain["low"], gain["high"]) == (
        pytest.approx(low, abs=0.015),
        pytest.approx(high, abs=0.015),
    )


def test_an_added_gain_is_covered(with_gain: Person) -> None:
    """The intervals contain the added +50 % and +40 % of output per hour."""
    intervals = gains(with_gain)
    assert intervals["design"]["low"] < 0.5 < intervals["design"]["high"]
    assert intervals["testing"]["low"] < 0.4 < intervals["testing"]["high"]


def test_work_items_are_counted_alike_everywhere(real_log: RealLog, tmp_path: Path) -> None:
    """The import, the database, `team` and `check` agree."""
    person = real_log.copy_to(tmp_path / "home")
    url = f"sqlite:///{person.data / 'tracker.db'}"
    counts = counted_work_items(person, url, real_log.message)
    assert set(counts.values()) == {counts["database"]}


def test_a_second_import_adds_nothing(placebo: Person, real_log: RealLog) -> None:
    """Every row of the second import exists already."""
    assert "kept 203,618 entries, 3 rejected" in real_log.message
    message = placebo.run(
        "import", "csv", str(real_log.csv), "--map", str(MAP), "--on-error", "skip"
    ).stderr
    assert "kept nothing, 3 rejected; there already: 203,618 entries" in message
    assert placebo.json("db", "status")["rows"]["entries"] == 203_618
