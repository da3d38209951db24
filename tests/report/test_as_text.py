"""Assessments as text for a terminal."""

from __future__ import annotations

import dataclasses
import math

import pytest
from rich.cells import cell_len
from support import assessments

from tracker.domain.plain_text import encodable
from tracker.evidence.results import Interval
from tracker.report import formats, labels
from tracker.report.as_text import assessment_text
from tracker.report.text_plot import draw_text_plot


def flat(text: str) -> str:
    """Text in one line, with plain spaces."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [60, 80])
def test_no_line_is_wider_than_the_terminal(name: str, ascii_only: bool, width: int):
    """Every assessment fits in the columns, no line ends in blanks, and no figure is cut."""
    assessment = assessments.ASSESSMENT_BUILDERS[name]()
    text = assessment_text(assessment, width=width, ascii_only=ascii_only)
    for line in text.splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()
    for result in assessment.results:
        figures = (formats.percent_range(result.gain(result.reading)), labels.short_claim(result))
        for figure in figures:
            assert encodable(figure, "ascii") in encodable(text, "ascii")


@pytest.mark.parametrize("name", ["demo", "placebo", "injected", "slower"])
def test_the_summary_of_each_claim_is_last(name: str):
    """Threats come first, then the table, and the terminal ends with each headline."""
    assessment = assessments.ASSESSMENT_BUILDERS[name]()
    lines = assessment_text(assessment).splitlines()
    text = flat("\n".join(lines))
    order = [text.find("Everybody got the assistant"), text.find("% interval")]
    order += [text.find(flat(result.sentences.headline)) for result in assessment.results]
    assert order == sorted(order)
    assert order[-1] > 0
    table = next(n for n, line in enumerate(lines) if "% interval" in line)
    assert len(lines) - table < 20


def test_of_more_than_three_claims_only_table_and_summaries_are_printed():
    """Threats and details are printed on request; ten activities take 60 lines at 80 columns.

    The table has the estimates and the claims, which the summaries do not repeat.
    """
    ten = assessments.ten_activities()
    short, long = (assessment_text(ten, width=80, detailed=detailed) for detailed in (False, True))
    assert len(short.splitlines()) <= 60
    assert max(map(len, short.splitlines())) <= 80
    assert "Everybody got the assistant" not in short
    assert "Everybody got the assistant" in " ".join(long.split())
    for result in ten.results:
        assert flat(result.sentences.headline) in flat(long)
        assert flat(result.sentences.needed) in flat(short)


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_ascii_only_is_ascii(name: str):
    """With ``ascii_only`` the text holds no other character."""
    assert assessment_text(assessments.ASSESSMENT_BUILDERS[name](), ascii_only=True).isascii()


def test_text_quotes_the_sentences_of_the_results():
    """Every sentence of every result is in the text, once."""
    demo = assessments.demo()
    text = " ".join(assessment_text(demo).split())
    for result in demo.results:
        for sentence in filter(None, dataclasses.astuple(result.sentences)):
            assert text.count(" ".join(sentence.split())) == 1


def test_numbers_and_units_stay_on_one_line():
    """At no width does a line begin with a per cent sign."""
    for width in range(60, 100):
        text = assessment_text(assessments.demo(), width=width)
        assert not any(line.strip().startswith("%") for line in text.splitlines())


def test_colour_is_added_on_request():
    """Without ``color`` there is no escape sequence."""
    assert "\x1b" not in assessment_text(assessments.demo())
    assert "\x1b[" in assessment_text(assessments.demo(), color=True)


def test_names_cannot_steer_the_terminal():
    """An escape sequence in an activity's name is printed without its control characters."""
    result = dataclasses.replace(assessments.demo().results[0], activity="\x1b[31mred\x07")
    text = assessment_text(assessments.assessment(result, synthetic_notice="\x1b[2J"))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[31mred" in text


def test_demo_begins_with_its_notice_and_ends_with_its_true_gains():
    """The truth comes after the verdicts."""
    lines = assessment_text(assessments.demo()).splitlines()
    assert "made up" in lines[0]
    assert lines[-1].endswith("design +35 %, testing +15 %.")


def test_empty_log_names_the_next_command():
    """Without a result the text says how to log or import."""
    assert "tracker log" in assessment_text(assessments.empty())


def test_shared_threat_is_printed_once():
    """A threat to every activity is not repeated; threats of severity note are left out."""
    text = " ".join(assessment_text(assessments.demo()).split())
    assert text.count("Everybody got the assistant on the same day") == 1
    assert "multiples of 15 minutes" not in text


def test_threat_to_one_activity_names_it():
    """A threat to one of two activities begins with that activity's name."""
    assert "(testing) Everybody got" in assessment_text(assessments.injected())


def columns(line: str) -> dict[str, int]:
    return {sign: line.index(sign) for sign in "├●◆┤│" if sign in line}


def test_plot_orders_bounds_estimate_and_claim():
    """Low, estimate, claim and high of +22 +41 +50 +61 % are in that order, right of zero."""
    position = columns(draw_text_plot(assessments.demo().results, 60).lines[0])
    assert position["│"] < position["├"] < position["●"] < position["◆"] < position["┤"]


@pytest.mark.parametrize("claim", [0.22, 0.41, 0.61])
def test_a_claim_hides_neither_an_end_nor_the_estimate(claim: float):
    """It is drawn beside what lies at its place, on its own side."""
    demo = assessments.demo().results[0]
    assert demo.claim is not None
    result = dataclasses.replace(demo, claim=dataclasses.replace(demo.claim, value=claim))
    position = columns(draw_text_plot((result,), 60).lines[0])
    assert set("├●◆┤│") == set(position)
    nearest = {0.22: "├", 0.41: "●", 0.61: "┤"}[claim]
    assert abs(position["◆"] - position[nearest]) == 1


def test_plot_is_on_a_log_scale():
    """+100 % and −50 % are equally far from zero."""
    demo = assessments.demo().results[0]
    result = dataclasses.replace(
        demo, log_ratio=Interval(0.0, -math.log(2), math.log(2)), claim=None
    )
    line = draw_text_plot((result,), 61).lines[0]
    middle = line.index("●")
    assert abs((middle - line.index("├")) - (line.index("┤") - middle)) <= 1


def test_plot_marks_what_is_beyond_the_scale_with_arrows():
    """The scale does not grow for a huge interval or a claim of 10,000 %; arrows mark them."""
    demo = assessments.demo().results[0]
    claim = dataclasses.replace(assessments.DESIGN, value=100.0)
    result = dataclasses.replace(demo, log_ratio=Interval(0.0, -9.0, 9.0), claim=claim)
    line = draw_text_plot((result,), 60).lines[0]
    assert line.startswith("◂")
    assert line.endswith("▸")
    assert "◆" not in line


@pytest.mark.parametrize(
    ("formatted", "expected"),
    [
        (formats.percent(0.414), "+41 %"),
        (formats.percent(-0.285), "−28 %"),
        (formats.percent(-0.001), "0 %"),
        (formats.percent(100.0), "× 101"),
        (formats.percent(None), "—"),
        (formats.percent(float("nan")), "—"),
        (formats.percent_range(Interval(0.1, -0.05, 0.49)), "−5 to +49 %"),
        (formats.percent_range(Interval(0.1, None, 0.49)), "— to +49 %"),
        (formats.ratio(0.7071), "0.71"),
        (formats.minutes(0.5), "0.5 min"),
        (formats.minutes(45), "45 min"),
        (formats.minutes(59.7), "1 h"),
        (formats.minutes(90), "1 h 30 min"),
        (formats.minutes(6000), "100 h"),
        (formats.hours(1234.5), "1,234 h"),
        (formats.day(0), "1 Jan 1970"),
        (formats.days(None, 3), ""),
        (formats.count(203621), "203,621"),
        (formats.developers(4, withhold=True), "fewer than 5 developers"),
        (formats.developers(4, withhold=False), "4 developers"),
        (formats.developers(1, withhold=False), "1 developer"),
    ],
)
def test_formats(formatted: str, expected: str):
    """Signs, units, "—" for undefined, and suppressed counts below five."""
    assert formatted.replace(formats.NO_BREAK_SPACE, " ") == expected
