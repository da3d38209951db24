"""Threats that prevent an interval or a verdict, each with advice."""

from __future__ import annotations

import pandas as pd

from tracker.domain.arms import MIN_ITEMS_PER_ARM
from tracker.domain.disclosure import WITHHELD_RESULT
from tracker.domain.gains import percent
from tracker.domain.records import ARMS, Arm, ArmRule, MaturityRule
from tracker.domain.times import day_to_date
from tracker.evidence.estimators.least_squares import spread_within_developers
from tracker.evidence.estimators.primary import Estimate
from tracker.evidence.intervals import MIN_STANDARD_ERROR
from tracker.evidence.moments import Cells
from tracker.evidence.results import Threat
from tracker.evidence.sample import Sample
from tracker.evidence.threats.inputs import by_arm, shares

_IMPORT = "`tracker import SOURCE FILE` brings it in."
_MARK_DONE = (
    "Mark what is done: `tracker task KEY --done`. Other work counts as finished"
    f" {MaturityRule(0).quiet_days} days after its last entry."
)
_NEXT_STEP = {
    "baseline": "When the assistant comes, set its day: `tracker rollout NAME --on DATE`. Stronger:"
    " draw the arm of each new task, `tracker assign ACTIVITY TASK`.",
    "rollout": "Keep logging: work from the rollout on is the other arm. If its date is wrong,"
    " `tracker rollout NAME --on DATE` corrects it.",
    "assisted": "Log work with an assistant with --ai, or set the rollout date with"
    " `tracker rollout NAME --on DATE`.",
}
_UNFINISHED = {"open": "open", "immature": "begun too late", "zero": "of 0 minutes"}
_MAX_ZERO_DIFFERENCE = 0.05
"""Difference of the arms' shares of zero-minute items beyond which no verdict is given."""


def too_little(reason: str, advice: str) -> Threat:
    """Return the threat of a missing interval, with its reason and advice."""
    return Threat("too-little-data", "serious", f"No interval: {reason}.", advice)


def no_work() -> Threat:
    """Return the threat that there is no work of the activity."""
    return too_little(
        "no work of this activity is in the log, or in the part that was asked for",
        "Log it under this activity, map it there when importing, or widen the filters.",
    )


def no_arms() -> Threat:
    """Return the threat that no work item has an arm."""
    return too_little(
        "no work item has an arm: no rollout concerns it, no arm was drawn, and no entry says"
        " whether an assistant was used",
        "See `tracker rollout --list`; set a rollout date, draw arms with `assign`, or log with"
        " --ai and --no-ai.",
    )


def missing_arm(moments: pd.DataFrame, sample: Sample, rule: ArmRule | None) -> Threat | None:
    """Return the threat that an arm has no finished work item, with advice that fits the log.

    Args:
        moments: The activity's moments, every status.
        sample: The sample, with the finished work of the one arm.
        rule: The rule for the arms; None: not known.

    Returns:
        The threat; None where both arms have finished work, or where no work item has an arm.

    """
    items = by_arm(moments, "n")
    finished = by_arm(moments, "n", moments["status"] == "closed")
    if not any(items.values()):
        return None
    if not items["baseline"]:
        return _without_baseline(rule)
    if not items["assistance"]:
        return _without_assistance(moments, sample, rule)
    unfinished: list[Arm] = [arm for arm in ARMS if not finished[arm]]
    return _unfinished(moments, unfinished) if unfinished else None


def too_few(missing: str, closed: Cells, rule: ArmRule | None) -> Threat:
    """Return the threat of too little work in both arms, with advice that fits the smaller one."""
    baseline, assistance = closed.items_of(0), closed.items_of(1)
    advice = "Log more work in both arms, or widen the filters."
    if rule is not None and rule.by == "rollout" and baseline < MIN_ITEMS_PER_ARM <= assistance:
        advice = f"Work before the rollout comes from an older log only: {_IMPORT}"
    elif assistance < MIN_ITEMS_PER_ARM <= baseline:
        advice = f"Keep logging work with assistance. {_MARK_DONE}"
    return too_little(missing, advice)


