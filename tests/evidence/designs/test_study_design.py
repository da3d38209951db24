"""Which study design a log has recorded, the arms of each, and what a log is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support import panels

from tracker.domain.errors import BadValue
from tracker.domain.records import ArmRule, Cutover, Rollout
from tracker.domain.times import DAY_SECONDS
from tracker.evidence.designs.study_design import (
    arm_rules,
    choose_design,
    comparable_months,
    first_cutovers,
    last_mature_start_day,
    missing_requirement,
)
from tracker.evidence.moments import cells_from_moments


def moments(*, developers: int = 6, per_developer: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return panels.moments(panels.items(rng, developers=developers, per_developer=per_developer))


def test_without_a_rollout_arms_are_assigned_or_flagged():
    """Without a rollout date there is no before-after design."""
    assert arm_rules([]) == {
        "randomised": ArmRule("assigned"),
        "self-selected": ArmRule("assisted"),
    }


def test_one_date_for_everybody_is_before_after():
    """One common date cannot be a staggered rollout."""
    rules = arm_rules([Rollout("spark", 100)])
    assert list(rules) == ["randomised", "before-after", "self-selected"]
    assert rules["before-after"] == ArmRule("rollout", (Cutover(100),))


def test_different_dates_or_single_developers_may_be_staggered():
    """Different dates of two teams, or the date of one developer, leave somebody untreated."""
    for rollouts in (
        [Rollout("spark", 100, team="a"), Rollout("spark", 160, team="b")],
        [Rollout("spark", 100, developer="ann")],
    ):
        rule = arm_rules(rollouts)["staggered"]
        assert rule.never_treated
        assert len(rule.cutovers) == len(rollouts)


def test_of_two_assistants_the_first_counts():
    """Of two assistants rolled out one after the other, the first begins the assistance arm."""
    assert first_cutovers([Rollout("later", 200), Rollout("first", 100)]) == (Cutover(100),)


def test_a_rollout_to_everybody_counts_for_developers_with_a_date_of_another_assistant():
    """A developer's date takes precedence for the same assistant only."""
    different = first_cutovers([Rollout("spark", 100), Rollout("copilot", 200, developer="ann")])
    assert different == (Cutover(100), Cutover(100, developer="ann"))
    same = first_cutovers([Rollout("spark", 100), Rollout("spark", 200, developer="ann")])
    assert same == (Cutover(100), Cutover(200, developer="ann"))


def test_the_strongest_recorded_design_is_chosen():
    """Drawn arms take precedence over dates; a design with too little work is passed over."""
    sufficient, insufficient = moments(), moments(developers=2, per_developer=2)
    assert (
        choose_design({"self-selected": sufficient, "randomised": sufficient}).design
        == "randomised"
    )
    choice = choose_design({"randomised": insufficient, "before-after": sufficient})
    assert choice.design == "before-after"
    assert choice.reason.startswith("randomised: ")


def test_a_required_design_is_chosen_if_its_arms_are_recorded():
    """`--design` may choose a weaker design; without any arm under it, it is an error."""
    sufficient, empty = moments(), moments().iloc[:0]
    candidates = {"randomised": sufficient, "self-selected": sufficient}
    assert choose_design(candidates, "self-selected").design == "self-selected"
    with pytest.raises(BadValue, match=r"--design is randomised: .* recorded here: before-after\."):
        choose_design({"randomised": empty, "before-after": sufficient}, "randomised")


def test_with_too_little_work_for_any_design_one_is_still_chosen():
    """It is the strongest with work in both arms; without any arm there is no design."""
    insufficient, empty = moments(developers=2, per_developer=2), moments().iloc[:0]
    choice = choose_design({"randomised": empty, "before-after": insufficient})
    assert choice.design == "before-after"
    assert choice.reason == "fewer than 2 developers have work items in both arms"
    assert choose_design({"randomised": empty}).design is None


def test_with_one_arm_only_the_strongest_design_that_has_it_is_chosen():
    """A design with both arms takes precedence over a stronger one with one arm."""
    insufficient = moments(developers=2, per_developer=2)
    one_arm = insufficient[insufficient["arm"] == "baseline"]
    assert choose_design({"randomised": insufficient.iloc[:0], "before-after": one_arm}).design == (
        "before-after"
    )
    assert (
        choose_design({"randomised": one_arm, "before-after": insufficient}).design
        == "before-after"
    )


def test_one_developer_alone_in_the_log_suffices_but_not_among_others():
    """One developer with both arms cannot stand for others who have one arm."""
    single = panels.items(np.random.default_rng(1), developers=1, per_developer=60)
    assert missing_requirement(panels.moments(single), "before-after") is None
    colleagues = panels.items(np.random.default_rng(2), developers=3, per_developer=20)
    colleagues["arm"], colleagues["developer"] = "baseline", colleagues["developer"] + "x"
    assert (
        missing_requirement(panels.moments(pd.concat([single, colleagues])), "before-after")
        == "fewer than 2 developers have work items in both arms"
    )
    one_arm = panels.moments(single.assign(arm="baseline"))
    assert missing_requirement(one_arm, "before-after") == "all work items are in one arm"


