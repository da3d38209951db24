"""`estimate`, `assign` and `task`: estimates, arms, titles and completion of tasks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.context import Context
from tracker.cli.late_estimates import (
    began_epoch,
    estimate_words,
    late_estimates,
    used_share,
    warn_of_late_estimate,
)
from tracker.cli.new_tasks import remark_on_minutes, remark_on_new_task
from tracker.cli.options import (
    Effort,
    activity,
    activity_argument,
    current_context,
    effort,
    format_option,
    is_duration,
    name,
    pass_context,
    task_argument,
    time,
)
from tracker.cli.output import Format, show
from tracker.domain import stored_times, times
from tracker.domain.errors import BadValue, NotFound

if TYPE_CHECKING:  # dataclasses are imported with the store
    from tracker.domain.records import Task, WorkItem

_TASK_COLUMNS = {
    "activity": "Activity",
    "title": "Title",
    "project": "Project",
    "spent": "Spent",
    "estimate": "Estimate",
    "share": "Used",
    "estimate_ai": "With AI",
    "completed": "Completed",
    "assigned": "Drawn",
}

_UNDO = "`tracker undo`, then give {}"

_COMMON_FIELDS = (
    *("task", "activity", "title", "project"),
    *("estimate_minutes", "estimate_ai_minutes", "estimate_points", "assigned"),
)
"""The fields of tasks and work items that JSON and CSV show as they are."""


class _EstimateCommand(click.Command):
    """`estimate`, which says what is missing where one of two names is left out."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Refuse ``PAY-15 3h`` and ``design 3h`` with the command that is meant."""
        values = self.make_parser(context).parse_args(list(arguments))[0]
        first, second = values.get("activity"), values.get("task")
        is_short = isinstance(second, str) and not isinstance(values.get("duration"), str)
        if first and second and is_short and is_duration(second):
            if first in current_context().activities.names():
                message = f"say which task: `tracker estimate {first} TASK {second}`"
            else:
                message = f"say which activity: `tracker estimate ACTIVITY {first} {second}`"
            raise click.UsageError(message, context)
        return super().parse_args(context, arguments)


@click.command(cls=_EstimateCommand)
@activity_argument
@task_argument
@click.argument("duration", metavar="DURATION", type=effort)
@click.option(
    "--ai", type=effort, metavar="DURATION", help="The effort you expect with assistance."
)
@pass_context
def estimate(
    context: Context, activity: str, task: str, duration: Effort, ai: Effort | None
) -> None:
    """Estimate your own part of a task before you start.

    DURATION is the effort without assistance. The last estimate made before the first entry counts;
    a later one is kept, but does not count. Estimates make tasks comparable, which is what a
    verdict rests on.

    \b
    $ tracker estimate design PAY-12 3h --ai 2h
    estimated design PAY-12: 3h 00m, with assistance 2h 00m
    """
    record = {
        "kind": "estimate",
        "developer": context.stated_name,
        "task": task,
        "activity": activity,
        "estimate_minutes": duration.seconds / 60,
        "estimate_ai_minutes": ai and ai.seconds / 60,
        "estimated_epoch": context.now_epoch,
    }
    minutes = times.format_minutes(duration.seconds / 60)
    minutes_ai = f", with assistance {times.format_minutes(ai.seconds / 60)}" if ai else ""
    similar = context.similar_task(task, with_slips=False)  # tasks in series are estimated at once
    message = f"estimated {activity} {task}: {minutes}{minutes_ai}"
    context.submit(context.new_id(), record, message)
    timer = context.timer.running()
    is_running = timer is not None and (timer.activity, timer.task) == (activity, task)
    if timer is not None and is_running and timer.started_epoch < context.now_epoch:
        warn_of_late_estimate(context, activity, task, duration.seconds / 60)
    remark_on_minutes(context, duration)
    if ai:
        remark_on_minutes(context, ai, "--ai")
    remark_on_new_task(context, task, similar, _UNDO)


@click.command()
@activity_argument
@task_argument
@pass_context
def assign(context: Context, activity: str, task: str) -> None:
    """Draw at random whether a task is to be done with assistance.

    Tasks assigned at random make the strongest study design. The arm is recorded. It is drawn once,
    after the estimate and before the first entry. `start` and `log` fill it in from then on.

    \b
    $ tracker estimate design PAY-12 3h
    $ tracker assign design PAY-12
    assistance
    """
    from tracker.cli.flushing import refresh_caches
    from tracker.store.write import items

    database = context.database()
    similar = context.similar_task(task)
    remark_on_new_task(context, task, similar, f"`tracker assign {activity} {{}}`")
    arm = items.assign(database, context.developer, activity, task, context.rng)
    refresh_caches(context, database)
    flag = "--ai" if arm == "assistance" else "--no-ai"
    context.say(f"{activity} {task} is drawn: start it with {flag}, or leave that to `start`")
    click.echo(arm)


