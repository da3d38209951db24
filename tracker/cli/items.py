"""What is known of the work beforehand and afterwards: estimates, the drawn arm, titles, completion."""

from __future__ import annotations

from datetime import datetime

import click

from tracker import times
from tracker.cli.context import Context
from tracker.cli.options import activity, activity_argument, duration, name, pass_context, task_argument, time


@click.command()
@activity_argument
@task_argument
@click.argument("duration", type=duration)
@click.option("--ai", type=duration, metavar="DURATION", help="What you expect with the assistant's help.")
@pass_context
def estimate(context: Context, activity: str, task: str, duration: int, ai: int | None) -> None:
    """Say what you expect of your own part, before you start.

    DURATION is without assistance. The last estimate made before the first entry counts; a later one is kept, but does
    not. It makes tasks comparable, which is what a verdict rests on.

    \b
    $ tracker estimate design PAY-12 3h --ai 2h
    estimated design PAY-12: 3h 00m, with assistance 2h 00m
    """
    record = {
        "kind": "estimate",
        "developer": context.developer,
        "task": task,
        "activity": activity,
        "estimate_minutes": duration / 60,
        "estimate_ai_minutes": ai and ai / 60,
        "estimated_epoch": context.now_epoch,
    }
    said = times.format_minutes(duration / 60) + (f", with assistance {times.format_minutes(ai / 60)}" if ai else "")
    context.hand_in(context.new_id(), record, f"estimated {activity} {task}: {said}")


@click.command()
@activity_argument
@task_argument
@pass_context
def assign(context: Context, activity: str, task: str) -> None:
    """Draw by a coin whether a task is to be done with assistance.

    It makes the strongest study there is. The draw is recorded; it is made once, after the estimate and before the
    first entry.

    \b
    $ tracker estimate design PAY-12 3h
    $ tracker assign design PAY-12
    assistance
    """
    from tracker.store import journal

    arm = journal.assign(context.database(), context.developer, activity, task, context.rng)
    context.say(f"{activity} {task} is drawn: start it with {'--ai' if arm == 'assistance' else '--no-ai'}")
    click.echo(arm)


@click.command()
@click.argument("key", type=name)
@click.option("--title", type=name, metavar="TEXT", help="What it is about.")
@click.option("--project", type=name, metavar="NAME", help="The project it is of.")
@click.option(
    "--done", type=time, is_flag=False, flag_value="now", metavar="[T]", help="It is complete, since T or now."
)
@click.option("--activity", type=activity, metavar="A", help="With --done: only your own work of this activity is.")
@pass_context
def task(
    context: Context,
    key: str,
    title: str | None,
    project: str | None,
    done: datetime | None,
    activity: str | None,
) -> None:
    """Say what is known of a task, or that it is done.

    \b
    $ tracker task PAY-12 --title "Refunds" --project payments
    $ tracker task PAY-12 --done
    $ tracker task PAY-12 --done "yesterday 17:00" --activity design
    """
    if activity and not done:
        raise click.UsageError("--activity goes with --done")
    if not (title or project or done):
        raise click.UsageError("give --title, --project or --done")
    _check_past(context, done)
    from tracker.store import journal

    if title or project:
        journal.set_task(context.database(), context.developer, key, title=title, project=project)
        context.say(f"noted {key}")
    if done:
        journal.complete(context.database(), context.developer, key, int(done.timestamp()), activity=activity)
        context.say(f"done: {f'{activity} of {key}' if activity else key}, at {done:%Y-%m-%d %H:%M}")


def _check_past(context: Context, done: datetime | None) -> None:
    from tracker.errors import BadValue

    if done and int(done.timestamp()) > context.now_epoch:
        raise BadValue(f"--done is {done:%Y-%m-%d %H:%M}: give a time that has passed.")
