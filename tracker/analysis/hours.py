"""Hours: the volume of the work with assistance, and where all hours went."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.analysis.study import Study
from tracker.domain.disclosure import MIN_DEVELOPERS_SHOWN
from tracker.domain.money import Prices
from tracker.domain.times import DAY_SECONDS
from tracker.evidence.assessment import Savings
from tracker.evidence.charts.hours import hours_per_week, whole_weeks
from tracker.evidence.charts.weekly_hours import WeeklyHours
from tracker.evidence.hours_saved import (
    Volume,
    developers_with_volume,
    recent_volume,
    total_savings,
)
from tracker.evidence.results import Result
from tracker.store.read.hours_by_week import weekly_hours


def volume_of(study: Study) -> Volume | None:
    """Return today's volume of work with assistance; None where there is none to show.

    That of fewer than five developers is not shown, unless the log has no more or is the reader's
    own.
    """
    if study.volume_days is None:
        return None
    volume = recent_volume(study.moments, study.quality, study.volume_days)
    is_own = study.question.selection.developer is not None
    if is_own or study.log_developers < MIN_DEVELOPERS_SHOWN:
        return volume
    return volume if volume.developers >= MIN_DEVELOPERS_SHOWN else None


def savings_of(
    activity_studies: Iterable[Study], results: Iterable[Result], prices: Prices | None
) -> Savings | None:
    """Return what all activities with hours save together."""
    results = [result for result in results if result.hours_saved is not None]
    activities = {result.activity for result in results}
    developers: set[str] = set()
    for study in activity_studies:
        if study.activity in activities and study.volume_days is not None:
            developers |= developers_with_volume(study.moments, study.volume_days[0])
    return total_savings(results, developers, prices)


def weekly_hours_of(study: Study, *, own_log: bool) -> WeeklyHours | None:
    """Return the hours of all activities per developer-week, by the arms of one study.

    None where there is none, or none to show.
    """
    first_day = study.span.first_day
    days = None if first_day is None else whole_weeks(first_day, study.now_epoch // DAY_SECONDS)
    if days is None:
        return None
    seconds = weekly_hours(
        study.connection,
        study.question.selection,
        study.rule,
        first_day=days[0],
        last_day=days[1],
    )
    min_developers = 1 if own_log else MIN_DEVELOPERS_SHOWN
    return hours_per_week(
        seconds, by_date=study.rule.by == "rollout", min_developers=min_developers
    )
