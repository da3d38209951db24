"""How strong the evidence of one result is, and the facts that decide it.

The grade is about the evidence and not about the size of the gain. It sets how prominently a
verdict is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.results import Result, Threat

Grade = Literal["strong", "fair", "weak"]

MIN_COMPARED = 0.5
"""Share of the developers that must be compared for more than weak evidence."""
MIN_AGREEING, MOST_AGREEING = 0.5, 0.8
"""Shares of the other analyses with the same verdict: for fair and for strong evidence."""

OF_THE_DESIGN = ("one-rollout-date", "self-chosen-tasks")
"""Serious threats that every study of a design has: the design itself accounts for them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind one result."""

    grade: Grade
    developers: int | None
    """Developers compared; None where the result is withheld."""
    left_out: int
    """Developers who are left out, such as those with work in one arm only."""
    agreeing: int
    """Other analyses with the same verdict."""
    analyses: int
    """Other analyses that have a verdict."""
    serious: tuple[Threat, ...]
    """The serious threats, the worst first, without the reason why there is no interval."""

    @property
    def share_compared(self) -> float:
        """The share of the developers that is compared."""
        developers = self.developers or 0
        return developers / (developers + self.left_out) if developers else 0.0

    @property
    def share_agreeing(self) -> float:
        """The share of the other analyses that agree; 1 where there are none."""
        return self.agreeing / self.analyses if self.analyses else 1.0


def grade_evidence(result: Result) -> Evidence:
    """Return the evidence behind a result, with its grade.

    Strong: arms drawn at random that look drawn, five developers or more, no serious threat, and at
    least 80 % of the other analyses agree. Weak: no interval, arms that developers chose, fewer
    than five developers, fewer than half of the developers compared, a serious threat that is not
    that of the design, or fewer than half of the other analyses agree. Fair: everything else.
    """
    judged = [point for point in result.sensitivity if point.verdict is not None]
    evidence = Evidence(
        grade="fair",
        developers=result.developers,
        left_out=result.developers_left_out,
        agreeing=sum(point.verdict == result.verdict for point in judged),
        analyses=len(judged),
        serious=tuple(
            threat
            for threat in result.threats
            if threat.severity == "serious" and threat != result.reason
        ),
    )
    return replace(evidence, grade=_grade(result, evidence))


def _grade(result: Result, evidence: Evidence) -> Grade:
    is_weak = (
        result.log_ratio is None
        or result.worded_design == "self-selected"
        or (evidence.developers or 0) < MIN_CLUSTERS
        or evidence.share_compared < MIN_COMPARED
        or any(threat.code not in OF_THE_DESIGN for threat in evidence.serious)
        or evidence.share_agreeing < MIN_AGREEING
    )
    if is_weak:
        return "weak"
    is_strong = result.worded_design == "randomised" and evidence.share_agreeing >= MOST_AGREEING
    return "strong" if is_strong else "fair"
