"""Small logs for tests, and the aggregates of the store computed again in plain Python."""

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
from tracker.store.read.item_rows import with_texts
from tracker.store.schema import entries, metadata, tasks, work_items
from tracker.store.write import entry_totals

DAY = 86_400
Row = dict[str, Any]
NOW = MaturityRule(now_epoch=20_000 * DAY)
"""An instant long after every entry of these logs, so that every work item is closed."""
SUMS = ["y", "yy", "x", "xx", "xy", "t", "tt", "w", "ww", "tw"]
KEYS = ["developer", "activity", "arm", "period", "status", "estimated", "unit"]
_ids = itertools.count()


def month_of(day: int) -> int:
    """Return the months from 1970-01 to a local day."""
    date = pd.Timestamp(day * DAY, unit="s")
    return int((date.year - 1970) * 12 + date.month - 1)


def entry(developer: str, task: str, day: int, minutes: float = 30, **fields: Any) -> Row:
    """Return the row of a ``design`` entry at 09:00 UTC of ``day``; ``fields`` replace columns."""
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
    """Return the row of a ``design`` work item. Columns without a value are None."""
    names = ("estimate_minutes", "completed_epoch", "assigned")
    return (
        {"developer": developer, "task": task, "activity": "design"} | dict.fromkeys(names) | fields
    )


def task(name: str, **fields: Any) -> Row:
    """Return the row of a task. Columns without a value are None."""
    return (
        {"task": name} | dict.fromkeys(("project", "estimate_minutes", "completed_epoch")) | fields
    )


