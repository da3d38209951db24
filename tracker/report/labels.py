"""Short labels for the report's tables and cards.

The sentences about a result are worded in :mod:`tracker.evidence.verdict` and come with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN, Limits
from tracker.domain.gains import READING_LABELS, level_percent
from tracker.domain.records import STUDY_DESIGNS, Claim, StudyDesign
from tracker.domain.times import DAY_SECONDS, day_to_date, format_month
from tracker.evidence.results import SEVERITY_ORDER, Assessment, Result, Threat, Verdict
from tracker.evidence.verdict import describe_claim
from tracker.report import formats

DESIGN_STRENGTHS = len(STUDY_DESIGNS)
"""Steps of the scale that :func:`design_strength` uses."""

_BOUND_SIGNS = {"at_least": "≥", "more_than": ">", "about": "≈", "up_to": "≤"}
_MAX_NAMES = 4
"""More teams or projects than that are counted, not listed."""
_DEVELOPER_REASON = "-developer"
"""Ending of the reasons of exclusion that count developers. The others count work items."""
_EXCLUSION_LABELS = {
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
    """A threat with the activities that it concerns."""

    threat: Threat
    activities: tuple[str, ...]
    """() where the threat concerns every activity."""


def concerns(results: tuple[Result, ...]) -> tuple[Concern, ...]:
    """Return each threat once, however many results share it.

    Returns:
        The most severe first. Of equal severity, threats with the same code follow each other.

    """
    activities_by_threat: dict[Threat, list[str]] = {}
    for result in results:
        for threat in result.threats:
            activities = activities_by_threat.setdefault(threat, [])
            if result.activity not in activities:
                activities.append(result.activity)
    activity_count = len({result.activity for result in results})
    unsorted = [
        Concern(threat, tuple(activities) if len(activities) < activity_count else ())
        for threat, activities in activities_by_threat.items()
    ]
    codes = list(dict.fromkeys(threat.code for threat in activities_by_threat))
    return tuple(
        sorted(
            unsorted,
            key=lambda c: (SEVERITY_ORDER.index(c.threat.severity), codes.index(c.threat.code)),
        )
    )


def design_strength(design: StudyDesign | None) -> int:
    """Rank of a study design, from ``STRENGTHS`` for randomised down to 1; 0 without a design."""
    return 0 if design is None else DESIGN_STRENGTHS - STUDY_DESIGNS.index(design)


def verdict_label(verdict: Verdict) -> str:
    """The name of a verdict in prose: "cannot tell"."""
    return verdict.replace("-", " ")


def short_claim(result: Result) -> str:
    """The claim for a table cell: "≥ +50 %". It is "—" without a claim."""
    if result.claim is None:
        return formats.UNDEFINED
    sign = _BOUND_SIGNS[result.claim.bound]
    return f"{sign}{formats.NO_BREAK_SPACE}{formats.percent(result.claim.value)}"


def claim_phrase(result: Result) -> str:
    """The claim as a phrase: "at least 50 % efficiency gain", or "no claim"."""
    return describe_claim(result.claim, result.reading) if result.claim else "no claim"


def reading_label(result: Result) -> str:
    """The name of the reading that was judged: "efficiency gain"."""
    return READING_LABELS[result.reading]


def study_summary(claim: Claim) -> str:
    """A published study in short: "peng-2023, coding: time −55.8 % (161 → 71 min)"."""
    return f"{claim.id}, {claim.activity}: {claim.quantity or formats.percent(claim.value)}"


def item_counts(result: Result) -> str:
    """The number of work items in baseline and assistance: "120 + 98 tasks".

    It is "" where the numbers are withheld.
    """
    if result.items_baseline is None:
        return ""
    return (
        f"{formats.count(result.items_baseline)} + {formats.count(result.items_assistance)} tasks"
    )


def excluded(result: Result, *, withhold: bool) -> str:
    """What was excluded and why: "7 tasks still open, 1 task of zero minutes".

    Args:
        result: The result with its counts by reason.
        withhold: Suppress counts of developers below five.

    Returns:
        "" where nothing was excluded.

    """
    parts = []
    for reason, n in result.excluded.items():
        if n:
            suppress = withhold and reason.endswith(_DEVELOPER_REASON)
            parts.append(
                f"{formats.developer_count(n, withhold=suppress)} {_exclusion_label(reason, n)}"
            )
    return ", ".join(parts)


def _exclusion_label(reason: str, n: int) -> str:
    """The label of a reason, with "task" in the singular where ``n`` is 1."""
    noun, space, rest = _EXCLUSION_LABELS.get(reason, reason).partition(" ")
    return f"{noun.removesuffix('s') if n == 1 and noun == 'tasks' else noun}{space}{rest}"


def filters(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """The filters in use, as pairs of name and value."""
    question = assessment.question
    selection = question.selection
    first_day, last_day = selection.first_day, selection.last_day
    values = (
        ("activities", ", ".join(question.activities)),
        ("team", selection.team),
        ("project", selection.project),
        ("developer", "one’s own log" if selection.developer else None),
        ("from", None if first_day is None else formats.day(first_day)),
        ("to", None if last_day is None else formats.day(last_day)),
        ("limits used:", limits_text(assessment.limits)),
    )
    return tuple((name, value) for name, value in values if value)


def limits_text(limits: Limits | None) -> str:
    """The limits that were used in place of the filters; "" where the filters were used."""
    if limits is None:
        return ""
    last_day = day_to_date((limits.now_epoch - 1) // DAY_SECONDS).isoformat()
    if limits.cells is None:
        return f"the whole log, as of {last_day}"
    months = {format_month(limits.first_month or 0), format_month(limits.last_month or 0)}
    return (
        f"{_names(limits.teams, 'team')}, {_names(limits.projects, 'project')}, begun "
        f"{' to '.join(sorted(months))}, as of {last_day} "
        f"(whole groups of at least {MIN_DEVELOPERS_SHOWN} developers, without the running month)"
    )


def _names(names: tuple[str, ...], noun: str) -> str:
    """Names with their noun: "team Elm", "projects web + no project", "12 projects"."""
    if len(names) > _MAX_NAMES:
        return f"{len(names)} {noun}s"
    if names == ("",):
        return f"no {noun}"
    shown = " + ".join(formats.printable(name) or f"no {noun}" for name in names)
    return f"{noun}{'s' if len(names) > 1 else ''} {shown}"


def level_label(value: float) -> str:
    """A confidence level: 0.975 → "97.5 %"."""
    return level_percent(value)
