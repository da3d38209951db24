"""An assessment as flat rows for a spreadsheet: the output of ``check --format csv``."""

from __future__ import annotations

from tracker.evidence.assessment import Assessment
from tracker.evidence.results import Interval, Result
from tracker.report import formats, labels

Cell = str | int | float | None


def assessment_rows(assessment: Assessment) -> list[dict[str, Cell]]:
    """Return one row a result.

    Returns:
        Rows with the same keys in the same order. Undefined is None. ``threats`` is one text of
        codes with their severity: ``one-rollout-date:serious task-mix:caution``.

    """
    return [_row(assessment, result) for result in assessment.results]


def _row(assessment: Assessment, result: Result) -> dict[str, Cell]:
    claim, other = result.claim, result.other_reading
    return {
        "activity": result.activity,
        "claim": claim.id if claim else None,
        "claim_reading": result.reading if claim else None,
        "claim_value": claim.value if claim else None,
        "claim_bound": claim.bound if claim else None,
        "verdict": result.verdict,
        "study_design": result.study_design,
        "strength": result.strength,
        "items_baseline": result.items_baseline,
        "items_assistance": result.items_assistance,
        "developers": result.developers,
        **_bounds("time_ratio", result.time_ratio),
        **_bounds("efficiency_gain", result.efficiency_gain),
        **_bounds("time_saved", result.time_saved),
        "se": result.se,
        "df": result.df,
        "allowance": result.drift_sd,
        "level": result.level,
        "interval_level": result.interval_level,
        "other_reading": other.reading if other else None,
        "other_verdict": other.verdict if other else None,
        "largest_supported": result.largest_supported,
        "smallest_refuted": result.smallest_refuted,
        "items_needed": result.items_needed,
        "threats": " ".join(f"{threat.code}:{threat.severity}" for threat in result.threats),
        "made_up": assessment.synthetic_notice,
        "generated_at": formats.instant(assessment.generated_epoch),
        "version": assessment.version,
        "seed": assessment.question.seed,
        "data_hash": assessment.data_hash,
        "limits": labels.limits_text(assessment.limits) or None,
    }


def _bounds(name: str, interval: Interval | None) -> dict[str, Cell]:
    """The estimate in the column ``name``, and its bounds in two more."""
    return {
        name: interval.estimate if interval else None,
        f"{name}_low": interval.low if interval else None,
        f"{name}_high": interval.high if interval else None,
    }
