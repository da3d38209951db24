"""The benchmark that types a developer's day into tracker, timewarrior and Watson."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from benchmarks import keystrokes
from benchmarks.keystrokes import AIMS, DAYS, TASKS, Day

TRACKER, TIMEWARRIOR, WATSON = DAYS


@pytest.fixture(scope="module")
def tracker_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    """The screens of tracker's day, and its entries, the earliest first."""
    screens, log = keystrokes.type_day(TRACKER, tmp_path_factory.mktemp("day") / "home")
    return "".join(screen for _, screen in screens), log[::-1]


def test_ten_tasks_take_few_characters_and_commands() -> None:
    """They take at most ten commands, and 210 characters with every Enter."""
    assert len(TRACKER.lines) == len(TASKS) == 10
    assert sum(TRACKER.commands) <= AIMS["commands"]
    assert sum(TRACKER.characters) <= AIMS["characters"]


def test_what_is_typed_makes_the_days_entries(
    tracker_day: tuple[str, list[dict[str, Any]]],
) -> None:
    """The forgotten half hour, the corrected start and the continued task are in the log."""
    screens, log = tracker_day
    assert [(entry["activity"], entry["task"]) for entry in log] == [
        ("testing", "PAY-7"),
        ("design", "PAY-12"),
        ("testing", "PAY-9"),
        ("design", "PAY-12"),
    ]
    assert (log[0]["started_at"][11:16], log[0]["minutes"]) == ("13:00", 30)
    assert log[1]["started_at"][11:16] == "14:35"
    assert log[1]["minutes"] >= 25
    message = "the estimate of design PAY-12 was made after the work began"
    assert screens.count(message) == 1, "its start was corrected to before the estimate"
    assert "of 3h 00m estimated" in screens


@pytest.mark.timewarrior
@pytest.mark.parametrize("day", [TIMEWARRIOR, WATSON], ids=lambda day: day.command)
def test_the_other_programs_do_the_same_day(day: Day, tmp_path: Path) -> None:
    """Their logs hold the same work: the slip is undone, and the half hour is there."""
    _, log = keystrokes.type_day(day, tmp_path / "home")
    text = str(log)
    assert "PAY-77" not in text
    assert text.count("PAY-7'") == 1
    assert text.count("PAY-9") == 1
    assert text.count("PAY-12") in (2, 3)  # `watson restart` after `cancel` makes one more frame


@pytest.mark.parametrize("hour", range(24))
def test_the_day_is_typed_in_the_afternoon(hour: int) -> None:
    """At any time of day there is a zone in which the clock times typed are of today and past."""
    now = datetime(2026, 6, 10, hour, 30, tzinfo=UTC)
    local = now.astimezone(ZoneInfo(keystrokes.local_afternoon(now)))
    assert local.hour == 15
    assert abs(local.replace(tzinfo=UTC) - now) <= timedelta(hours=14)