@click.command()
@click.argument("key", type=name)
@click.option("--title", type=name, metavar="TEXT", help="The title.")
@click.option("--project", type=name, metavar="NAME", help="The project that it belongs to.")
@click.option(
    "--done",
    "completion",
    type=time,
    is_flag=False,
    flag_value="now",
    metavar="[T]",
    help="Mark it complete, at T or now.",
)
@click.option("--reopen", is_flag=True, help="Open it again, with your own work on it.")
@click.option(
    "--activity",
    type=activity,
    metavar="A",
    help="With --done or --reopen: only your own work of this activity.",
)
@format_option
@pass_context
def task(
    context: Context,
    key: str,
    title: str | None,
    project: str | None,
    completion: datetime | None,
    reopen: bool,
    activity: str | None,
    format: Format,
) -> None:
    """Set a task's title or project, mark it complete or open it again; KEY alone shows it.

    The first row is the task as a whole; the rows after it are your own work on it, by activity.
    All hours are your own.

    \b
    $ tracker task PAY-12 --title "Refunds" --project payments
    $ tracker task PAY-12 --done
    done: PAY-12, at 2026-03-03 12:00; design 2h 30m of 3h 00m estimated
    $ tracker task PAY-12 --done "yesterday 17:00" --activity design
    $ tracker task PAY-12 --reopen
    $ tracker task PAY-12
    Activity  Title    Project   Spent   Estimate  Used  With AI  Completed
    —         Refunds  payments  2h 30m  —            —  —        2026-03-03 12:00
    design    —        —         2h 30m  3h 00m    83 %  2h 00m   2026-03-02 17:00
    """
    if reopen and (completion or title or project):
        raise click.UsageError("give --reopen without --done, --title and --project")
    if activity and not (completion or reopen):
        raise click.UsageError("--activity goes with --done or --reopen")
    if completion and int(completion.timestamp()) > context.now_epoch:
        raise BadValue(f"--done is {completion:%Y-%m-%d %H:%M}: {times.PAST_ONLY}.")
    group_id = context.new_id() if completion and (title or project) else None
    if title or project:
        _set_task(context, key, title, project, group_id)
    else:
        _check_exists(context, key)
    if reopen:
        _reopen(context, key, activity)
    elif completion:
        _complete(context, key, completion, activity, group_id)
    elif not (title or project):
        _show_task(context, key, format)


def _set_task(
    context: Context, key: str, title: str | None, project: str | None, group_id: str | None
) -> None:
    from tracker.store.write import items

    database, developer = context.database(), context.developer
    similar = context.similar_task(key, with_slips=False)
    items.set_task(database, developer, key, title=title, project=project, group_id=group_id)
    context.say(f"saved {key}")
    remark_on_new_task(context, key, similar, _UNDO)


def _complete(
    context: Context, key: str, completion: datetime, activity: str | None, group_id: str | None
) -> None:
    from tracker.cli.flushing import refresh_caches
    from tracker.store.write import items

    database, developer, epoch = context.database(), context.developer, int(completion.timestamp())
    items.complete(database, developer, key, epoch, activity=activity, group_id=group_id)
    refresh_caches(context, database)
    label = f"{activity} of {key}" if activity else key
    context.say(f"done: {label}, at {completion:%Y-%m-%d %H:%M}{_against_estimates(context, key)}")
    timer = context.timer.running()
    if timer is not None and timer.task == key and activity in (None, timer.activity):
        context.warn(f"the timer of {timer} still runs; `tracker stop` stops it.")


def _reopen(context: Context, key: str, activity: str | None) -> None:
    from tracker.cli.flushing import refresh_caches
    from tracker.store.write import items

    database = context.database()
    items.reopen(database, context.developer, key, activity=activity)
    refresh_caches(context, database)
    context.say(f"open again: {f'{activity} of {key}' if activity else key}")


