"""`python -m benchmarks.false_fires`: how often each threat is reported for a log without it.

The logs are made up. Minutes are log-normal with developer effects, estimates are made before the
work, arms are drawn item by item (or split by a date, for information), and entries are clocked to
the second, but for the share that people round to a quarter of an hour. Each log goes through the
database and the whole search for threats. With ``--windows`` the rules that need no more than work
items judge windows of a real log with drawn arms as well.
"""

from __future__ import annotations

import argparse
import functools
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, create_engine, insert

from benchmarks.calibrate.log_import import import_log, read_log_pools
from benchmarks.log import MAP, TASKS_MAP, real_log
from tracker.analysis.assessment import threat_inputs
from tracker.analysis.disclosure import Part
from tracker.analysis.study import studies
from tracker.calibration import scenarios, tracker_method
from tracker.calibration.pools import Pool
from tracker.calibration.windows import randomise_arms, sample_window
from tracker.domain.ids import uuid7s
from tracker.domain.question import Question
from tracker.domain.records import ArmRule
from tracker.domain.times import DAY_SECONDS, month_of_day
from tracker.evidence.activity import check_near_zero_minutes, estimate_activity
from tracker.evidence.item_cells import cell_reader
from tracker.evidence.results import Threat
from tracker.evidence.threats.detection import find_threats
from tracker.evidence.threats.inputs import ThreatInputs
from tracker.store.schema import metadata
from tracker.store.write import entry_totals

FIRST_DAY = 20_000
DAYS = 360
ROLLOUT_DAY = FIRST_DAY + DAYS // 2
QUIET_DAYS = 60
"""Days from the last entry to the assessment, so that all work counts as finished."""
ROUNDED = 0.15
"""Share of the entries that people round to a quarter of an hour, in every second log."""
AIMS = {"not-as-drawn": 0.005, "near-zero-minutes": 0.02, "task-mix": 0.03}
"""Threat → the highest share of clean logs with drawn arms for which it may be reported."""
OVER_TIME = frozenset({"drift", "regression-to-the-mean", "novelty"})
TOGETHER = ", ".join(sorted(OVER_TIME))
"""Label for any of these threats, which are one family of tests."""
AIMS_BY_DATE = {TOGETHER: 0.05}
"""The same for clean logs with one rollout date."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """The parameters of the synthetic logs."""

    name: str
    drawn: bool
    time_ratio: float
    """The true effect of assistance."""


SCENARIOS = (
    Scenario("drawn, no effect", drawn=True, time_ratio=1.0),
    Scenario("drawn, gain +50 %", drawn=True, time_ratio=1 / 1.5),
    Scenario("drawn, gain +200 %", drawn=True, time_ratio=1 / 3),
    Scenario("by date, no effect", drawn=False, time_ratio=1.0),
    Scenario("by date, gain +50 %", drawn=False, time_ratio=1 / 1.5),
)
WINDOWS = "real log, drawn"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code is 1 where a rate exceeds its aim beyond chance."""
    options = _options(arguments)
    started = time.monotonic()
    arms = {"drawn": (True,), "by-date": (False,), "both": (True, False)}[options.arms]
    selected = [scenario for scenario in SCENARIOS if scenario.drawn in arms]
    fires = {scenario.name: Counter[str]() for scenario in selected}
    with ProcessPoolExecutor(options.workers, mp_context=get_context("fork")) as executor:
        jobs = {
            scenario.name: executor.map(
                functools.partial(fired_in_logs, scenario, options.seed),
                range(options.logs),
                chunksize=20,
            )
            for scenario in selected
        }
        for name, results in jobs.items():
            for codes in results:
                fires[name].update(codes)
            print(f"{name}: {dict(fires[name])}", file=sys.stderr, flush=True)
    logs = dict.fromkeys(fires, options.logs)
    if options.windows:
        for activity, counts in _fired_in_windows(options.windows, options.seed).items():
            fires[f"{WINDOWS}, {activity}"] = counts
            logs[f"{WINDOWS}, {activity}"] = options.windows
    print(_table(fires, logs))
    print(f"\nseed {options.seed}, {time.monotonic() - started:.0f} s")
    return 1 if _exceeded(fires, logs) else 0


