"""Verdicts off intervals, and what they say in words."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import panels

from tracker.domain import gains
from tracker.domain.gains import BOUNDS, READINGS
from tracker.domain.records import Claim
from tracker.evidence import verdict
from tracker.evidence.activity import estimate_activity
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
def test_claims_of_nothing_of_a_loss_and_of_ten_thousand_per_cent(value, low, high, expected):
    """A claim ≤ 0 is supported, outdone by a loss, or open; an immense claim is judged as any other."""
    assert verdict.decide(gain(low, high), value, "at_least") == expected


def test_bounds_change_only_what_supports():
    """More than: strictly. Up to: never supported, since it promises nothing. About: as at least."""
    assert verdict.decide(gain(0.5, 0.9), 0.5, "more_than") == "plausible"
    assert verdict.decide(gain(0.51, 0.9), 0.5, "more_than") == "supported"
    assert verdict.decide(gain(0.6, 0.9), 0.5, "up_to") == "plausible"
    assert verdict.decide(gain(0.1, 0.2), 0.0, "up_to") == "cannot-tell"
    assert verdict.decide(gain(0.5, 0.9), 0.5, "about") == "supported"


def test_a_design_that_may_not_support_caps_the_verdict():
    """Self-selected work is never enough to support a claim, whatever its interval."""
    assert verdict.decide(gain(0.6, 0.9), 0.5, "at_least", may_support=False) == "plausible"
    assert verdict.decide(gain(0.1, 0.9), -0.19, "at_least", may_support=False) == "cannot-tell"


def test_no_interval_and_open_ends_cannot_tell():
    """Without an interval there is no verdict; a bound that is not defined rules nothing out."""
    assert verdict.decide(None, 0.5, "at_least") == "cannot-tell"
    assert verdict.decide(Interval(0.7, None, None), 0.5, "at_least") == "cannot-tell"
    assert verdict.decide_without_claim(None) == "cannot-tell"


def test_without_a_claim():
    """Faster, slower, or neither."""
    assert verdict.decide_without_claim(gain(0.1, 0.2)) == "faster"
    assert verdict.decide_without_claim(gain(-0.2, -0.1)) == "slower"
    assert verdict.decide_without_claim(gain(0.0, 0.2)) == "cannot-tell"


bounds = st.floats(-0.99, 5.0)


@given(
    low=bounds,
    high=bounds,
    value=st.floats(-0.9, 3.0),
    bound=st.sampled_from(BOUNDS),
    may=st.booleans(),
)
def test_a_verdict_never_says_more_than_the_interval(low, high, value, bound, may):
    """Supported only if every gain in the interval reaches the claim; ruled out only if none does."""
    low, high = min(low, high), max(low, high)
    found = verdict.decide(gain(low, high), value, bound, may_support=may)
    if found == "supported":
        assert low >= value
        assert may
        assert bound != "up_to"
    if found in ("smaller", "contradicted", "slower"):
        assert high < value
    if found in ("plausible", "smaller"):
        assert low > 0


@given(theta=st.floats(-1.5, 1.5), half=st.floats(0.001, 1.0), value=st.floats(-0.5, 0.95))
def test_the_verdict_hangs_on_the_ratio_and_not_on_the_scale(theta, half, value):
    """A claim and the same claim said on the other reading (its own ratio) get the same verdict."""
    log_ratio = Interval(theta, theta - half, theta + half)
    made = [
        verdict.decide(on(log_ratio, reading), gains.from_ratio(reading, 1 - value), "at_least")
        for reading in READINGS
    ]
    edge = min(abs(np.log(1 - value) - end) for end in (theta - half, theta + half))
    if edge > 1e-9:
        assert made[0] == made[1]


def on(log_ratio: Interval, reading: gains.Reading) -> Interval:
    """The interval of the gain on a reading."""
    made = dataclasses.replace(_ANY, log_ratio=log_ratio).gain(reading)
    assert made is not None
    return made


def result(log_ratio: Interval | None, claim: Claim | None = CLAIM) -> Result:
    """A result with an interval of one's own choosing, judged."""
    work = panels.items(np.random.default_rng(0))
    found = estimate_activity(
        panels.moments(work),
        activity="design",
        design="randomised",
        level=0.95,
        interval_level=0.95,
        items=lambda: work,
    )
    return judge_claim(dataclasses.replace(found, log_ratio=log_ratio), claim)


