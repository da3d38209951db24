"""The rule of the verdicts, and their wording."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import panels

from tracker.domain import gains
from tracker.domain.gains import BOUNDS, READINGS
from tracker.domain.records import STUDY_DESIGNS, Claim
from tracker.evidence import verdict
from tracker.evidence.designs.study_design import STRENGTH
from tracker.evidence.judgement import judge_claim
from tracker.evidence.results import Interval, Result

CLAIM = Claim("c", "design", 0.5, "efficiency_gain", "at_least", "somebody")


def gain(low: float | None, high: float | None) -> Interval:
    return Interval(((low or 0.0) + (high or 0.0)) / 2, low, high)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.5, 0.9, "supported"),
        (0.6, 0.9, "supported"),
        (0.2, 0.5, "plausible"),
        (0.2, 0.8, "plausible"),
        (0.2, 0.49, "smaller"),
        (0.0, 0.5, "cannot-tell"),
        (-0.2, 0.8, "cannot-tell"),
        (-0.2, 0.49, "contradicted"),
        (0.0, 0.1, "contradicted"),
        (-0.2, 0.0, "contradicted"),
        (-0.4, -0.01, "slower"),
    ],
)
def test_the_table_of_verdicts(low, high, expected):
    """Each row of the table, and each of its edges, for a claim of at least 50 %."""
    assert verdict.decide(gain(low, high), 0.5, "at_least") == expected


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.0, 0.0, 0.3, "supported"),
        (0.0, -0.1, 0.3, "cannot-tell"),
        (0.0, -0.3, -0.1, "slower"),
        (-0.19, -0.1, 0.2, "supported"),
        (-0.19, -0.3, -0.1, "cannot-tell"),
        (-0.19, -0.4, -0.2, "slower"),
        (100.0, 0.2, 3.0, "smaller"),
        (100.0, -0.2, 3.0, "contradicted"),
        (100.0, 101.0, 200.0, "supported"),
    ],
)
def test_claims_of_no_gain_of_a_loss_and_of_10_000_percent(value, low, high, expected):
    """A claim ≤ 0 is supported, exceeded by the loss, or undecided; a large one is as any other."""
    assert verdict.decide(gain(low, high), value, "at_least") == expected


def test_the_bound_of_a_claim_decides_what_supports_it():
    """``more_than`` is strict, ``up_to`` is never supported, ``about`` is as ``at_least``."""
    assert verdict.decide(gain(0.5, 0.9), 0.5, "more_than") == "plausible"
    assert verdict.decide(gain(0.51, 0.9), 0.5, "more_than") == "supported"
    assert verdict.decide(gain(0.6, 0.9), 0.5, "up_to") == "plausible"
    assert verdict.decide(gain(0.1, 0.2), 0.0, "up_to") == "cannot-tell"
    assert verdict.decide(gain(0.5, 0.9), 0.5, "about") == "supported"


def test_a_self_selected_comparison_cannot_support_a_claim():
    """The verdict is ``plausible`` or ``cannot-tell``, whatever the interval."""
    assert verdict.decide(gain(0.6, 0.9), 0.5, "at_least", may_support=False) == "plausible"
    assert verdict.decide(gain(0.1, 0.9), -0.19, "at_least", may_support=False) == "cannot-tell"


def test_no_interval_and_undefined_bounds_cannot_tell():
    """An undefined bound rules nothing out."""
    assert verdict.decide(None, 0.5, "at_least") == "cannot-tell"
    assert verdict.decide(Interval(0.7, None, None), 0.5, "at_least") == "cannot-tell"
    assert verdict.decide_without_claim(None) == "cannot-tell"


def test_without_a_claim_the_verdict_is_about_any_gain():
    """It is ``faster``, ``slower`` or ``cannot-tell``."""
    assert verdict.decide_without_claim(gain(0.1, 0.2)) == "faster"
    assert verdict.decide_without_claim(gain(-0.2, -0.1)) == "slower"
    assert verdict.decide_without_claim(gain(0.0, 0.2)) == "cannot-tell"


bounds = st.floats(-0.99, 5.0)


@given(
    low=bounds,
    high=bounds,
    value=st.floats(-0.9, 3.0),
    bound=st.sampled_from(BOUNDS),
    may_support=st.booleans(),
)
def test_a_verdict_is_never_stronger_than_the_interval(low, high, value, bound, may_support):
    """A claim is supported only if every gain in the interval reaches it, refuted only if none."""
    low, high = min(low, high), max(low, high)
    decision = verdict.decide(gain(low, high), value, bound, may_support=may_support)
    if decision == "supported":
        assert low >= value
        assert may_support
        assert bound != "up_to"
    if decision in ("smaller", "contradicted", "slower"):
        assert high < value
    if decision in ("plausible", "smaller"):
        assert low > 0


@given(theta=st.floats(-1.5, 1.5), half=st.floats(0.001, 1.0), value=st.floats(-0.5, 0.95))
def test_the_verdict_depends_on_the_ratio_and_not_on_the_reading(theta, half, value):
    """The same time ratio claimed on either reading gets the same verdict."""
    log_ratio = Interval(theta, theta - half, theta + half)
    decisions = {
        verdict.decide(
            dataclasses.replace(RESULT, log_ratio=log_ratio).gain(reading),
            gains.from_ratio(reading, 1 - value),
            "at_least",
        )
        for reading in READINGS
    }
    distance = min(abs(np.log(1 - value) - bound) for bound in (theta - half, theta + half))
    if distance > 1e-9:
        assert len(decisions) == 1


def judge(log_ratio: Interval | None, claim: Claim | None = CLAIM) -> Result:
    """Judge a claim on this interval, of a randomised study."""
    activity_estimate = panels.estimate(panels.items(np.random.default_rng(0)))
    return judge_claim(dataclasses.replace(activity_estimate, log_ratio=log_ratio), claim)


def plain(text: str) -> str:
    """Return the text with plain spaces."""
    return text.replace("\xa0", " ")


def test_the_other_reading_of_a_claim_has_its_own_verdict():
    """+50 % output is −33 % time; read as −50 % time the claim is larger."""
    result = judge(Interval(-0.45, -0.5, -0.42))
    assert result.verdict == "supported"
    assert result.other_reading.reading == "time_saved"
    assert result.other_reading.value == 0.5
    assert result.other_reading.verdict == "smaller"


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("value", [1.0, 1.5, 100.0])
def test_a_claim_of_100_percent_or_more_has_no_other_reading(reading, value):
    """100 % of the time cannot be saved: the other reading is None rather than infinite."""
    claim = dataclasses.replace(CLAIM, value=value, reading=reading)
    assert judge(Interval(-0.1, -0.2, 0.0), claim).other_reading is None


def test_the_user_can_choose_the_reading():
    """`--reading` judges the same figure on the other reading."""
    work = panels.items(np.random.default_rng(0), effect=-0.5, per_developer=80)
    activity_estimate = panels.estimate(work)
    default = judge_claim(activity_estimate, CLAIM)
    chosen = judge_claim(activity_estimate, CLAIM, reading="time_saved")
    assert default.reading == "efficiency_gain"
    assert chosen.reading == "time_saved"
    assert chosen.other_reading.reading == "efficiency_gain"
    assert chosen.other_reading.verdict == default.verdict


def test_limits_are_the_bounds_on_the_claims_reading():
    """The largest claim supported and the smallest ruled out are the interval's bounds."""
    result = judge(Interval(-0.3, -0.5, -0.1))
    assert result.largest_supported == pytest.approx(np.exp(0.1) - 1)
    assert result.smallest_refuted == pytest.approx(np.exp(0.5) - 1)
    assert plain(result.sentences.limits) == (
        "The largest claim this log supports is 10 %; the smallest it rules out is 65 %."
    )


