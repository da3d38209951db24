"""Hours a week saved or lost by work with assistance, at today's volume.

Work with assistance that takes V hours a week would have taken V / ratio without it: what is saved
is V · (1 / ratio - 1). Hours are totals, so the ratio is that of total hours for the same estimated
work, Σt/Σestimate. It is right also where long tasks change by another percentage than short ones.
The ratio of typical tasks is right only where all tasks change by the same percentage.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from tracker.domain.money import Prices
from tracker.domain.records import ArmRule
from tracker.domain.times import DAY_SECONDS, first_day_of_month, month_of_day
from tracker.evidence.activity import ActivityEstimate
from tracker.evidence.assessment import Savings
from tracker.evidence.results import (
    HOURS_PER_ESTIMATED_HOUR,
    TOTAL_HOURS,
    TYPICAL_TASK,
    Estimand,
    HoursSaved,
    Interval,
    Result,
    exponentiate,
)
from tracker.evidence.sample import estimated_in_minutes
from tracker.evidence.verdict import count_of_total

MONTHS = 3
"""Calendar months at the end of the log that the volume is taken from, the running one included."""

MIN_DAYS = 14
"""With assistance for fewer days there is no volume."""

HOURS_MEASURES = (HOURS_PER_ESTIMATED_HOUR, TOTAL_HOURS)
"""The measures of total hours, the better one first."""


@dataclass(frozen=True, slots=True)
class Volume:
    """Today's volume of the work with assistance on one activity."""

    hours: float
    """Effort on the days of the volume."""
    first_day: int
    last_day: int
    developers: int
    """Developers who began such work on these days."""

    @property
    def hours_per_week(self) -> float:
        """Hours of work with assistance a week."""
        return self.hours * 7 / (self.last_day - self.first_day + 1)


def days_of_volume(
    moments: pd.DataFrame, rule: ArmRule, first_day: int | None, now_epoch: int
) -> tuple[int, int] | None:
    """Return the first and the last day that the volume is taken from.

    They are those of the last three calendar months, from the first with assistance on.

    Args:
        moments: Moments by month, every status.
        rule: The arm rule.
        first_day: The first day of the log, as days since 1970-01-01; None where it is empty.
        now_epoch: The instant of "now".

    Returns:
        The days; None where they are fewer than 14, or none has work with assistance.

    """
    months = moments.loc[moments["arm"] == "assistance", "period"]
    now_day = now_epoch // DAY_SECONDS
    first_month = month_of_day(now_day) - MONTHS + 1
    if first_day is None or not (months >= first_month).any():
        return None
    start = max(first_day_of_month(max(first_month, int(months.min()))), first_day)
    if rule.by == "rollout":
        start = max(start, min(cutover.day for cutover in rule.cutovers))
    return (start, now_day) if now_day - start + 1 >= MIN_DAYS else None


def recent_volume(moments: pd.DataFrame, quality: pd.DataFrame, days: tuple[int, int]) -> Volume:
    """Return the volume of some days.

    Args:
        moments: Moments by month, every status.
        quality: Entries by arm, with the effort of these days as ``recent_seconds``.
        days: The first and the last day.

    """
    seconds = quality.loc[quality["arm"] == "assistance", "recent_seconds"].sum()
    return Volume(float(seconds) / 3600, *days, len(developers_with_volume(moments, days[0])))


def hours_saved(
    activity_estimate: ActivityEstimate, table: tuple[Estimand, ...], volume: Volume | None
) -> HoursSaved | None:
    """Return the hours saved a week; None where there is no interval or no volume.

    They are made from total hours. The typical task takes their place for bounds that hold however
    often one looks.

    Args:
        activity_estimate: The estimate of the activity.
        table: Its estimands.
        volume: Today's volume of its work with assistance.

    """
    log_ratio = activity_estimate.judged_log_ratio
    if log_ratio is None or volume is None or not volume.hours > 0:
        return None
    typical = hours_of_ratio(volume.hours_per_week, exponentiate(log_ratio))
    saved, measure = typical, TYPICAL_TASK
    if not activity_estimate.anytime:
        ratios = {estimand.name: estimand.time_ratio for estimand in table}
        for name in HOURS_MEASURES:
            ratio = ratios.get(name)
            if ratio is not None and ratio.low is not None:
                saved, measure = hours_of_ratio(volume.hours_per_week, ratio), name
                break
    return HoursSaved(
        volume=volume.hours_per_week,
        first_day=volume.first_day,
        last_day=volume.last_day,
        developers=volume.developers,
        saved=saved,
        measure=measure,
        typical=typical,
        measured_tasks=_tasks_in_minutes(activity_estimate)
        if measure == HOURS_PER_ESTIMATED_HOUR
        else "",
    )


def _tasks_in_minutes(activity_estimate: ActivityEstimate) -> str:
    """Return how many of the tasks compared are estimated in minutes; "" where all are."""
    sample = activity_estimate.sample
    items = estimated_in_minutes(sample).cells.items
    return "" if items == sample.cells.items else count_of_total(items, sample.cells.items)


def hours_of_ratio(volume: float, ratio: Interval) -> Interval:
    """Return the hours saved of a volume; the bounds swap, as they fall when the ratio rises."""

    def hours(value: float | None) -> float | None:
        return None if value is None else volume * (1.0 / value - 1.0)

    return Interval(volume * (1.0 / ratio.estimate - 1.0), hours(ratio.high), hours(ratio.low))


def total_savings(
    results: Iterable[Result], developers: set[str], prices: Prices | None
) -> Savings | None:
    """Return what the activities save together; None where none has hours.

    Args:
        results: The results; several claims about one activity have the same hours.
        developers: Those who began work with assistance in the period of the volume.
        prices: What an hour costs. Not used for the hours of one developer: nobody is priced.

    """
    hours = {r.activity: r.hours_saved for r in results if r.hours_saved is not None}
    if not hours:
        return None
    saved = [activity_hours.saved for activity_hours in hours.values()]
    return Savings(
        volume=math.fsum(activity_hours.volume for activity_hours in hours.values()),
        saved=Interval(
            math.fsum(interval.estimate for interval in saved),
            _sum_of_bounds([interval.low for interval in saved]),
            _sum_of_bounds([interval.high for interval in saved]),
        ),
        developers=len(developers),
        prices=prices if len(developers) > 1 else None,
    )


def developers_with_volume(moments: pd.DataFrame, first_day: int) -> set[str]:
    """Return the developers who began work with assistance since the month of a day.

    Args:
        moments: Moments by month, every status.
        first_day: The day.

    """
    recent = (moments["arm"] == "assistance") & (moments["period"] >= month_of_day(first_day))
    return set(moments.loc[recent, "developer"])


def _sum_of_bounds(bounds: list[float | None]) -> float | None:
    defined = [bound for bound in bounds if bound is not None]
    return math.fsum(defined) if len(defined) == len(bounds) else None
