"""Other work as a control: when it is held against a comparison, and what is left of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.records import StudyDesign
from tracker.evidence.activity import ActivityEstimate, estimate_activity
from tracker.evidence.estimators.control import fit_control, leave_one_out_less_control
from tracker.evidence.estimators.primary import estimate_within_developers, hold_against
from tracker.evidence.item_cells import cell_reader
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import BY_DEVELOPER_AND_ACTIVITY, cells_from_items
from tracker.evidence.other_work import OtherWork, began_with
from tracker.evidence.results import Result
from tracker.evidence.sensitivity import specification_curve


def simulated(
    activity: str, seed: int, *, effect: float = 0.0, developers: int = 8
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return panels.items(
        rng, activity=activity, effect=effect, developers=developers, by_date=True, spread=0.5
    )


def other_items(*, effect: float = -0.2, developers: int = 8) -> pd.DataFrame:
    parts = [
        simulated(activity, seed, effect=effect, developers=developers)
        for activity, seed in (("coding", 1), ("review", 2))
    ]
    return pd.concat(parts, ignore_index=True)


def answers_of(others: pd.DataFrame, unassisted: Callable[[int], int]) -> pd.DataFrame:
    """Return counts of 10 entries for each developer and activity."""
    keys = others[["developer", "activity"]].drop_duplicates()
    return keys.assign(entries=10, unassisted=[unassisted(index) for index in range(len(keys))])


def estimated(
    work: pd.DataFrame,
    others: pd.DataFrame,
    design: StudyDesign = "before-after",
    *,
    answers: pd.DataFrame | None = None,
    **options: int,
) -> ActivityEstimate:
    reader = None if answers is None else lambda: answers
    return estimate_activity(
        panels.moments(work),
        activity="design",
        design=design,
        level=0.95,
        interval_level=0.95,
        items=cell_reader(lambda: work, "design"),
        other_work=OtherWork(lambda: others, answers=reader, **options),
    )


def judged(activity_estimate: ActivityEstimate) -> Result:
    curve = specification_curve(activity_estimate, np.random.default_rng(0))
    return judge_claim(activity_estimate, None, curve=curve)


@pytest.mark.parametrize(
    ("unassisted", "is_primary"),
    [(lambda _: 10, True), (lambda _: 9, True), (lambda _: 0, False), (lambda i: 8 + i % 2, False)],
    ids=["all", "nine in ten", "none", "85 %"],
)
def test_nine_in_ten_must_be_unassisted(unassisted: Callable[[int], int], is_primary: bool) -> None:
    """Then the other work is taken off."""
    others = other_items()
    result = estimated(simulated("design", 0), others, answers=answers_of(others, unassisted))
    assert result.is_controlled == is_primary
    assert result.drift_sd == (0.11 if is_primary else 0.15)


def test_answers_of_work_that_is_not_compared_do_not_count() -> None:
    """Those of a developer without the judged activity would decide it otherwise."""
    work, others = simulated("design", 0), other_items()
    answers = answers_of(others, lambda _: 9)
    stranger = pd.DataFrame(
        [{"developer": "stranger", "activity": "coding", "entries": 1000, "unassisted": 0}]
    )
    with_stranger = pd.concat([answers, stranger], ignore_index=True)
    assert estimated(work, others, answers=with_stranger).is_controlled


@pytest.mark.parametrize("design", ["randomised", "self-selected"])
def test_only_before_and_after_has_a_control(design: StudyDesign) -> None:
    """Drawn arms need none, and chosen ones differ otherwise."""
    others = other_items()
    result = estimated(
        simulated("design", 0), others, design, answers=answers_of(others, lambda _: 10)
    )
    assert result.read_control is None
    assert not result.is_controlled


def test_fewer_than_five_developers_have_no_control() -> None:
    """Their interval is about these developers only."""
    others = other_items(developers=4)
    work = simulated("design", 0, developers=4)
    result = estimated(work, others, answers=answers_of(others, lambda _: 10))
    assert result.read_control is None


@pytest.mark.parametrize(("min_developers", "has_control"), [(5, False), (3, True)])
def test_the_control_has_at_least_as_many_developers_as_are_required(
    min_developers: int, has_control: bool
) -> None:
    """Of eight developers compared, three have other work here."""
    others = pd.concat([simulated("coding", 1, developers=3), simulated("review", 2, developers=3)])
    result = estimated(simulated("design", 0), others, min_developers=min_developers)
    assert result.read_control is not None
    assert (result.read_control() is not None) == has_control


def test_the_smallest_control() -> None:
    """40 items, 15 of them in each arm: one less, and there is none."""
    rows = pd.DataFrame(
        {
            "developer": ["a", "b"] * 20,
            "activity": "coding",
            "arm": ["baseline"] * 25 + ["assistance"] * 15,
            "month": 0,
            "minutes": np.exp(np.sin(np.arange(40))),
            "estimate_minutes": np.exp(np.cos(np.arange(40))),
        }
    )
    for work, enough in (
        (rows, True),
        (rows.iloc[1:], False),
        (rows.assign(arm=["baseline"] * 26 + ["assistance"] * 14), False),
        (rows.assign(arm=["assistance"] * 26 + ["baseline"] * 14), False),
    ):
        cells = cells_from_items(work, BY_DEVELOPER_AND_ACTIVITY)
        assert (fit_control(cells, {"a", "b"}, None) is not None) == enough
        assert fit_control(cells, {"a"}, None) is None


def test_work_begins_between_the_first_and_the_last_day_of_finished_estimated_items() -> None:
    """Both days included; open items and those without an estimate do not widen them."""
    days = [10, 20, 30, 5, 40]
    work = panels.frame(developer="a", arm="baseline", minutes=[1.0] * 5, estimate_minutes=30.0)
    work = work.assign(day=days, status=["closed"] * 4 + ["open"])
    work.loc[3, "estimate_minutes"] = np.nan
    others = pd.DataFrame({"day": [9, 10, 25, 30, 31]})
    assert began_with(work, others)["day"].tolist() == [10, 25, 30]


def test_without_a_developer_both_are_fitted_anew() -> None:
    """θ − 0.45·θ_c without each developer equals that of the work of the others alone."""
    work, others = panels.in_both_arms(simulated("design", 0)), other_items()
    held = estimated(work, others, answers=answers_of(others, lambda _: 10)).estimate
    assert held is not None
    assert held.control is not None
    control_fit = held.control.fit_of(held.developer_names)
    assert held.fit is not None
    assert held.difference == held.fit.theta != held.theta
    assert control_fit is not None
    left_out = leave_one_out_less_control(held.fit, control_fit)
    for number in range(len(left_out)):
        mask = np.arange(len(left_out)) != number
        fitted = dataclasses.replace(held.fitted, cells=held.fitted.cells.for_developers(mask))
        refit = estimate_within_developers(
            fitted, held.terms, None, design="before-after", error_unit="developers"
        )
        assert refit is not None
        again = hold_against(refit, held.control)
        assert again is not None
        assert again.theta == pytest.approx(left_out[number], abs=1e-9)


@pytest.mark.parametrize(("effect", "hides"), [(-0.5, True), (0.5, False)])
@pytest.mark.parametrize("unassisted", [0, 10])
def test_a_control_that_was_speeded_up_is_said_to_hide_some_of_it(
    effect: float, hides: bool, unassisted: int
) -> None:
    """In the sentence and beside the point, with θ_c; a slower one hides nothing."""
    others = other_items(effect=effect)
    result = judged(
        estimated(simulated("design", 0), others, answers=answers_of(others, lambda _: unassisted))
    )
    assert result.control is not None
    assert result.control.is_primary == (unassisted == 10)
    assert (result.control.log_ratio < 0) == hides
    (point,) = [point for point in result.sensitivity if point.control]
    assert f"θ_c = {result.control.log_ratio:.3f}" in point.note
    assert ("hidden" in point.note) == ("is hidden" in result.sentences.control) == hides
    changed = "less time" if hides else "more time"
    assert changed in result.sentences.control


def test_swapping_arms_negates_it_and_units_and_order_leave_it() -> None:
    """θ − 0.45·θ_c keeps the invariants of θ."""
    work, others = simulated("design", 0), other_items()
    answers = answers_of(others, lambda _: 10)
    first = estimated(work, others, answers=answers).log_ratio
    assert first is not None
    swap = {"baseline": "assistance", "assistance": "baseline"}
    swapped = estimated(
        work.assign(arm=work["arm"].map(swap)),
        others.assign(arm=others["arm"].map(swap)),
        answers=answers,
    ).log_ratio
    assert swapped is not None
    assert swapped.estimate == pytest.approx(-first.estimate, abs=1e-9)
    assert swapped.low == pytest.approx(-(first.high or 0.0), abs=1e-9)
    changed = estimated(
        work.sample(frac=1.0, random_state=1).assign(minutes=lambda rows: 3 * rows["minutes"]),
        others.sample(frac=1.0, random_state=1).assign(minutes=lambda rows: 7 * rows["minutes"]),
        answers=answers,
    ).log_ratio
    assert changed is not None
    assert dataclasses.astuple(changed) == pytest.approx(dataclasses.astuple(first), abs=1e-9)
