"""Judges simulated studies as `check` would, without a database.

Every work item is one row of a moments frame, so the GROUP BY is skipped. A test holds the verdicts
equal to those of the same studies imported and judged from the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.question import Question
from tracker.domain.records import ArmRule, StudyDesign
from tracker.domain.times import DAY_SECONDS, month_of_day
from tracker.evidence.activity import check_near_zero_minutes, estimate_activity
from tracker.evidence.designs.study_design import (
    arm_rules,
    choose_design,
    last_mature_start_day,
)
from tracker.evidence.disclosure import developers_compared
from tracker.evidence.judgement import decide_claim
from tracker.evidence.moments import Mask
from tracker.evidence.results import Interval, Verdict
from tracker.simulation.studies import SimulatedStudy, StudySetup, developer_name, draw_study
from tracker.simulation.work_model import WorkModel

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class StudyVerdicts:
    """The verdicts on a simulated study."""

    design: StudyDesign | None
    """The design by which it was judged; None where no arms are recorded."""
    verdicts: tuple[Verdict, ...]
    """One for each claim about the activity; one where there is none."""
    log_ratio: Interval | None
    """The interval on θ; None where no verdict is given."""


def simulate_studies(
    model: WorkModel, setup: StudySetup, question: Question, *, studies: int
) -> Iterator[StudyVerdicts]:
    """Draw and judge studies, one after the other.

    The study of a number has the same work under every design and truth.

    Args:
        model: What the work is drawn from.
        setup: The design, the length and the truth of each study.
        question: The claims, the level and the reading; its seed and the number of a study
            determine the draws.
        studies: The number of studies.

    """
    for number in range(studies):
        study = draw_study(model, setup, np.random.default_rng([question.seed, number]))
        yield judge_study(study, question)


def judge_study(study: SimulatedStudy, question: Question) -> StudyVerdicts:
    """Judge a study by the strongest design for which it holds enough, as `check` does.

    Args:
        study: The study.
        question: The claims, the level and the reading. Without a claim about the study's
            activity, it is judged whether there is any gain.

    Raises:
        BadValue: Anytime bounds are required of a design without drawn arms.

    """
    claims = question.claims_about(study.setup.activity) or (None,)
    frames = {name: _moments(study, rule) for name, rule in _recorded_rules(study)}
    design = choose_design(frames).design
    if design is None:
        return StudyVerdicts(None, tuple("cannot-tell" for _ in claims), None)
    frame = frames[design]
    estimate = check_near_zero_minutes(
        estimate_activity(
            frame,
            activity=study.setup.activity,
            design=design,
            level=question.level,
            interval_level=question.interval_level,
            items=lambda: frame,
            anytime=question.anytime,
        )
    )
    compared = developers_compared(estimate)
    if 0 < len(compared) < MIN_DEVELOPERS_SHOWN <= len(np.unique(study.developer)):
        return StudyVerdicts(design, tuple("cannot-tell" for _ in claims), None)
    return StudyVerdicts(
        design,
        tuple(decide_claim(estimate, claim, reading=question.reading) for claim in claims),
        estimate.judged_log_ratio,
    )


def _recorded_rules(study: SimulatedStudy) -> Iterator[tuple[StudyDesign, ArmRule]]:
    """Yield the designs whose arms are recorded, and the rule of each."""
    recorded = {
        "assigned": study.assigned is not None,
        "assisted": study.assisted is not None and bool(study.assisted.any()),
    }
    for design, rule in arm_rules(study.rollouts).items():
        if rule.by == "rollout" or recorded[rule.by]:
            yield design, rule


def _moments(study: SimulatedStudy, rule: ArmRule) -> pd.DataFrame:
    """Return one row per work item that has an arm, with the columns of moments and of items."""
    assistance, has_arm = _arms(study, rule)
    started, finished = study.started, study.finished
    logged = study.logged
    now_epoch = int(study.sitting_ended[logged].max())
    done = finished <= now_epoch
    arm = np.where(assistance, "assistance", "baseline")
    day = started // DAY_SECONDS
    last_start_day = last_mature_start_day(
        pd.DataFrame({"arm": arm, "days": (finished - started) // DAY_SECONDS, "n": 1})[
            done & has_arm
        ],
        now_epoch=now_epoch,
    )
    mature = True if last_start_day is None else day <= last_start_day
    minutes = np.bincount(study.sitting_item, weights=study.sitting_seconds * logged) / 60.0
    estimates = np.zeros(len(study)) if study.estimate_minutes is None else study.estimate_minutes
    estimated = estimates > 0
    y, x = np.log(minutes), np.log(np.where(estimated, estimates, 1.0))
    days, position = np.unique(day, return_inverse=True)
    month = np.array([month_of_day(int(value)) for value in days])[position]
    frame = {
        "developer": np.array([*map(developer_name, range(study.developers))])[study.developer],
        "activity": study.setup.activity,
        "arm": arm,
        "period": month,
        "month": month,
        "status": np.where(done, np.where(mature, "closed", "immature"), "open"),
        "estimated": estimated,
        "minutes": minutes,
        "estimate_minutes": np.where(estimated, estimates, np.nan),
        "n": 1,
        **{"y": y, "yy": y * y, "x": x, "xx": x * x, "xy": x * y},
        **{"t": minutes, "tt": minutes**2},
        **{"w": estimates, "ww": estimates**2, "tw": minutes * estimates},
    }
    rows = pd.DataFrame(frame)
    return rows if has_arm.all() else rows[has_arm]


def _arms(study: SimulatedStudy, rule: ArmRule) -> tuple[Mask, Mask]:
    """Return which work items the rule puts into the assistance arm, and which it gives an arm."""
    everything = np.ones(len(study), dtype=bool)
    if rule.by == "assigned" and study.assigned is not None:
        return study.assigned, everything
    if rule.by == "assisted" and study.assisted is not None:
        return study.assisted, everything
    cutovers = np.full(study.developers, _NEVER)
    for cutover in rule.cutovers:
        cutovers[_numbers(study, cutover.developer)] = cutover.day
    cutover_day = cutovers[study.developer]
    has_arm = everything if rule.never_treated else cutover_day < _NEVER
    return study.started // DAY_SECONDS >= cutover_day, has_arm


def _numbers(study: SimulatedStudy, name: str | None) -> slice:
    """Return which developers a rollout concerns: the one of that name, else everybody."""
    if name is None:
        return slice(None)
    number = next(n for n in range(study.developers) if developer_name(n) == name)
    return slice(number, number + 1)


def study_moments(study: SimulatedStudy) -> tuple[ArmRule, pd.DataFrame] | None:
    """Return the rule of the study's own design, and its work items as moments.

    None where no arms of that design are recorded.
    """
    rule = dict(_recorded_rules(study)).get(study.setup.design)
    return None if rule is None else (rule, _moments(study, rule))


def study_arms(study: SimulatedStudy) -> tuple[Mask, Mask]:
    """Return which work items are in the assistance arm by the rule of the study's own design.

    The second mask says which have an arm at all.
    """
    rule = dict(_recorded_rules(study)).get(study.setup.design)
    if rule is None:
        nothing = np.zeros(len(study), dtype=bool)
        return nothing, nothing
    return _arms(study, rule)
