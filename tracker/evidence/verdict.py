"""The one place that decides a verdict and puts it into words.

A verdict is read off the interval of the gain, on the claim's own reading (docs/statistics.md, "Verdict"). Gains and
claims are fractions: 0.5 is 50 %.
"""

from __future__ import annotations

import math

from tracker.domain import gains
from tracker.domain.gains import (
    BOUND_LABELS,
    READING_LABELS,
    Bound,
    Reading,
    percent,
    percent_down,
    percent_up,
    whole_percent,
)
from tracker.domain.records import Claim, StudyDesign
from tracker.evidence.results import Interval, OtherReading, Result, Sentences, Verdict

UNDECIDED: tuple[Verdict, ...] = ("plausible", "cannot-tell")
"""The verdicts that more work could still turn."""

IN_WORDS: dict[Verdict, str] = {
    "supported": "the log supports the claim",
    "plausible": "a gain, and the claim is not ruled out",
    "smaller": "a gain, but smaller than claimed",
    "cannot-tell": "the log rules out neither the claim nor no gain",
    "contradicted": "no gain shown, and the claim is ruled out",
    "slower": "assistance took longer",
    "faster": "assistance saved time",
}

_OF_NO_GAIN: dict[Verdict, str] = {
    "slower": "it took even longer than claimed",
    "cannot-tell": "the log neither supports the claim nor rules it out",
}
"""Of a claim of no gain or of a loss, where the words above would mislead."""

_WITHOUT_CLAIM: dict[Verdict, str] = {"cannot-tell": "the log rules out neither a gain nor a loss"}
_WITHOUT_INTERVAL = "too little data to judge by"

_MORE: dict[Reading, str] = {"efficiency_gain": "more efficient", "time_saved": "less time"}
_LESS: dict[Reading, str] = {"efficiency_gain": "less efficient", "time_saved": "more time"}

_HEADLINES: dict[StudyDesign, str] = {
    "randomised": "assistance {makes} {gain}",
    "staggered": "{gain} with assistance than without it at the same time",
    "before-after": "{gain} after the rollout than before it",
    "self-selected": "work done with assistance {was} {gain}",
}
"""What each study design entitles to say: only drawn arms let assistance be the subject."""

_VERBS: dict[Reading, dict[str, str]] = {
    "efficiency_gain": {"makes": "makes it", "was": "was", "is_": "is"},
    "time_saved": {"makes": "makes it take", "was": "took", "is_": "takes"},
}
_SAME: dict[Reading, str] = {
    "efficiency_gain": "about as efficient",
    "time_saved": "about as much time",
}
_SAME_HEADLINES: dict[StudyDesign, str] = {
    "randomised": "with assistance it {is_} {same} as without it",
    "staggered": "{same} with assistance as without it at the same time",
    "before-after": "{same} after the rollout as before it",
    "self-selected": "work done with assistance {was} {same} as the rest",
}
"""The same, where the estimate rounds to no change at all."""


def decide(
    gain: Interval | None, value: float, bound: Bound, *, may_support: bool = True
) -> Verdict:
    """The verdict on a claimed gain ``value``, given the interval of the gain on the claim's reading.

    ``may_support`` False caps the verdict below ``supported``: for a self-selected comparison. An "up to" claim is
    never supported either, since an upper bound promises nothing. Without an interval: ``cannot-tell``.
    """
    if gain is None:
        return "cannot-tell"
    low = -math.inf if gain.low is None else gain.low
    high = math.inf if gain.high is None else gain.high
    reached = low > value if bound == "more_than" else low >= value
    if reached and may_support and bound != "up_to":
        return "supported"
    if value <= 0:
        return "slower" if high < value else "cannot-tell"
    if low > 0:
        return "plausible" if high >= value else "smaller"
    if high < 0:
        return "slower"
    return "contradicted" if high < value else "cannot-tell"


def decide_without_claim(gain: Interval | None) -> Verdict:
    """``faster``, ``slower`` or ``cannot-tell``, where nothing is claimed."""
    if gain is None:
        return "cannot-tell"
    if gain.low is not None and gain.low > 0:
        return "faster"
    return "slower" if gain.high is not None and gain.high < 0 else "cannot-tell"


def read_otherwise(
    gain: Interval | None, claim: Claim, reading: Reading, *, may_support: bool = True
) -> OtherReading | None:
    """The verdict on the claimed figure read the other way; ``gain`` is the interval on that other reading.

    None where there is no other reading: a figure that would be a time saved of 100 % or more, either way.
    """
    if claim.value is None or any(gains.to_ratio(r, claim.value) is None for r in gains.READINGS):
        return None
    return OtherReading(
        gains.other_reading(reading),
        claim.value,
        decide(gain, claim.value, claim.bound, may_support=may_support),
    )


def phrase(verdict: Verdict, claimed: float | None) -> str:
    """A verdict in a few words, as the table of verdicts has them; ``claimed``: the claim's gain, None without one."""
    if claimed is None:
        return _WITHOUT_CLAIM.get(verdict, IN_WORDS[verdict])
    return _OF_NO_GAIN.get(verdict, IN_WORDS[verdict]) if claimed <= 0 else IN_WORDS[verdict]


