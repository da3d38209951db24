"""Every number has one source: table, bar, sentence, chart and terminal agree on every log."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import plotly.graph_objects as go
import pytest
from support import assessments, report_logs

from tracker.domain import gains
from tracker.evidence.assessment import Assessment
from tracker.evidence.charts.specification import PRIMARY
from tracker.evidence.results import TYPICAL_TASK, Interval, Result
from tracker.report import formats, labels
from tracker.report.analysis_names import plain_name
from tracker.report.as_csv import assessment_rows
from tracker.report.as_json import assessment_json
from tracker.report.as_text import assessment_text
from tracker.report.charts.all_charts import charts_of
from tracker.report.charts.chart import Chart
from tracker.report.hours_texts import hours_texts, saved_range
from tracker.report.page import report_html

FICTITIOUS = sorted(set(assessments.ASSESSMENT_BUILDERS) - {"empty", "hostile"})
REAL_MARKS = (pytest.mark.shared, pytest.mark.xdist_group("real log"))


@dataclass(frozen=True)
class Page:
    """An assessment, and its page without scripts."""

    assessment: Assessment
    html: str

    @functools.cached_property
    def json(self) -> Any:
        return assessment_json(self.assessment)

    @functools.cached_property
    def text(self) -> str:
        """What the terminal prints."""
        return plain(assessment_text(self.assessment, width=120, detailed=True))

    @functools.cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by their ids."""
        sections = charts_of(self.assessment).values()
        return {c.id: c for section in sections for group in section for c in group.charts}

    def rows(self) -> list[str]:
        """The rows of the first table, one a result."""
        return re.findall(r'<tbody class="grade-.*?</tbody>', self.html, re.DOTALL)

    def by_activity(self, chart: str) -> Iterator[tuple[Result, Chart]]:
        """Yield the charts of a name that are about one activity, with its first result."""
        for number, data in enumerate(self.assessment.chart_data):
            drawn = self.charts.get(f"{chart}-{number}")
            if drawn is not None:
                results = self.assessment.results
                yield next(r for r in results if r.activity == data.activity), drawn