def test_the_same_figure_read_the_other_way_has_its_own_verdict():
    """+50 % output is −33 % time; read as −50 % time it asks for more."""
    made = result(Interval(-0.45, -0.5, -0.42))
    assert made.verdict == "supported"
    assert made.other_reading is not None
    assert made.other_reading.reading == "time_saved"
    assert made.other_reading.value == 0.5
    assert made.other_reading.verdict == "smaller"


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("value", [1.0, 1.5, 100.0])
def test_a_time_saved_of_all_the_time_has_no_other_reading(reading, value):
    """100 % and more of the time cannot be saved: there is no other reading, rather than an infinite one."""
    claim = dataclasses.replace(CLAIM, value=value, reading=reading)
    assert result(Interval(-0.1, -0.2, 0.0), claim).other_reading is None


def test_the_reading_can_be_overruled():
    """`--reading` judges the same figure on the other scale."""
    work = panels.items(np.random.default_rng(0), effect=-0.5, per_developer=80)
    found = estimate_activity(
        panels.moments(work),
        activity="design",
        design="randomised",
        level=0.95,
        interval_level=0.95,
        items=lambda: work,
    )
    assert judge_claim(found, CLAIM).reading == "efficiency_gain"
    overruled = judge_claim(found, CLAIM, reading="time_saved")
    assert overruled.reading == "time_saved"
    assert overruled.other_reading is not None
    assert overruled.other_reading.reading == "efficiency_gain"
    assert overruled.other_reading.verdict == judge_claim(found, CLAIM).verdict


def test_limits_are_the_bounds_on_the_claims_reading():
    """The largest claim supported and the smallest ruled out are the interval's own ends."""
    made = result(Interval(-0.3, -0.5, -0.1))
    assert made.largest_supported == pytest.approx(np.exp(0.1) - 1)
    assert made.smallest_refuted == pytest.approx(np.exp(0.5) - 1)
    assert made.sentences.limits.replace("\xa0", " ") == (
        "The largest claim this log supports is 10 %; the smallest it rules out is 65 %."
    )


def test_words_for_people():
    """The sentences say the gain, its range, the claim's verdict, and what it would take."""
    words = result(Interval(-np.log(1.38), -np.log(1.698), -np.log(1.123))).sentences
    assert words.headline.replace("\xa0", " ") == (
        "Design: assistance makes it about 38 % more efficient (between 12 % and 70 %)."
    )
    assert words.verdict.replace("\xa0", " ") == (
        "The claim of at least 50 % efficiency gain: a gain, and the claim is not ruled out."
    )
    assert (
        words.other_reading.replace("\xa0", " ")
        == "Read as 50 % time saved instead: a gain, but smaller than claimed."
    )


@pytest.mark.parametrize(
    ("theta", "design", "said"),
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
def test_no_change_to_speak_of_has_no_direction(theta, design, said):
    """Nobody reads of "about 0 % more efficient"."""
    made = dataclasses.replace(
        _ANY, log_ratio=Interval(theta, theta - 0.2, theta + 0.2), study_design=design
    )
    assert verdict.sentences_for(made).headline.startswith(said)
    saved = dataclasses.replace(made, reading="time_saved")
    assert "about as much time" in verdict.sentences_for(saved).headline


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.503, 0.9), (0.497, 0.9), (0.1, 0.503), (0.1, 0.497), (0.1, 0.5), (0.29, 0.58)],
)
def test_limits_agree_with_the_verdict_on_every_whole_per_cent(low, high):
    """A claim in whole per cent is supported just up to the one limit that is said, and ruled out from the other on."""
    made = dataclasses.replace(_ANY, largest_supported=low, smallest_refuted=high)
    said = [
        int(word)
        for word in verdict.sentences_for(made).limits.replace("\xa0", " ").split()
        if word.isdigit()
    ]
    supported = [
        w
        for w in range(1, 100)
        if verdict.decide(gain(low, high), w / 100, "at_least") == "supported"
    ]
    ruled_out = [
        w
        for w in range(1, 100)
        if verdict.decide(gain(low, high), w / 100, "at_least") == "smaller"
    ]
    assert said == [max(supported), min(ruled_out)]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.167, 0.503, "between 16 % and 51 %"),
        (0.004, 0.5, "between no change and 50 % more efficient"),
        (-0.004, 0.5, "between 1 % less efficient and 50 % more efficient"),
        (-0.5, -0.004, "between no change and 50 % less efficient"),
        (-0.503, -0.167, "between 16 % and 51 % less efficient"),
        (-0.29, 0.29, "between 29 % less efficient and 29 % more efficient"),
    ],
)
def test_the_range_in_the_headline_is_never_narrower_than_the_interval(low, high, said):
    """Its ends are rounded outward, as the limits are; an end that is no change is called so."""
    assert verdict._between(gain(low, high), "efficiency_gain").replace("\xa0", " ") == said


