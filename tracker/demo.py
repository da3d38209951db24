"""A synthetic log with preset gains, for ``tracker demo`` and for tests.

Three teams get an assistant one after the other. Each task needs some of design, coding, testing
and review, in this order. Minutes are log-normal around an unbiased estimate. Some estimates are
missing, and some work is unfinished at the end. ``tracker.simulation`` draws the minutes, and lays
the work of each developer out in working hours.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.domain.records import Rollout
from tracker.domain.synthetic import SOURCE, TRUE_GAINS
from tracker.domain.times import date_to_day
from tracker.simulation.calendar import DAY_MINUTES, Entries, draw_sittings, lay_out
from tracker.simulation.work_model import WorkModel

ZONE = "Europe/London"
FIRST_DAY = date(2025, 3, 3)
WEEKS = 38
WAVES = (("Birch", date(2025, 7, 14)), ("Cedar", date(2025, 8, 25)), ("Dogwood", date(2025, 10, 6)))
DEVELOPERS_PER_TEAM = 5
DEVELOPERS = DEVELOPERS_PER_TEAM * len(WAVES)
ROLLOUTS = tuple(Rollout("Helper 1.0", date_to_day(day), team=team) for team, day in WAVES)

ACTIVITIES = ("design", "coding", "testing", "review")
"""In the order of work. The next three are by activity."""
SHARES = (0.8, 1.0, 0.9, 0.5)
"""The probability that a task needs the activity."""
TYPICAL_MINUTES = (120, 240, 130, 40)
LOG_RATIOS = np.array([-math.log1p(TRUE_GAINS.get(activity, 0.0)) for activity in ACTIVITIES])
SPREAD = 0.45
"""Standard deviation of ln minutes around ln estimate."""
SHARE_ESTIMATED, SHARE_ASSISTED = 0.96, 0.95
"""Of all work items, and of those begun after the rollout."""
KINDS, TASKS = 900, 300
"""Kinds of tasks, and the tasks of each developer: more than they can do."""

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
    *("id", "who", "team", "issue", "summary", "component", "phase"),
    *("begun", "ended", "minutes", "interrupted", "ai", "estimate", "estimated", "done"),
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


def is_demo_folder(folder: Path) -> bool:
    """Return whether ``tracker demo`` filled a folder, judged by its column map."""
    map_file = folder / "map.toml"
    if not map_file.is_file():
        return False
    lines = map_file.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[:2] == MAP.splitlines()[:2]


def write_log(path: Path, rng: np.random.Generator) -> None:
    """Write a log as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(log(rng))


def log(rng: np.random.Generator) -> Iterator[dict[str, str]]:
    """Yield the rows of a log, keyed by ``COLUMNS``: one per entry, developer by developer."""
    models = made_up_models(rng)
    row_number = 0
    for developer in range(DEVELOPERS):
        for row in _developer_rows(models, developer, rng):
            row_number += 1
            yield {"id": str(row_number), **row}


def made_up_models(rng: np.random.Generator) -> list[WorkModel]:
    """Return what the work of each activity is drawn from; those of one task share its size."""
    paces, sizes = rng.normal(0.0, 0.2, DEVELOPERS), rng.normal(0.0, 0.5, KINDS)
    return [
        WorkModel(
            paces=paces,
            items_per_week=np.full(DEVELOPERS, TASKS * share / WEEKS),
            estimate_minutes=np.maximum(
                15.0, 15.0 * np.round(typical * np.exp(sizes + rng.normal(0.0, 0.4, KINDS)) / 15)
            ),
            residuals=rng.normal(0.0, SPREAD, KINDS),
            days=np.zeros(KINDS, dtype=np.int64),
            intercept=0.0,
            slope=1.0,
        )
        for share, typical in zip(SHARES, TYPICAL_MINUTES, strict=True)
    ]


def _developer_rows(
    models: Sequence[WorkModel], developer: int, rng: np.random.Generator
) -> Iterator[dict[str, str]]:
    """Yield the rows of a developer's entries, until the end of the log."""
    team, rollout = WAVES[developer // DEVELOPERS_PER_TEAM]
    number = developer % DEVELOPERS_PER_TEAM + 1
    kind = rng.integers(0, KINDS, TASKS)
    verb, thing, component = (rng.choice(texts, TASKS) for texts in (VERBS, OBJECTS, COMPONENTS))
    task, part = (rng.random((TASKS, len(ACTIVITIES))) < SHARES).nonzero()
    developers = np.full(TASKS, developer)
    ln_minutes = np.array([model.ln_minutes(developers, kind) for model in models])[part, task]
    assistance, entries = _lay_out(ln_minutes, LOG_RATIOS[part], date_to_day(rollout), rng)
    assisted = assistance & (rng.random(len(task)) < SHARE_ASSISTED)
    estimates = np.array([model.estimate_minutes for model in models])[part, kind[task]]
    estimates[rng.random(len(task)) >= SHARE_ESTIMATED] = 0
    first_entry = np.searchsorted(task[entries.item], task[entries.item])
    ended = entries.started + entries.minutes + entries.interruption
    for entry, item in enumerate(entries.item):
        yield {
            "who": f"{team.lower()}-{number}",
            "team": team,
            "issue": f"{team[0]}{number}-{task[item] + 1}",
            "summary": f"{verb[task[item]]} {thing[task[item]]}",
            "component": str(component[task[item]]),
            "phase": ACTIVITIES[part[item]],
            "begun": _local_time(entries.started[entry]),
            "ended": _local_time(ended[entry]),
            "minutes": str(entries.minutes[entry]),
            "interrupted": str(entries.interruption[entry]),
            "ai": "yes" if assisted[item] else "no",
            "estimate": f"{estimates[item]:.0f}" if estimates[item] else "",
            "estimated": _local_time(entries.started[first_entry[entry]]),
            "done": _local_time(ended[entry]) if entries.completes[entry] else "",
        }


def _lay_out(
    ln_minutes: NDArray[np.float64],
    log_ratio: NDArray[np.float64],
    rollout_day: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.bool_], Entries]:
    """Return which work items are begun after the rollout, with the gain, and the entries."""
    sittings = draw_sittings(date_to_day(FIRST_DAY), WEEKS, rng)
    entries = lay_out(np.exp(ln_minutes), sittings)
    last_before = entries.item[entries.started < rollout_day * DAY_MINUTES].max()
    assistance = np.arange(len(ln_minutes)) > last_before
    return assistance, lay_out(np.exp(ln_minutes + log_ratio * assistance), sittings)


def _local_time(minutes: int) -> str:
    return datetime.fromtimestamp(60 * int(minutes), UTC).strftime("%Y-%m-%d %H:%M")
