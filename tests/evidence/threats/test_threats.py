"""Each threat is detected in data constructed to have it, and in no other data."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.records import ArmRule, Cutover
from tracker.evidence.results import Interval, Sensitivity, Threat
from tracker.evidence.threats import arms, detection, record_keeping, time_course, work
from tracker.evidence.threats.inputs import ThreatInputs

ONE_DATE = ArmRule("rollout", (Cutover(100),))
TWO_DATES = ArmRule("rollout", (Cutover(100, developer="a"), Cutover(200, developer="b")))


def work_items(**columns: object) -> pd.DataFrame:
    """Return 24 months of 8 developers' work, 12 before and 12 after a rollout, without a threat.

    Columns replace or add.
    """
    rng = np.random.default_rng(1)
    n = 1600
    month = 540 + rng.integers(0, 24, n)
    x = rng.normal(4, 0.9, n)
    items = panels.frame(
        developer=[f"d{d}" for d in rng.integers(0, 8, n)],
        arm=np.where(month >= 552, "assistance", "baseline"),
        minutes=np.exp(0.5 + 0.8 * x + rng.normal(0, 0.5, n)),
        estimate_minutes=np.exp(x),
        month=month,
    )
    return items.assign(**columns)


def threat_inputs(items: pd.DataFrame | None = None, **fields: object) -> ThreatInputs:
    """Return a before/after comparison of these items by eight developers.

    It has no other threats than those in the items and in ``fields``.
    """
    moments = panels.moments(work_items() if items is None else items)
    usual = {
        "activity": "design",
        "design": "before-after",
        "rule": ONE_DATE,
        "moments": moments,
        "developers": 8,
    }
    return ThreatInputs(**{**usual, **fields})


def since(items: pd.DataFrame) -> pd.DataFrame:
    """Return moments by blocks since a rollout at month 552, a block a month."""
    return panels.moments(items.assign(month=items["month"] - 552))


def quality(**of_baseline: int) -> pd.DataFrame:
    """Return two arms of 1,000 entries and 500 hours; the counts are those of the baseline."""
    counts = dict.fromkeys(
        (
            "heaped_15",
            "heaped_30",
            "heaped_60",
            "over_12h",
            "late",
            "overlapping",
            "straddle_seconds",
        ),
        0,
    )
    counts |= {
        "entries": 1000,
        "seconds": 1_800_000,
        "logged_after": 0,
        "edited_after": 0,
        "activity": "design",
    }
    other = counts | {
        "activity": "testing",
        "late": 1000,
        "overlapping": 1000,
        "heaped_60": 1000,
        "over_12h": 1000,
    }
    rows = [
        counts | of_baseline | {"arm": "baseline"},
        counts | {"arm": "assistance"},
        other | {"arm": "baseline"},
    ]
    return pd.DataFrame(rows)


def require(threat: Threat | None) -> Threat:
    """Return a threat that must have been detected, with complete sentences and advice."""
    assert threat is not None
    assert threat.message.endswith(".")
    assert threat.advice or threat.severity == "note"
    assert "nan" not in f"{threat.message}{threat.figures}"
    return threat


def test_few_developers() -> None:
    """Four developers are too few, five are not; without any there is no threat."""
    assert (
        "fewer than five developers"
        in require(arms.few_developers(threat_inputs(developers=4))).message
    )
    assert "One developer's" in require(arms.few_developers(threat_inputs(developers=1))).message
    assert arms.few_developers(threat_inputs(developers=5)) is None
    assert arms.few_developers(threat_inputs(developers=0)) is None


def test_one_rollout_date() -> None:
    """A before/after comparison with one rollout day for all has the threat, others not."""
    assert require(arms.one_rollout_date(threat_inputs())).severity == "serious"
    same_day = ArmRule("rollout", (Cutover(100, team="A"), Cutover(100, team="B")))
    assert arms.one_rollout_date(threat_inputs(rule=same_day)) is not None
    assert arms.one_rollout_date(threat_inputs(rule=TWO_DATES)) is None
    assert arms.one_rollout_date(threat_inputs(design="staggered")) is None


def test_self_chosen_tasks_have_the_estimates_by_arm() -> None:
    """A self-selected comparison has the threat, with the typical estimate of each arm."""
    items = work_items(estimate_minutes=np.where(work_items()["arm"] == "assistance", 30.0, 120.0))
    threat = require(arms.self_chosen_tasks(threat_inputs(items, design="self-selected")))
    assert [figure.split(" (")[0] for _, figure in threat.figures] == ["120 minutes", "30 minutes"]
    assert "+28 to +36 %" in threat.message
    assert arms.self_chosen_tasks(threat_inputs(items)) is None


def test_self_chosen_tasks_without_estimates_show_a_dash() -> None:
    """Without estimates there is no typical estimate, but the threat remains."""
    threat = require(
        arms.self_chosen_tasks(
            threat_inputs(
                work_items(estimate_minutes=np.nan), design="self-selected", adjusted=False
            )
        )
    )
    assert all(figure.startswith("—") for _, figure in threat.figures)


def test_one_arm_developers_are_counted() -> None:
    """More developers left out than compared is a caution; few compared are not counted."""
    assert (
        require(arms.one_arm_developers(threat_inputs(excluded={"one-arm-developer": 2}))).severity
        == "note"
    )
    many = require(arms.one_arm_developers(threat_inputs(excluded={"one-arm-developer": 9})))
    assert many.severity == "caution"
    assert "9 of 17 (53\N{NO-BREAK SPACE}%) developers" in many.message
    few = require(
        arms.one_arm_developers(threat_inputs(developers=2, excluded={"one-arm-developer": 9}))
    )
    assert not any(letter.isdigit() for letter in few.message)
    assert arms.one_arm_developers(threat_inputs(excluded={"open": 3})) is None


def test_items_without_an_arm_are_counted() -> None:
    """The message has their share; the advice depends on the study design."""
    threat = require(arms.without_arm(threat_inputs(without_arm=400, design="randomised")))
    assert "400 of 2,000 (20\N{NO-BREAK SPACE}%)" in threat.message
    assert "assign" in threat.advice
    assert "rollout" in require(arms.without_arm(threat_inputs(without_arm=400))).advice
    assert arms.without_arm(threat_inputs()) is None


def basis(yes: int = 100, no: int = 100, unknown: int = 0, trailer: int = 0) -> pd.DataFrame:
    """Return entries by what they say of assistance; another activity says nothing."""
    rows = [
        ("design", "yes", "flag", yes),
        ("design", "no", "flag", no),
        ("design", "yes", "trailer", trailer),
    ]
    rows += [("design", "unknown", np.nan, unknown), ("testing", "unknown", np.nan, 10_000)]
    return pd.DataFrame(
        [row for row in rows if row[-1]], columns=["activity", "assisted", "basis", "n"]
    )


def test_assisted_missing() -> None:
    """Where arms depend on the answers, some missing are a caution, many are serious."""
    flagged = {"rule": ArmRule("assisted"), "design": "self-selected"}
    assert (
        require(arms.assisted_missing(threat_inputs(basis=basis(unknown=20), **flagged))).severity
        == "caution"
    )
    assert (
        require(arms.assisted_missing(threat_inputs(basis=basis(unknown=100), **flagged))).severity
        == "serious"
    )
    assert arms.assisted_missing(threat_inputs(basis=basis(unknown=5), **flagged)) is None
    assert arms.assisted_missing(threat_inputs(basis=basis(unknown=100))) is None
    assert arms.assisted_missing(threat_inputs(**flagged)) is None


def test_assisted_inferred() -> None:
    """Inferred answers have the share of each basis and the verdict without them."""
    flagged = {"rule": ArmRule("assisted"), "design": "self-selected"}
    without = Sensitivity("stated", Interval(-0.4, -0.6, -0.2), "smaller")
    threat = require(
        arms.assisted_inferred(
            threat_inputs(basis=basis(trailer=50), without_inferred=without, **flagged)
        )
    )
    assert "50 of 250 (20\N{NO-BREAK SPACE}%)" in threat.message
    assert "49\N{NO-BREAK SPACE}% (a gain, but smaller than claimed)" in threat.message
    assert len(threat.figures) == 3
    without_data = Sensitivity("stated", None, None)
    threat = require(
        arms.assisted_inferred(
            threat_inputs(basis=basis(trailer=50), without_inferred=without_data, **flagged)
        )
    )
    assert "too little" in threat.message
    assert (
        "Without"
        not in require(
            arms.assisted_inferred(threat_inputs(basis=basis(trailer=50), **flagged))
        ).message
    )
    assert arms.assisted_inferred(threat_inputs(basis=basis(unknown=50), **flagged)) is None


def test_task_mix() -> None:
    """Smaller estimates with assistance are a threat, serious without adjustment; chance is not."""
    items = work_items()
    smaller = items["estimate_minutes"].where(
        items["arm"] == "baseline", items["estimate_minutes"] / 2
    )
    threat = require(work.task_mix(threat_inputs(work_items(estimate_minutes=smaller))))
    assert "smaller tasks" in threat.message
    x = np.log(smaller)
    groups = x.groupby([items["developer"], items["arm"]])
    spread = math.sqrt(((x - groups.transform("mean")) ** 2).sum() / (len(x) - 16))
    difference = (groups.mean().unstack("arm") @ [1, -1]).mean() / spread
    assert abs(float(threat.message.split("differ by ")[1][:4]) - abs(difference)) < 0.02
    assert threat.severity == "caution"
    assert (
        require(
            work.task_mix(threat_inputs(work_items(estimate_minutes=smaller), adjusted=False))
        ).severity
        == "serious"
    )
    assert work.task_mix(threat_inputs(items)) is None
    assert work.task_mix(threat_inputs(work_items(estimate_minutes=60.0))) is None
    assert work.task_mix(threat_inputs(work_items(estimate_minutes=np.nan), adjusted=False)) is None


def test_task_mix_is_within_developers() -> None:
    """More assistance for developers with larger tasks is no threat within developers."""
    items = work_items()
    large = items["developer"].isin(["d0", "d1", "d2"])
    estimates = items["estimate_minutes"] * np.where(large, 8, 1)
    rows = large == (items["arm"] == "assistance")
    remaining = items.assign(estimate_minutes=estimates)[rows | (np.arange(len(items)) % 10 == 0)]
    assert work.task_mix(threat_inputs(remaining)) is None


def projects(p: tuple[int, int], q: tuple[int, int]) -> pd.DataFrame:
    """Return the items of two projects: (baseline, assistance) each."""
    rows = [
        ("design", arm, name, n)
        for name, counts in (("p", p), ("q", q))
        for arm, n in zip(("baseline", "assistance"), counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["activity", "arm", "project", "n"])


def test_project_mix() -> None:
    """Arms in different projects are a threat; equal shares, chance or one project are not."""
    threat = require(work.project_mix(threat_inputs(projects=projects((80, 40), (20, 60)))))
    assert "40\N{NO-BREAK SPACE}%" in threat.message
    assert work.project_mix(threat_inputs(projects=projects((80, 75), (20, 25)))) is None
    assert work.project_mix(threat_inputs(projects=projects((4, 2), (1, 3)))) is None
    assert (
        work.project_mix(threat_inputs(projects=projects((80, 40), (20, 60)).assign(project="p")))
        is None
    )
    assert (
        work.project_mix(threat_inputs(projects=projects((80, 40), (20, 60)).assign(project=None)))
        is None
    )
    assert work.project_mix(threat_inputs()) is None


def test_missing_estimates() -> None:
    """A few items without an estimate are a note; too many to adjust are a caution."""
    items = work_items()
    estimates = items["estimate_minutes"].where(np.arange(len(items)) % 10 != 0)
    assert (
        require(
            work.missing_estimates(threat_inputs(work_items(estimate_minutes=estimates)))
        ).severity
        == "note"
    )
    threat = require(
        work.missing_estimates(threat_inputs(work_items(estimate_minutes=np.nan), adjusted=False))
    )
    assert threat.severity == "caution"
    assert "1,600 of 1,600" in threat.message
    assert work.missing_estimates(threat_inputs()) is None


def test_open_items_are_counted_by_arm() -> None:
    """Unfinished items are a note with each arm's share; very different shares a caution."""
    items = work_items()
    every_tenth = np.arange(len(items)) % 10 == 0
    few = np.where(every_tenth, "open", "closed")
    many = np.where(
        (items["arm"] == "assistance") & (np.arange(len(items)) % 3 == 0), "open", "closed"
    )
    assert require(work.open_items(threat_inputs(work_items(status=few)))).severity == "note"
    threat = require(work.open_items(threat_inputs(work_items(status=many))))
    assert threat.severity == "caution"
    assert threat.figures[0][1].startswith("0 of ")
    assert (
        "160 were begun too late"
        in require(
            work.open_items(
                threat_inputs(work_items(status=np.where(every_tenth, "immature", "closed")))
            )
        ).message
    )
    assert work.open_items(threat_inputs()) is None


