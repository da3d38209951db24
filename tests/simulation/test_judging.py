"""Judging simulated studies in memory: the verdicts of `check`, study by study."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import simulated_studies
from tracker.domain.errors import BadValue
from tracker.domain.question import Question
from tracker.domain.records import STUDY_DESIGNS, Claim, StudyDesign
from tracker.simulation.judging import judge_study, simulate_studies
from tracker.simulation.studies import StudySetup, draw_study
from tracker.simulation.work_model import made_up_model

CLAIM = Claim("half", "design", 0.5, "efficiency_gain", "at_least", "made up")
QUESTION = Question(claims=(CLAIM,))
MODEL = made_up_model(np.random.default_rng(0))
SIZES = ((8, 26), (6, 12), (3, 10), (5, 4))
"""Developers and weeks, in turn: from an ordinary study to one too small for a verdict."""


@pytest.mark.usefixtures("without_plans")
@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_verdicts_are_those_of_check(design: StudyDesign, tmp_path: Path) -> None:
    """12 studies, written as CSV, imported and assessed, get the same design and verdict.

    Their intervals are equal to 1e-9.
    """
    for number in range(12):
        developers, weeks = SIZES[number % len(SIZES)]
        setup = StudySetup(design, weeks, -math.log(1.0 + number / 24))
        folder = tmp_path / str(number)
        folder.mkdir()
        pair = simulated_studies.judge_twice(
            MODEL.with_developers(developers), setup, number, folder
        )
        assert pair.agrees
        simulated, imported = pair.in_memory.log_ratio, pair.imported.log_ratio
        if imported is None or simulated is None:
            assert imported is simulated is None
        else:
            assert simulated.low == pytest.approx(imported.low, abs=1e-9)
            assert simulated.high == pytest.approx(imported.high, abs=1e-9)


def test_equal_seeds_give_equal_verdicts() -> None:
    """The seed of the question determines the studies; another one gives others."""
    setup = StudySetup("randomised", 12, -0.2)
    runs = [
        list(simulate_studies(MODEL, setup, Question(claims=(CLAIM,), seed=seed), studies=5))
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_the_true_effect_moves_the_interval_by_itself(design: StudyDesign) -> None:
    """With the same work a true θ shifts the interval by θ, but for the rounding to seconds."""
    low = []
    for theta in (0.0, -0.4):
        study = draw_study(MODEL, StudySetup(design, 26, theta), np.random.default_rng(5))
        interval = judge_study(study, QUESTION).log_ratio
        assert interval is not None
        assert interval.low is not None
        low.append(interval.low)
    assert low[1] - low[0] == pytest.approx(-0.4, abs=2e-3)


def test_every_claim_about_the_activity_has_a_verdict() -> None:
    """One study is judged by all claims about its activity, and by whether there is any gain."""
    study = draw_study(MODEL, StudySetup("randomised", 26, -0.4), np.random.default_rng(1))
    small = Claim("small", "design", 0.05, "efficiency_gain", "at_least", "made up")
    testing = Claim("other", "testing", 0.05, "efficiency_gain", "at_least", "made up")
    judged = judge_study(study, Question(claims=(CLAIM, testing, small)))
    assert judged.verdicts == ("plausible", "supported")
    assert judge_study(study, Question(activities=("design",))).verdicts == ("faster",)


def test_a_study_without_arms_cannot_tell() -> None:
    """Where nobody used the assistant nothing is compared."""
    model = MODEL.with_developers(1)
    setups = (StudySetup("self-selected", 2, items=1), StudySetup("staggered", 2, items=1))
    judged = [
        judge_study(draw_study(model, setup, np.random.default_rng(seed)), QUESTION)
        for setup in setups
        for seed in range(20)
    ]
    assert {study.verdicts for study in judged} == {("cannot-tell",)}
    assert None in {study.design for study in judged}


def test_anytime_bounds_need_drawn_arms() -> None:
    """They contain the plain ones, and as by `check` other designs are refused."""
    question = Question(claims=(CLAIM,), anytime=True)
    plain, anytime = (
        [
            study.log_ratio.high
            for study in simulate_studies(MODEL, StudySetup("randomised", 26), each, studies=6)
            if study.log_ratio is not None and study.log_ratio.high is not None
        ]
        for each in (QUESTION, question)
    )
    assert len(plain) == len(anytime) == 6
    assert all(wide >= narrow for wide, narrow in zip(anytime, plain, strict=True))
    assert sum(anytime) > sum(plain)
    with pytest.raises(BadValue, match="--anytime needs drawn arms"):
        next(simulate_studies(MODEL, StudySetup("before-after", 26), question, studies=1))
