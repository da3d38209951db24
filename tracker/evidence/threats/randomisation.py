"""Threats from drawn arms that do not look drawn, and from one developer's weight."""

from __future__ import annotations

from tracker.domain.gains import percent
from tracker.evidence.designs.randomisation import RandomisationCheck
from tracker.evidence.results import Threat
from tracker.evidence.threats.inputs import ThreatInputs

_MAX_WEIGHT = 0.5
"""Share of the comparison's weight beyond which one developer decides its width."""


def not_as_drawn(inputs: ThreatInputs) -> Threat | None:
    """Detect drawn arms that differ from what a fair draw gives.

    Reads ``randomisation``.
    """
    check = inputs.randomisation
    if check is None or not check.failed:
        return None
    return Threat(
        "not-as-drawn",
        "serious",
        f"The arms are recorded as drawn, but they do not look drawn: {_reasons(check)}. Work may"
        " have been moved, split or estimated anew after the draw; the comparison shows no more"
        " than an association.",
        "Find out how arms and estimates came about. Draw each arm with `assign`, once, after the"
        " estimate.",
        (
            ("baseline", f"{check.baseline_items:,} items"),
            ("assistance", f"{check.assistance_items:,} items"),
            ("share of assistance that the draw should give", percent(check.assistance_share)),
        ),
    )


def one_developer(inputs: ThreatInputs) -> Threat | None:
    """Detect that one developer holds most of the comparison's weight; never says who.

    Reads ``largest_weight``.
    """
    if inputs.largest_weight is None or inputs.largest_weight <= _MAX_WEIGHT:
        return None
    if inputs.developers < 2:
        return None  # `few-developers` says so, and there are no others to log more
    return Threat(
        "one-developer",
        "note",
        "One developer decides more than half of the comparison. The width of the interval comes"
        " from there.",
        "Have the others log more work in both arms.",
    )


def _reasons(check: RandomisationCheck) -> str:
    texts = {
        "count": f"{check.baseline_items:,} items in the baseline against"
        f" {check.assistance_items:,} with assistance, to which the draw gives"
        f" {percent(check.assistance_share)}",
        "developer": "the share of assistance differs between developers",
        "size": "the estimates differ between the arms",
    }
    return "; ".join(texts[name] for name in check.failed)
