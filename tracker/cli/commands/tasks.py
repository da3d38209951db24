"""`tasks`: the developer's own tasks, with their hours against the estimates, and what is open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tracker.cli.confirmation import confirm
from tracker.cli.context import Context
from tracker.cli.late_estimates import estimate_words, late_estimates, used_share
from tracker.cli.options import format_option, name, pass_context
from tracker.cli.output import Format, show
from tracker.domain import stored_times, times
from tracker.domain.counts import count_of

if TYPE_CHECKING:  # dataclasses are imported with the store
    from tracker.store.read.summaries import WorkSummary

_COLUMNS = {
    "task": "Task",
    "activity": "Activity",
    "spent": "Spent",
    "estimate": "Estimate",
    "share": "Used",
    "last": "Last entry",
    "state": "State",
    "title": "Title",
}


class _State(NamedTuple):
    """Whether a work item counts as open, and why."""

    is_open: bool
    reason: str


@click.command("tasks")
@click.option("--open", "is_open", is_flag=True, help="Only what counts as open, with the reason.")
@click.option("--project", type=name, metavar="P", help="Of this project.")
@click.option(
    "--done", is_flag=True, help="Mark all that are listed complete, after a confirmation."
)
@click.option("--yes", is_flag=True, help="With --done: do not ask.")
@format_option
@pass_context
def tasks_command(
    context: Context, is_open: bool, project: str | None, done: bool, yes: bool, format: Format
) -> None:
    """List your own tasks, with your hours against your estimates.

    A work item is a task and an activity. It counts as complete once you mark it ("done"), or 30
    days after its last entry ("complete"); until then no verdict uses it. "open: 12 d left" turns
    to "complete" in 12 days, unless you go on with it. --done marks your own work items only.

    \b
    $ tracker tasks
    Task    Activity  Spent   Estimate  Used  Last entry  State
    PAY-12  design    2h 30m  3h 00m    83 %  2026-03-02  open: 30 d left
    $ tracker tasks --open --done
    """
    from tracker.store.read import summaries

    if yes and not done:
        raise click.UsageError("--yes goes with --done")
    with context.database().reading() as connection:
        items = summaries.work_summaries(connection, context.developer, project=project)
    timer = context.timer.running()
    running = (timer.task, timer.activity) if timer else None
    states = {(i.task, i.activity): _state(context, i, running) for i in items}
    listed = [i for i in items if states[i.task, i.activity].is_open or not (is_open or done)]
    listed.sort(key=lambda item: item.last_epoch or 0, reverse=True)
    late = late_estimates(listed, timer)
    rows = [
        _row(context, item, states[item.task, item.activity], is_late=item in late)
        for item in listed
    ]
    of_project = "" if project is None else f" of project {project}"
    empty = f"no open tasks{of_project}"
    if not (is_open or done):
        advice = ": `tracker log design TASK 45m` makes one"
        if project is not None:
            advice = ": `tracker task KEY --project NAME` gives a task its project"
        empty = f"no tasks{of_project}{advice}"
    has_titles = any(item.title for item in listed)
    columns = {key: text for key, text in _COLUMNS.items() if key != "title" or has_titles}
    show(rows, format, columns, right=("share",), text=("task", "title", "state"), empty=empty)
    if done and listed:
        _complete(context, listed, is_confirmed=yes)


def _work_cells(item: WorkSummary, *, is_late: bool) -> dict[str, Any]:
    """Return the hours of a work item against its estimate, as a table shows them."""
    return {
        "spent": times.format_minutes(item.seconds / 60),
        "estimate": estimate_words(item.estimate_minutes, is_late=is_late),
        "share": used_share(item.seconds, item.estimate_minutes, is_late=is_late),
    }


def _row(context: Context, item: WorkSummary, state: _State, *, is_late: bool) -> dict[str, Any]:
    """Return a work item as a row, with what only programs see after what the table shows."""
    zone = context.zone.key
    last = item.last_epoch
    return {
        "task": item.task,
        "activity": item.activity,
        **_work_cells(item, is_late=is_late),
        "last": None if last is None else stored_times.format_instant(last, zone)[:10],
        "state": state.reason,
        "title": item.title,
        "project": item.project,
        "minutes": item.seconds / 60,
        "estimate_minutes": item.estimate_minutes,
        "open": state.is_open,
        "estimate_late": None if item.estimate_minutes is None else is_late,
    }


def _state(context: Context, item: WorkSummary, running: tuple[str, str] | None) -> _State:
    """Return whether a work item is open, as a verdict counts it, and why.

    The reason fits the column of a table that is 80 characters wide.
    """
    from tracker.domain.records import MaturityRule

    if item.completed_epoch is not None:
        day = stored_times.format_instant(item.completed_epoch, context.zone.key)[:10]
        return _State(False, f"done {day}")
    if (item.task, item.activity) == running:
        return _State(True, "open: running")
    if item.last_epoch is None or not stored_times.is_readable_epoch(item.last_epoch):
        return _State(True, "open: no entry")
    quiet_epoch = item.last_epoch + MaturityRule(0).quiet_days * times.DAY_SECONDS
    days_left = math.ceil((quiet_epoch - context.now_epoch) / times.DAY_SECONDS)
    if days_left > 0:
        return _State(True, f"open: {days_left} d left")
    return _State(False, "complete")


def _complete(context: Context, items: Sequence[WorkSummary], *, is_confirmed: bool) -> None:
    """Mark work items complete, all together: one `undo` opens them again.

    Raises:
        BadValue: Nobody can confirm it, because standard input is no terminal.
        NothingToDo: The answer is no.
    """
    from tracker.store.write.items import complete

    subject = count_of(len(items), "work item")
    if not is_confirmed:
        confirm(
            f"Mark {subject} complete?",
            unanswered=f"{subject} would be marked complete: give --yes to do it.",
            declined="nothing was marked.",
        )
    database, group_id = context.database(), context.new_id()
    for item in items:
        complete(
            database,
            context.developer,
            item.task,
            context.now_epoch,
            activity=item.activity,
            group_id=group_id if len(items) > 1 else None,
        )
    context.say(f"done: {subject}; `tracker undo` opens {'them' if len(items) > 1 else 'it'} again")