def test_zero_minutes_alike_in_both_arms_are_a_note() -> None:
    """They are counted once: where the arms differ, the missing verdict has the threat."""
    items = work_items()
    some = np.where(np.arange(len(items)) % 25 == 0, "zero", "closed")
    one_sided = np.where(
        (np.arange(len(items)) % 5 == 0) & (items["arm"] == "baseline"), "zero", "closed"
    )
    assert require(work.zero_minutes(threat_inputs(work_items(status=some)))).severity == "note"
    assert work.zero_minutes(threat_inputs(work_items(status=one_sided))) is None
    assert work.zero_minutes(threat_inputs()) is None


def test_straddling() -> None:
    """The share of the baseline's hours after the rollout is a note, a large one a caution."""
    assert (
        require(work.straddling(threat_inputs(quality=quality(straddle_seconds=90_000)))).severity
        == "note"
    )
    threat = require(work.straddling(threat_inputs(quality=quality(straddle_seconds=360_000))))
    assert threat.severity == "caution"
    assert "100 of 500 (20\N{NO-BREAK SPACE}%) hours" in threat.message
    assert work.straddling(threat_inputs(quality=quality())) is None
    assert work.straddling(threat_inputs()) is None


def other_minutes(baseline: float, assistance: float, each: int = 400) -> pd.DataFrame:
    """Return testing of the same tasks: ``each`` items an arm with so many minutes on average."""
    rows = []
    for arm, mean in (("baseline", baseline), ("assistance", assistance)):
        minutes = np.random.default_rng(2).lognormal(0, 0.8, each)
        minutes *= mean / minutes.mean()
        rows.append(("design", arm, "testing", each, minutes.sum(), (minutes**2).sum()))
    return pd.DataFrame(
        rows, columns=["activity", "arm", "other", "n", "minutes", "minutes_squared"]
    )