@contextmanager
def connection_with(
    url: str,
    entry_rows: Iterable[Row],
    item_rows: Iterable[Row] = (),
    task_rows: Iterable[Row] = (),
) -> Iterator[Connection]:
    """Connect to a new database that holds these rows."""
    engine = create_engine(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in (
            (entries, list(entry_rows)),
            (work_items, list(item_rows)),
            (tasks, list(task_rows)),
        ):
            if rows:
                connection.execute(insert(table), rows)
        entry_totals.rebuild(connection)
        yield connection
    engine.dispose()


def random_log(seed: int, entry_count: int = 400) -> tuple[list[Row], list[Row], list[Row]]:
    """Return rows of entries, work items and tasks, irregular as in real logs.

    There are gaps, zero minutes, ties, local days off by one, shared tasks and two teams.
    """
    rng = random.Random(seed)
    developers = [f"d{i}" for i in range(7)]
    names = [f"t{i}" for i in range(9)]
    activities = ["design", "testing", "coding"]
    entry_rows = [_random_entry(rng, developers, names, activities) for _ in range(entry_count)]
    keys = [key for key in itertools.product(developers, names, activities) if rng.random() < 0.6]
    estimates = [None, 0.0, -5.0, 30.0, 90.0, 250.0]
    instants = [None, 16_050 * DAY, 16_150 * DAY, 16_500 * DAY]
    item_rows = [
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
    task_rows = [
        task(t, project=rng.choice([None, "p", "q"]), estimate_minutes=rng.choice(estimates))
        for t in names[:-2]
    ]
    return entry_rows, item_rows, task_rows


def _random_entry(
    rng: random.Random, developers: list[str], names: list[str], activities: list[str]
) -> Row:
    start = rng.randrange(16_000 * DAY, 16_200 * DAY, 900)
    seconds = rng.choice([0, 60, 1800, rng.randrange(1, 20_000)])
    assisted = rng.choice(["yes", "no", "no", "no", "unknown"])
    return entry(
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


def items_by_hand(
    entry_rows: list[Row],
    item_rows: list[Row],
    task_rows: list[Row],
    selection: Selection,
    rule: ArmRule,
    maturity: MaturityRule,
) -> list[Row]:
    """Return every work item of the selection, computed by loops. Its arm may be None."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in entry_rows:
        selected = (
            (not selection.activities or row["activity"] in selection.activities)
            and selection.team in (None, row["team"])
            and selection.developer in (None, row["developer"])
        )
        if selected:
            groups.setdefault((row["developer"], row["task"], row["activity"]), []).append(row)
    items_by_key = {(i["developer"], i["task"], i["activity"]): i for i in item_rows}
    tasks_by_name = {t["task"]: t for t in task_rows}
    result = []
    for key, rows in groups.items():
        item_row, task_row = items_by_key.get(key, {}), tasks_by_name.get(key[1], {})
        computed = _item_by_hand(rows, item_row, task_row, maturity)
        day, project = computed["day"], computed["project"]
        in_days = (selection.first_day or day) <= day <= (selection.last_day or day)
        if in_days and selection.project in (None, project):
            arm = _arm_by_hand(rule, key[0], rows, item_row, entry_rows)
            names = dict(zip(("developer", "task", "activity"), key, strict=True))
            result.append(names | {"arm": arm} | computed)
    return result


def _item_by_hand(rows: list[Row], item_row: Row, task_row: Row, maturity: MaturityRule) -> Row:
    """Return a work item from its entries, without its names and its arm."""
    day = _first_day(rows)
    seconds = sum(row["seconds"] for row in rows)
    end = max(
        r["ended_epoch"] or r["started_epoch"] + r["seconds"] + r["interruption_seconds"]
        for r in rows
    )
    completed = item_row.get("completed_epoch") or task_row.get("completed_epoch")
    is_completed = completed is not None and completed <= maturity.now_epoch
    is_quiet = end <= maturity.now_epoch - maturity.quiet_days * DAY
    is_late = maturity.last_start_day is not None and day > maturity.last_start_day
    finished_status = "immature" if is_late else "closed" if seconds else "zero"
    estimates = [
        estimate
        for estimate in (item_row.get("estimate_minutes"), task_row.get("estimate_minutes"))
        if estimate and estimate > 0
    ]
    return {
        "day": day,
        "month": month_of(day),
        "last_day": max(row["local_day"] for row in rows),
        "status": finished_status if is_completed or is_quiet else "open",
        "minutes": seconds / 60,
        "estimate_minutes": estimates[0] if estimates else None,
        "estimate_points": math.nan,
        "project": task_row.get("project"),
        "start": _start(rows),
        "finish": completed if is_completed else end,
    }


def _start(rows: list[Row]) -> int:
    return min(row["started_epoch"] for row in rows)


def _first_day(rows: list[Row]) -> int:
    start = _start(rows)
    return min(row["local_day"] for row in rows if row["started_epoch"] == start)


def moments_by_hand(items: list[Row], period: str = "month") -> pd.DataFrame:
    """Return the moments of these work items; items without an arm are left out."""
    rows = []
    for i in items:
        w = i["estimate_minutes"] or 0.0
        t = i["minutes"]
        y, x = math.log(t) if t else 0.0, math.log(w) if w else 0.0
        period_number = i["month"] if period == "month" else (i["day"] + 3) // 7
        key = {
            "developer": i["developer"],
            "activity": i["activity"],
            "arm": i["arm"],
            "period": period_number,
        }
        key |= {"status": i["status"], "estimated": w > 0, "n": 1}
        key |= {"unit": "minutes" if w else "none"}
        key |= {"month": i["month"]} if period == "week" else {}
        sums = {"y": y, "yy": y * y, "x": x, "xx": x * x, "xy": x * y, "t": t, "tt": t * t}
        if i["arm"] is not None:
            rows.append(key | sums | {"w": w, "ww": w * w, "tw": t * w})
    keys = [*KEYS, *(["month"] if period == "week" else [])]
    return pd.DataFrame(rows, columns=[*keys, "n", *SUMS]).groupby(keys, as_index=False).sum()


def same_moments(actual: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Assert that two moments frames agree to 1e-9, whatever the order of their rows."""
    columns = list(expected.columns)
    assert sorted(actual.columns) == sorted(columns)
    ordered = (
        with_texts(frame).sort_values(
            [*KEYS, *(["month"] if "month" in columns else [])], ignore_index=True
        )[columns]
        for frame in (actual, expected)
    )
    pd.testing.assert_frame_equal(*ordered, rtol=1e-9, atol=1e-9, check_dtype=False)


def _arm_by_hand(
    rule: ArmRule,
    developer: str,
    rows: list[Row],
    item_row: Row,
    entry_rows: list[Row],
) -> str | None:
    if rule.by == "assigned":
        return item_row.get("assigned")
    if rule.by == "assisted":
        answers = [
            r["assisted"] if not rule.bases or r["basis"] in rule.bases else "unknown" for r in rows
        ]
        return "assistance" if "yes" in answers else "baseline" if set(answers) == {"no"} else None
    cutovers = [
        _cutover_by_hand(rule, developer, r["team"], entry_rows)
        for r in rows
        if r["started_epoch"] == _start(rows)
    ]
    recorded = [c for c in cutovers if c is not None]
    if not recorded:
        return None
    return "assistance" if _first_day(rows) >= min(recorded) else "baseline"


def _cutover_by_hand(
    rule: ArmRule, developer: str, team: str | None, entry_rows: list[Row]
) -> float | None:
    developer_days = [c.day for c in rule.cutovers if c.developer == developer]
    team_days = [
        c.day
        for c in rule.cutovers
        if c.developer is None and c.team is not None and c.team == team
    ]
    all_days = [c.day for c in rule.cutovers if c.developer is None and c.team is None]
    for days in (developer_days, team_days, all_days):
        if days:
            return min(days)
    treated = {c.developer for c in rule.cutovers}
    treated_teams = {row["team"] for row in entry_rows if row["developer"] in treated}
    return math.inf if rule.never_treated and team in treated_teams else None
