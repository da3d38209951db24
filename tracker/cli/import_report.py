"""The words of what an import brought: people, period, and hours by activity and month."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.domain import times
from tracker.domain.counts import count_of
from tracker.store.read.entry_sums import EntrySums

_MAX_ACTIVITIES = 6
_MAX_MONTHS = 6


def lines(report: EntrySums) -> Iterator[str]:
    """Yield the lines of the report."""
    total = report.seconds_by_activity.total()
    first, last = (times.day_to_date(day) for day in (report.first_day, report.last_day))
    people = count_of(len(report.developers), "person", "people")
    yield f"  {people}, {first} to {last}, {hours_words(total)}"
    if not total:
        return
    activities = report.seconds_by_activity.most_common()
    named = ", ".join(
        f"{activity} {hours_words(seconds)} ({share_words(seconds, total)})"
        for activity, seconds in activities[:_MAX_ACTIVITIES]
    )
    rest = activities[_MAX_ACTIVITIES:]
    others = count_of(len(rest), "other activity", "other activities")
    more = f", {others} {hours_words(sum(seconds for _, seconds in rest))}" if rest else ""
    yield f"  by activity: {named}{more}"
    months = sorted(report.seconds_by_month.items())
    number = len(months)
    label = "by month" if number <= _MAX_MONTHS else f"the last {_MAX_MONTHS} of {number:,} months"
    by_month = ", ".join(
        f"{times.format_month(month)} {hours_words(seconds)}"
        for month, seconds in months[-_MAX_MONTHS:]
    )
    yield f"  {label}: {by_month}"
    shares = ", ".join(
        f"{share_words(report.seconds_by_assisted[answer], total)} {words}"
        for answer, words in (
            ("yes", "with assistance"),
            ("no", "without"),
            ("unknown", "unknown"),
        )
    )
    yield f"  hours: {shares}"


def hours_words(seconds: int) -> str:
    """Return an effort: whole hours, from 10 hours on, else hours and minutes."""
    return f"{seconds / 3600:,.0f} h" if seconds >= 36_000 else times.format_minutes(seconds / 60)


def share_words(part: int, total: int) -> str:
    """Return a share in percent; one that is not nothing is never shown as 0 %."""
    percent = 100 * part / total
    return "< 1 %" if 0 < percent < 1 else f"{percent:.0f} %"
