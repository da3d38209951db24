"""Every number has one source: table, bar, sentence, JSON and terminal agree."""

from __future__ import annotations

import math
import re

import pytest
from support import assessments

from tracker.domain import gains
from tracker.evidence.assessment import Assessment
from tracker.evidence.results import Result
from tracker.report import formats, labels
from tracker.report.as_json import assessment_json
from tracker.report.as_text import assessment_text
from tracker.report.page import report_html

NAMES = sorted(set(assessments.ASSESSMENT_BUILDERS) - {"empty", "hostile"})


def built(name: str) -> tuple[Assessment, str]:
    """An assessment, and its page without scripts."""
    assessment = assessments.ASSESSMENT_BUILDERS[name]()
    return assessment, report_html(assessment, static=True)


def rows(html: str) -> list[str]:
    """The rows of the first table, one a result."""
    return re.findall(r'<tbody class="grade-.*?</tbody>', html, re.DOTALL)


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


@pytest.mark.parametrize("name", NAMES)
def test_bars_lie_where_the_numbers_say(name: str) -> None:
    """Ends, estimate and claim of each bar, read off the labelled scale, are those of the JSON."""
    assessment, html = built(name)
    offset, slope = positions_by_share(html)
    judged = assessment_json(assessment)["results"]
    for result, row in zip(judged, rows(html), strict=True):
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


@pytest.mark.parametrize("name", NAMES)
def test_table_terminal_and_json_show_the_same_numbers(name: str) -> None:
    """Gain, interval, claim and verdict of each result are the same text on page and terminal."""
    assessment, html = built(name)
    text = assessment_text(assessment, width=120)
    for result, row in zip(assessment.results, rows(html), strict=True):
        gain = result.gain(result.reading)
        for figure in (
            formats.percent(gain.estimate if gain else None),
            formats.percent_range(gain),
            labels.verdict_label(result.verdict),
        ):
            assert figure in row
            assert " ".join(figure.split()) in " ".join(text.split())
        sentence = result.sentences.headline
        assert (
            gain is None
            or f"{abs(round(100 * gain.estimate))}\xa0%" in sentence
            or (round(100 * gain.estimate) == 0)
        )


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_equal_wherever_they_stand(name: str) -> None:
    """The tasks compared are those of the JSON; a chart that differs says that it does."""
    assessment, html = built(name)
    for result in assessment.results:
        if result.items_baseline and result.log_ratio:
            assert labels.item_counts(result) in html
    for data in assessment.chart_data:
        own = [r for r in assessment.results if r.activity == data.activity and r.log_ratio]
        if own and data.dots and not differs(own[0], data.dots):
            continue
        assert not data.dots or not own or "not adjusted for developer and size" in html


def differs(result: Result, dots: tuple[tuple[str, float], ...]) -> bool:
    """Whether the dots are other tasks than those compared."""
    counts = tuple(sum(arm == name for arm, _ in dots) for name in ("baseline", "assistance"))
    return counts != (result.items_baseline, result.items_assistance)


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_heading_title_and_description(name: str) -> None:
    """One sentence, wherever the page is named."""
    assessment, html = built(name)
    answer = labels.answer(assessment)
    assert f"<h1>{answer}</h1>" in html
    assert re.search(rf"<title>{re.escape(answer)}( \(made-up log\))?</title>", html)
    assert f'<meta name="description" content="{answer}">' in html
    assert assessment_json(assessment)["answer"] == answer
    assert "\ufffd" not in html
