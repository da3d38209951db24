"""Threats that prevent an interval or a verdict, each with advice."""

from __future__ import annotations

import pandas as pd

from tracker.domain.disclosure import WITHHELD_RESULT
from tracker.domain.gains import percent
from tracker.evidence.estimators.primary import Estimate
from tracker.evidence.results import Threat
from tracker.evidence.threats.inputs import by_arm, shares

_MAX_ZERO_DIFFERENCE = 0.05
"""Difference of the arms' shares of zero-minute items beyond which no verdict is given."""


def too_little(reason: str, advice: str) -> Threat:
    """Return the threat of a missing interval, with its reason and advice."""
    return Threat("too-little-data", "serious", f"No interval: {reason}.", advice)


def no_arms() -> Threat:
    """Return the threat that no work item has an arm."""
    return too_little(
        "no work item has an arm", "Set a rollout date, draw arms with `assign`, or log with --ai."
    )


def one_arm(arm: str) -> Threat:
    """Return the threat that all closed work items are in one arm."""
    return too_little(
        f"every work item that counts is in the {arm} arm",
        "See with `tracker rollout --list` whether the date lies inside the log, or widen the"
        " filters.",
    )


def withheld() -> Threat:
    """Return the threat of a result withheld for disclosure control."""
    return Threat(
        "withheld",
        "serious",
        WITHHELD_RESULT,
        "Widen the filters, or judge your own work with --mine.",
    )


def no_anytime_interval() -> Threat:
    """Return the threat that a comparison of whole developers has no anytime bounds."""
    return too_little(
        "--anytime needs arms drawn within developers; here whole developers are compared",
        "Leave out --anytime and judge once, at the end.",
    )


def unusable_error(estimate: Estimate) -> Threat:
    """Return the threat of an estimate with no standard error, or with one of (nearly) 0."""
    if estimate.error is None:
        return too_little(
            "no degree of freedom is left: a single developer decides the comparison",
            "Log more work.",
        )
    return too_little(
        "the minutes do not vary as those of real work do",
        "Check whether they were filled in rather than logged.",
    )


def zero_minutes(moments: pd.DataFrame) -> Threat | None:
    """Return the threat of zero-minute items, where leaving them out decides the comparison.

    None unless their shares in the two arms differ by more than 5 percentage points.
    """
    if not (moments["status"] == "zero").any():
        return None
    counted = moments[moments["status"].isin(("closed", "zero"))]
    if counted["arm"].nunique() < 2:
        return None
    zero = by_arm(counted[counted["status"] == "zero"], "n")
    zero_shares = shares(zero, by_arm(counted, "n"))
    baseline, assistance = zero_shares["baseline"], zero_shares["assistance"]
    if abs(assistance - baseline) <= _MAX_ZERO_DIFFERENCE:
        return None
    return Threat(
        "zero-minutes",
        "serious",
        f"No verdict: {percent(baseline)} of the baseline's work items and {percent(assistance)}"
        " of those with assistance have 0 minutes in all, so leaving them out would decide the"
        " comparison.",
        "Find out what an item of 0 minutes means in this log, and correct or delete those.",
        (("baseline", percent(baseline)), ("assistance", percent(assistance))),
    )
