"""How strong the evidence of a result is."""

from __future__ import annotations

import dataclasses

import pytest
from support.assessments import DESIGN, THREATS, result, theta

from tracker.domain.records import StudyDesign
from tracker.evidence.grade import Grade, grade_evidence
from tracker.evidence.results import Result, Sensitivity

GAIN = theta(0.31, 0.14, 0.45)


def judged(design: StudyDesign = "randomised", **fields: object) -> Result:
    base = result("design", DESIGN, GAIN, "smaller", design=design, threats=())
    agreeing = tuple(Sensitivity(f"point {n}", GAIN, "smaller") for n in range(10))
    whole = dataclasses.replace(base, sensitivity=agreeing, excluded={})
    return dataclasses.replace(whole, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("design", "grade"),
    [
        ("randomised", "strong"),
        ("staggered", "fair"),
        ("before-after", "fair"),
        ("self-selected", "weak"),
    ],
)
def test_the_design_limits_the_grade(design: StudyDesign, grade: Grade) -> None:
    """Only drawn arms are strong evidence, and chosen ones are weak."""
    assert grade_evidence(judged(design)).grade == grade


@pytest.mark.parametrize(
    "fields",
    [
        {"log_ratio": None},
        {"looks_drawn": False},
        {"developers": 4},
        {"excluded": {"one-arm-developer": 13}},
        {"threats": (dataclasses.replace(THREATS[1], severity="serious"),)},
        {"sensitivity": (Sensitivity("a", GAIN, "cannot-tell"),)},
    ],
)
def test_each_of_these_makes_evidence_weak(fields: dict[str, object]) -> None:
    """No interval, failed draw, few developers, most left out, a serious threat, others differ."""
    assert grade_evidence(judged(**fields)).grade == "weak"


def test_the_threat_of_a_design_does_not_lower_it_further() -> None:
    """One rollout date is what a before/after comparison is."""
    assert grade_evidence(judged("before-after", threats=THREATS[:1])).grade == "fair"


def test_shares_of_developers_and_of_analyses() -> None:
    """Analyses without a verdict do not count."""
    points = (
        Sensitivity("a", GAIN, "smaller"),
        Sensitivity("b", GAIN, "plausible"),
        Sensitivity("c", None, None),
    )
    evidence = grade_evidence(
        judged(sensitivity=points, excluded={"open": 7, "one-arm-developer": 4})
    )
    assert (evidence.agreeing, evidence.analyses) == (1, 2)
    assert (evidence.left_out, evidence.share_compared) == (4, 0.75)