def test_shifted_not_saved() -> None:
    """More testing of the same tasks is a threat; less, equal or little data is not."""
    threat = require(
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=other_minutes(60, 120)))
    )
    assert "testing" in threat.message
    assert "→" in threat.figures[0][1]
    assert (
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=other_minutes(120, 60)))
        is None
    )
    assert (
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=other_minutes(60, 61)))
        is None
    )
    assert (
        work.shifted_not_saved(
            threat_inputs(minutes_in_other_activities=other_minutes(60, 120, each=2))
        )
        is None
    )
    assert (
        work.shifted_not_saved(
            threat_inputs(
                minutes_in_other_activities=other_minutes(60, 120)[
                    lambda rows: rows["arm"] == "baseline"
                ]
            )
        )
        is None
    )
    assert work.shifted_not_saved(threat_inputs()) is None


def test_time_that_the_baseline_has_none_of_is_shifted_too() -> None:
    """Where there is no ratio the minutes decide; chance and very little are no threat."""
    minutes = other_minutes(0, 120)
    threat = require(work.shifted_not_saved(threat_inputs(minutes_in_other_activities=minutes)))
    assert "testing (0 → 60 minutes per item)" in threat.message
    assert threat.figures == (("minutes of testing per item", "0 → 60"),)
    assert threat.severity == "serious"
    only_assistance = minutes[minutes["arm"] == "assistance"]
    assert (
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=only_assistance)) == threat
    )
    assert (
        work.shifted_not_saved(threat_inputs(minutes_in_other_activities=other_minutes(0, 0.1)))
        is None
    )
    items = 800
    one_long_item = only_assistance.assign(minutes=2.0 * items, minutes_squared=(2.0 * items) ** 2)
    assert work.shifted_not_saved(threat_inputs(minutes_in_other_activities=one_long_item)) is None


