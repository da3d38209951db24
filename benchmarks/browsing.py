"""Loading times and size of pages in Chromium, also relative to a bare page with the same figures.

Needs Playwright, and a Chromium on the path. ``python -m benchmarks browsing`` measures the demo's
page and that of a log of ten activities with eight claims.
"""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from plotly.offline import get_plotlyjs

from benchmarks.log import environ_for
from benchmarks.pairs import Figure, Pair, Run, run, summarise
from tracker import demo
from tracker.domain.times import day_to_date

RUNS = 5
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
FIRST_PAINT_SCREEN = {"width": 1280, "height": 900}
FIRST_PAINT_MS = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
CHARTS_DRAWN_MS = "window.drawn"
TRACKER = str(Path(sys.executable).with_name("tracker"))
SCREEN = {"width": 1440, "height": 900}
ACTIVITIES = (
    *("design", "testing", "coding", "review", "planning"),
    *("requirements", "documentation", "meeting", "other", "debugging"),
)
CLAIMED_COUNT = 8
OBSERVE_SCRIPT = """
window.observed = {shift: 0, tasks: []};
new PerformanceObserver((list) => list.getEntries().forEach((e) => { observed.shift += e.value; }))
  .observe({type: 'layout-shift', buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((e) => observed.tasks.push(e.duration)))
  .observe({type: 'longtask', buffered: true});
addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => setTimeout(() => {
  const isDrawn = (e) => e.closest('details:not([open])') || e.getBoundingClientRect().height > 0;
  if ([...document.querySelectorAll('.drawing')].every(isDrawn)) {
    observed.drawn = performance.now();
  }
})));
"""
"""Records when all charts outside closed details are laid out, layout shifts, and long tasks."""
WATCH_SCRIPT = """
new MutationObserver((_, observer) => {
  if (document.documentElement.dataset.charts) {
    window.drawn = performance.now();
    observer.disconnect();
  }
}).observe(document, {subtree: true, attributes: true});
"""
BARE_PAGE = """<!doctype html>
<html><head><meta charset="utf-8"><script>{plotly}</script></head>
<body>{places}<script>
const charts = {charts};
(async () => {{
  for (const [id, {{data, layout}}] of Object.entries(charts)) {{
    await Plotly.newPlot(id, data, layout, {options});
  }}
  document.documentElement.dataset.charts = "drawn";
}})();
</script></body></html>
"""
OPTIONS = {"displayModeBar": False, "responsive": True}


class PageLoad(NamedTuple):
    """Times of one load of a page, in milliseconds."""

    headline: float
    charts: float
    longest_task: float
    """0 if no task took more than 50 ms."""


def measure(folder: Path) -> Iterator[tuple[Pair | Figure, str]]:
    """Measure the page of the demo and that of ten activities, each with and without scripts."""
    pages = {**_write_demo_pages(folder), **_write_pages_of_ten(folder)}
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        for name, page in pages.items():
            yield Figure(f"{name}: size", f"{page.stat().st_size:,} bytes"), ""
            yield from _measure_page(browser, name, page)
        browser.close()


def _measure_page(browser: Browser, name: str, path: Path) -> Iterator[tuple[Figure, str]]:
    """Measure one page; the times are medians of several loads."""
    loads = [_load_page(browser, path) for _ in range(RUNS + 1)][1:]  # the first is the warm-up
    for title, values, aim in (
        ("headline", [load.headline for load in loads], ""),
        ("all charts", [load.charts for load in loads], "aim: in the first paint"),
        ("longest task", [load.longest_task for load in loads], "aim ≤ 200 ms"),
    ):
        yield Figure(f"{name}: {title}", f"{statistics.median(values):,.0f} ms"), aim
    for title, value, aim in _machine_independent_figures(browser, path):
        yield Figure(f"{name}: {title}", value), aim


def _load_page(browser: Browser, path: Path) -> PageLoad:
    context = browser.new_context(viewport=SCREEN)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(OBSERVE_SCRIPT)
    page.goto(path.as_uri())
    page.wait_for_function("() => observed.drawn")
    page.wait_for_timeout(200)
    headline, charts, longest = page.evaluate(
        f"[{FIRST_PAINT_MS}, observed.drawn, Math.max(0, ...observed.tasks)]"
    )
    context.close()
    return PageLoad(headline, charts, longest)


