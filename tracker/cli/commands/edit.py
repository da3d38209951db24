"""Corrections of the log: `edit` and `delete`. The change log keeps what was before."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from tracker.cli.context import Context
from tracker.cli.entry_times import (
    NewTimes,
    new_instants,
    start_of,
    time_fields,
    times_without,
    typed_work,
)
from tracker.cli.late_estimates import warn_of_late_estimate
from tracker.cli.new_tasks import remark_on_new_task
from tracker.cli.options import (
    activity,
    assistance,
    assisted_options,
    duration,
    entry_id,
    interval,
    name,
    new_times,
    note,
    note_option,
    pass_context,
    time_text,
)
from tracker.cli.overlaps import warn_of_overlaps
from tracker.cli.timer_edit import edit_timer
from tracker.cli.timer_overlaps import warn_of_running_timer
from tracker.domain import times
from tracker.domain.errors import BadValue, NothingToDo, TrackerError
from tracker.domain.ids import id_end
from tracker.domain.typed_intervals import TypedInterval, is_interval

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
    work: TypedInterval | None
    interruption: TypedInterval | None
    zone: ZoneInfo | None
    ai: bool | None
    assistant: str | None


@click.command("edit")
@click.argument("id", type=entry_id, required=False)
@click.argument("work", metavar="[TIMES]", type=new_times, required=False)
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
    "--without",
    "interruption",
    type=interval,
    metavar="DURATION",
    help="An interruption to take off the effort, 30m or 11:00-11:30; start and end stay.",
)
@click.option(
    "--tz", "zone", type=times.zone, metavar="ZONE", help="The right zone; the instants stay."
)
@click.option("--team", type=name, metavar="NAME", help="The right team.")
@assisted_options
@note_option
@pass_context
def edit_command(context: Context, /, id: str | None, **options: Unpack[EditOptions]) -> None:
    """Change one of your entries or the running timer.

    ID is @1 for the entry that started last, @2 for the one before, or a part of the id that
    `tracker entries` shows; without an ID it is the running timer. TIMES are the right start and
    end, such as 9:05-10:15, or an effort, 45m; 9:05- keeps the end, and -10:15 the start. An entry
    without options is opened in your editor. What you save is checked; after an error your text is
    kept.

    \b
    $ tracker edit @1 --duration 1h30m -m "without the meeting"
    edited design PAY-12: 1h 30m from 2026-03-02 09:30
    $ tracker edit @2 9:05-10:15
    $ tracker edit @2 -17:30
    $ tracker edit @2 --without 11:00-11:30
    $ tracker edit @1
    $ tracker edit --without 13:10-13:20
    $ tracker edit --task PAY-12
    edited design PAY-12: 20m since 2026-03-02 13:00
    """
    if id is not None and options["work"] is None and (is_interval(id) or id.startswith("-")):
        options["work"], id = new_times(id), None  # noqa: A001 - as click names it
    fields = _fields(context, options)
    work = typed_work(options["work"], options["start"], options["end"], options["duration"])
    if id is None:
        zone = {"zone": options["zone"].key} if options["zone"] else {}
        fields = {key: fields[key] for key in fields if key != "basis"} | zone
        edit_timer(context, fields, work, options["interruption"])
        return
    _edit_entry(context, id, fields, work, options)


def _edit_entry(
    context: Context, id_: str, fields: dict[str, Any], work: TypedInterval, options: EditOptions
) -> None:
    """Change an entry."""
    interruption, zone = options["interruption"], options["zone"]
    is_moved = work != TypedInterval()
    if is_moved and interruption:
        raise click.UsageError("give --without alone: it keeps start and end")
    from tracker.cli import entry_draft
    from tracker.store.read import entry_ids

    in_editor = not (fields or is_moved or interruption or zone)
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    if in_editor and not entry_draft.has_editor(context.environ, is_terminal=is_terminal):
        raise click.UsageError("say what to change, such as --duration 1h30m")
    database = context.database()
    with database.reading() as connection:
        entry = entry_ids.entry(connection, context.developer, id_)
    _warn_of_timer(context, id_)
    if in_editor:
        _edit_in_editor(context, database, entry, is_terminal=is_terminal)
        return
    if is_moved or interruption or zone:
        new: NewTimes = (None, None, None)
        if interruption:
            new = times_without(context, entry, interruption)
        elif is_moved:
            start, end = new_instants(context, entry, work.start, work.end, work.seconds)
            keeps_end = options["work"] == TypedInterval(start=work.start)  # 9:05-
            new = (start, entry.end_epoch if keeps_end else end, work.seconds)
        fields |= time_fields(entry, new, zone, context.now_epoch)
    _store(context, database, entry, fields)


def _store(context: Context, database: Database, entry: Entry, fields: dict[str, Any]) -> None:
    """Store the new fields of an entry, and print what is remarkable about them."""
    import dataclasses  # late: the timer's correction does not need it

    from tracker.store.write import entries

    task = fields.get("task")
    similar = context.similar_task(task) if task else None
    if similar == entry.task:
        similar = None  # the key that is corrected
    edited = entries.edit_entry(database, context.developer, entry.id, **fields)
    context.say(f"edited {_in_words(context, edited)}")
    advice = f"`tracker edit {id_end(edited.id)} --task {{}}`"
    remark_on_new_task(context, edited.task, similar, advice, database)
    drawn = context.drawn_answer(edited.activity, edited.task)
    if drawn and edited.assisted not in ("unknown", drawn):
        context.warn_of_contradiction(f"{edited.activity} {edited.task}", edited.assisted)
    beginnings = {(e.started_epoch, e.activity, e.task) for e in (entry, edited)}
    if len(beginnings) > 1:
        _warn_of_late_estimate(context, database, edited)
    if fields.keys() & {"started_epoch", "seconds", "zone"}:
        context.warn_of_long_effort(edited.seconds)
        warn_of_overlaps(context, database, [edited])
        record = {"kind": "entry"} | dataclasses.asdict(edited)
        warn_of_running_timer(context, record | {"ended_epoch": edited.end_epoch})


def _warn_of_late_estimate(context: Context, database: Database, entry: Entry) -> None:
    """Warn if the work item of an entry was estimated after the entry's start."""
    from tracker.store.read import queries

    with database.reading() as connection:
        item = queries.work_item(connection, context.developer, entry.activity, entry.task)
    if item is not None and item.is_estimated_after(entry.started_epoch):
        warn_of_late_estimate(context, item.activity, item.task, item.estimate_minutes)


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
        f"edit {id_end(entry.id)}` opens it again."
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
    start, end = new_instants(context, entry, changed.get("from"), changed.get("to"), seconds)
    if changed.keys() & {"from", "to"}:  # both are as they stand in the text
        start = entry.started_epoch if start is None else start
        end = entry.end_epoch if end is None else end
    return fields | time_fields(
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
        fields |= {"assisted": assisted, "basis": "flag"}
        if assistant or assisted == "no":  # --ai alone keeps the assistant that is named
            fields["assistant"] = assistant
    return fields


def _in_words(context: Context, entry: Entry) -> str:
    effort = times.format_minutes(entry.seconds / 60)
    return f"{entry.activity} {entry.task}: {effort} from {start_of(context, entry)}"