def trending(monthly: float) -> pd.DataFrame:
    """Return work whose minutes change by e^monthly a month, over the whole log."""
    items = work_items()
    return work_items(minutes=items["minutes"] * np.exp(monthly * (items["month"] - 540)))


def test_drift() -> None:
    """A trend of the baseline is a threat either way; none visible is a note."""
    threat = require(time_course.drift(threat_inputs(trending(-0.05))))
    assert threat.severity == "serious"
    assert "less time from month to month" in threat.message
    assert "longer" in require(time_course.drift(threat_inputs(trending(0.05)))).message
    no_trend = require(time_course.drift(threat_inputs()))
    assert no_trend.severity == "note"
    assert "no reassurance" in no_trend.message
    assert time_course.drift(threat_inputs(trending(-0.05), design="randomised")) is None


def test_drift_needs_three_months() -> None:
    """A baseline of two months has a note that says so."""
    items = work_items()
    assert (
        "fewer than 3 months"
        in require(time_course.drift(threat_inputs(items[items["month"] >= 550]))).message
    )


def unusual_block(block: int, by: float) -> pd.DataFrame:
    """Return moments since the rollout, one block's minutes multiplied by e^by."""
    items = work_items()
    moved = items["minutes"] * np.where(items["month"] - 552 == block, np.exp(by), 1)
    return since(work_items(minutes=moved))


