"""The threat that efforts, estimates or arms are in different units."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tracker.domain import plausibility
from tracker.domain.plausibility import MIN_ROWS_FOR_UNITS
from tracker.domain.records import ARMS
from tracker.evidence.results import Threat
from tracker.evidence.threats.inputs import ThreatInputs, by_arm


def different_units(inputs: ThreatInputs) -> Threat | None:
    """Detect a factor of about 60 where quantities should agree.

    Compared are effort with the time from start to end, estimate with effort, and the arms with
    each other. Reads ``quality`` and ``moments``.
    """
    reasons = [*_span_reasons(inputs), *_estimate_reasons(inputs), *_arm_reasons(inputs)]
    if not reasons:
        return None
    return Threat(
        "units",
        "serious",
        " ".join(f"{reason[0].upper()}{reason[1:]}" for reason in reasons),
        "Find the import that brought them; `import --undo` it, and import in minutes.",
    )


def _span_reasons(inputs: ThreatInputs) -> Iterator[str]:
    rows = inputs.rows_of_activity(inputs.quality)
    for arm in ARMS:
        arm_rows = rows[rows["arm"] == arm]
        if arm_rows.empty:
            continue
        with_span, sixtyfold, sixtieth = (
            int(arm_rows[name].sum()) for name in ("with_span", "sixtyfold", "sixtieth")
        )
        message = plausibility.span_unit_message(
            f"of the {arm} arm", with_span, sixtyfold=sixtyfold, sixtieth=sixtieth
        )
        if message:
            yield message


def _estimate_reasons(inputs: ThreatInputs) -> Iterator[str]:
    closed = inputs.closed
    estimated = closed[closed["w"] > 0]  # not those in points
    items = by_arm(estimated, "n")
    log_estimates, log_minutes = by_arm(estimated, "x"), by_arm(estimated, "y")
    for arm in ARMS:
        if items[arm] < MIN_ROWS_FOR_UNITS:
            continue
        ratio = math.exp((log_estimates[arm] - log_minutes[arm]) / items[arm])
        if message := plausibility.estimate_unit_message(ratio, f" of the {arm} arm"):
            yield message


def _arm_reasons(inputs: ThreatInputs) -> Iterator[str]:
    closed = inputs.closed
    items, log_minutes = by_arm(closed, "n"), by_arm(closed, "y")
    if min(items.values()) < MIN_ROWS_FOR_UNITS:
        return
    means = {arm: log_minutes[arm] / items[arm] for arm in ARMS}
    ratio = math.exp(means["assistance"] - means["baseline"])
    if plausibility.unit_ratio(ratio):
        yield (
            f"a typical work item with assistance takes {plausibility.ratio_text(ratio)} the time"
            " of one without: the arms are probably in different units."
        )
