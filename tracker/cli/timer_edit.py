"""Corrections of the running timer: `edit` without an id.

Only an estimate that moves to another task needs the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tracker.cli import time_limit
from tracker.cli.context import DATABASE_SECONDS, Context
from tracker.cli.entry_times import interruption_limits, new_start, nothing_left
from tracker.cli.late_estimates import warn_of_late_estimate
from tracker.cli.new_tasks import remark_on_completed_task, remark_on_new_task
from tracker.cli.timer_messages import timer_in_words, warn_of_forgotten_timer
from tracker.cli.timer_overlaps import warn_of_finished_work
from tracker.cli.timer_start import OTHER_TASK, estimate_of, with_drawn_arm
from tracker.domain import times
from tracker.domain.errors import BadValue, NotFound, StoreError
from tracker.domain.typed_intervals import TypedInterval
from tracker.local.history import MOVED_ESTIMATE
from tracker.local.timer import Timer

if TYPE_CHECKING:
    from tracker.local.record_files import Record


def edit_timer(
    context: Context,
    fields: dict[str, Any],
    work: TypedInterval,
    interruption: TypedInterval | None,
) -> None:
    """Change the running timer and print what it is now.

    Args:
        context: The run of the program.
        fields: The fields to change but for the start.
        work: The new start as typed.
        interruption: An interruption to take off as typed; it becomes a pause.

    Raises:
        NotFound: No timer runs.
        BadValue: The start is none, or an end or an effort is given: a running timer has neither.
    """
    timer = context.timer.running()
    if timer is None:
        raise NotFound(
            "no timer runs: name the entry to change, such as `tracker edit @1`; `tracker entries` "
            "lists them."
        )
    if interruption and work != TypedInterval():
        raise click.UsageError("give --without alone: it keeps the start")
    if work != TypedInterval(start=work.start):
        raise BadValue(
            f"{timer} still runs and has a start only: `tracker stop --at TIME` ends it, `tracker "
            "edit --without 11:00-11:30` takes a break out; `tracker edit @1` is for the entry "
            "before it."
        )
    if not (fields or work.start or interruption):
        raise click.UsageError(f"say what to change in {timer}, which runs, such as --task KEY")
    new = _without(context, timer, interruption) if interruption else timer
    if work.start:
        new = new._replace(started_epoch=_start(context, timer, work.start))
    changed = _replace(context, timer, new, fields)
    if work.start:
        warn_of_forgotten_timer(context, changed)
        warn_of_finished_work(context, changed)


def _replace(context: Context, timer: Timer, new: Timer, fields: dict[str, Any]) -> Timer:
    """Store a timer with new times and fields, print what is remarkable about it, and return it."""
    task = fields.get("task")
    similar = context.similar_task(task) if task else None
    if similar == timer.task:
        similar = None  # the key that is corrected
    if {"task", "activity"} & fields.keys() and timer.drawn and "assisted" not in fields:
        fields |= {"assisted": "unknown", "assistant": None}
    if "assisted" in fields:
        fields["drawn"] = False
    estimate = estimate_of(context, timer)
    changed = with_drawn_arm(context, new._replace(**fields))
    is_misplaced = changed.task != timer.task and changed.activity == timer.activity
    moved = _move_estimate(context, estimate, changed) if estimate and is_misplaced else {}
    context.timer.edit(timer, changed, moved)
    context.say(f"edited {timer_in_words(changed, context.now_epoch)}")
    if moved:
        effort = times.format_minutes(estimate["estimate_minutes"]) if estimate else ""
        context.say(f"the estimate of {effort} is now of {changed}")
        timer = timer._replace(task=changed.task)
    if estimate is not None:
        _warn_of_estimate(context, estimate, timer, changed)
    remark_on_new_task(context, changed.task, similar, OTHER_TASK)
    if task:
        remark_on_completed_task(context, changed, OTHER_TASK.format("KEY"))
    return changed


def _without(context: Context, timer: Timer, interruption: TypedInterval) -> Timer:
    """Return a timer that has another interruption.

    Raises:
        BadValue: The interruption is not within its time, or leaves no effort.
    """
    work = timer.started_epoch, context.now_epoch
    if limits := interruption_limits(context, interruption, work, str(timer)):
        changed = timer.without(*limits)
    else:
        changed = timer._replace(
            unplaced_seconds=timer.unplaced_seconds + (interruption.seconds or 0)
        )
    if changed.seconds(context.now_epoch) <= 0:
        raise BadValue(nothing_left(timer.seconds(context.now_epoch)))
    return changed


def _start(context: Context, timer: Timer, text: str) -> int:
    """Return the new start of a timer in epoch seconds.

    Raises:
        BadValue: It lies in the future, or after a pause began.
    """
    now = context.now()
    end_epoch = timer.pauses[0][0] if timer.pauses else context.now_epoch
    start, end = (
        datetime.fromtimestamp(epoch, now.tzinfo) for epoch in (timer.started_epoch, end_epoch)
    )
    epoch = int(new_start(text, start, end, now=now).timestamp())
    if epoch > context.now_epoch:
        raise BadValue(f"the start is {timer.when(epoch)}: {times.PAST_ONLY}.")
    if timer.pauses and epoch > timer.pauses[0][0]:
        raise BadValue(
            f"the start is {timer.when(epoch)}, after the pause of {timer} at "
            f"{timer.when(timer.pauses[0][0])}: give an earlier time."
        )
    return epoch


def _move_estimate(context: Context, estimate: Record, changed: Timer) -> dict[str, Record]:
    """Move an estimate to the right task, if the wrong one holds nothing else of the developer.

    Returns:
        (id, record) of the moved estimate, as the history keeps it; empty if it stays.
    """
    moved: dict[str, Record] = {}

    def move() -> None:
        from tracker.cli.flushing import refresh_caches
        from tracker.store.read import queries
        from tracker.store.write import renames

        database, developer = context.database(), context.developer
        old, new = estimate["task"], changed.task
        with database.reading() as connection:
            is_more = queries.task(connection, old) or queries.entries(
                connection, developer=developer, task=old, limit=1
            )
            items = queries.work_items(connection, developer, old)
            target = queries.work_item(connection, developer, changed.activity, new)
        facts = [(item.activity, item.estimated_epoch, item.assigned) for item in items]
        is_alone = facts == [(changed.activity, estimate["estimated_epoch"], None)]
        if is_more or not is_alone or (target and target.estimated_epoch is not None):
            return
        renames.rename(database, developer, "task", (old, new), merge=True)
        context.tasks.forget(old)
        refresh_caches(context, database)
        moved[context.new_id()] = estimate | {"kind": MOVED_ESTIMATE, "task": new}

    try:
        if not time_limit.run(move, DATABASE_SECONDS):
            context.abandon_database()
            return {}
    except StoreError:
        return {}
    return moved


def _warn_of_estimate(context: Context, estimate: Record, timer: Timer, changed: Timer) -> None:
    """Warn if the estimate of a timer does not count for the corrected one."""
    minutes = estimate["estimate_minutes"]
    message = f"the estimate of {times.format_minutes(minutes)} stays with {timer}"
    if timer.activity != changed.activity:
        context.warn(f"{message}: none counts for {changed}, whose work has begun.")
    elif timer.task != changed.task:
        context.warn(
            f"{message}: if that key was a mistake, `tracker rename task {timer.task} "
            f"{changed.task}` moves it."
        )
    elif changed.started_epoch < min(timer.started_epoch, estimate["estimated_epoch"]):
        warn_of_late_estimate(context, timer.activity, timer.task, minutes)