@pytest.fixture(
    scope="module",
    params=[
        *(f"fictitious {name}" for name in FICTITIOUS),
        *report_logs.MADE_UP,
        *(pytest.param(name, marks=REAL_MARKS) for name in report_logs.REAL),
    ],
)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The page of a log; the fictitious ones are assessments without a log."""
    name: str = request.param
    kind, _, builder = name.partition(" ")
    if kind == "fictitious":
        assessment = assessments.ASSESSMENT_BUILDERS[builder]()
    else:
        folder = tmp_path_factory.mktemp("log")
        if name in report_logs.REAL:
            log = report_logs.REAL[name](folder, request.getfixturevalue("real_log"))
        else:
            log = report_logs.MADE_UP[name](folder)
        assessment = log.assessment()
    return Page(assessment, report_html(assessment, static=True))


def plain(text: str) -> str:
    """Return a text in one line with plain spaces, without the isolates of names."""
    return " ".join(re.sub("[\u2068\u2069]", "", text).split())


def read(html: str) -> str:
    """Return the text of a part of a page, as :func:`plain` does."""
    return plain(unescape(re.sub(r"<[^>]*>", " ", html)))


def shares(pattern: str, row: str) -> list[float]:
    """Horizontal positions of marks, as shares of the plot."""
    return [float(share) / 100 for share in re.findall(pattern, row)]


def positions_by_share(html: str) -> tuple[float, float]:
    """Offset and slope of the scale, from two of its labelled ticks."""
    (scale,) = re.findall(r'<svg class="scale".*?</svg>', html)
    ticks = re.findall(r'x="([\d.]+)%"[^>]*>([+−\d,]+)\xa0%', scale)
    (x0, gain0), (x1, gain1) = (
        (float(x) / 100, float(text.replace("−", "-")) / 100) for x, text in (ticks[0], ticks[-1])
    )
    slope = (math.log1p(gain1) - math.log1p(gain0)) / (x1 - x0)
    return math.log1p(gain0) - slope * x0, slope


def test_bars_lie_where_the_numbers_say(page: Page) -> None:
    """Ends, estimate and claim of each bar, read off the labelled scale, are those of the JSON."""
    offset, slope = positions_by_share(page.html)
    judged = page.json["results"]
    for result, row in zip(judged, page.rows(), strict=True):
        if result["efficiency_gain"] is None:
            assert 'class="interval' not in row
            continue
        drawn = shares(r'<line x1="([\d.]+)%"', row.partition('class="interval')[2])
        drawn += shares(r'x2="([\d.]+)%"', row.partition('class="interval')[2])
        drawn += shares(r'<circle cx="([\d.]+)%"', row)
        low, high, estimate = (offset + slope * share for share in drawn)
        for position, key in ((low, "low"), (high, "high"), (estimate, "estimate")):
            expected = math.log1p(result["efficiency_gain"][key])
            assert position == pytest.approx(expected, abs=0.02)
        if result["claim"] is not None:
            (claim,) = shares(r'class="claim"[^>]*><svg class="at" x="([\d.]+)%"', row)
            ratio = gains.to_ratio(result["claim"]["reading"], result["claim"]["value"])
            assert ratio is not None
            assert offset + slope * claim == pytest.approx(-math.log(ratio), abs=0.02)


def test_table_and_terminal_show_the_same_numbers(page: Page) -> None:
    """Gain, interval and verdict of each result are the same text on page and terminal."""
    for result, row in zip(page.assessment.results, page.rows(), strict=True):
        gain = result.gain(result.reading)
        for figure in (
            formats.percent(gain.estimate if gain else None),
            formats.percent_range(gain),
            labels.verdict_label(result.verdict),
        ):
            assert plain(figure) in read(row)
            assert plain(figure) in page.text
        if gain is not None and round(100 * gain.estimate):
            size = formats.percent(abs(gain.estimate), signed=False)
            assert size in result.sentences.headline


def test_sentences_are_the_same_on_page_and_terminal(page: Page) -> None:
    """Headline, verdict and next step of each result; the step also has the JSON's number."""
    html = read(page.html)
    for result, judged in zip(page.assessment.results, page.json["results"], strict=True):
        sentences = result.sentences
        for sentence in (sentences.headline, result.log_ratio and sentences.verdict):
            assert plain(sentence or "") in html
        assert plain(sentences.needed) in page.text
        assert all(part in html for part in plain(sentences.needed).split(". "))
        planned = {row["items_more"] for row in judged["plan"]}
        planned |= {row["items_in_all"] for row in judged["plan"]}
        for number in re.findall(r"about ([\d,]+) (?:more )?tasks?", plain(sentences.needed)):
            assert int(number.replace(",", "")) in planned


def test_spreadsheet_and_json_have_the_same_numbers(page: Page) -> None:
    """Gain, bounds, counts and verdict of each result."""
    rows = assessment_rows(page.assessment)
    for row, judged in zip(rows, page.json["results"], strict=True):
        for key in ("verdict", "developers", "se", "items_needed", "study_design"):
            assert row[key] == judged[key]
        for arm, count in judged["items"].items():
            assert row[f"items_{arm}"] == count
        for key in ("time_ratio", "efficiency_gain", "time_saved"):
            interval = judged[key] or dict.fromkeys(("estimate", "low", "high"))
            assert [row[key], row[f"{key}_low"], row[f"{key}_high"]] == list(interval.values())


def test_a_chart_that_compares_other_tasks_says_so(page: Page) -> None:
    """The tasks of each arm are those of the card, or the chart says which they are."""
    for result in page.assessment.results:
        if result.items_baseline and result.log_ratio:
            assert labels.item_counts(result) in page.html
    for result, chart in page.by_activity("distributions"):
        texts = [str(note.text) for note in go.Figure(chart.figure).layout.annotations]
        counts = [m[1] for text in texts if (m := re.search(r"</b>: ([\d,]+) tasks", text))]
        assert counts == compared(result) or "all finished tasks" in chart.lead
    for result, chart in page.by_activity("forecasts"):
        counts = [row[1] for row in chart.table.rows]
        assert counts == compared(result) or "all finished tasks" in chart.lead
    for _, chart in page.by_activity("buildup"):
        assert "finished tasks" in chart.table.header


