"""The page in a real Chromium, opened as a file: no errors, no requests, accessible."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from support import assessments

from tracker.report.page import report_html

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FLAGS = (
    *(
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
    ),
    *("--disable-sync", "--no-first-run"),
)
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
OBSERVE = """
window.observed = {violations: [], shift: 0};
document.addEventListener('securitypolicyviolation',
  (e) => observed.violations.push(`${e.violatedDirective} ${e.sample}`));
new PerformanceObserver(
  (list) => list.getEntries().forEach((e) => { observed.shift += e.value; }))
  .observe({type: 'layout-shift', buffered: true});
Object.defineProperty(window, 'Plotly', {configurable: true, set(value) {
  observed.parsed = performance.now();
  Object.defineProperty(window, 'Plotly', {value, writable: true});
}});
"""


@dataclass
class OpenPage:
    """An open page, its messages on the console and its requests."""

    page: Page
    path: Path
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a Chromium from the path."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next((path for name in names if (path := shutil.which(name))), None)
    assert path, (
        "no Chromium is on the path: install one, for instance with `apt-get install chromium`"
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write every made-up page to a file."""
    folder = tmp_path_factory.mktemp("pages")
    paths = {}
    for name, build in assessments.ASSESSMENT_BUILDERS.items():
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(report_html(build()), encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def open_page(browser: Browser, files: dict[str, Path]):
    """Return a function that opens a page by name, observed, and waits for its charts.

    A page that was opened in the same way is returned again, unless ``reload``. With
    ``scripts=False`` scripts are off.
    """
    pages: dict[str, OpenPage] = {}

    def load(name: str, scripts: bool, before: str, options: dict[str, object]) -> OpenPage:
        context = browser.new_context(java_script_enabled=scripts, **{"viewport": WIDE, **options})
        opened = OpenPage(context.new_page(), files[name])
        opened.page.on(
            "console", lambda message: opened.console.append(f"{message.type}: {message.text}")
        )
        opened.page.on("pageerror", lambda error: opened.console.append(f"error: {error}"))
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        if scripts:
            opened.page.add_init_script(OBSERVE + before)
        opened.page.goto(opened.path.as_uri())
        if scripts and not before:
            opened.page.wait_for_selector("html[data-charts=drawn]", state="attached")
        return opened

    def open_by_name(
        name: str,
        *,
        scripts: bool = True,
        before: str = "",
        reload: bool = False,
        **options: object,
    ) -> OpenPage:
        if reload:
            return load(name, scripts, before, options)
        key = repr((name, scripts, before, sorted(options.items())))
        if key not in pages:
            pages[key] = load(name, scripts, before, options)
        return pages[key]

    return open_by_name


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        *((name, "light") for name in assessments.ASSESSMENT_BUILDERS),
        ("demo", "dark"),
        ("hostile", "dark"),
    ],
)
def test_the_page_has_no_errors_and_makes_no_requests(open_page, name: str, scheme: str):
    """Nothing on the console, no request but the file, no violation, no layout shift."""
    opened = open_page(name, color_scheme=scheme)
    observed = opened.page.evaluate("observed")
    assert opened.console == []
    assert opened.requests == [opened.path.as_uri()]
    assert observed["violations"] == []
    assert observed["shift"] == 0
    charts = opened.page.locator(".chart").count()
    assert opened.page.locator(".chart .main-svg").count() >= charts


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_a_phone_does_not_scroll_sideways(open_page, name: str):
    """At 360 pixels nothing overflows, whatever the names; charts follow the width."""
    page = open_page(name, color_scheme="light").page
    page.set_viewport_size(PHONE)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.main-svg')].every((s) => s.clientWidth <= 360)"
    )
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)
    assert width <= 360


@pytest.mark.parametrize(
    ("name", "scheme", "viewport"),
    [
        *((name, "light", WIDE) for name in ("demo", "too_little", "slower", "hostile", "empty")),
        ("demo", "dark", WIDE),
        ("demo", "light", PHONE),
    ],
)
def test_axe_reports_nothing_serious(open_page, name: str, scheme: str, viewport: dict[str, int]):
    """An accessibility checker reports nothing serious or critical, with every table open."""
    options = {} if viewport is WIDE else {"viewport": viewport}
    page = open_page(name, color_scheme=scheme, **options).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    violations = Axe().run(page).response["violations"]
    grave = [
        (v["id"], v["nodes"][0]["html"])
        for v in violations
        if v["impact"] in {"serious", "critical"}
    ]
    assert grave == []


