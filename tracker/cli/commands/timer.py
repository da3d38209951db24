"""The timer's commands: they use local files only and import nothing heavier than click."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.new_tasks import remark_on_minutes
from tracker.cli.options import (
    Effort,
    activity_argument,
    assistance,
    assisted_options,
    at_option,
    current_context,
    effort,
    format_option,
    given_time,
    key_and_time,
    note_option,
    pass_context,
    task_of_branch,
    task_or_branch_argument,
    time_argument,
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
    estimate_of,
    naming_what_runs,
    new_timer,
    resume_timer,
    start_timer,
    with_drawn_arm,
)
from tracker.domain import times
from tracker.domain.errors import BadValue, NothingToDo
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
@time_argument
@assisted_options
@click.option(
    "-e",
    "--estimate",
    type=effort,
    metavar="DURATION",
    help="The effort you expect without assistance.",
)
@at_option
@note_option
@pass_context
def start(
    context: Context,
    activity: str,
    task: str | None,
    time_typed: datetime | None,
    ai: bool | None,
    assistant: str | None,
    estimate: Effort | None,
    instant: datetime | None,
    note: str | None,
) -> None:
    """Start the timer; one that runs is stopped first.

    T is when work began, such as 9:30 or -10m; it is now if it is left out.

    Without a TASK it is the key in the current git branch, such as PAY-12 in feature/PAY-12-refunds
    (setting task_pattern).

    \b
    $ tracker start design PAY-12 --ai -e 3h
    stopped testing PAY-9 after 1h 05m (id 8c1f3a)
    started design PAY-12 at 2026-03-02 09:30
    """
    task, instant = key_and_time(task, time_typed, instant)
    task = task or task_of_branch(context)
    assisted, assistant = assistance(context, ai, assistant)
    with naming_what_runs(context):
        if estimate and epoch_of(context, instant) < context.now_epoch:
            raise BadValue(
                "--estimate is made before the work begins: leave it out, or start now without "
                "a time."
            )
        timer = new_timer(context, activity, task, epoch_of(context, instant))
        timer = timer._replace(assisted=assisted, assistant=assistant, note=note)
        _check_new(context, timer, estimate, instant, ai)
        start_timer(context, with_drawn_arm(context, timer), estimate and estimate.seconds)
    if estimate:
        remark_on_minutes(context, estimate, "-e")


def _check_new(
    context: Context,
    timer: Timer,
    estimate: Effort | None,
    instant: datetime | None,
    ai: bool | None,
) -> None:
    """Raise NothingToDo for a start that says nothing new of the timer that runs."""
    running = context.timer.running()
    if (
        running is None
        or running.paused_epoch is not None
        or (running.activity, running.task) != (timer.activity, timer.task)
    ):
        return
    record = None if estimate is None else estimate_of(context, running)
    is_same = (
        (instant is None or timer.started_epoch == running.started_epoch)
        and (
            ai is None or (timer.assisted, timer.assistant) == (running.assisted, running.assistant)
        )
        and timer.note in (None, running.note)
        and (estimate is None or (record or {}).get("estimate_minutes") == estimate.seconds / 60)
    )
    if is_same:
        raise NothingToDo(
            f"{running} runs already, since {running.when(running.started_epoch)}: nothing was "
            "changed."
        )


@click.command()
@time_argument
@at_option
@note_option
@pass_context
def stop(
    context: Context,
    time_typed: datetime | None,
    instant: datetime | None,
    note: str | None,
) -> None:
    """Stop the timer and make it an entry.

    T is when work ended, such as 9:30, yesterday 17:40 or -10m; it is now if it is left out.

    \b
    $ tracker stop 10 minutes ago
    stopped design PAY-12 after 2h 20m (id 5b8c1f)
    """
    until = epoch_of(context, given_time(time_typed, instant))
    say_stopped(context, context.timer.stop(context.now_epoch, until, note))


@click.command()
@time_argument
@at_option
@pass_context
def pause(context: Context, time_typed: datetime | None, instant: datetime | None) -> None:
    """Pause the timer; the pause does not count as effort.

    T is when the pause began, such as noon or -10m; it is now if it is left out.

    \b
    $ tracker pause noon
    paused design PAY-12 after 2h 30m; `tracker resume` goes on
    """
    instant = given_time(time_typed, instant)
    at_epoch = None if instant is None else epoch_of(context, instant)
    timer = context.timer.pause(context.now_epoch, at_epoch)
    effort = format_effort(timer.seconds(context.now_epoch))
    context.say(f"paused {timer} after {effort}; `tracker resume` goes on")


@click.command()
@time_argument
@at_option
@pass_context
def resume(context: Context, time_typed: datetime | None, instant: datetime | None) -> None:
    """Resume the timer after a pause.

    T is when the pause ended, such as 12:45 or -10m; it is now if it is left out.

    \b
    $ tracker resume 12:45
    resumed design PAY-12 after 2h 30m
    """
    resume_timer(context, given_time(time_typed, instant))


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