def test_seven_items_in_an_arm_are_too_few():
    """Eight items per arm are needed; the message names the arm and both numbers."""
    work = panels.items(np.random.default_rng(3), developers=3, per_developer=20)
    treated = work[work["arm"] == "assistance"].groupby("developer").head(3).head(7)
    work = pd.concat([work[work["arm"] == "baseline"], treated])
    assert (
        missing_requirement(panels.moments(work), "randomised")
        == "7 work items in the assistance arm, 8 are needed"
    )


def test_staggered_needs_somebody_untreated_at_the_same_time():
    """One month of change for everybody is no staggered rollout; different months are."""
    same_month = panels.items(np.random.default_rng(0), by_date=True)
    assert missing_requirement(panels.moments(same_month), "staggered") is not None
    staggered = same_month.copy()
    late = staggered["developer"] > "dev0003"
    staggered.loc[late & (staggered["month"] < 545), "arm"] = "baseline"
    assert missing_requirement(panels.moments(staggered), "staggered") is None


def staggered_cells(*rows: tuple[str, int, str]) -> pd.DataFrame:
    """Return moments of one work item per (developer, month, arm)."""
    work = panels.frame(
        developer=[developer for developer, _, _ in rows],
        month=[month for _, month, _ in rows],
        arm=[arm for _, _, arm in rows],
        minutes=60.0,
        estimate_minutes=60.0,
    )
    return panels.moments(work)


def test_treated_work_of_a_developer_without_a_baseline_is_not_comparable():
    """Ben was treated from the start: his work cannot be compared with his own earlier work."""
    sums = staggered_cells(
        ("ann", 1, "baseline"), ("ann", 2, "assistance"),
        ("ben", 1, "assistance"), ("ben", 2, "assistance"),
        ("cid", 1, "baseline"), ("cid", 2, "baseline"),
    )  # fmt: skip
    comparable = sums[comparable_months(cells_from_moments(sums))]
    assert list(zip(comparable["developer"], comparable["period"], strict=True)) == [("ann", 2)]


def test_a_log_whose_treated_developers_have_no_baseline_is_not_staggered():
    """Two developers with a baseline are needed, whatever others were treated from the start."""
    months = range(1, 13)
    rows = [("ben", month, "assistance") for month in months]
    rows += [("cid", month, "baseline") for month in months]
    rows += [("ann", month, "assistance" if month > 2 else "baseline") for month in months]
    expected = "fewer than 2 developers had their rollout while others still had none"
    assert missing_requirement(staggered_cells(*rows), "staggered") == expected
    rows += [("dan", month, "assistance" if month > 3 else "baseline") for month in months]
    assert missing_requirement(staggered_cells(*rows), "staggered") is None


def test_treated_work_is_comparable_only_while_somebody_is_still_untreated():
    """Baseline work counts for nobody from its developer's first treated month on.

    Ben's month 3 has both arms, and in month 4 he has baseline work after treated work.
    """
    sums = staggered_cells(
        ("ann", 1, "baseline"), ("ann", 2, "assistance"), ("ann", 3, "assistance"),
        ("ann", 4, "assistance"), ("ben", 1, "baseline"), ("ben", 2, "baseline"),
        ("ben", 3, "baseline"), ("ben", 3, "assistance"), ("ben", 4, "baseline"),
    )  # fmt: skip
    comparable = sums[comparable_months(cells_from_moments(sums))]
    assert list(zip(comparable["developer"], comparable["period"], strict=True)) == [("ann", 2)]


def durations(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["arm", "days", "n"])


def test_the_last_mature_day_is_now_less_the_ninetieth_percentile_of_the_baseline():
    """Nine of ten baseline items were complete within 3 days; the other arm does not count."""
    frame = durations(
        ("baseline", 0, 5), ("baseline", 3, 4), ("baseline", 40, 1), ("assistance", 99, 50)
    )
    assert last_mature_start_day(frame, now_epoch=1000 * DAY_SECONDS + 5) == 997


def test_the_order_and_grouping_of_the_durations_do_not_matter():
    """Equal durations may come in several rows, in any order."""
    frame = durations(
        ("baseline", 40, 1), ("baseline", 3, 1), ("baseline", 3, 3), ("baseline", 0, 5)
    )
    assert last_mature_start_day(frame, now_epoch=1000 * DAY_SECONDS) == 997


def test_without_a_baseline_there_is_no_last_mature_day():
    """Without a baseline nothing shows how long items take."""
    assert last_mature_start_day(durations(("assistance", 5, 9)), now_epoch=DAY_SECONDS) is None
