"""The threats over all activities: each kind once, the most serious first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.evidence.results import SEVERITY_ORDER, Result, Threat
from tracker.evidence.verdict import count_of_total

_SENTENCE_ENDS = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_TRIFLE_SHARE = 0.01
TRIFLE_LABELS = {
    "outliers": "entries of over 12 hours",
    "implausible-entries": "entries with implausible times",
    "missing-estimates": "tasks without an estimate",
    "open-items": "unfinished tasks",
    "zero-minutes": "tasks of zero minutes",
    "straddling": "hours worked after the rollout on tasks begun before it",
    "no-arm": "tasks in neither arm",
    "estimates-undated": "estimates without a date",
    "estimates-unmatched": "estimates of tasks without entries",
}
"""Short labels of the threats that count work, for a line where each concerns less than 1 %."""


@dataclass(frozen=True, slots=True)
class Concern:
    """The threats of one kind, of all activities."""

    threat: Threat
    """The worst of them."""
    activities: tuple[str, ...]
    """The activities that it concerns; () where it concerns every activity."""
    figures: tuple[tuple[str, str], ...]
    """Its figures that its message does not name."""
    portions: tuple[tuple[str, str], ...] = ()
    """Further activities, with how much of their work is concerned."""
    messages: tuple[tuple[str, str], ...] = ()
    """Further activities, with what is said about them and not of the worst."""


@dataclass(frozen=True, slots=True)
class Trifle:
    """A note about less than 1 % of the work: its label and the activities with their numbers."""

    label: str
    portions: tuple[tuple[str, str], ...]


def concerns(results: tuple[Result, ...]) -> tuple[Concern, ...]:
    """Return each kind of threat once, however many results and activities share it.

    Returns:
        The most severe first. Of equal severity, those that concern the most work first. Trifles
        are left out, and reasons why there is no interval, which stand beside the verdict.

    """
    return tuple(
        _concern(by_activity, len({result.activity for result in results}))
        for by_activity in _threats_by_code(results).values()
        if not all(_is_trifle(threat) for threat in by_activity.values())
    )


def trifles(results: tuple[Result, ...]) -> tuple[Trifle, ...]:
    """Return the notes about less than 1 % of the work of every activity that they concern."""
    return tuple(
        Trifle(
            TRIFLE_LABELS[code],
            tuple(
                (activity, f"{threat.portion.part:,.0f} of {threat.portion.whole:,.0f}")
                for activity, threat in by_activity.items()
                if threat.portion is not None
            ),
        )
        for code, by_activity in _threats_by_code(results).items()
        if all(_is_trifle(threat) for threat in by_activity.values())
    )


def _threats_by_code(results: tuple[Result, ...]) -> dict[str, dict[str, Threat]]:
    """Return the threats by code and activity, the worst kind first."""
    by_code: dict[str, dict[str, Threat]] = {}
    for result in results:
        for threat in result.threats:
            if threat == result.reason:
                continue
            by_code.setdefault(threat.code, {}).setdefault(result.activity, threat)
    return dict(sorted(by_code.items(), key=lambda item: min(map(_rank, item[1].values()))))


def _rank(threat: Threat) -> tuple[int, float]:
    """Return the sort key of a threat: by severity, then by how much work it concerns."""
    return (
        SEVERITY_ORDER.index(threat.severity),
        -1.0 if threat.portion is None else -threat.portion.share,
    )


def _concern(by_activity: dict[str, Threat], activity_count: int) -> Concern:
    worst = min(by_activity.values(), key=_rank)
    same = [activity for activity, threat in by_activity.items() if threat == worst]
    others = {activity: threat for activity, threat in by_activity.items() if threat != worst}
    has_portions = worst.portion is not None
    return Concern(
        worst,
        () if len(same) == activity_count else tuple(same),
        tuple((name, figure) for name, figure in worst.figures if figure not in worst.message),
        portions=tuple(
            (activity, count_of_total(threat.portion.part, threat.portion.whole))
            for activity, threat in others.items()
            if has_portions and threat.portion is not None
        ),
        messages=tuple(
            (activity, _without_sentences(threat.message, worst.message))
            for activity, threat in others.items()
            if not has_portions or threat.portion is None
        ),
    )


def _without_sentences(message: str, other: str) -> str:
    """Return a message without the sentences of another one; all of it if none remains."""
    sentences, others = (_SENTENCE_ENDS.split(text) for text in (message, other))
    return " ".join(text for text in sentences if text not in others) or message


def _is_trifle(threat: Threat) -> bool:
    """Return whether a threat is a note about less than 1 % of the work."""
    return (
        threat.severity == "note"
        and threat.code in TRIFLE_LABELS
        and threat.portion is not None
        and threat.portion.share < _TRIFLE_SHARE
    )
