"""A simulated study as a log in CSV, with the column map to import it by."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tracker.domain.records import Arm
from tracker.domain.synthetic import SOURCE
from tracker.simulation.studies import SimulatedStudy, developer_name

COLUMNS = (
    *("id", "developer", "team", "task", "activity", "started", "minutes"),
    *("ai", "estimate", "estimated", "done", "arm"),
)

MAP = f"""\
# How the columns of a simulated study are read (see docs/importing.md).
source = "{SOURCE}"
[columns]
key = "id"
developer = "developer"
team = "team"
task = "task"
activity = "activity"
started_at = "started"
minutes = "minutes"
assisted = "ai"
estimate_minutes = "estimate"
estimated_at = "estimated"
completed_at = "done"
assigned = "arm"
[formats]
timezone = "UTC"
"""

TEAM = "simulated"


def log_rows(study: SimulatedStudy) -> Iterator[dict[str, str]]:
    """Yield the rows of a study's log, keyed by ``COLUMNS``: one per sitting that is over."""
    started, finished, logged = study.started, study.finished, study.logged
    now_epoch = int(study.sitting_ended[logged].max())
    for number in logged.nonzero()[0].tolist():
        item = int(study.sitting_item[number])
        done = int(finished[item])
        yield {
            "id": str(number + 1),
            "developer": developer_name(int(study.developer[item])),
            "team": TEAM,
            "task": f"TASK-{item + 1}",
            "activity": study.setup.activity,
            "started": _instant(int(study.sitting_started[number])),
            "minutes": f"{study.sitting_seconds[number] / 60:.4f}",  # whole seconds again when read
            "ai": "" if study.assisted is None else "yes" if study.assisted[item] else "no",
            "estimate": _estimate(study, item),
            "estimated": _instant(int(started[item])),
            "done": _instant(done) if done <= now_epoch else "",
            "arm": "" if study.assigned is None else _arm(assistance=bool(study.assigned[item])),
        }


def write_log(path: Path, study: SimulatedStudy) -> None:
    """Write a study's log as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(log_rows(study))


def _instant(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _estimate(study: SimulatedStudy, item: int) -> str:
    """Return the estimated minutes with all digits; "" without an estimate."""
    if study.estimate_minutes is None or not study.estimate_minutes[item] > 0:
        return ""
    minutes = float(study.estimate_minutes[item])
    return str(int(minutes)) if minutes.is_integer() else repr(minutes)


def _arm(*, assistance: bool) -> Arm:
    return "assistance" if assistance else "baseline"
