"""Why there is no interval, or no verdict off it, in plain words with what to do about it."""

from __future__ import annotations

import pandas as pd

from tracker.domain.gains import percent
from tracker.evidence.estimators.primary import Estimate
from tracker.evidence.results import Threat

_ZERO_SHARES = 0.05
"""Difference of the arms' shares of zero-minute items beyond which no verdict is given."""


def too_little(lack: str, advice: str) -> Threat:
    """There is no interval: what is missing, and what to do."""
    return Threat("too-little-data", "serious", f"No interval: {lack}.", advice)


def no_arms() -> Threat:
    """Nothing says which work had assistance."""
    return too_little(
        "no work item has an arm", "Set a rollout date, draw arms with `assign`, or log with --ai."
    )


def one_arm(arm: str) -> Threat:
    """All the work that counts lies on one side of the comparison."""
    return too_little(
        f"every work item that counts is in the {arm} arm",
        "See with `tracker rollout --list` whether the date lies inside the log, or widen the filters.",
    )


def suppressed(fewest: int) -> Threat:
    """Too few people, and the reader is none of them."""
    return Threat(
        "withheld",
        "serious",
        f"Withheld: fewer than {fewest} developers stand behind this, and you are none of them.",
        "Widen the filters; with --mine you judge your own work.",
    )


def no_bounds_for_any_time() -> Threat:
    """Bounds for every look rest on many drawn items; a handful of developers is no such sample."""
    return too_little(
        "bounds for any time need drawn arms inside developers; here whole developers are compared",
        "Leave out --anytime and judge once, at the end.",
    )


def no_interval(found: Estimate) -> Threat:
    """There is an estimate without an error that could be believed."""
    if found.error is None:
        return too_little(
            "no degree of freedom is left: one developer alone decides the comparison",
            "Log more work.",
        )
    return too_little(
        "the minutes do not vary as real work does", "See whether they were filled in, not logged."
    )


def zero_minutes(moments: pd.DataFrame) -> Threat | None:
    """Items of 0 minutes are dropped; None unless their shares in the two arms differ by more than 5 points."""
    if not (moments["status"] == "zero").any():
        return None
    counted = moments[moments["status"].isin(("closed", "zero"))]
    totals = counted.groupby("arm")["n"].sum()
    if len(totals) < 2:
        return None
    zeros = (
        counted[counted["status"] == "zero"]
        .groupby("arm")["n"]
        .sum()
        .reindex(totals.index, fill_value=0)
    )
    baseline, assistance = (float(zeros[arm] / totals[arm]) for arm in ("baseline", "assistance"))
    if abs(assistance - baseline) <= _ZERO_SHARES:
        return None
    return Threat(
        "zero-minutes",
        "serious",
        f"No verdict: {percent(baseline)} of the baseline's work items and {percent(assistance)} of those with "
        "assistance have 0 minutes in all, so leaving them out would decide the comparison.",
        "Find out what an item of 0 minutes means in this log, and correct or delete those.",
        (("baseline", percent(baseline)), ("assistance", percent(assistance))),
    )
