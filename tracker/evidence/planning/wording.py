"""The words of a plan, for ``plan``, ``check`` and the page."""

from __future__ import annotations

import math

from tracker.domain import gains
from tracker.domain.counts import about, count_of, rounded
from tracker.domain.gains import Reading, level_percent, percent
from tracker.domain.records import StudyDesign
from tracker.domain.times import approximate_day
from tracker.evidence.planning.plan import (
    WEEKS_OF_A_YEAR,
    DesignPlan,
    Duration,
    Obstacle,
    Pace,
    Plan,
)

ONLY_COMPARED_AT_ONE_TIME = "only a randomised or staggered study can tell"

_OBSTACLES: dict[Obstacle, str] = {
    "self-selected": f"people choose when to use assistance: {ONLY_COMPARED_AT_ONE_TIME}",
    "anytime": "bounds that hold however often one looks need drawn arms",
    "drift": f"teams drift that far with no assistance at all: {ONLY_COMPARED_AT_ONE_TIME}",
    "equal": "a true gain equal to the claim cannot be told from it",
    "upper-bound": "an upper bound promises nothing: work that reaches it does not tell",
    "too-close": "the claimed and the true gain are too close for these developers",
    "small-baseline": "the baseline is too small, and cannot be extended any more",
    "all-treated": "the assistant is in use, and no work without it is left to compare with",
}
"""Why no number of work items suffices."""

_ARTICLES: dict[StudyDesign, str] = {
    "randomised": "A randomised study",
    "staggered": "A staggered study",
    "before-after": "A comparison before and after",
    "self-selected": "A comparison of chosen work",
}


def plan_sentence(plan: Plan, reading: Reading) -> str:
    """Return what it takes to tell, in a sentence or two.

    First comes what the log's own comparison takes. Where it has none, or that is not practical, a
    study that begins anew follows: a randomised one, or the one that was asked for.
    """
    recorded = plan.recorded
    if recorded is not None and plan.is_decided:
        return f"The log tells already, by its {level_percent(plan.level)} interval."
    if recorded is not None and recorded.is_practical:
        return _further_items(plan, recorded, reading)
    new = next((design for design in plan.designs if not design.is_recorded), None)
    if recorded is None:
        return "" if new is None else _new_study(plan, new, reading)
    if new is not None and new.obstacle and new.obstacle == recorded.obstacle:
        return f"No number of tasks can tell, because {obstacle_words(plan, recorded)}."
    parts = [_not_this_way(plan, recorded, reading)]
    if new is not None and new.study_design == "randomised":
        parts.append(_new_study(plan, new, reading))
    elif recorded.study_design == "before-after" and not recorded.obstacle:
        parts.append("Stagger the rollout or draw arms.")
    return " ".join(parts)


def obstacle_words(plan: Plan, design_plan: DesignPlan) -> str:
    """Return why no number of work items suffices; "" where one does."""
    if design_plan.obstacle is None:
        return ""
    words = _OBSTACLES[design_plan.obstacle]
    if design_plan.obstacle != "equal":
        return words
    claims_gain = plan.claimed_log_ratio is not None and plan.claimed_log_ratio < 0
    ending = "only no gain can be ruled out" if claims_gain else "suppose another, `--true-gain`"
    return f"{words}: {ending}"


def developers_words(design_plan: DesignPlan) -> str:
    """Return why further developers are asked for; "" where none are."""
    more = design_plan.developers_more
    if not more:
        return ""
    subject = count_of(design_plan.developers, "developer")
    return (
        f"a result of {subject} holds for {'that one' if design_plan.developers == 1 else 'these'}"
        f" only; with {more} more it holds for others like them, too"
    )


def drift_words(plan: Plan, design_plan: DesignPlan) -> str:
    """Return why a study tells less often than was asked for; "" where it does not."""
    if design_plan.power is None or round(100 * (plan.power - design_plan.power)) < 1:
        return ""
    return (
        f"the team's own drift lowers the probability from {percent(plan.power)} to"
        f" {percent(design_plan.power)}"
    )


def assumption_words(plan: Plan, reading: Reading) -> str:
    """Return the true gain that a plan assumes: "if there is no gain"."""
    gain = gains.from_ratio(reading, math.exp(plan.true_log_ratio))
    if plan.assumption == "measured":
        return f"if the gain is the {percent(gain)} that the log shows"
    return f"if the gain is {percent(gain)}" if round(100 * gain) else "if there is no gain"