def sentences_for(result: Result, *, suppressed: str = "") -> Sentences:
    """A result in plain sentences, from its own figures. ``suppressed``: why no verdict is read off the interval."""
    if suppressed:
        return Sentences(headline=f"{_subject(result)}: no verdict.", verdict=suppressed)
    gain = result.gain(result.reading)
    return Sentences(
        headline=_headline(result, gain),
        verdict=_verdict_sentence(result, gain),
        limits=_limits(result, result.claim.value or 0.0) if result.claim else "",
        other_reading=_other_sentence(result),
        needed=_needed(result, gain),
    )


def claimed(claim: Claim, reading: Reading) -> str:
    """A claim as a noun phrase: "at least 50 % efficiency gain"."""
    return f"{BOUND_LABELS[claim.bound]} {percent(claim.value or 0.0)} {READING_LABELS[reading]}"


def _subject(result: Result) -> str:
    return result.activity[:1].upper() + result.activity[1:]


def _headline(result: Result, gain: Interval | None) -> str:
    activity = _subject(result)
    if gain is None or result.study_design is None:
        return f"{activity}: {_WITHOUT_INTERVAL}."
    return f"{activity}: {_found(gain.estimate, result.reading, result.study_design)} ({_between(gain, result.reading)})."


def _found(gain: float, reading: Reading, design: StudyDesign) -> str:
    whole = round(100 * gain)
    if whole == 0:
        return _SAME_HEADLINES[design].format(same=_SAME[reading], **_VERBS[reading])
    said = f"about {percent(abs(gain))} {(_MORE if whole > 0 else _LESS)[reading]}"
    return _HEADLINES[design].format(gain=said, **_VERBS[reading])


def _between(gain: Interval, reading: Reading) -> str:
    """The interval in whole per cent, rounded outward: never narrower than it is."""
    low, high = gain.low, gain.high
    if low is None or high is None:
        return "its bounds are not defined"
    less, more = _LESS[reading], _MORE[reading]
    lowest, highest = percent_down(low), percent_up(high)
    if lowest < 0 < highest:
        return f"between {whole_percent(-lowest)} {less} and {whole_percent(highest)} {more}"
    nearer, farther = sorted((abs(lowest), abs(highest)))
    word = less if highest <= 0 else more
    if nearer == 0:
        return f"between no change and {whole_percent(farther)} {word}"
    return f"between {whole_percent(nearer)} and {whole_percent(farther)}{f' {less}' if highest < 0 else ''}"


def _verdict_sentence(result: Result, gain: Interval | None) -> str:
    claim = result.claim
    said = (
        _WITHOUT_INTERVAL
        if gain is None
        else phrase(result.verdict, claim.value if claim else None)
    )
    if claim is None or claim.value is None:
        return f"{said[:1].upper()}{said[1:]}."
    return f"The claim of {claimed(claim, result.reading)}: {said}."


def _limits(result: Result, gain_claimed: float) -> str:
    """The largest whole per cent that would be supported and the smallest that is ruled out, by the verdict's rule."""
    low, high = result.largest_supported, result.smallest_refuted
    if low is None or high is None:
        return ""
    if high <= 0 < gain_claimed:
        return "This log supports no claim of a gain, and rules out every one."
    # A claim of just the upper bound is not ruled out: the next whole per cent is.
    ruled_out = f"the smallest it rules out is {whole_percent(percent_down(high) + 1)}."
    if result.study_design == "self-selected":
        return f"People chose when to use assistance: no claim is supported this way; {ruled_out}"
    if _reaches_upper_bound(result):
        return f"The log reaches the claim, but an upper bound promises nothing to support; {ruled_out}"
    if low <= 0 < gain_claimed:
        return f"This log supports no claim of a gain; {ruled_out}"
    if low > 0 and percent_down(low) == 0:
        return f"The largest claim this log supports is below {whole_percent(1)}; {ruled_out}"
    return f"The largest claim this log supports is {whole_percent(percent_down(low))}; {ruled_out}"


def _reaches_upper_bound(result: Result) -> bool:
    """Whether an "up to" claim is reached: no log supports it, and no more work would."""
    claim, low = result.claim, result.largest_supported
    if claim is None or claim.value is None or low is None:
        return False
    return claim.bound == "up_to" and low >= claim.value


def _other_sentence(result: Result) -> str:
    other = result.other_reading
    if other is None or result.log_ratio is None:
        return ""
    return f"Read as {percent(other.value)} {READING_LABELS[other.reading]} instead: {phrase(other.verdict, other.value)}."


def _needed(result: Result, gain: Interval | None) -> str:
    if gain is None or result.verdict not in UNDECIDED:
        return ""
    if result.items_needed is not None:
        return f"About {result.items_needed:,} more task{'s' if result.items_needed > 1 else ''} would tell."
    if result.drift_sd is not None:
        return "No number of tasks can tell this way: only a randomised or staggered study can."
    return "" if _reaches_upper_bound(result) else "No practical number of tasks would tell."


_ROUNDS_TO_NOTHING = 0.005


def share(part: float, whole: float) -> str:
    """A share in whole per cent; ``under 1 %`` where it is something, but rounds to nothing. 0 of nothing is 0 %."""
    of_it = part / whole if whole else 0.0
    return f"under {percent(0.01)}" if 0 < of_it < _ROUNDS_TO_NOTHING else percent(of_it)


def portion(part: float, whole: float) -> str:
    """A count of another, with its share: ``7 of 120 (6 %)``."""
    return f"{part:,.0f} of {whole:,.0f} ({share(part, whole)})"


def counted(part: float, whole: float) -> str:
    """A count with its share: ``7 (6 %)``; a bare 0 where there is none."""
    return f"{part:,.0f} ({share(part, whole)})" if part else "0"
