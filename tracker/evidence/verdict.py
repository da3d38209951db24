"""The rule and the wording of a verdict.

A verdict follows from the interval of the gain, on the claim's own reading (docs/statistics.md,
"Verdict"). Gains and claims are fractions: 0.5 is 50 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tracker.claims.wording import describe_claim
from tracker.domain import gains
from tracker.domain.gains import (
    READING_LABELS,
    Bound,
    Reading,
    percent,
    percent_down,
    percent_up,
    whole_percent,
)
from tracker.domain.records import Claim, StudyDesign
from tracker.evidence.estimators.control import CONTROL_WEIGHT, HELD_AGAINST
from tracker.evidence.planning.wording import plan_sentence
from tracker.evidence.results import (
    BASELINE_ONLY,
    Interval,
    OtherReading,
    Result,
    Sentences,
    Verdict,
)

UNDECIDED: tuple[Verdict, ...] = ("plausible", "cannot-tell")
"""The verdicts that more work could change."""

VERDICT_WORDS: dict[Verdict, str] = {
    "supported": "the log supports the claim",
    "plausible": "a gain, and the claim is not ruled out",
    "smaller": "a gain, but smaller than claimed",
    "cannot-tell": "the log rules out neither the claim nor no gain",
    "contradicted": "no gain shown, and the claim is ruled out",
    "slower": "assistance took longer",
    "faster": "assistance saved time",
}

_NO_GAIN_WORDS: dict[Verdict, str] = {
    "slower": "it took even longer than claimed",
    "cannot-tell": "the log neither supports the claim nor rules it out",
}
"""For a claim of no gain or of a loss, where ``IN_WORDS`` would mislead."""

_NO_CLAIM_WORDS: dict[Verdict, str] = {"cannot-tell": "the log rules out neither a gain nor a loss"}
NO_VERDICT = "no verdict."
"""How the headline of a result ends that has an interval and may not show it."""
_NO_INTERVAL = "too little data to judge by"
_BASELINE_ALONE = "a baseline alone, nothing to compare it with yet"


@dataclass(frozen=True, slots=True)
class StudyDesignWords:
    """The words for one study design."""

    strength: str
    """The strongest statement that the design allows."""
    plain: str
    """The design in a few words, for a reader without statistics."""
    headline: str
    """A gain or a loss. Only drawn arms let assistance be the subject of the sentence."""
    headline_no_change: str
    """The same where the estimate rounds to no change."""


STUDY_DESIGN_WORDS: dict[StudyDesign, StudyDesignWords] = {
    "randomised": StudyDesignWords(
        strength="causes",
        plain="drawn by lot: shows cause and effect",
        headline="assistance {makes} {gain}",
        headline_no_change="with assistance it {is_} {same} as without it",
    ),
    "staggered": StudyDesignWords(
        strength="quasi-experimental, if the order was arbitrary",
        plain="some had it while others had not",
        headline="{gain} with assistance than without it at the same time",
        headline_no_change="{same} with assistance as without it at the same time",
    ),
    "before-after": StudyDesignWords(
        strength="before/after, not proof",
        plain="before/after, not proof",
        headline="{gain} after the rollout than before it",
        headline_no_change="{same} after the rollout as before it",
    ),
    "self-selected": StudyDesignWords(
        strength="associated with",
        plain="people chose when: a link, not a cause",
        headline="work done with assistance {was} {gain}",
        headline_no_change="work done with assistance {was} {same} as the rest",
    ),
}

NOT_COMPARED = "arms drawn by lot, nothing compared yet"
"""In place of the words of a randomised design that has no interval."""

_MORE: dict[Reading, str] = {"efficiency_gain": "more efficient", "time_saved": "less time"}
_LESS: dict[Reading, str] = {"efficiency_gain": "less efficient", "time_saved": "more time"}
_SAME: dict[Reading, str] = {
    "efficiency_gain": "about as efficient",
    "time_saved": "about as much time",
}
_VERBS: dict[Reading, dict[str, str]] = {
    "efficiency_gain": {"makes": "makes it", "was": "was", "is_": "is"},
    "time_saved": {"makes": "makes it take", "was": "took", "is_": "takes"},
}

_ROUNDS_TO_ZERO = 0.005
"""A smaller share is 0 in whole per cent."""


def decide(
    gain: Interval | None, value: float, bound: Bound, *, may_support: bool = True
) -> Verdict:
    """Return the verdict on a claimed gain.

    Args:
        gain: The interval of the gain on the claim's reading; None: ``cannot-tell``.
        value: The claimed gain.
        bound: The claim's bound. ``up_to`` is never supported: it promises no gain.
        may_support: False for a self-selected comparison, which cannot support a claim.

    Returns:
        The verdict.

    """
    if gain is None:
        return "cannot-tell"
    low = -math.inf if gain.low is None else gain.low
    high = math.inf if gain.high is None else gain.high
    reaches_claim = low > value if bound == "more_than" else low >= value
    if reaches_claim and may_support and bound != "up_to":
        return "supported"
    if value <= 0:
        return "slower" if high < value else "cannot-tell"
    if low > 0:
        return "plausible" if high >= value else "smaller"
    if high < 0:
        return "slower"
    return "contradicted" if high < value else "cannot-tell"


def decide_without_claim(gain: Interval | None) -> Verdict:
    """Return ``faster``, ``slower`` or ``cannot-tell``, where nothing is claimed."""
    if gain is None:
        return "cannot-tell"
    if gain.low is not None and gain.low > 0:
        return "faster"
    return "slower" if gain.high is not None and gain.high < 0 else "cannot-tell"


def judge_other_reading(
    gain: Interval | None, claim: Claim, reading: Reading, *, may_support: bool = True
) -> OtherReading | None:
    """Return the verdict on the claimed figure under the other reading.

    Args:
        gain: The interval of the gain on the other reading.
        claim: The claim.
        reading: The reading that the claim itself is judged on.
        may_support: As for :func:`decide`.

    Returns:
        The other reading and its verdict; None where the figure has no time ratio on both readings
        (a time saved of 100 % or more).

    """
    if claim.value is None or any(
        gains.to_ratio(either, claim.value) is None for either in gains.READINGS
    ):
        return None
    return OtherReading(
        gains.other_reading(reading),
        claim.value,
        decide(gain, claim.value, claim.bound, may_support=may_support),
    )


def verdict_phrase(verdict: Verdict, claimed_gain: float | None) -> str:
    """Return a verdict in a few words; ``claimed_gain`` is None without a claim."""
    if claimed_gain is None:
        return _NO_CLAIM_WORDS.get(verdict, VERDICT_WORDS[verdict])
    if claimed_gain <= 0:
        return _NO_GAIN_WORDS.get(verdict, VERDICT_WORDS[verdict])
    return VERDICT_WORDS[verdict]


def sentences_for(result: Result, *, suppressed: str = "") -> Sentences:
    """Return a result in plain sentences.

    Args:
        result: The result.
        suppressed: Why no verdict is given; "" where one is given.

    Returns:
        The sentences, "" for each that does not apply.

    """
    if suppressed:
        return Sentences(headline=f"{_subject(result)}: {NO_VERDICT}", verdict=suppressed)
    gain = result.gain(result.reading)
    return Sentences(
        headline=_headline(result, gain),
        verdict=_verdict_sentence(result, gain),
        limits=_limits_sentence(result, result.claim.value or 0.0) if result.claim else "",
        other_reading=_other_reading_sentence(result),
        control=_control_sentence(result),
        needed=needed_sentence(result),
    )


def describe_design(result: Result) -> str:
    """Return the study design in a few plain words; "" without one."""
    if result.study_design is None:
        return ""
    if not result.looks_drawn:
        return "recorded as drawn by lot, but not like a draw: a link, not a cause"
    if result.study_design == "randomised" and result.log_ratio is None:
        return NOT_COMPARED
    if result.control is not None and result.control.is_primary:
        return f"before/after, {HELD_AGAINST}, not proof"
    return STUDY_DESIGN_WORDS[result.study_design].plain


def _subject(result: Result) -> str:
    """Return the activity with a capital letter."""
    return result.activity[:1].upper() + result.activity[1:]


def _headline(result: Result, gain: Interval | None) -> str:
    subject = _subject(result)
    if gain is None or result.worded_design is None:
        return f"{subject}: {_no_interval_words(result)}."
    change = _change(gain.estimate, result.reading, result.worded_design)
    return f"{subject}: {change} ({_between(gain, result.reading)})."


def _no_interval_words(result: Result) -> str:
    """Return why there is no interval, in a few words; the threats say it at length."""
    is_baseline = any(threat.code == BASELINE_ONLY for threat in result.threats)
    return _BASELINE_ALONE if is_baseline else _NO_INTERVAL


def _change(gain: float, reading: Reading, design: StudyDesign) -> str:
    """Word the estimated change, no more strongly than the study design allows."""
    words = STUDY_DESIGN_WORDS[design]
    whole = round(100 * gain)
    if whole == 0:
        return words.headline_no_change.format(same=_SAME[reading], **_VERBS[reading])
    amount = f"about {percent(abs(gain))} {(_MORE if whole > 0 else _LESS)[reading]}"
    return words.headline.format(gain=amount, **_VERBS[reading])


def _between(gain: Interval, reading: Reading) -> str:
    """Word the interval in whole per cent, rounded outward: never narrower than it is."""
    if gain.low is None or gain.high is None:
        return "its bounds are not defined"
    less, more = _LESS[reading], _MORE[reading]
    low, high = percent_down(gain.low), percent_up(gain.high)
    if low < 0 < high:
        return f"between {whole_percent(-low)} {less} and {whole_percent(high)} {more}"
    nearer, farther = sorted((abs(low), abs(high)))
    if nearer == 0:
        return f"between no change and {whole_percent(farther)} {less if high <= 0 else more}"
    direction = f" {less}" if high < 0 else ""  # a gain's direction is in the sentence before it
    return f"between {whole_percent(nearer)} and {whole_percent(farther)}{direction}"


def _verdict_sentence(result: Result, gain: Interval | None) -> str:
    claim = result.claim
    claimed_gain = claim.value if claim else None
    words = (
        _no_interval_words(result) if gain is None else verdict_phrase(result.verdict, claimed_gain)
    )
    if claim is None or claimed_gain is None:
        return f"{words[:1].upper()}{words[1:]}."
    return f"The claim of {describe_claim(claim, result.reading)}: {words}."


def _limits_sentence(result: Result, claimed_gain: float) -> str:
    """Word the largest claim in whole per cent that is supported and the smallest ruled out."""
    low, high = result.largest_supported, result.smallest_refuted
    if low is None or high is None:
        return ""
    if high <= 0 < claimed_gain:
        return "This log supports no claim of a gain, and rules out every one."
    # A claim equal to the upper bound is not ruled out; the next whole per cent is.
    ruled_out = f"the smallest it rules out is {whole_percent(percent_down(high) + 1)}."
    if not result.looks_drawn:
        return f"The arms do not look drawn: no claim is supported this way; {ruled_out}"
    if result.study_design == "self-selected":
        return f"People chose when to use assistance: no claim is supported this way; {ruled_out}"
    if _reaches_upper_bound(result):
        return (
            "The log reaches the claim, but an upper bound promises nothing to support; "
            f"{ruled_out}"
        )
    if low <= 0 < claimed_gain:
        return f"This log supports no claim of a gain; {ruled_out}"
    if low > 0 and percent_down(low) == 0:
        return f"The largest claim this log supports is below {whole_percent(1)}; {ruled_out}"
    return f"The largest claim this log supports is {whole_percent(percent_down(low))}; {ruled_out}"


def _reaches_upper_bound(result: Result) -> bool:
    """Return whether the log reaches an "up to" claim, which no amount of work can support."""
    claim, low = result.claim, result.largest_supported
    if claim is None or claim.value is None or low is None:
        return False
    return claim.bound == "up_to" and low >= claim.value


def _other_reading_sentence(result: Result) -> str:
    other_reading = result.other_reading
    if other_reading is None or result.log_ratio is None:
        return ""
    figure = f"{percent(other_reading.value)} {READING_LABELS[other_reading.reading]}"
    return (
        f"Read as {figure} instead: {verdict_phrase(other_reading.verdict, other_reading.value)}."
    )


def _control_sentence(result: Result) -> str:
    """Word what the same people's other work says; "" where nothing is held against it."""
    control = result.control
    point = next((point for point in result.sensitivity if point.control), None)
    if control is None or point is None or result.worded_design is None:
        return ""
    change = math.exp(control.log_ratio) - 1.0
    direction = "less" if change < 0 else "more"
    other_work = (
        f"the same people's other work ({control.items:,} tasks, which took"
        f" {percent(abs(change))} {direction} time after the rollout)"
    )
    if control.is_primary:
        sentence = (
            f"Held against {other_work}: {percent(CONTROL_WEIGHT)} of that change is taken off,"
            " as nearly all of that work is recorded as unassisted."
        )
    else:
        gain = replace(result, log_ratio=point.log_ratio).gain(result.reading)
        if gain is None:
            return ""
        estimate = _change(gain.estimate, result.reading, result.worded_design)
        sentence = f"Against {other_work}: {estimate} ({_between(gain, result.reading)})."
    if change >= 0:
        return sentence
    hidden = percent(CONTROL_WEIGHT)
    return f"{sentence} If assistance speeded up that work too, {hidden} of that is hidden."


def needed_sentence(result: Result) -> str:
    """Return what it still takes to tell; "" where the verdict is decided."""
    if result.plan is None or result.verdict not in UNDECIDED:
        return ""
    return plan_sentence(result.plan, result.reading)


def share(part: float, whole: float) -> str:
    """Return a share in whole per cent.

    "under 1 %" where it is above 0 and rounds to 0; 0 % where ``whole`` is 0.
    """
    fraction = part / whole if whole else 0.0
    return f"under {percent(0.01)}" if 0 < fraction < _ROUNDS_TO_ZERO else percent(fraction)


def count_of_total(part: float, whole: float) -> str:
    """Return a count of a total with its share: ``7 of 120 (6 %)``."""
    return f"{part:,.0f} of {whole:,.0f} ({share(part, whole)})"


def count_with_share(part: float, whole: float) -> str:
    """Return a count with its share: ``7 (6 %)``; ``0`` alone where there is none."""
    return f"{part:,.0f} ({share(part, whole)})" if part else "0"
