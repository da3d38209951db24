"""`outbox`: what waits for a database, and moving it to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.confirmation import confirm
from tracker.cli.context import Context
from tracker.cli.options import format_option, pass_context
from tracker.cli.output import Format, show
from tracker.domain import times
from tracker.domain.errors import NothingToDo

if TYPE_CHECKING:
    from tracker.local.outbox import Outbox
    from tracker.local.record_files import Record

_COLUMNS = {
    "database": "Waits for",
    "kind": "Kind",
    "activity": "Activity",
    "task": "Task",
    "effort": "Effort",
    "started": "Started",
}


@click.group("outbox", cls=ShortNamesGroup, invoke_without_command=True)
@format_option
@click.pass_context
def outbox_group(ctx: click.Context, format: Format) -> None:
    """List the records that wait for a database, or move them to another one.

    What is logged while a database cannot be reached waits on this machine for that database. Every
    command that reaches it stores what waits.

    \b
    $ tracker outbox
    $ tracker outbox move --from sqlite:////home/ada/old.db
    """
    if ctx.invoked_subcommand is None:
        context = ctx.find_object(Context)
        assert context is not None  # noqa: S101 - the main group made it
        _list_records(context, format)


@outbox_group.command("list")
@format_option
@pass_context
def list_command(context: Context, format: Format) -> None:
    """List the records that wait, and for which database."""
    _list_records(context, format)


@outbox_group.command("move")
@click.option("--from", "url", metavar="URL", help="Only what waits for this database.")
@click.option("--yes", is_flag=True, help="Ask for no confirmation.")
@pass_context
def move_command(context: Context, url: str | None, yes: bool) -> None:
    """Move what waits for other databases to the one in use, as after it was renamed.

    It can be interrupted and run again: a record is never in two places, and is stored once.
    """
    outboxes, target = _sources(context, url), context.outbox
    if outboxes:
        labels = ", ".join(f"{outbox.count()} for {outbox.database}" for outbox in outboxes)
        if not yes:
            confirm(
                f"waiting: {labels}. Move to {target.database}?",
                unanswered=f"waiting: {labels}; add --yes to move them to {target.database}.",
                declined="nothing was moved.",
            )
        number = sum(outbox.move_all(target) for outbox in outboxes)
        context.say(f"moved {number} records to the outbox of {target.database}")
    number = target.count()
    context.database()
    waiting = target.count()
    context.say(f"stored: {number - waiting}, waiting: {waiting}")


def _sources(context: Context, url: str | None) -> list[Outbox]:
    """Return the outboxes to move; none where an interrupted move has moved all.

    Raises:
        NothingToDo: Nothing waits for that database, or for any.
    """
    if url is None:
        outboxes = context.outboxes.others(context.url)
    else:
        outbox = context.outboxes.outbox(url)
        is_other = outbox.folder != context.outbox.folder
        outboxes = [outbox] if is_other and outbox.count() else []
    if not outboxes and not context.outbox.count():
        label = "another database" if url is None else "that database"
        raise NothingToDo(f"nothing waits for {label}: `tracker outbox` lists what waits.")
    return outboxes


def _list_records(context: Context, format: Format) -> None:
    outboxes = [context.outbox, *context.outboxes.others(context.url)]
    rows = [
        _row(context, outbox, record, in_words=format == "text")
        for outbox in outboxes
        for _, record in outbox.pending()
    ]
    show(rows, format, _COLUMNS, empty="nothing waits for a database")


def _row(context: Context, outbox: Outbox, record: Record, *, in_words: bool) -> dict[str, Any]:
    """Return a record as a table shows it, or as JSON and CSV do."""
    is_entry = record["kind"] == "entry"
    minutes = record.get("seconds", 0) / 60 if is_entry else record.get("estimate_minutes")
    epoch = record.get("started_epoch" if is_entry else "estimated_epoch")
    instant = None if epoch is None else times.format_instant(epoch, context.zone)
    row = {
        "database": outbox.database,
        "kind": record["kind"],
        "activity": record.get("activity"),
        "task": record.get("task"),
    }
    if in_words:
        effort = None if minutes is None else times.format_minutes(minutes)
        return row | {"effort": effort, "started": instant}
    return row | {"id": record.get("id"), "minutes": minutes, "at": instant}
