"""The page in a real Chromium, as from a mail attachment: quiet, closed, readable by everybody."""

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
WATCH = """
window.seen = {violations: [], shift: 0};
document.addEventListener('securitypolicyviolation', (e) => seen.violations.push(`${e.violatedDirective} ${e.sample}`));
new PerformanceObserver((list) => list.getEntries().forEach((e) => { seen.shift += e.value; }))
  .observe({type: 'layout-shift', buffered: true});
Object.defineProperty(window, 'Plotly', {configurable: true, set(value) {
  seen.parsed = performance.now();
  Object.defineProperty(window, 'Plotly', {value, writable: true});
}});
"""


@dataclass
class Opened:
    """A page that is open, and everything it said or asked for."""

    page: Page
    path: Path
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium that is on the path."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next((found for name in names if (found := shutil.which(name))), None)
    assert path, (
        "no Chromium is on the path: install one, for instance with `apt-get install chromium`"
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every made-up page as a file."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, build in assessments.EVERY.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(report_html(build()), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def open_page(browser: Browser, files: dict[str, Path]):
    """Opens a page by name, watched, and waits for its charts.

    A page opened the same way is handed out again, unless it is to be ``fresh``. ``scripts=False``: with scripts off.
    """
    loaded: dict[str, Opened] = {}

    def watched(name: str, scripts: bool, before: str, options: dict[str, object]) -> Opened:
        context = browser.new_context(java_script_enabled=scripts, **{"viewport": WIDE, **options})
        found = Opened(context.new_page(), files[name])
        found.page.on(
            "console", lambda message: found.console.append(f"{message.type}: {message.text}")
        )
        found.page.on("pageerror", lambda error: found.console.append(f"error: {error}"))
        found.page.on("request", lambda request: found.requests.append(request.url))
        if scripts:
            found.page.add_init_script(WATCH + before)
        found.page.goto(found.path.as_uri())
        if scripts and not before:
            found.page.wait_for_selector("html[data-charts=drawn]", state="attached")
        return found

    def opened(
        name: str, *, scripts: bool = True, before: str = "", fresh: bool = False, **options: object
    ) -> Opened:
        key = repr((name, scripts, before, sorted(options.items())))
        if fresh:
            return watched(name, scripts, before, options)
        if key not in loaded:
            loaded[key] = watched(name, scripts, before, options)
        return loaded[key]

    return opened


@pytest.mark.parametrize(
    ("name", "scheme"),
    [*((name, "light") for name in assessments.EVERY), ("demo", "dark"), ("hostile", "dark")],
)
def test_the_page_is_quiet_and_asks_for_nothing(open_page, name: str, scheme: str):
    """No word on the console, no request but the file, nothing that the policy had to stop, no shift of layout."""
    opened = open_page(name, color_scheme=scheme)
    seen = opened.page.evaluate("seen")
    assert opened.console == []
    assert opened.requests == [opened.path.as_uri()]
    assert seen["violations"] == []
    assert seen["shift"] == 0
    charts = opened.page.locator(".chart").count()
    assert opened.page.locator(".chart .main-svg").count() >= charts


@pytest.mark.parametrize("name", assessments.EVERY)
def test_the_phone_scrolls_only_downwards(open_page, name: str):
    """At 360 pixels nothing sticks out to the right, whatever the names are, and charts follow a narrower window."""
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
def test_axe_finds_no_serious_fault(open_page, name: str, scheme: str, viewport: dict[str, int]):
    """An accessibility checker finds nothing serious or critical, with every table open."""
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
    """Without scripts the words and the main figure are there, and the other charts' figures can be opened."""
    page = open_page("demo", scripts=False).page
    assert page.get_by_role("heading", name="Design: about 41").is_visible()
    assert page.locator("svg.static").bounding_box()["height"] > 200
    page.locator("summary").nth(1).click()
    assert page.locator("details table").nth(1).is_visible()
    assert page.locator(".unscripted").first.is_visible()


def test_a_browser_that_cannot_unpack_is_told_where_the_figures_are(open_page):
    """Without DecompressionStream the static figure stays and each other chart points to its table."""
    page = open_page("demo", before="delete window.DecompressionStream;").page
    page.wait_for_selector("html.plain", state="attached")
    assert page.locator("svg.static").is_visible()
    assert page.locator(".unscripted").first.is_visible()


def test_the_headline_is_painted_before_the_script_is_parsed(open_page):
    """The words are on the screen when Plotly begins."""
    page = open_page("demo", color_scheme="light").page
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < page.evaluate("seen.parsed")


def test_hover_text_of_a_hostile_name_is_text(open_page):
    """What a name holds is shown as it is when a chart is hovered, and neither runs nor links."""
    page = open_page("hostile", color_scheme="light").page
    chart = page.locator("#intervals")
    for number, name in enumerate(
        (assessments.HOSTILE, '<a href="javascript:alert(1)">x</a> %{x} $\\alpha$ &lt;br&gt;')
    ):
        point = chart.locator(".scatterlayer .trace .points path").nth(3 * number + number)
        point.scroll_into_view_if_needed()
        point.hover(force=True)
        page.wait_for_function("() => document.querySelector('#intervals .hoverlayer .hovertext')")
        shown = page.evaluate("document.querySelector('#intervals .hoverlayer').textContent")
        assert name in shown
        page.mouse.move(0, 0)
        page.wait_for_function("() => !document.querySelector('#intervals .hoverlayer .hovertext')")
    assert (
        page.evaluate("document.querySelectorAll('.chart a, .chart img, .chart script').length")
        == 0
    )
    assert page.title().startswith("What the log says")


def test_labels_of_hostile_names_are_text(open_page):
    """In the charts' own labels, too, tags and templates are characters."""
    page = open_page("hostile", color_scheme="light").page
    labels = page.evaluate(
        "[...document.querySelectorAll('.chart .annotation-text')].map((t) => t.textContent).join(' ')"
    )
    assert "</script><img" in labels
    assert "%{x}" in labels
    assert "&lt;br&gt;" in labels


def test_tabbing_reaches_everything_and_is_seen(open_page):
    """Every link, summary and scrollable table gets the focus in the order of the page, and shows that it has it."""
    page = open_page("demo", fresh=True).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    wanted = page.evaluate("document.querySelectorAll('a[href], summary, .scroll').length")
    reached = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """(() => { const e = document.activeElement; const all = [...document.querySelectorAll('*')];
                return [all.indexOf(e), getComputedStyle(e).outlineStyle]; })()"""
            )
        )
    places = [place for place, _ in reached]
    assert places == sorted(set(places))
    assert {outline for _, outline in reached} == {"solid"}


def test_the_skip_link_leads_to_the_verdicts(open_page):
    """The first stop of the keyboard jumps over everything else."""
    page = open_page("demo", fresh=True).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "verdicts"


def test_charts_follow_light_and_dark(open_page):
    """When the system turns dark, so do charts that are drawn already; and back."""
    page = open_page("demo", fresh=True, color_scheme="light").page
    colour = "getComputedStyle(document.querySelector('#intervals .annotation-text')).fill"
    before = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => {colour} !== '{before}'")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"() => {colour} === '{before}'")


def test_the_printed_page_is_light_and_fits(open_page):
    """From a dark screen the printer gets dark ink, and charts no wider than the paper."""
    page = open_page("demo", color_scheme="dark", fresh=True).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    widths = page.evaluate(
        "[...document.querySelectorAll('.chart .main-svg')].map((s) => s.getBoundingClientRect().width)"
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


def test_the_same_words_are_on_every_chart_for_a_screen_reader(open_page):
    """Each chart is one image with a description; nothing in it is read out piece by piece."""
    page = open_page("demo", color_scheme="light").page
    charts = page.get_by_role("img").filter(has=page.locator(".main-svg"))
    assert charts.count() == page.locator(".chart").count()
