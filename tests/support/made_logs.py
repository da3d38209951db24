"""Small logs made for tests, and what the database reduces them to, said once more in plain Python."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
from sqlalchemy import Connection, create_engine, insert

from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.store.schema import entries, metadata, tasks, work_items

DAY = 86_400
Row = dict[str, Any]
NOW = MaturityRule(now_epoch=20_000 * DAY)
"""Long after every made-up entry: all is closed."""
SUMS = ["y", "yy", "x", "xx", "xy", "t", "tt", "w", "ww", "tw"]
KEYS = ["developer", "activity", "arm", "period", "status", "estimated"]
_ids = itertools.count()


def month_of(day: int) -> int:
    """Months since 1970-01 of a local day."""
    date = pd.Timestamp(day * DAY, unit="s")
    return int((date.year - 1970) * 12 + date.month - 1)


def entry(developer: str, task: str, day: int, minutes: float = 30, **fields: Any) -> Row:
    """An entry of ``design`` at 09:00 UTC of ``day``, with an end; any column may be given otherwise."""
    start = fields.pop("started_epoch", day * DAY + 9 * 3600)
    seconds = fields.pop("seconds", round(minutes * 60))
    local_day = fields.pop("local_day", day)
    row = {
        "developer": developer,
        "id": f"{next(_ids):036d}",
        "task": task,
        "activity": "design",
        "team": None,
        "started_epoch": start,
        "ended_epoch": start + seconds,
        "zone": "UTC",
        "seconds": seconds,
        "interruption_seconds": 0,
        "local_day": local_day,
        "local_month": month_of(local_day),
        "assisted": "unknown",
        "basis": None,
        "logged_epoch": start + seconds,
    }
    return row | fields


def item(developer: str, task: str, **fields: Any) -> Row:
    """What is known of a work item of ``design``."""
    names = ("estimate_minutes", "completed_epoch", "assigned")
    return (
        {"developer": developer, "task": task, "activity": "design"} | dict.fromkeys(names) | fields
    )


def task(name: str, **fields: Any) -> Row:
    """What is known of a task."""
    return (
        {"task": name} | dict.fromkeys(("project", "estimate_minutes", "completed_epoch")) | fields
    )


@contextmanager
def kept(
    url: str, logged: Iterable[Row], items: Iterable[Row] = (), known: Iterable[Row] = ()
) -> Iterator[Connection]:
    """A connection to a fresh database that holds these rows."""
    engine = create_engine(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in (
            (entries, list(logged)),
            (work_items, list(items)),
            (tasks, list(known)),
        ):
            if rows:
                connection.execute(insert(table), rows)
        yield connection
    engine.dispose()


def random_log(seed: int, entries_made: int = 400) -> tuple[list[Row], list[Row], list[Row]]:
    """Entries, work items and tasks with what real logs have: gaps, zeroes, ties, zones, shared tasks, two teams."""
    rng = random.Random(seed)
    developers = [f"d{i}" for i in range(7)]
    names = [f"t{i}" for i in range(9)]
    activities = ["design", "testing", "coding"]
    logged = []
    for _ in range(entries_made):
        start = rng.randrange(16_000 * DAY, 16_200 * DAY, 900)
        seconds = rng.choice([0, 60, 1800, rng.randrange(1, 20_000)])
        assisted = rng.choice(["yes", "no", "no", "no", "unknown"])
        logged.append(
            entry(
                rng.choice(developers),
                rng.choice(names),
                0,
                activity=rng.choice(activities),
                team=rng.choice([None, "A", "A", "B"]),
                started_epoch=start,
                ended_epoch=rng.choice([None, start + seconds + 600]),
                seconds=seconds,
                interruption_seconds=600,
                local_day=start // DAY + rng.choice([-1, 0, 0, 1]),
                assisted=assisted,
                basis=None if assisted == "unknown" else rng.choice(["flag", "trailer"]),
            )
        )
    keys = [key for key in itertools.product(developers, names, activities) if rng.random() < 0.6]
    estimates = [None, 0.0, -5.0, 30.0, 90.0, 250.0]
    instants = [None, 16_050 * DAY, 16_150 * DAY, 16_500 * DAY]
    known_items = [
        item(
            d,
            t,
            activity=a,
            estimate_minutes=rng.choice(estimates),
            completed_epoch=rng.choice(instants),
            assigned=rng.choice([None, "baseline", "assistance"]),
        )
        for d, t, a in keys
    ]
    known_tasks = [
        task(t, project=rng.choice([None, "p", "q"]), estimate_minutes=rng.choice(estimates))
        for t in names[:-2]
    ]
    return logged, known_items, known_tasks


def items_by_hand(
    logged: list[Row],
    items: list[Row],
    known: list[Row],
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
) -> list[Row]:
    """Every work item of the selection with its arm (None: none), by loops."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in logged:
        chosen = (
            (not selection.activities or row["activity"] in selection.activities)
            and selection.team in (None, row["team"])
            and selection.developer in (None, row["developer"])
        )
        if chosen:
            groups.setdefault((row["developer"], row["task"], row["activity"]), []).append(row)
    of_item = {(i["developer"], i["task"], i["activity"]): i for i in items}
    of_task = {t["task"]: t for t in known}
    found = []
    for key, rows in groups.items():
        mine, shared = of_item.get(key, {}), of_task.get(key[1], {})
        start = min(row["started_epoch"] for row in rows)
        day = min(row["local_day"] for row in rows if row["started_epoch"] == start)
        seconds = sum(row["seconds"] for row in rows)
        ends = (
            r["ended_epoch"] or r["started_epoch"] + r["seconds"] + r["interruption_seconds"]
            for r in rows
        )
        end = max(ends)
        recorded = mine.get("completed_epoch") or shared.get("completed_epoch")
        recorded_done = recorded is not None and recorded <= maturity.now_epoch
        quiet = end <= maturity.now_epoch - maturity.quiet_days * DAY
        late = maturity.last_start_day is not None and day > maturity.last_start_day
        done = "immature" if late else "closed" if seconds else "zero"
        estimates = [
            e for e in (mine.get("estimate_minutes"), shared.get("estimate_minutes")) if e and e > 0
        ]
        in_days = (selection.first_day or day) <= day <= (selection.last_day or day)
        if in_days and selection.project in (None, shared.get("project")):
            found.append(
                {
                    "developer": key[0],
                    "task": key[1],
                    "activity": key[2],
                    "arm": _arm_by_hand(rule, key[0], rows, start, day, mine, logged),
                    "day": day,
                    "month": month_of(day),
                    "last_day": max(row["local_day"] for row in rows),
                    "status": done if recorded_done or quiet else "open",
                    "minutes": seconds / 60,
                    "estimate_minutes": estimates[0] if estimates else None,
                    "project": shared.get("project"),
                    "start": start,
                    "finish": recorded if recorded_done else end,
                }
            )
    return found


