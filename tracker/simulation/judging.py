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
from tracker.evidence.activity import check_near_zero_minutes, estimate_activity
from tracker.evidence.designs.study_design import choose_design
from tracker.evidence.disclosure import developers_compared
from tracker.evidence.item_cells import cell_reader
from tracker.evidence.judgement import decide_claim
from tracker.evidence.results import Interval, Verdict
from tracker.simulation.studies import SimulatedStudy, StudySetup, developer_name, draw_study
from tracker.simulation.study_items import StudyItems, recorded_rules, study_arms, study_items
from tracker.simulation.work_model import WorkModel


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
    items = study_items(study)
    frames = {name: _moments(study, items, rule) for name, rule in recorded_rules(study)}
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
            items=cell_reader(lambda: frame, study.setup.activity),
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


def _moments(study: SimulatedStudy, items: StudyItems, rule: ArmRule) -> pd.DataFrame:
    """Return one row per work item that has an arm, with the columns of moments and of items."""
    assistance, has_arm = study_arms(study, rule)
    mature = items.mature(has_arm & ~assistance)
    frame = {
        "developer": np.array([*map(developer_name, range(study.developers))])[study.developer],
        "activity": study.setup.activity,
        "arm": np.where(assistance, "assistance", "baseline"),
        "period": items.month,
        "month": items.month,
        "status": np.where(items.complete, np.where(mature, "closed", "immature"), "open"),
        "estimated": items.estimated,
        "minutes": items.sums["t"],
        "estimate_minutes": np.where(items.estimated, items.sums["w"], np.nan),
        **items.sums,
    }
    rows = pd.DataFrame(frame)
    return rows if has_arm.all() else rows[has_arm]


def study_moments(study: SimulatedStudy) -> tuple[ArmRule, pd.DataFrame] | None:
    """Return the rule of the study's own design, and its work items as moments.

    None where no arms of that design are recorded.
    """
    rule = dict(recorded_rules(study)).get(study.setup.design)
    return None if rule is None else (rule, _moments(study, study_items(study), rule))