def fired_in_logs(scenario: Scenario, seed: int, number: int) -> frozenset[str]:
    """Return the labels of the threats that are reported of one made-up log."""
    rng = np.random.default_rng([seed, *scenario.name.encode(), number])
    tables = made_up_log(scenario, rng, rounded=ROUNDED * (number % 2))
    with _engine().connect() as connection:  # closed without a commit: nothing stays
        for table, rows in tables.items():
            if rows:
                connection.execute(insert(metadata.tables[table]), rows)
        entry_totals.rebuild(connection)
        now_epoch = (FIRST_DAY + DAYS + QUIET_DAYS) * DAY_SECONDS
        question = Question((), activities=("design",), now_epoch=now_epoch)
        (study,) = studies(Part(connection, question))[1]
        threats = (*study.estimate.reasons, *find_threats(threat_inputs(study)))
    return _labels(threats)


@functools.cache
def _engine() -> Engine:
    """Return this process's database in memory; its statements are compiled once."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    return engine


def made_up_log(scenario: Scenario, rng: np.random.Generator, *, rounded: float) -> dict[str, Rows]:
    """Return the rows of each table: 6–12 developers and 100–400 design items over a year."""
    developers = int(rng.integers(6, 13))
    n = int(rng.integers(100, 401))
    developer = rng.integers(0, developers, n)
    day = FIRST_DAY + rng.integers(0, DAYS, n)
    assisted = rng.random(n) < 0.5 if scenario.drawn else day >= ROLLOUT_DAY
    x = rng.normal(math.log(90.0), 0.9, n)
    effects = rng.normal(0.0, 0.4, developers)
    spread = rng.normal(0.0, 0.7, n)
    y = 0.9 + 0.8 * x + effects[developer] + spread + assisted * math.log(scenario.time_ratio)
    ids = uuid7s(FIRST_DAY * DAY_SECONDS * 10**9, random.Random(int(rng.integers(2**32))))
    log: dict[str, Rows] = {name: [] for name in ("entries", "work_items", "tasks", "rollouts")}
    clock: dict[int, int] = {}
    """When each developer's last entry ended: entries do not overlap."""
    for i in np.argsort(day, kind="stable"):
        key = {"developer": f"dev{developer[i]:02d}", "task": f"T-{i}", "activity": "design"}
        start = int(day[i]) * DAY_SECONDS + 7 * 3600
        answer = ("yes" if assisted[i] else "no") if scenario.drawn else "unknown"
        for seconds in _sittings(float(np.exp(y[i])), rng, rounded):
            start = max(start, clock.get(developer[i], 0)) + int(rng.integers(60, 3600))
            log["entries"].append(key | _entry(next(ids), start, seconds, answer))
            start = clock[developer[i]] = start + seconds
        arm = "assistance" if assisted[i] else "baseline"
        log["work_items"].append(
            key
            | {
                "estimate_minutes": float(max(1.0, round(np.exp(x[i])))),
                "estimated_epoch": int(day[i]) * DAY_SECONDS + 6 * 3600,
                "completed_epoch": start,
                "assigned": arm if scenario.drawn else None,
                "assigned_epoch": int(day[i]) * DAY_SECONDS + 6 * 3600 if scenario.drawn else None,
            }
        )
        log["tasks"].append({"task": f"T-{i}", "project": f"P{rng.integers(0, 3)}"})
    if not scenario.drawn:
        log["rollouts"].append({"id": next(ids), "assistant": "Helper", "day": ROLLOUT_DAY})
    return log


def _sittings(minutes: float, rng: np.random.Generator, rounded: float) -> list[int]:
    """Return the seconds of an item's entries; none is longer than eight hours."""
    parts = max(int(rng.integers(1, 4)), math.ceil(minutes / 480.0 * 2))
    seconds = np.maximum(1, np.round(rng.dirichlet(np.full(parts, 4.0)) * minutes * 60)).astype(int)
    quarters = np.maximum(900, np.round(seconds / 900) * 900).astype(int)
    result: NDArray[np.int64] = np.where(rng.random(parts) < rounded, quarters, seconds)
    return [int(value) for value in result]


def _entry(id_: str, start: int, seconds: int, answer: str) -> dict[str, Any]:
    """Return the columns of an entry that the timer logs as it ends."""
    day = start // DAY_SECONDS
    return {
        "id": id_,
        "started_epoch": start,
        "ended_epoch": start + seconds,
        "zone": "UTC",
        "seconds": seconds,
        "interruption_seconds": 0,
        "local_day": day,
        "local_month": month_of_day(day),
        "assisted": answer,
        "basis": None if answer == "unknown" else "flag",
        "logged_epoch": start + seconds,
    }