def _against_estimates(context: Context, key: str) -> str:
    """Return the developer's own hours on a task against its estimates; "" where it has none."""
    from tracker.store.read import queries, summaries

    with context.database().reading() as connection:
        work = summaries.work_summaries(connection, context.developer, task=key)
        items = queries.work_items(connection, context.developer, key)
    estimates = {i.activity: i.estimate_minutes for i in items if i.estimate_minutes is not None}
    timer = context.timer.running()
    late = late_estimates(work, timer)
    running = {} if timer is None or timer.task != key else {timer.activity: timer}
    seconds = {
        item.activity: item.seconds + running[item.activity].seconds(context.now_epoch)
        if item.activity in running
        else item.seconds
        for item in work
    }
    texts = [
        f"{item.activity} {times.format_minutes(seconds[item.activity] / 60)} of "
        f"{times.format_minutes(estimates[item.activity])} estimated"
        + (" too late" if item in late else "")
        + (", timer included" if item.activity in running else "")
        for item in work
        if item.activity in estimates
    ]
    return "".join(f"; {text}" for text in texts)


def _check_exists(context: Context, key: str) -> None:
    """Raise NotFound for a task that is neither in the log nor on the timer: a typo is no task."""
    from tracker.store.read import queries

    with context.database().reading() as connection:
        exists = queries.has_task(connection, key)
    timer = context.timer.running()
    if not exists and not (timer and timer.task == key):
        similar = context.similar_task(key)
        hint = f"did you mean {similar}? " if similar else ""
        raise NotFound(
            f"task is {key!r}: there is none in the log; {hint}"
            "`tracker task KEY --title TEXT` makes one known."
        )


def _show_task(context: Context, key: str, format: Format) -> None:
    """Print a task as a whole, and the developer's own work items of it."""
    from tracker.domain.records import Task, WorkItem
    from tracker.store.read import queries, summaries

    developer = context.developer
    with context.database().reading() as connection:
        work = {i.activity: i for i in summaries.work_summaries(connection, developer, task=key)}
        items = {item.activity: item for item in queries.work_items(connection, developer, key)}
        whole = queries.task(connection, key) or Task(key)
    records: list[Task | WorkItem] = [
        whole,
        *(items.get(activity) or WorkItem(developer, key, activity) for activity in work),
    ]
    seconds = [sum(item.seconds for item in work.values())]
    seconds += [item.seconds for item in work.values()]
    timer = context.timer.running()
    began = [began_epoch(item, timer) for item in work.values()]
    # That of the whole task is late only if it is for all work on it.
    began.insert(0, max((epoch for epoch in began if epoch is not None), default=None))
    to_row = _table_row if format == "text" else _full_row
    rows = [to_row(context, *values) for values in zip(records, seconds, began, strict=True)]
    show(rows, format, _TASK_COLUMNS, right=("share",), text=("activity", "title", "project"))


def _table_row(
    context: Context, record: Task | WorkItem, seconds: int, began_epoch: int | None
) -> dict[str, Any]:
    """Return a task or a work item as the table shows it."""
    row = _full_row(context, record, seconds, began_epoch)
    late = bool(row["estimate_late"])
    row["spent"] = times.format_minutes(seconds / 60)
    row["share"] = used_share(seconds, record.estimate_minutes, is_late=late)
    for key in ("estimate", "estimate_ai"):
        row[key] = estimate_words(row[f"{key}_minutes"], is_late=late)
    if row["estimate"] is None and record.estimate_points is not None:
        row["estimate"] = f"{record.estimate_points:g} points" + (" late" if late else "")
    epoch = record.completed_epoch
    text = None if epoch is None else stored_times.format_instant(epoch, context.zone.key)
    return row | {"completed": text}


def _full_row(
    context: Context, record: Task | WorkItem, seconds: int, began_epoch: int | None
) -> dict[str, Any]:
    """Return a task or a work item as JSON and CSV show it, with the keys of both."""
    from tracker.domain.records import is_late

    fields = {key: getattr(record, key, None) for key in _COMMON_FIELDS}
    estimates = (record.estimate_minutes, record.estimate_ai_minutes, record.estimate_points)
    late = is_late(record.estimated_epoch, began_epoch)
    return (
        fields
        | {"minutes": seconds / 60}
        | {
            f"{event}_at": _format_epoch(context, getattr(record, f"{event}_epoch", None))
            for event in ("estimated", "completed", "assigned")
        }
        | {"estimate_late": late if any(estimates) else None}
    )


def _format_epoch(context: Context, epoch: int | None) -> str | None:
    return None if epoch is None else stored_times.iso_instant(epoch, context.zone.key)