def pace_words(pace: Pace) -> str:
    """Return a pace: "11 tasks a week", or "3 tasks a month" where that is less than two."""
    if pace.per_week >= 2:
        return f"{rounded(pace.per_week)} tasks a week"
    in_month = max(1, round(pace.per_week * WEEKS_OF_A_YEAR / 12))
    return f"{in_month} task{'s' if in_month > 1 else ''} a month"


def weeks_words(duration: Duration) -> str:
    """Return a number of weeks with its interval, such as "18 (17-20)", in whole weeks.

    "over 52" where that is more than a year, of which the number says nothing.
    """
    if duration.weeks > WEEKS_OF_A_YEAR:
        return f"over {WEEKS_OF_A_YEAR}"
    low, weeks, high = (
        max(1, round(weeks)) for weeks in (duration.low, duration.weeks, duration.high)
    )
    return f"{weeks}" if low == high else f"{weeks} ({low}-{high})"


def duration_words(plan: Plan, design_plan: DesignPlan) -> str:
    """Return by when the items are finished, with the interval; "" without a pace."""
    duration = design_plan.duration
    if duration is None:
        return ""
    low, middle, high = (
        plan.day_after(weeks) for weeks in (duration.low, duration.weeks, duration.high)
    )
    if low is None or middle is None or high is None:
        number, _, bounds = weeks_words(duration).partition(" ")
        unit = "week" if number == "1" else "weeks"
        return f"{number} {unit} {bounds.replace('-', ' to ')}".rstrip()
    first, by, last = map(approximate_day, (low, middle, high))
    return by if first == last else f"{by} ({_range(first, last)})"


def _further_items(plan: Plan, design_plan: DesignPlan, reading: Reading) -> str:
    """Return what the log's own comparison still takes."""
    more = design_plan.items_more or 0
    if not more:
        return f"The log holds the tasks that it takes {assumption_words(plan, reading)}."
    subject = f"{about(more, 'more task', 'more tasks')} would tell"
    return f"{subject[:1].upper()}{subject[1:]}, {_probability_text(plan, design_plan, reading)}."


def _new_study(plan: Plan, design_plan: DesignPlan, reading: Reading) -> str:
    """Return what a study of another design takes."""
    subject = _ARTICLES[design_plan.study_design]
    if design_plan.items_in_all is None:
        return f"{subject} cannot tell, because {obstacle_words(plan, design_plan)}."
    if not design_plan.is_practical:
        return f"{subject} would not tell within a year: {_too_long(plan, design_plan, reading)}."
    items = about(design_plan.items_in_all, "task")
    more = design_plan.items_more
    if more and more < design_plan.items_in_all:
        items += f", {rounded(more):,} more than the log holds,"
    return f"{subject} of {items} would tell, {_probability_text(plan, design_plan, reading)}."


def _not_this_way(plan: Plan, design_plan: DesignPlan, reading: Reading) -> str:
    """Return why the log's own comparison is not practical."""
    if design_plan.items_in_all is None:
        return f"No number of tasks can tell this way, because {obstacle_words(plan, design_plan)}."
    return f"Not within a year this way: {_too_long(plan, design_plan, reading)}."


def _too_long(plan: Plan, design_plan: DesignPlan, reading: Reading) -> str:
    """Return how many work items a study takes that takes more than a year."""
    items = about(design_plan.items_more or 0, "more task", "more tasks")
    pace = "" if plan.pace is None else f" at {pace_words(plan.pace)}"
    return f"it would take {items}{pace} {assumption_words(plan, reading)}"


def _probability_text(plan: Plan, design_plan: DesignPlan, reading: Reading) -> str:
    """Return with what probability a study tells, and by when."""
    power = plan.power if design_plan.power is None else design_plan.power
    text = f"with a probability of {percent(power)} {assumption_words(plan, reading)}"
    duration = duration_words(plan, design_plan)
    if not duration or plan.pace is None:
        return text
    ends = "that is done by" if plan.is_current else "that takes"
    return f"{text}; at {pace_words(plan.pace)} {ends} {duration}"


def _range(first: str, last: str) -> str:
    """Return "early to late March 2026" in as few words as the two days need."""
    for words in (2, 1):
        tail = first.split(" ")[-words:]
        if tail == last.split(" ")[-words:] and len(first.split(" ")) > words:
            return f"{' '.join(first.split(' ')[:-words])} to {last}"
    return f"{first} to {last}"