def _fired_in_windows(windows: int, seed: int) -> dict[str, Counter[str]]:
    """Count the threats of windows of the real log with drawn arms and no effect, by activity."""
    with tempfile.TemporaryDirectory(prefix="tracker-false-fires-") as folder:
        log, task_list = real_log(Path(folder))
        files = ((log, MAP), (task_list, TASKS_MAP) if task_list else None)
        database = import_log(f"sqlite:///{folder}/log.db", *files)
        log_pools = read_log_pools(database, tuple(scenarios.GAINS))
        database.close()
    counts = {activity: Counter[str]() for activity in scenarios.GAINS}
    for activity, counter in counts.items():
        part = [pool for pool in log_pools if pool.activity == activity]
        for number in range(windows):
            counter.update(_fired_in_window(part, [seed, *activity.encode(), number]))
    return counts


def _fired_in_window(part: list[Pool], seed: list[int]) -> frozenset[str]:
    rng = np.random.default_rng(seed)
    window = sample_window(part, rng, part[0].activity)
    minutes = window.pool.minutes[window.items]
    work = tracker_method.moments_frame(window, minutes, randomise_arms(window, rng))
    estimate = check_near_zero_minutes(
        estimate_activity(
            work,
            activity=window.pool.activity,
            design="randomised",
            level=0.95,
            interval_level=0.95,
            items=cell_reader(lambda: work, window.pool.activity),
        )
    )
    inputs = ThreatInputs(
        activity=window.pool.activity,
        design="randomised",
        rule=ArmRule("assigned"),
        moments=work,
        developers=estimate.sample.cells.developers,
        adjusted=estimate.adjusted,
        randomisation=estimate.randomisation,
    )
    return _labels((*estimate.reasons, *find_threats(inputs)))


def _labels(threats: Iterable[Threat]) -> frozenset[str]:
    """Return the codes of threats; notes, some of which are always reported, are marked.

    ``TOGETHER`` is added where a threat from a change over time is among them.
    """
    labels = frozenset(
        f"{threat.code} (note)" if threat.severity == "note" else threat.code for threat in threats
    )
    return labels | {TOGETHER} if labels & OVER_TIME else labels


def _exceeded(fires: dict[str, Counter[str]], logs: dict[str, int]) -> list[tuple[str, str]]:
    """Return each (scenario, code) whose rate exceeds its aim by over two standard errors."""
    return [
        (name, code)
        for name, counts in fires.items()
        for code, aim in (AIMS if "drawn" in name else AIMS_BY_DATE).items()
        if counts[code] > aim * logs[name] + 2 * math.sqrt(aim * (1 - aim) * logs[name])
    ]


def _table(fires: dict[str, Counter[str]], logs: dict[str, int]) -> str:
    """Return a Markdown table: a row a threat, a column a scenario, per cent ± standard error."""
    aims = AIMS | AIMS_BY_DATE
    codes = sorted({code for counts in fires.values() for code in counts} | set(aims))
    lines = [
        ["threat", *(f"{name} (n = {logs[name]:,})" for name in fires), "aim"],
        ["---"] * (len(fires) + 2),
    ]
    lines += [
        [
            f"`{code}`",
            *(_rate(counts[code], logs[name]) for name, counts in fires.items()),
            _aim(code),
        ]
        for code in codes
    ]
    return "\n".join(_row(line) for line in lines)


def _aim(code: str) -> str:
    for aims, arms in ((AIMS, "drawn arms"), (AIMS_BY_DATE, "arms by date")):
        if code in aims:
            return f"≤ {100 * aims[code]:g} %, {arms}"
    return ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rate(fires: int, total: int) -> str:
    share = fires / total
    return f"{100 * share:.1f} ± {100 * math.sqrt(share * (1 - share) / total):.1f} %"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.false_fires", description=__doc__)
    add = parser.add_argument
    add("--logs", type=int, default=1_000, metavar="N", help="logs a scenario (default: 1000)")
    add("--arms", choices=("both", "drawn", "by-date"), default="both", help="which logs to make")
    add("--windows", type=int, default=0, metavar="N", help="windows of the real log (default: 0)")
    add("--seed", type=int, default=1, metavar="S", help="seed of the draws (default: 1)")
    add("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
