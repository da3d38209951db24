"""A page in Chromium against a bare page with the same figures.

Needs Playwright, and a Chromium on the path.
"""

from __future__ import annotations

import html
import json
import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from plotly.offline import get_plotlyjs

from benchmarks.pairs import Pair, Run, summarise

RUNS = 5
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
WIDE = {"width": 1280, "height": 900}
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
DRAWN = "window.drawn"
WATCH = """
new MutationObserver((_, observer) => {
  if (document.documentElement.dataset.charts) {
    window.drawn = performance.now();
    observer.disconnect();
  }
}).observe(document, {subtree: true, attributes: true});
"""
BARE = """<!doctype html>
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


def first_paint(page: Path, figures: dict[str, dict[str, object]], folder: Path) -> Pair:
    """Time the page from the start of navigation.

    Returns:
        The first paint, which has all charts, over the moment when Plotly has drawn the same
        figures in a bare page.

    """
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, NAMES)), None)
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        bare = folder / "bare.html"
        bare.write_text(_bare(figures, _widths(browser, page, list(figures))), encoding="utf-8")
        pairs = []
        for _ in range(RUNS + 1):
            painted = _seconds(browser, page, PAINTED)
            pairs.append((Run(painted), Run(_seconds(browser, bare, DRAWN))))
        browser.close()
    del pairs[0]  # the warm-up
    return summarise(
        "first paint with all charts / the same figures by Plotly in a bare page", pairs
    )


def _seconds(browser: Browser, path: Path, moment: str) -> float:
    """Seconds from navigation to a moment, a JavaScript expression that is falsy before."""
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(path.as_uri())
    page.wait_for_function(f"() => {moment}")
    seconds: float = page.evaluate(moment) / 1000
    context.close()
    return seconds


def _widths(browser: Browser, path: Path, ids: list[str]) -> dict[str, float]:
    """The width of each chart in the page, in pixels."""
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    widths = {
        id_: page.evaluate(f"document.getElementById({json.dumps(id_)}).clientWidth") for id_ in ids
    }
    context.close()
    return widths


def _bare(figures: dict[str, dict[str, object]], widths: dict[str, float]) -> str:
    """A page with Plotly and the figures, as wide as in the report, and nothing else."""
    places = "".join(
        f'<div id="{html.escape(id_)}" style="width:{widths[id_]}px"></div>' for id_ in figures
    )
    charts = json.dumps(figures).replace("</", "<\\/")
    return BARE.format(
        plotly=get_plotlyjs(), places=places, charts=charts, options=json.dumps(OPTIONS)
    )
