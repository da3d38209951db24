"""The short labels of the report. What a verdict *says* is worded in evidence/verdict.py and arrives in the results."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.domain.gains import READING_LABELS
from tracker.domain.records import STUDY_DESIGNS, Claim, StudyDesign
from tracker.evidence.results import Assessment, Result, Severity, Threat, Verdict
from tracker.evidence.verdict import claimed
from tracker.report import formats


@dataclass(frozen=True, slots=True)
class Mark:
    """A verdict's sign: never colour alone. The circle fills with how far the log bears the claim out."""

    sign: str
    ascii: str


MARKS: dict[Verdict, Mark] = {
    "supported": Mark("●", "+"),
    "plausible": Mark("◐", "~"),
    "smaller": Mark("◔", "<"),
    "cannot-tell": Mark("○", "?"),
    "contradicted": Mark("✕", "x"),
    "slower": Mark("▼", "v"),
    "faster": Mark("▲", "^"),
}

DESIGNS: dict[StudyDesign, str] = {
    "randomised": "drawn by lot: shows cause and effect",
    "staggered": "some had it while others had not",
    "before-after": "before/after, not proof",
    "self-selected": "people chose when: a link, not a cause",
}
"""What a study design is, for those who have ten seconds."""

_BOUND_SIGNS = {"at_least": "≥", "more_than": ">", "about": "≈", "up_to": "≤"}
SEVERITY_ORDER: tuple[Severity, ...] = ("serious", "caution", "note")
"""The gravest first."""

STRENGTHS = len(STUDY_DESIGNS)

_EXCLUDED = {
    "open": "tasks still open",
    "immature": "tasks started too late to be done",
    "zero-minutes": "tasks of zero minutes",
    "no-estimate": "tasks without an estimate",
    "not-imputable": "tasks in months when everybody had the assistant",
    "one-arm-developer": "developers who appear in one arm only",
    "both-arms-developer": "developers who appear in both arms",
}


@dataclass(frozen=True, slots=True)
class Concern:
    """A threat, and the activities it concerns; () where it is all of them."""

    threat: Threat
    activities: tuple[str, ...]


def concerns(results: tuple[Result, ...]) -> tuple[Concern, ...]:
    """Every threat once, the gravest first and those of a kind together, however many activities share it."""
    found: dict[Threat, list[str]] = {}
    for result in results:
        for threat in result.threats:
            activities = found.setdefault(threat, [])
            if result.activity not in activities:
                activities.append(result.activity)
    everyone = len({result.activity for result in results})
    told = [
        Concern(threat, tuple(names) if len(names) < everyone else ())
        for threat, names in found.items()
    ]
    codes = list(dict.fromkeys(threat.code for threat in found))
    return tuple(
        sorted(
            told,
            key=lambda c: (SEVERITY_ORDER.index(c.threat.severity), codes.index(c.threat.code)),
        )
    )


def strength(design: StudyDesign | None) -> int:
    """How strong a study design is, of ``STRENGTHS``: a randomised one has all of it; 0 where there is none."""
    return 0 if design is None else STRENGTHS - STUDY_DESIGNS.index(design)


def label(verdict: Verdict) -> str:
    """The verdict's name for people: "cannot tell"."""
    return verdict.replace("-", " ")


def short_claim(result: Result) -> str:
    """The claim in a table's cell: "≥ +50 %"; "—" where there is none."""
    claim = result.claim
    if claim is None:
        return formats.NONE
    return f"{_BOUND_SIGNS[claim.bound]}{formats.SPACE}{formats.percent(claim.value)}"


def claim(result: Result) -> str:
    """The claim as a phrase: "at least 50 % efficiency gain"; "no claim" where there is none."""
    return claimed(result.claim, result.reading) if result.claim else "no claim"


def reading(result: Result) -> str:
    """What the gain is a gain of: "efficiency gain"."""
    return READING_LABELS[result.reading]


def study(claim: Claim) -> str:
    """A published study in half a line: "peng-2023, coding: time −55.8 % (161 → 71 min)"."""
    return f"{claim.id}, {claim.activity}: {claim.quantity or formats.percent(claim.value)}"


def items(result: Result) -> str:
    """How many tasks on each side."""
    return (
        f"{formats.count(result.items_baseline)} + {formats.count(result.items_assistance)} tasks"
    )


def excluded(result: Result, *, withhold: bool) -> str:
    """What was left out and why: "7 tasks still open, fewer than 5 developers who …"; "" where nothing was."""
    return ", ".join(
        f"{formats.heads(n, withhold=withhold and why.endswith('-developer'))} {_left_out(why, n)}"
        for why, n in result.excluded.items()
        if n
    )


def _left_out(why: str, n: int) -> str:
    """What was left out, in the number that ``n`` of it takes."""
    noun, space, rest = _EXCLUDED.get(why, why).partition(" ")
    return f"{noun.removesuffix('s') if n == 1 and noun == 'tasks' else noun}{space}{rest}"


def filters(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """The part of the log that was judged, as (filter, value)."""
    question = assessment.question
    selection = question.selection
    found = (
        ("activities", ", ".join(question.activities)),
        ("team", selection.team),
        ("project", selection.project),
        ("developer", "one’s own log" if selection.developer else None),
        ("from", None if selection.first_day is None else formats.day(selection.first_day)),
        ("to", None if selection.last_day is None else formats.day(selection.last_day)),
    )
    return tuple((name, value) for name, value in found if value)


def level(value: float) -> str:
    """A confidence level: 0.975 → "97.5 %"."""
    return f"{100 * value:.4g}{formats.SPACE}%"
