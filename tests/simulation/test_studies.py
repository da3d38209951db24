"""Drawn studies: reproducible, of the design that was asked for, with the truth put in."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tracker.domain.errors import BadValue
from tracker.domain.records import STUDY_DESIGNS, StudyDesign
from tracker.domain.times import DAY_SECONDS
from tracker.simulation.studies import (
    FIRST_DAY,
    TIME_RATIOS,
    SimulatedStudy,
    StudySetup,
    draw_study,
    number_of_items,
)
from tracker.simulation.work_model import WorkModel, made_up_model

MODEL = made_up_model(np.random.default_rng(0))


def draw(
    design: StudyDesign = "randomised", theta: float = 0.0, *, seed: int = 1, **options: int
) -> SimulatedStudy:
    """Return a study of 20 weeks."""
    setup = StudySetup(design, 20, theta, **options)
    return draw_study(MODEL, setup, np.random.default_rng(seed))


def assistance(study: SimulatedStudy) -> np.ndarray:
    """Return which items are done with assistance, by what the study records."""
    for recorded in (study.assigned, study.assisted):
        if recorded is not None:
            return recorded
    days = np.full(study.developers, np.iinfo(np.int64).max)
    for rollout in study.rollouts:
        if rollout.developer is None:
            days[:] = rollout.day
        else:
            days[int(rollout.developer.rpartition("-")[2]) - 1] = rollout.day
    return np.asarray(study.started // DAY_SECONDS >= days[study.developer])


@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_the_same_seed_draws_the_same_study(design: StudyDesign) -> None:
    """Two draws with one seed are equal, with another seed they are not."""
    first, second, other = draw(design), draw(design), draw(design, seed=2)
    np.testing.assert_array_equal(first.seconds, second.seconds)
    np.testing.assert_array_equal(first.sitting_started, second.sitting_started)
    assert first.rollouts == second.rollouts
    assert not np.array_equal(first.seconds, other.seconds)


@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_the_truth_is_in_work_with_assistance_alone(design: StudyDesign) -> None:
    """With θ = ln 0.8 each item with assistance takes 0.8 times as long, to half a second."""
    without, study = draw(design), draw(design, math.log(0.8))
    with_assistance = assistance(study)
    assert 0 < with_assistance.sum() < len(study)
    np.testing.assert_array_equal(
        study.seconds[~with_assistance], without.seconds[~with_assistance]
    )
    difference = study.seconds - 0.8 * without.seconds
    assert np.abs(difference[with_assistance]).max() <= 0.5 + 0.5 * 0.8
    np.testing.assert_array_equal(study.sitting_item, without.sitting_item)
    np.testing.assert_array_equal(study.sitting_started, without.sitting_started)


def test_sittings_add_up_to_the_effort() -> None:
    """The sittings of an item sum to its seconds, follow one another, and begin on workdays."""
    study = draw()
    sums = np.bincount(study.sitting_item, weights=study.sitting_seconds)
    np.testing.assert_array_equal(sums, study.seconds)
    same = study.sitting_item[1:] == study.sitting_item[:-1]
    assert (study.sitting_started[1:] >= study.sitting_ended[:-1])[same].all()
    assert ((study.started // DAY_SECONDS - FIRST_DAY) % 7 < 5).all()
    assert (study.sitting_seconds[study.logged] <= 12 * 3600).all()


def test_work_at_the_end_is_unfinished() -> None:
    """What would end after the study is not logged, and every item has a first sitting."""
    study = draw()
    end = (FIRST_DAY + 7 * 20) * DAY_SECONDS
    assert study.sitting_ended[study.logged].max() <= end
    assert set(study.sitting_item[study.logged]) == set(range(len(study)))
    assert 0 < (study.finished > end).mean() < 0.1


@pytest.mark.parametrize("design", STUDY_DESIGNS)
def test_arms_come_about_by_the_design(design: StudyDesign) -> None:
    """Coins and choices differ within a developer's week, rollouts do not."""
    study = draw(design)
    assert (study.assigned is not None) == (design == "randomised")
    assert (study.assisted is not None) == (design == "self-selected")
    dates = {rollout.day for rollout in study.rollouts}
    named = [rollout.developer for rollout in study.rollouts if rollout.developer]
    if design == "before-after":
        assert dates == {FIRST_DAY + 70}
        assert not named
    elif design == "staggered":
        assert len(dates) > 1
        assert len(named) == len(study.rollouts) <= MODEL.developers
    else:
        assert not dates


def test_the_number_of_items_is_that_of_the_pace_unless_given() -> None:
    """By their pace the developers begin so many items; a number that is given holds."""
    assert len(draw()) == number_of_items(MODEL, 20) == round(20 * MODEL.items_per_week.sum())
    assert len(draw(items=77)) == 77


def test_a_longer_team_has_more_developers() -> None:
    """With more developers the study has theirs too."""
    study = draw_study(
        MODEL.with_developers(20), StudySetup("randomised", 20), np.random.default_rng(1)
    )
    assert study.developers == 20
    assert len(np.unique(study.developer)) == 20


def test_minutes_follow_the_model() -> None:
    """Without residuals and drift ln minutes are the developer's pace and the slope of x."""
    model: WorkModel = replace(
        MODEL, residuals=np.zeros(MODEL.items), team_drift=0.0, developer_drift=0.0
    )
    study = draw_study(model, StudySetup("randomised", 20), np.random.default_rng(1))
    assert study.estimate_minutes is not None
    expected = (
        model.intercept
        + model.paces[study.developer]
        + model.slope * np.log(study.estimate_minutes)
    )
    np.testing.assert_allclose(study.seconds, 60.0 * np.exp(expected), atol=0.5)


def test_drift_moves_the_team_between_the_halves() -> None:
    """Of 300 studies without spread the second half differs by the drift that was put in."""
    model = replace(MODEL, residuals=np.zeros(MODEL.items), slope=0.0, developer_drift=0.0)
    model = replace(model, paces=np.zeros(model.developers), team_drift=0.3)
    changes = []
    for seed in range(300):
        study = draw_study(
            model, StudySetup("randomised", 20, items=2000), np.random.default_rng(seed)
        )
        late = study.started // DAY_SECONDS >= FIRST_DAY + 70
        y = np.log(study.seconds)
        changes.append(y[late].mean() - y[~late].mean())
    assert np.std(changes) == pytest.approx(0.3, abs=0.04)  # 0.3/√600 = 0.012


@pytest.mark.parametrize(
    "options",
    [
        *({"weeks": 1}, {"weeks": 521}, {"weeks": 9, "items": 0}),
        *({"weeks": 9, "log_ratio": math.log(ratio)} for ratio in (0.0099, 5.01)),
    ],
)
def test_impossible_studies_are_refused(options: dict[str, int]) -> None:
    """A study of no length, no work or an absurd truth is a bad value."""
    with pytest.raises(BadValue):
        StudySetup("randomised", **options)


def test_work_that_takes_five_times_as_long_is_logged() -> None:
    """At the largest time ratio every work item has minutes at the end of the study."""
    model = replace(
        MODEL, residuals=np.linspace(-2.0, 9.0, MODEL.items), days=np.zeros_like(MODEL.days)
    )
    setup = StudySetup("randomised", 2, math.log(TIME_RATIOS[1]))
    study = draw_study(model, setup, np.random.default_rng(1))
    assert len(np.unique(study.sitting_item[study.logged])) == len(study)
