"""The start, the end and the effort of finished work, as they are typed."""

from __future__ import annotations

from datetime import datetime

import click

from tracker.cli.context import Context
from tracker.cli.options import effort
from tracker.domain import times, typed_times
from tracker.domain.errors import BadValue


def task_or_effort(
    text: str | None,
) -> tuple[str | None, int | typed_times.Span | None]:
    """Return the task or the duration that a single argument is; neither without one."""
    if text is None or not (typed_times.is_duration(text) or typed_times.is_span(text)):
        return text, None
    return None, effort(text)


def work_interval(
    context: Context,
    work: int | typed_times.Span | None,
    start: datetime | None,
    end_text: str | None,
) -> tuple[int, int, int]:
    """Return start, end and effort of an entry, in seconds, from two of them or from all three.

    Args:
        context: The run of the program.
        work: The effort in seconds, or the stretch of time worked; None if it is not given.
        start: The start; None if it is not given.
        end_text: The end as typed; a time without a day is the first one after the start.

    Raises:
        click.UsageError: Too few of them are given.
        BadValue: They contradict each other, or lie in the future.
    """
    labels, seconds = ("--from", "--to"), None
    end: datetime | None = None
    if isinstance(work, typed_times.Span):
        if start or end_text:
            raise click.UsageError("give a DURATION such as 13:00-13:30, or --from and --to")
        labels, start, end = ("start", "end"), work.start, work.end
    else:
        seconds = work
        end = _end(start, end_text, context.now()) if end_text else None
    if seconds is None and (start is None or end is None):
        raise click.UsageError("give a DURATION such as 45m or 13:00-13:30, or --from and --to")
    now_epoch = context.now_epoch
    if end:
        end_epoch = int(end.timestamp())
    else:
        end_epoch = int(start.timestamp()) + (seconds or 0) if start else now_epoch
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