def test_the_verdict_is_readable_with_scripts_off(open_page):
    """Without scripts the text and the main chart are visible, and tables can be opened."""
    page = open_page("demo", scripts=False).page
    assert page.get_by_role("heading", name="Design: about 41").is_visible()
    assert page.locator("svg.static").bounding_box()["height"] > 200
    page.locator("summary").nth(1).click()
    assert page.locator("details table").nth(1).is_visible()
    assert page.locator(".unscripted").first.is_visible()


def test_a_browser_that_cannot_decompress_shows_the_tables(open_page):
    """Without DecompressionStream the SVG stays and other charts point to their tables."""
    page = open_page("demo", before="delete window.DecompressionStream;").page
    page.wait_for_selector("html.plain", state="attached")
    assert page.locator("svg.static").is_visible()
    assert page.locator(".unscripted").first.is_visible()


def test_the_headline_is_painted_before_the_script_is_parsed(open_page):
    """The text is on the screen when Plotly begins."""
    page = open_page("demo", color_scheme="light").page
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < page.evaluate("observed.parsed")


def test_hover_text_of_a_hostile_name_is_text(open_page):
    """A name is displayed as it is on hover, and neither runs nor links."""
    page = open_page("hostile", color_scheme="light").page
    chart = page.locator("#intervals")
    for number, name in enumerate(
        (assessments.HOSTILE, '<a href="javascript:alert(1)">x</a> %{x} $\\alpha$ &lt;br&gt;')
    ):
        point = chart.locator(".scatterlayer .trace .points path").nth(3 * number + number)
        point.scroll_into_view_if_needed()
        point.hover(force=True)
        page.wait_for_function("() => document.querySelector('#intervals .hoverlayer .hovertext')")
        hover_text = page.evaluate("document.querySelector('#intervals .hoverlayer').textContent")
        assert name in hover_text
        page.mouse.move(0, 0)
        page.wait_for_function("() => !document.querySelector('#intervals .hoverlayer .hovertext')")
    assert (
        page.evaluate("document.querySelectorAll('.chart a, .chart img, .chart script').length")
        == 0
    )
    assert page.title().startswith("What the log says")


def test_labels_of_hostile_names_are_text(open_page):
    """Tags and templates in the labels of charts are plain characters, too."""
    page = open_page("hostile", color_scheme="light").page
    labels = page.evaluate(
        "[...document.querySelectorAll('.chart .annotation-text')]"
        ".map((t) => t.textContent).join(' ')"
    )
    assert "</script><img" in labels
    assert "%{x}" in labels
    assert "&lt;br&gt;" in labels


def test_tabbing_reaches_everything_visibly(open_page):
    """Every link, summary and table gets a visible focus, in the order of the page."""
    page = open_page("demo", reload=True).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    count = page.evaluate("document.querySelectorAll('a[href], summary, .scroll').length")
    focused = []
    for _ in range(count):
        page.keyboard.press("Tab")
        focused.append(
            page.evaluate(
                """(() => { const e = document.activeElement;
                const all = [...document.querySelectorAll('*')];
                return [all.indexOf(e), getComputedStyle(e).outlineStyle]; })()"""
            )
        )
    positions = [position for position, _ in focused]
    assert positions == sorted(set(positions))
    assert {outline for _, outline in focused} == {"solid"}


def test_the_skip_link_leads_to_the_verdicts(open_page):
    """The first tab stop jumps to the verdicts."""
    page = open_page("demo", reload=True).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "verdicts"


def test_charts_follow_light_and_dark(open_page):
    """When the system turns dark or light, charts that are already drawn follow."""
    page = open_page("demo", reload=True, color_scheme="light").page
    colour = "getComputedStyle(document.querySelector('#intervals .annotation-text')).fill"
    before = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => {colour} !== '{before}'")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"() => {colour} === '{before}'")


def test_the_printed_page_is_light_and_fits(open_page):
    """From a dark screen it is printed in dark ink, with charts no wider than the paper."""
    page = open_page("demo", color_scheme="dark", reload=True).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    widths = page.evaluate(
        "[...document.querySelectorAll('.chart .main-svg')]"
        ".map((s) => s.getBoundingClientRect().width)"
    )
    assert max(widths) <= 680
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        page.evaluate(
            "getComputedStyle(document.querySelector('#intervals .annotation-text')).fill"
        )
        == "rgb(28, 33, 40)"
    )
    assert page.pdf().startswith(b"%PDF")


def test_each_chart_is_one_image_for_a_screen_reader(open_page):
    """Each chart is one image with a description; its parts are not read out."""
    page = open_page("demo", color_scheme="light").page
    charts = page.get_by_role("img").filter(has=page.locator(".main-svg"))
    assert charts.count() == page.locator(".chart").count()
