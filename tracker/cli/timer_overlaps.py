"""Time that the running timer shares with finished work, known from this machine's files."""

from __future__ import annotations

from datetime import datetime

from tracker.cli.context import Context
from tracker.domain import times, typed_times
from tracker.domain.plausibility import is_overlap
from tracker.local.record_files import Record
from tracker.local.timer import Timer


def warn_of_running_timer(context: Context, record: Record) -> None:
    """Warn if finished work overlaps the running timer, and name the correction."""
    timer = context.timer.running()
    if timer is not None and _do_overlap(context, timer, record):
        _warn(context, timer, record)


def warn_of_finished_work(context: Context, timer: Timer) -> None:
    """Warn if the running timer overlaps work that waits, or that a timer here became.

    Other entries are compared with the timer's entry when that is stored.
    """
    records = {
        id_: record for step in context.history.done() for id_, record in step.records.items()
    }
    records |= {record["id"]: record for _, record in context.outbox.pending() if "id" in record}
    overlapping = [
        record
        for record in records.values()
        if record.get("developer") == timer.developer and _do_overlap(context, timer, record)
    ]
    if overlapping:
        _warn(context, timer, max(overlapping, key=lambda record: int(record["ended_epoch"])))


def _do_overlap(context: Context, timer: Timer, record: Record) -> bool:
    """Return whether a timer and the record of a valid entry share time that is to be told."""
    seconds = [record.get(f"{name}_epoch") for name in ("started", "ended")]
    seconds.append(record.get("interruption_seconds"))
    if record.get("kind") != "entry" or not all(isinstance(value, int) for value in seconds):
        return False
    start, end = _shared(context, timer, record)
    pauses = timer.interruption_seconds(end) - timer.interruption_seconds(start)
    return is_overlap(start, end, pauses + timer.unplaced_seconds + record["interruption_seconds"])


def _shared(context: Context, timer: Timer, record: Record) -> tuple[int, int]:
    start = max(timer.started_epoch, record["started_epoch"])
    return start, min(context.now_epoch, record["ended_epoch"])


def _warn(context: Context, timer: Timer, record: Record) -> None:
    start, end = _shared(context, timer, record)
    first_pause = timer.pauses[0][0] if timer.pauses else context.now_epoch
    if record["started_epoch"] <= timer.started_epoch and end < first_pause:
        correction = f"{_typed(context, timer, end)}-"
    else:
        correction = f"--without {_typed(context, timer, start)}-{_clock(context, end)}"
    context.warn(
        f"{timer}, which runs since {timer.when(timer.started_epoch)}, overlaps "
        f"{record['activity']} {record['task']} from {timer.when(record['started_epoch'])}: "
        f"`tracker edit {correction}` corrects the timer."
    )


def _typed(context: Context, timer: Timer, epoch: int) -> str:
    """Return a time as it is typed, with its day where that is not the one of the timer's start."""
    day, first_day = (times.local_day(at, context.zone) for at in (epoch, timer.started_epoch))
    clock = _clock(context, epoch)
    if day == first_day:
        return clock
    today = times.date_to_day(context.now().date())
    return f"{'today' if day == today else typed_times.format_day(day, today)} {clock}"


def _clock(context: Context, epoch: int) -> str:
    return f"{datetime.fromtimestamp(epoch, context.zone):%H:%M}"
