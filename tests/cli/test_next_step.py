"""What an import says to type next, by what the log holds; and that it answers when typed."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from support.person import Person

from tracker.cli.next_step import next_steps
from tracker.domain.arms import LogCounts

CLAIMED = ("design", "testing")

MAP = """
source = "team"
[columns]
developer = "developer"
task = "task"
activity = "activity"
date = "day"
minutes = "minutes"
estimate_minutes = "estimate"
completed_at = "done"
assigned = "arm"
[formats]
date = "%Y-%m-%d"
datetime = "%Y-%m-%d %H:%M"
timezone = "UTC"
missing = [""]
[values.assigned]
"baseline" = "baseline"
"assistance" = "assistance"
"""
LAST_DAY = date(2026, 6, 8)
ROLLOUT = date(2026, 6, 2)


def first(
    by: str,
    arms: Mapping[str, tuple[int, int]],
    items: int = 1332,
    finished: Mapping[str, tuple[int, int]] | None = None,
) -> str:
    """Return the first line for a log in which every work item has an estimate."""
    counts = LogCounts(items, items, by, arms, arms if finished is None else finished)
    return next(iter(next_steps(counts, CLAIMED)))


def test_without_a_rollout_its_date_is_the_next_step() -> None:
    """The baseline is counted."""
    assert first("baseline", {"design": (1332, 0)}) == (
        "next: 1,332 work items, no rollout yet: `tracker rollout NAME --on DATE` sets since when "
        "there is an assistant, and splits them into before and after"
    )


def test_with_enough_in_both_arms_the_verdict_is_the_next_step() -> None:
    """The activities that `check` judges are named; eight finished items in each arm suffice."""
    arms = {"coding": (900, 800), "design": (120, 98), "testing": (80, 8), "review": (200, 7)}
    assert first("rollout", arms) == (
        "next: `tracker check` compares 218 finished work items of design and 88 finished work "
        "items of testing, with and without assistance"
    )


def test_an_activity_without_a_claim_is_named_in_the_command() -> None:
    """Without the option `check` would not judge it; its name is quoted for the shell."""
    assert first("rollout", {"code review": (90, 80)}) == (
        "next: `tracker check --activity 'code review'` compares 170 finished work items of code "
        "review, with and without assistance"
    )


@pytest.mark.parametrize(
    ("by", "numbers", "cure"),
    [
        ("rollout", (104, 3), "keep logging; `tracker plan`"),
        ("rollout", (19, 3), "keep logging; `tracker check` says what is missing"),
        ("rollout", (0, 90), "import the log of before, or correct the date"),
        ("assisted", (0, 90), "makes the work before that day the other arm"),
        ("assisted", (40, 7), "keep logging; `tracker plan`"),
        ("assigned", (3, 4), "keep logging; `tracker check`"),
    ],
)
def test_an_arm_that_is_too_small_is_named_with_its_cure(
    by: str, numbers: tuple[int, int], cure: str
) -> None:
    """The cure fits the smaller arm and what the arms are recorded by."""
    text = first(by, {"design": numbers})
    assert (
        f"of design {numbers[0]} finished without and {numbers[1]} with assistance, and 8 of each "
        "are needed: "
    ) in text
    assert cure in text


def test_unfinished_work_is_told_with_what_finishes_it() -> None:
    """Enough was begun in both arms."""
    text = first("rollout", {"design": (90, 80)}, finished={"design": (90, 7)})
    assert "90 finished without and 7 with assistance" in text
    assert "`tracker task KEY --done` says so, or 30 days after its last entry" in text


def test_work_without_an_arm_is_told() -> None:
    """A rollout of another team concerns none of it."""
    assert "of which none has an arm: see `tracker rollout --list`" in first("rollout", {})


@pytest.mark.parametrize(
    ("estimated", "text"),
    [(0, "no estimates"), (40, "40 of 100 work items have an estimate"), (50, None), (100, None)],
)
def test_missing_estimates_are_told_with_what_they_cost(estimated: int, text: str | None) -> None:
    """None at all, or fewer than half."""
    arms = {"design": (100, 0)}
    lines = list(next_steps(LogCounts(100, estimated, "baseline", arms, arms), CLAIMED))
    assert len(lines) == (1 if text is None else 2)
    assert text is None or text in lines[1]


def test_an_empty_log_has_no_next_step() -> None:
    """An import of tasks alone leaves nothing to compare."""
    assert list(next_steps(LogCounts(0, 0, "baseline", {}, {}), CLAIMED)) == []


def rows(items: int, developers: int, activity: str, *, drawn: bool) -> Iterator[dict[str, object]]:
    """Yield finished work items, four a day and the last of them on the last day."""
    rng = Random(3)
    for number in range(items):
        day = LAST_DAY - timedelta(days=(items - 1 - number) // 4)
        estimate = round(60 * rng.lognormvariate(0, 0.5))
        yield {
            "developer": f"p{number % developers}",
            "task": f"T-{number}",
            "activity": activity,
            "day": day.isoformat(),
            "minutes": round(estimate * rng.lognormvariate(0, 0.4)) + 1,
            "estimate": estimate + 1,
            "done": f"{day} 20:00",
            "arm": rng.choice(["baseline", "assistance"]) if drawn else "",
        }


@pytest.mark.parametrize("arms", ["none", "rollout", "drawn"])
@pytest.mark.parametrize(
    ("items", "developers", "activity"),
    [
        (1, 1, "design"),
        (6, 1, "design"),
        (6, 4, "design"),
        (19, 1, "design"),
        (20, 4, "design"),
        (40, 1, "design"),
        (40, 4, "testing"),
        (40, 5, "design"),
        (60, 5, "coding"),
    ],
)
def test_the_proposed_command_answers(
    tmp_path: Path, arms: str, items: int, developers: int, activity: str
) -> None:
    """It exits with 0, a plan has a number, and a comparison that is promised has an interval."""
    ada = Person(tmp_path)
    if arms == "rollout":
        ada.run("rollout", "Helper", "--on", ROLLOUT.isoformat())
    log, column_map = tmp_path / "log.csv", tmp_path / "map.toml"
    column_map.write_text(MAP, encoding="utf-8")
    with log.open("w", encoding="utf-8", newline="") as file:
        work = list(rows(items, developers, activity, drawn=arms == "drawn"))
        writer = csv.DictWriter(file, list(work[0]))
        writer.writeheader()
        writer.writerows(work)
    message = ada.run("import", "csv", str(log), "--map", str(column_map)).stderr
    (line,) = [line for line in message.splitlines() if line.startswith("next: ")]
    (command,) = re.findall("`tracker ([^`]+)`", line)
    command = command.replace("NAME", "Helper").replace("DATE", ROLLOUT.isoformat())
    output = ada.run(*shlex.split(command.replace("KEY", "T-0"))).stdout
    if command.startswith("plan"):
        assert re.search(rf"^{activity}, .* tell", output, re.MULTILINE | re.IGNORECASE)
    if "compares" in line:
        assert f"{activity.capitalize()}: too little data" not in output
