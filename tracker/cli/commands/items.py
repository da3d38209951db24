"""What is known of the work beforehand and afterwards: estimates, the drawn arm, titles, completion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from tracker.cli.context import Context
from tracker.cli.options import (
    activity,
    activity_argument,
    duration,
    format_option,
    name,
    pass_context,
    task_argument,
    time,
)
from tracker.cli.output import Form, show
from tracker.domain import times
from tracker.domain.errors import BadValue, NotFound

_TASK_COLUMNS = {
    "activity": "Activity",
    "title": "Title",
    "project": "Project",
    "estimate": "Estimate",
    "estimate_ai": "With AI",
    "completed": "Completed",
    "assigned": "Drawn",
}


@click.command()
@activity_argument
@task_argument
@click.argument("duration", type=duration)
@click.option(
    "--ai", type=duration, metavar="DURATION", help="What you expect with the assistant's help."
)
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
    said = times.format_minutes(duration / 60) + (
        f", with assistance {times.format_minutes(ai / 60)}" if ai else ""
    )
    context.submit(context.new_id(), record, f"estimated {activity} {task}: {said}")


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
    from tracker.store.write import items

    arm = items.assign(context.database(), context.developer, activity, task, context.rng)
    context.say(
        f"{activity} {task} is drawn: start it with {'--ai' if arm == 'assistance' else '--no-ai'}"
    )
    click.echo(arm)


@click.command()
@click.argument("key", type=name)
@click.option("--title", type=name, metavar="TEXT", help="What it is about.")
@click.option("--project", type=name, metavar="NAME", help="The project it is of.")
@click.option(
    "--done",
    type=time,
    is_flag=False,
    flag_value="now",
    metavar="[T]",
    help="It is complete, since T or now.",
)
@click.option(
    "--activity",
    type=activity,
    metavar="A",
    help="With --done: only your own work of this activity is.",
)
@format_option
@pass_context
def task(
    context: Context,
    key: str,
    title: str | None,
    project: str | None,
    done: datetime | None,
    activity: str | None,
    format: Form,
) -> None:
    """Say what is known of a task, or that it is done; KEY alone shows it.

    What is of the task as a whole stands first; then your own part in it, by activity.

    \b
    $ tracker task PAY-12 --title "Refunds" --project payments
    $ tracker task PAY-12 --done
    $ tracker task PAY-12 --done "yesterday 17:00" --activity design
    $ tracker task PAY-12
    Activity  Title    Project   Estimate  With AI  Completed         Drawn
    —         Refunds  payments  —         —        2026-03-03 12:00  —
    design    —        —         3h 00m    2h 00m   2026-03-02 17:00  —
    """
    if activity and not done:
        raise click.UsageError("--activity goes with --done")
    _check_past(context, done)
    if not (title or project):
        _check_known(context, key)
    if not (title or project or done):
        _show_task(context, key, format)
    from tracker.store.write import items

    if title or project:
        items.set_task(context.database(), context.developer, key, title=title, project=project)
        context.say(f"noted {key}")
    if done:
        items.complete(
            context.database(), context.developer, key, int(done.timestamp()), activity=activity
        )
        context.say(
            f"done: {f'{activity} of {key}' if activity else key}, at {done:%Y-%m-%d %H:%M}"
        )


def _check_past(context: Context, done: datetime | None) -> None:
    if done and int(done.timestamp()) > context.now_epoch:
        raise BadValue(f"--done is {done:%Y-%m-%d %H:%M}: give a time that has passed.")


def _check_known(context: Context, key: str) -> None:
    """Refuse a task that nobody has worked on or said anything of: a slip would make it one."""
    from tracker.store.read import queries

    with context.database().reading() as connection:
        known = queries.has_task(connection, key)
    running = context.timer.running()
    if not known and not (running and running.task == key):
        raise NotFound(
            f"task is {key!r}: there is none in the log; `tracker task KEY --title TEXT` makes one known."
        )


def _show_task(context: Context, key: str, form: Form) -> None:
    """What is known of a task as a whole, and of the person's own part in it."""
    from tracker.domain.records import Task
    from tracker.store.read import queries

    with context.database().reading() as connection:
        found = [
            queries.task(connection, key) or Task(key),
            *queries.work_items(connection, context.developer, key),
        ]
    show(
        [(_for_people if form == "text" else _for_programs)(context, one) for one in found],
        form,
        _TASK_COLUMNS,
    )


def _for_people(context: Context, known: object) -> dict[str, Any]:
    row = _for_programs(context, known)
    for key in ("estimate", "estimate_ai"):
        minutes = row[f"{key}_minutes"]
        row[key] = None if minutes is None else times.format_minutes(minutes)
    completed = row["completed_at"]
    return row | {"completed": completed and f"{datetime.fromisoformat(completed):%Y-%m-%d %H:%M}"}


def _for_programs(context: Context, known: object) -> dict[str, Any]:
    """A task or a work item, with the keys of both."""
    plain = (
        "task",
        "activity",
        "title",
        "project",
        "estimate_minutes",
        "estimate_ai_minutes",
        "assigned",
    )
    return {key: getattr(known, key, None) for key in plain} | {
        f"{moment}_at": _instant(context, getattr(known, f"{moment}_epoch", None))
        for moment in ("estimated", "completed", "assigned")
    }


def _instant(context: Context, epoch: int | None) -> str | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, context.zone).isoformat()
