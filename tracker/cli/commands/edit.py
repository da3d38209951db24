"""Corrections of the log: `edit` and `delete`. The change log keeps what was before."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from tracker.cli.commands.entries import end_of, start_of, warn_of_overlaps
from tracker.cli.context import Context
from tracker.cli.new_tasks import remark_on_new_task
from tracker.cli.options import (
    activity,
    assistance,
    assisted_options,
    duration,
    entry_id,
    name,
    note,
    note_option,
    pass_context,
    span_texts,
    time_text,
)
from tracker.domain import stored_times, times, typed_times
from tracker.domain.errors import BadValue, NothingToDo, TrackerError

if TYPE_CHECKING:  # dataclasses are imported with the store
    from zoneinfo import ZoneInfo

    from tracker.cli.entry_draft import Draft
    from tracker.domain.records import Entry
    from tracker.store.database import Database


class EditOptions(TypedDict):
    """The options of `edit`, None for what stays as it is; the duration is in seconds."""

    activity: str | None
    task: str | None
    team: str | None
    note: str | None
    duration: int | None
    start: str | None
    end: str | None
    span: tuple[str, str | None] | None
    zone: ZoneInfo | None
    ai: bool | None
    assistant: str | None


@click.command("edit")
@click.argument("id", type=entry_id)
@click.argument("span", metavar="[TIMES]", type=span_texts, required=False)
@click.option("--activity", type=activity, metavar="A", help="The right activity.")
@click.option("--task", type=name, metavar="KEY", help="The right task.")
@click.option("--duration", type=duration, metavar="DURATION", help="The right effort.")
@click.option(
    "--from",
    "start",
    type=time_text,
    metavar="T",
    help="The right start, of the entry's day if none is given; the effort stays without --to.",
)
@click.option(
    "--to", "end", type=time_text, metavar="T", help="The right end; the effort follows from it."
)
@click.option(
    "--tz", "zone", type=times.zone, metavar="ZONE", help="The right zone; the instants stay."
)
@click.option("--team", type=name, metavar="NAME", help="The right team.")
@assisted_options
@note_option
@pass_context
def edit_command(context: Context, /, id: str, **options: Unpack[EditOptions]) -> None:
    """Change one of your entries; without options, in your editor.

    ID is @1 for the entry that started last, @2 for the one before, or a part of the id that
    `tracker entries` shows. TIMES are the right start and end, such as 9:05-10:15; 9:05- keeps the
    end. What you save in the editor is checked; after an error your text is kept.

    \b
    $ tracker edit @1 --duration 1h30m -m "without the meeting"
    edited design PAY-12: 1h 30m from 2026-03-02 09:30
    $ tracker edit @2 9:05-10:15
    $ tracker edit @2 --from 9:00 --to noon
    $ tracker edit @1
    """
    fields = _fields(context, options)
    span = options["span"]
    if span and (options["start"] or options["end"] or (options["duration"] and not span[1])):
        raise click.UsageError("give TIMES such as 9:05-10:15, or --from, --to and --duration")
    is_moved = any(
        options[name] is not None for name in ("start", "end", "span", "duration", "zone")
    )
    from tracker.cli import entry_draft
    from tracker.store.read import entry_ids

    in_editor = not fields and not is_moved
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    if in_editor and not entry_draft.has_editor(context.environ, is_terminal=is_terminal):
        raise click.UsageError("say what to change, such as --duration 1h30m")
    database = context.database()
    with database.reading() as connection:
        entry = entry_ids.entry(connection, context.developer, id)
    _warn_of_timer(context, id)
    if in_editor:
        _edit_in_editor(context, database, entry, is_terminal=is_terminal)
        return
    if is_moved:
        seconds = options["duration"]
        texts = span or (options["start"], options["end"])
        start, end = _instants(context, entry, *texts, seconds)
        if span and end is None:
            end = end_of(entry)
        fields |= _time_fields(entry, (start, end, seconds), options["zone"], context.now_epoch)
    _store(context, database, entry, fields)


def _store(context: Context, database: Database, entry: Entry, fields: dict[str, Any]) -> None:
    """Store the new fields of an entry, and print what is remarkable about them."""
    from tracker.store.write import entries

    task = fields.get("task")
    similar = context.tasks.similar(task) if task else None
    edited = entries.edit_entry(database, context.developer, entry.id, **fields)
    context.say(f"edited {_in_words(context, edited)}")
    cure = f"`tracker edit {edited.id} --task {{}}`"
    remark_on_new_task(context, edited.task, similar, cure, database)
    drawn = context.drawn_answer(edited.activity, edited.task)
    if drawn and edited.assisted not in ("unknown", drawn):
        context.warn_of_contradiction(f"{edited.activity} {edited.task}", edited.assisted)
    if fields.keys() & {"started_epoch", "seconds", "zone"}:
        context.warn_of_long_effort(edited.seconds)
        warn_of_overlaps(context, database, edited.id, edited.started_epoch, end_of(edited))


def _edit_in_editor(
    context: Context, database: Database, entry: Entry, *, is_terminal: bool
) -> None:
    """Let the developer change an entry as a text, again after an error if they wish.

    Raises:
        TrackerError: The editor failed, or what was saved is not valid; the message names the draft
            that is kept.
    """
    from tracker.cli import entry_draft

    draft = entry_draft.write_draft(context, entry)
    while True:
        try:
            entry_draft.open_editor(context.environ, draft.path)
        except TrackerError as error:
            raise _with_draft(error, entry, draft) from None
        try:
            fields = _fields_of_draft(context, entry, draft.changes(_CONVERT))
            if fields:
                _store(context, database, entry, fields)
        except NothingToDo:
            draft.remove()
            raise
        except TrackerError as error:
            if is_terminal:
                context.warn(str(error))
                if click.confirm("Open it again?", default=True, err=True):
                    continue
            raise _with_draft(error, entry, draft) from None
        draft.remove()
        if not fields:
            context.say(f"nothing changed in {_in_words(context, entry)}")
        return


def _with_draft(error: TrackerError, entry: Entry, draft: Draft) -> TrackerError:
    """Return an error that names the draft, which is kept if somebody has written in it."""
    if draft.is_untouched:
        draft.remove()
        return type(error)(f"{error} Nothing was changed.")
    return type(error)(
        f"{error} Nothing was changed; your text is kept in {draft.path}, and `tracker "
        f"edit {entry.id}` opens it again."
    )


def _assisted(text: str) -> str:
    if text not in ("yes", "no", "unknown"):
        raise BadValue(f"assisted is {text!r}: write yes, no or unknown.")
    return text


_CONVERT = {
    "activity": activity,
    "task": name,
    "from": time_text,
    "to": time_text,
    "duration": duration,
    "zone": times.zone,
    "team": name,
    "assisted": _assisted,
    "assistant": name,
    "note": note,
}
"""How the texts of a draft become values."""


def _fields_of_draft(context: Context, entry: Entry, changed: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an entry to change, from the values changed in its draft."""
    fields: dict[str, Any] = {
        key: changed[key]
        for key in ("activity", "task", "team", "note", "assisted", "assistant")
        if key in changed
    }
    if "assisted" in changed:
        fields["basis"] = None if changed["assisted"] == "unknown" else "flag"
        if changed["assisted"] != "yes":
            fields["assistant"] = None
        elif "assistant" not in changed:
            fields["assistant"] = entry.assistant or context.assistant
    if not changed.keys() & {"from", "to", "duration", "zone"}:
        return fields
    seconds = changed.get("duration")
    start, end = _instants(context, entry, changed.get("from"), changed.get("to"), seconds)
    if changed.keys() & {"from", "to"}:  # both are as they stand in the text
        start = entry.started_epoch if start is None else start
        end = end_of(entry) if end is None else end
    return fields | _time_fields(
        entry, (start, end, seconds), changed.get("zone"), context.now_epoch
    )


