"""A log without both arms: `check`, `plan` and the page say what it is and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.person import Person

pytestmark = pytest.mark.usefixtures("cached_assessments")

COMPARISON_THREATS = {
    *("self-chosen-tasks", "one-rollout-date", "few-developers", "one-arm-developers", "task-mix"),
    *("assisted-missing", "drift", "novelty", "heaping", "late-entries"),
}
"""Threats that a baseline of a few entries must not raise."""


@pytest.fixture
def ada(tmp_path: Path) -> Person:
    return Person(tmp_path)


def log(person: Person, entries: int, *flags: str, minutes: int = 30, done: bool = True) -> None:
    """Log design tasks of whole half-hours, a day each, and mark them as done as they end."""
    for number in range(entries):
        task = f"T-{person.time:%m%d}-{number}"
        person.run("log", "design", task, f"{minutes}m", *flags)
        if done:
            person.run("task", task, "--done")
        person.later(24 * 60)
    person.run("log", "meeting", "daily", "15m")


def design(person: Person, *options: str) -> dict[str, Any]:
    """Return the result about design."""
    (result,) = person.json("check", "--activity", "design", *options)["results"]
    assert result["verdict"] == "cannot-tell"
    assert result["time_ratio"] is None
    return dict(result)


def codes(result: dict[str, Any]) -> set[str]:
    return {threat["code"] for threat in result["threats"]}


@pytest.mark.parametrize("flags", [(), ("--no-ai",)])
@pytest.mark.parametrize("entries", [1, 2, 5])
def test_a_baseline_is_called_one(ada: Person, entries: int, flags: tuple[str, ...]) -> None:
    """It says what it is good for and what to do next, and accuses nobody of choosing tasks."""
    log(ada, entries, *flags)
    result = design(ada)
    assert result["items"] == {"baseline": entries, "assistance": 0}
    assert result["threats"][0]["code"] == "baseline-only"
    assert not codes(result) & {*COMPARISON_THREATS, "too-little-data", "missing-estimates"}
    text = " ".join(ada.run("check", "--activity", "design").stdout.split())
    assert "a baseline alone, nothing to compare it with yet" in text
    assert f"a baseline of {entries} finished work item" in text
    assert "a study is planned from that spread" in text
    assert "`tracker rollout NAME --on DATE`" in text
    assert "`tracker assign ACTIVITY TASK`" in text
    ada.run("report", "-o", str(ada.home / "page.html"))
    page = (ada.home / "page.html").read_text(encoding="utf-8")
    assert "a baseline alone" in page
    assert "a study is planned from that spread" in page


def test_an_unfinished_baseline_says_how_to_finish_it(ada: Person) -> None:
    """Open work does not count, and the advice is to mark what is done."""
    log(ada, 2, done=False)
    (threat,) = (t for t in design(ada)["threats"] if t["code"] == "baseline-only")
    assert "no work item of it counts yet (2 open)" in threat["message"]
    assert "`tracker task KEY --done`" in threat["advice"]


def test_a_rollout_to_come_is_awaited(ada: Person) -> None:
    """The log has no work since its day yet."""
    log(ada, 3)
    ada.run("rollout", "Spark", "--on", "2026-07-20")
    result = design(ada)
    assert codes(result) & {*COMPARISON_THREATS, "too-little-data"} == set()
    assert "no work since the rollout on 2026-07-20 yet" in result["threats"][0]["message"]
    assert "Keep logging" in result["threats"][0]["advice"]


def test_an_early_rollout_needs_the_older_log(ada: Person) -> None:
    """No work before the rollout: the advice is to import, not to log more."""
    log(ada, 3)
    ada.run("rollout", "Spark", "--on", "2026-03-02")
    (threat,) = (t for t in design(ada)["threats"] if t["code"] == "too-little-data")
    assert threat["message"] == "No interval: no work before 2026-03-02: import your older log."
    assert "`tracker import SOURCE FILE`" in threat["advice"]


def test_too_little_work_before_the_rollout_needs_the_older_log_too(ada: Person) -> None:
    """Eight items with assistance and three before: only an older log can fill the baseline."""
    log(ada, 3)
    ada.run("rollout", "Spark", "--on", f"{ada.time:%Y-%m-%d}")
    log(ada, 8)
    (threat,) = (t for t in design(ada)["threats"] if t["code"] == "too-little-data")
    assert "3 work items in the baseline arm, 8 are needed" in threat["message"]
    assert "older log" in threat["advice"]


def test_work_since_the_rollout_that_is_not_finished(ada: Person) -> None:
    """It is there, but open: it says so."""
    log(ada, 3)
    ada.run("rollout", "Spark", "--on", f"{ada.time:%Y-%m-%d}")
    log(ada, 2, done=False)
    (threat,) = (t for t in design(ada)["threats"] if t["code"] == "too-little-data")
    assert "no work item in the assistance arm counts yet (2 open)" in threat["message"]


def test_work_with_assistance_alone(ada: Person) -> None:
    """Every answer is yes: what is missing is work without, or the date of the rollout."""
    log(ada, 3, "--ai")
    result = design(ada)
    assert codes(result) & COMPARISON_THREATS == set()
    assert "--no-ai" in result["threats"][0]["advice"]


def test_an_activity_that_is_not_in_the_log(ada: Person) -> None:
    """It is not called a baseline, and no arm is missed."""
    log(ada, 2)
    (result,) = ada.json("check", "--activity", "testing")["results"]
    assert "no work of this activity is in the log" in result["threats"][0]["message"]
    ada.run("log", "design", "X", "30m", "--ai")
    (result,) = ada.json("check", "--activity", "testing")["results"]
    assert "no work of this activity is in the log" in result["threats"][0]["message"]


def test_an_activity_without_assistance_beside_one_with_it(ada: Person) -> None:
    """Where only another activity was assisted, this one is a baseline."""
    log(ada, 3, "--no-ai")
    ada.run("log", "testing", "X", "30m", "--ai")
    result = design(ada)
    assert result["threats"][0]["code"] == "baseline-only"
    assert "self-chosen-tasks" not in codes(result)


def test_plan_of_a_baseline_says_what_it_needs(ada: Person) -> None:
    """Three work items promise no number; eight that vary do."""
    log(ada, 3)
    (row,) = ada.json("plan", "iflytek-2024-design")
    assert row["items_in_all"] is None
    assert row["reason"] == (
        "3 finished work items without assistance: a plan takes the spread from 8 or more"
    )
    assert "no plan: 3 finished work items" in ada.run("plan", "iflytek-2024-design").stdout
    for minutes in (20, 50, 40, 70, 25):
        log(ada, 1, minutes=minutes)
    rows = ada.json("plan", "iflytek-2024-design")
    assert rows[0]["items_in_all"] > 0
    assert (rows[0]["developers"], rows[0]["developers_more"]) == (1, 4)


def test_twenty_rounded_entries_are_heaped_and_nineteen_are_not(ada: Person) -> None:
    """A share needs some entries to be one, in a baseline as well."""
    log(ada, 19)
    assert "heaping" not in codes(design(ada))
    log(ada, 1)
    assert "heaping" in codes(design(ada))
