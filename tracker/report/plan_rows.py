"""A plan as flat rows, for JSON and CSV."""

from __future__ import annotations

import math
from typing import Any

from tracker.domain import gains
from tracker.domain.counts import rounded
from tracker.domain.gains import Reading
from tracker.domain.times import day_to_date
from tracker.evidence.planning.plan import DesignPlan, Plan
from tracker.evidence.planning.wording import obstacle_words


def plan_rows(plan: Plan, reading: Reading) -> list[dict[str, Any]]:
    """Return one row for each study design, strongest first; undefined is None.

    What is planned has two significant digits, as in the sentence; what the log holds is exact.

    Args:
        plan: The plan.
        reading: The reading of the true gain.

    """
    return [_row(plan, design_plan, reading) for design_plan in plan.designs]


def empty_plan_row() -> dict[str, Any]:
    """Return the row of a claim without a plan: every value is None."""
    return dict.fromkeys(_KEYS)


_KEYS = (
    *("study_design", "recorded", "items", "items_in_all", "items_more"),
    *("developers", "developers_in_all", "developers_more", "spread", "reason"),
    *("assumption", "true_gain", "power", "interval_level"),
    *("items_per_week", "weeks", "weeks_low", "weeks_high", "by", "by_earliest", "by_latest"),
    *("tells", "tells_at_zero", "tells_at_half", "tells_at_claim", "gain_shown_at_claim"),
)


def _row(plan: Plan, row: DesignPlan, reading: Reading) -> dict[str, Any]:
    duration, curve = row.duration, row.power_curve
    return {
        "study_design": row.study_design,
        "recorded": row.is_recorded,
        "items": row.items,
        "items_in_all": _rounded(row.items_in_all),
        "items_more": _rounded(row.items_more),
        "developers": row.developers,
        "developers_in_all": row.developers_in_all,
        "developers_more": row.developers_more,
        "spread": plan.spread,
        "reason": obstacle_words(plan, row),
        "assumption": plan.assumption,
        "true_gain": gains.from_ratio(reading, math.exp(plan.true_log_ratio)),
        "power": plan.power,
        "interval_level": plan.level,
        "items_per_week": _two_digits(plan.pace.per_week if plan.pace else None),
        "weeks": _two_digits(duration.weeks if duration else None),
        "weeks_low": _two_digits(duration.low if duration else None),
        "weeks_high": _two_digits(duration.high if duration else None),
        "by": _day(plan, duration.weeks) if duration else None,
        "by_earliest": _day(plan, duration.low) if duration else None,
        "by_latest": _day(plan, duration.high) if duration else None,
        "tells": _whole_percent(row.power),
        "tells_at_zero": _whole_percent(curve.tells_at_zero if curve else None),
        "tells_at_half": _whole_percent(curve.tells_at_half if curve else None),
        "tells_at_claim": _whole_percent(curve.tells_at_claim if curve else None),
        "gain_shown_at_claim": _whole_percent(curve.gain_shown_at_claim if curve else None),
    }


def _rounded(items: int | None) -> int | None:
    """Return a number of work items as the sentence has it."""
    return None if items is None else rounded(items)


def _two_digits(number: float | None) -> float | None:
    """Return a number with two significant digits."""
    return None if number is None else float(f"{number:.2g}")


def _whole_percent(probability: float | None) -> float | None:
    """Return a probability in whole per cent, as a fraction."""
    return None if probability is None else round(probability, 2)


def _day(plan: Plan, weeks: float) -> str | None:
    day = plan.day_after(weeks)
    return None if day is None else day_to_date(day).isoformat()