def test_a_gain_below_one_per_cent_is_not_said_to_be_none():
    """Where a gain is shown, but less than a whole per cent of it, that is said."""
    made = verdict.sentences_for(
        dataclasses.replace(_ANY, largest_supported=0.004, smallest_refuted=0.2)
    )
    assert "supports is below 1 %;" in made.limits.replace("\xa0", " ")


def test_what_can_never_be_supported_is_not_said_to_be():
    """Self-selected work supports nothing; a promise of "up to" so much neither, however large the gain."""
    made = dataclasses.replace(_ANY, largest_supported=0.6, smallest_refuted=0.9)
    chosen = verdict.sentences_for(dataclasses.replace(made, study_design="self-selected"))
    assert chosen.limits.replace("\xa0", " ") == (
        "People chose when to use assistance: no claim is supported this way; the smallest it rules out is 91 %."
    )
    up_to = dataclasses.replace(CLAIM, bound="up_to")
    reached = verdict.sentences_for(
        dataclasses.replace(made, claim=up_to, verdict="plausible", items_needed=None)
    )
    assert reached.limits.replace("\xa0", " ") == (
        "The log reaches the claim, but an upper bound promises nothing to support; the smallest it rules out is 91 %."
    )
    assert reached.needed == ""
    below = dataclasses.replace(made, claim=up_to, largest_supported=0.4)
    assert "largest claim this log supports is 40" in verdict.sentences_for(below).limits


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.15, 0.28, "This log supports no claim of a gain; the smallest it rules out is 29 %."),
        (-0.4, -0.1, "This log supports no claim of a gain, and rules out every one."),
    ],
)
def test_a_loss_is_no_claim_that_is_supported(low, high, said):
    """Where no gain is shown nobody reads that "the largest claim supported is −15 %"."""
    made = dataclasses.replace(_ANY, largest_supported=low, smallest_refuted=high)
    assert verdict.sentences_for(made).limits.replace("\xa0", " ") == said
    of_loss = dataclasses.replace(made, claim=dataclasses.replace(CLAIM, value=-0.19))
    assert "largest claim" in verdict.sentences_for(of_loss).limits


def test_words_without_an_interval_or_a_claim():
    """Too little data is said as such, not as a finding, and once; no claim, no talk of one."""
    assert result(None).sentences.other_reading == ""
    assert result(None).sentences.headline == "Design: too little data to judge by."
    assert result(None).sentences.verdict.endswith("too little data to judge by.")
    bare = result(Interval(-0.3, -0.5, -0.1), None)
    assert bare.verdict == "faster"
    assert bare.sentences.verdict == "Assistance saved time."
    assert bare.sentences.limits == ""
    assert bare.other_reading is None


def test_only_drawn_arms_let_assistance_be_the_subject():
    """Each study design's headline says no more than the design allows."""
    made = result(Interval(-0.3, -0.5, -0.1))
    headlines = {
        d: verdict.sentences_for(dataclasses.replace(made, study_design=d)).headline
        for d in ("randomised", "before-after")
    }
    assert "makes" in headlines["randomised"]
    assert "makes" not in headlines["before-after"]
    assert "after the rollout" in headlines["before-after"]


@given(
    theta=st.floats(-3, 3),
    half=st.floats(0.0, 3.0),
    value=st.sampled_from([-0.19, 0.0, 0.5, 100.0]),
)
def test_words_hold_no_nan_and_no_sign_twice(theta, half, value):
    """Whatever the figures: plain sentences, with a word for the direction instead of a minus in the headline."""
    claim = dataclasses.replace(CLAIM, value=value)
    made = verdict.sentences_for(
        dataclasses.replace(
            _ANY, claim=claim, log_ratio=Interval(theta, theta - half, theta + half)
        )
    )
    for sentence in dataclasses.astuple(made):
        assert "nan" not in sentence
        assert "None" not in sentence
    assert "−" not in made.headline


_ANY = result(Interval(-0.3, -0.5, -0.1))
