"""What a page that leaves the team keeps to itself. Weeks and parts of a log are guarded where they are made."""

from __future__ import annotations

from tracker.evidence.results import Assessment, Result
from tracker.report.numbers import K_SAFE


def own_log(assessment: Assessment) -> bool:
    """Whether this is one person's log, who may see all of it: chosen as such, or nobody else is in it."""
    results = assessment.results
    alone = all(
        r.developers == 1 and not any(why.endswith("-developer") and n for why, n in r.excluded.items())
        for r in results
    )
    return assessment.selection.developer is not None or (bool(results) and alone)


def few(results: tuple[Result, ...]) -> bool:
    """Whether any of these rests on so few developers that single tasks would be somebody's."""
    return any(result.developers < K_SAFE for result in results)
