"""Threats merged over the activities."""

from __future__ import annotations

import dataclasses

from support import assessments

from tracker.evidence.results import Result, Threat
from tracker.report.concerns import concerns
from tracker.report.page import report_html


def result_with(activity: str, *threats: Threat) -> Result:
    """Return a result about an activity, with these threats."""
    result = assessments.result(
        activity, assessments.DESIGN, assessments.theta(0.3, 0.1, 0.5), "plausible"
    )
    return dataclasses.replace(result, threats=threats)


def drift(text: str, *figures: tuple[str, str]) -> Threat:
    """Return a note of which the last sentence is the same for every activity."""
    return Threat("drift", "note", f"{text} A passed test is no evidence.", "", figures)


def test_a_sentence_is_not_repeated_for_another_activity() -> None:
    """Of a further activity that is said which was not said of the first."""
    results = (
        result_with("design", drift("No drift (t(12.8) = 0.8).")),
        result_with("testing", drift("No drift (t(25.7) = 2.4).")),
    )
    (concern,) = concerns(results)
    assert concern.threat.message == "No drift (t(12.8) = 0.8). A passed test is no evidence."
    assert concern.messages == (("testing", "No drift (t(25.7) = 2.4)."),)


def test_an_activity_with_the_same_sentences_keeps_them() -> None:
    """Where the figures alone differ, an empty text would say nothing of the other activity."""
    results = (
        result_with("design", drift("No drift.", ("change a month", "1 %"))),
        result_with("testing", drift("No drift.", ("change a month", "2 %"))),
    )
    (concern,) = concerns(results)
    assert concern.messages == (("testing", "No drift. A passed test is no evidence."),)


def test_figures_stand_below_the_message_that_they_belong_to() -> None:
    """They precede what is said of another activity, since they are not of that one."""
    figure = ("change a month", "1.7 %")
    assessment = assessments.assessment(
        result_with("design", drift("No drift (t(12.8) = 0.8).", figure)),
        result_with("testing", drift("No drift (t(25.7) = 2.4).")),
    )
    html = report_html(assessment, static=True).partition("What could mislead</h2>")[2]
    assert html.index("t(12.8)") < html.index("1.7 %") < html.index("t(25.7)")