def _machine_independent_figures(browser: Browser, path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the figures that do not depend on the machine: name, value and aim."""
    context = browser.new_context(viewport=SCREEN)  # type: ignore[arg-type]
    page = context.new_page()
    console: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda error: console.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.add_init_script(OBSERVE_SCRIPT)
    page.goto(path.as_uri())
    page.wait_for_function("() => observed.drawn")
    yield "layout shift", f"{page.evaluate('observed.shift'):g}", "aim 0"
    yield "messages on the console", str(len(console)), "aim 0"
    yield "requests besides the page", str(len(requests) - 1), "aim 0"
    height = page.evaluate("document.documentElement.scrollHeight")
    yield "screens of 1440 × 900", f"{height / SCREEN['height']:.1f}", "aim ≤ 8 for ten activities"
    yield "printed pages", str(_printed_pages(page)), "aim ≤ 12"
    yield "accessibility faults", str(_accessibility_violations(page)), "aim 0"
    context.close()


def _printed_pages(page: Page) -> int:
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    return len(re.findall(rb"/Type /Page\b", pdf))


def _accessibility_violations(page: Page) -> int:
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    return len(Axe().run(page).response["violations"])


def _write_demo_pages(folder: Path) -> dict[str, Path]:
    """Write the demo's pages."""
    environ = environ_for(folder)
    run([TRACKER, "-q", "demo", "-o", str(folder / "demo")], environ)
    return _write_pages("demo", folder / "demo" / "demo.db", folder)


def _write_pages_of_ten(folder: Path) -> dict[str, Path]:
    """Write the pages of the demo's log with its tasks spread over ten activities."""
    environ = environ_for(folder)
    log, database = folder / "ten.csv", folder / "ten.db"
    with (folder / "demo" / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = {task: n for n, task in enumerate(dict.fromkeys(row["issue"] for row in rows))}
    with log.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for row in rows:
            row["phase"] = ACTIVITIES[numbers[row["issue"]] % len(ACTIVITIES)]
            writer.writerow(row)
    tracker = [TRACKER, "-q", "--db", f"sqlite:///{database}"]
    map_ = folder / "demo" / "map.toml"
    run([*tracker, "activities", "add", ACTIVITIES[-1]], environ)
    run([*tracker, "import", "csv", str(log), "--map", str(map_)], environ)
    for rollout in demo.ROLLOUTS:
        day = day_to_date(rollout.day).isoformat()
        team = ["--team", str(rollout.team)]
        run([*tracker, "rollout", rollout.assistant, "--on", day, *team], environ)
    for activity in ACTIVITIES[:CLAIMED_COUNT]:
        claim = ["--activity", activity, "--gain", "40%", "--source", "an offer"]
        run([*tracker, "claims", "add", f"offer-{activity}", *claim], environ)
    return _write_pages("ten activities", database, folder, *_question_arguments())


def _question_arguments() -> list[str]:
    """Return the arguments of a report about all activities and claims."""
    claims = [f"offer-{activity}" for activity in ACTIVITIES[:CLAIMED_COUNT]]
    return [*claims, *(part for name in ACTIVITIES for part in ("--activity", name))]


def _write_pages(name: str, database: Path, folder: Path, *question: str) -> dict[str, Path]:
    """Write a page with the charts to explore, and one without scripts."""
    tracker = [TRACKER, "-q", "--db", f"sqlite:///{database}"]
    pages = {name: folder / f"{name}.html", f"{name}, static": folder / f"{name} static.html"}
    for number, page in enumerate(pages.values()):
        static = ["--static"] * number
        run([*tracker, "report", *question, *static, "-o", str(page)], environ_for(folder))
    return pages


def _launch(playwright: Playwright) -> Browser:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    return playwright.chromium.launch(executable_path=path, args=[*FLAGS])


def first_paint(page: Path, figures: dict[str, dict[str, object]], folder: Path) -> Pair:
    """Time the page from the start of navigation.

    Returns:
        The time of the first paint, which has all charts, against the time at which Plotly has
        drawn the same figures in a bare page.
    """
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        bare = folder / "bare.html"
        bare.write_text(
            _bare_page(figures, _chart_widths(browser, page, list(figures))), encoding="utf-8"
        )
        pairs = []
        for _ in range(RUNS + 1):
            painted = _seconds_until(browser, page, FIRST_PAINT_MS)
            pairs.append((Run(painted), Run(_seconds_until(browser, bare, CHARTS_DRAWN_MS))))
        browser.close()
    del pairs[0]  # the warm-up
    return summarise(
        "first paint with all charts / the same figures by Plotly in a bare page", pairs
    )


def _seconds_until(browser: Browser, path: Path, moment: str) -> float:
    """Return the seconds from navigation until a JavaScript expression is truthy."""
    context = browser.new_context(viewport=FIRST_PAINT_SCREEN)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(WATCH_SCRIPT)
    page.goto(path.as_uri())
    page.wait_for_function(f"() => {moment}")
    seconds: float = page.evaluate(moment) / 1000
    context.close()
    return seconds


def _chart_widths(browser: Browser, path: Path, ids: list[str]) -> dict[str, float]:
    """Return the width of each chart in the page, in pixels."""
    context = browser.new_context(viewport=FIRST_PAINT_SCREEN)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    widths = {
        id_: page.evaluate(f"document.getElementById({json.dumps(id_)}).clientWidth") for id_ in ids
    }
    context.close()
    return widths


def _bare_page(figures: dict[str, dict[str, object]], widths: dict[str, float]) -> str:
    """Return a page that has only Plotly and the figures, in the widths of the report."""
    places = "".join(
        f'<div id="{html.escape(id_)}" style="width:{widths[id_]}px"></div>' for id_ in figures
    )
    charts = json.dumps(figures).replace("</", "<\\/")
    return BARE_PAGE.format(
        plotly=get_plotlyjs(), places=places, charts=charts, options=json.dumps(OPTIONS)
    )
