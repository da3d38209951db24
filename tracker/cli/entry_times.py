"""The times of an entry: as they are shown, and as a correction changes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.session import Session
from tracker.domain import stored_times, times, typed_times
from tracker.domain.errors import BadValue
from tracker.domain.typed_intervals import TypedInterval

_HALF_DAY = timedelta(hours=12)

NewTimes = tuple[int | None, int | None, int | None]
"""New start and end in epoch seconds, and effort in seconds; None for what is not given."""

if TYPE_CHECKING:  # dataclasses are imported with the store
    from zoneinfo import ZoneInfo

    from tracker.domain.records import Entry


def start_of(session: Session, entry: Entry) -> str:
    """Return when an entry began in the reader's zone; the entry's own is named if it differs."""
    epoch, zone = entry.started_epoch, entry.zone
    if not stored_times.is_readable(zone, epoch):
        return stored_times.format_instant(epoch, zone)
    own, readers = (stored_times.local_time(epoch, name) for name in (zone, session.zone.key))
    suffix = "" if own.utcoffset() == readers.utcoffset() else f" ({own:%H:%M} {zone})"
    return f"{readers:%Y-%m-%d %H:%M}{suffix}"


def typed_work(
    work: TypedInterval | None, start: str | None, end: str | None, seconds: int | None
) -> TypedInterval:
    """Return the new times of an entry from TIMES and from options, None for what is not given.

    Raises:
        click.UsageError: One of them is given twice.
        BadValue: TIMES may mean several things.
    """
    if work is None:
        return TypedInterval(start, end, seconds)
    if start or end or (seconds and not (work.start and work.end)):
        raise click.UsageError("give TIMES such as 9:05-10:15, or --from, --to and --duration")
    if work.limit:
        raise BadValue(
            f"{work.limit} may be the right start or the right end: give the effort after a start, "
            f"as in '{work.limit} 45m', or --to {work.limit} and --duration."
        )
    return work._replace(seconds=work.seconds or seconds, is_pair=False)


def times_without(session: Session, entry: Entry, interruption: TypedInterval) -> NewTimes:
    """Return the times of an entry whose effort is less by an interruption.

    Raises:
        BadValue: The interruption is not within the entry, or leaves no effort.
    """
    start, end = entry.started_epoch, entry.end_epoch
    if not stored_times.is_readable_epoch(start):
        raise BadValue(f"the entry's start is {start}, no time: give the right one, --from.")
    limits = interruption_limits(session, interruption, (start, end), "the entry")
    seconds = limits[1] - limits[0] if limits else interruption.seconds
    if seconds is None or seconds >= entry.seconds:
        raise BadValue(nothing_left(entry.seconds))
    return start, end, entry.seconds - seconds


def interruption_limits(
    session: Session, interruption: TypedInterval, work: tuple[int, int], label: str
) -> tuple[int, int] | None:
    """Return start and end of an interruption in epoch seconds; None for a duration.

    A typed time is a whole minute, so the one in which the work began is its start.

    Args:
        session: The run of the program.
        interruption: The interruption as typed.
        work: Start and end of the work in epoch seconds.
        label: What the work is, such as "the entry".

    Raises:
        BadValue: It is not within the work, or has one time only.
    """
    if interruption == TypedInterval(seconds=interruption.seconds):
        return None
    if not (interruption.start and interruption.end):
        raise BadValue("--without takes a duration or two times, such as 30m or 11:00-11:30.")
    start, end = work
    now = session.now()
    before = datetime.fromtimestamp(start - start % 60 - 1, now.tzinfo)
    first = typed_times.parse_instant_after(interruption.start, before, now=now)
    last = typed_times.parse_instant_after(interruption.end, first, now=now)
    if first <= before or last.timestamp() > end or last.timestamp() <= start or last <= first:
        limits = (stored_times.format_instant(epoch, session.zone.key) for epoch in work)
        raise BadValue(
            f"{interruption.start}-{interruption.end} is not within {label}, which is from "
            f"{' to '.join(limits)}: give times within it."
        )
    return max(int(first.timestamp()), start), int(last.timestamp())


def nothing_left(seconds: int) -> str:
    """Return the refusal of an interruption that is as long as an effort in seconds."""
    effort = times.format_minutes(seconds / 60)
    advice = "give a shorter one" if seconds >= 60 else "the times of the work are to be corrected"
    return f"the interruption leaves nothing of an effort of {effort}: {advice}."


def new_start(text: str, start: datetime, end: datetime, *, now: datetime) -> datetime:
    """Return the new start of work as typed.

    A time without a day is of the day of the old start, or of the next one where it is nearer to
    the old start then, and before the old end: ``0:10`` of work from 23:30 to 1:00.
    """
    until = min(end, start + _HALF_DAY)
    return typed_times.parse_instant_after(text, start, now=now, until=until)


def new_instants(
    session: Session, entry: Entry, start: str | None, end: str | None, seconds: int | None
) -> tuple[int | None, int | None]:
    """Return the new start and end of an entry in epoch seconds; None for what is not given.

    A start without a day is as in :func:`new_start`, and an end the first after the start.
    """
    now = session.now()
    old_start, old_end = (
        datetime.fromtimestamp(epoch, now.tzinfo) if stored_times.is_readable_epoch(epoch) else now
        for epoch in (entry.started_epoch, entry.end_epoch)
    )
    first = None if start is None else new_start(start, old_start, old_end, now=now)
    last = None
    if end is not None and first is None and seconds is not None:
        day = times.date_to_day(old_end.date())  # the start follows from the end
        last = typed_times.parse_instant(end, now=now, day=day)
    elif end is not None:
        last = typed_times.parse_instant_after(end, first or old_start, now=now)
    return times.to_epoch(first), times.to_epoch(last)


def time_fields(
    entry: Entry,
    new: NewTimes,
    zone: ZoneInfo | None,
    now_epoch: int,
) -> dict[str, Any]:
    """Return the fields that depend on an entry's start, end, effort and zone.

    Its interruptions stay as they are, unless start, end and effort are all given. So does its
    zone: the local day is that of the entry's zone, whatever zone the new start was typed in.

    Args:
        entry: The entry as it is.
        new: What is to be different.
        zone: The new zone; None for the old one.
        now_epoch: The current instant.

    Raises:
        BadValue: The times contradict each other or lie in the future, or cannot be read.
    """
    start, end, seconds = new
    zone_name = zone.key if zone else entry.zone
    pause = entry.interruption_seconds
    if start is None:
        start = end - seconds - pause if end and seconds else entry.started_epoch
    if not stored_times.is_readable_epoch(start):
        raise BadValue(f"the entry's start is {start}, no time: give the right one, --from.")
    fields = {"zone": zone_name, "local_day": times.local_day(start, times.zone(zone_name))}
    if new == (None, None, None):
        return fields
    if end is None:
        seconds = entry.seconds if seconds is None else seconds
        end = start + seconds + pause
    start_text, end_text = (stored_times.format_instant(epoch, zone_name) for epoch in (start, end))
    if end > now_epoch:
        raise BadValue(
            f"the entry would end at {end_text}: give a start and an effort that have passed."
        )
    if end <= start:
        raise BadValue(
            f"the entry would end at {end_text}, not after its start at {start_text}: give an "
            "earlier start or a later end; `tracker entries` shows which entry is meant."
        )
    if seconds is None:
        seconds = end - start - pause
    if seconds <= 0:
        interruptions = times.format_minutes(pause / 60)
        raise BadValue(
            f"from {start_text} to {end_text} the interruptions of {interruptions} leave no effort:"
            " give --duration too."
        )
    if seconds > end - start:
        raise BadValue(f"duration is more than the time from {start_text} to {end_text}.")
    return fields | {
        "started_epoch": start,
        "ended_epoch": end,
        "seconds": seconds,
        "interruption_seconds": end - start - seconds,
    }
