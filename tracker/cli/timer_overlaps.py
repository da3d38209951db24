"""Time that the running timer shares with finished work, known from this machine's files."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from tracker.cli.context import Context
from tracker.domain import times, typed_times
from tracker.domain.ids import id_end
from tracker.domain.plausibility import is_overlap
from tracker.local.history import Step
from tracker.local.record_files import Record
from tracker.local.timer import Timer, parse_timer


def warn_of_running_timer(context: Context, record: Record) -> None:
    """Warn if finished work overlaps the running timer, and name the correction."""
    timer = context.timer.running()
    if timer is not None and _do_overlap(context, timer, record):
        _warn(context, timer, record)


def warn_of_finished_work(context: Context, timer: Timer) -> None:
    """Warn if the running timer overlaps work that waits, or that a timer here became.

    Other entries are compared with the timer's entry when that is stored.
    """
    finished: dict[str, tuple[Record, Timer | None]] = {
        id_: (record, _former_timer(step))
        for step in context.history.done()
        for id_, record in step.records.items()
    }
    for _, record in context.outbox.pending():
        if "id" in record:
            finished[record["id"]] = record, finished.get(record["id"], (None, None))[1]
    overlapping = [
        record
        for record, former in finished.values()
        if record.get("developer") == timer.developer
        and _do_overlap(context, timer, record, former)
    ]
    if overlapping:
        record = max(overlapping, key=lambda record: int(record["ended_epoch"]))
        _warn(context, timer, record, is_of_timer=True)


def _former_timer(step: Step) -> Timer | None:
    """Return the timer before a step; None where none ran, or where it cannot be read."""
    with suppress(ValueError):
        return None if step.before is None else parse_timer(step.before)
    return None


def _do_overlap(
    context: Context, timer: Timer, record: Record, former: Timer | None = None
) -> bool:
    """Return whether a timer and the record of a valid entry share time that is to be told.

    Args:
        context: The run of the program.
        timer: The running timer.
        record: The record.
        former: The timer that became the entry, which has the places of its pauses; None where it
            is not known.
    """
    seconds = [record.get(f"{name}_epoch") for name in ("started", "ended")]
    seconds.append(record.get("interruption_seconds"))
    if record.get("kind") != "entry" or not all(isinstance(value, int) for value in seconds):
        return False
    start, end = _shared(context, timer, record)
    interruptions = record["interruption_seconds"]
    if former is not None and former.started_epoch == record["started_epoch"]:
        interruptions = _interruptions(former, start, end)
    return is_overlap(start, end, _interruptions(timer, start, end) + interruptions)


def _interruptions(timer: Timer, start: int, end: int) -> int:
    """Return the seconds of a stretch of time in which a timer may have been interrupted."""
    pauses = timer.interruption_seconds(end) - timer.interruption_seconds(start)
    return pauses + timer.unplaced_seconds


def _shared(context: Context, timer: Timer, record: Record) -> tuple[int, int]:
    start = max(timer.started_epoch, record["started_epoch"])
    return start, min(context.now_epoch, record["ended_epoch"])


def _warn(context: Context, timer: Timer, record: Record, *, is_of_timer: bool = False) -> None:
    """Warn of an overlap, and name the correction of the timer.

    Args:
        context: The run of the program.
        timer: The running timer.
        record: The record of the entry.
        is_of_timer: Whether the start of the timer is what was typed. It is probably right, so
            that the entry's end may be what is wrong.
    """
    start, end = _shared(context, timer, record)
    first_pause = timer.pauses[0][0] if timer.pauses else context.now_epoch
    if record["started_epoch"] <= timer.started_epoch and end < first_pause:
        correction = f"{_typed(context, timer, end)}-"
    else:
        correction = f"--without {_typed(context, timer, start)}-{_clock(context, end)}"
    other = ""
    if is_of_timer and record["started_epoch"] < timer.started_epoch:
        clock = _clock(context, timer.started_epoch)
        other = f", `tracker edit {id_end(record['id'])} -{clock}` the entry"
    context.warn(
        f"{timer}, which runs since {timer.when(timer.started_epoch)}, overlaps "
        f"{record['activity']} {record['task']} from {timer.when(record['started_epoch'])}: "
        f"`tracker edit {correction}` corrects the timer{other}."
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
