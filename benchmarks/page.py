"""The page: its size, the time to write it and to paint it, and how both grow with the log."""

from __future__ import annotations

import base64
import csv
import gzip
import json
import math
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.browsing import first_paint
from benchmarks.checking import ITEMS
from benchmarks.log import MAP, TASKS_MAP, environ_for, real_log
from benchmarks.pairs import Figure, Pair, compare, run, summarise
from tracker import demo
from tracker.domain.synthetic import SOURCE

TRACKER = str(Path(sys.executable).with_name("tracker"))
SMALL, LARGE = 10_000, 200_000
DEVELOPERS = 100
FIRST, DAYS = datetime(2023, 1, 2, 9), 1000
ROLLOUT = "2024-06-03"

CHECK_AND_TO_HTML = """
import json, sys
from tracker.cli import main
figures, arguments = sys.argv[1], sys.argv[2:]
sys.argv[1:] = arguments
try:
    main()
except SystemExit as exit_request:
    assert not exit_request.code, exit_request.code
import plotly.graph_objects as go
with open(figures) as file:
    charts = json.load(file)
for number, chart in enumerate(charts.values()):
    go.Figure(chart, skip_invalid=True).to_html(include_plotlyjs=number == 0, full_html=False)
"""


def measure(folder: Path) -> Iterator[tuple[Pair | Figure, str]]:
    """Measure the page of one team of the real log, then those of made-up logs of two sizes."""
    environ = environ_for(folder)
    tracker = [TRACKER, "-q", "--db", f"sqlite:///{folder / 'log.db'}"]
    log, tasks = real_log(folder)
    run([*tracker, "import", "csv", str(log), "--map", str(MAP), "--on-error", "skip"], environ)
    run(
        [*tracker, "import", "tasks", str(tasks), "--map", str(TASKS_MAP), "--on-error", "skip"],
        environ,
    )
    run([*tracker, "rollout", "placebo", "--on", "2015-03-05", "--team", "149"], environ)
    page, figures = folder / "page.html", folder / "figures.json"
    question = ["--team", "149", "--design", "before-after"]
    report = [*tracker, "report", *question, "-o", str(page)]
    run(report, environ)
    figures.write_text(json.dumps(_figures(page)), encoding="utf-8")
    yield _size("page of one team of the real log", page), "aim ≤ 2,200,000 bytes"
    both = [sys.executable, "-c", CHECK_AND_TO_HTML, str(figures), *tracker[1:], "check", *question]
    yield (
        compare("report / check + Plotly's to_html of its figures", report, both, environ=environ),
        "aim ≤ 1.5",
    )
    yield first_paint(page, _figures(page), folder), "aim < 0.5"
    yield from _growth(folder)


def _growth(folder: Path) -> Iterator[tuple[Pair | Figure, str]]:
    """Compare the pages of two logs, one with twenty times the work items of the other."""
    environ = environ_for(folder)
    reports, databases = {}, {}
    for items in (SMALL, LARGE):
        log, map_, page = (folder / f"{items}.{kind}" for kind in ("csv", "toml", "html"))
        databases[items] = folder / f"{items}.db"
        tracker = [TRACKER, "-q", "--db", f"sqlite:///{databases[items]}"]
        _write_log(log, items, Random(1))
        map_.write_text(
            demo.MAP.replace(SOURCE, "made-up").replace(demo.ZONE, "UTC"), encoding="utf-8"
        )
        run([*tracker, "import", "csv", str(log), "--map", str(map_)], environ)
        run([*tracker, "rollout", "Helper", "--on", ROLLOUT], environ)
        reports[items] = [*tracker, "report", "-o", str(page)]
        run(reports[items], environ)
        yield _size(f"page of {items:,} work items", page), ""
    reading = [sys.executable, "-c", ITEMS, str(databases[LARGE])]
    commands = reports[LARGE], reports[SMALL], reading
    rounds = [[run(command, environ) for command in commands] for _ in range(2)]
    yield (
        summarise(
            f"report, {LARGE:,} / {SMALL:,} items", [(large, small) for large, small, _ in rounds]
        ),
        "",
    )
    yield (
        summarise(
            f"report, {LARGE:,} / reading them into pandas",
            [(large, read) for large, _, read in rounds],
        ),
        "",
    )


def _write_log(path: Path, items: int, rng: Random) -> None:
    """Write a log of design and testing with one entry per work item, in the demo's columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(demo.COLUMNS)
        for number in range(items):
            start = FIRST + timedelta(days=rng.randrange(DAYS), minutes=rng.randrange(480))
            estimate = rng.choice((30, 60, 90, 120, 240))
            minutes = max(1, round(estimate * math.exp(rng.gauss(0.0, 0.7))))
            end = start + timedelta(minutes=minutes)
            developer = number % DEVELOPERS
            person = (f"d{developer}", f"team {developer % 5}")
            task = (f"T-{number}", "a task", "app", rng.choice(("design", "testing")))
            times = (start.isoformat(" ", "minutes"), end.isoformat(" ", "minutes"), minutes, 0)
            writer.writerow((number, *person, *task, *times, "", estimate, end.isoformat(" ")))


def _figures(page: Path) -> dict[str, dict[str, object]]:
    """Return the figures of a page's charts by id."""
    match = re.search(r'id="figures">([^<]*)<', page.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{page} holds no figures")
    content = json.loads(gzip.decompress(base64.b64decode(match[1])))
    charts: dict[str, dict[str, object]] = content["charts"]
    return charts


def _size(name: str, page: Path) -> Figure:
    return Figure(name, f"{page.stat().st_size:,} bytes")
