"""Estimates made after their work began, which do not count: how `task` and `tasks` show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracker.domain import times

if TYPE_CHECKING:  # SQLAlchemy is imported with the database
    from tracker.local.timer import Timer
    from tracker.store.read.summaries import WorkSummary


def began_epoch(item: WorkSummary, timer: Timer | None) -> int | None:
    """Return when the work on an item began, also where only the timer runs; None: not yet."""
    instants = [] if item.first_epoch is None else [item.first_epoch]
    if timer is not None and (timer.activity, timer.task) == (item.activity, item.task):
        instants.append(timer.started_epoch)
    return min(instants, default=None)


def late_estimates(items: Sequence[WorkSummary], timer: Timer | None) -> list[WorkSummary]:
    """Return the work items whose estimate does not count."""
    from tracker.domain.records import is_late

    return [item for item in items if is_late(item.estimated_epoch, began_epoch(item, timer))]


def estimate_words(minutes: float | None, *, is_late: bool) -> str | None:
    """Return an estimate as a table shows it, such as ``3h 00m`` or ``3h 00m late``."""
    if minutes is None:
        return None
    return times.format_minutes(minutes) + (" late" if is_late else "")


def used_share(seconds: int, minutes: float | None, *, is_late: bool) -> str | None:
    """Return how much of an estimate in minutes is used; None where there is none that counts."""
    return f"{100 * seconds / 60 / minutes:.0f} %" if minutes and not is_late else None