def moments_by_hand(items: list[Row], period: str = "month") -> pd.DataFrame:
    """The moments of these items, those without an arm left out."""
    rows = []
    for i in items:
        w = i["estimate_minutes"] or 0.0
        t = i["minutes"]
        y, x = math.log(t) if t else 0.0, math.log(w) if w else 0.0
        block = i["month"] if period == "month" else (i["day"] + 3) // 7
        key = {
            "developer": i["developer"],
            "activity": i["activity"],
            "arm": i["arm"],
            "period": block,
        }
        key |= {"status": i["status"], "estimated": w > 0, "n": 1}
        sums = {"y": y, "yy": y * y, "x": x, "xx": x * x, "xy": x * y, "t": t, "tt": t * t}
        if i["arm"] is not None:
            rows.append(key | sums | {"w": w, "ww": w * w, "tw": t * w})
    return pd.DataFrame(rows, columns=[*KEYS, "n", *SUMS]).groupby(KEYS, as_index=False).sum()


def same_moments(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Assert that two moments frames agree to 1e-9, in whatever order."""
    ordered = (frame.sort_values(KEYS).reset_index(drop=True) for frame in (found, expected))
    pd.testing.assert_frame_equal(*ordered, rtol=1e-9, atol=1e-9, check_dtype=False)


def _arm_by_hand(
    rule: ArmRule,
    developer: str,
    rows: list[Row],
    start: int,
    day: int,
    mine: Row,
    logged: list[Row],
) -> str | None:
    if rule.by == "assigned":
        return mine.get("assigned")
    if rule.by == "assisted":
        said = [
            r["assisted"] if not rule.bases or r["basis"] in rule.bases else "unknown" for r in rows
        ]
        return "assistance" if "yes" in said else "baseline" if set(said) == {"no"} else None
    cutovers = [
        _cutover_by_hand(rule, developer, r["team"], logged)
        for r in rows
        if r["started_epoch"] == start
    ]
    known = [c for c in cutovers if c is not None]
    if not known:
        return None
    return "assistance" if day >= min(known) else "baseline"


def _cutover_by_hand(
    rule: ArmRule, developer: str, team: str | None, logged: list[Row]
) -> float | None:
    own = [c.day for c in rule.cutovers if c.developer == developer]
    teams = [
        c.day
        for c in rule.cutovers
        if c.developer is None and c.team is not None and c.team == team
    ]
    everybody = [c.day for c in rule.cutovers if c.developer is None and c.team is None]
    for days in (own, teams, everybody):
        if days:
            return min(days)
    with_one = {c.developer for c in rule.cutovers}
    treated = {row["team"] for row in logged if row["developer"] in with_one}
    return math.inf if rule.never_treated and team in treated else None
