"""Starting the timer: what `start`, `continue` and `log` have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tracker.cli.context import Context
from tracker.cli.new_tasks import remark_on_completed_task, remark_on_new_task
from tracker.cli.timer_messages import format_effort, say_stopped
from tracker.cli.timer_overlaps import warn_of_finished_work
from tracker.domain.errors import BadValue
from tracker.local.record_files import Record
from tracker.local.timer import Timer

OTHER_TASK = "`tracker edit --task {}`"
"""How to give a running timer another task."""


@contextmanager
def naming_what_runs(context: Context) -> Iterator[None]:
    """Add to a refusal that nothing was changed, where a timer runs that would have been stopped.

    Raises:
        BadValue: The same error with that addition.
    """
    try:
        yield
    except BadValue as error:
        timer = context.timer.running()
        if timer is None:
            raise
        raise BadValue(f"{error} Nothing was changed: {timer} still runs.") from None


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


def start_timer(context: Context, timer: Timer, estimate: int | None) -> None:
    """Start a timer, with an estimate in seconds, and print what was stopped and started."""
    record = _estimate_record(context, timer, estimate) if estimate else None
    # With an estimate the key is planned: a slip in its number is less likely than a new task.
    similar = context.similar_task(timer.task, with_slips=estimate is None)
    if entry := context.timer.start(timer, context.now_epoch, record):
        say_stopped(context, entry)
    suffix = f", estimated {format_effort(estimate)}" if estimate else ""
    suffix += drawn_suffix(timer)
    context.say(f"started {timer} at {timer.when(timer.started_epoch)}{suffix}")
    if timer.started_epoch < context.now_epoch:
        warn_of_finished_work(context, timer)
    remark_on_new_task(context, timer.task, similar, OTHER_TASK)
    remark_on_completed_task(context, timer, OTHER_TASK.format("KEY"))


def resume_timer(context: Context, instant: datetime | None) -> None:
    """End the pause of the timer, and print what runs."""
    at_epoch = None if instant is None else epoch_of(context, instant)
    timer = context.timer.resume(context.now_epoch, at_epoch)
    effort = format_effort(timer.seconds(epoch_of(context, instant)))
    context.say(f"resumed {timer} after {effort}")


def epoch_of(context: Context, instant: datetime | None) -> int:
    """Return an instant in whole seconds since 1970 UTC; now for None."""
    return int(instant.timestamp()) if instant else context.now_epoch


def estimate_of(context: Context, timer: Timer) -> Record | None:
    """Return the estimate that was made as the running timer was started; None without one."""
    for step in reversed(context.history.done()):
        for record in step.records.values():
            work = tuple(map(record.get, ("activity", "task")))
            if "estimate_minutes" in record and work == (timer.activity, timer.task):
                return record
        if step.verb not in ("edit", "pause", "resume"):
            return None
    return None


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
