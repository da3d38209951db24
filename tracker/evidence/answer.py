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
"""What the log says of a claim, beside the estimate."""


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
    clauses = []
    for reason, groups in groupby(by_activity, key=lambda group: _reason(group[0])):
        before: Sequence[Result] = ()
        if reason:
            clauses.append(f"for {listed([group[0].activity for group in groups])} {reason}")
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
    parts = [f"{holding or 'none'} of {len(claimed)} claims for {assistant} {_holds(holding)}"]
    if failing:
        parts.append(f"{failing} {'does' if failing == 1 else 'do'} not")
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


def _holds(count: int) -> str:
    return "holds" if count <= 1 else "hold"


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
    if gain is None or first.worded_design is None or _shows_nothing(results):
        return _nothing_shown(first)
    change = _change(gain.estimate, first.reading)
    wording = _WORDINGS[first.worded_design]
    template = wording.gain if first.reading == "efficiency_gain" else wording.time
    words = template.format(assistant=assistant, activity=first.activity, change=change)
    if before and not _shows_nothing(before) and _is_alike(before[0], first):
        words = f"{first.activity} {change}"
    if len(results) > 1:
        phrases = [_phrase(result) for result in results if result.claim is not None]
        return f"{words}: {', '.join(phrases)}"
    return words + _tail(first)


def _shows_nothing(results: Sequence[Result]) -> bool:
    """Return whether an activity has no estimate to word, or one claim and no gain shown."""
    undecided = ("cannot-tell", "contradicted")
    return results[0].log_ratio is None or (len(results) == 1 and results[0].verdict in undecided)


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


def _nothing_shown(result: Result) -> str:
    """Word a verdict under which the log shows no gain."""
    if result.verdict == "contradicted":
        return f"for {result.activity} no gain shows, and {_phrase(result)}"
    if result.claim is None:
        return f"for {result.activity} the log cannot tell a gain from none yet"
    return f"for {result.activity} the log cannot tell yet"


def _change(gain: float, reading: Reading) -> str:
    """Word the estimated change as a comparison, which "than" may follow."""
    more, less = _CHANGES[reading]
    whole = round(100 * gain)
    if whole == 0:
        return f"neither more nor {less}"
    return f"about {percent(abs(gain))} {more if whole > 0 else less}"


def _phrase(result: Result) -> str:
    """Return what the log says of one claim, beside the estimate."""
    value = result.claim.value if result.claim and result.claim.value is not None else 0.0
    return _PHRASES[result.verdict].format(claim=percent(value))


def _tail(result: Result) -> str:
    """Return what follows the estimate of an activity with one claim; "" without a claim."""
    if result.claim is None or result.claim.value is None:
        return ""
    if result.verdict in NOT_SHOWN and result.claim.value > 0:
        return f", not the {percent(result.claim.value)} claimed"
    return f"; {_phrase(result)}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
