"""The page in a real Chromium, opened as a file: no errors, no requests, accessible.

Its charts are there without scripts; with them, a reader can explore each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from support import assessments

from tracker.report.page import report_html

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
OBSERVE = """
window.observed = {violations: [], shift: 0};
document.addEventListener('securitypolicyviolation',
  (e) => observed.violations.push(`${e.violatedDirective} ${e.sample}`));
new PerformanceObserver(
  (list) => list.getEntries().forEach((e) => { observed.shift += e.value; }))
  .observe({type: 'layout-shift', buffered: true});
"""
TEXTS = """
() => [...document.querySelectorAll('.drawing')].flatMap((drawing) =>
  [...drawing.querySelectorAll('text')].map((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return [drawing.parentElement.id, text.textContent, left, right, top, bottom];
  }))
"""
"""The texts of all charts with their boxes."""
UNFOLD = """
async () => {
  document.querySelectorAll('details:has(.chart)').forEach((d) => { d.open = true; });
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  observed.shift = 0;
}
"""
"""Opens whatever holds charts, which shifts what is below."""
EXPLORE = """
async () => {
  for (const button of document.querySelectorAll('.explore')) {
    button.click();
    while (button.disabled || button.getAttribute('aria-pressed') === 'false') {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
"""
"""Explores every chart."""


@dataclass
class OpenPage:
    """An open page, its messages on the console and its requests."""

    page: Page
    path: Path
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


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
    """Return a function that opens a page by name, observed.

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
    assert opened.page.locator(".drawing").count() == opened.page.locator(".chart").count()
    assert opened.page.evaluate("window.Plotly") is None


@pytest.mark.parametrize(
    ("name", "scheme"), [("demo", "light"), ("demo", "dark"), ("injected", "light")]
)
def test_every_chart_can_be_explored(open_page, name: str, scheme: str):
    """Plotly starts when it is asked for, under the policy, and moves nothing on the page."""
    opened = open_page(name, color_scheme=scheme, reload=True)
    opened.page.evaluate(UNFOLD)
    opened.page.evaluate(EXPLORE)
    assert opened.page.locator(".live .main-svg").first.is_visible() or name == "empty"
    assert opened.page.locator(".explored .drawing:visible").count() == 0
    charts = opened.page.locator(".chart").count()
    assert opened.page.locator(".explored .live > .plot-container").count() == charts
    observed = opened.page.evaluate("observed")
    assert (opened.console, observed["violations"], observed["shift"]) == ([], [], 0)
    assert opened.requests == [opened.path.as_uri()]


def test_an_explored_chart_can_be_closed_again(open_page):
    """The same button brings the drawing back, and says which of both is shown."""
    page = open_page("demo", reload=True).page
    page.evaluate(UNFOLD)
    button = page.get_by_role("button", name="Explore The interval against the claim")
    button.click()
    page.wait_for_selector("#intervals .live .main-svg", state="attached")
    assert button.get_attribute("aria-pressed") == "true"
    assert page.get_by_role("status").first.text_content().startswith("Point at a mark")
    button.click()
    assert page.locator("#intervals .live").count() == 0
    assert page.locator("#intervals .drawing").is_visible()
    assert button.get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_a_phone_does_not_scroll_sideways(open_page, name: str):
    """At 360 pixels nothing overflows, whatever the names, explored or not."""
    page = open_page(name, color_scheme="light", viewport=PHONE).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if name == "hostile":
        page.evaluate(EXPLORE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [320, 390, 700, 1024, 1440])
@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_texts_of_charts_neither_overlap_nor_are_cut(open_page, name: str, width: int):
    """Each label lies beside the others and within the window."""
    page = open_page(name, viewport={"width": width, "height": 900}).page
    texts = page.evaluate(TEXTS)
    for number, (chart, text, left, right, top, bottom) in enumerate(texts):
        assert left >= 0, (chart, text)
        assert right <= width, (chart, text)
        for other_chart, other, left_2, right_2, top_2, bottom_2 in texts[number + 1 :]:
            beside = right <= left_2 + 0.5 or right_2 <= left + 0.5
            apart = (
                bottom <= top_2 + 3 or bottom_2 <= top + 3
            )  # their boxes are higher than letters
            assert beside or apart or chart != other_chart, (chart, text, other)


@pytest.mark.parametrize(
    ("name", "scheme", "viewport"),
    [
        *((name, "light", WIDE) for name in assessments.ASSESSMENT_BUILDERS),
        ("demo", "dark", WIDE),
        ("demo", "light", PHONE),
    ],
)
def test_axe_reports_nothing(open_page, name: str, scheme: str, viewport: dict[str, int]):
    """An accessibility checker finds no fault, with every table open."""
    options = {} if viewport is WIDE else {"viewport": viewport}
    page = open_page(name, color_scheme=scheme, **options).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    violations = Axe().run(page).response["violations"]
    faults = [(v["id"], v["nodes"][0]["html"]) for v in violations]
    assert faults == []


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_all_charts_and_words_are_there_with_scripts_off(open_page, name: str):
    """Without scripts every chart is drawn, tables can be opened, and no word is missing."""
    page = open_page(name, scripts=False).page
    charts = page.locator(".chart").count()
    unfolded = page.locator(".chart:not(details:not([open]) *)").count()
    assert page.locator(".drawing").count() == charts
    assert page.locator(".drawing:visible").count() == unfolded
    assert unfolded >= charts - 1 or name == "ten_activities"
    assert page.locator(".explore:visible").count() == 0
    scripted = open_page(name, reload=True).page
    scripted.evaluate("document.querySelectorAll('.explore').forEach((b) => b.remove())")
    assert page.inner_text("body").split() == scripted.inner_text("body").split()


@pytest.mark.parametrize("sandbox", ["", "allow-scripts"])
def test_a_sandboxed_frame_shows_all_charts(browser: Browser, files: dict[str, Path], sandbox: str):
    """As in the preview of a mail; a chart can be explored where scripts are allowed."""
    page = browser.new_page(viewport=WIDE)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.set_content("<iframe width='1200' height='800'></iframe>")
    page.evaluate(
        """([sandbox, text]) => {
          const frame = document.querySelector('iframe');
          frame.sandbox = sandbox;
          frame.srcdoc = text;
        }""",
        [sandbox, files["demo"].read_text(encoding="utf-8")],
    )
    frame = page.frame_locator("iframe")
    frame.locator("footer").wait_for(state="attached")
    assert frame.locator(".drawing").count() == frame.locator(".chart").count() > 5
    assert frame.locator("#course-0 .drawing").is_visible()
    button = frame.locator('[data-chart="course-0"]')
    assert button.is_visible() == bool(sandbox)
    if sandbox:
        button.click()
        frame.locator("#course-0 .live .main-svg").first.wait_for()
        assert errors == []
    page.close()


def test_a_browser_that_cannot_decompress_says_so(open_page):
    """Without DecompressionStream the drawing stays, and a sentence says why."""
    page = open_page("demo", before="delete window.DecompressionStream;").page
    page.locator('[data-chart="course-0"]').click()
    status = page.locator('[data-chart="course-0"] + [role=status]')
    status.filter(has_text="cannot unpack").wait_for()
    assert page.locator("#course-0 .drawing").is_visible()


def test_hover_text_of_a_hostile_name_is_text(open_page):
    """A name is displayed as it is on hover, and neither runs nor links."""
    page = open_page("hostile", color_scheme="light").page
    page.evaluate(UNFOLD)
    page.evaluate(EXPLORE)
    chart = page.locator("#intervals")
    for number, name in enumerate(
        (assessments.HOSTILE, '<a href="javascript:alert(1)">x</a> %{x} $\\alpha$ &lt;br&gt;')
    ):
        point = chart.locator(".scatterlayer .trace .points path").nth(2 * number)
        point.scroll_into_view_if_needed()
        point.hover(force=True)
        page.wait_for_function("() => document.querySelector('#intervals .hoverlayer .hovertext')")
        hover_text = page.evaluate("document.querySelector('#intervals .hoverlayer').textContent")
        assert name.replace(" ", "") in hover_text.replace(" ", "")  # a line may end at a space
        page.mouse.move(0, 0)
        page.wait_for_function("() => !document.querySelector('#intervals .hoverlayer .hovertext')")
    assert (
        page.evaluate("document.querySelectorAll('.chart a, .chart img, .chart script').length")
        == 0
    )
    assert page.title().startswith("Since Helper 1.0, </script><img")


def test_labels_of_hostile_names_are_text(open_page):
    """Tags and templates in the labels of charts are plain characters, too."""
    page = open_page("hostile", color_scheme="dark").page
    page.evaluate(EXPLORE)
    for texts in (".drawing text", ".live .annotation-text"):
        check_labels(page, texts)


def check_labels(page: Page, texts: str) -> None:
    labels = page.evaluate(
        f"[...document.querySelectorAll('{texts}')].map((t) => t.textContent).join(' ')"
    )
    assert "</script><img" in labels
    assert "%{x}" in labels
    assert "&lt;br&gt;" in labels


def test_tabbing_reaches_everything_visibly(open_page):
    """Every link, summary and table gets a visible focus, in the order of the page."""
    page = open_page("demo", reload=True).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    count = page.evaluate("document.querySelectorAll('a[href], summary, .scroll, button').length")
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


@pytest.mark.parametrize("text", ["#intervals .drawing text", "#intervals .annotation-text"])
def test_charts_follow_light_and_dark(open_page, text: str):
    """When the system turns dark or light, drawings and explored charts follow."""
    page = open_page("demo", reload=True, color_scheme="light").page
    if "annotation" in text:
        page.evaluate(EXPLORE)
    colour = f"getComputedStyle(document.querySelector('{text}')).fill"
    before = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => {colour} !== '{before}'")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"() => {colour} === '{before}'")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_printed_page_is_light_and_whole(open_page, scripts: bool):
    """From a dark screen it is printed in dark ink, with every chart and every table."""
    page = open_page("demo", color_scheme="dark", scripts=scripts, reload=True).page
    if scripts:
        page.evaluate(EXPLORE)
    page.emulate_media(media="print")
    colour = "(e) => getComputedStyle(e).color"
    assert page.locator("#intervals .t-ink").first.evaluate(colour) == "rgb(28, 33, 40)"
    printed = page.locator(".figure:not(.studies *)")
    assert page.locator(".drawing:visible").count() == printed.count() > 8
    assert page.locator(".live:visible, .explore:visible").count() == 0
    heights = [table.bounding_box()["height"] for table in printed.locator("table").all()]
    assert min(heights) > 40
    ends = printed.evaluate_all(
        "(all) => all.map((f) => [f.querySelector('table'), f].map("
        "(e) => e.getBoundingClientRect().bottom))"
    )
    assert all(table <= figure for table, figure in ends)
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("name", ["demo", "ten_activities"])
def test_a_printed_page_is_short(open_page, name: str):
    """Two activities with all their tables, or ten folded ones, take at most 12 sheets."""
    pdf = open_page(name, scripts=False).page.pdf(format="A4", prefer_css_page_size=True)
    assert 4 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 12


def test_the_board_sheet_holds_the_table_of_ten_activities(open_page):
    """On A4, claim, gain, bar, verdict and evidence stand side by side and overlap nowhere."""
    page = open_page("ten_activities", viewport={"width": 696, "height": 1020}, reload=True).page
    page.emulate_media(media="print")
    assert page.locator("#verdicts").bounding_box()["height"] < 900
    overlaps = page.locator(".answers td > .verdict").evaluate_all(
        "(all) => all.filter((v) => v.getBoundingClientRect().right"
        " > v.parentElement.nextElementSibling.getBoundingClientRect().left)"
        ".map((v) => v.textContent)"
    )
    assert overlaps == []
    assert page.locator("#robustness-heading:visible").count() == 0


def test_marks_have_the_colour_of_text_where_the_system_sets_colours(open_page):
    """With forced colours nothing is drawn in a colour that the reader's system did not choose."""
    page = open_page("demo", forced_colors="active").page
    colours = page.evaluate(
        """() => [...new Set([...document.querySelectorAll('.drawing [class^="t-"]')]
          .filter((e) => !e.matches('.t-ground, .t-faint, [class$="-band"]'))
          .map((e) => getComputedStyle(e).color))]"""
    )
    assert colours == [page.evaluate("getComputedStyle(document.body).color")]


def test_each_chart_is_one_image_for_a_screen_reader(open_page):
    """Each chart is one image with its sentence as name; its parts are not read out."""
    page = open_page("demo", color_scheme="light").page
    images = page.locator(".chart").get_by_role("img")
    assert images.count() == page.locator(".chart").count()
    assert page.get_by_role("img", name="Intervals of the gain against the claims").count() == 1


RINGS = """
() => [...document.querySelectorAll('.drawing use:not([x])')].map((use) => {
  const path = document.querySelector(use.getAttribute('href'));
  return [getComputedStyle(path).vectorEffect, path.getAttribute('vector-effect')];
})
"""


def test_rings_stay_round_when_a_drawing_is_narrow(open_page):
    """What is drawn by reference keeps its width, as style sheets do not reach into it."""
    page = open_page("demo", viewport=PHONE).page
    rings = page.evaluate(RINGS)
    assert rings
    assert {tuple(ring) for ring in rings} == {("non-scaling-stroke", "non-scaling-stroke")}
    edges = page.evaluate(
        """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
          .map((rule) => rule.selectorText).filter((text) => text?.includes('.edge'))"""
    )
    assert edges == [".edge"]


def test_no_chart_leaves_half_of_its_row_empty(open_page):
    """The charts of an activity fill the width: the last one too where it has no neighbour."""
    page = open_page("demo").page
    for grid in page.locator("[id^='activity-'] .grid").all():
        boxes = grid.locator(".figure").evaluate_all(
            "(all) => all.map((figure) => figure.getBoundingClientRect().toJSON())"
        )
        rows = {box["top"] for box in boxes}
        right = grid.bounding_box()["x"] + grid.bounding_box()["width"]
        assert len(rows) > 1
        for top in rows:
            assert max(box["right"] for box in boxes if box["top"] == top) == pytest.approx(right)


def test_headers_of_tables_break_so_that_the_table_is_not_cut(open_page):
    """The table of forecasts fits beside its neighbour, and texts begin where their header does."""
    page = open_page("demo", reload=True).page
    page.evaluate("document.querySelectorAll('details').forEach((fold) => fold.open = true)")
    tables = page.locator("[aria-label^='Table: '][aria-label*='forecast']").all()
    assert tables
    for table in tables:
        assert table.evaluate("(box) => box.scrollWidth <= box.clientWidth + 1")
    header = page.get_by_role("columnheader", name="claim or measured quantity")
    cell = page.locator("[aria-label*='(intervals)'] tbody td:nth-child(2)").first
    assert header.evaluate("(th) => getComputedStyle(th).textAlign") == "left"
    assert cell.evaluate("(td) => getComputedStyle(td).textAlign") == "left"
