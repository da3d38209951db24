"""Which study design a log has recorded, which developers and items a comparison runs on, and what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.errors import BadValue
from tracker.domain.records import ArmRule, Claim, Cutover, Rollout
from tracker.evidence.activity import estimate_activity
from tracker.evidence.designs.study_design import (
    arm_rules,
    choose_design,
    first_cutovers,
    missing_requirement,
)
from tracker.evidence.judgement import judge_claim
from tracker.evidence.moments import cells_from_items, cells_from_moments
from tracker.evidence.results import Sentences
from tracker.evidence.sample import select_sample
from tracker.evidence.sensitivity import specification_curve


def test_no_rollout_leaves_drawn_and_flagged_arms():
    """Without a rollout date there is no before and after."""
    assert arm_rules([]) == {
        "randomised": ArmRule("assigned"),
        "self-selected": ArmRule("assisted"),
    }


def test_one_date_for_everybody_is_before_after():
    """One common date cannot be a staggered rollout."""
    found = arm_rules([Rollout("spark", 100)])
    assert list(found) == ["randomised", "before-after", "self-selected"]
    assert found["before-after"] == ArmRule("rollout", (Cutover(100),))


def test_different_dates_or_single_developers_may_be_staggered():
    """Two teams' different dates, or one developer's own, leave somebody untreated at the same time."""
    for rollouts in (
        [Rollout("spark", 100, team="a"), Rollout("spark", 160, team="b")],
        [Rollout("spark", 100, developer="ann")],
    ):
        rule = arm_rules(rollouts)["staggered"]
        assert rule.never_treated
        assert len(rule.cutovers) == len(rollouts)


def test_of_two_assistants_the_first_counts():
    """Two assistants rolled out after each other: assistance begins with the first."""
    assert first_cutovers([Rollout("later", 200), Rollout("first", 100)]) == (Cutover(100),)


def test_an_assistant_for_everybody_counts_for_those_with_a_date_of_another():
    """Ann's own date of one assistant does not hide that everybody had another one before; of the same one, it does."""
    other = first_cutovers([Rollout("spark", 100), Rollout("copilot", 200, developer="ann")])
    assert other == (Cutover(100), Cutover(100, developer="ann"))
    same = first_cutovers([Rollout("spark", 100), Rollout("spark", 200, developer="ann")])
    assert same == (Cutover(100), Cutover(200, developer="ann"))


def moments(
    *, developers: int = 6, per_developer: int = 12, seed: int = 0, **more: object
) -> pd.DataFrame:
    return panels.moments(
        panels.items(
            np.random.default_rng(seed), developers=developers, per_developer=per_developer, **more
        )
    )


def test_the_strongest_recorded_design_is_chosen():
    """Drawn arms go before dates, and dates before flags; what is not recorded well enough is passed over, with why."""
    enough, few = moments(), moments(developers=2, per_developer=2)
    assert choose_design({"self-selected": enough, "randomised": enough}).design == "randomised"
    made = choose_design({"randomised": few, "before-after": enough})
    assert made.design == "before-after"
    assert made.reason.startswith("randomised: ")


def test_a_wanted_design_is_taken_if_its_arms_are_recorded():
    """`--design` chooses a weaker one, and is refused in one line where no work has an arm under it."""
    enough, none = moments(), moments().iloc[:0]
    assert (
        choose_design({"randomised": enough, "self-selected": enough}, "self-selected").design
        == "self-selected"
    )
    with pytest.raises(BadValue, match=r"--design is randomised: .* recorded here: before-after\."):
        choose_design({"randomised": none, "before-after": enough}, "randomised")


def test_too_little_everywhere_still_names_a_design():
    """The strongest with something in both arms, so that what is missing can be said; nothing at all: no design."""
    few, none = moments(developers=2, per_developer=2), moments().iloc[:0]
    made = choose_design({"randomised": none, "before-after": few})
    assert made.design == "before-after"
    assert made.reason == "fewer than 2 developers have work items in both arms"
    assert choose_design({"randomised": none}).design is None


