"""Measures the coverage of the interval for the hours saved.

Studies are drawn with a known effect on each work item. So it is known what the work with
assistance of the last three months would have taken without it.

    python -m benchmarks.hours_coverage --studies 500

With the effect ``same`` all tasks change by the same percentage; with ``larger-less`` an estimate
twice as long gains less, down to a loss. The coverage is given of the hours that are reported and
of those that follow from the typical task.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tracker.domain.gains import to_log_ratio
from tracker.domain.question import DEFAULT_LEVEL
from tracker.domain.records import STUDY_DESIGNS, StudyDesign
from tracker.domain.times import DAY_SECONDS
from tracker.evidence.activity import check_near_zero_minutes, estimate_activity
from tracker.evidence.estimands import estimand_table
from tracker.evidence.hours_saved import Volume, days_of_volume, hours_saved
from tracker.evidence.item_cells import cell_reader
from tracker.evidence.moments import Floats
from tracker.evidence.results import HoursSaved, Interval
from tracker.simulation.judging import study_moments
from tracker.simulation.studies import FIRST_DAY, SimulatedStudy, StudySetup, draw_study
from tracker.simulation.study_items import own_arms
from tracker.simulation.work_model import WorkModel, made_up_model

SEED = 1
TRUE_GAIN = 0.3
SLOPE = 0.25
"""Change of θ by ln estimate with the effect ``larger-less``."""

EFFECTS = ("same", "larger-less")
WEEKS = 26


class StudyHours(NamedTuple):
    """The hours saved a week in one study."""

    true: float
    estimated: HoursSaved


def with_effects(study: SimulatedStudy, log_ratios: Floats) -> SimulatedStudy:
    """Return a study without an effect with the given θ applied to each work item.

    Minutes are rounded to whole seconds.

    Args:
        study: The study.
        log_ratios: θ of each work item, n.
    """
    scaled = study.sitting_seconds * np.exp(log_ratios)[study.sitting_item]
    sittings = np.maximum(np.round(scaled), 1).astype(np.int64)
    seconds = np.bincount(study.sitting_item, weights=sittings).astype(np.int64)
    return dataclasses.replace(study, seconds=seconds, sitting_seconds=sittings)


def item_log_ratios(study: SimulatedStudy, effect: str) -> Floats:
    """Return the true θ of each work item, n; 0 in the baseline."""
    theta = to_log_ratio("efficiency_gain", TRUE_GAIN) or 0.0
    thetas = np.full(len(study), theta)
    if effect == "larger-less" and study.estimate_minutes is not None:
        x = np.log(study.estimate_minutes)
        thetas += SLOPE * (x - x.mean())
    return np.where(own_arms(study)[0], thetas, 0.0)


def hours_of_study(untreated: SimulatedStudy, effect: str) -> StudyHours | None:
    """Return the true and the estimated hours of a study; None if no hours are reported."""
    log_ratios = item_log_ratios(untreated, effect)
    study = with_effects(untreated, log_ratios)
    rule, frame = study_moments(study) or (None, None)
    if rule is None or frame is None:
        return None
    now_epoch = int(study.sitting_ended[study.logged].max())
    days = days_of_volume(frame, rule, FIRST_DAY, now_epoch)
    if days is None:
        return None
    day = study.sitting_started // DAY_SECONDS
    recent = study.logged & own_arms(study)[0][study.sitting_item]
    recent &= (day >= days[0]) & (day <= days[1])
    hours = study.sitting_seconds[recent] / 3600
    estimate = check_near_zero_minutes(
        estimate_activity(
            frame,
            activity=study.setup.activity,
            design=study.setup.design,
            level=DEFAULT_LEVEL,
            interval_level=DEFAULT_LEVEL,
            items=cell_reader(lambda: frame, study.setup.activity),
        )
    )
    volume = Volume(float(hours.sum()), *days, study.developers)
    reported = hours_saved(estimate, estimand_table(estimate), volume)
    if reported is None:
        return None
    gains = np.expm1(-log_ratios[study.sitting_item[recent]])
    return StudyHours(float((hours * gains).sum()) / reported.weeks, reported)


def study_hours(
    model: WorkModel, design: StudyDesign, effect: str, studies: int
) -> Iterator[StudyHours | None]:
    """Yield the hours of studies of one design and effect."""
    setup = StudySetup(design, WEEKS)
    for number in range(studies):
        study = draw_study(model, setup, np.random.default_rng([SEED, number]))
        yield hours_of_study(study, effect)


def covers(interval: Interval, value: float) -> bool:
    """Return whether a value is in an interval; an undefined bound is infinite."""
    low, high = interval.low, interval.high
    return (low is None or low <= value) and (high is None or value <= high)


def coverage_line(design: StudyDesign, effect: str, hours: list[StudyHours | None]) -> str:
    """Return the coverage in words, with its standard error and the median width."""
    reported = [study for study in hours if study is not None]
    cells = []
    for name in ("saved", "typical"):
        intervals = [getattr(study.estimated, name) for study in reported]
        covered = np.mean(
            [covers(i, study.true) for i, study in zip(intervals, reported, strict=True)]
        )
        error = math.sqrt(covered * (1 - covered) / len(reported))
        width = np.median([i.high - i.low for i in intervals])
        cells.append(f"{name} {covered:6.1%} ± {error:4.1%}, width {width:5.1f} h")
    truth = np.mean([study.true for study in reported])
    return (
        f"{design:<13} {effect:<11} {len(reported)} of {len(hours)} studies,"
        f" true {truth:4.1f} h a week: {'; '.join(cells)}"
    )


def main() -> None:
    """Print the coverage for each design and effect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument(
        "--designs", nargs="+", choices=STUDY_DESIGNS, default=("randomised", "before-after")
    )
    arguments = parser.parse_args()
    model = made_up_model(np.random.default_rng(0), developers=10)
    for design in arguments.designs:
        for effect in EFFECTS:
            hours = list(study_hours(model, design, effect, arguments.studies))
            print(coverage_line(design, effect, hours), flush=True)


if __name__ == "__main__":
    main()
