"""Threats from the course of time: drift before the rollout, a peculiar last month, an effect that wears off."""

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

_BY_DATE: tuple[StudyDesign, ...] = ("before-after", "staggered")
_MONTHS_TO_SEE = 3
_STANDS_OUT = 0.1
_NEW_BLOCKS = 2
"""Blocks of 28 days after the rollout in which assistance is new: eight weeks."""


def drift(seen: ThreatInputs) -> Threat | None:
    """The trend of the baseline, within developers. Reads: moments by month; of before/after only.

    Passing rescues nothing: among teams that pass, false alarms are as many; so it is always said.
    """
    if seen.design != "before-after":
        return None
    cells = seen.cells()
    baseline = cells.select(cells.arm == 0)
    if len(np.unique(baseline.period)) < _MONTHS_TO_SEE:
        return Threat(
            "drift",
            "note",
            f"The baseline covers fewer than {_MONTHS_TO_SEE} months: drift cannot be seen in it.",
        )
    slope = contrast(baseline, seen.terms("trend"))
    if slope is None:
        return None
    figures = _monthly(slope, _months_apart(cells))
    if not excludes_zero(slope):
        return Threat(
            "drift",
            "note",
            "No drift is seen in the baseline. That rescues nothing: teams without visible drift show false gains as "
            "often as others.",
            figures=figures,
        )
    return Threat(
        "drift",
        "serious" if abs(slope.estimate * _months_apart(cells)) > DRIFT_SD else "caution",
        f"Before the rollout comparable tasks already took {describe_difference(slope.estimate)} from month to month: what looks "
        "like an effect may be that going on.",
        "See the sensitivity with a linear trend; a staggered or randomised study can tell the two apart.",
        figures,
    )


def regression_to_the_mean(seen: ThreatInputs) -> Threat | None:
    """The last 28 days before the rollout stand out of the baseline. Reads: moments since the cutover."""
    if seen.since is None or seen.design not in _BY_DATE:
        return None
    cells = seen.cells(seen.since)
    baseline = cells.select(cells.period < 0)
    found = contrast(relabel_arms(baseline, baseline.period == -1), seen.terms("arm"))
    if found is None or not excludes_zero(found) or abs(found.estimate) < _STANDS_OUT:
        return None
    fakes = "a gain" if found.estimate > 0 else "a loss"
    return Threat(
        "regression-to-the-mean",
        "caution",
        f"In the last 28 days before the rollout comparable tasks took {describe_difference(found.estimate)} than in the baseline "
        f"before that: a mere return to normal would look like {fakes}.",
        "Judge again with a baseline that ends a month earlier.",
    )


def novelty(seen: ThreatInputs) -> Threat | None:
    """The effect of the first eight weeks is not that of later ones. Reads: moments since the cutover."""
    if seen.since is None or seen.design not in _BY_DATE:
        return None
    cells = seen.cells(seen.since)
    after = cells.select(cells.period >= 0)
    if not after.items:
        return None
    weeks = 4 * (int(after.period.max()) + 1)
    if weeks <= 4 * _NEW_BLOCKS:
        return Threat(
            "novelty",
            "note",
            f"The log covers no more than {weeks} weeks after the rollout: habits have not settled.",
            "Judge again after some months.",
        )
    found = contrast(relabel_arms(after, after.period < _NEW_BLOCKS), seen.terms("arm"))
    if not excludes_zero(found) or found is None:
        return None
    worn = "wears off" if found.estimate < 0 else "grows"
    return Threat(
        "novelty",
        "caution",
        f"In the first eight weeks with assistance comparable tasks took {describe_difference(found.estimate)} than later: the "
        f"effect {worn}, and the verdict mixes both.",
        "Judge the later weeks alone, once there are enough of them.",
        _gains_by_weeks(seen, cells),
    )


def _gains_by_weeks(seen: ThreatInputs, cells: Cells) -> tuple[tuple[str, str], ...]:
    """The efficiency gain against the baseline by eight weeks since the rollout; of 5 developers or more each."""
    figures = []
    spans = np.floor_divide(cells.period, _NEW_BLOCKS)
    fewest = min(MIN_CLUSTERS, cells.developers)
    for number in np.unique(spans[spans >= 0]):
        chosen = cells.select((cells.period < 0) | (spans == number))
        of_span = chosen.select(chosen.period >= 0)
        found = contrast(chosen, seen.terms("arm"))
        if found is not None and of_span.developers >= fewest:
            first = 4 * _NEW_BLOCKS * int(number)
            figures.append(
                (
                    f"gain, weeks {first + 1}–{first + 4 * _NEW_BLOCKS}",
                    percent(math.expm1(-found.estimate)),
                )
            )
    return tuple(figures)


def _months_apart(cells: Cells) -> float:
    """Months between the middles of the two arms' work."""
    middles = [
        np.average(cells.period[own], weights=cells.n[own])
        for own in (cells.arm == 0, cells.arm == 1)
        if own.any()
    ]
    return float(middles[-1] - middles[0])


def _monthly(slope: Interval, months: float) -> tuple[tuple[str, str], ...]:
    ends = " to ".join(
        percent(math.expm1(end)) for end in (slope.low, slope.high) if end is not None
    )
    return (
        (
            "minutes per comparable task, change a month",
            f"{percent(math.expm1(slope.estimate))} ({ends})",
        ),
        (
            "if that went on, by the middle of the work with assistance",
            percent(math.expm1(slope.estimate * months)),
        ),
    )
