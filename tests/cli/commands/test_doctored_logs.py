"""Logs of drawn arms that were tampered with, from the import to the verdict and the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import panels
from support.person import Person

pytestmark = pytest.mark.usefixtures("cached_assessments")

MAP = """
source = "trial"
[columns]
developer = "developer"
task = "task"
activity = "activity"
started_at = "started_at"
minutes = "minutes"
estimate_minutes = "estimate_minutes"
assigned = "arm"
[formats]
datetime = "%Y-%m-%d %H:%M:%S"
timezone = "UTC"
"""

Doctor = Callable[[pd.DataFrame], pd.DataFrame]


def trial() -> pd.DataFrame:
    """Return a clean trial of eight developers in which assistance halves the minutes."""
    return panels.items(
        np.random.default_rng(5), developers=8, per_developer=60, effect=float(np.log(0.5))
    )


def assisted(items: pd.DataFrame) -> pd.Series[bool]:
    return items["arm"] == "assistance"


def cut_in_three(items: pd.DataFrame) -> pd.DataFrame:
    """Log each assisted item as three, with the whole estimate each."""
    whole = items[assisted(items)]
    third = whole.assign(minutes=whole["minutes"] / 3)
    parts = [third.assign(task=third["task"] + f"-{part}") for part in range(3)]
    return pd.concat([items[~assisted(items)], *parts], ignore_index=True)


def eight_against_many(items: pd.DataFrame) -> pd.DataFrame:
    """Leave the slowest baseline item of each of the eight developers."""
    baseline = items[~assisted(items)].sort_values("minutes")
    slowest = baseline.groupby("developer").tail(1)
    return pd.concat([slowest, items[assisted(items)]], ignore_index=True)


def halved_estimates(items: pd.DataFrame) -> pd.DataFrame:
    """Halve the baseline's estimates afterwards, so that it seems to have had the small tasks."""
    factor = np.where(assisted(items), 1.0, 0.5)
    return items.assign(estimate_minutes=items["estimate_minutes"] * factor)


def tied_estimates(items: pd.DataFrame) -> pd.DataFrame:
    """Give every assisted task the estimate 120 and every other 60."""
    return items.assign(estimate_minutes=np.where(assisted(items), 120.0, 60.0))


def nearly_tied_estimates(items: pd.DataFrame) -> pd.DataFrame:
    """Do the same, but for differences of a millionth."""
    noise = np.random.default_rng(1).normal(0, 1e-6, len(items))
    tied = tied_estimates(items)
    return tied.assign(estimate_minutes=tied["estimate_minutes"] * (1 + noise))


def estimates_tied_but_for_a_few(items: pd.DataFrame) -> pd.DataFrame:
    """Do the same, but for a minute more on every fiftieth task."""
    tied = tied_estimates(items)
    return tied.assign(
        estimate_minutes=tied["estimate_minutes"] + (np.arange(len(items)) % 50 == 0)
    )


def half_minutes(items: pd.DataFrame) -> pd.DataFrame:
    """Close a quarter of the assisted items after half a minute."""
    short = items.index[assisted(items)][::4]
    return items.assign(minutes=items["minutes"].where(~items.index.isin(short), 0.5))


def judge(home: Path, items: pd.DataFrame) -> tuple[dict[str, Any], str, str]:
    """Import a trial, and return the result, the text and the page about it."""
    home.mkdir()
    person = Person(home)
    start = pd.Timestamp("2025-01-06") + pd.to_timedelta(np.arange(len(items)) * 7, unit="h")
    rows = items.assign(started_at=start.strftime("%Y-%m-%d %H:%M:%S"))
    columns = ["developer", "task", "activity", "started_at", "minutes", "estimate_minutes", "arm"]
    rows[columns].to_csv(home / "trial.csv", index=False)
    (home / "map.toml").write_text(MAP)
    person.run("import", "csv", str(home / "trial.csv"), "--map", str(home / "map.toml"))
    person.run(
        *("claims", "add", "offer", "--activity", "design", "--gain", "10%", "--source", "an offer")
    )
    options = ("offer", "--now", "2026-06-01 00:00")
    result = json.loads(person.run("check", *options, "--format", "json").stdout)["results"][0]
    text = person.run("check", *options).stdout
    person.run("report", *options, "-o", str(home / "page.html"))
    return result, text, (home / "page.html").read_text(encoding="utf-8")


def codes(result: dict[str, Any], severity: str) -> set[str]:
    return {threat["code"] for threat in result["threats"] if threat["severity"] == severity}


def test_a_clean_trial_may_say_that_it_causes(tmp_path: Path) -> None:
    """It supports the claim in the words of cause and effect."""
    result, text, page = judge(tmp_path / "home", trial())
    assert (result["verdict"], result["strength"]) == ("supported", "causes")
    assert "assistance makes it" in text
    assert "shows cause and effect" in page
    assert codes(result, "serious") == set()


@pytest.mark.parametrize(
    "doctor",
    [
        cut_in_three,
        eight_against_many,
        halved_estimates,
        tied_estimates,
        nearly_tied_estimates,
        estimates_tied_but_for_a_few,
    ],
)
def test_arms_that_were_not_drawn_take_the_word_down(tmp_path: Path, doctor: Doctor) -> None:
    """Neither the text nor the page speaks of causes, and no claim is supported."""
    result, text, page = judge(tmp_path / "home", doctor(trial()))
    assert "not-as-drawn" in codes(result, "serious")
    assert result["verdict"] != "supported"
    assert result["strength"].startswith("associated with")
    assert "assistance makes it" not in text
    assert "causes" not in text
    assert "shows cause and effect" not in page
    assert "not like a draw" in page


@pytest.mark.parametrize(
    "doctor", [tied_estimates, nearly_tied_estimates, estimates_tied_but_for_a_few]
)
def test_estimates_tied_to_the_arm_are_not_taken_into_account(
    tmp_path: Path, doctor: Doctor
) -> None:
    """The threat is serious and says what the fit did, without a number of deviations."""
    result, text, _ = judge(tmp_path / "home", doctor(trial()))
    assert "task-mix" in codes(result, "serious")
    assert "ln estimate" not in result["estimator"]
    message = " ".join(text.split())
    assert "does not take sizes into account: the estimates say no more than the arm" in message
    assert "standard deviations" not in message
    assert "too few items have an estimate" not in message
    assert "took next to no time" not in message
    assert "p = 0)" not in message
    assert result["time_ratio"] is not None


def test_half_minute_items_give_no_verdict(tmp_path: Path) -> None:
    """They are guarded as those of 0 minutes are: no ratio, no verdict, and the reason."""
    result, text, page = judge(tmp_path / "home", half_minutes(trial()))
    assert result["verdict"] == "cannot-tell"
    assert result["threats"][0]["code"] == "near-zero-minutes"
    figures = ("time_ratio", "efficiency_gain", "time_saved", "se", "largest_supported")
    assert [result[name] for name in figures] == [None] * 5
    assert (result["sensitivity"], result["estimands"]) == ([], [])
    assert "no verdict" in text
    assert "more efficient" not in text
    assert page.count("took next to no time") == 1
