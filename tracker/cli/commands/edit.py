"""Mending the log: `edit`, `delete`, `undo`. Nothing is overwritten silently; the change log keeps what was."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands.entries import end_of, warn_of_overlaps
from tracker.cli.context import Context
from tracker.cli.options import (
    activity,
    assisted,
    assisted_options,
    duration,
    name,
    note_option,
    pass_context,
    time,
)
from tracker.domain import times
from tracker.domain.errors import BadValue

if TYPE_CHECKING:  # records' dataclasses are the store's to load
    from tracker.domain.records import Entry


@click.command()
@click.argument("id", type=name)
@click.option("--activity", type=activity, metavar="A", help="The activity it was.")
@click.option("--task", type=name, metavar="KEY", help="The task it was of.")
@click.option("--duration", type=duration, metavar="DURATION", help="The effort it was.")
@click.option(
    "--from", "begin", type=time, metavar="T", help="When it began; the effort stays as it is."
)
@click.option("--team", type=name, metavar="NAME", help="The team it was for.")
@assisted_options
@note_option
@pass_context
def edit(
    context: Context,
    id: str,
    activity: str | None,
    task: str | None,
    duration: int | None,
    begin: datetime | None,
    team: str | None,
    ai: bool | None,
    assistant: str | None,
    note: str | None,
) -> None:
    """Change one of your entries. ID is as `tracker entries` shows it, or its beginning.

    \b
    $ tracker edit 01a20917 --duration 1h30m -m "without the meeting"
    edited design PAY-12: 1h 30m from 2026-03-02 09:30
    """
    fields: dict[str, Any] = {"activity": activity, "task": task, "team": team, "note": note}
    fields = {key: value for key, value in fields.items() if value is not None}
    if ai is not None or assistant:
        said, helper = assisted(context, ai, assistant)
        fields |= {"assisted": said, "basis": "flag", "assistant": helper}
    if not fields and duration is None and begin is None:
        raise click.UsageError("say what to change, such as --duration 1h30m")
    from tracker.store.read import queries
    from tracker.store.write import entries

    database = context.database()
    if duration is not None or begin is not None:
        with database.reading() as connection:
            before = queries.entry(connection, context.developer, id)
        fields |= _times(context, before, begin, duration)
    edited = entries.edit_entry(database, context.developer, id, **fields)
    context.say(f"edited {_in_words(edited)}")
    if duration is not None or begin is not None:
        warn_of_overlaps(context, database, edited.id, edited.started_epoch, end_of(edited))


@click.command()
@click.argument("ids", metavar="ID...", type=name, nargs=-1, required=True)
@pass_context
def delete(context: Context, ids: tuple[str, ...]) -> None:
    """Delete entries of yours. ID is as `tracker entries` shows it, or its beginning.

    \b
    $ tracker delete 01a20917
    deleted design PAY-12: 1h 30m from 2026-03-02 09:30
    """
    from tracker.store.write import entries

    for one in ids:
        gone = entries.delete_entry(context.database(), context.developer, one)
        context.say(f"deleted {_in_words(gone)}; `tracker undo` brings it back")


@click.command()
@pass_context
def undo(context: Context) -> None:
    """Take back your last change.

    Once more, and it takes back the one before. Imports have an undo of their own: `tracker import --undo`.

    \b
    $ tracker undo
    undone: delete of design PAY-12 (1h 30m)
    """
    from tracker.store.write import change_log

    context.say(f"undone: {change_log.undo(context.database(), context.developer)}")


def _times(
    context: Context, before: Entry, begin: datetime | None, seconds: int | None
) -> dict[str, Any]:
    """The fields that change with an entry's start or effort; its interruptions stay."""
    started = int(begin.timestamp()) if begin else before.started_epoch
    effort = before.seconds if seconds is None else seconds
    ended = started + effort + before.interruption_seconds
    if ended > context.now_epoch:
        raise BadValue(
            f"the entry would end at {_shown(ended, before.zone)}: give a start and an effort that have passed."
        )
    zone = context.zone.key if begin else before.zone
    return {
        "started_epoch": started,
        "ended_epoch": ended,
        "seconds": effort,
        "zone": zone,
        "local_day": times.local_day(started, times.zone(zone)),
    }


def _in_words(entry: Entry) -> str:
    effort = times.format_minutes(entry.seconds / 60)
    return f"{entry.activity} {entry.task}: {effort} from {_shown(entry.started_epoch, entry.zone)}"


def _shown(epoch: int, zone: str) -> str:
    return times.format_instant(epoch, times.zone(zone))
