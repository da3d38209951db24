"""The start, the end and the effort of finished work, as they are typed."""

from __future__ import annotations

from datetime import datetime

import click

from tracker.cli.context import Context
from tracker.domain import times, typed_times
from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.typed_intervals import TypedInterval, is_interval, parse_interval


def task_and_interval(
    task: str | None, work: TypedInterval | None
) -> tuple[str | None, TypedInterval | None]:
    """Return the task and the stretch of work of two arguments; a single one may be either.

    Raises:
        BadValue: The task is written as times of several words, which were joined.
    """
    if task is None or not is_interval(task):
        return task, work
    if work is None:
        return None, parse_interval(task)
    if len(task.split()) > 1:
        raise BadValue(f"task is {quote(task)}, written as times: give a task, and the times once.")
    return task, work


def work_interval(
    context: Context,
    work: TypedInterval | None,
    start: datetime | None,
    end_text: str | None,
) -> tuple[int, int, int]:
    """Return start, end and effort of an entry, in seconds, from two of them or from all three.

    Args:
        context: The run of the program.
        work: The stretch of work as typed; None if it is not given.
        start: The start; None if it is not given, or only in ``work``.
        end_text: The end as typed; a time without a day is the first one after the start.

    Raises:
        click.UsageError: Too few of them are given, or one of them twice.
        BadValue: They contradict each other, lie in the future, or may mean several things.
    """
    work, now = work or TypedInterval(), context.now()
    labels = ("--from", "--to")
    if work.start or work.end or work.limit:
        if start or end_text:
            raise click.UsageError("give a DURATION such as 13:00-13:30, or --from and --to")
        work, labels = without_limit(work, now), ("start", "end")
        start = typed_times.parse_instant(work.start, now=now) if work.start else None
        end_text = work.end
    seconds = work.seconds
    end = _end(start, end_text, now) if end_text else None
    if seconds is None and (start is None or (end is None and not work.start)):
        raise click.UsageError("give a DURATION such as 45m or 13:00-13:30, or --from and --to")
    now_epoch = context.now_epoch
    if end:
        end_epoch = int(end.timestamp())
    else:
        end_epoch = int(start.timestamp()) + seconds if start and seconds else now_epoch
    start_epoch = int(start.timestamp()) if start else end_epoch - (seconds or 0)
    for label, instant in zip(labels, (start, end), strict=True):
        _check_passed(context, label, instant)
    if end_epoch > now_epoch:
        raise BadValue(
            f"the entry would end at {_format_instant(context, end_epoch)}: "
            "give an earlier start or a shorter duration."
        )
    if start_epoch >= end_epoch:
        raise BadValue(
            f"{labels[1]} is {_format_instant(context, end_epoch)}, not after {labels[0]}: "
            "give a later time, with its day if it needs one."
        )
    if seconds is None:
        seconds = end_epoch - start_epoch
    if seconds > end_epoch - start_epoch:
        raise BadValue(
            f"duration is more than the time from {_format_instant(context, start_epoch)} "
            f"to {_format_instant(context, end_epoch)}."
        )
    return start_epoch, end_epoch, seconds


def without_limit(work: TypedInterval, now: datetime) -> TypedInterval:
    """Return a stretch of work whose time after the effort, if it has one, is its end.

    ``1h 15:30`` may mean a start or an end. It is taken for an end where the work would not be over
    yet if it had begun then.

    Raises:
        BadValue: Both are possible, or two times stand without a dash.
    """
    if work.is_pair and work.start and work.end:
        raise BadValue(_pair_message(work.start, work.end, now))
    if work.limit is None:
        return work
    seconds, limit = work.seconds or 0, typed_times.parse_instant(work.limit, now=now)
    if limit.timestamp() + seconds <= now.timestamp():
        effort = typed_times.format_duration(seconds)
        raise BadValue(
            f"{effort} {work.limit} may mean that the work began or ended then: write "
            f"'{work.limit} {effort}' for a start, or '{effort} --to {work.limit}' for an end."
        )
    return TypedInterval(end=work.limit, seconds=work.seconds)


def _pair_message(first: str, last: str, now: datetime) -> str:
    """Return the message for two times without a dash: the last may be an end or a duration."""
    forms = []
    if typed_times.is_duration(last):
        effort = typed_times.format_duration(typed_times.parse_duration(last))
        forms.append(f"{first} {effort} for a start and a duration")
    if not forms or _is_past_interval(first, last, now):
        forms.insert(0, f"{first}-{last} for a start and an end")
    return f"times are '{first} {last}': write {', or '.join(forms)}."


def _is_past_interval(first: str, last: str, now: datetime) -> bool:
    """Return whether two typed times may be the start and the end of finished work."""
    try:
        start = typed_times.parse_instant(first, now=now)
        return start < typed_times.parse_instant_after(last, start, now=now) <= now
    except BadValue:
        return False


def _check_passed(context: Context, label: str, instant: datetime | None) -> None:
    """Raise BadValue for a time in the future."""
    if instant and instant.timestamp() > context.now_epoch:
        typed = _format_instant(context, int(instant.timestamp()))
        raise BadValue(f"{label} is {typed}: {times.PAST_ONLY}.")


def _end(start: datetime | None, text: str, now: datetime) -> datetime:
    if start is None:
        return typed_times.parse_instant(text, now=now)
    return typed_times.parse_instant_after(text, start, now=now)


def _format_instant(context: Context, epoch: int) -> str:
    return times.format_instant(epoch, context.zone)
