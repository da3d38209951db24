"""An assessment as JSON, for scripts: the output of ``check --format json``.

The keys that were agreed on first come first and in their order. Later ones follow.
"""

from __future__ import annotations

import math
from typing import Any

from tracker.domain.disclosure import Limits
from tracker.domain.records import Claim
from tracker.domain.times import day_to_date, format_month
from tracker.evidence.assessment import Assessment
from tracker.evidence.results import (
    ControlFigures,
    Estimand,
    HoursSaved,
    Interval,
    OtherReading,
    Result,
    Sensitivity,
    Threat,
)
from tracker.report import formats, labels
from tracker.report.plan_rows import plan_rows

SCHEMA = 1
"""Version of the shape. It rises when a key changes its meaning or goes, not when one is added."""

Json = dict[str, Any]


def assessment_json(assessment: Assessment) -> Json:
    """Return an assessment as dicts, lists, strings and numbers. Undefined is None, never NaN."""
    question = assessment.question
    selection = question.selection
    return {
        "schema": SCHEMA,
        "generated_at": formats.instant(assessment.generated_epoch),
        "level": question.level,
        "interval_level": question.interval_level,
        "results": [_result(result) for result in assessment.results],
        "answer": labels.answer(assessment),
        "made_up": assessment.synthetic_notice,
        "true_efficiency_gains": dict(assessment.truths),
        "filters": {
            "activities": list(question.activities),
            "team": selection.team,
            "project": selection.project,
            "developer": selection.developer,
            "from": _day(selection.first_day),
            "to": _day(selection.last_day),
        },
        "first_day": _day(assessment.first_day),
        "last_day": _day(assessment.last_day),
        "now": None if assessment.now_epoch is None else formats.instant(assessment.now_epoch),
        "entries": assessment.entries,
        "version": assessment.version,
        "seed": question.seed,
        "data_hash": assessment.data_hash,
        "limits": limits_json(assessment.limits),
    }


def limits_json(limits: Limits | None) -> Json | None:
    """The limits that were used in place of the filters; "" is work without a team or a project."""
    if limits is None:
        return None
    months = (limits.first_month, limits.last_month)
    first, last = (None if month is None else format_month(month) for month in months)
    return {
        "cells": limits.cells,
        "teams": list(limits.teams),
        "projects": list(limits.projects),
        "first_month": first,
        "last_month": last,
        "now": formats.instant(limits.now_epoch),
    }


def _result(result: Result) -> Json:
    return {
        "activity": result.activity,
        "claim": _claim(result, result.claim),
        "study_design": result.study_design,
        "estimator": result.estimator,
        "estimand": result.estimand,
        "items": {"baseline": result.items_baseline, "assistance": result.items_assistance},
        "developers": result.developers,
        "excluded": dict(result.excluded),
        "se": result.se,
        "df": result.df,
        "allowance": result.drift_sd,
        "time_ratio": _interval(result.time_ratio),
        "efficiency_gain": _interval(result.efficiency_gain),
        "time_saved": _interval(result.time_saved),
        "verdict": result.verdict,
        "other_reading": _other_reading(result.other_reading),
        "largest_supported": result.largest_supported,
        "smallest_refuted": result.smallest_refuted,
        "items_needed": result.items_needed,
        "sensitivity": [_sensitivity(sensitivity) for sensitivity in result.sensitivity],
        "threats": [_threat(threat) for threat in result.threats],
        "strength": result.strength,
        "estimands": [_estimand(estimand) for estimand in result.estimands],
        "plan": plan_rows(result.plan, result.reading) if result.plan else [],
        "hours_per_week": _hours_saved(result.hours_saved),
    }


def _claim(result: Result, claim: Claim | None) -> Json | None:
    """The claim, with the reading on which it was judged."""
    if claim is None:
        return None
    return {
        "id": claim.id,
        "reading": result.reading,
        "value": claim.value,
        "bound": claim.bound,
        "source": claim.source,
        "quantity": claim.quantity,
    }


def _interval(interval: Interval | None) -> Json | None:
    if interval is None:
        return None
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}


def _other_reading(other: OtherReading | None) -> Json | None:
    if other is None:
        return None
    return {"reading": other.reading, "value": other.value, "verdict": other.verdict}


def _sensitivity(sensitivity: Sensitivity) -> Json:
    return {
        "name": sensitivity.name,
        "time_ratio": _interval(sensitivity.time_ratio),
        "verdict": sensitivity.verdict,
        "note": sensitivity.note,
        "control": _control(sensitivity.control),
    }


def _control(control: ControlFigures | None) -> Json | None:
    """The other work of an analysis held against it, θ_c and what of it is taken off."""
    if control is None:
        return None
    return {
        "items": control.items,
        "developers": control.developers,
        "log_ratio": control.log_ratio,
        "time_ratio": math.exp(control.log_ratio),
        "hidden_log_ratio": control.hidden_log_ratio,
        "is_primary": control.is_primary,
    }


def _hours_saved(hours: HoursSaved | None) -> Json | None:
    """Hours saved a week, negative where lost, and the volume that they are saved on."""
    if hours is None:
        return None
    return {
        "saved": _interval(hours.saved),
        "measure": hours.measure,
        "measured_tasks": hours.measured_tasks,
        "saved_by_typical_task": _interval(hours.typical),
        "volume": hours.volume,
        "developers": hours.developers,
        "first_day": _day(hours.first_day),
        "last_day": _day(hours.last_day),
    }


def _threat(threat: Threat) -> Json:
    return {
        "code": threat.code,
        "severity": threat.severity,
        "message": threat.message,
        "advice": threat.advice,
        "figures": [{"label": label, "figure": figure} for label, figure in threat.figures],
    }


def _estimand(estimand: Estimand) -> Json:
    return {
        "name": estimand.name,
        "baseline": estimand.baseline,
        "assistance": estimand.assistance,
        "unit": estimand.unit,
        "time_ratio": _interval(estimand.time_ratio),
        "note": estimand.note,
    }


def _day(day: int | None) -> str | None:
    return None if day is None else day_to_date(day).isoformat()
