"""Every threat is found in data made to have it, and not in data made not to."""

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


def made_work(**columns: object) -> pd.DataFrame:
    """24 months of 8 developers, 12 before and 12 after a rollout, with nothing wrong; columns replace or add."""
    rng = np.random.default_rng(1)
    n = 1600
    month = 540 + rng.integers(0, 24, n)
    x = rng.normal(4, 0.9, n)
    made = panels.frame(
        developer=[f"d{d}" for d in rng.integers(0, 8, n)],
        arm=np.where(month >= 552, "assistance", "baseline"),
        minutes=np.exp(0.5 + 0.8 * x + rng.normal(0, 0.5, n)),
        estimate_minutes=np.exp(x),
        month=month,
    )
    return made.assign(**columns)


def seen(items: pd.DataFrame | None = None, **fields: object) -> ThreatInputs:
    """A before/after comparison of these items by eight developers, with nothing wrong unless ``fields`` say so."""
    moments = panels.moments(made_work() if items is None else items)
    usual = {
        "activity": "design",
        "design": "before-after",
        "rule": ONE_DATE,
        "moments": moments,
        "developers": 8,
    }
    return ThreatInputs(**{**usual, **fields})


def since(items: pd.DataFrame) -> pd.DataFrame:
    """Moments by blocks since a rollout at month 552, a block a month."""
    return panels.moments(items.assign(month=items["month"] - 552))


def quality(**of_baseline: int) -> pd.DataFrame:
    """The entries of two well-kept arms of 1,000 entries and 500 hours; counts given are the baseline's."""
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


def told(threat: Threat | None) -> Threat:
    """A threat that must have been found, said in full: sentences, advice where it is more than a note."""
    assert threat is not None
    assert threat.message.endswith(".")
    assert threat.advice or threat.severity == "note"
    assert "nan" not in f"{threat.message}{threat.figures}"
    return threat


def test_few_developers() -> None:
    """Four developers are too few to stand for others, five are not; of none there is nothing to say."""
    assert "fewer than five developers" in told(arms.few_developers(seen(developers=4))).message
    assert "One developer's" in told(arms.few_developers(seen(developers=1))).message
    assert arms.few_developers(seen(developers=5)) is None
    assert arms.few_developers(seen(developers=0)) is None


def test_one_rollout_date() -> None:
    """A before/after comparison with one cutover day for all is told so; other designs and dates are not."""
    assert told(arms.one_rollout_date(seen())).severity == "serious"
    same_day = ArmRule("rollout", (Cutover(100, team="A"), Cutover(100, team="B")))
    assert arms.one_rollout_date(seen(rule=same_day)) is not None
    assert arms.one_rollout_date(seen(rule=TWO_DATES)) is None
    assert arms.one_rollout_date(seen(design="staggered")) is None


def test_self_chosen_tasks_print_the_estimates_by_arm() -> None:
    """A self-selected comparison always comes with the typical estimate of each arm."""
    items = made_work(estimate_minutes=np.where(made_work()["arm"] == "assistance", 30.0, 120.0))
    threat = told(arms.self_chosen_tasks(seen(items, design="self-selected")))
    assert [figure.split(" (")[0] for _, figure in threat.figures] == ["120 minutes", "30 minutes"]
    assert "+28 to +36 %" in threat.message
    assert arms.self_chosen_tasks(seen(items)) is None


def test_self_chosen_tasks_without_estimates_show_a_dash() -> None:
    """Where nothing is estimated there is no typical estimate, and the threat stands."""
    threat = told(
        arms.self_chosen_tasks(
            seen(made_work(estimate_minutes=np.nan), design="self-selected", adjusted=False)
        )
    )
    assert all(figure.startswith("—") for _, figure in threat.figures)


