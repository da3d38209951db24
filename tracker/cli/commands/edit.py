"""Corrections of the log: `edit` and `delete`. The change log keeps what was before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from tracker.cli.commands.entries import end_of, warn_of_overlaps
from tracker.cli.context import Context
from tracker.cli.new_tasks import remark_on_new_task
from tracker.cli.options import (
    activity,
    assistance,
    assisted_options,
    duration,
    name,
    note_option,
    pass_context,
    time,
)
from tracker.domain import stored_times, times
from tracker.domain.errors import BadValue

if TYPE_CHECKING:  # dataclasses are imported with the store
    from zoneinfo import ZoneInfo

    from tracker.domain.records import Entry


class EditOptions(TypedDict):
    """The options of `edit`, None for what stays as it is; the duration is in seconds."""

    activity: str | None
    task: str | None
    team: str | None
    note: str | None
    duration: int | None
    start: datetime | None
    zone: ZoneInfo | None
    ai: bool | None
    assistant: str | None


@click.command("edit")
@click.argument("id", type=name)
@click.option("--activity", type=activity, metavar="A", help="The right activity.")
@click.option("--task", type=name, metavar="KEY", help="The right task.")
@click.option("--duration", type=duration, metavar="DURATION", help="The right effort.")
@click.option(
    "--from", "start", type=time, metavar="T", help="The right start; the effort stays as it is."
)
@click.option(
    "--tz", "zone", type=times.zone, metavar="ZONE", help="The right zone; the instants stay."
)
@click.option("--team", type=name, metavar="NAME", help="The right team.")
@assisted_options
@note_option
@pass_context
def edit_command(context: Context, /, id: str, **options: Unpack[EditOptions]) -> None:
    """Change one of your entries. ID is as `tracker entries` shows it, or its beginning.

    \b
    $ tracker edit 01a20917 --duration 1h30m -m "without the meeting"
    edited design PAY-12: 1h 30m from 2026-03-02 09:30
    """
    fields = _fields(context, options)
    moves = any(options[name] is not None for name in ("start", "duration", "zone"))
    if not fields and not moves:
        raise click.UsageError("say what to change, such as --duration 1h30m")
    from tracker.store.read import queries
    from tracker.store.write import entries

    database = context.database()
    if moves:
        with database.reading() as connection:
            previous = queries.entry(connection, context.developer, id)
        fields |= _time_fields(previous, options, now_epoch=context.now_epoch)
    similar = context.tasks.similar(options["task"]) if options["task"] else None
    entry = entries.edit_entry(database, context.developer, id, **fields)
    context.say(f"edited {_in_words(entry)}")
    remark_on_new_task(context, entry.task, similar, f"`tracker edit {id} --task {{}}`", database)
    drawn = context.drawn_answer(entry.developer, entry.activity, entry.task)
    if drawn and entry.assisted not in ("unknown", drawn):
        context.warn_of_contradiction(f"{entry.activity} {entry.task}", entry.assisted)
    if moves:
        context.warn_of_long_effort(entry.seconds)
        warn_of_overlaps(context, database, entry.id, entry.started_epoch, end_of(entry))


@click.command()
@click.argument("ids", metavar="ID...", type=name, nargs=-1, required=True)
@pass_context
def delete(context: Context, ids: tuple[str, ...]) -> None:
    """Delete your entries. ID is as `tracker entries` shows it, or its beginning.

    All of them are deleted, or none; one `tracker undo` restores them.

    \b
    $ tracker delete 01a20917
    deleted design PAY-12: 1h 30m from 2026-03-02 09:30
    """
    from tracker.store.write import entries

    for entry in entries.delete_entries(context.database(), context.developer, ids):
        context.say(f"deleted {_in_words(entry)}; `tracker undo` restores it")


def _fields(context: Context, options: EditOptions) -> dict[str, Any]:
    """Return the fields to change but for those that depend on the entry's times."""
    fields: dict[str, Any] = {
        "activity": options["activity"],
        "task": options["task"],
        "team": options["team"],
        "note": options["note"],
    }
    fields = {key: value for key, value in fields.items() if value is not None}
    if options["ai"] is not None or options["assistant"]:
        assisted, assistant = assistance(context, options["ai"], options["assistant"])
        fields |= {"assisted": assisted, "basis": "flag", "assistant": assistant}
    return fields


def _time_fields(entry: Entry, options: EditOptions, *, now_epoch: int) -> dict[str, Any]:
    """Return the fields that depend on an entry's start, effort and zone.

    Its interruptions stay as they are. So does its zone, unless another is given: the local day is
    that of the entry's zone, whatever zone the new start was typed in.

    Raises:
        BadValue: The entry would end in the future, or its zone or its start cannot be read.
    """
    start, seconds = options["start"], options["duration"]
    zone = options["zone"].key if options["zone"] else entry.zone
    start_epoch = int(start.timestamp()) if start else entry.started_epoch
    if not stored_times.is_readable_epoch(start_epoch):
        raise BadValue(f"the entry's start is {start_epoch}, no time: give the right one, --from.")
    fields = {"zone": zone, "local_day": times.local_day(start_epoch, times.zone(zone))}
    if start is None and seconds is None:
        return fields
    effort = entry.seconds if seconds is None else seconds
    end_epoch = start_epoch + effort + entry.interruption_seconds
    if end_epoch > now_epoch:
        raise BadValue(
            f"the entry would end at {stored_times.format_instant(end_epoch, zone)}: "
            "give a start and an effort that have passed."
        )
    return fields | {"started_epoch": start_epoch, "ended_epoch": end_epoch, "seconds": effort}


def _in_words(entry: Entry) -> str:
    effort = times.format_minutes(entry.seconds / 60)
    start = stored_times.format_instant(entry.started_epoch, entry.zone)
    return f"{entry.activity} {entry.task}: {effort} from {start}"
