"""The real log (CESAW, 203,621 entries of 2010–2016, before AI assistance) through the whole way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.person import Person

from benchmarks.log import MAP, TASKS_MAP, real_log

pytestmark = pytest.mark.shared

DAY = "2015-03-05"
TEAM = "149"
CHECK = ("check", "--team", TEAM, "--design", "before-after")


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The entries and the tasks, unpacked."""
    return real_log(tmp_path_factory.mktemp("cesaw"))


def imported(person: Person, log: Path, tasks: Path) -> Person:
    """A person who brought the log and its estimates in, and rolled a placebo out to one team."""
    said = person.run("import", "csv", str(log), "--map", str(MAP), "--on-error", "skip").stderr
    assert "kept 203,618 entries, 3 rejected" in said
    person.run("import", "tasks", str(tasks), "--map", str(TASKS_MAP), "--on-error", "skip")
    person.run("rollout", "placebo", "--on", DAY, "--team", TEAM)
    return person


@pytest.fixture(scope="module")
def placebo(csv: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Nothing happened on the day of the rollout."""
    return imported(Person(tmp_path_factory.mktemp("placebo")), *csv)


@pytest.fixture(scope="module")
def injected(csv: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Person:
    """From that day on design took 1/1.5, testing 1/1.4 of its time."""
    folder = tmp_path_factory.mktemp("injected")
    return imported(Person(folder / "home"), speed_up(csv[0], folder / "faster.csv"), csv[1])


def speed_up(log: Path, into: Path) -> Path:
    """The log with the minutes of items first worked on from the day on divided: design by 1.5, testing by 1.4."""
    frame = pd.read_csv(log, dtype=str, keep_default_na=False)
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
    return {
        row["activity"]: row["efficiency_gain"] for row in person.json(*CHECK, *options)["results"]
    }


def test_where_nothing_happened_no_gain_lies_inside_both_intervals(placebo: Person) -> None:
    """The two claims judged together, at 97.5 % each: nothing is found, and nothing is ruled out that is true."""
    for gain in gains(placebo).values():
        assert gain["low"] < 0 < gain["high"]


@pytest.mark.parametrize(
    ("activity", "low", "high"), [("design", -0.29, 0.39), ("testing", -0.50, 0.12)]
)
def test_the_placebos_intervals_alone(
    placebo: Person, activity: str, low: float, high: float
) -> None:
    """At 95 % each, as they were found when the method was settled."""
    gain = gains(placebo, "--activity", activity)[activity]
    assert (gain["low"], gain["high"]) == (
        pytest.approx(low, abs=0.015),
        pytest.approx(high, abs=0.015),
    )


def test_what_was_put_in_is_covered(injected: Person) -> None:
    """+50 % and +40 % of output per hour lie inside the intervals."""
    found = gains(injected)
    assert found["design"]["low"] < 0.5 < found["design"]["high"]
    assert found["testing"]["low"] < 0.4 < found["testing"]["high"]


def test_a_second_import_adds_nothing(placebo: Person, csv: tuple[Path, Path]) -> None:
    """Twice is once: every row is there already."""
    said = placebo.run("import", "csv", str(csv[0]), "--map", str(MAP), "--on-error", "skip").stderr
    assert "kept nothing, 203,618 there already, 3 rejected" in said
    assert placebo.json("db", "status")["rows"]["entries"] == 203_618