def _baseline_only(reason: str, moments: pd.DataFrame, sample: Sample, rule: ArmRule) -> Threat:
    """Return the threat that a log is a baseline: what it is good for, and what to do next."""
    items = sample.cells.items
    if not items:
        return Threat(
            "baseline-only",
            "serious",
            f"No comparison: {reason}. This is a baseline, and no work item of it counts yet"
            f" ({_counts_by_status(moments)}).",
            f"{_MARK_DONE} {_NEXT_STEP[rule.by]}",
        )
    spread = spread_within_developers(sample.cells, adjusted=sample.adjusted)
    figures = [("finished work items", f"{items:,}")]
    if spread is not None:
        alike = "same developer and estimate" if sample.adjusted else "same developer"
        figures.append((f"spread of ln minutes, {alike}", f"σ = {spread:.2f}"))
    return Threat(
        "baseline-only",
        "serious",
        f"No comparison: {reason}. This is a baseline of {items:,} finished work"
        f" item{'' if items == 1 else 's'}. It shows how long such work takes and how much that"
        " varies; a study is planned from that spread: `tracker plan`. It says nothing of a gain.",
        _NEXT_STEP[rule.by],
        tuple(figures),
    )


def _without_assistance(moments: pd.DataFrame, sample: Sample, rule: ArmRule | None) -> Threat:
    """Return the threat that all work is in the baseline arm."""
    if rule is None or rule.by == "assigned":
        return _one_drawn_arm("baseline")
    reason = {
        "baseline": "nothing in the log says that an assistant was used",
        "rollout": f"no work since {_rollouts(rule)} yet: every work item is in the baseline arm",
        "assisted": "no work of this activity says that an assistant was used",
    }[rule.by]
    return _baseline_only(reason, moments, sample, rule)


def _without_baseline(rule: ArmRule | None) -> Threat:
    """Return the threat that all work is in the assistance arm."""
    if rule is None or rule.by == "assigned":
        return _one_drawn_arm("assistance")
    if rule.by == "rollout":
        days = _days(rule)
        before = days[0] if len(days) == 1 else _rollouts(rule)
        return too_little(
            f"no work before {before}: import your older log",
            f"{_IMPORT} If the date is wrong, `tracker rollout NAME --on DATE` corrects it.",
        )
    return too_little(
        "no work item says that it was done without assistance",
        "Log such work with --no-ai; or set the rollout date with `tracker rollout NAME --on DATE`,"
        " and import your older log.",
    )


def _one_drawn_arm(arm: Arm) -> Threat:
    return too_little(
        f"every work item is in the {arm} arm",
        "Draw the arm of each new task with `tracker assign`, or widen the filters.",
    )


def _unfinished(moments: pd.DataFrame, arms: list[Arm]) -> Threat:
    """Return the threat that no work item of these arms is finished."""
    counts = _counts_by_status(moments[moments["arm"].isin(arms)])
    where = f" in the {arms[0]} arm" if len(arms) == 1 else ""
    return too_little(f"no work item{where} counts yet ({counts})", _MARK_DONE)


def _counts_by_status(moments: pd.DataFrame) -> str:
    """Return how many work items do not count, and why: "3 open, 1 of 0 minutes"."""
    counts = moments.groupby("status")["n"].sum()
    return ", ".join(
        f"{counts[status]:,.0f} {words}"
        for status, words in _UNFINISHED.items()
        if status in counts
    )


def _days(rule: ArmRule) -> list[str]:
    return [
        day_to_date(day).isoformat() for day in sorted({cutover.day for cutover in rule.cutovers})
    ]


def _rollouts(rule: ArmRule) -> str:
    days = _days(rule)
    if not days:
        return ""
    if len(days) == 1:
        return f"the rollout on {days[0]}"
    return f"the rollouts from {days[0]} to {days[-1]}"


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
    """Return the threat of an estimate whose standard error is missing, nearly 0, or too large."""
    if estimate.error is None:
        return too_little(
            "no degree of freedom is left: a single developer decides the comparison",
            "Have more developers log in both arms.",
        )
    if estimate.error.se >= MIN_STANDARD_ERROR:
        return too_little(
            "it would be too wide to mean anything",
            "Have more developers log in both arms, and estimate each task by itself.",
        )
    return too_little(
        "the minutes do not vary as those of real work do",
        "Check whether they were filled in rather than logged.",
    )


def zero_minutes(moments: pd.DataFrame) -> Threat | None:
    """Return the threat of zero-minute items, where leaving them out decides the comparison.

    None unless their shares in the two arms differ by more than 5 percentage points.
    """
    is_zero = moments["status"] == "zero"
    if not is_zero.any():
        return None
    items = by_arm(moments, "n", is_zero | (moments["status"] == "closed"))
    if not all(items.values()):
        return None
    zero_shares = shares(by_arm(moments, "n", is_zero), items)
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