def test_one_developer_alone_may_judge_their_own_log_but_not_stand_for_others():
    """One alone in the log has enough with 8 items an arm; one in both arms among others has not."""
    alone = panels.items(np.random.default_rng(1), developers=1, per_developer=60)
    assert missing_requirement(panels.moments(alone), "before-after") is None
    others = panels.items(np.random.default_rng(2), developers=3, per_developer=20)
    others["arm"], others["developer"] = "baseline", others["developer"] + "x"
    both = pd.concat([alone, others])
    assert (
        missing_requirement(panels.moments(both), "before-after")
        == "fewer than 2 developers have work items in both arms"
    )
    unlike = panels.moments(alone.assign(arm="baseline"))
    assert missing_requirement(unlike, "before-after") == "all work items are in one arm"


def test_seven_items_in_an_arm_are_too_few():
    """Eight an arm is the least; the message names the arm and the number."""
    work = panels.items(np.random.default_rng(3), developers=3, per_developer=20)
    treated = work[work["arm"] == "assistance"].groupby("developer").head(3).head(7)
    work = pd.concat([work[work["arm"] == "baseline"], treated])
    assert (
        missing_requirement(panels.moments(work), "randomised")
        == "7 work items in the assistance arm, 8 are needed"
    )


def whole(seed: int = 0, developers: int = 10) -> pd.DataFrame:
    work = panels.items(
        np.random.default_rng(seed), developers=developers, per_developer=12, effect=-0.3
    )
    odd = work["developer"].str[-1].isin(list("13579"))
    work["arm"] = np.where(odd, "assistance", "baseline")
    return work


def test_whole_developers_per_arm_are_compared_by_their_means():
    """Self-selected (or drawn) by the developer: t(G − 2) on developer means; by date it is no comparison at all."""
    made = estimate_activity(
        panels.moments(whole()),
        activity="design",
        design="self-selected",
        level=0.95,
        interval_level=0.95,
    )
    assert made.sample.kind == "between_developers"
    assert made.estimate is not None
    assert made.estimate.error is not None
    assert made.estimate.error.df == 8
    assert missing_requirement(panels.moments(whole()), "before-after") is not None


def test_staggered_needs_somebody_untreated_at_the_same_time():
    """The same change of month for everybody is no staggered rollout; different months are."""
    together = panels.items(np.random.default_rng(0), by_date=True)
    assert missing_requirement(panels.moments(together), "staggered") is not None
    apart = together.copy()
    late = apart["developer"] > "dev0003"
    apart.loc[late & (apart["month"] < 545), "arm"] = "baseline"
    assert missing_requirement(panels.moments(apart), "staggered") is None


def test_developers_in_one_arm_leave_the_fit_and_are_counted():
    """Who worked on one side only says nothing of the change: the fit and G are without them."""
    work = panels.items(np.random.default_rng(0), developers=8)
    work.loc[work["developer"].isin(["dev0001", "dev0002"]), "arm"] = "baseline"
    sample = select_sample(cells_from_moments(panels.moments(work)), "before-after")
    assert sample.cells.developers == 6
    assert sample.excluded["one-arm-developer"] == 2


@pytest.mark.parametrize(("share", "adjusted"), [(0.9, True), (0.7, False)])
def test_estimates_are_used_where_eight_in_ten_items_of_both_arms_have_one(share, adjusted):
    """Above 80 % the fit runs on the items with an estimate and counts the others; below, on all and without x."""
    work = panels.items(np.random.default_rng(0), per_developer=60, estimated=share)
    sample = select_sample(cells_from_moments(panels.moments(work)), "randomised")
    missing = int(work["estimate_minutes"].isna().sum())
    assert sample.adjusted is adjusted
    assert sample.excluded["no-estimate"] == (missing if adjusted else 0)
    assert sample.cells.items == len(work) - (missing if adjusted else 0)


