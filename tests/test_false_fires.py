"""The benchmark of threats that are reported of clean logs."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import false_fires
from benchmarks.false_fires import AIMS, AIMS_BY_DATE, SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_made_up_log_gets_an_interval(scenario: Scenario) -> None:
    """It is judged by the design that it was made for, with nothing missing."""
    labels = false_fires.fired_in_logs(scenario, 1, 0)
    assert "too-little-data" not in labels
    assert ("one-rollout-date" in labels) is not scenario.drawn


def test_the_same_seed_gives_the_same_threats() -> None:
    """The database of one log is empty again for the next."""
    labels = [false_fires.fired_in_logs(SCENARIOS[3], 1, number) for number in (0, 1, 0)]
    assert labels[0] == labels[2]


def test_a_tampered_log_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search that the rates are of does find something: a third of the baseline dropped."""
    whole = false_fires.made_up_log

    def tampered(
        scenario: Scenario, rng: np.random.Generator, *, rounded: float
    ) -> dict[str, false_fires.Rows]:
        log = whole(scenario, rng, rounded=rounded)
        baseline = [row["task"] for row in log["work_items"] if row["assigned"] == "baseline"]
        dropped = set(baseline[len(baseline) // 3 :])
        return log | {"entries": [row for row in log["entries"] if row["task"] not in dropped]}

    monkeypatch.setattr(false_fires, "made_up_log", tampered)
    assert "not-as-drawn" in false_fires.fired_in_logs(SCENARIOS[0], 1, 0)


def test_the_table_has_every_aim(capsys: pytest.CaptureFixture[str]) -> None:
    """Also threats that never fired have their row, and the seed is printed."""
    false_fires.main(["--logs", "2", "--workers", "1", "--seed", "3"])
    output = capsys.readouterr().out
    assert all(f"`{name}`" in output for name in AIMS | AIMS_BY_DATE)
    assert "seed 3" in output


def test_the_threats_over_time_are_counted_together() -> None:
    """A log with a trend is counted once, however many of the three threats are reported of it."""
    trending = false_fires.made_up_log

    def with_trend(
        scenario: Scenario, rng: np.random.Generator, *, rounded: float
    ) -> dict[str, false_fires.Rows]:
        log = trending(scenario, rng, rounded=rounded)
        for entry in log["entries"]:
            months = (entry["local_day"] - false_fires.FIRST_DAY) / 30
            entry["seconds"] = max(60, round(entry["seconds"] * 1.2**months))
        return log

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(false_fires, "made_up_log", with_trend)
        labels = false_fires.fired_in_logs(SCENARIOS[3], 1, 0)
    assert "drift" in labels
    assert false_fires.TOGETHER in labels
    assert false_fires.TOGETHER not in false_fires.fired_in_logs(SCENARIOS[3], 1, 0)


def test_the_arms_choose_the_logs(capsys: pytest.CaptureFixture[str]) -> None:
    """``--arms by-date`` makes no log with drawn arms."""
    false_fires.main(["--logs", "1", "--workers", "1", "--arms", "by-date"])
    header = capsys.readouterr().out.splitlines()[0]
    assert "by date, no effect" in header
    assert "drawn, no effect" not in header