@click.command()
@click.argument("ids", metavar="ID...", type=entry_id, nargs=-1, required=True)
@pass_context
def delete(context: Context, ids: tuple[str, ...]) -> None:
    """Delete your entries.

    ID is @1 for the entry that started last, or a part of an id of `tracker entries`. All of them
    are deleted, or none; one `tracker undo` restores them.

    \b
    $ tracker delete @1
    deleted design PAY-12: 1h 30m from 2026-03-02 09:30
    """
    from tracker.store.write import entries

    _warn_of_timer(context, *ids)
    for entry in entries.delete_entries(context.database(), context.developer, ids):
        context.say(f"deleted {_in_words(context, entry)}; `tracker undo` restores it")


def _warn_of_timer(context: Context, *ids: str) -> None:
    """Say that @1 is an entry where the running timer may be meant."""
    timer = context.timer.running() if "@1" in ids else None
    if timer is not None:
        context.warn(f"{timer} still runs and is no entry yet: @1 is the entry before it.")


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


def _instants(
    context: Context, entry: Entry, start: str | None, end: str | None, seconds: int | None
) -> tuple[int | None, int | None]:
    """Return the new start and end of an entry in epoch seconds; None for what is not given.

    A time without a day is one of the entry's own day, and an end the first after the start.
    """
    now = context.now()
    old_start, old_end = (
        datetime.fromtimestamp(epoch, now.tzinfo) if stored_times.is_readable_epoch(epoch) else now
        for epoch in (entry.started_epoch, end_of(entry))
    )
    new_start = new_end = None
    if start is not None:
        day = times.date_to_day(old_start.date())
        new_start = typed_times.parse_instant(start, now=now, day=day)
    if end is not None and new_start is None and seconds is not None:
        day = times.date_to_day(old_end.date())  # the start follows from the end
        new_end = typed_times.parse_instant(end, now=now, day=day)
    elif end is not None:
        new_end = typed_times.parse_instant_after(end, new_start or old_start, now=now)
    return _epoch(new_start), _epoch(new_end)


def _epoch(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())


def _time_fields(
    entry: Entry,
    new: tuple[int | None, int | None, int | None],
    zone: ZoneInfo | None,
    now_epoch: int,
) -> dict[str, Any]:
    """Return the fields that depend on an entry's start, end, effort and zone.

    Its interruptions stay as they are, unless start, end and effort are all given. So does its
    zone: the local day is that of the entry's zone, whatever zone the new start was typed in.

    Args:
        entry: The entry as it is.
        new: Start and end in epoch seconds, and effort in seconds; None for what is not given.
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
        raise BadValue(f"the entry would end at {end_text}, not after its start at {start_text}.")
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


def _in_words(context: Context, entry: Entry) -> str:
    effort = times.format_minutes(entry.seconds / 60)
    return f"{entry.activity} {entry.task}: {effort} from {start_of(context, entry)}"