def test_one_arm_developers_are_a_number() -> None:
    """Developers left out are counted; more left out than compared is more than a note."""
    assert told(arms.one_arm_developers(seen(excluded={"one-arm-developer": 2}))).severity == "note"
    many = told(arms.one_arm_developers(seen(excluded={"one-arm-developer": 9})))
    assert many.severity == "caution"
    assert "9 of 17 (53\N{NO-BREAK SPACE}%) developers" in many.message
    few = told(arms.one_arm_developers(seen(developers=2, excluded={"one-arm-developer": 9})))
    assert not any(letter.isdigit() for letter in few.message)
    assert arms.one_arm_developers(seen(excluded={"open": 3})) is None


def test_items_without_an_arm_are_counted() -> None:
    """How many of all, with advice that fits the design."""
    threat = told(arms.without_arm(seen(without_arm=400, design="randomised")))
    assert "400 of 2,000 (20\N{NO-BREAK SPACE}%)" in threat.message
    assert "assign" in threat.advice
    assert "rollout" in told(arms.without_arm(seen(without_arm=400))).advice
    assert arms.without_arm(seen()) is None


def basis(yes: int = 100, no: int = 100, unknown: int = 0, trailer: int = 0) -> pd.DataFrame:
    """Entries by what they say of assistance; another activity says nothing at all."""
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
    """Silence on assistance is told where arms are made of it: some is a caution, much is serious."""
    flagged = {"rule": ArmRule("assisted"), "design": "self-selected"}
    assert (
        told(arms.assisted_missing(seen(basis=basis(unknown=20), **flagged))).severity == "caution"
    )
    assert (
        told(arms.assisted_missing(seen(basis=basis(unknown=100), **flagged))).severity == "serious"
    )
    assert arms.assisted_missing(seen(basis=basis(unknown=5), **flagged)) is None
    assert arms.assisted_missing(seen(basis=basis(unknown=100))) is None
    assert arms.assisted_missing(seen(**flagged)) is None


def test_assisted_inferred() -> None:
    """Answers that programs drew are told with the share of each basis and the verdict without them."""
    flagged = {"rule": ArmRule("assisted"), "design": "self-selected"}
    without = Sensitivity("stated", Interval(-0.4, -0.6, -0.2), "smaller")
    threat = told(
        arms.assisted_inferred(seen(basis=basis(trailer=50), without_inferred=without, **flagged))
    )
    assert "50 of 250 (20\N{NO-BREAK SPACE}%)" in threat.message
    assert "49\N{NO-BREAK SPACE}% (a gain, but smaller than claimed)" in threat.message
    assert len(threat.figures) == 3
    nothing_left = Sensitivity("stated", None, None)
    threat = told(
        arms.assisted_inferred(
            seen(basis=basis(trailer=50), without_inferred=nothing_left, **flagged)
        )
    )
    assert "too little" in threat.message
    assert (
        "Without"
        not in told(arms.assisted_inferred(seen(basis=basis(trailer=50), **flagged))).message
    )
    assert arms.assisted_inferred(seen(basis=basis(unknown=50), **flagged)) is None


def test_task_mix() -> None:
    """Smaller estimates with assistance are told; graver where the comparison does not use them. Chance is not."""
    items = made_work()
    smaller = items["estimate_minutes"].where(
        items["arm"] == "baseline", items["estimate_minutes"] / 2
    )
    threat = told(work.task_mix(seen(made_work(estimate_minutes=smaller))))
    assert "smaller tasks" in threat.message
    x = np.log(smaller)
    own = x.groupby([items["developer"], items["arm"]])
    spread = math.sqrt(((x - own.transform("mean")) ** 2).sum() / (len(x) - 16))
    apart = (own.mean().unstack("arm") @ [1, -1]).mean() / spread
    assert abs(float(threat.message.split("differ by ")[1][:4]) - abs(apart)) < 0.02
    assert threat.severity == "caution"
    assert (
        told(work.task_mix(seen(made_work(estimate_minutes=smaller), adjusted=False))).severity
        == "serious"
    )
    assert work.task_mix(seen(items)) is None
    assert work.task_mix(seen(made_work(estimate_minutes=60.0))) is None
    assert work.task_mix(seen(made_work(estimate_minutes=np.nan), adjusted=False)) is None