def test_rows_and_moments_draw_the_same_sample():
    """What moments leave out, rows leave out: the same developers, items and estimates."""
    work = panels.items(np.random.default_rng(4), developers=12, per_developer=3, estimated=0.85)
    for design in ("randomised", "staggered"):
        sums, rows = (
            select_sample(c, design)
            for c in (cells_from_moments(panels.moments(work)), cells_from_items(work))
        )
        assert sums.excluded == rows.excluded
        assert sums.adjusted == rows.adjusted
        assert (sums.cells.items_of(0), sums.cells.items_of(1)) == (
            rows.cells.items_of(0),
            rows.cells.items_of(1),
        )


def test_the_drift_allowance_widens_a_before_after_interval():
    """√((t·se)² + (z·0.15)²), with z and t of the interval's own level; a randomised one has none."""
    from scipy import stats

    sums = moments()
    for level in (0.95, 0.975):
        made = {
            d: estimate_activity(
                sums, activity="design", design=d, level=0.95, interval_level=level
            )
            for d in ("randomised", "before-after")
        }
        plain, wide = made["randomised"], made["before-after"]
        assert plain.estimate is not None
        assert plain.estimate.error is not None
        assert plain.log_ratio is not None
        assert wide.log_ratio is not None
        half = stats.t.ppf((1 + level) / 2, plain.estimate.error.df) * plain.estimate.error.se
        drift = stats.norm.ppf((1 + level) / 2) * 0.15
        assert plain.drift is None
        assert wide.drift == pytest.approx(drift)
        assert plain.log_ratio.high - plain.log_ratio.estimate == pytest.approx(half)
        assert wide.log_ratio.high - wide.log_ratio.estimate == pytest.approx(np.hypot(half, drift))


def test_fewer_than_five_developers_are_these_developers_only():
    """HC2 with n − k − developers df, from rows; said in the estimand."""
    work = panels.items(np.random.default_rng(0), developers=3, per_developer=30)
    made = estimate_activity(
        panels.moments(work),
        activity="design",
        design="randomised",
        level=0.95,
        interval_level=0.95,
        items=lambda: work,
    )
    assert made.estimate is not None
    assert made.estimate.error is not None
    assert made.estimate.error.df == len(work) - 2 - 3
    assert made.estimate.estimand.endswith("these developers only")
    assert "HC2" in made.estimate.estimator


def test_rows_are_not_read_for_the_headline():
    """With five developers and more the interval comes from moments alone."""
    calls = []
    made = estimate_activity(
        moments(developers=8), activity="design", design="before-after", level=0.95, interval_level=0.95,
        items=lambda: calls.append(1),
    )  # fmt: skip
    assert made.log_ratio is not None
    assert calls == []


def test_anytime_is_wider_and_for_drawn_arms_only():
    """Bounds for every look, on HC2; refused for any other design."""
    work = panels.items(np.random.default_rng(0))
    sums = panels.moments(work)
    common = {"activity": "design", "level": 0.95, "interval_level": 0.95, "items": lambda: work}
    made = estimate_activity(sums, design="randomised", anytime=True, **common)
    assert made.estimate is not None
    assert made.estimate.error is not None
    assert made.log_ratio is not None
    se = made.estimate.error.se
    scale = 0.4**2 / se**2
    expected = se * np.sqrt((1 + 1 / scale) * np.log((1 + scale) / 0.05**2))
    assert made.log_ratio.high - made.log_ratio.estimate == pytest.approx(expected)
    assert expected > 2.5 * se
    assert "HC2" in made.estimate.estimator
    with pytest.raises(BadValue, match="--anytime needs drawn arms"):
        estimate_activity(sums, design="before-after", anytime=True, **common)


