"""The answer of a whole assessment in one sentence."""

from __future__ import annotations

import dataclasses

import pytest
from support import assessments
from support.assessments import DESIGN, TESTING, result, theta

from tracker.domain.records import STUDY_DESIGNS, StudyDesign
from tracker.evidence.answer import NOTHING_TO_JUDGE, answer_sentence
from tracker.evidence.results import Result, Verdict
from tracker.evidence.verdict import sentences_for

HELPER = ("Helper 1.0",)
GAIN = theta(0.31, 0.14, 0.45)


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ("randomised", "Helper 1.0 made design about 31 % more efficient, not the 50 % claimed."),
        (
            "staggered",
            "With Helper 1.0, design was about 31 % more efficient than at the same time without"
            " it, not the 50 % claimed.",
        ),
        (
            "before-after",
            "Since Helper 1.0, design has been about 31 % more efficient (before/after, not proof),"
            " not the 50 % claimed.",
        ),
        (
            "self-selected",
            "Design done with Helper 1.0 was about 31 % more efficient (chosen work, not proof),"
            " not the 50 % claimed.",
        ),
    ],
)
def test_the_wording_follows_the_study_design(design: StudyDesign, expected: str) -> None:
    """Only drawn arms let the assistant be the cause."""
    answer = answer_sentence([result("design", DESIGN, GAIN, "smaller", design=design)], HELPER)
    assert answer.replace("\xa0", " ") == expected


def test_arms_that_do_not_look_drawn_are_worded_as_chosen() -> None:
    """The wording falls to that of a link."""
    drawn = result("design", DESIGN, GAIN, "smaller", design="randomised")
    answer = answer_sentence([dataclasses.replace(drawn, looks_drawn=False)], HELPER)
    assert "made design" not in answer
    assert "not proof" in answer


@pytest.mark.parametrize("design", STUDY_DESIGNS)
@pytest.mark.parametrize("reading", ["efficiency_gain", "time_saved"])
@pytest.mark.parametrize("gain", [0.31, 0.0, -0.2])
def test_every_change_is_a_whole_sentence(design: StudyDesign, reading: str, gain: float) -> None:
    """It names the assistant, begins with a capital and ends with one full stop."""
    judged = dataclasses.replace(
        result("design", None, theta(gain, gain - 0.1, gain + 0.1), "cannot-tell", design=design),
        reading=reading,
        verdict="faster",
    )
    answer = answer_sentence([judged], HELPER)
    assert "Helper 1.0" in answer
    assert answer[0].isupper()
    assert answer.endswith(".")
    assert "{" not in answer
    assert ("neither more nor" in answer) == (gain == 0.0)


def test_two_activities_are_joined() -> None:
    """The first clause has the estimate, the second says that the log cannot tell."""
    answer = answer_sentence(assessments.demo().results, HELPER)
    assert answer.count(";") == 2
    assert answer.endswith("for testing the log cannot tell yet.")


def test_a_second_estimate_goes_on_from_the_first() -> None:
    """The assistant and the design are named once, unless the designs differ."""
    results = [
        result("design", DESIGN, GAIN, "smaller"),
        result("testing", TESTING, GAIN, "smaller"),
    ]
    answer = answer_sentence(results, HELPER).replace("\xa0", " ")
    assert answer.count("Helper 1.0") == 1
    assert answer.endswith("; testing about 31 % more efficient, not the 40 % claimed.")
    drawn = result("testing", TESTING, GAIN, "smaller", design="randomised")
    assert "; Helper 1.0 made testing" in answer_sentence([results[0], drawn], HELPER)


def test_a_claim_ruled_out_without_a_gain_names_the_assistant() -> None:
    """Where no clause has an estimate, the sentence begins with the assistant."""
    answer = answer_sentence(assessments.placebo().results, HELPER).replace("\xa0", " ")
    assert answer == (
        "With Helper 1.0: for design and testing no gain shows, and the 50 % and 40 % claimed are"
        " ruled out."
    )


def test_activities_of_which_the_same_is_said_share_a_clause() -> None:
    """They are listed, and the clause after them is whole again."""
    results = [
        result("design", DESIGN, GAIN, "cannot-tell"),
        result("testing", TESTING, GAIN, "cannot-tell"),
        result("coding", None, GAIN, "faster"),
    ]
    answer = answer_sentence(results, HELPER).replace("\xa0", " ")
    assert answer.startswith("For design and testing the log cannot tell yet; since Helper 1.0,")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (
            ["cannot-tell"] * 4,
            "The log cannot tell yet whether any of 4 claims for Helper 1.0 holds.",
        ),
        (["smaller"] * 4, "None of 4 claims for Helper 1.0 holds."),
        (
            ["slower", "plausible", "smaller", "smaller"],
            "3 of 4 claims for Helper 1.0 do not hold; the log cannot tell 1 yet.",
        ),
    ],
)
def test_no_claim_holds_in_three_ways(verdicts: list[Verdict], expected: str) -> None:
    """All are open, all fail, or some fail; no count stands twice."""
    results = [result(f"a{n}", TESTING, GAIN, verdict) for n, verdict in enumerate(verdicts)]
    assert answer_sentence(results, HELPER) == expected


def test_claims_on_one_activity_share_its_estimate() -> None:
    """Each claim has its own phrase."""
    smaller = dataclasses.replace(DESIGN, id="own", value=0.1)
    results = [
        result("design", DESIGN, GAIN, "smaller"),
        result("design", smaller, GAIN, "supported"),
    ]
    answer = answer_sentence(results, HELPER).replace("\xa0", " ")
    assert answer.count("31 %") == 1
    assert "the 50 % claimed is ruled out, the 10 % claimed is supported" in answer


def eight() -> list[Result]:
    verdicts = ["supported"] * 2 + ["smaller", "contradicted", "slower"] + ["cannot-tell"] * 3
    return [result(f"a{n}", TESTING, GAIN, verdict) for n, verdict in enumerate(verdicts)]


def test_more_than_three_claims_are_counted() -> None:
    """Those that hold, those that do not, and those that are open."""
    assert answer_sentence(eight(), HELPER) == (
        "2 of 8 claims for Helper 1.0 hold; 3 do not; the log cannot tell 3 yet."
    )


def test_activities_without_claims_are_counted() -> None:
    """More than three activities are not listed."""
    results = [result(f"a{n}", None, GAIN, "faster") for n in range(4)]
    assert answer_sentence(results, HELPER) == (
        "With Helper 1.0, 4 of 4 activities took less time."
    )


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), "the assistant"),
        (("A", "B"), "A and B"),
        (("A", "B", "C"), "the assistant"),
    ],
)
def test_assistants_are_named_up_to_two(names: tuple[str, ...], expected: str) -> None:
    """Without a recorded name it is the assistant."""
    answer = answer_sentence([result("design", DESIGN, GAIN, "smaller")], names)
    assert f"ince {expected}, design" in answer


def test_too_little_data_and_an_empty_log() -> None:
    """Both have an answer."""
    assert answer_sentence((), ()) == NOTHING_TO_JUDGE
    assert "too little data" in answer_sentence(assessments.too_little().results, HELPER)


def test_a_withheld_verdict_is_not_too_little_data() -> None:
    """Where work takes next to no time in one arm there is enough data, but no verdict."""
    results = []
    for judged in assessments.too_little().results:
        sentences = sentences_for(judged, suppressed="half of the work took no time")
        results.append(dataclasses.replace(judged, sentences=sentences))
    answer = answer_sentence(results, HELPER)
    assert answer == "With Helper 1.0: for design and testing there is no verdict."
