"""Frequencies of verdicts, their Monte-Carlo errors, and the sentences about them."""

from __future__ import annotations

import math

import pytest

from tracker.domain.records import Claim
from tracker.evidence.results import Verdict
from tracker.simulation.frequencies import VerdictFrequencies, count_verdicts, takeaway
from tracker.simulation.judging import StudyVerdicts

CLAIM = Claim("half", "design", 0.5, "efficiency_gain", "at_least", "made up")


def frequencies(design: str, true_gain: float, **counts: int) -> VerdictFrequencies:
    """Return frequencies; the verdict ``cannot_tell`` stands for ``cannot-tell``."""
    by_verdict: dict[Verdict, int] = {
        name.replace("_", "-"): count  # type: ignore[misc]
        for name, count in counts.items()
    }
    return VerdictFrequencies(design, true_gain, sum(counts.values()), by_verdict)  # type: ignore[arg-type]


def test_verdicts_are_counted() -> None:
    """Studies are counted by their verdict on the claim."""
    studies = [StudyVerdicts("randomised", (word,), None) for word in ("slower", "slower")]
    studies.append(StudyVerdicts("randomised", ("plausible",), None))
    counted = count_verdicts("randomised", 0.25, studies)
    assert counted.counts == {"slower": 2, "plausible": 1}
    assert counted.studies == 3


def test_a_study_tells_unless_it_is_undecided() -> None:
    """Neither ``cannot-tell`` nor ``plausible`` tells."""
    row = frequencies("randomised", 0.0, contradicted=60, slower=5, plausible=10, cannot_tell=25)
    assert row.tells.value == pytest.approx(0.65)
    assert row.tells.error == pytest.approx(math.sqrt(0.65 * 0.35 / 100), rel=0.02)


def test_an_error_is_never_zero() -> None:
    """None of 98 studies: the share is 0, its error that of 1 in 100."""
    row = frequencies("randomised", 0.0, contradicted=98)
    assert row.share(["slower"]) == pytest.approx((0.0, math.sqrt(0.01 * 0.99 / 100)))


def test_the_sentence_names_the_design_that_tells_most_often() -> None:
    """With its shares at the truths other than the claim, and what it cannot do."""
    text = takeaway(
        CLAIM,
        [
            frequencies("staggered", 0.0, contradicted=50, cannot_tell=50),
            frequencies("staggered", 0.25, smaller=20, plausible=80),
            frequencies("staggered", 0.5, supported=10, plausible=90),
            frequencies("randomised", 0.0, contradicted=97, plausible=3),
            frequencies("randomised", 0.25, smaller=60, cannot_tell=40),
            frequencies("randomised", 0.5, supported=2, plausible=96, smaller=2),
        ],
    ).replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith(
        "A randomised study tells most often: in 97 % where there is no gain, 60 % where the gain"
        " is 25 %. That is not reliable (80 % or more): take more weeks or more developers."
    )
    assert "shows a gain in 100 % and supports the claim in 2 %" in text


def test_a_single_reliable_design_is_not_compared() -> None:
    """No "most often" and no warning."""
    text = takeaway(CLAIM, [frequencies("staggered", 0.0, contradicted=9, cannot_tell=1)])
    assert text.replace("\N{NO-BREAK SPACE}", " ") == (
        "A staggered study tells: in 90 % where there is no gain."
    )


def test_a_claim_of_no_gain_has_a_sentence_too() -> None:
    """The truth equals the claim in every study: only the claim's support is counted."""
    claim = Claim("none", "design", 0.0, "efficiency_gain", "at_least", "made up")
    text = takeaway(claim, [frequencies("randomised", 0.0, supported=1, cannot_tell=99)])
    assert text.replace("\N{NO-BREAK SPACE}", " ") == (
        "Where the gain is as claimed, a randomised study supports the claim in 1 %: the interval"
        " then lies around the claim and not above it."
    )
