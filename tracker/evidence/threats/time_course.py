"""Threats from changes over time: drift, an unusual last month, an effect that changes.

Each is a test. The tests are one family: together they report no more than one of them would.
"""

from __future__ import annotations

import math

import numpy as np

from tracker.domain.gains import percent
from tracker.domain.records import StudyDesign
from tracker.evidence.designs.study_design import MIN_CLUSTERS
from tracker.evidence.intervals import DRIFT_SD
from tracker.evidence.moments import Cells
from tracker.evidence.results import Threat
from tracker.evidence.threats.contrasts import (
    Contrast,
    CorrectedTest,
    contrast,
    correct_tests,
    relabel_arms,
)
from tracker.evidence.threats.inputs import ThreatInputs

_DESIGNS_BY_DATE: tuple[StudyDesign, ...] = ("before-after", "staggered")
"""Study designs whose arms are separated by a rollout date."""
_MIN_MONTHS = 3
"""Months of baseline below which no drift can be estimated."""
_MIN_DIFFERENCE = 0.1
"""Difference of log minutes below which the last baseline month is not unusual."""
_NOVELTY_BLOCKS = 2
"""Blocks of 28 days after the rollout in which assistance is new: eight weeks."""


def changes_over_time(inputs: ThreatInputs) -> tuple[Threat, ...]:
    """Detect drift, an unusual last month and an effect that changes, as one family of tests.

    Reads ``moments`` and ``since``.
    """
    corrected = correct_tests(
        {
            "drift": drift_test(inputs),
            "regression-to-the-mean": last_month_test(inputs),
            "novelty": novelty_test(inputs),
        }
    )
    threats = (
        drift(inputs, corrected.get("drift")),
        regression_to_the_mean(corrected.get("regression-to-the-mean")),
        novelty(inputs, corrected.get("novelty")),
    )
    return tuple(threat for threat in threats if threat is not None)


def drift_test(inputs: ThreatInputs) -> Contrast | None:
    """Test the baseline's trend by month within developers, for before/after comparisons."""
    baseline = _baseline(inputs)
    if baseline is None or _months(baseline) < _MIN_MONTHS:
        return None
    return contrast(baseline, inputs.terms("trend", baseline))


def last_month_test(inputs: ThreatInputs) -> Contrast | None:
    """Test the last 28 days before the rollout against the rest of the baseline."""
    cells = _cells_since_rollout(inputs)
    if cells is None:
        return None
    baseline = cells.select(cells.period < 0)
    return contrast(relabel_arms(baseline, baseline.period == -1), inputs.terms("arm", baseline))


def novelty_test(inputs: ThreatInputs) -> Contrast | None:
    """Test the first eight weeks with assistance against later ones, where there are some."""
    cells = _cells_since_rollout(inputs)
    if cells is None or _blocks_after(cells) <= _NOVELTY_BLOCKS:
        return None
    after = cells.select(cells.period >= 0)
    return contrast(relabel_arms(after, after.period < _NOVELTY_BLOCKS), inputs.terms("arm", after))


def drift(inputs: ThreatInputs, test: CorrectedTest | None) -> Threat | None:
    """Return what the baseline's trend means for a before/after comparison.

    Reported even where the test shows no drift, since such teams have as many false alarms as
    others.
    """
    baseline = _baseline(inputs)
    if baseline is None:
        return None
    if _months(baseline) < _MIN_MONTHS:
        return Threat(
            "drift",
            "note",
            f"The baseline covers fewer than {_MIN_MONTHS} months: too few to estimate a drift.",
        )
    if test is None:
        return None
    slope = test.contrast.estimate
    months = _months_between_arms(inputs.cells())
    figures = _drift_figures(test.contrast, months)
    if not test.rejects:
        return Threat(
            "drift",
            "note",
            f"The test for a drift of the baseline shows none ({test}). A passed test is no"
            " evidence: teams that pass it show false gains as often as others.",
            figures=figures,
        )
    return Threat(
        "drift",
        "serious" if abs(slope * months) > DRIFT_SD else "caution",
        f"Before the rollout comparable tasks already took {_difference(slope)} from month to"
        f" month ({test}). The test does not say whether that continued: if it did, it looks like"
        " an effect.",
        "See the sensitivity with a linear trend; a staggered or randomised study can distinguish"
        " the two.",
        figures,
    )


def regression_to_the_mean(test: CorrectedTest | None) -> Threat | None:
    """Return the threat of an unusual last month of the baseline."""
    if test is None or not test.rejects or abs(test.contrast.estimate) < _MIN_DIFFERENCE:
        return None
    difference = test.contrast.estimate
    effect = "a gain" if difference > 0 else "a loss"
    return Threat(
        "regression-to-the-mean",
        "caution",
        "In the last 28 days before the rollout comparable tasks took"
        f" {_difference(difference)} than in the baseline before that ({test}). The test does not"
        f" say why: a mere return to normal would look like {effect}.",
        "Judge again with a baseline that ends a month earlier.",
    )


def novelty(inputs: ThreatInputs, test: CorrectedTest | None) -> Threat | None:
    """Return the threat of an effect that differs between the first eight weeks and later."""
    cells = _cells_since_rollout(inputs)
    if cells is None or not (cells.period >= 0).any():
        return None
    blocks = _blocks_after(cells)
    if blocks <= _NOVELTY_BLOCKS:
        return Threat(
            "novelty",
            "note",
            f"The log covers no more than {4 * blocks} weeks after the rollout: habits have not"
            " settled.",
            "Judge again after some months.",
        )
    if test is None or not test.rejects:
        return None
    change = "wears off" if test.contrast.estimate < 0 else "grows"
    return Threat(
        "novelty",
        "caution",
        "In the first eight weeks with assistance comparable tasks took"
        f" {_difference(test.contrast.estimate)} than later ({test}). That is consistent with an"
        f" effect that {change}, but does not prove it: other work or another season differs in"
        " the same way. The verdict mixes both periods.",
        "Judge the later weeks alone, once there are enough of them.",
        _gains_by_weeks(inputs, cells),
    )


def _baseline(inputs: ThreatInputs) -> Cells | None:
    """Return the baseline's cells by month; None where its drift does not matter."""
    if inputs.design != "before-after":
        return None
    cells = inputs.cells()
    return cells.select(cells.arm == 0)


def _months(cells: Cells) -> int:
    return len(np.unique(cells.period))


def _cells_since_rollout(inputs: ThreatInputs) -> Cells | None:
    """Return the cells by blocks of 28 days; None where no rollout date separates the arms."""
    if inputs.since is None or inputs.design not in _DESIGNS_BY_DATE:
        return None
    return inputs.cells(inputs.since)


def _blocks_after(cells: Cells) -> int:
    """Return how many blocks of 28 days after the rollout the log reaches; 0 for none."""
    return int(cells.period.max(initial=-1)) + 1


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
        difference = contrast(compared, inputs.terms("arm", compared))
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


def _drift_figures(slope: Contrast, months: float) -> tuple[tuple[str, str], ...]:
    bounds = " to ".join(percent(math.expm1(bound)) for bound in slope.bounds)
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


def _difference(theta: float) -> str:
    """Return a difference of log minutes in words: ``12 % longer``, ``8 % less time``."""
    change = math.expm1(theta)
    return f"{percent(abs(change))} {'longer' if change >= 0 else 'less time'}"