def test_regression_to_the_mean() -> None:
    """An unusual last month of the baseline is a threat either way; another month is not."""
    threat = require(
        time_course.regression_to_the_mean(threat_inputs(since=unusual_block(-1, 0.6)))
    )
    assert "look like a gain" in threat.message
    assert (
        "look like a loss"
        in require(
            time_course.regression_to_the_mean(threat_inputs(since=unusual_block(-1, -0.6)))
        ).message
    )
    assert time_course.regression_to_the_mean(threat_inputs(since=unusual_block(-3, 0.3))) is None
    assert time_course.regression_to_the_mean(threat_inputs(since=since(work_items()))) is None
    assert time_course.regression_to_the_mean(threat_inputs()) is None


def test_novelty() -> None:
    """An effect of eight weeks is a threat with the gain by weeks; a lasting one is not."""
    items = work_items()
    block = items["month"] - 552
    fading = since(work_items(minutes=items["minutes"] * np.where(np.isin(block, (0, 1)), 0.5, 1)))
    threat = require(time_course.novelty(threat_inputs(since=fading)))
    assert "wears off" in threat.message
    assert abs(int(threat.message.split("tasks took ")[1].split("\N{NO-BREAK SPACE}")[0]) - 50) <= 5
    gains = [
        float(figure.removesuffix("\N{NO-BREAK SPACE}%").replace("−", "-"))
        for _, figure in threat.figures
    ]
    assert len(gains) == 6
    assert gains[0] > 70
    assert max(abs(gain) for gain in gains[1:]) < 25
    lasting = since(work_items(minutes=items["minutes"] * np.where(block >= 0, 0.5, 1)))
    assert time_course.novelty(threat_inputs(since=lasting)) is None
    assert time_course.novelty(threat_inputs(since=fading, design="randomised")) is None


def test_novelty_of_a_short_log_is_a_note() -> None:
    """Eight weeks or less after the rollout are too few for settled habits."""
    items = work_items()
    threat = require(time_course.novelty(threat_inputs(since=since(items[items["month"] < 554]))))
    assert "8 weeks" in threat.message
    assert threat.severity == "note"


def test_gains_by_weeks_of_few_developers_are_left_out() -> None:
    """With eight developers in the log, weeks of four have no gain."""
    items = work_items()
    block = items["month"] - 552
    faded = items.assign(minutes=items["minutes"] * np.where(np.isin(block, (0, 1)), 0.4, 1))
    few_later = faded[~(np.isin(block, (2, 3)) & items["developer"].isin(["d0", "d1", "d2", "d3"]))]
    labels = [
        label
        for label, _ in require(time_course.novelty(threat_inputs(since=since(few_later)))).figures
    ]
    assert "gain, weeks 1–8" in labels
    assert "gain, weeks 9–16" not in labels


@pytest.mark.parametrize(
    ("counts", "severity", "gain"),
    [
        ({"heaped_15": 700}, "caution", "+32"),
        ({"heaped_15": 900, "heaped_30": 600}, "serious", "+25"),
        ({"heaped_15": 900, "heaped_30": 800, "heaped_60": 600}, "serious", "+16"),
    ],
)
def test_heaping(counts: dict[str, int], severity: str, gain: str) -> None:
    """The coarsest unit of most entries decides, with what a true gain would appear as."""
    threat = require(record_keeping.heaping(threat_inputs(quality=quality(**counts))))
    assert threat.severity == severity
    assert f"about {gain} %" in threat.message


