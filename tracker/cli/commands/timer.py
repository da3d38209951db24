"""The timer's commands: they use local files only and import nothing heavier than click."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.new_tasks import remark_on_new_task
from tracker.cli.options import (
    activity_argument,
    assistance,
    assisted_options,
    current_context,
    duration,
    entry_id,
    format_option,
    note_option,
    pass_context,
    task_of_branch,
    task_or_branch_argument,
    time,
)
from tracker.cli.streams import prepare_for_programs
from tracker.domain import times
from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.ids import id_end
from tracker.domain.printing import escape_json
from tracker.local.record_files import Record
from tracker.local.timer import Timer

if TYPE_CHECKING:  # dataclasses are imported with the database
    from tracker.domain.records import Entry

_at_option = click.option(
    "--at", "instant", type=time, metavar="T", help="When it was: '9:30', '40 minutes ago'."
)

_STATUS_COLUMNS = (
    *("running", "waiting", "waiting_elsewhere"),
    *("activity", "task", "started_at", "minutes", "paused", "assisted", "assistant", "note"),
)
"""The columns of `status` as CSV, also where no timer runs, so that programs can rely on them."""


@click.command()
@activity_argument
@task_or_branch_argument
@assisted_options
@click.option("-e", "--estimate", type=duration, help="The effort you expect without assistance.")
@_at_option
@note_option
@pass_context
def start(
    context: Context,
    activity: str,
    task: str | None,
    ai: bool | None,
    assistant: str | None,
    estimate: int | None,
    instant: datetime | None,
    note: str | None,
) -> None:
    """Start the timer; one that runs is stopped first.

    Without a TASK it is the key in the current git branch, such as PAY-12 in feature/PAY-12-refunds
    (setting task_pattern).

    \b
    $ tracker start design PAY-12 --ai -e 3h
    stopped testing PAY-9 after 1h 05m
    started design PAY-12 at 2026-03-02 09:30
    """
    task = task or task_of_branch(context)
    assisted, assistant = assistance(context, ai, assistant)
    if estimate and _epoch(context, instant) < context.now_epoch:
        raise BadValue(
            "--estimate is made before the work begins: leave it out, or start now without --at."
        )
    timer = new_timer(context, activity, task, _epoch(context, instant))
    timer = timer._replace(assisted=assisted, assistant=assistant, note=note)
    _start(context, with_drawn_arm(context, timer), estimate)


@click.command("continue")
@click.argument("id", type=entry_id, required=False)
@_at_option
@note_option
@pass_context
def continue_command(
    context: Context, id: str | None, instant: datetime | None, note: str | None
) -> None:
    """Go on with the work of the timer that was stopped last, or of the entry ID.

    ID is @1 for the entry that started last, @2 for the one before, or a part of an id of
    `tracker entries`. A timer that runs is stopped first; without an ID, one that is paused is
    resumed instead.

    \b
    $ tracker continue
    stopped testing PAY-9 after 45m
    started design PAY-12 at 2026-03-02 13:00
    $ tracker continue @2
    """
    running = context.timer.running()
    if id is None and running is not None and running.paused_epoch is not None:
        if note is not None:
            raise click.UsageError(f"a note goes with new work, and {running} is paused only")
        _resume(context, instant)
        return
    last = context.timer.last() if id is None else _entry(context, id)
    if running is not None and (running.activity, running.task) == (last.activity, last.task):
        raise NothingToDo(
            f"{running} runs already: `tracker continue @1` goes on with your last entry, @2 with "
            "the one before."
        )
    timer = new_timer(context, last.activity, last.task, _epoch(context, instant))
    timer = timer._replace(assisted=last.assisted, assistant=last.assistant, note=note)
    if isinstance(last, Timer):
        timer = timer._replace(drawn=last.drawn)
    _start(context, with_drawn_arm(context, timer), None)


@click.command()
@_at_option
@pass_context
def stop(context: Context, instant: datetime | None) -> None:
    """Stop the timer and make it an entry.

    \b
    $ tracker stop --at "10 minutes ago"
    stopped design PAY-12 after 2h 20m
    """
    _say_stopped(context, context.timer.stop(context.now_epoch, _epoch(context, instant)))


@click.command()
@_at_option
@pass_context
def pause(context: Context, instant: datetime | None) -> None:
    """Pause the timer; the pause does not count as effort.

    \b
    $ tracker pause --at noon
    paused design PAY-12 after 2h 30m; `tracker resume` goes on
    """
    at_epoch = None if instant is None else _epoch(context, instant)
    timer = context.timer.pause(context.now_epoch, at_epoch)
    effort = _format_effort(timer.seconds(context.now_epoch))
    context.say(f"paused {timer} after {effort}; `tracker resume` goes on")


@click.command()
@_at_option
@pass_context
def resume(context: Context, instant: datetime | None) -> None:
    """Resume the timer after a pause.

    \b
    $ tracker resume --at 12:45
    resumed design PAY-12 after 2h 30m
    """
    _resume(context, instant)


@click.command()
@pass_context
def cancel(context: Context) -> None:
    """Discard the timer without an entry."""
    timer = context.timer.cancel()
    effort = _format_effort(timer.seconds(context.now_epoch))
    context.say(f"discarded {timer} after {effort}; `tracker continue` starts it anew")


@click.command()
@format_option
@click.pass_context
def status(ctx: click.Context, format: str) -> None:
    """Show the timer, and how many records wait for the database.

    The exit code is 0 when a timer runs (or is paused), 1 when none does.

    \b
    $ tracker status
    design PAY-12: 1h 05m since 2026-03-02 09:30
    """
    context = current_context()
    timer = context.timer.running()
    count, other_count = context.outbox.count(), context.waiting_for_other_databases()
    if format != "text":
        _print_state(_state(timer, count, other_count, context.now_epoch), format)
    else:
        print_line(timer_in_words(timer, context.now_epoch))
        if count:
            print_line(
                f"{count} waiting for the database; "
                "any other command, such as `tracker entries`, stores them"
            )
        if other_count:
            print_line(
                f"{other_count} waiting for another database; "
                "a command that names it (--db) stores them"
            )
    if timer is None:
        ctx.exit(1)
    if (seconds := timer.seconds(context.now_epoch)) > times.LONG_EFFORT_SECONDS:
        context.warn(
            f"the timer has run for {_format_effort(seconds)} at a stretch: if it was forgotten,"
            " `tracker stop --at TIME` stops it at an earlier time."
        )


def _entry(context: Context, id: str) -> Entry:
    """Return one of the developer's entries."""
    from tracker.store.read import entry_ids  # late: only an ID needs the database

    with context.database().reading() as connection:
        return entry_ids.entry(connection, context.developer, id)