def test_task_mix_is_within_developers() -> None:
    """Developers of larger tasks doing more with assistance are no change of mix: each is compared with themselves."""
    items = made_work()
    large = items["developer"].isin(["d0", "d1", "d2"])
    estimates = items["estimate_minutes"] * np.where(large, 8, 1)
    keep = large == (items["arm"] == "assistance")
    thinned = items.assign(estimate_minutes=estimates)[keep | (np.arange(len(items)) % 10 == 0)]
    assert work.task_mix(seen(thinned)) is None


def projects(p: tuple[int, int], q: tuple[int, int]) -> pd.DataFrame:
    """Items of two projects: (baseline, assistance) each."""
    rows = [
        ("design", arm, name, n)
        for name, counts in (("p", p), ("q", q))
        for arm, n in zip(("baseline", "assistance"), counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["activity", "arm", "project", "n"])


def test_project_mix() -> None:
    """Arms in different projects are told; like shares, chance in few items, one project and no projects are not."""
    threat = told(work.project_mix(seen(projects=projects((80, 40), (20, 60)))))
    assert "40\N{NO-BREAK SPACE}%" in threat.message
    assert work.project_mix(seen(projects=projects((80, 75), (20, 25)))) is None
    assert work.project_mix(seen(projects=projects((4, 2), (1, 3)))) is None
    assert work.project_mix(seen(projects=projects((80, 40), (20, 60)).assign(project="p"))) is None
    assert (
        work.project_mix(seen(projects=projects((80, 40), (20, 60)).assign(project=None))) is None
    )
    assert work.project_mix(seen()) is None


def test_missing_estimates() -> None:
    """A few without an estimate are noted; where sizes could not be used at all it is a caution."""
    items = made_work()
    known = items["estimate_minutes"].where(np.arange(len(items)) % 10 != 0)
    assert told(work.missing_estimates(seen(made_work(estimate_minutes=known)))).severity == "note"
    threat = told(work.missing_estimates(seen(made_work(estimate_minutes=np.nan), adjusted=False)))
    assert threat.severity == "caution"
    assert "1,600 of 1,600" in threat.message
    assert work.missing_estimates(seen()) is None


def test_open_items_are_told_by_arm() -> None:
    """Unfinished work is noted with the share of each arm; where the shares are far apart it is a caution."""
    items = made_work()
    every_tenth = np.arange(len(items)) % 10 == 0
    few = np.where(every_tenth, "open", "closed")
    many = np.where(
        (items["arm"] == "assistance") & (np.arange(len(items)) % 3 == 0), "open", "closed"
    )
    assert told(work.open_items(seen(made_work(status=few)))).severity == "note"
    threat = told(work.open_items(seen(made_work(status=many))))
    assert threat.severity == "caution"
    assert threat.figures[0][1].startswith("0 of ")
    assert (
        "160 begun too late"
        in told(
            work.open_items(seen(made_work(status=np.where(every_tenth, "immature", "closed"))))
        ).message
    )
    assert work.open_items(seen()) is None


def test_zero_minutes_alike_in_both_arms_are_a_note() -> None:
    """Dropped items of 0 minutes are counted, once: where the arms differ, the withheld verdict says so itself."""
    items = made_work()
    some = np.where(np.arange(len(items)) % 25 == 0, "zero", "closed")
    one_sided = np.where(
        (np.arange(len(items)) % 5 == 0) & (items["arm"] == "baseline"), "zero", "closed"
    )
    assert told(work.zero_minutes(seen(made_work(status=some)))).severity == "note"
    assert work.zero_minutes(seen(made_work(status=one_sided))) is None
    assert work.zero_minutes(seen()) is None


def test_straddling() -> None:
    """The share of the baseline's hours worked after the rollout is printed; a large one is a caution."""
    assert told(work.straddling(seen(quality=quality(straddle_seconds=90_000)))).severity == "note"
    threat = told(work.straddling(seen(quality=quality(straddle_seconds=360_000))))
    assert threat.severity == "caution"
    assert "100 of 500 (20\N{NO-BREAK SPACE}%) hours" in threat.message
    assert work.straddling(seen(quality=quality())) is None
    assert work.straddling(seen()) is None


def beside(baseline: float, assistance: float, each: int = 400) -> pd.DataFrame:
    """Testing beside design: ``each`` items an arm with so many minutes on average, as spread as real work."""
    rows = []
    for arm, mean in (("baseline", baseline), ("assistance", assistance)):
        minutes = np.random.default_rng(2).lognormal(0, 0.8, each)
        minutes *= mean / minutes.mean()
        rows.append(("design", arm, "testing", each, minutes.sum(), (minutes**2).sum()))
    return pd.DataFrame(
        rows, columns=["activity", "arm", "other", "n", "minutes", "minutes_squared"]
    )


def test_shifted_not_saved() -> None:
    """More testing of the same tasks is told; less, as much, little data, or no such time is not."""
    threat = told(work.shifted_not_saved(seen(minutes_in_other_activities=beside(60, 120))))
    assert "testing" in threat.message
    assert "→" in threat.figures[0][1]
    assert work.shifted_not_saved(seen(minutes_in_other_activities=beside(120, 60))) is None
    assert work.shifted_not_saved(seen(minutes_in_other_activities=beside(60, 61))) is None
    assert work.shifted_not_saved(seen(minutes_in_other_activities=beside(60, 120, each=2))) is None
    assert (
        work.shifted_not_saved(
            seen(
                minutes_in_other_activities=beside(60, 120)[lambda rows: rows["arm"] == "baseline"]
            )
        )
        is None
    )
    assert work.shifted_not_saved(seen()) is None


def test_time_that_there_was_none_of_before_is_shifted_too() -> None:
    """Rework from nothing to an hour an item has no ratio: it is told by its minutes. Chance and a trifle are not."""
    new = beside(0, 120)
    threat = told(work.shifted_not_saved(seen(minutes_in_other_activities=new)))
    assert "testing (0 → 60 minutes per item)" in threat.message
    assert threat.figures == (("minutes of testing per item", "0 → 60"),)
    assert threat.severity == "serious"
    only_assistance = new[new["arm"] == "assistance"]
    assert work.shifted_not_saved(seen(minutes_in_other_activities=only_assistance)) == threat
    assert work.shifted_not_saved(seen(minutes_in_other_activities=beside(0, 0.1))) is None
    items = 800
    one_long_item = only_assistance.assign(minutes=2.0 * items, minutes_squared=(2.0 * items) ** 2)
    assert work.shifted_not_saved(seen(minutes_in_other_activities=one_long_item)) is None


def trending(monthly: float) -> pd.DataFrame:
    """Work whose minutes change by e^monthly a month, over the whole log."""
    items = made_work()
    return made_work(minutes=items["minutes"] * np.exp(monthly * (items["month"] - 540)))


def test_drift() -> None:
    """A trend of the baseline is told, either way; none seen is a note that says what that is worth."""
    threat = told(time_course.drift(seen(trending(-0.05))))
    assert threat.severity == "serious"
    assert "less time from month to month" in threat.message
    assert "longer" in told(time_course.drift(seen(trending(0.05)))).message
    none = told(time_course.drift(seen()))
    assert none.severity == "note"
    assert "rescues nothing" in none.message
    assert time_course.drift(seen(trending(-0.05), design="randomised")) is None


def test_drift_needs_three_months() -> None:
    """A baseline of two months shows no trend, which is said."""
    items = made_work()
    assert (
        "fewer than 3 months" in told(time_course.drift(seen(items[items["month"] >= 550]))).message
    )


def standing_out(block: int, by: float) -> pd.DataFrame:
    """Moments since the rollout with one block whose minutes are e^by times what they were."""
    items = made_work()
    moved = items["minutes"] * np.where(items["month"] - 552 == block, np.exp(by), 1)
    return since(made_work(minutes=moved))


def test_regression_to_the_mean() -> None:
    """A last baseline month that stands out is told, either way; another month, or none, is not."""
    threat = told(time_course.regression_to_the_mean(seen(since=standing_out(-1, 0.6))))
    assert "look like a gain" in threat.message
    assert (
        "look like a loss"
        in told(time_course.regression_to_the_mean(seen(since=standing_out(-1, -0.6)))).message
    )
    assert time_course.regression_to_the_mean(seen(since=standing_out(-3, 0.3))) is None
    assert time_course.regression_to_the_mean(seen(since=since(made_work()))) is None
    assert time_course.regression_to_the_mean(seen()) is None


def test_novelty() -> None:
    """An effect of the first eight weeks alone is told with the gain by weeks; a lasting one, or none, is not."""
    items = made_work()
    block = items["month"] - 552
    fading = since(made_work(minutes=items["minutes"] * np.where(np.isin(block, (0, 1)), 0.5, 1)))
    threat = told(time_course.novelty(seen(since=fading)))
    assert "wears off" in threat.message
    assert abs(int(threat.message.split("tasks took ")[1].split("\N{NO-BREAK SPACE}")[0]) - 50) <= 5
    gains = [
        float(figure.removesuffix("\N{NO-BREAK SPACE}%").replace("−", "-"))
        for _, figure in threat.figures
    ]
    assert len(gains) == 6
    assert gains[0] > 70
    assert max(abs(gain) for gain in gains[1:]) < 25
    lasting = since(made_work(minutes=items["minutes"] * np.where(block >= 0, 0.5, 1)))
    assert time_course.novelty(seen(since=lasting)) is None
    assert time_course.novelty(seen(since=fading, design="randomised")) is None


def test_novelty_of_a_short_log_is_a_note() -> None:
    """Eight weeks or less after the rollout: habits have not settled."""
    items = made_work()
    threat = told(time_course.novelty(seen(since=since(items[items["month"] < 554]))))
    assert "8 weeks" in threat.message
    assert threat.severity == "note"


def test_gains_by_weeks_are_withheld_of_fewer_than_five_developers() -> None:
    """In a log of eight developers, the gain of weeks in which four worked is not printed."""
    items = made_work()
    block = items["month"] - 552
    faded = items.assign(minutes=items["minutes"] * np.where(np.isin(block, (0, 1)), 0.4, 1))
    thin = faded[~(np.isin(block, (2, 3)) & items["developer"].isin(["d0", "d1", "d2", "d3"]))]
    labels = [label for label, _ in told(time_course.novelty(seen(since=since(thin)))).figures]
    assert "gain, weeks 1–8" in labels
    assert "gain, weeks 9–16" not in labels


@pytest.mark.parametrize(
    ("counts", "severity", "shown"),
    [
        ({"heaped_15": 700}, "caution", "+32"),
        ({"heaped_15": 900, "heaped_30": 600}, "serious", "+25"),
        ({"heaped_15": 900, "heaped_30": 800, "heaped_60": 600}, "serious", "+16"),
    ],
)
def test_heaping(counts: dict[str, int], severity: str, shown: str) -> None:
    """Told by the coarsest unit that most entries keep to, with what it makes of a true gain."""
    threat = told(record_keeping.heaping(seen(quality=quality(**counts))))
    assert threat.severity == severity
    assert f"about {shown} %" in threat.message


def test_heaping_of_a_clocked_log_is_not_told() -> None:
    """Round minutes that come by chance are no heaping."""
    assert (
        record_keeping.heaping(seen(quality=quality(heaped_15=120, heaped_30=60, heaped_60=30)))
        is None
    )
    assert record_keeping.heaping(seen()) is None


@pytest.mark.parametrize(
    ("look", "column", "many", "few"),
    [
        (record_keeping.late_entries, "late", 200, 50),
        (record_keeping.overlaps, "overlapping", 80, 20),
    ],
)
def test_shares_of_entries(look: object, column: str, many: int, few: int) -> None:
    """Late and overlapping entries are told beyond a share of either arm, with both arms' shares."""
    threat = told(look(seen(quality=quality(**{column: many}))))
    assert threat.figures[0] == ("baseline", f"{many} of 1,000 ({many // 10}\N{NO-BREAK SPACE}%)")
    assert look(seen(quality=quality(**{column: few}))) is None
    assert look(seen()) is None


def test_outliers() -> None:
    """One endless entry is a note, many are a caution, none is nothing."""
    assert told(record_keeping.outliers(seen(quality=quality(over_12h=1)))).severity == "note"
    assert told(record_keeping.outliers(seen(quality=quality(over_12h=20)))).severity == "caution"
    assert record_keeping.outliers(seen(quality=quality())) is None


def test_baseline_edited() -> None:
    """A baseline written down or changed after the rollout is told; much of it is serious."""
    assert (
        told(record_keeping.baseline_edited(seen(quality=quality(edited_after=3)))).severity
        == "caution"
    )
    threat = told(record_keeping.baseline_edited(seen(quality=quality(logged_after=200))))
    assert threat.severity == "serious"
    assert "200 of 1,000 (20\N{NO-BREAK SPACE}%) were written down" in threat.message
    assert record_keeping.baseline_edited(seen(quality=quality())) is None
    assert record_keeping.baseline_edited(seen()) is None


def test_the_gravest_come_first_and_every_code_is_its_own() -> None:
    """What ``find`` hands on is ordered by severity, each threat once."""
    kept = quality(late=500, overlapping=500, heaped_60=900, over_12h=1)
    found = detection.find_threats(seen(trending(-0.05), quality=kept, developers=3, without_arm=3))
    gravity = [("note", "caution", "serious").index(threat.severity) for threat in found]
    assert gravity == sorted(gravity, reverse=True)
    codes = [threat.code for threat in found]
    assert len(set(codes)) == len(codes) >= 7
    assert {"drift", "heaping", "one-rollout-date", "few-developers", "outliers", "no-arm"} <= set(
        codes
    )


@pytest.mark.parametrize(
    "design", ["randomised", "staggered", "before-after", "self-selected", None]
)
def test_nothing_to_look_at_is_no_accident(design: str | None) -> None:
    """A log without a work item, whatever the study design, goes through every look."""
    empty = made_work().iloc[:0]
    frames = dict.fromkeys(("since", "projects", "quality", "basis", "minutes_in_other_activities"))
    frames |= {"since": since(empty), "quality": quality().iloc[:0], "basis": basis().iloc[:0]}
    frames |= {
        "projects": projects((1, 1), (1, 1)).iloc[:0],
        "minutes_in_other_activities": beside(1, 1).iloc[:0],
    }
    found = detection.find_threats(seen(empty, design=design, developers=0, **frames))
    assert all(
        threat.severity == "note" or threat.code in ("one-rollout-date", "self-chosen-tasks")
        for threat in found
    )


def test_one_developer_alone_goes_through_every_look() -> None:
    """The looks at the course of time use errors of the items where there is one developer."""
    items = made_work(developer="d0")
    alone = seen(trending(-0.05).assign(developer="d0"), since=since(items), developers=1)
    assert "drift" in {threat.code for threat in detection.find_threats(alone)}
    two_items = dataclasses.replace(
        alone, moments=panels.moments(items.iloc[:2]), since=since(items.iloc[:2])
    )
    assert "few-developers" in {threat.code for threat in detection.find_threats(two_items)}
