"""What the timer's commands print about the timer and the entry that it becomes."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, time, tzinfo

from tracker.cli.context import Context
from tracker.domain import times, typed_times
from tracker.domain.errors import NothingToDo
from tracker.domain.ids import id_end
from tracker.local.record_files import Record
from tracker.local.timer import Timer

_EXAMPLE_END = time(17, 30)


def say_stopped(context: Context, entry: Record) -> None:
    """Print which entry a timer became, and warn if it was probably forgotten."""
    seconds, name = entry["seconds"], id_end(entry["id"])
    effort = format_effort(seconds)
    context.say(f"stopped {entry['activity']} {entry['task']} after {effort} (id {name})")
    latest_epoch = entry["started_epoch"]
    with suppress(NothingToDo, OSError):
        latest_epoch = context.timer.last().latest_epoch
    words = _forgotten_words(seconds, (latest_epoch, entry["ended_epoch"]), entry["zone"])
    if words:
        clock = _example_clock(entry["started_epoch"], entry["ended_epoch"], context.zone)
        context.warn(
            f"that is {words}: if the timer was forgotten, `tracker edit {name} -{clock}` corrects "
            "its end, and `tracker undo` lets it run on."
        )


def warn_of_forgotten_timer(context: Context, timer: Timer) -> None:
    """Warn of a running timer that was probably forgotten."""
    until_epoch = context.now_epoch if timer.paused_epoch is None else timer.paused_epoch
    interval = (timer.latest_epoch, until_epoch)
    words = _forgotten_words(timer.seconds(context.now_epoch), interval, timer.zone)
    if words:
        today = times.date_to_day(context.now().date())
        day = times.local_day(timer.latest_epoch, context.zone)
        clock = _example_clock(*interval, context.zone)
        at = clock if day == today else f'"{typed_times.format_day(day, today)} {clock}"'
        context.warn(
            f"the timer has run for {words}: if it was forgotten, `tracker stop --at {at}` stops "
            "it at an earlier time."
        )


def _forgotten_words(seconds: int, interval: tuple[int, int], zone_name: str) -> str:
    """Return the effort of a timer that was probably forgotten; "" for a usual one.

    Args:
        seconds: The effort.
        interval: The last start or resume of the timer, and its end, in epoch seconds.
        zone_name: The zone of the timer.
    """
    first_day, last_day = (times.local_day(epoch, times.zone(zone_name)) for epoch in interval)
    start_epoch, end_epoch = interval
    words = f"{format_effort(seconds)} at a stretch"
    if first_day < last_day and end_epoch - start_epoch > times.OVERNIGHT_EFFORT_SECONDS:
        return f"{words}, over night"
    return words if seconds > times.LONG_EFFORT_SECONDS else ""


def _example_clock(start_epoch: int, end_epoch: int, zone: tzinfo) -> str:
    """Return a time on the first day of an interval at which work may have ended."""
    start, end = (datetime.fromtimestamp(epoch, zone) for epoch in (start_epoch, end_epoch))
    example = start.replace(hour=_EXAMPLE_END.hour, minute=_EXAMPLE_END.minute, second=0)
    return f"{_EXAMPLE_END:%H:%M}" if start < example < end else "TIME"


def format_effort(seconds: int) -> str:
    """Return an effort in words, such as ``1h 05m``."""
    return times.format_minutes(seconds / 60)


def timer_in_words(timer: Timer | None, now_epoch: int) -> str:
    """Return the line about the timer."""
    if timer is None:
        return "no timer runs"
    effort = format_effort(timer.seconds(now_epoch))
    text = f"{timer}: {effort} since {timer.when(timer.started_epoch)}"
    if timer.paused_epoch is None:
        return text
    return f"{text}, paused since {timer.when(timer.paused_epoch)}"
