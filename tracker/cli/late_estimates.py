"""Estimates made after their work began, which do not count: the warning, and their words."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.domain import times, typed_times
from tracker.local.record_files import read_json_value, write_json

if TYPE_CHECKING:  # SQLAlchemy is imported with the database
    from tracker.cli.session import Session
    from tracker.local.timer import Timer
    from tracker.store.read.summaries import WorkSummary


_WARNED_FILE = "late_estimates.json"
"""The file of the data folder with the last estimates that a command here warned of."""
_MAX_WARNED = 100


def warn_of_late_estimate(
    session: Session,
    activity: str,
    task: str,
    minutes: float | None = None,
    *,
    is_news: bool = True,
) -> None:
    """Warn, once in a command, that an estimate was made after its work began.

    Args:
        session: The run of the program.
        activity: The activity of the work item.
        task: The task of the work item.
        minutes: The estimate, for an example; None for another one.
        is_news: Whether the command at hand made it late. Of one that was so before, as when the
            entry of a timer is stored later, no command here warns again.
    """
    earlier = _warned_estimates(session)
    estimate = f"{activity}\t{task}\t{minutes}"
    if (activity, task) in session.late_estimates or (estimate in earlier and not is_news):
        return
    session.late_estimates.add((activity, task))
    effort = typed_times.format_duration(60 * (minutes or 180))
    session.warn(
        f"the estimate of {activity} {task} was made after the work began: it does not count. "
        f"Next time, `tracker start {activity} KEY --estimate {effort}` makes it in time."
    )
    others = [other for other in earlier if other != estimate]
    with suppress(OSError):
        write_json(_warned_path(session), [*others, estimate][-_MAX_WARNED:])


def _warned_estimates(session: Session) -> list[str]:
    """Return the estimates of the file; none where it is missing or damaged."""
    with suppress(OSError, ValueError):
        content = read_json_value(_warned_path(session))
        if isinstance(content, list):
            return [text for text in content if isinstance(text, str)]
    return []


def _warned_path(session: Session) -> str:
    return str(Path(session.data_folder, _WARNED_FILE))


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
