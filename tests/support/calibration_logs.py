"""Made-up logs for calibration, written directly into a database."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import insert

from tracker.domain.ids import uuid7s
from tracker.domain.times import DAY_SECONDS, month_of_day
from tracker.store.database import Database
from tracker.store.schema import entries, rollouts, work_items
from tracker.store.write import entry_totals

FIRST_DAY = 19_000
DAYS = 300


def one_team(_developer: int) -> str | None:
    """Return the team of everybody in a log without teams."""
    return None


@dataclass(frozen=True)
class MadeUpLog:
    """The parameters of a log whose work items are one entry each, with an estimate."""

    items: int = 400
    """Work items of each activity."""
    developers: int = 8
    activities: tuple[str, ...] = ("design",)
    team: Callable[[int], str | None] = one_team
    """The team of a developer, by number."""
    rollout_days: tuple[tuple[str | None, int], ...] = ()
    """(team, day) of each rollout."""
    assisted: Callable[[int], str] = lambda _item: "unknown"
    """The answer on assistance of an item's entry, by number within the activity."""
    assigned: Callable[[int], str | None] = lambda _item: None


def fill(database: Database, log: MadeUpLog) -> None:
    """Write a log into an empty database: tasks T-0, T-1, … of each activity, one after another."""
    rng = np.random.default_rng(3)
    id_rows = uuid7s(10**18, random.Random(3))
    entry_rows: list[dict[str, Any]] = []
    item_rows: list[dict[str, Any]] = []
    for activity in log.activities:
        for item in range(log.items):
            developer = int(rng.integers(0, log.developers))
            x, noise = rng.normal(4.5, 0.8), rng.normal(0.0, 0.5)
            day = FIRST_DAY + DAYS * item // log.items
            key = {"developer": f"dev{developer:02d}", "task": f"T-{item}", "activity": activity}
            row = _entry(day, round(60 * np.exp(x + noise)), log.assisted(item))
            entry_rows.append(key | row | {"id": next(id_rows), "team": log.team(developer)})
            item_rows.append(
                key
                | {
                    "estimate_minutes": float(round(np.exp(x)) + 1),
                    "completed_epoch": row["ended_epoch"],
                    "assigned": log.assigned(item),
                }
            )
    with database.writing() as connection:
        connection.execute(insert(entries), entry_rows)
        entry_totals.rebuild(connection)
        connection.execute(insert(work_items), item_rows)
        for team, day in log.rollout_days:
            row = {"id": next(id_rows), "assistant": "Helper", "day": day, "team": team}
            connection.execute(insert(rollouts), [row])


def _entry(day: int, seconds: int, answer: str) -> dict[str, Any]:
    started = day * DAY_SECONDS + 6 * 3600
    return {
        "started_epoch": started,
        "ended_epoch": started + seconds,
        "zone": "UTC",
        "seconds": seconds,
        "interruption_seconds": 0,
        "local_day": day,
        "local_month": month_of_day(day),
        "assisted": answer,
        "basis": None if answer == "unknown" else "flag",
        "logged_epoch": started + seconds,
    }
