"""`proposals`: entries that an assistant's use suggests, accepted or dropped one by one."""

from __future__ import annotations

from datetime import datetime

import click

from tracker.cli.command_names import ShortNamesGroup
from tracker.cli.commands.entries import log
from tracker.cli.context import Context
from tracker.cli.options import activity, duration, format_option, name, pass_context
from tracker.cli.output import Format, show
from tracker.domain import times
from tracker.domain.errors import NotFound, NothingToDo
from tracker.domain.printing import quote
from tracker.domain.typed_intervals import TypedInterval
from tracker.domain.usage_proposals import Proposal, proposals
from tracker.local.usage_file import UsageFiles

_COLUMNS = {
    "proposal": "Proposal",
    "activity": "Activity",
    "task": "Task",
    "first_prompt_at": "First prompt",
    "last_prompt_at": "Last prompt",
    "prompts": "Prompts",
}


@click.group("proposals", cls=ShortNamesGroup, invoke_without_command=True)
@format_option
@click.pass_context
def proposals_group(ctx: click.Context, format: Format) -> None:
    """List stretches of an assistant's use that lie in no entry: design or testing, perhaps.

    Use without edits, or for planning, is proposed as design, use that ran tests as testing.
    Nothing enters your log by itself: accept a proposal with the time that you worked, or drop it.
    Prompts do not say how long that was.

    \b
    $ tracker proposals accept 3f2a91c0 45m
    $ tracker proposals drop 3f2a91c0
    """
    if ctx.invoked_subcommand is not None:
        return
    context = ctx.find_object(Context)
    assert context is not None  # noqa: S101 - the main group made it
    rows = [
        {
            "proposal": proposal.id,
            "activity": proposal.activity,
            "task": proposal.task,
            "first_prompt_at": _time(context, proposal.first_epoch, format),
            "last_prompt_at": _time(context, proposal.last_epoch, format),
            "prompts": len(proposal.events),
        }
        for proposal in _proposals(context)
    ]
    show(rows, format, _COLUMNS, right=("prompts",), text=("task",))


@proposals_group.command("accept")
@click.argument("proposal")
@click.argument("effort", metavar="DURATION", type=duration)
@click.option("--activity", "other", type=activity, metavar="A", help="The right activity.")
@click.option("--task", type=name, metavar="KEY", help="The right task.")
@click.pass_context
def accept(
    ctx: click.Context, proposal: str, effort: int, other: str | None, task: str | None
) -> None:
    """Log a proposal as an entry that begins with its first prompt and lasts DURATION.

    \b
    $ tracker proposals accept 3f2a91c0 45m
    logged design PAY-12: 45m from 2026-03-02 09:00 (id 5b8c1f)
    """
    context = ctx.find_object(Context)
    assert context is not None  # noqa: S101 - the main group made it
    chosen = _chosen(context, proposal)
    ctx.invoke(
        log,
        activity=other or chosen.activity,
        task=task or chosen.task,
        duration=TypedInterval(seconds=effort),
        start=datetime.fromtimestamp(chosen.first_epoch, context.zone),
        end_text=None,
        ai=None,
        assistant=None,
        note=None,
    )
    _decide(context, chosen)
    context.say("`tracker collect` says whether it was assisted")


@proposals_group.command("drop")
@click.argument("proposal")
@pass_context
def drop(context: Context, proposal: str) -> None:
    """Drop a proposal: it is not made again."""
    chosen = _chosen(context, proposal)
    _decide(context, chosen)
    context.say(f"{chosen.activity} {chosen.task} is not proposed again")


def _proposals(context: Context) -> list[Proposal]:
    from tracker.store.read.usage import own_entries  # late: `--help` needs no database

    files = UsageFiles(context.data_folder)
    usage = files.read()
    if usage is None:
        raise NothingToDo("no marks are kept on this machine: `tracker collect` collects them.")
    with context.database().reading() as connection:
        entries = own_entries(connection, context.developer)
    return proposals(usage.marks, entries, files.state().dropped)


def _chosen(context: Context, prefix: str) -> Proposal:
    """Return the proposal whose id begins with a text.

    Raises:
        NotFound: There is none, or more than one.
    """
    matches = [proposal for proposal in _proposals(context) if proposal.id.startswith(prefix)]
    if len(matches) != 1:
        number = "no proposal has" if not matches else "several proposals have"
        raise NotFound(
            f"{number} an id that begins with {quote(prefix)}: `tracker proposals` lists the ids."
        )
    return matches[0]


def _decide(context: Context, proposal: Proposal) -> None:
    """Remember that a person has decided upon a proposal."""
    files = UsageFiles(context.data_folder)
    with files.locked():
        state = files.state()
        dropped = dict.fromkeys([*state.dropped, *proposal.events])
        files.write_state(state._replace(dropped=tuple(dropped)))


def _time(context: Context, epoch: int, format: Format) -> str:
    if format == "text":
        return times.format_instant(epoch, context.zone)
    return datetime.fromtimestamp(epoch, context.zone).isoformat()
