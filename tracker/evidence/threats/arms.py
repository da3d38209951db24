"""Threats from who is compared with whom, and how the arms came about."""

from __future__ import annotations

import math

from tracker.domain.gains import percent
from tracker.domain.records import ARMS, INFERRED_BASES
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.intervals import DRIFT_SD
from tracker.evidence.results import Threat
from tracker.evidence.threats.inputs import ThreatInputs, by_arm
from tracker.evidence.verdict import IN_WORDS, portion

_FLAGGED_DESIGN = "self-selected"
_MANY_UNKNOWN = 0.2
_SOME_UNKNOWN = 0.05


def few_developers(seen: ThreatInputs) -> Threat | None:
    """Fewer than five developers cannot stand for others. Reads: ``developers``."""
    if not 0 < seen.developers < MIN_CLUSTERS:
        return None
    whose = (
        "One developer's work" if seen.developers == 1 else "The work of fewer than five developers"
    )
    return Threat(
        "few-developers",
        "caution",
        f"{whose} is compared: the interval holds for these developers only, not for others like them.",
        f"Have {MIN_CLUSTERS} or more developers log in both arms.",
    )


def one_rollout_date(seen: ThreatInputs) -> Threat | None:
    """Everybody compared had the assistant from one day. Reads: ``rule``, ``design``, ``developers``."""
    days = {cutover.day for cutover in seen.rule.cutovers}
    if seen.design != "before-after" or len(days) != 1 or not seen.developers:
        return None
    return Threat(
        "one-rollout-date",
        "serious",
        "All those compared had the assistant from the same day: whatever else changed about then (people, projects, "
        f"season) counts as its effect. Teams drift by about {percent(math.expm1(DRIFT_SD))} with no assistance at all; "
        "the interval makes room for that much, not for more.",
        "Give the assistant to developers or teams at different dates, or draw the arms with `assign`.",
    )


def self_chosen_tasks(seen: ThreatInputs) -> Threat | None:
    """Developers chose when to use assistance. Reads: ``design``, moments (estimates by arm)."""
    if seen.design != _FLAGGED_DESIGN:
        return None
    closed = seen.closed()
    estimated = closed[closed["estimated"]]
    items, x = by_arm(estimated, "n"), by_arm(estimated, "x")
    typical = {
        arm: f"{math.exp(x[arm] / items[arm]):,.0f} minutes" if items[arm] else "—" for arm in ARMS
    }
    return Threat(
        "self-chosen-tasks",
        "serious",
        "Developers chose themselves which tasks to do with assistance. If those were the easier ones, in ways that "
        "the estimates do not show, a gain appears where there is none: a hidden correlation of −0.16 is enough to "
        "fake one of +28 to +36 %.",
        "Draw the arms with `assign`, after the estimate is in.",
        tuple(
            (f"typical estimate, {arm}", f"{typical[arm]} ({items[arm]:,.0f} items)")
            for arm in ARMS
        ),
    )


def one_arm_developers(seen: ThreatInputs) -> Threat | None:
    """Developers who worked in one arm only have left the comparison. Reads: ``excluded``."""
    left_out = seen.excluded.get("one-arm-developer", 0)
    if not left_out:
        return None
    few = seen.developers < MIN_CLUSTERS  # then a count of the others would tell how few
    told = "Some" if few else portion(left_out, left_out + seen.developers)
    return Threat(
        "one-arm-developers",
        "caution" if left_out > seen.developers else "note",
        f"{told} developers have work in one arm only and are left out: they cannot be compared with themselves.",
        "Keep logging until they have worked in both arms.",
    )


def without_arm(seen: ThreatInputs) -> Threat | None:
    """Work items to which the study design gives no arm. Reads: ``without_arm``, moments."""
    if not seen.without_arm:
        return None
    whole = seen.without_arm + float(seen.mine(seen.moments)["n"].sum())
    advice = {
        "randomised": "Draw the arm before the work begins, with `assign`.",
        _FLAGGED_DESIGN: "Say with each entry whether an assistant was used: --ai or --no-ai.",
    }.get(seen.design or "", "Set the rollout date of those who had the assistant.")
    return Threat(
        "no-arm",
        "note",
        f"{portion(seen.without_arm, whole)} work items are in neither arm and left out.",
        advice,
    )


def assisted_missing(seen: ThreatInputs) -> Threat | None:
    """Entries that do not say whether there was assistance. Reads: basis; of arms by the flag only."""
    told = seen.mine(seen.basis)
    if seen.rule.by != "assisted" or told.empty:
        return None
    whole = float(told["n"].sum())
    unknown = float(told.loc[told["assisted"] == "unknown", "n"].sum())
    if unknown <= _SOME_UNKNOWN * whole:
        return None
    return Threat(
        "assisted-missing",
        "serious" if unknown > _MANY_UNKNOWN * whole else "caution",
        f"{portion(unknown, whole)} entries do not say whether an assistant was used; silence is not a no, and who "
        "keeps silent may differ from who answers.",
        "Say it with each entry: --ai or --no-ai.",
    )


def assisted_inferred(seen: ThreatInputs) -> Threat | None:
    """Answers drawn from commit trailers or signals rather than given. Reads: basis, ``without_inferred``."""
    told = seen.mine(seen.basis)
    if seen.rule.by != "assisted" or told.empty:
        return None
    answered = told[told["assisted"] != "unknown"]
    whole, inferred = float(answered["n"].sum()), answered[answered["basis"].isin(INFERRED_BASES)]
    if inferred.empty:
        return None
    counts = answered.groupby(["assisted", "basis"], as_index=False)["n"].sum()
    return Threat(
        "assisted-inferred",
        "caution",
        f"{portion(float(inferred['n'].sum()), whole)} answers on assistance were inferred from commits or signals, "
        f"which speak of a commit and not of minutes.{_without_inferred(seen)}",
        "Say it with each entry: --ai or --no-ai.",
        tuple(
            (f"{row.assisted}, by {row.basis}", portion(row.n, whole))
            for row in counts.itertuples()
        ),
    )


def _without_inferred(seen: ThreatInputs) -> str:
    point = seen.without_inferred
    if point is None:
        return ""
    if point.log_ratio is None:
        return " Without them there is too little to judge by."
    change = percent(math.expm1(-point.log_ratio.estimate))
    said = f" ({IN_WORDS[point.verdict]})" if point.verdict else ""
    return f" Without them the efficiency gain is {change}{said}."
