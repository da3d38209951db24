"""Generate a synthetic log with preset gains, for ``tracker demo`` and for tests.

Three teams get an assistant one after the other. Each task needs some of design, coding, testing
and review. Minutes are log-normal around an unbiased estimate. Entries are rounded to five minutes,
some estimates are missing, and some work is unfinished at the end.

The log is not drawn by ``tracker.simulation``: work items of a simulated study are drawn for one
activity and independently of each other, so their entries overlap. Here developers do one thing
after another, and the activities of a task follow each other.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType

from tracker.domain.records import Rollout
from tracker.domain.synthetic import SOURCE, TRUE_GAINS
from tracker.domain.times import date_to_day

ZONE = "Europe/London"
FIRST_DAY = date(2025, 3, 3)
WEEKS = 38
WAVES = (("Birch", date(2025, 7, 14)), ("Cedar", date(2025, 8, 25)), ("Dogwood", date(2025, 10, 6)))
DEVELOPERS_PER_TEAM = 5
ROLLOUTS = tuple(Rollout("Helper 1.0", date_to_day(day), team=team) for team, day in WAVES)

SHARES = MappingProxyType({"design": 0.8, "coding": 1.0, "testing": 0.9, "review": 0.5})
"""The probability that a task needs each activity."""
TYPICAL_MINUTES = MappingProxyType({"design": 120, "coding": 240, "testing": 130, "review": 40})
LONGEST_SITTING_MINUTES = 110
SMALLEST_REST_MINUTES = 2
"""A work item with at most this many minutes left is finished."""
SPREAD = 0.45
"""Standard deviation of ln minutes around ln estimate."""

MAP = f"""\
# How the columns of the made-up log are read (see docs/importing.md).
source = "{SOURCE}"
[columns]
key = "id"
developer = "who"
team = "team"
task = "issue"
title = "summary"
project = "component"
activity = "phase"
started_at = "begun"
ended_at = "ended"
minutes = "minutes"
interruption_minutes = "interrupted"
assisted = "ai"
estimate_minutes = "estimate"
estimated_at = "estimated"
completed_at = "done"
[formats]
timezone = "{ZONE}"
"""
COLUMNS = (
    "id",
    "who",
    "team",
    "issue",
    "summary",
    "component",
    "phase",
    "begun",
    "ended",
    "minutes",
    "interrupted",
    "ai",
    "estimate",
    "estimated",
    "done",
)
VERBS = ("Let users", "Speed up", "Replace", "Split", "Secure", "Simplify")
OBJECTS = (
    "the sign-in page",
    "invoices",
    "the search index",
    "nightly exports",
    "the audit log",
    "price lists",
)
COMPONENTS = ("billing", "search", "accounts")


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A work item before it is worked on."""

    task: str
    title: str
    project: str
    activity: str
    minutes: float
    """Minutes that it takes without assistance."""
    estimate: int | None
    """Estimated minutes."""
    planned: datetime
    """When it was estimated."""


def is_demo_folder(folder: Path) -> bool:
    """Return whether ``tracker demo`` filled a folder, judged by its column map."""
    map_file = folder / "map.toml"
    if not map_file.is_file():
        return False
    lines = map_file.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[:2] == MAP.splitlines()[:2]


def write_log(path: Path, rng: Random) -> None:
    """Write a log as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(log(rng))


def log(rng: Random) -> Iterator[dict[str, str]]:
    """Yield the rows of a log, keyed by ``COLUMNS``: one per entry, developer by developer."""
    row_number = 0
    for team, cutover in WAVES:
        for index in range(DEVELOPERS_PER_TEAM):
            for row in _developer_rows(rng, f"{team.lower()}-{index + 1}", team, cutover):
                row_number += 1
                yield {"id": str(row_number), **row}


def _developer_rows(
    rng: Random, developer: str, team: str, cutover: date
) -> Iterator[dict[str, str]]:
    """Yield the rows of a developer's entries, until the end of the log."""
    pace = rng.gauss(0.0, 0.2)
    now = datetime.combine(FIRST_DAY, time(9, rng.randrange(0, 30)))
    end = datetime.combine(FIRST_DAY + timedelta(weeks=WEEKS), time(0))
    task_number = 0
    while now < end:
        task_number += 1
        for item in _planned_items(rng, f"{team[:1]}{developer[-1]}-{task_number}", pace, now):
            gain = TRUE_GAINS.get(item.activity, 0.0) if now.date() >= cutover else 0.0
            remaining = item.minutes / (1.0 + gain)
            assisted = now.date() >= cutover and rng.random() < 0.95
            while remaining > 0 and now < end:
                now, row, remaining = _entry(rng, now, item, remaining, assisted=assisted)
                yield {"who": developer, "team": team, **row}


def _planned_items(rng: Random, task: str, pace: float, planned: datetime) -> Iterator[PlannedItem]:
    """Yield the work items of a task in the order of work; ``pace`` shifts ln minutes."""
    size = rng.gauss(0.0, 0.5)
    title, project = f"{rng.choice(VERBS)} {rng.choice(OBJECTS)}", rng.choice(COMPONENTS)
    for activity, share in SHARES.items():
        if rng.random() > share:
            continue
        expected = TYPICAL_MINUTES[activity] * math.exp(size + rng.gauss(0.0, 0.4))
        estimate = None if rng.random() < 0.04 else max(15, 15 * round(expected / 15))
        minutes = max(5.0, expected * math.exp(pace + rng.gauss(0.0, SPREAD)))
        yield PlannedItem(task, title, project, activity, minutes, estimate, planned)


def _entry(
    rng: Random, start: datetime, item: PlannedItem, remaining: float, *, assisted: bool
) -> tuple[datetime, dict[str, str], float]:
    """Return (start of the next entry, row of this one, remaining minutes of the item)."""
    exact_minutes = min(remaining, rng.uniform(0.5, 1.0) * LONGEST_SITTING_MINUTES)
    minutes = 5 * max(1, round(exact_minutes / 5))
    interrupted = rng.choice((0, 0, 0, 5, 10))
    end = start + timedelta(minutes=minutes + interrupted)
    remaining = remaining - minutes if remaining - minutes > SMALLEST_REST_MINUTES else 0.0
    row = {
        "issue": item.task,
        "summary": item.title,
        "component": item.project,
        "phase": item.activity,
        "begun": start.isoformat(sep=" ", timespec="minutes"),
        "ended": end.isoformat(sep=" ", timespec="minutes"),
        "minutes": str(minutes),
        "interrupted": str(interrupted),
        "ai": "yes" if assisted else "no",
        "estimate": "" if item.estimate is None else str(item.estimate),
        "estimated": item.planned.isoformat(sep=" ", timespec="minutes"),
        "done": "" if remaining else end.isoformat(sep=" ", timespec="minutes"),
    }
    return _next_start(rng, end), row, remaining


def _next_start(rng: Random, end: datetime) -> datetime:
    """Return a time shortly after an entry; from 17:00 on, the next workday's morning."""
    start = end + timedelta(minutes=rng.randrange(5, 40))
    if start.hour < 17:
        return start
    days = {4: 3, 5: 2}.get(start.weekday(), 1)  # Friday and Saturday to Monday
    return datetime.combine(start.date() + timedelta(days=days), time(9, rng.randrange(0, 30)))