def new_timer(context: Context, activity: str, task: str, started_epoch: int) -> Timer:
    """Return a new timer of the developer."""
    return Timer(
        id=context.new_id(),
        developer=context.stated_name,
        task=task,
        activity=activity,
        started_epoch=started_epoch,
        zone=context.zone.key,
        team=context.team,
    )


def with_drawn_arm(context: Context, timer: Timer) -> Timer:
    """Fill in the arm drawn for the timer's work item, or warn that a flag contradicts it."""
    drawn = context.drawn_answer(timer.activity, timer.task)
    if drawn and timer.assisted == "unknown":
        assistant = context.assistant if drawn == "yes" else None
        return timer._replace(assisted=drawn, assistant=assistant, drawn=True)
    if drawn and timer.assisted != drawn:
        context.warn_of_contradiction(str(timer), timer.assisted)
    return timer


def drawn_suffix(timer: Timer) -> str:
    """Return how to do work whose arm was filled in; "" for other work."""
    if not timer.drawn:
        return ""
    return f", {'with' if timer.assisted == 'yes' else 'without'} assistance as drawn"


def _start(context: Context, timer: Timer, estimate: int | None) -> None:
    """Start a timer, with an estimate in seconds, and print what was stopped and started."""
    record = _estimate_record(context, timer, estimate) if estimate else None
    # With an estimate the key is planned: a slip in its number is less likely than a new task.
    similar = context.tasks.similar(timer.task, with_slips=estimate is None)
    if entry := context.timer.start(timer, context.now_epoch, record):
        _say_stopped(context, entry)
    suffix = f", estimated {_format_effort(estimate)}" if estimate else ""
    suffix += drawn_suffix(timer)
    context.say(f"started {timer} at {timer.when(timer.started_epoch)}{suffix}")
    remark_on_new_task(context, timer.task, similar, "`tracker cancel`, then start {}")


def _resume(context: Context, instant: datetime | None) -> None:
    at_epoch = None if instant is None else _epoch(context, instant)
    timer = context.timer.resume(context.now_epoch, at_epoch)
    effort = _format_effort(timer.seconds(_epoch(context, instant)))
    context.say(f"resumed {timer} after {effort}")


def _epoch(context: Context, instant: datetime | None) -> int:
    return int(instant.timestamp()) if instant else context.now_epoch


def _estimate_record(context: Context, timer: Timer, seconds: int) -> tuple[str, Record]:
    """Return the id and the outbox record of an estimate."""
    return context.new_id(), {
        "kind": "estimate",
        "developer": timer.developer,
        "task": timer.task,
        "activity": timer.activity,
        "estimate_minutes": seconds / 60,
        "estimated_epoch": context.now_epoch,
    }


def _say_stopped(context: Context, entry: Record) -> None:
    effort = _format_effort(entry["seconds"])
    context.say(
        f"stopped {entry['activity']} {entry['task']} after {effort} (id {id_end(entry['id'])})"
    )
    context.warn_of_long_effort(entry["seconds"])


def _format_effort(seconds: int) -> str:
    return times.format_minutes(seconds / 60)


def timer_in_words(timer: Timer | None, now_epoch: int) -> str:
    """Return the line about the timer."""
    if timer is None:
        return "no timer runs"
    effort = _format_effort(timer.seconds(now_epoch))
    text = f"{timer}: {effort} since {timer.when(timer.started_epoch)}"
    if timer.paused_epoch is None:
        return text
    return f"{text}, paused since {timer.when(timer.paused_epoch)}"


def _print_state(state: dict[str, object], format: str) -> None:
    if format == "json":
        import json  # the timer's files have imported it already

        prepare_for_programs(sys.stdout)
        print_line(escape_json(json.dumps(state, ensure_ascii=False)))
        return
    from tracker.cli.output import show  # late: it imports more than the timer needs

    show([dict.fromkeys(_STATUS_COLUMNS) | state], "csv", {})


def _state(timer: Timer | None, count: int, other_count: int, now_epoch: int) -> dict[str, object]:
    """Return what `status` shows as JSON and CSV.

    Args:
        timer: The running timer.
        count: How many records wait for this database.
        other_count: How many records wait for other databases.
        now_epoch: The current instant.
    """
    state: dict[str, object] = {
        "running": timer is not None,
        "waiting": count,
        "waiting_elsewhere": other_count,
    }
    if timer is not None:
        start = datetime.fromtimestamp(timer.started_epoch, times.zone(timer.zone))
        state |= {
            "activity": timer.activity,
            "task": timer.task,
            "started_at": start.isoformat(),
            "minutes": timer.seconds(now_epoch) / 60,
            "paused": timer.paused_epoch is not None,
            "assisted": timer.assisted,
            "assistant": timer.assistant,
            "note": timer.note,
        }
    return state
