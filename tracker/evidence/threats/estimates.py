"""Threats from estimates: made at an unknown time, or of tasks that nobody has worked on."""

from __future__ import annotations

from tracker.evidence.results import Portion, Threat
from tracker.evidence.threats.inputs import ThreatInputs, by_arm, portions
from tracker.evidence.verdict import count_of_total

_SIGNIFICANCE = 0.05
"""Below this p-value of the difference between drawn arms, undated estimates are a caution."""

_SMALLEST_P_VALUE = 0.001
"""Smaller ones are told as smaller: their digits mean nothing."""

_MIN_MATCHED = 0.5
"""Share of estimates of tasks with entries below which the keys probably do not fit."""


def estimates_undated(inputs: ThreatInputs) -> Threat | None:
    """Detect imported estimates of which it is not known when they were made.

    Reads ``estimate_dates`` and ``randomisation``.
    """
    rows = inputs.rows_of_activity(inputs.estimate_dates)
    if rows.empty:
        return None
    undated, items = by_arm(rows, "undated"), by_arm(rows, "n")
    if not sum(undated.values()):
        return None
    size_p = inputs.randomisation.size_p if inputs.randomisation else None
    differ = size_p is not None and size_p < _SIGNIFICANCE
    return Threat(
        "estimates-undated",
        "caution" if differ else "note",
        f"{count_of_total(sum(undated.values()), sum(items.values()))} estimates of the work that"
        " is compared were imported without a date: whether they were made before the work is not"
        " known."
        + (
            f" They differ between the drawn arms ({_p_text(size_p)}), as estimates changed"
            " afterwards would."
            if differ and size_p is not None
            else ""
        ),
        "Import them again with estimated_at in the map.",
        tuple((f"undated, {arm}", figure) for arm, figure in portions(undated, items)),
        Portion(sum(undated.values()), sum(items.values())),
    )


def _p_text(p_value: float) -> str:
    return "p < 0.001" if p_value < _SMALLEST_P_VALUE else f"p = {p_value:.2g}"


def estimates_in_points(inputs: ThreatInputs) -> Threat | None:
    """Report that sizes are in points, which have no hours. Reads ``moments``."""
    closed = inputs.closed
    estimated = closed[closed["estimated"].astype(bool)]
    items, in_points = by_arm(estimated, "n"), by_arm(estimated, "n", ~(estimated["w"] > 0))
    part, whole = sum(in_points.values()), sum(items.values())
    if not part:
        return None
    if part == whole:
        message = (
            "The estimates are in points: they tell sizes apart, but there are no hours per"
            " estimated hour, and no comparison of estimates with outcomes."
        )
    else:
        message = (
            f"{count_of_total(part, whole)} estimates are in points, the others in minutes: both"
            " tell sizes apart, points with an intercept of their own. Hours per estimated hour and"
            " the comparison of estimates with outcomes are those of the tasks estimated in"
            " minutes."
        )
    return Threat(
        "estimates-in-points",
        "note",
        message,
        "Estimate in hours where you want those figures, too.",
        portions(in_points, items) if part < whole else (),
        Portion(part, whole) if part < whole else None,
    )


def estimates_unmatched(inputs: ThreatInputs) -> Threat | None:
    """Detect estimates of tasks without entries, where work without an estimate is left.

    Reads ``moments``, ``estimates`` and ``unmatched_estimates``.
    """
    closed = inputs.closed
    if not inputs.unmatched_estimates or closed["estimated"].astype(bool).all():
        return None
    matched = 1.0 - inputs.unmatched_estimates / inputs.estimates
    return Threat(
        "estimates-unmatched",
        "caution" if matched < _MIN_MATCHED else "note",
        f"{count_of_total(inputs.unmatched_estimates, inputs.estimates)} estimates belong to a task"
        " that has no entries, while some of the work has no estimate.",
        "Compare how the log and the list of tasks write their keys.",
        portion=Portion(inputs.unmatched_estimates, inputs.estimates),
    )
