"""The answer of a whole assessment in one sentence: the heading and the title of the page.

It words no verdict more strongly than the study design allows. More than three claims are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tracker.domain.counts import listed
from tracker.domain.gains import Reading, percent
from tracker.domain.records import StudyDesign
from tracker.evidence.results import BASELINE_ONLY, Result, Verdict
from tracker.evidence.verdict import NO_VERDICT

MAX_CLAIMS_WORDED = 3
"""More claims than that are counted."""

NOTHING_TO_JUDGE = "There is nothing to judge yet."
UNNAMED_ASSISTANT = "the assistant"

NOT_SHOWN: tuple[Verdict, ...] = ("smaller", "contradicted", "slower")
"""The verdicts under which a claimed gain does not hold."""

_PHRASES: dict[Verdict, str] = {
    "supported": "the {claim} claimed is supported",
    "plausible": "the {claim} claimed is not ruled out",
    "smaller": "the {claim} claimed is ruled out",
    "cannot-tell": "the {claim} claimed is not decided",
    "contradicted": "the {claim} claimed is ruled out",
    "slower": "the {claim} claimed is ruled out",
}
"""What the log says about a claim, beside the estimate."""

_NO_GAIN = "no gain shows"
"""Of activities of which the claim is ruled out, too."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """The words of one study design; ``{change}`` is a phrase of ``_CHANGES``."""

    gain: str
    """A gain or a loss on the efficiency gain."""
    time: str
    """The same on the time saved."""


_WORDINGS: dict[StudyDesign, _Wording] = {
    "randomised": _Wording(
        "{assistant} made {activity} {change}",
        "{assistant} made {activity} take {change}",
    ),
    "staggered": _Wording(
        "with {assistant}, {activity} was {change} than at the same time without it",
        "with {assistant}, {activity} took {change} than at the same time without it",
    ),
    "before-after": _Wording(
        "since {assistant}, {activity} has been {change} (before/after, not proof)",
        "since {assistant}, {activity} has taken {change} (before/after, not proof)",
    ),
    "self-selected": _Wording(
        "{activity} done with {assistant} was {change} (chosen work, not proof)",
        "{activity} done with {assistant} took {change} (chosen work, not proof)",
    ),
}
_CHANGES: dict[Reading, tuple[str, str]] = {
    "efficiency_gain": ("more efficient", "less efficient"),
    "time_saved": ("less time", "more time"),
}


def answer_sentence(results: Sequence[Result], assistants: Sequence[str]) -> str:
    """Return what came out for all claims, with the name of the assistant.

    Args:
        results: The results in their order.
        assistants: The names of the assistants that were compared; () where none is recorded.

    Returns:
        One sentence, with a full stop.

    """
    if not results:
        return NOTHING_TO_JUDGE
    assistant = listed(assistants) if 0 < len(assistants) <= 2 else UNNAMED_ASSISTANT
    claimed = [result for result in results if result.claim is not None]
    if len(results) > MAX_CLAIMS_WORDED and claimed:
        return _counted(claimed, assistant)
    by_activity = [list(group) for _, group in groupby(results, key=lambda r: r.activity)]
    if len(results) > MAX_CLAIMS_WORDED:
        return _counted_activities(results, assistant)
    clauses: list[str] = []
    before: Sequence[Result] = ()
    for nothing, groups in groupby(by_activity, key=_nothing_shown):
        if nothing:
            clauses.append(_clause_of_nothing(nothing, list(groups)))
            before = ()
            continue
        for group in groups:
            clauses.append(_clause(group, assistant, before))
            before = group
    answer = "; ".join(clauses)
    return _sentence(answer if assistant in answer else f"with {assistant}: {answer}")


def _counted(claimed: Sequence[Result], assistant: str) -> str:
    """Count the claims that hold, those that do not, and those that are open."""
    holding = sum(result.verdict == "supported" for result in claimed)
    failing = sum(result.verdict in NOT_SHOWN for result in claimed)
    undecided = len(claimed) - holding - failing
    claims = f"{len(claimed)} claims for {assistant}"
    if undecided == len(claimed):
        return _sentence(f"the log cannot tell yet whether any of {claims} holds")
    if holding:
        parts = [f"{holding} of {claims} {'holds' if holding == 1 else 'hold'}"]
        parts += [f"{failing} {_do_not(failing)}"] if failing else []
    elif undecided:
        parts = [f"{failing} of {claims} {_do_not(failing)} hold"]
    else:
        parts = [f"none of {claims} holds"]
    if undecided:
        parts.append(f"the log cannot tell {undecided} yet")
    return _sentence("; ".join(parts))


def _counted_activities(results: Sequence[Result], assistant: str) -> str:
    """Count the activities, where nothing is claimed."""
    counts = {
        "took less time": sum(result.verdict == "faster" for result in results),
        "took more time": sum(result.verdict == "slower" for result in results),
    }
    parts = [f"{n} of {len(results)} activities {words}" for words, n in counts.items() if n]
    if not parts:
        return _sentence(f"the log cannot tell of {len(results)} activities with {assistant} yet")
    return _sentence(f"with {assistant}, {' and '.join(parts)}")


def _do_not(count: int) -> str:
    return "does not" if count == 1 else "do not"


def _clause(results: Sequence[Result], assistant: str, before: Sequence[Result]) -> str:
    """Word the results of one activity, which share their estimate.

    Args:
        results: The results.
        assistant: The assistant in words.
        before: The results of the clause before. Where it has an estimate of the same design, this
            one goes on from it.

    """
    first = results[0]
    gain = first.gain(first.reading)
    if gain is None or first.worded_design is None:
        raise ValueError("a clause of nothing shown has no estimate to word")
    change = _change(gain.estimate, first.reading)
    wording = _WORDINGS[first.worded_design]
    template = wording.gain if first.reading == "efficiency_gain" else wording.time
    words = template.format(assistant=assistant, activity=first.activity, change=change)
    if before and _is_alike(before[0], first):
        words = f"{first.activity} {change}"
    if len(results) > 1:
        phrases = [_phrase(result) for result in results if result.claim is not None]
        return f"{words}: {', '.join(phrases)}"
    return words + _tail(first)


def _is_alike(result: Result, other: Result) -> bool:
    """Return whether two estimates are worded alike."""
    return (result.worded_design, result.reading) == (other.worded_design, other.reading)


def _reason(result: Result) -> str:
    """Return why there is no estimate; "" where there is one."""
    if result.developers is None:
        return "there is no verdict: too few developers"
    if result.log_ratio is not None:
        return ""
    if result.sentences.headline.endswith(NO_VERDICT):
        return "there is no verdict"
    if any(threat.code == BASELINE_ONLY for threat in result.threats):
        return "there is a baseline alone, with nothing to compare it with yet"
    return "there is too little data to judge by"


def _nothing_shown(results: Sequence[Result]) -> str:
    """Return what is said about an activity without a gain to word; "" where there is one."""
    first = results[0]
    reason = _reason(first)
    if reason:
        return reason
    is_undecided = len(results) == 1 and first.verdict in ("cannot-tell", "contradicted")
    if first.worded_design is not None and not is_undecided:
        return ""
    if first.verdict == "contradicted":
        return _NO_GAIN
    return "the log cannot tell yet" if first.claim else "the log cannot tell a gain from none yet"


def _clause_of_nothing(nothing: str, groups: Sequence[Sequence[Result]]) -> str:
    """Word activities of which the same is said."""
    clause = f"for {listed([group[0].activity for group in groups])} {nothing}"
    if nothing != _NO_GAIN:
        return clause
    values = [result.claim.value or 0.0 for (result,) in groups if result.claim]
    claims = list(dict.fromkeys(map(percent, values)))
    return (
        f"{clause}, and the {listed(claims)} claimed {'are' if len(claims) > 1 else 'is'} ruled out"
    )


def _change(gain: float, reading: Reading) -> str:
    """Word the estimated change as a comparison, which "than" may follow."""
    more, less = _CHANGES[reading]
    whole = round(100 * gain)
    if whole == 0:
        return f"neither more nor {less}"
    return f"about {percent(abs(gain))} {more if whole > 0 else less}"


def _phrase(result: Result) -> str:
    """Return what the log says about one claim, beside the estimate."""
    value = result.claim.value if result.claim and result.claim.value is not None else 0.0
    return _PHRASES[result.verdict].format(claim=percent(value))


def _tail(result: Result) -> str:
    """Return what follows the estimate of an activity with one claim; "" without a claim."""
    if result.claim is None or result.claim.value is None:
        return ""
    if result.verdict == "smaller" and result.claim.value > 0:
        return f", not the {percent(result.claim.value)} claimed"
    return f"; {_phrase(result)}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