def test_the_sentences_of_a_result():
    """They have the gain, its range, the claim's verdict and the other reading's."""
    sentences = judge(Interval(-np.log(1.38), -np.log(1.698), -np.log(1.123))).sentences
    assert plain(sentences.headline) == (
        "Design: assistance makes it about 38 % more efficient (between 12 % and 70 %)."
    )
    assert plain(sentences.verdict) == (
        "The claim of at least 50 % efficiency gain: a gain, and the claim is not ruled out."
    )
    assert plain(sentences.other_reading) == (
        "Read as 50 % time saved instead: a gain, but smaller than claimed."
    )


@pytest.mark.parametrize(
    ("theta", "design", "headline"),
    [
        (-0.001, "before-after", "Design: about as efficient after the rollout as before it ("),
        (
            0.001,
            "staggered",
            "Design: about as efficient with assistance as without it at the same time (",
        ),
        (0.004, "randomised", "Design: with assistance it is about as efficient as without it ("),
        (
            0.0,
            "self-selected",
            "Design: work done with assistance was about as efficient as the rest (",
        ),
    ],
)
def test_a_change_of_0_percent_has_no_direction(theta, design, headline):
    """The headline does not say "about 0 % more efficient"."""
    log_ratio = Interval(theta, theta - 0.2, theta + 0.2)
    result = dataclasses.replace(RESULT, log_ratio=log_ratio, study_design=design)
    assert verdict.sentences_for(result).headline.startswith(headline)
    time_saved = dataclasses.replace(result, reading="time_saved")
    assert "about as much time" in verdict.sentences_for(time_saved).headline


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.503, 0.9), (0.497, 0.9), (0.1, 0.503), (0.1, 0.497), (0.1, 0.5), (0.29, 0.58)],
)
def test_limits_agree_with_the_verdict_on_every_whole_percent(low, high):
    """The sentence's two figures are the largest claim supported and the smallest ruled out."""
    result = dataclasses.replace(RESULT, largest_supported=low, smallest_refuted=high)
    words = plain(verdict.sentences_for(result).limits).split()
    decisions = {
        percent: verdict.decide(gain(low, high), percent / 100, "at_least")
        for percent in range(1, 100)
    }
    supported = [percent for percent, decision in decisions.items() if decision == "supported"]
    refuted = [percent for percent, decision in decisions.items() if decision == "smaller"]
    assert [int(word) for word in words if word.isdigit()] == [max(supported), min(refuted)]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.167, 0.503, "between 16 % and 51 %"),
        (0.004, 0.5, "between no change and 50 % more efficient"),
        (-0.004, 0.5, "between 1 % less efficient and 50 % more efficient"),
        (-0.5, -0.004, "between no change and 50 % less efficient"),
        (-0.503, -0.167, "between 16 % and 51 % less efficient"),
        (-0.29, 0.29, "between 29 % less efficient and 29 % more efficient"),
    ],
)
def test_the_range_in_the_headline_is_never_narrower_than_the_interval(low, high, expected):
    """Its bounds are rounded outward, as the limits are; a bound of 0 % is "no change"."""
    assert plain(verdict._between(gain(low, high), "efficiency_gain")) == expected


