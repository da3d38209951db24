"""Facts that a page once stated in two ways: each stands once, or equals its other place."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from html import unescape
from pathlib import Path

import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser
from support import assessments
from support.demo_log import fill_with_demo
from support.store_kit import NOW_EPOCH, open_test_database

from tracker.analysis.assessment import assess
from tracker.claims import catalogue
from tracker.domain.counts import rounded
from tracker.domain.question import Question
from tracker.domain.records import Claim
from tracker.evidence.assessment import Assessment
from tracker.evidence.charts.intervals import interval_data
from tracker.evidence.grade import grade_evidence
from tracker.evidence.results import Result
from tracker.report import axis, formats
from tracker.report.answer_rows import answer_table
from tracker.report.as_json import assessment_json
from tracker.report.as_text import assessment_text
from tracker.report.charts.all_charts import charts_of
from tracker.report.charts.chart import Chart
from tracker.report.charts.intervals import interval_rows
from tracker.report.page import report_html


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """The demo's log as the program judges it: a staggered rollout."""
    folder = tmp_path_factory.mktemp("demo")
    with open_test_database(f"sqlite:///{folder / 'log.db'}") as database:
        fill_with_demo(database)
        question = Question(claims=catalogue.default_claims())
        return assess(database, question, generated_epoch=NOW_EPOCH, for_page=True)


def charts(assessment: Assessment) -> dict[str, Chart]:
    """Return the charts by their ids."""
    groups = charts_of(assessment).values()
    return {chart.id: chart for section in groups for group in section for chart in group.charts}