def test_a_clocked_log_has_no_heaping() -> None:
    """Round minutes by chance are no threat."""
    assert (
        record_keeping.heaping(
            threat_inputs(quality=quality(heaped_15=120, heaped_30=60, heaped_60=30))
        )
        is None
    )
    assert record_keeping.heaping(threat_inputs()) is None


@pytest.mark.parametrize(
    ("detect", "column", "many", "few"),
    [
        (record_keeping.late_entries, "late", 200, 50),
        (record_keeping.overlaps, "overlapping", 80, 20),
    ],
)
def test_shares_of_entries(detect: object, column: str, many: int, few: int) -> None:
    """Late and overlapping entries are a threat beyond a share of either arm."""
    threat = require(detect(threat_inputs(quality=quality(**{column: many}))))
    assert threat.figures[0] == ("baseline", f"{many} of 1,000 ({many // 10}\N{NO-BREAK SPACE}%)")
    assert detect(threat_inputs(quality=quality(**{column: few}))) is None
    assert detect(threat_inputs()) is None


def test_outliers() -> None:
    """A single very long entry is a note, many are a caution, none is no threat."""
    assert (
        require(record_keeping.outliers(threat_inputs(quality=quality(over_12h=1)))).severity
        == "note"
    )
    assert (
        require(record_keeping.outliers(threat_inputs(quality=quality(over_12h=20)))).severity
        == "caution"
    )
    assert record_keeping.outliers(threat_inputs(quality=quality())) is None


def test_baseline_edited() -> None:
    """A baseline written down or changed after the rollout is a threat, serious if much is."""
    assert (
        require(
            record_keeping.baseline_edited(threat_inputs(quality=quality(edited_after=3)))
        ).severity
        == "caution"
    )
    threat = require(
        record_keeping.baseline_edited(threat_inputs(quality=quality(logged_after=200)))
    )
    assert threat.severity == "serious"
    assert "200 of 1,000 (20\N{NO-BREAK SPACE}%) were written down" in threat.message
    assert record_keeping.baseline_edited(threat_inputs(quality=quality())) is None
    assert record_keeping.baseline_edited(threat_inputs()) is None


def test_threats_are_sorted_by_severity_and_have_different_codes() -> None:
    """``find_threats`` returns the most severe first, each threat once."""
    entries = quality(late=500, overlapping=500, heaped_60=900, over_12h=1)
    threats = detection.find_threats(
        threat_inputs(trending(-0.05), quality=entries, developers=3, without_arm=3)
    )
    severities = [("note", "caution", "serious").index(threat.severity) for threat in threats]
    assert severities == sorted(severities, reverse=True)
    codes = [threat.code for threat in threats]
    assert len(set(codes)) == len(codes) >= 7
    assert {"drift", "heaping", "one-rollout-date", "few-developers", "outliers", "no-arm"} <= set(
        codes
    )


@pytest.mark.parametrize(
    "design", ["randomised", "staggered", "before-after", "self-selected", None]
)
def test_an_empty_log_has_no_threats_of_its_data(design: str | None) -> None:
    """A log without items passes every detector, whatever the study design."""
    empty = work_items().iloc[:0]
    frames = dict.fromkeys(("since", "projects", "quality", "basis", "minutes_in_other_activities"))
    frames |= {"since": since(empty), "quality": quality().iloc[:0], "basis": basis().iloc[:0]}
    frames |= {
        "projects": projects((1, 1), (1, 1)).iloc[:0],
        "minutes_in_other_activities": other_minutes(1, 1).iloc[:0],
    }
    threats = detection.find_threats(threat_inputs(empty, design=design, developers=0, **frames))
    assert all(
        threat.severity == "note" or threat.code in ("one-rollout-date", "self-chosen-tasks")
        for threat in threats
    )


def test_a_single_developer_passes_every_detector() -> None:
    """Trends have the errors of items where there is a single developer."""
    items = work_items(developer="d0")
    single = threat_inputs(trending(-0.05).assign(developer="d0"), since=since(items), developers=1)
    assert "drift" in {threat.code for threat in detection.find_threats(single)}
    two_items = dataclasses.replace(
        single, moments=panels.moments(items.iloc[:2]), since=since(items.iloc[:2])
    )
    assert "few-developers" in {threat.code for threat in detection.find_threats(two_items)}