def test_a_supported_gain_below_1_percent_is_reported():
    """It is "below 1 %", not 0 %."""
    result = dataclasses.replace(RESULT, largest_supported=0.004, smallest_refuted=0.2)
    assert "supports is below 1 %;" in plain(verdict.sentences_for(result).limits)


def test_the_limits_do_not_report_as_supported_what_cannot_be():
    """Neither a self-selected study nor an "up to" claim supports anything."""
    result = dataclasses.replace(RESULT, largest_supported=0.6, smallest_refuted=0.9)
    self_selected = verdict.sentences_for(dataclasses.replace(result, study_design="self-selected"))
    assert plain(self_selected.limits) == (
        "People chose when to use assistance: no claim is supported this way; "
        "the smallest it rules out is 91 %."
    )
    up_to = dataclasses.replace(CLAIM, bound="up_to")
    reached = verdict.sentences_for(dataclasses.replace(result, claim=up_to, verdict="plausible"))
    assert plain(reached.limits) == (
        "The log reaches the claim, but an upper bound promises nothing to support; "
        "the smallest it rules out is 91 %."
    )
    assert reached.needed == ""
    not_reached = dataclasses.replace(result, claim=up_to, largest_supported=0.4)
    assert "largest claim this log supports is 40" in verdict.sentences_for(not_reached).limits


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.15, 0.28, "This log supports no claim of a gain; the smallest it rules out is 29 %."),
        (-0.4, -0.1, "This log supports no claim of a gain, and rules out every one."),
    ],
)
def test_a_loss_is_not_reported_as_a_supported_claim(low, high, expected):
    """The sentence never says that "the largest claim this log supports is −15 %"."""
    result = dataclasses.replace(RESULT, largest_supported=low, smallest_refuted=high)
    assert plain(verdict.sentences_for(result).limits) == expected
    claimed_loss = dataclasses.replace(result, claim=dataclasses.replace(CLAIM, value=-0.19))
    assert "largest claim" in verdict.sentences_for(claimed_loss).limits


def test_the_sentences_without_an_interval_or_a_claim():
    """Too little data is reported as that; without a claim no sentence mentions one."""
    sentences = judge(None).sentences
    assert sentences.other_reading == ""
    assert sentences.headline == "Design: too little data to judge by."
    assert sentences.verdict.endswith("too little data to judge by.")
    without_claim = judge(Interval(-0.3, -0.5, -0.1), None)
    assert without_claim.verdict == "faster"
    assert without_claim.sentences.verdict == "Assistance saved time."
    assert without_claim.sentences.limits == ""
    assert without_claim.other_reading is None


def test_only_in_a_randomised_study_is_assistance_the_subject():
    """No other design's headline says that assistance "makes" the work faster."""
    headlines = {
        design: verdict.sentences_for(dataclasses.replace(RESULT, study_design=design)).headline
        for design in STUDY_DESIGNS
    }
    assert [design for design in STUDY_DESIGNS if "makes" in headlines[design]] == ["randomised"]
    assert "after the rollout" in headlines["before-after"]


def test_every_study_design_is_worded_once():
    """The strength, the plain words and the headlines of a design are in one table."""
    assert tuple(verdict.STUDY_DESIGN_WORDS) == STUDY_DESIGNS
    assert list(STRENGTH) == list(STUDY_DESIGNS)
    for design, words in verdict.STUDY_DESIGN_WORDS.items():
        assert STRENGTH[design] == words.strength
        assert all(dataclasses.astuple(words))


@given(
    theta=st.floats(-3, 3),
    half=st.floats(0.0, 3.0),
    value=st.sampled_from([-0.19, 0.0, 0.5, 100.0]),
)
def test_sentences_have_no_nan_and_no_double_sign(theta, half, value):
    """A word states the direction, so the headline has no minus."""
    claim = dataclasses.replace(CLAIM, value=value)
    log_ratio = Interval(theta, theta - half, theta + half)
    result = dataclasses.replace(RESULT, claim=claim, log_ratio=log_ratio)
    sentences = verdict.sentences_for(result)
    for sentence in dataclasses.astuple(sentences):
        assert "nan" not in sentence
        assert "None" not in sentence
    assert "−" not in sentences.headline


RESULT = judge(Interval(-0.3, -0.5, -0.1))
"""A result whose fields the tests replace."""