def plain(text: str) -> str:
    """Return a text in one line with plain spaces, without the tags of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_hover_text_breaks_its_lines_and_keeps_its_characters(demo: Assessment) -> None:
    """Lines of hover text are apart by a line break, which is not taken for a bad character."""
    for chart in charts(demo).values():
        hovers = [text for trace in chart.figure["data"] for text in trace.get("hovertext", ())]
        assert "\ufffd" not in json.dumps(chart.figure, ensure_ascii=False)
        if chart.id.startswith(("course", "buildup")):
            assert hovers
            assert all("<br>" in text for text in hovers)


def test_the_last_look_of_a_staggered_study_is_its_headline(demo: Assessment) -> None:
    """The last row of how the evidence built up is the gain in the first table."""
    rows = answer_table(demo).rows
    for number, row in enumerate(rows):
        assert row.result.study_design == "staggered"
        last = charts(demo)[f"buildup-{number}"].table.rows[-1]
        assert last[-1] == formats.estimate_and_range(row.result.efficiency_gain)
        assert row.gain in last[-1]


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("media", ["print", "forced colours"])
def test_evidence_is_readable_on_paper_and_in_forced_colours(
    browser: Browser, tmp_path: Path, media: str
) -> None:
    """How strong the evidence is stands there as a word, and no background carries it."""
    assessment = assessments.injected()
    path = tmp_path / "page.html"
    path.write_text(report_html(assessment, static=True), encoding="utf-8")
    page = browser.new_page(forced_colors="active" if media == "forced colours" else "none")
    page.goto(path.as_uri())
    page.emulate_media(media="print" if media == "print" else "screen")
    cells = page.locator(".answers .evidence")
    for cell, result in zip(cells.all(), assessment.results, strict=True):
        assert cell.is_visible()
        assert cell.inner_text().startswith(grade_evidence(result).grade)
        assert "image" not in cell.evaluate("(e) => getComputedStyle(e).backgroundImage")
    backgrounds = page.evaluate(
        """() => [...document.querySelectorAll('.answers *')].map((e) => getComputedStyle(e))
          .flatMap((style) => [style.backgroundImage, style.backgroundColor])"""
    )
    assert all(value == "none" or value.endswith(", 0)") for value in backgrounds)
    page.close()


@pytest.mark.parametrize(
    ("items", "developers", "interval"),
    [((2, 2), 2, None), ((2, 2), 2, assessments.theta(0.3, 0.1, 0.6))],
)
def test_two_and_two_tasks_show_no_cause(items: tuple[int, int], developers: int, interval) -> None:
    """Drawn arms alone are no strong evidence: it takes enough developers, and an interval."""
    few = assessments.result(
        "design", assessments.DESIGN, interval, "cannot-tell", design="randomised",
        items=items, developers=developers, threats=(),
    )  # fmt: skip
    few = dataclasses.replace(few, excluded={}, sensitivity=())
    (row,) = answer_table(assessments.assessment(few)).rows
    assert row.evidence.grade == "weak"
    if interval is None:
        assert "cause" not in " ".join(row.reasons)


def test_the_tasks_that_would_tell_are_one_number(demo: Assessment) -> None:
    """Table, section, terminal and JSON name the same next step, in two significant digits."""
    html, text = plain(report_html(demo, static=True)), plain(assessment_text(demo, detailed=True))
    judged = assessment_json(demo)["results"]
    undecided = [result for result in demo.results if result.plan is not None]
    assert undecided
    for result in undecided:
        step = plain(result.sentences.needed)
        assert step
        assert step in html
        assert step in text
        for number in re.findall(r"about ([\d,]+)", step):
            assert number == f"{rounded(int(number.replace(',', ''))):,}"
        json_result = next(r for r in judged if r["activity"] == result.activity)
        planned = {row["study_design"]: row["items_more"] for row in json_result["plan"]}
        assert json_result["items_needed"] == planned.get(result.study_design)
        named = [int(n.replace(",", "")) for n in re.findall(r"about ([\d,]+)", step)]
        assert set(named) <= set(planned.values())


@pytest.mark.parametrize("name", ["demo", "slower", "injected", "ten_activities"])
def test_nothing_better_is_drawn_left_of_zero(name: str) -> None:
    """Every label with a sign lies on its side of zero, claims of time saved and studies too."""
    assessment = assessments.ASSESSMENT_BUILDERS[name]()
    chart = interval_rows(interval_data(assessment))
    labels = 0
    for row in chart.rows:
        signs = re.findall(r"([+−])[\d,]+", row.label)
        labels += len(signs)
        if row.bar is not None and signs:
            assert (signs[0] == "+") == (row.bar.middle > 0), row.label
    assert labels


@pytest.mark.parametrize("claimed", [0.4, -0.2])
def test_a_claim_of_time_saved_lies_on_the_side_of_its_sign(claimed: float) -> None:
    """Time saved is more efficient, so it lies right of zero; time lost lies left."""
    claim = Claim("c", "design", claimed, "time_saved", "at_least", "an offer")
    judged = assessments.result(
        "design", claim, assessments.theta(0.3, 0.1, 0.6), "smaller", developers=12
    )
    table = answer_table(assessments.assessment(judged))
    bar = str(table.rows[0].bar)
    (zero,) = re.findall(r'class="zero" x1="([\d.]+)%"', bar)
    (place,) = re.findall(r'class="claim"[^>]*><svg class="at" x="([\d.]+)%"', bar)
    assert (float(place) > float(zero)) == (claimed > 0)


def test_a_chart_has_one_scale(demo: Assessment) -> None:
    """No chart has a second x or y axis, and a log axis is said to be one."""
    for chart in charts(demo).values():
        layout = chart.figure["layout"]
        axes = [key for key in layout if re.fullmatch(r"[xy]axis\d*", key)]
        assert sorted(axes) == ["xaxis", "yaxis"]
        if "log" in (layout["xaxis"].get("type"), layout["yaxis"].get("type")):
            assert "log scale" in chart.lead


def test_a_tick_stands_once(demo: Assessment) -> None:
    """No label of an axis repeats, such as a month in every second week."""
    for chart in charts(demo).values():
        layout = go.Figure(chart.figure).layout
        for ticks in (layout.xaxis.ticktext, layout.yaxis.ticktext):
            labels, year = [], ""
            for text in ticks or ():
                label, _, new_year = text.partition("<br>")
                year = new_year or year
                labels.append((label, year))
            assert len(set(labels)) == len(labels)


def test_minutes_under_an_adjusted_headline_are_adjusted(demo: Assessment) -> None:
    """The typical minutes drawn are as far apart as the headline says; raw ones are named so."""
    for number, result in enumerate(demo.results):
        chart = charts(demo)[f"distributions-{number}"]
        assert "adjusted as the headline is" in chart.lead
        without, with_assistance = _drawn_centres(chart)
        assert result.log_ratio is not None
        assert math.log(with_assistance / without) == pytest.approx(result.log_ratio.estimate)
        (raw,) = [row for row in chart.table.rows if row[0].startswith("typical")]
        assert raw[0] == "typical, not adjusted"


def _drawn_centres(chart: Chart) -> tuple[float, float]:
    """Return the minutes of the upright lines of both arms."""
    lines = [s for s in go.Figure(chart.figure).layout.shapes if s.line.color == "#1c2128"]
    without, with_assistance = (math.exp(line.x0) for line in lines)
    return without, with_assistance


def test_a_section_counts_its_tasks_once(demo: Assessment) -> None:
    """The tasks drawn, those in the labels and those of the section are the same."""
    html = plain(report_html(demo, static=True))
    for number, result in enumerate(demo.results):
        compared = (result.items_baseline, result.items_assistance)
        chart = charts(demo)[f"distributions-{number}"]
        assert _labelled(chart) == [formats.count(n) for n in compared]
        assert sum(len(trace["x"]) for trace in chart.figure["data"][:2]) == sum(
            n or 0 for n in compared
        )
        assert f"Compared: {compared[0]} + {compared[1]} tasks" in html


def _labelled(chart: Chart) -> list[str]:
    """Return the numbers of tasks in the labels of both arms."""
    texts = [str(note.text) for note in go.Figure(chart.figure).layout.annotations]
    return [match[1] for text in texts if (match := re.search(r"</b>: ([\d,]+) tasks", text))]


def test_a_mark_of_a_claim_hides_no_end(demo: Assessment) -> None:
    """In the first table the claim is above the bar, and its line below it."""
    result = dataclasses.replace(demo.results[0])
    gain = result.efficiency_gain
    assert gain is not None
    assert gain.high is not None
    assert result.claim is not None
    at_the_end = dataclasses.replace(
        result, claim=dataclasses.replace(result.claim, value=gain.high)
    )
    (row,) = answer_table(_only(demo, at_the_end)).rows
    bar = str(row.bar)
    assert axis.claim_position(at_the_end) == pytest.approx(
        axis.interval_to_bar(result.log_ratio).high  # type: ignore[union-attr]
    )
    (claim,) = re.findall(r'class="claim".*?<path d="M0-16V16M0(-\d+)L4-11 0(-\d+)-4-11z"', bar)
    assert max(map(int, claim)) <= -6  # the caps of the interval reach from -6 to 6
    assert bar.index('class="interval') > bar.index('class="claim')


def _only(assessment: Assessment, result: Result) -> Assessment:
    return dataclasses.replace(assessment, results=(result,))


@pytest.mark.parametrize("different", [True, False])
def test_the_reason_for_no_interval_stands_once(different: bool) -> None:
    """It stands beside the verdict, once for all where it is the same, and nowhere else."""
    assessment = assessments.too_little()
    if different:
        design, testing = assessment.results
        (reason,) = testing.threats
        other = dataclasses.replace(reason, message="Nobody tests.")
        testing = dataclasses.replace(testing, threats=(other,))
        assessment = dataclasses.replace(assessment, results=(design, testing))
    text = plain(report_html(assessment, static=True))
    for reason in {result.reason for result in assessment.results}:
        assert text.count(plain(reason.message)) == 1
        assert text.count("Why there is no gain:") == 1 + different
    assert "What could mislead" not in text
