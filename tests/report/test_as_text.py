"""The verdicts on a terminal."""

from __future__ import annotations

import dataclasses
import io
import math

import pytest
from support import assessments

from tracker.evidence.results import Interval
from tracker.report import formats
from tracker.report.as_text import assessment_text, write_text
from tracker.report.text_plot import text_plot


class Terminal(io.StringIO):
    """A stream that says what it is."""

    def __init__(self, encoding: str, terminal: bool):
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self) -> str:
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


def written(encoding: str = "utf-8", *, terminal: bool = False, **environ: str) -> str:
    stream = Terminal(encoding, terminal)
    write_text(assessments.demo(), stream, environ)
    return stream.getvalue()


@pytest.mark.parametrize("name", assessments.EVERY)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_is_wider_than_the_terminal(name: str, ascii_only: bool):
    """Whatever was found fits in 80 columns, and no line ends in blanks."""
    for line in assessment_text(assessments.EVERY[name](), ascii_only=ascii_only).splitlines():
        assert len(line) <= 80
        assert line == line.rstrip()


@pytest.mark.parametrize("name", assessments.EVERY)
def test_the_plain_form_is_ascii(name: str):
    """Where a stream has no Unicode, nothing but ASCII is written."""
    assert assessment_text(assessments.EVERY[name](), ascii_only=True).isascii()


def test_the_verdict_is_said_in_the_words_of_evidence():
    """The text quotes the result's own sentences, and words no verdict itself."""
    demo = assessments.demo()
    text = " ".join(assessment_text(demo).split())
    for result in demo.results:
        for sentence in dataclasses.astuple(result.sentences):
            assert " ".join(sentence.split()) in text


def test_a_figure_stays_on_one_line_with_its_unit():
    """A line never begins with the per cent sign that the line before lacks."""
    for width in range(60, 100):
        text = assessment_text(assessments.demo(), width=width)
        assert not any(line.strip().startswith("%") for line in text.splitlines())


def test_a_pipe_gets_no_colour():
    """No escape sequence reaches a file or another program."""
    assert "\x1b" not in written()


def test_a_terminal_gets_colour_unless_it_asks_for_none():
    """NO_COLOR and a dumb terminal are obeyed."""
    assert "\x1b[" in written(terminal=True, TERM="xterm")
    assert "\x1b" not in written(terminal=True, TERM="xterm", NO_COLOR="1")
    assert "\x1b" not in written(terminal=True, TERM="dumb")


def test_a_stream_without_utf8_gets_ascii():
    """A latin-1 terminal shows the whole text, drawn in plain characters."""
    assert written("latin-1").isascii()
    assert "◆" in written("UTF-8")


def test_what_a_name_holds_cannot_steer_the_terminal():
    """An escape sequence in an activity's name is shown, not obeyed."""
    result = dataclasses.replace(assessments.demo().results[0], activity="\x1b[31mred\x07")
    text = assessment_text(assessments.assessment(result, made_up="\x1b[2J"))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[31mred" in text


def test_a_made_up_log_says_so_first_with_its_true_gains():
    """The first line of the demo's text is the label, and the true gains stand before the estimates."""
    lines = assessment_text(assessments.demo()).splitlines()
    assert "made up" in lines[0]
    assert lines[1].endswith("design: +35 %")


def test_an_empty_log_says_what_to_do_next():
    """With nothing to judge the reader is told how to begin."""
    assert "tracker log" in assessment_text(assessments.empty())


def test_a_shared_threat_is_said_once():
    """What holds of every activity is not repeated under each; notes are left to the page."""
    text = " ".join(assessment_text(assessments.demo()).split())
    assert text.count("Everybody got the assistant on the same day") == 1
    assert "multiples of 15 minutes" not in text


def test_a_threat_of_one_activity_names_it():
    """Where only one of two activities is concerned, the warning says which."""
    assert "(testing) Everybody got" in assessment_text(assessments.injected())


def columns(line: str) -> dict[str, int]:
    return {sign: line.index(sign) for sign in "├●◆┤│" if sign in line}


def test_the_drawing_orders_bounds_estimate_and_claim():
    """Low, estimate, claim, high of +22 +41 +50 +61 % stand in that order, right of zero."""
    found = columns(text_plot(assessments.demo().results, 60).lines[0])
    assert found["│"] < found["├"] < found["●"] < found["◆"] < found["┤"]


def test_the_drawing_is_on_a_log_scale():
    """+100 % and −50 % lie equally far from zero."""
    demo = assessments.demo().results[0]
    result = dataclasses.replace(
        demo, log_ratio=Interval(0.0, -math.log(2), math.log(2)), claim=None
    )
    found = text_plot((result,), 61).lines[0]
    middle = found.index("●")
    assert abs((middle - found.index("├")) - (found.index("┤") - middle)) <= 1


def test_what_runs_off_the_scale_ends_in_arrows():
    """A huge interval and a claim of 10,000 % do not crush the rest of the drawing, nor hide that they go on."""
    demo = assessments.demo().results[0]
    claim = dataclasses.replace(assessments.DESIGN, value=100.0)
    result = dataclasses.replace(demo, log_ratio=Interval(0.0, -9.0, 9.0), claim=claim)
    line = text_plot((result,), 60).lines[0]
    assert line.startswith("◂")
    assert line.endswith("▸")
    assert "◆" not in line


@pytest.mark.parametrize(
    ("written_as", "text"),
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
def test_figures_are_written_one_way(written_as: str, text: str):
    """Signs, units, dashes for undefined, and counts that are withheld below five."""
    assert written_as.replace(formats.SPACE, " ") == text
