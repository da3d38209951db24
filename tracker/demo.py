"""A made-up team's log, with gains that are known because they were put in: for the demo and for tests.

Three teams of developers get an assistant in waves. Tasks go through design, coding, testing and review; minutes spread
log-normally around an estimate that is right on average, sittings are rounded the way people round, some estimates are
missing and some work is still open at the end.
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
DEVELOPERS_A_TEAM = 5
ROLLOUTS = tuple(Rollout("Helper 1.0", date_to_day(day), team=team) for team, day in WAVES)

SHARES = MappingProxyType({"design": 0.8, "coding": 1.0, "testing": 0.9, "review": 0.5})
"""How likely a task is to need each activity."""
TYPICAL_MINUTES = MappingProxyType({"design": 120, "coding": 240, "testing": 130, "review": 40})
LONGEST_SITTING_MINUTES = 110
SMALLEST_REST_MINUTES = 2
SPREAD = 0.45
"""Standard deviation of ln minutes around the estimate."""

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
class Stretch:
    """One work item as it would take without assistance; worked off in sittings."""

    task: str
    title: str
    project: str
    activity: str
    minutes: float
    estimate: int | None


def is_demo_folder(folder: Path) -> bool:
    """Whether an earlier demo filled a folder, by the map that it left there."""
    map_ = folder / "map.toml"
    lines = (
        map_.read_text(encoding="utf-8", errors="replace").splitlines() if map_.is_file() else []
    )
    return lines[:2] == MAP.splitlines()[:2]


def write_log(path: Path, rng: Random) -> None:
    """The log as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(log(rng))


def log(rng: Random) -> Iterator[dict[str, str]]:
    """The rows of the log, one sitting each, developer by developer, keyed as in ``COLUMNS``."""
    number = 0
    for team, cutover in WAVES:
        for place in range(DEVELOPERS_A_TEAM):
            for row in _developer(rng, f"{team.lower()}-{place + 1}", team, cutover):
                number += 1
                yield {"id": str(number), **row}


def _developer(rng: Random, who: str, team: str, cutover: date) -> Iterator[dict[str, str]]:
    """One developer's sittings, day by day until the log ends."""
    pace = rng.gauss(0.0, 0.2)
    now = datetime.combine(FIRST_DAY, time(9, rng.randrange(0, 30)))
    end = datetime.combine(FIRST_DAY + timedelta(weeks=WEEKS), time(0))
    count = 0
    while now < end:
        count += 1
        for stretch in _task(rng, f"{team[:1]}{who[-1]}-{count}", pace):
            gain = TRUE_GAINS.get(stretch.activity, 0.0) if now.date() >= cutover else 0.0
            left = stretch.minutes / (1.0 + gain)
            assisted = now.date() >= cutover and rng.random() < 0.95
            while left > 0 and now < end:
                now, row, left = _sitting(rng, now, stretch, left, assisted)
                yield {"who": who, "team": team, **row}


def _task(rng: Random, key: str, pace: float) -> Iterator[Stretch]:
    """The work items of one task, in the order they are worked on."""
    size = rng.gauss(0.0, 0.5)
    title, project = f"{rng.choice(VERBS)} {rng.choice(OBJECTS)}", rng.choice(COMPONENTS)
    for activity, share in SHARES.items():
        if rng.random() > share:
            continue
        expected = TYPICAL_MINUTES[activity] * math.exp(size + rng.gauss(0.0, 0.4))
        estimate = None if rng.random() < 0.04 else max(15, 15 * round(expected / 15))
        minutes = max(5.0, expected * math.exp(pace + rng.gauss(0.0, SPREAD)))
        yield Stretch(key, title, project, activity, minutes, estimate)


def _sitting(
    rng: Random, now: datetime, stretch: Stretch, left: float, assisted: bool
) -> tuple[datetime, dict[str, str], float]:
    """One sitting: when the next one may begin, its row, and the minutes still left of the item."""
    minutes = 5 * max(1, round(min(left, rng.uniform(0.5, 1.0) * LONGEST_SITTING_MINUTES) / 5))
    interrupted = rng.choice((0, 0, 0, 5, 10))
    ended = now + timedelta(minutes=minutes + interrupted)
    still = left - minutes if left - minutes > SMALLEST_REST_MINUTES else 0.0
    row = {
        "issue": stretch.task,
        "summary": stretch.title,
        "component": stretch.project,
        "phase": stretch.activity,
        "begun": now.isoformat(sep=" ", timespec="minutes"),
        "ended": ended.isoformat(sep=" ", timespec="minutes"),
        "minutes": str(minutes),
        "interrupted": str(interrupted),
        "ai": "yes" if assisted else "no",
        "estimate": "" if stretch.estimate is None else str(stretch.estimate),
        "done": "" if still else ended.isoformat(sep=" ", timespec="minutes"),
    }
    return _next_start(rng, ended), row, still


def _next_start(rng: Random, ended: datetime) -> datetime:
    """After a short break, or the next working morning once the day is over."""
    start = ended + timedelta(minutes=rng.randrange(5, 40))
    if start.hour < 17:
        return start
    days = {4: 3, 5: 2}.get(start.weekday(), 1)
    return datetime.combine(start.date() + timedelta(days=days), time(9, rng.randrange(0, 30)))
