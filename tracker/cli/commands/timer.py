"""The timer's commands: they use local files only and import nothing heavier than click."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.options import (
    activity_argument,
    assistance,
    assisted_options,
    at_option,
    current_context,
    duration,
    format_option,
    note_option,
    pass_context,
    task_of_branch,
    task_or_branch_argument,
)
from tracker.cli.streams import prepare_for_programs
from tracker.cli.timer_messages import (
    format_effort,
    say_stopped,
    timer_in_words,
    warn_of_forgotten_timer,
)
from tracker.cli.timer_start import (
    epoch_of,
    naming_what_runs,
    new_timer,
    resume_timer,
    start_timer,
    with_drawn_arm,
)
from tracker.domain import times
from tracker.domain.errors import BadValue
from tracker.domain.printing import escape_json
from tracker.local.timer import Timer

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
@at_option
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
    stopped testing PAY-9 after 1h 05m (id 8c1f3a)
    started design PAY-12 at 2026-03-02 09:30
    """
    task = task or task_of_branch(context)
    assisted, assistant = assistance(context, ai, assistant)
    with naming_what_runs(context):
        if estimate and epoch_of(context, instant) < context.now_epoch:
            raise BadValue(
                "--estimate is made before the work begins: leave it out, or start now without "
                "--at."
            )
        timer = new_timer(context, activity, task, epoch_of(context, instant))
        timer = timer._replace(assisted=assisted, assistant=assistant, note=note)
        start_timer(context, with_drawn_arm(context, timer), estimate)


@click.command()
@at_option
@note_option
@pass_context
def stop(context: Context, instant: datetime | None, note: str | None) -> None:
    """Stop the timer and make it an entry.

    \b
    $ tracker stop --at "10 minutes ago"
    stopped design PAY-12 after 2h 20m (id 5b8c1f)
    """
    epoch = epoch_of(context, instant)
    say_stopped(context, context.timer.stop(context.now_epoch, epoch, note))


@click.command()
@at_option
@pass_context
def pause(context: Context, instant: datetime | None) -> None:
    """Pause the timer; the pause does not count as effort.

    \b
    $ tracker pause --at noon
    paused design PAY-12 after 2h 30m; `tracker resume` goes on
    """
    at_epoch = None if instant is None else epoch_of(context, instant)
    timer = context.timer.pause(context.now_epoch, at_epoch)
    effort = format_effort(timer.seconds(context.now_epoch))
    context.say(f"paused {timer} after {effort}; `tracker resume` goes on")


@click.command()
@at_option
@pass_context
def resume(context: Context, instant: datetime | None) -> None:
    """Resume the timer after a pause.

    \b
    $ tracker resume --at 12:45
    resumed design PAY-12 after 2h 30m
    """
    resume_timer(context, instant)


@click.command()
@pass_context
def cancel(context: Context) -> None:
    """Discard the timer without an entry."""
    timer = context.timer.cancel()
    effort = format_effort(timer.seconds(context.now_epoch))
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
    warn_of_forgotten_timer(context, timer)


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