def compared(result: Result) -> list[str]:
    """Return the numbers of tasks compared."""
    return [formats.count(n) for n in (result.items_baseline, result.items_assistance)]


def test_the_last_look_is_the_headline(page: Page) -> None:
    """In every study design; bounds that may be read every week contain the plain ones."""
    for result, chart in page.by_activity("buildup"):
        (gain,) = (n for n, name in enumerate(chart.table.header) if name == "efficiency gain")
        assert chart.table.rows[-1][gain] == formats.estimate_and_range(result.efficiency_gain)
    for data in page.assessment.chart_data:
        for look in data.looks:
            if look.anytime is not None and look.log_ratio is not None:
                low, high = look.log_ratio.low, look.log_ratio.high
                assert (look.anytime.low or -math.inf) <= (low or -math.inf) + 1e-9
                assert (look.anytime.high or math.inf) >= (high or math.inf) - 1e-9


def test_every_chart_shows_the_headline(page: Page) -> None:
    """All tasks of the parts, the analysis as judged and the difference of the dots are it."""
    for result, chart in page.by_activity("subgroups"):
        gain = formats.estimate_and_range(result.efficiency_gain)
        rows = [row for row in chart.table.rows if row[0] == "all tasks"]
        assert [(list(row[1:3]), row[-1]) for row in rows] == [(compared(result), gain)]
    for result, chart in page.by_activity("distributions"):
        texts = [str(note.text) for note in go.Figure(chart.figure).layout.annotations]
        (difference,) = [text for text in texts if "difference" in text] or [None]
        if difference is not None:
            assert difference.endswith(formats.estimate_and_range(result.gain(result.reading)))
    for number, result in enumerate(page.assessment.results):
        chart = page.charts.get(f"specification-{number}")
        if chart is not None:
            (row,) = (row for row in chart.table.rows if row[0] == plain_name(PRIMARY))
            gain = result.efficiency_gain
            assert result.time_ratio is not None
            assert gain is not None
            assert row[1] == formats.ratio(result.time_ratio.estimate)
            assert row[2] == formats.ratio_range(result.time_ratio)
            assert row[3] == formats.percent(gain.estimate)
            assert row[4] == labels.verdict_label(result.verdict)
        for estimand in result.estimands:
            if estimand.name == TYPICAL_TASK:
                assert estimand.time_ratio == result.time_ratio


def test_labels_are_readable_and_stand_once(page: Page) -> None:
    """No character is a replacement, and no tick of an axis has the label of another."""
    assert "\ufffd" not in page.html
    for chart in page.charts.values():
        assert "\ufffd" not in str(chart.figure)
        layout = go.Figure(chart.figure).layout
        for ticks in (layout.xaxis.ticktext, layout.yaxis.ticktext):
            names, year = [], ""
            for text in ticks or ():
                name, _, new_year = text.partition("<br>")
                year = new_year or year
                names.append((name, year))
            assert len(set(names)) == len(names)


def test_no_figure_is_empty(page: Page) -> None:
    """What is not known is a dash."""
    assert not re.search(r"<dd>\s*</dd>", page.html)


def test_hours_are_those_of_the_json(page: Page) -> None:
    """The hours saved of each activity have the bounds of the JSON."""
    texts = hours_texts(page.assessment)
    rows = {row.name: row for row in texts.rows} if texts else {}
    for result, judged in zip(page.assessment.results, page.json["results"], strict=True):
        hours = judged["hours_per_week"]
        if hours is None:
            continue
        row = rows[formats.capitalize(formats.printable(result.activity))]
        assert row.saved == saved_range(Interval(**hours["saved"]))
        assert plain(row.saved) in read(page.html)


def test_the_answer_is_heading_title_and_description(page: Page) -> None:
    """One sentence, wherever the page is named."""
    answer = labels.answer(page.assessment)
    heading, title, description = (
        read(element)
        for pattern in (
            r"<h1>(.*?)</h1>",
            r"<title>(.*?)</title>",
            r'<meta name="description" content="(.*?)">',
        )
        for element in re.findall(pattern, page.html)[:1]
    )
    assert heading == description == plain(page.json["answer"]) == plain(answer)
    assert title.removesuffix(" (made-up log)") == heading
