"""Threats from changes over time: drift, an unusual last month, an effect that wears off."""

from __future__ import annotations

import math

import numpy as np

from tracker.domain.gains import percent
from tracker.domain.records import StudyDesign
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.intervals import DRIFT_SD
from tracker.evidence.moments import Cells
from tracker.evidence.results import Interval, Threat
from tracker.evidence.threats.inputs import (
    ThreatInputs,
    contrast,
    describe_difference,
    excludes_zero,
    relabel_arms,
)

_DESIGNS_BY_DATE: tuple[StudyDesign, ...] = ("before-after", "staggered")
"""Study designs whose arms are separated by a rollout date."""
_MIN_MONTHS = 3
"""Months of baseline below which no drift can be estimated."""
_MIN_DIFFERENCE = 0.1
"""Difference of log minutes below which the last baseline month is not unusual."""
_NOVELTY_BLOCKS = 2
"""Blocks of 28 days after the rollout in which assistance is new: eight weeks."""


def drift(inputs: ThreatInputs) -> Threat | None:
    """Estimate the trend of the baseline within developers, for before/after comparisons.

    Reported even where no drift is visible, since such teams have as many false alarms as others.
    Reads ``moments``.
    """
    if inputs.design != "before-after":
        return None
    cells = inputs.cells()
    baseline = cells.select(cells.arm == 0)
    if len(np.unique(baseline.period)) < _MIN_MONTHS:
        return Threat(
            "drift",
            "note",
            f"The baseline covers fewer than {_MIN_MONTHS} months: too few to estimate a drift.",
        )
    slope = contrast(baseline, inputs.terms("trend"))
    if slope is None:
        return None
    months = _months_between_arms(cells)
    figures = _drift_figures(slope, months)
    if not excludes_zero(slope):
        return Threat(
            "drift",
            "note",
            "No drift is visible in the baseline. This is no reassurance: teams without visible"
            " drift show false gains as often as others.",
            figures=figures,
        )
    return Threat(
        "drift",
        "serious" if abs(slope.estimate * months) > DRIFT_SD else "caution",
        "Before the rollout comparable tasks already took"
        f" {describe_difference(slope.estimate)} from month to month: what looks like an effect"
        " may be the continuation of that.",
        "See the sensitivity with a linear trend; a staggered or randomised study can distinguish"
        " the two.",
        figures,
    )


def regression_to_the_mean(inputs: ThreatInputs) -> Threat | None:
    """Detect that the last 28 days before the rollout differ from the rest of the baseline.

    Reads ``since``.
    """
    if inputs.since is None or inputs.design not in _DESIGNS_BY_DATE:
        return None
    cells = inputs.cells(inputs.since)
    baseline = cells.select(cells.period < 0)
    difference = contrast(relabel_arms(baseline, baseline.period == -1), inputs.terms("arm"))
    if difference is None or not excludes_zero(difference):
        return None
    if abs(difference.estimate) < _MIN_DIFFERENCE:
        return None
    effect = "a gain" if difference.estimate > 0 else "a loss"
    return Threat(
        "regression-to-the-mean",
        "caution",
        "In the last 28 days before the rollout comparable tasks took"
        f" {describe_difference(difference.estimate)} than in the baseline before that: a mere"
        f" return to normal would look like {effect}.",
        "Judge again with a baseline that ends a month earlier.",
    )


def novelty(inputs: ThreatInputs) -> Threat | None:
    """Detect that the effect of the first eight weeks differs from that of later ones.

    Reads ``since``.
    """
    if inputs.since is None or inputs.design not in _DESIGNS_BY_DATE:
        return None
    cells = inputs.cells(inputs.since)
    after = cells.select(cells.period >= 0)
    if not after.items:
        return None
    weeks = 4 * (int(after.period.max()) + 1)
    if weeks <= 4 * _NOVELTY_BLOCKS:
        return Threat(
            "novelty",
            "note",
            f"The log covers no more than {weeks} weeks after the rollout: habits have not"
            " settled.",
            "Judge again after some months.",
        )
    difference = contrast(relabel_arms(after, after.period < _NOVELTY_BLOCKS), inputs.terms("arm"))
    if difference is None or not excludes_zero(difference):
        return None
    change = "wears off" if difference.estimate < 0 else "grows"
    return Threat(
        "novelty",
        "caution",
        "In the first eight weeks with assistance comparable tasks took"
        f" {describe_difference(difference.estimate)} than later: the effect {change}, and the"
        " verdict mixes both.",
        "Judge the later weeks alone, once there are enough of them.",
        _gains_by_weeks(inputs, cells),
    )


def _gains_by_weeks(inputs: ThreatInputs, cells: Cells) -> tuple[tuple[str, str], ...]:
    """Return the efficiency gain over the baseline for each eight weeks since the rollout.

    Spans with work of fewer than five developers are left out, or of fewer than all developers
    where the comparison has fewer than five.
    """
    figures = []
    spans = np.floor_divide(cells.period, _NOVELTY_BLOCKS)
    min_developers = min(MIN_CLUSTERS, cells.developers)
    for span in np.unique(spans[spans >= 0]):
        compared = cells.select((cells.period < 0) | (spans == span))
        span_cells = compared.select(compared.period >= 0)
        difference = contrast(compared, inputs.terms("arm"))
        if difference is not None and span_cells.developers >= min_developers:
            first_week = 4 * _NOVELTY_BLOCKS * int(span)
            label = f"gain, weeks {first_week + 1}–{first_week + 4 * _NOVELTY_BLOCKS}"
            figures.append((label, percent(math.expm1(-difference.estimate))))
    return tuple(figures)


def _months_between_arms(cells: Cells) -> float:
    """Return the months between the mean months of the two arms' work items."""
    middles = [
        np.average(cells.period[in_arm], weights=cells.n[in_arm])
        for in_arm in (cells.arm == 0, cells.arm == 1)
        if in_arm.any()
    ]
    return float(middles[-1] - middles[0])


def _drift_figures(slope: Interval, months: float) -> tuple[tuple[str, str], ...]:
    bounds = " to ".join(
        percent(math.expm1(bound)) for bound in (slope.low, slope.high) if bound is not None
    )
    return (
        (
            "minutes per comparable task, change a month",
            f"{percent(math.expm1(slope.estimate))} ({bounds})",
        ),
        (
            "if that continued, by the middle of the work with assistance",
            percent(math.expm1(slope.estimate * months)),
        ),
    )
