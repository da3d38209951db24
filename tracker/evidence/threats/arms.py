"""Threats from who is compared with whom, and from how the arms came about."""

from __future__ import annotations

import math

from tracker.domain.gains import percent
from tracker.domain.records import ARMS, INFERRED_BASES
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.intervals import CONTROLLED_DRIFT_SD, DRIFT_SD
from tracker.evidence.results import Portion, Sensitivity, Threat
from tracker.evidence.threats.inputs import MIN_SHARED, ThreatInputs, by_arm, typical_estimate
from tracker.evidence.verdict import VERDICT_WORDS, count_of_total

_SELF_SELECTED = "self-selected"
_SERIOUS_UNKNOWN = 0.2
"""Share of entries without an answer on assistance beyond which the threat is serious."""
_MIN_UNKNOWN = 0.05
"""Share beyond which it is reported at all."""


def few_developers(inputs: ThreatInputs) -> Threat | None:
    """Detect that fewer than five developers are compared. Reads ``developers``."""
    if not 0 < inputs.developers < MIN_CLUSTERS:
        return None
    subject = (
        "One developer's work"
        if inputs.developers == 1
        else "The work of fewer than five developers"
    )
    return Threat(
        "few-developers",
        "caution",
        f"{subject} is compared: the interval holds for these developers only, not for others"
        " like them.",
        f"Have {MIN_CLUSTERS} or more developers log in both arms.",
    )


def one_rollout_date(inputs: ThreatInputs) -> Threat | None:
    """Detect that all developers compared had the assistant from the same day.

    Reads ``rule``, ``design``, ``developers`` and ``controlled``.
    """
    days = {cutover.day for cutover in inputs.rule.cutovers}
    if inputs.design != "before-after" or len(days) != 1 or not inputs.developers:
        return None
    others, drift = "", DRIFT_SD
    if inputs.controlled:
        others = ", as far as it did not change their other work alike"
        drift = CONTROLLED_DRIFT_SD
    return Threat(
        "one-rollout-date",
        "serious",
        "All developers compared had the assistant from the same day: whatever else changed about"
        f" then (people, projects, season) counts as its effect{others}. Teams drift by about"
        f" {percent(math.expm1(drift))} without any assistance; the interval allows for that"
        " much and no more.",
        "Give the assistant to developers or teams at different dates, or draw the arms with"
        " `assign`.",
    )


def self_chosen_tasks(inputs: ThreatInputs) -> Threat | None:
    """Detect that developers chose when to use assistance.

    Reads ``design`` and the estimates in ``moments``.
    """
    if inputs.design != _SELF_SELECTED:
        return None
    closed = inputs.closed
    estimated = closed[closed["estimated"]]
    items = by_arm(estimated, "n")
    return Threat(
        "self-chosen-tasks",
        "serious",
        "Developers chose themselves which tasks to do with assistance. If those were the easier"
        " ones, in ways that the estimates do not show, a gain appears where there is none: a"
        " hidden correlation of −0.16 is enough to produce one of +28 to +36 %.",
        "Draw the arms with `assign`, after the estimate is made.",
        tuple(
            (
                f"typical estimate, {arm}",
                f"{typical_estimate(closed, arm)} ({items[arm]:,.0f} items)",
            )
            for arm in ARMS
        ),
    )


def one_arm_developers(inputs: ThreatInputs) -> Threat | None:
    """Detect developers who are left out since they worked in one arm only. Reads ``excluded``."""
    excluded = inputs.excluded.get("one-arm-developer", 0)
    if not excluded:
        return None
    # With fewer than five compared, the count would reveal how is_small they are.
    is_small = inputs.developers < MIN_CLUSTERS
    subject = "Some" if is_small else count_of_total(excluded, excluded + inputs.developers)
    return Threat(
        "one-arm-developers",
        "caution" if excluded > inputs.developers else "note",
        f"{subject} developers have work in one arm only and are left out: they cannot be compared"
        " with themselves.",
        "Keep logging until they have worked in both arms.",
    )


def without_arm(inputs: ThreatInputs) -> Threat | None:
    """Detect work items to which the study design gives no arm. Reads ``without_arm``, moments."""
    if not inputs.without_arm:
        return None
    total = inputs.without_arm + float(inputs.rows_of_activity(inputs.moments)["n"].sum())
    advice = {
        "randomised": "Draw the arm before the work begins, with `assign`.",
        _SELF_SELECTED: "Record with each entry whether an assistant was used: --ai or --no-ai.",
    }.get(inputs.design or "", "Set the rollout date of those who had the assistant.")
    return Threat(
        "no-arm",
        "note",
        f"{count_of_total(inputs.without_arm, total)} work items are in neither arm and left out.",
        advice,
        portion=Portion(inputs.without_arm, total),
    )


def assisted_missing(inputs: ThreatInputs) -> Threat | None:
    """Detect entries that do not say whether an assistant was used, where arms depend on it.

    Reads ``basis``.
    """
    answers = inputs.rows_of_activity(inputs.basis)
    if inputs.rule.by != "assisted" or answers.empty:
        return None
    total = float(answers["n"].sum())
    unknown = float(answers.loc[answers["assisted"] == "unknown", "n"].sum())
    if total < MIN_SHARED or unknown <= _MIN_UNKNOWN * total:
        return None
    return Threat(
        "assisted-missing",
        "serious" if unknown > _SERIOUS_UNKNOWN * total else "caution",
        f"{count_of_total(unknown, total)} entries do not say whether an assistant was used. No"
        " answer is not a no, and those who do not answer may differ from those who do.",
        "Record it with each entry: --ai or --no-ai.",
        portion=Portion(unknown, total),
    )


def assisted_inferred(inputs: ThreatInputs) -> Threat | None:
    """Detect answers inferred from usage logs, commit trailers or signals, not stated.

    Reads ``basis`` and ``without_inferred``.
    """
    answers = inputs.rows_of_activity(inputs.basis)
    if inputs.rule.by != "assisted" or answers.empty:
        return None
    answers = answers[answers["assisted"] != "unknown"]
    inferred = answers[answers["basis"].isin(INFERRED_BASES)]
    if inferred.empty:
        return None
    total = float(answers["n"].sum())
    counts = answers.groupby(["assisted", "basis"], as_index=False)["n"].sum()
    return Threat(
        "assisted-inferred",
        "caution",
        f"{count_of_total(float(inferred['n'].sum()), total)} answers on assistance were inferred"
        " from usage logs, commits or signals, which say that an assistant was used, not for how"
        " long."
        f"{_gain_without(inputs.without_inferred)}",
        "Record it with each entry: --ai or --no-ai.",
        tuple(
            (f"{row.assisted}, by {row.basis}", count_of_total(row.n, total))
            for row in counts.itertuples()
        ),
    )


def _gain_without(point: Sensitivity | None) -> str:
    """Return the result without inferred answers in a sentence; "" where it was not estimated."""
    if point is None:
        return ""
    if point.log_ratio is None:
        return " Without them there is too little data for a verdict."
    gain = percent(math.expm1(-point.log_ratio.estimate))
    verdict = f" ({VERDICT_WORDS[point.verdict]})" if point.verdict else ""
    return f" Without them the efficiency gain is {gain}{verdict}."