def test_anytime_gives_no_interval_where_whole_developers_are_compared():
    """The spread of a handful of developer means is no basis for bounds at every look: none are given, with why."""
    common = {"activity": "design", "design": "randomised", "level": 0.95, "interval_level": 0.95}
    for developers in (4, 5, 10):
        work = whole(developers=developers)
        sums = panels.moments(work)
        plain = estimate_activity(sums, **common, items=lambda work=work: work)
        made = estimate_activity(sums, **common, items=lambda work=work: work, anytime=True)
        assert made.sample.kind == "between_developers"
        assert plain.log_ratio is not None
        assert made.log_ratio is None
        result = judge_claim(made, Claim("c", "design", 0.5, "efficiency_gain", "at_least", "s"))
        assert result.verdict == "cannot-tell"
        assert result.items_needed is None
        (threat,) = result.threats
        assert (
            "need drawn arms inside developers; here whole developers are compared"
            in threat.message
        )


def test_zero_minute_items_that_differ_between_the_arms_withhold_the_verdict():
    """More than 5 points apart: cannot tell, and why; the counts say how many were dropped."""
    work = panels.items(np.random.default_rng(0), per_developer=40, effect=-1.0)
    treated = work.index[work["arm"] == "assistance"]
    work.loc[treated[: len(treated) // 10], ["minutes", "status"]] = [0.0, "zero"]
    made = estimate_activity(
        panels.moments(work),
        activity="design",
        design="randomised",
        level=0.95,
        interval_level=0.95,
    )
    result = judge_claim(made, None)
    assert made.suppressed
    assert result.verdict == "cannot-tell"
    assert result.largest_supported is None
    assert result.excluded["zero-minutes"] == len(treated) // 10
    assert [threat.code for threat in result.threats] == ["zero-minutes"]
    work.loc[work.index[work["arm"] == "baseline"][: len(treated) // 10], ["minutes", "status"]] = [
        0.0,
        "zero",
    ]
    alike = estimate_activity(
        panels.moments(work),
        activity="design",
        design="randomised",
        level=0.95,
        interval_level=0.95,
    )
    assert judge_claim(alike, None).verdict == "faster"


def test_where_no_verdict_may_be_given_nothing_speaks_of_a_gain():
    """No verdict: no number of items that would tell, no other way in which it stands, no gain in the headline."""
    work = panels.items(np.random.default_rng(0), per_developer=20, effect=-0.2)
    treated = work.index[work["arm"] == "assistance"]
    work.loc[treated[: len(treated) // 6], ["minutes", "status"]] = [0.0, "zero"]
    made = estimate_activity(
        panels.moments(work), activity="design", design="randomised", level=0.95, interval_level=0.95,
        items=lambda: work,
    )  # fmt: skip
    points = specification_curve(made, np.random.default_rng(0))
    assert any(point.log_ratio for point in points)
    for claim in (None, Claim("c", "design", 0.5, "efficiency_gain", "at_least", "s")):
        result = judge_claim(made, claim, curve=points)
        assert result.verdict == "cannot-tell"
        assert result.items_needed is None
        assert all(point.verdict is None for point in result.sensitivity)
        assert result.sentences == Sentences(
            headline="Design: no verdict.", verdict=made.reasons[0].message
        )
        assert result.sentences.verdict.startswith("No verdict: 0")


def test_unfinished_items_are_left_out_and_counted():
    """Open and late-started items do not enter the fit; their counts are told."""
    work = panels.items(np.random.default_rng(0), per_developer=30)
    work.loc[work.index[::7], "status"] = "open"
    work.loc[work.index[::11], "status"] = "immature"
    made = estimate_activity(
        panels.moments(work),
        activity="design",
        design="randomised",
        level=0.95,
        interval_level=0.95,
    )
    assert made.excluded["open"] == (work["status"] == "open").sum()
    assert made.excluded["immature"] == (work["status"] == "immature").sum()
    assert made.sample.cells.items == (work["status"] == "closed").sum()
