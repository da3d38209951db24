"""The words of a plan, for ``plan``, ``check`` and the page."""

from __future__ import annotations

import math

from tracker.domain import gains
from tracker.domain.counts import about, rounded
from tracker.domain.gains import Reading, percent
from tracker.domain.records import StudyDesign
from tracker.domain.times import approximate_day
from tracker.evidence.planning.plan import WEEKS_OF_A_YEAR, DesignPlan, Obstacle, Pace, Plan

ONLY_COMPARED_AT_ONE_TIME = "only a randomised or staggered study can tell"

OBSTACLES: dict[Obstacle, str] = {
    "self-selected": f"people choose when to use assistance: {ONLY_COMPARED_AT_ONE_TIME}",
    "drift": f"teams drift that far with no assistance at all: {ONLY_COMPARED_AT_ONE_TIME}",
    "equal": "a true gain equal to the claim cannot be told from it: only no gain can be ruled out",
    "upper-bound": "an upper bound promises nothing: work that reaches it does not tell",
    "too-close": "no practical number of tasks of these developers tells the two apart",
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

    First comes what the log's own comparison takes. Where it has none, or it is not practical, a
    randomised study follows.
    """
    recorded, randomised = plan.recorded, plan.of("randomised")
    if recorded is not None and recorded.is_practical:
        return _further_items(plan, recorded, reading)
    parts = [] if recorded is None else [_not_this_way(plan, recorded)]
    if randomised is not None and not randomised.is_recorded:
        parts.append(_new_study(plan, randomised, reading))
    return " ".join(parts)


def obstacle_words(design_plan: DesignPlan) -> str:
    """Return why no number of work items suffices; "" where one does."""
    return OBSTACLES[design_plan.obstacle] if design_plan.obstacle else ""


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


def weeks_words(weeks: float) -> str:
    """Return a number of weeks, in whole weeks, at least 1, with two significant digits."""
    return f"{max(1, round(weeks)) if weeks < 100 else rounded(weeks):,}"


def duration_words(plan: Plan, design_plan: DesignPlan) -> str:
    """Return by when the items are finished, with the interval; "" without a pace."""
    duration = design_plan.duration
    if duration is None:
        return ""
    low, middle, high = (
        plan.day_after(weeks) for weeks in (duration.low, duration.weeks, duration.high)
    )
    if low is None or middle is None or high is None:
        bounds = f"{weeks_words(duration.low)} to {weeks_words(duration.high)}"
        return f"{weeks_words(duration.weeks)} weeks ({bounds})"
    first, by, last = map(approximate_day, (low, middle, high))
    return by if first == last else f"{by} ({_range(first, last)})"


def _further_items(plan: Plan, design_plan: DesignPlan, reading: Reading) -> str:
    """Return what the log's own comparison still takes."""
    more = design_plan.items_more or 0
    if plan.is_decided:
        return "The log tells already."
    if not more:
        return f"The log holds the tasks that it takes {assumption_words(plan, reading)}."
    subject = f"{about(more, 'more task', 'more tasks')} would tell"
    return f"{subject[:1].upper()}{subject[1:]}, {_odds(plan, design_plan, reading)}."


def _new_study(plan: Plan, design_plan: DesignPlan, reading: Reading) -> str:
    """Return what a study of another design takes."""
    subject = _ARTICLES[design_plan.study_design]
    if design_plan.items_in_all is None:
        return f"{subject} cannot tell, because {obstacle_words(design_plan)}."
    if not design_plan.is_practical:
        return f"{subject} would take {_too_long(plan, design_plan)}."
    items = about(design_plan.items_in_all, "task")
    return f"{subject} of {items} would tell, {_odds(plan, design_plan, reading)}."


def _not_this_way(plan: Plan, design_plan: DesignPlan) -> str:
    """Return why the log's own comparison is not practical."""
    if design_plan.items_in_all is None:
        return f"No number of tasks can tell this way, because {obstacle_words(design_plan)}."
    return f"Not within a year this way: it would take {_too_long(plan, design_plan)}."


def _too_long(plan: Plan, design_plan: DesignPlan) -> str:
    items = about(design_plan.items_more or 0, "more task", "more tasks")
    return items if plan.pace is None else f"{items} at {pace_words(plan.pace)}"


def _odds(plan: Plan, design_plan: DesignPlan, reading: Reading) -> str:
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
