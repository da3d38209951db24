"""Why there is no interval: each reason comes with advice that fits the log."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.records import ArmRule, Cutover, StudyDesign
from tracker.evidence.activity import estimate_activity
from tracker.evidence.results import Threat
from tracker.evidence.threats import no_interval

ONE_DATE = ArmRule("rollout", (Cutover(20_500),))
TWO_DATES = ArmRule("rollout", (Cutover(20_500, developer="a"), Cutover(20_600, developer="b")))


def work(arm: str | None, status: str = "closed") -> pd.DataFrame:
    """Return work items of one arm, or of both, with one status."""
    items = panels.items(np.random.default_rng(1), developers=6, per_developer=10)
    items = items if arm is None else items[items["arm"] == arm]
    minutes = 0.0 if status == "zero" else items["minutes"]
    return items.assign(status=status, minutes=minutes)


def reason(
    items: pd.DataFrame, design: StudyDesign | None, rule: ArmRule | None, **options: int
) -> Threat:
    """Return the only reason for the missing interval."""
    estimate = estimate_activity(
        panels.moments(items),
        activity="design",
        design=design,
        level=0.95,
        interval_level=0.95,
        rule=rule,
        **options,
    )
    assert estimate.log_ratio is None
    (threat,) = estimate.reasons
    return threat


@pytest.mark.parametrize(
    ("arm", "design", "rule", "code", "words"),
    [
        ("baseline", None, ArmRule("baseline"), "baseline-only", "nothing in the log says"),
        ("baseline", "before-after", ONE_DATE, "baseline-only", "since the rollout on 2026-02-16"),
        ("baseline", "staggered", TWO_DATES, "baseline-only", "from 2026-02-16 to 2026-05-27"),
        ("baseline", "self-selected", ArmRule("assisted"), "baseline-only", "of this activity"),
        ("baseline", "randomised", ArmRule("assigned"), "too-little-data", "the baseline arm"),
        ("assistance", "before-after", ONE_DATE, "too-little-data", "no work before 2026-02-16: "),
        ("assistance", "staggered", TWO_DATES, "too-little-data", "before the rollouts from"),
        ("assistance", "self-selected", ArmRule("assisted"), "too-little-data", "without assist"),
        ("assistance", "randomised", ArmRule("assigned"), "too-little-data", "the assistance arm"),
        ("assistance", "randomised", None, "too-little-data", "the assistance arm"),
    ],
)
def test_one_arm(
    arm: str, design: StudyDesign | None, rule: ArmRule | None, code: str, words: str
) -> None:
    """The reason names what is missing under the rule that makes the arms."""
    threat = reason(work(arm), design, rule)
    assert threat.code == code
    assert words in threat.message
    assert threat.advice
    assert "  " not in threat.message + threat.advice


@pytest.mark.parametrize(
    ("status", "words"), [("open", "open"), ("immature", "begun too late"), ("zero", "0 minutes")]
)
def test_work_that_does_not_count(status: str, words: str) -> None:
    """Open, late and zero-minute work is counted, and what to do is to mark it as done."""
    items = pd.concat([work("baseline"), work("assistance", status)])
    estimate = estimate_activity(
        panels.moments(items), activity="design", design="before-after", level=0.95,
        interval_level=0.95, rule=ONE_DATE,
    )  # fmt: skip
    assert "no work item in the assistance arm counts yet" in estimate.reasons[0].message
    assert words in estimate.reasons[0].message
    threat = reason(work("baseline", status), None, ArmRule("baseline"))
    assert threat.code == "baseline-only"
    assert words in threat.message


def test_no_work_and_no_arm_differ() -> None:
    """Without any work there is no arm to miss."""
    nothing = work(None).iloc[:0]
    assert "no work of this activity" in reason(nothing, None, None, without_arm=0).message
    assert "no work item has an arm" in reason(nothing, None, None, without_arm=3).message
    assert "no work item has an arm" in reason(nothing, None, None).message


def test_the_spread_of_a_baseline_is_told() -> None:
    """σ is that of ln minutes around developer and estimate (0.8 in these items)."""
    items = panels.items(np.random.default_rng(2), developers=8, per_developer=200)
    threat = reason(items[items["arm"] == "baseline"], None, ArmRule("baseline"))
    label, figure = threat.figures[1]
    assert label == "spread of ln minutes, same developer and estimate"
    assert float(figure.removeprefix("σ = ")) == pytest.approx(0.8, abs=0.03)


def test_advice_fits_the_arm_that_lacks_work() -> None:
    """Work before a rollout comes from an older log only; work since then can be logged."""
    items = work(None)
    baseline, assistance = (items[items["arm"] == arm] for arm in ("baseline", "assistance"))
    few_before = pd.concat([baseline.iloc[:3], assistance])
    few_since = pd.concat([baseline, assistance.iloc[:3]])
    assert "older log" in reason(few_before, "before-after", ONE_DATE).advice
    assert "Keep logging" in reason(few_since, "before-after", ONE_DATE).advice


def test_too_little_keeps_its_code() -> None:
    """Scripts know the code."""
    assert no_interval.too_little("x", "y").code == "too-little-data"
